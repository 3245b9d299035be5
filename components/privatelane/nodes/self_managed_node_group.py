"""Nodes that run in an Auto Scaling group of their own and join the cluster by their user data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, provider_region, register, waits_of
from privatelane._invalid import InvalidInput, flag, integer
from privatelane._tags import Tags, tagged
from privatelane.location import location_of
from privatelane.nodes._ami_types import ami_parameter, check_release
from privatelane.nodes._node_labels import scaling_tags
from privatelane.nodes._node_plan import (
    ON_DEMAND,
    SPOT,
    NodePlan,
    check_arguments,
    plan_nodes,
    refuse,
    require,
)
from privatelane.nodes.node_group import TaintArgs
from privatelane.nodes.node_role import check_role, node_role
from privatelane.nodes.node_subnets import check_place, once_reachable
from privatelane.nodes.node_template import latest, node_template
from privatelane.subnets import chosen_subnets

#: Processes that move instances between zones without draining them.
_REBALANCE = "AZRebalance"


class SelfManagedNodeGroupArgs(TypedDict):
    """Nodes in an Auto Scaling group, and the subnets they run in."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster, such as `EksCluster.cluster_name`."""
    cluster_endpoint: pulumi.Input[str]
    """Endpoint of the cluster, such as `EksCluster.cluster_endpoint`."""
    certificate_authority: pulumi.Input[str]
    """Certificate of the cluster in base64, such as `EksCluster.certificate_authority`."""
    service_cidr: pulumi.Input[str]
    """Address range of the cluster's services, such as `EksCluster.service_ipv4_cidr`."""
    cluster_security_group_id: pulumi.Input[str]
    """Security group that EKS made for the cluster, such as
    `EksCluster.cluster_security_group_id`."""
    kubernetes_version: NotRequired[pulumi.Input[str]]
    """Kubernetes version of the nodes, such as `EksCluster.kubernetes_version`. Mandatory with
    `release_version`."""
    release_version: NotRequired[str]
    """AMI release of EKS to run, such as `1.34.1-20251112`. Mandatory unless `ami_id` is given, as
    nodes would change whenever AWS publishes an AMI."""
    ami_id: NotRequired[pulumi.Input[str]]
    """AMI to run. Defaults to the one of `release_version`."""
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
    """Ids of the zones to use of the group's. Defaults to all."""
    region: NotRequired[str]
    """Region of the nodes. Defaults to the provider's."""
    instance_types: Sequence[str]
    """Instance types of one processor architecture, 1 to 20, the preferred one first."""
    ami_type: NotRequired[str]
    """AMI type of EKS, such as `BOTTLEROCKET_ARM_64`; with `ami_id`, the one that the AMI was made
    from. Defaults to Amazon Linux 2023 for the instance types, with the drivers of their
    accelerator."""
    security_group_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Security groups of the nodes beside the cluster's. Defaults to none."""
    capacity_type: NotRequired[str]
    """`ON_DEMAND` or `SPOT`. Defaults to `ON_DEMAND`."""
    on_demand_base: NotRequired[int]
    """Nodes that are On-Demand Instances when `capacity_type` is `SPOT`, from 0 to 1000. Defaults
    to 0."""
    on_demand_percentage: NotRequired[int]
    """Share of On-Demand Instances in what is beyond that, from 0 to 100 percent. Defaults to 0."""
    capacity_reservation_id: NotRequired[pulumi.Input[str]]
    """Capacity Reservation to run in. Defaults to none."""
    min_size: NotRequired[int]
    """Least number of nodes, from 0 to 1000. Defaults to 2."""
    desired_size: NotRequired[int]
    """Number of nodes, at the creation only when `autoscaled`. Defaults to `min_size`."""
    max_size: NotRequired[int]
    """Greatest number of nodes, from 1 to 1000. Defaults to the greater of the other two."""
    autoscaled: NotRequired[bool]
    """Whether Cluster Autoscaler sets the number of nodes after the creation; the group then has
    the tags by which it is found. Defaults to false."""
    labels: NotRequired[Mapping[str, str]]
    """Kubernetes labels of the nodes. Defaults to none."""
    taints: NotRequired[Sequence[TaintArgs]]
    """Kubernetes taints of the nodes. Defaults to none."""
    refresh: NotRequired[bool]
    """Whether a change replaces the instances that run, a few at a time; otherwise it counts for
    later ones. Instances are not drained unless something in the cluster does so, such as the node
    termination handler. Defaults to true."""
    min_healthy_percentage: NotRequired[int]
    """Least share of the nodes that runs during a refresh, from 0 to 100. Defaults to 90."""
    instance_warmup: NotRequired[int]
    """Seconds after which a new node counts as healthy, from 0 to 3600. Defaults to 120."""
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
    """Pods on a node, from 4 to 250, to be given with prefix delegation, for which 110 is usual.
    Defaults to what the AMI works out for the instance type without it."""
    role_arn: NotRequired[pulumi.Input[str]]
    """Role of the nodes. Defaults to a new one."""
    access_entry: NotRequired[bool]
    """Whether to admit the role to the cluster, which is done once for a role. Defaults to true."""
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


