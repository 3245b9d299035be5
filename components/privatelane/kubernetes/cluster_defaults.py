"""What a cluster should hold from the first day: classes, node pools, controllers."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._component import given_provider, input_errors, register
from privatelane._invalid import (
    InvalidInput,
    choice,
    entries,
    flag,
    known_keys,
    refuse_missing,
    text,
)
from privatelane.kubernetes._charts import check_chart, load_balancer_values
from privatelane.kubernetes._compute import AUTO_MODE, COMPUTE, KARPENTER, NODE_GROUPS
from privatelane.kubernetes._ingress import ingress_class
from privatelane.kubernetes._manifests import Manifest
from privatelane.kubernetes._nodes import check_node_class, node_class, node_pool
from privatelane.kubernetes._storage import snapshot_class, storage_class
from privatelane.kubernetes.applied import applied
from privatelane.kubernetes.charts import (
    ChartArgs,
    LoadBalancerControllerArgs,
    chart_release,
    chart_releases,
    check_charts,
)
from privatelane.kubernetes.cluster_api import (
    ClusterApiArgs,
    check_api,
    cluster_provider,
)


class StorageArgs(TypedDict):
    """The class of volumes: encrypted gp3, made where the first pod runs."""

    name: NotRequired[str]
    """Name of the class. Defaults to `gp3`."""
    default: NotRequired[bool]
    """Whether claims that name no class are of this one. Defaults to true."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that volumes are encrypted under, which the driver's role must be let use. Defaults to
    EBS's own."""
    iops: NotRequired[int]
    """Operations a second of a volume, from 3000 to 80000. Defaults to 3000."""
    throughput: NotRequired[int]
    """MiB a second of a volume, from 125 to 2000. Defaults to 125."""
    file_system: NotRequired[str]
    """`ext4` or `xfs`. Defaults to `ext4`."""
    reclaim_policy: NotRequired[str]
    """What becomes of a volume whose claim is deleted: `Delete` or `Retain`. Defaults to
    `Delete`."""
    volume_tags: NotRequired[Mapping[str, str]]
    """Tags of every volume, such as those that a snapshot schedule goes by. For Auto Mode the
    cluster's role must be let set them. Defaults to none."""


class NodeClassArgs(TypedDict):
    """What the nodes of Auto Mode or Karpenter are made of."""

    name: NotRequired[str]
    """Name of the class. Defaults to `private`."""
    group: str
    """Group of subnets that nodes run in."""
    subnet_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Subnets by `<group>/<zone id>`, such as `Network.subnet_ids`."""
    security_group_ids: Sequence[pulumi.Input[str]]
    """Security groups of nodes, such as `EksCluster.cluster_security_group_id`."""
    node_role_arn: NotRequired[pulumi.Input[str]]
    """Role of the nodes, for Auto Mode, such as `EksCluster.node_role_arn`. Another one has no
    access entry yet: it must get one of type `EC2`, with the policy `AmazonEKSAutoNodePolicy`."""
    instance_profile: NotRequired[pulumi.Input[str]]
    """Name of the instance profile of the nodes, for Karpenter."""
    ami_alias: NotRequired[str]
    """Family and version of images, for Karpenter, such as `bottlerocket@v1.50.0`."""
    network_policy: NotRequired[str]
    """What pods without a network policy may do, for Auto Mode: `DefaultAllow` or `DefaultDeny`.
    Defaults to `DefaultAllow`."""
    volume_gib: NotRequired[int]
    """Size of a node's volume, from 20 to 16384. Defaults to 80."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that nodes' volumes are encrypted under. Defaults to EBS's own."""
    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of every node; for Auto Mode the cluster's role must be let set them. Defaults to
    none."""


class NodePoolArgs(TypedDict):
    """A pool of nodes of Auto Mode or Karpenter."""

    architectures: NotRequired[Sequence[str]]
    """`amd64`, `arm64` or both. Defaults to `amd64`."""
    capacity_types: NotRequired[Sequence[str]]
    """`on-demand`, `spot` or both. Defaults to `on-demand`."""
    instance_categories: NotRequired[Sequence[str]]
    """First letters of instance types. Defaults to `c`, `m` and `r`."""
    least_generation: NotRequired[int]
    """Oldest generation of instance types, from 1 to 99. Defaults to 6."""
    zones: NotRequired[Sequence[str]]
    """Names of zones, such as `eu-west-1a`. Defaults to those of the node class's subnets."""
    labels: NotRequired[Mapping[str, str]]
    """Labels of the nodes. Defaults to none."""
    system: NotRequired[bool]
    """Whether only what tolerates `CriticalAddonsOnly` runs there. Defaults to false."""
    most_cpus: NotRequired[int]
    """Virtual CPUs of all nodes together, from 1 to 1000000. Defaults to 100."""
    most_memory_gib: NotRequired[int]
    """GiB of memory of all nodes together, from 1 to 10000000. Defaults to no limit."""
    expire_after_hours: NotRequired[int]
    """Hours after which a node is replaced, up to 504 for Auto Mode and 8760 for Karpenter.
    Defaults to 336."""


