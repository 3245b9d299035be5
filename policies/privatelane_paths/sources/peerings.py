"""VPC peering connections, seen from either side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import Peering
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.sources.nouns import PEERING, VPC
from privatelane_paths.sources.resource import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.sources.index import Index, View

__all__ = ["peerings"]

_ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"


def peerings(index: Index) -> Iterator[Peering]:
    """The peerings the stack requests, and those of others that it accepts."""
    accepters = _accepters(index)
    for view in index.of(PEERING):
        yield Peering(
            view.key,
            view.name,
            requester=view.ref("vpcId", VPC) or Ref.anything(view.missing("vpcId")),
            accepter=view.ref("peerVpcId", VPC) or Ref.anything(view.missing("peerVpcId")),
            active=_active(view, accepters.pop(view.key, None)),
        )
    for key, view in sorted(accepters.items()):
        yield Peering(
            key,
            name_of(key),
            requester=view.ref("peerVpcId", VPC) or Ref.anything(view.missing("peerVpcId")),
            accepter=view.ref("vpcId", VPC) or Ref.anything(view.missing("vpcId")),
            active=_active(view, view),
        )


def _accepters(index: Index) -> dict[Key, View]:
    found: dict[Key, View] = {}
    for view in index.views(_ACCEPTER):
        peering = view.ref("vpcPeeringConnectionId", PEERING)
        if peering is not None and peering.decided:
            found[peering.keys[0]] = view
    return found


def _active(view: View, accepter: View | None) -> Maybe[bool]:
    """Whether it is accepted: by either side's `autoAccept`, or already, as its status says."""
    status = view.resource.outputs.get("acceptStatus")
    if status == "active":
        return True
    for one in (view, accepter):
        accepts = False if one is None else one.flag("autoAccept", False)
        if accepts is True:
            return True
        if isinstance(accepts, Unknown):
            return accepts
    return Unknown(f"whether the other side accepts {view.name}")
