"""The way of a packet, hop by hop, from a subnet to whatever takes it.

Every hop returns all outcomes that are possible; a hop that splits the traffic, or that is not
decided, joins what its branches return. Tables on the way are remembered, so that a loop ends as
`broken` instead of never.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from privatelane_paths.arrival import Arrival
from privatelane_paths.crossing import Crossing
from privatelane_paths.facts import Endpoint, EndpointKind, Target, TargetKind
from privatelane_paths.known import Key, Maybe, Unknown
from privatelane_paths.nats import Nats
from privatelane_paths.routing import IMPLIED_MAIN, Router, usable
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
from privatelane_paths.ways import Place, depends, dropped_there, each, gone, joined

if TYPE_CHECKING:
    from privatelane_paths.arrival import Client
    from privatelane_paths.index import Index
    from privatelane_paths.lookup import Destination, Entry
    from privatelane_paths.options import Options
    from privatelane_paths.routing import TableCase

__all__ = ["Walk"]

#: Ways followed for one client before giving up: only undecided loops multiply them.
_MOST_STEPS = 2000
_ASSOCIATED = {"association": "association", "main": "implicit main"}


class Walk:
    """Follows packets through one network."""

    def __init__(self, index: Index, options: Options) -> None:
        self._index = index
        self.router = Router(index)
        self.arrival = Arrival(index)
        nats = Nats(index, options, self.arrival, self.leave)
        crossing = Crossing(index, options, self.router, self.arrival, self.leave, self._loop)
        #: What was found for the present client, how much was followed for it, and loops so far.
        self._client: Client | None = None
        self._known: dict[tuple[Key, Key, Key, str, frozenset[Key] | None], Outcomes] = {}
        self._taken = 0
        self._loops = 0
        self._steps: dict[TargetKind, Callable[[Target, Place, Destination], Outcomes]] = {
            TargetKind.NAT: nats.gateway,
            TargetKind.INTERFACE: nats.interface,
            TargetKind.INTERNET_GATEWAY: self._internet,
            TargetKind.EGRESS_ONLY_GATEWAY: self._internet,
            TargetKind.TRANSIT_GATEWAY: crossing.transit_gateway,
            TargetKind.PEERING: crossing.peering,
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
        implied = table.endswith(IMPLIED_MAIN)
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
            joined(pieces, lambda entry, part: self._take(entry, name, onward, part)), hop
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
            return step(target, place, destination)
        if target.kind is TargetKind.ENDPOINT:
            return self._endpoint(target, route, place, destination)
        if target.kind is TargetKind.LOCAL:
            return self._local(place, destination)
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
            return gone(key)
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
        return self.arrival.unless_blocked(open_way, place.vpc, place.subnet)

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
            return self.arrival.unless_blocked((outcome,), place.vpc, place.subnet)
        if target.kind is TargetKind.UNKNOWN:
            missing = target.missing or (target.ref.missing if target.ref else "")
            return unknown(missing or f"what {name} is")
        beyond = {
            TargetKind.VPN_GATEWAY: f"how the network behind VPN gateway {name} reaches AWS",
            TargetKind.LOCAL_GATEWAY: f"how the network behind local gateway {name} reaches AWS",
        }.get(target.kind, f"where {words} {name} leads")
        return through(unknown(beyond), hop)

    def _endpoint(
        self, target: Target, route: Key, place: Place, destination: Destination
    ) -> Outcomes:
        unseen = unknown("which endpoint the route points at")
        return each(
            self._index,
            target.ref,
            lambda key: self._through_endpoint(key, route, place, destination),
            unseen,
        )

    def _through_endpoint(
        self, key: Key, route: Key, place: Place, destination: Destination
    ) -> Outcomes:
        fact = self._index.endpoints.get(key)
        if fact is None:
            if destination.service and self.router.is_service_route(route, destination):
                return self._gateway_endpoint(key, None, place, destination)
            name = f"VPC endpoint {key}"
            return through(unknown(f"what stands behind {name}"), Hop(key, "endpoint", name))
        if fact.kind is EndpointKind.GATEWAY:
            return self._gateway_endpoint(key, fact, place, destination)
        beyond = self._appliance(fact, place, destination)
        if isinstance(fact.kind, Unknown):
            gateway = self._gateway_endpoint(key, fact, place, destination)
            return depends(gateway, beyond, fact.kind)
        return beyond

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
        beyond = either(dropped_there(branch(cases)))
        if isinstance(fact.state, Unknown):
            beyond = depends(beyond, (dead,), fact.state)
        return through(beyond, hop)


_ENDPOINT_WORDS: dict[Maybe[EndpointKind], str] = {
    EndpointKind.FIREWALL: "firewall endpoint",
    EndpointKind.GATEWAY_LOAD_BALANCER: "gateway load balancer endpoint",
    EndpointKind.INTERFACE: "interface endpoint",
}
