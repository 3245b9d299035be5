"""Two of a kind stand side by side: two stacks in one account, two networks in one program."""

from __future__ import annotations

import pulumi
import pytest

from privatelane import Network
from tests.engine.harness import ROOT, Engine, Stack
from tests.engine.inventory import inventory, without
from tests.engine.reference import reference_config

pytestmark = pytest.mark.engine


def physical_ids(stack: Stack) -> set[str]:
    """The ids of everything of AWS in the stack's state."""
    return {r["id"] for r in stack.resources() if r["type"].startswith("aws:")}


def test_two_stacks_of_the_program_share_an_account(engine: Engine) -> None:
    account = "424242424242"
    config = {**reference_config("dev"), "aws:allowedAccountIds": [account]}
    first = engine.stack(ROOT, config, name="blue", account=account)
    second = engine.stack(ROOT, config, name="green", account=account)
    before = inventory(first)
    first.up().expect_success()
    alone = inventory(first)
    second.up().expect_success()
    shared = physical_ids(first) & physical_ids(second)
    # A task definition's id is its family: each stack has revisions of its own in it.
    assert shared <= {r["id"] for r in first.resources() if r["type"].endswith("TaskDefinition")}
    assert first.refresh().expect_success().changes == []
    kept = first.retained() | second.retained()
    second.destroy().expect_success()
    assert without(inventory(first), kept) == without(alone, kept)
    assert first.preview().expect_success().changes == []
    first.destroy().expect_success()
    assert without(inventory(first), kept) == before


def test_two_networks_stand_in_one_program(engine: Engine) -> None:
    def program() -> None:
        for name in ("east", "west"):
            network = Network(
                name,
                {
                    "cidr_block": "10.0.0.0/16",
                    "zones": ["use1-az1", "use1-az2"],
                    "nat": "single",
                    "groups": {"public": {"kind": "public"}, "app": {"kind": "private"}},
                },
            )
            pulumi.export(name, network.vpc_id)

    stack = engine.stack(program)
    before = inventory(stack)
    stack.up().expect_success()
    outputs = stack.outputs()
    assert outputs["east"] != outputs["west"]
    assert stack.preview().expect_success().changes == []
    stack.destroy().expect_success()
    assert inventory(stack) == before
