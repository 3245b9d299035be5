"""Nodes as plain input tells of them: what managed and self-managed groups have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privatelane._invalid import (
    InvalidInput,
    choice,
    flag,
    integer,
    known_keys,
    refuse_missing,
    text,
)
from privatelane._services import check_region
from privatelane.nodes._ami_types import AmiType, choose_ami_type
from privatelane.nodes._instance_types import check_instance_types
from privatelane.nodes._node_labels import Taint, check_labels, check_taints
from privatelane.nodes._node_needs import needs_of_nodes
from privatelane.nodes._node_place import NodePlace, place_nodes
from privatelane.nodes._node_user_data import check_service_cidr

ON_DEMAND = "ON_DEMAND"
SPOT = "SPOT"
CAPACITY_BLOCK = "CAPACITY_BLOCK"

#: Whose rights to the network the nodes' own role gives to the VPC CNI.
CNI_POLICIES = ("none", "ipv4", "ipv6")

#: A node group's name has 63 characters at most; Pulumi adds eight to `<name>-nodes`.
_LONGEST_NAME = 48
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

_MOST_NODES = 1000
#: 110 below 30 vCPUs and 250 above, says "Assign more IP addresses to nodes with prefixes".
_MOST_PODS = 250
_LEAST_PODS = 4

# Amazon EBS user guide, "General Purpose SSD volumes": gp3.
_LEAST_DISK_GIB, _MOST_DISK_GIB = 20, 65_536
_LEAST_IOPS, _MOST_IOPS, _MOST_IOPS_PER_GIB = 3_000, 80_000, 500
_LEAST_MIBPS, _MOST_MIBPS, _MOST_MIBPS_PER_IOPS = 125, 2_000, 0.25


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many nodes a group has."""

    least: int
    desired: int
    most: int
    autoscaled: bool
    """Whether something else than this program sets the number after the creation."""


@dataclass(frozen=True, slots=True)
class Disk:
    """The gp3 volume that holds images and scratch data."""

    size_gib: int
    iops: int | None
    throughput_mibps: int | None


@dataclass(frozen=True, slots=True)
class NodePlan:
    """Nodes whose settings have been accepted, as far as they are plain."""

    name: str
    region: str | None
    place: NodePlace
    ami: AmiType
    custom_ami: bool
    """Whether an AMI is named by its id; `ami` then tells what it was made from."""
    instance_types: tuple[str, ...]
    capacity_type: str
    sizes: Sizes
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    disk: Disk
    hop_limit: int
    max_pods: int | None


def plan_nodes(
    name: str,
    args: Mapping[str, Any],
    region: str | None,
    *,
    managed: bool,
) -> NodePlan:
    """Return what nodes with these arguments are.

    Raises:
        InvalidInput: EKS, EC2 or Kubernetes would refuse them.

    """
    check_name(name)
    types = check_instance_types("instance_types", args.get("instance_types"))
    ami = choose_ami_type(args.get("ami_type"), types)
    hop_limit = integer("metadata_hop_limit", args.get("metadata_hop_limit", 1), least=1, most=2)
    max_pods = args.get("max_pods")
    if isinstance(args.get("service_cidr"), str):
        check_service_cidr(args["service_cidr"])
    return NodePlan(
        name=name,
        region=check_region("region", args["region"]) if args.get("region") else region,
        place=place_nodes(args, needs_of_nodes(ami, args)),
        ami=ami,
        custom_ami=args.get("ami_id") is not None,
        instance_types=types,
        capacity_type=_capacity(args, types, managed=managed),
        sizes=plan_sizes(args),
        labels=check_labels(args.get("labels") or {}, managed=managed),
        taints=check_taints(args.get("taints") or [], managed=managed),
        disk=_disk(args),
        hop_limit=hop_limit,
        max_pods=None
        if max_pods is None
        else integer("max_pods", max_pods, least=_LEAST_PODS, most=_MOST_PODS),
    )


