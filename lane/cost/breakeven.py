"""From which traffic on an endpoint pays, and from which a NAT gateway can go. Pure.

An S3 gateway endpoint has no break-even: it costs nothing. Image layers come through it, so what an
ECR endpoint pair itself carries is only the rest of a pull.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from lane.cost.bill import cents
from lane.cost.growth import COMPARED
from lane.cost.prices import HOURS_A_MONTH
from privatelane_paths.facts import EndpointKind

if TYPE_CHECKING:
    from lane.cost.growth import Layout, Mix
    from lane.cost.inventory import EndpointCount
    from lane.cost.prices import PriceTable, Rate

__all__ = ["BreakEven", "break_even_gb", "break_evens"]

_PULL = ("ecr.api", "ecr.dkr")


@dataclass(frozen=True, slots=True)
class BreakEven:
    """A choice and the traffic from which on it pays.

    `monthly_usd` is what it adds to the bill whatever the traffic (negative: what it saves),
    `usd_per_gb` what each GB of `traffic` saves. At `gigabytes` a month the two meet: zero when it
    pays at once, `None` when it never does.
    """

    choice: str
    traffic: str
    monthly_usd: Decimal
    usd_per_gb: Decimal

    @property
    def gigabytes(self) -> Decimal | None:
        """The GB a month from which on it pays."""
        return break_even_gb(self.monthly_usd, self.usd_per_gb)


def break_even_gb(monthly_usd: Decimal, usd_per_gb: Decimal) -> Decimal | None:
    """The GB a month at which savings of `usd_per_gb` make up for `monthly_usd`."""
    if monthly_usd <= 0 <= usd_per_gb:
        return Decimal()
    return monthly_usd / usd_per_gb if usd_per_gb > 0 else None


def break_evens(
    layout: Layout,
    mix: Mix,
    layers: Decimal,
    endpoints: tuple[EndpointCount, ...],
    prices: PriceTable,
) -> tuple[BreakEven, ...]:
    """The choices of one region: the pull's set, each interface endpoint, dropping the NAT.

    `layers` is the share of an image pull's bytes that comes from S3, `endpoints` are those of the
    region. Nothing is compared with a price that the table lacks.
    """
    rates = [prices.rate(item, layout.region) for item in COMPARED]
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates):
        return ()
    nat_hour, nat_gb, address, hour, data = (_usd(rate) for rate in known)
    month = hour * HOURS_A_MONTH
    interfaces = [one for one in endpoints if one.kind is EndpointKind.INTERFACE]

    def choices() -> Iterator[BreakEven]:
        yield BreakEven("S3 gateway endpoint", "S3 and image layers", Decimal(), nat_gb)
        pair = sum(one.zones for one in interfaces if one.service in _PULL)
        if pair:
            rest = 1 - layers
            yield BreakEven(
                "ECR endpoints with the S3 gateway endpoint", "image pulls",
                cents(pair * month), nat_gb - rest * data,
            )  # fmt: skip
            yield BreakEven(
                "ECR endpoints beside the S3 gateway endpoint", "image pulls",
                cents(pair * month), rest * (nat_gb - data),
            )  # fmt: skip
        for one in interfaces:
            yield BreakEven(
                f"endpoint {one.name}", one.service, cents(one.zones * month), nat_gb - data
            )
        if layout.nats and not mix.internet:
            nat = (layout.nats * nat_hour + layout.addresses * address) * HOURS_A_MONTH
            yield BreakEven(
                "all endpoints instead of NAT", "all traffic",
                cents(layout.endpoint_zones * month - nat), nat_gb - mix.interface * data,
            )  # fmt: skip

    return tuple(choices())


def _usd(rate: Rate) -> Decimal:
    return rate.first.usd