class IngressArgs(TypedDict):
    """The class of load balancers that Ingress objects get."""

    name: NotRequired[str]
    """Name of the class. Defaults to `alb`."""
    scheme: NotRequired[str]
    """`internal` or `internet-facing`. Defaults to `internal`."""
    default: NotRequired[bool]
    """Whether Ingress objects that name no class are of this one. Defaults to true."""


class ClusterDefaultsArgs(TypedDict):
    """What a cluster should hold from the first day."""

    api: ClusterApiArgs
    """Where the API is, and whether the program gets there."""
    compute: str
    """Who runs the nodes: `auto-mode`, `karpenter` or `node-groups`."""
    storage: NotRequired[StorageArgs]
    """The class of volumes. Defaults to encrypted gp3 volumes."""
    snapshots: NotRequired[bool]
    """Whether there is a class of snapshots, for which the cluster has the snapshot controller.
    Defaults to true."""
    node_class: NotRequired[NodeClassArgs]
    """What the nodes of `node_pools` are made of."""
    node_pools: NotRequired[Mapping[str, NodePoolArgs]]
    """Pools of nodes by name, for Auto Mode and Karpenter. Defaults to none."""
    ingress: NotRequired[IngressArgs]
    """The class of load balancers, for Auto Mode and with `load_balancer_controller`. Defaults to
    internal ones."""
    load_balancer_controller: NotRequired[LoadBalancerControllerArgs]
    """The AWS Load Balancer Controller, for clusters without Auto Mode. Defaults to none."""
    charts: NotRequired[Mapping[str, ChartArgs]]
    """Further Helm charts by the name of their release, such as Karpenter, before its node pools,
    or Velero. Defaults to none."""


