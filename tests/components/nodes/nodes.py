"""What tests of nodes share: a cluster, a network to place them in, and how to run them."""

from __future__ import annotations

import base64
import email
import json
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from tests.components import mocks
from tests.components.ecs.fargate import ACCOUNT, CALLS, REGION, network_args, resolved
from tests.components.mocks import Run, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.components.mocks import Registered

CLUSTER_ARN = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/main"

#: What a group reaches in which all compute of a cluster starts.
SERVICES = "autoscaling,ec2,ecr.api,ecr.dkr,eks,eks-auth,logs,s3,sqs,ssm,ssmmessages,sts"

#: What a node must know to join by itself.
FACTS: dict[str, Any] = {
    "cluster_endpoint": "https://ABC.gr7.eu-west-1.eks.amazonaws.com",
    "certificate_authority": "LS0tLS1CRUdJTg==",
    "service_cidr": "172.20.0.0/16",
}


def subnets(*groups: str) -> dict[str, Any]:
    """Where nodes run: `app` is closed, `web` public, `mixed` behind NAT."""
    network = network_args(*groups)
    return {
        "subnet_ids": network["subnet_ids"],
        "egress": network["egress"],
        "private_services": {"app": SERVICES},
    }


def computed(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What the provider would tell of resources that exist."""
    return {
        "arn": f"arn:{name}",
        "name": inputs.get("name", f"{name}-name"),
        "nodeGroupName": f"{name}-name",
        "fargateProfileName": f"{name}-name",
        "latestVersion": 3,
        "url": f"https://queue/{name}",
    }


def deployed(
    component: Callable[..., pulumi.ComponentResource],
    name: str,
    args: Mapping[str, Any],
    *,
    preview: bool = False,
) -> Run:
    """What a component registers."""
    return run(
        lambda: component(name, resolved(dict(args))),
        preview=preview,
        calls=CALLS,
        computed=computed,
    )


def awaited(
    component: Callable[..., pulumi.ComponentResource], args: Mapping[str, Any], of: str
) -> set[str]:
    """What a child of type `of` waits for when its component was told to wait for `endpoints`."""

    def program() -> None:
        endpoints = aws.ec2.VpcEndpoint("endpoints", vpc_id="vpc-1", service_name="s3")
        component("nodes", resolved(dict(args)), pulumi.ResourceOptions(depends_on=[endpoints]))

    return run(program, preview=True, calls=CALLS).the(of).depends_on


def refused(
    component: Callable[..., pulumi.ComponentResource], name: str, args: Mapping[str, Any]
) -> str:
    """The sentence with which a component is refused, before anything is registered."""
    sentence = mocks.refusal(lambda: component(name, resolved(dict(args))), calls=CALLS)
    kind = getattr(component, "__name__", "")
    assert sentence.startswith(f"{kind} {name!r}: ")
    return sentence.removeprefix(f"{kind} {name!r}: ").removesuffix(".")


def refused_later(
    component: Callable[..., pulumi.ComponentResource], name: str, args: Mapping[str, Any]
) -> tuple[str, list[Registered]]:
    """The sentence of a check that had to wait for an Output, and what was registered by then."""
    sentence, result = mocks.late_refusal(
        lambda: component(name, resolved(dict(args))), calls=CALLS, computed=computed
    )
    kind = getattr(component, "__name__", "")
    return sentence.removeprefix(f"{kind} {name!r}: ").removesuffix("."), result.resources


def least_template(name: str, **tags: str) -> dict[str, Any]:
    """What every launch template asks for: metadata by token only, and encrypted gp3."""

    def named(suffix: str) -> dict[str, str]:
        return {**tags, "Name": f"{name}-{suffix}"}

    return {
        "description": f"Nodes of {name}",
        "updateDefaultVersion": True,
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
            "instanceMetadataTags": "disabled",
        },
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeType": "gp3",
                    "encrypted": "true",
                    "deleteOnTermination": "true",
                    "volumeSize": 50,
                },
            }
        ],
        "tagSpecifications": [
            {"resourceType": kind, "tags": named("node")}
            for kind in ("instance", "volume", "network-interface")
        ],
        "tags": named("template"),
    }


def decoded(user_data: str) -> str:
    """User data as the instance reads it."""
    return base64.b64decode(user_data).decode()


def node_config(user_data: str) -> dict[str, Any]:
    """The NodeConfig in user data of Amazon Linux 2023."""
    message = email.message_from_string(user_data)
    assert message.get_content_type() == "multipart/mixed"
    whole, part = message.walk()
    assert whole is message
    assert part.get_content_type() == "application/node.eks.aws"
    # nodeadm takes the text as it stands.
    assert part["Content-Transfer-Encoding"] is None
    parsed: dict[str, Any] = json.loads(str(part.get_payload()))
    return parsed
