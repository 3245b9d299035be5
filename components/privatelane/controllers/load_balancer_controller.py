"""What the AWS Load Balancer Controller needs of AWS before it is installed in a cluster."""

from collections.abc import Mapping
from typing import Optional

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, register
from privatelane.controllers._controller_needs import load_balancer_controller_needs
from privatelane.controllers._load_balancer_rights import rights
from privatelane.controllers.controller import check_controller, check_pods
from privatelane.location import location_of
from privatelane.nodes._node_place import place_nodes
from privatelane.nodes._node_plan import check_arguments, check_name


class LoadBalancerControllerPrerequisitesArgs(TypedDict):
    """The cluster that the controller is for, and the subnets that it runs in."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster, such as `EksCluster.cluster_name`."""
    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, such as `EksCluster.cluster_arn`."""
    group: str
    """Group of subnets that the controller itself runs in, without an internet gateway."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet, such as `Network.egress`: `internet-gateway`, `nat`
    or `none`."""
    private_services: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Services that each group reaches by an endpoint, separated by commas, such as
    `Endpoints.private_services`."""
    region: NotRequired[str]
    """Region of the cluster. Defaults to the provider's."""
    identity: NotRequired[str]
    """How the controller gets credentials: `pod-identity` or `irsa`. Defaults to `pod-identity`."""
    oidc_provider_arn: NotRequired[pulumi.Input[str]]
    """OpenID Connect provider of the cluster, such as `EksCluster.oidc_provider_arn`. Mandatory
    with `irsa`."""
    namespace: NotRequired[str]
    """Namespace that it is installed in. Defaults to `kube-system`."""
    service_account: NotRequired[str]
    """Its service account. Defaults to `aws-load-balancer-controller`."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of the role. Defaults to none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class LoadBalancerControllerPrerequisites(pulumi.ComponentResource):
    """What the AWS Load Balancer Controller needs of AWS: a role that may manage the load balancers of this cluster and no others, whose certificates are named by ARN. It refuses subnets from which the controller could not do so."""  # noqa: E501 - the schema takes one paragraph

    role_arn: pulumi.Output[str]
    """ARN of the role, with which its service account is annotated for `irsa`."""

    def __init__(
        self,
        name: str,
        args: LoadBalancerControllerPrerequisitesArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        where = f"LoadBalancerControllerPrerequisites {name!r}"
        with input_errors(where):
            check_arguments(
                "LoadBalancerControllerPrerequisites", args, LoadBalancerControllerPrerequisitesArgs
            )
            check_name(name)
            place = place_nodes({"group": args["group"]}, load_balancer_controller_needs(args))
            pods = check_pods(args, [place], "aws-load-balancer-controller")
            controller = check_controller(where, args, [place], pods, opts)
        super().__init__("privatelane:index:LoadBalancerControllerPrerequisites", name, None, opts)
        #: Known at preview, whatever the ids are.
        self.needs: frozenset[str] = place.needs
        cluster = controller.reachable_cluster()
        facts = pulumi.Output.all(cluster, args["cluster_arn"])
        role = controller.register_role(
            f"{name}-controller",
            cluster,
            location_of(self, controller.region),
            self,
            description=f"AWS Load Balancer Controller of {name}",
            statements=facts.apply(lambda known: rights(*known)),
        )

        self.role_arn = role.arn
        register(self)
