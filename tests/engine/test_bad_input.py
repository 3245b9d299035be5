"""What a user sees who did something wrong: which sentence, and that nothing was created."""

from __future__ import annotations

import shutil

import pulumi
import pytest

from tests.engine.harness import ROOT, Engine, Outcome, Stack
from tests.engine.reference import Change, edit, reference_stack

pytestmark = pytest.mark.engine


def refused(stack: Stack, outcome: Outcome) -> str:
    """The output of a command that must have failed without creating anything."""
    assert not outcome.succeeded
    assert [entry for entry in stack.journal() if entry.operation == "create"] == []
    return outcome.output


def test_a_stack_without_configuration(engine: Engine) -> None:
    stack = engine.stack(ROOT, name="empty")
    output = refused(stack, stack.preview())
    assert "privatelane:network" in output
    assert "Traceback" not in output


def test_a_stack_without_a_region(engine: Engine) -> None:
    stack = reference_stack(engine, "dev", lambda config: config.pop("aws:region"))
    output = refused(stack, stack.preview())
    assert "region" in output


def test_zones_of_another_region(engine: Engine) -> None:
    def move(config: dict[str, object]) -> None:
        config["aws:region"] = "eu-west-1"

    stack = reference_stack(engine, "dev", move)
    output = refused(stack, stack.preview())
    assert "use1-az1" in output
    assert "eu-west-1" in output
    assert "Traceback" not in output


def test_an_account_that_is_not_allowed(engine: Engine) -> None:
    stack = reference_stack(engine, "dev")
    stack.config["aws:allowedAccountIds"] = ["123456789012"]
    output = refused(stack, stack.preview())
    assert f"AWS account ID not allowed: {stack.account}" in output


def mistyped_zone(config: dict[str, dict[str, object]]) -> None:
    config["privatelane:network"]["zones"] = ["use1-az1", "use1-az1"]


def unknown_setting(config: dict[str, dict[str, object]]) -> None:
    config["privatelane:network"]["nat_gateways"] = 2


def wrong_range(config: dict[str, dict[str, object]]) -> None:
    config["privatelane:network"]["cidr_block"] = "10.0.0.0/8"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (mistyped_zone, "use1-az1"),
        (unknown_setting, "nat_gateways"),
        (wrong_range, "10.0.0.0/8"),
    ],
)
def test_a_setting_that_cannot_be(engine: Engine, change: Change, named: str) -> None:
    stack = reference_stack(engine, "dev")
    edit(stack, change)
    output = refused(stack, stack.preview())
    assert named in output
    assert "Traceback" not in output


def test_a_property_that_the_provider_does_not_know(engine: Engine) -> None:
    # An outdated or misspelt property, which the Python SDK's own classes would not let through.
    def program() -> None:
        pulumi.CustomResource("aws:ec2/vpc:Vpc", "vpc", {"cidrBlok": "10.0.0.0/16"})

    stack = engine.stack(program)
    output = refused(stack, stack.preview())
    assert "Invalid or unknown key" in output
    assert "cidrBlok" in output


def test_a_provider_that_is_missing(engine: Engine) -> None:
    bare = Engine(engine.cli, engine.folder / "bare", engine.endpoint)
    bare.folder.mkdir()
    stack = reference_stack(bare, "dev")
    output = refused(stack, stack.preview())
    assert "no resource plugin 'pulumi-resource-aws' found" in output
    shutil.rmtree(bare.folder)
