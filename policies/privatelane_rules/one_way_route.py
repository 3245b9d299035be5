"""A connection between two VPCs that has a way there and none back."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from privatelane_paths.facts import TargetKind
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_rules._connections import connections
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from privatelane_paths.facts import Prefix, Route, RouteTable, Vpc
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.Route("to-data", route_table_id=shop_table.id, destination_cidr_block="10.1.0.0/16",
              vpc_peering_connection_id=peering.id)
"""
_RIGHT = """\
aws.ec2.Route("to-shop", route_table_id=data_table.id, destination_cidr_block="10.0.0.0/16",
              vpc_peering_connection_id=peering.id)  # beside the other
"""

_KINDS = frozenset({TargetKind.PEERING, TargetKind.TRANSIT_GATEWAY})


def check(stack: Stack) -> Iterator[Finding]:
    """Connections over which exactly one of the two VPCs has a route to the other."""
    ways = _ways(stack)
    for one in connections(stack):
        if one.first.outside or one.second.outside:
            continue  # Whoever declares that VPC may have declared its routes there, too.
        there = _leads(ways.get((one.first.key, one.key), ()), one.second)
        back = _leads(ways.get((one.second.key, one.key), ()), one.first)
        for origin, end, way, reverse in (
            (one.first, one.second, there, back),
            (one.second, one.first, back, there),
        ):
            if way is True and reverse is False:
                yield Finding(
                    one.key,
                    f"{origin.name} has a route to {end.name} over {one.name}, and {end.name} has "
                    "none back: answers are lost.",
                )
            elif way is True and isinstance(reverse, Unknown):
                yield undecided(
                    one.key,
                    f"whether {end.name} has a route back to {origin.name}",
                    reverse.missing,
                )


def _ways(stack: Stack) -> Mapping[tuple[Key, Key], tuple[Maybe[Prefix], ...]]:
    """By VPC and connection, where the VPC's tables send over it; doubts are among them."""
    found: dict[tuple[Key, Key], list[Maybe[Prefix]]] = defaultdict(list)
    for table in stack.network.tables:
        for route in stack.index.routes.to(table.key):
            ref = route.target.ref
            if route.target.kind not in _KINDS or ref is None:
                continue
            way = _way(stack, route, table)
            for vpc in table.vpc.keys:
                for key in ref.keys:
                    found[vpc, key].append(way)
    return {step: tuple(ways) for step, ways in found.items()}


def _way(stack: Stack, route: Route, table: RouteTable) -> Maybe[Prefix]:
    """A route's prefix, or what is missing to be sure that the route is there and where it goes."""
    for edge in (table.vpc, route.table, route.target.ref):
        if edge is not None and not edge.decided:
            return Unknown(edge.missing)
    if isinstance(route.destination, Ref):
        return Unknown(f"what {stack.name(route.destination.keys[0])} lists")
    return route.destination


def _leads(ways: Iterable[Maybe[Prefix]], end: Vpc) -> Maybe[bool]:
    """Whether one of the ways leads to a range of the VPC."""
    doubt = ""
    for way in ways:
        if isinstance(way, Unknown):
            doubt = doubt or way.missing
        elif isinstance(end.cidrs, Unknown):
            doubt = doubt or end.cidrs.missing
        elif any(way.version == cidr.version and way.overlaps(cidr) for cidr in end.cidrs):
            return True
    return Unknown(doubt) if doubt else False


RULE = Rule(
    id="one-way-route",
    title="Connected networks have a route in one direction only.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "A connection carries traffic where both sides have routes over it. With one missing, "
        "requests arrive and their answers take another way or none: endpoints that are shared "
        "with the other VPC seem to be there and never answer."
    ),
    fix="Add the route back in the tables of the other VPC, or remove the one there.",
    check=check,
    framework=well_architected("SEC05-BP02", "Control traffic flow within your network layers"),
    url="https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("peering", "route", "transit-gateway"),
)
