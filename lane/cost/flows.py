"""The workload's gigabytes, put on the lanes that the prover found: what each way bills for them.

A gigabyte through a NAT gateway is billed there in both directions, and once on each side when the
gateway stands in another zone. An interface endpoint bills it too, but never between zones. A
gateway endpoint bills nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lane.cost.bill import Charge
from lane.errors import Unusable
from privatelane_paths.known import Unknown
from privatelane_paths.verdicts import LaneKind

if TYPE_CHECKING:
    from lane.cost.inventory import Inventory, NatCount
    from lane.cost.usage import Workload
    from privatelane_paths.facts import Network, Subnet
    from privatelane_paths.known import Key
    from privatelane_paths.verdicts import Lane

__all__ = ["INTERNET", "Demand", "Routed", "demands_of", "route"]

#: Judged like a service's, because no endpoint can have this name: the way to the internet.
INTERNET = "internet"


@dataclass(frozen=True, slots=True)
class Demand:
    """Traffic with one service: GB a month, both directions; `up` is the part sent out."""

    service: str
    gigabytes: Decimal
    subnets: tuple[str, ...] | None = None
    up: Decimal = Decimal()


@dataclass(frozen=True, slots=True)
class Routed:
    """What the traffic is billed for, and one sentence on each part that could not be."""

    charges: tuple[Charge, ...]
    notes: tuple[str, ...]


def demands_of(workload: Workload) -> tuple[Demand, ...]:
    """The traffic of a workload, service by service.

    An image pull is its layers, from S3, and the rest, which is nearly all manifests: the few bytes
    of tokens are counted with those.
    """
    traffic = workload.traffic
    found: list[Demand] = []
    if traffic.images is not None:
        images = traffic.images
        layers = images.gigabytes * images.layers
        found.append(Demand("ecr.layers", layers, images.subnets))
        found.append(Demand("ecr.dkr", images.gigabytes - layers, images.subnets))
    found.extend(
        Demand(name, one.gigabytes, one.subnets) for name, one in sorted(traffic.services.items())
    )
    if traffic.internet is not None:
        net = traffic.internet
        found.append(Demand(INTERNET, net.down + net.up, net.subnets, net.up))
    return tuple(one for one in found if one.gigabytes)


def route(
    demands: Sequence[Demand],
    network: Network,
    lanes: Sequence[Lane],
    inventory: Inventory,
    region: str,
) -> Routed:
    """Put each demand on its lanes, in equal parts from each of its subnets.

    `lanes` hold those of every service in `demands`; `region` counts where a lane ends outside the
    facts. Raises `Unusable` when a demand's patterns name no subnet.
    """
    router = _Router(network, lanes, inventory, region)
    charges: list[Charge] = []
    for demand in demands:
        charges.extend(router.routed(demand))
    return Routed(tuple(charges), tuple(router.notes))


class _Router:
    def __init__(
        self, network: Network, lanes: Sequence[Lane], inventory: Inventory, region: str
    ) -> None:
        self._network = network
        self._subnets: Mapping[Key, Subnet] = {one.key: one for one in network.subnets}
        self._lanes = {(lane.subnet, lane.service): lane for lane in lanes}
        self._nats: Mapping[Key, NatCount] = {one.key: one for one in inventory.nats}
        self._endpoints = {one.key: one for one in inventory.endpoints}
        self._region = region
        self._used = {
            key
            for one in network.workloads
            for key in one.subnets.certain | one.subnets.possible
            if key in self._subnets
        }
        self.notes: list[str] = []

    def routed(self, demand: Demand) -> Iterator[Charge]:
        subnets = self._origins(demand)
        if not subnets:
            self.notes.append(
                f"{_gb(demand.gigabytes)} of {demand.service} is not counted: "
                "there is no subnet it could come from"
            )
            return
        for key in subnets:
            part = Demand(
                demand.service,
                demand.gigabytes / len(subnets),
                demand.subnets,
                demand.up / len(subnets),
            )
            yield from self._billed(part, self._subnets[key], self._lanes[key, demand.service])

    def _origins(self, demand: Demand) -> list[Key]:
        """The subnets that traffic comes from: those named, else the workloads', else all."""
        if demand.subnets is not None:
            found = [
                key
                for key, subnet in self._subnets.items()
                if any(fnmatchcase(subnet.name, pattern) for pattern in demand.subnets)
            ]
            if not found:
                names = ", ".join(sorted(one.name for one in self._subnets.values()))
                raise Unusable(
                    f"traffic.{demand.service}.from is {list(demand.subnets)}, which fits no "
                    f"subnet: there are {names or 'none'}"
                )
            return sorted(found)
        if self._used:
            return sorted(self._used)
        return sorted(
            key
            for key in self._subnets
            if self._lanes[key, demand.service].kind not in (LaneKind.BROKEN, LaneKind.NONE)
        )

    def _billed(self, demand: Demand, subnet: Subnet, lane: Lane) -> Iterator[Charge]:
        where = f"{_gb(demand.gigabytes)} of {demand.service} from {subnet.name}"
        if lane.kind in (LaneKind.UNKNOWN, LaneKind.BROKEN, LaneKind.NONE):
            self.notes.append(f"{where} is not counted: {lane.reason}")
            return
        if lane.kind is LaneKind.GATEWAY_ENDPOINT:
            yield self._of_endpoint("gateway_endpoint_gb", lane, demand.gigabytes)
        elif lane.kind is LaneKind.INTERFACE_ENDPOINT:
            yield self._of_endpoint("interface_endpoint_gb", lane, demand.gigabytes)
        elif lane.kind in (LaneKind.NAT, LaneKind.REMOTE_NAT):
            yield from self._of_nat(demand, subnet, lane, where)
        if demand.up and lane.kind not in (LaneKind.GATEWAY_ENDPOINT, LaneKind.INTERFACE_ENDPOINT):
            yield Charge("internet_out_gb", self._region, "", "the internet", demand.up)

    def _of_endpoint(self, item: str, lane: Lane, gigabytes: Decimal) -> Charge:
        hop = lane.hops[-1]
        endpoint = self._endpoints.get(hop.key)
        if endpoint is None:
            return Charge(item, self._region, hop.key, hop.text, gigabytes)
        return Charge(item, endpoint.region, endpoint.key, endpoint.name, gigabytes)

    def _of_nat(self, demand: Demand, subnet: Subnet, lane: Lane, where: str) -> Iterator[Charge]:
        for hop in lane.hops:
            if hop.kind == "transit-gateway":
                yield Charge("transit_gb", self._region, hop.key, hop.text, demand.gigabytes)
                break
        hop = lane.hops[-1]
        nat = self._nats.get(hop.key)
        if nat is None:
            yield Charge("nat_gb", self._region, hop.key, hop.text, demand.gigabytes)
            self.notes.append(f"{where} passes a NAT outside this stack, whose hours others pay")
            return
        yield Charge(nat.data_item, nat.region, nat.key, nat.name, demand.gigabytes)
        if nat.regional:
            return  # it works in every zone
        crosses = _differ(subnet.zone, nat.zone)
        if crosses is None:
            self.notes.append(
                f"{where} may cross zones on its way to {nat.name}, which is not counted: "
                "their zones are not known in one form"
            )
        elif crosses:
            yield Charge(
                "inter_zone_gb", nat.region, subnet.key, f"{subnet.name} to {nat.name}",
                2 * demand.gigabytes,
            )  # fmt: skip


def _differ(one: str | Unknown, other: str | None) -> bool | None:
    """Whether two zones differ, `None` when a name stands against an id or one is unknown."""
    if isinstance(one, Unknown) or other is None or ("-az" in one) != ("-az" in other):
        return None
    return one != other


def _gb(gigabytes: Decimal) -> str:
    return (
        f"{gigabytes.normalize():,f} GB" if gigabytes == int(gigabytes) else f"{gigabytes:,.2f} GB"
    )
