"""A public address on something that no internet gateway serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Unknown
from privatelane_rules._frameworks import foundational
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
network = {"subnets": [private.id], "assign_public_ip": True}
"""
_RIGHT = """\
network = {"subnets": [private.id]}
"""


def check(stack: Stack) -> Iterator[Finding]:
    """Tasks with public addresses in private subnets, and private subnets that hand them out."""
    for workload in stack.network.workloads:
        if workload.public_ip is False:
            continue
        subnets = stack.workload_subnets(workload)
        private = [one.name for one in subnets if stack.private[one.key] is True]
        if isinstance(workload.public_ip, Unknown):
            if private:
                yield undecided(
                    workload.key,
                    f"whether {workload.name} gets public addresses",
                    workload.public_ip.missing,
                )
        elif private:
            yield Finding(
                workload.key,
                f"{workload.name} asks for public addresses in {', '.join(sorted(private))}, where "
                "no internet gateway serves them.",
            )
    for subnet in stack.network.subnets:
        if subnet.public_ip_on_launch is True and stack.private[subnet.key] is True:
            yield Finding(
                subnet.key,
                f"{subnet.name} is private and gives public addresses to what is launched in it.",
                subnet=subnet.key,
            )


def turn_off(inputs: Mapping[str, object]) -> Mapping[str, object]:
    """No public address for the tasks of a service that asks for one."""
    network = inputs.get("networkConfiguration")
    if not isinstance(network, dict) or network.get("assignPublicIp") is not True:
        return {}
    return {"networkConfiguration": {"assignPublicIp": False}}


RULE = Rule(
    id="public-ip-on-private-workload",
    title="A private workload has public addresses.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "Without an internet gateway in the subnet's routes the address is billed by the hour and "
        "reaches nothing, until somebody adds the route and the workload is on the internet."
    ),
    fix="Set `assignPublicIp` of the service, or `mapPublicIpOnLaunch` of the subnet, to false.",
    check=check,
    framework=foundational(
        "ECS.2", "ECS services should not have public IP addresses assigned to them automatically"
    ),
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("cost", "ecs", "public-ip"),
    remedies={"aws:ecs/service:Service": turn_off},
)
