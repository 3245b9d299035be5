"""A controller in a cluster: its role and its credentials, once its subnets are reachable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

import pulumi
import pulumi_aws as aws

from privatelane._component import provider_region
from privatelane._invalid import text
from privatelane._services import check_region
from privatelane.controllers.pod_credentials import check_identity, give_credentials, identity_of
from privatelane.eks.controller_role import Pods, controller_role
from privatelane.location import Location
from privatelane.nodes._node_place import NodePlace
from privatelane.nodes.node_subnets import check_reach, once_reachable


@dataclass(frozen=True, slots=True)
class Controller:
    """A controller whose arguments have been accepted, as far as they are plain."""

    where: str
    """The component's class and name, for the sentence of a check that has to wait."""
    args: Mapping[str, Any]
    places: Sequence[NodePlace]
    pods: Pods
    region: Optional[str]
    """Region of the cluster, None where only AWS can tell it."""

    def reachable_cluster(self) -> pulumi.Input[str]:
        """Return the cluster's name, known only once the controller's subnets are in order."""
        return once_reachable(self.where, self.places, self.args, self.args["cluster_name"])

    def register_role(
        self,
        name: str,
        cluster_name: pulumi.Input[str],
        location: Location,
        parent: pulumi.Resource,
        *,
        description: str,
        statements: Union[Sequence[Any], pulumi.Output[Any]],
    ) -> "aws.iam.Role":
        """Register the role with these rights alone, and what lets the pods take it.

        `cluster_name` is the answer of `reachable_cluster`.
        """
        tags = self.args.get("tags")
        controller = controller_role(
            name,
            self.pods,
            identity_of(self.args),
            location,
            parent,
            description=description,
            statements=statements,
            permissions_boundary=self.args.get("permissions_boundary_arn"),
            tags=tags,
        )
        give_credentials(name, self.args, cluster_name, self.pods, controller, parent, tags)
        return controller.role


def check_pods(args: Mapping[str, Any], places: Sequence[NodePlace], service_account: str) -> Pods:
    """Return a controller's pods; the service account is theirs if `args` names none.

    Raises:
        InvalidInput: `namespace` or `service_account` is no text, or the pods could not do their
            work in one of the places, as far as the network is plain.

    """
    check_reach(places, args)
    return Pods(
        text("namespace", args.get("namespace", "kube-system")),
        [text("service_account", args.get("service_account", service_account))],
    )


def check_controller(
    where: str,
    args: Mapping[str, Any],
    places: Sequence[NodePlace],
    pods: Pods,
    opts: Optional[pulumi.ResourceOptions],
) -> Controller:
    """Return the controller, whose pods and their places have been accepted.

    Raises:
        InvalidInput: `identity` and `oidc_provider_arn` contradict each other, or `region` is none.

    """
    check_identity(args)
    region = args.get("region")
    region = check_region("region", region) if region else provider_region(opts)
    return Controller(where, args, places, pods, region)
