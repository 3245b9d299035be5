"""`lane canary` in an account that moto plays: tasks in each zone, their logs, their ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber
from moto import mock_aws
from moto.moto_api import state_manager

from lane.canary.command import canary
from lane.canary.stack_outputs import read_canary
from lane.errors import Unusable
from tests.lane.canary.account import PRIVATE, PUBLIC, ZONES, Account, written
from tests.lane.running import run_lane


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr("botocore.waiter.time.sleep", lambda _: None)
    with mock_aws():
        deployed = Account(tmp_path)
        monkeypatch.setattr("lane.sources.aws.session_of_environment", lambda: deployed.session)
        yield deployed
    state_manager.unset_transition("ecs::task")


def ran(
    account: Account, capsys: pytest.CaptureFixture[str], format_: Any = "json"
) -> tuple[int, str]:
    """Exit status and standard output."""
    try:
        canary(account.file, format=format_)
    except typer.Exit as end:
        return end.exit_code, capsys.readouterr().out
    raise AssertionError("it did not say how it ended")


def test_a_task_runs_in_each_zone_with_the_canary_s_group_and_no_public_address(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = ran(account, capsys)
    assert status == 0
    assert [what for what, _ in account.calls] == ["run", "run"]
    assert [call for _, call in account.calls] == [
        {
            "cluster": account.output["cluster"],
            "taskDefinition": account.output["taskDefinition"],
            "launchType": "FARGATE",
            "count": 1,
            "startedBy": "lane-canary",
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": [account.output[f"subnet/{zone}"]],
                    "securityGroups": [account.output["securityGroup"]],
                    "assignPublicIp": "DISABLED",
                }
            },
            "overrides": {
                "containerOverrides": [
                    {"name": "canary", "environment": [{"name": "CANARY_ZONE", "value": zone}]}
                ]
            },
        }
        for zone in ZONES
    ]
    by_zone = {zone: task for task, zone in account.tasks.items()}
    assert json.loads(out) == {
        "schema": "privatelane/1",
        "source": "canary",
        "zones": [
            {"zone": zone, "task": by_zone[zone], "stopped": None, "problem": None}
            for zone in ZONES
        ],
        "findings": [{"zone": zone, **PRIVATE} for zone in ZONES],
        "counts": {"zones": 2, "private": 2, "reached": 0, "unknown": 0, "bad": 0},
    }


def test_one_endpoint_that_is_not_private_in_one_zone_is_exit_status_1(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.lines = lambda zone: written(zone, [PRIVATE, PUBLIC] if zone == ZONES[1] else [PRIVATE])
    status, out = ran(account, capsys)
    assert status == 1
    assert [(one["zone"], one["service"]) for one in json.loads(out)["findings"]] == [
        (ZONES[0], "ecr.dkr"),
        (ZONES[1], "ecr.api"),
        (ZONES[1], "ecr.dkr"),
    ]
    assert json.loads(out)["counts"]["bad"] == 1


def test_people_read_which_endpoint_in_which_zone_and_why(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.lines = lambda zone: written(zone, [PUBLIC])
    status, out = ran(account, capsys, "text")
    assert status == 1
    (row,) = [line for line in out.splitlines() if line.split()[:1] == [ZONES[0]]]
    assert row.split()[:4] == [ZONES[0], "ecr.api", "public", "12"]
    assert "which is not in the VPC" in row
    assert out.splitlines()[-1] == "canary: 2 zones, 0 private, 0 reached, 0 unknown, 2 bad"


def test_two_runs_of_one_network_print_the_same_findings(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.lines = lambda zone: written(zone, [PUBLIC, PRIVATE])
    first = json.loads(ran(account, capsys)[1])
    account.lines = lambda zone: written(zone, [PRIVATE, PUBLIC])
    second = json.loads(ran(account, capsys)[1])
    assert first["findings"] == second["findings"]


def test_other_lines_in_the_log_are_left_alone(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.lines = lambda zone: [
        "a warning of Python's",
        '{"other": 1}',
        *written(zone, [PRIVATE]),
    ]
    assert ran(account, capsys)[0] == 0


def test_a_task_that_cannot_start_is_a_finding_about_the_network(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    why = "CannotPullContainerError: dial tcp 52.1.1.1:443: i/o timeout"

    def failed(parsed: dict[str, Any], **_: Any) -> None:
        for task in parsed["tasks"]:
            task.update(lastStatus="STOPPED", stopCode="TaskFailedToStart", stoppedReason=why)

    account.session.events.register("after-call.ecs.DescribeTasks", failed)
    account.lines = lambda _: []
    status, out = ran(account, capsys)
    assert status == 1
    assert {one["stopped"] for one in json.loads(out)["zones"]} == {why}
    assert why in ran(account, capsys, "text")[1]


# What could not be found out: exit status 2, with the rest told all the same.


def judged(account: Account, capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[str, Any]:
    """The sentence and what was told beside it."""
    with pytest.raises(Unusable) as caught:
        canary(account.file, format="json", **options)
    return str(caught.value), json.loads(capsys.readouterr().out)


def test_a_zone_without_capacity_is_not_judged_and_the_other_is_told(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(parsed: dict[str, Any], **_: Any) -> None:
        if len(account.calls) == 1:
            parsed.update(tasks=[], failures=[{"reason": "Capacity is unavailable at this time"}])

    account.session.events.register_first("after-call.ecs.RunTask", full)
    sentence, told = judged(account, capsys)
    assert sentence == (
        "not every zone could be judged: euw1-az1: the task was not started: Capacity is"
        " unavailable at this time"
    )
    assert [one["zone"] for one in told["findings"]] == [ZONES[1]]


def test_a_task_that_does_not_end_is_stopped(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 99})
    sentence, told = judged(account, capsys, timeout=30)
    assert "euw1-az1: the task did not end in time, and was stopped" in sentence
    assert [call["task"] for what, call in account.calls if what == "stop"] == list(account.tasks)
    assert told["findings"] == []


def test_a_log_without_its_last_line_is_not_whole(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.lines = lambda zone: written(zone, [PRIVATE])[:-1]
    sentence, told = judged(account, capsys)
    assert sentence.endswith("euw1-az2: its log /ecs/shop/prod/canary is not whole")
    assert told["findings"] == []


def test_a_denied_call_is_one_sentence(account: Account) -> None:
    ecs = account.session.client("ecs")
    with Stubber(ecs) as stubber:
        stubber.add_client_error("run_task", "AccessDeniedException", "not authorized")
        make = account.session.client
        account.session.client = lambda name, **more: ecs if name == "ecs" else make(name, **more)  # type: ignore[method-assign,assignment] # a stub in its place
        with pytest.raises(Unusable, match="the canary cannot be run: AccessDeniedException"):
            canary(account.file)


def test_missing_credentials_are_one_sentence(account: Account) -> None:
    def none(**_: Any) -> None:
        raise NoCredentialsError

    account.session.events.register_first("before-sign.ecs", none)
    with pytest.raises(Unusable, match="there are no AWS credentials"):
        canary(account.file)


# What it is given.


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not the JSON of `pulumi stack output --json`"),
        ("[]", "has no output 'canary' that is a map; there are none"),
        ('{"vpc_id": "v", "zones": 2}', "that is a map; there are vpc_id, zones"),
        (
            '{"canary": {"cluster": "c"}}',
            "lacks a usable taskDefinition: export EndpointCanary.run",
        ),
    ],
)
def test_outputs_that_hold_no_canary_are_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "outputs.json").write_text(text)
    with pytest.raises(Unusable, match=sentence) as caught:
        read_canary(tmp_path / "outputs.json", "canary")
    assert "\n" not in str(caught.value)


def test_a_canary_without_subnets_is_refused(account: Account) -> None:
    output = {key: value for key, value in account.output.items() if "subnet" not in key}
    account.file.write_text(json.dumps({"canary": output}))
    with pytest.raises(Unusable, match="lacks a usable subnets"):
        read_canary(account.file, "canary")


def test_the_command_line_ends_with_2_and_one_sentence(tmp_path: Path) -> None:
    done = run_lane("canary", str(tmp_path / "nope.json"))
    assert (done.status, done.out) == (2, "")
    assert done.last_words.endswith("nope.json cannot be read: No such file or directory")
