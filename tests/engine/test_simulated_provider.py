"""The simulated provider itself: it refuses what the real one and AWS refuse, and plans alike."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from tests.engine.provider_client import Made, ProviderClient, RefusedError
from tests.engine.simaws import plan, schema, traits
from tests.engine.simaws.cloud import Cloud, NotOnLoopbackError
from tests.engine.simaws.faults import DEATH, FAULTS
from tests.engine.simaws.resources import HANDLERS
from tests.engine.simaws.wire import UNKNOWN, Unknown

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
TABLE = "aws:ec2/routeTable:RouteTable"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
LOGS = "com.amazonaws.us-east-1.logs"

_numbers = itertools.count(900_000_000_000)
Start = Callable[..., ProviderClient]


def starter(endpoint: str) -> Iterator[Start]:
    """Starts provider processes in one new account, and ends them."""
    account = str(next(_numbers))
    started = []

    def begin(config: dict[str, Any] | None = None, **environment: str) -> ProviderClient:
        started.append(ProviderClient(endpoint, account, config, environment))
        return started[-1]

    yield begin
    for client in started:
        client.close()


@pytest.fixture
def start(account_endpoint: str) -> Iterator[Start]:
    """For tests that need a provider of their own."""
    yield from starter(account_endpoint)


@pytest.fixture(scope="module")
def provider(account_endpoint: str) -> Iterator[ProviderClient]:
    """For all others: what one of them creates is none of the next one's business."""
    for start in starter(account_endpoint):
        yield start()


def vpc(provider: ProviderClient, **inputs: Any) -> Made:
    return provider.create(
        VPC, **{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, **inputs}
    )


# The schema and the table of traits.


def test_every_handled_type_has_traits_and_the_other_way_round() -> None:
    assert sorted(HANDLERS) == traits.types_with_traits()


@pytest.mark.parametrize("token", traits.types_with_traits())
def test_the_traits_of_a_type_name_properties_that_it_has(token: str) -> None:
    known = schema.resource_schema(token)
    entry = traits.traits_of(token)
    named = {
        *(path.split(".")[0] for path in entry.replaces | entry.computed),
        *entry.sets,
        *entry.json,
        *entry.defaults,
        *entry.values,
        *entry.cidrs,
        *(key for group in entry.conflicts + entry.exactly_one for key in group),
    }
    assert entry.source
    assert named - {"region"} <= known.inputs.keys()


@pytest.mark.parametrize("token", schema.resource_tokens()[::60])
def test_the_schema_of_any_resource_can_be_derived(token: str) -> None:
    derived = schema.resource_schema(token)
    assert derived.token == token
    assert derived.outputs
    named = {field.type.get("object") for field in derived.inputs.values()} - {None}
    assert named <= derived.objects.keys()


def test_a_type_that_pulumi_aws_does_not_have_is_refused(provider: ProviderClient) -> None:
    with pytest.raises(RefusedError, match="has no resource aws:ec2/vpcc:Vpcc"):
        provider.check("aws:ec2/vpcc:Vpcc")


# Check.


def test_check_names_unknown_missing_and_mistyped_properties(provider: ProviderClient) -> None:
    _, failures = provider.check(SUBNET, cidrBlok="10.0.0.0/24", mapPublicIpOnLaunch="yes")
    assert failures == {
        "cidrBlok": "Invalid or unknown key. Examine values at 'cidrBlok'.",
        "vpcId": 'Missing required argument. The argument "vpcId" is required, but no '
        "definition was found.",
        "mapPublicIpOnLaunch": "expected boolean type, got string type",
    }


def test_check_looks_into_nested_objects(provider: ProviderClient) -> None:
    _, failures = provider.check(
        TABLE, vpcId=UNKNOWN, routes=[{"cidrBlock": 7}, {"gateway": UNKNOWN}]
    )
    assert failures.keys() == {"routes[0].cidrBlock", "routes[1].gateway"}


