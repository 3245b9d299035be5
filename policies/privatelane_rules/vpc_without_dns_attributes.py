"""A VPC whose DNS settings keep its endpoints' private names from resolving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import EndpointKind
from privatelane_paths.known import Unknown
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from privatelane_paths.facts import Vpc
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
"""
_RIGHT = """\
aws.ec2.Vpc("main", cidr_block="10.0.0.0/16",
            enable_dns_support=True, enable_dns_hostnames=True)
"""


def check(stack: Stack) -> Iterator[Finding]:
    """VPCs with endpoints that want private DNS, or private zones, and without the attributes."""
    zones = {key for zone in stack.network.hosted_zones for key in zone.vpcs.certain}
    for vpc in stack.network.vpcs:
        users = [
            endpoint.name
            for endpoint in stack.endpoints_in.get(vpc.key, ())
            if endpoint.kind is EndpointKind.INTERFACE and endpoint.private_dns is True
        ]
        if vpc.key in zones:
            users.append("its private hosted zones")
        if users:
            yield from _judged(vpc, users)


def _judged(vpc: Vpc, users: list[str]) -> Iterator[Finding]:
    attributes = (
        ("enableDnsSupport", vpc.dns_support),
        ("enableDnsHostnames", vpc.dns_hostnames),
    )
    off = [name for name, value in attributes if value is False]
    unknown = [value for _, value in attributes if isinstance(value, Unknown)]
    if off:
        yield Finding(
            vpc.key,
            f"{vpc.name} has {' and '.join(off)} off, which private DNS needs: "
            f"{', '.join(sorted(users))}.",
        )
    elif unknown:
        yield undecided(vpc.key, f"whether {vpc.name} has the DNS attributes", unknown[0].missing)


def turn_on(inputs: Mapping[str, object]) -> Mapping[str, object]:
    """Both attributes, where they are off; DNS hostnames are off when nothing is said."""
    changes: dict[str, object] = {}
    if inputs.get("enableDnsSupport") is False:
        changes["enableDnsSupport"] = True
    if inputs.get("enableDnsHostnames") in (None, False):
        changes["enableDnsHostnames"] = True
    return changes


RULE = Rule(
    id="vpc-without-dns-attributes",
    title="A VPC lacks the DNS attributes that its endpoints need.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why=(
        "Private DNS needs both `enableDnsSupport` and `enableDnsHostnames`, and the second is off "
        "unless it is asked for. AWS refuses an endpoint with private DNS in such a VPC, and a "
        "private hosted zone answers nobody there."
    ),
    fix="Set `enableDnsSupport` and `enableDnsHostnames` of the VPC to true.",
    check=check,
    framework=well_architected("SEC05-BP02", "Control traffic flow within your network layers"),
    url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("dns", "vpc"),
    remedies={"aws:ec2/vpc:Vpc": turn_on},
)
