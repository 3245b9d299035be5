"""The address plan: its laws on random networks, and its figures on chosen ones."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane.vpc._addresses import AddressPlan, Group, ipv6_subnet, plan_addresses

ZONES = {"use1-az1": 0, "use1-az2": 1, "use1-az4": 3}


def plan(
    *members: Group,
    cidr: object = "10.0.0.0/16",
    zones: Mapping[str, int] = ZONES,
    **more: Any,
) -> AddressPlan:
    return plan_addresses(cidr, members, zones, **more)


def ranges(planned: AddressPlan) -> dict[str, str]:
    return {key: str(subnet.cidr) for key, subnet in planned.subnets.items()}


# Random networks that have a plan, by construction: every group gets a pair of slots to itself.


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    zone_slots = draw(st.sampled_from((2, 4, 8)))
    group_slots = draw(st.sampled_from((4, 8, 16)))
    cuts = zone_slots.bit_length() + group_slots.bit_length() - 2
    prefix = draw(st.integers(16, 28 - cuts))
    base = draw(st.integers(0, 2 ** (prefix - 8) - 1)) << (32 - prefix)
    numbers = draw(st.permutations(range(zone_slots)))[: draw(st.integers(1, zone_slots))]
    network: dict[str, Any] = {
        "cidr_block": str(IPv4Network((base + (10 << 24), prefix))),
        "secondary": draw(st.sampled_from(((), ("100.64.0.0/16",)))),
        "zones": {f"use1-az{number + 1}": number for number in numbers},
        "group_slots": group_slots,
        "zone_slots": zone_slots,
        "ipv6": draw(st.booleans()),
    }
    network["groups"] = [
        group
        for index, cidr in enumerate((network["cidr_block"], *network["secondary"]))
        for group in draw(groups(network, cidr, "abcdefgh" if index == 0 else "stuvwxyz"))
    ]
    return network


@st.composite
def groups(draw: st.DrawFn, network: dict[str, Any], cidr: str, names: str) -> list[Group]:
    half = network["group_slots"] // 2
    pairs = draw(st.permutations(range(half)))[: draw(st.integers(1, half))]
    return [
        draw(group(network, cidr, name, pair)) for name, pair in zip(names, pairs, strict=False)
    ]


@st.composite
def group(draw: st.DrawFn, network: dict[str, Any], cidr: str, name: str, pair: int) -> Group:
    block, zone_slots = IPv4Network(cidr), network["zone_slots"]
    public = draw(st.booleans())
    primary = cidr == network["cidr_block"]
    at_home = 2 * pair == (0 if public else network["group_slots"] // 2)
    natural = block.prefixlen + (network["group_slots"] * zone_slots).bit_length() - 1
    match draw(st.sampled_from(("slot", "share", "prefix", "cidrs"))):
        case "cidrs":
            first = 2 * pair * zone_slots
            subnets = list(block.subnets(new_prefix=natural))[first : first + zone_slots]
            return Group(
                name,
                public,
                cidrs={zone: str(subnets[slot]) for zone, slot in network["zones"].items()},
                ipv6_slot=network["group_slots"] + pair + (0 if primary else half_of(network)),
            )
        case "share":
            sized: dict[str, object] = {"share": 2}
        case "prefix":
            sized = {"prefix_length": draw(st.integers(natural - 1, 28))}
        case _:
            sized = {}
    alone = "share" in sized or sized.get("prefix_length") == natural - 1
    return Group(
        name,
        public,
        slot=None if at_home and draw(st.booleans()) else 2 * pair + (0 if alone else draw(_BIT)),
        cidr_block=draw(st.sampled_from((None, cidr))) if primary else cidr,
        ipv6_slot=None if primary else network["group_slots"] + half_of(network) + pair,
        **sized,
    )


def half_of(network: dict[str, Any]) -> int:
    return int(network["group_slots"] // 2)


_BIT = st.integers(0, 1)


@given(networks())
def test_subnets_are_disjoint_and_inside_their_range(network: dict[str, Any]) -> None:
    subnets = plan_addresses(**network).subnets.values()
    for one, other in itertools.combinations(subnets, 2):
        assert not one.cidr.overlaps(other.cidr)
    blocks = [IPv4Network(network["cidr_block"]), *map(IPv4Network, network["secondary"])]
    for subnet in subnets:
        assert 16 <= subnet.cidr.prefixlen <= 28
        assert any(subnet.cidr.subnet_of(block) for block in blocks)


@given(networks())
def test_each_group_has_one_subnet_in_each_zone(network: dict[str, Any]) -> None:
    expected = {f"{group.name}/{zone}" for group in network["groups"] for zone in network["zones"]}
    assert plan_addresses(**network).subnets.keys() == expected


@given(networks())
def test_each_subnet_has_an_ipv6_range_of_its_own_exactly_in_dual_stack(
    network: dict[str, Any],
) -> None:
    indexes = [subnet.ipv6_index for subnet in plan_addresses(**network).subnets.values()]
    if network["ipv6"]:
        assert len(set(indexes)) == len(indexes)
        assert all(index is not None and 0 <= index < 256 for index in indexes)
    else:
        assert set(indexes) == {None}


@given(networks(), st.data())
def test_what_stays_keeps_its_ranges_when_zones_or_groups_go_or_change_places(
    network: dict[str, Any], data: st.DataObject
) -> None:
    """Read backwards: it also keeps them when zones or groups are added."""
    before = plan_addresses(**network).subnets
    zones = data.draw(st.permutations(list(network["zones"].items())))
    members = data.draw(st.permutations(network["groups"]))
    fewer = {
        **network,
        "zones": dict(zones[: data.draw(st.integers(1, len(zones)))]),
        "groups": members[: data.draw(st.integers(1, len(members)))],
    }
    after = plan_addresses(**fewer).subnets
    assert after
    assert after == {key: before[key] for key in after}


@given(networks())
def test_a_zone_in_a_free_slot_always_finds_room(network: dict[str, Any]) -> None:
    """What a group holds back is never given away. Explicit ranges name their zones themselves."""
    slotted = [group for group in network["groups"] if group.cidrs is None]
    network = {**network, "groups": slotted}
    free = set(range(network["zone_slots"])).difference(network["zones"].values())
    more = {**network, "zones": {f"use1-az{slot + 1}": slot for slot in free} | network["zones"]}
    before, after = plan_addresses(**network).subnets, plan_addresses(**more).subnets
    assert len(after) == len(slotted) * network["zone_slots"]
    assert {key: after[key] for key in before} == before


# Figures.


def test_groups_and_zones_have_their_slots_by_default() -> None:
    planned = plan(Group("public", public=True), Group("app", public=False))
    assert ranges(planned) == {
        "public/use1-az1": "10.0.0.0/21",
        "public/use1-az2": "10.0.8.0/21",
        "public/use1-az4": "10.0.24.0/21",
        "app/use1-az1": "10.0.128.0/21",
        "app/use1-az2": "10.0.136.0/21",
        "app/use1-az4": "10.0.152.0/21",
    }
    assert planned.subnets["app/use1-az1"].usable == 2043


def test_a_share_takes_slots_from_the_home_of_the_kind() -> None:
    planned = plan(Group("app", public=False, share=4), Group("public", public=True, share=2))
    assert {name: str(held) for name, held in planned.held.items()} == {
        "app": "10.0.128.0/17",
        "public": "10.0.0.0/18",
    }
    assert ranges(planned)["app/use1-az4"] == "10.0.224.0/19"


def test_a_prefix_length_packs_its_subnets_at_the_start_of_the_slot() -> None:
    planned = plan(Group("app", public=False, prefix_length=24))
    assert ranges(planned) == {
        "app/use1-az1": "10.0.128.0/24",
        "app/use1-az2": "10.0.129.0/24",
        "app/use1-az4": "10.0.131.0/24",
    }


def test_a_prefix_length_survives_more_zone_slots() -> None:
    group = Group("app", public=False, prefix_length=24)
    assert ranges(plan(group, zone_slots=4)) == ranges(plan(group, zone_slots=8))


def test_a_prefix_length_takes_as_many_slots_as_its_subnets_need() -> None:
    planned = plan(Group("app", public=False, prefix_length=19))
    assert str(planned.held["app"]) == "10.0.128.0/17"


def test_a_group_may_fill_a_secondary_range() -> None:
    planned = plan(
        Group("app", public=False),
        Group("pods", public=False, cidr_block="100.64.0.0/16", share=8),
        secondary=["100.64.0.0/16"],
    )
    assert ranges(planned)["pods/use1-az4"] == "100.64.192.0/18"
    assert planned.block_of(planned.subnets["pods/use1-az4"]) == IPv4Network("100.64.0.0/16")


def test_explicit_ranges_are_taken_as_they_are_and_others_held_back() -> None:
    cidrs = {"use1-az1": "10.0.1.0/24", "use1-az2": "10.0.2.0/25", "use1-az6": "10.0.9.0/24"}
    zones = {"use1-az1": 0, "use1-az2": 1}
    planned = plan(Group("old", public=False, cidrs=cidrs), zones=zones)
    assert ranges(planned) == {"old/use1-az1": "10.0.1.0/24", "old/use1-az2": "10.0.2.0/25"}


def test_ipv6_follows_the_slots() -> None:
    planned = plan(Group("public", public=True), Group("app", public=False), ipv6=True)
    assert {key: subnet.ipv6_index for key, subnet in planned.subnets.items()} == {
        "public/use1-az1": 0,
        "public/use1-az2": 1,
        "public/use1-az4": 3,
        "app/use1-az1": 16,
        "app/use1-az2": 17,
        "app/use1-az4": 19,
    }


@given(st.integers(0, 255))
def test_an_ipv6_subnet_is_a_64_inside_the_vpc(index: int) -> None:
    block = "2600:1f18:1234:5600::/56"
    subnet = IPv6Network(ipv6_subnet(block, index))
    assert subnet.prefixlen == 64
    assert list(IPv6Network(block).subnets(new_prefix=64))[index] == subnet


def test_an_ipv6_range_has_no_subnet_beyond_its_end() -> None:
    with pytest.raises(ValueError, match="has no /64 number 256"):
        ipv6_subnet("2600:1f18:1234:5600::/56", 256)


APP = Group("app", public=False)


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        pytest.param(
            {"cidr": "10.0.0.1/16"},
            "cidr_block is '10.0.0.1/16', a /16 begins at 10.0.0.0/16",
        ),
        pytest.param(
            {"cidr": "10.0.0.0"},
            "cidr_block is '10.0.0.0', it must be a range from /16 to /28",
        ),
        pytest.param(
            {"cidr": "10.0.0.0/8"},
            "cidr_block is '10.0.0.0/8', it must be a range from /16 to /28",
        ),
        pytest.param(
            {"cidr": "ten"},
            "cidr_block is 'ten', it must be an IPv4 range such as '10.0.0.0/16'",
        ),
        pytest.param(
            {"cidr": "2001:db8::/56"},
            "cidr_block is '2001:db8::/56', it must be an IPv4 range such as '10.0.0.0/16'",
        ),
        pytest.param({"cidr": None}, "cidr_block is None, it must be plain text"),
        pytest.param(
            {"cidr": "169.254.0.0/20"},
            "cidr_block is '169.254.0.0/20', a link-local range, which no VPC may have",
        ),
        pytest.param(
            {"secondary": ["10.0.128.0/20"]},
            "secondary_cidr_blocks[0] is '10.0.128.0/20', which overlaps 10.0.0.0/16",
        ),
        pytest.param(
            {"secondary": "100.64.0.0/16"},
            "secondary_cidr_blocks is '100.64.0.0/16', it must be a plain list",
        ),
        pytest.param(
            {"secondary": ["192.168.0.0/16"]},
            "secondary_cidr_blocks[0] is '192.168.0.0/16', of 192.168.0.0/16, which AWS does not"
            " add to a VPC of 10.0.0.0/16",
        ),
        pytest.param(
            {"secondary": ["198.19.0.0/20"]},
            "secondary_cidr_blocks[0] is '198.19.0.0/20', which AWS does not add to a VPC outside"
            " 198.19.0.0/16",
        ),
        pytest.param(
            {"cidr": "10.1.0.0/16", "secondary": ["10.0.0.0/17"]},
            "secondary_cidr_blocks[0] is '10.0.0.0/17', of 10.0.0.0/16, which AWS does not add to a"
            " VPC of 10.1.0.0/16",
        ),
        pytest.param(
            {"cidr": "172.16.0.0/16", "secondary": ["172.31.0.0/16"]},
            "secondary_cidr_blocks[0] is '172.31.0.0/16', of 172.31.0.0/16, which AWS does not add"
            " to a VPC of 172.16.0.0/16",
        ),
        pytest.param(
            {"cidr": "100.64.0.0/16", "secondary": ["10.0.0.0/16"]},
            "secondary_cidr_blocks[0] is '10.0.0.0/16', of 10.0.0.0/8, which AWS does not add to a"
            " VPC of 100.64.0.0/16",
        ),
        pytest.param(
            {"secondary": ["169.254.0.0/20"]},
            "secondary_cidr_blocks[0] is '169.254.0.0/20', a link-local range, which no VPC may"
            " have",
        ),
    ],
)
def test_ranges_that_aws_would_not_give_a_vpc_are_refused(
    refused: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan(APP, **refused)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("members", "settings", "sentence"),
    [
        pytest.param(
            [APP, Group("data", public=False)],
            {},
            "groups 'app' and 'data' would share slot 4 of 10.0.0.0/16; set slot of the newer one"
            " to a free slot: 0, 1, 2, 3, 5, 6 or 7",
        ),
        pytest.param(
            [APP, Group("data", public=False, slot=4)],
            {},
            "groups 'app' and 'data' would share slot 4 of 10.0.0.0/16; set slot of the newer one"
            " to a free slot: 0, 1, 2, 3, 5, 6 or 7",
        ),
        pytest.param(
            [Group("app", public=False, share=4), Group("data", public=False, slot=6)],
            {},
            "groups 'app' and 'data' would share slot 6 of 10.0.0.0/16; set slot of the newer one"
            " to a free slot: 0",
        ),
        pytest.param(
            [APP, Group("public", public=True)],
            {"group_slots": 1},
            "groups 'app' and 'public' would share slot 0 of 10.0.0.0/16; the range has no room for"
            " both, use smaller shares or more group_slots",
        ),
        pytest.param(
            [Group("app", public=False, slot=8)],
            {},
            "groups.app.slot is 8, it must be a whole number from 0 to 7",
        ),
        pytest.param(
            [Group("app", public=False, slot=2, share=4)],
            {},
            "groups.app.slot is 2, but the group takes 4 slots and must begin at a multiple of"
            " that: 0 or 4",
        ),
        pytest.param(
            [Group("app", public=False, share=3)],
            {},
            "groups.app.share is 3, it must be a power of two",
        ),
        pytest.param(
            [Group("app", public=False, share=1, prefix_length=24)],
            {},
            "groups.app has both share and prefix_length, it must have one",
        ),
        pytest.param(
            [Group("app", public=False, prefix_length=17)],
            {},
            "groups.app.prefix_length is 17, but 10.0.0.0/16 holds no 4 subnets of that size, one"
            " for each of zone_slots; the largest that fit are /18",
        ),
        pytest.param(
            [Group("app", public=False, prefix_length=29)],
            {},
            "groups.app.prefix_length is 29, it must be a whole number from 16 to 28",
        ),
        pytest.param(
            [APP],
            {"cidr": "10.0.0.0/24"},
            "groups.app would get subnets of /29 from 10.0.0.0/24, AWS makes none smaller than /28;"
            " give it a larger share, or cut the range into fewer group_slots or zone_slots",
        ),
        pytest.param(
            [Group("app", public=False, cidr_block="10.9.0.0/16")],
            {},
            "groups.app.cidr_block is '10.9.0.0/16', it must be one of the network's ranges,"
            " '10.0.0.0/16'",
        ),
        pytest.param(
            [Group("old", public=False, cidrs={"use1-az1": "10.0.0.0/24"})],
            {},
            "groups.old.cidrs names no range for zone 'use1-az2'",
        ),
        pytest.param(
            [Group("old", public=False, cidrs=dict.fromkeys(ZONES, "10.9.0.0/24"))],
            {},
            "groups.old.cidrs['use1-az1'] is '10.9.0.0/24', it must lie in one of the network's"
            " ranges, '10.0.0.0/16'",
        ),
        pytest.param(
            [Group("old", public=False, cidrs=dict.fromkeys(ZONES, "10.0.0.0/24"))],
            {},
            "groups.old.cidrs['use1-az2'] is '10.0.0.0/24', which overlaps 10.0.0.0/24, the range"
            " of group 'old' in use1-az1",
        ),
        pytest.param(
            [APP, Group("old", public=False, cidrs=dict.fromkeys(ZONES, "10.0.144.0/24"))],
            {},
            "groups.old.cidrs['use1-az1'] is '10.0.144.0/24', which overlaps 10.0.128.0/19, held"
            " for group 'app'",
        ),
        pytest.param(
            [Group("old", public=False, slot=0, cidrs=dict.fromkeys(ZONES, "10.0.0.0/24"))],
            {},
            "groups.old has both cidrs and slot, it must have one",
        ),
        pytest.param(
            [Group("old", public=False, cidrs={**dict.fromkeys(ZONES, "10.0.0.0/24"), "x": "y"})],
            {},
            "groups.old.cidrs['use1-az2'] is '10.0.0.0/24', which overlaps 10.0.0.0/24, the range"
            " of group 'old' in use1-az1",
        ),
        pytest.param(
            [Group("pods", public=False, cidr_block="100.64.0.0/16")],
            {"secondary": ["100.64.0.0/16"], "ipv6": True},
            "groups.pods.ipv6_slot is missing, the group has no slot of cidr_block to take its /64"
            " from; set it to a whole number from 0 to 63",
        ),
        pytest.param(
            [APP, Group("public", public=True, ipv6_slot=4)],
            {"ipv6": True},
            "groups.public.ipv6_slot is 4, which group 'app' has",
        ),
    ],
)
def test_groups_that_have_no_place_are_refused(
    members: list[Group], settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan(*members, **settings)
    assert str(caught.value) == sentence


def test_a_refusal_does_not_depend_on_the_order_of_groups() -> None:
    sentences = set()
    for members in itertools.permutations(
        (APP, Group("data", public=False), Group("x", public=False))
    ):
        with pytest.raises(InvalidInput) as caught:
            plan(*members)
        sentences.add(str(caught.value))
    assert len(sentences) == 1
