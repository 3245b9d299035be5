"""The saved queries: well formed, and right about traffic whose truth is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privatelane import FLOW_LOG_FIELDS
from privatelane._invalid import InvalidInput
from privatelane.observability._saved_queries import alias, saved_queries
from tests.components.observability.flow_records import Transfer, skipped
from tests.components.observability.logs_insights import MalformedQueryError, check, records, run

QUERIES = {one.name: one.text for one in saved_queries(FLOW_LOG_FIELDS)}
GIGABYTE = 1_000_000_000

TRANSFERS = st.lists(
    st.builds(
        Transfer,
        way=st.sampled_from(
            ["zonal-nat", "regional-nat", "gateway-endpoint", "interface-endpoint", "refused"]
        ),
        service=st.sampled_from(["S3", "DYNAMODB", "AMAZON", "EC2", "-"]),
        up=st.integers(1, 10**6),
        down=st.integers(1, 10**11),
        subnet=st.sampled_from(["subnet-a", "subnet-b"]),
        task=st.sampled_from(["10.0.1.5", "10.0.1.6"]),
        far=st.sampled_from(["52.216.0.1", "203.0.113.5"]),
    ),
    max_size=12,
)


def answer(name: str, transfers: Sequence[Transfer], *more: dict[str, Any]) -> list[dict[str, Any]]:
    lines = [line for one in transfers for line in one.records()]
    return run(QUERIES[name], records([*lines, *more], FLOW_LOG_FIELDS))


def through_nat(transfers: Sequence[Transfer]) -> list[Transfer]:
    return [one for one in transfers if one.way.endswith("nat")]


def test_the_queries_are_these() -> None:
    assert list(QUERIES) == [
        "nat-bytes-by-service",
        "nat-bytes-by-interface",
        "nat-top-talkers",
        "proof-no-s3-through-nat",
        "rejects-at-endpoints",
        "gateway-endpoint-use",
        "gaps-in-the-log",
    ]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_well_formed(name: str) -> None:
    assert check(QUERIES[name])[0].data == "parse"
    # Source: PutQueryDefinition takes at most 10,000 characters.
    assert len(QUERIES[name]) <= 10_000


def test_the_names_of_the_fields_are_none_that_logs_insights_finds_by_itself() -> None:
    # Source: "Supported logs and discovered fields", Amazon VPC flow logs.
    discovered = {"accountId", "endTime", "interfaceId", "logStatus", "startTime", "version"}
    discovered |= {"action", "bytes", "dstAddr", "dstPort", "packets", "protocol"}
    discovered |= {"srcAddr", "srcPort"}
    assert not discovered & {alias(field) for field in FLOW_LOG_FIELDS}


@settings(max_examples=60, deadline=None)
@given(TRANSFERS)
def test_every_byte_through_a_nat_is_counted_once_and_for_its_service(
    transfers: list[Transfer],
) -> None:
    truth: Counter[tuple[str, str]] = Counter()
    for one in through_nat(transfers):
        truth[one.service, "egress"] += one.up
        truth[one.service, "ingress"] += one.down
    found = {
        (row["awsService"], row["fFlowDirection"]): round(row["gigabytes"] * GIGABYTE)
        for row in answer("nat-bytes-by-service", transfers)
    }
    assert found == truth


@settings(max_examples=30, deadline=None)
@given(TRANSFERS)
def test_the_interface_that_leaks_is_named_with_its_bytes(transfers: list[Transfer]) -> None:
    truth: Counter[tuple[str, str, str, str]] = Counter()
    hops = {"zonal-nat": "nat_gateway", "regional-nat": "regional_nat_gateway"}
    for one in through_nat(transfers):
        truth[one.subnet, one.interface, hops[one.way], one.service] += one.up + one.down
    found = {
        (
            row["fSubnetId"],
            row["fInterfaceId"],
            row["fNextHopInterfaceType"],
            row["awsService"],
        ): round(row["gigabytes"] * GIGABYTE)
        for row in answer("nat-bytes-by-interface", transfers)
    }
    assert found == truth


@settings(max_examples=30, deadline=None)
@given(TRANSFERS)
def test_both_halves_of_a_conversation_are_one_talker(transfers: list[Transfer]) -> None:
    truth: Counter[tuple[str, str, str]] = Counter()
    for one in through_nat(transfers):
        truth[one.task, one.far, one.service] += one.up + one.down
    rows = answer("nat-top-talkers", transfers)
    found = {
        (row["nearAddress"], row["farAddress"], row["awsService"]): round(
            row["gigabytes"] * GIGABYTE
        )
        for row in rows
    }
    assert found == truth
    assert [row["gigabytes"] for row in rows] == sorted(
        (row["gigabytes"] for row in rows), reverse=True
    )


@settings(max_examples=60, deadline=None)
@given(TRANSFERS)
def test_the_proof_has_no_rows_exactly_when_no_store_is_reached_through_a_nat(
    transfers: list[Transfer],
) -> None:
    leaks = [one for one in through_nat(transfers) if one.service in ("S3", "DYNAMODB")]
    assert bool(answer("proof-no-s3-through-nat", transfers)) == bool(leaks)


@pytest.mark.parametrize("way", ["zonal-nat", "regional-nat"])
def test_the_proof_fails_though_the_task_s_own_records_lack_their_next_hop(way: Any) -> None:
    """Such fields are approximations, AWS says, and may be missing."""
    lines = [
        {**line, "next-hop-interface-type": "-"} for line in Transfer(way, "S3", 1, 2).records()
    ]
    assert run(QUERIES["proof-no-s3-through-nat"], records(lines, FLOW_LOG_FIELDS))


def test_a_partner_behind_a_regional_nat_does_not_pass_for_a_service_of_aws() -> None:
    (down, up) = answer("nat-bytes-by-service", [Transfer("regional-nat", "-", 1, 5)])
    assert {down["awsService"], up["awsService"]} == {"-"}


def test_a_caller_that_an_endpoint_refuses_is_named() -> None:
    rows = answer(
        "rejects-at-endpoints",
        [Transfer("refused", "-", 60, 0), Transfer("interface-endpoint", "-", 60, 60)],
    )
    assert rows == [
        {
            "fSrcaddr": "10.0.1.5",
            "fDstaddr": "10.0.2.9",
            "fDstport": "443",
            "fFlowDirection": "ingress",
            "fInterfaceType": "vpc_endpoint",
            "flows": 1,
        }
    ]


def test_what_leaves_by_a_gateway_endpoint_is_seen_to() -> None:
    rows = answer(
        "gateway-endpoint-use",
        [Transfer("gateway-endpoint", "S3", 70, 10**9), Transfer("zonal-nat", "S3", 9, 9)],
    )
    assert rows == [
        {"fSubnetId": "subnet-a", "fPktDstAwsService": "S3", "sentBytes": 70.0, "flows": 1}
    ]


def test_skipped_records_are_counted_by_interface() -> None:
    (row,) = answer(
        "gaps-in-the-log", [Transfer("zonal-nat", "S3", 1, 1)], skipped("eni-1"), skipped("eni-1")
    )
    assert (row["fInterfaceId"], row["skipped"]) == ("eni-1", 2)


def test_a_format_in_another_order_gives_the_same_answers() -> None:
    order = tuple(reversed(FLOW_LOG_FIELDS))
    text = {one.name: one.text for one in saved_queries(order)}["nat-bytes-by-service"]
    lines = list(Transfer("zonal-nat", "S3", 3, 10**9).records())
    assert run(text, records(lines, order)) == answer(
        "nat-bytes-by-service", [Transfer("zonal-nat", "S3", 3, 10**9)]
    )


def test_a_format_without_the_next_hop_is_refused_by_the_name_of_the_field() -> None:
    fields = [one for one in FLOW_LOG_FIELDS if one != "next-hop-interface-type"]
    with pytest.raises(InvalidInput, match="lacks 'next-hop-interface-type', which the query"):
        saved_queries(fields)


# The reader itself: what it must refuse, so that accepting means something.


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("filter interfaceId like /nat-/ == false", "Unexpected token"),
        ('parse @message "* *" as a', "as many wildcards"),
        ('parse @message "*" as a | stats total(a) as b', "total is no function"),
        ('parse @message "*" as a | filter sum(a) > 1', "sum is no function here"),
        ('parse @message "*" as a | stats sum(a) as b | filter a = "1"', "nobody defines"),
        ('parse @message "*" as a | sort a desc | stats count(*) by a', "before the last stats"),
        ('parse @message "*" as a | fields if(a = "1", a) as b', "if takes 3"),
        ("stats count(*) by bytesOut", "nobody defines"),
        ("filter @message = 'x'", "No terminal matches"),
        ('where @message = "x"', "Unexpected token"),
    ],
)
def test_a_malformed_query_is_refused(text: str, why: str) -> None:
    with pytest.raises(MalformedQueryError, match=why):
        check(text)
