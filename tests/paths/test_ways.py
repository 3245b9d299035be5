"""How the ends of several ways are put together where an edge leaves open which one it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from privatelane_paths.index import Index
from privatelane_paths.known import Key, Ref
from privatelane_paths.verdicts import Hop, LaneKind, Outcome, Outcomes, unknown
from privatelane_paths.ways import each
from tests.paths.build import Build

WHICH = "which of them it is"
UNSEEN = unknown("what nobody sees")


def step(key: Key) -> Outcomes:
    """A way through `a` ends at a NAT gateway, any other at a gateway endpoint."""
    kind = LaneKind.NAT if key == "a" else LaneKind.GATEWAY_ENDPOINT
    return (Outcome(kind, f"through {key}"),)


def nat(*missing: str) -> Outcome:
    return Outcome(LaneKind.NAT, "through a", (), missing)


def gateway(key: Key, *missing: str) -> Outcome:
    return Outcome(LaneKind.GATEWAY_ENDPOINT, f"through {key}", (), missing)


def lost(key: Key, *missing: str) -> Outcome:
    """A route to something that is deleted in the same update becomes a blackhole."""
    reason = f"the route leads to {key}, which this update deletes"
    return Outcome(LaneKind.BROKEN, reason, (Hop(key, "gone", key),), missing)


@pytest.mark.parametrize(
    ("edge", "found"),
    [
        (None, UNSEEN),
        (Ref.to("a"), (nat(),)),
        (Ref.to("x"), (lost("x"),)),
        (Ref.one_of("ab", WHICH), (gateway("b", WHICH), nat(WHICH))),
        (Ref.one_of("bc", WHICH), (gateway("b"),)),
        (Ref.one_of("bx", WHICH), (gateway("b", WHICH), lost("x", WHICH))),
        (Ref.one_of("xy", WHICH), (lost("x"),)),
        (
            Ref.anything(WHICH, "a"),
            (nat(WHICH), replace(UNSEEN[0], missing=("what nobody sees", WHICH))),
        ),
        (Ref.anything(WHICH), UNSEEN),
    ],
)
def test_every_candidate_of_an_edge_is_followed_and_what_nobody_sees_where_it_is_open(
    edge: Ref | None, found: Outcomes
) -> None:
    index = Index(Build().gone("x", "y").network())

    assert each(index, edge, step, UNSEEN) == found
