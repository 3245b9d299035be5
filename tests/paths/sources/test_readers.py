"""The two files of Pulumi's, and all that is peculiar about them."""

from __future__ import annotations

from typing import Any

import pytest

from privatelane_paths.known import Ref, Unknown
from privatelane_paths.sources.export import read_export
from privatelane_paths.sources.graph import network_of
from privatelane_paths.sources.preview_json import read_preview
from privatelane_paths.sources.resource import SECRET, UnusableInputError
from tests.programs import UNKNOWN_TEXT, Program
from tests.rules.networks import Net

PREFIX = "urn:pulumi:dev::net::"
SECRET_OBJECT = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "v1:abc",
}


def state(token: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "urn": f"{PREFIX}{token}::{name}",
        "custom": True,
        "type": token,
        "provider": f"{PREFIX}pulumi:providers:aws::default_7_51_1::1111",
        **more,
    }


VPC = "aws:ec2/vpc:Vpc"
NAT = "aws:ec2/natGateway:NatGateway"
SUBNET = "aws:ec2/subnet:Subnet"


def test_a_created_resource_has_inputs_only() -> None:
    reading = read_preview(
        {
            "config": {"aws:region": "eu-west-1"},
            "steps": [
                {
                    "op": "create",
                    "newState": state(VPC, "main", inputs={"cidrBlock": UNKNOWN_TEXT}),
                }
            ],
        }
    )

    (vpc,) = network_of(reading.resources, reading.settings).vpcs
    assert vpc.region == "eu-west-1"
    assert isinstance(vpc.cidrs, Unknown)
    assert reading.stack == "dev"


def test_an_unchanged_resource_has_its_id_and_outputs_in_the_old_state() -> None:
    old = {"id": "vpc-1", "inputs": {"cidrBlock": "10.0.0.0/16"},
           "outputs": {"id": "vpc-1", "cidrBlock": "10.0.0.0/16",
                       "defaultRouteTableId": "rtb-1"}}  # fmt: skip
    reading = read_preview(
        {
            "steps": [
                {
                    "op": "same",
                    "oldState": state(VPC, "main", **old),
                    "newState": state(VPC, "main", inputs={"cidrBlock": "10.0.0.0/16"}),
                },
                {
                    "op": "create",
                    "newState": state(SUBNET, "app", inputs={"vpcId": "vpc-1"}),
                },
            ],
            "changeSummary": {"same": 1, "create": 1},
        }
    )

    network = network_of(reading.resources, reading.settings)

    assert network.subnets[0].vpc == Ref.to(f"{PREFIX}{VPC}::main")
    assert network.unread == {}


def test_an_update_keeps_only_the_outputs_that_it_does_not_touch() -> None:
    reading = read_preview(
        {
            "steps": [
                {
                    "op": "update",
                    "oldState": state(
                        "aws:ec2/vpcEndpoint:VpcEndpoint",
                        "s3",
                        id="vpce-1",
                        inputs={"privateDnsEnabled": True, "vpcId": "vpc-1"},
                        outputs={"privateDnsEnabled": True, "vpcId": "vpc-1", "id": "vpce-1"},
                    ),
                    "newState": state(
                        "aws:ec2/vpcEndpoint:VpcEndpoint", "s3", inputs={"vpcId": "vpc-1"}
                    ),
                }
            ]
        }
    )

    (resource,) = reading.resources

    assert resource.id == "vpce-1"
    assert resource.outputs == {"vpcId": "vpc-1", "id": "vpce-1"}


def test_what_a_preview_leaves_out_is_a_missing_fact() -> None:
    """Without --show-sames the unchanged part of a network is simply not there."""
    shown = {"steps": [], "changeSummary": {"same": 12}}

    unread = network_of((), read_preview(shown).settings).unread

    assert "--show-sames" in unread["routes"]
    assert "--show-sames" in unread["endpoints"]


@pytest.mark.parametrize("operation", ["delete", "delete-replaced"])
def test_a_deleted_resource_is_gone(operation: str) -> None:
    reading = read_preview(
        {"steps": [{"op": operation, "oldState": state(NAT, "nat", id="nat-1")}]}
    )

    network = network_of(reading.resources, reading.settings)

    assert network.nats == ()
    assert "nat-1" in network.gone


def test_a_replaced_resource_is_there_and_its_old_id_is_gone() -> None:
    reading = read_preview(
        {
            "steps": [
                {
                    "op": operation,
                    "oldState": state(NAT, "nat", id="nat-1", outputs={"id": "nat-1"}),
                    "newState": state(NAT, "nat", inputs={"subnetId": UNKNOWN_TEXT}),
                }
                for operation in ("create-replacement", "replace", "delete-replaced")
            ]
        }
    )

    network = network_of(reading.resources, reading.settings)

    assert [one.name for one in network.nats] == ["nat"]
    assert network.gone == {"nat-1"}


