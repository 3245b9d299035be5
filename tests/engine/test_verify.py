"""What `lane verify` sees after an update on the real engine is what the preview promised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.reference import reference_stack
from tests.lane.running import Finished, run_lane

if TYPE_CHECKING:
    from tests.engine.harness import Engine, Stack

pytestmark = pytest.mark.engine


def verify(stack: Stack, *args: str) -> Finished:
    return run_lane(
        "verify",
        "--format",
        "json",
        "--region",
        str(stack.config["aws:region"]),
        *args,
        AWS_ENDPOINT_URL=stack.engine.endpoint,
        AWS_ACCESS_KEY_ID=f"SIM{stack.account}",
        AWS_SECRET_ACCESS_KEY="none",
        AWS_CONFIG_FILE="/dev/null",
    )


def saved_export(stack: Stack, folder: Path) -> Path:
    file = folder / "export.json"
    file.write_text(json.dumps({"version": 3, "deployment": stack.export()}))
    return file


def endpoints_by_service(ec2: Any) -> dict[str, dict[str, Any]]:
    """The account's endpoints by what follows the region in the name of their service."""
    return {
        one["ServiceName"].split(".", 3)[3]: one
        for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]
    }


def lanes(report: dict[str, Any], ids: dict[str, str]) -> dict[tuple[str, str], tuple[str, str]]:
    """Lane and verdict by the AWS id of the subnet and the service."""
    return {
        (ids.get(one["subnet"], one["subnet"]), one["service"]): (one["lane"], one["verdict"])
        for one in report["lanes"]
    }


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_live_account_has_the_lanes_that_were_previewed(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    stack = reference_stack(engine, name)
    promised = json.loads(run_lane("preview", "--stack", name, "--format", "json").out)
    stack.up().expect_success()
    ids = {one["urn"]: one["id"] for one in stack.resources() if one.get("id")}
    made = {one["subnet"] for one in promised["lanes"]}
    export = saved_export(stack, tmp_path)

    found = verify(stack, "--against", str(export))

    live = lanes(found.report, {})
    declared = {key.partition("::")[2].partition("::")[2]: key for key in ids}
    expected = lanes(
        promised, {urn: ids[declared[urn.partition("::")[2].partition("::")[2]]] for urn in made}
    )
    assert {key: live[key] for key in expected} == expected
    assert expected
    assert found.status == 0
    assert found.report["differences"] == []


def test_five_changes_made_by_hand_are_each_found_and_explained(
    engine: Engine, tmp_path: Path
) -> None:
    stack = reference_stack(engine, "dev")
    stack.up().expect_success()
    export = saved_export(stack, tmp_path)
    ec2 = stack.client("ec2", str(stack.config["aws:region"]))
    by_service = endpoints_by_service(ec2)
    dkr, api, s3 = by_service["ecr.dkr"], by_service["ecr.api"], by_service["s3"]
    tables = s3["RouteTableIds"]
    nat = ec2.describe_nat_gateways()["NatGateways"][0]["NatGatewayId"]
    group = api["Groups"][0]["GroupId"]
    (permissions,) = (
        one["IpPermissions"]
        for one in ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    )

    ec2.create_route(RouteTableId=tables[0], DestinationCidrBlock="52.216.0.0/15", NatGatewayId=nat)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[dkr["VpcEndpointId"]])
    ec2.modify_vpc_endpoint(VpcEndpointId=api["VpcEndpointId"], PrivateDnsEnabled=False)
    ec2.modify_vpc_endpoint(VpcEndpointId=s3["VpcEndpointId"], RemoveRouteTableIds=[tables[-1]])
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=permissions)

    found = verify(stack, "--against", str(export))

    told = {(one["key"], one["kind"], one["change"]) for one in found.report["differences"]}
    texts = {one["key"]: one["text"] for one in found.report["differences"]}
    expected = {
        (tables[0], "route", "added"),
        (dkr["VpcEndpointId"], "endpoint", "missing"),
        (api["VpcEndpointId"], "endpoint", "changed"),
        (s3["VpcEndpointId"], "endpoint", "changed"),
        (group, "security group rule", "missing"),
    }
    assert {one for one in told if one[1] != "lane"} == expected
    assert "52.216.0.0/15" in texts[tables[0]]
    assert nat in texts[tables[0]]
    assert "private DNS" in texts[api["VpcEndpointId"]]
    assert tables[-1] in texts[s3["VpcEndpointId"]]
    moved = [one for one in found.report["differences"] if one["kind"] == "lane"]
    assert any(one["text"].startswith("ecr.dkr") for one in moved)
    assert found.status == 1


def test_five_other_changes_on_prod_are_each_found_and_explained(
    engine: Engine, tmp_path: Path
) -> None:
    stack = reference_stack(engine, "prod")
    stack.up().expect_success()
    export = saved_export(stack, tmp_path)
    ec2 = stack.client("ec2", str(stack.config["aws:region"]))
    by_service = endpoints_by_service(ec2)
    dkr, logs, s3 = by_service["ecr.dkr"], by_service["logs"], by_service["s3"]
    vpc, group = dkr["VpcId"], dkr["Groups"][0]["GroupId"]
    moved = dkr["SubnetIds"][0]
    (association,) = (
        one["RouteTableAssociationId"]
        for table in ec2.describe_route_tables()["RouteTables"]
        for one in table["Associations"]
        if one.get("SubnetId") == moved
    )
    closed = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
        }
    )

    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.replace_route_table_association(AssociationId=association, RouteTableId=table)
    ec2.modify_vpc_endpoint(VpcEndpointId=s3["VpcEndpointId"], PolicyDocument=closed)
    ec2.modify_vpc_endpoint(
        VpcEndpointId=logs["VpcEndpointId"], RemoveSubnetIds=[logs["SubnetIds"][-1]]
    )
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})

    found = verify(stack, "--against", str(export))

    told = found.report["differences"]
    assert {(one["key"], one["kind"], one["change"]) for one in told if one["kind"] != "lane"} == {
        (table, "route table", "added"),
        (moved, "route table association", "changed"),
        (s3["VpcEndpointId"], "endpoint", "changed"),
        (logs["VpcEndpointId"], "endpoint", "changed"),
        (group, "security group rule", "added"),
        (vpc, "vpc", "changed"),
    }
    texts = {(one["key"], one["kind"]): one["text"] for one in told}
    assert table in texts[moved, "route table association"]
    assert texts[s3["VpcEndpointId"], "endpoint"].startswith("policy of ")
    assert logs["SubnetIds"][-1] in texts[logs["VpcEndpointId"], "endpoint"]
    assert "tcp 22-22 from 0.0.0.0/0" in texts[group, "security group rule"]
    assert texts[vpc, "vpc"].startswith("DNS hostnames of ")
    # Off the table with the endpoint's route, layers have no way at all.
    (lost,) = (
        one
        for one in told
        if one["kind"] == "lane"
        and one["text"].startswith("ecr.layers from")
        and one["key"] == moved
    )
    assert "gateway-endpoint" in lost["text"]
