"""One packet walked through one concrete network, by AWS's rules and nothing of the prover's.

Everything is known here: ids, addresses, the ranges of S3, and what nobody documents (`World`). The
packet has a source and a destination address; it is handed from hop to hop until something takes
it, drops it, or a NAT rewrites it. Nothing is shared with the code under test but the facts.

Sources: the VPC guide ("Route priority", "NAT gateways", "Network ACLs", "Security groups", "VPC
Block Public Access"), the PrivateLink guide ("Gateway endpoints", private DNS names), the transit
gateway guide ("How transit gateways work"), the Route 53 guide ("Resolver rules").
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from privatelane_paths.facts import (
    AttachmentKind,
    Direction,
    EndpointKind,
    Network,
    Origin,
    TargetKind,
)
from privatelane_paths.known import Key, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.facts import Attachment, Endpoint, NetworkAcl, Prefix, Subnet, Target

__all__ = ["ADDRESSES", "S3_RANGES", "World", "walk"]

Address = IPv4Address | IPv6Address

#: Ranges of S3 in the region, as its prefix list would have them.
S3_RANGES = tuple(map(ip_network, ("3.5.0.0/19", "16.15.176.0/20", "52.216.0.0/15")))
#: Where the services answer in public.
ADDRESSES: dict[str, tuple[Address, ...]] = {
    "ecr.api": (ip_address("44.213.79.10"), ip_address("98.82.157.200")),
    "ecr.dkr": (ip_address("3.225.110.4"), ip_address("52.46.128.16")),
    "ecr.layers": (*(one[5] for one in S3_RANGES), ip_address("52.217.4.4")),
    "s3": (*(one[9] for one in S3_RANGES), ip_address("52.217.80.1")),
}
_ENDPOINT = {"ecr.layers": "s3"}
_HIDDEN_ZONE = {
    "ecr.api": "api.ecr.us-east-1.amazonaws.com",
    "ecr.dkr": "dkr.ecr.us-east-1.amazonaws.com",
    "s3": "s3.us-east-1.amazonaws.com",
}
_NAME = {
    "ecr.api": "api.ecr.us-east-1.amazonaws.com",
    "ecr.dkr": "111122223333.dkr.ecr.us-east-1.amazonaws.com",
    "ecr.layers": "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com",
    "s3": "bucket.s3.us-east-1.amazonaws.com",
}
_TTL = 40
_CLIENT_PORT = 40000


@dataclass(frozen=True)
class World:
    """What AWS or the network's owner decides and no fact shows.

    `private_servers_ask_aws`: DNS servers of one's own forward to the VPC's resolver.
    `rules_before_hidden_zones`: a less specific forwarding rule wins over an endpoint's zone.
    `first_list`: of overlapping prefix lists AWS takes the first or the last.
    `interface`: which of an endpoint's interfaces DNS hands out.
    """

    private_servers_ask_aws: bool = False
    rules_before_hidden_zones: bool = False
    first_list: bool = True
    interface: int = 0


class _End(Exception):  # noqa: N818
    """The packet's way has ended, as this kind of lane."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def walk(network: Network, subnet: Key, service: str, address: Address, world: World) -> str:
    """The kind of lane that a packet takes to a service, whose public address is `address`."""
    walker = _Walker(network, subnet, service, address, world)
    try:
        walker.send()
    except _End as end:
        return end.kind
    raise AssertionError("a packet neither arrived nor was dropped")


