"""The prover and packets that are walked agree, on networks that have everything at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paths.agreement import check
from tests.paths.generate import random_network, seeded

if TYPE_CHECKING:
    from random import Random

#: A fixed part of the long run, so that `make test` sees the same networks everywhere.
SEEDS = range(250)


@pytest.mark.parametrize("start", range(0, len(SEEDS), 25))
def test_lanes_are_what_packets_do_on_fixed_networks(start: int) -> None:
    for seed in SEEDS[start : start + 25]:
        check(random_network(seeded(seed)))


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_lanes_are_what_packets_do(random: Random) -> None:
    check(random_network(random))


def test_the_fixed_networks_reach_every_kind_of_lane() -> None:
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        counts += check(random_network(seeded(seed)))

    assert {kind for kind, count in counts.items() if count >= 5} == {
        "gateway-endpoint",
        "interface-endpoint",
        "nat",
        "remote-nat",
        "internet-gateway",
        "broken",
        "none",
        "unknown",
    }
