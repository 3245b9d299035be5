"""From the rows of the SQL to what went through each NAT: every byte once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lane.traffic.ranges import INTERNET, UNKNOWN

if TYPE_CHECKING:
    from lane.traffic.inventory import Inventory
    from lane.traffic.query import Coverage, Flow, Stretch

__all__ = ["Line", "NatSeen", "Traffic", "Undecided", "Way", "found", "overlap", "repeats"]

#: Ways of which the records tell that no NAT is on them.
_PRIVATE = ("gateway-endpoint", "internet-gateway", "internet-gateway-or-gateway-endpoint")


@dataclass(frozen=True, slots=True)
class Line:
    """Bytes between a client and a service through a NAT, each counted once.

    `nat` is None where the client's records say no more than that it was one. What is not known of
    the client is None; `address` is given where its interface or subnet is not. `seen_at` is where
    they were logged: at the `nat`, or at the `client` when the NAT was not logged. `told_by` says
    whether a `field` of the records or published `ranges` name the service.
    """

    nat: str | None
    service: str
    subnet: str | None
    interface: str | None
    address: str | None
    bytes_out: int
    bytes_in: int
    seen_at: str
    told_by: str | None

    @property
    def bytes(self) -> int:
        """Both directions, as a NAT is billed."""
        return self.bytes_out + self.bytes_in


@dataclass(frozen=True, slots=True)
class NatSeen:
    """A NAT: the id of its gateway where an inventory knows it, else of its interface.

    `by` is what says that it is one: the `inventory`, its `interface-type`, or the shape of its
    `records`. `coverage` is None when there is no record of it.
    """

    id: str
    name: str
    by: str
    coverage: Coverage | None


@dataclass(frozen=True, slots=True)
class Way:
    """Bytes to a service of which the records say that they pass no NAT."""

    way: str
    service: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """Bytes between an interface and a service of which nothing tells whether they pass a NAT."""

    service: str
    subnet: str | None
    interface: str | None
    way: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the logs of a time tell. `overall` is None when they have no record of it."""

    overall: Coverage | None
    nats: tuple[NatSeen, ...]
    lines: tuple[Line, ...]
    undecided: tuple[Undecided, ...]
    ways: tuple[Way, ...]
    skipped: int = 0

    @property
    def services(self) -> dict[str, int]:
        """Bytes through NATs by service, the most first."""
        found: dict[str, int] = defaultdict(int)
        for line in self.lines:
            found[line.service] += line.bytes
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def overlap(coverage: Iterable[Coverage]) -> bool:
    """Whether several flow logs may have logged one interface at the same time."""
    ends: dict[str, int] = {}
    by_start = sorted(
        (one for one in coverage if one.origin is not None), key=lambda one: one.began
    )
    for one in by_start:
        if one.eni is not None:
            if one.began < ends.get(one.eni, 0):
                return True
            ends[one.eni] = max(one.ended, ends.get(one.eni, 0))
    return False


