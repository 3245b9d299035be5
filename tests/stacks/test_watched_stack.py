"""The reference stack with everything that watches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.stacks.conftest import Preview, dev

OBSERVABILITY = "privatelane:observability"


def watched(**settings: Any) -> dict[str, Any]:
    """The configuration of dev, watched, with flow logs to ask."""
    config = dev()
    config["privatelane:network"]["flow_logs"] = {"destination": "cloudwatch"}
    config[OBSERVABILITY] = settings
    return config


def test_what_watches_the_network_changes_no_lane_and_is_no_finding(
    preview_of: Callable[[dict[str, Any]], Preview],
) -> None:
    unwatched = preview_of({**dev(), "privatelane:network": watched()["privatelane:network"]})
    answer = preview_of(watched())

    assert (unwatched.status, answer.status) == (0, 0)
    assert answer.lanes() == unwatched.lanes()
    assert answer.report["violations"] == unwatched.report["violations"]
    # The component, its dashboard, 7 queries, 3 alarms of the NAT gateway, and 2 of each of the
    # endpoints for ecr.api, ecr.dkr and logs.
    count = answer.report["counts"]["resources"] - unwatched.report["counts"]["resources"]
    assert count == 1 + 1 + 7 + 3 + 2 * 3


def test_whoever_is_told_gets_a_topic(preview_of: Callable[[dict[str, Any]], Preview]) -> None:
    told = {"alerts": {"emails": ["network@example.com"]}, "network_changes": {}}
    with_topic = preview_of(watched(**told)).report["counts"]["resources"]
    without = preview_of(watched()).report["counts"]["resources"]

    # Topic, policy, subscription, rule and target.
    assert with_topic - without == 5


def test_a_misspelt_setting_is_named(preview_of: Callable[[dict[str, Any]], Preview]) -> None:
    answer = preview_of(watched(alarms={"endpoint_idle_hour": 3}))

    assert (answer.status, answer.out) == (2, "")
    assert f"{OBSERVABILITY}.alarms.endpoint_idle_hour" in answer.err
    assert "did you mean 'endpoint_idle_hours'" in answer.err


def test_what_the_program_wires_is_no_setting(
    preview_of: Callable[[dict[str, Any]], Preview],
) -> None:
    answer = preview_of(watched(vpc_id="vpc-1"))

    assert (answer.status, answer.out) == (2, "")
    assert f"{OBSERVABILITY}.vpc_id is no setting" in answer.err


def test_the_canary_is_a_task_that_changes_no_lane_and_is_no_finding(
    preview_of: Callable[[dict[str, Any]], Preview],
) -> None:
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/python:3.13-slim"
    plain = preview_of(dev())
    answer = preview_of({**dev(), "privatelane:canary": {"image": image, "group": "app"}})

    assert (plain.status, answer.status) == (0, 0)
    assert answer.lanes() == plain.lanes()
    assert answer.report["violations"] == plain.report["violations"]
    # The component, a log group, two roles, a policy, a security group with two rules, the task.
    count = answer.report["counts"]["resources"] - plain.report["counts"]["resources"]
    assert count == 1 + 1 + 2 + 1 + 1 + 2 + 1


def test_a_canary_whose_image_cannot_be_pulled_there_is_refused(
    preview_of: Callable[[dict[str, Any]], Preview],
) -> None:
    answer = preview_of({**dev(), "privatelane:canary": {"image": "python:3.13", "group": "app"}})

    assert (answer.status, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "EndpointCanary 'canary'" in answer.err
    assert "python:3.13" in answer.err
