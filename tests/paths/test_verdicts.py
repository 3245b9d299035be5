"""How several possible outcomes become one lane."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane_paths.verdicts import (
    Hop,
    LaneKind,
    Outcome,
    Outcomes,
    Verdict,
    branch,
    either,
    settle,
    through,
    unknown,
)

NAT, GATEWAY, BROKEN, NONE = LaneKind.NAT, LaneKind.GATEWAY_ENDPOINT, LaneKind.BROKEN, LaneKind.NONE
HOP = Hop("t", "route-table", "route table t")
OTHER = Hop("u", "route-table", "route table u")

OUTCOMES = st.builds(
    lambda kind, reason, missing: Outcome(
        kind, reason, (), tuple(sorted(missing | ({"x"} if kind is LaneKind.UNKNOWN else set())))
    ),
    st.sampled_from(LaneKind),
    st.sampled_from("pq"),
    st.sets(st.sampled_from("abc")),
)
SETS = st.lists(OUTCOMES, min_size=1).map(either)


def test_the_verdicts_of_all_kinds() -> None:
    assert {kind.value: kind.verdict.value for kind in LaneKind} == {
        "gateway-endpoint": "proved",
        "interface-endpoint": "proved",
        "nat": "refuted",
        "remote-nat": "refuted",
        "internet-gateway": "proved",
        "broken": "proved",
        "none": "proved",
        "unknown": "unknown",
    }


@given(st.lists(OUTCOMES, min_size=1))
def test_each_kind_is_kept_once_and_none_is_lost(outcomes: list[Outcome]) -> None:
    kept = either(outcomes)

    assert [one.kind for one in kept] == sorted(
        {one.kind for one in outcomes}, key=list(LaneKind).index
    )
    for one in outcomes:
        (same,) = (other for other in kept if other.kind is one.kind)
        assert len(same.missing) <= len(one.missing)


@given(st.lists(OUTCOMES, min_size=1))
def test_the_order_of_outcomes_does_not_matter(outcomes: list[Outcome]) -> None:
    assert either(outcomes) == either(reversed(outcomes))


@given(SETS, SETS)
def test_cases_that_end_alike_do_not_depend_on_what_chooses_them(
    one: Outcomes, other: Outcomes
) -> None:
    found = branch(((one, ("chooser",)), (other, ("chooser",))))
    alike = {end.kind for end in one} == {end.kind for end in other}

    assert {end.kind for end in found} == {end.kind for end in (*one, *other)}
    assert all(("chooser" in end.missing) != alike for end in found)


@given(SETS)
def test_a_single_case_is_what_it_is(outcomes: Outcomes) -> None:
    assert branch([(outcomes, ("chooser",))]) == outcomes


@given(SETS)
def test_a_verdict_is_given_only_if_all_agree_on_it(outcomes: Outcomes) -> None:
    end = settle(outcomes)
    verdicts = {one.kind.verdict for one in outcomes}
    split = not any(one.missing for one in outcomes)
    expected = verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN

    assert end.kind.verdict is (Verdict.REFUTED if split and verdicts else expected)
    assert end.kind is not LaneKind.UNKNOWN or end.missing


def test_traffic_that_splits_for_certain_is_refuted_by_its_part_through_a_nat() -> None:
    ends = either([Outcome(NAT, "by nat", (HOP,)), Outcome(GATEWAY, "by s3")])

    assert settle(ends) == Outcome(NAT, "some of the traffic takes it: by nat", (HOP,))


def test_one_kind_names_nothing_missing() -> None:
    outcome = Outcome(NAT, "r", (HOP,), ("which NAT gateway",))

    assert settle((outcome,)) == Outcome(NAT, "r", (HOP,), ())


def test_an_unknown_end_keeps_what_is_missing() -> None:
    assert settle(unknown("the target")) == Outcome(
        LaneKind.UNKNOWN, "it cannot be decided without the target", (), ("the target",)
    )


def test_kinds_of_one_verdict_settle_on_what_supposes_least() -> None:
    end = settle(
        either([Outcome(GATEWAY, "by s3", (HOP,), ("f",)), Outcome(BROKEN, "filtered", (OTHER,))])
    )

    assert end == Outcome(BROKEN, "filtered (or gateway-endpoint: by s3)", (OTHER,), ("f",))


def test_kinds_of_one_verdict_that_suppose_alike_settle_in_the_order_of_kinds() -> None:
    ends = [Outcome(NONE, "n", (), ("f",)), Outcome(BROKEN, "b", (), ("g",))]

    assert settle(either(ends)) == Outcome(BROKEN, "b (or none: n)", (), ("f", "g"))


def test_kinds_of_several_verdicts_are_unknown_and_name_all_facts() -> None:
    ends = either([
        Outcome(NAT, "by nat", (HOP, OTHER), ("f",)),
        Outcome(GATEWAY, "by s3", (HOP,), ("e", "f")),
    ])  # fmt: skip

    assert settle(ends) == Outcome(
        LaneKind.UNKNOWN,
        "it cannot be decided which holds: nat: by nat; or gateway-endpoint: by s3",
        (HOP,),
        ("e", "f"),
    )


def test_hops_go_before_and_facts_are_sorted_once() -> None:
    found = through((Outcome(NAT, "r", (HOP,), ("b",), ("fix",)),), OTHER, missing=("c", "a", "b"))

    assert found == (Outcome(NAT, "r", (OTHER, HOP), ("a", "b", "c"), ("fix",)),)


def test_nothing_to_add_changes_nothing() -> None:
    outcomes = (Outcome(NAT, "r"),)

    assert through(outcomes) is outcomes


@pytest.mark.parametrize(
    ("first", "second"), [((), (HOP,)), ((HOP,), (HOP, OTHER)), ((HOP,), (OTHER,))]
)
def test_shorter_ways_go_before_longer_ones(
    first: tuple[Hop, ...], second: tuple[Hop, ...]
) -> None:
    one, other = Outcome(NAT, "r", first), Outcome(NAT, "r", second)

    assert either([other, one]) == (one,)
