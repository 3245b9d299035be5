"""One object for all that was found of a stack: every format is written from it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from privatelane_paths.facts import Subnet
    from privatelane_paths.known import Key
    from privatelane_paths.verdicts import Lane
    from privatelane_rules._rule import Level, Severity

__all__ = ["Described", "Exempted", "Found", "Report"]


class Described(Protocol):
    """What reports say of a policy: a rule of this pack is one, another pack's may be, too."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def level(self) -> Level: ...
    @property
    def why(self) -> str: ...
    @property
    def fix(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A violation: which policy, how grave, on which resource (none for the whole stack)."""

    policy: str
    level: Literal["mandatory", "advisory"]
    key: Key
    message: str


@dataclass(frozen=True, slots=True, order=True)
class Exempted:
    """A violation that an exemption covers, with what the exemption says."""

    found: Found
    reason: str
    owner: str
    expires: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of one stack.

    `resources` counts what the source declares. `unused` are exemptions that covered nothing, in
    words. Nothing here depends on the time or the order of the run.
    """

    source: Literal["preview", "export", "aws"]
    stack: str
    subnets: tuple[Subnet, ...]
    lanes: tuple[Lane, ...]
    violations: tuple[Found, ...]
    resources: int
    exempted: tuple[Exempted, ...] = ()
    unused: tuple[str, ...] = ()

    def count(self, verdict: str) -> int:
        """How many lanes have a verdict."""
        return sum(1 for lane in self.lanes if lane.verdict.value == verdict)
