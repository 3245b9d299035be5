"""What is not known is everything that it can be: an unknown value judged by all of its values."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from privatelane_paths import Verdict, judge
from privatelane_paths.facts import EndpointKind, Network
from privatelane_paths.known import Key, Ref, Refs, Unknown
from tests.paths.generate import random_network, seeded
from tests.paths.situations import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from privatelane_paths import Lane, Options
    from tests.paths.situations.situation import Situation

#: What the values of a property can be, where two say all that matters.
_VALUES: dict[tuple[str, str], tuple[object, ...]] = {
    ("vpcs", "dns_support"): (True, False),
    ("vpcs", "dns_hostnames"): (True, False),
    ("subnets", "dns64"): (True, False),
    ("nats", "public"): (True, False),
    ("nats", "state"): ("available", "deleted"),
    ("interfaces", "forwards"): (True, False),
    ("endpoints", "private_dns"): (True, False),
    ("endpoints", "inbound_only"): (True, False),
    ("endpoints", "state"): ("available", "failed"),
    ("endpoints", "kind"): tuple(EndpointKind),
    ("endpoints", "ip_address_type"): ("ipv4", "ipv6", "dualstack"),
    ("endpoints", "service_region"): (None, "us-east-1", "eu-west-1"),
    ("peerings", "active"): (True, False),
    ("transit_gateways", "default_association"): (True, False),
    ("transit_gateways", "default_propagation"): (True, False),
    ("attachments", "default_association"): (True, False),
    ("attachments", "default_propagation"): (True, False),
    ("resolver_rules", "forward"): (True, False),
    ("block_public_access", "mode"): ("off", "block-bidirectional"),
    ("block_public_access", "region"): ("us-east-1", "eu-west-1"),
}
#: Where the prover must find out that all values come to the same.
_SURE = frozenset(_VALUES) - {("endpoints", "kind"), ("endpoints", "service_region")}
#: Properties that every network has many of: fewer of them are tried.
_COMMON = frozenset({"associations", "endpoints", "nats", "subnets", "vpcs"})
WHAT = "the fact that nobody told"

Lanes = dict[tuple[str, str], "Lane"]


def judged(network: Network, services: Sequence[str], options: Options | None) -> Lanes:
    return {(one.subnet, one.service): one for one in judge(network, services, options)}


def changed(network: Network, kind: str, key: Key, name: str, value: object) -> Network:
    facts = tuple(
        replace(one, **{name: value}) if one.key == key else one for one in getattr(network, kind)
    )
    some: dict[str, Any] = {kind: facts}
    return replace(network, **some)


#: Edges that may be known to be one of several only, and what they lead to.
_EDGES: dict[tuple[str, str], str] = {
    ("associations", "table"): "tables",
    ("main_associations", "table"): "tables",
    ("nats", "subnet"): "subnets",
    ("interfaces", "subnet"): "subnets",
    ("endpoints", "vpc"): "vpcs",
    ("peerings", "accepter"): "vpcs",
    ("peerings", "requester"): "vpcs",
    ("transit_associations", "table"): "transit_tables",
    ("transit_propagations", "attachment"): "attachments",
    ("transit_propagations", "table"): "transit_tables",
    ("transit_routes", "attachment"): "attachments",
    ("transit_routes", "table"): "transit_tables",
    ("zone_records", "endpoint"): "endpoints",
    ("zone_records", "zone"): "hosted_zones",
}


def edges(network: Network, kind: str, fact: Any, name: str) -> tuple[Ref, ...]:
    """The edge as it is, and as it would be to one or two others that AWS would take as well."""
    edge = getattr(fact, name)
    among = _EDGES.get((kind, name))
    if among is None or not isinstance(edge, Ref) or not edge.decided:
        return ()
    facts = {one.key: one for one in getattr(network, among)}
    if edge.keys[0] not in facts:
        return ()
    if among == "vpcs" and kind == "endpoints" and (fact.route_tables | fact.subnets) != Refs():
        # An endpoint is in the VPC of its tables and subnets.
        return ()

    def home(key: Key) -> object:
        return getattr(facts[key], "vpc", getattr(facts[key], "gateway", None))

    alike = among in ("attachments", "vpcs", "endpoints", "hosted_zones")
    others = [
        key
        for key in sorted(facts)
        if key != edge.keys[0] and (alike or home(key) == home(edge.keys[0]))
    ]
    return (edge, *map(Ref.to, others[:2])) if others else ()


def choices(network: Network) -> Iterator[tuple[str, Key, str, tuple[object, ...], object]]:
    """Every property that could be unknown: kind, key, name, its values, and it unknown."""
    for one in fields(Network):
        facts = getattr(network, one.name)
        if not isinstance(facts, tuple):
            continue
        for fact in facts:
            for held in fields(fact):
                values = _VALUES.get((one.name, held.name), ())
                if values and not isinstance(getattr(fact, held.name), Unknown):
                    yield one.name, fact.key, held.name, values, Unknown(WHAT)
                candidates = edges(network, one.name, fact, held.name)
                if candidates:
                    keys = {key for edge in candidates for key in edge.keys}
                    yield one.name, fact.key, held.name, candidates, Ref.one_of(keys, WHAT)
                value = getattr(fact, held.name)
                if isinstance(value, Refs) and value.decided and len(value.certain) > 1:
                    some = min(value.certain)
                    less = Refs(value.certain - {some})
                    perhaps = Refs.some_of([some], WHAT, less.certain)
                    yield one.name, fact.key, held.name, (value, less), perhaps


def contradictions(
    network: Network,
    choice: tuple[str, Key, str, tuple[object, ...], object],
    services: Sequence[str],
    options: Options | None = None,
) -> Iterator[str]:
    """Lanes of which what is unknown says something that one of its values does not."""
    kind, key, name, values, untold = choice
    dim = judged(changed(network, kind, key, name, untold), services, options)
    clear = [judged(changed(network, kind, key, name, one), services, options) for one in values]
    for step, lane in dim.items():
        ends = {found[step].verdict for found in clear}
        kinds = {found[step].kind for found in clear}
        sure = not any(found[step].missing for found in clear)
        where = f"{name} of {key}, {step}: {lane} of {ends}"
        if lane.verdict is not Verdict.UNKNOWN:
            if ends != {lane.verdict}:
                yield f"too sure: {where}"
            elif sure and (kind, name) in _SURE and lane.kind not in kinds:
                yield f"another kind: {where}"
            elif sure and len(kinds) > 1 and WHAT not in lane.missing:
                yield f"not named: {where}"
        elif len(ends) == 1 and Verdict.UNKNOWN not in ends and (kind, name) in _SURE:
            yield f"not sure: {where}"
        elif Verdict.UNKNOWN not in ends and WHAT not in lane.missing:
            yield f"not named: {where}"


def some(choice: tuple[str, Key, str, tuple[object, ...], object], dice: Random) -> bool:
    """Whether to try a choice: as many as the time allows, always the same ones."""
    return dice.randrange(100) < (2 if choice[0] in _COMMON else 15)


@pytest.mark.parametrize("situation", ALL, ids=lambda one: one.title)
def test_an_unknown_property_in_a_situation_is_all_that_it_can_be(situation: Situation) -> None:
    network = situation.build.network()
    services = sorted({name.split()[-1] for name in situation.known})
    dice = seeded(ALL.index(situation))

    for choice in choices(network):
        if some(choice, dice):
            assert [*contradictions(network, choice, services, situation.options)] == []


@pytest.mark.parametrize("seed", range(25))
def test_an_unknown_property_in_a_random_network_is_all_that_it_can_be(seed: int) -> None:
    dice = seeded(seed)
    network = random_network(dice)

    for choice in choices(network):
        if some(choice, dice):
            assert [*contradictions(network, choice, ("ecr.dkr", "s3"))] == []
