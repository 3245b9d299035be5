"""Every setting that cannot be used is refused with one sentence, and nothing is registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.conftest import Preview, dev, preview

NETWORK, SERVICES, ENDPOINTS = (
    "privatelane:network",
    "privatelane:services",
    "privatelane:endpoints",
)

#: What is changed in dev, and what the sentence must name: the field, the value, what is right.
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a misspelt setting": (
        {NETWORK: {"zoness": []}},
        ["privatelane:network.zoness", "did you mean 'zones'"],
    ),
    "a misspelt setting deep inside": (
        {SERVICES: {"vinashoes": {"task": {"memry": 512}}}},
        ["privatelane:services.vinashoes.task.memry", "did you mean 'memory'"],
    ),
    "a setting of the wrong type": (
        {NETWORK: {"zones": "use1-az1"}},
        ["privatelane:network.zones is 'use1-az1'", "list"],
    ),
    "a setting that the program makes itself": (
        {SERVICES: {"vinashoes": {"vpc_id": "vpc-1"}}},
        ["privatelane:services.vinashoes.vpc_id is no setting"],
    ),
    "a misspelt part of the configuration": (
        {"privatelane:servces": {}},
        ["privatelane:servces is no setting", "did you mean 'services'"],
    ),
    "a number for a truth value": (
        {SERVICES: {"vinashoes": {"wait_for_steady_state": 1}}},
        ["privatelane:services.vinashoes.wait_for_steady_state is 1, it must be true or false."],
    ),
    "text for a number": (
        {NETWORK: {"group_slots": "4"}},
        ["privatelane:network.group_slots is '4', it must be a whole number."],
    ),
    "a list for a map": (
        {NETWORK: {"groups": ["app"]}},
        ["privatelane:network.groups is ['app'], it must be a map."],
    ),
    "a service in a group that there is not": (
        {SERVICES: {"vinashoes": {"group": "apps"}}},
        ["privatelane:services.vinashoes.group names 'apps'", "privatelane:network.groups", "app"],
    ),
    "an image that is none": (
        {SERVICES: {"vinashoes": {"task": {"image": ""}}}},
        ["lane: privatelane:services.vinashoes.task.image is ''", "image reference"],
    ),
    "a need that there is not": (
        {SERVICES: {"vinashoes": {"task": {"uses": ["dynamo"]}}}},
        ["lane: privatelane:services.vinashoes.task.uses", "'dynamo'", "dynamodb"],
    ),
    "text for a map": ({NETWORK: "10.0.0.0/16"}, ["privatelane:network", "10.0.0.0/16", "object"]),
    "a misaligned range": (
        {NETWORK: {"cidr_block": "10.0.1.0/16"}},
        ["10.0.1.0/16", "10.0.0.0/16"],
    ),
    "overlapping ranges": (
        {NETWORK: {"secondary_cidr_blocks": ["10.0.128.0/17"]}},
        ["10.0.128.0/17", "10.0.0.0/16", "overlap"],
    ),
    "a range too small for its subnets": (
        {NETWORK: {"cidr_block": "10.0.0.0/24"}},
        ["10.0.0.0/24", "/28"],
    ),
    "one zone": ({NETWORK: {"zones": ["use1-az1"]}}, ["zones", "two"]),
    "an unknown zone": ({NETWORK: {"zones": ["use1-az1", "use1-az9"]}}, ["use1-az9", "us-east-1"]),
    "a zone of another region": (
        {NETWORK: {"zones": ["use1-az1", "euw1-az1"]}},
        ["euw1-az1", "us-east-1"],
    ),
    "a zonal NAT without public subnets": (
        {NETWORK: {"groups": {"public": {"kind": "isolated", "slot": 0}}}},
        ["nat", "single", "public"],
    ),
    "an endpoint that AWS does not know": (
        {ENDPOINTS: {"services": ["ecr.dkrr"]}},
        ["services", "ecr.dkrr", "ecr.dkr"],
    ),
    "cpu and memory that Fargate refuses": (
        {SERVICES: {"vinashoes": {"task": {"cpu": 256, "memory": 4096}}}},
        ["memory", "4096", "256"],
    ),
}


def changed(config: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the change merged into it."""
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            changed(config[key], value)
        else:
            config[key] = value
    return config


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_with_one_sentence(
    case: str, preview_of: Callable[[dict[str, Any]], Preview]
) -> None:
    change, named = CASES[case]

    answer = preview_of(changed(dev(), change))

    assert (answer.status, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    for text in named:
        assert text in answer.err


def test_a_missing_stack_file_is_named_with_those_there_are() -> None:
    answer = preview("--stack", "nope")

    assert (answer.status, answer.out) == (2, "")
    assert "Pulumi.nope.yaml" in answer.err
    assert "dev" in answer.err


def test_a_missing_region_is_named(
    preview_of: Callable[[dict[str, Any]], Preview], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    config = dev()
    del config["aws:region"]

    answer = preview_of(config)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        "lane: aws:region is missing, add it to Pulumi.test.yaml, such as us-east-1.\n"
    )


def test_a_missing_network_is_named(preview_of: Callable[[dict[str, Any]], Preview]) -> None:
    config = dev()
    del config[NETWORK]

    answer = preview_of(config)

    assert answer.status == 2
    assert "privatelane:network" in answer.err
    assert "Pulumi.test.yaml" in answer.err
