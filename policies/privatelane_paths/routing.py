"""Which route table a subnet is on, and which rows it has.

A gateway endpoint is a row for AWS's prefix list of its service, whose entries are longer than any
default route's but otherwise rarely known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from privatelane_paths.facts import (
    Association,
    Endpoint,
    EndpointKind,
    Origin,
    Prefix,
    PrefixList,
    Route,
    Target,
    TargetKind,
)
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.lookup import (
    DEFAULTS,
    LIST,
    PROPAGATED,
    STATIC,
    Destination,
    Entry,
    Piece,
    look_up,
)
from privatelane_paths.services import parse_service_name
from privatelane_paths.space import IPV4

if TYPE_CHECKING:
    from privatelane_paths.index import Index

__all__ = ["DEFAULTS", "IMPLIED_MAIN", "Router", "TableCase", "usable"]

#: Ends the key of the main table that AWS makes with a VPC; no fact shows it.
IMPLIED_MAIN = "#implied-main-table"
#: AWS's own lists hold no entry shorter than this, so that a default route, or a /8 of a company
#: that routes its public block privately, never beats a gateway endpoint.
_SHORTEST_AWS_ENTRY = 9
#: A VPC's own ranges are /16 to /28.
_SHORTEST_VPC_RANGE = 16
#: What a route inside the VPC's own ranges may point at instead of `local`.
_MIDDLEBOXES = frozenset(
    {TargetKind.NAT, TargetKind.INTERFACE, TargetKind.ENDPOINT, TargetKind.UNKNOWN}
)


@dataclass(frozen=True, slots=True)
class TableCase:
    """A table that a subnet may be on, and how; without one, nobody sees which."""

    table: Key | None
    how: str
    missing: tuple[str, ...] = ()


class Router:
    """Answers for one network; what depends on a table alone is computed once a table."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._implied = {f"{vpc}{IMPLIED_MAIN}" for vpc in index.vpcs}
        self._main = _main_tables(index)
        self._certainly_associated = _certainly_associated(index)
        self._tables: dict[tuple[Key, Key], tuple[TableCase, ...]] = {}
        self._entries: dict[tuple[Key, Key], tuple[Entry, ...]] = {}
        self._pieces: dict[tuple[Key, Key, str], tuple[Piece, ...]] = {}

    def tables_of(self, subnet: Key, vpc: Key) -> tuple[TableCase, ...]:
        """The tables the subnet may be on: its association's, else its VPC's main table."""
        found = self._tables.get((subnet, vpc))
        if found is None:
            found = self._tables[subnet, vpc] = self._tables_of(subnet, vpc)
        return found

    def _tables_of(self, subnet: Key, vpc: Key) -> tuple[TableCase, ...]:
        associations = self._index.associations.to(subnet)
        decided = [one for one in associations if one.subnet and one.subnet.must_be(subnet)]
        if decided:
            which = f"which association of {self._index.name(subnet)} holds"
            doubt = (which,) if len(decided) > 1 else ()
            return _merged(case for one in decided for case in self._cases(one, vpc, doubt))
        cases: list[TableCase] = []
        for one in associations:
            if one.subnet is not None and self._may_be_for(one, vpc):
                cases.extend(self._cases(one, vpc, (one.subnet.missing,)))
        if subnet in self._certainly_associated:
            return _merged(cases)
        doubts = {case_fact for case in cases for case_fact in case.missing}
        unseen = self._unseen_association(subnet)
        if unseen:
            cases.append(TableCase(None, "", (unseen,)))
        cases.extend(
            replace(main, missing=tuple(sorted({*main.missing, *doubts})))
            for main in self._main_cases(vpc)
        )
        return _merged(cases)

    def _cases(self, one: Association, vpc: Key, missing: tuple[str, ...]) -> Iterator[TableCase]:
        edge = one.table
        keys = [key for key in edge.keys if self._may_be_in(key, vpc)] or list(edge.keys)
        if len(keys) == 1 and not edge.open:
            yield TableCase(keys[0], "association", missing)
            return
        doubts = tuple(sorted({*missing, edge.missing}))
        for key in keys:
            yield TableCase(key, "association", doubts)
        if edge.open:
            yield TableCase(None, "association", doubts)

    def _may_be_for(self, one: Association, vpc: Key) -> bool:
        """Whether an association can be for a subnet of a VPC: its table must be there, too."""
        return one.table.open or any(self._may_be_in(key, vpc) for key in one.table.keys)

    def _may_be_in(self, table: Key, vpc: Key) -> bool:
        return self._index.table_may_be_in(table, vpc)

    def _unseen_association(self, subnet: Key) -> str:
        fact = self._index.subnet(subnet)
        if fact is None or fact.outside:
            return f"the route table of {self._index.name(subnet)}, declared outside this stack"
        return self._index.unread("associations", "tables") or self._index.added_to(subnet)

    def _main_cases(self, vpc: Key) -> Iterator[TableCase]:
        known = self._main.get(vpc, [])
        which = f"which table is the main one of {self._index.name(vpc)}"
        for one in known:
            doubt = one.missing or (which if len(known) > 1 else "")
            yield TableCase(one.table, "main", (doubt,) if doubt else ())
        if any(one.for_this_vpc for one in known):
            return
        unread = self._index.unread("main_associations", "tables")
        if unread or self._index.outside_vpc(vpc):
            missing = unread or f"the main route table of {self._index.name(vpc)}"
            yield TableCase(None, "main", (missing,))
        else:
            yield TableCase(f"{vpc}{IMPLIED_MAIN}", "main")

    def look_up(self, table: Key, vpc: Key, destination: Destination) -> tuple[Piece, ...]:
        """The routes that traffic from a VPC to a destination may take by one of its tables."""
        step = (table, vpc, destination.label)
        found = self._pieces.get(step)
        if found is None:
            found = self._pieces[step] = self._look_up(table, vpc, destination)
        return found

    def is_service_route(self, route: Key, destination: Destination) -> bool:
        """Whether a route is one to AWS's own list of the destination's service."""
        fact = self._index.routes_by_key.get(route)
        if fact is None or not isinstance(fact.destination, Ref) or not fact.destination.decided:
            return False
        found = self._index.prefix_lists.get(fact.destination.keys[0])
        return (
            found is not None
            and found.service is not None
            and _is_list_of(found, destination.service, destination.region)
        )

    def unseen(self, table: Key) -> str:
        """The missing fact when a table may hold routes that are not among the facts."""
        if table in self._implied:
            return self._index.unread("routes") or self._index.added_to(table.rpartition("#")[0])
        fact = self._index.table(table)
        if fact is None:
            return f"the routes of {table}, which is not among the facts"
        if fact.missing:
            return fact.missing
        if fact.outside:
            return f"the routes of {fact.name}, which is declared outside this stack"
        return self._index.unread("routes") or self._index.added_to(table)

    def _look_up(self, table: Key, vpc: Key, destination: Destination) -> tuple[Piece, ...]:
        rows = self._entries.get((table, vpc))
        if rows is None:
            rows = self._entries[table, vpc] = tuple(self._rows(table, vpc))
        if destination.vpc is not None and destination.vpc == vpc:
            rows = tuple(row for row in rows if _goes_before_local(row))
            if not rows:
                return self._arriving(vpc, destination)
        local = _local_rows(self._index, vpc, destination)
        listed = self._lists(table, vpc, destination)
        return look_up((*rows, *local, *listed), destination)

    def _arriving(self, vpc: Key, destination: Destination) -> tuple[Piece, ...]:
        """The pieces where nothing goes before the local routes: the same for all tables."""
        step = ("", vpc, destination.label)
        found = self._pieces.get(step)
        if found is None:
            local = _local_rows(self._index, vpc, destination)
            found = self._pieces[step] = look_up(local, destination)
        return found

    def _rows(self, table: Key, vpc: Key) -> Iterator[Entry]:
        """The rows whose match does not depend on the service: prefixes and customers' lists."""
        counted = self._counted(table)
        for route in self._index.routes.to(table):
            if not self._plausible(route, table, vpc):
                continue
            missing = (
                "" if route.table.must_be(table) or route.key in counted else (route.table.missing)
            )
            yield from self._expanded(route, missing)
        unseen = self.unseen(table)
        if unseen:
            target = Target(TargetKind.UNKNOWN, None, unseen)
            yield Entry(table, "a route nobody sees", target, missing=unseen)

    def _counted(self, table: Key) -> frozenset[Key]:
        """Undecided routes of which one is certainly here: as many as tables they can be in.

        A table holds one route a destination, so that n routes to one destination over the same n
        candidate tables leave none of them without.
        """
        groups: dict[tuple[tuple[Key, ...], object], list[Route]] = defaultdict(list)
        for route in self._index.routes.to(table):
            edge = route.table
            if not edge.open and not edge.decided and not isinstance(route.destination, Unknown):
                groups[edge.keys, route.destination].append(route)
        return frozenset(
            route.key
            for (keys, _), routes in groups.items()
            if len(routes) >= len(keys)
            for route in routes
        )

    def _plausible(self, route: Route, table: Key, vpc: Key) -> bool:
        """Whether a route that may be in any table can be in this one: its target must fit."""
        if route.table.must_be(table):
            return True
        home = self._vpc_of_target(route.target)
        return home is None or home.may_be(vpc)

    def _vpc_of_target(self, target: Target) -> Ref | None:
        if target.ref is None or not target.ref.decided:
            return None
        key = target.ref.keys[0]
        index = self._index
        if target.kind is TargetKind.NAT and key in index.nats:
            nat = index.nats[key]
            return nat.vpc if nat.subnet is None else _vpc_of_subnet(index, nat.subnet)
        if target.kind is TargetKind.ENDPOINT and key in index.endpoints:
            return index.endpoints[key].vpc
        if target.kind is TargetKind.INTERFACE and key in index.interfaces:
            return _vpc_of_subnet(index, index.interfaces[key].subnet)
        gateway = index.gateways.get(key)
        return None if gateway is None else gateway.vpc

    def _expanded(self, route: Route, missing: str) -> Iterator[Entry]:
        rank = PROPAGATED if route.origin is Origin.PROPAGATED else STATIC
        place = route.destination
        if isinstance(place, Unknown):
            why = missing or place.missing
            if rank == PROPAGATED:
                # What comes from a network of one's own is its prefixes or a default route; that
                # it also announced AWS's public blocks is not supposed (docs/modelled.md).
                for default in DEFAULTS:
                    text = f"{default} if propagated"
                    yield Entry(route.key, text, route.target, default, rank=rank, missing=why)
                return
            text = "a destination that is not known"
            yield Entry(route.key, text, route.target, rank=rank, missing=why)
        elif isinstance(place, Ref):
            yield from self._listed(route, place, missing)
        else:
            yield Entry(route.key, str(place), route.target, place, rank=rank, missing=missing)

    def _listed(self, route: Route, edge: Ref, missing: str) -> Iterator[Entry]:
        """The entries of a customer's prefix list; AWS's own lists depend on the destination."""
        for key in edge.keys:
            found = self._index.prefix_lists.get(key)
            if found is None or found.service is not None:
                continue
            why = missing or ("" if edge.decided else edge.missing)
            if isinstance(found.entries, Unknown):
                doubt = why or found.entries.missing
                yield Entry(route.key, found.name, route.target, rank=LIST, missing=doubt)
                continue
            for prefix in found.entries:
                text = f"{prefix} in {found.name}"
                yield Entry(route.key, text, route.target, prefix, rank=LIST, missing=why)
        unseen = [key for key in edge.keys if key not in self._index.prefix_lists]
        if (edge.open or unseen) and not self._is_gateway_route(route):
            why = missing or edge.missing or f"the entries of prefix list {unseen[0]}"
            yield Entry(route.key, "a prefix list", route.target, rank=LIST, missing=why)

    def _is_gateway_route(self, route: Route) -> bool:
        """Whether a route over a list nobody sees is the one AWS makes for a gateway endpoint."""
        ref = route.target.ref
        if route.target.kind is not TargetKind.ENDPOINT or ref is None or not ref.decided:
            return False
        endpoint = self._index.endpoints.get(ref.keys[0])
        return endpoint is not None and endpoint.kind is EndpointKind.GATEWAY

    def _lists(self, table: Key, vpc: Key, destination: Destination) -> Iterator[Entry]:
        """AWS's lists for the destination's service, in routes and of gateway endpoints."""
        if not destination.service:
            return
        counted = self._counted(table)
        for route in self._index.routes.to(table):
            place = route.destination
            if isinstance(place, Ref) and self._plausible(route, table, vpc):
                sure = route.table.must_be(table) or route.key in counted
                missing = "" if sure else route.table.missing
                yield from self._service_list(route, place, destination, missing)
        for endpoint in self._index.endpoints_in.to(vpc):
            entry = _gateway_entry(endpoint, table, vpc, destination)
            if entry is not None:
                known = self.entries_of(destination.service, destination.region)
                yield from _with_entries(entry, known)

    def _service_list(
        self, route: Route, edge: Ref, destination: Destination, missing: str
    ) -> Iterator[Entry]:
        for key in edge.keys:
            found = self._index.prefix_lists.get(key)
            why = missing or ("" if edge.decided else edge.missing)
            if found is None:
                if edge.decided and self._is_gateway_route(route):
                    assert route.target.ref is not None
                    endpoint = self._index.endpoints[route.target.ref.keys[0]]
                    fits, doubt = _serves(endpoint, destination)
                    if fits:
                        yield _covering(route.key, key, route.target, why or doubt)
                continue
            if found.service is None or not _is_list_of(
                found, destination.service, destination.region
            ):
                continue
            entry = _covering(route.key, found.name, route.target, why)
            entries = () if isinstance(found.entries, Unknown) else found.entries
            yield from _with_entries(entry, entries)

    def entries_of(self, service: str, region: str | None) -> tuple[Prefix, ...]:
        """The entries of AWS's list for a service, where a source could read them."""
        for found in self._index.prefix_lists.values():
            if (
                found.service is not None
                and not isinstance(found.entries, Unknown)
                and found.entries
                and _is_list_of(found, service, region)
            ):
                return found.entries
        return ()


