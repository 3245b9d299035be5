"""One resource as Pulumi knows it, in plain values: what every Pulumi source hands to the adapter.

The policy SDK, `pulumi preview --json` and `pulumi stack export` differ in how they write secrets,
unknowns and dependencies. Each reader removes those differences here, so that one adapter
(`graph.network_of`) serves them all and the same stack gives the same facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from privatelane_paths.known import Maybe, Unknown

__all__ = [
    "COMPUTED",
    "SECRET",
    "SENTINELS",
    "Provider",
    "Reading",
    "Resource",
    "StackSettings",
    "UnusableInputError",
    "name_of",
    "type_of",
]

#: What the engine writes for an unknown boolean, number, text, list, asset, archive and object.
SENTINELS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)

#: Stands in a tree for a value that the engine only learns during the update.
COMPUTED = Unknown("a value that is known only after the update")
#: Stands in a tree for a secret that the source does not reveal.
SECRET = Unknown("a secret value")


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider instance of a resource; `region` and `account` are `None` where not shown."""

    urn: str = ""
    region: str | Unknown | None = None
    account: str | Unknown | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the desired state (or, with `delete`, one that this update removes).

    `inputs` is `None` when the source does not show them (a read, a resource the engine did not
    check), which differs from an empty mapping: declared with no arguments. Trees hold plain
    values, lists, mappings and `Unknown`. `property_dependencies` has an empty tuple where the
    source says "depends on something, but on nothing shown here", and no key where it says nothing.
    """

    urn: str
    type: str
    name: str
    inputs: Mapping[str, object] | None
    outputs: Mapping[str, object] = field(default_factory=dict)
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()
    parent: str = ""
    id: str | None = None
    provider: Provider = Provider()
    custom: bool = True
    external: bool = False
    delete: bool = False
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StackSettings:
    """What a source knows besides resources.

    `region` is that of the stack's default AWS provider. `unread` names, per kind of fact, why the
    source does not show all of them.
    """

    region: Maybe[str] = field(
        default_factory=lambda: Unknown("the region, which neither a resource nor a provider names")
    )
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file of Pulumi's says: the resources, what holds for all of them, the stack's name."""

    resources: tuple[Resource, ...]
    settings: StackSettings
    stack: str


class UnusableInputError(ValueError):
    """A file is not what it should be; the text is one sentence that says what it is instead."""


def type_of(urn: str) -> str:
    """The type token in a URN (`urn:pulumi:stack::project::parent$type::name`), else nothing."""
    parts = urn.split("::", 3)
    return parts[2].rpartition("$")[2] if len(parts) == 4 else ""  # noqa: PLR2004


def name_of(urn: str) -> str:
    """The logical name in a URN; a key that is no URN, such as an AWS id, names itself."""
    parts = urn.split("::", 3)
    return parts[3] if len(parts) == 4 else urn  # noqa: PLR2004
