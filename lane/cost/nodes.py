"""Instances of EKS clusters: those of node groups, and those that Auto Mode starts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from lane.cost.bill import Charge, hourly
from lane.cost.items import AUTO_MODE, INSTANCE, of_type

if TYPE_CHECKING:
    from lane.cost.usage import Workload

__all__ = ["DEFAULT_TYPE", "Nodes", "auto_mode_charges", "node_charges"]

#: What EKS takes for a node group that names neither a type nor a launch template.
DEFAULT_TYPE = "t3.medium"


@dataclass(frozen=True, slots=True)
class Nodes:
    """A node group: the instance types it may start, and how many it was asked for, if known."""

    key: str
    name: str
    region: str
    types: Sequence[str]
    wanted: int | None
    spot: bool = False


def node_charges(nodes: Nodes, workload: Workload | None, notes: list[str]) -> Iterator[Charge]:
    """The hours of a node group's instances; what could not be told is added to `notes`."""
    said = workload.nodes.get(nodes.name) if workload is not None else None
    if not nodes.types:
        notes.append(f"the nodes of {nodes.name} are not counted: their instance type is not known")
        return
    if said is None and nodes.wanted is None:
        notes.append(
            f"the nodes of {nodes.name} are not counted: say how many under `nodes` of the "
            "workload file"
        )
        return
    count = said if said is not None else Decimal(nodes.wanted or 0)
    first = nodes.types[0]
    if len(nodes.types) > 1:
        notes.append(f"the nodes of {nodes.name} are counted as {first}, the first of their types")
    if nodes.spot:
        notes.append(f"the nodes of {nodes.name} are counted on demand, although they are Spot")
    if count:
        yield hourly(of_type(INSTANCE, first), nodes.region, nodes.key, nodes.name, count)


def auto_mode_charges(
    key: str, name: str, region: str, workload: Workload | None, notes: list[str]
) -> Iterator[Charge]:
    """The hours of an Auto Mode cluster's instances, with the fee, as the workload file has them.

    The cluster starts what its pods need, so nothing else tells how many there are.
    """
    said = workload.auto_mode.get(name) if workload is not None else None
    if said is None:
        notes.append(
            f"what EKS Auto Mode starts for {name} is not counted: say it under `auto_mode` of the "
            f"workload file, such as {{{name}: {{m7i.large: 3}}}}"
        )
        return
    for instance_type, count in sorted(said.items()):
        for item in (INSTANCE, AUTO_MODE):
            yield hourly(of_type(item, instance_type), region, key, name, count)
