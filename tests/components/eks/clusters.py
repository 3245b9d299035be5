"""What tests of clusters share: a network to place them in, and how to run them."""

from __future__ import annotations

import json
from typing import Any, cast

from privatelane.eks.cluster_addon import ClusterAddon, ClusterAddonArgs
from privatelane.eks.eks_cluster import EksCluster, EksClusterArgs
from tests.components import mocks
from tests.components.ecs.fargate import ACCOUNT, CALLS, REGION, resolved
from tests.components.mocks import Run, run

ZONES = ("euw1-az1", "euw1-az2", "euw1-az3")
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"
ACCESS = {"admins": {"principal_arn": ADMIN, "policies": {"AmazonEKSClusterAdminPolicy": []}}}
AUTO_MODE_SERVICES = "ec2,ecr.api,ecr.dkr,eks,eks-auth,s3,ssm,sts"
#: Where a preview knows the cluster by name and the account by asking.
CLUSTER_ARN = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/main"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.{REGION}.amazonaws.com/id/ABC"


def computed(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What the provider would tell of resources that exist."""
    made: dict[str, Any] = {"arn": f"arn:{name}", "name": inputs.get("name", f"{name}-name")}
    if type_.endswith("/cluster:Cluster"):
        made |= {
            "endpoint": "https://ABC.eks.example",
            "certificateAuthority": {"data": "Q0E="},
            "identities": [{"oidcs": [{"issuer": "https://oidc.eks.example/id/ABC"}]}],
            "vpcConfig": {**inputs["vpcConfig"], "clusterSecurityGroupId": "sg-cluster"},
            "kubernetesNetworkConfig": {
                **inputs["kubernetesNetworkConfig"],
                "serviceIpv6Cidr": "fd00:1::/108",
            },
        }
    if type_.endswith(":OpenIdConnectProvider"):
        made["arn"] = PROVIDER
    return made


def cluster_args(**given: Any) -> dict[str, Any]:
    """A cluster in the closed group `app`, which has what pods with Pod Identity need."""
    return {
        "cluster_name": "main",
        "kubernetes_version": "1.35",
        "group": "app",
        "subnet_ids": {
            f"{group}/{zone}": f"{group}-{zone}" for group in ("app", "pods") for zone in ZONES
        },
        "egress": {"app": "none", "pods": "none", "mixed": "nat", "web": "internet-gateway"},
        "private_services": {"app": AUTO_MODE_SERVICES},
        "vpc_cidr_blocks": ["10.0.0.0/16"],
        "access": ACCESS,
        **given,
    }


def cluster(*, preview: bool = False, **given: Any) -> Run:
    """What a cluster called `eks` registers."""
    args = cast("EksClusterArgs", cluster_args(**given))
    return deployed(lambda: EksCluster("eks", resolved(args)), preview=preview)


def deployed(program: Any, *, preview: bool = False) -> Run:
    """What a program registers."""
    return run(program, preview=preview, calls=CALLS, computed=computed)


def refused(**given: Any) -> str:
    """The sentence with which a cluster is refused, before anything is registered."""
    args = cast("EksClusterArgs", cluster_args(**given))
    sentence = mocks.refusal(lambda: EksCluster("eks", resolved(args)), calls=CALLS)
    return sentence.removeprefix("EksCluster 'eks': ").removesuffix(".")


def addon_args(addon: str, **given: Any) -> ClusterAddonArgs:
    """An add-on of the cluster."""
    made = {"cluster_name": "main", "kubernetes_version": "1.35", "addon": addon, **given}
    return cast("ClusterAddonArgs", made)


def addon(name: str, *, preview: bool = False, **given: Any) -> Run:
    """What an add-on called `addon` registers."""
    args = addon_args(name, **given)
    return deployed(lambda: ClusterAddon("addon", resolved(args)), preview=preview)


def addon_refused(name: str, **given: Any) -> str:
    """The sentence with which an add-on is refused, before anything is registered."""
    args = addon_args(name, **given)
    sentence = mocks.refusal(lambda: ClusterAddon("addon", resolved(args)), calls=CALLS)
    return sentence.removeprefix("ClusterAddon 'addon': ").removesuffix(".")


def failure(program: Any) -> tuple[str, Run]:
    """The sentence of a check that had to wait for an Output, and what was registered by then."""
    return mocks.late_refusal(program, calls=CALLS, computed=computed)


def pod_identity_trust(cluster_arn: str, namespace: str, account: str) -> dict[str, Any]:
    """The only statement of a role that the pods of one service account take, and no others."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": cluster_arn,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": [account],
            }
        },
    }


def trust(result: Run, role: str) -> dict[str, Any]:
    """The only statement of a role's trust."""
    (statement,) = json.loads(result.the("Role", role).inputs["assumeRolePolicy"])["Statement"]
    return cast("dict[str, Any]", statement)


def attached(result: Run, role: str) -> set[str]:
    """The ARNs of the policies that are attached to a role."""
    return {
        one.inputs["policyArn"]
        for one in result.of("RolePolicyAttachment").values()
        if one.inputs["role"] == f"{role}-name"
    }
