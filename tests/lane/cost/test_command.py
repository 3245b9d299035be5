"""`lane cost` as a person or a script runs it, on a file and on the program itself."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lane.cost.prices import read_prices
from lane.cost.render_json import SCHEMA
from tests.lane.cost.tables import urn
from tests.lane.running import Finished, run_lane

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
NAT, ROUTE = "aws:ec2/natGateway:NatGateway", "aws:ec2/route:Route"
TABLE, ASSOCIATION = (
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
)


def state(type_: str, name: str, id_: str, **inputs: object) -> dict[str, object]:
    return {
        "urn": urn(type_, name),
        "custom": True,
        "id": id_,
        "type": type_,
        "inputs": inputs,
        "outputs": {**inputs, "id": id_},
    }


def export(path: Path, region: str | None = "us-east-1") -> Path:
    """A private subnet behind a NAT gateway in another zone, and nothing else."""
    where: dict[str, object] = {} if region is None else {"region": region}
    zone = region or "us-east-1"
    resources = [
        state(VPC, "vpc", "vpc-1", cidrBlock="10.0.0.0/16", **where),
        *(
            state(SUBNET, name, f"subnet-{name}", vpcId="vpc-1", availabilityZone=f"{zone}{letter}",
                  cidrBlock=f"10.0.{place}.0/24", **where)
            for place, (name, letter) in enumerate((("public", "a"), ("app", "b")))
        ),
        state(NAT, "nat", "nat-1", subnetId="subnet-public", allocationId="eipalloc-1", **where),
        state(TABLE, "app", "rtb-app", vpcId="vpc-1", **where),
        state(ASSOCIATION, "app", "rtbassoc-1", subnetId="subnet-app", routeTableId="rtb-app"),
        state(ROUTE, "app", "r-1", routeTableId="rtb-app", destinationCidrBlock="0.0.0.0/0",
              natGatewayId="nat-1"),
    ]  # fmt: skip
    file = path / "export.json"
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    return file


def workload(path: Path, text: str) -> str:
    file = path / "workload.yaml"
    file.write_text(text)
    return str(file)


def cost(*args: str) -> dict[str, Any]:
    """The JSON object that `lane cost` prints, with amounts exact."""
    done = run_lane("cost", "--format", "json", *args)
    assert done.status == 0, done.err
    found: dict[str, Any] = json.loads(done.out, parse_float=Decimal, parse_int=Decimal)
    return found


def test_an_export_and_a_workload_make_an_exact_bill(tmp_path: Path) -> None:
    traffic = workload(tmp_path, "traffic: {s3: {gigabytes: 1000, from: [app]}}")
    found = cost(str(export(tmp_path)), "--workload", traffic)
    lines = [(one["item"], one["quantity"], one["usd"]) for one in found["lines"]]
    assert lines == [
        ("nat_hour", Decimal(730), Decimal("32.85")),
        ("nat_gb", Decimal(1000), Decimal(45)),
        ("public_ipv4_hour", Decimal(730), Decimal("3.65")),
        ("inter_zone_gb", Decimal(2000), Decimal(20)),
    ]
    assert found["totals"] == {
        "fixed_usd": Decimal("36.5"),
        "usage_usd": Decimal(65),
        "total_usd": Decimal("101.5"),
        "complete": True,
    }
    assert (found["schema"], found["source"], found["stack"]) == (SCHEMA, "export", "dev")
    assert found["unverified"] == []


def test_the_dev_stack_is_priced_without_aws() -> None:
    found = cost("--stack", "dev")
    items = {one["item"] for one in found["lines"]}
    assert {"nat_hour", "public_ipv4_hour", "interface_endpoint_hour"} <= items
    assert found["totals"]["total_usd"] == sum(one["usd"] for one in found["lines"])
    assert found["totals"]["usage_usd"] == 0
    assert found["source"] == "preview"
    assert all(one["price"]["source"] for one in found["lines"])


def test_the_example_workload_fits_the_dev_stack() -> None:
    found = cost("--stack", "dev", "--workload", "examples/workload.yaml")
    used = {one["item"]: one["quantity"] for one in found["lines"] if not one["fixed"]}
    # Layers and S3 take the gateway endpoint; manifests and logs the interface endpoints.
    assert used["gateway_endpoint_gb"] == 980 + 50
    assert used["interface_endpoint_gb"] == 20 + 20
    assert used["nat_gb"] == 15
    (running,) = (one["quantity"] for one in found["lines"] if one["item"] == "fargate_gb_hour")
    assert running == 730 * 3 * Decimal("0.5")


def test_an_instance_type_without_a_price_is_asked_for_by_name(tmp_path: Path) -> None:
    group = state(
        "aws:eks/nodeGroup:NodeGroup", "nodes", "main:nodes", region="us-east-1",
        instanceTypes=["x99.metal"], scalingConfig={"desiredSize": 2},
    )  # fmt: skip
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": [group]}}))
    done = run_lane("cost", str(file), "--format", "json")
    assert done.status == 2
    assert done.last_words == (
        "lane: the table of prices has none for instance_hour:x99.metal in us-east-1 (nodes): run "
        "`lane cost refresh --region us-east-1 --instance-type x99.metal`, or name another table "
        "with --prices"
    )


@pytest.mark.parametrize("form", ["json", "text", "markdown"])
def test_two_runs_print_the_same_bytes(tmp_path: Path, form: str) -> None:
    file = str(export(tmp_path))
    once, again = (run_lane("cost", file, "--format", form) for _ in range(2))
    assert once == again
    assert once.status == 0


def unverified(path: Path, form: str) -> Finished:
    return run_lane("cost", str(export(path, "sa-east-1")), "--format", form)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_an_unverified_price_is_marked_where_it_is_used_and_compared(
    tmp_path: Path, form: str
) -> None:
    done = unverified(tmp_path, form)
    assert done.status == 0
    assert "0.093 ~" in done.out
    assert "nat_hour in sa-east-1: an AWS bill of September 2025" in done.out
    assert "(with prices that are not verified)" in done.out


def test_json_lists_unverified_prices(tmp_path: Path) -> None:
    found = json.loads(unverified(tmp_path, "json").out)
    assert {one["item"] for one in found["unverified"]} >= {"nat_hour", "interface_endpoint_hour"}
    assert found["comparisons_verified"] is False
    (line,) = (one for one in found["lines"] if one["item"] == "nat_hour")
    assert line["price"]["status"] == "secondary"


def test_a_missing_price_is_one_sentence_and_the_rest_is_still_reported(tmp_path: Path) -> None:
    done = run_lane("cost", str(export(tmp_path, "eu-west-2")), "--format", "json")
    assert done.status == 2
    assert done.err.strip().splitlines() == [
        "note: the comparisons assume endpoints for ecr.api, ecr.dkr in 2 zones",
        (
            "lane: the table of prices has none for nat_hour in eu-west-2 (nat); public_ipv4_hour"
            " in eu-west-2 (nat): run `lane cost refresh --region eu-west-2`, or name another table"
            " with --prices"
        ),
    ]
    assert json.loads(done.out)["totals"] == {
        "fixed_usd": 0,
        "usage_usd": 0,
        "total_usd": 0,
        "complete": False,
    }


def test_an_own_table_of_prices_counts(tmp_path: Path) -> None:
    table = tmp_path / "prices.csv"
    dear = "nat_hour,us-east-1,0,hour,1,verified,a contract,2026-01-01"
    lines = read_prices().as_csv().splitlines()
    table.write_text(
        "\n".join(dear if line.startswith("nat_hour,us-east-1") else line for line in lines) + "\n"
    )
    found = cost(str(export(tmp_path)), "--prices", str(table))
    assert found["totals"]["total_usd"] == Decimal("733.65")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("nothing.json",), "nothing.json cannot be read: No such file or directory"),
        (("--growth", "a,b"), "--growth a,b: it must be GB a month, such as 100,1000,10000"),
        (("--prices", "none.csv"), "none.csv cannot be read: No such file or directory"),
        (("--workload", "none.yaml"), "none.yaml cannot be read: No such file or directory"),
        (
            ("refresh", "--region", "us-east-9"),
            "--region us-east-9: AWS has no such region; one is us-east-1",
        ),
        (
            ("refresh", "--instance-type", "large"),
            "--instance-type large: it must be a type such as m7g.large",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(
    tmp_path: Path, args: tuple[str, ...], sentence: str
) -> None:
    done = run_lane("cost", *args, cwd=tmp_path)
    assert (done.status, done.out, done.err) == (2, "", f"lane: {sentence}\n")


def test_a_region_that_nobody_names_is_asked_for(tmp_path: Path) -> None:
    file = str(export(tmp_path, None))
    done = run_lane("cost", file)
    assert done.status == 2
    assert done.last_words == (
        "lane: the region of nat is not known, and prices differ by region: say --region, such as "
        "--region us-east-1"
    )
    assert cost(file, "--region", "us-east-1")["totals"]["total_usd"] == Decimal("36.5")
