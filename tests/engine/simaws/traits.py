"""How the real provider treats the properties of each type: `traits.json`, one entry a type.

The schema derived from `pulumi_aws` says which properties there are; it does not say which of
them force a replacement, which AWS fills in when they are left out, or which lists are sets.
Those facts are the terraform provider's, and each entry names the file that they were read from.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.engine.simaws.schema import Schema

_DEFAULT_LONGEST_NAME = 255


@dataclass(frozen=True)
class Autoname:
    """A name that the provider makes when the program gives none."""

    property: str
    longest: int
    #: `*` stands for the resource's Pulumi name.
    pattern: str = "*"


@dataclass(frozen=True)
class Traits:
    """The facts of one type; a type without an entry has none of them."""

    #: The terraform provider's file, under internal/service/.
    source: str = ""
    #: Properties (or `parent.child` paths) whose change replaces the resource: ForceNew.
    replaces: frozenset[str] = frozenset()
    #: Properties that replace the resource only when they are changed or taken away (`altered`),
    #: or only when they are taken away (`removed`): ForceNew on a condition.
    replaces_altered: frozenset[str] = frozenset()
    replaces_removed: frozenset[str] = frozenset()
    #: Outputs that a preview of any update but one of tags does not know.
    recomputed: frozenset[str] = frozenset()
    #: Inputs that AWS fills in when the program leaves them out: Optional and Computed.
    computed: frozenset[str] = frozenset()
    #: Lists whose order says nothing: TypeSet.
    sets: frozenset[str] = frozenset()
    #: Texts compared as JSON documents; objects are accepted and become text.
    json: frozenset[str] = frozenset()
    defaults: dict[str, Any] = field(default_factory=dict)
    conflicts: list[list[str]] = field(default_factory=list)
    exactly_one: list[list[str]] = field(default_factory=list)
    values: dict[str, list[Any]] = field(default_factory=dict)
    cidrs: frozenset[str] = frozenset()
    autoname: Autoname | None = None
    unnamed: bool = False
    #: The bridge deletes the old one first: two cannot stand side by side.
    delete_first: bool = False

    def autoname_of(self, schema: Schema) -> Autoname | None:
        """How the type is named: by its entry, or as the bridge names whatever has a `name`."""
        if self.autoname is not None or self.unnamed:
            return self.autoname
        name = schema.inputs.get("name")
        if name is None or name.required or name.type != {"type": "string"}:
            return None
        return Autoname("name", _DEFAULT_LONGEST_NAME)


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads(
        Path(__file__).with_name("traits.json").read_text()
    )
    return loaded


def types_with_traits() -> list[str]:
    """The types that have an entry, sorted."""
    return sorted(_table())


@functools.cache
def traits_of(token: str) -> Traits:
    """The entry of a type; for a type without one, only that `region` replaces."""
    entry = _table().get(token, {})
    naming = entry.get("autoname")
    return Traits(
        source=entry.get("source", ""),
        replaces=frozenset(entry.get("replaces", [])) | {"region"},
        replaces_altered=frozenset(entry.get("replacesAltered", [])),
        replaces_removed=frozenset(entry.get("replacesRemoved", [])),
        recomputed=frozenset(entry.get("recomputed", [])),
        computed=frozenset(entry.get("computed", [])) | {"region"},
        sets=frozenset(entry.get("sets", [])),
        json=frozenset(entry.get("json", [])),
        defaults=entry.get("defaults", {}),
        conflicts=entry.get("conflicts", []),
        exactly_one=entry.get("exactlyOne", []),
        values=entry.get("values", {}),
        cidrs=frozenset(entry.get("cidrs", [])),
        autoname=Autoname(**naming) if naming else None,
        unnamed=entry.get("unnamed", False),
        delete_first=entry.get("deleteFirst", False),
    )
