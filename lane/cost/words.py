"""Amounts, quantities and marks as people read them, the same in every rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.cost.bill import cents
from lane.cost.items import item_of

if TYPE_CHECKING:
    from decimal import Decimal

    from lane.cost.bill import Line, Unpriced
    from lane.cost.breakeven import BreakEven
    from lane.cost.prices import Price, Status

__all__ = [
    "MEANING",
    "UNSURE",
    "assumptions",
    "break_even",
    "mark",
    "missing_sentence",
    "quantity",
    "source",
    "unit_price",
    "usd",
    "what",
]

_MARKS: dict[Status, str] = {"verified": "", "secondary": " ~", "unverified": " ?"}
_ORDER = list(_MARKS.values())
#: What the marks mean, below every table that has one.
MEANING = (
    "~ from a bill or somebody's table, not from AWS's price list; ? not verified: no source found"
)
#: Behind the title of a comparison that uses such a price.
UNSURE = " (with prices that are not verified)"


def usd(amount: Decimal) -> str:
    """An amount in USD, with cents."""
    return f"{cents(amount):,.2f}"


def quantity(amount: Decimal) -> str:
    """A quantity: whole where it is, else with two places."""
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def unit_price(price: Price) -> str:
    """A price with the mark of how sure it is."""
    return f"{price.usd.normalize():f}{mark(price.status)}"


def mark(*statuses: Status) -> str:
    """The mark of the least sure of some prices; nothing when all are verified."""
    return max((_MARKS[one] for one in statuses), key=_ORDER.index, default="")


def what(line: Line) -> str:
    """What a line is for."""
    above = f" above {quantity(line.price.start)} GB" if line.price.start else ""
    return f"{item_of(line.item).text}{above}"


def source(price: Price) -> str:
    """Where a price comes from."""
    date = f", {price.as_of}" if price.as_of and price.as_of not in price.source else ""
    return f"{price.item} in {price.region}: {price.source}{date}"


def break_even(choice: BreakEven) -> str:
    """From which traffic on a choice pays."""
    if choice.gigabytes is None:
        return "never"
    return "at once" if not choice.gigabytes else f"{choice.gigabytes:,.0f} GB"


def missing_sentence(unpriced: tuple[Unpriced, ...]) -> str:
    """The one sentence for prices that the table does not have."""
    listed = "; ".join(f"{one.item} in {one.region} ({', '.join(one.names)})" for one in unpriced)
    options = [f"--region {one}" for one in sorted({one.region for one in unpriced})]
    types = {one.item.partition(":")[2] for one in unpriced}
    options += [f"--instance-type {one}" for one in sorted(types) if one]
    return (
        f"the table of prices has none for {listed}: run `lane cost refresh {' '.join(options)}`, "
        "or name another table with --prices"
    )


def assumptions(gateway: Decimal, interface: Decimal) -> str:
    """The mix of a growth table in words."""
    rest = 1 - gateway - interface
    parts = [
        f"{gateway:.1%} for gateway endpoints",
        f"{interface:.1%} for interface endpoints",
        *([f"{rest:.1%} for the internet"] if rest else []),
    ]
    return f"Of each GB {', '.join(parts)}"
