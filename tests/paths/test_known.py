"""Edges keep their candidates, and sets of edges add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane_paths.known import Ref, Refs, Unknown

KEYS = st.sets(st.sampled_from("abcd"))
REFS = st.one_of(
    KEYS.map(Refs.of),
    st.builds(lambda some, sure: Refs.some_of(some, "m", sure), KEYS, KEYS),
    KEYS.map(lambda sure: Refs.anything("n", sure)),
)


@given(REFS, REFS, st.sampled_from("abcde"))
def test_a_union_has_what_either_has(one: Refs, other: Refs, key: str) -> None:
    both = one | other

    assert both.must_have(key) == (one.must_have(key) or other.must_have(key))
    assert both.may_have(key) == (one.may_have(key) or other.may_have(key))
    assert both == other | one
    assert both | one == both


@given(REFS)
def test_a_set_is_decided_exactly_when_nothing_is_missing(refs: Refs) -> None:
    assert refs.decided == (not refs.possible and not refs.open) == (not refs.missing)
    assert refs | Refs() == refs


@given(KEYS)
def test_one_of_a_single_candidate_is_that_one(keys: set[str]) -> None:
    edge = Ref.one_of(keys, "m")

    assert edge.decided == (len(keys) == 1)
    assert edge.open == (not keys)
    assert all(edge.may_be(key) for key in keys)
    assert all(edge.must_be(key) == (len(keys) == 1) for key in keys)


def test_an_open_edge_may_be_anything_and_must_be_nothing() -> None:
    edge = Ref.anything("m", ["a"])

    assert edge.may_be("a")
    assert edge.may_be("z")
    assert not edge.must_be("a")
    assert not edge.decided


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="sorted and distinct"):
        Ref(("b", "a"), "m")
    with pytest.raises(ValueError, match="name the missing fact"):
        Ref(("a", "b"))
    with pytest.raises(ValueError, match="not both"):
        Refs(frozenset("a"), frozenset("a"), "m")
    with pytest.raises(ValueError, match="exactly when"):
        Refs(frozenset("a"), frozenset(), "m")
    with pytest.raises(ValueError, match="exactly when"):
        Refs(frozenset(), frozenset("a"))
    with pytest.raises(ValueError, match="must name"):
        Unknown("")


def test_what_is_wrong_with_an_edge_is_said() -> None:
    with pytest.raises(ValueError, match=r"^an Unknown must name the missing fact$"):
        Unknown("")
    with pytest.raises(
        ValueError, match=r"^the candidates of an edge are sorted and distinct, not"
    ):
        Ref(("b", "a"), "m")
    with pytest.raises(ValueError, match=r"^an undecided edge must name the missing fact$"):
        Ref(("a", "b"))
    with pytest.raises(ValueError, match=r"^a target is a certain or a possible member, not both$"):
        Refs(frozenset("a"), frozenset("a"), "m")
    with pytest.raises(ValueError, match=r"^a set of edges names the missing fact exactly when it"):
        Refs(frozenset(), frozenset("a"))
