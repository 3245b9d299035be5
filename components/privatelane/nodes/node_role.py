"""The role of nodes: what the instance itself may do, which every pod on it could become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from privatelane._cni_policy import ipv6_statements
from privatelane._invalid import choice, entries
from privatelane._tags import Tags, tagged
from privatelane.location import Location
from privatelane.nodes._node_plan import CNI_POLICIES, refuse

#: What joins a cluster and pulls images, pull-through caches included, and nothing more.
_ALWAYS = {
    "worker": "AmazonEKSWorkerNodePolicy",
    "pull": "AmazonEC2ContainerRegistryPullOnly",
}
_SESSION = {"session": "AmazonSSMManagedInstanceCore"}
_CNI_IPV4 = {"cni": "AmazonEKS_CNI_Policy"}

#: What only a role that is made here is given.
_OF_NEW_ROLE = ("cni_policy", "permissions_boundary_arn", "policy_arns")


@dataclass(frozen=True, slots=True)
class NodeRole:
    """The role, and the policies without which nodes do not join."""

    role: aws.iam.Role
    policies: Sequence[pulumi.Resource]


def node_role(
    name: str,
    settings: Mapping[str, Any],
    location: Location,
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> NodeRole:
    """Register a role for nodes.

    `settings` are arguments that hold `session`, `cni_policy`, `policy_arns` and
    `permissions_boundary_arn`, already accepted.
    """
    options = pulumi.ResourceOptions(parent=parent)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = aws.iam.Role(
        f"{name}-role",
        assume_role_policy=pulumi.Output.json_dumps(trust),
        description=f"Nodes of {name}",
        permissions_boundary=settings.get("permissions_boundary_arn"),
        tags=tagged(f"{name}-role", tags),
        opts=options,
    )
    cni = settings.get("cni_policy")
    chosen = {
        **_ALWAYS,
        **(_SESSION if settings.get("session") else {}),
        **(_CNI_IPV4 if cni == "ipv4" else {}),
    }
    arns = {use: location.managed_policy(policy) for use, policy in chosen.items()}
    own = sorted((settings.get("policy_arns") or {}).items())
    policies: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(
            f"{name}-role-{use}", role=role.name, policy_arn=arn, opts=options
        )
        for use, arn in (*arns.items(), *((f"policy-{key}", arn) for key, arn in own))
    ]
    if cni == "ipv6":
        policies.append(
            aws.iam.RolePolicy(
                f"{name}-role-cni",
                role=role.name,
                policy=_cni_ipv6(location),
                opts=options,
            )
        )
    return NodeRole(role, policies)


def check_role(args: Mapping[str, Any]) -> None:
    """Accept a role of the caller's own, or what a new one is to have.

    Raises:
        InvalidInput: `role_arn` is given with rights for a new role, `cni_policy` is none of
            `CNI_POLICIES`, or `policy_arns` is no plain map.

    """
    choice("cni_policy", args.get("cni_policy", CNI_POLICIES[0]), CNI_POLICIES)
    if args.get("role_arn") is not None:
        refuse(args, dict.fromkeys(_OF_NEW_ROLE, "but your role_arn has policies of its own"))
    check_policy_arns(args)


def check_policy_arns(args: Mapping[str, Any]) -> None:
    """Accept further managed policies by names of the caller's choice.

    Raises:
        InvalidInput: `policy_arns` is no plain map.

    """
    entries("policy_arns", args.get("policy_arns") or {})


def _cni_ipv6(location: Location) -> pulumi.Output[str]:
    statements = pulumi.Output.all(location.region).apply(lambda known: ipv6_statements(known[0]))
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements})
