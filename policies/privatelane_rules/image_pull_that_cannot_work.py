"""A workload whose image cannot reach it at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.explain import path
from privatelane_paths.verdicts import Lane, LaneKind
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from privatelane_paths.known import Key
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
isolated = aws.ec2.RouteTable("isolated", vpc_id=vpc.id)  # no way out, and no endpoints
aws.ecs.Service("app", launch_type="FARGATE", task_definition=task.arn,
                network_configuration={"subnets": [subnet.id]})
"""
_RIGHT = """\
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=s3, route_table_ids=[isolated.id])
for service in ("ecr.api", "ecr.dkr", "logs"):
    aws.ec2.VpcEndpoint(service, vpc_id=vpc.id, vpc_endpoint_type="Interface",
                        service_name=f"com.amazonaws.eu-central-1.{service}",
                        private_dns_enabled=True, subnet_ids=[subnet.id],
                        security_group_ids=[https.id])
"""

_DEAD = frozenset({LaneKind.BROKEN, LaneKind.NONE})


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a workload, with every subnet and flow in which its start would fail."""
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
        if lanes:
            yield Finding(
                key,
                _told(stack, stack.workloads[key].name, lanes),
                services=tuple(dict.fromkeys(lane.service for lane in lanes)),
            )
        elif key in doubts:
            name = stack.workloads[key].name
            yield undecided(key, f"whether {name} can pull its images", doubts[key])


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


RULE = Rule(
    id="image-pull-that-cannot-work",
    title="A workload cannot pull its image.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why=(
        "The network proves only too well that nothing goes through a NAT: nothing goes anywhere. "
        "A subnet without a way to the registry, or an endpoint that drops or refuses the request, "
        "lets the update succeed and the tasks fail, one timeout after another."
    ),
    fix=(
        "Add the missing endpoints, or open the security group, network ACL or endpoint policy "
        "that the finding names."
    ),
    check=check,
    framework=well_architected(
        "REL02-BP01", "Use highly available network connectivity for your workload"
    ),
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("ecr", "ecs", "eks"),
)
