"""A secret is known to AWS and to nobody else: not to the state file, not to what is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pytest

from privatelane import FargateCluster, FargateService, FargateTaskArgs, Network, needs_of
from tests.engine.programs import ZONES, endpoints_of

if TYPE_CHECKING:
    from tests.engine.harness import Engine

pytestmark = pytest.mark.engine

TOKEN = "swordfish-4711"


def program() -> None:
    """A service that is given a secret of the configuration as an environment variable."""
    token = pulumi.Config().require_secret("token")
    network = Network(
        "network",
        {
            "cidr_block": "10.0.0.0/16",
            "zones": ZONES,
            "nat": "single",
            "groups": {"public": {"kind": "public"}, "app": {"kind": "private"}},
        },
    )
    task: FargateTaskArgs = {
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1",
        "environment": {"TOKEN": token, "HASH": token.apply(lambda text: f"<{text}>")},
    }
    endpoints = endpoints_of(network, {"app": needs_of(task)})
    cluster = FargateCluster("cluster", {})
    FargateService(
        "shop",
        {
            "cluster_arn": cluster.cluster_arn,
            "vpc_id": network.vpc_id,
            "group": "app",
            "subnet_ids": network.subnets,
            "egress": network.egress_by_group,
            "private_services": endpoints.private_services_by_group,
            "endpoint_security_group_id": endpoints.security_group_id,
            "prefix_list_ids": endpoints.prefix_lists,
            "task": task,
        },
    )
    pulumi.export("token", token)


def test_a_secret_is_never_in_plain_text(engine: Engine) -> None:
    stack = engine.stack(program, project="secrets")
    stack.set_secret("token", TOKEN)
    printed = [stack.preview().expect_success(), stack.up(diff=True).expect_success()]
    assert TOKEN not in stack.state_file()
    assert TOKEN not in "".join(outcome.output for outcome in printed)
    for file in stack.folder.rglob("*"):
        if file.is_file():
            assert TOKEN.encode() not in file.read_bytes(), file
    # It did arrive: the task has it.
    ecs = stack.client("ecs")
    (arn,) = ecs.list_task_definitions()["taskDefinitionArns"]
    described = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    environment = {
        item["name"]: item["value"] for item in described["containerDefinitions"][0]["environment"]
    }
    assert environment["TOKEN"] == TOKEN
    assert environment["HASH"] == f"<{TOKEN}>"


def test_a_wrong_passphrase_is_refused(engine: Engine) -> None:
    stack = engine.stack(program, project="secrets")
    stack.set_secret("token", TOKEN)
    stack.environment["PULUMI_CONFIG_PASSPHRASE"] = "incorrect"
    outcome = stack.preview()
    assert not outcome.succeeded
    assert "incorrect passphrase" in outcome.output
    assert stack.journal() == []
