"""A VPC in which nobody can see afterwards what went through the NAT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.sources.nouns import SUBNET, VPC
from privatelane_rules._frameworks import foundational
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
"""
_RIGHT = """\
aws.ec2.FlowLog("main", vpc_id=vpc.id, traffic_type="ALL",
                log_destination_type="s3", log_destination=bucket.arn)
"""


def check(stack: Stack) -> Iterator[Finding]:
    """VPCs of the stack without a flow log on them or on each of their subnets."""
    certain: set[str] = set()
    perhaps: dict[str, str] = {}
    anywhere = ""
    for log in stack.views.views("aws:ec2/flowLog:FlowLog"):
        for name, noun in (("vpcId", VPC), ("subnetId", SUBNET)):
            ref = log.ref(name, noun)
            if ref is None:
                continue
            if ref.decided:
                certain.update(ref.keys)
            elif ref.open:
                anywhere = ref.missing
            perhaps.update(dict.fromkeys(ref.keys, ref.missing) if not ref.decided else {})
    for vpc in stack.network.vpcs:
        subnets = stack.subnets_in.get(vpc.key, ())
        covered = vpc.key in certain or (
            bool(subnets) and all(one.key in certain for one in subnets)
        )
        if vpc.outside or covered:
            continue
        missing = perhaps.get(vpc.key, anywhere)
        if missing:
            yield undecided(vpc.key, f"whether {vpc.name} has a flow log", missing)
        else:
            yield Finding(vpc.key, f"{vpc.name} has no flow log.")


RULE = Rule(
    id="vpc-without-flow-logs",
    title="A VPC has no flow logs.",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    why=(
        "Flow logs are the only record of what passed a NAT and for which service. Without them "
        "the promise that traffic is private can be made, and never checked."
    ),
    fix=(
        "Add an `aws.ec2.FlowLog` for the VPC, in a format with `pkt-dst-aws-service` and "
        "`traffic-path`."
    ),
    check=check,
    framework=foundational("EC2.6", "VPC flow logging should be enabled in all VPCs"),
    url="https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("flow-logs", "observability", "vpc"),
)
