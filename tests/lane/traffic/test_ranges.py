"""Address ranges: disjoint, complete, and found by SQL as `ipaddress` finds them."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lane.errors import Unusable
from lane.traffic.query import ALL_TIME, Names, addresses_sql, ranges_values
from lane.traffic.ranges import BUCKET, INTERNET, LOCAL, UNKNOWN, WIDE, Named, key, ranges, read
from tests.lane.traffic import network

NETWORKS = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(1, 32),
)
NAMED = st.lists(
    st.builds(Named, NETWORKS, st.sampled_from(["S3", "DYNAMODB", *WIDE])), max_size=12
)


#: Addresses that no list of private ones holds.
OUTSIDE = st.ip_addresses(v=4).filter(lambda one: one.is_global and not one.is_multicast)


def expected(address: IPv4Address, named: list[Named]) -> str:
    """The name of an address outside, from the ranges one by one."""
    holding = [one for one in named if address in one.network]
    if not holding:
        return INTERNET if named else UNKNOWN
    width = min(_width(one) for one in holding)
    narrow = [one for one in holding if _width(one) == width]
    return max(narrow, key=lambda one: (one.network.prefixlen, one.service)).service


def _width(one: Named) -> int:
    return {"AMAZON": 2, "EC2": 1}.get(one.service, 0)


@settings(deadline=None, max_examples=60)
@given(named=NAMED, addresses=st.lists(OUTSIDE, min_size=1))
def test_an_address_has_the_name_of_the_narrowest_service_that_holds_it(
    named: list[Named], addresses: list[IPv4Address]
) -> None:
    parted = ranges(named)
    edges = [one.network[place] for one in named for place in (0, -1)]
    for address in [*addresses, *(one for one in edges if one.is_global and not one.is_multicast)]:
        (found,) = [one.service for one in parted if one.low <= key(address) <= one.high]
        assert found == expected(address, named)


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.31.0.1", "192.168.9.9", "100.64.0.1", "169.254.169.254", "127.0.0.1"],
)
def test_a_private_address_is_inside_whatever_is_published(address: str) -> None:
    parted = ranges([Named(IPv4Network("0.0.0.0/0"), "S3")])
    wanted = key(IPv4Address(address))
    assert [one.service for one in parted if one.low <= wanted <= one.high] == [LOCAL]


@given(named=NAMED)
def test_ranges_cover_every_ipv4_address_once_and_each_lies_in_its_bucket(
    named: list[Named],
) -> None:
    plain = [one for one in ranges(named) if one.low.startswith("4")]
    assert plain[0].low == key(IPv4Address("0.0.0.0"))  # noqa: S104 -- an address, no listener
    assert plain[-1].high == key(IPv4Address("255.255.255.255"))
    for one, after in pairwise(plain):
        assert _number(one.high) + 1 == _number(after.low)
    for one in ranges(named):
        assert one.low[:BUCKET] == one.high[:BUCKET] == one.bucket


def test_what_nat64_shows_has_the_name_of_what_stands_behind_it() -> None:
    parted = ranges([Named(IPv4Network("52.216.0.0/15"), "S3")])
    shown = key(IPv6Address("64:ff9b::34d8:109"))
    assert [one.service for one in parted if one.low <= shown <= one.high] == ["S3"]
    other = key(IPv6Address("2600:1f18::5"))
    assert not [one for one in parted if one.low <= other <= one.high]


def test_a_networks_own_public_range_is_inside() -> None:
    parted = ranges([], [IPv4Network("151.101.0.0/16")])
    own = key(IPv4Address("151.101.1.69"))
    assert [one.service for one in parted if one.low <= own <= one.high] == [LOCAL]


@settings(deadline=None, max_examples=30)
@given(
    addresses=st.lists(
        st.one_of(
            st.ip_addresses(v=4),
            st.ip_addresses(v=6),
            st.ip_addresses(network="64:ff9b::/96"),
        ),
        min_size=1,
        unique=True,
    )
)
def test_sql_names_addresses_as_the_ranges_do(
    addresses: list[IPv4Address | IPv6Address],
) -> None:
    named = [Named(IPv4Network("0.0.0.0/1"), "S3"), Named(IPv4Network("128.0.0.0/2"), "AMAZON")]
    parted = ranges(named)
    with duckdb.connect() as database:
        database.execute(
            "CREATE TABLE records (srcaddr VARCHAR, dstaddr VARCHAR, pkt_srcaddr VARCHAR, "
            "pkt_dstaddr VARCHAR, start BIGINT)"
        )
        database.executemany(
            "INSERT INTO records VALUES ('10.0.0.1', '10.0.0.1', ?, '-', 0)",
            [[str(one)] for one in addresses],
        )
        names = Names("records", "", ranges_values(parted), "", "")
        told = database.execute(addresses_sql(names, ALL_TIME)).fetchall()
    expected = {}
    for one in addresses:
        found = [part.service for part in parted if part.low <= key(one) <= part.high]
        if found and found != [LOCAL]:
            expected[str(one)] = (found[0], one.version == 6)
    assert len(told) == len(expected)
    assert {address: (service, disguised) for address, service, disguised in told} == expected


def test_a_file_like_ip_ranges_json_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ip-ranges.json"
    file.write_text(json.dumps(network.IP_RANGES))
    assert Named(IPv4Network("52.216.0.0/15"), "S3") in read([file])
    for address, service in network.SERVICE_OF.items():
        wanted = key(ip_address(address))
        (found,) = [one.service for one in ranges(read([file])) if one.low <= wanted <= one.high]
        assert found == service


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not valid JSON"),
        ("{}", "it must be a file like AWS's ip-ranges.json, with a list `prefixes`"),
        (
            '{"prefixes": [{"ip_prefix": "52.216.0.0/33", "service": "S3"}]}',
            "prefixes[0] must have an `ip_prefix` such as 3.5.0.0/19 and a `service`",
        ),
        ('{"prefixes": [{"ip_prefix": "52.216.0.0/15"}]}', "prefixes[0] must have"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "ranges.json"
    file.write_text(text)
    with pytest.raises(Unusable) as refusal:
        read([file])
    assert sentence in str(refusal.value)
    assert str(file) in str(refusal.value)


def _number(text: str) -> int:
    parts = [int(text[place : place + 3]) for place in range(1, 13, 3)]
    return int.from_bytes(bytes(parts), "big")
