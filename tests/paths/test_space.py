"""Address sets form a Boolean algebra over the addresses of one IP version."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane_paths.space import IPV4, IPV6, NAT64, AddressSet, public, within

#: Prefixes around a few addresses, so that they meet, touch, nest and miss each other.
PREFIXES = st.builds(
    lambda first, second, length: ip_network((f"10.{first}.{second}.0", length), strict=False),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(14, 26),
)
SETS = st.lists(PREFIXES, max_size=4).map(lambda prefixes: AddressSet.of(prefixes, IPV4))
ADDRESSES = st.builds(
    lambda first, second, third: int(IPv4Address(f"10.{first}.{second}.{third}")),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 255),
)


def holds(space: AddressSet, address: int) -> bool:
    return space.meets(address, address)


@given(st.lists(PREFIXES, max_size=4), ADDRESSES)
def test_a_set_holds_what_its_prefixes_hold(prefixes: list[object], address: int) -> None:
    space = AddressSet.of(prefixes, IPV4)  # type: ignore[arg-type]

    assert holds(space, address) == any(IPv4Address(address) in one for one in prefixes)  # type: ignore[operator]


@given(SETS, SETS, ADDRESSES)
def test_operators_are_those_of_sets(one: AddressSet, other: AddressSet, address: int) -> None:
    mine, theirs = holds(one, address), holds(other, address)

    assert holds(one | other, address) == (mine or theirs)
    assert holds(one & other, address) == (mine and theirs)
    assert holds(one - other, address) == (mine and not theirs)
    assert holds(~one, address) == (not mine)


@given(SETS, SETS)
def test_order_and_double_complement_change_nothing(one: AddressSet, other: AddressSet) -> None:
    assert one | other == other | one
    assert one & other == other & one
    assert ~~one == one
    assert ~(one | other) == ~one & ~other


@given(SETS, SETS)
def test_inclusion_is_an_empty_difference(one: AddressSet, other: AddressSet) -> None:
    assert (one <= other) == (one - other == AddressSet(IPV4))
    assert one & other <= one
    assert one <= one | other
    assert bool(one) == (one != AddressSet(IPV4))


@given(SETS)
def test_ranges_are_sorted_and_apart(space: AddressSet) -> None:
    for (_, last), (first, _) in zip(space.ranges, space.ranges[1:], strict=False):
        assert last + 1 < first


def test_adjacent_prefixes_join() -> None:
    halves = [ip_network("10.0.0.0/17"), ip_network("10.0.128.0/17")]

    assert AddressSet.of(halves, IPV4) == AddressSet.of([ip_network("10.0.0.0/16")], IPV4)
    assert AddressSet.of(halves, IPV4).ranges == ((10 << 24, (10 << 24) + 65535),)


def of(*ranges: tuple[int, int]) -> AddressSet:
    return AddressSet.of_ranges(ranges, IPV4)


def test_one_address_counts_and_one_address_keeps_ranges_apart() -> None:
    last = 2**32 - 1

    assert of((5, 5)) & of((0, 5)) == of((5, 5), (5, 5)) == AddressSet(IPV4, ((5, 5),))
    assert of((0, 1), (3, 4)).ranges == ((0, 1), (3, 4))
    assert of((0, 1), (2, 4)).ranges == ((0, 4),)
    assert of((0, 9), (2, 4)).ranges == ((0, 9),)
    assert ~of((0, 1), (3, 4)) == of((2, 2), (5, last))
    assert ~of((0, last - 1)) == of((last, last))
    assert ~of((1, last)) == of((0, 0))


@pytest.mark.parametrize(
    ("first", "last", "meets"),
    [(0, 4, False), (0, 5, True), (6, 8, True), (9, 20, True), (10, 20, False), (0, 20, True)],
)
def test_ranges_meet_where_they_share_an_address(first: int, last: int, meets: bool) -> None:
    assert of((5, 9)).meets(first, last) is meets


def test_the_complement_of_nothing_is_everything() -> None:
    assert ~AddressSet(IPV4) == AddressSet.full(IPV4) == AddressSet(IPV4, ((0, 2**32 - 1),))
    assert ~AddressSet.full(IPV6) == AddressSet(IPV6)
    assert AddressSet.full(IPV6).ranges == ((0, 2**128 - 1),)


def test_a_prefix_of_the_other_version_holds_nothing() -> None:
    assert within(ip_network("10.0.0.0/8"), IPV6) == AddressSet(IPV6)
    assert within(ip_network("10.0.0.0/8"), IPV4) == AddressSet.of([ip_network("10.0.0.0/8")], 4)


@pytest.mark.parametrize(
    "cidr",
    [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
        "127.0.0.0/8", "198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "192.0.0.0/24",
        "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "0.0.0.0/8", "11.0.0.0/8", "17.0.0.0/8",
    ],
)  # fmt: skip
def test_nothing_public_stands_in_special_blocks(cidr: str) -> None:
    assert not within(ip_network(cidr), IPV4) & public(IPV4)


@pytest.mark.parametrize(
    "cidr", ["3.5.0.0/16", "52.216.0.0/15", "54.231.0.0/16", "172.32.0.0/16", "192.169.0.0/16",
             "9.255.0.0/16", "100.128.0.0/16", "12.0.0.0/8"]
)  # fmt: skip
def test_public_services_stand_everywhere_else(cidr: str) -> None:
    assert within(ip_network(cidr), IPV4) <= public(IPV4)


def test_public_ipv6_is_what_is_assigned_but_for_documentation() -> None:
    assert within(ip_network("2600:1f18::/32"), IPV6) <= public(IPV6)
    assert not within(ip_network("2001:db8::/32"), IPV6) & public(IPV6)
    assert not within(ip_network("fd00::/8"), IPV6) & public(IPV6)
    assert not AddressSet.of([NAT64], IPV6) & public(IPV6)


@pytest.mark.parametrize(
    ("cidr", "nearly"),
    [("8.8.8.8/32", True), ("8.8.8.0/24", True), ("8.8.8.0/23", False), ("0.0.0.0/0", False)],
)
def test_all_but_a_24_is_nearly_all(cidr: str, nearly: bool) -> None:
    most = public(IPV4) - within(ip_network(cidr), IPV4)

    assert public(IPV4).has_nearly(most) == nearly
    assert public(IPV4).has_nearly(public(IPV4))
