"""Route tables, the subnets and VPCs they are put on, and the routes in them.

Routes have two spellings, inline in a table and resources of their own; a table that adopts a VPC's
default one drops every route it does not list, any other table without inline routes says nothing
about the routes others add.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

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
from privatelane_paths.sources.nouns import (
    CARRIER_GATEWAY,
    CORE_NETWORK,
    EGRESS_ONLY_GATEWAY,
    ENDPOINT,
    INTERFACE,
    INTERNET_GATEWAY,
    LOCAL_GATEWAY,
    NAT,
    PEERING,
    PREFIX_LIST,
    SUBNET,
    TABLE,
    TRANSIT_GATEWAY,
    VPC,
    VPN_GATEWAY,
    Noun,
)
from privatelane_paths.sources.resource import name_of, type_of

if TYPE_CHECKING:
    from privatelane_paths.sources.index import Index, View

__all__ = ["associations", "main_associations", "outside_tables", "routes", "tables"]

_DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
_ROUTE = "aws:ec2/route:Route"

_KIND: dict[str, TargetKind] = {
    NAT.name: TargetKind.NAT,
    INTERNET_GATEWAY.name: TargetKind.INTERNET_GATEWAY,
    EGRESS_ONLY_GATEWAY.name: TargetKind.EGRESS_ONLY_GATEWAY,
    VPN_GATEWAY.name: TargetKind.VPN_GATEWAY,
    ENDPOINT.name: TargetKind.ENDPOINT,
    INTERFACE.name: TargetKind.INTERFACE,
    TRANSIT_GATEWAY.name: TargetKind.TRANSIT_GATEWAY,
    PEERING.name: TargetKind.PEERING,
    CORE_NETWORK.name: TargetKind.CORE_NETWORK,
    LOCAL_GATEWAY.name: TargetKind.LOCAL_GATEWAY,
    CARRIER_GATEWAY.name: TargetKind.CARRIER_GATEWAY,
}

#: The target arguments of a route and what each is meant for; EC2 also takes the id of a NAT
#: gateway or an endpoint for `gatewayId`, so every other kind is tried after those.
_FIELDS: dict[str, tuple[Noun, ...]] = {
    "natGatewayId": (NAT,),
    "gatewayId": (INTERNET_GATEWAY, VPN_GATEWAY, CARRIER_GATEWAY, ENDPOINT, NAT),
    "egressOnlyGatewayId": (EGRESS_ONLY_GATEWAY,),
    "networkInterfaceId": (INTERFACE,),
    "transitGatewayId": (TRANSIT_GATEWAY,),
    "vpcEndpointId": (ENDPOINT,),
    "vpcPeeringConnectionId": (PEERING,),
    "carrierGatewayId": (CARRIER_GATEWAY,),
    "localGatewayId": (LOCAL_GATEWAY,),
    "coreNetworkArn": (CORE_NETWORK,),
}
#: Where the two spellings of a route write its destination.
_INLINE = ("cidrBlock", "ipv6CidrBlock", "destinationPrefixListId")
_SEPARATE = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
_NOUN_OF = {token: noun for nouns in _FIELDS.values() for noun in nouns for token in noun.types}
_ANY = tuple(dict.fromkeys(noun for nouns in _FIELDS.values() for noun in nouns))


def tables(index: Index) -> Iterator[RouteTable]:
    """Every declared table and the main table each declared VPC comes with."""
    separate = _separate_destinations(index)
    for view in index.of(TABLE):
        yield RouteTable(
            view.key,
            view.name,
            vpc=_vpc_of(view),
            missing=_unseen(view, separate),
            outside=view.resource.external,
        )
    for vpc in index.of(VPC):
        key = index.implied_key(vpc.key, "main-route-table")
        if index.view(key) is None:
            outside = vpc.resource.external or vpc.resource.type.endswith(":DefaultVpc")
            yield RouteTable(
                key,
                f"main route table of {vpc.name}",
                vpc=Ref.to(vpc.key),
                missing=f"the routes of {vpc.name}'s main route table"
                if outside
                else index.adoption_doubt(vpc.key, "main-route-table"),
                outside=outside,
            )


def outside_tables(index: Index) -> Iterator[RouteTable]:
    """The tables that resources of the stack name but that it does not declare."""
    for key in sorted(index.mentioned[TABLE.name]):
        name = name_of(key)
        yield RouteTable(
            key,
            name,
            vpc=Ref.anything(f"the VPC of {name}, which this stack does not declare"),
            missing=f"the routes of {name}, which this stack does not declare",
            outside=True,
        )


def associations(index: Index) -> Iterator[Association]:
    """The tables put on subnets (and on gateways, for what comes in through them)."""
    for view in index.views("aws:ec2/routeTableAssociation:RouteTableAssociation"):
        yield Association(
            view.key,
            table=view.ref("routeTableId", TABLE) or Ref.anything(view.missing("routeTableId")),
            subnet=view.ref("subnetId", SUBNET),
        )


def main_associations(index: Index) -> Iterator[MainAssociation]:
    """Each VPC's main table: the one made so, else the one it came with."""
    replaced: set[Key] = set()
    for view in index.views("aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"):
        vpc = view.ref("vpcId", VPC) or Ref.anything(view.missing("vpcId"))
        if vpc.decided:
            replaced.update(vpc.keys)
        yield MainAssociation(
            view.key,
            vpc=vpc,
            table=view.ref("routeTableId", TABLE) or Ref.anything(view.missing("routeTableId")),
        )
    for one in index.of(VPC):
        if one.key not in replaced:
            table = index.implied_key(one.key, "main-route-table")
            yield MainAssociation(f"{one.key}#main", vpc=Ref.to(one.key), table=Ref.to(table))
    for view in index.views(_DEFAULT_TABLE):
        vpc = _vpc_of(view)
        if vpc.decided and vpc.keys[0] not in replaced and index.view(vpc.keys[0]) is None:
            yield MainAssociation(f"{view.key}#main", vpc=vpc, table=Ref.to(view.key))


