"""Whole programs of the catalogue, from their resources to their lanes.

Each is judged before anything exists and after an update. Where the two differ, it is because a
first preview shows less: then it says `unknown` and never the opposite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privatelane_paths import judge
from privatelane_paths.sources.graph import network_of
from privatelane_paths.sources.resource import COMPUTED, Resource
from privatelane_paths.verdicts import LaneKind, Verdict
from tests.programs import Joined, Made, Out, Program
from tests.rules.networks import ASSOCIATION, GROUP, NAT, ROUTE, SUBNET, TABLE, VPC, Net

SERVICES = ("ecr.api", "ecr.dkr", "ecr.layers", "s3")
#: What the four services' lanes may be, in their order.
ALL_NAT = "nat nat nat nat"
PRIVATE = "interface-endpoint interface-endpoint gateway-endpoint gateway-endpoint"
LAYERS_BY_NAT = "interface-endpoint interface-endpoint nat nat"
BROKEN = "broken broken broken broken"
NOTHING = "none none none none"
UNKNOWN = "unknown unknown unknown unknown"
LAYERS_UNKNOWN = "interface-endpoint interface-endpoint unknown unknown"
INTERNET = " ".join(["internet-gateway"] * 4)
REMOTE = " ".join(["remote-nat"] * 4)


@dataclass(frozen=True)
class Case:
    """A program, the subnet that is looked at, and the lanes of the four services from it."""

    title: str
    build: Callable[[], tuple[Program, Made]]
    before: str
    after: str


CASES: list[Case] = []


def case(title: str, lanes: str, *, before: str | None = None) -> Callable[[Any], Any]:
    """Register a program; `before` is set where a first preview knows less."""

    def register(build: Callable[[], Net | tuple[Program, Made]]) -> Any:
        def whole() -> tuple[Program, Made]:
            made = build()
            return (made.program, made.private["a"]) if isinstance(made, Net) else made

        CASES.append(Case(title, whole, before or lanes, lanes))
        return build

    return register


def default_route(net: Net, table: Made, **target: object) -> None:
    net.program.add(
        ROUTE,
        "default",
        {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", **target},
    )


def ecr(net: Net) -> Net:
    net.interface("ecr.api")
    net.interface("ecr.dkr")
    return net


@case("1: no endpoint at all", ALL_NAT)
def _() -> Net:
    return Net()


@case("43: both ECR endpoints and the gateway for S3", PRIVATE)
def _() -> Net:
    return Net().endpoints()


@case("2: the subnet is on the main table, which has the NAT route", ALL_NAT)
def _() -> tuple[Program, Made]:
    program = Program()
    vpc = program.add(
        VPC, "main", {"cidrBlock": "10.0.0.0/16"}, outputs={"defaultRouteTableId": "rtb-0main"}
    )
    nat = program.add(NAT, "nat", {"subnetId": "subnet-public"})
    program.add(
        "aws:ec2/defaultRouteTable:DefaultRouteTable",
        "main",
        {
            "defaultRouteTableId": vpc.defaultRouteTableId,
            "routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": nat.id}],
        },
        identifier="rtb-0main",
    )
    return program, program.add(SUBNET, "a", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})


@case("3: the subnet is on a new VPC's main table, which nobody manages", NOTHING)
def _() -> tuple[Program, Made]:
    program = Program()
    vpc = program.add(VPC, "main", {"cidrBlock": "10.0.0.0/16"})
    return program, program.add(SUBNET, "a", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})


@case("4: a main table association puts the NAT table on it", ALL_NAT)
def _() -> tuple[Program, Made]:
    net = Net()
    net.program.add(
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
        "main",
        {"vpcId": net.vpc.id, "routeTableId": net.table.id},
    )
    return net.program, net.program.add(
        SUBNET, "bare", {"vpcId": net.vpc.id, "cidrBlock": "10.0.9.0/24"}
    )


@case("5: the S3 endpoint is on the main table, the subnet on another", LAYERS_BY_NAT)
def _() -> Net:
    net = ecr(Net())
    main = Out("rtb-0main", (net.vpc.urn,))
    net.s3(routeTableIds=[main])
    for entry in net.program.entries:
        if entry.made is net.vpc:
            entry.made = Made(
                net.vpc.urn, net.vpc.id, {**net.vpc.outputs, "mainRouteTableId": "rtb-0main",
                                          "defaultRouteTableId": "rtb-0main"}
            )  # fmt: skip
    return net


@case("6: the S3 endpoint is on no table, as awsx makes it", LAYERS_BY_NAT)
def _() -> Net:
    net = ecr(Net())
    net.s3(routeTableIds=None)
    return net


@case("8: the S3 endpoint is on the table by an association resource only", PRIVATE)
def _() -> Net:
    net = ecr(Net())
    endpoint = net.s3(routeTableIds=None)
    net.program.add(
        "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        "s3",
        {"vpcEndpointId": endpoint.id, "routeTableId": net.table.id},
    )
    return net


@case("10: this zone's table was forgotten", LAYERS_BY_NAT)
def _() -> tuple[Program, Made]:
    net = ecr(Net())
    net.s3()
    table = net.program.add(TABLE, "forgotten", {"vpcId": net.vpc.id})
    default_route(net, table, natGatewayId=net.nat_gateway.id)
    subnet = net.program.add(SUBNET, "c", {"vpcId": net.vpc.id, "cidrBlock": "10.0.9.0/24"})
    net.program.add(ASSOCIATION, "c", {"subnetId": subnet.id, "routeTableId": table.id})
    return net.program, subnet


@case("11: the tables come joined into one value", PRIVATE, before=LAYERS_UNKNOWN)
def _() -> Net:
    net = ecr(Net())
    net.s3(routeTableIds=Joined((net.table.id, net.public_table.id)))
    return net


@case("11: one of the tables was picked by its index", LAYERS_BY_NAT, before=LAYERS_UNKNOWN)
def _() -> Net:
    net = ecr(Net())
    both = (net.public_table.urn, net.table.urn)
    net.s3(routeTableIds=[Out(net.public_table.id.value, both)])
    return net


@case("13: an edge association beside the subnet's own", ALL_NAT)
def _() -> Net:
    net = Net()
    net.program.add(
        ASSOCIATION, "edge", {"gatewayId": net.gateway.id, "routeTableId": net.public_table.id}
    )
    return net


@case("17: the NAT gateway is known by its id alone", ALL_NAT)
def _() -> Net:
    net = Net(nat=False)
    default_route(net, net.table, natGatewayId="nat-0abc")
    return net


@case("18: a NAT instance behind its primary interface", ALL_NAT)
def _() -> Net:
    net = Net(nat=False)
    instance = net.program.add(
        "aws:ec2/instance:Instance",
        "fck-nat",
        {"subnetId": net.public["a"].id, "sourceDestCheck": False},
        outputs={"primaryNetworkInterfaceId": "eni-0primary"},
    )
    default_route(net, net.table, networkInterfaceId=instance.primaryNetworkInterfaceId)
    return net


@case("37: a NAT instance behind an interface of its own", ALL_NAT)
def _() -> Net:
    net = Net(nat=False)
    interface = net.program.add(
        "aws:ec2/networkInterface:NetworkInterface",
        "nat",
        {"subnetId": net.public["a"].id, "sourceDestCheck": False},
    )
    default_route(net, net.table, networkInterfaceId=interface.id)
    return net


@case("27: the route names a NAT gateway that this update deletes", BROKEN)
def _() -> Net:
    net = Net(nat=False)
    net.program.add(NAT, "old", {"subnetId": "subnet-1"}, delete=True, identifier="nat-0old")
    default_route(net, net.table, natGatewayId="nat-0old")
    return net


@case("31: Pulumi is told to ignore the routes", UNKNOWN)
def _() -> tuple[Program, Made]:
    net = Net(nat=False)
    program = net.program
    program.entries = [one for one in program.entries if one.made is not net.table]
    table = program.add(
        TABLE,
        "private",
        {"vpcId": net.vpc.id, "routes": Out([], (net.vpc.urn,))},
        ignore_changes=["routes"],
    )
    for entry in program.entries:
        if entry.made is table:
            entry.made = Made(table.urn, table.id, {"id": table.id.value})
    return program, net.private["a"]


@case("33: a regional NAT gateway", ALL_NAT)
def _() -> Net:
    net = Net(nat=False)
    nat = net.program.add(NAT, "nat", {"availabilityMode": "regional", "vpcId": net.vpc.id})
    default_route(net, net.table, natGatewayId=nat.id)
    return net


@case("44: private DNS left out", "nat nat gateway-endpoint gateway-endpoint")
def _() -> Net:
    net = Net()
    net.interface("ecr.api", privateDnsEnabled=None)
    net.interface("ecr.dkr", privateDnsEnabled=None)
    net.s3()
    return net


@case("51: subnets by association resources only", PRIVATE)
def _() -> Net:
    net = Net()
    for service in ("ecr.api", "ecr.dkr"):
        endpoint = net.interface(service, subnetIds=None)
        net.program.add(
            "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation",
            service,
            {"vpcEndpointId": endpoint.id, "subnetId": net.private["b"].id},
        )
    net.s3()
    return net


@case("52: the endpoints' group admits nobody", "broken broken gateway-endpoint gateway-endpoint")
def _() -> Net:
    net = Net()
    closed = net.program.add(GROUP, "closed", {"vpcId": net.vpc.id})
    net.interface("ecr.api", securityGroupIds=[closed.id])
    net.interface("ecr.dkr", securityGroupIds=[closed.id])
    net.s3()
    return net


@case("56: the endpoints' subnets let no answers out",
      "broken broken gateway-endpoint gateway-endpoint")  # fmt: skip
def _() -> Net:
    net = Net(zones=("a", "b"))
    for service in ("ecr.api", "ecr.dkr"):
        net.interface(service, subnetIds=[net.private["b"].id])
    net.s3()
    line = {"ruleNo": 100, "action": "allow", "protocol": "tcp", "cidrBlock": "0.0.0.0/0",
            "fromPort": 443, "toPort": 443}  # fmt: skip
    net.program.add(
        "aws:ec2/networkAcl:NetworkAcl",
        "tight",
        {
            "vpcId": net.vpc.id,
            "subnetIds": [net.private["b"].id],
            "ingress": [line],
            "egress": [line],
        },
    )
    return net


@case("58: the S3 policy lacks the layer bucket",
      "interface-endpoint interface-endpoint broken gateway-endpoint")  # fmt: skip
def _() -> Net:
    net = ecr(Net())
    net.s3(
        policy='{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*",'
        ' "Resource": "arn:aws:s3:::mine/*"}]}'
    )
    return net


@case("61: no endpoint for ECR's API", "nat interface-endpoint gateway-endpoint gateway-endpoint")
def _() -> Net:
    net = Net()
    net.interface("ecr.dkr")
    net.s3()
    return net


@case("64: no endpoint for S3", LAYERS_BY_NAT)
def _() -> Net:
    return ecr(Net())


@case("65: the endpoints are another region's", ALL_NAT)
def _() -> Net:
    net = Net()
    for service in ("ecr.api", "ecr.dkr"):
        net.interface(service, serviceName=f"com.amazonaws.us-west-2.{service}")
    net.s3(serviceName="com.amazonaws.us-west-2.s3")
    return net


@case("75: a private zone by hand instead of private DNS",
      "nat interface-endpoint gateway-endpoint gateway-endpoint")  # fmt: skip
def _() -> Net:
    net = Net()
    endpoint = net.interface("ecr.dkr", privateDnsEnabled=False)
    net.s3()
    zone = net.program.add(
        "aws:route53/zone:Zone",
        "ecr",
        {"name": "dkr.ecr.us-east-1.amazonaws.com", "vpcs": [{"vpcId": net.vpc.id}]},
        identifier="Z0001",
    )
    name = f"{endpoint.id.value}-x.dkr.ecr.us-east-1.vpce.amazonaws.com"
    net.program.add(
        "aws:route53/record:Record",
        "ecr",
        {
            "zoneId": zone.id,
            "name": "*.dkr.ecr.us-east-1.amazonaws.com",
            "type": "A",
            "aliases": [{"name": Out(name, (endpoint.urn,)), "zoneId": "Z0002"}],
        },
    )
    return net


def transit(egress_nat: bool) -> Net:
    """A spoke whose default route leads over a transit gateway to an egress VPC."""
    net = Net(nat=False)
    out = Net(name="egress", cidr="10.9.0.0/16", program=net.program, nat=egress_nat)
    hub = net.program.add("aws:ec2transitgateway/transitGateway:TransitGateway", "hub", {},
                          outputs={"associationDefaultRouteTableId": "tgw-rtb-0"})  # fmt: skip
    attachments = {}
    for one in (net, out):
        attachments[one.name] = net.program.add(
            "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
            one.name,
            {
                "transitGatewayId": hub.id,
                "vpcId": one.vpc.id,
                "subnetIds": [subnet.id for subnet in one.private.values()],
            },
        )
    net.program.add(
        "aws:ec2transitgateway/route:Route",
        "out",
        {
            "destinationCidrBlock": "0.0.0.0/0",
            "transitGatewayAttachmentId": attachments["egress"].id,
            "transitGatewayRouteTableId": hub.associationDefaultRouteTableId,
        },
    )
    default_route(net, net.table, transitGatewayId=hub.id)
    net.program.add(
        ROUTE,
        "back",
        {
            "routeTableId": out.public_table.id,
            "destinationCidrBlock": "10.0.0.0/16",
            "transitGatewayId": hub.id,
        },
    )
    return net


@case("83: over a transit gateway to a NAT in the egress VPC", REMOTE)
def _() -> Net:
    return transit(egress_nat=True)


@case("83: over a transit gateway to a VPC without a way out", BROKEN)
def _() -> Net:
    return transit(egress_nat=False)


@case("84: over a transit gateway of another account", UNKNOWN)
def _() -> Net:
    net = Net(nat=False)
    default_route(net, net.table, transitGatewayId="tgw-0abc")
    return net


@case("86: over Cloud WAN", UNKNOWN)
def _() -> Net:
    net = Net(nat=False)
    default_route(
        net, net.table, coreNetworkArn="arn:aws:networkmanager::1:core-network/core-network-0"
    )
    return net


@case("89: through a firewall whose endpoint is picked from its statuses", ALL_NAT)
def _() -> Net:
    net = Net(nat=False)
    program = net.program
    wall_subnets = {}
    table = program.add(TABLE, "wall", {"vpcId": net.vpc.id})
    for place, zone in enumerate(("a", "b")):
        wall_subnets[zone] = program.add(
            SUBNET,
            f"wall-{zone}",
            {
                "vpcId": net.vpc.id,
                "cidrBlock": f"10.0.{200 + place}.0/28",
                "availabilityZone": f"us-east-1{zone}",
            },
        )
        program.add(
            ASSOCIATION,
            f"wall-{zone}",
            {"subnetId": wall_subnets[zone].id, "routeTableId": table.id},
        )
    nat = program.add(NAT, "nat", {"subnetId": net.public["a"].id})
    program.add(ROUTE, "wall", {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0",
                                "natGatewayId": nat.id})  # fmt: skip
    firewall = program.add(
        "aws:networkfirewall/firewall:Firewall",
        "wall",
        {
            "vpcId": net.vpc.id,
            "subnetMappings": [{"subnetId": one.id} for one in wall_subnets.values()],
        },
        outputs={
            "firewallStatuses": [
                {
                    "syncStates": [
                        {"attachments": [{"endpointId": f"vpce-0{zone}",
                                          "subnetId": one.id.value}]}
                        for zone, one in wall_subnets.items()
                    ]
                }
            ]
        },
    )  # fmt: skip
    default_route(net, net.table, vpcEndpointId=Out("vpce-0a", (firewall.urn,)))
    return net


@case("93: a subnet called private that leads to the internet gateway", INTERNET)
def _() -> Net:
    net = Net(nat=False)
    default_route(net, net.table, gatewayId=net.gateway.id)
    return net


@case("97: an isolated subnet without endpoints", NOTHING)
def _() -> Net:
    return Net(nat=False)


@case("97: an isolated subnet with all endpoints", PRIVATE)
def _() -> Net:
    return Net(nat=False).endpoints()


@case("118: a VPC of another stack by its id", UNKNOWN)
def _() -> tuple[Program, Made]:
    program = Program()
    return program, program.add(SUBNET, "a", {"vpcId": "vpc-0other", "cidrBlock": "10.0.1.0/24"})


@case("122: awsx's VPC with its defaults", ALL_NAT)
def _() -> tuple[Program, Made]:
    """All of awsx's children bear the zone's name; keys tell them apart."""
    program = Program()
    component = program.add("awsx:ec2:Vpc", "net", {}, custom=False)
    vpc = program.add(VPC, "net", {"cidrBlock": "10.0.0.0/16"}, parent=component)
    public = program.add(SUBNET, "net-public-1", {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"},
                         parent=vpc)  # fmt: skip
    private = program.add(SUBNET, "net-1", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"},
                          parent=vpc)  # fmt: skip
    nat = program.add(NAT, "net-1", {"subnetId": public.id}, parent=vpc)
    table = program.add(TABLE, "net-1", {"vpcId": vpc.id}, parent=private)
    program.add(ASSOCIATION, "net-1", {"subnetId": private.id, "routeTableId": table.id},
                parent=table)  # fmt: skip
    program.add(ROUTE, "net-1", {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0",
                                 "natGatewayId": nat.id}, parent=table)  # fmt: skip
    return program, private


@case("a route whose table an invoke looked up may be in any table", NOTHING, before=UNKNOWN)
def _() -> Net:
    net = Net(nat=False)
    nat = net.program.add(NAT, "nat", {"subnetId": net.public["a"].id})
    root = "urn:pulumi:dev::net::pulumi:pulumi:Stack::net-dev"
    net.program.add(
        ROUTE,
        "looked-up",
        {
            "routeTableId": Out("rtb-0elsewhere", (root,)),
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": nat.id,
        },
    )
    return net


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.title)
@pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])
def test_a_program_has_the_lanes_of_the_catalogue(one: Case, known: bool) -> None:
    program, subnet = one.build()

    lanes = judge(network_of(program.resources(known=known)), SERVICES)

    found = {lane.service: lane.kind for lane in lanes if lane.subnet == subnet.urn}
    expected = (one.after if known else one.before).split()
    assert found == dict(zip(SERVICES, map(LaneKind, expected), strict=True))


def verdicts(resources: list[Resource], subnet: Made) -> dict[str, Verdict]:
    lanes = judge(network_of(resources), SERVICES)
    return {lane.service: lane.verdict for lane in lanes if lane.subnet == subnet.urn}


def same_or_unknown(found: dict[str, Verdict], expected: dict[str, Verdict]) -> bool:
    return all(found[one] in (expected[one], Verdict.UNKNOWN) for one in SERVICES)


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.title)
@given(data=st.data())
@settings(max_examples=20)
def test_lost_dependencies_lose_certainty_and_nothing_else(one: Case, data: st.DataObject) -> None:
    """As when a value passed through something that forgets what it was computed from."""
    program, subnet = one.build()
    resources = program.resources(known=False)
    edges = [(res.urn, name) for res in resources for name in res.property_dependencies]
    lost = data.draw(st.sets(st.sampled_from(edges), max_size=4)) if edges else set()

    blurred = [
        replace(
            res,
            property_dependencies={
                name: urns
                for name, urns in res.property_dependencies.items()
                if (res.urn, name) not in lost
            },
        )
        for res in resources
    ]

    expected = verdicts(resources, subnet)
    assert same_or_unknown(verdicts(blurred, subnet), expected)


@pytest.mark.parametrize(
    "one",
    # An id that is still unknown cannot be that of something which is deleted already.
    [one for one in CASES if not one.title.startswith("27:")],
    ids=lambda one: one.title,
)
@given(data=st.data())
@settings(max_examples=20)
def test_a_hidden_value_loses_certainty_and_nothing_else(one: Case, data: st.DataObject) -> None:
    """Whatever a program computes from something unknown, without saying from what."""
    program, subnet = one.build()
    resources = program.resources(known=False)
    urn, name = data.draw(
        st.sampled_from([(res.urn, name) for res in resources for name in res.inputs or {}])
    )

    hidden = [
        replace(
            res,
            inputs={**(res.inputs or {}), name: COMPUTED},
            property_dependencies={
                key: urns for key, urns in res.property_dependencies.items() if key != name
            },
        )
        if res.urn == urn
        else res
        for res in resources
    ]

    assert same_or_unknown(verdicts(hidden, subnet), verdicts(resources, subnet))


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.title)
def test_dependencies_of_a_whole_resource_say_less_and_nothing_else(one: Case) -> None:
    """The engine gives every property all of them when an SDK sends none a property."""
    program, subnet = one.build()
    resources = program.resources(known=False)

    blurred = [
        replace(
            res,
            property_dependencies=dict.fromkeys(res.inputs or {}, res.dependencies)
            if res.dependencies
            else {},
        )
        for res in resources
    ]

    assert same_or_unknown(verdicts(blurred, subnet), verdicts(resources, subnet))


def test_every_case_is_its_own() -> None:
    assert len({one.title for one in CASES}) == len(CASES)
