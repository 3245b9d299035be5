"""A path that the program does not show far enough to be judged."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from privatelane_paths.verdicts import Verdict
from privatelane_rules._frameworks import foundational
from privatelane_rules._rule import Finding, Level, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.verdicts import Lane
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
tables = pulumi.Output.all(private_a.id, private_b.id)  # or only the first of them?
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=s3, route_table_ids=tables)
"""
_RIGHT = """\
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=s3,
                    route_table_ids=[private_a.id, private_b.id])
"""


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a subnet, with the missing facts and the services that wait for each."""
    for subnet in stack.network.subnets:
        waiting = tuple(
            lane for lane in stack.lanes_of.get(subnet.key, ()) if lane.verdict is Verdict.UNKNOWN
        )
        if waiting:
            services = tuple(lane.service for lane in waiting)
            tell = partial(_told, subnet.name, waiting)
            yield Finding(
                subnet.key,
                tell(services),
                subnet=subnet.key,
                services=services,
                undecided=True,
                tell=tell,
            )


def _told(name: str, waiting: tuple[Lane, ...], services: tuple[str, ...]) -> str:
    """What cannot be decided, and the missing facts with the services that wait for each."""
    missing: dict[str, list[str]] = {}
    for lane in waiting:
        if lane.service in services:
            missing.setdefault("; ".join(lane.missing) or lane.reason, []).append(lane.service)
    return "\n".join(
        [
            f"Whether {name} reaches {', '.join(services)} through a NAT cannot be decided.",
            *(f"  {', '.join(several)}: missing is {facts}" for facts, several in missing.items()),
        ]
    )


RULE = Rule(
    id="undecided-path-to-ecr-or-s3",
    title="A subnet's path to ECR or S3 cannot be decided.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "What cannot be decided is not proved: the traffic may go through a NAT that this program "
        "does not show. The finding names the missing fact. With `strict`, it is mandatory."
    ),
    fix=(
        "Declare the missing part in this program, describe it under `facts` in the "
        "configuration, or accept the doubt with an exemption."
    ),
    check=check,
    framework=foundational(
        "EC2.55", "VPCs should be configured with an interface endpoint for ECR API"
    ),
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("ecr", "nat", "s3"),
)