def routes(index: Index) -> Iterator[Route]:
    """The routes in both spellings, and those that VPN gateways propagate."""
    for view in index.of(TABLE):
        listed = _inline(view)
        if isinstance(listed, tuple):
            used = [{name for name in _FIELDS if item.raw(name) is not None} for item in listed]
            for position, item in enumerate(listed):
                others = frozenset().union(*used[:position], *used[position + 1 :])
                yield Route(
                    f"{view.key}#routes[{position}]",
                    Ref.to(view.key),
                    _destination(item, _INLINE),
                    target_of(item, others),
                )
        yield from _propagated(view)
    for view in index.views(_ROUTE):
        yield Route(
            view.key,
            view.ref("routeTableId", TABLE) or Ref.anything(view.missing("routeTableId")),
            _destination(view, _SEPARATE),
            target_of(view),
        )
    for view in index.views("aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"):
        gateway = view.ref("vpnGatewayId", VPN_GATEWAY)
        yield Route(
            view.key,
            view.ref("routeTableId", TABLE) or Ref.anything(view.missing("routeTableId")),
            Unknown(f"the prefixes that {view.name} propagates"),
            Target(TargetKind.VPN_GATEWAY, gateway),
            Origin.PROPAGATED,
        )


def _propagated(view: View) -> Iterator[Route]:
    gateways = view.refs("propagatingVgws", VPN_GATEWAY)
    for key in sorted(gateways.certain | gateways.possible):
        yield Route(
            f"{view.key}#propagated[{key}]",
            Ref.to(view.key),
            Unknown(f"the prefixes that {name_of(key)} propagates"),
            Target(TargetKind.VPN_GATEWAY, Ref.to(key)),
            Origin.PROPAGATED,
        )


def _vpc_of(view: View) -> Ref:
    return (
        view.index.adopted_of(view.key)
        or view.ref("vpcId", VPC)
        or Ref.anything(view.missing("vpcId"))
    )


def _inline(view: View) -> Maybe[tuple[View, ...]] | None:
    """The routes a table lists itself; what only its last refresh shows is nobody's word."""
    if view.resource.inputs is not None and not view.declared("routes"):
        return None
    return view.items("routes")


