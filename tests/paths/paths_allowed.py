"""Whether facts allow the path of a lane, hop by hop, as AWS hands a packet on.

Written from the facts alone: a subnet is on the table its association or its VPC's main table
names, a table has the routes that name it and those of gateway endpoints, a route leads to its
target, a NAT gateway or a firewall hands on from the subnet it stands in, and so on.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from privatelane_paths import LaneKind
from privatelane_paths.facts import EndpointKind, Network, TargetKind
from privatelane_paths.known import Key, Ref, Refs, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from privatelane_paths import Hop, Lane

__all__ = ["facts_missing", "follows", "objections"]

#: What may come after a hop of each kind; a lane may end after any of them but the first.
_AFTER = {
    "subnet": {"dns", "route-table"},
    "dns": {"route-table"},
    "route-table": {"route"},
    "route": {
        "nat", "interface", "internet-gateway", "egress-only-gateway", "endpoint",
        "gateway-endpoint", "firewall", "transit-gateway", "peering", "interface-endpoint",
        "blackhole", "vpn-gateway", "core-network", "local-gateway", "carrier-gateway", "gone",
    },
    "nat": {"route-table"},
    "interface": {"route-table"},
    "firewall": {"route-table"},
    "transit-gateway": {"transit-route-table"},
    "transit-route-table": {"transit-route"},
    "transit-route": {"attachment", "transit-gateway", "gone"},
    "attachment": {
        "route-table", "interface-endpoint", "transit-gateway", "transit-route-table",
    },
    "peering": {"interface-endpoint", "gone"},
}  # fmt: skip
#: The last hops of the lanes of a kind; `broken` and `unknown` end anywhere.
_LAST = {
    LaneKind.GATEWAY_ENDPOINT: {"gateway-endpoint"},
    LaneKind.INTERFACE_ENDPOINT: {"interface-endpoint", "dns"},
    LaneKind.INTERNET_GATEWAY: {
        "internet-gateway", "egress-only-gateway", "carrier-gateway", "transit-gateway",
        "attachment",
    },
    LaneKind.NONE: {"route-table"},
}  # fmt: skip
#: The words for a hop of each kind, around the name of what it stands on.
_WORDS = {
    "subnet": r"subnet NAME",
    "dns": r"[*\w.-]+ \(.+\)",
    "route-table": r"(route table NAME|the main table of .+) \((association|implicit main)\)",
    "transit-gateway": r"transit gateway( NAME)?",
    "transit-route-table": r"(the default route table|transit gateway route table NAME)",
    "attachment": r"attachment NAME",
    "peering": r"VPC peering( NAME)?",
    "nat": (
        r"(a NAT gateway|NAT gateway NAME"
        r"|network interface( NAME)? \((a NAT instance|taken for a NAT instance)\))"
    ),
    "interface": r"network interface( NAME)?",
    "firewall": r"(firewall|gateway load balancer|interface|endpoint)( endpoint)? NAME",
    "endpoint": r"VPC endpoint NAME",
    "gateway-endpoint": r"gateway endpoint NAME",
    "interface-endpoint": r"(interface endpoint NAME|VPC endpoint NAME|address NAME|an address .+)",
    "internet-gateway": r"internet gateway( NAME)?",
    "egress-only-gateway": r"egress-only internet gateway( NAME)?",
    "blackhole": r"blackhole",
    "vpn-gateway": r"vpn gateway NAME",
    "core-network": r"core network NAME",
    "local-gateway": r"local gateway NAME",
    "carrier-gateway": r"carrier gateway NAME",
    "gone": r"NAME",
}
_PREFIX = r"[0-9a-f.:]+/\d+"
_ROUTE = re.compile(
    rf"(local|local {_PREFIX}|{_PREFIX}|{_PREFIX} in \S+|{_PREFIX} if propagated|\S+"
    r"|a route nobody sees|a destination that is not known|an unknown destination|a prefix list"
    r"|the prefix list of \S+|the ranges of \S+)"
)


def facts_missing(value: Any) -> Iterator[str]:
    """Every missing fact that a network names, wherever in it."""
    if isinstance(value, Unknown):
        yield value.missing
    elif isinstance(value, (tuple, frozenset)):
        for one in value:
            yield from facts_missing(one)
    elif isinstance(value, dict):
        yield from (text for text in value.values() if isinstance(text, str))
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            held = getattr(value, one.name)
            if one.name == "missing" and held:
                yield held
            yield from facts_missing(held)


def objections(network: Network, lane: Lane) -> list[str]:
    """What about a lane's path the facts do not allow; none, if it is a path at all."""
    names = _names(network)
    found: list[str] = []
    if lane.hops[0].kind != "subnet" or lane.hops[0].key != lane.subnet:
        found.append("it does not start in its subnet")
    found.extend(
        f"{before.kind} is followed by {after.kind}"
        for before, after in pairwise(lane.hops)
        if after.kind not in _AFTER.get(before.kind, set())
    )
    found.extend(f"the words for {hop}" for hop in lane.hops if not _is_called(hop, names))
    found.extend(_impossible(network, lane))
    last = lane.hops[-1].kind
    if last not in _LAST.get(lane.kind, {last}):
        found.append(f"{lane.kind} ends with {last}")
    kinds = {hop.kind for hop in lane.hops}
    through_nat = {LaneKind.NAT, LaneKind.REMOTE_NAT}
    if lane.kind in through_nat and not kinds & {"nat", "transit-gateway"}:
        found.append("there is no NAT on it")
    return found


