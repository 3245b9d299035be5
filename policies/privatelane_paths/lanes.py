"""The lanes of a network: for every subnet and service, the way its traffic takes.

A lane is found in three steps, in this order: what the service's name resolves to in the subnet's
VPC, where the subnet's routes send those addresses, and what lets them through at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address, ip_network

from privatelane_paths.arrival import Client
from privatelane_paths.dns import NOBODY_KNOWS, Answer, Answered, Names, why_not
from privatelane_paths.facts import Endpoint, EndpointKind, Network, Prefix, Subnet
from privatelane_paths.filters import Packets
from privatelane_paths.index import Index
from privatelane_paths.known import Key, Maybe, Refs, Unknown
from privatelane_paths.lookup import Destination
from privatelane_paths.options import Options
from privatelane_paths.routing import IMPLIED_MAIN
from privatelane_paths.services import (
    Flow,
    Service,
    endpoint_service_name,
    flow,
    known_region,
    parse_service_name,
)
from privatelane_paths.space import IPV4, IPV6, NAT64, AddressSet, public
from privatelane_paths.verdicts import (
    Hop,
    Lane,
    LaneKind,
    Outcome,
    Outcomes,
    Rejected,
    Verdict,
    branch,
    settle,
    through,
    unknown,
)
from privatelane_paths.walk import Walk
from privatelane_paths.ways import Place

__all__ = ["Judge", "judge"]

#: Where private addresses can be, when nothing else is known of them (RFC 1918, RFC 6598).
_PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"))
)
_UNIQUE_LOCAL = (ip_network("fc00::/7"),)
_ENDPOINTS = frozenset({LaneKind.GATEWAY_ENDPOINT, LaneKind.INTERFACE_ENDPOINT})


def judge(
    network: Network, services: Sequence[str] | None = None, options: Options | None = None
) -> tuple[Lane, ...]:
    """The lanes of every subnet to each service, sorted by subnet and service.

    `services` are names such as `ecr.api`, `ecr.layers` or `logs`; without them the options' are
    judged. Raises ValueError for a name that no service can have.
    """
    chosen = options or Options()
    bench = Judge(network, chosen)
    wanted = sorted(set(chosen.services if services is None else services))
    return tuple(
        bench.lane(subnet, service) for subnet in sorted(bench.index.subnets) for service in wanted
    )


class Judge:
    """Judges one network; what several subnets share is computed once."""

    def __init__(self, network: Network, options: Options | None = None) -> None:
        self.options = options or Options()
        self.index = Index(network)
        self.walk = Walk(self.index, self.options)
        self.names = Names(self.index)
        self._public: dict[tuple[str, str | None, int], Destination] = {}
        self._private: dict[tuple[Key, Key | None, int], Destination] = {}

    def lane(self, subnet: Key, service: str) -> Lane:
        """The lane of a subnet to a service of its own region."""
        fact = self.index.subnets[subnet]
        wanted = [flow(service, known_region(self.index.region_of(vpc))) for vpc in fact.vpc.keys]
        missing = () if fact.vpc.decided else (fact.vpc.missing,)
        cases = [
            (self.outcomes(fact, vpc, one), missing)
            for vpc, one in zip(fact.vpc.keys, wanted, strict=True)
        ]
        if fact.vpc.open:
            cases.append((unknown(fact.vpc.missing), missing))
        return self.lane_of(fact, service, (*wanted, flow(service, None))[0], branch(cases))

    def lane_of(self, subnet: Subnet, service: str, wanted: Flow, outcomes: Outcomes) -> Lane:
        """The lane that possible outcomes amount to, what it is not, and what would mend it."""
        end = settle(outcomes)
        used = {hop.key for hop in end.hops}
        rejected: tuple[Rejected, ...] = ()
        fix = end.fix
        if end.kind not in _ENDPOINTS:
            rejected = tuple(self._rejected(subnet, wanted, used))
            fix = fix or tuple(self._fix(subnet, wanted, end))
        hop = Hop(subnet.key, "subnet", f"subnet {subnet.name}")
        return Lane(
            subnet.key, service, end.kind, (hop, *end.hops), end.reason, end.missing, rejected, fix
        )

    def outcomes(
        self, subnet: Subnet, vpc: Key, wanted: Flow, groups: Refs | None = None
    ) -> Outcomes:
        """The possible outcomes for traffic of a flow from a subnet in a VPC.

        `groups` are the security groups of what sends; without them, anything in the subnet may.
        """
        if _speaks_both(subnet, wanted.service):
            ways = [self._spoken(subnet, vpc, wanted, one, groups) for one in (IPV6, IPV4)]
            open_ways = [way for way in ways if any(one.kind is not LaneKind.NONE for one in way)]
            if len(open_ways) != len(ways):
                # Clients try both addresses; one without a route only costs them a moment.
                return (open_ways or ways)[0]
            doubt = (f"which IP version what is in subnet {subnet.name} prefers",)
            return branch((way, doubt) for way in ways)
        return branch(
            (self._spoken(subnet, vpc, wanted, version, groups), missing)
            for version, missing in _versions(subnet)
        )

    def _spoken(
        self, subnet: Subnet, vpc: Key, wanted: Flow, version: int, groups: Refs | None
    ) -> Outcomes:
        """The possible outcomes in one IP version."""
        client = self._client(subnet, vpc, wanted, version, groups)
        place = Place(subnet.key, vpc, client, vpc)
        return branch(
            (self._answered(answer, subnet, place, wanted, version), answer.missing)
            for answer in self.names.resolve(vpc, wanted)
        )

    def _client(
        self, subnet: Subnet, vpc: Key, wanted: Flow, version: int, groups: Refs | None
    ) -> Client:
        space = None if isinstance(subnet.cidrs, Unknown) else AddressSet.of(subnet.cidrs, version)
        packets = Packets(f"subnet {subnet.name}", space, groups)
        return Client(subnet.key, vpc, packets, wanted.service.name, wanted.region)

    def _answered(
        self, answer: Answer, subnet: Subnet, place: Place, wanted: Flow, version: int
    ) -> Outcomes:
        """The outcomes of one answer of DNS."""
        hop = Hop(answer.endpoint or "", "dns", f"{wanted.host} ({answer.how})")
        if answer.kind is Answered.PUBLIC:
            return self._to_public(subnet, place, wanted, version)
        if answer.kind is Answered.NOTHING:
            reason = f"{wanted.host} does not resolve: {answer.how}"
            return (Outcome(LaneKind.BROKEN, reason, (hop,)),)
        if answer.kind is Answered.UNKNOWN:
            missing = answer.missing[0] if answer.missing else f"what {answer.how} answers"
            return unknown(missing)
        if answer.kind is Answered.UNSEEN:
            reason = f"{wanted.host} may resolve to an endpoint nobody sees"
            private: Outcomes = (Outcome(LaneKind.INTERFACE_ENDPOINT, reason, (hop,)),)
        else:
            private = through(self._to_endpoint(answer, subnet, place, wanted, version), hop)
        if wanted.service.name == "ecr.layers" and self.options.s3_interface_for_ecr == "deny":
            # It works by DNS, but the ECR guide wants the gateway; both ways stay possible.
            doubt = "whether ECR's layers come through an S3 interface endpoint, which AWS's ECR "
            doubt += "guide excludes"
            other = self._to_public(subnet, place, wanted, version)
            if any(one.kind.verdict is not Verdict.PROVED for one in other):
                return branch(((private, (doubt,)), (other, (doubt,))))
        return private

    def _to_public(self, subnet: Subnet, place: Place, wanted: Flow, version: int) -> Outcomes:
        """The outcomes for the service's public addresses."""
        if version == IPV6 and not wanted.service.dual_stack:
            return self._by_nat64(subnet, place, wanted)
        return self._outward(place, self._public_destination(wanted, version))

    def _outward(self, place: Place, destination: Destination) -> Outcomes:
        found = self.walk.leave(place, destination)
        return self.walk.arrival.leaving(found, destination, place.client)

    def _by_nat64(self, subnet: Subnet, place: Place, wanted: Flow) -> Outcomes:
        """The outcomes where only IPv6 is spoken and the name has only IPv4 addresses."""
        reason = f"{wanted.host} has IPv4 addresses only, and DNS64 is off in subnet {subnet.name}"
        broken = Outcome(LaneKind.BROKEN, reason)
        if subnet.dns64 is False:
            return (broken,)
        destination = Destination(
            f"nat64:{wanted.label}",
            f"the addresses of {wanted.service.title} in {NAT64}",
            AddressSet.of([NAT64], IPV6),
            nat64=True,
        )
        found = self._outward(place, destination)
        if isinstance(subnet.dns64, Unknown):
            doubt = (subnet.dns64.missing,)
            return branch(((found, doubt), ((broken,), doubt)))
        return found

    def _to_endpoint(
        self, answer: Answer, subnet: Subnet, place: Place, wanted: Flow, version: int
    ) -> Outcomes:
        """The outcomes for an interface endpoint's addresses."""
        assert answer.endpoint is not None
        fact = self.index.endpoints.get(answer.endpoint)
        if fact is not None and fact.subnets.decided and not fact.subnets.certain:
            reason = f"endpoint {fact.name} stands in no subnet, so that it has no address"
            return (Outcome(LaneKind.BROKEN, reason),)
        speaks = True if fact is None else _speaks(fact.ip_address_type, version)
        cases: list[tuple[Outcomes, tuple[str, ...]]] = []
        doubt = (speaks.missing,) if isinstance(speaks, Unknown) else ()
        if speaks is not False:
            homes, unsure = self._homes(answer, fact)
            outcomes = branch(
                (self._outward(place, self._endpoint_at(answer.endpoint, home, version)), unsure)
                for home in homes
            )
            cases.append((outcomes, doubt))
        if speaks is not True and version == IPV6:
            cases.append((self._by_nat64(subnet, place, wanted), doubt))
        elif speaks is not True:
            reason = f"endpoint {self.index.name(answer.endpoint)} has IPv6 addresses only"
            cases.append(((Outcome(LaneKind.BROKEN, reason),), doubt))
        return branch(cases)

    def _public_destination(self, wanted: Flow, version: int) -> Destination:
        one = wanted.service
        step = (one.endpoint or one.name, wanted.region, version)
        found = self._public.get(step)
        if found is None:
            where = f" in {wanted.region}" if wanted.region else ""
            name = one.endpoint or one.name
            entries = (
                self.walk.router.entries_of(one.endpoint, wanted.region) if one.gateway else ()
            )
            space = AddressSet.of(entries, version)
            found = self._public[step] = Destination(
                f"public:{name}@{wanted.region}/{version}",
                f"the public addresses of {name}{where}",
                space or public(version),
                whole=bool(space),
                service=one.endpoint,
                region=wanted.region,
                spread=bool(one.endpoint),
            )
        return found

    def _homes(
        self, answer: Answer, fact: Endpoint | None
    ) -> tuple[tuple[Key | None, ...], tuple[str, ...]]:
        """The VPCs that an endpoint may stand in, and what would decide between them."""
        if answer.home is not None:
            return (answer.home,), ()
        if fact is None:
            return (None,), ()
        edges = [fact.vpc]
        for member in sorted(fact.subnets.certain):
            subnet = self.index.subnet(member)
            edges.extend([subnet.vpc] if subnet is not None else [])
        for edge in edges:
            if edge.decided:
                return edge.keys, ()
        return (*fact.vpc.keys, *([None] if fact.vpc.open else [])), (fact.vpc.missing,)

    def _endpoint_at(self, key: Key, home: Key | None, version: int) -> Destination:
        step = (key, home, version)
        found = self._private.get(step)
        if found is None:
            fact = self.index.endpoints.get(key)
            found = self._private[step] = Destination(
                f"private:{key}@{home}/{version}",
                "an address nobody knows"
                if key == NOBODY_KNOWS
                else f"the addresses of endpoint {self.index.name(key)}",
                self._addresses(key, fact, home, version),
                endpoint=key,
                vpc=home,
            )
        return found

    def _addresses(
        self, key: Key, fact: Endpoint | None, home: Key | None, version: int
    ) -> AddressSet:
        """Where an endpoint's interfaces can have their addresses."""
        prefixes: list[Prefix] = []
        if fact is None:
            try:
                return AddressSet.of([ip_network(ip_address(key))], version)
            except ValueError:
                return _anywhere(version)
        members = fact.subnets.certain | fact.subnets.possible
        for member in members:
            subnet = self.index.subnet(member)
            if subnet is None or isinstance(subnet.cidrs, Unknown):
                break
            prefixes.extend(subnet.cidrs)
        else:
            if members and not fact.subnets.open:
                return AddressSet.of(prefixes, version) or _anywhere(version)
        vpc = self.index.vpc(home) if home is not None else None
        if vpc is not None and not isinstance(vpc.cidrs, Unknown):
            return AddressSet.of(vpc.cidrs, version) or _anywhere(version)
        return _anywhere(version)

    def _candidates(self, subnet: Subnet, wanted: Flow) -> Iterator[Endpoint]:
        """Endpoints for the service in the subnet's VPC, used or not."""
        for vpc in subnet.vpc.keys:
            for endpoint in self.index.endpoints_in.to(vpc):
                name = endpoint.service_name
                if (
                    isinstance(name, Unknown)
                    or parse_service_name(name)[0] == wanted.service.endpoint
                ):
                    yield endpoint

    def _rejected(self, subnet: Subnet, wanted: Flow, used: set[Key]) -> Iterator[Rejected]:
        """Why each candidate endpoint is not what the lane takes."""
        for endpoint in sorted(self._candidates(subnet, wanted), key=lambda one: one.key):
            if endpoint.key not in used:
                why = self._why_rejected(endpoint, subnet, wanted)
                yield Rejected(endpoint.key, endpoint.name, why)

    def _why_rejected(self, endpoint: Endpoint, subnet: Subnet, wanted: Flow) -> str:
        if isinstance(endpoint.kind, Unknown):
            return f"it cannot be told without {endpoint.kind.missing}"
        if isinstance(endpoint.service_name, Unknown):
            return f"it cannot be told without {endpoint.service_name.missing}"
        if endpoint.kind is EndpointKind.GATEWAY:
            return self._why_no_gateway(endpoint, subnet, wanted)
        if endpoint.kind is not EndpointKind.INTERFACE:
            return f"it is a {endpoint.kind.value} endpoint"
        if wanted.zone is None:
            return f"{wanted.service.title} has no private DNS: clients must be given its own name"
        vpc = self.index.vpc(subnet.vpc.keys[0]) if subnet.vpc.keys else None
        why = why_not(endpoint, vpc, wanted.region)
        if isinstance(why, Unknown):
            return f"it cannot be told without {why.missing}"
        return why or "clients do not ask, or may not ask, the VPC's resolver for its name"

    def _why_no_gateway(self, endpoint: Endpoint, subnet: Subnet, wanted: Flow) -> str:
        assert isinstance(endpoint.service_name, str)
        region = parse_service_name(endpoint.service_name)[1]
        if region and wanted.region and region != wanted.region:
            return f"it is for {region}, not for {wanted.region}"
        tables = self._tables(subnet)
        edges = endpoint.route_tables
        if not edges.decided and any(edges.may_have(table) for table in tables):
            return f"it cannot be told without {edges.missing}"
        if not edges.certain and edges.decided:
            return "it is on no route table"
        on = ", ".join(sorted(self.index.name(key) for key in edges.certain))
        mine = ", ".join(sorted(map(self._table_name, tables))) or "this subnet's"
        if any(edges.must_have(table) for table in tables):
            return "other routes may take the traffic before its own"
        return f"it is on {on or 'other route tables'}, not on {mine}"

    def _table_name(self, table: Key) -> str:
        """A table in words; the main table that AWS makes has no name."""
        vpc, implied, _ = table.partition(IMPLIED_MAIN)
        return f"the main table of {self.index.name(vpc)}" if implied else self.index.name(table)

    def _where_to_put(self, tables: Iterable[Key], subnet: Subnet) -> str:
        """The tables that an endpoint must be put on, in words."""
        named = [
            self._table_name(one) if IMPLIED_MAIN in one else f"route table {self.index.name(one)}"
            for one in tables
        ]
        return " and ".join(sorted(named)) or f"the route table of subnet {subnet.name}"

    def _tables(self, subnet: Subnet) -> list[Key]:
        return [
            case.table
            for vpc in subnet.vpc.keys
            for case in self.walk.router.tables_of(subnet.key, vpc)
            if case.table is not None
        ]

    def _fix(self, subnet: Subnet, wanted: Flow, end: Outcome) -> Iterator[str]:
        """The smallest change after which the service is reached privately."""
        if end.kind is LaneKind.INTERNET_GATEWAY:
            return
        if not wanted.service.endpoint:
            yield f"copy the image from {wanted.host} to a private ECR repository of the region"
            return
        candidates = [
            one for one in self._candidates(subnet, wanted) if isinstance(one.service_name, str)
        ]
        gateways = [one for one in candidates if one.kind is EndpointKind.GATEWAY]
        if wanted.service.gateway:
            tables = self._tables(subnet)
            where = self._where_to_put(tables, subnet)
            surely = [one for one in gateways if all(map(one.route_tables.must_have, tables))]
            if surely and tables:
                name = surely[0].name
                yield f"remove the routes that may take its traffic before gateway endpoint {name}"
            elif gateways:
                yield f"put gateway endpoint {gateways[0].name} on {where}"
            else:
                name = endpoint_service_name(wanted.service.endpoint, wanted.region)
                yield f"create a gateway endpoint for {name} on {where}"
            return
        vpc = self.index.name(subnet.vpc.keys[0]) if subnet.vpc.keys else "the VPC"
        for one in candidates:
            if one.kind is EndpointKind.INTERFACE:
                yield self._mend(one, subnet, wanted, vpc)
                return
        name = endpoint_service_name(wanted.service.endpoint, wanted.region)
        yield f"create an interface endpoint for {name} in {vpc} with private DNS on"

    def _mend(self, endpoint: Endpoint, subnet: Subnet, wanted: Flow, vpc: str) -> str:
        why = why_not(
            endpoint,
            self.index.vpc(subnet.vpc.keys[0]) if subnet.vpc.keys else None,
            wanted.region,
        )
        if why == "its private DNS is off":
            return f"turn on private DNS on interface endpoint {endpoint.name}"
        if isinstance(why, str) and why.startswith("DNS "):
            return f"turn on DNS support and DNS hostnames in {vpc}"
        if why == "it stands in no subnet":
            return f"put interface endpoint {endpoint.name} into a subnet of each zone"
        if isinstance(why, Unknown):
            return f"make {why.missing} known, for interface endpoint {endpoint.name}"
        return f"let interface endpoint {endpoint.name} answer for {wanted.host} in {vpc}"


