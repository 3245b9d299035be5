"""What an EKS cluster consists of and where it may be, as far as plain input tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from privatelane._invalid import (
    InvalidInput,
    choice,
    entries,
    flag,
    items,
    known_keys,
    listing,
    text,
)
from privatelane._needs import NEEDS
from privatelane._placement import placement
from privatelane._retention import check_retention
from privatelane._subnets import subnets_by_zone
from privatelane._zones import EKS_REFUSES, check_zone_id
from privatelane.eks._addon_versions import (
    Lock,
    addon_version,
    check_kubernetes,
    check_support_type,
    lock_of,
)
from privatelane.eks._addons import NODE_ADDONS
from privatelane.eks._cluster_access import Access, check_admin, plan_access
from privatelane.eks._cluster_network import (
    SERVICE_CIDR,
    Ipv4,
    check_apart,
    ipv4_ranges,
    public_ranges,
    remote_ranges,
    service_range,
    usable_addresses,
)
from privatelane.eks._eks_needs import cluster_needs
from privatelane.eks._vpc_cni import VpcCni, plan_vpc_cni

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
IP_FAMILIES = ("ipv4", "ipv6")
EGRESS_MODES = ("AWS_MANAGED", "CUSTOMER_ROUTED")
TIERS = ("standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl")
NODE_POOLS = ("general-purpose", "system")

#: Free addresses that each subnet of a cluster must have, and that AWS recommends. Source:
#: "Networking requirements" in the EKS user guide.
LEAST_FREE, ENOUGH_FREE = 6, 16

_LEAST_ZONES = 2
_CLUSTER_NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}")
_AUTO_MODE_KEYS = frozenset({"node_pools", "node_role_arn"})


@dataclass(frozen=True, slots=True)
class AutoMode:
    """Nodes that EKS runs by itself."""

    node_pools: tuple[str, ...]
    """Built-in node pools, none of which has to be."""


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """A cluster whose settings have been accepted, as far as they are plain."""

    name: str
    cluster_name: str
    kubernetes_version: str
    group: str
    node_groups: tuple[str, ...]
    """Groups of subnets that nodes run in."""
    zones: tuple[str, ...] | None
    """Zones asked for, None for all that the group has."""
    ip_family: str
    service_cidr: Ipv4 | None
    remote_nodes: tuple[Ipv4, ...]
    remote_pods: tuple[Ipv4, ...]
    peers: tuple[Ipv4, ...]
    public_cidrs: tuple[str, ...] | None
    egress_mode: str
    access: Mapping[str, Access]
    creator_is_admin: bool
    log_types: tuple[str, ...]
    log_retention: int
    support_type: str
    deletion_protection: bool
    zonal_shift: bool
    tier: str
    auto_mode: AutoMode | None
    pod_identity: bool
    irsa: bool
    needs: frozenset[str]
    addons: Mapping[str, str]
    """Versions of the cluster's own add-ons, which nodes wait for."""
    vpc_cni: VpcCni | None
    """None where Auto Mode brings its own."""

    def check_start(
        self, egress: Mapping[str, str], private_services: Mapping[str, str | Iterable[str]]
    ) -> None:
        """Accept a network in which the nodes' pods reach what the cluster needs.

        Raises:
            InvalidInput: there is no such group, or it lacks an endpoint and a way to the internet.

        """
        needs = {need: NEEDS[need] for need in sorted(self.needs)}
        for group in (self.group, *self.node_groups):
            place = placement(group, egress, private_services, allows_internet=True)
            if group in self.node_groups:
                place.check_needs(needs)

    def check_ranges(self, vpc: object) -> None:
        """Accept ranges of a VPC that none of the cluster's own overlaps with.

        Raises:
            InvalidInput: one does.

        """
        service = None if self.service_cidr is None else ("service_ipv4_cidr", self.service_cidr)
        check_apart(
            service,
            {"remote_node_networks": self.remote_nodes, "remote_pod_networks": self.remote_pods},
            {
                "vpc_cidr_blocks": ipv4_ranges("vpc_cidr_blocks", vpc),
                "peer_cidr_blocks": self.peers,
            },
        )

    def subnets(self, subnet_ids: Mapping[str, Any]) -> dict[str, Any]:
        """Return the subnets of the control plane by zone id.

        Raises:
            InvalidInput: the group has none, they are in one zone, or in one that EKS refuses.

        """
        own = subnets_by_zone("group", self.group, subnet_ids)
        if self.zones is not None:
            if missing := sorted(set(self.zones) - own.keys()):
                raise InvalidInput(
                    f"zones has {listing(missing, 'and')}, group {self.group!r} has subnets in"
                    f" {listing(sorted(own), 'and')}"
                )
            own = {zone: own[zone] for zone in sorted(self.zones)}
        if refused := sorted(EKS_REFUSES & own.keys()):
            rest = sorted(own.keys() - EKS_REFUSES)
            raise InvalidInput(
                f"group {self.group!r} has a subnet in {refused[0]!r}, where EKS has no control"
                f" plane; leave it out with zones: {', '.join(rest)}"
            )
        if len(own) < _LEAST_ZONES:
            raise InvalidInput(
                f"the control plane has subnets in {listing(own)} only, EKS needs two zones or more"
            )
        return own

    def check_sizes(self, subnet_cidrs: Mapping[str, Any]) -> None:
        """Accept subnets that have room for the control plane's network interfaces, and for nodes.

        Raises:
            InvalidInput: one is too small.

        """
        for key, cidr in sorted(subnet_cidrs.items()):
            group, _, zone = key.partition("/")
            if group != self.group or (self.zones is not None and zone not in self.zones):
                continue
            room = usable_addresses(f"subnet_cidrs[{key!r}]", cidr)
            least, use = LEAST_FREE, "the control plane needs"
            if self.auto_mode is not None:
                least, use = ENOUGH_FREE, "nodes and pods of Auto Mode need"
            if room < least:
                raise InvalidInput(
                    f"subnet_cidrs[{key!r}] is {cidr!r}, which leaves {room} addresses; {use}"
                    f" {least} or more, and AWS recommends {ENOUGH_FREE}"
                )

    def check_dual_stack(self, subnet_ipv6_cidrs: Mapping[str, Any], zones: Iterable[str]) -> None:
        """Accept subnets with IPv6 ranges for a cluster whose pods have IPv6 addresses.

        Raises:
            InvalidInput: one has none.

        """
        if self.ip_family != "ipv6":
            return
        for zone in zones:
            if f"{self.group}/{zone}" not in subnet_ipv6_cidrs:
                raise InvalidInput(
                    f"ip_family is 'ipv6', but the subnet of group {self.group!r} in {zone!r} has"
                    " no IPv6 range; give the Network ipv6: true, and subnet_ipv6_cidrs here"
                )


