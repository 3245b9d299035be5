"""Answers of any age, with what is deleted and what two accounts both show, mean the same."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lane.sources.describe import Answers, network_of
from lane.sources.saved import read_saved
from privatelane_paths import judge
from tests.lane.verify.saved import network, save

HUB, SPOKE, REGION = "111111111111", "222222222222", "us-east-1"
TGW, TABLE = "tgw-1", "tgw-rtb-1"
IN_HUB, IN_SPOKE = "tgw-attach-hub", "tgw-attach-spoke"

Records = dict[str, list[dict[str, Any]]]


def lanes(*places: Answers) -> dict[tuple[str, str], str]:
    return {(one.subnet, one.service): one.kind.value for one in judge(network_of(places))}


def place(records: Records, account: str | None = None) -> Answers:
    return Answers(account, REGION if account else None, records)


def modern() -> Records:
    """A network as a CLI of today prints it, with every field that came later."""
    answers: Records = network()
    for vpc in answers["Vpcs"]:
        vpc |= {
            "OwnerId": HUB,
            "CidrBlockAssociationSet": [
                {"CidrBlock": vpc["CidrBlock"], "CidrBlockState": {"State": "associated"}}
            ],
            "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
            "EncryptionControl": {"State": "disabled"},
        }
    for subnet in answers["Subnets"]:
        subnet |= {
            "OwnerId": HUB,
            "AvailabilityZoneId": "use1-az1",
            "MapPublicIpOnLaunch": False,
            "EnableDns64": False,
            "Ipv6Native": False,
            "Ipv6CidrBlockAssociationSet": [],
            "PrivateDnsNameOptionsOnLaunch": {"HostnameType": "ip-name"},
            "Type": "Regular",
        }
    for table in answers["RouteTables"]:
        table |= {"OwnerId": HUB, "PropagatingVgws": [], "Tags": []}
        for route in table["Routes"]:
            route["Origin"] = "CreateRoute"
        for association in table["Associations"]:
            association |= {"Main": False, "AssociationState": {"State": "associated"}}
    answers["NatGateways"][0] |= {
        "ConnectivityType": "public",
        "AvailabilityMode": "zonal",
        "NatGatewayAddresses": [{"PublicIp": "203.0.113.1", "Status": "succeeded"}],
        "AutoScalingIps": "disabled",
    }
    answers["VpcEndpoints"][0] |= {
        "OwnerId": HUB,
        "VpcEndpointType": "Gateway",
        "PrivateDnsEnabled": False,
        "RequesterManaged": False,
        "IpAddressType": "ipv4",
        "DnsOptions": {"DnsRecordIpType": "ipv4"},
        "ServiceRegion": REGION,
        "SubnetIds": [],
        "Groups": [],
    }
    answers["InternetGateways"][0]["OwnerId"] = HUB
    return answers


def without(tree: Any, name: str) -> Any:
    """A tree in which a field is nowhere."""
    if isinstance(tree, dict):
        return {key: without(one, name) for key, one in tree.items() if key != name}
    if isinstance(tree, list):
        return [without(one, name) for one in tree]
    return tree


@pytest.mark.parametrize(
    "field",
    [
        "OwnerId",
        "CidrBlockAssociationSet",
        "Ipv6CidrBlockAssociationSet",
        "BlockPublicAccessStates",
        "EncryptionControl",
        "AvailabilityZoneId",
        "EnableDns64",
        "Ipv6Native",
        "PrivateDnsNameOptionsOnLaunch",
        "Type",
        "Origin",
        "AssociationState",
        "Main",
        "PropagatingVgws",
        "ConnectivityType",
        "AvailabilityMode",
        "AutoScalingIps",
        "NatGatewayAddresses",
        "VpcEndpointType",
        "PrivateDnsEnabled",
        "RequesterManaged",
        "IpAddressType",
        "DnsOptions",
        "ServiceRegion",
        "SubnetIds",
        "Groups",
        "Tags",
    ],
)
def test_a_field_that_an_older_cli_did_not_print_changes_no_lane(field: str) -> None:
    now = modern()
    expected = lanes(place(now))
    assert set(expected.values()) == {"nat", "gateway-endpoint", "internet-gateway"}
    then = without(now, field)
    if field == "SubnetIds":  # an answer so old had no interface endpoints, nor their subnets
        assert "SubnetIds" not in then["VpcEndpoints"][0]
    assert lanes(place(then)) == expected


def test_what_is_deleted_and_still_listed_leads_nowhere() -> None:
    answers = modern()
    before = lanes(place(answers))
    answers["VpcPeeringConnections"].append(
        {
            "VpcPeeringConnectionId": "pcx-old",
            "Status": {"Code": "deleted"},
            "RequesterVpcInfo": {"VpcId": "vpc-a"},
            "AccepterVpcInfo": {"VpcId": "vpc-gone"},
        }
    )
    answers["NatGateways"].append({"NatGatewayId": "nat-old", "VpcId": "vpc-a", "State": "deleted"})
    answers["VpcEndpoints"].append(
        {
            "VpcEndpointId": "vpce-old",
            "VpcId": "vpc-a",
            "VpcEndpointType": "Interface",
            "ServiceName": f"com.amazonaws.{REGION}.ecr.api",
            "State": "deleted",
            "PrivateDnsEnabled": True,
            "SubnetIds": ["subnet-aapp"],
        }
    )
    answers["TransitGatewayAttachments"].append(attached(IN_SPOKE, "vpc-a", HUB, "deleted"))
    facts = network_of([place(answers)])
    assert lanes(place(answers)) == before
    assert (facts.peerings, facts.attachments) == ((), ())
    assert [one.key for one in facts.endpoints] == ["vpce-a"]


def attached(key: str, vpc: str, owner: str, state: str = "available") -> dict[str, Any]:
    return {
        "TransitGatewayAttachmentId": key,
        "TransitGatewayId": TGW,
        "TransitGatewayOwnerId": HUB,
        "ResourceOwnerId": owner,
        "ResourceType": "vpc",
        "ResourceId": vpc,
        "State": state,
        "Association": {"TransitGatewayRouteTableId": TABLE, "State": "associated"},
    }


def shared() -> tuple[Answers, Answers]:
    """A hub with the NAT gateway, and a spoke behind it; both accounts show the transit gateway."""
    hub, spoke = network("a"), network("b")
    gateway = {"TransitGatewayId": TGW, "OwnerId": HUB, "State": "available"}
    attachments = [attached(IN_HUB, "vpc-a", HUB), attached(IN_SPOKE, "vpc-b", SPOKE)]
    spoke["Vpcs"][0]["CidrBlock"] = "10.1.0.0/16"
    for subnet in (*hub["Subnets"], *spoke["Subnets"]):
        subnet["AvailabilityZoneId"] = "use1-az1"  # accounts name zones differently
    for subnet in spoke["Subnets"]:
        subnet["CidrBlock"] = subnet["CidrBlock"].replace("10.0.", "10.1.")
    spoke["NatGateways"] = []
    spoke["VpcEndpoints"] = []
    for table in spoke["RouteTables"]:
        table["Routes"][0]["DestinationCidrBlock"] = "10.1.0.0/16"
    spoke["RouteTables"][1]["Routes"][1] = {
        "DestinationCidrBlock": "0.0.0.0/0",
        "TransitGatewayId": TGW,
        "State": "active",
    }
    hub["RouteTables"][0]["Routes"].append(
        {"DestinationCidrBlock": "10.1.0.0/16", "TransitGatewayId": TGW, "State": "active"}
    )
    hub |= {
        "TransitGateways": [gateway],
        "TransitGatewayAttachments": attachments,
        "TransitGatewayVpcAttachments": [
            {**attachments[0], "VpcId": "vpc-a", "VpcOwnerId": HUB, "SubnetIds": ["subnet-aapp"],
             "Options": {"ApplianceModeSupport": "disable"}},
        ],
        "TransitGatewayRouteTables": [
            {"TransitGatewayRouteTableId": TABLE, "TransitGatewayId": TGW, "State": "available"}
        ],
        "TransitGatewayStaticRoutes": [
            {
                "TransitGatewayRouteTableId": TABLE,
                "Routes": [
                    {
                        "DestinationCidrBlock": "0.0.0.0/0",
                        "Type": "static",
                        "State": "active",
                        "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": IN_HUB}],
                    }
                ],
            }
        ],
        "TransitGatewayPropagations": [
            {
                "TransitGatewayRouteTableId": TABLE,
                "TransitGatewayRouteTablePropagations": [
                    {"TransitGatewayAttachmentId": IN_SPOKE, "ResourceType": "vpc",
                     "State": "enabled"}
                ],
            }
        ],
    }  # fmt: skip
    spoke |= {
        "TransitGateways": [gateway],
        "TransitGatewayAttachments": [attachments[1]],
        "TransitGatewayVpcAttachments": [
            {**attachments[1], "VpcId": "vpc-b", "VpcOwnerId": SPOKE,
             "SubnetIds": ["subnet-bapp"], "Options": {"ApplianceModeSupport": "disable"}},
        ],
    }  # fmt: skip
    for records in (hub, spoke):
        records["VpcAttributes"] = [
            {
                "VpcId": records["Vpcs"][0]["VpcId"],
                "EnableDnsSupport": {"Value": True},
                "EnableDnsHostnames": {"Value": True},
            }
        ]
    return place(hub, HUB), place(spoke, SPOKE)


def test_a_transit_gateway_that_two_accounts_show_is_one() -> None:
    hub, spoke = shared()
    facts = network_of([hub, spoke])
    assert [one.key for one in facts.transit_gateways] == [TGW]
    assert [one.key for one in facts.attachments] == [IN_HUB, IN_SPOKE]
    assert not facts.transit_gateways[0].outside
    assert lanes(hub, spoke)["subnet-bapp", "ecr.api"] == "remote-nat"
    assert lanes(spoke, hub) == lanes(hub, spoke)


def test_the_folders_of_two_accounts_are_read_as_the_accounts_are(tmp_path: Path) -> None:
    hub, spoke = shared()
    for account, one in ((HUB, hub), (SPOKE, spoke)):
        save(tmp_path / "accounts" / account / REGION, dict(one.records))
    assert lanes(*read_saved(tmp_path)) == lanes(hub, spoke)


def test_what_the_owner_alone_shows_is_missed_without_it() -> None:
    _, spoke = shared()
    (lane,) = (
        one
        for one in judge(network_of([spoke]))
        if (one.subnet, one.service) == ("subnet-bapp", "ecr.api")
    )
    assert lane.kind.value == "unknown"
    assert any(TGW in fact for fact in lane.missing)


def test_an_older_answer_of_one_account_does_not_hide_the_owners() -> None:
    hub, spoke = shared()
    records = deepcopy(dict(spoke.records))
    records["TransitGateways"] = [{"TransitGatewayId": TGW}]
    records["TransitGatewayAttachments"] = [
        without(attached(IN_SPOKE, "vpc-b", SPOKE), "Association")
    ]
    assert lanes(hub, place(dict(records), SPOKE)) == lanes(hub, spoke)  # type: ignore[arg-type]
