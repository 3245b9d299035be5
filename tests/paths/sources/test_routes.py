"""Route targets by what they are, and tables by what they may hold."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from privatelane_paths.facts import Network, Route, TargetKind
from privatelane_paths.known import Ref, Unknown
from privatelane_paths.sources.graph import network_of
from tests.programs import Made, Out, Program

VPC = "aws:ec2/vpc:Vpc"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
NAT = "aws:ec2/natGateway:NatGateway"
known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@pytest.fixture
def program() -> Program:
    return Program()


def table_of(program: Program, **args: object) -> Made:
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    return program.add(TABLE, "app", {"vpcId": vpc.id, **args})


def only_route(network: Network) -> Route:
    (route,) = network.routes
    return route


@known_or_not
@pytest.mark.parametrize(
    ("token", "argument", "kind"),
    [
        (NAT, "natGatewayId", TargetKind.NAT),
        (NAT, "gatewayId", TargetKind.NAT),
        ("aws:ec2/internetGateway:InternetGateway", "gatewayId", TargetKind.INTERNET_GATEWAY),
        ("aws:ec2/vpnGateway:VpnGateway", "gatewayId", TargetKind.VPN_GATEWAY),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "gatewayId", TargetKind.ENDPOINT),
        ("aws:ec2/vpcEndpoint:VpcEndpoint", "vpcEndpointId", TargetKind.ENDPOINT),
        (
            "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
            "egressOnlyGatewayId",
            TargetKind.EGRESS_ONLY_GATEWAY,
        ),
        (
            "aws:ec2/networkInterface:NetworkInterface",
            "networkInterfaceId",
            TargetKind.INTERFACE,
        ),
        (
            "aws:ec2transitgateway/transitGateway:TransitGateway",
            "transitGatewayId",
            TargetKind.TRANSIT_GATEWAY,
        ),
        (
            "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
            "vpcPeeringConnectionId",
            TargetKind.PEERING,
        ),
    ],
)
def test_a_target_is_what_it_is_whatever_the_argument_is_called(
    program: Program, token: str, argument: str, kind: TargetKind, known: bool
) -> None:
    """EC2 takes the id of a NAT gateway for `gatewayId`, too."""
    table = table_of(program)
    target = program.add(token, "target", {})
    program.add(
        ROUTE,
        "out",
        {
            "routeTableId": table.id,
            "destinationCidrBlock": "0.0.0.0/0",
            argument: target.id,
        },
    )

    route = only_route(network_of(program.resources(known=known)))

    assert (route.target.kind, route.target.ref) == (kind, Ref.to(target.urn))
    assert route.destination == ip_network("0.0.0.0/0")


@pytest.mark.parametrize(
    ("argument", "identifier", "kind"),
    [
        ("natGatewayId", "nat-0abc", TargetKind.NAT),
        ("gatewayId", "nat-0abc", TargetKind.NAT),
        ("gatewayId", "igw-0abc", TargetKind.INTERNET_GATEWAY),
        ("gatewayId", "vgw-0abc", TargetKind.VPN_GATEWAY),
        ("gatewayId", "vpce-0abc", TargetKind.ENDPOINT),
        ("networkInterfaceId", "eni-0abc", TargetKind.INTERFACE),
        ("transitGatewayId", "tgw-0abc", TargetKind.TRANSIT_GATEWAY),
        ("localGatewayId", "lgw-0abc", TargetKind.LOCAL_GATEWAY),
        ("carrierGatewayId", "cagw-0abc", TargetKind.CARRIER_GATEWAY),
        (
            "coreNetworkArn",
            "arn:aws:networkmanager::1:core-network/core-network-0",
            TargetKind.CORE_NETWORK,
        ),
        ("gatewayId", "odd-0abc", TargetKind.UNKNOWN),
    ],
)
def test_a_literal_target_is_told_by_its_id(
    program: Program, argument: str, identifier: str, kind: TargetKind
) -> None:
    table_of(program, routes=[{"cidrBlock": "0.0.0.0/0", argument: identifier}])

    route = only_route(network_of(program.resources(known=False)))

    assert (route.target.kind, route.target.ref) == (kind, Ref.to(identifier))
    assert bool(route.target.missing) is (kind is TargetKind.UNKNOWN)


def test_an_inline_local_route_has_no_target_to_find(program: Program) -> None:
    table_of(program, routes=[{"cidrBlock": "10.0.0.0/16", "gatewayId": "local"}])

    route = only_route(network_of(program.resources(known=False)))

    assert (route.target.kind, route.target.ref) == (TargetKind.LOCAL, None)


def test_routes_of_one_list_share_their_dependencies_and_keep_their_kinds(
    program: Program,
) -> None:
    gateway = program.add("aws:ec2/internetGateway:InternetGateway", "internet", {})
    nat = program.add(NAT, "nat", {})
    hub = program.add("aws:ec2transitgateway/transitGateway:TransitGateway", "hub", {})
    table_of(
        program,
        routes=[
            {"cidrBlock": "0.0.0.0/0", "natGatewayId": nat.id},
            {"cidrBlock": "10.0.0.0/8", "transitGatewayId": hub.id},
            {"ipv6CidrBlock": "::/0", "gatewayId": gateway.id},
        ],
    )

    found = {
        route.target.kind: route.target.ref
        for route in network_of(program.resources(known=False)).routes
    }

    assert found == {
        TargetKind.NAT: Ref.to(nat.urn),
        TargetKind.TRANSIT_GATEWAY: Ref.to(hub.urn),
        TargetKind.INTERNET_GATEWAY: Ref.to(gateway.urn),
    }


def test_two_of_a_kind_in_one_list_are_each_one_of_the_two(program: Program) -> None:
    nats = [program.add(NAT, name, {}) for name in ("a", "b")]
    table_of(
        program,
        routes=[
            {"cidrBlock": cidr, "natGatewayId": nat.id}
            for cidr, nat in zip(("0.0.0.0/1", "128.0.0.0/1"), nats, strict=True)
        ],
    )

    for route in network_of(program.resources(known=False)).routes:
        assert route.target.ref is not None
        assert set(route.target.ref.keys) == {nat.urn for nat in nats}
        assert not route.target.ref.decided


def test_a_gateway_id_of_either_kind_stays_undecided_with_both(program: Program) -> None:
    gateway = program.add("aws:ec2/internetGateway:InternetGateway", "internet", {})
    nat = program.add(NAT, "nat", {})
    table_of(
        program,
        routes=[
            {"cidrBlock": "0.0.0.0/1", "gatewayId": gateway.id},
            {"cidrBlock": "128.0.0.0/1", "gatewayId": nat.id},
        ],
    )

    for route in network_of(program.resources(known=False)).routes:
        assert route.target.kind is TargetKind.UNKNOWN
        assert route.target.ref is not None
        assert set(route.target.ref.keys) == {gateway.urn, nat.urn}


def test_a_list_of_routes_that_is_not_known_is_missing_from_the_table(program: Program) -> None:
    table_of(program, routes=Out([], ("urn:pulumi:dev::net::aws:ec2/eip:Eip::x",)))

    network = network_of(program.resources(known=False))

    table = next(one for one in network.tables if one.name == "app")
    assert table.missing == "the value of routes of app"
    assert network.routes == ()


def test_a_default_table_without_routes_has_none(program: Program) -> None:
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    program.add(
        "aws:ec2/defaultRouteTable:DefaultRouteTable",
        "main",
        {"defaultRouteTableId": Out("rtb-1", (vpc.urn,))},
    )

    network = network_of(program.resources(known=False))

    assert [(one.name, one.missing) for one in network.tables] == [("main", "")]


def test_routes_that_only_a_refresh_showed_leave_the_table_in_doubt(program: Program) -> None:
    """They may be somebody else's, or those of a resource that this very update removes."""
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    table = program.add(
        TABLE,
        "app",
        {"vpcId": vpc.id},
        outputs={"routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1", "gatewayId": ""}]},
    )

    found = network_of(program.resources(known=True))
    assert [one.missing[:25] for one in found.tables if one.key == table.urn] == [
        "whether the routes stay t"
    ]
    assert found.routes == ()

    program.add(
        ROUTE,
        "out",
        {
            "routeTableId": table.id,
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": "nat-1",
        },
    )
    found = network_of(program.resources(known=True))
    assert [one.missing for one in found.tables if one.key == table.urn] == [""]
    assert len(found.routes) == 1


