"""An estimate for people: the bill, the break-evens, the growth table."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.table import Table
from rich.text import Text

from lane.cost import words
from lane.cost.growth import SCENARIOS
from lane.cost.items import item_of
from lane.terminal import console_on

if TYPE_CHECKING:
    from lane.cost.estimate import Estimate

__all__ = ["render"]


def render(estimate: Estimate, out: TextIO) -> None:
    """Write `estimate` to `out`; colours are for terminals only, as NO_COLOR allows."""
    console = console_on(out)
    console.print(_bill(estimate))
    if estimate.unsure:
        for price in estimate.unsure:
            mark = words.unit_price(price)
            console.print(Text(f"{mark}  {words.source(price)}", "yellow"), soft_wrap=True)
        console.print(Text(words.MEANING, "yellow"), soft_wrap=True)
        console.print()
    if estimate.choices:
        console.print(_choices(estimate))
    console.print(_growth(estimate))
    for note in estimate.notes:
        console.print(Text.assemble(("note: ", "cyan"), note), soft_wrap=True)


def _table(title: str) -> Table:
    return Table(
        title=title, box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left", title_style="bold"
    )


def _bill(estimate: Estimate) -> Table:
    bill = estimate.bill
    table = _table(f"{estimate.stack}: USD a month")
    table.add_column("what", overflow="fold")
    table.add_column("name", overflow="fold")
    for heading in ("quantity", "unit", "price", "USD"):
        table.add_column(heading, justify="left" if heading == "unit" else "right")
    for category, lines in groupby(bill.lines, key=lambda line: item_of(line.item).category):
        table.add_row(Text(category, "bold"))
        for line in lines:
            table.add_row(
                f"  {words.what(line)}",
                line.name,
                words.quantity(line.quantity),
                line.price.unit,
                Text(words.unit_price(line.price), "" if line.price.sure else "yellow"),
                words.usd(line.usd),
            )
    table.add_section()
    table.add_row("whatever the traffic", "", "", "", "", words.usd(bill.fixed_usd))
    table.add_row("for the traffic", "", "", "", "", words.usd(bill.usage_usd))
    total = "total" if not bill.unpriced else "total of what has a price"
    table.add_row(Text(total, "bold"), "", "", "", "", Text(words.usd(bill.total_usd), "bold"))
    return table


def _choices(estimate: Estimate) -> Table:
    table = _table(f"Break-even, against NAT{words.UNSURE if estimate.compares_unsure else ''}")
    table.add_column("choice", overflow="fold")
    table.add_column("traffic")
    for heading in ("USD a month", "saves a GB", "pays from, a month"):
        table.add_column(heading, justify="right")
    for one in estimate.choices:
        table.add_row(
            one.choice,
            one.traffic,
            words.usd(one.monthly_usd),
            f"{one.usd_per_gb.normalize():f}",
            words.break_even(one),
        )
    return table


def _growth(estimate: Estimate) -> Table:
    mix = estimate.mix
    unsure = words.UNSURE if estimate.compares_unsure else ""
    shares = words.assumptions(mix.gateway, mix.interface)
    table = _table(f"USD a month by traffic{unsure}. {shares}")
    table.add_column("GB a month", justify="right")
    for text in SCENARIOS.values():
        table.add_column(text, justify="right")
    for row in estimate.growth:
        table.add_row(
            words.quantity(row.gigabytes),
            *("—" if usd is None else words.usd(usd) for usd in row.usd.values()),
        )
    return table
