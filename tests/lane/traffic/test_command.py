"""`lane traffic` as a person or a script runs it, on good input and on bad."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lane.traffic.render_json import SCHEMA
from tests.lane.running import run_lane
from tests.lane.traffic import network
from tests.lane.traffic.asking import traffic_command
from tests.lane.traffic.network import Sent, fields_of, records, status, traffic, truth

LEAK = [
    Sent("10.0.1.5", "52.216.1.9", 10, 2_000_000, "nat", network.START),
    Sent("10.0.1.5", "52.216.1.9", 5, 500, "gateway-endpoint", network.START + 9),
    Sent("10.0.2.7", "151.101.1.69", 20, 40, "nat", network.START + 60),
]
TIDY = [
    Sent("10.0.1.5", "52.216.1.9", 10, 2_000_000, "gateway-endpoint", network.START),
    Sent("10.0.1.5", "151.101.1.69", 10, 90, "nat", network.START + 1),
    Sent("10.0.2.7", "151.101.1.69", 20, 40, "nat", network.START + 60),
]


def log(folder: Path, sent: list[Sent], version: int = 11, name: str = "a.log.gz") -> Path:
    return network.write_text(folder / name, fields_of(version), records(sent))


def nat(eni: str, identifier: str, **more: object) -> dict[str, object]:
    return {
        "NatGatewayId": identifier,
        "SubnetId": "subnet-public-1",
        "VpcId": "vpc-0",
        "State": "available",
        "NatGatewayAddresses": [{"NetworkInterfaceId": eni, "PrivateIp": "10.0.100.4"}],
        **more,
    }


def described(folder: Path, *nats: dict[str, object], **more: object) -> Path:
    """A folder of describe answers with the network's subnets and these NAT gateways."""
    folder.mkdir()
    answers: dict[str, object] = {
        "Vpcs": [{"VpcId": "vpc-0", "CidrBlock": "10.0.0.0/16"}],
        "Subnets": [
            {"SubnetId": f"subnet-app-{one}", "VpcId": "vpc-0", "CidrBlock": f"10.0.{one}.0/24"}
            for one in (1, 2)
        ],
        "NatGateways": list(nats),
        **more,
    }
    for key, value in answers.items():
        (folder / f"{key}.json").write_text(json.dumps({key: value}))
    return folder


BOTH = (nat("eni-nat-1", "nat-1"), nat("eni-nat-2", "nat-2"))


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {one["service"]: one["verdict"] for one in found["verdicts"]}


def reasons(found: dict[str, Any], service: str = "s3") -> list[str]:
    (one,) = [one for one in found["verdicts"] if one["service"] == service]
    listed: list[str] = one["reasons"]
    return listed


def test_the_json_holds_every_line_and_what_it_rests_on(tmp_path: Path) -> None:
    done, found = traffic_command(log(tmp_path, LEAK))
    assert (done.status, done.err) == (0, "")
    assert found["schema"] == SCHEMA
    assert found["source"] == "files"
    assert found["read"] == [{"version": 11, "kind": "text", "count": 1}]
    assert found["services"] == [
        {"service": "S3", "bytes": 2_000_010},
        {"service": "internet", "bytes": 60},
    ]
    assert found["lines"][0] == {
        "nat": "eni-nat-1",
        "service": "S3",
        "subnet": "subnet-app-1",
        "interface": "eni-a",
        "address": None,
        "bytes_to_service": 10,
        "bytes_from_service": 2_000_000,
        "bytes": 2_000_010,
        "seen_at": "nat",
        "service_told_by": "field",
    }
    assert found["nats"] == [
        {"nat": eni, "name": eni, "known_by": "interface-type", "records": 11}
        for eni in ("eni-nat-1", "eni-nat-2")
    ]
    assert found["ways_without_nat"] == [{"way": "gateway-endpoint", "service": "S3", "bytes": 505}]
    assert found["verdicts"] == found["undecided"] == found["faults"] == []


def test_two_runs_print_the_same_bytes(tmp_path: Path) -> None:
    file = str(log(tmp_path, traffic(9)))
    assert run_lane("traffic", file).out == run_lane("traffic", file).out
    json_ = ("traffic", file, "--format", "json", "--prove")
    assert run_lane(*json_).out == run_lane(*json_).out


def test_people_and_pull_requests_get_the_same_figures(tmp_path: Path) -> None:
    file = str(log(tmp_path, LEAK))
    for form in ("text", "markdown"):
        done = run_lane("traffic", file, "--format", form, "--prove")
        assert done.status == 1
        for part in (
            "0.002 GB",
            "subnet-app-1",
            "eni-nat-1 is a NAT by its interface type",
            "S3 includes the layers of ECR images",
            "505 bytes of S3 went through a gateway endpoint.",
            "0.002 GB of S3 went through eni-nat-1 from subnet-app-1",
        ):
            assert part in done.out