def _with_entries(entry: Entry, entries: tuple[Prefix, ...]) -> Iterator[Entry]:
    """A list by its entries where they are known, else as one that covers the destination."""
    if not entries:
        yield entry
        return
    for prefix in entries:
        yield replace(entry, prefix=prefix, floor=None)


def _covering(key: Key, text: str, target: Target, missing: str) -> Entry:
    return Entry(key, text, target, floor=_SHORTEST_AWS_ENTRY, rank=LIST, missing=missing)


def _is_list_of(found: PrefixList, service: str, region: str | None) -> bool:
    assert found.service is not None
    named = found.service
    short, where = parse_service_name(named) if "." in named else (named, None)
    return short == service and (where is None or region is None or where == region)


def _serves(endpoint: Endpoint, destination: Destination) -> tuple[bool, str]:
    """Whether an endpoint is for the destination's service and region, and what is missing."""
    if isinstance(endpoint.service_name, Unknown):
        return True, endpoint.service_name.missing
    short, region = parse_service_name(endpoint.service_name)
    if short != destination.service:
        return False, ""
    if region is not None and destination.region is not None and region != destination.region:
        return False, ""
    return True, ""


def _gateway_entry(
    endpoint: Endpoint, table: Key, vpc: Key, destination: Destination
) -> Entry | None:
    """The route a gateway endpoint puts into a table, if it is or may be on it."""
    fits, doubt = _serves(endpoint, destination)
    on_table = endpoint.route_tables
    if not fits or not on_table.may_have(table) or not usable(endpoint.state):
        return None
    doubts = [doubt]
    if isinstance(endpoint.kind, Unknown):
        doubts.append(endpoint.kind.missing)
    elif endpoint.kind is not EndpointKind.GATEWAY:
        return None
    if not on_table.must_have(table):
        doubts.append(on_table.missing)
    if not endpoint.vpc.must_be(vpc):
        if not endpoint.vpc.may_be(vpc):
            return None
        if not on_table.must_have(table):
            doubts.append(endpoint.vpc.missing)
    carries = _carries(endpoint.ip_address_type, destination.version)
    if carries is False:
        return None
    if isinstance(carries, Unknown):
        doubts.append(carries.missing)
    if isinstance(endpoint.state, Unknown):
        doubts.append(endpoint.state.missing)
    missing = next((fact for fact in doubts if fact), "")
    text = f"the prefix list of {destination.service}"
    return _covering(endpoint.key, text, Target(TargetKind.ENDPOINT, Ref.to(endpoint.key)), missing)


