"""One truth: before anything exists, after it was created, and offline, the lanes are the same."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.harness import ROOT, Engine, Stack
from tests.engine.reference import reference_stack

pytestmark = pytest.mark.engine

#: (subnet, service) -> (lane, verdict)
Lanes = dict[tuple[str, str], tuple[str, str]]


def proved(text: str, file: Path) -> Lanes:
    """The lanes that `lane prove` finds in a preview's or an export's text."""
    file.write_text(text)
    ran = subprocess.run(
        [sys.executable, "-m", "lane", "prove", str(file), "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode in (0, 1), ran.stderr
    found = json.loads(ran.stdout)
    names = {subnet["key"]: subnet["name"] for subnet in found["subnets"]}
    return {
        (names[lane["subnet"]], lane["service"]): (lane["lane"], lane["verdict"])
        for lane in found["lanes"]
    }


def exported(stack: Stack) -> str:
    """What `pulumi stack export` prints."""
    return json.dumps({"version": 3, "deployment": stack.export()})


def live(stack: Stack) -> Lanes:
    """The lanes as the account's own describe calls have them, by the shortest reading there is.

    Enough for networks like ours: one VPC, interface endpoints found by their private names and
    entered through their security groups, gateway endpoints by the prefix list in the subnet's
    table, everything else by the default route.
    """
    ec2 = stack.client("ec2")
    tables = ec2.describe_route_tables()["RouteTables"]
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    prefix_lists = {
        found["PrefixListId"]: found["PrefixListName"].rsplit(".", 1)[-1]
        for found in ec2.describe_prefix_lists()["PrefixLists"]
    }
    names = {
        resource["id"]: resource["urn"].rsplit("::", 1)[-1]
        for resource in stack.resources()
        if resource["type"] == "aws:ec2/subnet:Subnet"
    }
    lanes: Lanes = {}
    for subnet in ec2.describe_subnets()["Subnets"]:
        if subnet["SubnetId"] not in names:
            continue
        table = _table_of(subnet, tables)
        gateways = {
            prefix_lists[route["DestinationPrefixListId"]]
            for route in table["Routes"]
            if "DestinationPrefixListId" in route
        }
        private = {
            endpoint["ServiceName"].removeprefix("com.amazonaws.us-east-1."): endpoint
            for endpoint in endpoints
            if endpoint["VpcEndpointType"] == "Interface"
            and endpoint["PrivateDnsEnabled"]
            and endpoint["VpcId"] == subnet["VpcId"]
        }
        for service in ("ecr.api", "ecr.dkr", "ecr.layers", "s3"):
            asked = "s3" if service == "ecr.layers" else service
            if asked in private:
                lane = "interface-endpoint" if _admits(ec2, private[asked], subnet) else "broken"
            elif asked in gateways:
                lane = "gateway-endpoint"
            else:
                lane = _default_lane(table)
            verdict = "refuted" if lane == "nat" else "proved"
            lanes[names[subnet["SubnetId"]], service] = (lane, verdict)
    return lanes


def _table_of(subnet: dict[str, Any], tables: list[dict[str, Any]]) -> dict[str, Any]:
    mine = [table for table in tables if table["VpcId"] == subnet["VpcId"]]
    for table in mine:
        held = [association.get("SubnetId") for association in table["Associations"]]
        if subnet["SubnetId"] in held:
            return table
    return next(table for table in mine if any(a["Main"] for a in table["Associations"]))


def _admits(ec2: Any, endpoint: dict[str, Any], subnet: dict[str, Any]) -> bool:
    """Whether a group of the endpoint lets the subnet's addresses in on 443."""
    own = ipaddress.IPv4Network(subnet["CidrBlock"])
    groups = [group["GroupId"] for group in endpoint["Groups"]]
    for group in ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"]:
        for permission in group["IpPermissions"]:
            if permission.get("FromPort", 443) <= 443 <= permission.get("ToPort", 443) and any(
                own.subnet_of(ipaddress.IPv4Network(item["CidrIp"]))
                for item in permission["IpRanges"]
            ):
                return True
    return False


def _default_lane(table: dict[str, Any]) -> str:
    for route in table["Routes"]:
        if route.get("DestinationCidrBlock") == "0.0.0.0/0":
            return "nat" if "NatGatewayId" in route else "internet-gateway"
    return "none"


@pytest.mark.parametrize("name", ["dev", "prod", "leaky"])
def test_preview_and_export_tell_of_the_same_lanes(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    stack = (
        engine.stack(ROOT / "examples" / "leaky", project="leaky")
        if name == "leaky"
        else reference_stack(engine, name)
    )
    before = proved(stack.preview_json(), tmp_path / "preview.json")
    assert before
    for mode in ("unknown", "omit"):
        with stack.nested_unknowns(mode):
            assert proved(stack.preview_json(), tmp_path / f"{mode}.json") == before
    stack.up().expect_success()
    assert proved(exported(stack), tmp_path / "export.json") == before
    assert proved(stack.preview_json(), tmp_path / "again.json") == before
    assert {key: before[key] for key in live(stack)} == live(stack)
