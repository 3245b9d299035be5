"""Which row of a table takes a packet: the longest prefix, and what AWS says of equal ones.

The order is that of "Route priority" in AWS's VPC guide: the longest prefix; on equal prefixes
static routes, then prefix lists, then propagated routes; between overlapping prefix lists nobody
knows. Route tables of VPCs and of transit gateways choose alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from privatelane_paths.space import AddressSet

if TYPE_CHECKING:
    from privatelane_paths.facts import Prefix, Target
    from privatelane_paths.known import Key

__all__ = [
    "DEFAULTS",
    "LIST",
    "PROPAGATED",
    "STATIC",
    "Destination",
    "Entry",
    "Piece",
    "Winner",
    "look_up",
]

#: The default routes of both IP versions.
DEFAULTS = (ip_network("0.0.0.0/0"), ip_network("::/0"))
#: What wins on equal prefixes, the first before the last.
STATIC, LIST, PROPAGATED = range(3)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a packet goes: the addresses it may have, and how they are known to routes.

    `whole`: some traffic goes to every one of the addresses, not merely to one nobody knows.
    `service` and `region` name the endpoint service whose public addresses they are. `endpoint` is
    the interface endpoint that stands at them, in `vpc`. `nat64`: they are IPv4 addresses that only
    a NAT64 can read. `spread`: they are more than a /24 holds, as those of any AWS service are.
    """

    label: str
    text: str
    space: AddressSet
    whole: bool = False
    service: str = ""
    region: str | None = None
    endpoint: Key | None = None
    vpc: Key | None = None
    nat64: bool = False
    spread: bool = False

    @property
    def version(self) -> int:
        """The IP version of the addresses."""
        return self.space.version

    def within(self, ranges: Iterable[tuple[int, int]]) -> Destination:
        """The part of the addresses that lies in inclusive ranges."""
        space = self.space & AddressSet.of_ranges(ranges, self.version)
        label = f"{self.label}{space.ranges}"
        return replace(self, label=label, space=space, spread=False)

    def has_some_in(self, part: AddressSet) -> bool:
        """Whether some of the traffic certainly goes to a part of the addresses."""
        return self.whole or (self.spread and self.space.has_nearly(part))


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a route table, or one entry of a prefix list that a row names.

    Without a `prefix` it covers the whole destination with entries no shorter than `floor`, or,
    without a floor either, it may match anything. `missing`: it may not be in the table.
    """

    key: Key
    text: str
    target: Target
    prefix: Prefix | None = None
    floor: int | None = None
    rank: int = STATIC
    missing: str = ""
    #: The prefix's first and last address, kept because they are asked for again and again.
    first: int = field(init=False, default=0)
    last: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if self.prefix is not None:
            object.__setattr__(self, "first", int(self.prefix.network_address))
            object.__setattr__(self, "last", int(self.prefix.broadcast_address))

    @property
    def length(self) -> int:
        """The prefix length."""
        return 0 if self.prefix is None else self.prefix.prefixlen


@dataclass(frozen=True, slots=True)
class Winner:
    """A route that traffic may take; no entry means that no route matches."""

    entry: Entry | None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the destination and the routes of which one takes what goes there.

    `sure`: some of the traffic certainly goes there; `missing` would tell how much. `destination`
    is the piece itself: tables further on see nothing of the rest.
    """

    winners: tuple[Winner, ...]
    sure: bool
    destination: Destination
    missing: tuple[str, ...] = ()


def look_up(rows: Iterable[Entry], destination: Destination) -> tuple[Piece, ...]:
    """The rows that traffic to a destination may take, by AWS's order.

    The destination's addresses are cut where prefixes begin and end; in each piece the same rows
    match, and the pieces' winners together are the answer.
    """
    wild: list[Entry] = []
    covering: list[Entry] = []
    prefixed: list[Entry] = []
    space = destination.space
    for row in rows:
        if row.prefix is None:
            (wild if row.floor is None else covering).append(row)
        elif row.prefix.version == space.version and space.meets(row.first, row.last):
            prefixed.append(row)
    prefixed.sort(key=lambda row: (-row.length, row.rank, row.key, row.text))
    pieces: dict[_Claims, list[tuple[int, int]]] = {}
    for start, end, matching in _pieces(prefixed, space):
        pieces.setdefault(tuple(_contend(matching, covering, wild)), []).append((start, end))
    return _told_apart(pieces, destination)


