"""The role of a controller in an EKS cluster, which its pods alone can take."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

import pulumi
import pulumi_aws as aws

from privatelane._tags import Tags, tagged
from privatelane.location import Location


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """Pods get credentials from the Pod Identity agent of their node."""

    cluster_arn: pulumi.Input[str]


@dataclass(frozen=True, slots=True)
class Irsa:
    """Pods exchange the token of their service account for credentials (IRSA)."""

    provider_arn: pulumi.Input[str]
    """ARN of the OpenID Connect provider of the cluster."""


Identity = Union[PodIdentity, Irsa]


@dataclass(frozen=True, slots=True)
class Pods:
    """The pods that may take a role: those of some service accounts of one namespace."""

    namespace: str
    accounts: Sequence[str]


@dataclass(frozen=True, slots=True)
class ControllerRole:
    """A role, and the policies without which its controller would start too early."""

    role: aws.iam.Role
    policies: Sequence[pulumi.Resource]


def controller_role(
    name: str,
    pods: Pods,
    identity: Identity,
    location: Location,
    parent: pulumi.Resource,
    *,
    description: str,
    managed: Sequence[str] = (),
    statements: Union[Sequence[Any], pulumi.Output[Any]] = (),
    policy_arns: Optional[Mapping[str, pulumi.Input[str]]] = None,
    permissions_boundary: Optional[pulumi.Input[str]] = None,
    tags: Optional[Tags] = None,
) -> ControllerRole:
    """Register the role of a controller, with what it is given and nothing else.

    `managed` are AWS managed policies as their ARNs end, such as `AmazonEKS_CNI_Policy`;
    `statements` become one policy of its own; `policy_arns` are policies by a name for each.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        name,
        assume_role_policy=trust(pods, identity),
        description=description,
        permissions_boundary=permissions_boundary,
        tags=tagged(name, tags),
        opts=child,
    )
    attached: dict[str, pulumi.Input[str]] = {
        one.rpartition("/")[2]: location.managed_policy(one) for one in managed
    }
    attached.update(policy_arns or {})
    policies: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(f"{name}-{key}", role=role.name, policy_arn=arn, opts=child)
        for key, arn in sorted(attached.items())
    ]
    if isinstance(statements, pulumi.Output) or statements:
        document = {"Version": "2012-10-17", "Statement": statements}
        policies.append(
            aws.iam.RolePolicy(
                name, role=role.name, policy=pulumi.Output.json_dumps(document), opts=child
            )
        )
    return ControllerRole(role, policies)


def trust(pods: Pods, identity: Identity) -> pulumi.Output[str]:
    """Return the document that lets those pods of that cluster take a role, and nobody else."""
    if isinstance(identity, PodIdentity):
        # The agent's service tags every session with where the pod comes from.
        return pulumi.Output.from_input(identity.cluster_arn).apply(
            lambda cluster: _document(
                {"Service": "pods.eks.amazonaws.com"},
                ["sts:AssumeRole", "sts:TagSession"],
                {
                    "aws:RequestTag/eks-cluster-arn": cluster,
                    "aws:RequestTag/kubernetes-namespace": pods.namespace,
                    "aws:RequestTag/kubernetes-service-account": sorted(pods.accounts),
                },
            )
        )

    def by_token(provider: str) -> str:
        issuer = provider.partition(":oidc-provider/")[2]
        subjects = [f"system:serviceaccount:{pods.namespace}:{one}" for one in pods.accounts]
        return _document(
            {"Federated": provider},
            "sts:AssumeRoleWithWebIdentity",
            {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": sorted(subjects)},
        )

    return pulumi.Output.from_input(identity.provider_arn).apply(by_token)


def _document(
    principal: Mapping[str, str], action: Union[str, Sequence[str]], equals: Mapping[str, Any]
) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Condition": {"StringEquals": equals},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
