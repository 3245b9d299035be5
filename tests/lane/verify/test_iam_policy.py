"""The IAM policies in the documentation allow exactly the calls that are made, and only reading."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from lane.sources import policy
from lane.sources.aws import read_aws
from lane.sources.calls import CALLS
from tests.lane.verify.twin import REGION, Account

if TYPE_CHECKING:
    import boto3

DOCS = Path(__file__).resolve().parents[3] / "docs"
READERS = Path(policy.__file__).parent / "aws"
_ASSUME = json.dumps({"Version": "2012-10-17", "Statement": []})
#: What the simulated AWS does not have: an answer that leads to the next call.
_CANNED: dict[str, Any] = {
    "DescribeVpcBlockPublicAccessOptions": {
        "VpcBlockPublicAccessOptions": {
            "AwsRegion": REGION,
            "InternetGatewayBlockMode": "block-bidirectional",
        }
    },
    "DescribeVpcBlockPublicAccessExclusions": {"VpcBlockPublicAccessExclusions": []},
    "ListProfileAssociations": {
        "ProfileAssociations": [{"Id": "rpassoc-1", "ProfileId": "rp-1", "ResourceId": "vpc-1"}]
    },
    "ListProfileResourceAssociations": {"ProfileResourceAssociations": []},
}


def documented(name: str) -> dict[str, Any]:
    (statement,) = json.loads((DOCS / name).read_text())["Statement"]
    found: dict[str, Any] = statement
    return found


def recording(session: boto3.Session) -> set[str]:
    """The IAM actions of all calls that clients of a session make from now on."""
    made: set[str] = set()

    def record(model: Any, **_: object) -> Any:
        # The name requests are signed with is that of the actions, but for one service.
        prefix = model.service_model.signing_name.replace("monitoring", "cloudwatch")
        made.add(f"{prefix}:{model.name}")
        if model.name in _CANNED:
            return AWSResponse("", 200, HTTPHeaders(), None), _CANNED[model.name]
        return None

    session.events.register("before-call", record)
    return made


def furnish(account: Account) -> None:
    """One of each thing that makes the readers ask on."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet, other = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{REGION}{letter}")[
            "Subnet"
        ]["SubnetId"]
        for cidr, letter in (("10.0.0.0/24", "a"), ("10.0.1.0/24", "b"))
    )
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(
        RouteTableId=table,
        DestinationCidrBlock="0.0.0.0/0",
        NetworkInterfaceId=interface["NetworkInterfaceId"],
    )
    ec2.create_managed_prefix_list(PrefixListName="partners", MaxEntries=1, AddressFamily="IPv4")
    ec2.create_transit_gateway()
    gateway = ec2.describe_transit_gateways()["TransitGateways"][0]["TransitGatewayId"]
    ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)
    ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.logs",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        PrivateDnsEnabled=False,
    )
    account.client("route53").create_hosted_zone(
        Name="internal.example",
        CallerReference="1",
        HostedZoneConfig={"PrivateZone": True, "Comment": ""},
        VPC={"VPCId": vpc, "VPCRegion": REGION},
    )
    ecs = account.client("ecs")
    ecs.create_cluster(clusterName="main")
    ecs.register_task_definition(
        family="app", containerDefinitions=[{"name": "app", "image": "app", "memory": 64}]
    )
    ecs.create_service(cluster="main", serviceName="app", taskDefinition="app", desiredCount=0)
    role = account.client("iam").create_role(RoleName="eks", AssumeRolePolicyDocument=_ASSUME)[
        "Role"
    ]["Arn"]
    eks = account.client("eks")
    eks.create_cluster(name="main", roleArn=role, resourcesVpcConfig={"subnetIds": [subnet, other]})
    eks.create_nodegroup(clusterName="main", nodegroupName="nodes", nodeRole=role, subnets=[subnet])
    eks.create_fargate_profile(
        clusterName="main",
        fargateProfileName="pods",
        podExecutionRoleArn=role,
        subnets=[subnet],
        selectors=[{"namespace": "default"}],
    )


@pytest.mark.parametrize(("name", "billing"), [(policy.VERIFY, False), (policy.COST, True)])
def test_the_documented_policy_is_exactly_what_the_readers_call(
    account: Account, name: str, *, billing: bool
) -> None:
    furnish(account)
    session = account.session
    made = recording(session)

    read_aws([REGION], session=session, billing=billing)

    assert sorted(made) == [
        one for one in documented(name)["Action"] if not one.startswith("cloudwatch:")
    ]


def test_both_policies_are_written_as_the_calls_stand(tmp_path: Path) -> None:
    policy.write(tmp_path)
    for name in (policy.VERIFY, policy.COST):
        assert (tmp_path / name).read_text() == (DOCS / name).read_text()


@pytest.mark.parametrize("name", [policy.VERIFY, policy.COST])
def test_every_action_only_reads(name: str) -> None:
    statement = documented(name)
    assert statement["Effect"] == "Allow"
    assert statement["Action"]
    for action in statement["Action"]:
        assert re.fullmatch(r"[a-z0-9]+:(Describe|Get|List|Search)[A-Za-z0-9]+", action)


def test_no_reader_names_an_operation_that_the_calls_do_not_list() -> None:
    """Also those on ways that no recorded reading takes."""
    known = {name.partition(":")[2] for call in CALLS for name in call.actions}
    known |= {"GetCallerIdentity", "AssumeRole", "GetMetricData", "ListMetrics"}
    snake = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in known}
    # Each service's way to part a name into words is botocore's.
    snake |= {"list_hosted_zones_by_vpc"}
    verbs = re.compile(r"(describe|get|list|search|create|delete|modify|put|update|assume)_[a-z_]+")
    own = {"get_paginator", "get"}
    named: set[str] = set()
    for file in READERS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            word = ""
            if isinstance(node, ast.Attribute):
                word = node.attr
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                word = node.value
            if verbs.fullmatch(word):
                named.add(word)
    assert named - own <= snake
    assert len(named) > 20


def test_the_page_on_verify_carries_the_policy() -> None:
    page = (DOCS / "verify.md").read_text()
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    assert json.loads((DOCS / policy.VERIFY).read_text()) in blocks
