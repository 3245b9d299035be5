"""What `Endpoints` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from operator import itemgetter
from typing import Any, ClassVar, cast

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.provider.experimental.component import ComponentProvider

from privatelane._component import camel_case
from privatelane.vpc.endpoints import Endpoints, EndpointsArgs
from tests.components.mocks import UNKNOWN, Run, refusal, run, value

ZONES = ("use1-az1", "use1-az2")
EGRESS = {"app": "nat", "data": "none", "web": "internet-gateway"}
ACCOUNT = "111111111111"

#: The provider's answer to who it is, and what it says of an endpoint that exists.
CALLS: dict[str, Mapping[str, Any]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
    "aws:ec2/getVpcEndpoint:getVpcEndpoint": {"prefixListId": "pl-adopted"},
}


def computed(type_: str, name: str, _: dict[str, Any]) -> dict[str, Any]:
    return {"prefixListId": f"pl-{name}"} if type_.endswith(":VpcEndpoint") else {}


def keys(*groups: str, zones: tuple[str, ...] = ZONES) -> list[str]:
    return [f"{group}/{zone}" for group in groups for zone in zones]


def network_args(*groups: str, zones: tuple[str, ...] = ZONES) -> dict[str, Any]:
    """A network of plain ids, such as somebody has who did not make it here."""
    names = keys(*(groups or EGRESS), zones=zones)
    return {
        "vpc_id": "vpc-1",
        "subnet_ids": {key: f"subnet-{key}" for key in names},
        "route_table_ids": {key: f"rtb-{key}" for key in names},
        "subnet_cidrs": {key: f"10.0.{number}.0/24" for number, key in enumerate(names)},
        "egress": {
            group: egress for group, egress in EGRESS.items() if group in (groups or EGRESS)
        },
        "region": "us-east-1",
        "account_id": ACCOUNT,
    }


def args(**given: Any) -> EndpointsArgs:
    return cast("EndpointsArgs", {**network_args(), "needs": {"app": ["image-pull"]}, **given})


def made(*, preview: bool = False, **given: Any) -> Run:
    return run(
        lambda: Endpoints("net", args(**given)), preview=preview, calls=CALLS, computed=computed
    )


def endpoints(result: Run) -> dict[str, dict[str, Any]]:
    return {name.removeprefix("net-"): one.inputs for name, one in result.of("VpcEndpoint").items()}


def statements(inputs: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in json.loads(inputs["policy"])["Statement"]}


def test_an_image_pull_gets_two_interfaces_a_gateway_and_a_security_group() -> None:
    assert made().counts() == {"Endpoints": 1, "SecurityGroup": 1, "VpcEndpoint": 3}


def test_a_gateway_is_on_every_route_table_that_is_not_public_and_on_no_other() -> None:
    inputs = endpoints(made())["s3"]
    assert set(statements(inputs)) == {"Own", "ImageLayers", "AmazonLinuxPackages"}
    del inputs["policy"]
    assert inputs == {
        "vpcId": "vpc-1",
        "vpcEndpointType": "Gateway",
        "serviceName": "com.amazonaws.us-east-1.s3",
        "routeTableIds": [f"rtb-{key}" for key in keys("app", "data")],
        "tags": {"Name": "net-s3"},
    }


def test_an_interface_has_private_dns_and_one_subnet_a_zone_of_a_group_that_needs_it() -> None:
    inputs = endpoints(made())["ecr.dkr"]
    assert set(statements(inputs)) == {"OwnCallersLogIn", "OwnRegistries"}
    del inputs["policy"]
    assert inputs == {
        "vpcId": "vpc-1",
        "vpcEndpointType": "Interface",
        "serviceName": "com.amazonaws.us-east-1.ecr.dkr",
        "subnetIds": [f"subnet-{key}" for key in keys("app")],
        "securityGroupIds": ["net-security-group-id"],
        "privateDnsEnabled": True,
        "ipAddressType": "ipv4",
        "tags": {"Name": "net-ecr.dkr"},
    }


def test_the_security_group_admits_https_from_the_groups_with_needs_and_lets_nothing_out() -> None:
    result = made(needs={"data": ["awslogs"], "app": ["image-pull"]})
    assert result.the("SecurityGroup").inputs == {
        "vpcId": "vpc-1",
        "description": "VPC endpoints: from those who need them, to nobody",
        "egress": [],
        "ingress": [
            {
                "description": "app to the AWS services it needs",
                "protocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrBlocks": ["10.0.0.0/24", "10.0.1.0/24"],
            },
            {
                "description": "data to the AWS services it needs",
                "protocol": "tcp",
                "fromPort": 443,
                "toPort": 443,
                "cidrBlocks": ["10.0.2.0/24", "10.0.3.0/24"],
            },
        ],
        "tags": {"Name": "net-security-group"},
    }


def test_ranges_from_secondary_ranges_of_the_vpc_are_admitted_too() -> None:
    network = network_args()
    network["subnet_cidrs"]["app/use1-az2"] = "100.64.0.0/20"
    (rule,) = made(**network).the("SecurityGroup").inputs["ingress"]
    assert rule["cidrBlocks"] == ["10.0.0.0/24", "100.64.0.0/20"]


def test_a_service_on_another_port_is_admitted_there() -> None:
    rules = made(services=["cassandra"]).the("SecurityGroup").inputs["ingress"]
    assert [(rule["fromPort"], rule["toPort"]) for rule in rules] == [(443, 443), (9142, 9142)]


def test_others_are_admitted_by_name() -> None:
    result = made(
        allow_from={
            "hub": {"prefix_list_id": "pl-1"},
            "office": {"cidr": "192.168.0.0/16"},
            "office-ipv6": {"cidr": "2001:db8::/56"},
            "web": {"security_group_id": "sg-1", "port": 8443},
        }
    )
    rules = result.the("SecurityGroup").inputs["ingress"][1:]
    assert [
        {key: rule[key] for key in rule.keys() - {"protocol", "description"}} for rule in rules
    ] == [
        {"fromPort": 443, "toPort": 443, "prefixListIds": ["pl-1"]},
        {"fromPort": 443, "toPort": 443, "cidrBlocks": ["192.168.0.0/16"]},
        {"fromPort": 443, "toPort": 443, "ipv6CidrBlocks": ["2001:db8::/56"]},
        {"fromPort": 8443, "toPort": 8443, "securityGroups": ["sg-1"]},
    ]
    assert {rule["protocol"] for rule in rules} == {"tcp"}


def test_gateways_alone_have_no_security_group() -> None:
    result = made(needs={"app": ["s3"], "data": ["dynamodb"]})
    assert result.counts() == {"Endpoints": 1, "VpcEndpoint": 2}
    assert "securityGroupId" not in result.output("Endpoints")


def test_without_needs_there_is_nothing() -> None:
    assert made(needs={}).counts() == {"Endpoints": 1}


def test_outputs_go_by_service_and_by_group() -> None:
    result = made(needs={"app": ["image-pull", "exec"], "data": ["dynamodb"]})
    services = "dynamodb,ecr.api,ecr.dkr,s3,ssmmessages"
    assert result.output("Endpoints") == {
        "endpointIds": {one: f"net-{one}-id" for one in services.split(",")},
        "securityGroupId": "net-security-group-id",
        "prefixListIds": {"s3": "pl-net-s3", "dynamodb": "pl-net-dynamodb"},
        "privateServices": {"app": services, "data": services, "web": ""},
        "reasons": {
            "dynamodb": "tables are read and written here (dynamodb in data)",
            "ecr.api": "the login to the registry is issued here (image-pull in app)",
            "ecr.dkr": (
                "manifests come from here, and the address of each layer (image-pull in app)"
            ),
            "s3": "image layers are stored in an S3 bucket that AWS owns (image-pull in app)",
            "ssmmessages": "ECS Exec opens its session channel here (exec in app)",
        },
    }


def test_a_group_without_needs_reaches_the_gateways_only() -> None:
    assert made().output("Endpoints")["privateServices"] == {
        "app": "ecr.api,ecr.dkr,s3",
        "data": "s3",
        "web": "",
    }


def test_a_gateway_counts_for_no_group_that_has_a_subnet_without_a_known_route_table() -> None:
    network = network_args()
    del network["route_table_ids"]["app/use1-az2"]
    assert made(**network).output("Endpoints")["privateServices"]["app"] == "ecr.api,ecr.dkr"


def test_a_route_table_that_subnets_share_is_named_once() -> None:
    tables = dict.fromkeys(keys("app"), "rtb-shared") | {"data/use1-az1": "rtb-data"}
    inputs = endpoints(made(route_table_ids=tables))["s3"]
    assert inputs["routeTableIds"] == ["rtb-shared", "rtb-data"]


def leaf_program(*, whole: bool = False) -> None:
    """A network as it is made in the same program: ids are Outputs, one by one or as a whole."""
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    subnets, tables = {}, {}
    for key in keys(*EGRESS):
        name = key.replace("/", "-")
        subnets[key] = aws.ec2.Subnet(name, vpc_id=vpc.id, cidr_block="10.0.0.0/24").id
        tables[key] = aws.ec2.RouteTable(name, vpc_id=vpc.id).id
    network: dict[str, Any] = {
        "subnet_ids": subnets,
        "route_table_ids": tables,
        "subnet_cidrs": {key: f"10.0.{number}.0/24" for number, key in enumerate(subnets)},
        "egress": EGRESS,
    }
    if whole:
        # As a plugin receives maps of a network that is yet to be made.
        network = {
            key: pulumi.Output.all(vpc.id, ids).apply(itemgetter(1)) for key, ids in network.items()
        }
    Endpoints("net", args(vpc_id=vpc.id, **network))


@pytest.mark.parametrize("preview", [True, False])
def test_ids_that_are_not_known_yet_keep_the_length_of_lists_and_where_they_come_from(
    preview: bool,
) -> None:
    result = run(leaf_program, preview=preview, calls=CALLS)
    of = endpoints(result)
    assert len(of["s3"]["routeTableIds"]) == 4
    assert len(of["ecr.api"]["subnetIds"]) == 2
    assert (of["ecr.api"]["subnetIds"] == [UNKNOWN] * 2) == preview
    by_urn = {one.urn: one.name for one in result.resources}
    depended = result.the("VpcEndpoint", "net-s3").property_dependencies["routeTableIds"]
    assert {by_urn[urn] for urn in depended} == {
        key.replace("/", "-") for key in keys("app", "data")
    }
    rule = result.the("SecurityGroup").inputs["ingress"][0]
    assert rule["cidrBlocks"] == ["10.0.0.0/24", "10.0.1.0/24"]


def test_the_same_resources_are_made_whether_ids_maps_or_nothing_is_known() -> None:
    shapes = [
        run(partial(leaf_program, whole=whole), preview=preview, calls=CALLS).shape()
        for whole in (True, False)
        for preview in (True, False)
    ]
    assert shapes[1:] == shapes[:-1]


def test_maps_that_become_known_as_a_whole_lead_to_the_same_inputs() -> None:
    def inputs(*, whole: bool) -> dict[tuple[str, str], dict[str, Any]]:
        result = run(lambda: leaf_program(whole=whole), preview=False, calls=CALLS)
        assert result.output("Endpoints")["privateServices"] == {
            "app": "ecr.api,ecr.dkr,s3",
            "data": "s3",
            "web": "",
        }
        return result.inputs()

    assert inputs(whole=True) == inputs(whole=False)


def test_maps_that_are_not_known_yet_leave_values_unknown() -> None:
    result = run(lambda: leaf_program(whole=True), preview=True, calls=CALLS)
    of = endpoints(result)
    assert of["s3"]["routeTableIds"] == of["ecr.api"]["subnetIds"] == UNKNOWN
    assert result.output("Endpoints")["privateServices"] == UNKNOWN
    (rule,) = result.the("SecurityGroup").inputs["ingress"]
    assert rule["cidrBlocks"] == UNKNOWN


def test_egress_may_be_known_later_one_by_one() -> None:
    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        egress = {
            group: pulumi.Output.all(vpc.id, one).apply(itemgetter(1))
            for group, one in EGRESS.items()
        }
        Endpoints("net", args(egress=egress))

    assert endpoints(run(program, preview=True, calls=CALLS))["s3"]["routeTableIds"] == UNKNOWN
    known = endpoints(run(program, preview=False, calls=CALLS))
    assert known["s3"]["routeTableIds"] == [f"rtb-{key}" for key in keys("app", "data")]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"needs": {"web": ["image-pull"]}},
            "needs.web is for a group with a route to an internet",
        ),
        (
            {"needs": {"job": ["s3"]}, "egress": {**EGRESS, "job": "none"}},
            "needs.job is for the group 'job', which has no subnets; the groups are 'app', 'data'",
        ),
        ({"service_zones": {"ecr.api": ["use1-az6"]}}, "ecr.api has no zone in common with the ne"),
    ],
)
def test_what_is_refused_of_known_maps_is_refused_once_maps_are_known(
    given: dict[str, Any], sentence: str
) -> None:
    maps = ("subnet_ids", "route_table_ids", "subnet_cidrs", "egress")

    def program() -> None:
        network = {
            key: pulumi.Output.from_input(value) if key in maps else value
            for key, value in {**network_args(), **given}.items()
        }
        Endpoints("net", args(**network))

    with pytest.raises(pulumi.RunError) as caught:
        run(program, preview=False, calls=CALLS)
    assert str(caught.value).startswith(f"Endpoints 'net': {sentence}")


def test_python_programs_know_services_by_group_before_any_id() -> None:
    seen: list[object] = []

    async def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        unknown = {key: vpc.id.apply(str) for key in keys(*EGRESS)}
        net = Endpoints("net", args(subnet_ids=unknown, route_table_ids=unknown))
        seen.append(net.private_services_by_group)
        seen.append(sorted(net.ids))
        seen.append([await value(one) for one in net.prefix_lists.values()])

    run(program, preview=True, calls=CALLS)
    assert seen == [
        {"app": "ecr.api,ecr.dkr,s3", "data": "s3", "web": ""},
        ["ecr.api", "ecr.dkr", "s3"],
        [UNKNOWN],
    ]


def test_services_by_group_are_those_of_groups_with_needs_while_maps_are_not_known() -> None:
    seen: list[object] = []

    def program() -> None:
        subnets = pulumi.Output.from_input(network_args()["subnet_ids"])
        seen.append(Endpoints("net", args(subnet_ids=subnets)).private_services_by_group)

    run(program, preview=False, calls=CALLS)
    assert seen == [{"app": "ecr.api,ecr.dkr,s3"}]


def test_a_route_table_that_subnets_share_is_adopted_for_once() -> None:
    tables = dict.fromkeys(keys("app"), "rtb-shared")
    result = made(route_table_ids=tables, adopt={"s3": "vpce-0123abcd"})
    assert set(result.of("VpcEndpointRouteTableAssociation")) == {"net-s3-app-use1-az1"}


class TestSubnets:
    def test_are_those_of_the_first_group_by_name_in_each_zone(self) -> None:
        network = network_args("app", "data", zones=("use1-az1", "use1-az2", "use1-az4"))
        del network["subnet_ids"]["app/use1-az4"]
        result = made(**network, needs={"data": ["exec"], "app": ["exec"]})
        assert endpoints(result)["ssmmessages"]["subnetIds"] == [
            "subnet-app/use1-az1",
            "subnet-app/use1-az2",
            "subnet-data/use1-az4",
        ]

    def test_do_not_move_when_a_group_without_needs_or_a_later_one_comes(self) -> None:
        before = endpoints(made(**network_args("data"), needs={"data": ["exec"]}))
        later = endpoints(made(**network_args("data", "web"), needs={"data": ["exec"]}))
        idle = endpoints(made(needs={"data": ["exec"]}))
        subnets = [f"subnet-{key}" for key in keys("data")]
        for of in (before, later, idle):
            assert of["ssmmessages"]["subnetIds"] == subnets

    def test_are_those_of_the_group_that_is_named(self) -> None:
        of = endpoints(made(needs={"app": ["exec"]}, subnet_group="data"))
        assert of["ssmmessages"]["subnetIds"] == [f"subnet-{key}" for key in keys("data")]

    def test_are_in_zones_that_the_service_supports(self) -> None:
        of = endpoints(made(service_zones={"ecr.api": ["use1-az2", "use1-az5"]}))
        assert of["ecr.api"]["subnetIds"] == ["subnet-app/use1-az2"]
        assert of["ecr.dkr"]["subnetIds"] == [f"subnet-{key}" for key in keys("app")]


class TestDualStack:
    IPV6: ClassVar = {
        key: f"2001:db8:0:{number}::/64" for number, key in enumerate(keys("app", "data"))
    }

    def test_services_that_can_take_ipv6_do(self) -> None:
        result = made(needs={"app": ["eks-node", "dynamodb"]}, subnet_ipv6_cidrs=self.IPV6)
        assert {key: one.get("ipAddressType") for key, one in endpoints(result).items()} == {
            "dynamodb": None,
            "ec2": "ipv4",
            "ecr.api": "dualstack",
            "ecr.dkr": "dualstack",
            "s3": "dualstack",
            "sts": "dualstack",
        }
        (rule,) = result.the("SecurityGroup").inputs["ingress"]
        assert rule["cidrBlocks"] == ["10.0.0.0/24", "10.0.1.0/24"]
        assert rule["ipv6CidrBlocks"] == ["2001:db8:0:0::/64", "2001:db8:0:1::/64"]

    def test_an_interface_in_a_subnet_without_ipv6_takes_ipv4(self) -> None:
        of = endpoints(made(subnet_ipv6_cidrs={"app/use1-az1": "2001:db8::/64"}))
        assert of["ecr.api"]["ipAddressType"] == "ipv4"

    def test_groups_without_ipv6_are_admitted_by_ipv4(self) -> None:
        ranges = {key: one for key, one in self.IPV6.items() if key.startswith("app")}
        result = made(
            needs={"app": ["exec"], "data": ["exec"]}, subnet_ipv6_cidrs=ranges, subnet_group="app"
        )
        app, data = result.the("SecurityGroup").inputs["ingress"]
        assert app["ipv6CidrBlocks"] == ["2001:db8:0:0::/64", "2001:db8:0:1::/64"]
        assert data["cidrBlocks"] == ["10.0.2.0/24", "10.0.3.0/24"]
        assert data["ipv6CidrBlocks"] == []
        assert endpoints(result)["ssmmessages"]["ipAddressType"] == "dualstack"

    def test_can_be_said_while_ranges_are_not_known(self) -> None:
        def program() -> None:
            vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
            ranges = vpc.id.apply(lambda _: self.IPV6)
            Endpoints("net", args(subnet_ipv6_cidrs=ranges, dual_stack=True))

        result = run(program, preview=True, calls=CALLS)
        assert endpoints(result)["ecr.api"]["ipAddressType"] == "dualstack"
        (rule,) = result.the("SecurityGroup").inputs["ingress"]
        assert rule["ipv6CidrBlocks"] == UNKNOWN


class TestNamedServices:
    def test_are_added(self) -> None:
        result = made(services=["sqs", "dynamodb", "s3"])
        assert set(endpoints(result)) == {"dynamodb", "ecr.api", "ecr.dkr", "s3", "sqs"}
        reasons = result.output("Endpoints")["reasons"]
        assert reasons["sqs"] == "asked for by name"
        assert reasons["s3"] == (
            "image layers are stored in an S3 bucket that AWS owns (image-pull in app);"
            " asked for by name"
        )

    def test_an_interface_for_s3_leaves_traffic_of_the_vpc_to_a_gateway(self) -> None:
        result = made(needs={"app": ["awslogs"]}, services=["s3-interface"])
        of = endpoints(result)
        assert set(of) == {"logs", "s3", "s3-interface"}
        assert of["s3-interface"]["privateDnsEnabled"] is True
        assert of["s3-interface"]["dnsOptions"] == {
            "privateDnsOnlyForInboundResolverEndpoint": True
        }
        assert of["s3-interface"]["serviceName"] == of["s3"]["serviceName"]
        assert result.the("VpcEndpoint", "net-s3-interface").depends_on == {"net-s3"}
        assert result.output("Endpoints")["privateServices"]["app"] == "logs,s3"

    def test_an_interface_for_dynamodb_has_no_private_names_and_does_not_count(self) -> None:
        result = made(needs={"app": ["awslogs"]}, services=["dynamodb-interface"])
        of = endpoints(result)
        assert of["dynamodb-interface"]["privateDnsEnabled"] is False
        assert of["dynamodb-interface"]["vpcEndpointType"] == "Interface"
        assert result.output("Endpoints")["privateServices"]["app"] == "logs"

    def test_agents_of_ecs_move_over_in_order(self) -> None:
        result = made(needs={"app": ["ecs-ec2"]})
        after = {name: one.depends_on for name, one in result.of("VpcEndpoint").items()}
        assert after == {
            "net-ecs-agent": set(),
            "net-ecs-telemetry": {"net-ecs-agent"},
            "net-ecs": {"net-ecs-agent", "net-ecs-telemetry"},
        }


def test_a_service_without_private_dns_does_not_count_as_private() -> None:
    result = made(private_dns={"ecr.dkr": False})
    assert endpoints(result)["ecr.dkr"]["privateDnsEnabled"] is False
    assert result.output("Endpoints")["privateServices"]["app"] == "ecr.api,s3"


class TestAnotherRegion:
    def test_is_reached_where_privatelink_does_that(self) -> None:
        result = made(service_regions={"ecr.dkr": "us-west-2"})
        of = endpoints(result)
        assert of["ecr.dkr"]["serviceName"] == "com.amazonaws.us-west-2.ecr.dkr"
        assert of["ecr.dkr"]["serviceRegion"] == "us-west-2"
        assert "serviceRegion" not in of["ecr.api"]
        # The registry of the own Region is not reached by it.
        assert result.output("Endpoints")["privateServices"]["app"] == "ecr.api,s3"

    def test_is_not_reached_from_some_zones(self) -> None:
        network = network_args("app", zones=("use1-az1", "use1-az3"))
        of = endpoints(made(**network, service_regions={"ecr.dkr": "us-west-2"}))
        assert of["ecr.dkr"]["subnetIds"] == ["subnet-app/use1-az1"]
        assert of["ecr.api"]["subnetIds"] == ["subnet-app/use1-az1", "subnet-app/use1-az3"]

    def test_of_s3_is_reached_by_an_interface_alone(self) -> None:
        result = made(
            needs={"app": ["awslogs"]},
            services=["s3-interface"],
            service_regions={"s3-interface": "eu-west-1"},
        )
        of = endpoints(result)
        assert set(of) == {"logs", "s3-interface"}
        assert "dnsOptions" not in of["s3-interface"]
        assert statements(of["s3-interface"])["ImageLayers"]["Resource"] == [
            "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"
        ]

    def test_is_where_a_global_service_runs(self) -> None:
        network = {**network_args("app", zones=("euw1-az1",)), "region": "eu-west-1"}
        result = made(**network, needs={"app": ["external-dns"]})
        of = endpoints(result)
        assert of["route53"]["serviceName"] == "com.amazonaws.route53"
        assert of["route53"]["serviceRegion"] == "us-east-1"
        assert result.output("Endpoints")["privateServices"] == {"app": "route53"}
        here = endpoints(made(needs={"app": ["external-dns"]}))
        assert "serviceRegion" not in here["route53"]


class TestAdoption:
    def test_of_a_gateway_adds_our_route_tables(self) -> None:
        result = made(adopt={"s3": "vpce-0123456789abcdef0"})
        assert result.counts() == {
            "Endpoints": 1,
            "SecurityGroup": 1,
            "VpcEndpoint": 2,
            "VpcEndpointRouteTableAssociation": 4,
        }
        of = result.of("VpcEndpointRouteTableAssociation")
        assert {name: one.inputs for name, one in of.items()} == {
            f"net-s3-{key.replace('/', '-')}": {
                "routeTableId": f"rtb-{key}",
                "vpcEndpointId": "vpce-0123456789abcdef0",
            }
            for key in keys("app", "data")
        }
        outputs = result.output("Endpoints")
        assert outputs["endpointIds"]["s3"] == "vpce-0123456789abcdef0"
        assert outputs["prefixListIds"] == {"s3": "pl-adopted"}
        assert outputs["privateServices"]["app"] == "ecr.api,ecr.dkr,s3"
        assert ("aws:ec2/getVpcEndpoint:getVpcEndpoint", {"id": "vpce-0123456789abcdef0"}) in (
            result.calls
        )

    def test_of_an_interface_adds_our_zones_and_our_security_group(self) -> None:
        result = made(
            adopt={"ecr.api": "vpce-0123abcd"}, adopted_zones={"ecr.api": ["use1-az1", "use1-az6"]}
        )
        assert result.counts() == {
            "Endpoints": 1,
            "SecurityGroup": 1,
            "SecurityGroupAssociation": 1,
            "VpcEndpoint": 2,
            "VpcEndpointSubnetAssociation": 1,
        }
        assert result.the("VpcEndpointSubnetAssociation").inputs == {
            "vpcEndpointId": "vpce-0123abcd",
            "subnetId": "subnet-app/use1-az2",
        }
        assert result.the("SecurityGroupAssociation").inputs == {
            "vpcEndpointId": "vpce-0123abcd",
            "securityGroupId": "net-security-group-id",
        }
        assert result.output("Endpoints")["privateServices"]["app"] == "ecr.api,ecr.dkr,s3"

    def test_leaves_a_policy_alone_unless_one_is_given(self) -> None:
        mine = json.dumps(
            {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
        )
        result = made(adopt={"s3": "vpce-0123abcd"}, policies={"s3": mine})
        assert result.the("VpcEndpointPolicy", "net-s3-policy").inputs == {
            "vpcEndpointId": "vpce-0123abcd",
            "policy": mine,
        }

    def test_asks_for_no_account(self) -> None:
        given = {key: one for key, one in network_args().items() if key != "account_id"}
        given |= {"needs": {"app": ["awslogs"]}, "adopt": {"logs": "vpce-0123abcd"}}
        result = run(lambda: Endpoints("net", cast("EndpointsArgs", given)), preview=True)
        assert result.calls == []

    def test_of_an_endpoint_that_serves_all_adds_nothing(self) -> None:
        result = made(adopt={"s3": "vpce-0123abcd"}, adopted_zones={"s3": list(ZONES)})
        assert result.counts() == {"Endpoints": 1, "SecurityGroup": 1, "VpcEndpoint": 2}


class TestPolicies:
    def test_have_the_account_of_the_provider_when_none_is_given(self) -> None:
        given = network_args()
        del given["account_id"]
        result = run(
            lambda: Endpoints(
                "net", cast("EndpointsArgs", {**given, "needs": {"app": ["awslogs"]}})
            ),
            preview=True,
            calls=CALLS,
        )
        assert result.calls == [("aws:index/getCallerIdentity:getCallerIdentity", {})]
        assert statements(endpoints(result)["logs"])["Own"]["Condition"] == {
            "StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}
        }

    def test_wait_for_an_account_that_is_not_known_yet(self) -> None:
        def program() -> None:
            other = aws.organizations.Account("other", email="a@example.com")
            Endpoints("net", args(account_id=other.id))

        of = endpoints(run(program, preview=True, calls=CALLS))
        assert {one["policy"] for one in of.values()} == {UNKNOWN}

    def test_have_the_organisation_in_the_place_of_the_account_and_ask_nobody(self) -> None:
        given = {key: one for key, one in network_args().items() if key != "account_id"}
        given |= {"needs": {"app": ["awslogs"]}, "organization_id": "o-abcde12345"}
        result = run(lambda: Endpoints("net", cast("EndpointsArgs", given)), preview=True)
        assert statements(endpoints(result)["logs"])["Own"]["Condition"] == {
            "StringEquals": {
                "aws:PrincipalOrgID": "o-abcde12345",
                "aws:ResourceOrgID": "o-abcde12345",
            }
        }

    def test_of_registries_take_all_needs_into_account(self) -> None:
        of = endpoints(made(needs={"app": ["image-pull"], "data": ["eks-node"]}))
        assert "OwnCallersPullFromAws" in statements(of["ecr.dkr"])

    def test_trust_the_accounts_that_are_named(self) -> None:
        of = endpoints(made(trusted_accounts=["222222222222"]))
        condition = statements(of["ecr.dkr"])["OwnRegistries"]["Condition"]["StringEquals"]
        assert condition["aws:ResourceAccount"] == [ACCOUNT, "222222222222"]

    def test_may_be_given_by_service_known_or_not(self) -> None:
        mine = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}

        def program() -> None:
            text = pulumi.Output.from_input(mine).apply(json.dumps)
            Endpoints("net", args(policies={"s3": text, "ecr.api": "none"}))

        of = endpoints(run(program, preview=False, calls=CALLS))
        assert json.loads(of["s3"]["policy"]) == mine
        assert "policy" not in of["ecr.api"]
        assert "OwnRegistries" in statements(of["ecr.dkr"])

    def test_that_turn_out_invalid_fail_the_program(self) -> None:
        def program() -> None:
            Endpoints("net", args(policies={"s3": pulumi.Output.from_input("{")}))

        with pytest.raises(pulumi.RunError, match=r"^Endpoints 'net': policies\.s3 is no JSON \("):
            run(program, preview=False, calls=CALLS)

    def test_may_be_added_to(self) -> None:
        more = {"Sid": "More", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
        added = json.dumps([{**more, "Resource": "arn:aws:s3:::dataset/*"}])
        of = endpoints(made(policy_statements={"s3": added}))
        assert set(statements(of["s3"])) == {"Own", "ImageLayers", "AmazonLinuxPackages", "More"}

    def test_are_not_sent_to_endpoints_that_take_none(self) -> None:
        assert "policy" not in endpoints(made(needs={"app": ["eks-oidc"]}))["oidc-eks"]


def test_two_in_one_stack_do_not_collide() -> None:
    def program() -> None:
        Endpoints("one", args())
        Endpoints("two", args())

    assert run(program, preview=False, calls=CALLS).counts() == {
        "Endpoints": 2,
        "SecurityGroup": 2,
        "VpcEndpoint": 6,
    }


def test_every_child_has_its_parent_and_the_callers_tags() -> None:
    result = made(tags={"team": "lanes", "Name": "overridden"})
    parent = result.the("Endpoints").urn
    children = [one for one in result.resources if one.type.startswith("aws:")]
    assert {one.parent for one in children} == {parent}
    assert [one.inputs["tags"] for one in children] == [
        {"team": "lanes", "Name": one.name} for one in children
    ]


def test_an_endpoint_goes_before_its_successor_comes() -> None:
    for one in made().of("VpcEndpoint").values():
        assert one.request.deleteBeforeReplace


class TestTheRegion:
    CONFIG: ClassVar = {"aws:region": "eu-west-1"}

    def build(self, opts: pulumi.ResourceOptions | None = None) -> Endpoints:
        given = {key: one for key, one in network_args().items() if key != "region"}
        return Endpoints(
            "net", cast("EndpointsArgs", {**given, "needs": {"app": ["awslogs"]}}), opts
        )

    def test_is_the_default_providers_when_none_is_given(self) -> None:
        def program() -> None:
            self.build(pulumi.ResourceOptions(parent=pulumi.ComponentResource("a:b:C", "parent")))

        for one in (self.build, program):
            of = endpoints(run(one, preview=True, config=self.CONFIG))
            assert of["logs"]["serviceName"] == "com.amazonaws.eu-west-1.logs"

    def test_is_to_be_given_where_the_provider_is_another(self) -> None:
        def by_option() -> None:
            provider = aws.Provider("far", region="us-west-2")
            self.build(pulumi.ResourceOptions(provider=provider))

        def by_parent() -> None:
            provider = aws.Provider("far", region="us-west-2")
            parent = pulumi.ComponentResource(
                "a:b:C", "parent", None, pulumi.ResourceOptions(providers=[provider])
            )
            self.build(pulumi.ResourceOptions(parent=parent))

        for program in (by_option, by_parent):
            with pytest.raises(pulumi.RunError, match=r"^Endpoints 'net': region is None, it must"):
                run(program, preview=True, config=self.CONFIG)


def refused(**given: Any) -> str:
    sentence = refusal(lambda: Endpoints("net", args(**given)))
    return sentence.removeprefix("Endpoints 'net': ")


#: Arguments → the sentence that refuses them.
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"services": ["secretmanager"]},
        (
            "services is 'secretmanager', AWS has no endpoint of that name; did you mean"
            " 'secretsmanager'?"
        ),
    ),
    (
        {"needs": {"app": ["awslog"]}},
        "needs.app holds 'awslog', which is no need; did you mean 'awslogs'?",
    ),
    (
        {"needs": {"jobs": ["exec"]}},
        (
            "needs.jobs is for the group 'jobs', which has no subnets; the groups are 'app', 'data'"
            " or 'web'."
        ),
    ),
    (
        {"needs": {"web": ["exec"]}},
        (
            "needs.web is for a group with a route to an internet gateway, only groups without one"
            " are served; allow_from can admit its addresses."
        ),
    ),
    (
        {"subnet_group": "jobs"},
        (
            "subnet_group is for the group 'jobs', which has no subnets; the groups are 'app',"
            " 'data' or 'web'."
        ),
    ),
    (
        {"service_zones": {"ecr.api": ["use1-az5", "use1-az6"]}},
        (
            "ecr.api has no zone in common with the network, whose subnets for endpoints are in"
            " use1-az1, use1-az2; it can be in use1-az5, use1-az6."
        ),
    ),
    (
        {
            **network_args("app", zones=("use1-az3",)),
            "service_regions": {"ecr.api": "us-west-2"},
        },
        (
            "ecr.api has no zone in common with the network, whose subnets for endpoints are in"
            " use1-az3; another Region is not reached from the zones apne1-az3, apne2-az2,"
            " apne2-az4, use1-az3, usw1-az2."
        ),
    ),
    (
        {"policies": {"s3": "{'Statement': []}"}},
        (
            "policies.s3 is no JSON (Expecting property name enclosed in double quotes: line 1"
            " column 2 (char 1)), it must be a JSON object."
        ),
    ),
    (
        {"policies": {"logs": "none"}},
        (
            "policies has 'logs', which nothing asks for; it must be one of 'ecr.api', 'ecr.dkr' or"
            " 's3'."
        ),
    ),
    (
        {"adopt": {"s3": "vpc-0123abcd"}},
        (
            "adopt.s3 is 'vpc-0123abcd', it must be the id of a VPC endpoint such as"
            " 'vpce-0123456789abcdef0'."
        ),
    ),
    (
        {"adopt": {"sqs": "vpce-0123abcd"}},
        (
            "adopt has 'sqs', which nothing asks for; it must be one of 'ecr.api', 'ecr.dkr' or"
            " 's3'."
        ),
    ),
    (
        {"adopted_zones": {"s3": ["use1-az1"]}},
        "adopted_zones has 's3', which nothing asks for; it must be one of .",
    ),
    (
        {"needs": {"app": ["awslogs"]}, "service_regions": {"logs": "us-west-2"}},
        (
            "service_regions.logs is 'us-west-2', which AWS does not let it be reached in from"
            " 'us-east-1'."
        ),
    ),
    (
        {"service_regions": {"s3": "us-west-2"}},
        (
            "service_regions.s3 is 'us-west-2', which AWS does not let it be reached in from"
            " 'us-east-1'."
        ),
    ),
    (
        {"service_regions": {"ecr.api": "cn-north-1"}},
        (
            "service_regions.ecr.api is 'cn-north-1', which AWS does not let it be reached in from"
            " 'us-east-1'."
        ),
    ),
    (
        {"region": "cn-northwest-1", "services": ["iam"]},
        (
            "iam runs in 'cn-north-1', which AWS does not let it be reached in from"
            " 'cn-northwest-1'."
        ),
    ),
    (
        {"egress": {"app": "nat", "data": "none"}},
        (
            "egress does not tell of the group 'web', it must be one of 'internet-gateway', 'nat'"
            " or 'none'."
        ),
    ),
    (
        {"egress": {**EGRESS, "app": "nap"}},
        (
            "egress.app is 'nap', it must be one of 'internet-gateway', 'nat' or 'none'; did you"
            " mean 'nat'?"
        ),
    ),
    (
        {"subnet_ids": {"app": "subnet-1"}},
        ("subnet_ids has the key 'app', it must be a group and a zone id such as 'app/use1-az1'."),
    ),
    (
        {"subnet_ids": ["subnet-1"]},
        "subnet_ids is a list, it must be a map by '<group>/<zone id>'.",
    ),
    (
        {"subnet_cidrs": {"app/use1-az1": "10.0.0.0/24"}},
        "subnet_cidrs has no range for the subnet 'app/use1-az2'.",
    ),
    (
        {"needs": {}, "services": ["sqs"]},
        (
            "needs is empty, so nobody could call sqs; state the needs of the groups that do, or"
            " name a subnet_group and those outside in allow_from."
        ),
    ),
    (
        {"policies": {"s3": None}},
        "policies.s3 is None, it must be a policy as text.",
    ),
    (
        {"vpc_id": None},
        "vpc_id is None, it must be the id of a VPC.",
    ),
    (
        {"route_table_ids": dict.fromkeys(keys("app", "web"), "rtb-main")},
        (
            "route_table_ids has one route table for 'web/use1-az2', which is public, and for"
            " 'app/use1-az1'; give them one each."
        ),
    ),
    (
        {"dual_stack": True},
        "dual_stack is True, but subnet_ipv6_cidrs has no ranges to admit.",
    ),
    (
        {"account_id": "1234"},
        "account_id is '1234', it must be the 12 digits of an account.",
    ),
    (
        {"trusted_accounts": ["shared"]},
        "trusted_accounts is 'shared', it must be the 12 digits of an account.",
    ),
    (
        {"organization_id": "ou-1"},
        ("organization_id is 'ou-1', it must be the id of an organisation such as 'o-abcde12345'."),
    ),
    (
        {"region": "us-east"},
        "region is 'us-east', it must be the name of a Region such as 'us-east-2'.",
    ),
    (
        {"private_dns": {"ecr.dkr": "no"}},
        "private_dns.ecr.dkr is 'no', it must be plain true or false.",
    ),
    (
        {"need": {}},
        "Endpoints has no argument 'need', did you mean 'needs'?",
    ),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_input_that_cannot_be_used_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert refused(**given) == sentence


def test_a_policy_that_is_too_long_is_refused() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": ["x" * 20_480]}
    assert refused(policies={"s3": json.dumps({"Statement": statement})}) == (
        "policies.s3 has 20,565 characters, an endpoint policy has at most 20,480."
    )


def test_without_a_region_the_program_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert refused(region=None) == (
        "region is None, it must be the name of a Region such as 'us-east-1'."
    )


def test_a_group_without_ranges_is_refused_before_its_subnets_are_known() -> None:
    def program() -> None:
        subnets = pulumi.Output.from_input(network_args()["subnet_ids"])
        Endpoints("net", args(subnet_ids=subnets, subnet_cidrs={}))

    assert refusal(program) == "Endpoints 'net': subnet_cidrs has no range for the group 'app'."


def test_adoption_asks_for_maps_whose_keys_are_known() -> None:
    def program() -> None:
        tables = pulumi.Output.from_input(network_args()["route_table_ids"])
        Endpoints("net", args(adopt={"s3": "vpce-0123abcd"}, route_table_ids=tables))

    assert refusal(program) == (
        "Endpoints 'net': adopt.s3 asks for the keys of route_table_ids, which must be a plain map."
    )


@pytest.mark.parametrize("known", [True, False])
def test_a_program_in_another_language_gets_the_same(known: bool) -> None:
    host = ComponentProvider([Endpoints], "privatelane")
    states: list[dict[str, Any]] = []

    def given() -> dict[str, Any]:
        """What the wire brings: camel case, floats, and maps that are Outputs as a whole."""
        network = {camel_case(key): one for key, one in network_args().items()}
        if not known:
            vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
            for key in ("subnetIds", "routeTableIds", "subnetCidrs", "egress"):
                network[key] = pulumi.Output.all(vpc.id, network[key]).apply(itemgetter(1))
        return {
            **network,
            "needs": {"app": ["image-pull"]},
            "services": ["s3-interface"],
            "serviceZones": {"ecr.api": ["use1-az1"]},
            "privateDns": {"ecr.api": True},
            "allowFrom": {"hub": {"prefixListId": "pl-1", "port": 8443.0}},
        }

    def program() -> None:
        result = host.construct("net", "privatelane:index:Endpoints", given())
        states.append(cast("dict[str, Any]", result.state))

    result = run(program, preview=not known, calls=CALLS, computed=computed)
    assert set(endpoints(result)) == {"ecr.api", "ecr.dkr", "s3", "s3-interface"}
    subnets = endpoints(result)["ecr.api"]["subnetIds"]
    assert subnets == (["subnet-app/use1-az1"] if known else UNKNOWN)
    assert result.the("SecurityGroup").inputs["ingress"][-1]["toPort"] == 8443
    (state,) = states
    assert set(state) == {
        "endpointIds",
        "prefixListIds",
        "privateServices",
        "reasons",
        "securityGroupId",
    }
