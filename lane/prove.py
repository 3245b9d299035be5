"""`lane prove`: the verdicts on a program that was not run here, from a file that Pulumi wrote."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lane.formats import Format, write
from lane.options import Debug  # noqa: TC001 -- typer reads annotations when it runs
from lane.pack_rules import (
    exemptions_of,
    levels_of,
    read_settings,
    settings_of,
    today,
    violations_of,
)
from lane.pulumi_file import read_pulumi_file
from lane.report import Report
from privatelane_rules import RULES
from privatelane_rules._run import Outcome, judge_stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privatelane_paths.sources.resource import Reading, Resource

__all__ = ["prove"]

_ROOT_TYPE = "pulumi:pulumi:Stack"
_PROVIDERS = "pulumi:providers:"
_OPAQUE_NOTE = "what these hold is not shown, and what hangs on them is unknown: {names}"


def prove(
    file: Annotated[
        Path,
        typer.Argument(
            help="What `pulumi stack export` or `pulumi preview --json --show-sames` wrote; "
            "- is standard input.",
            show_default=False,
        ),
    ],
    format: Format = "text",  # noqa: A002 -- the option's name
    policy_pack_config: Annotated[
        Path | None, typer.Option(help="A JSON file that configures the pack, as Pulumi takes it.")
    ] = None,
    debug: Debug = False,  # noqa: ARG001 -- read where errors are shown
) -> None:
    """Show which way traffic takes to AWS in a stack export or a preview file.

    Exits with 0, or with 1 when something mandatory is violated, or with 2 when the file cannot be
    used.
    """
    source, reading = read_pulumi_file(file)
    outcome = _judged(reading, read_settings(policy_pack_config))
    report = _report(source, reading, outcome)
    if format != "text":
        write(report, format, lambda: RULES, sys.stdout)
    else:
        from lane.render_text import render  # noqa: PLC0415 -- rich is for people alone

        root = next((one.urn for one in reading.resources if one.type == _ROOT_TYPE), "")
        shown = [_Shown.of(one) for one in _declared(reading)]
        render(report, sys.stdout, root=root, resources=shown)
    raise typer.Exit(report.exit_status)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the resource tree shows of a resource."""

    urn: str
    type: str
    name: str
    parent: str
    remote: bool
    external: bool
    id: str

    @classmethod
    def of(cls, resource: Resource) -> _Shown:
        return cls(
            urn=resource.urn,
            type=resource.type,
            name=resource.name,
            parent=resource.parent,
            # A file shows a remote component's children beside it.
            remote=False,
            external=resource.external,
            id=resource.id or "",
        )


def _judged(reading: Reading, given: Mapping[str, Any]) -> Outcome:
    """All rules on the file, configured as the engine would configure the pack."""
    return judge_stack(
        reading.resources,
        reading.settings,
        settings_of(given),
        levels_of(given),
        RULES,
        today(),
    )


def _report(source: Literal["preview", "export"], reading: Reading, outcome: Outcome) -> Report:
    stack = outcome.stack
    opaque = sorted(f"{one.type} {one.name}" for one in stack.network.opaques) if stack else []
    root = next((one.urn for one in reading.resources if one.type == _ROOT_TYPE), "")
    exempted, unused = exemptions_of(outcome)
    return Report(
        source=source,
        stack=reading.stack,
        subnets=stack.network.subnets if stack else (),
        lanes=stack.lanes if stack else (),
        violations=violations_of(outcome, root),
        resources=sum(one.type != _ROOT_TYPE for one in _declared(reading)),
        notes=(_OPAQUE_NOTE.format(names=", ".join(opaque)),) if opaque else (),
        exempted=exempted,
        unused=unused,
    )


def _declared(reading: Reading) -> list[Resource]:
    return [
        one
        for one in reading.resources
        if not one.delete and not (one.type.startswith(_PROVIDERS) and "::default" in one.urn)
    ]
