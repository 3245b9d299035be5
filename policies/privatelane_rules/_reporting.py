"""From the outcome of a run to the report files that the configuration or environment names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from privatelane_rules import reports
from privatelane_rules._config import DIRECTORY
from privatelane_rules.reports._write import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from privatelane_paths.sources.resource import Resource
    from privatelane_rules._config import Reports
    from privatelane_rules._rule import Rule
    from privatelane_rules._run import Outcome, Violation

__all__ = ["pack_version", "report_of", "write_reports"]

_MANIFEST = Path(__file__).resolve().parents[1] / "PulumiPolicy.yaml"


def report_of(outcome: Outcome, source: Literal["preview", "export"], stack: str) -> reports.Report:
    """The report on an outcome; one without a stack has failures only."""
    judged = outcome.stack
    return reports.Report(
        source,
        stack,
        subnets=() if judged is None else judged.network.subnets,
        lanes=() if judged is None else judged.lanes,
        violations=tuple(sorted(_found(one) for one in outcome.violations)),
        resources=0 if judged is None else sum(map(_is_declared, judged.resources)),
        exempted=tuple(
            sorted(
                reports.Exempted(
                    _found(violation),
                    exemption.reason,
                    exemption.owner,
                    "" if exemption.expires is None else exemption.expires.isoformat(),
                )
                for violation, exemption in outcome.exempted
            )
        ),
        unused=tuple(sorted(f"{one.subject}: {one.reason}" for one in outcome.unused)),
    )


def _is_declared(resource: Resource) -> bool:
    """Whether the program declares it: the stack itself and default providers are there anyway."""
    default = resource.type.startswith("pulumi:providers:") and resource.name.startswith("default")
    return not default and resource.type != "pulumi:pulumi:Stack"


def _found(violation: Violation) -> reports.Found:
    return reports.Found(
        violation.rule.id,
        violation.level.value,
        violation.finding.key.partition("#")[0],
        violation.finding.text,
    )


def write_reports(
    report: reports.Report,
    configured: Reports,
    rules: Sequence[Rule],
    environment: Mapping[str, str],
) -> list[str]:
    """Write the reports that are asked for; what could not be written comes back as sentences.

    `PRIVATELANE_REPORT_JSON` and its siblings win over the configuration.
    """
    failures: list[str] = []
    for name, path in (
        ("json", configured.json),
        ("sarif", configured.sarif),
        ("junit", configured.junit),
        ("markdown", configured.markdown),
    ):
        wanted = environment.get(f"PRIVATELANE_REPORT_{name.upper()}") or path
        if not wanted:
            continue
        target = Path(environment.get(DIRECTORY) or os.curdir, wanted)
        try:
            write_atomically(target, _written(name, report, rules))
        except OSError as error:
            failures.append(f"The {name} report cannot be written to {target}: {error.strerror}.")
    return failures


def _written(name: str, report: reports.Report, rules: Sequence[Rule]) -> str:
    if name == "json":
        return reports.as_json(report)
    if name == "sarif":
        return reports.as_sarif(report, rules, pack_version())
    if name == "junit":
        return reports.as_junit(report, rules)
    return reports.as_markdown(report)


def pack_version() -> str:
    """The version of the pack, which stands in its manifest alone."""
    found = re.search(r"^version: *(\S+)", _MANIFEST.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "0.0.0"
