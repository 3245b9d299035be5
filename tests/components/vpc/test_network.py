"""The resources of a network: exact counts, exact inputs, and what must not move.

Mocks show what is asked of AWS, not that AWS grants it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from privatelane import Network, NetworkArgs
from tests.components.mocks import UNKNOWN, Run, refusal, run, value

ZONES = ["use1-az1", "use1-az2"]

TWO_TIERS: NetworkArgs = {
    "cidr_block": "10.0.0.0/16",
    "zones": ZONES,
    "groups": {"public": {"kind": "public"}, "app": {"kind": "private"}},
    "nat": "single",
}

KEYS = ["app/use1-az1", "app/use1-az2", "public/use1-az1", "public/use1-az2"]

GET_ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones"


def computed(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What the provider would add to each resource's inputs."""
    kind = type_.rpartition(":")[2]
    outputs: dict[str, Any] = {"arn": f"arn:aws:any:us-east-1:123456789012:{name}"}
    if kind == "Vpc":
        outputs["arn"] = f"arn:aws:ec2:us-east-1:123456789012:vpc/{name}"
        outputs["defaultNetworkAclId"] = f"{name}-default-acl"
        outputs["ipv6CidrBlock"] = "2600:1f18:1234:5600::/56"
    if kind == "NatGateway" and inputs.get("availabilityMode") == "regional":
        outputs["regionalNatGatewayAddresses"] = [
            {"publicIp": "198.51.100.2"},
            {"publicIp": "198.51.100.1"},
        ]
    elif kind == "NatGateway":
        outputs["publicIp"] = f"address of {name}"
    if kind == "LogGroup":
        outputs["name"] = f"{name}-1234567"
    return outputs


def network(args: NetworkArgs, *, preview: bool = False, **more: Any) -> Run:
    """Run a program that has one network."""
    return run(lambda: Network("net", args), preview=preview, computed=computed, **more)


def changed(args: NetworkArgs = TWO_TIERS, **changes: Any) -> NetworkArgs:
    together: NetworkArgs = {**copy.deepcopy(args), **changes}  # type: ignore[typeddict-item]
    return together


def with_groups(**groups: Any) -> NetworkArgs:
    return changed(groups={**TWO_TIERS["groups"], **groups})


THREE_TIERS = with_groups(data={"kind": "isolated", "slot": 2})

EVERY_RULE = {
    "action": "allow",
    "cidrBlock": "0.0.0.0/0",
    "fromPort": 0,
    "protocol": "-1",
    "ruleNo": 100,
    "toPort": 0,
}


def test_a_network_asks_for_exactly_these_resources() -> None:
    subnets = {
        "net-app-use1-az1": ("10.0.128.0/21", "use1-az1"),
        "net-app-use1-az2": ("10.0.136.0/21", "use1-az2"),
        "net-public-use1-az1": ("10.0.0.0/21", "use1-az1"),
        "net-public-use1-az2": ("10.0.8.0/21", "use1-az2"),
    }
    expected: dict[tuple[str, str], dict[str, Any]] = {
        ("Network", "net"): {},
        ("Vpc", "net"): {
            "cidrBlock": "10.0.0.0/16",
            "enableDnsSupport": True,
            "enableDnsHostnames": True,
            "tags": {"Name": "net"},
        },
        ("DefaultSecurityGroup", "net-default"): {
            "vpcId": "net-id",
            "ingress": [],
            "egress": [],
            "tags": {"Name": "net-default"},
        },
        ("DefaultNetworkAcl", "net-default"): {
            "defaultNetworkAclId": "net-default-acl",
            "ingress": [],
            "egress": [],
            "tags": {"Name": "net-default"},
        },
        ("InternetGateway", "net"): {"vpcId": "net-id", "tags": {"Name": "net"}},
        ("Eip", "net-nat-use1-az1"): {"domain": "vpc", "tags": {"Name": "net-nat-use1-az1"}},
        ("NatGateway", "net-nat-use1-az1"): {
            "allocationId": "net-nat-use1-az1-id",
            "subnetId": "net-public-use1-az1-id",
            "tags": {"Name": "net-nat-use1-az1"},
        },
        **{
            ("NetworkAcl", f"net-{group}"): {
                "vpcId": "net-id",
                "subnetIds": [f"net-{group}-use1-az1-id", f"net-{group}-use1-az2-id"],
                "ingress": [EVERY_RULE],
                "egress": [EVERY_RULE],
                "tags": {"Name": f"net-{group}"},
            }
            for group in ("app", "public")
        },
        **{
            ("Subnet", name): {
                "vpcId": "net-id",
                "cidrBlock": cidr,
                "availabilityZoneId": zone,
                "assignIpv6AddressOnCreation": False,
                "mapPublicIpOnLaunch": False,
                "tags": {"Name": name},
            }
            for name, (cidr, zone) in subnets.items()
        },
        **{("RouteTable", name): {"vpcId": "net-id", "tags": {"Name": name}} for name in subnets},
        **{
            ("RouteTableAssociation", name): {
                "routeTableId": f"{name}-id",
                "subnetId": f"{name}-id",
            }
            for name in subnets
        },
        **{
            ("Route", f"{name}-ipv4"): {
                "routeTableId": f"{name}-id",
                "destinationCidrBlock": "0.0.0.0/0",
                **(
                    {"gatewayId": "net-id"}
                    if "public" in name
                    else {"natGatewayId": "net-nat-use1-az1-id"}
                ),
            }
            for name in subnets
        },
    }
    actual = {
        (one.type.rpartition(":")[2], one.name): one.inputs for one in network(TWO_TIERS).resources
    }
    assert actual == expected


