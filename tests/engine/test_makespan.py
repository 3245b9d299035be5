"""Nothing waits for what it does not need: the makespan is the longest unavoidable chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws
import pytest

from tests.engine import report
from tests.engine.makespan import as_json, makespan, unavoidable
from tests.engine.reference import reference_stack

if TYPE_CHECKING:
    from tests.engine.harness import Engine

pytestmark = pytest.mark.engine

#: How much longer than the longest unavoidable chain a deployment may take.
GOAL = 1.05


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_deployment_takes_no_longer_than_aws_does(engine: Engine, name: str) -> None:
    stack = reference_stack(engine, name)
    stack.up().expect_success()
    took, needed = makespan(stack), unavoidable(stack)
    ratio = took.seconds / needed.seconds
    report.add_row(
        "makespan",
        stack=name,
        makespan=took.seconds,
        unavoidable=needed.seconds,
        ratio=round(ratio, 3),
        chain=took.names,
    )
    assert ratio <= GOAL, f"took {as_json(took)}\nneeded {as_json(needed)}"


def test_an_order_that_nobody_needs_shows(engine: Engine) -> None:
    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True)
        subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24")
        nat = aws.ec2.NatGateway("nat", subnet_id=subnet.id, connectivity_type="private")
        aws.ec2.VpcEndpoint(
            "logs",
            vpc_id=vpc.id,
            service_name="com.amazonaws.us-east-1.logs",
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=[subnet.id],
            opts=pulumi.ResourceOptions(depends_on=[nat]),
        )

    stack = engine.stack(program)
    stack.up().expect_success()
    assert [name.split()[0] for name in makespan(stack).names] == [
        "Vpc",
        "Subnet",
        "NatGateway",
        "VpcEndpoint",
    ]
    assert [name.split()[0] for name in unavoidable(stack).names] == [
        "Vpc",
        "Subnet",
        "NatGateway",
    ]
