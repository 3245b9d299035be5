"""A pack for tests that rewrites inputs, and then checks what it wrote."""

from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

VPC = "aws:ec2/vpc:Vpc"


# The SDK's annotations promise an awaitable, its code takes either.
def turn_dns_on(args: ResourceValidationArgs) -> Any:
    if args.resource_type != VPC:
        return None
    return {**{name: args.props[name] for name in args.props}, "enableDnsHostnames": True}


def widen(args: ResourceValidationArgs) -> Any:
    if args.resource_type == "aws:ec2/subnet:Subnet":
        raise UnknownValueError(UNKNOWN_STRING_VALUE, ["vpcId"])  # as the SDK does in checks
    return None


def dns_is_on(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type == VPC:
        report(f"DNS host names: {args.props['enableDnsHostnames']}.", None)


PolicyPack(
    "remediates",
    policies=[
        ResourceValidationPolicy(
            "dns-on", "DNS on.", remediate=turn_dns_on, enforcement_level=EnforcementLevel.REMEDIATE
        ),
        ResourceValidationPolicy(
            "widen", "Wider.", remediate=widen, enforcement_level=EnforcementLevel.REMEDIATE
        ),
        ResourceValidationPolicy("dns-is-on", "DNS is on.", dns_is_on, EnforcementLevel.REMEDIATE),
    ],
)
