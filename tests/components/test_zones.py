"""Zone ids: which are known, which are refused, and the slot that each has."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from privatelane._invalid import InvalidInput
from privatelane._zones import (
    EKS_REFUSES,
    REGIONS,
    check_zones,
    choose_zones,
    zone_number,
    zone_slots,
)

EVERY_ZONE = [zone_id for region in REGIONS.values() for zone_id in region.zone_ids]


def test_every_region_has_a_prefix_of_its_own() -> None:
    assert len({region.prefix for region in REGIONS.values()}) == len(REGIONS)
    assert all(name == region.name for name, region in REGIONS.items())


def test_a_prefix_is_the_region_in_short() -> None:
    """`ap-southeast-2` is `apse2`; the one exception AWS makes is not in the table."""
    short = {"north": "n", "south": "s", "east": "e", "west": "w", "central": "c", "gov": "g"}
    for region in REGIONS.values():
        country, *words, number = region.name.split("-")
        directions = re.findall("|".join(short), "".join(words))
        assert region.prefix == country + "".join(short[word] for word in directions) + number


@pytest.mark.parametrize("region", sorted(RegionsAndZonesBackend.zones))
def test_no_zone_that_moto_knows_is_missing(region: str) -> None:
    known = {zone.zone_id for zone in RegionsAndZonesBackend.zones[region]}
    assert known <= set(REGIONS[region].zone_ids)


def test_the_zones_that_eks_refuses_are_known_or_closed() -> None:
    assert EKS_REFUSES - set(EVERY_ZONE) == {"cac1-az3"}


@given(st.sampled_from(sorted(REGIONS)), st.data())
def test_known_zones_of_one_region_are_accepted_in_their_order(
    region: str, data: st.DataObject
) -> None:
    zones = data.draw(st.permutations(REGIONS[region].zone_ids))
    assert check_zones("zones", list(zones), region=region) == tuple(zones)
    assert check_zones("zones", list(zones), region=None) == tuple(zones)


@pytest.mark.parametrize(
    ("zones", "region", "sentence"),
    [
        pytest.param([], None, "zones is empty, it must list zone ids such as 'use1-az1'"),
        pytest.param("use1-az1", None, "zones is 'use1-az1', it must be a plain list"),
        pytest.param([1], None, "zones is 1, it must be plain text"),
        pytest.param(["use1-az1", "use1-az1"], None, "zones lists 'use1-az1' twice"),
        pytest.param(
            ["use1-az1", "euw1-az1"],
            None,
            "zones lists 'use1-az1' and 'euw1-az1', which are in different regions; a network lies"
            " in one",
        ),
        pytest.param(
            ["use1-az1"],
            "eu-west-1",
            "zones lists 'use1-az1', which is in 'us-east-1', not in 'eu-west-1'; its zones are"
            " 'euw1-az1', 'euw1-az2' and 'euw1-az3'",
        ),
        pytest.param(
            ["use1-az1"],
            "eu-west-9",
            "zones lists 'use1-az1', which is in 'us-east-1', not in 'eu-west-9'",
        ),
        pytest.param(
            ["cac1-az3"],
            None,
            "zones lists 'cac1-az3', which is no known zone of 'ca-central-1'; its zones are"
            " 'cac1-az1', 'cac1-az2' and 'cac1-az4'; if AWS has just opened it, give it a slot in"
            " zone_slot_overrides",
        ),
        pytest.param(
            ["euww1-az1"],
            None,
            "zones lists 'euww1-az1', which is of no known region; 'euw1-az1' may be meant; if AWS"
            " has just opened it, give it a slot in zone_slot_overrides",
        ),
        pytest.param(
            ["us-east-1a"],
            None,
            "zones names 'us-east-1a', which is a zone's name and means another place in another"
            " account; give a zone id, 'use1-az1', 'use1-az2', 'use1-az3', 'use1-az4', 'use1-az5'"
            " or 'use1-az6'",
        ),
        pytest.param(
            ["usw2-lax1-az1"],
            None,
            "zones names 'usw2-lax1-az1', a Local or Wavelength Zone; a network spans availability"
            " zones only, such as 'use1-az1'",
        ),
        pytest.param(
            ["use1-wl1-bos-wlz1"],
            None,
            "zones names 'use1-wl1-bos-wlz1', a Local or Wavelength Zone; a network spans"
            " availability zones only, such as 'use1-az1'",
        ),
        pytest.param(
            ["first"], None, "zones names 'first', it must be a zone id such as 'use1-az1'"
        ),
    ],
)
def test_zones_that_a_network_cannot_span_are_refused(
    zones: object, region: str | None, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_zones("zones", zones, region=region)
    assert str(caught.value) == sentence


def test_a_zone_that_the_caller_vouches_for_is_accepted() -> None:
    zones = ["use1-az1", "use1-az7"]
    assert check_zones("zones", zones, region="us-east-1", vouched={"use1-az7"}) == tuple(zones)


@given(st.permutations(REGIONS["us-east-1"].zone_ids), st.integers(1, 5))
def test_the_choice_by_count_does_not_depend_on_the_order_of_the_answer(
    available: list[str], count: int
) -> None:
    chosen = choose_zones("zone_count", available, count, avoid={"use1-az3"})
    assert chosen == ("use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6")[:count]


def test_zones_are_chosen_by_number_and_not_by_text() -> None:
    available = [f"xxe1-az{number}" for number in (10, 9, 2)]
    assert choose_zones("zone_count", available, 2, avoid=()) == ("xxe1-az2", "xxe1-az9")


def test_more_zones_than_the_account_sees_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        choose_zones("zone_count", ["usw1-az1", "usw1-az2", "usw1-az3"], 3, avoid=EKS_REFUSES)
    assert str(caught.value) == (
        "zone_count is 3, the account sees only 2 usable zones here, without 'usw1-az2'"
    )


@given(st.lists(st.sampled_from(REGIONS["us-west-2"].zone_ids), min_size=1, unique=True))
def test_a_slot_follows_from_the_zone_alone(zones: list[str]) -> None:
    slots = zone_slots(zones, 4, {}, field="zone_slot_overrides")
    assert slots == {zone_id: zone_number(zone_id) - 1 for zone_id in zones}


def test_an_override_resolves_a_collision() -> None:
    slots = zone_slots(["use1-az1", "use1-az5"], 4, {"use1-az5": 2.0}, field="overrides")
    assert slots == {"use1-az1": 0, "use1-az5": 2}


@pytest.mark.parametrize(
    ("zones", "overrides", "sentence"),
    [
        pytest.param(
            ["use1-az5", "use1-az1"],
            {},
            "zones 'use1-az1' and 'use1-az5' both have slot 0 of 4; give one of them a free slot,"
            " 1, 2 or 3, in overrides",
        ),
        pytest.param(
            ["use1-az1", "use1-az2", "use1-az3", "use1-az4", "use1-az5"],
            {"use1-az5": 3},
            "zones 'use1-az4' and 'use1-az5' both have slot 3 of 4; leave one out, or plan the"
            " network with more zone_slots",
        ),
        pytest.param(
            ["use1-az1"],
            {"use1-az1": 4},
            "overrides['use1-az1'] is 4, it must be a whole number from 0 to 3",
        ),
        pytest.param(["use1-az1"], [1], "overrides is a list, it must be a plain map"),
        pytest.param(
            ["use1-az1"],
            {"az1": 1},
            "overrides names 'az1', it must be a zone id such as 'use1-az1'",
        ),
    ],
)
def test_slots_that_two_zones_would_share_are_refused(
    zones: list[str], overrides: object, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        zone_slots(zones, 4, overrides, field="overrides")
    assert str(caught.value) == sentence


def test_what_is_no_zone_id_has_no_number() -> None:
    with pytest.raises(ValueError, match="'us-east-1a' is no zone id"):
        zone_number("us-east-1a")
