"""Which NAT gateways a network has, and what it refuses about them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane._zones import REGIONS
from privatelane.vpc._nat import NO_NAT, NatPlan, plan_nat

ZONES = {"use1-az2": 1, "use1-az1": 0, "use1-az4": 3}


def nat(kind: object, **changed: Any) -> NatPlan:
    settings: dict[str, Any] = {"zones": ZONES, "public": ["public"], "private": ["app"]}
    return plan_nat(kind, **{**settings, **changed})


def test_no_gateway_for_no_private_group() -> None:
    assert nat("none", private=[]) == NO_NAT


def test_a_single_gateway_serves_every_zone_from_slot_0() -> None:
    planned = nat("single")
    assert planned == NatPlan("single", "public", ("use1-az1",), frozenset())
    assert {planned.gateway_for(zone_id) for zone_id in ZONES} == {"use1-az1"}


def test_a_gateway_for_each_zone_serves_its_own() -> None:
    planned = nat("per-zone")
    assert planned == NatPlan(
        "per-zone", "public", ("use1-az1", "use1-az2", "use1-az4"), frozenset()
    )
    assert {zone_id: planned.gateway_for(zone_id) for zone_id in ZONES} == {
        zone_id: zone_id for zone_id in ZONES
    }


def test_a_regional_gateway_needs_no_public_group() -> None:
    planned = nat("regional", public=[])
    assert planned == NatPlan("regional", None, ("regional",), frozenset())
    assert {planned.gateway_for(zone_id) for zone_id in ZONES} == {"regional"}


@given(st.permutations(REGIONS["us-east-1"].zone_ids), st.integers(1, 6), st.data())
def test_a_single_gateway_stays_when_zones_come_go_or_change_places(
    zones: list[str], count: int, data: st.DataObject
) -> None:
    slots = {zone_id: int(zone_id[-1]) - 1 for zone_id in zones}
    home = data.draw(st.sampled_from(zones))
    some = {**{zone_id: slots[zone_id] for zone_id in zones[:count]}, home: slots[home]}
    assert nat("single", zones=some, zone=home).gateways == (home,)
    with_first = {**some, "use1-az1": 0}
    assert nat("single", zones=with_first).gateways == ("use1-az1",)


@given(st.permutations(REGIONS["us-east-1"].zone_ids), st.integers(1, 6), st.data())
def test_from_single_to_per_zone_the_first_gateway_stays(
    zones: list[str], count: int, data: st.DataObject
) -> None:
    some = dict.fromkeys(zones[:count], 1)
    (first,) = nat("single", zones=some, zone=data.draw(st.sampled_from(zones[:count]))).gateways
    assert first in nat("per-zone", zones=some).gateways


def test_elastic_ips_may_be_brought_for_some_zones() -> None:
    planned = nat("per-zone", allocation_ids={"use1-az2": "eipalloc-2"})
    assert planned.brought == {"use1-az2"}


@pytest.mark.parametrize(
    ("kind", "changed", "sentence"),
    [
        pytest.param(
            "per_zone",
            {},
            "nat is 'per_zone', it must be one of 'none', 'single', 'per-zone' or 'regional'; did"
            " you mean 'per-zone'?",
        ),
        pytest.param(
            "none",
            {},
            "nat is 'none', but group 'app' is of kind 'private', which means a way out through"
            " NAT; make the group 'isolated', or nat one of 'single', 'per-zone' or 'regional'",
        ),
        pytest.param(
            "single",
            {"private": []},
            "nat is 'single', but no group is of kind 'private', so nothing would use it; make it"
            " 'none'",
        ),
        pytest.param(
            "per-zone",
            {"public": []},
            "nat is 'per-zone', which needs a group of kind 'public' for the gateway to live in;"
            " add one, or make nat 'regional'",
        ),
        pytest.param(
            "single",
            {"public": ["edge", "public"]},
            "nat_group is missing, several groups are public: 'edge' and 'public'; name the one in"
            " which the NAT gateways live",
        ),
        pytest.param(
            "single",
            {"group": "app"},
            "nat_group is 'app', it must be one of 'public'",
        ),
        pytest.param(
            "regional",
            {"group": "public"},
            "nat_group is 'public', but nat is 'regional'; it goes with 'single' or 'per-zone'",
        ),
        pytest.param(
            "per-zone",
            {"zone": "use1-az1"},
            "nat_zone is 'use1-az1', but nat is 'per-zone'; it goes with 'single'",
        ),
        pytest.param(
            "single",
            {"zone": "use1-az3"},
            "nat_zone is 'use1-az3', it must be one of 'use1-az1', 'use1-az2' or 'use1-az4'; did"
            " you mean 'use1-az4'?",
        ),
        pytest.param(
            "single",
            {"zones": {"use1-az2": 1, "use1-az3": 2}},
            "nat_zone is missing, and no zone has slot 0, where a single NAT gateway is at home;"
            " make it one of 'use1-az2' or 'use1-az3'",
        ),
        pytest.param(
            "none",
            {"private": [], "allocation_ids": {"use1-az1": "eipalloc-1"}},
            "nat_allocation_ids names 'use1-az1', but nat is 'none'; leave it out",
        ),
        pytest.param(
            "single",
            {"allocation_ids": {"use1-az4": "eipalloc-4", "use1-az2": "eipalloc-2"}},
            "nat_allocation_ids names 'use1-az2' and 'use1-az4', where nat 'single' puts no"
            " gateway; its gateways are in 'use1-az1'",
        ),
        pytest.param(
            "regional",
            {"allocation_ids": {"use1-az1": "eipalloc-1"}},
            "nat_allocation_ids names 'use1-az1', a regional NAT gateway takes either one for each"
            " zone, 'use1-az1', 'use1-az2' and 'use1-az4', or none",
        ),
        pytest.param(
            "single",
            {"allocation_ids": ["eipalloc-1"]},
            "nat_allocation_ids is a list, it must be a plain map",
        ),
    ],
)
def test_gateways_that_would_serve_nothing_or_have_no_home_are_refused(
    kind: object, changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        nat(kind, **changed)
    assert str(caught.value) == sentence
