"""A private subnet whose image layers, or whatever else is judged, leave through a NAT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.explain import explain
from privatelane_paths.verdicts import Verdict
from privatelane_rules._rule import Finding, Framework, Level, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a subnet, with every service that goes through a NAT and the path of each."""
    for key, lanes in sorted(stack.lanes_of.items()):
        refuted = [lane for lane in lanes if lane.verdict is Verdict.REFUTED]
        if not refuted:
            continue
        services = tuple(lane.service for lane in refuted)
        name = stack.subnets[key].name
        yield Finding(
            key,
            f"{name} reaches {', '.join(services)} through a NAT.\n"
            + "\n".join(explain(lane, stack.network) for lane in refuted),
            subnet=key,
            services=services,
        )


RULE = Rule(
    id="nat-path-to-ecr-or-s3",
    title="A private subnet reaches ECR or S3 through a NAT.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why=(
        "Every gigabyte of image layers, logs and objects that passes a NAT gateway is billed by "
        "the gateway, and leaves by a public address although AWS offers a private way."
    ),
    fix=(
        "Put a gateway endpoint for S3 on the subnet's route table and interface endpoints with "
        "private DNS for ecr.api and ecr.dkr into its VPC."
    ),
    check=check,
    framework=Framework(
        "AWS Foundational Security Best Practices",
        "1.0.0",
        "EC2.55",
        "VPCs should be configured with an interface endpoint for ECR API",
    ),
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    tags=("network", "cost", "ecr", "s3"),
)
