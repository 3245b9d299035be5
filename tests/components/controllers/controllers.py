"""What tests of controllers share: each with arguments that are in order, and how to run it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from privatelane.controllers.cluster_autoscaler import ClusterAutoscalerPrerequisites
from privatelane.controllers.karpenter import KarpenterPrerequisites
from privatelane.controllers.load_balancer_controller import LoadBalancerControllerPrerequisites
from tests.components.ecs.fargate import REGION, statements
from tests.components.nodes import nodes
from tests.components.nodes.nodes import CLUSTER_ARN, subnets

if TYPE_CHECKING:
    from collections.abc import Callable

    import pulumi

    from tests.components.mocks import Registered, Run


@dataclasses.dataclass(frozen=True)
class Controller:
    """What one controller needs of AWS, as a component in the tests' network."""

    component: Callable[..., pulumi.ComponentResource]
    name: str
    own: dict[str, Any]
    """Arguments that are not every controller's."""

    def args(self, **given: Any) -> dict[str, Any]:
        """The controller's arguments, all in order but for what is given."""
        network = subnets()
        del network["subnet_ids"]
        names = {"cluster_name": "main", "cluster_arn": CLUSTER_ARN, "region": REGION}
        return {**network, **names, **self.own, **given}

    def made(self, *, preview: bool = False, **given: Any) -> Run:
        """What the component registers."""
        return nodes.deployed(self.component, self.name, self.args(**given), preview=preview)

    def policy(self, **given: Any) -> dict[str, dict[str, Any]]:
        """The statements of the controller's policy by Sid."""
        return statements(self.made(**given), f"{self.name}-controller")

    def refused(self, **given: Any) -> str:
        """The sentence with which it is refused, before anything is registered."""
        return nodes.refused(self.component, self.name, self.args(**given))

    def refused_later(self, **given: Any) -> tuple[str, list[Registered]]:
        """The sentence of a check that had to wait, and what was registered by then."""
        return nodes.refused_later(self.component, self.name, self.args(**given))


AUTOSCALER = Controller(ClusterAutoscalerPrerequisites, "cas", {"group": "app"})
KARPENTER = Controller(KarpenterPrerequisites, "karp", {"groups": ["app"]})
LOAD_BALANCER_CONTROLLER = Controller(
    LoadBalancerControllerPrerequisites,
    "lbc",
    {"group": "app", "private_services": {"app": "ec2,eks-auth,elasticloadbalancing,sts"}},
)
