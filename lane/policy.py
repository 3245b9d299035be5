"""The policies of any pack in the words in which it describes itself to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lane.pack_config import LEVELS
from privatelane_rules._rule import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.runtime.proto.analyzer_pb2 import AnalyzerInfo

    from lane.pack_config import PolicySettings

__all__ = ["Policy", "policies"]

#: By the numbers of the engine's protocol; a policy that does not say is of the middle.
_SEVERITIES = (Severity.MEDIUM, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
_LEVELS = {"advisory": Level.ADVISORY, "disabled": Level.ADVISORY}


@dataclass(frozen=True, slots=True)
class Policy:
    """What reports say of a policy; `level` is the one it is enforced at."""

    id: str
    title: str
    severity: Severity
    level: Level
    why: str = ""
    fix: str = ""
    url: str = ""
    tags: tuple[str, ...] = ()


def policies(info: AnalyzerInfo, settings: Mapping[str, PolicySettings]) -> tuple[Policy, ...]:
    """The policies of a pack, in its own order."""
    return tuple(
        Policy(
            id=one.name,
            title=one.displayName or one.description.partition("\n")[0] or one.name,
            severity=_SEVERITIES[one.severity],
            level=_LEVELS.get(
                settings[one.name].level if one.name in settings else LEVELS[one.enforcementLevel],
                Level.MANDATORY,
            ),
            why=one.description,
            fix=one.remediation_steps,
            url=one.url,
            tags=tuple(one.tags),
        )
        for one in info.policies
    )
