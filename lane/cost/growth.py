"""What the same traffic costs in four networks, from little of it to much. Pure.

All through NAT; with the S3 gateway endpoint alone; with interface endpoints beside it; and with
those and no NAT at all. Only what differs between the four is counted: NAT hours, their addresses,
endpoint hours, and data; data between zones on its way to a NAT gateway is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from lane.cost.bill import Charge, bill_of, hourly

if TYPE_CHECKING:
    from lane.cost.prices import PriceTable

__all__ = [
    "COMPARED",
    "GIGABYTES",
    "SCENARIOS",
    "Growth",
    "Layout",
    "Mix",
    "Scenario",
    "growth",
    "scenario_charges",
]

#: The rows of a growth table, in GB a month.
GIGABYTES = tuple(map(Decimal, (100, 500, 1_000, 5_000, 10_000, 50_000, 100_000)))

Scenario = Literal["nat", "gateway", "endpoints", "no-nat"]
SCENARIOS: dict[Scenario, str] = {
    "nat": "all through NAT",
    "gateway": "S3 gateway endpoint",
    "endpoints": "all endpoints, NAT kept",
    "no-nat": "all endpoints, no NAT",
}

#: The items that the four differ in.
COMPARED = (
    "nat_hour",
    "nat_gb",
    "public_ipv4_hour",
    "interface_endpoint_hour",
    "interface_endpoint_gb",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a region's network that the four differ in.

    `nats` counts the zones that NAT gateways are billed in, `addresses` their public IPv4
    addresses, `endpoint_zones` the zones of all interface endpoints added up.
    """

    region: str
    nats: int
    addresses: int
    endpoint_zones: int


@dataclass(frozen=True, slots=True)
class Mix:
    """Of the traffic, the share for gateway endpoints and that for interface endpoints.

    The rest goes to the internet, for which there is no endpoint.
    """

    gateway: Decimal
    interface: Decimal
    internet: Decimal = field(init=False)

    def __post_init__(self) -> None:
        rest = 1 - self.gateway - self.interface
        if min(self.gateway, self.interface, rest) < 0:
            raise ValueError(f"the shares {self.gateway} and {self.interface} are no parts of 1")
        object.__setattr__(self, "internet", rest)


@dataclass(frozen=True, slots=True)
class Growth:
    """A row: what `gigabytes` a month cost in each network, in USD; `None` where it cannot be."""

    gigabytes: Decimal
    usd: dict[Scenario, Decimal | None]


def scenario_charges(
    scenario: Scenario, layout: Layout, mix: Mix, gigabytes: Decimal
) -> Iterator[Charge]:
    """What AWS bills for `gigabytes` a month in one of the four networks."""
    region = layout.region
    free = gigabytes * mix.gateway if scenario != "nat" else Decimal()
    private = gigabytes * mix.interface if scenario in ("endpoints", "no-nat") else Decimal()
    if scenario != "no-nat":
        yield hourly("nat_hour", region, "", "", layout.nats)
        yield hourly("public_ipv4_hour", region, "", "", layout.addresses)
        yield Charge("nat_gb", region, "", "", gigabytes - free - private)
    if scenario != "nat":
        yield Charge("gateway_endpoint_gb", region, "", "", free)
    if scenario in ("endpoints", "no-nat"):
        yield hourly("interface_endpoint_hour", region, "", "", layout.endpoint_zones)
        yield Charge("interface_endpoint_gb", region, "", "", private)


def growth(
    layout: Layout, mix: Mix, prices: PriceTable, gigabytes: Sequence[Decimal] = GIGABYTES
) -> tuple[Growth, ...]:
    """The table, a row for each of `gigabytes`.

    There is no network without NAT for traffic that goes to the internet, and no amount where the
    table lacks a price.
    """

    def usd(scenario: Scenario, amount: Decimal) -> Decimal | None:
        if scenario == "no-nat" and mix.internet:
            return None
        bill = bill_of(scenario_charges(scenario, layout, mix, amount), prices)
        return None if bill.unpriced else bill.total_usd

    return tuple(Growth(one, {name: usd(name, one) for name in SCENARIOS}) for one in gigabytes)
