"""Ways into other networks: VPC peerings, which carry to the peer only, and transit gateways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from privatelane_paths.facts import AttachmentKind, TargetKind
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.lookup import Destination
from privatelane_paths.transit import TableOf, Transit, same_zone
from privatelane_paths.verdicts import Hop, LaneKind, Outcome, Outcomes, branch, through, unknown
from privatelane_paths.ways import Leave, Place, depends, each, joined

if TYPE_CHECKING:
    from privatelane_paths.arrival import Arrival, Client
    from privatelane_paths.facts import Attachment, Peering, Target
    from privatelane_paths.index import Index
    from privatelane_paths.lookup import Entry
    from privatelane_paths.options import Options
    from privatelane_paths.routing import Router

__all__ = ["Crossing"]


class Crossing:
    """The connections between the VPCs of one network.

    `leave` follows a packet on from a subnet; `loop` ends one that comes back to where it was.
    """

    def __init__(
        self,
        index: Index,
        options: Options,
        router: Router,
        arrival: Arrival,
        leave: Leave,
        loop: Callable[[str], Outcomes],
    ) -> None:
        self._index = index
        self._options = options
        self._router = router
        self._arrival = arrival
        self._transit = Transit(index)
        self._leave = leave
        self._loop = loop

    def peering(self, target: Target, place: Place, destination: Destination) -> Outcomes:
        """The outcomes of a route to a VPC peering."""
        name = self._index.name(target.ref.keys[0]) if target.ref and target.ref.keys else ""
        key = target.ref.keys[0] if target.ref and target.ref.keys else ""
        hop = Hop(key, "peering", f"VPC peering {name}".strip())
        if destination.endpoint is None:
            reason = "a VPC peering carries traffic to the peer VPC only, never beyond it"
            return (Outcome(LaneKind.BROKEN, reason, (hop,)),)
        unseen = unknown(f"which VPC {hop.text} leads to")
        return through(
            each(
                self._index,
                target.ref,
                lambda one: self._over_peering(one, place, destination),
                unseen,
            ),
            hop,
        )

    def _over_peering(self, key: Key, place: Place, destination: Destination) -> Outcomes:
        fact = self._index.peerings.get(key)
        if fact is None:
            return unknown(f"which VPC VPC peering {key} leads to")
        if fact.active is False:
            return (Outcome(LaneKind.BROKEN, f"VPC peering {fact.name} is not active"),)
        other = _other_side(fact, place.vpc)
        if not other.decided:
            return unknown(other.missing)
        if destination.vpc is None:
            return unknown(f"what stands at the address behind VPC peering {fact.name}")
        if other.keys[0] != destination.vpc:
            peer = self._index.name(other.keys[0])
            reason = f"VPC peering {fact.name} leads to {peer}, where the endpoint is not"
            return (Outcome(LaneKind.BROKEN, reason),)
        arrived = self._remote(place, destination, TargetKind.PEERING, key)
        if isinstance(fact.active, Unknown):
            broken = Outcome(LaneKind.BROKEN, f"VPC peering {fact.name} is not active")
            return depends(arrived, (broken,), fact.active)
        return arrived

    def _remote(
        self, place: Place, destination: Destination, kind: TargetKind, link: Key
    ) -> Outcomes:
        """Arrival at an endpoint in another VPC, if its answers find the way back."""
        assert destination.vpc is not None
        arrived = self._arrival.at(destination, place.client, destination.vpc)
        returns = self._returns(place.client, destination, kind, link)
        if returns is True:
            return arrived
        reason = f"{self._index.name(destination.vpc)} has no route back"
        broken = Outcome(LaneKind.BROKEN, reason)
        if returns is False:
            return (broken,)
        return depends(arrived, (broken,), returns)

    def _returns(
        self, client: Client, destination: Destination, kind: TargetKind, link: Key
    ) -> Maybe[bool]:
        """Whether the endpoint's subnets route answers back over the link they came by."""
        endpoint = self._index.endpoints.get(destination.endpoint or "")
        if endpoint is None or client.packets.space is None or destination.vpc is None:
            return Unknown(f"the way back to {client.packets.what}")
        back = Destination(
            f"back to {client.vpc}/{client.subnet}",
            client.packets.what,
            client.packets.space,
            vpc=client.vpc,
        )
        answers = [
            self._routes_over(subnet, destination.vpc, back, kind, link)
            for subnet in sorted(endpoint.subnets.certain | endpoint.subnets.possible)
        ]
        if answers and all(answer is True for answer in answers):
            return True
        if answers and all(answer is False for answer in answers):
            return False
        return Unknown(f"the way back from {endpoint.name} to {client.packets.what}")

    def _routes_over(
        self, subnet: Key, vpc: Key, back: Destination, kind: TargetKind, link: Key
    ) -> bool | None:
        """Whether a subnet routes a destination over a link; `None` when it is not decided."""
        seen: set[bool | None] = set()
        for case in self._router.tables_of(subnet, vpc):
            if case.table is None:
                return None
            seen |= {
                _leads_over(winner.entry, kind, link)
                for piece in self._router.look_up(case.table, vpc, back)
                for winner in piece.winners
            }
        return seen.pop() if len(seen) == 1 else None

    def transit_gateway(self, target: Target, place: Place, destination: Destination) -> Outcomes:
        """The outcomes of a route to a transit gateway."""
        return each(
            self._index,
            target.ref,
            lambda key: self._into_transit(key, place, destination),
            self._assumed_transit("", destination),
        )

    def _assumed_transit(self, key: Key, destination: Destination) -> Outcomes:
        """Where a transit gateway that nobody sees leads, as the options say."""
        name = f"transit gateway {self._index.name(key)}".strip()
        hop = Hop(key, "transit-gateway", name)
        return through(self._assumed(name, f"where {name} leads", destination), hop)

    def _assumed(self, name: str, missing: str, destination: Destination) -> Outcomes:
        """What something outside the facts does with traffic for others, as the options say."""
        if self._options.transit == "remote-nat" and destination.endpoint is None:
            reason = f"{name} is not among the facts and taken to lead to a NAT gateway"
            return (Outcome(LaneKind.REMOTE_NAT, reason),)
        if self._options.transit == "allow":
            reason = f"{name} is not among the facts and allowed by configuration"
            return (Outcome(LaneKind.INTERNET_GATEWAY, reason),)
        return unknown(missing)

    def _into_transit(self, key: Key, place: Place, destination: Destination) -> Outcomes:
        fact = self._index.transit_gateways.get(key)
        if fact is None or fact.outside or self._index.unread("attachments", "transit_tables"):
            return self._assumed_transit(key, destination)
        if f"{key}|{place.vpc}" in place.trail:
            return self._loop(f"transit gateway {fact.name}")
        place = replace(place, trail=place.trail | {f"{key}|{place.vpc}"})
        hop = Hop(key, "transit-gateway", f"transit gateway {fact.name}")
        attachments = self._transit.attachments(key, place.vpc)
        if not attachments:
            name = self._index.name(place.vpc)
            reason = f"{name} is not attached to transit gateway {fact.name}"
            return (Outcome(LaneKind.BROKEN, reason, (hop,)),)
        # A route to a transit gateway needs an attachment, so that one of the candidates is it.
        doubt = (f"which attachment {self._index.name(place.vpc)} uses",)
        return through(
            branch(
                (self._by_attachment(attachment, key, place, destination), doubt)
                for attachment in attachments
            ),
            hop,
        )

    def _by_attachment(
        self, attachment: Attachment, gateway: Key, place: Place, destination: Destination
    ) -> Outcomes:
        """The outcomes of entering a transit gateway by an attachment, if the zone has one."""
        served = self._serves_zone(attachment, place.subnet)
        reason = f"attachment {attachment.name} has no subnet in the zone of this subnet"
        broken = Outcome(LaneKind.BROKEN, reason)
        if served is False:
            return (broken,)
        onward = self._in_transit(attachment, gateway, place, destination, frozenset())
        return depends(onward, (broken,), served) if isinstance(served, Unknown) else onward

    def _serves_zone(self, attachment: Attachment, subnet: Key) -> Maybe[bool]:
        """Whether an attachment has a subnet in the zone of a subnet that sends by it."""
        here = self._index.subnet(subnet)
        members = attachment.subnets
        if here is None or not (members.certain or members.possible or members.open):
            return True
        if subnet in members.certain:
            return True  # Whatever its zone is, the attachment is in it.
        zone = here.zone
        near = [self._zone_matches(zone, key) for key in sorted(members.certain)]
        if any(one is True for one in near):
            return True
        perhaps = [self._zone_matches(zone, key) for key in sorted(members.possible)]
        if members.open or any(one is not False for one in (*near, *perhaps)):
            return Unknown(
                members.missing
                or f"whether attachment {attachment.name} is in the zone of "
                f"{self._index.name(subnet)}"
            )
        return False

    def _zone_matches(self, zone: Maybe[str], subnet: Key) -> bool | None:
        other = self._index.subnet(subnet)
        return None if other is None else same_zone(zone, other.zone)

    def _in_transit(
        self,
        attachment: Attachment,
        gateway: Key,
        place: Place,
        destination: Destination,
        seen: frozenset[Key],
    ) -> Outcomes:
        """The outcomes of a packet that came into a transit gateway by an attachment."""
        if attachment.key in seen:
            return self._loop(f"attachment {attachment.name}")
        seen |= {attachment.key}
        return branch(
            (
                self._transit_table(case, attachment, gateway, place, destination, seen),
                (case.missing,) if case.missing else (),
            )
            for case in self._transit.tables_of(attachment, gateway)
        )

    def _transit_table(
        self,
        case: TableOf,
        attachment: Attachment,
        gateway: Key,
        place: Place,
        destination: Destination,
        seen: frozenset[Key],
    ) -> Outcomes:
        if case.table is None:
            if case.unseen:
                return unknown(case.missing)
            reason = f"attachment {attachment.name} is associated with no route table"
            return (Outcome(LaneKind.BROKEN, reason),)
        default = case.table == gateway
        name = (
            "the default route table"
            if default
            else (f"transit gateway route table {self._index.name(case.table)}")
        )
        hop = Hop(case.table, "transit-route-table", name)
        pieces = self._transit.look_up(case.table, gateway, destination)
        return through(
            joined(
                pieces,
                lambda entry, part: self._transit_route(entry, name, gateway, place, part, seen),
            ),
            hop,
        )

    def _transit_route(
        self,
        entry: Entry | None,
        table: str,
        gateway: Key,
        place: Place,
        destination: Destination,
        seen: frozenset[Key],
    ) -> Outcomes:
        if entry is None:
            return (Outcome(LaneKind.BROKEN, f"{table} has no route to {destination.text}"),)
        hop = Hop(entry.key, "transit-route", entry.text)
        if entry.target.kind is TargetKind.BLACKHOLE:
            return (Outcome(LaneKind.BROKEN, f"{table} drops {destination.text}", (hop,)),)
        if entry.target.kind is TargetKind.UNKNOWN:
            return unknown(entry.target.missing)
        outcomes = each(
            self._index,
            entry.target.ref,
            lambda key: self._out_of_transit(key, gateway, place, destination, seen),
            unknown("which attachment the route of a transit gateway points at"),
        )
        return through(outcomes, hop)

    def _out_of_transit(
        self,
        key: Key,
        gateway: Key,
        place: Place,
        destination: Destination,
        seen: frozenset[Key],
    ) -> Outcomes:
        attachment = self._index.attachments.get(key)
        if attachment is None:
            return self._assumed_transit(key, destination)
        hop = Hop(key, "attachment", f"attachment {attachment.name}")
        if attachment.kind is AttachmentKind.VPC:
            return through(self._into_vpc(attachment, gateway, place, destination), hop)
        if attachment.kind is AttachmentKind.NETWORK_FUNCTION:
            return through(self._in_transit(attachment, gateway, place, destination, seen), hop)
        if isinstance(attachment.kind, Unknown):
            return through(unknown(attachment.kind.missing), hop)
        if attachment.kind is AttachmentKind.PEERING:
            far = _far_side(attachment, gateway)
            return through(
                self._over_transit_peering(attachment, far, place, destination, seen), hop
            )
        return through(unknown(f"how the network behind {attachment.name} reaches AWS"), hop)

    def _over_transit_peering(
        self,
        attachment: Attachment,
        far: Ref | None,
        place: Place,
        destination: Destination,
        seen: frozenset[Key],
    ) -> Outcomes:
        """On to the transit gateway at the other end, which has its own association for it."""
        key = far.keys[0] if far is not None and far.decided else ""
        fact = self._index.transit_gateways.get(key)
        if fact is None or fact.outside:
            return self._assumed_transit(key, destination)
        hop = Hop(key, "transit-gateway", f"transit gateway {fact.name}")
        onward = replace(place, trail=place.trail | {f"{key}|peering"})
        if f"{key}|peering" in place.trail:
            return through(self._loop(f"transit gateway {fact.name}"), hop)
        return through(
            self._in_transit(attachment, key, onward, destination, seen - {attachment.key}), hop
        )

    def _into_vpc(
        self, attachment: Attachment, gateway: Key, place: Place, destination: Destination
    ) -> Outcomes:
        """Out of a transit gateway into a VPC, by the table of the attachment's subnet there."""
        edge = attachment.vpc
        if edge is None:
            return unknown(f"the VPC of {attachment.name}")
        return each(
            self._index,
            edge,
            lambda vpc: self._within_vpc(vpc, attachment, gateway, place, destination),
            unknown(edge.missing or f"the VPC of {attachment.name}"),
        )

    def _within_vpc(
        self,
        vpc: Key,
        attachment: Attachment,
        gateway: Key,
        place: Place,
        destination: Destination,
    ) -> Outcomes:
        if destination.vpc == vpc:
            return self._remote(place, destination, TargetKind.TRANSIT_GATEWAY, gateway)
        unseen = self._index.outside_vpc(vpc)
        if unseen:
            return self._assumed(self._index.name(vpc), unseen, destination)
        where = f"in which subnet {attachment.name} brings the traffic"
        doubt = (attachment.subnets.missing or where,)
        subnets = self._entry_subnets(attachment, place.subnet)
        cases = [
            (self._leave(replace(place, subnet=subnet, vpc=vpc), destination), doubt)
            for subnet in subnets
        ]
        if attachment.subnets.open or not subnets:
            missing = attachment.subnets.missing or f"the subnets of {attachment.name}"
            cases.append((unknown(missing), doubt))
        return branch(cases)

    def _entry_subnets(self, attachment: Attachment, source: Key) -> tuple[Key, ...]:
        """The subnets by which an attachment brings traffic in: the source's zone, else any."""
        members = sorted(attachment.subnets.certain | attachment.subnets.possible)
        here = self._index.subnet(source)
        if here is None or attachment.appliance_mode is not False or attachment.subnets.open:
            return tuple(members)
        near = [key for key in members if self._zone_matches(here.zone, key) is True]
        unclear = [key for key in members if self._zone_matches(here.zone, key) is None]
        if near and not unclear and not attachment.subnets.possible:
            return tuple(near)
        return tuple(members)


def _far_side(attachment: Attachment, gateway: Key) -> Ref | None:
    """The transit gateway that a peering leads to from one of its two; `None`: not decided."""
    peer = attachment.peer
    if peer is None or not peer.may_be(gateway):
        return peer
    return attachment.gateway if peer.must_be(gateway) else None


def _other_side(fact: Peering, vpc: Key) -> Ref:
    if fact.requester.must_be(vpc):
        return fact.accepter
    if fact.accepter.must_be(vpc):
        return fact.requester
    missing = fact.requester.missing or fact.accepter.missing
    return Ref.anything(missing or f"which VPCs {fact.name} connects")


def _leads_over(entry: Entry | None, kind: TargetKind, link: Key) -> bool | None:
    """Whether a route leads over a link; `None` when that is not decided."""
    if entry is None:
        return False
    target = entry.target
    if target.kind is TargetKind.UNKNOWN:
        return None
    if target.kind is not kind or target.ref is None or not target.ref.may_be(link):
        return False
    return True if target.ref.must_be(link) else None
