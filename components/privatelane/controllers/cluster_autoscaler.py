"""What Cluster Autoscaler needs of AWS before it is installed in a cluster."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, register
from privatelane.controllers._controller_needs import cluster_autoscaler_needs
from privatelane.controllers.controller import check_controller, check_pods
from privatelane.location import location_of
from privatelane.nodes._node_place import place_nodes
from privatelane.nodes._node_plan import check_arguments, check_name


class ClusterAutoscalerPrerequisitesArgs(TypedDict):
    """The cluster that Cluster Autoscaler is for, and the subnets that it runs in."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster, such as `EksCluster.cluster_name`."""
    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, such as `EksCluster.cluster_arn`."""
    group: str
    """Group of subnets that Cluster Autoscaler itself runs in, without an internet gateway."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet, such as `Network.egress`: `internet-gateway`, `nat`
    or `none`."""
    private_services: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Services that each group reaches by an endpoint, separated by commas, such as
    `Endpoints.private_services`."""
    region: NotRequired[str]
    """Region of the cluster. Defaults to the provider's."""
    identity: NotRequired[str]
    """How the autoscaler gets credentials: `pod-identity` or `irsa`. Defaults to `pod-identity`."""
    oidc_provider_arn: NotRequired[pulumi.Input[str]]
    """OpenID Connect provider of the cluster, such as `EksCluster.oidc_provider_arn`. Mandatory
    with `irsa`."""
    namespace: NotRequired[str]
    """Namespace that it is installed in. Defaults to `kube-system`."""
    service_account: NotRequired[str]
    """Its service account. Defaults to `cluster-autoscaler`."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of the role. Defaults to none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class ClusterAutoscalerPrerequisites(pulumi.ComponentResource):
    """What Cluster Autoscaler needs of AWS: a role that may set the size of this cluster's node groups and no others. It refuses subnets from which the autoscaler could not do so."""  # noqa: E501 - the schema takes one paragraph

    role_arn: pulumi.Output[str]
    """ARN of the role, with which its service account is annotated for `irsa`."""

    def __init__(
        self,
        name: str,
        args: ClusterAutoscalerPrerequisitesArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        where = f"ClusterAutoscalerPrerequisites {name!r}"
        with input_errors(where):
            check_arguments(
                "ClusterAutoscalerPrerequisites", args, ClusterAutoscalerPrerequisitesArgs
            )
            check_name(name)
            place = place_nodes({"group": args["group"]}, cluster_autoscaler_needs(args))
            pods = check_pods(args, [place], "cluster-autoscaler")
            controller = check_controller(where, args, [place], pods, opts)
        super().__init__("privatelane:index:ClusterAutoscalerPrerequisites", name, None, opts)
        #: Known at preview, whatever the ids are.
        self.needs: frozenset[str] = place.needs
        cluster = controller.reachable_cluster()
        facts = pulumi.Output.all(cluster, args["cluster_arn"])
        role = controller.register_role(
            f"{name}-controller",
            cluster,
            location_of(self, controller.region),
            self,
            description=f"Cluster Autoscaler of {name}",
            statements=[_READ, facts.apply(_describe), facts.apply(_scale)],
        )

        self.role_arn = role.arn
        register(self)


#: "Using the AWS provider" of Cluster Autoscaler, without what only launch configurations need.
_READ: dict[str, Any] = {
    "Sid": "ReadGroups",
    "Effect": "Allow",
    "Action": [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
    ],
    # These actions know no resource.
    "Resource": "*",
}


def _describe(known: list[str]) -> dict[str, Any]:
    _, cluster_arn = known
    groups = cluster_arn.replace(":cluster/", ":nodegroup/", 1)
    return {
        "Sid": "ReadManagedGroups",
        "Effect": "Allow",
        "Action": "eks:DescribeNodegroup",
        "Resource": f"{groups}/*",
    }


def _scale(known: list[str]) -> dict[str, Any]:
    """EKS tags the groups behind its node groups so; `SelfManagedNodeGroup` does for its own."""
    cluster_name, _ = known
    tag = "aws:ResourceTag/k8s.io/cluster-autoscaler"
    return {
        "Sid": "ScaleOwnGroups",
        "Effect": "Allow",
        "Action": [
            "autoscaling:SetDesiredCapacity",
            "autoscaling:TerminateInstanceInAutoScalingGroup",
        ],
        "Resource": "*",
        "Condition": {"StringEquals": {f"{tag}/enabled": "true", f"{tag}/{cluster_name}": "owned"}},
    }