class _Walker:
    def __init__(
        self, network: Network, subnet: Key, service: str, address: Address, world: World
    ) -> None:
        self.network = network
        self.service = service
        self.public = address
        self.world = world
        self.subnets = {one.key: one for one in network.subnets}
        self.vpcs = {one.key: one for one in network.vpcs}
        self.tables = {one.key: one for one in network.tables}
        self.endpoints = {one.key: one for one in network.endpoints}
        self.home = self.subnets[subnet]
        self.home_vpc = only(self.home.vpc)
        self.only_ipv6 = bool(self.home.ipv6_only)
        self.source = host_of(self.home, 100)
        self.through_nat = False
        #: Whose address the packet has as its source: an instance on the way may put in its own.
        self.sender_vpc = self.home_vpc
        self.left = _TTL

    def send(self) -> None:
        """Look the name up, then follow the packet."""
        found = self.resolve()
        if found is None:
            raise _End("broken")
        destination, endpoint = found
        if isinstance(destination, IPv4Address) and self.only_ipv6:
            if not self.home.dns64:
                raise _End("broken")
            # DNS64 puts the IPv4 address behind the well-known prefix; only a NAT64 reads it.
            destination = ip_address(int(ip_address("64:ff9b::")) | int(destination))
            endpoint = None
        self.outbound_acl(destination, endpoint)
        self.forward(self.home.key, self.home_vpc, destination, endpoint)

    # Names

    def resolve(self) -> tuple[Address, Endpoint | None] | None:
        """The address that the client connects to, and the endpoint whose interface has it."""
        vpc = self.vpcs[self.home_vpc]
        servers = vpc.dns_servers
        assert servers is None or isinstance(servers, tuple)
        public: tuple[Address, Endpoint | None] = (self.public, None)
        own = servers is not None and "AmazonProvidedDNS" not in servers
        if (own and not self.world.private_servers_ask_aws) or not vpc.dns_support:
            return public
        name = _NAME[self.service]
        rule = self.best_rule(name)
        zone = self.best_zone(name)
        hidden = self.hidden_zone()
        depths = {
            "rule": -1 if rule is None else depth(rule),
            "zone": -1 if zone is None else depth(zone[1]),
            "hidden": -1 if hidden is None else depth(_HIDDEN_ZONE[self.kind_of_service()]),
        }
        if hidden is not None and depths["hidden"] >= depths["zone"]:
            if rule is None or depths["rule"] < depths["hidden"]:
                if rule is not None and self.world.rules_before_hidden_zones:
                    return public
                return self.interface_of(hidden)
            return public
        if zone is not None and depths["zone"] > depths["rule"]:
            return self.answer_in(zone[0], name)
        return public

    def kind_of_service(self) -> str:
        return _ENDPOINT.get(self.service, self.service)

    def best_rule(self, name: str) -> str | None:
        """The domain of the most specific rule, if that one forwards."""
        fitting = [
            one
            for one in self.network.resolver_rules
            if self.home_vpc in one.vpcs.certain and below(name, str(one.domain))
        ]
        if not fitting:
            return None
        best = max(fitting, key=lambda one: depth(str(one.domain)))
        return str(best.domain) if best.forward else None

    def best_zone(self, name: str) -> tuple[Key, str] | None:
        fitting = [
            (one.key, str(one.domain))
            for one in self.network.hosted_zones
            if self.home_vpc in one.vpcs.certain and below(name, str(one.domain))
        ]
        return max(fitting, key=lambda one: depth(one[1])) if fitting else None

    def answer_in(self, zone: Key, name: str) -> tuple[Address, Endpoint | None] | None:
        """An exact record, else the most specific wildcard; nothing else is ever asked."""
        records = [one for one in self.network.zone_records if only(one.zone) == zone]
        exact = [one for one in records if one.name == name]
        wild = [
            one
            for one in records
            if str(one.name).startswith("*.") and strictly_below(name, str(one.name)[2:])
        ]
        wild.sort(key=lambda one: -len(str(one.name)))
        for record in (*exact, *wild):
            assert record.endpoint is not None
            return self.interface_of(self.endpoints[only(record.endpoint)])
        return None

    def hidden_zone(self) -> Endpoint | None:
        """The endpoint whose private DNS answers for the service in this VPC."""
        vpc = self.vpcs[self.home_vpc]
        for one in self.network.endpoints:
            if (
                only(one.vpc) == self.home_vpc
                and one.kind is EndpointKind.INTERFACE
                and one.service_name == f"com.amazonaws.us-east-1.{self.kind_of_service()}"
                and one.service_region in (None, "us-east-1")
                and one.private_dns
                and not one.inbound_only
                and one.state in ("available", "pending")
                and one.subnets.certain
                and vpc.dns_support
                and vpc.dns_hostnames
            ):
                return one
        return None

    def interface_of(self, endpoint: Endpoint) -> tuple[Address, Endpoint | None] | None:
        """The address of one of the endpoint's interfaces, in a version the client speaks."""
        places = sorted(endpoint.subnets.certain)
        if not places:
            return None
        place = self.subnets[places[self.world.interface % len(places)]]
        offset = 200 + sorted(self.endpoints).index(endpoint.key)
        kinds = {"ipv4": (4,), "ipv6": (6,), "dualstack": (4, 6)}[str(endpoint.ip_address_type)]
        wanted = 6 if self.only_ipv6 and 6 in kinds else kinds[0]
        if wanted == 6 and not self.only_ipv6:
            return None
        return host_of(place, offset, wanted), endpoint

    # Routes

    def forward(
        self, subnet: Key, vpc: Key, destination: Address, endpoint: Endpoint | None
    ) -> None:
        """Hand the packet on from a subnet by its route table."""
        self.left -= 1
        if self.left < 0:
            raise _End("broken")
        if endpoint is not None and only(endpoint.vpc) == vpc:
            override = self.inside_route(subnet, vpc, destination)
            if override is None:
                self.arrive(endpoint, vpc, destination)
            else:
                self.take(override, subnet, vpc, destination, endpoint)
            return
        target = self.best_route(subnet, vpc, destination)
        if target is None:
            raise _End("none" if vpc == self.home_vpc else "broken")
        if target == "local":
            raise _End("broken")
        self.take(target, subnet, vpc, destination, endpoint)

    def table_of(self, subnet: Key, vpc: Key) -> Key | None:
        for one in self.network.associations:
            if one.subnet is not None and only(one.subnet) == subnet:
                return only(one.table)
        for main in self.network.main_associations:
            if only(main.vpc) == vpc:
                return only(main.table)
        return None

    def rows(self, table: Key | None, vpc: Key) -> Iterator[tuple[int, int, str, Target]]:
        """Prefix length, precedence, the prefix in words and the target of each matching row."""
        for route in self.network.routes:
            if only(route.table) != table:
                continue
            rank = 2 if route.origin is Origin.PROPAGATED else 0
            if isinstance(route.destination, Ref):
                for entry in self.entries(only_of(route)):
                    yield entry.prefixlen, 1, str(entry), route.target
            else:
                place = route.destination
                yield place.prefixlen, rank, str(place), route.target  # type: ignore[union-attr]
        for one in self.network.endpoints:
            if (
                one.kind is EndpointKind.GATEWAY
                and one.service_name == "com.amazonaws.us-east-1.s3"
                and table in one.route_tables.certain
                and only(one.vpc) == vpc
                and one.state == "available"
            ):
                for entry in S3_RANGES:
                    yield entry.prefixlen, 1, str(entry), gateway(one.key)

    def entries(self, key: Key) -> tuple[Prefix, ...]:
        """The entries of a prefix list; one that the facts do not show is AWS's own of S3."""
        for one in self.network.prefix_lists:
            if one.key == key:
                assert isinstance(one.entries, tuple)
                return one.entries
        return S3_RANGES

    def best_route(self, subnet: Key, vpc: Key, destination: Address) -> Target | str | None:
        """Longest prefix, then static, list, propagated; a winning list may be any of the lists."""
        ranges = self.vpcs[vpc].cidrs
        assert isinstance(ranges, tuple)
        if any(destination in cidr for cidr in ranges):
            return "local"
        fitting = [
            row
            for row in self.rows(self.table_of(subnet, vpc), vpc)
            if destination in ip_network(row[2])
        ]
        if not fitting:
            return None
        fitting.sort(key=lambda row: (-row[0], row[1], row[2]))
        best = fitting[0]
        if best[1] == 1:
            lists = [row for row in fitting if row[1] == 1]
            best = lists[0] if self.world.first_list else lists[-1]
        return best[3]

    def inside_route(self, subnet: Key, vpc: Key, destination: Address) -> Target | None:
        """A route more specific than local, which may lead to a middlebox only."""
        ranges = self.vpcs[vpc].cidrs
        assert isinstance(ranges, tuple)
        local = max((cidr.prefixlen for cidr in ranges if destination in cidr), default=0)
        fitting = [
            row
            for row in self.rows(self.table_of(subnet, vpc), vpc)
            if destination in ip_network(row[2])
            and row[0] > local
            and row[3].kind in (TargetKind.NAT, TargetKind.INTERFACE, TargetKind.ENDPOINT)
        ]
        return max(fitting, key=lambda row: row[0])[3] if fitting else None

    # Targets

    def take(
        self,
        target: Target | str,
        subnet: Key,
        vpc: Key,
        destination: Address,
        endpoint: Endpoint | None,
    ) -> None:
        assert not isinstance(target, str)
        kind = target.kind
        if kind is TargetKind.BLACKHOLE:
            raise _End("broken")
        key = only(target.ref)
        if key in self.network.gone:
            raise _End("broken")
        if kind in (TargetKind.INTERNET_GATEWAY, TargetKind.EGRESS_ONLY_GATEWAY):
            self.internet(subnet, vpc, destination, endpoint)
        elif kind is TargetKind.NAT:
            self.nat(key, subnet, vpc, destination, endpoint)
        elif kind is TargetKind.INTERFACE:
            self.instance(key, vpc, destination, endpoint)
        elif kind is TargetKind.ENDPOINT:
            self.endpoint_route(key, vpc, destination, endpoint)
        elif kind is TargetKind.PEERING:
            self.peering(key, vpc, destination, endpoint)
        elif kind is TargetKind.TRANSIT_GATEWAY:
            self.transit(key, subnet, vpc, destination, endpoint)
        else:
            raise AssertionError(kind)

    def internet(
        self, subnet: Key, vpc: Key, destination: Address, endpoint: Endpoint | None
    ) -> None:
        """An internet gateway takes what its own VPC sends to public addresses."""
        foreign = vpc != self.sender_vpc
        nat64 = destination in ip_network("64:ff9b::/96")
        if foreign or endpoint is not None or nat64 or self.blocked(vpc, subnet):
            raise _End("broken")
        if self.through_nat:
            # What a private NAT gateway sends has a private source: the gateway drops it.
            raise _End("broken")
        raise _End("internet-gateway")

    def blocked(self, vpc: Key, subnet: Key) -> bool:
        return any(
            one.mode == "block-bidirectional"
            and one.region == self.vpcs[vpc].region
            and vpc not in one.excluded.certain
            and subnet not in one.excluded.certain
            for one in self.network.block_public_access
        )

    def nat(
        self, key: Key, subnet: Key, vpc: Key, destination: Address, endpoint: Endpoint | None
    ) -> None:
        """A NAT gateway rewrites the source, unless it is unusable or fed from its own subnet."""
        fact = next((one for one in self.network.nats if one.key == key), None)
        kind = "nat" if vpc == self.home_vpc else "remote-nat"
        if fact is None:
            raise _End(kind)
        if fact.state not in ("available", "pending"):
            raise _End("broken")
        if fact.subnet is None:
            raise _End("broken" if self.blocked(vpc, "") else kind)
        place = only(fact.subnet)
        if place == subnet:
            raise _End("broken")
        if fact.public:
            raise _End("broken" if self.blocked(vpc, place) else kind)
        # A private NAT gateway: what it sends must get somewhere without an internet gateway.
        self.through_nat = True
        self.sender_vpc = vpc
        try:
            self.forward(place, vpc, destination, endpoint)
        except _End as end:
            raise _End("broken" if end.kind in ("broken", "none") else kind) from None

    def instance(self, key: Key, vpc: Key, destination: Address, endpoint: Endpoint | None) -> None:
        """An instance that forwards: a NAT if the internet is next, else only one hop more."""
        fact = next(one for one in self.network.interfaces if one.key == key)
        if not fact.forwards:
            raise _End("broken")
        kind = "nat" if vpc == self.home_vpc else "remote-nat"
        self.sender_vpc = vpc
        self.through_nat = False
        try:
            self.forward(only(fact.subnet), vpc, destination, endpoint)
        except _End as end:
            # An instance before an internet gateway translates; one whose way on is not shown may.
            raise _End(kind if end.kind in ("internet-gateway", "none") else end.kind) from None

    def endpoint_route(
        self, key: Key, vpc: Key, destination: Address, endpoint: Endpoint | None
    ) -> None:
        """A gateway endpoint takes the packet; a firewall's hands it on from its own subnet."""
        fact = self.endpoints.get(key)
        if fact is None or fact.kind is EndpointKind.GATEWAY:
            if vpc != self.sender_vpc:
                raise _End("unknown")
            if fact is not None and fact.state not in ("available", "pending"):
                raise _End("broken")
            raise _End("gateway-endpoint")
        try:
            self.forward(only_member(fact.subnets.certain), vpc, destination, endpoint)
        except _End as end:
            raise _End("broken" if end.kind == "none" else end.kind) from None

    def peering(self, key: Key, vpc: Key, destination: Address, endpoint: Endpoint | None) -> None:
        """A peering carries traffic to addresses of the peer VPC, and nothing beyond."""
        fact = next(one for one in self.network.peerings if one.key == key)
        sides = {only(fact.requester), only(fact.accepter)}
        if not fact.active or endpoint is None or vpc not in sides:
            raise _End("broken")
        other = next(iter(sides - {vpc}))
        if only(endpoint.vpc) != other:
            raise _End("broken")
        self.answer_returns(endpoint, TargetKind.PEERING, key)
        self.arrive(endpoint, other, destination)

    # Transit gateways

    def transit(
        self, key: Key, subnet: Key, vpc: Key, destination: Address, endpoint: Endpoint | None
    ) -> None:
        """Into a transit gateway by the attachment of the VPC, which must have the zone."""
        entry = next(
            (
                one
                for one in self.network.attachments
                if only(one.gateway) == key and one.vpc is not None and only(one.vpc) == vpc
            ),
            None,
        )
        if entry is None:
            raise _End("broken")
        zones = {self.subnets[one].zone for one in entry.subnets.certain}
        if zones and self.subnets[subnet].zone not in zones:
            raise _End("broken")
        self.from_attachment(entry, key, subnet, destination, endpoint)

    def from_attachment(
        self,
        entry: Attachment,
        key: Key,
        subnet: Key,
        destination: Address,
        endpoint: Endpoint | None,
    ) -> None:
        gateway_fact = next(one for one in self.network.transit_gateways if one.key == key)
        table: Key | None = None
        for one in self.network.transit_associations:
            if only(one.attachment) == entry.key and self.is_table_of(only(one.table), key):
                table = only(one.table)
        if table is None and gateway_fact.default_association and entry.default_association:
            table = key
        if table is None:
            raise _End("broken")
        out = self.transit_route(table, key, destination)
        if out is None:
            raise _End("broken")
        self.left -= 1
        if self.left < 0:
            raise _End("broken")
        self.out_of_transit(out, key, subnet, destination, endpoint)

    def is_table_of(self, table: Key, gateway: Key) -> bool:
        return any(
            one.key == table and only(one.gateway) == gateway for one in self.network.transit_tables
        )

    def transit_route(self, table: Key, key: Key, destination: Address) -> Attachment | None:
        """Longest prefix, static before propagated; a blackhole drops."""
        found: list[tuple[int, int, Attachment | None]] = []
        by_key = {one.key: one for one in self.network.attachments}
        for route in self.network.transit_routes:
            if only(route.table) != table:
                continue
            to = None if route.attachment is None else by_key[only(route.attachment)]
            listed = isinstance(route.destination, Ref)
            places: tuple[Any, ...] = (
                self.entries(only_of(route)) if listed else (route.destination,)
            )
            found.extend((-one.prefixlen, int(listed), to) for one in places if destination in one)
        fact = next(one for one in self.network.transit_gateways if one.key == key)
        learnt = {
            only(one.attachment)
            for one in self.network.transit_propagations
            if only(one.table) == table
        }
        if table == key and fact.default_propagation:
            learnt |= {
                one.key
                for one in by_key.values()
                if one.default_propagation and only(one.gateway) == key
            }
        for name in learnt:
            one = by_key[name]
            if one.kind is AttachmentKind.PEERING:
                # Over a peering of transit gateways nothing is propagated.
                continue
            assert one.vpc is not None
            ranges = self.vpcs[only(one.vpc)].cidrs
            assert isinstance(ranges, tuple)
            found.extend((-cidr.prefixlen, 2, one) for cidr in ranges if destination in cidr)
        if not found:
            return None
        return min(found, key=lambda one: (one[0], one[1]))[2]

    def out_of_transit(
        self,
        out: Attachment,
        key: Key,
        subnet: Key,
        destination: Address,
        endpoint: Endpoint | None,
    ) -> None:
        """Out of the transit gateway into a VPC, by the attachment's subnet of the same zone."""
        if out.kind is AttachmentKind.PEERING:
            # The far end looks it up in the table that it has associated with the peering.
            ends = (only(out.gateway), only(out.peer))
            far = ends[0] if ends[1] == key else ends[1]
            self.from_attachment(out, far, subnet, destination, endpoint)
        assert out.kind is AttachmentKind.VPC
        vpc = only(out.vpc)
        if endpoint is not None and only(endpoint.vpc) == vpc:
            self.answer_returns(endpoint, TargetKind.TRANSIT_GATEWAY, key)
            self.arrive(endpoint, vpc, destination)
        zone = self.subnets[subnet].zone
        near = sorted(one for one in out.subnets.certain if self.subnets[one].zone == zone)
        places = near or sorted(out.subnets.certain)
        place = places[self.world.interface % len(places)]
        self.forward(place, vpc, destination, endpoint)

    # Filters and answers

    def arrive(self, endpoint: Endpoint, vpc: Key, destination: Address) -> None:
        """An endpoint's interface: both network ACLs, its security groups, its policy."""
        place = next(
            one
            for one in sorted(endpoint.subnets.certain)
            if any(destination in cidr for cidr in self.subnets[one].cidrs)  # type: ignore[union-attr]
        )
        if place != self.home.key and not self.acl_passes(
            place, vpc, Direction.INGRESS, Direction.EGRESS, self.source
        ):
            raise _End("broken")
        if not self.group_admits(endpoint):
            raise _End("broken")
        raise _End("interface-endpoint")

    def answer_returns(self, endpoint: Endpoint, kind: TargetKind, link: Key) -> None:
        """The answer must find its way back over the same link."""
        place = sorted(endpoint.subnets.certain)[
            self.world.interface % len(endpoint.subnets.certain)
        ]
        target = self.best_route(place, only(endpoint.vpc), self.source)
        if target is None or isinstance(target, str):
            raise _End("broken")
        if target.kind is not kind or only(target.ref) != link:
            raise _End("broken")

    def group_admits(self, endpoint: Endpoint) -> bool:
        groups = {one.key: one for one in self.network.security_groups}
        for key in endpoint.security_groups.certain:
            for rule in groups[key].rules:
                ports = rule.ports
                if (
                    rule.direction is Direction.INGRESS
                    and rule.protocol in ("tcp", "-1")
                    and (ports is None or ports.first <= 443 <= ports.last)  # type: ignore[union-attr]
                    and self.source in rule.peer  # type: ignore[operator]
                ):
                    return True
        return False

    def outbound_acl(self, destination: Address, endpoint: Endpoint | None) -> None:
        """The client's own network ACL, unless the packet stays in its subnet."""
        cidrs = self.home.cidrs
        assert isinstance(cidrs, tuple)
        if endpoint is not None and any(destination in cidr for cidr in cidrs):
            return
        if not self.acl_passes(
            self.home.key, self.home_vpc, Direction.EGRESS, Direction.INGRESS, destination
        ):
            raise _End("acl")

    def acl_passes(
        self, subnet: Key, vpc: Key, there: Direction, back: Direction, far: Address
    ) -> bool:
        acl = self.acl_of(subnet, vpc)
        if acl is None:
            return True
        return line_allows(acl, there, 443, far) and line_allows(acl, back, _CLIENT_PORT, far)

    def acl_of(self, subnet: Key, vpc: Key) -> NetworkAcl | None:
        for one in self.network.network_acls:
            if subnet in one.subnets.certain:
                return one
        for one in self.network.network_acls:
            if one.default and only(one.vpc) == vpc:
                return one
        return None


