"""Describe answers of small networks, as the AWS CLI prints and people save them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["ALL", "network", "save"]

Answer = dict[str, Any]

#: What DESIGN lists: a folder with all of them is whole.
ALL = [
    "Vpcs",
    "Subnets",
    "RouteTables",
    "NatGateways",
    "InternetGateways",
    "VpcEndpoints",
    "PrefixLists",
    "ManagedPrefixLists",
    "NetworkInterfaces",
    "NetworkAcls",
    "SecurityGroups",
    "Reservations",
    "VpcPeeringConnections",
    "VpnGateways",
    "TransitGateways",
    "TransitGatewayAttachments",
    "TransitGatewayRouteTables",
    "TransitGatewayVpcAttachments",
    "TransitGatewayStaticRoutes",
    "TransitGatewayPropagations",
]


def network(letter: str = "a", region: str = "us-east-1") -> dict[str, list[Answer]]:
    """A VPC with a NAT gateway, a private subnet on it, and a gateway endpoint for S3."""
    vpc, public, private = f"vpc-{letter}", f"subnet-{letter}pub", f"subnet-{letter}app"
    nat, gateway, endpoint = f"nat-{letter}", f"igw-{letter}", f"vpce-{letter}"

    def table(key: str, subnet: str, target: Answer) -> Answer:
        return {
            "RouteTableId": key,
            "VpcId": vpc,
            "Associations": [
                {"RouteTableAssociationId": f"a-{key}", "RouteTableId": key, "SubnetId": subnet}
            ],
            "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
                {"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **target},
            ],
        }

    return {
        **{key: [] for key in ALL},
        "Vpcs": [{"VpcId": vpc, "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "default"}],
        "Subnets": [
            {
                "SubnetId": subnet,
                "VpcId": vpc,
                "CidrBlock": f"10.0.{place}.0/24",
                "AvailabilityZone": f"{region}a",
                "Tags": [{"Key": "Name", "Value": name}],
            }
            for place, (subnet, name) in enumerate(((public, "public"), (private, "app")))
        ],
        "RouteTables": [
            table(f"rtb-{letter}pub", public, {"GatewayId": gateway}),
            table(f"rtb-{letter}app", private, {"NatGatewayId": nat}),
        ],
        "NatGateways": [
            {"NatGatewayId": nat, "SubnetId": public, "VpcId": vpc, "State": "available"}
        ],
        "InternetGateways": [
            {
                "InternetGatewayId": gateway,
                "Attachments": [{"State": "available", "VpcId": vpc}],
            }
        ],
        "VpcEndpoints": [
            {
                "VpcEndpointId": endpoint,
                "VpcId": vpc,
                "ServiceName": f"com.amazonaws.{region}.s3",
                "State": "available",
                "RouteTableIds": [f"rtb-{letter}app"],
            }
        ],
    }


def save(folder: Path, answers: dict[str, Any]) -> Path:
    """Write one file a call, under names that say nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, (key, records) in enumerate(answers.items()):
        (folder / f"answer-{place}.json").write_text(json.dumps({key: records}))
    return folder
