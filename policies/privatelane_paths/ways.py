"""Where a packet is on its way, and how the ends of several ways are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from privatelane_paths.verdicts import (
    Hop,
    LaneKind,
    Outcome,
    Outcomes,
    Verdict,
    branch,
)

if TYPE_CHECKING:
    from privatelane_paths.arrival import Client
    from privatelane_paths.index import Index
    from privatelane_paths.known import Key, Ref, Unknown
    from privatelane_paths.lookup import Destination, Entry, Piece

__all__ = ["Leave", "Place", "depends", "dropped_there", "each", "gone", "joined"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a packet is: in a subnet of a VPC, sent by `client`, after some route tables.

    `sender` is the VPC its source address belongs to: the client's, until something on the way may
    have put in its own.
    """

    subnet: Key
    vpc: Key
    client: Client
    sender: Key
    trail: frozenset[Key] = frozenset()

    @property
    def crossed(self) -> bool:
        """Whether the packet has left the VPC it was sent in."""
        return self.vpc != self.client.vpc

    @property
    def foreign(self) -> bool:
        """Whether the packet's source address is of another VPC, which edge devices refuse."""
        return self.vpc != self.sender


#: Follows a packet from where it is.
Leave = Callable[[Place, "Destination"], Outcomes]


def each(
    index: Index,
    edge: Ref | None,
    step: Callable[[Key], Outcomes],
    unseen: Outcomes,
) -> Outcomes:
    """The outcomes of every candidate of an edge; `unseen` is what one outside would give."""
    if edge is None:
        return unseen
    missing = () if edge.decided else (edge.missing,)
    cases = [(gone(key) if key in index.gone else step(key), missing) for key in edge.keys]
    if edge.open:
        cases.append((unseen, missing))
    return branch(cases)


def gone(key: Key) -> Outcomes:
    """The outcome of a route to something that is deleted in the same update."""
    reason = f"the route leads to {key}, which this update deletes"
    return (Outcome(LaneKind.BROKEN, reason, (Hop(key, "gone", key),)),)


def dropped_there(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """What finds no route after a hop is not without a lane: it is dropped on the way."""
    return [
        replace(one, kind=LaneKind.BROKEN) if one.kind is LaneKind.NONE else one for one in outcomes
    ]


def depends(one: Outcomes, other: Outcomes, fact: Unknown) -> Outcomes:
    """The outcomes where one missing fact chooses between two ways."""
    return branch(((one, (fact.missing,)), (other, (fact.missing,))))


def joined(
    pieces: Iterable[Piece], take: Callable[[Entry | None, Destination], Outcomes]
) -> Outcomes:
    """All pieces together; a piece that surely goes through a NAT decides for the whole."""
    cases: list[tuple[Outcomes, tuple[str, ...]]] = []
    for piece in pieces:
        outcomes = branch(
            (take(winner.entry, piece.destination), winner.missing) for winner in piece.winners
        )
        if piece.sure and all(one.kind.verdict is Verdict.REFUTED for one in outcomes):
            return outcomes
        cases.append((outcomes, piece.missing))
    return branch(cases)
