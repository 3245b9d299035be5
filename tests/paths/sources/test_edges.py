"""How an id property finds the object it names: by id when known, by its origin when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_paths.known import Ref, Refs
from privatelane_paths.sources.graph import network_of
from tests.programs import Joined, Made, Out, Program

if TYPE_CHECKING:
    from privatelane_paths.facts import Network

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
REFERENCE = "pulumi:pulumi:StackReference"


@pytest.fixture
def program() -> Program:
    return Program()


def vpc_of(program: Program) -> Made:
    return program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})


def tables_of(program: Program, vpc: Made, *names: str) -> list[Made]:
    return [program.add(TABLE, name, {"vpcId": vpc.id}) for name in names]


def s3_endpoint(program: Program, vpc: Made, tables: object) -> None:
    program.add(
        ENDPOINT,
        "s3",
        {"vpcId": vpc.id, "serviceName": "com.amazonaws.us-east-1.s3", "routeTableIds": tables},
    )


def tables_with_s3(network: Network) -> Refs:
    (endpoint,) = network.endpoints
    return endpoint.route_tables


@pytest.mark.parametrize("known", [False, True])
def test_an_id_names_the_resource_it_came_from(program: Program, known: bool) -> None:
    vpc = vpc_of(program)
    subnet = program.add(SUBNET, "app", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})
    (table,) = tables_of(program, vpc, "app")
    program.add(ASSOCIATION, "app", {"subnetId": subnet.id, "routeTableId": table.id})

    network = network_of(program.resources(known=known))

    assert [one.vpc for one in network.subnets] == [Ref.to(vpc.urn)]
    (association,) = network.associations
    assert (association.subnet, association.table) == (Ref.to(subnet.urn), Ref.to(table.urn))


@pytest.mark.parametrize("known", [False, True])
def test_a_list_with_as_many_candidates_as_unknown_elements_has_them_all(
    program: Program, known: bool
) -> None:
    vpc = vpc_of(program)
    first, second = tables_of(program, vpc, "a", "b")
    s3_endpoint(program, vpc, [first.id, second.id])

    assert tables_with_s3(network_of(program.resources(known=known))) == Refs.of(
        [first.urn, second.urn]
    )


def test_a_literal_element_of_a_list_leaves_the_rest_to_the_candidates(program: Program) -> None:
    vpc = vpc_of(program)
    first, second = tables_of(program, vpc, "a", "b")
    s3_endpoint(program, vpc, [first.id, "rtb-0literal", second.id])

    assert tables_with_s3(network_of(program.resources(known=False))) == Refs.of(
        [first.urn, second.urn, "rtb-0literal"]
    )


def test_a_list_with_fewer_elements_than_candidates_has_only_possible_members(
    program: Program,
) -> None:
    vpc = vpc_of(program)
    tables = tables_of(program, vpc, "a", "b", "c")
    slice_of_all = Out(tables[0].id.value, tuple(one.urn for one in tables))
    s3_endpoint(program, vpc, [slice_of_all])

    found = tables_with_s3(network_of(program.resources(known=False)))

    assert found.certain == frozenset()
    assert found.possible == {one.urn for one in tables}
    assert not found.open
    assert "routeTableIds of s3" in found.missing


def test_a_list_joined_into_one_unknown_does_not_tell_all_from_some(program: Program) -> None:
    vpc = vpc_of(program)
    tables = tables_of(program, vpc, "a", "b")
    s3_endpoint(program, vpc, Joined((tables[0].id, tables[1].id)))

    found = tables_with_s3(network_of(program.resources(known=False)))

    assert (found.certain, found.open) == (frozenset(), False)
    assert found.possible == {one.urn for one in tables}
    assert tables_with_s3(network_of(program.resources(known=True))) == Refs.of(
        one.urn for one in tables
    )


def test_more_unknown_elements_than_candidates_leave_the_list_open(program: Program) -> None:
    vpc = vpc_of(program)
    (table,) = tables_of(program, vpc, "a")
    looked_up = Out("rtb-0elsewhere", ("urn:pulumi:dev::net::pulumi:pulumi:Stack::net-dev",))
    s3_endpoint(program, vpc, [table.id, looked_up])

    found = tables_with_s3(network_of(program.resources(known=False)))

    assert found.certain == {table.urn}
    assert found.open


def test_a_scalar_with_several_candidates_is_one_of_them(program: Program) -> None:
    vpc = vpc_of(program)
    first, second = tables_of(program, vpc, "a", "b")
    picked = Out(first.id.value, (first.urn, second.urn))
    program.add(ROUTE, "out", {"routeTableId": picked, "destinationCidrBlock": "0.0.0.0/0"})

    (route,) = network_of(program.resources(known=False)).routes

    assert set(route.table.keys) == {first.urn, second.urn}
    assert not route.table.open
    assert not route.table.decided
    assert "which of a, b routeTableId of out names" in route.table.missing


def test_an_unknown_id_without_dependencies_can_be_anything(program: Program) -> None:
    """As when an invoke looks a table up: the engine reports no dependency for its result."""
    vpc_of(program)
    root = "urn:pulumi:dev::net::pulumi:pulumi:Stack::net-dev"
    program.add(
        ROUTE, "out", {"routeTableId": Out("rtb-1", (root,)), "destinationCidrBlock": "0.0.0.0/0"}
    )

    (route,) = network_of(program.resources(known=False)).routes

    assert route.table.open
    assert route.table.keys == ()


def test_what_comes_from_another_stack_can_be_anything_until_it_is_known(
    program: Program,
) -> None:
    reference = program.add(REFERENCE, "network", {"name": "org/network/prod"})
    program.add(SUBNET, "app", {"vpcId": Out("vpc-0other", (reference.urn,))})

    unknown = network_of(program.resources(known=False))
    known = network_of(program.resources(known=True))

    assert unknown.subnets[0].vpc.open
    assert known.subnets[0].vpc == Ref.to("vpc-0other")
    assert [(one.key, one.outside) for one in known.vpcs] == [("vpc-0other", True)]


def test_a_read_resource_is_seen_by_its_urn_alone(program: Program) -> None:
    """The engine shows reads to no policy; the URN still says what they are."""
    vpc = program.add(VPC, "existing", {}, external=True, identifier="vpc-0read")
    unseen = Out("vpc-0read", (vpc.urn,))
    program.add(SUBNET, "app", {"vpcId": unseen, "cidrBlock": "10.0.1.0/24"})
    resources = [one for one in program.resources(known=False) if not one.external]

    network = network_of(resources)

    assert network.subnets[0].vpc == Ref.to(vpc.urn)
    assert [(one.key, one.name, one.outside) for one in network.vpcs] == [
        (vpc.urn, "existing", True)
    ]


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    "output", ["mainRouteTableId", "defaultRouteTableId"], ids=["main", "default"]
)
def test_a_vpc_names_its_own_main_table(program: Program, known: bool, output: str) -> None:
    vpc = program.add(
        VPC,
        "main",
        {"cidrBlock": "10.0.0.0/16"},
        outputs={"mainRouteTableId": "rtb-0main", "defaultRouteTableId": "rtb-0main"},
    )
    s3_endpoint(program, vpc, [getattr(vpc, output)])

    network = network_of(program.resources(known=known))

    (table,) = network.tables
    assert tables_with_s3(network) == Refs.of([table.key])
    assert table.vpc == Ref.to(vpc.urn)
    (main,) = network.main_associations
    assert main.table == Ref.to(table.key)


@pytest.mark.parametrize("known", [False, True])
def test_a_table_that_adopts_the_default_one_is_what_the_vpc_names(
    program: Program, known: bool
) -> None:
    vpc = program.add(
        VPC, "main", {"cidrBlock": "10.0.0.0/16"}, outputs={"defaultRouteTableId": "rtb-0main"}
    )
    table = program.add(
        "aws:ec2/defaultRouteTable:DefaultRouteTable",
        "main",
        {"defaultRouteTableId": vpc.defaultRouteTableId},
        identifier="rtb-0main",
    )
    s3_endpoint(program, vpc, [vpc.defaultRouteTableId])

    network = network_of(program.resources(known=known))

    assert [one.key for one in network.tables] == [table.urn]
    assert network.tables[0].vpc == Ref.to(vpc.urn)
    assert tables_with_s3(network) == Refs.of([table.urn])
    assert [one.table for one in network.main_associations] == [Ref.to(table.urn)]


def test_an_id_passed_on_by_another_resource_leads_to_the_same_object(program: Program) -> None:
    vpc = vpc_of(program)
    subnet = program.add(SUBNET, "app", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})
    program.add("aws:ec2/securityGroup:SecurityGroup", "app", {"vpcId": subnet.vpcId})

    network = network_of(program.resources(known=False))

    group = next(one for one in network.security_groups if one.name == "app")
    assert group.vpc == Ref.to(vpc.urn)


def test_an_output_of_a_remote_component_is_traced_to_its_children(program: Program) -> None:
    """awsx's vpcId depends on the component, the VPC and every subnet: only one is a VPC."""
    component = program.add("awsx:ec2:Vpc", "net", {}, custom=False)
    vpc = program.add(VPC, "net", {"cidrBlock": "10.0.0.0/16"}, parent=component)
    subnet = program.add(SUBNET, "net", {"vpcId": vpc.id}, parent=vpc)
    vpc_id = Out(vpc.id.value, (component.urn, vpc.urn, subnet.urn))
    program.add("aws:ec2/securityGroup:SecurityGroup", "app", {"vpcId": vpc_id})

    network = network_of(program.resources(known=False))

    group = next(one for one in network.security_groups if one.name == "app")
    assert group.vpc == Ref.to(vpc.urn)
    assert network.opaques == ()