def check_name(name: str) -> None:
    """Accept a component's name from which names in EKS and IAM can be made.

    Raises:
        InvalidInput: it is too long, or has other characters than they may have.

    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise InvalidInput(
            f"name is {name!r}, it must be up to {_LONGEST_NAME} letters, digits, '-' and '_', as"
            " the names of its parts have endings"
        )


def plan_sizes(args: Mapping[str, Any]) -> Sizes:
    """Return how many nodes a group has: 2 by default, one of which may be lost.

    Raises:
        InvalidInput: the numbers contradict each other.

    """
    least = integer("min_size", args.get("min_size", 2), least=0, most=_MOST_NODES)
    desired = integer("desired_size", args.get("desired_size", least), least=0, most=_MOST_NODES)
    most = integer(
        "max_size", args.get("max_size", max(least, desired, 1)), least=1, most=_MOST_NODES
    )
    if least > desired:
        raise InvalidInput(
            f"min_size is {least}, it must be at most desired_size, which is {desired}"
        )
    if desired > most:
        raise InvalidInput(
            f"desired_size is {desired}, it must be at most max_size, which is {most}"
        )
    return Sizes(least, desired, most, flag("autoscaled", args.get("autoscaled", False)))


def require(args: Mapping[str, Any], fields: Mapping[str, str]) -> None:
    """Refuse arguments without one of `fields`; the values tell what each is needed for.

    Raises:
        InvalidInput: one is missing.

    """
    for field, why in fields.items():
        if args.get(field) is None:
            raise InvalidInput(f"{field} is missing, {why}")


def refuse(args: Mapping[str, Any], fields: Mapping[str, str]) -> None:
    """Refuse arguments with one of `fields`; the values tell why it has no effect.

    Raises:
        InvalidInput: one is given.

    """
    for field, why in fields.items():
        if args.get(field) is not None:
            raise InvalidInput(f"{field} is given, {why}")


def check_arguments(component: str, args: Mapping[str, Any], accepted: type) -> None:
    """Refuse arguments that a component (`accepted` is its class of them) has not, or lacks.

    Raises:
        InvalidInput: one is unknown or missing.

    """
    known_keys(component, args, accepted.__annotations__)
    # Every TypedDict has it, which the type of classes does not tell.
    refuse_missing(args, getattr(accepted, "__required_keys__", ()))


def _capacity(args: Mapping[str, Any], types: tuple[str, ...], *, managed: bool) -> str:
    choices = (ON_DEMAND, SPOT, CAPACITY_BLOCK) if managed else (ON_DEMAND, SPOT)
    capacity = choice("capacity_type", args.get("capacity_type", ON_DEMAND), choices)
    reserved = args.get("capacity_reservation_id") is not None
    if capacity == SPOT and reserved:
        raise InvalidInput(
            "capacity_reservation_id is given with capacity_type 'SPOT', Spot Instances never run"
            " in a reservation; it must be 'ON_DEMAND'"
        )
    if capacity == CAPACITY_BLOCK and not reserved:
        raise InvalidInput(
            "capacity_reservation_id is missing, capacity_type 'CAPACITY_BLOCK' needs the id of the"
            " Capacity Block"
        )
    if reserved and len(types) > 1:
        raise InvalidInput(
            f"instance_types has {len(types)} types, with capacity_reservation_id it must have the"
            " reservation's own"
        )
    if isinstance(args.get("capacity_reservation_id"), str):
        _check_reservation(args["capacity_reservation_id"])
    return capacity


def _check_reservation(reservation: str) -> None:
    if not re.fullmatch(r"cr-[0-9a-f]{8,17}", text("capacity_reservation_id", reservation)):
        raise InvalidInput(
            f"capacity_reservation_id is {reservation!r}, it must be an id such as"
            " 'cr-02168da1478b509e0'"
        )


def _disk(args: Mapping[str, Any]) -> Disk:
    size = integer(
        "disk_size_gib", args.get("disk_size_gib", 50), least=_LEAST_DISK_GIB, most=_MOST_DISK_GIB
    )
    iops = args.get("disk_iops")
    if iops is not None:
        iops = integer("disk_iops", iops, least=_LEAST_IOPS, most=_MOST_IOPS)
        if iops > max(_LEAST_IOPS, size * _MOST_IOPS_PER_GIB):
            raise InvalidInput(
                f"disk_iops is {iops}, a gp3 volume of {size} GiB has"
                f" {size * _MOST_IOPS_PER_GIB} at most"
            )
    throughput = args.get("disk_throughput_mibps")
    if throughput is not None:
        throughput = integer(
            "disk_throughput_mibps", throughput, least=_LEAST_MIBPS, most=_MOST_MIBPS
        )
        bound = int((iops or _LEAST_IOPS) * _MOST_MIBPS_PER_IOPS)
        if throughput > bound:
            raise InvalidInput(
                f"disk_throughput_mibps is {throughput}, a gp3 volume of {iops or _LEAST_IOPS} IOPS"
                f" has {bound} at most; raise disk_iops"
            )
    return Disk(size, iops, throughput)
