"""What AWS answered, in plain values, by region and account; and all of it as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from lane.sources.calls import CALL_OF
from privatelane_paths.known import Key, Maybe, Unknown

if TYPE_CHECKING:
    from privatelane_paths.facts import Prefix

__all__ = [
    "Answers",
    "Names",
    "Record",
    "Shown",
    "all_known",
    "items",
    "prefix",
    "tag",
    "text",
    "texts",
]

#: One object of an answer, as the AWS CLI prints it.
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Answers:
    """The answers of one region of one account; either is `None` where nobody says.

    `records` holds what was answered, under AWS's own keys. `unread` says why an answer is missing
    or not whole; a key in neither was not asked for, and AWS's defaults are supposed.
    """

    account: str | None
    region: str | None
    records: Mapping[str, Sequence[Record]]
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The place in words."""
        parts = [self.region or "", f"account {self.account}" if self.account else ""]
        return " of ".join(part for part in parts if part) or "the saved answers"

    def missing(self, key: str) -> str:
        """The fact that is missing with an answer, in words; empty when it is there."""
        why = self.unread.get(key)
        return "" if why is None else f"the {CALL_OF[key].what} of {self.where} ({why})"

    @property
    def has_network(self) -> bool:
        """Whether it is about a network, and not about zones or services alone."""
        return any(self.records.get(key) for key in ("Vpcs", "Subnets", "RouteTables"))


class Shown:
    """The answers of all places together: each object once, as its owner sees it."""

    def __init__(self, places: Sequence[Answers]) -> None:
        self.places = places

    def of(self, key: str) -> Iterator[tuple[Record, Answers]]:
        """The records under a key and where each was read, sorted by id."""
        return iter(self._records(key).values())

    def get(self, key: str, identifier: str) -> Record | None:
        """One record by its id."""
        found = self._records(key).get(identifier)
        return None if found is None else found[0]

    @cached_property
    def _kept(self) -> dict[str, dict[str, tuple[Record, Answers]]]:
        return {}

    def _records(self, key: str) -> dict[str, tuple[Record, Answers]]:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._merged(key)
        return found

    def _merged(self, key: str) -> dict[str, tuple[Record, Answers]]:
        call = CALL_OF[key]
        best: dict[str, tuple[tuple[bool, int], Record, Answers]] = {}
        for place in self.places:
            for record in place.records.get(key, ()):
                identifier = text(record, call.id)
                if identifier is None:
                    continue
                owner = text(record, call.owner) if call.owner else None
                rank = (owner is not None and owner == place.account, len(record))
                if identifier not in best or rank > best[identifier][0]:
                    best[identifier] = (rank, record, place)
        return {one: best[one][1:] for one in sorted(best)}

    def missing(self, key: str) -> str:
        """What is missing of an answer anywhere."""
        return next((why for place in self.places if (why := place.missing(key))), "")

    def missing_everywhere(self, key: str) -> str:
        """What is missing of an answer when no place that shows a network has it."""
        told = [place.missing(key) for place in self.places if place.has_network]
        return told[0] if told and all(told) else ""

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts that were looked into."""
        return frozenset(place.account for place in self.places if place.account)


def text(record: Record, name: str) -> str | None:
    """A text field; what is absent, empty or of another type is `None`."""
    value = record.get(name)
    return value if isinstance(value, str) and value else None


def texts(record: Record, name: str) -> tuple[str, ...]:
    """A field that lists texts."""
    value = record.get(name)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def items(record: Record, name: str) -> tuple[Record, ...]:
    """A field that lists objects."""
    value = record.get(name)
    return (
        tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()
    )


def prefix(value: str, of: str) -> Maybe[Prefix]:
    """A CIDR; AWS writes none that is not valid."""
    try:
        return ip_network(value, strict=False)
    except ValueError:
        return Unknown(f"a valid CIDR in place of {value!r} of {of}")


def all_known(found: Iterable[Maybe[Prefix]]) -> Maybe[tuple[Prefix, ...]]:
    """The prefixes, or what is missing of the first that is not known."""
    known: list[Prefix] = []
    for one in found:
        if isinstance(one, Unknown):
            return one
        known.append(one)
    return tuple(dict.fromkeys(known))


def tag(record: Record, name: str) -> str | None:
    """The value of a tag."""
    for one in items(record, "Tags"):
        if one.get("Key") == name:
            return text(one, "Value")
    return None


class Names:
    """What objects are called: the tag `Name`, with the id beside it where several have it."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._taken: dict[str, dict[str, int]] = {}

    def of(self, key: str, record: Record) -> Key:
        """The name of a record."""
        identifier = text(record, CALL_OF[key].id) or ""
        name = tag(record, "Name")
        if name is None:
            return identifier
        return name if self._counts(key).get(name, 1) == 1 else f"{name} ({identifier})"

    def _counts(self, key: str) -> dict[str, int]:
        found = self._taken.get(key)
        if found is None:
            found = self._taken[key] = {}
            for record, _ in self._shown.of(key):
                name = tag(record, "Name")
                if name is not None:
                    found[name] = found.get(name, 0) + 1
        return found
