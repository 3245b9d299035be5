"""What the source shows but cannot be looked into: foreign stacks and closed components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import Opaque
from privatelane_paths.known import Refs, Unknown
from privatelane_paths.sources.nouns import SUBNET, TABLE, VPC
from privatelane_paths.sources.resource import type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from privatelane_paths.sources.index import Index
    from privatelane_paths.sources.resource import Resource

__all__ = ["opaques"]

#: Resources that may make parts of a network by means the provider does not show.
_HIDING = (
    "aws:cloudformation/stack:",
    "aws:cloudformation/stackSet:",
    "aws:cloudcontrol/",
    "aws:servicecatalog/provisionedProduct:",
    "aws-native:",
)
#: Component packages known to leave the networks they are given alone.
_HARMLESS = ("awsx:ecs:", "awsx:lb:", "awsx:ecr:", "eks:")
_GIVEN = (VPC, SUBNET, TABLE)


def opaques(index: Index) -> Iterator[Opaque]:
    """The resources that may hide networks, with the parts of ours that were handed to them."""
    for resource in index.resources:
        hiding = resource.type.startswith(_HIDING)
        if not hiding and not _is_closed(index, resource):
            continue
        given = Refs() if resource.type.startswith(_HARMLESS) else _given(index, resource)
        yield Opaque(resource.urn, resource.name, resource.type, given)


def _is_closed(index: Index, resource: Resource) -> bool:
    """Whether it is a component that was given something and shows nothing of what it made."""
    return (
        not resource.custom
        and not resource.type.startswith("pulumi:")
        and bool(resource.inputs or resource.property_dependencies)
        and next(iter(index.descendants(resource.urn)), None) is None
    )


def _given(index: Index, resource: Resource) -> Refs:
    types = frozenset().union(*(noun.types for noun in _GIVEN))
    found = {
        urn
        for urns in resource.property_dependencies.values()
        for urn in urns
        if type_of(urn) in types
    }
    found |= {
        index.key_of_id(text)
        for text in _texts((resource.inputs or {}).values())
        if any(noun.holds(text) for noun in _GIVEN)
    }
    return Refs.of(found)


def _texts(trees: Iterable[object]) -> Iterator[str]:
    for tree in trees:
        if isinstance(tree, str):
            yield tree
        elif isinstance(tree, dict):
            yield from _texts(tree.values())
        elif isinstance(tree, list):
            yield from _texts(tree)
        elif isinstance(tree, Unknown):
            continue
