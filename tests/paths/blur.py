"""Taking knowledge away: a network that says less than another, but nothing else.

Every step keeps the truth possible: an edge gets more candidates, a set perhaps more members, a
value becomes unknown. Whatever is judged of the result must be what was judged before, or unknown.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from privatelane_paths.facts import Network, Opaque, Target
from privatelane_paths.known import Key, Ref, Refs, Unknown

if TYPE_CHECKING:
    from random import Random

__all__ = ["blurred", "forget"]

#: What an edge with this name may lead to.
_TARGETS = {
    "table": "tables",
    "subnet": "subnets",
    "vpc": "vpcs",
    "route_tables": "tables",
    "subnets": "subnets",
    "gateway": "transit_gateways",
    "attachment": "attachments",
    "endpoint": "endpoints",
    "zone": "hosted_zones",
    "vpcs": "vpcs",
}
#: Values that may be unknown, by kind of fact.
_VALUES = {
    "vpcs": ("cidrs", "dns_support", "dns_hostnames", "dns_servers"),
    "subnets": ("zone", "cidrs", "dns64", "ipv6_only"),
    "routes": ("destination",),
    "prefix_lists": ("entries",),
    "nats": ("public", "state"),
    "interfaces": ("forwards",),
    "endpoints": (
        "kind", "service_name", "private_dns", "inbound_only", "policy", "service_region",
        "ip_address_type", "state",
    ),
    "peerings": ("active",),
    "transit_gateways": ("default_association", "default_propagation"),
    "attachments": ("kind", "default_association", "default_propagation", "appliance_mode"),
    "transit_routes": ("destination",),
    "hosted_zones": ("domain",),
    "zone_records": ("name",),
    "resolver_rules": ("domain", "forward"),
    "block_public_access": ("mode", "region"),
}  # fmt: skip


def forget(random: Random, network: Network) -> Network:
    """The network with one piece of knowledge less."""
    kinds = [one.name for one in fields(Network) if one.name not in ("unread", "gone")]
    present = [kind for kind in kinds if getattr(network, kind)]
    if not present:
        return network
    if random.randrange(12) == 0:
        return _hidden(random, network)
    kind = present[random.randrange(len(present))]
    facts = list(getattr(network, kind))
    place = random.randrange(len(facts))
    facts[place] = _less(random, network, kind, facts[place])
    changed: dict[str, Any] = {kind: tuple(facts)}
    return replace(network, **changed)


def blurred(random: Random, network: Network) -> Network:
    """The network with several pieces of knowledge less."""
    for _ in range(1 + random.randrange(6)):
        network = forget(random, network)
    return network


def _hidden(random: Random, network: Network) -> Network:
    """Something may have been added that nobody sees."""
    way = random.randrange(4)
    if way == 0 and network.tables:
        place = random.randrange(len(network.tables))
        tables = list(network.tables)
        tables[place] = replace(tables[place], missing=f"the routes of {tables[place].key}")
        return replace(network, tables=tuple(tables))
    if way == 1:
        vpcs = tuple(replace(one, outside=True) for one in network.vpcs)
        return replace(network, vpcs=vpcs)
    if way == 2:
        given = Refs.of([network.vpcs[0].key])
        return replace(network, opaques=(*network.opaques, Opaque("black", "black", "box", given)))
    kind = ("endpoints", "routes", "associations", "main_associations", "hosted_zones")[
        random.randrange(5)
    ]
    return replace(network, unread={**network.unread, kind: f"the {kind}"})


def _less(random: Random, network: Network, kind: str, fact: Any) -> Any:
    edges = [
        one.name
        for one in fields(fact)
        if isinstance(getattr(fact, one.name), (Ref, Refs, Target))
        and one.name != "security_groups"
    ]
    values = [name for name in _VALUES.get(kind, ()) if not _is_edge(getattr(fact, name))]
    names = [*edges, *values]
    if not names:
        return fact
    name = names[random.randrange(len(names))]
    value = getattr(fact, name)
    what = f"{name} of {fact.key}"
    if isinstance(value, Ref):
        among = "transit_tables" if kind.startswith("transit_") and name == "table" else name
        return replace(fact, **{name: _less_sure(random, network, among, value, what)})
    if isinstance(value, Refs):
        return replace(fact, **{name: _fewer_sure(random, network, name, value, what)})
    if isinstance(value, Target):
        if value.ref is None:
            return fact
        edge = _less_sure(random, network, _kind_of(value), value.ref, what)
        return replace(fact, **{name: replace(value, ref=edge)})
    return replace(fact, **{name: Unknown(what)})


def _is_edge(value: object) -> bool:
    return isinstance(value, (Ref, Refs))


def _kind_of(target: Target) -> str:
    return {
        "nat": "nats",
        "interface": "interfaces",
        "endpoint": "endpoints",
        "peering": "peerings",
        "transit-gateway": "transit_gateways",
    }.get(target.kind.value, "gateways")


def _candidates(network: Network, name: str) -> list[Key]:
    kind = _TARGETS.get(name, name)
    facts = getattr(network, kind, ())
    return [fact.key for fact in facts]


def _less_sure(random: Random, network: Network, name: str, edge: Ref, what: str) -> Ref:
    if random.randrange(4) == 0:
        return Ref.anything(what, edge.keys)
    others = _candidates(network, name)
    more = {others[random.randrange(len(others))] for _ in range(2)} if others else set()
    if edge.open:
        return edge
    return Ref.one_of({*edge.keys, *more}, edge.missing or what)


def _fewer_sure(random: Random, network: Network, name: str, edges: Refs, what: str) -> Refs:
    if not edges.certain and edges.decided:
        # An absent list is not an unknown one.
        return edges
    others = _candidates(network, name)
    more = {others[random.randrange(len(others))] for _ in range(2)} if others else set()
    stays = {key for key in sorted(edges.certain) if random.randrange(2)}
    possible = (edges.certain | edges.possible | more) - stays
    is_open = edges.open or random.randrange(4) == 0
    if not possible and not is_open:
        return Refs.of(stays)
    return Refs(frozenset(stays), frozenset(possible), edges.missing or what, is_open)