def test_a_network_tells_what_others_need_of_it() -> None:
    assert network(changed(THREE_TIERS, cluster_name="c")).output("Network") == {
        "vpcId": "net-id",
        "vpcArn": "arn:aws:ec2:us-east-1:123456789012:vpc/net",
        "cidrBlocks": ["10.0.0.0/16"],
        "zoneIds": ZONES,
        "groupKinds": {"app": "private", "data": "isolated", "public": "public"},
        "egress": {"app": "nat", "data": "none", "public": "internet-gateway"},
        "subnetIds": {
            f"{group}/{zone}": f"net-{group}-{zone}-id"
            for group in ("app", "data", "public")
            for zone in ZONES
        },
        "routeTableIds": {
            f"{group}/{zone}": f"net-{group}-{zone}-id"
            for group in ("app", "data", "public")
            for zone in ZONES
        },
        "subnetCidrs": {
            "app/use1-az1": "10.0.128.0/21",
            "app/use1-az2": "10.0.136.0/21",
            "data/use1-az1": "10.0.64.0/21",
            "data/use1-az2": "10.0.72.0/21",
            "public/use1-az1": "10.0.0.0/21",
            "public/use1-az2": "10.0.8.0/21",
        },
        "subnetIpv6Cidrs": {},
        "networkAclIds": {"app": "net-app-id", "data": "net-data-id", "public": "net-public-id"},
        "internetGatewayId": "net-id",
        "natGatewayIds": {"use1-az1": "net-nat-use1-az1-id"},
        "natPublicIps": {"use1-az1": "address of net-nat-use1-az1"},
    }


def test_keys_and_addresses_are_known_in_a_first_preview() -> None:
    seen: dict[str, Any] = {}

    async def program() -> None:
        net = Network("net", TWO_TIERS)
        seen["subnets"] = {key: await value(one) for key, one in net.subnets.items()}
        seen["tables"] = {key: await value(one) for key, one in net.route_tables.items()}
        seen["cidrs"] = net.cidrs
        seen["egress"] = net.egress_by_group
        seen["kinds"] = net.kinds_by_group
        seen["plan"] = {key: str(one.cidr) for key, one in net.plan.subnets.items()}

    run(program, preview=True)
    keys = ("app/use1-az1", "app/use1-az2", "public/use1-az1", "public/use1-az2")
    assert seen["subnets"] == seen["tables"] == dict.fromkeys(keys, UNKNOWN)
    assert seen["cidrs"] == seen["plan"]
    assert tuple(seen["cidrs"]) == keys
    assert seen["egress"] == {"app": "nat", "public": "internet-gateway"}
    assert seen["kinds"] == {"app": "private", "public": "public"}


