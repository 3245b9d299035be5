"""What runs on EKS, and from which subnets it pulls: nodes of all kinds, and Fargate profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import Workload, WorkloadKind
from privatelane_paths.known import Maybe, Ref, Refs, Unknown
from privatelane_paths.services import dns_suffix
from privatelane_paths.sources.instances import template_groups
from privatelane_paths.sources.nouns import AUTOSCALING_GROUP, EKS_CLUSTER, SUBNET
from privatelane_paths.sources.vpcs import region_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.sources.index import Index, View

__all__ = ["cluster_of", "kubernetes_workloads", "node_groups", "registry_pattern"]

#: What every node calls beside the registries (aws-facts §1.3).
_NODE = ("ec2", "sts")
#: Bottlerocket asks EKS for its cluster's settings when it starts.
_BOTTLEROCKET = ("eks",)
#: Add-ons that run on every node, with what they call from there.
_ON_EVERY_NODE = {
    "eks-pod-identity-agent": ("eks-auth",),
    "amazon-cloudwatch-observability": ("logs", "monitoring"),
    "aws-guardduty-agent": ("guardduty-data",),
}
_TAG = "kubernetes.io/cluster/"
_GROUP_SUFFIX = "cluster-security-group"
#: Components of pulumi-eks that run nodes of their own, as long as their children are not shown.
_CLUSTER = "eks:index:Cluster"
_CLOSED = (
    _CLUSTER,
    "eks:index:ManagedNodeGroup",
    "eks:index:NodeGroup",
    "eks:index:NodeGroupV2",
)


def kubernetes_workloads(index: Index, region: Maybe[str]) -> Iterator[Workload]:
    """Every node group, Fargate profile and Auto Mode cluster of the stack."""
    for view in index.views("aws:eks/nodeGroup:NodeGroup"):
        os = _BOTTLEROCKET if _is_bottlerocket(view) else ()
        extra = (*os, *_cluster_needs(index, cluster_of(view)))
        yield _nodes(view, view.refs("subnetIds", SUBNET), _node_groups(view), region, extra)
    for view in index.views("aws:eks/fargateProfile:FargateProfile"):
        # Pods of a profile bring their own images; EKS's own (CoreDNS, the logger) are in ECR.
        yield Workload(
            view.key,
            view.name,
            WorkloadKind.EKS_FARGATE,
            subnets=view.refs("subnetIds", SUBNET),
            security_groups=_cluster_groups(view),
            images=_own_images(view, region),
            services=("sts",) if _has_oidc_provider(index, cluster_of(view)) else (),
        )
    for view in index.of(EKS_CLUSTER):
        subnets = _auto_mode_subnets(view)
        if subnets is not None:
            groups = Refs.of([index.implied_key(view.key, _GROUP_SUFFIX)])
            extra = _cluster_needs(index, Ref.to(view.key))
            yield _nodes(view, subnets, groups, region, extra)
    for view in index.of(AUTOSCALING_GROUP):
        cluster = _tagged_cluster(view)
        if cluster is not None:
            extra = _cluster_needs(index, cluster)
            subnets = view.refs("vpcZoneIdentifiers", SUBNET)
            yield _nodes(view, subnets, template_groups(view), region, extra)
    yield from _closed(index, region)


def registry_pattern(region: Maybe[str]) -> str | None:
    """Any image of any ECR registry of the region, or `None` while the region is unknown."""
    if isinstance(region, Unknown):
        return None
    return f"*.dkr.ecr.{region}.{dns_suffix(region)}/*"


def cluster_of(view: View) -> Ref:
    """The cluster that a resource names in `clusterName`."""
    value = view.raw("clusterName")
    if isinstance(value, str):
        found = view.named("clusterName", EKS_CLUSTER)
        return Ref.to(value) if found is None else Ref.to(found.key)
    return view.ref("clusterName", EKS_CLUSTER) or Ref.anything(view.missing("clusterName"))


def node_groups(index: Index) -> Iterator[View]:
    """The groups whose instances are nodes of a cluster: managed ones, and those with its tag."""
    yield from index.views("aws:eks/nodeGroup:NodeGroup")
    for view in index.of(AUTOSCALING_GROUP):
        if _tagged_cluster(view) is not None:
            yield view


def _nodes(
    view: View, subnets: Refs, groups: Refs, region: Maybe[str], extra: tuple[str, ...] = ()
) -> Workload:
    return Workload(
        view.key,
        view.name,
        WorkloadKind.EKS_NODES,
        subnets=subnets,
        security_groups=groups,
        images=_own_images(view, region),
        services=tuple(sorted({*_NODE, *extra})),
    )


def _own_images(view: View, region: Maybe[str]) -> Maybe[tuple[Maybe[str], ...]]:
    """EKS's add-on and pause images, which AWS keeps in its own registry of the region."""
    pattern = registry_pattern(region_of(view, region))
    return Unknown(f"the region of {view.name}") if pattern is None else (pattern,)


