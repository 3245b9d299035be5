"""The result as one object, the same for every source: what scripts may rely on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from privatelane_paths.known import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privatelane_paths.facts import Subnet
    from privatelane_paths.verdicts import Lane
    from privatelane_rules.reports import Exempted

__all__ = ["SCHEMA", "Difference", "Report", "Violation", "as_json"]

#: The name of the format; it changes when a field changes its meaning.
SCHEMA = "privatelane/1"


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """What a policy reported: `key` is the URN, the stack's own when it is about no resource."""

    key: str
    policy: str
    level: str
    message: str
    severity: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """Where the live account is not what a stack declared.

    `key` is the AWS id of what differs, `change` whether it is `missing`, `added` or `changed`.
    """

    key: str
    kind: str
    change: Literal["missing", "added", "changed"]
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of one stack or account.

    `resources` counts what was declared, without the stack itself and without default providers;
    live, what was read. `notes` say what the source could not see or had to assume; they are for
    people. `differences` are `None` where nothing was compared. `exempted` and `unused` are what
    the pack's exemptions cover and those of no use, where the rules ran in this process.
    """

    source: Literal["preview", "export", "aws"]
    stack: str
    subnets: tuple[Subnet, ...]
    lanes: tuple[Lane, ...]
    violations: tuple[Violation, ...]
    resources: int
    notes: tuple[str, ...] = ()
    differences: tuple[Difference, ...] | None = None
    exempted: tuple[Exempted, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 when something mandatory is violated, else 0."""
        return int(any(violation.level == "mandatory" for violation in self.violations))

    def count(self, verdict: str) -> int:
        """How many lanes have a verdict."""
        return sum(lane.verdict.value == verdict for lane in self.lanes)


def as_json(report: Report) -> str:
    """The report as text, the same bytes for the same findings."""
    return json.dumps(_object(report), indent=2, ensure_ascii=False) + "\n"


def _object(report: Report) -> dict[str, Any]:
    found = {
        "schema": SCHEMA,
        "source": report.source,
        "stack": report.stack,
        "subnets": [_subnet(one) for one in _sorted_subnets(report.subnets)],
        "lanes": [
            _lane(one) for one in sorted(report.lanes, key=lambda one: (one.subnet, one.service))
        ],
        "violations": [
            {"policy": one.policy, "level": one.level, "key": one.key, "message": one.message}
            for one in sorted(report.violations)
        ],
        "counts": {
            "resources": report.resources,
            "proved": report.count("proved"),
            "refuted": report.count("refuted"),
            "unknown": report.count("unknown"),
        },
    }
    if report.differences is not None:
        found["differences"] = [
            {"key": one.key, "kind": one.kind, "change": one.change, "text": one.text}
            for one in sorted(report.differences)
        ]
    return found


def _sorted_subnets(subnets: Iterable[Subnet]) -> list[Subnet]:
    return sorted(subnets, key=lambda one: one.key)


def _subnet(subnet: Subnet) -> dict[str, Any]:
    """A subnet; what is not known is null, or an empty list."""
    return {
        "key": subnet.key,
        "name": subnet.name,
        "vpc": subnet.vpc.keys[0] if subnet.vpc.decided else None,
        "zone": None if isinstance(subnet.zone, Unknown) else subnet.zone,
        "cidrs": (
            [] if isinstance(subnet.cidrs, Unknown) else [str(prefix) for prefix in subnet.cidrs]
        ),
    }


def _lane(lane: Lane) -> dict[str, Any]:
    return {
        "subnet": lane.subnet,
        "service": lane.service,
        "lane": lane.kind.value,
        "verdict": lane.verdict.value,
        "hops": [{"key": hop.key, "kind": hop.kind, "text": hop.text} for hop in lane.hops],
        "reason": lane.reason,
    }