def _unseen(view: View, separate: set[tuple[Key, object]]) -> str:
    """The missing fact when a table may hold routes that the stack does not show."""
    listed = view.items("routes")
    if isinstance(listed, Unknown):
        return listed.missing
    if view.resource.external and listed is None:
        return f"the routes of {view.name}, which this stack only reads"
    if _inline(view) is None and listed:
        for item in listed:
            if (view.key, _destination(item, _INLINE)) not in separate:
                return (
                    f"whether the routes stay that {view.name} had at its last refresh and that "
                    "nothing in this stack declares"
                )
    return ""


def _separate_destinations(index: Index) -> set[tuple[Key, object]]:
    """Table and destination of the routes that are resources of their own."""
    found: set[tuple[Key, object]] = set()
    for view in index.views(_ROUTE):
        table = view.ref("routeTableId", TABLE)
        for key in table.keys if table is not None else ():
            found.add((key, _destination(view, _SEPARATE)))
    return found


def _destination(item: View, names: tuple[str, str, str]) -> Maybe[Prefix | Ref]:
    for name in names[:2]:
        prefix = item.prefix(name)
        if prefix is not None:
            return prefix
    listed = item.ref(names[2], PREFIX_LIST)
    return Unknown(item.missing(names[0])) if listed is None else listed


def target_of(item: View, siblings: frozenset[str] = frozenset()) -> Target:
    """What a route points at, by the target's own type or id and not by the argument's name.

    `siblings` are the target arguments that other routes of the same inline list use. All of them
    share one set of dependencies, so what has an argument of its own there is not looked for here.
    """
    for name, nouns in _FIELDS.items():
        value = item.raw(name)
        if value is None:
            continue
        if value == "local":
            return Target(TargetKind.LOCAL)
        if isinstance(value, str):
            return _literal_target(item, name, value, nouns)
        return _traced_target(item, name, siblings - {name})
    missing = item.missing("odbNetworkArn" if item.raw("odbNetworkArn") else "target")
    return Target(TargetKind.UNKNOWN, Ref.anything(missing), missing)


def _traced_target(item: View, name: str, siblings: frozenset[str]) -> Target:
    """The target of an unknown id: all that its dependencies allow, of one kind if they agree."""
    fitting = _FIELDS[name]
    urns = item.deps(name)
    only = _NOUN_OF.get(type_of(urns[0])) if len(urns) == 1 else None
    if only is not None:
        item.traced(name, only)  # which notes an object that the stack does not show
        return Target(_KIND[only.name], Ref.to(urns[0]))
    claimed = {noun for other in siblings for noun in _FIELDS[other][:1]}
    found: dict[Noun, set[Key]] = {}
    is_open = False
    for noun in _ANY:
        keys, opened = item.traced(name, noun)
        strange = noun not in fitting and not item.index.direct(item.deps(name), noun)
        if strange or noun in claimed:
            continue
        if keys:
            found[noun] = keys
            is_open |= opened
    missing = item.missing(name)
    everything = {key for keys in found.values() for key in keys}
    if not found:
        # Nothing says which one it is, but of most arguments only one kind of thing is a value.
        kind = _KIND[fitting[0].name] if len(fitting) == 1 else TargetKind.UNKNOWN
        return Target(kind, Ref.anything(missing), missing if len(fitting) > 1 else "")
    ref = (
        Ref.anything(missing, everything)
        if is_open
        else Ref.one_of(everything, item.which(name, everything))
    )
    if len(found) == 1:
        return Target(_KIND[next(iter(found)).name], ref)
    return Target(TargetKind.UNKNOWN, ref, ref.missing)


def _literal_target(item: View, name: str, value: str, nouns: tuple[Noun, ...]) -> Target:
    key = item.index.key_of_id(value)
    owner = item.index.by_urn.get(key)
    for noun in _ANY:
        if (owner is not None and owner.type in noun.types) or noun.holds(value):
            return Target(_KIND[noun.name], item.ref(name, noun) or Ref.to(key))
    if len(nouns) == 1:
        return Target(_KIND[nouns[0].name], Ref.to(key))
    return Target(
        TargetKind.UNKNOWN, Ref.to(key), f"what {value} is, which {item.label(name)} names"
    )
