"""What tests of `Observability` share: a network to watch, and how to run the component."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from privatelane import Observability, ObservabilityArgs
from tests.components.mocks import Run, refusal, run

ACCOUNT, REGION = "123456789012", "eu-west-1"
GROUP = "net-flow-logs-1"

CALLS: dict[str, Mapping[str, Any]] = {
    "aws:index/getRegion:getRegion": {"region": REGION},
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
}
CONFIG = {"aws:region": REGION}

ZONAL = {"euw1-az1": "nat-1", "euw1-az2": "nat-2"}
ENDPOINTS = {"ecr.api": "vpce-api", "ecr.dkr": "vpce-dkr", "s3": "vpce-s3"}


def computed(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    kind = type_.rpartition(":")[2]
    home = f"{REGION}:{ACCOUNT}"
    made: dict[str, Any] = {
        "arn": {
            "MetricAlarm": f"arn:aws:cloudwatch:{home}:alarm:{name}",
            "Topic": f"arn:aws:sns:{home}:{name}",
            "Bucket": f"arn:aws:s3:::{name}",
            "Trail": f"arn:aws:cloudtrail:{home}:trail/{name}",
            "Vpc": f"arn:aws:ec2:{home}:vpc/{name}",
            "LogGroup": f"arn:aws:logs:{home}:log-group:{name}-1",
        }.get(kind, inputs.get("arn", f"arn:{name}")),
        "name": inputs.get("name", f"{name}-1"),
    }
    if kind == "QueryDefinition":
        made["queryDefinitionId"] = f"id-of-{name}"
    return made


def args(**given: Any) -> ObservabilityArgs:
    return cast("ObservabilityArgs", {"vpc_id": "vpc-1", **given})


def watched(*, preview: bool = False, config: Mapping[str, str] = CONFIG, **given: Any) -> Run:
    return run(
        lambda: Observability("obs", args(**given)),
        preview=preview,
        calls=CALLS,
        computed=computed,
        config=config,
    )


def refused(*, config: Mapping[str, str] = CONFIG, **given: Any) -> str:
    sentence = refusal(
        lambda: Observability("obs", args(**given)), calls=CALLS, config=dict(config)
    )
    return sentence.removeprefix("Observability 'obs': ").removesuffix(".")


def body(result: Run) -> Any:
    """The dashboard's body."""
    return json.loads(result.the("Dashboard").inputs["dashboardBody"])
