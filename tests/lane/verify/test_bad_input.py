"""What cannot be read is one sentence and exit 2; what could be read is reported all the same."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lane.running import Finished, run_lane
from tests.lane.verify.twin import REGION, Account

if TYPE_CHECKING:
    from tests.lane.verify.refusing import Refusals

ROLE = "arn:aws:iam::{}:role/verify"


@pytest.fixture(autouse=True)
def _no_other_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE", "REGION"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)


@pytest.fixture
def leaky(simulated_aws: str) -> Account:
    """An account in which a private subnet reaches ECR through a NAT gateway."""
    account = Account.new(simulated_aws)
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    target = {"GatewayId": gateway}
    for place, name in enumerate(("public", "private")):
        subnet = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"10.0.{place}.0/24",
            TagSpecifications=[
                {"ResourceType": "subnet", "Tags": [{"Key": "Name", "Value": name}]}
            ],
        )["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(SubnetId=subnet, RouteTableId=table)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
        if name == "public":
            nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
            target = {"NatGatewayId": nat["NatGatewayId"]}
    return account


def verify(account: Account | None, *args: str, **environment: str) -> Finished:
    given = {"AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
    given |= account.environment if account is not None else {}
    return run_lane("verify", "--format", "json", *args, env=given | environment)


def sentence(done: Finished) -> str:
    """The one sentence of a command that reported nothing."""
    assert done.status == 2
    assert done.out == ""
    (line,) = done.err.splitlines()
    return line.removeprefix("lane: ")


def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def bare(tmp_path: Path) -> dict[str, str]:
    """An environment without an AWS configuration."""
    empty = tmp_path / "empty"
    empty.touch()
    return {"AWS_CONFIG_FILE": str(empty), "AWS_SHARED_CREDENTIALS_FILE": str(empty)}


def test_without_credentials(tmp_path: Path) -> None:
    environment = {**bare(tmp_path), "AWS_ENDPOINT_URL": nowhere()}
    assert sentence(verify(None, **environment)) == (
        "there are no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, or log in (Unable to locate credentials)"
    )


def test_with_a_profile_that_is_not_there(tmp_path: Path) -> None:
    done = verify(None, **{**bare(tmp_path), "AWS_PROFILE": "prod"})
    assert sentence(done) == (
        "the AWS configuration cannot be used: The config profile (prod) could not be found"
    )


def test_without_a_region(leaky: Account) -> None:
    done = verify(leaky, AWS_DEFAULT_REGION="")
    assert sentence(done) == (
        "no region is chosen: name one with --region, in AWS_REGION or in the AWS profile"
    )


def test_aws_region_names_the_region_as_it_does_for_the_aws_cli(leaky: Account) -> None:
    done = verify(leaky, AWS_DEFAULT_REGION="eu-west-1", AWS_REGION=REGION)
    assert done.report["stack"] == f"{leaky.number}/{REGION}"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (
            ("--region", "us-east"),
            "--region must be the name of a region such as eu-west-1, not us-east",
        ),
        (
            ("--role-arn", "verify"),
            (
                "--role-arn must be the ARN of a role such as "
                "arn:aws:iam::123456789012:role/verify, not verify"
            ),
        ),
        (
            ("--against", "none.json"),
            "--against none.json cannot be read: No such file or directory",
        ),
        (("--from", "none"), "--from none must be a folder of saved describe answers"),
    ],
)
def test_with_an_argument_that_is_none(leaky: Account, args: tuple[str, ...], told: str) -> None:
    assert sentence(verify(leaky, *args)) == told


@pytest.mark.parametrize("code", ["ExpiredToken", "RequestExpired", "ExpiredTokenException"])
def test_with_expired_credentials(leaky: Account, refusals: Refusals, code: str) -> None:
    refusals.actions["sts:GetCallerIdentity"] = code
    done = verify(leaky, AWS_ENDPOINT_URL=refusals.endpoint)
    assert sentence(done) == "the AWS credentials are expired: log in again"


def test_with_credentials_that_expire_between_two_calls(leaky: Account, refusals: Refusals) -> None:
    refusals.actions["ec2:DescribeRouteTables"] = "RequestExpired"
    done = verify(leaky, AWS_ENDPOINT_URL=refusals.endpoint)
    assert sentence(done) == "the AWS credentials are expired: log in again"


def test_when_nobody_listens(leaky: Account) -> None:
    done = verify(leaky, AWS_ENDPOINT_URL=nowhere())
    assert sentence(done) == (f"region {REGION} cannot be reached: EndpointConnectionError")


def test_with_keys_that_are_accepted_nowhere(leaky: Account, refusals: Refusals) -> None:
    refusals.regions[REGION] = "InvalidClientTokenId"
    assert sentence(verify(leaky, AWS_ENDPOINT_URL=refusals.endpoint)) == (
        f"the credentials are not accepted in region {REGION} (InvalidClientTokenId): they are not "
        "valid, or the region is not switched on for the account"
    )


def verdicts(done: Finished) -> set[str]:
    return {one["verdict"] for one in done.report["lanes"]}


@pytest.mark.parametrize(
    ("action", "fact"),
    [
        ("ec2:DescribeRouteTables", "route tables"),
        ("ec2:DescribeVpcEndpoints", "an endpoint nobody sees"),
    ],
)
def test_a_denied_call_leaves_what_hangs_on_it_unknown(
    leaky: Account, refusals: Refusals, action: str, fact: str
) -> None:
    assert "refuted" in verdicts(verify(leaky))
    refusals.actions[action] = "UnauthorizedOperation"

    done = verify(leaky, AWS_ENDPOINT_URL=refusals.endpoint)

    assert done.status == 2
    assert done.last_words == (
        f"lane: not all of the account could be read: {action} was refused: UnauthorizedOperation"
    )
    private = [one for one in done.report["lanes"] if one["verdict"] == "unknown"]
    assert private
    assert not [one["reason"] for one in private if fact not in one["reason"]]
    assert "refuted" not in verdicts(done)
    assert {one["name"] for one in done.report["subnets"]} >= {"private", "public"}


def test_a_denied_call_that_no_lane_hangs_on_changes_no_verdict(
    leaky: Account, refusals: Refusals
) -> None:
    before = verify(leaky)
    refusals.actions["ecs:ListClusters"] = "AccessDeniedException"
    done = verify(leaky, AWS_ENDPOINT_URL=refusals.endpoint)
    assert done.out == before.out
    assert done.status == before.status == 1
    assert "services could not be read: ecs:ListClusters was refused" in done.err


def test_a_region_that_is_off_does_not_hide_the_others(leaky: Account, refusals: Refusals) -> None:
    refusals.regions["ap-east-1"] = "AuthFailure"
    done = verify(
        leaky, "--region", REGION, "--region", "ap-east-1", AWS_ENDPOINT_URL=refusals.endpoint
    )
    assert done.status == 2
    assert done.last_words == (
        "lane: not all of the account could be read: the credentials are not accepted in region "
        "ap-east-1 (AuthFailure): they are not valid, or the region is not switched on for the "
        "account"
    )
    assert "refuted" in verdicts(done)


def test_a_role_that_cannot_be_assumed_does_not_hide_the_others(
    leaky: Account, refusals: Refusals
) -> None:
    mine, other = ROLE.format(leaky.number), ROLE.format("999999999999")
    refusals.roles[other] = "AccessDenied"
    here = {"AWS_ENDPOINT_URL": refusals.endpoint}

    both = verify(leaky, "--role-arn", other, "--role-arn", mine, **here)

    assert both.status == 2
    assert both.last_words == (
        f"lane: not all of the account could be read: {other} cannot be assumed: AccessDenied"
    )
    assert both.report["lanes"]
    assert sentence(verify(leaky, "--role-arn", other, **here)) == (
        f"nothing could be read from AWS: {other} cannot be assumed: AccessDenied"
    )


def test_the_text_report_is_shown_before_the_sentence(leaky: Account, refusals: Refusals) -> None:
    refusals.actions["ec2:DescribeRouteTables"] = "UnauthorizedOperation"
    there = leaky.environment | {"AWS_ENDPOINT_URL": refusals.endpoint}
    done = run_lane("verify", "--region", REGION, env=there)
    assert done.status == 2
    assert "? unknown" in done.out
    assert len(done.err.splitlines()) == 1


def test_a_throttled_call_is_made_again(leaky: Account, refusals: Refusals) -> None:
    before = verify(leaky)
    refusals.busy["ec2:DescribeRouteTables"] = 2
    done = verify(leaky, AWS_ENDPOINT_URL=refusals.endpoint)
    assert refusals.busy["ec2:DescribeRouteTables"] == 0
    assert (done.status, done.out) == (before.status, before.out)
