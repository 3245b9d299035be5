"""A path that the program does not show far enough to be judged."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from privatelane_paths.verdicts import Verdict
from privatelane_rules._rule import Finding, Framework, Level, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a subnet, with the missing facts and the services that wait for each."""
    level = Level.MANDATORY if stack.config.strict else None
    for key, lanes in sorted(stack.lanes_of.items()):
        waiting: dict[str, list[str]] = defaultdict(list)
        for lane in lanes:
            if lane.verdict is Verdict.UNKNOWN:
                waiting["; ".join(lane.missing) or lane.reason].append(lane.service)
        if not waiting:
            continue
        services = tuple(service for several in waiting.values() for service in several)
        name = stack.subnets[key].name
        lines = [f"  {', '.join(several)}: missing is {fact}" for fact, several in waiting.items()]
        yield Finding(
            key,
            f"Whether {name} reaches {', '.join(services)} through a NAT cannot be decided.\n"
            + "\n".join(lines),
            subnet=key,
            services=services,
            level=level,
        )


RULE = Rule(
    id="undecided-path-to-ecr-or-s3",
    title="A subnet's path to ECR or S3 cannot be decided.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "What cannot be decided is not proved: the traffic may go through a NAT that this program "
        "does not show. The missing fact is named."
    ),
    fix=(
        "Declare the missing part in this program, describe it under `facts` in the "
        "configuration, or accept the doubt with an exemption."
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
