"""What each family of resources says, in AWS's own terms and with the provider's defaults."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from privatelane_paths.facts import (
    AttachmentKind,
    Direction,
    EndpointKind,
    GatewayKind,
    Network,
    NetworkAclEntry,
    PortRange,
    SecurityRule,
    WorkloadKind,
)
from privatelane_paths.known import Ref, Refs, Unknown
from privatelane_paths.sources.graph import network_of
from tests.paths.sources.world import world
from tests.programs import Made, Out, Program
from tests.rules.networks import GROUP, IMAGE, SUBNET, VPC, Net

ANYWHERE = ip_network("0.0.0.0/0")
NOWHERE = ("urn:pulumi:dev::net::aws:ec2/eip:Eip::x",)
URN = "urn:pulumi:dev::net::"


@pytest.fixture(scope="module")
def facts() -> Network:
    return network_of(world().resources(known=False))


def named(facts: tuple[Any, ...], name: str) -> Any:
    (found,) = [one for one in facts if one.name == name]
    return found


def group_of(**args: object) -> tuple[SecurityRule, ...]:
    program = Program()
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    program.add(GROUP, "app", {"vpcId": vpc.id, **args})
    rules: tuple[SecurityRule, ...] = named(
        network_of(program.resources(known=False)).security_groups, "app"
    ).rules
    return rules


def test_a_vpc_has_the_providers_defaults() -> None:
    program = Program()
    program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})

    (vpc,) = network_of(program.resources(known=False)).vpcs

    assert (vpc.dns_support, vpc.dns_hostnames, vpc.dns_servers) == (True, False, None)
    assert (vpc.region, vpc.outside) == ("us-east-1", False)


def test_a_resources_own_region_wins_over_its_providers() -> None:
    program = Program()
    program.add(VPC, "own", {"cidrBlock": "10.0.0.0/16", "region": "eu-west-1"})
    program.add(VPC, "provider", {"cidrBlock": "10.1.0.0/16"}, region="us-west-2")

    found = network_of(program.resources(known=False)).vpcs

    assert {one.name: one.region for one in found} == {"own": "eu-west-1", "provider": "us-west-2"}


def test_secondary_ranges_and_dhcp_options_belong_to_their_vpc(facts: Network) -> None:
    adopted = named(facts.vpcs, "adopted")
    assert adopted.cidrs == (ip_network("10.2.0.0/16"), ip_network("100.64.0.0/16"))
    assert named(facts.vpcs, "main").dns_servers == ("10.0.0.2",)


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (["AmazonProvidedDNS"], None),
        (["10.0.0.2", "AmazonProvidedDNS"], ("10.0.0.2", "AmazonProvidedDNS")),
        (None, ()),
    ],
)
def test_dhcp_options_may_name_amazons_resolver(servers: object, expected: object) -> None:
    program = Program()
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    options = program.add(
        "aws:ec2/vpcDhcpOptions:VpcDhcpOptions", "own", {"domainNameServers": servers}
    )
    program.add(
        "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation",
        "own",
        {"vpcId": vpc.id, "dhcpOptionsId": options.id},
    )

    assert network_of(program.resources(known=False)).vpcs[0].dns_servers == expected


def test_an_endpoint_has_the_providers_defaults() -> None:
    program = Program()
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    program.add(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "bare",
        {"vpcId": vpc.id, "serviceName": "com.amazonaws.us-east-1.s3"},
    )

    (endpoint,) = network_of(program.resources(known=False)).endpoints

    assert (endpoint.kind, endpoint.private_dns, endpoint.inbound_only) == (
        EndpointKind.GATEWAY,
        False,
        False,
    )
    assert (endpoint.policy, endpoint.ip_address_type) == (None, "ipv4")
    assert endpoint.route_tables == endpoint.security_groups == Refs()


def test_an_interface_endpoint_without_groups_has_the_vpcs_default_one() -> None:
    program = Program()
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    program.add(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "logs",
        {
            "vpcId": vpc.id,
            "serviceName": "com.amazonaws.us-east-1.logs",
            "vpcEndpointType": "Interface",
        },
    )

    network = network_of(program.resources(known=False))

    key = f"{vpc.urn}#default-security-group"
    assert network.endpoints[0].security_groups == Refs.of([key])
    group = next(one for one in network.security_groups if one.key == key)
    assert [(rule.direction, rule.peer) for rule in group.rules] == [
        (Direction.INGRESS, Ref.to(key)),
        (Direction.EGRESS, ANYWHERE),
        (Direction.EGRESS, ip_network("::/0")),
    ]


def test_association_resources_complete_an_endpoint(facts: Network) -> None:
    late = named(facts.endpoints, "late")

    assert late.private_dns is True
    assert late.policy == '{"Statement": []}'
    assert late.subnets == Refs.of([f"{URN}{SUBNET}::private-a"])
    assert late.security_groups == Refs.of([f"{URN}{GROUP}::endpoints"])


def test_rules_of_all_three_spellings_are_the_groups(facts: Network) -> None:
    group = named(facts.security_groups, "endpoints")

    assert {(rule.direction, rule.protocol, rule.ports, rule.peer) for rule in group.rules} == {
        (Direction.INGRESS, "tcp", PortRange(443, 443), ip_network("10.0.0.0/16")),
        (Direction.INGRESS, "tcp", PortRange(443, 443), Ref.to(group.key)),
        (Direction.EGRESS, "-1", None, ANYWHERE),
    }


@pytest.mark.parametrize(
    ("rule", "protocol", "ports"),
    [
        ({"protocol": "TCP", "fromPort": 443.0, "toPort": 443.0}, "tcp", PortRange(443, 443)),
        ({"protocol": 6, "fromPort": 0, "toPort": 65535}, "6", None),
        ({"protocol": "all", "fromPort": 0, "toPort": 0}, "-1", None),
        ({"protocol": "icmp", "fromPort": 8, "toPort": 0}, "icmp", None),
    ],
)
def test_protocols_and_ports_are_read_as_ec2_reads_them(
    rule: dict[str, object], protocol: str, ports: PortRange | None
) -> None:
    (found,) = group_of(ingress=[{**rule, "cidrBlocks": ["0.0.0.0/0"]}])

    assert (found.protocol, found.ports) == (protocol, ports)


def test_a_rule_for_itself_and_one_for_nobody_known() -> None:
    itself, unknown = group_of(
        ingress=[
            {"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True},
            {"protocol": "-1", "fromPort": 0, "toPort": 0,
             "securityGroups": [Out("sg-1", NOWHERE)]},
        ]
    )  # fmt: skip

    assert itself.peer == Ref.to(f"{URN}{GROUP}::app")
    assert isinstance(unknown.peer, Ref)
    assert unknown.peer.open


def test_a_separate_rule_for_an_unknown_group_puts_every_group_in_doubt() -> None:
    net = Net()
    net.program.add(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "odd",
        {"securityGroupId": Out("sg-1", NOWHERE), "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
    )

    group = named(network_of(net.program.resources(known=False)).security_groups, "endpoints")

    assert group.missing == "the value of securityGroupId of odd"


def test_an_acl_has_the_lines_of_both_spellings(facts: Network) -> None:
    acl = named(facts.network_acls, "private")

    assert acl.subnets == Refs.of([f"{URN}{SUBNET}::private-a", f"{URN}{SUBNET}::private-b"])
    assert acl.entries == (
        NetworkAclEntry(100, Direction.INGRESS, True, "-1", None, ANYWHERE),
        NetworkAclEntry(110, Direction.EGRESS, False, "tcp", PortRange(443, 443), ANYWHERE),
    )


def test_an_adopted_default_acl_denies_what_it_does_not_list(facts: Network) -> None:
    assert named(facts.network_acls, "adopted").entries == ()
    assert len(named(facts.network_acls, "default network ACL of main").entries) == 4


def test_peerings_are_active_once_either_side_accepts(facts: Network) -> None:
    assert facts.peerings[0].active is True
    net = Net()
    net.program.add(
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        "asked",
        {"vpcId": net.vpc.id, "peerVpcId": "vpc-0far"},
    )

    (asked,) = network_of(net.program.resources(known=False)).peerings

    assert asked.active == Unknown("whether the other side accepts asked")


def test_a_peering_that_is_only_accepted_is_one_too() -> None:
    net = Net()
    net.program.add(
        "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
        "theirs",
        {"vpcPeeringConnectionId": "pcx-0far", "autoAccept": True},
    )

    (peering,) = network_of(net.program.resources(known=False)).peerings

    assert (peering.key, peering.active) == ("pcx-0far", True)
    assert peering.requester.open


def test_a_transit_gateway_has_a_default_table_of_its_own(facts: Network) -> None:
    hub = named(facts.transit_gateways, "hub")

    assert (hub.default_association, hub.default_propagation) == (False, True)
    assert hub.default_table == Ref.to(f"{hub.key}#default-route-table")
    hole = next(one for one in facts.transit_routes if one.key.endswith("::hole"))
    assert (hole.attachment, hole.table) == (None, hub.default_table)
    assert {one.kind for one in facts.attachments} == {AttachmentKind.VPC}


def test_another_default_table_can_be_chosen() -> None:
    program = Program()
    hub = program.add("aws:ec2transitgateway/transitGateway:TransitGateway", "hub", {})
    table = program.add(
        "aws:ec2transitgateway/routeTable:RouteTable", "own", {"transitGatewayId": hub.id}
    )
    program.add(
        "aws:ec2transitgateway/defaultRouteTableAssociation:DefaultRouteTableAssociation",
        "own",
        {"transitGatewayId": hub.id, "transitGatewayRouteTableId": table.id},
    )

    (found,) = network_of(program.resources(known=False)).transit_gateways

    assert found.default_table == Ref.to(table.urn)


def test_the_accepter_of_a_shared_attachment_decides_on_its_tables() -> None:
    net = Net()
    attachment = net.program.add(
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        "spoke",
        {
            "transitGatewayId": "tgw-0abc",
            "vpcId": net.vpc.id,
            "subnetIds": [net.private["a"].id],
        },
    )
    net.program.add(
        "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter",
        "spoke",
        {
            "transitGatewayAttachmentId": attachment.id,
            "transitGatewayDefaultRouteTableAssociation": False,
        },
    )

    (found,) = network_of(net.program.resources(known=False)).attachments

    assert (found.default_association, found.default_propagation) == (False, True)


def test_names_of_records_are_whole(facts: Network) -> None:
    (record,) = facts.zone_records

    assert record.name == "*.dkr.ecr.us-east-1.amazonaws.com"
    assert record.endpoint == Ref.to(f"{URN}aws:ec2/vpcEndpoint:VpcEndpoint::ecr.dkr")


@pytest.mark.parametrize(
    ("name", "whole"),
    [("", "corp.example"), ("api", "api.corp.example"), ("API.corp.example.", "api.corp.example")],
)
def test_a_record_is_named_within_its_zone_or_whole(name: str, whole: str) -> None:
    net = Net()
    zone = net.program.add(
        "aws:route53/zone:Zone",
        "corp",
        {"name": "corp.example.", "vpcs": [{"vpcId": net.vpc.id}]},
    )
    net.program.add(
        "aws:route53/record:Record",
        "api",
        {"zoneId": zone.id, "name": name, "type": "A", "records": ["10.0.0.7"]},
    )

    (record,) = network_of(net.program.resources(known=False)).zone_records

    assert (record.name, record.values) == (whole, ("10.0.0.7",))


@pytest.mark.parametrize(
    ("kind", "answers"),
    [("A", 1), ("AAAA", 1), ("CNAME", 1), ("TXT", 0), ("MX", 0), ("CAA", 0)],
)
def test_records_that_give_nobody_an_address_are_left_out(kind: str, answers: int) -> None:
    net = Net()
    zone = net.program.add(
        "aws:route53/zone:Zone", "corp", {"name": "corp.example", "vpcs": [{"vpcId": net.vpc.id}]}
    )
    record = {"zoneId": zone.id, "name": "", "type": kind, "records": ["said"]}
    net.program.add("aws:route53/record:Record", "said", record)

    found = network_of(net.program.resources(known=False)).zone_records

    assert [one.values for one in found] == [("said",)] * answers


def test_public_zones_are_left_out_and_profiles_bring_private_ones() -> None:
    net = Net()
    add = net.program.add
    add("aws:route53/zone:Zone", "public", {"name": "example.com"}, identifier="Z0001")
    zone = add(
        "aws:route53/zone:Zone",
        "shared",
        {"name": "corp", "vpcs": [{"vpcId": "vpc-0hub"}]},
        identifier="Z0002",
        outputs={"arn": "arn:aws:route53:::hostedzone/Z0002"},
    )
    profile = add("aws:route53/profilesProfile:ProfilesProfile", "all", {})
    add(
        "aws:route53/profilesAssociation:ProfilesAssociation",
        "main",
        {"profileId": profile.id, "resourceId": net.vpc.id},
    )
    add(
        "aws:route53/profilesResourceAssociation:ProfilesResourceAssociation",
        "corp",
        {"profileId": profile.id, "resourceArn": zone.arn},
    )

    for known in (False, True):
        (found,) = network_of(net.program.resources(known=known)).hosted_zones
        assert (found.domain, found.vpcs) == ("corp", Refs.of(["vpc-0hub", net.vpc.urn]))


def test_gateways_know_their_vpc_in_either_spelling(facts: Network) -> None:
    loose = named(facts.gateways, "loose")

    assert (loose.kind, loose.vpc) == (GatewayKind.INTERNET, Ref.to(f"{URN}{VPC}::adopted"))


def test_workloads_need_what_their_containers_say(facts: Network) -> None:
    app = named(facts.workloads, "app")

    assert (app.kind, app.images, app.public_ip) == (WorkloadKind.ECS_FARGATE, (IMAGE,), False)
    assert app.services == ("logs", "secretsmanager")
    assert app.platform_version == "LATEST"


def test_tasks_on_instances_pull_where_the_instances_are(facts: Network) -> None:
    batch = named(facts.workloads, "batch")

    assert (batch.kind, batch.images) == (WorkloadKind.ECS_EC2, ("nginx",))
    assert batch.subnets == Refs.of([f"{URN}{SUBNET}::private-a", f"{URN}{SUBNET}::private-b"])
    assert batch.security_groups == Refs.of([f"{URN}{GROUP}::endpoints"])
    assert batch.services == ("ecs", "ecs-agent", "ecs-telemetry", "ssmmessages")


def test_eks_pulls_its_own_images_from_awss_registry(facts: Network) -> None:
    nodes, system = named(facts.workloads, "nodes"), named(facts.workloads, "system")

    assert (nodes.kind, system.kind) == (WorkloadKind.EKS_NODES, WorkloadKind.EKS_FARGATE)
    assert nodes.images == system.images == ("*.dkr.ecr.us-east-1.amazonaws.com/*",)
    cluster = f"{URN}aws:eks/cluster:Cluster::eks#cluster-security-group"
    assert nodes.security_groups == system.security_groups == Refs.of([cluster])


def service_with(containers: object, **service: object) -> Network:
    program = Program()
    task: Made = program.add(
        "aws:ecs/taskDefinition:TaskDefinition",
        "app",
        {"family": "app", "containerDefinitions": containers,
         "requiresCompatibilities": ["FARGATE"]},
        outputs={"arn": "arn:aws:ecs:us-east-1:1:task-definition/app:1"},
    )  # fmt: skip
    program.add("aws:ecs/service:Service", "app", {"taskDefinition": task.arn, **service})
    return network_of(program.resources(known=False))


def test_containers_that_name_a_new_repository_come_from_ecr_at_least() -> None:
    repository = "urn:pulumi:dev::net::aws:ecr/repository:Repository::app"

    (found,) = service_with(Out("[]", (repository,))).workloads

    assert isinstance(found.images, tuple)
    first, rest = found.images
    assert first == "*.dkr.ecr.us-east-1.amazonaws.com/*"
    assert rest == Unknown("the other images in the value of containerDefinitions of app")


def test_a_task_for_fargate_only_runs_there() -> None:
    (found,) = service_with("[]").workloads

    assert found.kind is WorkloadKind.ECS_FARGATE


def test_containers_that_are_no_json_are_a_missing_fact() -> None:
    (found,) = service_with("oops").workloads

    assert found.images == Unknown("valid JSON in containerDefinitions of app")


def test_a_stack_of_another_tool_is_opaque_and_told_what_it_was_given() -> None:
    net = Net()
    net.program.add(
        "aws:cloudformation/stack:Stack",
        "legacy",
        {"parameters": {"Vpc": net.vpc.id, "Table": "rtb-0abc"}},
    )

    (opaque,) = network_of(net.program.resources(known=False)).opaques

    assert opaque.given == Refs.of([net.vpc.urn, "rtb-0abc"])
