"""A report in the forms that the policy pack writes, by its own renderers.

What `lane` knows beyond the pack stands below: where an account is not what was declared, and cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from privatelane_rules import reports
from privatelane_rules._reporting import pack_version

if TYPE_CHECKING:
    from lane.formats import Form
    from lane.report import Report

__all__ = ["rendered"]


def rendered(
    report: Report, form: Form, policies: Sequence[reports.Described], cost: Sequence[str]
) -> str:
    """The report as SARIF or JUnit, or as Markdown with the sentences on its cost."""
    of_pack = reports.Report(
        report.source,
        report.stack,
        report.subnets,
        report.lanes,
        tuple(
            reports.Found(
                one.policy,
                "mandatory" if one.level == "mandatory" else "advisory",
                one.key,
                one.message,
            )
            for one in report.violations
        ),
        report.resources,
        report.exempted,
        report.unused,
    )
    if form == "sarif":
        return reports.as_sarif(of_pack, policies, pack_version())
    if form == "junit":
        return reports.as_junit(of_pack, policies)
    return reports.as_markdown(of_pack) + "".join(f"{one}\n" for one in _sections(report, cost))


def _sections(report: Report, cost: Sequence[str]) -> Iterator[str]:
    if report.differences is not None:
        told = [f"{one.change}: {one.text}" for one in sorted(report.differences)]
        none = ["The account is as the stack declared it."]
        yield from _section("Different from what the stack declared", told or none)
    yield from _section("Cost", cost)
    yield from _section("Notes", report.notes)


def _section(title: str, sentences: Iterable[str]) -> Iterator[str]:
    told = list(sentences)
    if told:
        yield from ("", f"#### {title}", "", *(f"- {reports.plain(one)}" for one in told))