def _carries(ip_address_type: Maybe[str], version: int) -> Maybe[bool]:
    """Whether a gateway endpoint carries this IP version; an IPv4 one leaves IPv6 alone."""
    if isinstance(ip_address_type, Unknown):
        return ip_address_type
    if version == IPV4:
        return ip_address_type != "ipv6"
    return ip_address_type in ("ipv6", "dualstack")


def usable(state: Maybe[str]) -> bool:
    """Whether something in this state can carry traffic, now or once it is ready."""
    return isinstance(state, Unknown) or state.lower() in ("available", "pending", "active")


def _goes_before_local(row: Entry) -> bool:
    """Whether a row can take traffic within the VPC: to a middlebox, by a prefix inside it."""
    inside = row.prefix is None or row.length > _SHORTEST_VPC_RANGE
    return inside and row.target.kind in _MIDDLEBOXES


def _local_rows(index: Index, vpc: Key, destination: Destination) -> tuple[Entry, ...]:
    """The local routes of a table's VPC, which only traffic to private addresses can match."""
    if destination.endpoint is None and destination.vpc is None:
        return ()
    target = Target(TargetKind.LOCAL)
    fact = index.vpcs.get(vpc)
    here = destination.vpc == vpc
    if fact is None or isinstance(fact.cidrs, Unknown):
        missing = "" if here else f"the address ranges of {index.name(vpc)}"
        return (Entry(vpc, "local", target, floor=_SHORTEST_VPC_RANGE, missing=missing),)
    known = tuple(
        Entry(vpc, f"local {cidr}", target, cidr)
        for cidr in fact.cidrs
        if cidr.version == destination.version
    )
    if here and not known:
        return (Entry(vpc, "local", target, floor=_SHORTEST_VPC_RANGE),)
    return known


