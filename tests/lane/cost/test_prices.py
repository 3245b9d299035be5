"""The table of prices that ships, and files that are no table of prices."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from lane.cost.items import ITEMS
from lane.cost.prices import PRICES, read_prices
from lane.cost.refresh import QUERIES
from lane.errors import Unusable

HEADER = "item,region,from,unit,usd,status,source,as_of\n"


def test_the_shipped_table_is_written_as_it_would_be_refreshed() -> None:
    assert read_prices().as_csv() == PRICES.read_text()


def test_every_price_is_that_of_an_item_and_says_where_it_is_from() -> None:
    table = read_prices()
    unknown = {price.item.partition(":")[0] for price in table.rows} - set(ITEMS)
    assert unknown == set()
    assert all(price.source for price in table.rows)
    assert all(price.as_of for price in table.rows if price.sure)
    assert set(QUERIES) <= set(ITEMS)


def test_an_item_is_counted_in_one_unit_everywhere() -> None:
    units: dict[str, set[str]] = {}
    for price in read_prices().rows:
        units.setdefault(price.item, set()).add(price.unit)
    assert {item: len(found) for item, found in units.items() if len(found) > 1} == {}
    assert all(QUERIES[item].unit in found for item, found in units.items() if item in QUERIES)


@pytest.mark.parametrize(
    ("item", "region", "usd", "status"),
    [
        ("nat_hour", "us-east-1", "0.045", "verified"),
        ("nat_gb", "sa-east-1", "0.093", "secondary"),
        ("interface_endpoint_hour", "us-west-2", "0.010", "unverified"),
        ("interface_endpoint_hour", "ap-northeast-1", "0.014", "verified"),
        ("transit_attachment_hour", "eu-west-1", "0.05", "unverified"),
        ("fargate_vcpu_hour", "eu-central-1", "0.04656", "verified"),
    ],
)
def test_prices_and_how_sure_they_are(item: str, region: str, usd: str, status: str) -> None:
    rate = read_prices().rate(item, region)
    assert rate is not None
    assert (rate.first.usd, rate.first.status) == (Decimal(usd), status)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "a,b\n",
            ("prices.csv is no table of prices: its columns must be item, region, from, unit, usd, "
            "status, source, as_of"),
        ),
        (
            f"{HEADER}nat_gb,us-east-1,0,GB,free,verified,x,\n",
            "prices.csv, line 2: usd is 'free': it must be a number of at least 0, such as 0.045",
        ),
        (
            f"{HEADER}nat_gb,us-east-1,0,GB,-1,verified,x,\n",
            "prices.csv, line 2: usd is '-1': it must be a number of at least 0, such as 0.045",
        ),
        (
            f"{HEADER}nat_gb,us-east-1,0,GB,1,sure,x,\n",
            "prices.csv, line 2: status is 'sure': it must be verified, secondary or unverified",
        ),
        (
            f"{HEADER}nat_gb,us-east-1,0,GB,1,verified,x,autumn\n",
            "prices.csv, line 2: as_of is 'autumn': it must be a date such as 2026-09-25",
        ),
        (f"{HEADER}nat_gb,us-east-1,0\n", "prices.csv, line 2 must have 8 columns"),
        (
            f"{HEADER}nat_gb,us-east-1,5,GB,1,verified,x,\n",
            ("prices.csv: the tiers of nat_gb in us-east-1 must start at 0 and differ, "
            "not start at 5"),
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_gets_one_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(text)
    with pytest.raises(Unusable) as raised:
        read_prices(file)
    assert str(raised.value) == sentence
