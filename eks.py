"""The Kubernetes part of the reference stack: a cluster, what it runs on, and its add-ons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from privatelane import ClusterAddon, EksCluster, FargateProfile, NodeGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privatelane import Endpoints, Network
    from settings import Eks

__all__ = ["build_eks"]


def build_eks(
    settings: Eks, network: Network, endpoints: Endpoints, reachable: pulumi.ResourceOptions
) -> dict[str, Any]:
    """
    Build the cluster, then its nodes, then what needs nodes; they go in the opposite order.

    Nodes wait for the add-ons that give pods their network: were these gone before the nodes, the
    network interfaces that they made would stay behind and hold on to the subnets. They wait for
    the endpoints, too; the control plane calls none, and takes its nine minutes beside theirs.
    """
    place: Any = {
        "subnet_ids": network.subnets,
        "egress": network.egress_by_group,
        "private_services": endpoints.private_services_by_group,
    }
    cluster = EksCluster(
        "kubernetes",
        {
            **settings.cluster,
            **place,
            "node_subnet_groups": settings.groups,
            "subnet_cidrs": network.cidrs,
            "subnet_ipv6_cidrs": network.ipv6_cidrs,
            "vpc_cidr_blocks": [str(one) for one in network.plan.cidr_blocks],
        },
    )
    member: Any = {**place, "cluster_name": cluster.cluster_name}
    ready = _after(reachable, cluster.before_nodes)
    compute: list[pulumi.Resource] = [
        NodeGroup(
            name, {**group, **member, "kubernetes_version": cluster.kubernetes_version}, ready
        )
        for name, group in settings.node_groups.items()
    ]
    compute += [
        FargateProfile(name, {**profile, **member}, ready)
        for name, profile in settings.fargate_profiles.items()
    ]
    lock: Any = {key: one for key, one in settings.cluster.items() if key == "versions_lock"}
    addons = {
        name: ClusterAddon(
            name,
            {
                "groups": settings.groups,
                **addon,
                "cluster_name": cluster.cluster_name,
                "kubernetes_version": settings.cluster["kubernetes_version"],
                "auto_mode": "auto_mode" in settings.cluster,
                **lock,
                "oidc_provider_arn": cluster.oidc_provider_arn,
                "egress": place["egress"],
                "private_services": place["private_services"],
            },
            _after(reachable, [cluster, *compute]),
        )
        for name, addon in settings.addons.items()
    }
    return {
        "cluster_name": cluster.cluster_name,
        "eks_cluster_arn": cluster.cluster_arn,
        "cluster_endpoint": cluster.cluster_endpoint,
        "certificate_authority": cluster.certificate_authority,
        "cluster_security_group_id": cluster.cluster_security_group_id,
        "node_role_arn": cluster.node_role_arn,
        "addons": {name: one.addon_version for name, one in addons.items()},
    }


def _after(
    reachable: pulumi.ResourceOptions, resources: Sequence[pulumi.Resource]
) -> pulumi.ResourceOptions:
    later = pulumi.ResourceOptions(depends_on=resources)
    return pulumi.ResourceOptions.merge(reachable, later)
