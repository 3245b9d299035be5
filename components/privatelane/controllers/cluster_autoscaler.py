"""What Cluster Autoscaler needs of AWS before it is installed in a cluster."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, provider_region, register
from privatelane._invalid import text
from privatelane._services import check_region
from privatelane.controllers.pod_credentials import check_identity, give_credentials, identity_of
from privatelane.eks.controller_role import Pods, controller_role
from privatelane.location import location_of
from privatelane.nodes._node_needs import cluster_autoscaler_needs
from privatelane.nodes._node_place import place_nodes
from privatelane.nodes._node_plan import check_arguments, check_name
from privatelane.nodes.node_subnets import check_reach, once_reachable


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
            check_reach([place], args)
            pods = Pods(
                text("namespace", args.get("namespace", "kube-system")),
                [text("service_account", args.get("service_account", "cluster-autoscaler"))],
            )
            check_identity(args)
            region = args.get("region")
            region = check_region("region", region) if region else provider_region(opts)
        super().__init__("privatelane:index:ClusterAutoscalerPrerequisites", name, None, opts)
        #: Known at preview, whatever the ids are.
        self.needs: frozenset[str] = place.needs
        tags = args.get("tags")
        cluster = once_reachable(where, [place], args, args["cluster_name"])
        facts = pulumi.Output.all(cluster, args["cluster_arn"])
        controller = controller_role(
            f"{name}-controller",
            pods,
            identity_of(args),
            location_of(self, region),
            self,
            description=f"Cluster Autoscaler of {name}",
            statements=[_READ, facts.apply(_describe), facts.apply(_scale)],
            permissions_boundary=args.get("permissions_boundary_arn"),
            tags=tags,
        )
        give_credentials(f"{name}-controller", args, cluster, pods, controller, self, tags)

        self.role_arn = controller.role.arn
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