def test_an_output_of_a_closed_component_can_be_anything(program: Program) -> None:
    component = program.add("acme:net:Vpc", "net", {"size": 3}, custom=False)
    program.add(SUBNET, "app", {"vpcId": Out("vpc-0inner", (component.urn,))})

    network = network_of(program.resources(known=False))

    assert network.subnets[0].vpc.open
    assert [one.key for one in network.opaques] == [component.urn]


def test_dependencies_filled_in_by_the_engine_do_not_add_implied_objects(
    program: Program,
) -> None:
    """For an SDK that sends none, the engine gives every property all dependencies."""
    vpc = vpc_of(program)
    tables = tables_of(program, vpc, "a", "b")
    everything = (vpc.urn, *(one.urn for one in tables))
    program.add(
        ENDPOINT,
        "s3",
        {
            "vpcId": Out(vpc.id.value, everything),
            "serviceName": "com.amazonaws.us-east-1.s3",
            "routeTableIds": [Out(one.id.value, everything) for one in tables],
        },
    )

    found = tables_with_s3(network_of(program.resources(known=False)))

    assert found == Refs.of(one.urn for one in tables)


def test_an_input_that_pulumi_is_told_to_ignore_does_not_count(program: Program) -> None:
    vpc = vpc_of(program)
    (table,) = tables_of(program, vpc, "a")
    program.add(
        ENDPOINT,
        "s3",
        {
            "vpcId": vpc.id,
            "serviceName": "com.amazonaws.us-east-1.s3",
            "routeTableIds": [table.id],
        },
        ignore_changes=["routeTableIds"],
    )

    found = tables_with_s3(network_of(program.resources(known=False)))

    assert found.certain == frozenset()
    assert found.open


