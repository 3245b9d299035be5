"""What is known, and by name what is not: the three-valued ground every fact stands on.

A property is known (a plain value), absent (`None`), or `Unknown`. An edge is a `Ref` (one target)
or `Refs` (a set of targets). None of them guesses: what a source could not decide is kept with the
missing fact in words, so that a verdict of `unknown` can name it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

__all__ = ["Key", "Maybe", "Ref", "Refs", "Unknown"]

#: Opaque identity of a fact: a URN in a preview or an export, an AWS id on a live account.
Key = str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the source could not tell. `missing` names the fact, as in "the value of X"."""

    missing: str

    def __post_init__(self) -> None:
        if not self.missing:
            raise ValueError("an Unknown must name the missing fact")


T = TypeVar("T")
Maybe: TypeAlias = T | Unknown


@dataclass(frozen=True, slots=True)
class Ref:
    """An edge to exactly one target: one of `keys`, or anything at all when `open`.

    One key and not open: decided. Several keys: it is one of them, `missing` says why it is not
    decided. Open: the target may also be something that the source does not show. A key need not
    be among the facts: a literal id of a resource outside the stack is a decided edge, too.
    """

    keys: tuple[Key, ...]
    missing: str = ""
    open: bool = False

    def __post_init__(self) -> None:
        if tuple(sorted(set(self.keys))) != self.keys:
            raise ValueError(f"the candidates of an edge are sorted and distinct, not {self.keys}")
        if not self.decided and not self.missing:
            raise ValueError("an undecided edge must name the missing fact")

    @classmethod
    def to(cls, key: Key) -> Ref:
        """The edge to `key` and nothing else."""
        return cls((key,))

    @classmethod
    def one_of(cls, keys: Iterable[Key], missing: str) -> Ref:
        """The edge to one of `keys`; a single candidate decides it."""
        candidates = tuple(sorted(set(keys)))
        if not candidates:
            return cls.anything(missing)
        return cls(candidates, "" if len(candidates) == 1 else missing)

    @classmethod
    def anything(cls, missing: str, keys: Iterable[Key] = ()) -> Ref:
        """The edge of which at most some candidates are known."""
        return cls(tuple(sorted(set(keys))), missing, open=True)

    @property
    def decided(self) -> bool:
        """Whether the target is certain."""
        return len(self.keys) == 1 and not self.open

    def may_be(self, key: Key) -> bool:
        """Whether the edge can point at `key`."""
        return self.open or key in self.keys

    def must_be(self, key: Key) -> bool:
        """Whether the edge certainly points at `key`."""
        return self.decided and key in self.keys


@dataclass(frozen=True, slots=True)
class Refs:
    """Edges to a set of targets: `certain` members, `possible` members, and, when `open`, others.

    `missing` says why membership is not decided; it is empty if and only if it is decided.
    """

    certain: frozenset[Key] = frozenset()
    possible: frozenset[Key] = frozenset()
    missing: str = ""
    open: bool = False

    def __post_init__(self) -> None:
        if self.certain & self.possible:
            raise ValueError("a target is a certain or a possible member, not both")
        if bool(self.possible or self.open) != bool(self.missing):
            raise ValueError("a set of edges names the missing fact exactly when it is undecided")

    @classmethod
    def of(cls, keys: Iterable[Key]) -> Refs:
        """Exactly these targets."""
        return cls(frozenset(keys))

    @classmethod
    def some_of(cls, keys: Iterable[Key], missing: str, certain: Iterable[Key] = ()) -> Refs:
        """The `certain` targets and perhaps some of `keys`, but nothing else."""
        sure = frozenset(certain)
        perhaps = frozenset(keys) - sure
        return cls(sure, perhaps, missing if perhaps else "")

    @classmethod
    def anything(cls, missing: str, certain: Iterable[Key] = ()) -> Refs:
        """The `certain` targets and perhaps any others."""
        return cls(frozenset(certain), frozenset(), missing, open=True)

    @property
    def decided(self) -> bool:
        """Whether the members are certain."""
        return not self.missing

    def may_have(self, key: Key) -> bool:
        """Whether `key` can be a member."""
        return self.open or key in self.certain or key in self.possible

    def must_have(self, key: Key) -> bool:
        """Whether `key` is certainly a member."""
        return key in self.certain

    def __or__(self, other: Refs) -> Refs:
        """Members of either, as when separate association resources add to an inline list."""
        certain = self.certain | other.certain
        possible = (self.possible | other.possible) - certain
        is_open = self.open or other.open
        if not possible and not is_open:
            return Refs(certain)
        told = f"{self.missing}; {other.missing}".split("; ")
        reasons = sorted({reason for reason in told if reason})
        return Refs(certain, possible, "; ".join(reasons), is_open)
