"""What the records of a private hosted zone, as Route 53 describes them, answer with."""

from __future__ import annotations

from typing import Any

import pytest

from lane.sources.describe import Answers, network_of
from privatelane_paths.facts import ZoneRecord
from privatelane_paths.known import Ref
from tests.lane.verify.saved import network

ZONE = "/hostedzone/Z1"
ENDPOINT = "vpce-0abc"
HOST = f"{ENDPOINT}-xyz.ecr.api.us-east-1.vpce.amazonaws.com"


def records(*sets: dict[str, Any]) -> list[ZoneRecord]:
    """The records of a private zone with these record sets."""
    zone = {
        "Id": ZONE,
        "Name": "api.ecr.us-east-1.amazonaws.com.",
        "Config": {"PrivateZone": True},
        "VPCs": [{"VPCId": "vpc-a", "VPCRegion": "us-east-1"}],
        "ResourceRecordSets": list(sets),
    }
    answers = Answers(None, None, {**network(), "HostedZones": [zone]})
    return list(network_of([answers]).zone_records)


def plain(kind: str, *values: str) -> dict[str, Any]:
    return {
        "Name": "\\052.Example.com.",
        "Type": kind,
        "ResourceRecords": [{"Value": value} for value in values],
    }


@pytest.mark.parametrize("kind", ["A", "AAAA", "CNAME"])
def test_a_record_that_gives_an_address_is_whole(kind: str) -> None:
    assert records(plain(kind, "10.0.0.7", "10.0.0.8")) == [
        ZoneRecord(
            f"{ZONE}#*.example.com/{kind}[0]",
            Ref.to(ZONE),
            "*.example.com",
            None,
            ("10.0.0.7", "10.0.0.8"),
        )
    ]


@pytest.mark.parametrize("kind", ["TXT", "MX", "NS", "SOA", "CAA"])
def test_a_record_that_gives_nobody_an_address_is_left_out(kind: str) -> None:
    assert records(plain(kind, "said")) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"AliasTarget": {"DNSName": f"{HOST}."}},
        {"ResourceRecords": [{"Value": HOST}]},
        {"ResourceRecords": [{"Value": HOST.upper()}]},
    ],
)
def test_an_alias_or_a_value_in_an_endpoint_s_name_leads_to_the_endpoint(
    answer: dict[str, Any],
) -> None:
    (record,) = records({"Name": "example.com.", "Type": "A", **answer})

    assert record.endpoint == Ref.to(ENDPOINT)
