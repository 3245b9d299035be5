"""An interface endpoint that nobody's name lookup leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import Endpoint, EndpointKind
from privatelane_paths.known import Unknown
from privatelane_paths.services import parse_service_name, service
from privatelane_rules._frameworks import foundational
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.VpcEndpoint("ecr.dkr", vpc_id=vpc.id, vpc_endpoint_type="Interface",
                    service_name="com.amazonaws.eu-central-1.ecr.dkr", subnet_ids=[subnet.id])
"""
_RIGHT = """\
aws.ec2.VpcEndpoint("ecr.dkr", vpc_id=vpc.id, vpc_endpoint_type="Interface",
                    service_name="com.amazonaws.eu-central-1.ecr.dkr", subnet_ids=[subnet.id],
                    private_dns_enabled=True)
"""

_VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def check(stack: Stack) -> Iterator[Finding]:
    """Interface endpoints for AWS services without private DNS and without a record instead."""
    for endpoint in stack.network.endpoints:
        name = endpoint.service_name
        if endpoint.kind is not EndpointKind.INTERFACE or not isinstance(name, str):
            continue
        if not _has_private_dns(name) or _is_for_others(stack, endpoint, name):
            continue
        if isinstance(endpoint.private_dns, Unknown):
            yield undecided(
                endpoint.key,
                f"whether {endpoint.name} has private DNS",
                endpoint.private_dns.missing,
            )
        elif not endpoint.private_dns and not _is_named_by_a_record(stack, endpoint):
            yield Finding(
                endpoint.key,
                f"{endpoint.name} is an endpoint for {name} with private DNS off, and no private "
                "zone names it: clients that ask for the service get its public addresses.",
                services=(parse_service_name(name)[0],),
            )


def _has_private_dns(name: str) -> bool:
    """Whether AWS offers private DNS for the endpoint service at all."""
    if ".vpce-svc-" in name or name.startswith("aws.sagemaker."):
        return False
    short = parse_service_name(name)[0]
    try:
        return service(short).zone is not None
    except ValueError:
        return False


def _is_for_others(stack: Stack, endpoint: Endpoint, name: str) -> bool:
    """An S3 interface endpoint beside a gateway one serves clients outside the VPC by design."""
    if parse_service_name(name)[0] != "s3" or not endpoint.vpc.decided:
        return False
    return any(
        other.kind is EndpointKind.GATEWAY
        and isinstance(other.service_name, str)
        and parse_service_name(other.service_name)[0] == "s3"
        for other in stack.endpoints_in.get(endpoint.vpc.keys[0], ())
    )


def _is_named_by_a_record(stack: Stack, endpoint: Endpoint) -> bool:
    return any(
        record.endpoint is not None and record.endpoint.may_be(endpoint.key)
        for record in stack.network.zone_records
    )


def turn_on(inputs: Mapping[str, object]) -> Mapping[str, object]:
    """Private DNS on an interface endpoint for an AWS service that has it."""
    name = inputs.get("serviceName")
    if (
        inputs.get("vpcEndpointType") != "Interface"
        or not isinstance(name, str)
        or not _has_private_dns(name)
        or parse_service_name(name)[0] == "s3"
        or inputs.get("privateDnsEnabled") not in (None, False)
    ):
        return {}
    return {"privateDnsEnabled": True}


RULE = Rule(
    id="interface-endpoint-without-private-dns",
    title="An interface endpoint has no private DNS.",
    severity=Severity.HIGH,
    level=Level.ADVISORY,
    why=(
        "DNS decides before routes do. Pulumi's AWS provider leaves private DNS off unless it is "
        "asked for; the endpoint is then paid for by the hour while clients go on resolving the "
        "service's public addresses, and reach them through the NAT."
    ),
    fix="Set `privateDnsEnabled` to true, or point a private hosted zone at the endpoint.",
    check=check,
    framework=foundational(
        "EC2.56", "VPCs should be configured with an interface endpoint for Docker Registry"
    ),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("dns", "endpoint"),
    remedies={_VPC_ENDPOINT: turn_on},
)
