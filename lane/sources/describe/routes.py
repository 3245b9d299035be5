"""Route tables, their routes, and the subnets and VPCs they are put on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.sources.describe.answers import items, prefix, text, texts
from privatelane_paths.facts import (
    Association,
    MainAssociation,
    Origin,
    Prefix,
    Route,
    RouteTable,
    Target,
    TargetKind,
)
from privatelane_paths.known import Key, Maybe, Ref, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lane.sources.describe.answers import Names, Record, Shown

__all__ = [
    "associations",
    "interface_ids",
    "interface_targets",
    "main_associations",
    "routes",
    "tables",
]

#: The fields of a route that name its target by kind, whatever the id looks like.
_FIELDS = (
    ("NatGatewayId", TargetKind.NAT),
    ("TransitGatewayId", TargetKind.TRANSIT_GATEWAY),
    ("VpcPeeringConnectionId", TargetKind.PEERING),
    ("EgressOnlyInternetGatewayId", TargetKind.EGRESS_ONLY_GATEWAY),
    ("LocalGatewayId", TargetKind.LOCAL_GATEWAY),
    ("CarrierGatewayId", TargetKind.CARRIER_GATEWAY),
    ("CoreNetworkArn", TargetKind.CORE_NETWORK),
    ("NetworkInterfaceId", TargetKind.INTERFACE),
)
#: What the ids in `GatewayId` begin with.
_PREFIXES = (
    ("igw-", TargetKind.INTERNET_GATEWAY),
    ("vgw-", TargetKind.VPN_GATEWAY),
    ("vpce-", TargetKind.ENDPOINT),
    ("nat-", TargetKind.NAT),
    ("cagw-", TargetKind.CARRIER_GATEWAY),
    ("lgw-", TargetKind.LOCAL_GATEWAY),
    ("eigw-", TargetKind.EGRESS_ONLY_GATEWAY),
    ("eni-", TargetKind.INTERFACE),
)
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
_LEAVING = frozenset({"disassociating", "disassociated", "failed"})


def tables(shown: Shown, names: Names) -> Iterator[RouteTable]:
    """The route tables."""
    for record, _ in shown.of("RouteTables"):
        name = names.of("RouteTables", record)
        vpc = text(record, "VpcId")
        yield RouteTable(
            record["RouteTableId"],
            name,
            vpc=Ref.to(vpc) if vpc else Ref.anything(f"the VPC of {name}"),
        )


def associations(shown: Shown) -> Iterator[Association]:
    """The tables on subnets and gateways; where tables were not read, one to any of them."""
    placed: set[Key] = set()
    for item, table in _associations(shown):
        if item.get("Main") is True:
            continue
        subnet = text(item, "SubnetId")
        if subnet is not None:
            placed.add(subnet)
        key = text(item, "RouteTableAssociationId") or f"{table}#{subnet or item.get('GatewayId')}"
        yield Association(key, Ref.to(table), None if subnet is None else Ref.to(subnet))
    if shown.missing_everywhere("RouteTables"):
        return
    for record, place in shown.of("Subnets"):
        missing = place.missing("RouteTables")
        subnet = record["SubnetId"]
        if missing and subnet not in placed:
            yield Association(f"{subnet}#unread", Ref.anything(missing), Ref.to(subnet))


def main_associations(shown: Shown) -> Iterator[MainAssociation]:
    """The main table of each VPC."""
    vpcs = {record["RouteTableId"]: text(record, "VpcId") for record, _ in shown.of("RouteTables")}
    for item, table in _associations(shown):
        vpc = vpcs.get(table)
        if item.get("Main") is True and vpc is not None:
            key = text(item, "RouteTableAssociationId") or f"{table}#main"
            yield MainAssociation(key, Ref.to(vpc), Ref.to(table))


def _associations(shown: Shown) -> Iterator[tuple[Record, Key]]:
    for record, _ in shown.of("RouteTables"):
        for item in items(record, "Associations"):
            state = item.get("AssociationState")
            if not isinstance(state, dict) or state.get("State") not in _LEAVING:
                yield item, record["RouteTableId"]


def routes(shown: Shown) -> Iterator[Route]:
    """The routes, but for those that AWS itself derives from other facts.

    Those are the local route of a VPC's own ranges, and a gateway endpoint's route to its list.
    """
    ranges = {record["VpcId"]: _ranges(record) for record, _ in shown.of("Vpcs")}
    derived = {
        (table, record["VpcEndpointId"])
        for record, _ in shown.of("VpcEndpoints")
        for table in texts(record, "RouteTableIds")
    }
    for record, _ in shown.of("RouteTables"):
        table = record["RouteTableId"]
        own = ranges.get(text(record, "VpcId") or "", frozenset())
        for item in items(record, "Routes"):
            place = next((text(item, name) for name in _DESTINATIONS if text(item, name)), None)
            listed = text(item, "DestinationPrefixListId")
            gateway = text(item, "GatewayId")
            if gateway == "local" and (place in own or not own):
                continue
            target = _target(item, shown)
            if listed and target.kind is TargetKind.ENDPOINT and (table, gateway) in derived:
                continue
            destination: Maybe[Prefix | Ref]
            if place is not None:
                destination = prefix(place, table)
            elif listed is not None:
                destination = Ref.to(listed)
            else:
                destination = Unknown(f"the destination of a route of {table}")
            yield Route(
                f"{table}#{place or listed}",
                Ref.to(table),
                destination,
                target,
                _origin(item),
            )


def _ranges(record: Record) -> frozenset[str | None]:
    found = {text(record, "CidrBlock")}
    for name, cidr in (
        ("CidrBlockAssociationSet", "CidrBlock"),
        ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
    ):
        found |= {text(item, cidr) for item in items(record, name)}
    return frozenset(found)


def _origin(item: Record) -> Origin:
    propagated = item.get("Origin") in ("EnableVgwRoutePropagation", "Advertisement")
    return Origin.PROPAGATED if propagated else Origin.STATIC


def _target(item: Record, shown: Shown) -> Target:
    """What a route points at; a black hole when what it pointed at is gone."""
    state = text(item, "State")
    if state == "blackhole":
        return Target(TargetKind.BLACKHOLE)
    if state == "filtered":
        missing = "whether a route is used whose state is filtered"
        return Target(TargetKind.UNKNOWN, Ref.anything(missing), missing)
    for name, kind in _FIELDS:
        value = text(item, name)
        if value is not None:
            return Target(kind, Ref.to(value))
    gateway = text(item, "GatewayId")
    if gateway == "local":
        return Target(TargetKind.LOCAL)
    for start, kind in _PREFIXES:
        if gateway is not None and gateway.startswith(start):
            return Target(kind, Ref.to(gateway))
    instance = text(item, "InstanceId")
    if instance is not None:
        interface = _interface_of(instance, shown)
        missing = f"the network interface of {instance}"
        return Target(
            TargetKind.INTERFACE, Ref.to(interface) if interface else Ref.anything(missing)
        )
    missing = f"what a route leads to whose target is {gateway or 'of a kind not known here'}"
    return Target(TargetKind.UNKNOWN, Ref.anything(missing), missing)


def _interface_of(instance: str, shown: Shown) -> Key | None:
    """The primary network interface of an instance."""
    for record, _ in shown.of("NetworkInterfaces"):
        attachment = record.get("Attachment")
        if (
            isinstance(attachment, dict)
            and attachment.get("InstanceId") == instance
            and attachment.get("DeviceIndex", 0) == 0
        ):
            found: Key = record["NetworkInterfaceId"]
            return found
    for record, _ in shown.of("Reservations"):
        for one in items(record, "Instances"):
            if one.get("InstanceId") != instance:
                continue
            for interface in items(one, "NetworkInterfaces"):
                attached = interface.get("Attachment")
                if not isinstance(attached, dict) or attached.get("DeviceIndex", 0) == 0:
                    return text(interface, "NetworkInterfaceId")
    return None


def interface_targets(shown: Shown) -> frozenset[Key]:
    """The network interfaces that routes point at."""
    return frozenset(
        key
        for route in routes(shown)
        if route.target.kind is TargetKind.INTERFACE and route.target.ref is not None
        for key in route.target.ref.keys
    )


def interface_ids(tables: Iterable[Record]) -> frozenset[Key]:
    """The network interfaces that the routes of tables name."""
    return frozenset(
        key
        for table in tables
        for item in items(table, "Routes")
        if (key := text(item, "NetworkInterfaceId"))
    )
