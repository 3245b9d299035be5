"""What it means that the prover agrees with packets that were walked."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

from privatelane_paths import LaneKind, Options, Verdict, judge
from tests.paths.packet_walk import ADDRESSES, World, walk

if TYPE_CHECKING:
    from privatelane_paths import Lane
    from privatelane_paths.facts import Network

__all__ = ["check"]

_NATS = frozenset({"nat", "remote-nat"})
#: Layers through an S3 interface endpoint: judged here as DNS and routes have it.
_OPTIONS = Options(s3_interface_for_ecr="allow")


def worlds(network: Network) -> list[World]:
    """Every way in which what no fact shows can be, as far as it matters to this network."""
    servers = any(one.dns_servers is not None for one in network.vpcs)
    lists = sum(1 for one in network.prefix_lists if one.service is None) > 1
    return [
        World(*one)
        for one in product(
            (False, True) if servers else (False,),
            (False, True) if network.resolver_rules else (False,),
            (True, False) if lists else (True,),
            (0, 1, 2),
        )
    ]


def check(network: Network, subnets: tuple[str, ...] = ("app-a", "app-b")) -> Counter[str]:
    """Compare every lane with the packets of every world; returns how often each kind occurred.

    A proved lane sends no packet of any world through a NAT. A refuted one sends some packet of
    every world through one. A lane without doubt is of a kind that packets do take.
    """
    counts: Counter[str] = Counter()
    for lane in judge(network, options=_OPTIONS):
        if lane.subnet not in subnets:
            continue
        counts[lane.kind.value] += 1
        seen = [
            {walk(network, lane.subnet, lane.service, address, world)
             for address in ADDRESSES[lane.service]}
            for world in worlds(network)
        ]  # fmt: skip
        _agrees(lane, seen)
    return counts


def _agrees(lane: Lane, seen: list[set[str]]) -> None:
    every = set().union(*seen)
    told = f"{lane} but packets: {sorted(every)}"
    if lane.verdict is Verdict.PROVED:
        assert not every & _NATS, told
        assert "unknown" not in every, told
    if lane.verdict is Verdict.REFUTED:
        assert all(kinds & _NATS for kinds in seen), told
    if lane.kind is not LaneKind.UNKNOWN and not lane.missing:
        kinds = {"broken" if kind == "acl" else kind for kind in every}
        assert lane.kind.value in kinds or _unclear(kinds), told
    if lane.kind is LaneKind.UNKNOWN:
        assert lane.missing, told


def _unclear(kinds: set[str]) -> bool:
    """Some filters let some pass: then the prover says what the lane is, packets what they met."""
    return kinds <= {"broken", "interface-endpoint", "gateway-endpoint", "internet-gateway"}
