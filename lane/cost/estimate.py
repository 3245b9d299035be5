"""Everything `lane cost` says of one stack, from what a source read to the finished tables."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from lane.cost import flows
from lane.cost.bill import Bill, Charge, bill_of
from lane.cost.breakeven import BreakEven, break_evens
from lane.cost.declared import inventory_for
from lane.cost.growth import COMPARED, GIGABYTES, Growth, Layout, Mix, growth
from lane.cost.inventory import EndpointCount
from lane.cost.usage import DEFAULT_LAYERS, Workload
from privatelane_paths import judge
from privatelane_paths.facts import EndpointKind, Network
from privatelane_paths.known import Unknown
from privatelane_paths.services import service
from privatelane_paths.sources.graph import network_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lane.cost.inventory import Inventory
    from lane.cost.measured import Measured
    from lane.cost.prices import Price, PriceTable
    from privatelane_paths.sources.resource import Reading

__all__ = ["Estimate", "Subject", "declared", "estimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The bill, and the comparisons for the stack's main region.

    `layout` and `mix` say what the comparisons assume; `notes` what was not counted or is assumed.
    """

    source: Literal["preview", "export", "aws"]
    stack: str
    bill: Bill
    layout: Layout
    mix: Mix
    choices: tuple[BreakEven, ...]
    growth: tuple[Growth, ...]
    #: Prices used anywhere here that were not read in AWS's own price list.
    unsure: tuple[Price, ...]
    notes: tuple[str, ...]
    #: What CloudWatch measured, where the traffic comes from there.
    measured: Measured | None = None

    @property
    def compares_unsure(self) -> bool:
        """Whether a price of the comparisons is among the unsure."""
        return any(
            price.item in COMPARED and price.region == self.layout.region for price in self.unsure
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """What is estimated: a network as its source shows it, and what of it is billed by the hour.

    `region` counts for what names none.
    """

    source: Literal["preview", "export", "aws"]
    stack: str
    network: Network
    inventory: Inventory
    region: str | None


def declared(
    source: Literal["preview", "export"],
    reading: Reading,
    workload: Workload | None = None,
    region: str | None = None,
) -> Subject:
    """A stack as a program or a file declares it; raises `Unusable` when a region is needed."""
    network = network_of(reading.resources, reading.settings)
    default = region
    if default is None and not isinstance(reading.settings.region, Unknown):
        default = reading.settings.region
    inventory = inventory_for(reading, network, workload or Workload(), default)
    return Subject(source, reading.stack, network, inventory, default)


def estimate(
    subject: Subject,
    prices: PriceTable,
    workload: Workload | None = None,
    gigabytes: Sequence[Decimal] = GIGABYTES,
    measured: Measured | None = None,
) -> Estimate:
    """What it costs a month, with the traffic of a workload, or what was measured in its place.

    Raises `Unusable` when the workload does not fit the network.
    """
    network, inventory = subject.network, subject.inventory
    known = workload or Workload()
    main = _main_region(inventory, subject.region, prices)
    demands = flows.demands_of(known)
    lanes = judge(network, [one.service for one in demands]) if demands else ()
    routed = flows.route(demands, network, lanes, inventory, main)
    if measured is not None:
        routed = flows.Routed(measured.charges(inventory), measured.notes(inventory))
    bill = bill_of((*inventory.charges, *routed.charges, *_direct(known, main)), prices)
    layout, endpoints, assumed = _layout(inventory, network, demands, main)
    mix = _mix(demands)
    images = known.traffic.images
    layers = DEFAULT_LAYERS if images is None else images.layers
    return Estimate(
        subject.source,
        subject.stack,
        bill,
        layout,
        mix,
        break_evens(layout, mix, layers, endpoints, prices),
        growth(layout, mix, prices, gigabytes),
        _unsure(bill, main, prices),
        tuple(dict.fromkeys((*inventory.notes, *routed.notes, *assumed))),
        measured,
    )


def _direct(workload: Workload, region: str) -> list[Charge]:
    """What the workload file says outright, no lane needed; zero is no charge."""
    said = {
        "inter_zone_gb": ("between workloads", 2 * workload.inter_zone),
        "transit_gb": ("between workloads", workload.transit),
        "logs_ingested_gb": ("log groups", workload.logs.ingested),
        "logs_stored_gb": ("log groups", workload.logs.stored),
        "logs_scanned_gb": ("log groups", workload.logs.scanned),
    }
    return [Charge(item, region, "", name, gb) for item, (name, gb) in said.items() if gb]


def _main_region(inventory: Inventory, default: str | None, prices: PriceTable) -> str:
    """The region most is billed in, else the stack's own."""
    found = [charge.region for charge in inventory.charges]
    if found:
        return max(sorted(set(found)), key=found.count)
    return default or prices.regions[0]


def _layout(
    inventory: Inventory, network: Network, demands: Sequence[flows.Demand], region: str
) -> tuple[Layout, tuple[EndpointCount, ...], tuple[str, ...]]:
    """What the comparisons stand on: what there is, and what the traffic would need besides."""
    nats = [one for one in inventory.nats if one.region == region]
    there = [
        one
        for one in inventory.endpoints
        if one.region == region and one.kind is EndpointKind.INTERFACE
    ]
    known = {one.zone for one in network.subnets if not isinstance(one.zone, Unknown)}
    zones = max([*(one.zones for one in there), len(known), 1])
    needed = {one.service for one in demands if not service(one.service).gateway}
    if not demands and not there:
        needed.add("ecr.dkr")
    if "ecr.dkr" in needed:
        needed.add("ecr.api")
    lacking = sorted(needed - {flows.INTERNET} - {one.service for one in there})
    wanted = tuple(
        EndpointCount("", f"for {name} (not there)", region, name, EndpointKind.INTERFACE, zones)
        for name in lacking
    )
    assumed: list[str] = []
    if not nats:
        assumed.append(f"the comparisons assume a NAT gateway in each of {zones} zones")
    if lacking:
        assumed.append(
            f"the comparisons assume endpoints for {', '.join(lacking)} in {zones} zones"
        )
    endpoints = (*there, *wanted)
    layout = Layout(
        region,
        nats=sum(one.zones for one in nats) or zones,
        addresses=sum(one.addresses for one in nats) if nats else zones,
        endpoint_zones=sum(one.zones for one in endpoints),
    )
    return layout, endpoints, tuple(assumed)


def _unsure(bill: Bill, region: str, prices: PriceTable) -> tuple[Price, ...]:
    """The prices of the bill and of the comparisons that were not read in AWS's price list."""
    rates = (prices.rate(item, region) for item in COMPARED)
    used = {line.price for line in bill.lines}
    used |= {tier for rate in rates if rate is not None for tier in rate.tiers}
    unsure = (price for price in used if not price.sure)
    return tuple(sorted(unsure, key=lambda price: (price.item, price.region, price.start)))


def _mix(demands: Sequence[flows.Demand]) -> Mix:
    """The shares of the workload's traffic; of image pulls, where there is no workload."""
    total = sum((one.gigabytes for one in demands), Decimal())
    if not total:
        return Mix(DEFAULT_LAYERS, 1 - DEFAULT_LAYERS)
    gateway = sum((one.gigabytes for one in demands if service(one.service).gateway), Decimal())
    internet = sum((one.gigabytes for one in demands if one.service == flows.INTERNET), Decimal())
    # What is left over is exactly the third share: quotients need not add up to one.
    return Mix(gateway / total, (1 - gateway / total) if not internet else
               (total - gateway - internet) / total)  # fmt: skip
