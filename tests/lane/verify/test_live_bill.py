"""`lane cost` on an account and on saved answers of it, as a person or a script runs it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.lane.running import Finished, run_lane
from tests.lane.verify.saved import network, save
from tests.lane.verify.twin import REGION, Account

if TYPE_CHECKING:
    from tests.lane.verify.refusing import Refusals

GB = 10**9


def cost(*args: str, account: Account | None = None) -> Finished:
    environment = {} if account is None else account.environment
    return run_lane("cost", "--format", "json", *args, env=environment)


def lines(done: Finished) -> dict[str, tuple[Decimal, Decimal]]:
    """Quantity and amount by item."""
    found = json.loads(done.out, parse_float=Decimal, parse_int=Decimal)
    return {one["item"]: (one["quantity"], one["usd"]) for one in found["lines"]}


def furnish(account: Account) -> str:
    """A NAT gateway with its address, and one address that nobody uses."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    used, _ = (ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(2))
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=used)["NatGateway"]["NatGatewayId"]
    return str(nat)


def measure(account: Account, nat: str, name: str, gigabytes: int) -> None:
    """What CloudWatch has of a NAT gateway, the day before yesterday at noon."""
    noon = datetime.now(tz=timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0)
    account.client("cloudwatch").put_metric_data(
        Namespace="AWS/NATGateway",
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": "NatGatewayId", "Value": nat}],
                "Timestamp": noon - timedelta(days=2),
                "Value": float(gigabytes * GB),
            }
        ],
    )


def test_the_account_is_billed_for_what_runs_and_for_what_went_through(account: Account) -> None:
    nat = furnish(account)
    measure(account, nat, "BytesInFromDestination", 23)
    measure(account, nat, "BytesInFromSource", 1)
    measure(account, nat, "BytesOutToSource", 23)

    done = cost(
        "--live", "--region", REGION, "--usage-from", "cloudwatch", "--days", "73", account=account
    )

    assert done.status == 0, done.err
    # 24 GB in 73 days are 10 GB in a month of 730 hours.
    found = json.loads(done.out, parse_float=Decimal, parse_int=Decimal)
    assert [(one["item"], one["quantity"], one["usd"]) for one in found["lines"]] == [
        ("nat_hour", Decimal(730), Decimal("32.85")),
        ("nat_gb", Decimal(10), Decimal("0.45")),
        ("public_ipv4_hour", Decimal(730), Decimal("3.65")),
        ("public_ipv4_hour", Decimal(730), Decimal("3.65")),
    ]
    report = json.loads(done.out)
    assert report["source"] == "aws"
    assert report["stack"] == f"{account.number}/{REGION}"
    (seen,) = report["measured"]["nat_gateways"]
    assert (seen["key"], seen["downloaded_gb"], seen["sent_gb"]) == (nat, 9.583333, 0.416667)
    assert "GB a month downloaded" in done.err


def test_a_role_sees_the_bill_and_the_traffic_of_its_account(account: Account) -> None:
    nat = furnish(account)
    measure(account, nat, "BytesInFromDestination", 10)
    measure(account, nat, "BytesInFromSource", 0)
    role = f"arn:aws:iam::{account.number}:role/verify"
    given = ("--live", "--region", REGION, "--usage-from", "cloudwatch")

    own, assumed = cost(*given, account=account), cost(*given, "--role-arn", role, account=account)

    assert lines(own)["nat_gb"][0] > 0
    assert (assumed.status, assumed.out) == (own.status, own.out)


