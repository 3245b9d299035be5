"""An account in moto in which a canary is deployed, and ways in which its tasks may end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import botocore.loaders
import botocore.session
from moto.moto_api import state_manager

REGION = "eu-west-1"
ZONES = ("euw1-az1", "euw1-az2")
GROUP = "/ecs/shop/prod/canary"

#: One for all accounts, as it reads each service's definition once, which takes seconds for EC2.
_DEFINITIONS = botocore.loaders.create_loader()

PRIVATE = {
    "service": "ecr.dkr",
    "host": "1.dkr.ecr.eu-west-1.amazonaws.com",
    "addresses": ["10.0.1.7"],
    "statuses": [401],
    "milliseconds": 12,
    "verdict": "private",
    "reason": "resolves to addresses of the VPC only, and each of them answers",
}
PUBLIC = {
    **PRIVATE,
    "service": "ecr.api",
    "host": "api.ecr.eu-west-1.amazonaws.com",
    "addresses": ["52.95.0.1"],
    "statuses": [],
    "verdict": "public",
    "reason": "resolves to 52.95.0.1, which is not in the VPC",
}


def written(zone: str, findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the program writes to its log, the last line included."""
    done = {"canary": 1, "zone": zone, "done": len(findings), "bad": 0}
    return [
        json.dumps(one) for one in (*({"canary": 1, "zone": zone, **f} for f in findings), done)
    ]


class Account:
    """The account; its tasks write what `lines` says of their zone, then end."""

    def __init__(self, folder: Path) -> None:
        state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1})
        base = botocore.session.Session()
        base.register_component("data_loader", _DEFINITIONS)
        self.session = boto3.Session(
            region_name=REGION,
            aws_access_key_id="x",
            aws_secret_access_key="x",
            botocore_session=base,
        )
        self.lines: Callable[[str], list[str]] = lambda zone: written(zone, [PRIVATE])
        #: Zone by the ARN of its task, in the order of their start.
        self.tasks: dict[str, str] = {}
        #: The parameters of each call that starts or stops a task.
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._logs = self.session.client("logs")
        self._logs.create_log_group(logGroupName=GROUP)
        self.file = folder / "outputs.json"
        self.output = self._deploy()
        self.file.write_text(json.dumps({"vpc_id": "vpc-1", "canary": self.output}))
        events = self.session.events
        events.register("before-parameter-build.ecs.RunTask", self._noted("run"))
        events.register("before-parameter-build.ecs.StopTask", self._noted("stop"))
        events.register("after-call.ecs.RunTask", self._runs)

    def _deploy(self) -> dict[str, str]:
        ec2, ecs = self.session.client("ec2"), self.session.client("ecs")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        group = ec2.create_security_group(GroupName="c", Description="c", VpcId=vpc)["GroupId"]
        subnets = {
            f"subnet/{zone}": ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")[
                "Subnet"
            ]["SubnetId"]
            for number, zone in enumerate(ZONES)
        }
        cluster = ecs.create_cluster(clusterName="main")["cluster"]["clusterArn"]
        definition = ecs.register_task_definition(
            family="canary",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "canary", "image": "python", "memory": 512}],
        )["taskDefinition"]["taskDefinitionArn"]
        return {
            "cluster": cluster,
            "taskDefinition": definition,
            "securityGroup": group,
            "logGroup": GROUP,
            "logStreamPrefix": "canary/canary",
            "container": "canary",
            "region": REGION,
            **subnets,
        }

    def _noted(self, what: str) -> Callable[..., None]:
        def note(params: dict[str, Any], **_: Any) -> None:
            # botocore gives each call a token of its own.
            given = {key: value for key, value in params.items() if key != "clientToken"}
            self.calls.append((what, given))

        return note

    def _runs(self, parsed: dict[str, Any], **_: Any) -> None:
        """What the container does, once ECS has started it."""
        for task in parsed.get("tasks", ()):
            zone = self.calls[-1][1]["overrides"]["containerOverrides"][0]["environment"][0][
                "value"
            ]
            self.tasks[task["taskArn"]] = zone
            lines = self.lines(zone)
            if lines:
                stream = f"canary/canary/{task['taskArn'].rpartition('/')[2]}"
                self._logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
                self._logs.put_log_events(
                    logGroupName=GROUP,
                    logStreamName=stream,
                    logEvents=[{"timestamp": 1_795_000_000_000, "message": one} for one in lines],
                )