def test_an_unknown_value_has_every_type(provider: ProviderClient) -> None:
    checked, failures = provider.check(
        SUBNET, vpcId=UNKNOWN, mapPublicIpOnLaunch=UNKNOWN, tags=UNKNOWN, cidrBlock=UNKNOWN
    )
    assert failures == {}
    assert isinstance(checked["tags"], Unknown)


def test_check_fills_in_defaults_and_says_which(provider: ProviderClient) -> None:
    checked, _ = provider.check(VPC, cidrBlock="10.0.0.0/16")
    assert checked["enableDnsSupport"] is True
    assert checked["__defaults"] == ["enableDnsSupport", "instanceTenancy"]


def test_a_name_is_made_up_once_and_kept(provider: ProviderClient) -> None:
    first, _ = provider.check("aws:ecs/cluster:Cluster", "shop")
    assert first["name"].startswith("shop-")
    assert len(first["name"]) == len("shop-") + 7
    again, _ = provider.check("aws:ecs/cluster:Cluster", "renamed", olds=first)
    assert again["name"] == first["name"]


def test_a_long_name_fits_what_aws_allows(provider: ProviderClient) -> None:
    checked, _ = provider.check("aws:lb/loadBalancer:LoadBalancer", "x" * 50)
    assert len(checked["name"]) == 32


@pytest.mark.parametrize(
    ("token", "inputs", "where"),
    [
        (VPC, {"cidrBlock": "10.0.0.1/16"}, "cidrBlock"),
        (NAT, {"subnetId": "subnet-1", "availabilityMode": "global"}, "availabilityMode"),
        (
            "aws:ec2/route:Route",
            {"routeTableId": "rtb-1", "gatewayId": "igw-1"},
            "destinationCidrBlock",
        ),
        (
            "aws:ec2/route:Route",
            {
                "routeTableId": "rtb-1",
                "destinationCidrBlock": "0.0.0.0/0",
                "gatewayId": "igw-1",
                "natGatewayId": "nat-1",
            },
            "carrierGatewayId",
        ),
    ],
)
def test_check_refuses_values_that_the_real_provider_refuses(
    provider: ProviderClient, token: str, inputs: dict[str, Any], where: str
) -> None:
    _, failures = provider.check(token, **inputs)
    assert failures.keys() == {where}


# Previews.


def test_a_planned_create_knows_its_inputs_and_nothing_of_aws(provider: ProviderClient) -> None:
    outputs = provider.plan(SUBNET, vpcId=UNKNOWN, cidrBlock="10.0.0.0/24", tags={"Name": "a"})
    unknown = {key for key, value in outputs.items() if isinstance(value, Unknown)}
    assert {"id", "arn", "vpcId", "ownerId", "availabilityZone"} <= unknown
    assert outputs["cidrBlock"] == "10.0.0.0/24"
    assert outputs["mapPublicIpOnLaunch"] is False
    assert outputs["tagsAll"] == {"Name": "a"}
    assert outputs["region"] == "us-east-1"


@pytest.mark.parametrize("mode", ["keep", "unknown", "omit"])
def test_a_property_with_an_unknown_part_is_shown_as_the_switch_says(
    start: Start, mode: str
) -> None:
    provider = start(**{plan.NESTED_UNKNOWNS: mode})
    routes = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN}]
    outputs = provider.plan(TABLE, vpcId="vpc-1", routes=routes)
    if mode == "keep":
        assert outputs["routes"][0]["cidrBlock"] == "0.0.0.0/0"
        assert isinstance(outputs["routes"][0]["natGatewayId"], Unknown)
    elif mode == "unknown":
        assert isinstance(outputs["routes"], Unknown)
    else:
        assert "routes" not in outputs


# Differences.


