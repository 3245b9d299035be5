"""Laws that hold for every network: what may change a verdict, and what must not."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privatelane_paths import LaneKind, Verdict, judge
from privatelane_paths.facts import Endpoint, Network, ZoneRecord
from privatelane_paths.known import Ref, Refs
from tests.paths.blur import blurred, forget
from tests.paths.build import ANYWHERE, Build
from tests.paths.generate import random_network, seeded

if TYPE_CHECKING:
    from random import Random

    from privatelane_paths import Lane

RANDOMS = st.randoms(use_true_random=False)
FIXED = [seeded(seed) for seed in range(60)]


def lanes(network: Network) -> dict[tuple[str, str], Lane]:
    return {(lane.subnet, lane.service): lane for lane in judge(network)}


def agree(less: Lane, more: Lane) -> bool:
    """Whether a lane that knows less says the same as one that knows more, or nothing."""
    return less.verdict in (more.verdict, Verdict.UNKNOWN)


def not_contradicted(network: Network, fog: Network) -> None:
    clear, dim = lanes(network), lanes(fog)
    for key, lane in dim.items():
        assert agree(lane, clear[key]), (clear[key], lane)


@pytest.mark.parametrize("random", FIXED, ids=range(len(FIXED)))
def test_unknown_ids_give_the_same_verdict_or_none_on_fixed_networks(random: Random) -> None:
    network = random_network(random)
    not_contradicted(network, blurred(random, network))


@settings(max_examples=50)
@given(RANDOMS)
def test_unknown_ids_give_the_same_verdict_or_none(random: Random) -> None:
    network = random_network(random)
    not_contradicted(network, blurred(random, network))


@settings(max_examples=50)
@given(RANDOMS)
def test_a_removed_fact_proves_nothing_and_refutes_nothing(random: Random) -> None:
    network = blurred(random, random_network(random))
    not_contradicted(network, forget(random, network))


@settings(max_examples=30)
@given(RANDOMS)
def test_an_unknown_lane_names_what_is_missing(random: Random) -> None:
    network = blurred(random, random_network(random))

    assert all(lane.missing for lane in judge(network) if lane.kind is LaneKind.UNKNOWN)


@settings(max_examples=30)
@given(RANDOMS)
def test_order_changes_nothing(random: Random) -> None:
    network = blurred(random, random_network(random))
    shuffled: dict[str, Any] = {}
    for one in fields(Network):
        facts = getattr(network, one.name)
        if isinstance(facts, tuple):
            shuffled[one.name] = tuple(random.sample(facts, len(facts)))

    assert judge(replace(network, **shuffled)) == judge(network)


@settings(max_examples=30)
@given(RANDOMS)
def test_names_change_nothing_but_words(random: Random) -> None:
    network = blurred(random, random_network(random))
    renamed = relabel(network, names_only=True)

    assert kinds(renamed) == kinds(network)


@settings(max_examples=30)
@given(RANDOMS)
def test_keys_change_nothing_but_themselves(random: Random) -> None:
    network = random_network(random)
    renamed = relabel(network, names_only=False)

    assert {(key[0][::-1], key[1]): verdict for key, verdict in verdicts(renamed).items()} == (
        verdicts(network)
    )


@settings(max_examples=30)
@given(RANDOMS)
def test_a_network_that_has_nothing_to_do_with_it_changes_nothing(random: Random) -> None:
    network = random_network(random)
    other = stranger()
    both = together(network, other)
    mine = [lane for lane in judge(both) if lane.subnet in {one.key for one in network.subnets}]

    assert tuple(mine) == judge(network)


@settings(max_examples=60)
@given(RANDOMS)
def test_another_endpoint_never_makes_a_proved_lane_a_refuted_one(random: Random) -> None:
    network = plain(random_network(random))
    more = replace(network, endpoints=(*network.endpoints, another_endpoint(random)))
    before, after = lanes(network), lanes(more)

    for key, lane in after.items():
        assert not (before[key].verdict is Verdict.PROVED and lane.verdict is Verdict.REFUTED), (
            before[key],
            lane,
        )


@settings(max_examples=30)
@given(RANDOMS)
def test_lanes_are_sorted_and_there_is_one_a_subnet_and_service(random: Random) -> None:
    network = random_network(random)
    found = [(lane.subnet, lane.service) for lane in judge(network, ("s3", "ecr.api", "s3"))]

    assert found == sorted(
        (subnet.key, service) for subnet in network.subnets for service in ("ecr.api", "s3")
    )


@settings(max_examples=30)
@given(RANDOMS)
def test_every_lane_starts_in_its_subnet_and_says_why(random: Random) -> None:
    for lane in judge(random_network(random)):
        assert lane.hops[0].key == lane.subnet
        assert lane.hops[0].kind == "subnet"
        assert lane.reason
        refuted = lane.verdict is Verdict.REFUTED
        assert not refuted or any(hop.kind == "nat" for hop in lane.hops)
        assert not refuted or lane.fix


def kinds(network: Network) -> dict[tuple[str, str], str]:
    return {key: lane.kind.value for key, lane in lanes(network).items()}


def verdicts(network: Network) -> dict[tuple[str, str], str]:
    return {key: lane.verdict.value for key, lane in lanes(network).items()}


#: What the keys of facts are called outside the stack, where their form matters.
_LITERAL = frozenset({"nat-0abc"})


def relabel(value: Any, *, names_only: bool) -> Any:
    """The same facts with names, or with keys, written backwards."""
    if isinstance(value, Ref):
        return value if names_only else replace(value, keys=tuple(sorted(map(turned, value.keys))))
    if isinstance(value, Refs):
        if names_only:
            return value
        return replace(
            value,
            certain=frozenset(map(turned, value.certain)),
            possible=frozenset(map(turned, value.possible)),
        )
    if isinstance(value, tuple):
        return tuple(relabel(one, names_only=names_only) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes: dict[str, Any] = {}
    for one in fields(value):
        held = getattr(value, one.name)
        if one.name == "name" and names_only and not isinstance(value, ZoneRecord):
            changes[one.name] = f"<{held}>"
        elif one.name == "key" and not names_only:
            changes[one.name] = turned(held)
        elif one.name == "gone":
            changes[one.name] = held if names_only else frozenset(map(turned, held))
        elif one.name != "name":
            changes[one.name] = relabel(held, names_only=names_only)
    return replace(value, **changes)


def turned(key: str) -> str:
    return key if key in _LITERAL else key[::-1]


def stranger() -> Network:
    """A VPC with everything, connected to nothing else."""
    build = Build().vpc("alien", "10.0.0.0/16").gateway_of("igw-alien", "alien")
    build.subnet("alien-pub", "alien", "10.0.0.0/24").subnet("alien-app", "alien", "10.0.1.0/24")
    build.nat("nat-alien", "alien-pub", vpc="alien").table("rt-alien-pub", "alien", "alien-pub")
    build.route("rt-alien-pub", ANYWHERE, "igw-alien").table("rt-alien", "alien", "alien-app")
    build.route("rt-alien", ANYWHERE, "nat-alien").gateway("s3", "rt-alien", vpc="alien", key="e1")
    build.interface("ecr.dkr", "alien-app", vpc="alien", key="vpce-alien")
    build.zone("us-east-1.amazonaws.com", "alien", key="zone-alien", any="vpce-alien")
    return build.network()


def together(one: Network, other: Network) -> Network:
    both: dict[str, Any] = {}
    for field in fields(Network):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, tuple):
            keys = {fact.key for fact in mine}
            both[field.name] = (*mine, *(fact for fact in theirs if fact.key not in keys))
    return replace(one, **both)


def plain(network: Network) -> Network:
    """Without routes inside the VPC that lead an endpoint's own traffic into a NAT.

    There, and for clients that read IPv4 addresses by NAT64 only, another endpoint does make it
    worse, as it does in AWS.
    """
    routes = tuple(one for one in network.routes if one.destination != _ENDS)
    subnets = tuple(one for one in network.subnets if not one.ipv6_only)
    return replace(network, routes=routes, subnets=subnets)


_ENDS = Build().vpc("x", "10.0.20.0/24").network().vpcs[0].cidrs[0]  # type: ignore[index]


def another_endpoint(random: Random) -> Endpoint:
    service = random.choice(("s3", "ecr.api", "ecr.dkr"))
    gateway = service == "s3" and bool(random.randrange(2))
    build = Build()
    if gateway:
        tables = random.sample(("rt-app-a", "rt-app-b", "rt-pub"), 2)
        build.gateway("s3", *tables, key="vpce-more")
    else:
        places = random.sample(("ends-a", "ends-b", "mid-a"), random.randrange(3))
        build.interface(service, *places, key="vpce-more", private_dns=bool(random.randrange(4)))
    return build.network().endpoints[0]
