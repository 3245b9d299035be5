"""The reference stack with what watches it, through a whole life on the engine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.inventory import inventory
from tests.engine.reference import reference_stack

if TYPE_CHECKING:
    from tests.engine.harness import Engine

pytestmark = pytest.mark.engine


def watched(config: dict[str, Any]) -> None:
    """Add queries, alarms, a dashboard and the canary.

    Without alerts: the simulated provider has no SNS.
    """
    config["privatelane:observability"] = {"alarms": {"may_be_idle": ["ecr.api"]}}
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/python:3.13-slim"
    config["privatelane:canary"] = {"image": image, "group": "shop", "architecture": "ARM64"}


def test_what_watches_a_stack_comes_once_and_goes_with_it(engine: Engine) -> None:
    stack = reference_stack(engine, "prod", watched)
    before = inventory(stack)
    created = stack.up().expect_success()
    kinds = Counter(one.partition(" ")[0] for one in created.listed("create"))
    # Of six interface endpoints each has an alarm for drops, and all but one for idleness.
    assert (kinds["QueryDefinition"], kinds["Dashboard"], kinds["MetricAlarm"]) == (7, 1, 11)
    assert kinds["EndpointCanary"] == 1
    assert stack.preview().expect_success().changes == []
    retained = stack.retained()
    destroyed = stack.destroy().expect_success()
    assert destroyed.of("delete") == created.of("create")
    left = inventory(stack)
    assert {thing.split(":", 1)[1] for thing in left - before} == retained
