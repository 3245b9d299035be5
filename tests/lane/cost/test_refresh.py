"""Prices from the AWS Price List, answered by botocore's own stub: requests are checked exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from lane.cost import refresh
from lane.cost.prices import Price, PriceTable, Rate
from lane.cost.refresh import Query, refreshed

REGION = "eu-central-1"
NAT = {"nat_hour": refresh.QUERIES["nat_hour"], "nat_gb": refresh.QUERIES["nat_gb"]}
OLD = Price("nat_hour", REGION, Decimal(), "hour", Decimal("0.052"), "secondary", "a bill", "")


@pytest.fixture
def pricing() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client(
        "pricing",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def product(usage: str, *tiers: tuple[str, str], operation: str = "", currency: str = "USD") -> str:
    """A product as GetProducts returns it: JSON in a string."""
    return json.dumps(
        {
            "product": {"attributes": {"usagetype": usage, "operation": operation}},
            "publicationDate": "2026-11-01T07:00:00Z",
            "terms": {
                "OnDemand": {
                    "sku.term": {
                        "priceDimensions": {
                            f"rate{place}": {
                                "beginRange": start,
                                "endRange": "Inf",
                                "pricePerUnit": {currency: usd},
                            }
                            for place, (start, usd) in enumerate(tiers)
                        }
                    }
                }
            },
        }
    )


def answer(stub: Stubber, *pages: list[str], family: str = "NAT Gateway") -> None:
    for place, products in enumerate(pages):
        more = {"NextToken": str(place + 1)} if place + 1 < len(pages) else {}
        given = {"NextToken": str(place)} if place else {}
        stub.add_response(
            "get_products",
            {"FormatVersion": "aws_v1", "PriceList": products, **more},
            {
                "ServiceCode": "AmazonEC2",
                "Filters": [
                    {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION},
                    {"Type": "TERM_MATCH", "Field": "productFamily", "Value": family},
                ],
                **given,
            },
        )


def asked(
    monkeypatch: pytest.MonkeyPatch, queries: Mapping[str, Query], table: PriceTable, client: Any
) -> refresh.Refreshed:
    monkeypatch.setattr(refresh, "QUERIES", queries)
    return refreshed(table, [REGION], client)


def test_a_price_from_the_price_list_is_verified_and_dated(
    pricing: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request serves all items of a kind, over all of its pages."""
    client, stub = pricing
    answer(
        stub,
        [product("EUC1-NatGateway-Hours", ("0", "0.0530000000"))],
        [product("EUC1-NatGateway-Bytes", ("0", "0.0520000000"))],
    )
    found = asked(monkeypatch, NAT, PriceTable([OLD]), client)
    assert found.kept == ()
    assert found.changes == (
        "nat_hour in eu-central-1: 0.052, now 0.053 USD a hour",
        "nat_gb in eu-central-1: not in the table, now 0.052 USD a GB",
    )
    assert found.table.rate("nat_hour", REGION) == Rate(
        (
            Price(
                "nat_hour", REGION, Decimal(), "hour", Decimal("0.053"), "verified",
                "AWS Price List API", "2026-11-01",
            ),
        )
    )  # fmt: skip


def test_other_usage_types_that_look_alike_do_not_count(
    pricing: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stub = pricing
    answer(
        stub,
        [
            product("EUC1-NatGateway-Prvd-Hours", ("0", "0.9")),
            product("EUC1-RegionalNatGateway-Hours", ("0", "0.8")),
            product("EUC1-NatGateway-Hours", ("0", "7"), currency="CNY"),
        ],
    )
    found = asked(monkeypatch, NAT, PriceTable([OLD]), client)
    assert found.table.rate("nat_hour", REGION) == Rate((OLD,))
    assert found.changes == ()
    assert found.kept == (
        "nat_hour in eu-central-1 is not refreshed: no product has it",
        "nat_gb in eu-central-1 is not refreshed: no product has it",
    )


def test_products_that_disagree_change_nothing(
    pricing: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stub = pricing
    answer(
        stub,
        [
            product("EUC1-NatGateway-Hours", ("0", "0.05")),
            product("EUC1-NatGateway-Hours", ("0", "0.06")),
        ],
    )
    found = asked(monkeypatch, {"nat_hour": NAT["nat_hour"]}, PriceTable([OLD]), client)
    assert found.kept == ("nat_hour in eu-central-1 is not refreshed: several products disagree",)
    assert found.table.rows == (OLD,)


def test_tiers_are_read_in_their_order(
    pricing: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stub = pricing
    answer(stub, [product("NatGateway-Bytes", ("1048576", "0.006"), ("0", "0.01"))])
    found = asked(monkeypatch, {"nat_gb": NAT["nat_gb"]}, PriceTable([]), client)
    assert found.changes == (
        "nat_gb in eu-central-1: not in the table, now 0.01, 0.006 above 1048576 USD a GB",
    )
    rate = found.table.rate("nat_gb", REGION)
    assert rate is not None
    assert [tier.start for tier in rate.tiers] == [0, 1048576]


def test_a_refused_call_is_botocores_error(
    pricing: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stub = pricing
    stub.add_client_error("get_products", "AccessDeniedException")
    with pytest.raises(ClientError):
        asked(monkeypatch, NAT, PriceTable([OLD]), client)


def test_an_instance_type_is_asked_for_by_name_and_those_in_the_table_again(
    pricing: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stub = pricing
    for kind, usd in (("m5.large", "0.115"), ("m7g.large", "0.0976")):
        stub.add_response(
            "get_products",
            {
                "FormatVersion": "aws_v1",
                "PriceList": [
                    product(f"EUC1-BoxUsage:{kind}", ("0", usd), operation="RunInstances"),
                    product(f"EUC1-BoxUsage:{kind}", ("0", "9"), operation="RunInstances:0002"),
                    product(f"EUC1-BoxUsage:{kind}x", ("0", "8"), operation="RunInstances"),
                ],
            },
            {
                "ServiceCode": "AmazonEC2",
                "Filters": [
                    {"Type": "TERM_MATCH", "Field": field, "Value": value}
                    for field, value in (
                        ("regionCode", REGION),
                        ("instanceType", kind),
                        ("operatingSystem", "Linux"),
                        ("tenancy", "Shared"),
                        ("preInstalledSw", "NA"),
                        ("capacitystatus", "Used"),
                    )
                ],
            },
        )
    old = Price(
        "instance_hour:m5.large", REGION, Decimal(), "hour", Decimal("0.1"), "unverified", "x", ""
    )
    monkeypatch.setattr(refresh, "QUERIES", {})

    found = refreshed(PriceTable([old]), [REGION], client, ["m7g.large"])

    assert found.changes == (
        "instance_hour:m5.large in eu-central-1: 0.1, now 0.115 USD a hour",
        "instance_hour:m7g.large in eu-central-1: not in the table, now 0.0976 USD a hour",
    )
    assert found.kept == ()