def test_explicit_providers_name_the_region_and_the_account_of_their_resources() -> None:
    urn = f"{PREFIX}pulumi:providers:aws::west"
    provider = {
        "urn": urn,
        "custom": True,
        "id": "2222",
        "type": "pulumi:providers:aws",
        "inputs": {
            "region": "us-west-2",
            "assumeRoles": '[{"roleArn": "arn:aws:iam::123456789012:role/deploy"}]',
        },
    }
    vpc = state(VPC, "west", provider=f"{urn}::2222", inputs={"cidrBlock": "10.0.0.0/16"})
    own = state(
        VPC, "own", provider=f"{urn}::2222",
        inputs={"cidrBlock": "10.0.0.0/16", "region": "eu-west-1"},
    )  # fmt: skip
    steps = [{"op": "create", "newState": one} for one in (provider, vpc, own)]
    exported = {"deployment": {"resources": [provider, vpc, own]}}

    for reading in (read_preview({"steps": steps}), read_export(exported)):
        found = network_of(reading.resources, reading.settings).vpcs
        assert [(one.name, one.region, one.account) for one in found] == [
            ("own", "eu-west-1", "123456789012"),
            ("west", "us-west-2", "123456789012"),
        ]


def test_secrets_are_missing_facts_in_either_file() -> None:
    reading = read_export(
        {"deployment": {"resources": [state(VPC, "a", inputs={"cidrBlock": SECRET_OBJECT})]}}
    )
    hidden = state(VPC, "a", inputs={"cidrBlock": "[secret]"})
    previewed = read_preview({"steps": [{"op": "create", "newState": hidden}]})

    for one in (*reading.resources, *previewed.resources):
        assert one.inputs == {"cidrBlock": SECRET}


def test_a_secret_that_the_export_shows_is_a_value() -> None:
    shown = {**SECRET_OBJECT, "plaintext": '"10.0.0.0/16"'}
    reading = read_export(
        {"deployment": {"resources": [state(VPC, "a", inputs={"cidrBlock": shown})]}}
    )

    assert reading.resources[0].inputs == {"cidrBlock": "10.0.0.0/16"}


def test_an_object_that_awaits_deletion_is_no_part_of_the_network() -> None:
    table = "aws:ec2/routeTable:RouteTable"
    routes = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"}]
    old = state(table, "app", delete=True, id="rtb-0", inputs={"routes": routes})
    new = state(table, "app", id="rtb-1", inputs={"routes": []})

    for order in ([old, new], [new, old]):
        reading = read_export({"deployment": {"resources": order}})
        network = network_of(reading.resources, reading.settings)
        assert network.routes == ()
        assert [one.key for one in network.tables] == [f"{PREFIX}{table}::app"]
        assert network.gone == {"rtb-0"}


def test_a_read_resource_has_outputs_and_is_outside() -> None:
    read = state(
        VPC, "found", external=True, id="vpc-1", outputs={"id": "vpc-1", "cidrBlock": "10.0.0.0/16"}
    )

    (vpc,) = network_of(read_export({"deployment": {"resources": [read]}}).resources).vpcs

    assert vpc.outside
    assert [str(one) for one in vpc.cidrs] == ["10.0.0.0/16"]  # type: ignore[union-attr]


def test_a_read_resource_of_which_a_preview_shows_the_id_alone_is_unknown() -> None:
    read = state(VPC, "found", external=True, id="vpc-1")
    reading = read_preview({"steps": [{"op": "read", "newState": read}]})

    (vpc,) = network_of(reading.resources, reading.settings).vpcs

    assert vpc.outside
    assert isinstance(vpc.dns_support, Unknown)
    assert isinstance(vpc.cidrs, Unknown)


def test_a_checkpoint_of_a_file_backend_is_an_export_too() -> None:
    exported = Net().program.export()
    checkpoint = {"version": 3, "checkpoint": {"latest": exported["deployment"]}}

    assert read_export(checkpoint) == read_export(exported)


def test_an_export_of_a_version_that_nobody_knows_is_refused() -> None:
    deployment = Net().program.export()["deployment"]

    assert read_export({"version": 4, "deployment": deployment}) == read_export(
        {"version": 3, "deployment": deployment}
    )
    for version in (2, 5, "3", None):
        with pytest.raises(UnusableInputError, match=f"`version` .* is {version!r}; known are 3"):
            read_export({"version": version, "deployment": deployment})


def test_a_stack_without_resources_has_no_facts() -> None:
    for reading in (
        read_export({"version": 3, "deployment": {"manifest": {}}}),
        read_preview({"steps": []}),
    ):
        assert (reading.resources, reading.stack) == ((), "")


@pytest.mark.parametrize("document", [[], {}, {"steps": 3}, {"deployment": {"resources": [1]}}, 7])
def test_what_is_neither_is_refused_in_one_sentence(document: object) -> None:
    for read in (read_export, read_preview):
        if read is read_export and document == {"steps": 3}:
            continue
        with pytest.raises(UnusableInputError) as refused:
            read(document)
        assert "\n" not in str(refused.value)


def test_a_resource_without_a_urn_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="which is none"):
        read_export({"deployment": {"resources": [{"urn": "x", "type": VPC}]}})


def test_the_region_of_the_default_provider_stands_in_the_export() -> None:
    reading = read_export(Program(region="ap-southeast-1").export() | {})

    assert reading.resources[0].type == "pulumi:providers:aws"
    found = network_of(read_export(Net(program=Program(region="ap-south-1")).program.export())
                       .resources).vpcs  # fmt: skip
    assert [one.region for one in found] == ["ap-south-1"]
