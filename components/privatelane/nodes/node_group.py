"""Nodes that EKS manages: a node group with its launch template and role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, provider_region, register, waits_of
from privatelane._invalid import InvalidInput, choice, flag, integer
from privatelane._tags import tagged
from privatelane.location import location_of
from privatelane.nodes._ami_types import check_release
from privatelane.nodes._node_plan import (
    CAPACITY_BLOCK,
    NodePlan,
    check_arguments,
    plan_nodes,
    refuse,
    require,
)
from privatelane.nodes.node_role import check_role, node_role
from privatelane.nodes.node_subnets import check_place, once_reachable
from privatelane.nodes.node_template import CLUSTER_FACTS, latest, node_template
from privatelane.subnets import chosen_subnets

_STRATEGIES = ("DEFAULT", "MINIMAL")
#: `maxUnavailable` in the EKS API reference.
_MOST_UNAVAILABLE = 100

#: What a launch template of the caller's own holds instead.
_IN_TEMPLATE = (
    "ami_id",
    "capacity_reservation_id",
    "disk_iops",
    "disk_kms_key_arn",
    "disk_size_gib",
    "disk_throughput_mibps",
    "max_pods",
    "metadata_hop_limit",
    "security_group_ids",
)


class TaintArgs(TypedDict):
    """What keeps pods without a toleration away from the nodes."""

    key: str
    """Key, such as `dedicated`."""
    value: NotRequired[str]
    """Value. Defaults to an empty one."""
    effect: str
    """`NO_SCHEDULE`, `NO_EXECUTE` or `PREFER_NO_SCHEDULE`."""


class NodeGroupArgs(TypedDict):
    """A managed node group, and the subnets it runs in."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster, such as `EksCluster.cluster_name`."""
    kubernetes_version: NotRequired[pulumi.Input[str]]
    """Kubernetes version of the nodes, such as `EksCluster.kubernetes_version`, with which nodes
    follow the cluster. Not used with `ami_id`. Defaults to the cluster's at the creation, and stays
    there."""
    release_version: NotRequired[str]
    """AMI release to stay at, such as `1.34.1-20251112`. Defaults to the newest at the creation and
    at each change of `kubernetes_version`."""
    group: str
    """Group of subnets that nodes run in, without an internet gateway."""
    subnet_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Subnets by `<group>/<zone id>`, such as `Network.subnet_ids`."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet, such as `Network.egress`: `internet-gateway`, `nat`
    or `none`."""
    private_services: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Services that each group reaches by an endpoint, separated by commas, such as
    `Endpoints.private_services`."""
    zones: NotRequired[Sequence[str]]
    """Ids of the zones to use of the group's, one for workloads whose volumes bind them to a zone.
    Defaults to all."""
    region: NotRequired[str]
    """Region of the nodes. Defaults to the provider's."""
    instance_types: Sequence[str]
    """Instance types of one processor architecture, 1 to 20. Several are best for Spot."""
    ami_type: NotRequired[str]
    """AMI type of EKS, such as `BOTTLEROCKET_ARM_64`; with `ami_id`, the one that the AMI was made
    from. Defaults to Amazon Linux 2023 for the instance types, with the drivers of their
    accelerator."""
    ami_id: NotRequired[pulumi.Input[str]]
    """AMI of your own. EKS then leaves joining to the user data, which needs `cluster_endpoint`,
    `certificate_authority` and `service_cidr`. Defaults to the one of EKS."""
    cluster_endpoint: NotRequired[pulumi.Input[str]]
    """Endpoint of the cluster, such as `EksCluster.cluster_endpoint`. Used with `ami_id` only."""
    certificate_authority: NotRequired[pulumi.Input[str]]
    """Certificate of the cluster in base64, such as `EksCluster.certificate_authority`. Used with
    `ami_id` only."""
    service_cidr: NotRequired[pulumi.Input[str]]
    """Address range of the cluster's services, such as `EksCluster.service_ipv4_cidr`. Used with
    `ami_id` only."""
    cluster_security_group_id: NotRequired[pulumi.Input[str]]
    """Security group that EKS made for the cluster, such as `EksCluster.cluster_security_group_id`.
    Used with `security_group_ids` only."""
    security_group_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Further security groups of the nodes. Defaults to none."""
    launch_template_id: NotRequired[pulumi.Input[str]]
    """Launch template of your own, without instance type, subnets and instance profile. What this
    component promises of metadata and volumes is then yours to keep. Defaults to one with IMDSv2
    and encrypted gp3 volumes."""
    launch_template_version: NotRequired[pulumi.Input[str]]
    """Version of `launch_template_id`, with which it is mandatory."""
    capacity_type: NotRequired[str]
    """`ON_DEMAND`, `SPOT` or `CAPACITY_BLOCK`. Defaults to `ON_DEMAND`."""
    capacity_reservation_id: NotRequired[pulumi.Input[str]]
    """Capacity Reservation or Capacity Block to run in. Defaults to none."""
    min_size: NotRequired[int]
    """Least number of nodes, from 0 to 1000. Defaults to 2."""
    desired_size: NotRequired[int]
    """Number of nodes, at the creation only when `autoscaled`. Defaults to `min_size`."""
    max_size: NotRequired[int]
    """Greatest number of nodes, from 1 to 1000. Defaults to the greater of the other two."""
    autoscaled: NotRequired[bool]
    """Whether Cluster Autoscaler or another program sets the number of nodes after the creation.
    Defaults to false."""
    labels: NotRequired[Mapping[str, str]]
    """Kubernetes labels of the nodes. Defaults to none."""
    taints: NotRequired[Sequence[TaintArgs]]
    """Kubernetes taints of the nodes. Defaults to none."""
    max_unavailable: NotRequired[int]
    """Nodes that an update replaces at a time, from 1 to 100. Defaults to 1."""
    max_unavailable_percentage: NotRequired[int]
    """The same as a share of the nodes in percent, from 1 to 100. Defaults to `max_unavailable`."""
    update_strategy: NotRequired[str]
    """`DEFAULT` starts new nodes before it ends old ones, `MINIMAL` after, for capacity that is
    scarce. Defaults to `DEFAULT`."""
    force_update: NotRequired[bool]
    """Whether an update goes on when a pod cannot be drained because of its disruption budget.
    Defaults to false."""
    node_repair: NotRequired[bool]
    """Whether EKS replaces or reboots nodes that it finds broken; with the node monitoring agent it
    finds more. Defaults to true."""
    disk_size_gib: NotRequired[int]
    """Size of the encrypted gp3 volume of images and scratch data, from 20 to 65536 GiB. Defaults
    to 50."""
    disk_iops: NotRequired[int]
    """Its I/O operations a second, from 3000 to 80000. Defaults to gp3's 3000."""
    disk_throughput_mibps: NotRequired[int]
    """Its throughput, from 125 to 2000 MiB/s. Defaults to gp3's 125."""
    disk_kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the volumes; its policy must admit Auto Scaling's service-linked role. Defaults to the
    account's key for EBS."""
    metadata_hop_limit: NotRequired[int]
    """Network hops that an answer of the metadata service survives: 2 lets pods become the node's
    role. Defaults to 1."""
    max_pods: NotRequired[int]
    """Pods on a node, from 4 to 250, to be given with prefix delegation and `ami_id`. Defaults to
    what EKS, or the AMI, works out for the instance type."""
    role_arn: NotRequired[pulumi.Input[str]]
    """Role of the nodes. Defaults to a new one."""
    cni_policy: NotRequired[str]
    """What the nodes' role permits the VPC CNI: `none`, `ipv4` or `ipv6`. Defaults to `none`, as
    the CNI has a role of its own."""
    session: NotRequired[bool]
    """Whether Session Manager may open a shell on the nodes. Defaults to false."""
    policy_arns: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Further managed policies of the nodes' role by names of your choice. Defaults to none."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of the role. Defaults to none."""
    uses: NotRequired[Sequence[str]]
    """Further needs of pods on the nodes, such as `dynamodb`. Defaults to none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource, instances and volumes included. Defaults to none."""