def repeats(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """When which flow log repeats what another, which tells more, has logged of an interface."""
    by_interface: dict[str, list[Stretch]] = defaultdict(list)
    for one in stretches:
        by_interface[one.eni].append(one)
    found = (
        replace(more, origin=less.origin)
        for logs in by_interface.values()
        for more in logs
        for less in logs
        if more.origin < less.origin and more.since < less.until and less.since < more.until
    )
    return tuple(dict.fromkeys(found))


def found(
    flows: Sequence[Flow], coverage: Sequence[Coverage], inventory: Inventory | None
) -> Traffic:
    """What went through which NAT, and what nothing decides."""
    covered = {one.eni: one for one in coverage if one.origin is None}
    known = inventory.logged_as if inventory is not None else {}
    flows = [_placed(flow, inventory) for flow in flows]
    at_nats: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.nat_by is not None and flow.nat is not None:
            at_nats[flow.nat].append(flow)
    lines = [line for nat in sorted(at_nats) for line in _through(at_nats[nat])]
    lines += _through_unlogged(flows, at_nats, covered)
    nats = dict(_seen(at_nats, covered, inventory))
    for line in lines:
        if line.nat is not None and line.nat not in nats:
            nats[line.nat] = NatSeen(line.nat, line.nat, "interface-type", None)
    named = [replace(line, nat=known[line.nat].id) if line.nat in known else line for line in lines]
    unlisted = inventory is None or bool(inventory.elsewhere)
    unlogged = any(one.coverage is None for one in nats.values())
    overall = covered.get(None)
    return Traffic(
        overall,
        tuple(sorted(set(nats.values()), key=lambda one: (one.name, one.id))),
        tuple(sorted(_merged(named), key=_order)),
        tuple(_undecided(flows, lines)) if unlisted or unlogged else (),
        tuple(_private(flows)),
        overall.skipped if overall is not None else 0,
    )


def _placed(flow: Flow, inventory: Inventory | None) -> Flow:
    """A flow with the client's subnet from the inventory where the records do not tell it."""
    if inventory is None or flow.subnet is not None or flow.address is None:
        return flow
    return replace(flow, subnet=inventory.subnet_of(flow.address))


def _through(flows: Sequence[Flow]) -> Iterator[Line]:
    """The bytes of one NAT: inside they have clients, outside they are complete.

    What is logged outside above the sum inside has a client that is not told: of old formats all.
    """
    outside = [flow for flow in flows if flow.side == "outside"]
    inside = [flow for flow in flows if flow.side == "inside"]
    complete = {flow.service for flow in outside}
    for flow in inside:
        # An IPv6 client's packets carry the service's address in a disguise that no field names.
        if flow.service == UNKNOWN and complete and UNKNOWN not in complete:
            continue
        yield _line(flow, "nat")
    for service in sorted(complete):
        totals = [flow for flow in outside if flow.service == service]
        told = [flow for flow in inside if flow.service == service]
        rest_out = sum(one.bytes_out for one in totals) - sum(one.bytes_out for one in told)
        rest_in = sum(one.bytes_in for one in totals) - sum(one.bytes_in for one in told)
        if rest_out > 0 or rest_in > 0:
            yield replace(
                _line(totals[0], "nat"),
                bytes_out=max(rest_out, 0),
                bytes_in=max(rest_in, 0),
            )


def _line(flow: Flow, seen_at: str) -> Line:
    return Line(
        flow.nat,
        flow.service,
        flow.subnet,
        flow.interface,
        flow.address,
        flow.bytes_out,
        flow.bytes_in,
        seen_at,
        flow.told_by,
    )


def _through_unlogged(
    flows: Iterable[Flow],
    at_nats: dict[str, list[Flow]],
    covered: dict[str | None, Coverage],
) -> Iterator[Line]:
    """What clients' records send through NATs that have no records of their own."""
    vpcs = {flow.vpc for one in at_nats.values() for flow in one}
    for flow in flows:
        if flow.nat_by is not None or flow.way != "nat":
            continue
        if flow.nat is not None:
            logged = flow.nat in at_nats or flow.nat in covered
        else:  # the format does not say which NAT: one of the VPC that is logged has it
            logged = flow.vpc in vpcs or (bool(vpcs) and (flow.vpc is None or None in vpcs))
        if not logged:
            yield _line(flow, "client")


def _seen(
    at_nats: dict[str, list[Flow]],
    covered: dict[str | None, Coverage],
    inventory: Inventory | None,
) -> Iterator[tuple[str, NatSeen]]:
    """The NATs by what their records name, those of the inventory with or without records."""
    known = inventory.logged_as if inventory is not None else {}
    for nat in inventory.nats if inventory is not None else ():
        # Of several interfaces one that is not logged hides what it carries.
        logs = [covered.get(eni) for eni in nat.logged_as]
        worst = None if None in logs else max(filter(None, logs), key=lambda one: one.gap or 0)
        for eni in nat.logged_as:
            yield eni, NatSeen(nat.id, nat.name, "inventory", worst)
    for eni, flows in at_nats.items():
        if eni not in known:
            yield eni, NatSeen(eni, eni, flows[0].nat_by or "", covered.get(eni))


def _merged(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines that say the same of nothing but their bytes, as one."""
    sums: dict[Line, tuple[int, int]] = {}
    for line in lines:
        bare = replace(line, bytes_out=0, bytes_in=0)
        out, back = sums.get(bare, (0, 0))
        sums[bare] = (out + line.bytes_out, back + line.bytes_in)
    for line, (out, back) in sums.items():
        yield replace(line, bytes_out=out, bytes_in=back)


def _order(line: Line) -> tuple[object, ...]:
    texts = (line.service, line.nat, line.subnet, line.interface, line.address, line.seen_at)
    return (-line.bytes, *(text or "" for text in texts), line.told_by or "")


def _undecided(flows: Iterable[Flow], lines: Sequence[Line]) -> Iterator[Undecided]:
    """What clients' records leave open, less what NATs have logged of the same interfaces.

    Only what goes out has a path, so what came back is open only where something that went out is,
    or where nothing did.
    """
    explained: dict[tuple[str | None, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        sums = explained[line.interface, line.service]
        sums[0] += line.bytes_out
        sums[1] += line.bytes_in
    for flow in flows:
        if flow.side != "client" or flow.way == "nat" or flow.way in _PRIVATE:
            continue
        left = [flow.bytes_out, flow.bytes_in]
        # Bytes whose client no record tells are anybody's.
        for key in ((flow.interface, flow.service), (None, flow.service)):
            for place in range(2):
                taken = min(left[place], explained[key][place])
                explained[key][place] -= taken
                left[place] -= taken
        if left[0] or (not flow.bytes_out and left[1]):
            yield Undecided(flow.service, flow.subnet, flow.interface, flow.way, sum(left))


def _private(flows: Iterable[Flow]) -> Iterator[Way]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for flow in flows:
        if flow.side == "client" and flow.way in _PRIVATE and flow.service != INTERNET:
            sums[flow.way, flow.service] += flow.bytes
    for (way, service), total in sorted(sums.items()):
        yield Way(way, service, total)
