"""What of a network AWS bills by the hour: counted once, whoever said what is there.

NAT gateways, endpoints and attachments come from the network's facts, which every source gives.
The rest (addresses, load balancers, clusters, tasks) only the declared resources know:
`lane.cost.declared` counts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lane.cost.bill import Charge, hourly
from lane.errors import Unusable
from privatelane_paths.facts import AttachmentKind, EndpointKind
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.services import parse_service_name

if TYPE_CHECKING:
    from privatelane_paths.facts import Attachment, Endpoint, Nat, Network

__all__ = ["EndpointCount", "Inventory", "NatCount", "inventory_of", "known_or"]

#: Attachments with an hourly charge; a Connect attachment rides on another one.
_BILLED = frozenset(
    {AttachmentKind.VPC, AttachmentKind.PEERING, AttachmentKind.VPN, AttachmentKind.DIRECT_CONNECT}
)


@dataclass(frozen=True, slots=True)
class NatCount:
    """A NAT gateway. `zones` are those it is billed in: one, or every active one of a regional.

    `zone` is where a zonal one stands, `None` while unknown and for regional ones; `addresses` are
    its public IPv4 addresses.
    """

    key: Key
    name: str
    region: str
    zones: int = 1
    zone: str | None = None
    regional: bool = False
    addresses: int = 1

    @property
    def charge(self) -> Charge:
        """Its hours."""
        item = "regional_nat_hour" if self.regional else "nat_hour"
        return hourly(item, self.region, self.key, self.name, self.zones)

    @property
    def data_item(self) -> str:
        """The item its gigabytes are billed as."""
        return "regional_nat_gb" if self.regional else "nat_gb"


@dataclass(frozen=True, slots=True)
class EndpointCount:
    """A VPC endpoint; `zones` counts its subnets, one a zone; gateway endpoints have none."""

    key: Key
    name: str
    region: str
    service: str
    kind: EndpointKind
    zones: int = 0

    @property
    def charge(self) -> Charge | None:
        """Its hours; `None` for a gateway endpoint, which is free."""
        item = _HOURS.get(self.kind)
        return None if item is None else hourly(item, self.region, self.key, self.name, self.zones)


_HOURS = {
    EndpointKind.INTERFACE: "interface_endpoint_hour",
    EndpointKind.GATEWAY_LOAD_BALANCER: "gateway_load_balancer_endpoint_hour",
    EndpointKind.RESOURCE: "resource_endpoint_hour",
}


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that is billed by the hour. `notes` say what could not be counted or was assumed."""

    nats: tuple[NatCount, ...] = ()
    endpoints: tuple[EndpointCount, ...] = ()
    others: tuple[Charge, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def charges(self) -> tuple[Charge, ...]:
        """The hours of everything."""
        of_endpoints = (one.charge for one in self.endpoints)
        return (
            *(nat.charge for nat in self.nats),
            *(charge for charge in of_endpoints if charge is not None),
            *self.others,
        )


def known_or(region: Maybe[str], default: str | None, what: str) -> str:
    """A region, else the one the user named. Raises `Unusable` when nobody named any."""
    if not isinstance(region, Unknown):
        return region
    if default is None:
        raise Unusable(
            f"the region of {what} is not known, and prices differ by region: say --region, "
            "such as --region us-east-1"
        )
    return default


def inventory_of(
    network: Network,
    declared: Collection[Key] | None = None,
    region: str | None = None,
    regions: Mapping[Key, str] | None = None,
) -> Inventory:
    """What the facts of a network say is billed.

    `declared` limits it to these keys: what a stack only names, others pay for. `regions` holds
    what a source knows of single keys; `region` counts where neither that nor the facts have one.
    Raises `Unusable` when it is `None` and needed.
    """
    counter = _Counter(network, region, regions or {})
    return Inventory(
        nats=tuple(counter.nats(declared)),
        endpoints=tuple(counter.endpoints(declared)),
        others=tuple(counter.attachments(declared)),
        notes=tuple(counter.notes),
    )


class _Counter:
    def __init__(self, network: Network, region: str | None, regions: Mapping[Key, str]) -> None:
        self._network = network
        self._region = region
        self._regions = regions
        self._vpcs = {one.key: one for one in network.vpcs}
        self._subnets = {one.key: one for one in network.subnets}
        self.notes: list[str] = []

    def nats(self, declared: Collection[Key] | None) -> Iterator[NatCount]:
        for nat in self._network.nats:
            if not _counts(nat.key, declared) or nat.state in ("deleted", "failed"):
                continue
            regional = nat.regional is True
            zones = self._active_zones(nat) if regional else 1
            yield NatCount(
                nat.key,
                nat.name,
                self._region_of(nat.vpc if nat.subnet is None else self._vpc_of(nat.subnet), nat),
                zones=zones,
                zone=None if regional else self._zone_of(nat.subnet),
                regional=regional,
                addresses=0 if nat.public is False else zones,
            )

    def endpoints(self, declared: Collection[Key] | None) -> Iterator[EndpointCount]:
        for one in self._network.endpoints:
            if (
                not _counts(one.key, declared)
                or one.outside
                or one.kind is EndpointKind.FIREWALL
                or one.state in ("deleted", "rejected", "failed", "expired")
            ):
                continue
            if isinstance(one.kind, Unknown):
                self.notes.append(
                    f"{one.name} is not counted, because {one.kind.missing} is not known"
                )
                continue
            service = (
                one.name
                if isinstance(one.service_name, Unknown)
                else parse_service_name(one.service_name)[0]
            )
            gateway = one.kind is EndpointKind.GATEWAY
            yield EndpointCount(
                one.key,
                one.name,
                self._region_of(one.vpc, one),
                service,
                one.kind,
                0 if gateway else self._size(one.subnets, f"the subnets of {one.name}"),
            )

    def attachments(self, declared: Collection[Key] | None) -> Iterator[Charge]:
        for one in self._network.attachments:
            if _counts(one.key, declared) and one.kind in _BILLED:
                region = self._region_of(one.vpc, one)
                yield hourly("transit_attachment_hour", region, one.key, one.name)

    def _region_of(self, vpc: Ref | None, owner: Nat | Endpoint | Attachment) -> str:
        if owner.key in self._regions:
            return self._regions[owner.key]
        found = {self._vpcs[key].region for key in vpc.keys if key in self._vpcs} if vpc else set()
        if len(found) == 1:
            return known_or(found.pop(), self._region, owner.name)
        return known_or(Unknown(f"the VPC of {owner.name}"), self._region, owner.name)

    def _vpc_of(self, subnet: Ref) -> Ref | None:
        vpcs = {self._subnets[key].vpc for key in subnet.keys if key in self._subnets}
        return vpcs.pop() if len(vpcs) == 1 else None

    def _zone_of(self, subnet: Ref | None) -> str | None:
        fact = self._subnets.get(subnet.keys[0]) if subnet is not None and subnet.decided else None
        return None if fact is None or isinstance(fact.zone, Unknown) else fact.zone

    def _active_zones(self, nat: Nat) -> int:
        """The zones of its VPC's subnets: AWS activates a regional NAT gateway where it is used."""
        zones = {
            one.zone
            for one in self._network.subnets
            if nat.vpc is not None and any(key in nat.vpc.keys for key in one.vpc.keys)
        }
        if not zones or any(isinstance(zone, Unknown) for zone in zones):
            self.notes.append(
                f"{nat.name} is counted in {max(len(zones), 1)} zones, "
                "but the zones of its VPC's subnets are not all known"
            )
        return max(len(zones), 1)

    def _size(self, members: Refs, what: str) -> int:
        if not members.decided:
            self.notes.append(
                f"{what} are counted as {len(members.certain | members.possible)}, "
                f"because {members.missing} is not known"
            )
        return len(members.certain | members.possible)


def _counts(key: Key, declared: Collection[Key] | None) -> bool:
    return declared is None or key.partition("#")[0] in declared