def _speaks(ip_address_type: Maybe[str], version: int) -> Maybe[bool]:
    """Whether an interface endpoint has addresses of a version."""
    if isinstance(ip_address_type, Unknown):
        return ip_address_type
    return ip_address_type in ("dualstack", f"ipv{version}")


def _anywhere(version: int) -> AddressSet:
    return AddressSet.of(_PRIVATE if version == IPV4 else _UNIQUE_LOCAL, version)


def _spoken_in(subnet: Subnet) -> frozenset[int]:
    if isinstance(subnet.cidrs, Unknown):
        return frozenset()
    return frozenset(cidr.version for cidr in subnet.cidrs)


def _speaks_both(subnet: Subnet, service: Service) -> bool:
    """Whether a service has addresses of both IP versions and a subnet speaks both."""
    return service.dual_stack and _spoken_in(subnet) == {IPV4, IPV6}


def _versions(subnet: Subnet) -> list[tuple[int, tuple[str, ...]]]:
    """The IP versions that what is in a subnet may speak to IPv4-only names."""
    spoken = _spoken_in(subnet)
    if IPV4 in spoken:
        return [(IPV4, ())]
    if subnet.ipv6_only is True or IPV6 in spoken:
        return [(IPV6, ())]
    if isinstance(subnet.ipv6_only, Unknown):
        doubt = (subnet.ipv6_only.missing,)
        return [(IPV4, doubt), (IPV6, doubt)]
    return [(IPV4, ())]
