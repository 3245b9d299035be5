"""An add-on of an EKS cluster, at a pinned version, with the role that its pods take."""

from collections.abc import Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws

from privatelane._addons import Addon
from privatelane._tags import Tags, tagged
from privatelane.controller_role import ControllerRole, Irsa


def eks_addon(
    name: str,
    addon: Addon,
    version: str,
    cluster_name: pulumi.Input[str],
    parent: pulumi.Resource,
    *,
    role: Optional[ControllerRole] = None,
    irsa: Optional[Irsa] = None,
    configuration: Optional[pulumi.Input[str]] = None,
    region: Optional[str] = None,
    after: Sequence[pulumi.Resource] = (),
    tags: Optional[Tags] = None,
) -> aws.eks.Addon:
    """Register an add-on. Its pods take `role`, by Pod Identity unless `irsa` is given."""
    associated = None
    if role is not None and irsa is None:
        associated = [
            aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.role.arn, service_account=account)
            for account in addon.accounts
        ]
    return aws.eks.Addon(
        name,
        cluster_name=cluster_name,
        addon_name=addon.name,
        addon_version=version,
        configuration_values=configuration,
        pod_identity_associations=associated,
        service_account_role_arn=role.role.arn if role is not None and irsa else None,
        # What is set here is what holds, whoever changed it in the cluster.
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        region=region,
        tags=tagged(name, tags),
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=[*after, *(role.policies if role else ())]
        ),
    )
