"""Networks outside the stack, as the configuration describes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.programs import Program
from tests.rules.networks import IMAGE

if TYPE_CHECKING:
    from tests.rules.analyzer import Analyzer, Diagnostic

FLAGSHIP = "nat-path-to-ecr-or-s3"
UNDECIDED = "undecided-path-to-ecr-or-s3"

#: A subnet of another stack, behind a NAT gateway.
OUTSIDE: list[dict[str, Any]] = [
    {"type": "vpc", "id": "vpc-1", "cidrBlock": "10.0.0.0/16", "region": "us-east-1",
     "enableDnsHostnames": True},
    {"type": "subnet", "id": "subnet-1", "vpcId": "vpc-1", "cidrBlock": "10.0.1.0/24",
     "availabilityZone": "us-east-1a"},
    {"type": "subnet", "id": "subnet-unused", "vpcId": "vpc-1", "cidrBlock": "10.0.2.0/24",
     "availabilityZone": "us-east-1b"},
    {"type": "natGateway", "id": "nat-1", "subnetId": "subnet-public"},
    {"type": "routeTable", "id": "rtb-1", "vpcId": "vpc-1",
     "routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"}]},
    {"type": "routeTableAssociation", "subnetId": "subnet-1", "routeTableId": "rtb-1"},
    {"type": "routeTableAssociation", "subnetId": "subnet-unused", "routeTableId": "rtb-1"},
]  # fmt: skip


def workload() -> Program:
    """A service in a subnet that the program knows by its id only."""
    program = Program()
    task = program.add(
        "aws:ecs/taskDefinition:TaskDefinition",
        "app",
        {"family": "app", "containerDefinitions": json.dumps([{"image": IMAGE}])},
        outputs={"arn": "arn:aws:ecs:us-east-1:123456789012:task-definition/app:1"},
    )
    program.add(
        "aws:ecs/service:Service",
        "app",
        {
            "launchType": "FARGATE",
            "taskDefinition": task.arn,
            "networkConfiguration": {"subnets": ["subnet-1"]},
        },
    )
    return program


def judge(pack: Analyzer, facts: list[Any]) -> list[Diagnostic]:
    pack.configure({FLAGSHIP: {"facts": facts}})
    return [one for one in pack.judge(workload()) if one.policy in (FLAGSHIP, UNDECIDED)]


def test_a_subnet_that_nobody_describes_is_undecided(pack: Analyzer) -> None:
    (found,) = judge(pack, [])

    assert found.policy == UNDECIDED
    assert "subnet-1" in found.message


def test_a_described_subnet_that_a_workload_uses_is_judged_and_no_other(pack: Analyzer) -> None:
    (found,) = judge(pack, OUTSIDE)

    assert (found.policy, found.urn) == (FLAGSHIP, "subnet-1")
    assert "subnet-1 reaches ecr.api, ecr.dkr, ecr.layers, s3 through a NAT" in found.message


def test_described_endpoints_count(pack: Analyzer) -> None:
    endpoints = [
        {"type": "vpcEndpoint", "id": f"vpce-{place}", "vpcId": "vpc-1",
         "serviceName": f"com.amazonaws.us-east-1.ecr.{name}", "vpcEndpointType": "Interface",
         "privateDnsEnabled": True, "subnetIds": ["subnet-1"]}
        for place, name in enumerate(("api", "dkr"))
    ]  # fmt: skip
    gateway = {"type": "vpcEndpoint", "id": "vpce-9", "vpcId": "vpc-1",
               "serviceName": "com.amazonaws.us-east-1.s3",
               "routeTableIds": ["rtb-1"]}  # fmt: skip

    assert judge(pack, [*OUTSIDE, *endpoints, gateway]) == []


def test_the_export_of_another_stack_says_it_all(pack: Analyzer, tmp_path: Path) -> None:
    network = Program(stack="network")
    vpc = network.add("aws:ec2/vpc:Vpc", "main", {"cidrBlock": "10.0.0.0/16"}, identifier="vpc-1")
    subnet = network.add(
        "aws:ec2/subnet:Subnet",
        "app",
        {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1a"},
        identifier="subnet-1",
    )
    nat = network.add("aws:ec2/natGateway:NatGateway", "nat", {"vpcId": vpc.id})
    table = network.add(
        "aws:ec2/routeTable:RouteTable",
        "app",
        {"vpcId": vpc.id, "routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": nat.id}]},
    )
    network.add(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "app",
        {"subnetId": subnet.id, "routeTableId": table.id},
    )
    path = tmp_path / "network.json"
    path.write_text(json.dumps(network.export()))

    (found,) = judge(pack, [str(path)])

    assert (found.policy, found.urn) == (FLAGSHIP, subnet.urn)


@pytest.mark.parametrize("content", ["[]", '{"a": 1}', "{"])
def test_a_file_that_is_no_export_is_named(pack: Analyzer, tmp_path: Path, content: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(content)
    pack.configure({FLAGSHIP: {"facts": [str(path)]}})

    (found,) = pack.judge(workload())

    assert found.policy == "failed-proof"
    assert "facts[0]" in found.message
    assert "wrong.json" in found.message
