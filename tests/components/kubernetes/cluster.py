"""What tests of the inside of a cluster share."""

from __future__ import annotations

from typing import Any, cast

from privatelane.kubernetes import ClusterDefaults, ClusterDefaultsArgs
from tests.components.ecs.fargate import ACCOUNT, REGION, resolved
from tests.components.mocks import Run, refusal, run

REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"

#: A private API, seen from inside.
API: dict[str, Any] = {
    "cluster_name": "shop",
    "cluster_arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/shop",
    "cluster_endpoint": "https://api.shop",
    "certificate_authority": "Q0E=",
    "region": REGION,
    "public": False,
    "inside": True,
}

NODE_CLASS: dict[str, Any] = {
    "group": "app",
    "subnet_ids": {"app/euw1-az2": "subnet-2", "app/euw1-az1": "subnet-1", "web/euw1-az1": "w"},
    "security_group_ids": ["sg-1"],
}

AUTO_MODE: dict[str, Any] = {
    "compute": "auto-mode",
    "node_class": {**NODE_CLASS, "node_role_arn": f"arn:aws:iam::{ACCOUNT}:role/eks/nodes"},
    "node_pools": {"general": {}},
}

KARPENTER: dict[str, Any] = {
    "compute": "karpenter",
    "node_class": {
        **NODE_CLASS,
        "instance_profile": "nodes",
        "ami_alias": "bottlerocket@v1.50.0",
    },
    "node_pools": {"general": {}},
}

CONTROLLER: dict[str, Any] = {
    "chart": f"oci://{REGISTRY}/charts/aws-load-balancer-controller",
    "version": "3.5.0",
    "image": f"{REGISTRY}/ecr-public/eks/aws-load-balancer-controller:v3.5.0",
    "vpc_id": "vpc-1",
}


def args_of(**given: Any) -> ClusterDefaultsArgs:
    return cast("ClusterDefaultsArgs", {"api": API, "compute": "node-groups", **given})


def defaults(*, preview: bool = False, **given: Any) -> Run:
    """What the defaults of a cluster called `shop` register."""
    args = args_of(**given)
    return run(lambda: ClusterDefaults("shop", resolved(args)), preview=preview)


def refused(**given: Any) -> str:
    """The sentence with which they are refused, before anything is registered."""
    args = args_of(**given)
    sentence = refusal(lambda: ClusterDefaults("shop", args))
    return sentence.removeprefix("ClusterDefaults 'shop': ").removesuffix(".")


def objects(result: Run) -> dict[str, dict[str, Any]]:
    """The objects of Kubernetes by the name that they are registered under."""
    return {
        one.name: one.inputs
        for one in result.resources
        if one.type.startswith("kubernetes:") and not one.type.startswith("kubernetes:helm")
    }