def test_a_change_replaces_or_updates_as_terraform_says(provider: ProviderClient) -> None:
    made = vpc(provider)
    moved = provider.diff(made, cidrBlock="10.1.0.0/16", enableDnsHostnames=True)
    assert list(moved.replaces) == ["cidrBlock"]
    assert moved.detailedDiff["cidrBlock"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE
    tagged = provider.diff(
        made, cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"a.b/c": "d"}
    )
    assert list(tagged.replaces) == []
    assert list(tagged.diffs) == ["tags"]
    same = provider.diff(made, cidrBlock="10.0.0.0/16", enableDnsHostnames=True)
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_id_that_is_not_known_yet_replaces(provider: ProviderClient) -> None:
    made = provider.create(SUBNET, vpcId=vpc(provider).id, cidrBlock="10.0.0.0/24")
    moved = provider.diff(made, vpcId=UNKNOWN, cidrBlock="10.0.0.0/24")
    assert list(moved.replaces) == ["vpcId"]


def test_the_order_of_a_set_is_no_change(provider: ProviderClient) -> None:
    inside = vpc(provider)
    subnets = [
        provider.create(
            SUBNET, vpcId=inside.id, cidrBlock=f"10.0.{n}.0/24", availabilityZoneId=f"use1-az{n}"
        ).id
        for n in (1, 2)
    ]
    given: dict[str, Any] = {
        "vpcId": inside.id,
        "serviceName": LOGS,
        "vpcEndpointType": "Interface",
        "privateDnsEnabled": True,
    }
    made = provider.create(ENDPOINT, **given, subnetIds=subnets)
    turned = provider.diff(made, **given, subnetIds=subnets[::-1])
    assert turned.changes == provider_pb2.DiffResponse.DIFF_NONE
    fewer = provider.diff(made, **given, subnetIds=subnets[:1])
    assert list(fewer.diffs) == ["subnetIds"]
    assert list(fewer.replaces) == []


def test_the_layout_of_a_document_is_no_change(provider: ProviderClient) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    made = provider.create("aws:iam/policy:Policy", name="p", policy=json.dumps(policy))
    spread = json.dumps(policy, indent=4)
    changed = provider.diff(made, name="p", policy=spread)
    assert changed.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_resource_that_keeps_its_given_name_is_deleted_first(provider: ProviderClient) -> None:
    repository = "aws:ecr/repository:Repository"
    encryption = {"encryptionConfigurations": [{"encryptionType": "KMS"}]}
    named = provider.create(repository)
    assert named.id.startswith("it-")
    assert not provider.diff(named, **encryption).deleteBeforeReplace
    fixed = Made(repository, named.id, {**named.inputs, "__defaults": []}, named.state)
    changed = provider.diff(fixed, name=named.id, **encryption)
    assert list(changed.replaces) == ["encryptionConfigurations"]
    assert changed.deleteBeforeReplace


def test_default_tags_of_the_provider_reach_aws_and_are_a_change_of_their_own(
    start: Start,
) -> None:
    made = vpc(start(), tags={"Name": "it"})
    tagging = start({"defaultTags": json.dumps({"tags": {"team": "shop"}})})
    changed = tagging.diff(
        made, cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"Name": "it"}
    )
    assert list(changed.diffs) == ["tagsAll"]
    updated = tagging.update(
        made, cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"Name": "it"}
    )
    assert updated.state["tags"] == {"Name": "it"}
    assert updated.state["tagsAll"] == {"Name": "it", "team": "shop"}


# What AWS refuses.


def test_subnets_may_not_overlap(provider: ProviderClient) -> None:
    inside = vpc(provider)
    provider.create(SUBNET, vpcId=inside.id, cidrBlock="10.0.0.0/20")
    with pytest.raises(RefusedError, match=r"InvalidSubnet\.Conflict"):
        provider.create(SUBNET, vpcId=inside.id, cidrBlock="10.0.8.0/24")


def gateway(provider: ProviderClient) -> tuple[Made, Made, Made]:
    """A VPC, an Elastic IP and a NAT gateway that uses it."""
    inside = vpc(provider)
    provider.create("aws:ec2/internetGateway:InternetGateway", vpcId=inside.id)
    subnet = provider.create(SUBNET, vpcId=inside.id, cidrBlock="10.0.0.0/24")
    address = provider.create(EIP)
    nat = provider.create(NAT, subnetId=subnet.id, allocationId=address.id)
    return inside, address, nat