def plan_cluster(name: str, args: Mapping[str, Any]) -> ClusterPlan:
    """Return what a cluster with these settings (`EksClusterArgs`) consists of.

    What is plain is compared with the network at once; the rest waits until it is known.

    Raises:
        InvalidInput: EKS would refuse the settings, or no node would start with them.

    """
    auto = _auto_mode(args.get("auto_mode"))
    support = check_support_type("support_type", args.get("support_type", "STANDARD"))
    lock = lock_of("versions_lock", args.get("versions_lock"))
    version = check_kubernetes(
        "kubernetes_version", args.get("kubernetes_version"), support, lock=lock
    )
    group = text("group", args.get("group"))
    family = choice("ip_family", args.get("ip_family", "ipv4"), IP_FAMILIES)
    pod_identity = flag("pod_identity", args.get("pod_identity", True))
    irsa = flag("irsa", args.get("irsa", False))
    _check_identity(auto, pod_identity=pod_identity, irsa=irsa)
    remote_nodes = remote_ranges("remote_node_networks", args.get("remote_node_networks", ()))
    remote_pods = remote_ranges("remote_pod_networks", args.get("remote_pod_networks", ()))
    _check_hybrid(family, remote_nodes, remote_pods)
    plan = ClusterPlan(
        name=name,
        cluster_name=check_cluster_name("cluster_name", args.get("cluster_name")),
        kubernetes_version=version,
        group=group,
        node_groups=_groups(args.get("node_subnet_groups"), group),
        zones=_zones(args.get("zones")),
        ip_family=family,
        service_cidr=_service_cidr(args, family),
        remote_nodes=remote_nodes,
        remote_pods=remote_pods,
        peers=ipv4_ranges("peer_cidr_blocks", args.get("peer_cidr_blocks", ())),
        public_cidrs=(
            None
            if args.get("public_access_cidrs") is None
            else public_ranges("public_access_cidrs", args["public_access_cidrs"])
        ),
        egress_mode=choice(
            "control_plane_egress_mode",
            args.get("control_plane_egress_mode", "AWS_MANAGED"),
            EGRESS_MODES,
        ),
        access=plan_access(args.get("access")),
        creator_is_admin=flag(
            "bootstrap_cluster_creator_admin_permissions",
            args.get("bootstrap_cluster_creator_admin_permissions", False),
        ),
        log_types=_log_types(args.get("log_types")),
        log_retention=check_retention("log_retention_days", args.get("log_retention_days", 90)),
        support_type=support,
        deletion_protection=flag("deletion_protection", args.get("deletion_protection", True)),
        zonal_shift=flag("zonal_shift", args.get("zonal_shift", True)),
        tier=choice("control_plane_tier", args.get("control_plane_tier", "standard"), TIERS),
        auto_mode=auto,
        pod_identity=pod_identity,
        irsa=irsa,
        needs=cluster_needs(args),
        addons=_addons(args, version, lock, auto, pod_identity=pod_identity),
        vpc_cni=None if auto is not None else plan_vpc_cni(args.get("vpc_cni"), family),
    )
    if not plan.creator_is_admin:
        check_admin(plan.access)
    return plan