EVERYTHING = changed(
    THREE_TIERS,
    nat="per-zone",
    ipv6=True,
    cluster_name="c",
    flow_logs={"destination": "s3"},
    secondary_cidr_blocks=["100.64.0.0/16"],
    groups={
        **THREE_TIERS["groups"],
        "pods": {"kind": "isolated", "cidr_block": "100.64.0.0/16", "share": 8, "ipv6_slot": 9},
    },
)


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(TWO_TIERS, id="two tiers"),
        pytest.param(EVERYTHING, id="everything"),
        pytest.param(changed(groups={"app": {"kind": "private"}}, nat="regional"), id="regional"),
    ],
)
def test_a_preview_has_the_same_resources_whether_ids_are_known_or_not(args: NetworkArgs) -> None:
    assert network(args, preview=True).shape() == network(args, preview=False).shape()


def test_lists_of_ids_keep_their_length_in_a_preview() -> None:
    acl = network(TWO_TIERS, preview=True).the("NetworkAcl", "net-app")
    assert acl.inputs["subnetIds"] == [UNKNOWN, UNKNOWN]
    assert [urn.rpartition("::")[2] for urn in acl.property_dependencies["subnetIds"]] == [
        "net-app-use1-az1",
        "net-app-use1-az2",
    ]


def test_every_child_has_the_network_as_its_parent() -> None:
    ran = network(EVERYTHING)
    (parent,) = ran.of("Network").values()
    assert {one.parent for one in ran.resources if one is not parent} == {parent.urn}


def test_only_what_must_wait_waits() -> None:
    """By inputs a resource waits for what it refers to; these wait for something else."""
    ran = network(EVERYTHING)
    assert {one.name: one.depends_on for one in ran.resources if one.depends_on} == {
        "net-nat-use1-az1": {"net-public-use1-az1-ipv4"},
        "net-nat-use1-az2": {"net-public-use1-az2-ipv4"},
        "net-pods-use1-az1": {"net-100.64.0.0-16"},
        "net-pods-use1-az2": {"net-100.64.0.0-16"},
        "net-flow-logs": {"net-flow-logs"},
    }
    assert {
        one.type for one in ran.resources if one.name == "net-flow-logs" and one.depends_on
    } == {"aws:ec2/flowLog:FlowLog"}


def test_subnets_and_zonal_gateways_are_deleted_before_they_are_replaced() -> None:
    """Neither a range nor an Elastic IP can be in two places at once."""
    ran = network(EVERYTHING)
    first = {
        one.type.rpartition(":")[2] for one in ran.resources if one.request.deleteBeforeReplace
    }
    assert first == {"Subnet", "NatGateway"}


def test_the_default_acl_is_not_asked_to_give_up_subnets() -> None:
    acl = network(TWO_TIERS).the("DefaultNetworkAcl")
    assert list(acl.request.ignoreChanges) == ["subnetIds"]


# What stays does not move.


