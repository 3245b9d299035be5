"""One object for all that was found of a stack: every format is written from it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from privatelane_paths.facts import Subnet
    from privatelane_paths.known import Key
    from privatelane_paths.verdicts import Lane

__all__ = ["Exempted", "Found", "Report"]


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
