"""Labels and taints: what Kubernetes accepts, and what a kubelet may set on its own node."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane.nodes._node_labels import (
    EFFECTS,
    Taint,
    check_labels,
    check_taints,
    node_labels_flag,
    scaling_tags,
)

NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,20}[A-Za-z0-9])?", fullmatch=True)
DOMAINS = st.from_regex(r"[a-z]([a-z-]{0,8}[a-z])?(\.[a-z]{2,5}){1,2}", fullmatch=True)
KEYS = st.one_of(NAMES, st.builds("{}/{}".format, DOMAINS, NAMES))
TAINTS = st.lists(
    st.fixed_dictionaries(
        {"key": KEYS, "effect": st.sampled_from(sorted(EFFECTS))}, optional={"value": NAMES}
    ),
    unique_by=lambda one: (one["key"], one["effect"]),
    max_size=6,
)


def refused(check: object, given_: object, **how: Any) -> str:
    assert callable(check)
    with pytest.raises(InvalidInput) as caught:
        check(given_, **how)
    return str(caught.value)


@given(labels=st.dictionaries(KEYS, NAMES, max_size=5), managed=st.booleans())
def test_labels_outside_reserved_domains_are_taken_as_they_are(
    labels: dict[str, str], managed: bool
) -> None:
    checked = check_labels(labels, managed=managed)
    assert checked == labels
    assert list(checked) == sorted(labels)


@given(name=NAMES, reserved=st.sampled_from(["kubernetes.io", "k8s.io", "eks.amazonaws.com"]))
def test_a_node_never_labels_itself_in_a_reserved_domain(name: str, reserved: str) -> None:
    for prefix in (reserved, f"node-role.{reserved}", f"topology.{reserved}"):
        assert "whose prefix is reserved" in refused(
            check_labels, {f"{prefix}/{name}": "x"}, managed=True
        )


@given(name=NAMES)
def test_the_domain_for_nodes_is_free(name: str) -> None:
    labels = {f"node.kubernetes.io/{name}": "x"}
    assert check_labels(labels, managed=True) == labels


@given(taints=TAINTS, managed=st.booleans())
def test_taints_keep_their_order(taints: list[dict[str, str]], managed: bool) -> None:
    assert check_taints(taints, managed=managed) == tuple(
        Taint(one["key"], one.get("value", ""), one["effect"]) for one in taints
    )


@given(taints=TAINTS.filter(bool))
def test_one_taint_given_twice_is_refused(taints: list[dict[str, str]]) -> None:
    again = {**taints[0], "value": "other"}
    assert "twice, a node has one taint of a key and an effect" in refused(
        check_taints, [*taints, again], managed=True
    )


def test_one_key_may_have_two_effects() -> None:
    taints = [{"key": "a", "effect": effect} for effect in EFFECTS]
    assert len(check_taints(taints, managed=True)) == 3


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (
            {"node-role.kubernetes.io/worker": "x"},
            (
                "labels has 'node-role.kubernetes.io/worker', whose prefix is reserved; a node may"
                " set its own labels only under another domain or 'node.kubernetes.io/'"
            ),
        ),
        (
            {"team!": "x"},
            (
                "labels holds the key 'team!', it must be a name such as 'team' or"
                " 'example.com/team'"
            ),
        ),
        (
            {"/team": "x"},
            (
                "labels holds the key '/team', it must be a name such as 'team' or"
                " 'example.com/team'"
            ),
        ),
        (
            {f"example.com/{'a' * 60}": "x"},
            (
                f"labels holds the key 'example.com/{'a' * 60}', EKS takes keys of up to 63"
                " characters"
            ),
        ),
        (
            {"team": "a b"},
            (
                "labels.team is 'a b', it must be text of up to 63 letters, digits, '-', '_' and"
                " '.' that begins and ends with a letter or digit"
            ),
        ),
        (
            {"team": ""},
            (
                "labels.team is '', it must be text of up to 63 letters, digits, '-', '_' and '.'"
                " that begins and ends with a letter or digit"
            ),
        ),
        (["team"], "labels is a list, it must be a plain map"),
    ],
)
def test_a_label_that_keeps_a_node_from_joining_is_refused(labels: object, sentence: str) -> None:
    assert refused(check_labels, labels, managed=True) == sentence


def test_what_eks_alone_refuses_is_free_for_nodes_it_does_not_manage() -> None:
    labels = {f"example.com/{'a' * 60}": ""}
    assert check_labels(labels, managed=False) == labels


@pytest.mark.parametrize(
    ("taint", "sentence"),
    [
        (
            {"key": "a", "effect": "NoSchedule"},
            (
                "taints[0].effect is 'NoSchedule', it must be one of 'NO_SCHEDULE', 'NO_EXECUTE' or"
                " 'PREFER_NO_SCHEDULE'; did you mean 'NO_SCHEDULE'?"
            ),
        ),
        ({"effect": "NO_EXECUTE"}, "taints[0].key is None, it must be plain text"),
        (
            {"key": "a", "effects": "NO_EXECUTE"},
            "taints[0] has no argument 'effects', did you mean 'effect'?",
        ),
        (
            {"key": "a", "value": "x:y", "effect": "NO_EXECUTE"},
            (
                "taints[0].value is 'x:y', it must be text of up to 63 letters, digits, '-', '_'"
                " and '.' that begins and ends with a letter or digit"
            ),
        ),
        ("a", "taints[0] is 'a', it must be a plain map"),
    ],
)
def test_a_taint_that_no_node_can_have_is_refused(taint: object, sentence: str) -> None:
    assert refused(check_taints, [taint], managed=True) == sentence


def test_a_node_has_fifty_taints_at_most() -> None:
    taints = [{"key": f"k{number}", "effect": "NO_EXECUTE"} for number in range(51)]
    assert len(check_taints(taints[:50], managed=True)) == 50
    assert refused(check_taints, taints, managed=True) == (
        "taints has 51 taints, EKS takes 50 at most"
    )


def test_the_kubelet_and_the_autoscaler_are_told_in_their_own_words() -> None:
    labels = {"b": "2", "a": "1"}
    taints = [Taint("gpu", "yes", "NO_SCHEDULE"), Taint("old", "", "PREFER_NO_SCHEDULE")]
    assert node_labels_flag(labels) == "--node-labels=a=1,b=2"
    template = "k8s.io/cluster-autoscaler/node-template"
    assert scaling_tags(labels, taints) == {
        f"{template}/label/a": "1",
        f"{template}/label/b": "2",
        f"{template}/taint/gpu": "yes:NoSchedule",
        f"{template}/taint/old": ":PreferNoSchedule",
    }
