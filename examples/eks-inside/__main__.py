"""
What a private cluster holds from the first day, from a program that runs in its network.

The stack with the network and the cluster (`Pulumi.eks.yaml` of this repository) is applied from
anywhere: its resources are AWS's. What is in here goes through the API of the cluster, which
answers in its network alone, so this is a stack of its own, applied from inside. README.md says
how.
"""

import pulumi

from privatelane import ClusterBackup
from privatelane.kubernetes import (
    ClusterApiArgs,
    ClusterDefaults,
    SampleWorkload,
    cluster_provider,
)

config = pulumi.Config()
region = pulumi.Config("aws").require("region")
account = pulumi.Config("aws").require_object("allowedAccountIds")[0]
registry = f"{account}.dkr.ecr.{region}.amazonaws.com"
outer = pulumi.StackReference(config.require("cluster"))

api: ClusterApiArgs = {
    "cluster_name": outer.require_output("cluster_name"),
    "cluster_arn": outer.require_output("eks_cluster_arn"),
    "cluster_endpoint": outer.require_output("cluster_endpoint"),
    "certificate_authority": outer.require_output("certificate_authority"),
    "region": region,
    "public": False,
    "inside": config.get_bool("inside") or False,
}
# First of all, so that a program that does not reach the API makes nothing else either.
cluster = cluster_provider("cluster", api)

backup = ClusterBackup(
    "backup",
    {
        "cluster_name": api["cluster_name"],
        "cluster_arn": api["cluster_arn"],
        "velero": {
            "s3_endpoint_ids": [outer.require_output("endpoint_ids").apply(lambda ids: ids["s3"])],
            "image": f"{registry}/docker-hub/velero/velero:v1.18.1",
            "plugin_image": f"{registry}/docker-hub/velero/velero-plugin-for-aws:v1.14.1",
        },
        "plan": {"lock": True},
        "region": region,
    },
)

defaults = ClusterDefaults(
    "defaults",
    {
        "api": api,
        "compute": "auto-mode",
        "node_class": {
            "group": "nodes",
            "subnet_ids": outer.require_output("subnet_ids"),
            "security_group_ids": [outer.require_output("cluster_security_group_id")],
            "node_role_arn": outer.require_output("node_role_arn"),
        },
        "node_pools": {
            "arm": {"architectures": ["arm64"], "capacity_types": ["spot", "on-demand"]},
        },
        "charts": {
            "velero": {
                "chart": f"oci://{registry}/charts/velero",
                "version": "12.1.0",
                "namespace": "velero",
                "values": backup.velero_values or "{}",
            },
        },
    },
    # Velero's pods get their role at their start, or not at all.
    pulumi.ResourceOptions(providers=[cluster], depends_on=[backup]),
)

SampleWorkload(
    "sample",
    {
        "image": f"{registry}/sample:1.0.0",
        "kubernetes_version": config.require("kubernetesVersion"),
        "zones": 3,
    },
    pulumi.ResourceOptions(providers=[cluster], depends_on=[defaults]),
)

pulumi.export("storage_class", defaults.storage_class_name)
pulumi.export("backups", backup.bucket_name)