def line_allows(acl: NetworkAcl, way: Direction, port: int, far: Address) -> bool:
    """The line with the lowest number that matches decides; without one the packet is dropped."""
    lines = [one for one in acl.entries if one.direction is way]
    for one in sorted(lines, key=lambda one: int(one.number)):  # type: ignore[arg-type]
        ports = one.ports
        if (
            one.protocol in ("tcp", "-1")
            and (ports is None or ports.first <= port <= ports.last)  # type: ignore[union-attr]
            and far in one.prefix  # type: ignore[operator]
        ):
            return bool(one.allow)
    return False


def only(edge: Ref | None) -> Key:
    assert edge is not None
    assert edge.decided
    return edge.keys[0]


def only_of(route: object) -> Key:
    destination = route.destination  # type: ignore[attr-defined]
    assert isinstance(destination, Ref)
    return only(destination)


def only_member(keys: frozenset[Key]) -> Key:
    (key,) = keys
    return key


def gateway(key: Key) -> Target:
    from privatelane_paths.facts import Target  # noqa: PLC0415

    return Target(TargetKind.ENDPOINT, Ref.to(key))


def host_of(subnet: Subnet, offset: int, version: int | None = None) -> Address:
    """An address in a subnet: of its first range, or of the one of a version."""
    assert isinstance(subnet.cidrs, tuple)
    cidr = next(one for one in subnet.cidrs if version in (None, one.version))
    return cidr[offset]


def depth(domain: str) -> int:
    return len([label for label in domain.rstrip(".").split(".") if label])


def below(name: str, domain: str) -> bool:
    wanted = [label for label in domain.rstrip(".").split(".") if label]
    return name.split(".")[len(name.split(".")) - len(wanted) :] == wanted


def strictly_below(name: str, domain: str) -> bool:
    return below(name, domain) and depth(name) > depth(domain)
