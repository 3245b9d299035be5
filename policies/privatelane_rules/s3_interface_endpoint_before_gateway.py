"""An S3 interface endpoint that takes the traffic of a gateway endpoint which costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import Endpoint, EndpointKind
from privatelane_paths.known import Unknown
from privatelane_paths.services import parse_service_name
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.VpcEndpoint("s3-inbound", private_dns_enabled=True, **interface)
"""
_RIGHT = """\
aws.ec2.VpcEndpoint("s3-inbound", private_dns_enabled=True, **interface,
                    dns_options={"private_dns_only_for_inbound_resolver_endpoint": True})
"""


def check(stack: Stack) -> Iterator[Finding]:
    """S3 interface endpoints with private DNS for everybody, beside a gateway endpoint."""
    for endpoints in stack.endpoints_in.values():
        s3 = [one for one in endpoints if _is_s3(one)]
        gateways = [one for one in s3 if one.kind is EndpointKind.GATEWAY]
        if not gateways:
            continue
        for endpoint in s3:
            if endpoint.kind is not EndpointKind.INTERFACE or endpoint.private_dns is False:
                continue
            if endpoint.inbound_only is True:
                continue
            doubts = [
                one
                for one in (endpoint.private_dns, endpoint.inbound_only)
                if isinstance(one, Unknown)
            ]
            if doubts:
                yield undecided(
                    endpoint.key,
                    f"whether {endpoint.name} takes the traffic of {gateways[0].name}",
                    doubts[0].missing,
                )
                continue
            yield Finding(
                endpoint.key,
                f"{endpoint.name} answers for S3's names in the whole VPC, so that all traffic to "
                f"S3 takes it, by the gigabyte, and none takes {gateways[0].name}, which is free.",
                services=("s3",),
            )


def _is_s3(endpoint: Endpoint) -> bool:
    name = endpoint.service_name
    return isinstance(name, str) and parse_service_name(name)[0] == "s3"


RULE = Rule(
    id="s3-interface-endpoint-before-gateway",
    title="An S3 interface endpoint takes the traffic of the free gateway endpoint.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "DNS decides before routes do. With private DNS for the whole VPC, S3's names resolve to "
        "the interface endpoint, which bills every gigabyte, and the gateway endpoint's route is "
        "never used. Pulumi's AWS provider leaves the option that prevents this off."
    ),
    fix=(
        "Set `dnsOptions.privateDnsOnlyForInboundResolverEndpoint` to true, so that only clients "
        "outside the VPC use the interface endpoint."
    ),
    check=check,
    framework=well_architected("COST08-BP02", "Select components to optimize data transfer cost"),
    url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("cost", "dns", "endpoint", "s3"),
)
