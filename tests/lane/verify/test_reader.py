"""Answers that come in pages, and calls that a region does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lane.sources.aws.reader import Reader, pages
from tests.lane.verify.twin import REGION


@pytest.fixture
def ec2() -> Iterator[tuple[Any, Stubber]]:
    """A client that answers what a test says."""
    client = boto3.client(
        "ec2", region_name=REGION, aws_access_key_id="AKIA", aws_secret_access_key="none"
    )
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("operation", "key", "identifier"),
    [
        # The first has a paginator in botocore, the second has none.
        ("describe_route_tables", "RouteTables", "RouteTableId"),
        (
            "describe_vpc_block_public_access_exclusions",
            "VpcBlockPublicAccessExclusions",
            "ExclusionId",
        ),
    ],
)
def test_every_page_is_read(
    ec2: tuple[Any, Stubber], operation: str, key: str, identifier: str
) -> None:
    client, stub = ec2
    assert client.can_paginate(operation) is (key == "RouteTables")
    stub.add_response(operation, {key: [{identifier: "one"}], "NextToken": "more"}, {})
    stub.add_response(operation, {key: [{identifier: "two"}]}, {"NextToken": "more"})
    assert pages(client, operation, key) == [{identifier: "one"}, {identifier: "two"}]


@pytest.mark.parametrize("code", ["InvalidAction", "UnsupportedOperation", "404"])
def test_a_call_that_a_region_does_not_have_is_not_missed(
    ec2: tuple[Any, Stubber], code: str
) -> None:
    client, stub = ec2
    reader = Reader(boto3.Session(), "123456789012", REGION)
    stub.add_client_error("describe_vpc_block_public_access_options", code)
    reader.keep(
        "VpcBlockPublicAccessOptions",
        lambda: [client.describe_vpc_block_public_access_options()],
        newer=True,
    )
    assert (reader.records, reader.unread) == ({}, {})


def test_a_refused_call_is_missed_even_where_it_is_new(ec2: tuple[Any, Stubber]) -> None:
    client, stub = ec2
    reader = Reader(boto3.Session(), "123456789012", REGION)
    stub.add_client_error("describe_vpc_block_public_access_options", "UnauthorizedOperation")
    reader.keep(
        "VpcBlockPublicAccessOptions",
        lambda: [client.describe_vpc_block_public_access_options()],
        newer=True,
    )
    assert reader.unread == {
        "VpcBlockPublicAccessOptions": (
            "ec2:DescribeVpcBlockPublicAccessOptions was refused: UnauthorizedOperation"
        )
    }