def test_members_that_only_a_refresh_showed_are_possible_ones(program: Program) -> None:
    vpc = vpc_of(program)
    (table,) = tables_of(program, vpc, "a")
    program.add(
        ENDPOINT,
        "s3",
        {"vpcId": vpc.id, "serviceName": "com.amazonaws.us-east-1.s3"},
        outputs={"routeTableIds": [table.id.value]},
    )

    found = tables_with_s3(network_of(program.resources(known=True)))

    assert not found.certain
    assert found.possible == {table.urn}


def test_a_replaced_or_deleted_object_is_gone_by_its_id(program: Program) -> None:
    vpc = vpc_of(program)
    (table,) = tables_of(program, vpc, "a")
    nat = program.add(NAT, "old", {"subnetId": "subnet-1"}, delete=True, identifier="nat-0old")
    program.add(
        ROUTE,
        "out",
        {
            "routeTableId": table.id,
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": "nat-0old",
        },
    )

    network = network_of(program.resources(known=True))

    assert network.nats == ()
    assert network.gone == {"nat-0old", nat.urn}
    (route,) = network.routes
    assert route.target.ref == Ref.to("nat-0old")


def test_an_old_object_beside_its_replacement_does_not_hide_it(program: Program) -> None:
    """After a failed delete one URN stands twice in the state."""
    vpc = vpc_of(program)
    program.add(NAT, "nat", {"vpcId": vpc.id}, delete=True, identifier="nat-0old")
    nat = program.add(NAT, "nat", {"vpcId": vpc.id}, identifier="nat-0new")

    network = network_of(program.resources(known=True))

    assert [one.key for one in network.nats] == [nat.urn]
    assert network.gone == {"nat-0old"}
