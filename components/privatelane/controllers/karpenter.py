"""What Karpenter needs of AWS before it is installed in a cluster."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, register
from privatelane._invalid import InvalidInput, choice, flag, items, text
from privatelane._tags import Tags, tagged
from privatelane.controllers._controller_needs import karpenter_needs
from privatelane.controllers._karpenter_policy import (
    EVENTS,
    KarpenterFacts,
    karpenter_statements,
    queue_policy,
)
from privatelane.controllers.controller import check_controller, check_pods
from privatelane.location import location_of
from privatelane.nodes._node_place import NodePlace, place_nodes
from privatelane.nodes._node_plan import CNI_POLICIES, check_arguments, check_name
from privatelane.nodes.node_role import check_policy_arns, node_role

#: Long enough for a controller that restarts, and too short for news that have become old.
_RETENTION_SECONDS = 300


class KarpenterPrerequisitesArgs(TypedDict):
    """The cluster that Karpenter is for, and the subnets that its nodes run in."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster, such as `EksCluster.cluster_name`."""
    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, such as `EksCluster.cluster_arn`."""
    groups: Sequence[str]
    """Groups of subnets that Karpenter itself and its nodes run in, without internet gateways."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet, such as `Network.egress`: `internet-gateway`, `nat`
    or `none`."""
    private_services: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Services that each group reaches by an endpoint, separated by commas, such as
    `Endpoints.private_services`."""
    region: NotRequired[str]
    """Region of the cluster. Defaults to the provider's."""
    identity: NotRequired[str]
    """How Karpenter gets credentials: `pod-identity` or `irsa`. Defaults to `pod-identity`."""
    oidc_provider_arn: NotRequired[pulumi.Input[str]]
    """OpenID Connect provider of the cluster, such as `EksCluster.oidc_provider_arn`. Mandatory
    with `irsa`."""
    namespace: NotRequired[str]
    """Namespace that Karpenter is installed in. Defaults to `kube-system`."""
    service_account: NotRequired[str]
    """Service account of Karpenter. Defaults to `karpenter`."""
    isolated: NotRequired[bool]
    """Whether Karpenter is installed with `settings.isolatedVPC`, so that it looks up neither
    prices nor instance profiles; without, its groups must have NAT. Defaults to true."""
    node_system: NotRequired[str]
    """System of the nodes, `al2023` or `bottlerocket`, which decides on their endpoints. Defaults
    to `al2023`."""
    cni_policy: NotRequired[str]
    """What the nodes' role permits the VPC CNI: `none`, `ipv4` or `ipv6`. Defaults to `none`, as
    the CNI has a role of its own."""
    session: NotRequired[bool]
    """Whether Session Manager may open a shell on the nodes. Defaults to false."""
    policy_arns: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further managed policies of the nodes' role by names of your choice. Defaults to none."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of both roles. Defaults to none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class KarpenterPrerequisites(pulumi.ComponentResource):
    """What Karpenter needs of AWS: its role with the rights of its reference policies as far as a private network has use for them, the role, instance profile and access entry of its nodes, and the queue that tells it of interruptions. It refuses subnets from which Karpenter could not launch nodes, or they not join."""  # noqa: E501 - the schema takes one paragraph

    controller_role_arn: pulumi.Output[str]
    """ARN of Karpenter's role, with which its service account is annotated for `irsa`."""
    node_role_arn: pulumi.Output[str]
    """ARN of the nodes' role."""
    instance_profile_name: pulumi.Output[str]
    """Instance profile of the nodes: `spec.instanceProfile` of each EC2NodeClass."""
    queue_name: pulumi.Output[str]
    """Queue of interruptions: `settings.interruptionQueue` of the chart."""
    queue_arn: pulumi.Output[str]
    """ARN of the queue."""

    def __init__(
        self,
        name: str,
        args: KarpenterPrerequisitesArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        where = f"KarpenterPrerequisites {name!r}"
        with input_errors(where):
            check_arguments("KarpenterPrerequisites", args, KarpenterPrerequisitesArgs)
            check_name(name)
            isolated = flag("isolated", args.get("isolated", True))
            places = _places(args, isolated=isolated)
            pods = check_pods(args, places, "karpenter")
            choice("cni_policy", args.get("cni_policy", CNI_POLICIES[0]), CNI_POLICIES)
            check_policy_arns(args)
            controller = check_controller(where, args, places, pods, opts)
        super().__init__("privatelane:index:KarpenterPrerequisites", name, None, opts)
        #: Known at preview, whatever the ids are.
        self.needs: frozenset[str] = places[0].needs
        tags = args.get("tags")
        location = location_of(self, controller.region)
        cluster = controller.reachable_cluster()
        child = pulumi.ResourceOptions(parent=self)

        nodes = node_role(f"{name}-node", args, location, self, tags)
        profile = aws.iam.InstanceProfile(
            f"{name}-node-profile",
            role=nodes.role.name,
            tags=tagged(f"{name}-node-profile", tags),
            opts=child,
        )
        aws.eks.AccessEntry(
            f"{name}-node-access",
            cluster_name=cluster,
            principal_arn=nodes.role.arn,
            type="EC2_LINUX",
            tags=tagged(f"{name}-node-access", tags),
            opts=child,
        )
        queue = _queue(name, self, tags)
        facts = pulumi.Output.all(
            cluster_name=cluster,
            cluster_arn=args["cluster_arn"],
            region=location.region,
            node_role_arn=nodes.role.arn,
            queue_arn=queue.arn,
        )
        role = controller.register_role(
            f"{name}-controller",
            cluster,
            location,
            self,
            description=f"Karpenter of {name}",
            statements=_statements(facts, isolated=isolated),
        )

        self.controller_role_arn = role.arn
        self.node_role_arn = nodes.role.arn
        self.instance_profile_name = profile.name
        self.queue_name = queue.name
        self.queue_arn = queue.arn
        register(self)


def _places(args: Mapping[str, Any], *, isolated: bool) -> list[NodePlace]:
    """Every group of subnets, as each of them needs everything: pods of Karpenter move."""
    groups = [text("groups", one) for one in items("groups", args["groups"])]
    if not groups:
        raise InvalidInput("groups is an empty list, it must name the groups of subnets to use")
    needs = karpenter_needs(args)
    beyond = (
        None if isolated else "isolated is False, with which Karpenter calls IAM and price lists"
    )
    return [place_nodes({"group": group}, needs, beyond=beyond) for group in groups]


def _statements(facts: pulumi.Output[dict[str, Any]], *, isolated: bool) -> list[Any]:
    """The statements as a list of known length, whatever they speak of is known or not."""
    shape = karpenter_statements(
        KarpenterFacts("", "arn:aws:eks:::", "", "", ""), isolated=isolated
    )
    made = facts.apply(
        lambda known: karpenter_statements(KarpenterFacts(**known), isolated=isolated)
    )
    return [made[position] for position in range(len(shape))]


def _queue(name: str, parent: pulumi.Resource, tags: Optional[Tags]) -> "aws.sqs.Queue":
    """The queue, the events that come to it, and its policy for them."""
    child = pulumi.ResourceOptions(parent=parent)
    queue = aws.sqs.Queue(
        f"{name}-queue",
        message_retention_seconds=_RETENTION_SECONDS,
        sqs_managed_sse_enabled=True,
        tags=tagged(f"{name}-queue", tags),
        opts=child,
    )
    arns: list[pulumi.Output[str]] = []
    for event, (source, kind) in EVENTS.items():
        rule = aws.cloudwatch.EventRule(
            f"{name}-{event}",
            description=f"Tells Karpenter of {name}: {kind}",
            event_pattern=pulumi.Output.json_dumps({"source": [source], "detail-type": [kind]}),
            tags=tagged(f"{name}-{event}", tags),
            opts=child,
        )
        aws.cloudwatch.EventTarget(f"{name}-{event}", rule=rule.name, arn=queue.arn, opts=child)
        arns.append(rule.arn)
    aws.sqs.QueuePolicy(
        f"{name}-queue",
        queue_url=queue.url,
        policy=pulumi.Output.json_dumps(
            pulumi.Output.all(queue.arn, *arns).apply(
                lambda known: queue_policy(known[0], list(known[1:]))
            )
        ),
        opts=child,
    )
    return queue
