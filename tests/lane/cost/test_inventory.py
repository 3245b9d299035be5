"""What is counted, and what of it is public addresses: exact counts of exact resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from lane.cost.declared import declared_inventory
from lane.cost.inventory import inventory_of
from lane.cost.usage import Workload
from lane.errors import Unusable
from privatelane_paths.known import Unknown
from privatelane_paths.sources.graph import network_of
from privatelane_paths.sources.resource import COMPUTED, Resource, StackSettings
from tests.lane.cost.tables import REGION, SETTINGS, resource, urn

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
NAT = "aws:ec2/natGateway:NatGateway"
EIP = "aws:ec2/eip:Eip"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"

IN_VPC = {"vpcId": (urn(VPC, "vpc"),)}
NETWORK = (
    resource(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}),
    *(
        resource(
            SUBNET,
            name,
            {
                "vpcId": COMPUTED,
                "cidrBlock": f"10.0.{place}.0/24",
                "availabilityZone": f"us-east-1{zone}",
            },
            IN_VPC,
        )
        for place, (name, zone) in enumerate((("a", "a"), ("b", "b"), ("c", "c")))
    ),
)


def counted(
    *resources: Resource, workload: Workload | None = None, settings: StackSettings = SETTINGS
) -> dict[str, Decimal]:
    """How many units of each item run at once, or flow in a month."""
    network = network_of((*NETWORK, *resources), settings)
    every = (*NETWORK, *resources)
    ours = {one.urn for one in every if not one.external}
    found: Counter[str] = Counter()
    charges = (
        *inventory_of(network, ours).charges,
        *declared_inventory(every, settings, network, workload).others,
    )
    for one in charges:
        hours = one.item.partition(":")[0].endswith("hour")
        found[one.item] += one.quantity / 730 if hours else one.quantity  # type: ignore[assignment]
    return {item: Decimal(quantity) for item, quantity in found.items() if quantity}


def nat(name: str, inputs: Mapping[str, object], deps: Mapping[str, tuple[str, ...]]) -> Resource:
    return resource(NAT, name, inputs, deps)


IN_A = {"subnetId": (urn(SUBNET, "a"),)}


def test_a_nat_gateway_has_one_address_whoever_declares_it() -> None:
    """An elastic IP of the stack is counted where it stands, a literal one at the gateway."""
    with_eip = nat(
        "nat", {"subnetId": COMPUTED, "allocationId": COMPUTED},
        {**IN_A, "allocationId": (urn(EIP, "ip"),)},
    )  # fmt: skip
    literal = nat("nat", {"subnetId": COMPUTED, "allocationId": "eipalloc-1"}, IN_A)
    expected = {"nat_hour": 1, "public_ipv4_hour": 1}
    assert counted(with_eip, resource(EIP, "ip", {"domain": "vpc"})) == expected
    assert counted(literal) == expected
    known = resource(EIP, "ip", {"domain": "vpc"}, id="eipalloc-1")
    assert counted(literal, known) == expected


def test_a_private_nat_gateway_has_no_address() -> None:
    private = nat("nat", {"subnetId": COMPUTED, "connectivityType": "private"}, IN_A)
    assert counted(private) == {"nat_hour": 1}


def test_a_regional_nat_gateway_is_billed_in_every_zone() -> None:
    regional = nat("nat", {"vpcId": COMPUTED, "availabilityMode": "regional"}, IN_VPC)
    assert counted(regional) == {"regional_nat_hour": 3, "public_ipv4_hour": 3}


def test_addresses_that_were_brought_are_free() -> None:
    own = resource(EIP, "own", {"publicIpv4Pool": "ipv4pool-ec2-012345"})
    assert counted(own, resource(EIP, "amazons", {"publicIpv4Pool": "amazon"})) == {
        "public_ipv4_hour": 1
    }


def endpoint(name: str, kind: str, service: str, subnets: str = "") -> Resource:
    return resource(
        ENDPOINT,
        name,
        {
            "vpcId": COMPUTED,
            "vpcEndpointType": kind,
            "serviceName": f"com.amazonaws.us-east-1.{service}",
            **({"subnetIds": [COMPUTED] * len(subnets)} if subnets else {}),
        },
        {**IN_VPC, "subnetIds": tuple(urn(SUBNET, one) for one in subnets)},
    )


def test_an_interface_endpoint_is_billed_in_each_of_its_subnets_and_a_gateway_one_not() -> None:
    found = counted(
        endpoint("api", "Interface", "ecr.api", "abc"),
        endpoint("dkr", "Interface", "ecr.dkr", "ab"),
        endpoint("s3", "Gateway", "s3"),
    )
    assert found == {"interface_endpoint_hour": 5}


def test_what_the_stack_only_reads_is_not_on_its_bill() -> None:
    read = [
        resource(kind, "theirs", {}, external=True)
        for kind in (NAT, EIP, LOAD_BALANCER, ENDPOINT, "aws:eks/cluster:Cluster")
    ]
    assert counted(*read) == {}


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"subnets": ["a", "b"]}, {"application_load_balancer_hour": 1, "public_ipv4_hour": 2}),
        ({"subnets": ["a", "b"], "internal": True}, {"application_load_balancer_hour": 1}),
        (
            {"subnetMappings": [{"subnetId": "a", "allocationId": "e"}, {"subnetId": "b"}],
             "loadBalancerType": "network"},
            {"network_load_balancer_hour": 1, "public_ipv4_hour": 1},
        ),
        ({"subnets": ["a"], "loadBalancerType": "gateway"}, {"gateway_load_balancer_hour": 1}),
        (
            {"subnets": ["a"], "ipAddressType": "dualstack-without-public-ipv4"},
            {"application_load_balancer_hour": 1},
        ),
    ],
)  # fmt: skip
def test_a_load_balancer_that_faces_the_internet_has_an_address_a_subnet(
    inputs: dict[str, object], expected: dict[str, int]
) -> None:
    assert counted(resource(LOAD_BALANCER, "lb", inputs)) == expected


def service(**inputs: object) -> tuple[Resource, Resource]:
    definition: dict[str, object] = {
        "cpu": "512",
        "memory": "1 GB",
        "requiresCompatibilities": ["FARGATE"],
        **{key: value for key, value in inputs.items() if key in ("cpu", "ephemeralStorage")},
        "runtimePlatform": inputs.get("runtimePlatform", {}),
        "containerDefinitions": "[]",
    }
    given: dict[str, object] = {
        "desiredCount": 3,
        "launchType": "FARGATE",
        "taskDefinition": COMPUTED,
        "networkConfiguration": {"subnets": [], "assignPublicIp": inputs.get("public", False)},
    }
    deps = {"taskDefinition": (urn(TASK, "task"),)}
    return resource(TASK, "task", definition), resource(SERVICE, "shop", given, deps)


def test_fargate_tasks_are_billed_by_what_each_is_given() -> None:
    assert counted(*service()) == {"fargate_vcpu_hour": Decimal("1.5"), "fargate_gb_hour": 3}
    arm = service(runtimePlatform={"cpuArchitecture": "ARM64"}, cpu=".25 vCPU")
    assert counted(*arm) == {"fargate_arm_vcpu_hour": Decimal("0.75"), "fargate_arm_gb_hour": 3}
    disk = service(ephemeralStorage={"sizeInGib": 50})
    assert counted(*disk)["fargate_storage_gb_hour"] == 90


def test_windows_tasks_are_another_item() -> None:
    windows = service(runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"})
    assert set(counted(*windows)) == {"fargate_windows_vcpu_hour", "fargate_windows_gb_hour"}


def test_tasks_with_public_addresses_pay_for_each() -> None:
    assert counted(*service(public=True))["public_ipv4_hour"] == 3


def test_the_workload_file_says_how_many_tasks_run() -> None:
    found = counted(*service(), workload=Workload(tasks={"shop": Decimal(10)}))
    assert found["fargate_gb_hour"] == 10


def test_control_planes_are_billed_by_tier() -> None:
    cluster = "aws:eks/cluster:Cluster"
    found = counted(
        resource(cluster, "one", {}),
        resource(cluster, "two", {"controlPlaneScalingConfig": {"tier": "tier-xl"}}),
        resource("eks:index:Cluster", "remote", {}, custom=False),
    )
    assert found == {"eks_cluster_hour": 2, "eks_xl_cluster_hour": 1}


def test_transit_gateway_attachments_are_billed_where_they_are_declared() -> None:
    attachment = resource(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        "attachment",
        {"vpcId": COMPUTED, "subnetIds": [], "transitGatewayId": "tgw-0123"},
        IN_VPC,
    )
    assert counted(attachment) == {"transit_attachment_hour": 1}


def test_flow_logs_are_billed_by_the_volume_that_somebody_names() -> None:
    flow = resource(
        "aws:ec2/flowLog:FlowLog",
        "flow",
        {"logDestinationType": "s3", "destinationOptions": {"fileFormat": "parquet"}},
    )
    assert counted(flow) == {}
    assert counted(flow, workload=Workload(flow_logs={"flow": Decimal(30)})) == {
        "flow_logs_s3_gb": 30,
        "flow_logs_parquet_gb": 30,
    }


def notes(*resources: Resource, workload: Workload | None = None) -> tuple[str, ...]:
    network = network_of(resources, SETTINGS)
    return declared_inventory(resources, SETTINGS, network, workload).notes


def test_what_is_left_out_is_named() -> None:
    found = notes(
        resource("aws:kms/key:Key", "key", {}),
        resource("aws:kms/key:Key", "other", {}),
        resource("aws:networkfirewall/firewall:Firewall", "wall", {}),
        resource("aws:ec2/flowLog:FlowLog", "flow", {}),
    )
    assert found == (
        "flow is not counted: say its GB a month under `flow_logs` of the workload file",
        "not part of this bill: KMS keys (2), network firewalls (1)",
    )


def test_tasks_of_a_foreign_definition_are_named_not_guessed() -> None:
    (_, alone) = service()
    foreign = resource(SERVICE, "shop", {**(alone.inputs or {}), "taskDefinition": "other:7"})
    assert notes(foreign) == (
        "the tasks of shop are not counted: its task definition is not part of this stack",
    )


def test_a_region_that_nobody_names_is_asked_for() -> None:
    unknown: Any = StackSettings(Unknown("the region"))
    with pytest.raises(Unusable, match=r"the region of ip is not known.*--region us-east-1"):
        counted(resource(EIP, "ip", {}), settings=unknown)
    network = network_of((resource(EIP, "ip", {}),), unknown)
    found = declared_inventory((resource(EIP, "ip", {}),), unknown, network, region="eu-west-1")
    assert [one.region for one in found.others] == ["eu-west-1"]


def test_resources_of_another_region_are_billed_there() -> None:
    far = resource(EIP, "ip", {"region": "sa-east-1"})
    found = declared_inventory((far,), SETTINGS, network_of((far,), SETTINGS))
    assert [one.region for one in found.others] == ["sa-east-1"]
    assert REGION == "us-east-1"


NODES, LAUNCH = "aws:eks/nodeGroup:NodeGroup", "aws:ec2/launchTemplate:LaunchTemplate"


def test_nodes_are_billed_by_their_type_and_number() -> None:
    size = {"scalingConfig": {"desiredSize": 3, "minSize": 1, "maxSize": 6}}
    assert counted(resource(NODES, "nodes", {**size, "instanceTypes": ["m7g.large"]})) == {
        "instance_hour:m7g.large": 3
    }
    assert counted(resource(NODES, "nodes", size)) == {"instance_hour:t3.medium": 3}
    workload = Workload(nodes={"nodes": Decimal("4.5")})
    assert counted(resource(NODES, "nodes", size), workload=workload) == {
        "instance_hour:t3.medium": Decimal("4.5")
    }


def test_nodes_of_a_launch_template_are_of_its_type() -> None:
    template = resource(LAUNCH, "template", {"instanceType": "c7g.large"})
    group = resource(
        NODES,
        "nodes",
        {
            "scalingConfig": {"desiredSize": 2},
            "launchTemplate": {"id": COMPUTED, "version": "1"},
        },
        {"launchTemplate": (urn(LAUNCH, "template"),)},
    )
    assert counted(template, group) == {"instance_hour:c7g.large": 2}
    assert counted(group) == {}
    assert "their instance type is not known" in notes(group)[0]


def test_the_size_a_scaler_moves_is_what_the_group_starts_with() -> None:
    group = resource(
        NODES,
        "nodes",
        {"scalingConfig": {"desiredSize": 2}, "instanceTypes": ["m5.large", "m5a.large"],
         "capacityType": "SPOT"},
        ignore_changes=("scalingConfig.desiredSize",),
    )  # fmt: skip
    assert counted(group) == {"instance_hour:m5.large": 2}
    assert notes(group) == (
        "the nodes of nodes are counted as m5.large, the first of their types",
        "the nodes of nodes are counted on demand, although they are Spot",
    )


def test_what_auto_mode_starts_is_said_by_the_workload_file_and_billed_with_its_fee() -> None:
    cluster = resource("aws:eks/cluster:Cluster", "main", {"computeConfig": {"enabled": True}})
    assert counted(cluster) == {"eks_cluster_hour": 1}
    (told,) = notes(cluster)
    assert told == (
        "what EKS Auto Mode starts for main is not counted: say it under `auto_mode` of the "
        "workload file, such as {main: {m7i.large: 3}}"
    )
    workload = Workload(auto_mode={"main": {"m7i.large": Decimal(2)}})
    assert counted(cluster, workload=workload) == {
        "eks_cluster_hour": 1,
        "instance_hour:m7i.large": 2,
        "eks_auto_mode_hour:m7i.large": 2,
    }