def test_a_proof_needs_every_byte_of_s3_and_ecr_to_go_another_way(tmp_path: Path) -> None:
    done, found = traffic_command(log(tmp_path, TIDY), "--prove")
    assert verdicts(found) == {"ecr": "proved", "s3": "proved"}
    assert done.status == 0
    done, found = traffic_command(log(tmp_path, LEAK), "--prove")
    assert verdicts(found) == {"ecr": "proved", "s3": "refuted"}
    assert done.status == 1


def test_bytes_of_a_pool_that_holds_ecr_leave_ecr_open(tmp_path: Path) -> None:
    sent = [*TIDY, Sent("10.0.1.6", "52.94.5.1", 10, 90, "nat", network.START)]
    done, found = traffic_command(log(tmp_path, sent), "--prove")
    assert verdicts(found) == {"ecr": "unknown", "s3": "proved"}
    assert reasons(found, "ecr") == [
        (
            "100 bytes through NATs are of addresses that AWS calls AMAZON, as it calls ECR's "
            "among others"
        )
    ]
    assert done.status == 1


def test_a_file_of_ones_own_may_name_ecr(tmp_path: Path) -> None:
    sent = [*TIDY, Sent("10.0.1.6", "52.94.5.1", 10, 90, "nat", network.START)]
    own = tmp_path / "ecr.json"
    own.write_text(json.dumps({"prefixes": [{"ip_prefix": "52.94.5.0/24", "service": "ECR"}]}))
    _, found = traffic_command(log(tmp_path, sent), "--prove", "--ip-ranges", own)
    assert verdicts(found) == {"ecr": "refuted", "s3": "proved"}
    assert {"service": "ECR", "bytes": 100} in found["services"]


@pytest.mark.parametrize(
    ("version", "rows", "reason"),
    [
        (11, [status("eni-nat-1", "SKIPDATA", network.START + 60)], "AWS skipped records of NAT"),
        (11, [], "there is no record of NAT nat-3"),
        (4, [], "pkt-dst-aws-service, so name AWS's published ranges with --ip-ranges"),
    ],
)
def test_what_is_missing_is_unknown_and_never_a_pass(
    tmp_path: Path, version: int, rows: list[dict[str, object]], reason: str
) -> None:
    file = tmp_path / "a.log"
    network.write_text(file, fields_of(version), [*records(TIDY), *rows])
    third = (nat("eni-nat-3", "nat-3"),) if "nat-3" in reason else ()
    answers = described(tmp_path / "answers", *BOTH, *third)
    done, found = traffic_command(file, "--prove", "--from", answers)
    assert verdicts(found)["s3"] == "unknown"
    assert any(reason in one for one in reasons(found))
    assert done.status == 1


def test_a_hole_in_the_records_of_a_nat_spoils_the_proof(tmp_path: Path) -> None:
    hole = range(network.START + 600, network.START + 2400)
    rows = [
        row for row in records(TIDY)
        if not (row["interface-id"] == "eni-nat-2" and int(str(row["start"])) in hole)
    ]  # fmt: skip
    file = network.write_text(tmp_path / "a.log", fields_of(11), rows)
    _, found = traffic_command(file, "--prove")
    assert reasons(found) == [
        "there is no record of NAT eni-nat-2 from 2026-11-20T00:01:30Z to 2026-11-20T00:40:00Z"
    ]
    done, found = traffic_command(file, "--prove", "--max-gap", "3600")
    assert verdicts(found)["s3"] == "proved"
    assert done.status == 0


def test_a_window_wider_than_the_logs_is_no_proof(tmp_path: Path) -> None:
    window = ("--since", "2026-11-19T23:00:00Z", "--until", "2026-11-20T01:00:00Z")
    _, found = traffic_command(log(tmp_path, TIDY), "--prove", *window)
    assert verdicts(found) == {"ecr": "unknown", "s3": "unknown"}
    assert (
        "there is no record of the flow logs from 2026-11-19T23:00:00Z to 2026-11-20T00:00:00Z"
        in reasons(found)
    )


def test_a_time_without_records_or_without_traffic_proves_nothing(tmp_path: Path) -> None:
    window = ("--since", "2026-01-01", "--until", "2026-01-02")
    done, found = traffic_command(log(tmp_path, TIDY), "--prove", *window)
    assert (done.status, verdicts(found)["s3"]) == (1, "unknown")
    assert reasons(found) == ["there is no record of this time"]
    idle = [status("eni-nat-1", "NODATA", network.START + place * 600) for place in range(6)]
    file = network.write_text(tmp_path / "idle.log", fields_of(11), idle)
    _, found = traffic_command(file, "--prove")
    assert "no traffic at all was recorded, so nothing was put to the test" in reasons(found)


