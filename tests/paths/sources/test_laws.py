"""What holds for every program: the form in which a stack is read changes nothing about it."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane_paths.facts import Network
from privatelane_paths.known import Ref, Refs, Unknown
from privatelane_paths.sources.export import read_export
from privatelane_paths.sources.graph import network_of
from privatelane_paths.sources.preview_json import read_preview
from tests.paths.sources.world import world

WORLD = world()
KINDS = [one.name for one in fields(Network) if one.name not in ("unread", "gone", "opaques")]


def undecided(tree: object) -> list[str]:
    """Every missing fact in a tree of facts."""
    if isinstance(tree, (Unknown, Ref, Refs)):
        return [tree.missing] if tree.missing else []
    if isinstance(tree, (tuple, list)):
        return [one for part in tree for one in undecided(part)]
    if is_dataclass(tree):
        return [one for part in fields(tree) for one in undecided(getattr(tree, part.name))]
    return []


@pytest.mark.parametrize("kind", KINDS)
def test_the_world_has_every_kind_of_fact(kind: str) -> None:
    assert getattr(network_of(WORLD.resources(known=False)), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_ids_unknown_or_known_the_facts_are_the_same(kind: str) -> None:
    before = getattr(network_of(WORLD.resources(known=False)), kind)
    after = getattr(network_of(WORLD.resources(known=True)), kind)

    assert before == after


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_says_what_the_stack_says(kind: str) -> None:
    reading = read_export(json.loads(json.dumps(WORLD.export())))

    found = network_of(reading.resources, reading.settings)

    assert getattr(found, kind) == getattr(network_of(WORLD.resources(known=True)), kind)
    assert reading.stack == "dev"


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_says_what_the_stack_says(kind: str) -> None:
    reading = read_preview(json.loads(json.dumps(WORLD.preview())))

    found = network_of(reading.resources, reading.settings)

    assert getattr(found, kind) == getattr(network_of(WORLD.resources(known=False)), kind)


@given(st.randoms(use_true_random=False))
def test_the_order_of_resources_changes_nothing(random: object) -> None:
    resources = WORLD.resources(known=False)
    random.shuffle(resources)  # type: ignore[attr-defined]

    assert network_of(resources) == network_of(WORLD.resources(known=False))


@given(st.data())
def test_a_resource_that_is_not_shown_adds_no_certainty(data: st.DataObject) -> None:
    """What remains may become unknown, but no edge gets a target that it had not before."""
    resources = WORLD.resources(known=False)
    hidden = data.draw(st.sampled_from([one.urn for one in resources]))
    whole = network_of(resources)
    rest = network_of([one for one in resources if one.urn != hidden])

    before = {one.key: one for one in whole.endpoints}
    for endpoint in rest.endpoints:
        known = before[endpoint.key]
        for name in ("route_tables", "subnets"):
            assert getattr(endpoint, name).certain <= getattr(known, name).certain | {hidden}


def test_only_what_nobody_can_know_is_undecided() -> None:
    """AWS does not publish the ranges of its lists to a program, nor who owns the account."""
    network = network_of(WORLD.resources(known=False))
    found = {one for kind in KINDS for one in undecided(getattr(network, kind))}

    assert {one.partition(" for ")[0].partition(" of ")[0] for one in found} <= {
        "the account",
        "the address ranges",
        "the prefixes that vpn propagates",
        "the VPC",
    }
