"""The way of a packet, hop by hop, from a subnet to whatever takes it.

Every hop returns all outcomes that are possible; a hop that splits the traffic, or that is not
decided, joins what its branches return. Tables on the way are remembered, so that a loop ends as
`broken` instead of never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from privatelane_paths.arrival import Arrival, Client
from privatelane_paths.facts import (
    Attachment,
    AttachmentKind,
    Endpoint,
    EndpointKind,
    Nat,
    Peering,
    Target,
    TargetKind,
)
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.routing import Destination, Entry, Piece, Router, TableCase, usable
from privatelane_paths.transit import TableOf, Transit, same_zone
from privatelane_paths.verdicts import (
    Hop,
    LaneKind,
    Outcome,
    Outcomes,
    Verdict,
    branch,
    either,
    through,
    unknown,
)

if TYPE_CHECKING:
    from privatelane_paths.index import Index
    from privatelane_paths.options import Options

__all__ = ["Place", "Walk"]

#: Ways followed for one client before giving up: only undecided loops multiply them.
_MOST_STEPS = 2000
_ASSOCIATED = {"association": "association", "main": "implicit main"}


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


class Walk:
    """Follows packets through one network."""

    def __init__(self, index: Index, options: Options) -> None:
        self._index = index
        self._options = options
        self._transit = Transit(index)
        self.router = Router(index)
        self.arrival = Arrival(index)
        #: What was found for the present client, how much was followed for it, and loops so far.
        self._client: Client | None = None
        self._known: dict[tuple[Key, Key, Key, str, frozenset[Key] | None], Outcomes] = {}
        self._taken = 0
        self._loops = 0
        self._steps: dict[TargetKind, Callable[[Target, Key, Place, Destination], Outcomes]] = {
            TargetKind.NAT: self._nat,
            TargetKind.ENDPOINT: self._endpoint,
            TargetKind.INTERFACE: self._interface,
            TargetKind.TRANSIT_GATEWAY: self._transit_gateway,
            TargetKind.PEERING: self._peering,
        }

    def leave(self, place: Place, destination: Destination) -> Outcomes:
        """The outcomes for a packet that leaves a subnet by the table the subnet is on."""
        if place.client is not self._client:
            self._client, self._known, self._taken = place.client, {}, 0
        step = (place.subnet, place.vpc, place.sender, destination.label)
        found = self._known.get((*step, None))
        if found is not None:
            return found
        found = self._known.get((*step, place.trail))
        if found is not None:
            self._loops += 1
            return found
        self._taken += 1
        if self._taken > _MOST_STEPS:
            return unknown(f"which of more than {_MOST_STEPS} ways the traffic takes")
        loops = self._loops
        outcomes = branch(
            (self._table(case, place, destination), case.missing)
            for case in self.router.tables_of(place.subnet, place.vpc)
        )
        # Where no way from here came back to where the packet had been, the answer holds however
        # it got here; else only after the same tables.
        after = (*step, None if loops == self._loops else place.trail)
        self._known[after] = outcomes
        return outcomes

    def _table(self, case: TableCase, place: Place, destination: Destination) -> Outcomes:
        table = case.table
        if table is None:
            return unknown(case.missing[0])
        implied = table.endswith("#implied-main-table")
        name = (
            f"the main table of {self._index.name(place.vpc)}"
            if implied
            else (f"route table {self._index.name(table)}")
        )
        hop = Hop(table, "route-table", f"{name} ({_ASSOCIATED[case.how]})")
        if table in place.trail:
            return through(self._loop(name), hop)
        onward = replace(place, trail=place.trail | {table})
        pieces = self.router.look_up(table, place.vpc, destination)
        return through(
            _joined(pieces, lambda entry, part: self._take(entry, name, onward, part)), hop
        )

    def _loop(self, name: str) -> Outcomes:
        self._loops += 1
        return (Outcome(LaneKind.BROKEN, f"the routes lead back to {name}"),)

    def _take(
        self, entry: Entry | None, table: str, place: Place, destination: Destination
    ) -> Outcomes:
        """The outcomes of taking one route, or none."""
        if entry is None:
            if place.crossed:
                reason = f"{table} has no route to {destination.text}"
                return (Outcome(LaneKind.BROKEN, reason),)
            return (Outcome(LaneKind.NONE, f"{table} has no route to {destination.text}"),)
        outcomes = self._follow(entry.target, entry.key, place, destination)
        return through(outcomes, Hop(entry.key, "route", entry.text))

    def _follow(
        self, target: Target, route: Key, place: Place, destination: Destination
    ) -> Outcomes:
        step = self._steps.get(target.kind)
        if step is not None:
            return step(target, route, place, destination)
        if target.kind is TargetKind.LOCAL:
            return self._local(place, destination)
        if target.kind in (TargetKind.INTERNET_GATEWAY, TargetKind.EGRESS_ONLY_GATEWAY):
            return self._internet(target, place, destination)
        return self._other(target, place)

    def _local(self, place: Place, destination: Destination) -> Outcomes:
        if destination.vpc is not None and destination.vpc != place.vpc:
            name = self._index.name(place.vpc)
            reason = f"the address lies in {name}'s own range, where the endpoint is not"
            return (Outcome(LaneKind.BROKEN, reason),)
        return self.arrival.at(destination, place.client, place.vpc)

    def _internet(self, target: Target, place: Place, destination: Destination) -> Outcomes:
        key = target.ref.keys[0] if target.ref is not None and target.ref.keys else ""
        if target.ref is not None and target.ref.decided and key in self._index.gone:
            return _gone(key)
        what = (
            "internet gateway"
            if target.kind is TargetKind.INTERNET_GATEWAY
            else "egress-only internet gateway"
        )
        hop = Hop(key, target.kind.value, f"{what} {self._index.name(key)}".strip())
        if place.foreign:
            reason = f"an {what} forwards nothing that comes from another VPC"
            return (Outcome(LaneKind.BROKEN, reason, (hop,)),)
        if destination.nat64 or destination.endpoint is not None:
            reason = f"the {what} drops what is not for the internet"
            return (Outcome(LaneKind.BROKEN, reason, (hop,)),)
        reason = f"{destination.text} are reached over the {what}"
        open_way = (Outcome(LaneKind.INTERNET_GATEWAY, reason, (hop,)),)
        return self._unless_blocked(open_way, place.vpc, place.subnet)

    def _unless_blocked(self, outcomes: Outcomes, vpc: Key, subnet: Key) -> Outcomes:
        """The outcomes unless VPC Block Public Access closes the internet gateway."""
        blocked = self.arrival.public_access_blocked(vpc, subnet)
        if blocked is False:
            return outcomes
        reason = "VPC Block Public Access closes the internet gateway in both directions"
        broken = Outcome(LaneKind.BROKEN, reason, outcomes[0].hops)
        if blocked is True:
            return (broken,)
        return _depends(outcomes, (broken,), blocked)

    def _other(self, target: Target, place: Place) -> Outcomes:
        """Targets that lead out of what the facts show, or nowhere."""
        key = target.ref.keys[0] if target.ref is not None and target.ref.keys else ""
        name = self._index.name(key)
        words = target.kind.value.replace("-", " ")
        hop = Hop(key, target.kind.value, f"{words} {name}".strip())
        if target.kind is TargetKind.BLACKHOLE:
            return (Outcome(LaneKind.BROKEN, "the route is a blackhole", (hop,)),)
        if target.kind is TargetKind.CARRIER_GATEWAY:
            reason = "the carrier gateway forwards to the internet without a NAT gateway"
            outcome = Outcome(LaneKind.INTERNET_GATEWAY, reason, (hop,))
            return self._unless_blocked((outcome,), place.vpc, place.subnet)
        if target.kind is TargetKind.UNKNOWN:
            missing = target.missing or (target.ref.missing if target.ref else "")
            return unknown(missing or f"what {name} is")
        beyond = {
            TargetKind.VPN_GATEWAY: f"how the network behind VPN gateway {name} reaches AWS",
            TargetKind.LOCAL_GATEWAY: f"how the network behind local gateway {name} reaches AWS",
        }.get(target.kind, f"where {words} {name} leads")
        return through(unknown(beyond), hop)

    def _each(
        self, edge: Ref | None, what: str, step: Callable[[Key], Outcomes], unseen: Outcomes
    ) -> Outcomes:
        """The outcomes of every candidate of an edge; `unseen` is what one outside would give."""
        if edge is None:
            return unseen
        missing = () if edge.decided else (edge.missing or f"which {what}",)
        cases = [
            (_gone(key) if key in self._index.gone else step(key), missing) for key in edge.keys
        ]
        if edge.open:
            cases.append((unseen, missing))
        return branch(cases)

    def _nat(self, target: Target, route: Key, place: Place, destination: Destination) -> Outcomes:
        del route
        unseen = (self._by_nat("", "a NAT gateway", place, destination),)
        return self._each(
            target.ref,
            "NAT gateway",
            lambda key: self._nat_gateway(key, place, destination),
            unseen,
        )

    def _by_nat(self, key: Key, text: str, place: Place, destination: Destination) -> Outcome:
        if place.crossed:
            reason = f"{destination.text} are reached through {text} in another VPC"
            kind = LaneKind.REMOTE_NAT
        else:
            reason = f"{destination.text} are reached through {text}"
            kind = LaneKind.NAT
        return Outcome(kind, reason, (Hop(key, "nat", text),))

    def _nat_gateway(self, key: Key, place: Place, destination: Destination) -> Outcomes:
        text = f"NAT gateway {self._index.name(key)}"
        lane = self._by_nat(key, text, place, destination)
        nat = self._index.nats.get(key)
        if nat is None:
            return (lane,)
        if isinstance(nat.state, Unknown):
            dead = replace(lane, kind=LaneKind.BROKEN, reason=f"{text} cannot be used")
            return _depends(self._usable_nat(nat, lane, place, destination), (dead,), nat.state)
        if not usable(nat.state):
            return (replace(lane, kind=LaneKind.BROKEN, reason=f"{text} is {nat.state}"),)
        return self._usable_nat(nat, lane, place, destination)

    def _usable_nat(
        self, nat: Nat, lane: Outcome, place: Place, destination: Destination
    ) -> Outcomes:
        if nat.subnet is None:
            vpc = place.vpc if nat.vpc is None or not nat.vpc.keys else nat.vpc.keys[0]
            return self._unless_blocked((lane,), vpc, "")
        looped = replace(
            lane,
            kind=LaneKind.BROKEN,
            reason=f"NAT gateway {nat.name} stands in the subnet it would serve, which is a loop",
        )
        if nat.subnet.must_be(place.subnet):
            return (looped,)
        beyond = self._beyond_nat(nat, lane, place, destination)
        if nat.subnet.may_be(place.subnet):
            return _depends((looped,), beyond, Unknown(nat.subnet.missing))
        return beyond

    def _beyond_nat(
        self, nat: Nat, lane: Outcome, place: Place, destination: Destination
    ) -> Outcomes:
        """The lane through a zonal NAT gateway; a private one must not lead to the internet."""
        assert nat.subnet is not None
        cases: list[tuple[Outcomes, tuple[str, ...]]] = []
        for subnet in nat.subnet.keys:
            if subnet == place.subnet:
                continue
            doubt = () if nat.subnet.decided else (nat.subnet.missing,)
            public = self._unless_blocked((lane,), place.vpc, subnet)
            if nat.public is True:
                cases.append((public, doubt))
                continue
            private = self._beyond_private_nat(subnet, lane, place, destination)
            if isinstance(nat.public, Unknown):
                private = _depends(public, private, nat.public)
            cases.append((private, doubt))
        if nat.subnet.open or not cases:
            cases.append(((lane,), (nat.subnet.missing,) if nat.subnet.missing else ()))
        return branch(cases)

    def _beyond_private_nat(
        self, subnet: Key, lane: Outcome, place: Place, destination: Destination
    ) -> Outcomes:
        """A private NAT gateway carries on to other networks; an internet gateway drops it."""
        onward = self.leave(replace(place, subnet=subnet, sender=place.vpc), destination)
        found: list[Outcome] = []
        for one in onward:
            if one.kind in (LaneKind.INTERNET_GATEWAY, LaneKind.BROKEN, LaneKind.NONE):
                reason = (
                    "an internet gateway drops what comes from a private NAT gateway"
                    if one.kind is LaneKind.INTERNET_GATEWAY
                    else one.reason
                )
                hops = lane.hops + one.hops
                found.append(Outcome(LaneKind.BROKEN, reason, hops, one.missing))
            elif one.kind is LaneKind.UNKNOWN:
                found.append(lane)
            else:
                found.append(replace(lane, hops=lane.hops + one.hops, missing=one.missing))
        return either(found)

    def _interface(
        self, target: Target, route: Key, place: Place, destination: Destination
    ) -> Outcomes:
        del route
        return self._each(
            target.ref,
            "network interface",
            lambda key: self._network_interface(key, place, destination),
            self._assumed_nat("", place, destination),
        )

    def _assumed_nat(self, key: Key, place: Place, destination: Destination) -> Outcomes:
        """What stands behind an interface that nobody sees, as the options say."""
        name = f"network interface {self._index.name(key)}".strip()
        if self._options.interface == "nat":
            return (self._by_nat(key, f"{name} (taken for a NAT instance)", place, destination),)
        return through(unknown(f"what stands behind {name}"), Hop(key, "interface", name))

    def _network_interface(self, key: Key, place: Place, destination: Destination) -> Outcomes:
        fact = self._index.interfaces.get(key)
        if fact is None:
            return self._assumed_nat(key, place, destination)
        name = f"network interface {fact.name}"
        dropped = Outcome(
            LaneKind.BROKEN,
            f"{name} drops what is not for itself: its source/destination check is on",
            (Hop(key, "interface", name),),
        )
        if fact.forwards is False:
            return (dropped,)
        passed = self._each(
            fact.subnet,
            "subnet",
            lambda subnet: self._from_interface(key, subnet, place, destination),
            unknown(fact.subnet.missing or f"the subnet of {name}"),
        )
        if isinstance(fact.forwards, Unknown):
            return _depends(passed, (dropped,), fact.forwards)
        return passed

    def _from_interface(
        self, key: Key, subnet: Key, place: Place, destination: Destination
    ) -> Outcomes:
        onward = self.leave(replace(place, subnet=subnet, sender=place.vpc), destination)
        return either(
            end for one in onward for end in self._beyond_interface(key, one, place, destination)
        )

    def _beyond_interface(
        self, key: Key, onward: Outcome, place: Place, destination: Destination
    ) -> Outcomes:
        """What an instance that forwards does with traffic whose way on is `onward`."""
        name = f"network interface {self._index.name(key)}"
        hop = Hop(key, "interface", name)
        if onward.kind is LaneKind.INTERNET_GATEWAY:
            lane = self._by_nat(key, f"{name} (a NAT instance)", place, destination)
            return (replace(lane, missing=onward.missing),)
        if onward.kind in (LaneKind.UNKNOWN, LaneKind.NONE):
            return self._assumed_nat(key, place, destination)
        return through((onward,), hop)

    def _endpoint(
        self, target: Target, route: Key, place: Place, destination: Destination
    ) -> Outcomes:
        unseen = unknown("which endpoint the route points at")
        return self._each(
            target.ref,
            "endpoint",
            lambda key: self._through_endpoint(key, route, place, destination),
            unseen,
        )

    def _through_endpoint(
        self, key: Key, route: Key, place: Place, destination: Destination
    ) -> Outcomes:
        fact = self._index.endpoints.get(key)
        if fact is None:
            if destination.service and self._is_service_list(route, destination):
                return self._gateway_endpoint(key, None, place, destination)
            name = f"VPC endpoint {key}"
            return through(unknown(f"what stands behind {name}"), Hop(key, "endpoint", name))
        if fact.kind is EndpointKind.GATEWAY:
            return self._gateway_endpoint(key, fact, place, destination)
        beyond = self._appliance(fact, place, destination)
        if isinstance(fact.kind, Unknown):
            gateway = self._gateway_endpoint(key, fact, place, destination)
            return _depends(gateway, beyond, fact.kind)
        return beyond

    def _is_service_list(self, route: Key, destination: Destination) -> bool:
        return self.router.is_service_route(route, destination)

    def _gateway_endpoint(
        self, key: Key, fact: Endpoint | None, place: Place, destination: Destination
    ) -> Outcomes:
        name = f"gateway endpoint {self._index.name(key)}"
        hop = Hop(key, "gateway-endpoint", name)
        if place.foreign:
            missing = f"what {name} does with traffic from another VPC, which AWS does not support"
            return through(unknown(missing), hop)
        if fact is not None and not usable(fact.state):
            return (Outcome(LaneKind.BROKEN, f"{name} is {fact.state}", (hop,)),)
        return through(self.arrival.at_gateway(fact, name, destination, place.client), hop)

    def _appliance(self, fact: Endpoint, place: Place, destination: Destination) -> Outcomes:
        """Traffic passes a firewall or load balancer and goes on from the endpoint's subnet."""
        name = f"{_ENDPOINT_WORDS.get(fact.kind, 'endpoint')} {fact.name}"
        hop = Hop(fact.key, "firewall", name)
        if fact.kind in (
            EndpointKind.INTERFACE,
            EndpointKind.RESOURCE,
            EndpointKind.SERVICE_NETWORK,
        ):
            return (Outcome(LaneKind.BROKEN, f"{name} forwards nothing", (hop,)),)
        dead = Outcome(LaneKind.BROKEN, f"{name} cannot be used")
        if not usable(fact.state):
            return through((dead,), hop)
        members = sorted(fact.subnets.certain | fact.subnets.possible)
        doubt = (fact.subnets.missing or f"in which subnet {name} takes the traffic",)
        cases = [
            (self.leave(replace(place, subnet=subnet), destination), doubt) for subnet in members
        ]
        if fact.subnets.open or not members:
            unseen = unknown(fact.subnets.missing or f"the subnets of {name}")
            cases.append((unseen, doubt))
        beyond = either(_dropped_there(branch(cases)))
        if isinstance(fact.state, Unknown):
            beyond = _depends(beyond, (dead,), fact.state)
        return through(beyond, hop)

    def _peering(
        self, target: Target, route: Key, place: Place, destination: Destination
    ) -> Outcomes:
        del route
        name = self._index.name(target.ref.keys[0]) if target.ref and target.ref.keys else ""
        key = target.ref.keys[0] if target.ref and target.ref.keys else ""
        hop = Hop(key, "peering", f"VPC peering {name}".strip())
        if destination.endpoint is None:
            reason = "a VPC peering carries traffic to the peer VPC only, never beyond it"
            return (Outcome(LaneKind.BROKEN, reason, (hop,)),)
        unseen = unknown(f"which VPC VPC peering {name} leads to")
        return through(
            self._each(
                target.ref,
                "peering",
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
            return _depends(arrived, (broken,), fact.active)
        return arrived

    def _remote(
        self, place: Place, destination: Destination, kind: TargetKind, link: Key
    ) -> Outcomes:
        """Arrival at an endpoint in another VPC, if its answers find the way back."""
        assert destination.vpc is not None
        arrived = self.arrival.at(destination, place.client, destination.vpc)
        returns = self._returns(place.client, destination, kind, link)
        if returns is True:
            return arrived
        reason = f"{self._index.name(destination.vpc)} has no route back"
        broken = Outcome(LaneKind.BROKEN, reason)
        if returns is False:
            return (broken,)
        return _depends(arrived, (broken,), returns)

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
        for case in self.router.tables_of(subnet, vpc):
            if case.table is None:
                return None
            seen |= {
                _leads_over(winner.entry, kind, link)
                for piece in self.router.look_up(case.table, vpc, back)
                for winner in piece.winners
            }
        return seen.pop() if len(seen) == 1 else None

    def _transit_gateway(
        self, target: Target, route: Key, place: Place, destination: Destination
    ) -> Outcomes:
        del route
        return self._each(
            target.ref,
            "transit gateway",
            lambda key: self._into_transit(key, place, destination),
            self._assumed_transit("", destination),
        )

    def _assumed_transit(self, key: Key, destination: Destination) -> Outcomes:
        """Where a transit gateway that nobody sees leads, as the options say."""
        name = f"transit gateway {self._index.name(key)}".strip()
        hop = Hop(key, "transit-gateway", name)
        if self._options.transit == "remote-nat" and destination.endpoint is None:
            reason = f"{name} is not among the facts and taken to lead to a NAT gateway"
            return (Outcome(LaneKind.REMOTE_NAT, reason, (hop,)),)
        if self._options.transit == "allow":
            reason = f"{name} is not among the facts and allowed by configuration"
            return (Outcome(LaneKind.INTERNET_GATEWAY, reason, (hop,)),)
        return through(unknown(f"where {name} leads"), hop)

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
        return _depends(onward, (broken,), served) if isinstance(served, Unknown) else onward

    def _serves_zone(self, attachment: Attachment, subnet: Key) -> Maybe[bool]:
        """Whether an attachment has a subnet in the zone of a subnet that sends by it."""
        here = self._index.subnet(subnet)
        members = attachment.subnets
        if here is None or not (members.certain or members.possible or members.open):
            return True
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
            _joined(
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
        outcomes = self._each(
            entry.target.ref,
            "attachment",
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
            return through(self._over_transit_peering(attachment, place, destination, seen), hop)
        return through(unknown(f"how the network behind {attachment.name} reaches AWS"), hop)

    def _over_transit_peering(
        self,
        attachment: Attachment,
        place: Place,
        destination: Destination,
        seen: frozenset[Key],
    ) -> Outcomes:
        """On to the transit gateway at the other end, which has its own association for it."""
        peer = attachment.peer
        if peer is None or not peer.decided or peer.keys[0] not in self._index.transit_gateways:
            return self._assumed_transit(peer.keys[0] if peer and peer.keys else "", destination)
        key = peer.keys[0]
        fact = self._index.transit_gateways[key]
        if fact.outside or attachment.gateway.may_be(key):
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
        return self._each(
            edge,
            "VPC",
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
            return self._assumed_vpc(unseen, destination)
        doubt = (f"in which subnet {attachment.name} brings the traffic",)
        subnets = self._entry_subnets(attachment, place.subnet)
        cases = [
            (self.leave(replace(place, subnet=subnet, vpc=vpc), destination), doubt)
            for subnet in subnets
        ]
        if attachment.subnets.open or not subnets:
            missing = attachment.subnets.missing or f"the subnets of {attachment.name}"
            cases.append((unknown(missing), doubt))
        return branch(cases)

    def _assumed_vpc(self, missing: str, destination: Destination) -> Outcomes:
        """What a VPC outside the facts does with traffic for others, as the options say."""
        assumed = self._assumed_transit("", destination)
        if self._options.transit == "unknown":
            return unknown(missing)
        return tuple(replace(one, hops=()) for one in assumed)

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


_ENDPOINT_WORDS: dict[Maybe[EndpointKind], str] = {
    EndpointKind.FIREWALL: "firewall endpoint",
    EndpointKind.GATEWAY_LOAD_BALANCER: "gateway load balancer endpoint",
    EndpointKind.INTERFACE: "interface endpoint",
}


def _gone(key: Key) -> Outcomes:
    reason = f"the route leads to {key}, which this update deletes"
    return (Outcome(LaneKind.BROKEN, reason, (Hop(key, "gone", key),)),)


def _dropped_there(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """What finds no route after a hop is not without a lane: it is dropped on the way."""
    return [
        replace(one, kind=LaneKind.BROKEN) if one.kind is LaneKind.NONE else one for one in outcomes
    ]


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


def _depends(one: Outcomes, other: Outcomes, fact: Unknown) -> Outcomes:
    """The outcomes where one missing fact chooses between two ways."""
    return branch(((one, (fact.missing,)), (other, (fact.missing,))))


def _joined(
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
