"""Ranges of clusters: laws over all ranges, and the sentences of refusals."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite

from privatelane._invalid import InvalidInput
from privatelane.eks._cluster_network import (
    SERVICE_CIDR,
    check_apart,
    ipv4_range,
    public_ranges,
    remote_ranges,
    service_range,
    usable_addresses,
)


@composite
def networks(draw: DrawFn, least: int = 8, most: int = 28) -> IPv4Network:
    prefix = draw(st.integers(least, most))
    return IPv4Network((draw(st.integers(0, 2**32 - 1)), prefix), strict=False)


def refusal(check: object, *arguments: object) -> str:
    assert callable(check)
    with pytest.raises(InvalidInput) as refused:
        check(*arguments)
    return str(refused.value)


@given(service=networks(), vpc=st.lists(networks(), max_size=3), remote=networks())
def test_ranges_are_accepted_exactly_when_no_address_is_in_two_of_them(
    service: IPv4Network, vpc: list[IPv4Network], remote: IPv4Network
) -> None:
    def shared(one: IPv4Network, other: IPv4Network) -> bool:
        return bool(one[0] <= other[-1] and other[0] <= one[-1])

    clash = (
        shared(service, remote)
        or any(shared(service, one) for one in vpc)
        or any(shared(remote, one) for one in vpc)
    )
    try:
        check_apart(("service", service), {"remote": [remote]}, {"vpc": vpc})
    except InvalidInput:
        assert clash
    else:
        assert not clash


@given(
    clash=st.sampled_from(["172.20.0.0/16", "172.16.0.0/12", "172.20.128.0/20"]),
    others=st.lists(networks(9, 24), max_size=4),
)
def test_the_range_that_is_said_to_be_free_is(clash: str, others: list[IPv4Network]) -> None:
    service, vpc = IPv4Network(SERVICE_CIDR), [IPv4Network(clash), *others]
    sentence = refusal(check_apart, ("service_ipv4_cidr", service), {}, {"vpc_cidr_blocks": vpc})
    assert sentence.startswith("service_ipv4_cidr is '172.20.0.0/16', which overlaps with")
    assert sentence.endswith("is free")
    free = service_range("service_ipv4_cidr", sentence.split("; '")[1].split("'")[0])
    assert not any(free.overlaps(one) for one in vpc)


def test_no_range_is_said_to_be_free_when_none_is() -> None:
    service = IPv4Network(SERVICE_CIDR)
    assert (
        refusal(
            check_apart, ("service_ipv4_cidr", service), {}, {"vpc": [IPv4Network("0.0.0.0/0")]}
        )
        == "service_ipv4_cidr is '172.20.0.0/16', which overlaps with '0.0.0.0/0' of vpc"
    )


def test_two_ranges_of_other_networks_are_not_the_clusters_business() -> None:
    check_apart(
        None, {}, {"vpc": [IPv4Network("10.0.0.0/16")], "peer": [IPv4Network("10.0.0.0/8")]}
    )


def test_ranges_of_hybrid_nodes_and_of_their_pods_are_apart() -> None:
    nodes, pods = IPv4Network("10.80.0.0/16"), IPv4Network("10.80.4.0/24")
    assert "remote_node_networks has '10.80.0.0/16', which overlaps with '10.80.4.0/24'" in refusal(
        check_apart, None, {"remote_node_networks": [nodes], "remote_pod_networks": [pods]}, {}
    )


@given(network=networks(1, 30))
def test_a_range_of_services_is_private_and_between_12_and_24(network: IPv4Network) -> None:
    private = [IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
    fits = 12 <= network.prefixlen <= 24 and any(map(network.subnet_of, private))
    try:
        assert service_range("service_ipv4_cidr", str(network)) == network
    except InvalidInput:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("10.0.0.1/16", "'10.0.0.0/16' is meant"),
        ("10.0.0.0/33", "it must be an IPv4 range such as"),
        ("fd00::/48", "it must be an IPv4 range such as"),
        (16, "it must be plain text"),
    ],
)
def test_what_is_no_range_is_refused(value: object, sentence: str) -> None:
    assert sentence in refusal(ipv4_range, "field", value)


def test_a_public_api_has_callers_and_is_not_open_to_the_world() -> None:
    assert public_ranges("f", ["52.94.76.0/24"]) == ("52.94.76.0/24",)
    assert "which EKS takes for the whole internet" in refusal(public_ranges, "f", [])
    for whole in (["0.0.0.0/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["52.94.76.0/24", "0.0.0.0/0"]):
        assert "f is the whole internet" in refusal(public_ranges, "f", whole)
    assert "callers in the VPC, its peers" in refusal(public_ranges, "f", ["10.0.0.0/8"])


def test_hybrid_networks_are_private_and_not_too_many() -> None:
    many = [f"10.{number}.0.0/16" for number in range(16)]
    assert len(remote_ranges("f", many[:15])) == 15
    assert "f has 16 ranges, EKS accepts 15" in refusal(remote_ranges, "f", many)
    assert "hybrid networks are private" in refusal(remote_ranges, "f", ["8.8.8.0/24"])
    assert remote_ranges("f", ["100.64.0.0/10"])


@pytest.mark.parametrize(("cidr", "usable"), [("10.0.0.0/28", 11), ("10.0.0.0/24", 251)])
def test_aws_keeps_five_addresses_of_each_subnet(cidr: str, usable: int) -> None:
    assert usable_addresses("f", cidr) == usable
