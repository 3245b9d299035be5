"""A service or task whose image cannot reach it at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import WorkloadKind
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Level, Rule, Severity
from privatelane_rules._starts import starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._rule import Finding
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


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a service or task, with every subnet and flow in which its start would fail."""
    return starts(stack, frozenset({WorkloadKind.ECS_FARGATE, WorkloadKind.ECS_EC2}))


RULE = Rule(
    id="image-pull-that-cannot-work",
    title="A task cannot pull its image.",
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
    tags=("ecr", "ecs"),
)
