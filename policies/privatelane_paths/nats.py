"""NAT gateways and instances: what they are reached by, and what they carry on.

A NAT gateway that traffic is routed to counts, whether or not its own way out is shown; what
certainly carries nothing is broken.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from privatelane_paths.known import Key, Unknown
from privatelane_paths.routing import usable
from privatelane_paths.verdicts import (
    Hop,
    LaneKind,
    Outcome,
    Outcomes,
    branch,
    either,
    through,
    unknown,
)
from privatelane_paths.ways import Leave, Place, depends, each

if TYPE_CHECKING:
    from privatelane_paths.arrival import Arrival
    from privatelane_paths.facts import Nat, Target
    from privatelane_paths.index import Index
    from privatelane_paths.lookup import Destination
    from privatelane_paths.options import Options

__all__ = ["Nats"]


class Nats:
    """The NATs of one network."""

    def __init__(self, index: Index, options: Options, arrival: Arrival, leave: Leave) -> None:
        self._index = index
        self._options = options
        self._arrival = arrival
        self._leave = leave

    def gateway(self, target: Target, place: Place, destination: Destination) -> Outcomes:
        """The outcomes of a route to a NAT gateway."""
        unseen = (self._by_nat("", "a NAT gateway", place, destination),)
        return each(
            self._index,
            target.ref,
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
            return depends(self._usable_nat(nat, lane, place, destination), (dead,), nat.state)
        if not usable(nat.state):
            return (replace(lane, kind=LaneKind.BROKEN, reason=f"{text} is {nat.state}"),)
        return self._usable_nat(nat, lane, place, destination)

    def _usable_nat(
        self, nat: Nat, lane: Outcome, place: Place, destination: Destination
    ) -> Outcomes:
        if nat.subnet is None:
            vpc = place.vpc if nat.vpc is None or not nat.vpc.keys else nat.vpc.keys[0]
            return self._arrival.unless_blocked((lane,), vpc, "")
        looped = replace(
            lane,
            kind=LaneKind.BROKEN,
            reason=f"NAT gateway {nat.name} stands in the subnet it would serve, which is a loop",
        )
        if nat.subnet.must_be(place.subnet):
            return (looped,)
        beyond = self._beyond_nat(nat, lane, place, destination)
        if nat.subnet.may_be(place.subnet):
            return depends((looped,), beyond, Unknown(nat.subnet.missing))
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
            public = self._arrival.unless_blocked((lane,), place.vpc, subnet)
            if nat.public is True:
                cases.append((public, doubt))
                continue
            private = self._beyond_private_nat(subnet, lane, place, destination)
            if isinstance(nat.public, Unknown):
                private = depends(public, private, nat.public)
            cases.append((private, doubt))
        if nat.subnet.open or not cases:
            cases.append(((lane,), (nat.subnet.missing,) if nat.subnet.missing else ()))
        return branch(cases)

    def _beyond_private_nat(
        self, subnet: Key, lane: Outcome, place: Place, destination: Destination
    ) -> Outcomes:
        """A private NAT gateway carries on to other networks; an internet gateway drops it."""
        onward = self._leave(replace(place, subnet=subnet, sender=place.vpc), destination)
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

    def interface(self, target: Target, place: Place, destination: Destination) -> Outcomes:
        """The outcomes of a route to a network interface."""
        return each(
            self._index,
            target.ref,
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
        passed = each(
            self._index,
            fact.subnet,
            lambda subnet: self._from_interface(key, subnet, place, destination),
            unknown(fact.subnet.missing or f"the subnet of {name}"),
        )
        if isinstance(fact.forwards, Unknown):
            return depends(passed, (dropped,), fact.forwards)
        return passed

    def _from_interface(
        self, key: Key, subnet: Key, place: Place, destination: Destination
    ) -> Outcomes:
        onward = self._leave(replace(place, subnet=subnet, sender=place.vpc), destination)
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
