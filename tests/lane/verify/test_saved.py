"""Saved answers in every layout give the lanes of the live network, and bad ones one sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lane.errors import Unusable
from lane.sources.describe import Answers, network_of
from lane.sources.saved import read_saved
from privatelane_paths import Lane, judge
from tests.lane.running import run_lane
from tests.lane.verify.saved import network, save


def lane(places: tuple[Answers, ...], subnet: str, service: str) -> Lane:
    (found,) = (
        one for one in judge(network_of(places)) if (one.subnet, one.service) == (subnet, service)
    )
    return found


@pytest.mark.parametrize("layout", [".", "us-east-1", "accounts/123456789012/us-east-1"])
def test_each_layout_is_read(tmp_path: Path, layout: str) -> None:
    save(tmp_path / layout, network())
    (tmp_path / "README.md").write_text("not an answer")
    (tmp_path / "notes.json").write_text('["no answer either"]')
    (tmp_path / "images").mkdir()

    places = read_saved(tmp_path)

    assert lane(places, "subnet-aapp", "ecr.api").kind.value == "nat"
    assert lane(places, "subnet-aapp", "ecr.layers").kind.value == "gateway-endpoint"
    assert lane(places, "subnet-apub", "s3").kind.value == "internet-gateway"


def test_regions_and_accounts_are_read_together(tmp_path: Path) -> None:
    save(tmp_path / "accounts/111111111111/us-east-1", network("a"))
    save(tmp_path / "accounts/111111111111/eu-west-1", network("b", "eu-west-1"))
    save(tmp_path / "accounts/222222222222/us-east-1", network("c"))

    facts = network_of(read_saved(tmp_path))

    assert [(one.key, one.region, one.account) for one in facts.vpcs] == [
        ("vpc-a", "us-east-1", "111111111111"),
        ("vpc-b", "eu-west-1", "111111111111"),
        ("vpc-c", "us-east-1", "222222222222"),
    ]


def test_a_flat_folder_tells_its_region_by_the_zones(tmp_path: Path) -> None:
    save(tmp_path, network("a", "ap-southeast-2"))
    assert [one.region for one in network_of(read_saved(tmp_path)).vpcs] == ["ap-southeast-2"]


def test_the_pages_of_one_answer_are_one_answer(tmp_path: Path) -> None:
    answers = network()
    first, second = answers.pop("Subnets")
    save(tmp_path, answers)
    (tmp_path / "page1.json").write_text(json.dumps({"Subnets": [first], "NextToken": "more"}))
    (tmp_path / "page2.json").write_text(json.dumps({"Subnets": [second]}))

    places = read_saved(tmp_path)

    assert len(network_of(places).subnets) == 2
    assert places[0].unread == {}


def test_a_page_without_the_last_one_is_not_the_whole(tmp_path: Path) -> None:
    answers = network()
    tables = answers.pop("RouteTables")
    save(tmp_path, answers)
    page = {"RouteTables": tables[:1], "NextToken": "more"}
    (tmp_path / "page1.json").write_text(json.dumps(page))

    found = lane(read_saved(tmp_path), "subnet-aapp", "s3")

    assert found.kind.value == "unknown"
    assert any("holds a part" in fact for fact in found.missing)


def test_managed_prefix_lists_are_told_from_awss_own_under_the_same_key(tmp_path: Path) -> None:
    answers: dict[str, Any] = network()
    answers["PrefixLists"] = [
        {
            "PrefixListId": "pl-s3",
            "PrefixListName": "com.amazonaws.us-east-1.s3",
            "Cidrs": ["52.216.0.0/15"],
        },
        {
            "PrefixListId": "pl-s3",
            "PrefixListName": "com.amazonaws.us-east-1.s3",
            "PrefixListArn": "arn:aws:ec2:us-east-1:aws:prefix-list/pl-s3",
            "OwnerId": "AWS",
            "Version": 1,
        },
    ]
    del answers["ManagedPrefixLists"]
    save(tmp_path, answers)

    places = read_saved(tmp_path)

    (found,) = network_of(places).prefix_lists
    assert found.service == "com.amazonaws.us-east-1.s3"
    assert [str(one) for one in found.entries] == ["52.216.0.0/15"]  # type: ignore[union-attr]
    assert places[0].unread == {}


@pytest.mark.parametrize(
    ("missing", "kinds"),
    [
        ("RouteTables", {"associations", "main_associations", "routes", "tables"}),
        ("VpcEndpoints", {"endpoints"}),
        ("TransitGatewayAttachments", {"attachments", "transit_associations"}),
        ("NetworkAcls", {"network_acls"}),
    ],
)
def test_a_missing_file_is_a_kind_of_fact_that_nobody_read(
    tmp_path: Path, missing: str, kinds: set[str]
) -> None:
    answers = network()
    del answers[missing]
    assert network_of(read_saved(save(tmp_path, answers))).unread.keys() == kinds


def test_what_needs_a_missing_file_is_unknown_and_names_it(tmp_path: Path) -> None:
    answers = network()
    del answers["RouteTables"]
    found = lane(read_saved(save(tmp_path, answers)), "subnet-aapp", "ecr.api")
    assert found.kind.value == "unknown"
    assert any("route tables" in fact for fact in found.missing)


def test_without_endpoints_a_nat_is_no_certain_way(tmp_path: Path) -> None:
    answers = network()
    del answers["VpcEndpoints"]
    found = lane(read_saved(save(tmp_path, answers)), "subnet-aapp", "ecr.api")
    assert found.kind.value == "unknown"
    assert any("VPC endpoints" in fact for fact in found.missing)


def test_what_one_account_does_not_show_is_unknown_there_alone(tmp_path: Path) -> None:
    whole, part = network("a"), network("b")
    del part["VpcEndpoints"], part["RouteTables"]
    save(tmp_path / "accounts/111111111111/us-east-1", whole)
    save(tmp_path / "accounts/222222222222/us-east-1", part)
    places = read_saved(tmp_path)

    assert lane(places, "subnet-aapp", "ecr.api").kind.value == "nat"
    unseen = lane(places, "subnet-bapp", "ecr.api")
    assert unseen.kind.value == "unknown"
    assert any("account 222222222222" in fact for fact in unseen.missing)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, r"--from \S+ has no JSON file with subnets under the key `Subnets`; .*"),
        ({"a.json": '{"Vpcs": []}'}, r"--from \S+ has no JSON file with subnets .*"),
        ({"a.json": '{"Subnets": [{"Subn'}, r"\S+a\.json is not valid JSON: .*"),
        ({"a.json": '{"Subnets": {"no": "list"}}'}, r"\S+a\.json: `Subnets` must be a list .*"),
        ({"a.json": '{"Subnets": ["subnet-1"]}'}, r"\S+a\.json: `Subnets` must be a list .*"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, files: dict[str, str], sentence: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Unusable) as refused:
        read_saved(tmp_path)
    assert re.fullmatch(sentence, str(refused.value))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("")
    with pytest.raises(Unusable, match="must be a folder of saved describe answers"):
        read_saved(tmp_path / "answers")


def test_the_command_prints_one_object_and_leaves_with_the_verdict(tmp_path: Path) -> None:
    found = run_lane("verify", "--from", str(save(tmp_path, network())), "--format", "json")

    assert found.status == 1
    report = found.report
    assert (report["schema"], report["source"]) == ("privatelane/1", "aws")
    assert "differences" not in report
    assert [one["key"] for one in report["subnets"]] == ["subnet-aapp", "subnet-apub"]
    assert report["subnets"][0]["name"] == "app"
    assert report["counts"]["refuted"] == 2
    assert [one["policy"] for one in report["violations"] if one["level"] == "mandatory"] == [
        "nat-path-to-ecr-or-s3"
    ]
    again = run_lane("verify", "--from", str(tmp_path), "--format", "json")
    assert again.out == found.out


def test_saved_answers_need_no_boto3(tmp_path: Path) -> None:
    (tmp_path / "boto3.py").write_text("raise ImportError('boto3 was imported')")
    folder = save(tmp_path / "saved", network())
    found = run_lane("verify", "--from", str(folder), PYTHONPATH=f"{tmp_path}:policies:.")
    assert found.status == 1, found.err


@pytest.mark.parametrize("option", [("--region", "us-east-1"), ("--role-arn", "arn:aws:iam::1:x")])
def test_files_go_with_no_region_and_no_role(tmp_path: Path, option: tuple[str, str]) -> None:
    found = run_lane("verify", "--from", str(tmp_path), *option)
    assert found.status == 2
    assert found.last_words == (
        "lane: --from reads files: it goes with neither --region nor --role-arn"
    )
