"""The mechanical fixes, applied by the pack as the engine asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format
from pulumi.runtime import proto

from tests.programs import UNKNOWN_TEXT

if TYPE_CHECKING:
    from tests.rules.analyzer import Analyzer

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
VPC = "aws:ec2/vpc:Vpc"
SERVICE = "aws:ecs/service:Service"
ECR = "com.amazonaws.us-east-1.ecr.dkr"


def remediate(
    pack: Analyzer, policy: str, token: str, properties: dict[str, Any], level: str = "remediate"
) -> dict[str, Any] | None:
    pack.configure({policy: {"enforcementLevel": level}})
    request = proto.AnalyzeRequest(type=token, urn=f"urn:pulumi:a::b::{token}::c", name="c")
    request.properties.update(properties)
    found = pack.stub.Remediate(request).remediations
    assert not [one.diagnostic for one in found if one.diagnostic]
    return json_format.MessageToDict(found[0].properties) if found else None


@pytest.mark.parametrize(
    ("policy", "token", "before", "changed"),
    [
        (
            "interface-endpoint-without-private-dns",
            ENDPOINT,
            {"vpcEndpointType": "Interface", "serviceName": ECR, "vpcId": UNKNOWN_TEXT},
            {"privateDnsEnabled": True},
        ),
        (
            "interface-endpoint-without-private-dns",
            ENDPOINT,
            {"vpcEndpointType": "Interface", "serviceName": ECR, "privateDnsEnabled": False},
            {"privateDnsEnabled": True},
        ),
        (
            "vpc-without-dns-attributes",
            VPC,
            {"cidrBlock": "10.0.0.0/16"},
            {"enableDnsHostnames": True},
        ),
        (
            "vpc-without-dns-attributes",
            VPC,
            {"enableDnsSupport": False, "enableDnsHostnames": False},
            {"enableDnsSupport": True, "enableDnsHostnames": True},
        ),
        (
            "public-ip-on-private-workload",
            SERVICE,
            {"networkConfiguration": {"subnets": [UNKNOWN_TEXT], "assignPublicIp": True}},
            {"networkConfiguration": {"subnets": [UNKNOWN_TEXT], "assignPublicIp": False}},
        ),
    ],
)
def test_a_fix_changes_what_is_wrong_and_nothing_else(
    pack: Analyzer, policy: str, token: str, before: dict[str, Any], changed: dict[str, Any]
) -> None:
    assert remediate(pack, policy, token, before) == {**before, **changed}


@pytest.mark.parametrize(
    ("policy", "token", "properties"),
    [
        (
            "interface-endpoint-without-private-dns",
            ENDPOINT,
            {"serviceName": "com.amazonaws.us-east-1.s3"},
        ),
        (
            "interface-endpoint-without-private-dns",
            ENDPOINT,
            {
                "vpcEndpointType": "Interface",
                "serviceName": ECR,
                "privateDnsEnabled": UNKNOWN_TEXT,
            },
        ),
        (
            "interface-endpoint-without-private-dns",
            ENDPOINT,
            {"vpcEndpointType": "Interface", "serviceName": UNKNOWN_TEXT},
        ),
        (
            "interface-endpoint-without-private-dns",
            ENDPOINT,
            {"vpcEndpointType": "Interface", "serviceName": "com.amazonaws.us-east-1.dynamodb"},
        ),
        ("vpc-without-dns-attributes", VPC, {"enableDnsHostnames": True}),
        ("public-ip-on-private-workload", SERVICE, {"networkConfiguration": {"subnets": []}}),
        ("public-ip-on-private-workload", VPC, {}),
    ],
)
def test_what_is_right_or_unknown_is_left_alone(
    pack: Analyzer, policy: str, token: str, properties: dict[str, Any]
) -> None:
    assert remediate(pack, policy, token, properties) is None


def test_nothing_is_changed_unless_it_is_asked_for(pack: Analyzer) -> None:
    policy = "vpc-without-dns-attributes"

    assert remediate(pack, policy, VPC, {"cidrBlock": "10.0.0.0/16"}, "mandatory") is None


def test_a_secret_stays_a_secret(pack: Analyzer) -> None:
    secret = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": "quiet",
    }

    found = remediate(pack, "vpc-without-dns-attributes", VPC, {"tags": {"note": secret}})

    assert found == {"tags": {"note": secret}, "enableDnsHostnames": True}
