"""An answer for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.table import Table
from rich.text import Text

from lane.terminal import console_on
from lane.traffic import words

if TYPE_CHECKING:
    from lane.traffic.answer import Answer
    from lane.traffic.findings import Traffic

__all__ = ["render"]

_STYLES = {"proved": "bold green", "refuted": "bold red", "unknown": "bold yellow"}


def render(answer: Answer, out: TextIO) -> None:
    """Write `answer` to `out`; colours are for terminals only, as NO_COLOR allows."""
    console = console_on(out)
    traffic = answer.traffic
    console.print(Text(words.title(answer), "bold"), soft_wrap=True)
    console.print()
    console.print(_services(traffic))
    console.print(_lines(traffic))
    for sentence in words.remarks(answer):
        console.print(Text(sentence), soft_wrap=True)
    for note in answer.notes:
        console.print(Text.assemble(("note: ", "cyan"), note), soft_wrap=True)
    for one in answer.verdicts:
        console.print(
            Text.assemble((one.verdict, _STYLES[one.verdict]), f"  {one.service}: ",
                          "; ".join(one.reasons)),
            soft_wrap=True,
        )  # fmt: skip


def _table(title: str) -> Table:
    return Table(
        title=title, box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left", title_style="bold"
    )


def _services(traffic: Traffic) -> Table:
    table = _table("Through NATs")
    table.add_column("service")
    table.add_column("bytes", justify="right")
    for name, count in traffic.services.items():
        table.add_row(words.service(name), words.gigabytes(count))
    if not traffic.services:
        table.add_row("nothing", words.gigabytes(0))
    return table


def _lines(traffic: Traffic) -> Table:
    table = _table("By subnet and interface")
    for heading in ("service", "subnet", "interface", "NAT"):
        table.add_column(heading, overflow="fold")
    for heading in ("to the service", "from the service"):
        table.add_column(heading, justify="right")
    table.add_column("service named by")
    for row in words.rows(traffic):
        table.add_row(*row)
    return table