def test_an_inventory_names_nats_and_subnets(tmp_path: Path) -> None:
    named = nat("eni-nat-1", "nat-1", Tags=[{"Key": "Name", "Value": "egress"}])
    gone = nat("eni-gone", "nat-0", State="deleted")
    answers = described(tmp_path / "answers", named, gone, BOTH[1])
    rows = [row for row in records(LEAK) if not str(row["interface-id"]).startswith("eni-a")]
    file = network.write_text(tmp_path / "a.log", fields_of(5), rows)
    _, found = traffic_command(file, "--from", answers)
    assert [(one["nat"], one["name"], one["known_by"]) for one in found["nats"]] == [
        ("nat-1", "egress", "inventory"),
        ("nat-2", "nat-2", "inventory"),
    ]
    first = found["lines"][0]
    assert (first["nat"], first["subnet"], first["address"]) == (
        "nat-1",
        "subnet-app-1",
        "10.0.1.5",
    )
    assert first["interface"] is None


def test_an_export_is_an_inventory_too(tmp_path: Path) -> None:
    resources = [
        {
            "urn": f"urn:pulumi:dev::shop::aws:ec2/natGateway:NatGateway::{name}",
            "custom": True,
            "id": f"nat-{number}",
            "type": "aws:ec2/natGateway:NatGateway",
            "inputs": {"subnetId": "subnet-public"},
            "outputs": {"networkInterfaceId": f"eni-nat-{number}"},
        }
        for number, name in ((1, "first"), (2, "second"))
    ]
    export = tmp_path / "export.json"
    export.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    _, found = traffic_command(log(tmp_path, LEAK, version=5), "--from", export)
    assert [(one["nat"], one["name"]) for one in found["nats"]] == [
        ("nat-1", "first"),
        ("nat-2", "second"),
    ]
    del resources[1]["outputs"]
    export.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    done, _ = traffic_command(log(tmp_path, LEAK, version=5), "--from", export)
    assert done.status == 2
    assert "the interface of NAT gateway second is not known" in done.err


def test_what_may_lead_elsewhere_keeps_open_what_records_do_not_tell(tmp_path: Path) -> None:
    fields = [field for field in fields_of(5) if field != "traffic-path"]
    file = network.write_text(tmp_path / "a.log", fields, records(TIDY))
    _, found = traffic_command(file, "--prove", "--from", described(tmp_path / "alone", *BOTH))
    assert verdicts(found)["s3"] == "proved"
    attached = [{"TransitGatewayAttachmentId": "tgw-attach-1", "State": "available"}]
    answers = described(tmp_path / "hub", *BOTH, TransitGatewayVpcAttachments=attached)
    _, found = traffic_command(file, "--prove", "--from", answers)
    assert verdicts(found) == {"ecr": "proved", "s3": "unknown"}
    assert "a way that the format does not tell, which may lead to a NAT" in reasons(found)[0]


# Bad input: one sentence, exit 2, and what could be read is still reported.


def last(folder: Path, *more: object) -> tuple[str, dict[str, Any]]:
    done, found = traffic_command(folder, *more)
    assert done.status == 2
    assert "Traceback" not in done.err
    (sentence,) = [line for line in done.err.splitlines() if line.startswith("lane: ")]
    return sentence.removeprefix("lane: "), found


def test_a_truncated_gzip_file_counts_up_to_where_it_ends(tmp_path: Path) -> None:
    whole = log(tmp_path, LEAK)
    cut = tmp_path / "cut.log.gz"
    rows = [row for row in records(traffic(3, 4000)) if row["log-status"] == "OK"]
    network.write_text(cut, fields_of(11), rows)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    sentence, found = last(tmp_path)
    assert sentence == (
        f"not all of the flow logs could be read: {cut}: it is truncated or damaged (Compressed "
        "file ended before the end-of-stream marker was reached): only the lines before that are "
        "counted"
    )
    alone, _ = traffic_command(whole)
    assert alone.status == 0
    assert len(rows) // 4 < found["records"] < len(rows)
    assert [one["service"] for one in found["lines"]].count("S3") > 1


def test_a_truncated_text_file_loses_its_last_line_only(tmp_path: Path) -> None:
    file = log(tmp_path, LEAK, name="a.log")
    text = file.read_text()
    file.write_text(text[: text.rindex("NODATA") - 40])
    sentence, found = last(file)
    lines = text.count("\n")
    assert sentence == (
        f"not all of the flow logs could be read: {file}: 1 line is left out, the first of them "
        f"line {lines}, which has other fields than its header names: the file is truncated or "
        "damaged"
    )
    assert found["services"][0] == {"service": "S3", "bytes": 2_000_010}
    assert found["records"] == lines - 2


