"""What a program registers in a preview without an engine, to the last input."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf.struct_pb2 import Struct

from lane import embedded
from lane.program import load_project
from lane.resources import Options, Resource, plain
from lane.stack_config import UNKNOWN_TEXT
from tests.lane.running import program, run_of

Find = Callable[[str, str], Resource]
URN = "urn:pulumi:dev::network::"
VPC = f"{URN}aws:ec2/vpc:Vpc::main"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
SIGNATURE = "4dabf18193072939515e22adb298388d"


def test_every_resource_is_kept_once_sorted_by_urn() -> None:
    run = run_of("network")
    assert [resource.urn for resource in run.resources] == [
        f"{URN}aws:ec2/internetGateway:InternetGateway::main",
        f"{URN}aws:ec2/routeTable:RouteTable::main",
        VPC,
        f"{URN}aws:ec2/vpcEndpoint:VpcEndpoint::s3",
        f"{URN}aws:iam/role:Role::role",
        f"{URN}pulumi:providers:aws::ireland",
        f"{URN}test:index:Pair$aws:ec2/subnet:Subnet::app-a",
        f"{URN}test:index:Pair$aws:ec2/subnet:Subnet::app-b",
        f"{URN}test:index:Pair::app",
    ]
    assert run.root.urn == f"{URN}pulumi:pulumi:Stack::network-dev"
    assert run.notes == ()


def test_unknowns_keep_their_place_in_nested_inputs(registered: Find) -> None:
    table = registered("network", "RouteTable main")
    assert table.inputs == {
        "vpcId": UNKNOWN_TEXT,
        "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN_TEXT}],
    }
    assert registered("network", "VpcEndpoint s3").inputs == {
        "vpcId": UNKNOWN_TEXT,
        "serviceName": "com.amazonaws.eu-west-1.s3",
        "routeTableIds": [UNKNOWN_TEXT],
    }


def test_dependencies_are_kept_as_a_whole_and_by_property(registered: Find) -> None:
    table = registered("network", "RouteTable main")
    gateway = f"{URN}aws:ec2/internetGateway:InternetGateway::main"
    assert table.property_dependencies == {"routes": (gateway,), "vpcId": (VPC,)}
    # depends_on a component is depends_on its children
    children = tuple(f"{URN}test:index:Pair$aws:ec2/subnet:Subnet::app-{zone}" for zone in "ab")
    assert table.dependencies == (gateway, VPC, *children)
    # what is known is known to depend on nothing
    assert registered("network", "Vpc main").property_dependencies == {"cidrBlock": (), "tags": ()}


def test_parents_options_and_sources_are_kept(registered: Find) -> None:
    subnet = registered("network", "Subnet app-a")
    assert subnet.parent == f"{URN}test:index:Pair::app"
    assert subnet.source == "__main__.py:15"
    vpc = registered("network", "Vpc main")
    assert vpc.options == Options(
        protect=True, ignore_changes=("enableDnsSupport",), timeouts=(5400, 0, 0, 0)
    )
    assert vpc.parent == f"{URN}pulumi:pulumi:Stack::network-dev"


def test_a_provider_is_the_explicit_one_or_the_default_of_the_package(registered: Find) -> None:
    assert registered("network", "VpcEndpoint s3").provider == (
        f"{URN}pulumi:providers:aws::ireland"
    )
    (default,) = run_of("network").default_providers
    assert registered("network", "Vpc main").provider == default.urn
    assert default.inputs["region"] == "eu-west-1"
    assert default.urn.startswith(f"{URN}pulumi:providers:aws::default_")
    assert not registered("network", "Pair app").provider


def test_a_secret_keeps_its_mark(registered: Find) -> None:
    assert registered("network", "Vpc main").inputs["tags"] == {
        "Token": {SIGNATURE: SECRET, "value": "hush"}
    }


def test_stack_checks_see_inputs_with_an_unknown_id_and_what_components_export(
    registered: Find,
) -> None:
    endpoint = registered("network", "VpcEndpoint s3")
    outputs = plain(endpoint.outputs)
    assert {name: outputs[name] for name in endpoint.inputs} == endpoint.inputs
    # What the provider will fill in is unknown, but for the region that it is configured with.
    filled = {name: value for name, value in outputs.items() if name not in endpoint.inputs}
    assert filled.pop("region") == "eu-west-1"
    assert {"arn", "id", "privateDnsEnabled", "subnetIds"} <= set(filled)
    assert set(filled.values()) == {UNKNOWN_TEXT}
    # What it leaves alone is not there.
    assert "vpcEndpointType" not in outputs
    assert plain(registered("network", "Pair app").outputs) == {
        "subnetIds": [UNKNOWN_TEXT, UNKNOWN_TEXT]
    }


def test_what_the_program_set_is_known_downstream_and_the_rest_is_not() -> None:
    assert run_of("network").exports == {
        "vpcId": UNKNOWN_TEXT,
        "block": "10.0.0.0/16",
        "policy": (
            '{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":"*"}],'
            '"Version":"2012-10-17"}'
        ),
    }


def test_a_name_that_the_program_leaves_out_is_generated_the_same_each_time(
    registered: Find,
) -> None:
    name = registered("network", "Role role").inputs["name"]
    again = embedded.run(load_project(program("network"), "dev"))
    assert [one.inputs["name"] for one in again.resources if one.name == "role"] == [name]
    assert name.startswith("role-")
    assert len(name) == len("role-") + 7
    # a subnet has no name of its own
    assert "name" not in registered("network", "Subnet app-a").inputs


def test_a_remote_component_is_one_resource_and_says_so(registered: Find) -> None:
    run = run_of("remote")
    assert [resource.name for resource in run.resources] == ["visible", "hidden"]
    assert registered("remote", "Vpc hidden").remote
    (note,) = run.notes
    assert note.startswith("awsx:ec2:Vpc 'hidden' is a remote component")
    assert note.endswith("what hangs on them is unknown")
    visible = registered("remote", "Subnet visible")
    assert visible.inputs["vpcId"] == UNKNOWN_TEXT
    assert visible.property_dependencies["vpcId"] == (
        "urn:pulumi:dev::remote::awsx:ec2:Vpc::hidden",
    )


def test_of_a_read_only_the_id_is_known(registered: Find) -> None:
    vpc = registered("reads", "Vpc shared")
    assert (vpc.external, vpc.id, vpc.inputs) == (True, "vpc-0123", {})
    subnet = registered("reads", "Subnet read")
    assert subnet.inputs == {"vpcId": "vpc-0123", "cidrBlock": UNKNOWN_TEXT}
    assert subnet.property_dependencies == {"vpcId": (vpc.urn,), "cidrBlock": (vpc.urn,)}
    assert vpc not in run_of("reads").resources


def test_whether_something_exists_is_unknown() -> None:
    assert run_of("reads").exports == {"there": UNKNOWN_TEXT}


def test_another_stacks_outputs_are_unknown_and_depend_on_the_reference(registered: Find) -> None:
    subnet = registered("reads", "Subnet referenced")
    reference = registered("reads", "StackReference organization/network/dev")
    assert subnet.inputs["vpcId"] == UNKNOWN_TEXT
    assert subnet.property_dependencies["vpcId"] == (reference.urn,)


def test_the_result_of_a_method_is_unknown_and_depends_on_its_arguments(registered: Find) -> None:
    subnet = registered("reads", "Subnet called")
    assert subnet.inputs["vpcId"] == UNKNOWN_TEXT
    assert subnet.property_dependencies["vpcId"] == (registered("reads", "Vpc shared").urn,)
    assert run_of("reads").notes == (
        "Thing/ask (test) runs in its provider: what depends on its result is unknown",
    )


def test_an_imported_resource_has_its_id(registered: Find) -> None:
    assert registered("reads", "Subnet imported").id == "subnet-1"


def test_transforms_run_own_before_the_stacks(registered: Find) -> None:
    vpc = registered("transforms", "Vpc main")
    assert vpc.inputs == {"cidrBlock": "10.0.0.0/8", "tags": {"Name": "main", "Team": "network"}}
    assert vpc.options.protect
    subnet = registered("transforms", "Subnet main")
    assert subnet.inputs["tags"] == {"Team": "network"}
    assert subnet.property_dependencies["vpcId"] == (vpc.urn,)
    assert run_of("transforms").exports == {"block": "10.0.0.0/8"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", UNKNOWN_TEXT),
        ("url", UNKNOWN_TEXT),
        ("applied", UNKNOWN_TEXT),
        ("user", "web"),
    ],
)
def test_encrypted_configuration_stays_an_unknown_secret(
    registered: Find, name: str, value: str
) -> None:
    parameter = registered("encrypted", f"Parameter {name}")
    assert parameter.inputs["value"] == {SIGNATURE: SECRET, "value": value}


def test_an_encrypted_number_stays_unknown_too(registered: Find) -> None:
    (rule,) = registered("encrypted", "SecurityGroup database").inputs["ingress"]
    assert rule["fromPort"] == {SIGNATURE: SECRET, "value": UNKNOWN_TEXT}


def test_what_the_configuration_tells_is_answered() -> None:
    exports = run_of("asks").exports
    assert exports["region"] == "eu-west-1"
    assert exports["other"] == "ap-southeast-2"
    assert exports["partition"] == "aws"
    assert exports["document"].startswith('{\n  "Version": "2012-10-17"')


def test_what_only_the_account_knows_is_unknown() -> None:
    exports = run_of("asks").exports
    assert exports["account"] == UNKNOWN_TEXT
    assert exports["zone"] == UNKNOWN_TEXT


def test_whatever_a_placeholder_gets_into_is_unknown(registered: Find) -> None:
    group = registered("asks", "SecurityGroup default")
    assert (group.inputs["vpcId"], group.inputs["description"]) == (UNKNOWN_TEXT, UNKNOWN_TEXT)
    assert registered("asks", "RepositoryPolicy images").inputs["policy"] == UNKNOWN_TEXT
    # a list of unknown length is unknown as a whole
    assert registered("asks", "LoadBalancer all").inputs["subnets"] == UNKNOWN_TEXT


def test_zones_are_assumed_and_the_assumption_is_told() -> None:
    run = run_of("asks")
    subnets = [one.inputs for one in run.resources if one.type.endswith(":Subnet")]
    assert [one.get("availabilityZone") for one in subnets] == [
        None,
        "eu-west-1a",
        "eu-west-1b",
        "eu-west-1c",
    ]
    assert subnets[0]["availabilityZoneId"] == UNKNOWN_TEXT
    told = [note for note in run.notes if note.startswith("getAvailabilityZones")]
    assert [note.partition(": ")[2] for note in told] == [
        "the usual zone names of the region are assumed",
        "what depends on its answer is unknown",
    ]
    assert {note.split(" ")[0] for note in run.notes} == {
        "getAvailabilityZones",
        "getCallerIdentity",
        "getSubnets",
        "getVpc",
    }


def test_each_resource_is_heard_of_once_with_its_provider() -> None:
    heard: list[tuple[str, str]] = []

    def hear(resource: Resource, provider: Resource | None) -> None:
        heard.append((resource.urn, provider.name if provider else ""))

    embedded.run(load_project(program("network"), "dev"), on_resource=hear)
    assert len(heard) == len(set(heard)) == 11  # nine, the stack and the default provider
    (default,) = (urn.rpartition("::")[2] for urn, _ in heard if "::default_" in urn)
    assert (f"{URN}aws:ec2/vpcEndpoint:VpcEndpoint::s3", "ireland") in heard
    assert (VPC, default) in heard
    assert (f"{URN}test:index:Pair::app", "") in heard


def test_inputs_that_a_policy_rewrote_are_the_ones_that_count() -> None:
    def remediate(resource: Resource, _provider: Resource | None) -> Struct | None:
        if not resource.type.endswith(":Vpc"):
            return None
        rewritten = Struct()
        rewritten.update({"cidrBlock": "10.9.0.0/16"})
        return rewritten

    run = embedded.run(load_project(program("network"), "dev"), remediate=remediate)
    (vpc,) = (resource for resource in run.resources if resource.type.endswith(":Vpc"))
    assert vpc.inputs == {"cidrBlock": "10.9.0.0/16"}
    assert run.exports["block"] == "10.9.0.0/16"
