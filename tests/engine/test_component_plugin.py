"""The components as a plugin of the engine: a program in any language gets the same resources.

What such a program sends are camel-case keys and floats; it has no component classes, only the
schema's names and the outputs that travel over the wire.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi
import pytest

import privatelane
from privatelane import Network, SubnetGroupArgs
from tests.engine.inventory import inventory
from tests.engine.programs import ZONES, endpoints_of

if TYPE_CHECKING:
    from tests.engine.harness import Engine, Stack

pytestmark = pytest.mark.engine


class Remote(pulumi.ComponentResource):
    """A component of the plugin, as a generated SDK would write it."""

    def __init__(
        self, component: str, name: str, inputs: dict[str, Any], outputs: Sequence[str] = ()
    ) -> None:
        super().__init__(
            f"privatelane:index:{component}",
            name,
            {**inputs, **dict.fromkeys(outputs)},
            pulumi.ResourceOptions(version=privatelane.__version__),
            remote=True,
        )

    def translate_output_property(self, prop: str) -> str:
        """The attribute for a property of the wire."""
        return re.sub(r"(?<=[a-z])([A-Z])", lambda match: "_" + match[1].lower(), prop)


class RemoteNetwork(Remote):
    """`Network` with the outputs that the endpoints need."""

    @property
    @pulumi.getter(name="vpcId")
    def vpc_id(self) -> Any:
        return pulumi.get(self, "vpc_id")

    @property
    @pulumi.getter(name="subnetIds")
    def subnet_ids(self) -> Any:
        return pulumi.get(self, "subnet_ids")

    @property
    @pulumi.getter(name="routeTableIds")
    def route_table_ids(self) -> Any:
        return pulumi.get(self, "route_table_ids")

    @property
    @pulumi.getter(name="subnetCidrs")
    def subnet_cidrs(self) -> Any:
        return pulumi.get(self, "subnet_cidrs")

    @property
    @pulumi.getter
    def egress(self) -> Any:
        return pulumi.get(self, "egress")


GROUPS: dict[str, SubnetGroupArgs] = {"public": {"kind": "public"}, "app": {"kind": "private"}}
NEEDS = {"app": ["image-pull", "awslogs"]}


def in_process() -> None:
    """The network and its endpoints with the Python classes."""
    network = Network(
        "network",
        {"cidr_block": "10.0.0.0/16", "zones": ZONES, "nat": "single", "groups": GROUPS},
    )
    endpoints_of(network, NEEDS)
    pulumi.export("vpc_id", network.vpc_id)


def through_the_plugin() -> None:
    """The same over the wire."""
    network = RemoteNetwork(
        "Network",
        "network",
        {"cidrBlock": "10.0.0.0/16", "zones": ZONES, "nat": "single", "groups": GROUPS},
        ("vpc_id", "subnet_ids", "route_table_ids", "subnet_cidrs", "egress"),
    )
    Remote(
        "Endpoints",
        "endpoints",
        {
            "vpcId": network.vpc_id,
            "subnetIds": network.subnet_ids,
            "routeTableIds": network.route_table_ids,
            "subnetCidrs": network.subnet_cidrs,
            "egress": network.egress,
            "needs": NEEDS,
        },
    )
    pulumi.export("vpc_id", network.vpc_id)


def made(stack: Stack) -> dict[tuple[str, str], str]:
    """What the stack consists of, and which component each thing belongs to."""
    return {
        (r["type"], r["urn"].rsplit("::", 1)[-1]): r.get("parent", "").rsplit("::", 1)[-1]
        for r in stack.resources()
        if r["type"].startswith(("aws:", "privatelane:"))
    }


def test_a_program_in_another_language_gets_the_same_resources(engine: Engine) -> None:
    here = engine.stack(in_process)
    here.up().expect_success()
    there = engine.stack(through_the_plugin)
    before = inventory(there)
    there.preview().expect_success()
    there.up().expect_success()
    assert made(there) == made(here)
    assert there.outputs()["vpc_id"].startswith("vpc-")
    assert there.preview().expect_success().changes == []
    there.destroy().expect_success()
    assert inventory(there) == before


def test_a_refusal_of_the_plugin_is_one_sentence_and_creates_nothing(engine: Engine) -> None:
    def program() -> None:
        Remote(
            "Network",
            "network",
            {"cidrBlock": "10.0.0.0/33", "zones": ZONES, "groups": GROUPS},
        )

    stack = engine.stack(program)
    outcome = stack.preview()
    assert not outcome.succeeded
    # What follows the sentence is the Automation API's: the engine hung up on its program.
    sentences = [text for text in outcome.diagnostics if "10.0.0.0/33" in text]
    assert len(sentences) == 1
    assert "Traceback" not in sentences[0]
    assert stack.resources() == []