@pytest.mark.parametrize("needed", ["bytes", "srcaddr", "interface-id"])
def test_a_format_without_a_needed_field_is_told_and_the_rest_counts(
    tmp_path: Path, needed: str
) -> None:
    log(tmp_path, LEAK)
    fields = [field for field in fields_of(7) if field != needed]
    lacking = network.write_text(tmp_path / "b.log", fields, records(traffic(1)))
    sentence, found = last(tmp_path)
    assert sentence == (
        f"not all of the flow logs could be read: {lacking}: its format lacks {needed}, without "
        "which nothing can be counted: create a flow log whose format has them"
    )
    assert found["services"][0] == {"service": "S3", "bytes": 2_000_010}
    assert found["faults"] == [sentence.partition(": ")[2]]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.log", b"hello world this is no log\n", "it is not a flow log as AWS writes it to S3"),
        ("a.csv", b"date,amount\n1,2\n", "it is not a flow log as AWS writes it to S3"),
        ("a.log", b"", "it is empty, not even with a header"),
        ("a.log.gz", gzip.compress(b"x y z\n", mtime=0)[:12], "it cannot be read"),
        ("a.parquet", b"PAR1 and then nothing", "it is a Parquet file that is damaged"),
    ],
)
def test_what_is_no_flow_log_is_told(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    sentence, found = last(tmp_path)
    assert sentence.startswith(f"{tmp_path / name}: {why}")
    assert found == {}
    log(tmp_path, LEAK, name="good.log")
    sentence, found = last(tmp_path)
    assert why in sentence
    assert found["services"][0] == {"service": "S3", "bytes": 2_000_010}


def test_a_parquet_file_that_ends_early_is_left_out(tmp_path: Path) -> None:
    log(tmp_path, LEAK)
    file = network.write_parquet(tmp_path / "b.parquet", fields_of(11), records(traffic(5)))
    content = bytearray(file.read_bytes())
    content[200:1200] = bytes(1000)
    file.write_bytes(bytes(content))
    sentence, found = last(tmp_path)
    assert str(file) in sentence
    assert "it is a Parquet file that is damaged" in sentence
    assert found["services"][0] == {"service": "S3", "bytes": 2_000_010}


def test_what_could_not_be_read_spoils_a_proof(tmp_path: Path) -> None:
    log(tmp_path, TIDY)
    (tmp_path / "b.log").write_text("hello world this is no log\n")
    _, found = last(tmp_path, "--prove")
    assert verdicts(found) == {"ecr": "unknown", "s3": "unknown"}
    assert reasons(found) == ["not all of the flow logs could be read"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ([], "name flow log files or folders, or a table of Athena with --athena"),
        (["/nowhere/at/all"], "/nowhere/at/all does not exist"),
        (["LOG", "--since", "yesterday"], "--since yesterday: it must be a time such as"),
        (
            ["LOG", "--since", "2026-01-02", "--until", "2026-01-01"],
            "--until 2026-01-01 must be after --since 2026-01-02",
        ),
        (["LOG", "--from", "EMPTY"], "has no JSON file with subnets under the key `Subnets`"),
        (["LOG", "--from", "PARTIAL"], "does not tell which NAT gateways there are"),
        (["LOG", "--ip-ranges", "LOG"], "--ip-ranges"),
        (["EMPTY"], "has no file that ends in .log, .gz"),
        (
            ["--athena", "logs.flow"],
            "--athena bills what it scans, so it needs --since and --until",
        ),
        (
            ["--athena", "flow", "--since", "2026-01-01", "--until", "2026-01-02"],
            "--athena flow: it must be a database and a table",
        ),
    ],
)
def test_an_argument_that_cannot_be_used_gets_one_sentence(
    tmp_path: Path, args: list[str], sentence: str
) -> None:
    (tmp_path / "empty").mkdir()
    partial = described(tmp_path / "partial")
    (partial / "NatGateways.json").unlink()
    places = {
        "LOG": str(log(tmp_path, LEAK)),
        "EMPTY": str(tmp_path / "empty"),
        "PARTIAL": str(partial),
    }
    done = run_lane("traffic", *(places.get(arg, arg) for arg in args))
    assert (done.status, done.out) == (2, "")
    (told,) = done.err.splitlines()
    assert sentence in told


def test_the_truth_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "2026" / "11").mkdir(parents=True)
    log(tmp_path / "2026" / "11", traffic(12), name="a.log.gz")
    (tmp_path / "README.md").write_text("not a log")
    done, found = traffic_command(tmp_path)
    assert done.status == 0
    assert sum(one["bytes"] for one in found["lines"]) == sum(
        one.out + one.back for one in truth(traffic(12))
    )
