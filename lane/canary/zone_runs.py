"""Runs the canary's task once in each zone, waits, and reads what it wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

from lane.errors import Unusable
from lane.sources.aws.reader import CONFIG, REFUSED, Client, code, raise_if_hopeless, said

if TYPE_CHECKING:
    import boto3

    from lane.canary.stack_outputs import Canary

__all__ = ["ZoneRun", "run_canary"]

#: Verdicts of the program that stand for a way that is not private, or for none.
BAD = frozenset({"public", "unreachable", "unresolved"})

#: Seconds between two looks at the tasks.
_DELAY = 6

#: The last line of the program, which CloudWatch Logs shows seconds after the task has stopped.
_DONE = WaiterModel(
    {
        "version": 2,
        "waiters": {
            "Done": {
                "operation": "FilterLogEvents",
                "delay": 3,
                "maxAttempts": 15,
                "acceptors": [
                    {
                        "matcher": "path",
                        "argument": "length(events[?contains(message, '\"done\"')]) > `0`",
                        "expected": True,
                        "state": "success",
                    },
                    {
                        "matcher": "error",
                        "expected": "ResourceNotFoundException",
                        "state": "retry",
                    },
                ],
            }
        },
    }
)


@dataclass(frozen=True, slots=True)
class ZoneRun:
    """What came of the task in one zone."""

    zone: str
    #: ARN of the task; None when none was started.
    task: str | None
    findings: Sequence[Mapping[str, Any]] = ()
    #: Why there is nothing to judge by; None when the findings are whole.
    problem: str | None = None
    #: Why the task could not start, which is a finding about the network itself.
    stopped: str | None = None

    @property
    def bad(self) -> bool:
        """Whether something in this zone is not as it must be."""
        return self.stopped is not None or any(one["verdict"] in BAD for one in self.findings)


def run_canary(canary: Canary, session: boto3.Session, timeout: int) -> list[ZoneRun]:
    """Return what came of the canary in each zone, when all stopped or `timeout` seconds passed.

    Raises `Unusable` when AWS does not let the tasks be started or watched at all.
    """
    ecs: Client = session.client("ecs", region_name=canary.region, config=CONFIG)
    logs: Client = session.client("logs", region_name=canary.region, config=CONFIG)
    started = [_started(ecs, canary, zone) for zone in sorted(canary.subnets)]
    running = [one.task for one in started if one.task is not None]
    stopped: dict[str, Any] = {}
    if running:
        _wait(ecs, canary, running, timeout)
        stopped = _described(ecs, canary, running)
    return [
        one if one.task is None else _ended(ecs, logs, canary, one, stopped.get(one.task))
        for one in started
    ]


def _started(ecs: Client, canary: Canary, zone: str) -> ZoneRun:
    try:
        answer = ecs.run_task(
            cluster=canary.cluster,
            taskDefinition=canary.task_definition,
            launchType="FARGATE",
            count=1,
            startedBy="lane-canary",
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": [canary.subnets[zone]],
                    "securityGroups": [canary.security_group],
                    "assignPublicIp": "DISABLED",
                }
            },
            overrides={
                "containerOverrides": [
                    {
                        "name": canary.container,
                        "environment": [{"name": "CANARY_ZONE", "value": zone}],
                    }
                ]
            },
        )
    except REFUSED as error:
        raise_if_hopeless(error)
        if code(error) in ("AccessDeniedException", "ClusterNotFoundException", "ClientException"):
            raise Unusable(f"the canary cannot be run: {said(error)}") from error
        return ZoneRun(zone, None, problem=f"the task was not started: {said(error)}")
    if not answer["tasks"]:
        why = "; ".join(one.get("reason", "no reason") for one in answer.get("failures", ()))
        return ZoneRun(zone, None, problem=f"the task was not started: {why}")
    return ZoneRun(zone, answer["tasks"][0]["taskArn"])


def _wait(ecs: Client, canary: Canary, tasks: Sequence[str], timeout: int) -> None:
    try:
        ecs.get_waiter("tasks_stopped").wait(
            cluster=canary.cluster,
            tasks=list(tasks),
            WaiterConfig={"Delay": _DELAY, "MaxAttempts": max(1, timeout // _DELAY)},
        )
    except WaiterError:
        pass  # what still runs is told zone by zone
    except REFUSED as error:
        raise_if_hopeless(error)
        raise Unusable(f"the canary runs, but cannot be watched: {said(error)}") from error


def _described(ecs: Client, canary: Canary, tasks: Sequence[str]) -> dict[str, Any]:
    try:
        answer = ecs.describe_tasks(cluster=canary.cluster, tasks=list(tasks))
    except REFUSED as error:
        raise_if_hopeless(error)
        raise Unusable(f"the canary runs, but cannot be watched: {said(error)}") from error
    return {one["taskArn"]: one for one in answer["tasks"]}


def _ended(
    ecs: Client, logs: Client, canary: Canary, run: ZoneRun, task: Mapping[str, Any] | None
) -> ZoneRun:
    assert run.task is not None
    if task is None:
        return ZoneRun(run.zone, run.task, problem="ECS does not know the task any more")
    if task["lastStatus"] != "STOPPED":
        return _stop(ecs, canary, run)
    if task.get("stopCode") == "TaskFailedToStart":
        return ZoneRun(run.zone, run.task, stopped=task.get("stoppedReason") or "no reason given")
    try:
        lines = _lines(logs, canary, run.task)
    except WaiterError:
        return ZoneRun(run.zone, run.task, problem=f"its log {canary.log_group} is not whole")
    except REFUSED as error:
        raise_if_hopeless(error)
        return ZoneRun(run.zone, run.task, problem=f"its log cannot be read: {said(error)}")
    return ZoneRun(run.zone, run.task, findings=[one for one in lines if "verdict" in one])


def _stop(ecs: Client, canary: Canary, run: ZoneRun) -> ZoneRun:
    problem = "the task did not end in time, and was stopped"
    try:
        ecs.stop_task(
            cluster=canary.cluster, task=run.task, reason="lane canary waited long enough"
        )
    except REFUSED as error:
        problem = f"the task did not end in time, and could not be stopped: {said(error)}"
    return ZoneRun(run.zone, run.task, problem=problem)


def _lines(logs: Client, canary: Canary, task: str) -> list[dict[str, Any]]:
    stream = f"{canary.stream_prefix}/{task.rpartition('/')[2]}"
    place = {"logGroupName": canary.log_group, "logStreamNames": [stream]}
    create_waiter_with_client("Done", _DONE, logs).wait(**place)
    pages = logs.get_paginator("filter_log_events").paginate(**place)
    told = (event["message"] for page in pages for event in page["events"])
    # Beside ours there may be what Python says, such as of a missing certificate authority.
    return [json.loads(line) for line in told if line.startswith('{"') and '"canary": 1' in line]