class NodeGroup(pulumi.ComponentResource):
    """A managed node group of an EKS cluster with its launch template and role: instance metadata with tokens only, encrypted gp3 volumes, updates in place. It refuses subnets from which its nodes could not join the cluster or pull images."""  # noqa: E501 - the schema takes one paragraph

    node_group_name: pulumi.Output[str]
    """Name of the node group."""
    node_group_arn: pulumi.Output[str]
    """ARN of the node group."""
    role_arn: pulumi.Output[str]
    """ARN of the nodes' role."""
    launch_template_id: pulumi.Output[str]
    """Launch template of the nodes."""

    def __init__(
        self, name: str, args: NodeGroupArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        where = f"NodeGroup {name!r}"
        with input_errors(where):
            check_arguments("NodeGroup", args, NodeGroupArgs)
            plan = _plan(name, args, provider_region(opts))
        super().__init__("privatelane:index:NodeGroup", name, None, opts)
        nodes = plan.nodes
        tags = args.get("tags")
        #: Known at preview, whatever the ids are.
        self.needs: frozenset[str] = nodes.place.needs

        policies: Sequence[pulumi.Resource] = []
        if (role_arn := args.get("role_arn")) is None:
            own = node_role(name, args, location_of(self, nodes.region), self, tags)
            role_arn, policies = own.role.arn, own.policies
        if (template_id := args.get("launch_template_id")) is None:
            template = node_template(
                where,
                nodes,
                args,
                self,
                tags,
                image_id=args.get("ami_id"),
                joins=nodes.custom_ami,
                instance_type=plan.template_type,
            )
            template_id, version = template.id, latest(template)
        else:
            version = pulumi.Output.from_input(args["launch_template_version"])
        group = _node_group(where, plan, args, role_arn, template_id, version, policies, self, opts)

        self.node_group_name = group.node_group_name
        self.node_group_arn = group.arn
        self.role_arn = pulumi.Output.from_input(role_arn)
        self.launch_template_id = pulumi.Output.from_input(template_id)
        register(self)


@dataclass(frozen=True, slots=True)
class _GroupPlan:
    nodes: NodePlan
    ami_type: Optional[str]
    """What the node group itself is told: nothing where its template tells it."""
    template_type: Optional[str]
    """The instance type that the template must name, rather than the node group."""
    release: Optional[str]
    update: Mapping[str, Any]
    force: bool
    repair: bool


def _plan(name: str, args: Mapping[str, Any], region: Optional[str]) -> _GroupPlan:
    own_template = args.get("launch_template_id") is not None
    if own_template and args.get("capacity_type") == CAPACITY_BLOCK:
        raise InvalidInput(
            "launch_template_id is given with capacity_type 'CAPACITY_BLOCK', whose template must"
            " name reservation and instance type; leave it out"
        )
    nodes = plan_nodes(name, args, region, managed=True)
    if own_template:
        require(args, {"launch_template_version": "launch_template_id needs it"})
        refuse(args, dict.fromkeys(_IN_TEMPLATE, "your launch_template_id holds it instead"))
    else:
        refuse(args, {"launch_template_version": "but launch_template_id is not"})
    if nodes.custom_ami:
        require(args, dict.fromkeys(CLUSTER_FACTS, "nodes of ami_id need it to join the cluster"))
        refuse(args, {"release_version": "but ami_id names one AMI already"})
    if args.get("security_group_ids"):
        require(
            args,
            {"cluster_security_group_id": "EKS leaves it out when security_group_ids are given"},
        )
    check_role(args)
    check_place(nodes.place, args)
    release = args.get("release_version")
    block = nodes.capacity_type == CAPACITY_BLOCK
    told = not nodes.custom_ami and (not own_template or args.get("ami_type") is not None)
    return _GroupPlan(
        nodes=nodes,
        ami_type=nodes.ami.name if told else None,
        template_type=nodes.instance_types[0] if block else None,
        release=None
        if release is None
        else check_release(nodes.ami, release, args.get("kubernetes_version")),
        update=_update(args),
        force=flag("force_update", args.get("force_update", False)),
        repair=flag("node_repair", args.get("node_repair", True)),
    )


def _update(args: Mapping[str, Any]) -> dict[str, Any]:
    strategy = choice("update_strategy", args.get("update_strategy", "DEFAULT"), _STRATEGIES)
    fields = ("max_unavailable", "max_unavailable_percentage")
    given = [field for field in fields if args.get(field) is not None] or [fields[0]]
    if len(given) > 1:
        raise InvalidInput(
            "max_unavailable and max_unavailable_percentage are both given, it must be one of them"
        )
    field = given[0]
    number = integer(field, args.get(field, 1), least=1, most=_MOST_UNAVAILABLE)
    return {field: number, "update_strategy": strategy}


def _node_group(
    where: str,
    plan: _GroupPlan,
    args: NodeGroupArgs,
    role_arn: pulumi.Input[str],
    template_id: pulumi.Input[str],
    version: pulumi.Input[str],
    policies: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
    opts: Optional[pulumi.ResourceOptions],
) -> "aws.eks.NodeGroup":
    nodes = plan.nodes
    own = pulumi.ResourceOptions(
        parent=parent,
        depends_on=[*policies],
        # From the creation on, the number of nodes is the autoscaler's.
        ignore_changes=["scalingConfig.desiredSize"] if nodes.sizes.autoscaled else None,
    )
    return aws.eks.NodeGroup(
        f"{nodes.name}-nodes",
        cluster_name=once_reachable(where, [nodes.place], args, args["cluster_name"]),
        node_role_arn=role_arn,
        subnet_ids=chosen_subnets(where, args["subnet_ids"], nodes.place.choose),
        ami_type=plan.ami_type,
        capacity_type=nodes.capacity_type,
        instance_types=None if plan.template_type else [*nodes.instance_types],
        version=None if nodes.custom_ami else args.get("kubernetes_version"),
        release_version=plan.release,
        launch_template=aws.eks.NodeGroupLaunchTemplateArgs(id=template_id, version=version),
        scaling_config=aws.eks.NodeGroupScalingConfigArgs(
            min_size=nodes.sizes.least,
            desired_size=nodes.sizes.desired,
            max_size=nodes.sizes.most,
        ),
        labels=nodes.labels or None,
        taints=[
            aws.eks.NodeGroupTaintArgs(key=one.key, value=one.value or None, effect=one.effect)
            for one in nodes.taints
        ]
        or None,
        update_config=aws.eks.NodeGroupUpdateConfigArgs(**plan.update),
        node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=plan.repair),
        force_update_version=plan.force,
        tags=tagged(f"{nodes.name}-nodes", args.get("tags")),
        # What the component waits for, its nodes wait for: the endpoints, and the CNI.
        opts=pulumi.ResourceOptions.merge(own, waits_of(opts)),
    )
