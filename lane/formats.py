"""The forms a report is written in besides text for people."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

from lane.report import as_json

if TYPE_CHECKING:
    from lane.report import Report
    from privatelane_rules.reports import Described

__all__ = ["Form", "Format", "write"]

Form = Literal["text", "json", "sarif", "junit", "markdown"]
Format = Annotated[
    Form,
    typer.Option(
        help="For people; one JSON object for scripts; SARIF for code scanning; JUnit XML for a "
        "pipeline; Markdown for a pull request."
    ),
]


def write(
    report: Report,
    form: Form,
    policies: Callable[[], Sequence[Described]],
    out: TextIO,
    cost: Sequence[str] = (),
) -> None:
    """Write the report to `out`, in any form but text.

    `policies` says which ones it was judged by, `cost` are sentences on what it costs. Notes, which
    only Markdown has a place for, go to standard error.
    """
    if form == "json":
        out.write(as_json(report))
    else:
        from lane.pack_formats import rendered  # noqa: PLC0415 -- the pack, for these forms only

        out.write(rendered(report, form, policies(), cost))
    for note in report.notes if form != "markdown" else ():
        print(f"note: {note}", file=sys.stderr)
