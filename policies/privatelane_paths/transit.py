"""Transit gateways: which attachment traffic from a VPC comes out of.

A transit gateway looks a packet up in the table its attachment is associated with: longest prefix
first, static routes before propagated ones. What is not associated, or not routed, is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privatelane_paths.facts import (
    Attachment,
    AttachmentKind,
    Target,
    TargetKind,
    TransitGateway,
)
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.lookup import DEFAULTS, LIST, PROPAGATED, Destination, Entry, Piece, look_up

if TYPE_CHECKING:
    from privatelane_paths.index import Index

__all__ = ["TableOf", "Transit", "same_zone"]

_VPC_RANGE = 16
#: A zone's id (`use1-az1`), which says nothing about the zone's name (`us-east-1a`).
_ZONE_ID = re.compile(r"[a-z]+\d-(?:[a-z]+\d-)*az\d+")


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table an attachment may be associated with; none means that its traffic is dropped."""

    table: Key | None
    missing: str = ""
    unseen: bool = False


def same_zone(one: Maybe[str], other: Maybe[str]) -> bool | None:
    """Whether two subnets are in one zone; `None` when names or ids do not tell."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return None
    if one == other:
        return True
    alike = bool(_ZONE_ID.fullmatch(one)) == bool(_ZONE_ID.fullmatch(other))
    return False if alike else None


class Transit:
    """The transit gateways of one network."""

    def __init__(self, index: Index) -> None:
        self._index = index
        network = index.network
        self._associations = [
            one for one in network.transit_associations if one.key not in index.gone
        ]
        self._propagations = [
            one for one in network.transit_propagations if one.key not in index.gone
        ]
        self._routes = [one for one in network.transit_routes if one.key not in index.gone]

    def attachments(self, gateway: Key, vpc: Key) -> tuple[Attachment, ...]:
        """The attachments by which a VPC may be attached to a transit gateway."""
        return tuple(
            one
            for one in self._index.attachments.values()
            if one.gateway.may_be(gateway)
            and (one.kind is AttachmentKind.VPC or isinstance(one.kind, Unknown))
            and one.vpc is not None
            and one.vpc.may_be(vpc)
        )

    def tables_of(self, attachment: Attachment, gateway: Key) -> tuple[TableOf, ...]:
        """The tables that traffic from an attachment may be looked up in."""
        found: list[TableOf] = []
        for one in self._associations:
            if not one.attachment.may_be(attachment.key):
                continue
            sure = one.attachment.must_be(attachment.key)
            keys = [key for key in one.table.keys if self._belongs(key, gateway)]
            missing = "" if sure else one.attachment.missing
            if len(keys) != 1 or one.table.open:
                missing = missing or one.table.missing
            found.extend(TableOf(key, missing) for key in keys)
            if one.table.open:
                found.append(TableOf(None, missing, unseen=True))
            if sure and keys:
                return tuple(found)
        found.extend(self._default(attachment, gateway))
        return tuple(found)

    def _belongs(self, table: Key, gateway: Key) -> bool:
        fact = self._index.transit_tables.get(table)
        return fact is None or fact.gateway.may_be(gateway)

    def _default(self, attachment: Attachment, gateway: Key) -> Iterator[TableOf]:
        unread = self._index.unread("transit_associations")
        if unread:
            yield TableOf(None, unread, unseen=True)
            return
        fact = self._index.transit_gateways[gateway]
        associates = _both(fact.default_association, attachment.default_association)
        missing = associates.missing if isinstance(associates, Unknown) else ""
        if associates is not False:
            edge = _default_table(fact)
            for key in edge.keys:
                yield TableOf(key, missing or ("" if edge.decided else edge.missing))
            if edge.open:
                yield TableOf(None, missing or edge.missing, unseen=True)
        if associates is not True:
            yield TableOf(None, missing)

    def look_up(self, table: Key, gateway: Key, destination: Destination) -> tuple[Piece, ...]:
        """The routes of a transit gateway table that traffic to a destination may take."""
        rows = [*self._static(table), *self._propagated(table, gateway, destination)]
        unseen = self._unseen(table, gateway)
        if unseen:
            target = Target(TargetKind.UNKNOWN, None, unseen)
            rows.append(Entry(table, "a route nobody sees", target, missing=unseen))
        return look_up(rows, destination)

    def _unseen(self, table: Key, gateway: Key) -> str:
        fact = self._index.transit_tables.get(table)
        if fact is not None:
            missing = fact.missing
        else:
            known = _default_table(self._index.transit_gateways[gateway]).must_be(table)
            missing = "" if known else f"the routes of {table}, which is not among the facts"
        return missing or self._index.unread("transit_routes", "transit_propagations")

    def _static(self, table: Key) -> Iterator[Entry]:
        for route in self._routes:
            if not route.table.may_be(table):
                continue
            missing = "" if route.table.must_be(table) else route.table.missing
            target = (
                Target(TargetKind.BLACKHOLE)
                if route.attachment is None
                else Target(TargetKind.TRANSIT_GATEWAY, route.attachment)
            )
            place = route.destination
            if isinstance(place, Unknown):
                why = missing or place.missing
                yield Entry(route.key, "an unknown destination", target, missing=why)
            elif isinstance(place, Ref):
                yield from self._listed(route.key, place, target, missing)
            else:
                yield Entry(route.key, str(place), target, place, missing=missing)

    def _listed(self, key: Key, edge: Ref, target: Target, missing: str) -> Iterator[Entry]:
        for listed in edge.keys:
            found = self._index.prefix_lists.get(listed)
            why = missing or ("" if edge.decided else edge.missing)
            if found is None or isinstance(found.entries, Unknown):
                doubt = why or f"the entries of prefix list {self._index.name(listed)}"
                yield Entry(key, "a prefix list", target, rank=LIST, missing=doubt)
                continue
            for prefix in found.entries:
                text = f"{prefix} in {found.name}"
                yield Entry(key, text, target, prefix, rank=LIST, missing=why)
        if edge.open:
            why = missing or edge.missing
            yield Entry(key, "a prefix list", target, rank=LIST, missing=why)

    def _propagated(self, table: Key, gateway: Key, destination: Destination) -> Iterator[Entry]:
        explicit: dict[Key, str] = {}
        for one in self._propagations:
            if one.table.may_be(table):
                sure = one.table.must_be(table) and one.attachment.decided
                missing = "" if sure else one.table.missing or one.attachment.missing
                for key in one.attachment.keys:
                    if key not in explicit or not missing:
                        explicit[key] = missing
        fact = self._index.transit_gateways[gateway]
        is_default = _default_table(fact).may_be(table)
        for attachment in self._index.attachments.values():
            missing_or_none = explicit.get(attachment.key)
            if missing_or_none is None and is_default and attachment.gateway.may_be(gateway):
                propagates = _both(fact.default_propagation, attachment.default_propagation)
                if propagates is not False:
                    missing_or_none = propagates.missing if isinstance(propagates, Unknown) else ""
            if missing_or_none is not None:
                yield from self._prefixes(attachment, missing_or_none, destination)

    def _prefixes(
        self, attachment: Attachment, missing: str, destination: Destination
    ) -> Iterator[Entry]:
        """What an attachment propagates: a VPC's ranges, or a network's of one's own."""
        target = Target(TargetKind.TRANSIT_GATEWAY, Ref.to(attachment.key))
        if attachment.kind is AttachmentKind.PEERING:
            return
        if isinstance(attachment.kind, Unknown):
            missing = missing or attachment.kind.missing
        if attachment.kind is not AttachmentKind.VPC:
            why = missing or f"the prefixes that {attachment.name} propagates"
            for default in DEFAULTS:
                text = f"{default} if propagated"
                yield Entry(attachment.key, text, target, default, rank=PROPAGATED, missing=why)
        edge = attachment.vpc
        for key in () if edge is None else edge.keys:
            vpc = self._index.vpc(key)
            why = missing or (edge.missing if edge is not None else "")
            if vpc is not None and not isinstance(vpc.cidrs, Unknown):
                for cidr in vpc.cidrs:
                    text = str(cidr)
                    yield Entry(attachment.key, text, target, cidr, rank=PROPAGATED, missing=why)
            elif key == destination.vpc:
                text = f"the ranges of {self._index.name(key)}"
                yield Entry(attachment.key, text, target, None, _VPC_RANGE, PROPAGATED, missing=why)


def _default_table(gateway: TransitGateway) -> Ref:
    """The default table; where no fact names it, the gateway's own key stands for it."""
    return Ref.to(gateway.key) if gateway.default_table is None else gateway.default_table


def _both(one: Maybe[bool], other: Maybe[bool]) -> Maybe[bool]:
    if one is False or other is False:
        return False
    return other if one is True else one