#: The rows that may win a piece, each with what is missing to be sure of it.
_Claims = tuple[tuple[Entry | None, tuple[str, ...]], ...]


def _pieces(rows: Sequence[Entry], space: AddressSet) -> Iterator[tuple[int, int, list[Entry]]]:
    """The pieces of the space between the ends of prefixes, each with the rows that match it."""
    first, last = 0, AddressSet.full(space.version).ranges[0][1]
    cuts = sorted({first, last + 1, *(r.first for r in rows), *(r.last + 1 for r in rows)})
    for start, after in pairwise(cuts):
        end = after - 1
        if space.meets(start, end):
            yield start, end, [row for row in rows if row.first <= start and end <= row.last]


def _contend(
    matching: Sequence[Entry], covering: Sequence[Entry], wild: Sequence[Entry]
) -> Iterator[tuple[Entry | None, tuple[str, ...]]]:
    """The rows that may win one piece, each with what is missing to be sure of it."""
    doubts: list[str] = []
    for row in wild:
        yield row, (row.missing,)
        doubts.append(row.missing)
    floor = min((row.floor or 0 for row in covering), default=-1)
    longer = [row for row in matching if row.length >= floor >= 0]
    rest = matching[len(longer) :]
    lists = [row for row in (*matching, *covering) if row.rank == LIST]
    groups = [[*group] for _, group in groupby(longer, key=lambda row: (row.length, row.rank))]
    for group in groups:
        overlap = f"whether a list's entry is longer than {group[0].prefix}"
        certain = any(not row.missing for row in group)
        alternatives = [*group, *covering] if certain and covering else group
        yield from _claims(alternatives, lists, [*doubts, *([overlap] if covering else [])])
        if certain:
            return
        doubts.extend(row.missing for row in group)
    below = [[*covering]] if covering else []
    below.extend([*one] for _, one in groupby(rest, key=lambda row: (row.length, row.rank)))
    for group in below:
        yield from _claims(group, lists, doubts)
        if any(not row.missing for row in group):
            return
        doubts.extend(row.missing for row in group)
    yield None, tuple(sorted(set(doubts)))


def _claims(
    group: Sequence[Entry], lists: Sequence[Entry], doubts: Sequence[str]
) -> Iterator[tuple[Entry, tuple[str, ...]]]:
    """The rows of one rank; where a list wins, every overlapping list may win instead."""
    rivals = list(group)
    extra: list[str] = []
    if any(row.rank == LIST for row in group):
        rivals.extend(row for row in lists if row not in group)
        if len({row.key for row in rivals if row.rank == LIST}) > 1:
            extra.append("which of the overlapping prefix lists AWS takes")
    elif len({row.key for row in group}) > 1:
        extra.append(f"which of the routes to {group[0].text} holds")
    for row in rivals:
        facts = {*doubts, *extra, *([row.missing] if row.missing else [])}
        yield row, tuple(sorted(facts))


def _told_apart(
    pieces: Mapping[_Claims, list[tuple[int, int]]], destination: Destination
) -> tuple[Piece, ...]:
    """The pieces, and what is missing to know how the traffic splits between several."""
    if len(pieces) == 1:
        return tuple(Piece(_by_target(claims), True, destination) for claims in pieces)
    split: tuple[str, ...] = ()
    if not destination.whole:
        texts = sorted({row.text for piece in pieces for row, _ in piece if row is not None})
        split = (f"which of the routes {', '.join(texts)} cover {destination.text}",)
    found: list[Piece] = []
    for claims, ranges in pieces.items():
        part = destination.within(ranges)
        sure = destination.has_some_in(part.space)
        found.append(Piece(_by_target(claims), sure, part, split))
    return tuple(found)


def _by_target(piece: Iterable[tuple[Entry | None, tuple[str, ...]]]) -> tuple[Winner, ...]:
    """One winner a target, the one that supposes least: traffic ends alike by any of them."""
    best: dict[Target | None, Winner] = {}
    for row, missing in piece:
        target = None if row is None else row.target
        other = best.get(target)
        if other is None or len(missing) < len(other.missing):
            best[target] = Winner(row, missing)
    return tuple(best.values())