def staying(before: Run, after: Run) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The inputs, before and after, of each resource that both runs have."""
    old, new = before.inputs(), after.inputs()
    assert old.keys() & new.keys()
    return [(old[key], new[key]) for key in sorted(old.keys() & new.keys())]


def assert_nothing_moves(before: NetworkArgs, after: NetworkArgs, *, updated: set[str]) -> None:
    """Nothing that stays changes, but for the `updated` properties, which AWS changes in place."""
    seen = set()
    for old, new in staying(network(before), network(after)):
        assert old.keys() == new.keys()
        seen |= {key for key in old if old[key] != new[key]}
    assert seen == updated


def zones(*numbers: int) -> list[str]:
    return [f"usw2-az{number}" for number in numbers]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(zones(1, 2), zones(1, 2, 3), id="two to three"),
        pytest.param(zones(1, 2, 3), zones(1, 2, 3, 4), id="three to four"),
        pytest.param(zones(1, 2, 3), zones(1, 3), id="the middle one goes"),
        pytest.param(zones(1, 2), zones(2, 1, 3), id="one comes first"),
        pytest.param(zones(1, 2, 4), zones(1, 3, 4), id="one for another"),
    ],
)
@pytest.mark.parametrize("nat", ["single", "per-zone"])
def test_zones_come_and_go_without_moving_others(
    before: list[str], after: list[str], nat: str
) -> None:
    args = changed(EVERYTHING, nat=nat)
    assert_nothing_moves(
        changed(args, zones=before), changed(args, zones=after), updated={"subnetIds"}
    )


def test_the_order_of_zones_and_groups_means_nothing() -> None:
    other = changed(
        EVERYTHING,
        zones=list(reversed(ZONES)),
        groups=dict(reversed([*EVERYTHING["groups"].items()])),
    )
    assert network(EVERYTHING).inputs() == network(other).inputs()


def test_groups_come_and_go_without_moving_others() -> None:
    assert_nothing_moves(TWO_TIERS, THREE_TIERS, updated=set())
    assert_nothing_moves(
        THREE_TIERS, EVERYTHING | {"nat": "single", "ipv6": False}, updated={"tags"}
    )


def test_secondary_ranges_come_and_change_places_without_moving_anything() -> None:
    before = changed(secondary_cidr_blocks=["100.64.0.0/16"])
    after = changed(secondary_cidr_blocks=["100.65.0.0/16", "100.64.0.0/16"])
    assert_nothing_moves(TWO_TIERS, before, updated=set())
    assert_nothing_moves(before, after, updated=set())


def test_from_single_to_per_zone_the_first_gateway_and_its_address_stay() -> None:
    before, after = network(TWO_TIERS), network(changed(nat="per-zone"))
    assert set(after.of("NatGateway")) == {"net-nat-use1-az1", "net-nat-use1-az2"}
    assert set(after.of("Eip")) == {"net-nat-use1-az1", "net-nat-use1-az2"}
    assert {
        name: (route.inputs["natGatewayId"], after.the("Route", name).inputs["natGatewayId"])
        for name, route in before.of("Route").items()
        if "natGatewayId" in route.inputs
    } == {
        "net-app-use1-az1-ipv4": ("net-nat-use1-az1-id", "net-nat-use1-az1-id"),
        "net-app-use1-az2-ipv4": ("net-nat-use1-az1-id", "net-nat-use1-az2-id"),
    }
    assert_nothing_moves(TWO_TIERS, changed(nat="per-zone"), updated={"natGatewayId"})


def test_a_private_group_that_becomes_isolated_only_loses_its_routes() -> None:
    before = network(THREE_TIERS)
    groups = {**THREE_TIERS["groups"], "app": {"kind": "isolated"}}
    after = network(changed(THREE_TIERS, groups=groups, nat="none"))
    assert {name for _, name in before.inputs().keys() - after.inputs().keys()} == {
        "net-app-use1-az1-ipv4",
        "net-app-use1-az2-ipv4",
        "net-nat-use1-az1",
    }
    assert all(old == new for old, new in staying(before, after))


def test_a_renamed_group_is_the_former_one_by_alias() -> None:
    before = network(changed(EVERYTHING))
    groups = copy.deepcopy(dict(EVERYTHING["groups"]))
    groups["web"] = {**groups.pop("app"), "former_name": "app"}
    after = network(changed(EVERYTHING, groups=groups))
    aliased = {
        (one.type, one.name): [alias.spec.name for alias in one.request.aliases]
        for one in after.resources
        # The provider's own aliases name a type.
        if any(alias.spec.name for alias in one.request.aliases)
    }
    renamed = {key for key in before.inputs() if key[1].startswith("net-app")}
    assert {(type_, old) for (type_, _), (old,) in aliased.items()} == renamed
    assert {key for key in after.inputs() if key[1].startswith("net-web")} == aliased.keys()


def test_two_networks_in_one_stack_do_not_collide() -> None:
    def program() -> None:
        Network("net", EVERYTHING)
        Network("net-app", changed(EVERYTHING, cidr_block="10.1.0.0/16"))

    together = run(program, preview=False, computed=computed)
    assert len(together.resources) == 2 * len(network(EVERYTHING).resources)


# NAT.


def test_own_elastic_ips_are_used_and_no_other_is_made() -> None:
    args = changed(nat="per-zone", nat_allocation_ids={"use1-az2": "eipalloc-2"})
    ran = network(args)
    assert set(ran.of("Eip")) == {"net-nat-use1-az1"}
    assert {name: nat.inputs["allocationId"] for name, nat in ran.of("NatGateway").items()} == {
        "net-nat-use1-az1": "net-nat-use1-az1-id",
        "net-nat-use1-az2": "eipalloc-2",
    }


def test_a_regional_gateway_needs_an_internet_gateway_but_no_public_subnet() -> None:
    ran = network(changed(groups={"app": {"kind": "private"}}, nat="regional"))
    assert ran.counts() == {
        "Network": 1,
        "Vpc": 1,
        "DefaultSecurityGroup": 1,
        "DefaultNetworkAcl": 1,
        "InternetGateway": 1,
        "NatGateway": 1,
        "NetworkAcl": 1,
        "Subnet": 2,
        "RouteTable": 2,
        "RouteTableAssociation": 2,
        "Route": 2,
    }
    nat = ran.the("NatGateway", "net-nat")
    assert nat.inputs == {
        "availabilityMode": "regional",
        "vpcId": "net-id",
        "tags": {"Name": "net-nat"},
    }
    assert nat.depends_on == {"net"}
    assert not nat.request.deleteBeforeReplace
    assert {route.inputs["natGatewayId"] for route in ran.of("Route").values()} == {"net-nat-id"}
    outputs = ran.output("Network")
    assert outputs["natGatewayIds"] == {"regional": "net-nat-id"}
    assert outputs["natPublicIps"] == {"regional": "198.51.100.1,198.51.100.2"}


def test_a_regional_gateway_takes_own_elastic_ips_zone_by_zone() -> None:
    own = {"use1-az2": "eipalloc-2", "use1-az1": "eipalloc-1"}
    nat = network(changed(nat="regional", nat_allocation_ids=own)).the("NatGateway")
    assert nat.inputs["availabilityZoneAddresses"] == [
        {"availabilityZoneId": "use1-az1", "allocationIds": ["eipalloc-1"]},
        {"availabilityZoneId": "use1-az2", "allocationIds": ["eipalloc-2"]},
    ]
    assert nat.request.deleteBeforeReplace


# Ways out.


def test_an_isolated_network_has_no_gateway_and_no_route() -> None:
    ran = network(changed(groups={"app": {"kind": "isolated"}}, nat="none", ipv6=True))
    assert ran.counts() == {
        "Network": 1,
        "Vpc": 1,
        "DefaultSecurityGroup": 1,
        "DefaultNetworkAcl": 1,
        "NetworkAcl": 1,
        "Subnet": 2,
        "RouteTable": 2,
        "RouteTableAssociation": 2,
    }
    outputs = ran.output("Network")
    assert "internetGatewayId" not in outputs
    assert outputs["natGatewayIds"] == outputs["natPublicIps"] == {}


def test_dual_stack_gives_each_subnet_a_range_and_each_kind_its_way_out() -> None:
    ran = network(changed(THREE_TIERS, ipv6=True))
    assert ran.the("Vpc").inputs["assignGeneratedIpv6CidrBlock"] is True
    assert {name: one.inputs["ipv6CidrBlock"] for name, one in ran.of("Subnet").items()} == {
        "net-public-use1-az1": "2600:1f18:1234:5600::/64",
        "net-public-use1-az2": "2600:1f18:1234:5601::/64",
        "net-data-use1-az1": "2600:1f18:1234:5608::/64",
        "net-data-use1-az2": "2600:1f18:1234:5609::/64",
        "net-app-use1-az1": "2600:1f18:1234:5610::/64",
        "net-app-use1-az2": "2600:1f18:1234:5611::/64",
    }
    assert all(one.inputs["assignIpv6AddressOnCreation"] for one in ran.of("Subnet").values())
    out = [
        one.inputs for one in ran.of("Route").values() if "destinationIpv6CidrBlock" in one.inputs
    ]
    assert sorted(out, key=lambda route: str(route["routeTableId"])) == [
        {
            "routeTableId": f"net-{group}-{zone}-id",
            "destinationIpv6CidrBlock": "::/0",
            target: "net-id",
        }
        for group, target in (("app", "egressOnlyGatewayId"), ("public", "gatewayId"))
        for zone in ZONES
    ]
    assert len(ran.of("EgressOnlyInternetGateway")) == 1
    assert ran.the("NetworkAcl", "net-app").inputs["ingress"] == [
        EVERY_RULE,
        {
            "action": "allow",
            "ipv6CidrBlock": "::/0",
            "fromPort": 0,
            "protocol": "-1",
            "ruleNo": 101,
            "toPort": 0,
        },
    ]
    assert ran.output("Network")["ipv6CidrBlock"] == "2600:1f18:1234:5600::/56"


def test_ranges_come_from_ipam_pools_when_given() -> None:
    args = changed(ipv6=True, ipv4_ipam_pool_id="ipam-pool-4", ipv6_ipam_pool_id="ipam-pool-6")
    inputs = network(args).the("Vpc").inputs
    assert inputs["ipv4IpamPoolId"] == "ipam-pool-4"
    assert inputs["ipv6IpamPoolId"] == "ipam-pool-6"
    assert inputs["ipv6NetmaskLength"] == 56
    assert "assignGeneratedIpv6CidrBlock" not in inputs


def test_public_addresses_are_mapped_only_where_asked() -> None:
    args = with_groups(public={"kind": "public", "map_public_ip_on_launch": True})
    mapped = {
        n for n, one in network(args).of("Subnet").items() if one.inputs["mapPublicIpOnLaunch"]
    }
    assert mapped == {"net-public-use1-az1", "net-public-use1-az2"}


# Tags.


def test_a_cluster_finds_its_subnets_by_tags() -> None:
    args = changed(THREE_TIERS, cluster_name="lane")
    args["groups"]["data"]["eks"] = False
    tags = {name: one.inputs["tags"] for name, one in network(args).of("Subnet").items()}
    assert tags["net-public-use1-az1"] == {
        "Name": "net-public-use1-az1",
        "kubernetes.io/role/elb": "1",
    }
    assert tags["net-app-use1-az1"] == {
        "Name": "net-app-use1-az1",
        "kubernetes.io/role/internal-elb": "1",
        "karpenter.sh/discovery": "lane",
    }
    assert tags["net-data-use1-az1"] == {"Name": "net-data-use1-az1"}


def test_the_callers_tags_are_on_everything_that_has_tags() -> None:
    args = changed(EVERYTHING, tags={"team": "a", "Name": "not this"})
    args["groups"]["app"]["tags"] = {"tier": "app", "team": "b"}
    ran = network(args)
    untagged = {
        *("Network", "RouteTableAssociation", "Route", "VpcIpv4CidrBlockAssociation"),
        *("BucketPublicAccessBlock", "BucketLifecycleConfiguration", "BucketPolicy"),
    }
    for one in ran.resources:
        if one.type.rpartition(":")[2] not in untagged:
            of_app = one.name.startswith("net-app")
            assert one.inputs["tags"]["Name"] == one.name
            assert one.inputs["tags"]["team"] == ("b" if of_app else "a")
            assert ("tier" in one.inputs["tags"]) is of_app


def test_tags_may_be_outputs() -> None:
    def program() -> None:
        tags = pulumi.Output.from_input({"team": "a", "Name": "not this"})
        Network("net", changed(tags=tags, cluster_name=pulumi.Output.from_input("lane")))

    subnet = run(program, preview=True).the("Subnet", "net-app-use1-az1")
    assert subnet.inputs["tags"] == {
        "team": "a",
        "kubernetes.io/role/internal-elb": "1",
        "karpenter.sh/discovery": "lane",
        "Name": "net-app-use1-az1",
    }


# Zones and regions.


def test_zones_by_count_ask_aws_once_for_availability_zones() -> None:
    args = changed(zone_count=2, nat_zone="use1-az2")
    del args["zones"]
    zone_ids = ["use1-az6", "use1-az3", "use1-az2", "use1-az4"]
    ran = network(args, calls={GET_ZONES: {"zoneIds": zone_ids}})
    assert ran.calls == [
        (
            GET_ZONES,
            {
                "state": "available",
                "filters": [{"name": "zone-type", "values": ["availability-zone"]}],
            },
        )
    ]
    assert ran.output("Network")["zoneIds"] == ["use1-az2", "use1-az3"]


def test_zones_by_id_ask_nobody() -> None:
    assert network(TWO_TIERS).calls == []


def test_the_network_and_its_question_go_to_the_provider_it_is_given() -> None:
    args = changed(zone_count=2, nat_zone="use1-az2")
    del args["zones"]

    def program() -> None:
        provider = aws.Provider("east", region="us-east-1")
        Network("net", args, pulumi.ResourceOptions(providers={"aws": provider}))

    ran = run(program, preview=False, calls={GET_ZONES: {"zoneIds": ["use1-az2", "use1-az4"]}})
    east = ran.the("pulumi:providers:aws").urn
    children = [one.request.provider for one in ran.resources if one.type.startswith("aws:")]
    assert all(provider.startswith(f"{east}::") for provider in [*ran.call_providers, *children])
    assert len(ran.call_providers) == 1


def test_a_region_is_passed_to_every_child_that_has_one() -> None:
    ran = network(changed(EVERYTHING, region="us-east-1"))
    for one in ran.resources:
        if one.type.startswith("aws:"):
            assert one.inputs["region"] == "us-east-1"


def test_zones_must_be_in_the_region_of_the_stack() -> None:
    sentence = refusal(lambda: Network("net", TWO_TIERS), config={"aws:region": "eu-west-1"})
    assert sentence == (
        "Network 'net': zones lists 'use1-az1', which is in 'us-east-1', not in 'eu-west-1'; its"
        " zones are 'euw1-az1', 'euw1-az2' and 'euw1-az3'."
    )


# Refusals. The reasons are tested with the plans; here, that nothing is registered.


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        pytest.param(
            lambda: Network("net", changed(cidr_block="10.0.0.0/8")),
            "Network 'net': cidr_block is '10.0.0.0/8', it must be a range from /16 to /28.",
        ),
        pytest.param(
            lambda: Network("net", changed(nat="regionl")),
            "Network 'net': nat is 'regionl', it must be one of 'none', 'single', 'per-zone' or"
            " 'regional'; did you mean 'regional'?",
        ),
        pytest.param(
            lambda: Network("net", changed(nat_gateways=1)),
            "Network 'net': Network has no argument 'nat_gateways', it knows",
        ),
        pytest.param(
            lambda: Network("net", with_groups(app={"kind": "private", "prefixlength": 24})),
            "Network 'net': groups.app has no argument 'prefixlength', did you mean"
            " 'prefix_length'?",
        ),
        pytest.param(
            lambda: Network("net", changed(flow_logs={"destination": "s3", "retention": 3})),
            "Network 'net': flow_logs has no argument 'retention', did you mean 'retention_days'?",
        ),
        pytest.param(
            lambda: Network("net", changed(zones=pulumi.Output.from_input(ZONES))),
            "Network 'net': zones is of type Output, it must be a plain list.",
        ),
        pytest.param(
            lambda: Network(
                "net", changed(nat_allocation_ids=pulumi.Output.from_input({"use1-az1": "e"}))
            ),
            "Network 'net': nat_allocation_ids is of type Output, it must be a plain map.",
        ),
        pytest.param(
            lambda: Network("net", changed(cluster_name="")),
            "Network 'net': cluster_name is '', it must be plain text.",
        ),
    ],
)
def test_bad_input_is_refused_before_anything_is_registered(
    program: Callable[[], object], sentence: str
) -> None:
    assert refusal(program).startswith(sentence)


def test_the_readme_shows_a_network_that_can_be_built() -> None:
    readme = (Path(__file__).parents[3] / "components" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)
    held: dict[str, Any] = {}

    def program() -> None:
        names: dict[str, Any] = {"Network": Network}
        exec(example, names)  # noqa: S102 - our own README
        held.update(names["network"].plan.held)

    run(program, preview=True)
    slots = {name: [str(one) for one in lot.subnets(new_prefix=19)] for name, lot in held.items()}
    table = next(line for line in readme.splitlines() if line.startswith("| range |"))
    ranges = [cell.strip() for cell in table.split("|")[2:-1]]
    above = next(line for line in readme.splitlines() if line.startswith("| above |"))
    shown: dict[str, list[str]] = {}
    for cidr, cell in zip(ranges, above.split("|")[2:-1], strict=True):
        if cell.strip():
            shown.setdefault(cell.strip(" `"), []).append(cidr)
    assert shown == slots


def test_a_dual_stack_network_tells_the_ipv6_range_of_each_subnet_by_its_key() -> None:
    seen: list[list[str]] = []

    def program() -> None:
        seen.append(sorted(Network("net", changed(ipv6=True)).ipv6_cidrs))
        seen.append(sorted(Network("four", TWO_TIERS).ipv6_cidrs))

    run(program, preview=True)
    assert seen == [KEYS, []]


def test_a_workload_behind_endpoints_waits_for_tables_and_acls_and_for_no_gateway() -> None:
    seen: list[list[str]] = []

    def program() -> None:
        seen.append([type(one).__name__ for one in Network("net", TWO_TIERS).connected])

    run(program, preview=True)
    assert sorted(set(seen[0])) == ["NetworkAcl", "RouteTableAssociation"]
    assert seen[0].count("RouteTableAssociation") == len(KEYS)