def _names(network: Network) -> dict[Key, str]:
    return {
        fact.key: fact.name
        for one in fields(Network)
        if isinstance(getattr(network, one.name), tuple)
        for fact in getattr(network, one.name)
        if hasattr(fact, "name") and fact.key not in network.gone
    }


def _is_called(hop: Hop, names: dict[Key, str]) -> bool:
    if hop.kind in ("route", "transit-route"):
        return _ROUTE.fullmatch(hop.text) is not None
    pattern = _WORDS.get(hop.kind)
    if pattern is None:
        return False
    name = re.escape(names.get(hop.key, hop.key))
    pattern = pattern.replace("( NAME)?", f" {name}" if name else "").replace("NAME", name)
    return re.fullmatch(pattern, hop.text) is not None


def _impossible(network: Network, lane: Lane) -> Iterator[str]:
    """Pairs of hops that no edge of the facts connects."""
    facts = _by_key(network)
    at: list[Key] | None = [lane.subnet]
    for before, after in pairwise(lane.hops):
        if after.kind == "route-table" and not _on(network, at, after.key):
            yield f"none of {at} is on {after.key}"
        if not follows(facts, network, before, after):
            yield f"{before.key} ({before.kind}) does not lead to {after.key} ({after.kind})"
        fact = facts.get(after.key)
        if after.kind in ("firewall", "attachment") and fact is not None:
            members = fact.subnets
            at = None if members.open else sorted(members.certain | members.possible) or None
        elif after.kind in ("nat", "interface") and fact is not None and fact.subnet is not None:
            at = None if fact.subnet.open else list(fact.subnet.keys)


def _by_key(network: Network) -> dict[Key, Any]:
    kinds = ("nats", "interfaces", "endpoints", "attachments", "routes", "transit_routes")
    return {fact.key: fact for kind in kinds for fact in getattr(network, kind)}


def _on(network: Network, subnets: list[Key] | None, table: Key) -> bool:
    """Whether one of the subnets can be on a table: by an association or as the main one."""
    if subnets is None:
        return True
    vpcs = [one.vpc for one in network.subnets if one.key in subnets]
    if table.endswith("#implied-main-table"):
        return any(vpc.may_be(table.partition("#")[0]) for vpc in vpcs)
    return any(
        one.table.may_be(table)
        and one.subnet is not None
        and any(one.subnet.may_be(subnet) for subnet in subnets)
        for one in network.associations
    ) or any(
        one.table.may_be(table) and any(_meet(one.vpc, vpc) for vpc in vpcs)
        for one in network.main_associations
    )


def _meet(one: Ref, other: Ref) -> bool:
    return one.open or other.open or bool(set(one.keys) & set(other.keys))


def follows(facts: dict[Key, Any], network: Network, before: Hop, after: Hop) -> bool:
    """Whether the facts let the second hop come after the first."""
    if after.kind == "route":
        return _has_route(network, before.key, after)
    if before.kind == "route":
        return _leads_to(facts, network, before, after)
    if after.kind == "transit-route":
        return _has_transit_route(network, before.key, after)
    if before.kind == "transit-route":
        route = facts.get(before.key)
        if route is not None and hasattr(route, "attachment"):
            return route.attachment is not None and bool(route.attachment.may_be(after.key))
        return before.key == after.key
    if after.kind == "transit-route-table" and before.kind == "transit-gateway":
        return _of_gateway(network, before.key, after.key)
    return True


def _has_route(network: Network, table: Key, row: Hop) -> bool:
    for route in network.routes:
        if route.key == row.key:
            return route.table.may_be(table)
    for endpoint in network.endpoints:
        if endpoint.key == row.key:
            listed = row.text.startswith("the prefix list of ")
            return listed and endpoint.route_tables.may_have(table)
    return row.text.startswith("local") or row.key == table


def _leads_to(facts: dict[Key, Any], network: Network, row: Hop, to: Hop) -> bool:
    route = facts.get(row.key)
    if to.kind in ("interface-endpoint", "peering") and row.text.startswith("local"):
        return to.kind == "interface-endpoint"
    if route is None:
        return False
    if isinstance(getattr(route, "kind", None), (EndpointKind, Unknown)):
        # The row of a gateway endpoint.
        return to.key == row.key
    kind = route.target.kind
    if kind is TargetKind.BLACKHOLE:
        return to.kind == "blackhole"
    edge: Ref | None = route.target.ref
    return edge is not None and (edge.may_be(to.key) or not to.key)


def _has_transit_route(network: Network, table: Key, row: Hop) -> bool:
    for route in network.transit_routes:
        if route.key == row.key:
            return route.table.may_be(table)
    return row.key == table or any(one.key == row.key for one in network.attachments)


def _of_gateway(network: Network, gateway: Key, table: Key) -> bool:
    for one in network.transit_tables:
        if one.key == table:
            return one.gateway.may_be(gateway)
    return any(
        (one.default_table is None and table == gateway)
        or (one.default_table is not None and one.default_table.may_be(table))
        for one in network.transit_gateways
        if one.key == gateway
    )


def members(edges: Iterable[Refs]) -> set[Key]:
    """All keys that the sets may have."""
    return {key for one in edges for key in one.certain | one.possible}
