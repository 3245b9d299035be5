"""The same networks as the engine shows them to a policy pack and as Terraform plans them.

Each VPC has 34 resources: public and private subnets in three zones, a NAT gateway and a table a
zone, and the endpoints of an image pull. In every tenth the S3 endpoint misses one private table.
Nothing exists yet, so every id is unknown, in both forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["PER_VPC", "UNKNOWN", "Id", "Resource", "networks"]

#: Resources in one VPC.
PER_VPC = 34
#: What the engine writes for an unknown text.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_ZONES = ("a", "b", "c")


@dataclass(frozen=True)
class Id:
    """The id of another resource, unknown until that exists."""

    of: str


@dataclass(frozen=True)
class Resource:
    """A resource in neutral terms: `kind` is its camelCase name in the AWS provider's `ec2`."""

    kind: str
    name: str
    inputs: Mapping[str, Any]


def networks(count: int) -> Iterator[Resource]:
    """The resources of as many VPCs as make at least `count` of them."""
    for number in range(-(-count // PER_VPC)):
        yield from _network(number)


def _network(number: int) -> Iterator[Resource]:
    name = f"net{number}"
    tags = {"Name": name, "team": "platform", "environment": "production", "managed-by": "pulumi"}
    cidr = f"10.{number % 256}"

    def made(kind: str, suffix: str, **inputs: object) -> Resource:
        return Resource(kind, f"{name}-{suffix}", {**inputs, "tags": {**tags, "part": suffix}})

    vpc = Id(f"{name}-vpc")
    yield made("vpc", "vpc", cidrBlock=f"{cidr}.0.0/16", enableDnsHostnames=True)
    yield made("internetGateway", "internet", vpcId=vpc)
    yield made("routeTable", "public", vpcId=vpc)
    yield _route(name, "public", "gatewayId", "internet")
    for place, zone in enumerate(_ZONES):
        for kind, third in (("public", place), ("private", 128 + place)):
            subnet = f"{kind}-subnet-{zone}"
            table = "public" if kind == "public" else f"private-{zone}"
            yield made(
                "subnet",
                subnet,
                vpcId=vpc,
                cidrBlock=f"{cidr}.{third}.0/24",
                availabilityZone=f"us-east-1{zone}",
            )
            yield Resource(
                "routeTableAssociation",
                f"{name}-{subnet}",
                {"subnetId": Id(f"{name}-{subnet}"), "routeTableId": Id(f"{name}-{table}")},
            )
        yield made("eip", f"address-{zone}", domain="vpc")
        yield made(
            "natGateway",
            f"nat-{zone}",
            allocationId=Id(f"{name}-address-{zone}"),
            subnetId=Id(f"{name}-public-subnet-{zone}"),
        )
        yield made("routeTable", f"private-{zone}", vpcId=vpc)
        yield _route(name, f"private-{zone}", "natGatewayId", f"nat-{zone}")
    yield made(
        "securityGroup",
        "endpoints",
        vpcId=vpc,
        description="endpoints",
        ingress=[
            {
                "protocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrBlocks": [f"{cidr}.0.0/16"],
            }
        ],
    )
    tables = _ZONES[:-1] if number % 10 == 0 else _ZONES
    yield made(
        "vpcEndpoint",
        "s3",
        vpcId=vpc,
        serviceName="com.amazonaws.us-east-1.s3",
        routeTableIds=[Id(f"{name}-private-{zone}") for zone in tables],
    )
    for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager"):
        yield made(
            "vpcEndpoint",
            service,
            vpcId=vpc,
            serviceName=f"com.amazonaws.us-east-1.{service}",
            vpcEndpointType="Interface",
            privateDnsEnabled=True,
            subnetIds=[Id(f"{name}-private-subnet-{zone}") for zone in _ZONES],
            securityGroupIds=[Id(f"{name}-endpoints")],
        )


def _route(name: str, table: str, argument: str, target: str) -> Resource:
    return Resource(
        "route",
        f"{name}-{table}-default",
        {
            "routeTableId": Id(f"{name}-{table}"),
            "destinationCidrBlock": "0.0.0.0/0",
            argument: Id(f"{name}-{target}"),
        },
    )
