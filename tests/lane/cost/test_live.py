"""What AWS's answers say is billed: each thing once, as it runs and not as it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from lane.cost.live import live_inventory
from lane.cost.usage import Workload
from lane.errors import Unusable
from lane.sources.describe import Answers, network_of
from tests.lane.verify.saved import network

if TYPE_CHECKING:
    from lane.cost.inventory import Inventory

ACCOUNT, REGION = "123456789012", "us-east-1"
HOURS = 730

Records = Mapping[str, list[dict[str, Any]]]


def inventory(records: Records, workload: Workload | None = None) -> Inventory:
    places = (Answers(ACCOUNT, REGION, records),)
    return live_inventory(places, network_of(places), workload)


def counted(records: Records, workload: Workload | None = None) -> dict[str, Decimal]:
    """How many of each item run all month."""
    found: dict[str, Decimal] = {}
    for charge in inventory(records, workload).charges:
        found[charge.item] = found.get(charge.item, Decimal()) + charge.quantity / HOURS
        assert charge.region == REGION
    return found


def test_the_network_is_counted_as_it_is_declared() -> None:
    found = counted(network())
    assert found == {"nat_hour": 1}


def test_what_is_deleted_and_still_listed_is_not_billed() -> None:
    answers = network()
    for state in ("deleted", "failed"):
        answers["NatGateways"].append(
            {"NatGatewayId": f"nat-{state}", "SubnetId": "subnet-apub", "State": state,
             "NatGatewayAddresses": [{"PublicIp": "198.51.100.9"}]}
        )  # fmt: skip
    assert counted(answers) == {"nat_hour": 1}


def test_an_address_is_billed_once_whether_it_is_used_or_not() -> None:
    answers = network()
    answers["NatGateways"][0]["NatGatewayAddresses"] = [
        {"PublicIp": "203.0.113.1", "AllocationId": "eipalloc-1"}
    ]
    answers["Addresses"] = [
        {"PublicIp": "203.0.113.1", "AllocationId": "eipalloc-1", "PublicIpv4Pool": "amazon"},
        {"PublicIp": "203.0.113.2", "AllocationId": "eipalloc-2"},
        {"PublicIp": "203.0.113.3", "PublicIpv4Pool": "ipv4pool-ec2-0123456789abcdef0"},
    ]
    assert counted(answers) == {"nat_hour": 1, "public_ipv4_hour": 2}


def test_a_regional_nat_gateway_is_billed_where_it_is_active() -> None:
    answers = network()
    answers["NatGateways"] = [
        {
            "NatGatewayId": "nat-a",
            "VpcId": "vpc-a",
            "State": "available",
            "AvailabilityMode": "regional",
            "NatGatewayAddresses": [
                {"PublicIp": "203.0.113.1", "AvailabilityZoneId": "use1-az1"},
                {"PublicIp": "203.0.113.2", "AvailabilityZoneId": "use1-az1"},
                {"PublicIp": "203.0.113.3", "AvailabilityZoneId": "use1-az2"},
            ],
        }
    ]
    assert counted(answers) == {"regional_nat_hour": 2, "public_ipv4_hour": 3}


def balancer(**more: object) -> dict[str, Any]:
    return {
        "LoadBalancerArn": "arn:lb",
        "LoadBalancerName": "shop",
        "Type": "application",
        "Scheme": "internet-facing",
        "State": {"Code": "active"},
        "AvailabilityZones": [
            {"ZoneName": "us-east-1a", "SubnetId": "subnet-1", "LoadBalancerAddresses": []},
            {"ZoneName": "us-east-1b", "SubnetId": "subnet-2"},
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"application_load_balancer_hour": 1, "public_ipv4_hour": 2}),
        ({"Scheme": "internal"}, {"application_load_balancer_hour": 1}),
        (
            {"IpAddressType": "dualstack-without-public-ipv4"},
            {"application_load_balancer_hour": 1},
        ),
        ({"Type": "gateway"}, {"gateway_load_balancer_hour": 1}),
        ({"State": {"Code": "failed"}}, {}),
        (
            {
                "Type": "network",
                "AvailabilityZones": [
                    {"LoadBalancerAddresses": [{"AllocationId": "eipalloc-1"}]},
                    {"LoadBalancerAddresses": [{"PrivateIPv4Address": "10.0.0.1"}]},
                ],
            },
            {"network_load_balancer_hour": 1, "public_ipv4_hour": 1},
        ),
    ],
)
def test_a_load_balancer_is_billed_with_the_addresses_that_aws_gives_it(
    more: dict[str, Any], expected: dict[str, int]
) -> None:
    assert counted({"LoadBalancers": [balancer(**more)]}) == expected


def test_capacity_units_are_said_by_the_workload_file() -> None:
    workload = Workload(load_balancer_units={"shop": Decimal(3)})
    found = counted({"LoadBalancers": [balancer(Scheme="internal")]}, workload)
    assert found["application_load_balancer_unit_hour"] == 3


def test_a_classic_load_balancer_is_another_item() -> None:
    classic = {
        "DNSName": "old.example",
        "LoadBalancerName": "old",
        "Scheme": "internet-facing",
        "Subnets": ["subnet-1", "subnet-2"],
    }
    assert counted({"LoadBalancerDescriptions": [classic]}) == {
        "classic_load_balancer_hour": 1,
        "public_ipv4_hour": 2,
    }


def test_control_planes_are_billed_by_tier_until_they_are_deleted() -> None:
    clusters: list[dict[str, Any]] = [
        {"arn": "arn:1", "name": "one", "status": "ACTIVE"},
        {"arn": "arn:2", "name": "two", "controlPlaneScalingConfig": {"tier": "tier-xl"}},
        {"arn": "arn:3", "name": "three", "status": "DELETING"},
    ]
    assert counted({"clusters": clusters}) == {"eks_cluster_hour": 1, "eks_xl_cluster_hour": 1}


def tasks(**more: Any) -> dict[str, list[dict[str, Any]]]:
    """A service of four tasks, of which three run."""
    service = {
        "serviceArn": "arn:service",
        "serviceName": "shop",
        "status": "ACTIVE",
        "launchType": "FARGATE",
        "desiredCount": 4,
        "runningCount": 3,
        "taskDefinition": "arn:definition",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": [], **more.pop("vpc", {})}},
    }
    definition = {
        "taskDefinitionArn": "arn:definition",
        "cpu": "512",
        "memory": "1024",
        "containerDefinitions": [],
        **more,
    }
    return {"services": [service], "taskDefinitions": [definition]}


def test_tasks_are_billed_as_many_as_run() -> None:
    assert counted(tasks()) == {"fargate_vcpu_hour": Decimal("1.5"), "fargate_gb_hour": 3}
    arm = tasks(runtimePlatform={"cpuArchitecture": "ARM64"}, ephemeralStorage={"sizeInGiB": 30})
    assert counted(arm) == {
        "fargate_arm_vcpu_hour": Decimal("1.5"),
        "fargate_arm_gb_hour": 3,
        "fargate_storage_gb_hour": 30,
    }
    assert counted(tasks(vpc={"assignPublicIp": "ENABLED"}))["public_ipv4_hour"] == 3


def test_the_workload_file_says_how_many_tasks_run_on_average() -> None:
    found = counted(tasks(), Workload(tasks={"shop": Decimal(10)}))
    assert found["fargate_gb_hour"] == 10


def test_tasks_of_an_unread_definition_are_named_not_guessed() -> None:
    alone = {"services": tasks()["services"]}
    found = inventory(alone)
    assert found.charges == ()
    assert (
        "the tasks of shop are not counted: the cpu and memory of its task definition are not known"
        in found.notes
    )


def test_flow_logs_are_billed_by_the_volume_that_somebody_names() -> None:
    log = {
        "FlowLogId": "fl-1",
        "LogDestinationType": "s3",
        "DestinationOptions": {"FileFormat": "parquet"},
    }
    assert "fl-1 is not counted" in inventory({"FlowLogs": [log]}).notes[0]
    found = inventory({"FlowLogs": [log]}, Workload(flow_logs={"fl-1": Decimal(30)}))
    assert [(one.item, one.quantity) for one in found.others] == [
        ("flow_logs_s3_gb", Decimal(30)),
        ("flow_logs_parquet_gb", Decimal(30)),
    ]


def attachment(vpc: str, owner: str) -> dict[str, Any]:
    return {
        "TransitGatewayAttachmentId": f"tgw-attach-{vpc}",
        "TransitGatewayId": "tgw-1",
        "ResourceType": "vpc",
        "ResourceId": vpc,
        "ResourceOwnerId": owner,
        "State": "available",
    }


def test_an_attachment_is_billed_to_the_owner_of_the_vpc() -> None:
    answers = network()
    answers["TransitGatewayAttachments"] = [
        attachment("vpc-a", ACCOUNT),
        attachment("vpc-theirs", "999999999999"),
        {**attachment("vpc-old", ACCOUNT), "State": "deleted"},
    ]
    assert counted(answers)["transit_attachment_hour"] == 1


def test_what_no_answer_holds_is_named() -> None:
    (note,) = (one for one in inventory(network()).notes if one.startswith("not counted"))
    assert note == (
        "not counted, because no saved answer holds them for us-east-1 of account 123456789012: "
        "elastic addresses, load balancers, Classic Load Balancers, ECS services, EKS clusters, "
        "EKS node groups"
    )


def test_a_region_that_no_answer_names_is_asked_for() -> None:
    places = (Answers(None, None, {"Addresses": [{"PublicIp": "203.0.113.1"}]}),)
    with pytest.raises(Unusable, match=r"the region of 203\.0\.113\.1 is not known"):
        live_inventory(places, network_of(places))
    found = live_inventory(places, network_of(places), region="eu-west-1")
    assert [one.region for one in found.others] == ["eu-west-1"]


def test_nodes_are_billed_as_many_as_their_group_was_last_asked_for() -> None:
    group = {
        "nodegroupArn": "arn:nodes",
        "nodegroupName": "nodes",
        "status": "ACTIVE",
        "scalingConfig": {"minSize": 1, "maxSize": 9, "desiredSize": 4},
        "instanceTypes": ["m7g.large"],
        "subnets": [],
    }
    gone = {**group, "nodegroupArn": "arn:gone", "status": "DELETING"}
    assert counted({"nodegroups": [group, gone]}) == {"instance_hour:m7g.large": 4}


def test_an_auto_mode_cluster_pays_the_fee_of_each_instance() -> None:
    cluster = {"arn": "arn:1", "name": "main", "computeConfig": {"enabled": True}}
    workload = Workload(auto_mode={"main": {"m7i.large": Decimal(2)}})
    assert counted({"clusters": [cluster]}, workload) == {
        "eks_cluster_hour": 1,
        "instance_hour:m7i.large": 2,
        "eks_auto_mode_hour:m7i.large": 2,
    }
