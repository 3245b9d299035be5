"""What the reference stacks and the example look like before they exist."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tests.stacks.conftest import PROGRAM, ROOT, dev, preview

IMAGE_PULL = {"ecr.api", "ecr.dkr", "ecr.layers"}


def test_dev_takes_endpoints_to_ecr_and_s3_from_both_private_subnets() -> None:
    answer = preview("--stack", "dev")

    assert answer.status == 0
    lanes = answer.lanes()
    for subnet in ("network-app-use1-az1", "network-app-use1-az2"):
        assert {service: lane for (name, service), lane in lanes.items() if name == subnet} == {
            "ecr.api": "interface-endpoint",
            "ecr.dkr": "interface-endpoint",
            "ecr.layers": "gateway-endpoint",
            "s3": "gateway-endpoint",
        }
    assert {"proved"} == answer.verdicts()
    assert {one["policy"]: one["level"] for one in answer.report["violations"]} == {
        "nat-in-another-zone": "advisory",
        "vpc-without-flow-logs": "advisory",
    }


def test_prod_has_three_zones_and_no_way_out_but_endpoints() -> None:
    answer = preview("--stack", "prod")

    assert answer.status == 0
    assert {"network-shop-use1-az1", "network-shop-use1-az2", "network-shop-use1-az4"} == {
        one["name"] for one in answer.report["subnets"]
    }
    assert {"interface-endpoint", "gateway-endpoint"} == set(answer.lanes().values())
    assert {"proved"} == answer.verdicts()


def test_two_previews_print_the_same_bytes() -> None:
    assert preview("--stack", "prod").out == preview("--stack", "prod").out


def test_the_leaky_example_is_refused_with_the_way_through_the_nat_and_the_endpoints_to_add() -> (
    None
):
    answer = preview("--program", "examples/leaky")

    assert answer.status == 1
    refused = {
        one["key"].rpartition("::")[2]: one["message"]
        for one in answer.report["violations"]
        if one["level"] == "mandatory"
    }
    assert {"private-us-east-1a", "private-us-east-1b"} == set(refused)
    for subnet, message in refused.items():
        path = f"subnet {subnet} -> route table {subnet} (association) -> 0.0.0.0/0 -> NAT gateway"
        assert path in message
        for service in ("ecr.api", "ecr.dkr", "s3"):
            assert f"com.amazonaws.us-east-1.{service}" in message


def without_endpoints(folder: Path) -> Path:
    """A copy of the program in which the endpoints were forgotten."""
    for file in PROGRAM:
        shutil.copy(ROOT / file, folder)
    main = (folder / "__main__.py").read_text()
    forgotten = main.replace('"needs": settings.needs', '"needs": {}')
    assert forgotten != main
    (folder / "__main__.py").write_text(forgotten)
    return folder


def test_dev_without_its_endpoints_is_refused_by_its_service(tmp_path: Path) -> None:
    program = without_endpoints(tmp_path)
    shutil.copy(ROOT / "Pulumi.dev.yaml", program)

    answer = preview(program=program)

    assert (answer.status, answer.out) == (2, "")
    assert "group 'app' has no endpoint for ecr.api, ecr.dkr, s3 (need 'image-pull')" in answer.err


def test_dev_without_its_endpoints_and_open_to_the_internet_is_refused_by_the_pack(
    tmp_path: Path,
) -> None:
    program = without_endpoints(tmp_path)
    config = dev()
    config["privatelane:services"]["vinashoes"]["allow_to"] = {"internet": {"cidr": "0.0.0.0/0"}}
    (program / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))

    answer = preview(program=program)

    # Behind a NAT, and let out, its tasks would start: nobody but the pack says no.
    assert answer.status == 1
    assert {
        (f"network-app-use1-az{zone}", service): "nat"
        for zone in (1, 2)
        for service in (*IMAGE_PULL, "s3")
    } == {lane: kind for lane, kind in answer.lanes().items() if lane[0].startswith("network-app")}


def test_the_program_reads_like_the_architecture() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) < 80


def test_an_existing_vpc_is_never_passed_for_what_the_stack_does_not_show() -> None:
    answer = preview("--program", "examples/existing-vpc")

    assert answer.status == 0
    assert answer.verdicts() == {"unknown"}
    missing = "the VPC of subnet-0aaaaaaaaaaaaaaa1, which this stack does not declare"
    assert any(missing in one["message"] for one in answer.report["violations"])
