"""What a network consists of, before anything exists: random settings, and each refusal."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane._zones import REGIONS
from privatelane.vpc._network_plan import NetworkPlan, plan_network

THREE_TIERS: dict[str, Any] = {
    "cidr_block": "10.0.0.0/16",
    "zones": ["use1-az1", "use1-az2", "use1-az4"],
    "groups": {
        "public": {"kind": "public"},
        "app": {"kind": "private"},
        "data": {"kind": "isolated", "slot": 2},
    },
    "nat": "single",
}

#: Every argument of a network with a value that some network accepts.
SETTINGS: dict[str, Any] = {
    "cidr_block": "10.0.0.0/16",
    "zones": ["use1-az1", "use1-az2"],
    "zone_count": 2,
    "avoid_zones": ["use1-az5"],
    "eks_zones_only": True,
    "allow_single_zone": True,
    "group_slots": 8,
    "zone_slots": 4,
    "zone_slot_overrides": {"use1-az5": 2},
    "secondary_cidr_blocks": ["100.64.0.0/16"],
    "ipv6": True,
    "ipv6_ipam_pool_id": "ipam-pool-1",
    "nat": "single",
    "nat_zone": "use1-az1",
    "nat_group": "public",
    "nat_allocation_ids": {"use1-az1": "eipalloc-1"},
    "cluster_name": "c",
    "flow_logs": {"destination": "cloudwatch", "retention_days": 30},
    "groups": THREE_TIERS["groups"],
}

GROUP: dict[str, Any] = {
    "kind": "isolated",
    "slot": 1,
    "share": 1,
    "prefix_length": 24,
    "cidr_block": "100.64.0.0/16",
    "cidrs": {"use1-az1": "10.0.32.0/24", "use1-az2": "10.0.33.0/24"},
    "ipv6_slot": 9,
    "map_public_ip_on_launch": True,
    "eks": True,
    "former_name": "old",
}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.floats()
    | st.sampled_from(
        ("", "public", "private", "isolated", "per-zone", "regional", "s3", "use1-az1")
    )
    | st.sampled_from(("10.0.0.0/16", "10.0.0.0/28", "10.0.3.0/24", "0.0.0.0/0", "::/0", "1.2.3.4"))
    | st.text(max_size=5)
)
ANYTHING = st.recursive(
    SCALARS | st.builds(object),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


_FEW = st.sampled_from((0, 0, 0, 1, 2))


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """Some of the settings, some of those replaced by anything."""
    chosen = draw(st.sets(st.sampled_from(sorted(SETTINGS)), max_size=6))
    network = copy.deepcopy({**THREE_TIERS, **{key: SETTINGS[key] for key in chosen}})
    if "zone_count" in network and draw(st.integers(0, 9)):
        del network["zones"]
    keys = draw(st.sets(st.sampled_from(sorted(GROUP)), max_size=3))
    more = {"kind": "isolated", "slot": 1, **{key: GROUP[key] for key in keys}}
    network["groups"]["more"] = copy.deepcopy(more)
    for _ in range(draw(_FEW)):
        network[draw(st.sampled_from(sorted(SETTINGS)))] = draw(ANYTHING)
    if isinstance(network["groups"], dict):
        for _ in range(draw(_FEW)):
            group = draw(st.sampled_from(sorted(network["groups"]) or ["x"]))
            value = network["groups"].get(group)
            if isinstance(value, dict) and draw(st.booleans()):
                value[draw(st.sampled_from(sorted(GROUP)))] = draw(ANYTHING)
            else:
                network["groups"][group] = draw(ANYTHING)
    return network


def plan(network: dict[str, Any], region: str | None = None) -> NetworkPlan:
    return plan_network(
        network, region=region, available_zones=lambda: REGIONS["us-east-1"].zone_ids
    )


@settings(max_examples=300)
@given(networks())
def test_settings_give_a_plan_or_one_sentence(network: dict[str, Any]) -> None:
    try:
        planned = plan(network)
    except InvalidInput as refusal:
        event("refused")
        sentence = str(refusal)
        assert sentence
        assert "\n" not in sentence
        assert not sentence.endswith(".")
    else:
        event("planned")
        assert len(planned.addresses.subnets) == len(planned.groups) * len(planned.zones)


def test_zones_stay_in_the_order_they_are_listed_in() -> None:
    zones = ["use1-az4", "use1-az1", "use1-az2"]
    assert plan({**THREE_TIERS, "zones": zones}).zones == tuple(zones)


def test_zones_by_id_ask_nobody() -> None:
    def nobody() -> list[str]:
        raise AssertionError

    assert plan_network(THREE_TIERS, region=None, available_zones=nobody).zones


def test_a_cluster_leaves_out_the_zones_that_eks_refuses() -> None:
    network = {**THREE_TIERS, "zones": None, "zone_count": 3}
    assert plan(network).zones == ("use1-az1", "use1-az2", "use1-az3")
    assert plan({**network, "cluster_name": "c"}).zones == ("use1-az1", "use1-az2", "use1-az4")
    assert plan({**network, "cluster_name": "c", "eks_zones_only": False}).zones[2] == "use1-az3"


def test_avoided_zones_are_not_chosen() -> None:
    network = {**THREE_TIERS, "zones": None, "zone_count": 2, "avoid_zones": ["use1-az2"]}
    assert plan(network).zones == ("use1-az1", "use1-az3")


@pytest.mark.parametrize(
    ("changed", "internet_gateway", "egress_only"),
    [
        pytest.param({}, True, False),
        pytest.param({"ipv6": True}, True, True),
        pytest.param({"groups": {"app": {"kind": "private"}}, "nat": "regional"}, True, False),
        pytest.param({"groups": {"app": {"kind": "isolated"}}, "nat": "none"}, False, False),
        pytest.param(
            {"groups": {"app": {"kind": "isolated"}}, "nat": "none", "ipv6": True}, False, False
        ),
        pytest.param({"groups": {"web": {"kind": "public"}}, "nat": "none"}, True, False),
    ],
)
def test_gateways_exist_only_for_groups_that_use_them(
    changed: dict[str, Any], *, internet_gateway: bool, egress_only: bool
) -> None:
    planned = plan({**THREE_TIERS, **changed})
    assert planned.internet_gateway is internet_gateway
    assert planned.egress_only_gateway is egress_only


def test_a_private_group_that_becomes_isolated_keeps_its_addresses() -> None:
    before = plan({**THREE_TIERS, "ipv6": True})
    groups = {**THREE_TIERS["groups"], "app": {"kind": "isolated"}}
    after = plan({**THREE_TIERS, "ipv6": True, "groups": groups, "nat": "none"})
    assert after.addresses == before.addresses


def of(group: str, **changed: object) -> dict[str, Any]:
    groups = copy.deepcopy(THREE_TIERS["groups"])
    groups[group] = {**groups.get(group, {}), **changed}
    return {"groups": groups}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        pytest.param({"groups": None}, "groups is None, it must be a plain map"),
        pytest.param(
            {"groups": {}}, "groups is empty, a network needs at least one group of subnets"
        ),
        pytest.param(
            {"groups": {"App-1": {"kind": "public"}}},
            "groups names 'App-1', a group's name must be up to 32 lower-case letters, digits and"
            " underscores, beginning with a letter",
        ),
        pytest.param(
            {"groups": {"app": "private"}}, "groups.app is 'private', it must be a plain map"
        ),
        pytest.param(
            of("app", kind="privat"),
            "groups.app.kind is 'privat', it must be one of 'public', 'private' or 'isolated'; did"
            " you mean 'private'?",
        ),
        pytest.param(
            of("app", kind=None),
            "groups.app.kind is None, it must be plain text, one of 'public', 'private' or"
            " 'isolated'",
        ),
        pytest.param(
            of("app", map_public_ip_on_launch=True),
            "groups.app.map_public_ip_on_launch is True, but the group is 'private', where a public"
            " address is of no use; leave it out",
        ),
        pytest.param(of("app", eks=True), "groups.app.eks is True, but cluster_name is missing"),
        pytest.param(
            of("app", eks="yes"), "groups.app.eks is 'yes', it must be plain true or false"
        ),
        pytest.param(
            of("app", former_name="data"),
            "groups.app.former_name is 'data', another group has that name",
        ),
        pytest.param(
            {"zones": None},
            "neither of zones and zone_count is given, give one: zones such as ['use1-az1',"
            " 'use1-az2'], which never change by themselves, or how many to choose",
        ),
        pytest.param(
            {"zone_count": 2},
            "both of zones and zone_count is given, give one: zones such as ['use1-az1',"
            " 'use1-az2'], which never change by themselves, or how many to choose",
        ),
        pytest.param(
            {"zones": None, "zone_count": 2.5},
            "zone_count is 2.5, it must be a whole number from 1 to 16",
        ),
        pytest.param(
            {"zones": ["use1-az1"]},
            "zones gives one zone, but group 'app' should survive the loss of one; use at least"
            " two, or set allow_single_zone",
        ),
        pytest.param(
            {"zones": None, "zone_count": 1},
            "zone_count gives one zone, but group 'app' should survive the loss of one; use at"
            " least two, or set allow_single_zone",
        ),
        pytest.param(
            {"avoid_zones": ["use1-az2"]},
            "zones lists 'use1-az2', which avoid_zones lists too",
        ),
        pytest.param(
            {"zones": ["use1-az1", "use1-az3"], "cluster_name": "c"},
            "zones lists 'use1-az3', in which EKS accepts no cluster subnets; use another, or make"
            " eks_zones_only False",
        ),
        pytest.param(
            {"zone_slots": 3},
            "zone_slots is 3, it must be a power of two: 1, 2, 4, 8 or 16",
        ),
        pytest.param(
            {"ipv6_ipam_pool_id": "ipam-pool-1"},
            "ipv6_ipam_pool_id is given, but ipv6 is False; make it True",
        ),
        pytest.param({"flow_logs": "s3"}, "flow_logs is 's3', it must be a plain map"),
        pytest.param(
            {"flow_logs": {"destination": "S3"}},
            "flow_logs.destination is 'S3', it must be one of 'cloudwatch' or 's3'; did you mean"
            " 's3'?",
        ),
        pytest.param(
            {"flow_logs": {"destination": "cloudwatch", "retention_days": 100}},
            "flow_logs.retention_days is 100, CloudWatch Logs does not keep logs for that many"
            " days; the nearest it accepts is 90",
        ),
        pytest.param(
            {"flow_logs": {"destination": "s3", "retention_days": 0}},
            "flow_logs.retention_days is 0, it must be a whole number from 1 to 3653",
        ),
        pytest.param(
            {"flow_logs": {"destination": "s3", "aggregation_seconds": 300}},
            "flow_logs.aggregation_seconds is 300, it must be 60 or 600",
        ),
        pytest.param(
            {"flow_logs": {"destination": "cloudwatch", "bucket_arn": "arn:aws:s3:::b"}},
            "flow_logs.bucket_arn is given, but flow_logs.destination is not 's3'",
        ),
        pytest.param(
            {
                "flow_logs": {
                    "destination": "s3",
                    "bucket_arn": "arn:aws:s3:::b",
                    "retention_days": 9,
                }
            },
            "flow_logs.retention_days is given, but the bucket of flow_logs.bucket_arn has its own;"
            " leave it out",
        ),
    ],
)
def test_a_network_that_cannot_be_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        plan({**THREE_TIERS, **changed})
    assert str(caught.value) == sentence


def test_a_single_zone_is_accepted_when_asked_for() -> None:
    network = {**THREE_TIERS, "zones": ["use1-az1"], "allow_single_zone": True}
    assert plan(network).zones == ("use1-az1",)


def test_public_groups_alone_may_have_a_single_zone() -> None:
    network = {"cidr_block": "10.0.0.0/16", "zones": ["use1-az1"]}
    assert plan({**network, "groups": {"web": {"kind": "public"}}}).zones == ("use1-az1",)


def test_zones_of_another_region_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not in 'eu-west-1'"):
        plan(THREE_TIERS, region="eu-west-1")
