"""
A cluster that pulumi-eks makes, with what it does not make beside it.

pulumi-eks knows no endpoints, no Pod Identity on add-ons, and no updates of node groups. Ours take
a name and a version, not a cluster of ours, so they work with any.
"""

import pulumi
import pulumi_eks as eks

from privatelane import (
    ClusterAddon,
    ClusterAddonArgs,
    Endpoints,
    Network,
    NodeGroup,
    addon_needs,
    node_group_needs,
)

NAME, VERSION, GROUP = "orders", "1.35", "nodes"
INSTANCE_TYPES = ["m7g.large", "m8g.large"]
#: The newest of its own add-ons is what pulumi-eks takes, unless it is told otherwise.
PINNED = {"vpc-cni": "v1.23.1-eksbuild.1", "kube-proxy": "v1.35.3-eksbuild.13"}

network = Network(
    "orders",
    {
        "cidr_block": "10.60.0.0/16",
        "zones": ["euw1-az1", "euw1-az2", "euw1-az3"],
        "groups": {GROUP: {"kind": "isolated"}},
        "cluster_name": NAME,
    },
)


def addon(name: str) -> ClusterAddonArgs:
    """An add-on of the cluster."""
    return {"cluster_name": NAME, "kubernetes_version": VERSION, "addon": name}


needs = node_group_needs({"instance_types": INSTANCE_TYPES}).union(
    *(addon_needs(addon(name)) for name in ("eks-pod-identity-agent", "aws-ebs-csi-driver"))
)
endpoints = Endpoints(
    "orders",
    {
        "vpc_id": network.vpc_id,
        "subnet_ids": network.subnets,
        "route_table_ids": network.route_tables,
        "subnet_cidrs": network.cidrs,
        "egress": network.egress_by_group,
        "needs": {GROUP: sorted(needs)},
    },
)

cluster = eks.Cluster(
    "orders",
    name=NAME,
    version=VERSION,
    vpc_id=network.vpc_id,
    private_subnet_ids=list(network.subnets.values()),
    authentication_mode=eks.AuthenticationMode.API,
    endpoint_private_access=True,
    endpoint_public_access=False,
    skip_default_node_group=True,
    upgrade_policy={"support_type": "STANDARD"},
    vpc_cni_options={"addon_version": PINNED["vpc-cni"]},
    kube_proxy_addon_options={"version": PINNED["kube-proxy"]},
    # It needs nodes, which it does not wait for: it comes after them, below.
    coredns_addon_options={"enabled": False},
    opts=pulumi.ResourceOptions(depends_on=[*network.connected, endpoints]),
)
agent = ClusterAddon(
    "agent",
    addon("eks-pod-identity-agent"),
    pulumi.ResourceOptions(depends_on=[cluster]),
)
nodes = NodeGroup(
    "orders",
    {
        "instance_types": INSTANCE_TYPES,
        "cluster_name": NAME,
        "kubernetes_version": VERSION,
        "group": GROUP,
        "subnet_ids": network.subnets,
        "egress": network.egress_by_group,
        "private_services": endpoints.private_services_by_group,
        "min_size": 3,
    },
    pulumi.ResourceOptions(depends_on=[cluster, agent, endpoints]),
)
for name, kind in {"dns": "coredns", "volumes": "aws-ebs-csi-driver"}.items():
    ClusterAddon(name, addon(kind), pulumi.ResourceOptions(depends_on=[nodes]))

pulumi.export("endpoints", endpoints.reasons)
