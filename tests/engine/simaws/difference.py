"""What changed between two sets of checked inputs, and whether that replaces the resource."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.engine.simaws.wire import DEFAULTS, Props, Unknown, has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.simaws.traits import Traits


@dataclass(frozen=True)
class Change:
    """One changed property: its path in Pulumi's notation, and what happened to it."""

    path: str
    kind: str  # "add" | "delete" | "update"
    replace: bool

    @property
    def top(self) -> str:
        """The top-level property that the path starts at."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


def difference(traits: Traits, olds: Props, news: Props) -> list[Change]:
    """The changes from old to new inputs, by property.

    A property that AWS fills in (Optional and Computed) and that the program stops giving is no
    change; neither is the order of a set, the layout of a JSON document, or a default that the
    provider has learnt since.
    """
    changes = []
    for key in sorted((olds.keys() | news.keys()) - {DEFAULTS}):
        old, new = olds.get(key), news.get(key)
        if new is None and (key in traits.computed or _says_nothing(traits, key, old)):
            continue
        if old is None and _says_nothing(traits, key, new):
            continue
        if key in traits.json and _same_document(old, new):
            continue
        for path, kind in _compare(old, new, key, ordered=key not in traits.sets):
            whole = re.sub(r"\[[^]]*\]", "", path)
            replace = (
                any(whole == prefix or whole.startswith(prefix + ".") for prefix in traits.replaces)
                or (kind != "add" and whole in traits.replaces_altered)
                or (kind == "delete" and whole in traits.replaces_removed)
            )
            changes.append(Change(path, kind, replace))
    return changes


def same_elements(old: list[Any], new: list[Any]) -> bool:
    """Whether two lists hold the same elements, in whatever order."""
    return Counter(map(_canonical, old)) == Counter(map(_canonical, new))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _says_nothing(traits: Traits, key: str, value: object) -> bool:
    """Whether leaving the property out means the same as this value."""
    return value in (None, "", [], {}) or (key in traits.defaults and value == traits.defaults[key])


def _same_document(old: object, new: object) -> bool:
    if not (isinstance(old, str) and isinstance(new, str)):
        return False
    try:
        return bool(json.loads(old) == json.loads(new))
    except ValueError:
        return False


def _compare(old: object, new: object, path: str, *, ordered: bool) -> Iterator[tuple[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted((old.keys() | new.keys()) - {DEFAULTS}):
            yield from _compare(old.get(key), new.get(key), _child(path, key), ordered=ordered)
    elif isinstance(old, list) and isinstance(new, list):
        if not ordered and not has_unknown(new) and same_elements(old, new):
            return
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _compare(before, after, f"{path}[{index}]", ordered=ordered)
    elif old is None and new is None:
        return
    elif old is None:
        yield path, "add"
    elif new is None:
        yield path, "delete"
    elif isinstance(new, Unknown) or old != new:
        yield path, "update"


def _child(path: str, key: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key):
        return f"{path}.{key}"
    return f"{path}[{json.dumps(key)}]"
