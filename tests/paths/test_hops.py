"""The path of every lane is one that the facts allow, and what it says is about these facts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from privatelane_paths import Hop, LaneKind, judge, needs, pulls
from tests.paths.blur import blurred
from tests.paths.build import base, unknown_ids
from tests.paths.generate import random_network, seeded
from tests.paths.paths_allowed import objections
from tests.paths.situations import ALL
from tests.paths.test_laws import relabel
from tests.paths.words import unheard

if TYPE_CHECKING:
    from privatelane_paths.facts import Network
    from tests.paths.situations.situation import Situation


@cache
def networks(seed: int) -> tuple[Network, Network]:
    """A random network and the same in fog, with names that are not the keys."""
    dice = seeded(seed)
    clear = random_network(dice)
    return relabel(clear, names_only=True), relabel(blurred(dice, clear), names_only=True)


@pytest.mark.parametrize("seed", range(30))
def test_random_networks_have_paths_that_their_facts_allow(seed: int) -> None:
    for network in networks(seed):
        for lane in judge(network):
            assert objections(network, lane) == [], lane
            assert list(unheard(network, lane)) == [], lane


@pytest.mark.parametrize("situation", ALL, ids=lambda one: one.title)
def test_situations_have_paths_that_their_facts_allow(situation: Situation) -> None:
    for clear in (situation.build.network(), unknown_ids(situation.build.network())):
        network = relabel(clear, names_only=True)
        pulled = [lane for pull in pulls(network, situation.options) for lane in pull.lanes]
        needed = [need.lane for need in needs(network, situation.options)]
        for lane in (*judge(network, options=situation.options), *pulled, *needed):
            assert objections(network, lane) == [], lane
            assert list(unheard(network, lane)) == [], lane


def test_a_path_that_facts_do_not_allow_is_objected_to() -> None:
    network = base().network()
    (lane,) = (one for one in judge(network, ["s3"]) if one.subnet == "app-a")
    start, table, route, nat = lane.hops

    def told(*hops: Hop, kind: LaneKind = LaneKind.NAT) -> list[str]:
        return objections(network, replace(lane, hops=hops, kind=kind))

    assert told(*lane.hops) == []
    assert told(table, route, nat) != []
    assert told(start, route, nat) != []
    assert told(start, table, nat) != []
    assert (
        told(start, replace(table, key="rt-app-b", text="route table rt-app-b"), route, nat) != []
    )
    assert told(start, table, replace(route, key="rt-pub:0.0.0.0/0"), nat) != []
    assert told(start, table, route, replace(nat, key="nat-b", text="NAT gateway nat-b")) != []
    assert told(start, table, route, replace(nat, text="NAT gateway nat-b")) != []
    assert told(start, table, route, replace(nat, kind="NAT")) != []
    assert told(start, table, route) != []
    assert told(start, table, route, nat, kind=LaneKind.NONE) != []


def test_words_that_are_no_sentence_of_ours_or_of_other_facts_are_unheard_of() -> None:
    network = relabel(base().interface("s3", "app-a", private_dns=False).network(), names_only=True)
    (lane,) = (one for one in judge(network, ["s3"]) if one.subnet == "app-a")

    def told(**changes: object) -> list[str]:
        return list(unheard(network, replace(lane, **changes)))  # type: ignore[arg-type] # any field

    assert told() == []
    assert told(reason=lane.reason.upper()) != []
    assert told(reason=lane.reason.replace("<nat-a>", "<nat-z>")) != []
    assert told(reason=lane.reason.replace("<nat-a>", "nat-a")) != []
    assert told(reason=lane.reason, kind=LaneKind.REMOTE_NAT) != []
    assert told(missing=("None",)) != []
    assert told(fix=("None",)) != []
    assert told(rejected=(replace(lane.rejected[0], why="it is None"),)) != []
    assert told(rejected=(replace(lane.rejected[0], name="vpce-s3"),)) != []