def test_an_address_that_is_associated_is_neither_released_nor_shared(
    provider: ProviderClient,
) -> None:
    _, address, nat = gateway(provider)
    with pytest.raises(RefusedError, match=r"InvalidIPAddress\.InUse"):
        provider.delete(address)
    with pytest.raises(RefusedError, match=r"Resource\.AlreadyAssociated"):
        provider.create(NAT, subnetId=nat.state["subnetId"], allocationId=address.id)
    provider.delete(nat)
    provider.delete(address)
    assert provider.read(address) is None


def test_a_nat_gateway_needs_an_internet_gateway(provider: ProviderClient) -> None:
    inside = vpc(provider)
    subnet = provider.create(SUBNET, vpcId=inside.id, cidrBlock="10.0.0.0/24")
    address = provider.create(EIP)
    with pytest.raises(RefusedError, match=r"Gateway\.NotAttached"):
        provider.create(NAT, subnetId=subnet.id, allocationId=address.id)


def test_a_vpc_with_dependents_cannot_be_deleted(provider: ProviderClient) -> None:
    inside = vpc(provider)
    group = provider.create(GROUP, vpcId=inside.id)
    with pytest.raises(RefusedError, match="DependencyViolation"):
        provider.delete(inside)
    provider.delete(group)
    provider.delete(inside)
    assert provider.read(inside) is None


def interface(provider: ProviderClient, inside: Made, **inputs: Any) -> Made:
    return provider.create(
        ENDPOINT,
        vpcId=inside.id,
        **{
            "serviceName": LOGS,
            "vpcEndpointType": "Interface",
            "privateDnsEnabled": True,
            **inputs,
        },
    )


def test_a_second_endpoint_with_the_same_private_name_is_refused(
    provider: ProviderClient,
) -> None:
    inside = vpc(provider)
    interface(provider, inside)
    with pytest.raises(RefusedError, match="conflicting DNS domain for logs"):
        interface(provider, inside)
    assert interface(provider, inside, privateDnsEnabled=False).id


def test_private_dns_needs_the_attributes_of_the_vpc(provider: ProviderClient) -> None:
    inside = vpc(provider, enableDnsHostnames=False)
    with pytest.raises(RefusedError, match="enableDnsSupport and enableDnsHostnames"):
        interface(provider, inside)


def test_a_service_that_does_not_exist_has_no_endpoint(provider: ProviderClient) -> None:
    with pytest.raises(RefusedError, match="InvalidServiceName"):
        interface(provider, vpc(provider), serviceName="com.amazonaws.us-east-1.ecr.apii")


def test_an_endpoint_has_one_subnet_in_each_zone(provider: ProviderClient) -> None:
    inside = vpc(provider)
    subnets = [
        provider.create(
            SUBNET, vpcId=inside.id, cidrBlock=f"10.0.{n}.0/24", availabilityZone="us-east-1a"
        ).id
        for n in (1, 2)
    ]
    with pytest.raises(RefusedError, match="DuplicateSubnetsInSameZone"):
        interface(provider, inside, subnetIds=subnets)


def test_a_security_group_in_use_cannot_be_deleted(provider: ProviderClient) -> None:
    inside = vpc(provider)
    group = provider.create(GROUP, vpcId=inside.id)
    endpoint = interface(provider, inside, securityGroupIds=[group.id])
    with pytest.raises(RefusedError, match="DependencyViolation"):
        provider.delete(group)
    provider.delete(endpoint)
    provider.delete(group)


def test_a_route_to_a_deleted_gateway_is_a_black_hole(provider: ProviderClient) -> None:
    inside, _, nat = gateway(provider)
    table = provider.create(TABLE, vpcId=inside.id)
    route = provider.create(
        "aws:ec2/route:Route",
        routeTableId=table.id,
        destinationCidrBlock="0.0.0.0/0",
        natGatewayId=nat.id,
    )
    assert route.state["state"] == "active"
    provider.delete(nat)
    found = provider.read(route)
    assert found is not None
    assert found.state["state"] == "blackhole"


# Regional NAT gateways, which moto does not have.