def check_cluster_name(field: str, value: object) -> str:
    """Return `value` when EKS accepts it as the name of a cluster.

    Raises:
        InvalidInput: it does not.

    """
    name = text(field, value)
    if _CLUSTER_NAME.fullmatch(name) is None:
        raise InvalidInput(
            f"{field} is {name!r}, it must be up to 100 letters, digits, hyphens and underscores,"
            " the first a letter or a digit"
        )
    return name


def _auto_mode(given: object) -> AutoMode | None:
    if given is None:
        return None
    settings = entries("auto_mode", given)
    known_keys("auto_mode", settings, _AUTO_MODE_KEYS)
    pools = items("auto_mode.node_pools", settings.get("node_pools", list(NODE_POOLS)))
    chosen = tuple(choice("auto_mode.node_pools", pool, NODE_POOLS) for pool in pools)
    if len(set(chosen)) < len(chosen):
        raise InvalidInput(f"auto_mode.node_pools has one of {listing(set(chosen))} twice")
    return AutoMode(tuple(sorted(chosen)))


def _check_identity(auto: AutoMode | None, *, pod_identity: bool, irsa: bool) -> None:
    if auto is not None and not pod_identity:
        raise InvalidInput(
            "pod_identity is False together with auto_mode, whose nodes run the Pod Identity agent"
            " anyway; leave it out"
        )
    if not pod_identity and not irsa:
        raise InvalidInput(
            "pod_identity and irsa are both False, then no pod has credentials of its own; leave"
            " pod_identity out, or give irsa: true"
        )


def _check_hybrid(family: str, nodes: Sequence[Ipv4], pods: Sequence[Ipv4]) -> None:
    if pods and not nodes:
        raise InvalidInput(
            "remote_pod_networks is given, but remote_node_networks is not: pods of hybrid nodes"
            " need nodes"
        )
    if nodes and family == "ipv6":
        raise InvalidInput(
            "remote_node_networks is given with ip_family 'ipv6', hybrid nodes have IPv4 only"
        )


def _service_cidr(args: Mapping[str, Any], family: str) -> Ipv4 | None:
    given = args.get("service_ipv4_cidr")
    if family == "ipv6":
        if given is not None:
            raise InvalidInput(
                "service_ipv4_cidr is given with ip_family 'ipv6', where EKS chooses an IPv6 range"
                " for services itself; leave it out"
            )
        return None
    return service_range("service_ipv4_cidr", SERVICE_CIDR if given is None else given)


def _groups(given: object, group: str) -> tuple[str, ...]:
    if given is None:
        return (group,)
    groups = tuple(text("node_subnet_groups", one) for one in items("node_subnet_groups", given))
    if not groups:
        raise InvalidInput("node_subnet_groups is empty, it must name the groups nodes run in")
    return groups


def _zones(given: object) -> tuple[str, ...] | None:
    if given is None:
        return None
    zones = tuple(check_zone_id("zones", zone) for zone in items("zones", given))
    for zone in zones:
        if zone in EKS_REFUSES:
            raise InvalidInput(f"zones has {zone!r}, where EKS has no control plane; leave it out")
    return zones


def _log_types(given: object) -> tuple[str, ...]:
    if given is None:
        return LOG_TYPES
    return tuple(sorted({choice("log_types", one, LOG_TYPES) for one in items("log_types", given)}))


def _addons(
    args: Mapping[str, Any],
    kubernetes: str,
    lock: Lock,
    auto: AutoMode | None,
    *,
    pod_identity: bool,
) -> dict[str, str]:
    own = set(NODE_ADDONS)
    pins = entries("addon_versions", args.get("addon_versions") or {})
    if auto is not None:
        for field in ("addon_versions", "vpc_cni"):
            if args.get(field):
                raise InvalidInput(
                    f"{field} is given together with auto_mode, which brings"
                    f" {listing(sorted(own), 'and')} itself; leave it out"
                )
        return {}
    if not pod_identity:
        own.discard("eks-pod-identity-agent")
    for name in pins:
        choice("addon_versions", name, sorted(own))
    return {
        name: addon_version(f"addon_versions.{name}", name, kubernetes, pins.get(name), lock=lock)
        for name in sorted(own)
    }


def plain_texts(value: object) -> bool:
    """Return whether `value` is a list whose items are all known now."""
    return isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)