def _vpc_of_subnet(index: Index, edge: Ref) -> Ref | None:
    if not edge.decided:
        return None
    subnet = index.subnet(edge.keys[0])
    return None if subnet is None else subnet.vpc


def _merged(cases: Iterable[TableCase]) -> tuple[TableCase, ...]:
    """One case a table: the one that supposes least."""
    best: dict[tuple[Key | None, str], TableCase] = {}
    for case in cases:
        step = (case.table, case.how)
        if step not in best or len(case.missing) < len(best[step].missing):
            best[step] = case
    return tuple(best[step] for step in sorted(best, key=lambda step: (step[0] or "", step[1])))


@dataclass(frozen=True, slots=True)
class _Main:
    """A table that may be a VPC's main one; `for_this_vpc`: one of its candidates certainly is."""

    table: Key | None
    missing: str
    for_this_vpc: bool


def _main_tables(index: Index) -> dict[Key, list[_Main]]:
    """The tables that may be each VPC's main table."""
    found: dict[Key, list[_Main]] = defaultdict(list)
    for one in index.network.main_associations:
        if one.key in index.gone:
            continue
        sure = one.vpc.decided
        for vpc in index.vpcs if one.vpc.open else one.vpc.keys:
            keys = [key for key in one.table.keys if index.table_may_be_in(key, vpc)] or list(
                one.table.keys
            )
            alone = len(keys) == 1 and not one.table.open
            why = one.vpc.missing or ("" if alone else one.table.missing)
            found[vpc].extend(_Main(key, why, sure) for key in keys)
            if one.table.open:
                found[vpc].append(_Main(None, why, sure))
    return found


def _certainly_associated(index: Index) -> frozenset[Key]:
    """Subnets that have an association although no single one is decided to be theirs.

    A subnet has at most one association, so that n associations over the same n candidate subnets
    leave none of them on the main table. Subnets whose association is decided are no candidates.
    """
    decided: set[Key] = set()
    undecided: list[frozenset[Key]] = []
    for one in index.network.associations:
        if one.subnet is None or one.key in index.gone or one.subnet.open:
            continue
        if one.subnet.decided:
            decided.update(one.subnet.keys)
        else:
            undecided.append(frozenset(one.subnet.keys))
    found: set[Key] = set()
    while undecided:
        counts: dict[frozenset[Key], int] = defaultdict(int)
        for keys in undecided:
            counts[keys - decided - found] += 1
        full = {key for keys, count in counts.items() if count >= len(keys) for key in keys}
        if not full:
            break
        found |= full
        undecided = [keys for keys in undecided if not keys <= found | decided]
    return frozenset(found)