def test_saved_answers_are_billed_as_the_account_would_be(tmp_path: Path) -> None:
    answers: dict[str, Any] = network()
    answers["Addresses"] = [{"PublicIp": "203.0.113.1"}]
    answers["LoadBalancers"] = []
    answers["LoadBalancerDescriptions"] = []
    folder = save(tmp_path, answers)
    service = {
        "serviceArn": "arn:aws:ecs:us-east-1:123456789012:service/main/shop",
        "serviceName": "shop",
        "launchType": "FARGATE",
        "runningCount": 2,
        "taskDefinition": "arn:aws:ecs:us-east-1:123456789012:task-definition/shop:1",
    }
    definition = {"taskDefinitionArn": service["taskDefinition"], "cpu": "1024", "memory": "2048"}
    cluster = {"arn": "arn:aws:eks:us-east-1:123456789012:cluster/main", "name": "main"}
    group = {
        "nodegroupArn": "arn:aws:eks:us-east-1:123456789012:nodegroup/main/nodes/1",
        "scalingConfig": {"desiredSize": 3},
        "instanceTypes": ["m7g.large"],
    }
    for name, document in (
        ("nodes", {"nodegroup": group}),
        ("services", {"services": [service], "failures": []}),
        ("definition", {"taskDefinition": definition, "tags": []}),
        ("cluster", {"cluster": cluster}),
        ("compose", {"services": {"web": {}}, "cluster": "other"}),
    ):
        (folder / f"{name}.json").write_text(json.dumps(document))

    done = cost("--from", str(folder))

    assert done.status == 0, done.err
    assert {item: quantity / 730 for item, (quantity, _) in lines(done).items()} == {
        "nat_hour": 1,
        "public_ipv4_hour": 1,
        "eks_cluster_hour": 1,
        "instance_hour:m7g.large": 3,
        "fargate_vcpu_hour": 2,
        "fargate_gb_hour": 4,
    }
    assert "no saved answer" not in done.err


def test_saved_answers_take_a_workload_file_along_their_lanes(tmp_path: Path) -> None:
    workload = tmp_path / "workload.yaml"
    workload.write_text("traffic: {logs: {gigabytes: 100, from: [app]}}")
    done = cost("--from", str(save(tmp_path / "saved", network())), "--workload", str(workload))
    assert lines(done)["nat_gb"] == (Decimal(100), Decimal("4.5"))


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (
            ("--live", "--from", "saved"),
            "a file, --live and --from exclude each other: name one",
        ),
        (
            ("export.json", "--live"),
            "a file, --live and --from exclude each other: name one",
        ),
        (
            ("--role-arn", "arn:aws:iam::123456789012:role/verify"),
            "--role-arn goes with --live alone: nothing else is read with a role",
        ),
        (
            ("--usage-from", "cloudwatch"),
            "--usage-from cloudwatch goes with --live alone: only an account has metrics",
        ),
        (
            ("--region", "us-east-1", "--region", "eu-west-1"),
            (
                "--region us-east-1 --region eu-west-1: without --live there is one region, that "
                "of what does not name its own"
            ),
        ),
        (
            ("--live", "--usage-from", "cloudwatch", "--workload", "workload.yaml"),
            (
                "the workload file has `traffic`, and --usage-from cloudwatch takes it from there: "
                "leave one out"
            ),
        ),
    ],
)
def test_options_that_do_not_go_together_are_one_sentence(
    tmp_path: Path, args: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "workload.yaml").write_text("traffic: {logs: 3}")
    done = run_lane("cost", *args, cwd=tmp_path)
    assert (done.status, done.out, done.err) == (2, "", f"lane: {sentence}\n")


def test_a_denied_call_is_named_and_the_rest_is_billed(
    account: Account, refusals: Refusals
) -> None:
    furnish(account)
    refusals.actions["ec2:DescribeAddresses"] = "UnauthorizedOperation"
    there = account.environment | {"AWS_ENDPOINT_URL": refusals.endpoint}
    done = run_lane("cost", "--live", "--region", REGION, "--format", "json", env=there)
    assert done.status == 2
    assert done.last_words == (
        "lane: not all of the account could be read: "
        "ec2:DescribeAddresses was refused: UnauthorizedOperation"
    )
    assert lines(done)["nat_hour"] == (Decimal(730), Decimal("32.85"))