def _is_bottlerocket(view: View) -> bool:
    kind = view.text("amiType")
    return isinstance(kind, str) and kind.startswith("BOTTLEROCKET")


def _cluster_needs(index: Index, cluster: Ref) -> tuple[str, ...]:
    """What a cluster's nodes call because of its add-ons and of the identities of its pods."""
    if not cluster.decided:
        return ()
    found: set[str] = set()
    for view in index.views("aws:eks/addon:Addon"):
        if cluster_of(view).must_be(cluster.keys[0]):
            name = view.text("addonName")
            found.update(_ON_EVERY_NODE.get(name, ()) if isinstance(name, str) else ())
            if view.raw("podIdentityAssociations"):
                found.add("eks-auth")
    for view in index.views("aws:eks/podIdentityAssociation:PodIdentityAssociation"):
        if cluster_of(view).must_be(cluster.keys[0]):
            found.add("eks-auth")
    return tuple(sorted(found))


def _has_oidc_provider(index: Index, cluster: Ref) -> bool:
    """Whether pods take roles over the cluster's own issuer: on Fargate there is no other way."""
    return cluster.decided and any(
        cluster.keys[0] in view.deps("url")
        for view in index.views("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    )


def _auto_mode_subnets(cluster: View) -> Refs | None:
    """Where Auto Mode runs nodes, or `None` where it certainly runs none.

    The built-in node pools use the cluster's own subnets; a NodeClass may choose any others.
    """
    compute = cluster.item("computeConfig")
    if compute is None:
        return None
    enabled = compute if isinstance(compute, Unknown) else compute.flag("enabled", False)
    if enabled is False:
        return None
    settings = cluster.item("vpcConfig")
    if settings is None:
        return Refs.anything(cluster.missing("vpcConfig"))
    subnets = (
        Refs.anything(settings.missing)
        if isinstance(settings, Unknown)
        else settings.refs("subnetIds", SUBNET)
    )
    pools = None if isinstance(compute, Unknown) else compute.raw("nodePools")
    if enabled is True and isinstance(pools, list) and pools:
        return subnets
    missing = f"the subnets that the NodeClasses of {cluster.name} choose"
    if isinstance(enabled, Unknown):
        missing = enabled.missing
    return Refs(frozenset(), subnets.certain | subnets.possible, missing, open=True)


def _node_groups(view: View) -> Refs:
    if view.raw("launchTemplate") is not None:
        found = template_groups(view)
        if found.certain or found.possible or not found.decided:
            return found
    return _cluster_groups(view)


def _cluster_groups(view: View) -> Refs:
    cluster = cluster_of(view)
    if not cluster.decided or view.index.view(cluster.keys[0]) is None:
        return Refs.anything(f"the cluster security group of {view.name}")
    return Refs.of([view.index.implied_key(cluster.keys[0], _GROUP_SUFFIX)])


def _tagged_cluster(view: View) -> Ref | None:
    """The cluster whose nodes a group runs: EKS finds its own by a tag with the cluster's name."""
    tags = view.items("tags")
    if tags is None:
        return None
    keys = [] if isinstance(tags, Unknown) else [item.text("key") for item in tags]
    for key in keys:
        if isinstance(key, str) and key.startswith(_TAG):
            return _cluster_called(view.index, key.removeprefix(_TAG))
    if isinstance(tags, Unknown) or any(isinstance(key, Unknown) for key in keys):
        named, _ = view.traced("tags", EKS_CLUSTER)
        return Ref.one_of(named, view.which("tags", named)) if named else None
    return None


def _cluster_called(index: Index, name: str) -> Ref:
    for view in index.of(EKS_CLUSTER):
        if name in (view.resource.id, view.resource.outputs.get("id"), view.text("name")):
            return Ref.to(view.key)
    return Ref.to(name)


def _closed(index: Index, region: Maybe[str]) -> Iterator[Workload]:
    """Components of pulumi-eks whose children are not shown, judged by what they were given.

    Which of the given subnets its nodes run in is the component's own choice, so none is certain
    unless nodes have a list of their own. Their security groups are its own, too.
    """
    for view in index.views(*_CLOSED):
        if view.resource.custom or next(index.descendants(view.key), None) is not None:
            continue
        if view.flag("skipDefaultNodeGroup", False) is True:
            continue
        name = "nodeSubnetIds" if view.resource.type == _CLUSTER else "subnetIds"
        given = view.raw(name) is not None
        subnets = view.refs(name, SUBNET) if given else _offered(view)
        groups = Refs.anything(f"the security groups that {view.name} makes")
        yield _nodes(view, subnets, groups, region)


def _offered(view: View) -> Refs:
    found = Refs()
    for name in ("privateSubnetIds", "subnetIds", "publicSubnetIds"):
        found |= view.refs(name, SUBNET)
    missing = f"the subnets that {view.name} chooses for its nodes"
    return Refs(frozenset(), found.certain | found.possible, missing, open=True)
