"""The dated table of prices: what AWS asks for an item in a region, and how sure that is.

Prices are on-demand, in USD, without tax. Each row says where it comes from and whether that was
AWS's own price list: a price that was not read there is used, but every output marks it.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from lane.errors import Unusable

__all__ = ["HOURS_A_MONTH", "PRICES", "Price", "PriceTable", "Rate", "Status", "read_prices"]

#: AWS's own convention for a month.
HOURS_A_MONTH = 730
#: The table that comes with the package.
PRICES = Path(__file__).with_name("prices.csv")

#: `verified`: read in AWS's price list or documentation. `secondary`: taken from somebody's bill or
#: table. `unverified`: from neither.
Status = Literal["verified", "secondary", "unverified"]


@dataclass(frozen=True, slots=True)
class Price:
    """A row of the table: `usd` for each `unit` above the first `start` units of a month.

    `as_of` is the ISO date of the source, empty when it has none.
    """

    item: str
    region: str
    start: Decimal
    unit: str
    usd: Decimal
    status: Status
    source: str
    as_of: str

    @property
    def sure(self) -> bool:
        """Whether it was read in AWS's price list or documentation."""
        return self.status == "verified"


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of an item in a region: its tiers by ascending start, the first at zero."""

    tiers: tuple[Price, ...]

    @property
    def first(self) -> Price:
        """The price of the first unit."""
        return self.tiers[0]

    @property
    def unit(self) -> str:
        """What is counted."""
        return self.first.unit

    def split(self, quantity: Decimal) -> tuple[tuple[Price, Decimal], ...]:
        """How much of `quantity` units a month falls into each tier; the first is always there."""
        ends = [*(tier.start for tier in self.tiers[1:]), None]
        parts = (
            (tier, (quantity if end is None else min(quantity, end)) - tier.start)
            for tier, end in zip(self.tiers, ends, strict=True)
        )
        return tuple(part for part in parts if part[1] > 0 or part[0] is self.first)

    def usd(self, quantity: Decimal) -> Decimal:
        """What `quantity` units cost in a month, in USD."""
        return sum((tier.usd * part for tier, part in self.split(quantity)), Decimal())


class PriceTable:
    """All prices by item and region."""

    def __init__(self, prices: Iterable[Price]) -> None:
        found: dict[tuple[str, str], list[Price]] = defaultdict(list)
        for price in prices:
            found[price.item, price.region].append(price)
        self.rates: Mapping[tuple[str, str], Rate] = {
            key: Rate(tuple(sorted(rows, key=lambda row: row.start)))
            for key, rows in sorted(found.items())
        }

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions with any price."""
        return tuple(sorted({region for _, region in self.rates}))

    @property
    def rows(self) -> tuple[Price, ...]:
        """Every price, in the order of the file."""
        return tuple(price for rate in self.rates.values() for price in rate.tiers)

    def rate(self, item: str, region: str) -> Rate | None:
        """The price of an item in a region, `None` when the table has none."""
        return self.rates.get((item, region))

    def replaced(self, prices: Iterable[Price]) -> PriceTable:
        """The table with these prices in place of those of the same items and regions."""
        new = tuple(prices)
        keys = {(price.item, price.region) for price in new}
        kept = (price for price in self.rows if (price.item, price.region) not in keys)
        return PriceTable((*kept, *new))

    def as_csv(self) -> str:
        """The text of the table's file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_HEADER)
        writer.writerows(astuple(price) for price in self.rows)
        return text.getvalue()


_HEADER = tuple("from" if one.name == "start" else one.name for one in fields(Price))


@cache
def read_prices(path: Path = PRICES) -> PriceTable:
    """The table in a CSV file with the columns of `Price`.

    Raises `Unusable`, in one sentence, for a file or a row that cannot be used.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != _HEADER:
                raise Unusable(
                    f"{path.name} is no table of prices: its columns must be {', '.join(_HEADER)}"
                )
            table = PriceTable(
                _price(row, f"{path.name}, line {reader.line_num}") for row in reader
            )
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unusable(f"{path.name} is no table of prices: {error}") from error
    for (item, region), rate in table.rates.items():
        starts = [tier.start for tier in rate.tiers]
        if starts[0] != 0 or len(set(starts)) != len(starts):
            raise Unusable(
                f"{path.name}: the tiers of {item} in {region} must start at 0 and differ, "
                f"not start at {', '.join(map(str, starts))}"
            )
    return table


def _price(row: Mapping[str, str | None], where: str) -> Price:
    if None in row or None in row.values():
        raise Unusable(f"{where} must have {len(_HEADER)} columns")
    values = {name: value or "" for name, value in row.items()}
    status = values["status"]
    if status not in get_args(Status):
        raise Unusable(
            f"{where}: status is '{status}': it must be {', '.join(get_args(Status)[:-1])} "
            f"or {get_args(Status)[-1]}"
        )
    if values["as_of"]:
        try:
            date.fromisoformat(values["as_of"])
        except ValueError as error:
            raise Unusable(
                f"{where}: as_of is '{values['as_of']}': it must be a date such as 2026-09-25"
            ) from error
    return Price(
        item=values["item"],
        region=values["region"],
        start=_decimal(values["from"], f"{where}: from"),
        unit=values["unit"],
        usd=_decimal(values["usd"], f"{where}: usd"),
        status=cast("Status", status),
        source=values["source"],
        as_of=values["as_of"],
    )


def _decimal(text: str, where: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < 0:
        raise Unusable(f"{where} is '{text}': it must be a number of at least 0, such as 0.045")
    return value
