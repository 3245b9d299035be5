"""A month's bill: what is used, times its price. Pure; every amount is a Decimal in USD."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from lane.cost.items import item_of, place_of
from lane.cost.prices import HOURS_A_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lane.cost.prices import Price, PriceTable

__all__ = ["Bill", "Charge", "Line", "Unpriced", "bill_of", "cents", "hourly"]

_CENT = Decimal("0.01")


def cents(usd: Decimal) -> Decimal:
    """An amount in whole cents, halves rounded up as on a bill."""
    return usd.quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Charge:
    """`quantity` units a month of an item, used by one resource of a region.

    The unit is the one the item is priced in: hours, GB (both directions where AWS bills both),
    vCPU-hours. `key` is the resource's URN or id.
    """

    item: str
    region: str
    key: str
    name: str
    quantity: Decimal


def hourly(item: str, region: str, key: str, name: str, count: Decimal | int = 1) -> Charge:
    """The charge for `count` of something that runs all month."""
    return Charge(item, region, key, name, Decimal(count) * HOURS_A_MONTH)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill: a charge, or what charges of a tiered item have in one tier together."""

    item: str
    region: str
    key: str
    name: str
    quantity: Decimal
    price: Price

    @property
    def usd(self) -> Decimal:
        """What it costs, in whole cents: a bill's lines add up to its total."""
        return cents(self.quantity * self.price.usd)

    @property
    def fixed(self) -> bool:
        """Whether it costs the same whatever the traffic."""
        return item_of(self.item).fixed


@dataclass(frozen=True, slots=True)
class Unpriced:
    """An item that is used in a region and that the table has no price for."""

    item: str
    region: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """All lines, in the order of the items, and what could not be priced."""

    lines: tuple[Line, ...]
    unpriced: tuple[Unpriced, ...]

    @property
    def total_usd(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.usd for line in self.lines), Decimal())

    @property
    def fixed_usd(self) -> Decimal:
        """The sum of the lines that no traffic moves."""
        return sum((line.usd for line in self.lines if line.fixed), Decimal())

    @property
    def usage_usd(self) -> Decimal:
        """The sum of the lines that follow the workload."""
        return self.total_usd - self.fixed_usd


def bill_of(charges: Iterable[Charge], prices: PriceTable) -> Bill:
    """The bill for a month's charges; those of one resource and item are one line.

    AWS applies tiers to the sum of a region, so a tiered item has one line a tier for all its
    resources. An item without a price is listed as such and adds nothing.
    """
    used: dict[tuple[str, str], dict[tuple[str, str], Decimal]] = defaultdict(
        lambda: defaultdict(Decimal)
    )
    for charge in charges:
        used[charge.item, charge.region][charge.key, charge.name] += charge.quantity
    lines: list[Line] = []
    unpriced: list[Unpriced] = []
    for item, region in sorted(used, key=lambda one: (place_of(one[0]), one[1])):
        owners = dict(sorted(used[item, region].items(), key=lambda one: (one[0][1], one[0][0])))
        rate = prices.rate(item, region)
        if rate is None:
            names = tuple(name for (_, name), quantity in owners.items() if quantity)
            unpriced.extend([Unpriced(item, region, names)] if names else [])
            continue
        if len(rate.tiers) > 1:
            owners = {_together(owners): sum(owners.values(), Decimal())}
        lines.extend(
            Line(item, region, key, name, part, price)
            for (key, name), quantity in owners.items()
            for price, part in rate.split(quantity)
        )
    return Bill(tuple(lines), tuple(unpriced))


def _together(owners: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """The key and name of a line for several resources."""
    listed = list(owners)
    return listed[0] if len(listed) == 1 else ("", ", ".join(name for _, name in listed))
