"""A private subnet whose image layers, or whatever else is judged, leave through a NAT."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from privatelane_paths.explain import path
from privatelane_paths.verdicts import Verdict
from privatelane_rules._frameworks import foundational
from privatelane_rules._rule import Finding, Level, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.verdicts import Lane
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.Route("out", route_table_id=private.id,
              destination_cidr_block="0.0.0.0/0", nat_gateway_id=nat.id)
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name="com.amazonaws.eu-central-1.s3",
                    route_table_ids=[public.id])
"""
_RIGHT = """\
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name="com.amazonaws.eu-central-1.s3",
                    route_table_ids=[private.id])
for service in ("ecr.api", "ecr.dkr"):
    aws.ec2.VpcEndpoint(service, vpc_id=vpc.id, vpc_endpoint_type="Interface",
                        service_name=f"com.amazonaws.eu-central-1.{service}",
                        private_dns_enabled=True, subnet_ids=[subnet.id],
                        security_group_ids=[https.id])
"""


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a subnet, with every service that goes through a NAT and what would mend it."""
    for subnet in stack.network.subnets:
        refuted = [
            lane for lane in stack.lanes_of.get(subnet.key, ()) if lane.verdict is Verdict.REFUTED
        ]
        if not refuted or stack.private[subnet.key] is False:
            continue
        services = tuple(lane.service for lane in refuted)
        tell = partial(_told, subnet.name, tuple(refuted))
        yield Finding(subnet.key, tell(services), subnet=subnet.key, services=services, tell=tell)


def _told(name: str, refuted: tuple[Lane, ...], services: tuple[str, ...]) -> str:
    """The ways, the endpoints they miss and the changes, each said once for all services."""
    lanes = [lane for lane in refuted if lane.service in services]
    ways: dict[str, list[str]] = {}
    for lane in lanes:
        ways.setdefault(path(lane), []).append(lane.service)
    lines = [f"{name} reaches {', '.join(lane.service for lane in lanes)} through a NAT:"]
    lines += [f"  {', '.join(services)}: {way}" for way, services in ways.items()]
    unused = dict.fromkeys(
        f"  {one.name}, because {one.why}" for lane in lanes for one in lane.rejected
    )
    if unused:
        lines += ["Endpoints that are not used:", *unused]
    fixes = dict.fromkeys(f"  {fix}" for lane in lanes for fix in lane.fix)
    if fixes:
        lines += ["What mends it:", *fixes]
    return "\n".join(lines)


RULE = Rule(
    id="nat-path-to-ecr-or-s3",
    title="A private subnet reaches ECR or S3 through a NAT.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why=(
        "Every gigabyte of image layers, logs and objects that passes a NAT gateway is billed by "
        "the gateway and leaves from a public address, although AWS offers a private way. All "
        "three flows of an image pull must be private: ECR's API, its registry, and the S3 bucket "
        "with the layers, which are nearly all of the bytes."
    ),
    fix=(
        "Put a gateway endpoint for S3 on the subnet's route table, and interface endpoints for "
        "ecr.api and ecr.dkr with private DNS into its VPC. The finding names what is missing."
    ),
    check=check,
    framework=foundational(
        "EC2.55", "VPCs should be configured with an interface endpoint for ECR API"
    ),
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("cost", "ecr", "nat", "s3"),
)
