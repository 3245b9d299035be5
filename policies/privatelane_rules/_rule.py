"""A rule: the check, and beside it all that people are told about the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privatelane_paths.known import Key
    from privatelane_rules._stack import Stack

__all__ = ["Check", "Finding", "Framework", "Level", "Remedy", "Rule", "Severity", "undecided"]


class Severity(Enum):
    """How bad the defect is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(Enum):
    """What a violation does: a note, or the end of the preview. Configuration can change it."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"


@dataclass(frozen=True, slots=True)
class Framework:
    """The control of a published framework that a rule serves."""

    name: str
    version: str
    reference: str
    specification: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect: the resource it is reported on and what an exemption can be matched against.

    `undecided`: the defect may be there, but a fact is missing to tell. That is a note, or under
    `strict` a violation like any other; it is never a pass. `tell` writes the text for some of the
    services only, where they can be exempted one by one.
    """

    key: Key
    text: str
    subnet: Key = ""
    services: tuple[str, ...] = ()
    undecided: bool = False
    tell: Callable[[tuple[str, ...]], str] | None = field(default=None, compare=False)

    def about(self, services: tuple[str, ...]) -> Finding:
        """The finding for some of its services."""
        if self.tell is None or services == self.services:
            return self
        return replace(self, text=self.tell(services), services=services)


def undecided(key: Key, what: str, missing: str) -> Finding:
    """The finding that `what` cannot be told without the missing fact."""
    return Finding(key, f"Cannot be decided: {what}. Missing is {missing}.", undecided=True)


Check = Callable[["Stack"], Iterable[Finding]]
#: New values for inputs of a resource of one type, nested as they are, or nothing to leave it.
Remedy = Callable[[Mapping[str, object]], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the pack. Its `id` names the defect, so that "allow <id>" reads as a sentence.

    `url` is AWS's own page on the matter. `wrong` has the defect and `right` mends it: parts of a
    program in Python. `remedies` maps a resource type to the mechanical fix of one such resource;
    Pulumi applies it where the rule's level is configured as `remediate`.
    """

    id: str
    title: str
    severity: Severity
    level: Level
    why: str
    fix: str
    check: Check
    framework: Framework
    url: str
    wrong: str = ""
    right: str = ""
    tags: tuple[str, ...] = ()
    remedies: Mapping[str, Remedy] = field(default_factory=dict)
