"""Which VPCs are connected, by peering or through a transit gateway."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from privatelane_paths.facts import TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.facts import Vpc
    from privatelane_paths.known import Key
    from privatelane_rules._stack import Stack

__all__ = ["Connection", "connections"]


@dataclass(frozen=True, slots=True)
class Connection:
    """Two VPCs of the stack and the peering or transit gateway that connects them."""

    key: Key
    name: str
    kind: TargetKind
    first: Vpc
    second: Vpc


def connections(stack: Stack) -> Iterator[Connection]:
    """Every certain connection between two VPCs that the stack knows, each once."""
    for peering in stack.network.peerings:
        first, second = stack.vpc_of(peering.requester), stack.vpc_of(peering.accepter)
        if first is not None and second is not None and peering.active is not False:
            yield Connection(peering.key, peering.name, TargetKind.PEERING, first, second)
    attached: dict[Key, dict[Key, Vpc]] = {}
    for attachment in stack.network.attachments:
        vpc = None if attachment.vpc is None else stack.vpc_of(attachment.vpc)
        if vpc is not None and attachment.gateway.decided:
            attached.setdefault(attachment.gateway.keys[0], {})[vpc.key] = vpc
    for key, vpcs in sorted(attached.items()):
        name = stack.name(key)
        for first, second in combinations([vpcs[one] for one in sorted(vpcs)], 2):
            yield Connection(key, name, TargetKind.TRANSIT_GATEWAY, first, second)