class SelfManagedNodeGroup(pulumi.ComponentResource):
    """Nodes of an EKS cluster in an Auto Scaling group with a launch template, a role and its access entry: for what managed node groups cannot, such as a share of On-Demand Instances in Spot. It refuses subnets from which its nodes could not join the cluster or pull images."""  # noqa: E501 - the schema takes one paragraph

    autoscaling_group_name: pulumi.Output[str]
    """Name of the Auto Scaling group."""
    autoscaling_group_arn: pulumi.Output[str]
    """ARN of the Auto Scaling group."""
    role_arn: pulumi.Output[str]
    """ARN of the nodes' role."""
    launch_template_id: pulumi.Output[str]
    """Launch template of the nodes."""

    def __init__(
        self,
        name: str,
        args: SelfManagedNodeGroupArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        where = f"SelfManagedNodeGroup {name!r}"
        with input_errors(where):
            check_arguments("SelfManagedNodeGroup", args, SelfManagedNodeGroupArgs)
            plan = _plan(name, args, provider_region(opts))
        super().__init__("privatelane:index:SelfManagedNodeGroup", name, None, opts)
        nodes = plan.nodes
        tags = args.get("tags")
        #: Known at preview, whatever the ids are.
        self.needs: frozenset[str] = nodes.place.needs
        child = pulumi.ResourceOptions(parent=self)

        awaited: list[pulumi.Resource] = []
        if (role_arn := args.get("role_arn")) is None:
            own = node_role(name, args, location_of(self, nodes.region), self, tags)
            role_arn, role_name = own.role.arn, own.role.name
            awaited += own.policies
        else:
            role_name = pulumi.Output.from_input(role_arn).apply(_role_name)
        if plan.access_entry:
            entry = aws.eks.AccessEntry(
                f"{name}-access",
                cluster_name=args["cluster_name"],
                principal_arn=role_arn,
                type="EC2_LINUX",
                tags=tagged(f"{name}-access", tags),
                opts=child,
            )
            awaited.append(entry)
        profile = aws.iam.InstanceProfile(
            f"{name}-profile", role=role_name, tags=tagged(f"{name}-profile", tags), opts=child
        )
        template = node_template(
            where,
            nodes,
            args,
            self,
            tags,
            image_id=once_reachable(where, [nodes.place], args, _image(where, plan, args)),
            joins=True,
            instance_profile=profile,
            instance_type=nodes.instance_types[0],
        )
        group = _group(where, plan, args, template, awaited, self, opts)

        self.autoscaling_group_name = group.name
        self.autoscaling_group_arn = group.arn
        self.role_arn = pulumi.Output.from_input(role_arn)
        self.launch_template_id = template.id
        register(self)


@dataclass(frozen=True, slots=True)
class _GroupPlan:
    nodes: NodePlan
    release: Optional[str]
    on_demand_base: int
    on_demand_percentage: int
    refresh: bool
    min_healthy_percentage: int
    warmup: int
    access_entry: bool

    @property
    def mixed(self) -> bool:
        """Whether the group needs a policy for types and prices, beside its template."""
        return len(self.nodes.instance_types) > 1 or self.nodes.capacity_type == SPOT


def _plan(name: str, args: Mapping[str, Any], region: Optional[str]) -> _GroupPlan:
    nodes = plan_nodes(name, args, region, managed=False)
    spot = nodes.capacity_type == SPOT
    if not spot:
        shares = dict.fromkeys(
            ("on_demand_base", "on_demand_percentage"),
            f"but capacity_type is {ON_DEMAND!r}, with which all are On-Demand Instances",
        )
        refuse(args, shares)
    release = None
    if nodes.custom_ami:
        refuse(args, {"release_version": "but ami_id names one AMI already"})
    else:
        require(
            args,
            {
                "release_version": "it must name the AMI, unless ami_id does",
                "kubernetes_version": "release_version needs it",
            },
        )
        release = check_release(nodes.ami, args["release_version"], args["kubernetes_version"])
    check_role(args)
    check_place(nodes.place, args)
    access_entry = flag("access_entry", args.get("access_entry", True))
    if not access_entry and args.get("role_arn") is None:
        raise InvalidInput(
            "access_entry is False, but without role_arn the role is new and the cluster admits it"
            " nowhere else"
        )
    base = integer("on_demand_base", args.get("on_demand_base", 0), least=0, most=1000)
    share = integer("on_demand_percentage", args.get("on_demand_percentage", 0), least=0, most=100)
    return _GroupPlan(
        nodes=nodes,
        release=release,
        on_demand_base=base,
        on_demand_percentage=share if spot else 100,
        refresh=flag("refresh", args.get("refresh", True)),
        min_healthy_percentage=integer(
            "min_healthy_percentage", args.get("min_healthy_percentage", 90), least=0, most=100
        ),
        warmup=integer("instance_warmup", args.get("instance_warmup", 120), least=0, most=3600),
        access_entry=access_entry,
    )


def _image(where: str, plan: _GroupPlan, args: Mapping[str, Any]) -> pulumi.Input[str]:
    """The AMI, by its id or by a public parameter whose value never changes.

    EC2 resolves the parameter, from AWS's side, when the template is used.
    """
    if plan.release is None:
        own: pulumi.Input[str] = args["ami_id"]
        return own
    release, ami = plan.release, plan.nodes.ami

    def parameter(version: str) -> str:
        with input_errors(where):
            check_release(ami, release, version)
        return f"resolve:ssm:{ami_parameter(ami, release, version)}"

    version = args["kubernetes_version"]
    if isinstance(version, str):
        return parameter(version)
    return pulumi.Output.from_input(version).apply(parameter)


def _group(
    where: str,
    plan: _GroupPlan,
    args: SelfManagedNodeGroupArgs,
    template: aws.ec2.LaunchTemplate,
    awaited: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
    opts: Optional[pulumi.ResourceOptions],
) -> "aws.autoscaling.Group":
    nodes = plan.nodes
    own = pulumi.ResourceOptions(
        parent=parent,
        depends_on=[*awaited],
        # From the creation on, the number of nodes is the autoscaler's.
        ignore_changes=["desiredCapacity"] if nodes.sizes.autoscaled else None,
    )
    version = latest(template)
    return aws.autoscaling.Group(
        f"{nodes.name}-nodes",
        min_size=nodes.sizes.least,
        desired_capacity=nodes.sizes.desired,
        max_size=nodes.sizes.most,
        vpc_zone_identifiers=chosen_subnets(where, args["subnet_ids"], nodes.place.choose),
        launch_template=None
        if plan.mixed
        else aws.autoscaling.GroupLaunchTemplateArgs(id=template.id, version=version),
        mixed_instances_policy=_mixed(plan, template, version) if plan.mixed else None,
        instance_refresh=_refresh(plan),
        # The autoscaler drains what it ends; Auto Scaling, which would even out zones, does not.
        suspended_processes=[_REBALANCE] if nodes.sizes.autoscaled else None,
        tags=_group_tags(plan, args["cluster_name"], args.get("tags")),
        # What the component waits for, its nodes wait for: the endpoints, and the CNI.
        opts=pulumi.ResourceOptions.merge(own, waits_of(opts)),
    )


def _mixed(
    plan: _GroupPlan, template: aws.ec2.LaunchTemplate, version: pulumi.Input[str]
) -> "aws.autoscaling.GroupMixedInstancesPolicyArgs":
    return aws.autoscaling.GroupMixedInstancesPolicyArgs(
        instances_distribution=aws.autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs(
            on_demand_base_capacity=plan.on_demand_base,
            on_demand_percentage_above_base_capacity=plan.on_demand_percentage,
            on_demand_allocation_strategy="prioritized",
            spot_allocation_strategy="price-capacity-optimized",
        ),
        launch_template=aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs(
            launch_template_specification=(
                aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs(
                    launch_template_id=template.id, version=version
                )
            ),
            overrides=[
                aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs(
                    instance_type=one
                )
                for one in plan.nodes.instance_types
            ],
        ),
    )


def _refresh(plan: _GroupPlan) -> "Optional[aws.autoscaling.GroupInstanceRefreshArgs]":
    if not plan.refresh:
        return None
    return aws.autoscaling.GroupInstanceRefreshArgs(
        strategy="Rolling",
        preferences=aws.autoscaling.GroupInstanceRefreshPreferencesArgs(
            min_healthy_percentage=plan.min_healthy_percentage,
            instance_warmup=str(plan.warmup),
        ),
    )


def _group_tags(
    plan: _GroupPlan, cluster: pulumi.Input[str], tags: Optional[Tags]
) -> "Union[list[aws.autoscaling.GroupTagArgs], pulumi.Output[list[aws.autoscaling.GroupTagArgs]]]":
    """The tags of the group, those of its instances being the template's business.

    The cluster's is the exception: without it the nodes' cloud provider does not know its own.
    """
    nodes = plan.nodes
    scaler = "k8s.io/cluster-autoscaler"
    found = {
        f"{scaler}/enabled": "true",
        **scaling_tags(nodes.labels, nodes.taints),
    }
    of_cluster = [_tag(_key("kubernetes.io/cluster/", cluster), "owned", on_instances=True)]
    if nodes.sizes.autoscaled:
        of_cluster.append(_tag(_key(f"{scaler}/", cluster), "owned"))
        of_cluster += [_tag(key, value) for key, value in sorted(found.items())]
    named = tagged(f"{nodes.name}-nodes", tags)
    if isinstance(named, Mapping):
        return [*of_cluster, *_own_tags(named)]
    return pulumi.Output.all(named).apply(lambda known: [*of_cluster, *_own_tags(known[0])])


def _own_tags(tags: Mapping[str, pulumi.Input[str]]) -> "list[aws.autoscaling.GroupTagArgs]":
    return [_tag(key, value) for key, value in sorted(tags.items())]


def _tag(
    key: pulumi.Input[str], value: pulumi.Input[str], *, on_instances: bool = False
) -> "aws.autoscaling.GroupTagArgs":
    return aws.autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=on_instances)


def _key(prefix: str, cluster: pulumi.Input[str]) -> pulumi.Input[str]:
    return (
        f"{prefix}{cluster}" if isinstance(cluster, str) else pulumi.Output.concat(prefix, cluster)
    )


def _role_name(arn: str) -> str:
    return arn.rpartition("/")[2]
