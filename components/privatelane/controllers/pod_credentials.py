"""How the pods of a controller come to its role, by arguments that name the cluster's facts."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from privatelane._invalid import InvalidInput
from privatelane._tags import Tags, tagged
from privatelane.controllers._controller_needs import identity_need
from privatelane.eks.controller_role import ControllerRole, Identity, Irsa, PodIdentity, Pods

_IRSA = "eks-irsa"


def check_identity(args: Mapping[str, Any]) -> None:
    """Accept `identity`, with `oidc_provider_arn` where it is needed and only there.

    Raises:
        InvalidInput: they contradict each other.

    """
    irsa = identity_need(args) == _IRSA
    given = args.get("oidc_provider_arn") is not None
    if irsa and not given:
        raise InvalidInput("oidc_provider_arn is missing, identity 'irsa' needs it")
    if given and not irsa:
        raise InvalidInput("oidc_provider_arn is given, but identity is not 'irsa'")


def identity_of(args: Mapping[str, Any]) -> Identity:
    """Return how pods prove who they are."""
    if identity_need(args) == _IRSA:
        return Irsa(args["oidc_provider_arn"])
    return PodIdentity(args["cluster_arn"])


def give_credentials(
    name: str,
    args: Mapping[str, Any],
    cluster_name: pulumi.Input[str],
    pods: Pods,
    controller: ControllerRole,
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> None:
    """Register what ties the pods' service accounts to the role, which IRSA does in the cluster."""
    if identity_need(args) == _IRSA:
        return
    for account in pods.accounts:
        aws.eks.PodIdentityAssociation(
            f"{name}-{account}",
            cluster_name=cluster_name,
            namespace=pods.namespace,
            service_account=account,
            role_arn=controller.role.arn,
            tags=tagged(f"{name}-{account}", tags),
            # A controller that has its credentials, but not yet its rights, gives up for a while.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[*controller.policies]),
        )
