"""Whether workloads can start: each lane that they need for it must lead somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.explain import path
from privatelane_paths.verdicts import Lane, LaneKind
from privatelane_rules._rule import Finding, undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from privatelane_paths.facts import WorkloadKind
    from privatelane_paths.known import Key
    from privatelane_rules._stack import Stack

__all__ = ["starts"]

_DEAD = frozenset({LaneKind.BROKEN, LaneKind.NONE})


def starts(stack: Stack, kinds: frozenset[WorkloadKind]) -> Iterator[Finding]:
    """One finding a workload of these kinds, with every subnet and flow that would fail it."""
    dead: dict[Key, list[Lane]] = {}
    doubts: dict[Key, str] = {}
    for pull in stack.pulls:
        # Where it is not certain that the workload runs there at all, nothing is certain.
        found = [lane for lane in pull.lanes if _is_dead(lane) and not pull.missing]
        dead.setdefault(pull.workload, []).extend(found)
        # A lane that leads to an endpoint is no doubt: what the endpoint may refuse is the business
        # of the rules on its security groups and its policy.
        unsure = [
            lane for lane in pull.lanes if lane.kind is LaneKind.UNKNOWN or _may_be_dead(lane)
        ]
        missing = [*pull.missing, *(fact for lane in unsure for fact in lane.missing)]
        if not found and missing:
            doubts.setdefault(pull.workload, missing[0])
    for need in stack.needs:
        if _is_dead(need.lane) and stack.workloads[need.workload].subnets.must_have(need.subnet):
            dead.setdefault(need.workload, []).append(need.lane)
    for key, lanes in sorted(dead.items()):
        workload = stack.workloads[key]
        if workload.kind not in kinds:
            continue
        if lanes:
            services = tuple(dict.fromkeys(lane.service for lane in lanes))
            yield Finding(key, _told(stack, workload.name, lanes), services=services)
        elif key in doubts:
            yield undecided(key, f"whether {workload.name} can pull its images", doubts[key])


def _may_be_dead(lane: Lane) -> bool:
    return lane.kind in _DEAD and bool(lane.missing)


def _is_dead(lane: Lane) -> bool:
    # A lane with a missing fact may also be one of its alternatives, over which the pull works.
    return lane.kind in _DEAD and not lane.missing


def _told(stack: Stack, name: str, lanes: Iterable[Lane]) -> str:
    lines: dict[str, None] = {}
    fixes: dict[str, None] = {}
    for lane in lanes:
        lines[f"  {lane.service} from {stack.name(lane.subnet)}: {lane.reason} ({path(lane)})"] = (
            None
        )
        fixes.update(dict.fromkeys(f"  {fix}" for fix in lane.fix))
    told = [f"{name} cannot start, because it does not reach what it needs:", *lines]
    return "\n".join([*told, "What mends it:", *fixes] if fixes else told)