def test_a_vpn_gateway_propagates_prefixes_nobody_knows(program: Program) -> None:
    gateway = program.add("aws:ec2/vpnGateway:VpnGateway", "vpn", {})
    table_of(program, propagatingVgws=[gateway.id])

    route = only_route(network_of(program.resources(known=False)))

    assert route.origin.value == "propagated"
    assert isinstance(route.destination, Unknown)


def test_an_edge_association_has_no_subnet(program: Program) -> None:
    table = table_of(program)
    gateway = program.add("aws:ec2/internetGateway:InternetGateway", "internet", {})
    program.add(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "edge",
        {"gatewayId": gateway.id, "routeTableId": table.id},
    )

    (association,) = network_of(program.resources(known=False)).associations

    assert association.subnet is None


def test_a_firewall_endpoint_is_one_of_its_subnets_endpoints(program: Program) -> None:
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    subnets = [program.add("aws:ec2/subnet:Subnet", name, {"vpcId": vpc.id}) for name in ("a", "b")]
    firewall = program.add(
        "aws:networkfirewall/firewall:Firewall",
        "wall",
        {"vpcId": vpc.id, "subnetMappings": [{"subnetId": one.id} for one in subnets]},
        outputs={
            "firewallStatuses": [
                {
                    "syncStates": [
                        {
                            "availabilityZone": f"us-east-1{zone}",
                            "attachments": [
                                {"endpointId": f"vpce-0{zone}", "subnetId": subnet.id.value}
                            ],
                        }
                        for zone, subnet in zip("ab", subnets, strict=True)
                    ]
                }
            ]
        },
    )
    program.add(TABLE, "app", {
        "vpcId": vpc.id,
        "routes": [{"cidrBlock": "0.0.0.0/0", "vpcEndpointId": Out("vpce-0b", (firewall.urn,))}],
    })  # fmt: skip

    before = network_of(program.resources(known=False))
    after = network_of(program.resources(known=True))

    keys = [one.key for one in before.endpoints]
    assert len(keys) == 2
    assert only_route(before).target.ref == Ref.one_of(
        keys,
        "which of "
        + ", ".join(sorted(key.split("::", 3)[3] for key in keys))
        + " routes[0].vpcEndpointId of app names",
    )
    decided = only_route(after).target.ref
    assert decided is not None
    assert decided.decided
    stands = next(one for one in after.endpoints if one.key == decided.keys[0])
    assert stands.subnets.certain == {subnets[1].urn}
