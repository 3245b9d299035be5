"""What tests of Fargate services share: a network to place them in, and how to run them."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, cast

import pulumi

from privatelane.ecs.fargate_service import FargateService, FargateServiceArgs
from tests.components import mocks
from tests.components.mocks import Registered, Run, run

# What a failed run leaves behind in asyncio is reported there as never retrieved; Pulumi's own
# language host keeps these reports from its users in the same way.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

ACCOUNT = "123456789012"
REGION = "eu-west-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:1.4.2"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/main"
ZONES = ("euw1-az1", "euw1-az2")

#: The provider's answers to where and who it is.
CALLS: dict[str, Mapping[str, Any]] = {
    "aws:index/getRegion:getRegion": {"region": REGION},
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
}


@dataclasses.dataclass(frozen=True)
class Later:
    """Stands for an Output in arguments that are written down before there is an event loop."""

    value: Any
    secret: bool = False


def resolved(value: Any) -> Any:
    """Put Outputs in the places of `Later`, which needs a running program."""
    if isinstance(value, Later):
        made = pulumi.Output.from_input(value.value)
        return pulumi.Output.secret(made) if value.secret else made
    if isinstance(value, dict):
        return {key: resolved(item) for key, item in value.items()}
    return value


def computed(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What the provider would tell of resources that exist."""
    made: dict[str, Any] = {"arn": f"arn:{name}", "name": inputs.get("name", f"{name}-name")}
    if type_.endswith((":LoadBalancer", ":TargetGroup")):
        made["arnSuffix"] = f"suffix/{name}"
        made["dnsName"] = f"{name}.elb.example"
        made["zoneId"] = "Z1"
    return made


def network_args(*groups: str, zones: tuple[str, ...] = ZONES) -> dict[str, Any]:
    """A network of plain ids: `app` is closed, `web` public, `mixed` behind NAT."""
    egress = {"app": "none", "web": "internet-gateway", "mixed": "nat"}
    chosen = groups or tuple(egress)
    return {
        "vpc_id": "vpc-1",
        "subnet_ids": {f"{group}/{zone}": f"{group}-{zone}" for group in chosen for zone in zones},
        "egress": {group: egress[group] for group in chosen},
        "private_services": {
            "app": "ecr.api,ecr.dkr,kms,logs,s3,secretsmanager,ssm,ssmmessages",
            "mixed": "ecr.api,ecr.dkr,s3",
        },
        "endpoint_security_group_id": "sg-endpoints",
        "prefix_list_ids": {"s3": "pl-s3"},
    }


def service_args(
    task: Mapping[str, Any] | None = None,
    **given: Any,
) -> FargateServiceArgs:
    """A service with an image of its own region, in the closed group."""
    return cast(
        "FargateServiceArgs",
        {
            **network_args(),
            "cluster_arn": CLUSTER,
            "group": "app",
            "region": REGION,
            "task": {"image": IMAGE, **(task or {})},
            **given,
        },
    )


def served(
    task: Mapping[str, Any] | None = None,
    *,
    preview: bool = False,
    **given: Any,
) -> Run:
    """What a service called `web` registers."""
    args = service_args(task, **given)
    return deployed(lambda: FargateService("web", resolved(args)), preview=preview)


def deployed(program: Callable[[], object], *, preview: bool = False) -> Run:
    """What a program registers."""
    return run(program, preview=preview, calls=CALLS, computed=computed)


def refused(
    task: Mapping[str, Any] | None = None,
    *,
    name: str = "web",
    **given: Any,
) -> str:
    """The sentence with which a service is refused, before anything is registered."""
    args = service_args(task, **given)
    sentence = mocks.refusal(lambda: FargateService(name, resolved(args)), calls=CALLS)
    return sentence.removeprefix(f"FargateService {name!r}: ").removesuffix(".")


def refused_later(args: FargateServiceArgs) -> tuple[str, list[Registered]]:
    """The sentence of a check that had to wait for an Output, and what was registered by then."""
    sentence, result = mocks.late_refusal(
        lambda: FargateService("web", resolved(args)), calls=CALLS, computed=computed
    )
    return sentence.removeprefix("FargateService 'web': ").removesuffix("."), result.resources


def containers(result: Run, name: str = "web-task") -> list[dict[str, Any]]:
    """The container definitions of a task definition."""
    document = result.the("TaskDefinition", name).inputs["containerDefinitions"]
    parsed: list[dict[str, Any]] = json.loads(document)
    return parsed


def statements(result: Run, name: str) -> dict[str, dict[str, Any]]:
    """The statements of a role's policy by Sid."""
    document = json.loads(result.the("RolePolicy", name).inputs["policy"])
    return {one["Sid"]: one for one in document["Statement"]}
