"""A rule: the check, and beside it all that people are told about the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privatelane_paths.known import Key
    from privatelane_rules._stack import Stack

__all__ = ["Check", "Finding", "Framework", "Level", "Remedy", "Rule", "Severity"]


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

    `level` is set only where one finding weighs differently from its rule, as under `strict`.
    """

    key: Key
    text: str
    subnet: Key = ""
    services: tuple[str, ...] = ()
    level: Level | None = None


Check = Callable[["Stack"], Iterable[Finding]]
#: New values for inputs of a resource of one type, or nothing when there is nothing to mend.
Remedy = Callable[[Mapping[str, object]], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the pack. Its `id` names the defect, so that "allow <id>" reads as a sentence.

    `url` is AWS's own page on the matter. `remedies` maps a resource type to the mechanical fix of
    one such resource; Pulumi applies it where the rule's level is configured as `remediate`.
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
    tags: tuple[str, ...] = ()
    remedies: Mapping[str, Remedy] = field(default_factory=dict)
