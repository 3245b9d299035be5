"""What exists already: imported into a stack, or used where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
import pytest

from privatelane import Endpoints
from tests.engine.inventory import inventory

if TYPE_CHECKING:
    from tests.engine.harness import Engine, Stack

pytestmark = pytest.mark.engine


def nothing() -> None:
    """A program without resources, for a stack whose account is filled by hand first."""


def tagged(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def made_by_hand(stack: Stack) -> dict[str, str]:
    """A VPC with a subnet and an S3 endpoint on another table, made without Pulumi."""
    ec2 = stack.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16", TagSpecifications=tagged("vpc", "theirs"))
    vpc_id = vpc["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    ids = {"vpc": vpc_id}
    for number, zone in enumerate(("use1-az1", "use1-az2")):
        subnet = ec2.create_subnet(
            VpcId=vpc_id, CidrBlock=f"10.8.{4 * number}.0/22", AvailabilityZoneId=zone
        )
        ids[f"subnet/{zone}"] = subnet["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=ids[f"subnet/{zone}"])
        ids[f"table/{zone}"] = table
    theirs = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc_id,
        ServiceName="com.amazonaws.us-east-1.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=[theirs],
    )
    ids["endpoint"] = endpoint["VpcEndpoint"]["VpcEndpointId"]
    ids["their table"] = theirs
    return ids


def test_an_existing_vpc_is_imported_without_a_change(engine: Engine) -> None:
    stack = engine.stack(nothing)
    ids = made_by_hand(stack)
    before = inventory(stack)

    def program() -> None:
        aws.ec2.Vpc(
            "theirs",
            cidr_block="10.8.0.0/16",
            enable_dns_hostnames=True,
            tags={"Name": "theirs"},
            opts=pulumi.ResourceOptions(import_=ids["vpc"], retain_on_delete=True),
        )

    stack.program = program
    assert stack.preview().expect_success().of("import") == {"theirs"}
    stack.up().expect_success()
    assert [r["id"] for r in stack.resources() if r["type"] == "aws:ec2/vpc:Vpc"] == [ids["vpc"]]
    assert stack.preview().expect_success().changes == []
    stack.destroy().expect_success()
    assert inventory(stack) == before


def test_an_import_that_does_not_fit_is_refused(engine: Engine) -> None:
    stack = engine.stack(nothing)
    ids = made_by_hand(stack)

    def program() -> None:
        aws.ec2.Vpc(
            "theirs",
            cidr_block="10.9.0.0/16",
            opts=pulumi.ResourceOptions(import_=ids["vpc"]),
        )

    stack.program = program
    outcome = stack.up()
    assert not outcome.succeeded
    assert "may not be replaced" in outcome.output
    assert "cidrBlock: {10.8.0.0/16} => {10.9.0.0/16}" in outcome.output


def test_an_existing_endpoint_is_adopted_and_left_behind(engine: Engine) -> None:
    stack = engine.stack(nothing)
    ids = made_by_hand(stack)
    before = inventory(stack)
    zones = ("use1-az1", "use1-az2")

    def program() -> None:
        Endpoints(
            "orders",
            {
                "vpc_id": ids["vpc"],
                "subnet_ids": {f"app/{zone}": ids[f"subnet/{zone}"] for zone in zones},
                "route_table_ids": {f"app/{zone}": ids[f"table/{zone}"] for zone in zones},
                "subnet_cidrs": {"app/use1-az1": "10.8.0.0/22", "app/use1-az2": "10.8.4.0/22"},
                "egress": {"app": "none"},
                "needs": {"app": ["image-pull", "awslogs"]},
                "adopt": {"s3": ids["endpoint"]},
            },
        )

    stack.program = program
    stack.up().expect_success()
    endpoints = stack.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    (gateway,) = [e for e in endpoints if e["VpcEndpointType"] == "Gateway"]
    assert gateway["VpcEndpointId"] == ids["endpoint"]
    tables = {ids["their table"], *(ids[f"table/{zone}"] for zone in zones)}
    assert set(gateway["RouteTableIds"]) == tables
    assert stack.preview().expect_success().changes == []
    stack.destroy().expect_success()
    assert inventory(stack) == before


def test_a_protected_resource_outlives_a_destroy(engine: Engine) -> None:
    def program() -> None:
        aws.ec2.Eip("kept", opts=pulumi.ResourceOptions(protect=True))

    stack = engine.stack(program)
    stack.up().expect_success()
    outcome = stack.destroy()
    assert not outcome.succeeded
    assert "kept" in outcome.output
    assert "protect" in outcome.output
    assert len(stack.client("ec2").describe_addresses()["Addresses"]) == 1