class ClusterDefaults(pulumi.ComponentResource):
    """A default class of encrypted volumes, a class of snapshots, node pools, load balancers, and charts out of a private registry."""  # noqa: E501 - one paragraph, as of every component

    storage_class_name: pulumi.Output[str]
    """Name of the class of volumes."""

    def __init__(
        self,
        name: str,
        args: ClusterDefaultsArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        with input_errors(f"ClusterDefaults {name!r}"):
            known_keys("ClusterDefaults", args, ClusterDefaultsArgs.__annotations__)
            refuse_missing(args, ClusterDefaultsArgs.__required_keys__)
            check_api(entries("api", args["api"]))
            compute = choice("compute", args["compute"], COMPUTE)
            volumes = storage_class(compute, _settings(args, "storage", StorageArgs))
            snapshots = flag("snapshots", args.get("snapshots", True))
            ingress = _ingress(compute, args)
            values = _controller(compute, args)
            pools = _pools(compute, args)
            charts = entries("charts", args.get("charts", {}))
            check_charts(charts)
        super().__init__("privatelane:kubernetes:ClusterDefaults", name, None, opts)
        #: The provider of the cluster, for whatever else is to be in it: the one that was given in
        #: `providers`, or else one of its own.
        self.provider = given_provider(opts, "kubernetes") or cluster_provider(
            f"{name}-cluster", args["api"], pulumi.ResourceOptions(parent=self)
        )

        def child(suffix: str, manifest: Manifest, *after: pulumi.Resource) -> pulumi.Resource:
            return applied(
                f"{name}-{suffix}", manifest, parent=self, provider=self.provider, after=after
            )

        child("storage-class", volumes)
        if snapshots:
            child("snapshot-class", snapshot_class(compute))
        if ingress is not None:
            child("ingress-class", ingress[1], child("ingress-class-params", ingress[0]))
        controllers: list[pulumi.Resource] = []
        if values is not None:
            controllers.append(
                chart_release(
                    f"{name}-load-balancer-controller",
                    "aws-load-balancer-controller",
                    args["load_balancer_controller"],
                    values,
                    field="load_balancer_controller",
                    parent=self,
                    provider=self.provider,
                )
            )
        # A Service that another chart makes passes the controller's webhook.
        controllers += chart_releases(
            name, charts, parent=self, provider=self.provider, after=controllers
        )
        if pools:
            made_of = child("node-class", _node_class(compute, args["node_class"]), *controllers)
            for pool, manifest in pools.items():
                child(f"node-pool-{pool}", manifest, made_of)

        self.storage_class_name = pulumi.Output.from_input(volumes["metadata"]["name"])
        register(self)


def _settings(args: ClusterDefaultsArgs, key: str, of: type) -> Mapping[str, Any]:
    given = entries(key, args.get(key, {}))
    known_keys(key, given, of.__annotations__)
    return given


def _ingress(compute: str, args: ClusterDefaultsArgs) -> Optional[tuple[Manifest, Manifest]]:
    given = _settings(args, "ingress", IngressArgs)
    manifests = ingress_class(given)
    if compute == AUTO_MODE:
        return manifests
    if given and "load_balancer_controller" not in args:
        raise InvalidInput(
            f"ingress is given, compute {compute!r} has no load balancers without"
            " load_balancer_controller"
        )
    return None


def _controller(compute: str, args: ClusterDefaultsArgs) -> Optional[dict[str, Any]]:
    field = "load_balancer_controller"
    given = _settings(args, field, LoadBalancerControllerArgs)
    if field not in args:
        return None
    if compute == AUTO_MODE:
        raise InvalidInput(f"{field} is given, Auto Mode has one built in: leave it out")
    refuse_missing(given, LoadBalancerControllerArgs.__required_keys__)
    check_chart(field, given)
    api = args["api"]
    return load_balancer_values(given, args.get("ingress", {}), api["cluster_name"], api["region"])


def _pools(compute: str, args: ClusterDefaultsArgs) -> dict[str, Manifest]:
    given = entries("node_pools", args.get("node_pools", {}))
    made_of = _settings(args, "node_class", NodeClassArgs)
    if compute == NODE_GROUPS and (given or made_of):
        field = "node_pools" if given else "node_class"
        raise InvalidInput(
            f"{field} is given, compute {compute!r} has none: it is for {AUTO_MODE!r} and"
            f" {KARPENTER!r}"
        )
    if bool(given) != bool(made_of):
        missing = "node_class" if given else "node_pools"
        raise InvalidInput(f"{missing} is not given, node_pools and node_class go together")
    if not given:
        return {}
    refuse_missing(made_of, NodeClassArgs.__required_keys__)
    text("node_class.group", made_of["group"])
    check_node_class(compute, made_of)
    pools = {}
    for pool, settings in given.items():
        field = f"node_pools.{pool}"
        known = entries(field, settings)
        known_keys(field, known, NodePoolArgs.__annotations__)
        pools[pool] = node_pool(compute, pool, known, made_of.get("name", "private"))
    return pools


def _node_class(compute: str, given: NodeClassArgs) -> Manifest:
    group = given["group"]

    def terms(subnets: Mapping[str, str]) -> list[dict[str, str]]:
        chosen = [subnets[key] for key in sorted(subnets) if key.partition("/")[0] == group]
        if not chosen:
            raise pulumi.RunError(
                f"node_class.group is {group!r}, node_class.subnet_ids has no subnet of it."
            )
        return [{"id": one} for one in chosen]

    role = given.get("node_role_arn")
    # Resolves the leaves as well, which its type does not tell.
    known: pulumi.Output[Any] = pulumi.Output.from_input(given["subnet_ids"])
    return node_class(
        compute,
        given,
        # A node class names the role, without the path that its ARN has.
        role_name=(
            None
            if role is None
            else pulumi.Output.from_input(role).apply(lambda arn: arn.rpartition("/")[2])
        ),
        subnets=known.apply(terms),
        security_group_ids=given["security_group_ids"],
    )
