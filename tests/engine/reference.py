"""The reference program on the engine: its stacks, with what their account must already have."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import yaml

from tests.engine.harness import ROOT, Engine, Stack

Change = Callable[[dict[str, Any]], None]


def reference_config(name: str) -> dict[str, Any]:
    """The configuration of `Pulumi.<name>.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())
    config: dict[str, Any] = loaded["config"]
    return config


def reference_stack(engine: Engine, name: str, *changes: Change, **options: Any) -> Stack:
    """A stack of the reference program; `changes` edit its configuration."""
    stack = engine.stack(ROOT, name=name, **options)
    if "aws:allowedAccountIds" in stack.config:
        # Each stack has an account of its own here, not the one in the file.
        stack.config["aws:allowedAccountIds"] = [stack.account]
    for service in stack.config.get("privatelane:services", {}).values():
        balancer = service.get("load_balancer", {})
        if "certificate_arn" in balancer:
            # AWS refuses a listener whose certificate the account does not have.
            answer = stack.client("acm").request_certificate(DomainName="shop.example.com")
            balancer["certificate_arn"] = answer["CertificateArn"]
    for change in changes:
        edit(stack, change)
    return stack


def edit(stack: Stack, change: Change) -> None:
    """Change the stack's configuration; the change is given a copy."""
    config = copy.deepcopy(stack.config)
    change(config)
    stack.config = config