def test_a_regional_nat_gateway_has_no_subnet_and_an_address_a_zone(
    provider: ProviderClient,
) -> None:
    inside = vpc(provider)
    provider.create("aws:ec2/internetGateway:InternetGateway", vpcId=inside.id)
    addresses = [provider.create(EIP) for _ in range(2)]
    made = provider.create(
        NAT,
        vpcId=inside.id,
        availabilityMode="regional",
        availabilityZoneAddresses=[
            {"availabilityZoneId": f"use1-az{n}", "allocationIds": [address.id]}
            for n, address in enumerate(addresses, 1)
        ],
    )
    assert "subnetId" not in made.state
    assert {a["allocationId"] for a in made.state["regionalNatGatewayAddresses"]} == {
        address.id for address in addresses
    }
    with pytest.raises(RefusedError, match=r"InvalidIPAddress\.InUse"):
        provider.delete(addresses[0])
    provider.delete(made)
    for address in addresses:
        provider.delete(address)


# Reading and importing.


def test_a_refresh_sees_what_was_changed_by_hand(start: Start) -> None:
    provider = start()
    made = vpc(provider, tags={"Name": "it"})
    other = start()
    other.update(made, cidrBlock="10.0.0.0/16", enableDnsHostnames=False, tags={"Name": "it"})
    found = provider.read(made)
    assert found is not None
    assert found.inputs["enableDnsHostnames"] is False
    assert found.state["enableDnsHostnames"] is False


def test_a_refresh_of_what_nobody_touched_changes_nothing(provider: ProviderClient) -> None:
    _, _, nat = gateway(provider)
    for made in (vpc(provider), nat):
        found = provider.read(made)
        assert found is not None
        assert found.state == made.state
        assert found.inputs == made.inputs


def test_an_import_finds_the_inputs_that_would_have_made_it(provider: ProviderClient) -> None:
    made = vpc(provider, tags={"Name": "it"})
    found = provider.import_(VPC, made.id)
    assert found is not None
    changed = provider.diff(
        found, cidrBlock="10.0.0.0/16", enableDnsHostnames=True, tags={"Name": "it"}
    )
    assert changed.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert provider.import_(VPC, "vpc-00000000000000000") is None


def test_a_resource_may_be_in_another_region(provider: ProviderClient) -> None:
    made = vpc(provider, region="eu-west-1")
    assert made.state["region"] == "eu-west-1"
    assert ":eu-west-1:" in made.state["arn"]
    assert provider.invoke("aws:ec2/getVpc:getVpc", id=made.id, region="eu-west-1")
    with pytest.raises(RefusedError, match="does not exist"):
        provider.invoke("aws:ec2/getVpc:getVpc", id=made.id)


# Faults.


def write_fault(folder: Path, **fault: object) -> str:
    file = folder / "fault.json"
    file.write_text(json.dumps(fault))
    return str(file)


def test_a_throttled_create_leaves_nothing(start: Start, tmp_path: Path) -> None:
    file = write_fault(tmp_path, operation="create", at=2, mode="throttle")
    provider = start(**{FAULTS: file})
    provider.create(EIP)
    with pytest.raises(RefusedError, match="RequestLimitExceeded"):
        provider.create(EIP)
    provider.create(EIP)


def test_a_provider_dies_when_told_to(start: Start, tmp_path: Path) -> None:
    file = write_fault(tmp_path, operation="create", at=1, mode="die", type=EIP)
    provider = start(**{FAULTS: file})
    vpc(provider)
    with pytest.raises(RefusedError):
        provider.create(EIP)
    assert provider.exit_status() == DEATH


# Safety.


@pytest.mark.parametrize(
    "elsewhere", ["https://ec2.us-east-1.amazonaws.com", "http://192.0.2.1:80", ""]
)
def test_the_provider_calls_nobody_but_this_machine(
    monkeypatch: pytest.MonkeyPatch, elsewhere: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere)
    with pytest.raises(NotOnLoopbackError, match=r"only calls 127\.0\.0\.1"):
        Cloud("us-east-1").client("ec2")
