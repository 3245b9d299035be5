"""Networks in a few lines: every key is a name, and the kind of a target follows from its name.

`Build` collects facts; `base()` is what policy catalogues start from: a VPC over two zones, private
subnets behind one NAT gateway a zone, public subnets behind an internet gateway. `unknown_ids`
turns a network of known ids into what a preview shows of the same program when everything of a
kind was made in a loop and picked by index.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import fields, replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from privatelane_paths.facts import (
    Association,
    Attachment,
    AttachmentKind,
    BlockPublicAccess,
    Direction,
    Endpoint,
    EndpointKind,
    Gateway,
    GatewayKind,
    HostedZone,
    Interface,
    MainAssociation,
    Nat,
    Network,
    NetworkAcl,
    NetworkAclEntry,
    Peering,
    PortRange,
    Prefix,
    PrefixList,
    ResolverRule,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityRule,
    Subnet,
    Target,
    TargetKind,
    TransitAssociation,
    TransitGateway,
    TransitPropagation,
    TransitRoute,
    TransitTable,
    Vpc,
    Workload,
    WorkloadKind,
    ZoneRecord,
)
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["REGION", "Build", "base", "unknown_ids"]

REGION = "us-east-1"
ANYWHERE = "0.0.0.0/0"
_TARGETS = {
    "nat": TargetKind.NAT,
    "igw": TargetKind.INTERNET_GATEWAY,
    "eigw": TargetKind.EGRESS_ONLY_GATEWAY,
    "vgw": TargetKind.VPN_GATEWAY,
    "vpce": TargetKind.ENDPOINT,
    "fw": TargetKind.ENDPOINT,
    "gwlbe": TargetKind.ENDPOINT,
    "eni": TargetKind.INTERFACE,
    "tgw": TargetKind.TRANSIT_GATEWAY,
    "pcx": TargetKind.PEERING,
    "cwan": TargetKind.CORE_NETWORK,
    "lgw": TargetKind.LOCAL_GATEWAY,
    "cagw": TargetKind.CARRIER_GATEWAY,
    "blackhole": TargetKind.BLACKHOLE,
}


def prefix(text: str) -> Prefix:
    """A CIDR."""
    return ip_network(text)


def target(name: str) -> Target:
    """The target that a name stands for: `nat-a` is a NAT gateway, `tgw` a transit gateway."""
    kind = _TARGETS[name.partition("-")[0]]
    return Target(kind) if kind is TargetKind.BLACKHOLE else Target(kind, Ref.to(name))


class Build:
    """Facts as they are collected; each method returns the builder, to be chained."""

    def __init__(self) -> None:
        self._facts: dict[str, dict[Key, Any]] = defaultdict(dict)
        self._unread: dict[str, str] = {}
        self._gone: set[Key] = set()

    def add(self, kind: str, fact: Any) -> Build:
        """Any fact, under the name of its field in `Network`."""
        assert fact.key not in self._facts[kind], fact.key
        self._facts[kind][fact.key] = fact
        return self

    def change(self, what: str, key: Key, /, **changes: object) -> Build:
        """The same fact with other properties."""
        self._facts[what][key] = replace(self._facts[what][key], **changes)
        return self

    def drop(self, kind: str, *keys: Key) -> Build:
        """Without these facts."""
        for key in keys:
            del self._facts[kind][key]
        return self

    def kinds(self) -> set[str]:
        """The kinds of fact there are so far."""
        return {kind for kind, found in self._facts.items() if found}

    def keys(self, kind: str) -> list[Key]:
        """The keys of the facts of a kind so far."""
        return sorted(self._facts[kind])

    def unread(self, kind: str, why: str) -> Build:
        """A kind of fact that the source could not read."""
        self._unread[kind] = why
        return self

    def gone(self, *keys: Key) -> Build:
        """Keys that the same update deletes."""
        self._gone.update(keys)
        return self

    def vpc(self, name: str, *cidrs: str, region: Maybe[str] = REGION, **more: Any) -> Build:
        """A VPC with both DNS attributes on."""
        return self.add(
            "vpcs",
            Vpc(
                name,
                name,
                region,
                "111122223333",
                tuple(map(prefix, cidrs or ("10.0.0.0/16",))),
                **{"dns_support": True, "dns_hostnames": True, **more},
            ),
        )

    def subnet(self, name: str, vpc: str, *cidrs: str, zone: str = "a", **more: Any) -> Build:
        """A subnet in a zone of the region, given by its letter."""
        place = f"{REGION}{zone}"
        ranges = tuple(map(prefix, cidrs))
        return self.add("subnets", Subnet(name, name, Ref.to(vpc), place, ranges, **more))

    def table(self, name: str, vpc: str, *on: str, **more: Any) -> Build:
        """A route table put on subnets by associations."""
        self.add("tables", RouteTable(name, name, Ref.to(vpc), **more))
        for subnet in on:
            key = f"{name}-on-{subnet}"
            self.add("associations", Association(key, Ref.to(name), Ref.to(subnet)))
        return self

    def main(self, vpc: str, table: str) -> Build:
        """The table that is the VPC's main one."""
        key = f"main-of-{vpc}"
        return self.add("main_associations", MainAssociation(key, Ref.to(vpc), Ref.to(table)))

    def route(self, table: str, destination: str, to: str, **more: Any) -> Build:
        """A route to a prefix or, when the destination starts with `pl-`, to a prefix list."""
        place: Prefix | Ref = (
            Ref.to(destination) if destination.startswith("pl-") else prefix(destination)
        )
        key = more.pop("key", f"{table}:{destination}")
        return self.add("routes", Route(key, Ref.to(table), place, target(to), **more))

    def nat(self, name: str, subnet: str | None, vpc: str = "main", **more: Any) -> Build:
        """A NAT gateway; without a subnet a regional one."""
        place = None if subnet is None else Ref.to(subnet)
        more.setdefault("regional", subnet is None)
        return self.add("nats", Nat(name, name, place, Ref.to(vpc), **more))

    def gateway_of(self, name: str, vpc: str | None) -> Build:
        """An internet, egress-only or VPN gateway, by its name."""
        kind = {
            "igw": GatewayKind.INTERNET,
            "eigw": GatewayKind.EGRESS_ONLY,
            "vgw": GatewayKind.VPN,
        }[name.partition("-")[0]]
        return self.add("gateways", Gateway(name, name, kind, None if vpc is None else Ref.to(vpc)))

    def eni(self, name: str, subnet: str, *, forwards: Maybe[bool] = True) -> Build:
        """A network interface that routes can point at."""
        return self.add("interfaces", Interface(name, name, Ref.to(subnet), forwards))

    def gateway(self, service: str, *on: str, vpc: str = "main", **more: Any) -> Build:
        """A gateway endpoint on route tables."""
        key = more.pop("key", f"vpce-{service}")
        name = more.pop("service_name", f"com.amazonaws.{REGION}.{service}")
        more.setdefault("kind", EndpointKind.GATEWAY)
        more.setdefault("route_tables", Refs.of(on))
        return self.add("endpoints", Endpoint(key, key, Ref.to(vpc), service_name=name, **more))

    def interface(self, service: str, *where: str, vpc: str = "main", **more: Any) -> Build:
        """An interface endpoint in subnets, with private DNS and an open security group."""
        key = more.pop("key", f"vpce-{service}")
        name = more.pop("service_name", f"com.amazonaws.{REGION}.{service}")
        self._facts["security_groups"].setdefault("sg-open", open_group("sg-open", vpc))
        more.setdefault("kind", EndpointKind.INTERFACE)
        more.setdefault("private_dns", True)
        more.setdefault("subnets", Refs.of(where))
        more.setdefault("security_groups", Refs.of(["sg-open"]))
        return self.add("endpoints", Endpoint(key, key, Ref.to(vpc), service_name=name, **more))

    def firewall(self, name: str, *subnets: str, vpc: str = "main", glb: bool = False) -> Build:
        """A Network Firewall's or gateway load balancer's endpoint."""
        kind = EndpointKind.GATEWAY_LOAD_BALANCER if glb else EndpointKind.FIREWALL
        places = Refs.of(subnets)
        return self.add(
            "endpoints",
            Endpoint(name, name, Ref.to(vpc), kind, "network-firewall", subnets=places),
        )

    def group(self, name: str, *rules: SecurityRule, vpc: str = "main", **more: Any) -> Build:
        """A security group with its rules."""
        fact = SecurityGroup(name, name, Ref.to(vpc), rules, **more)
        return self.add("security_groups", fact)

    def acl(
        self, name: str, *entries: NetworkAclEntry, on: Sequence[str] = (), **more: Any
    ) -> Build:
        """A network ACL on subnets; without any, the VPC's default one."""
        vpc = more.pop("vpc", "main")
        fact = NetworkAcl(name, name, Ref.to(vpc), not on, Refs.of(on), entries, **more)
        return self.add("network_acls", fact)

    def prefix_list(
        self, name: str, *entries: str, service: str | None = None, unknown: str = ""
    ) -> Build:
        """A prefix list, one's own unless a service is named."""
        known: Maybe[tuple[Prefix, ...]] = (
            Unknown(unknown) if unknown else tuple(map(prefix, entries))
        )
        return self.add("prefix_lists", PrefixList(name, name, service, known))

    def peering(self, name: str, one: str, other: str, **more: Any) -> Build:
        """A peering between two VPCs."""
        return self.add("peerings", Peering(name, name, Ref.to(one), Ref.to(other), **more))

    def transit(self, name: str = "tgw", **more: Any) -> Build:
        """A transit gateway with its default table."""
        return self.add("transit_gateways", TransitGateway(name, name, **more))

    def attach(self, vpc: str, *subnets: str, to: str = "tgw", **more: Any) -> Build:
        """A VPC's attachment to a transit gateway, named after the VPC."""
        more.setdefault("kind", AttachmentKind.VPC)
        key = more.pop("key", f"att-{vpc}")
        places = Refs.of(subnets)
        fact = Attachment(key, key, Ref.to(to), vpc=Ref.to(vpc), subnets=places, **more)
        return self.add("attachments", fact)

    def transit_table(self, name: str, *attached: str, of: str = "tgw", **more: Any) -> Build:
        """A transit gateway table with the attachments associated with it."""
        self.add("transit_tables", TransitTable(name, name, Ref.to(of), **more))
        for one in attached:
            key = f"{one}-in-{name}"
            fact = TransitAssociation(key, Ref.to(one), Ref.to(name))
            self.add("transit_associations", fact)
        return self

    def propagate(self, attachment: str, table: str) -> Build:
        """What is behind an attachment, learnt by a table."""
        key = f"{attachment}-into-{table}"
        fact = TransitPropagation(key, Ref.to(attachment), Ref.to(table))
        return self.add("transit_propagations", fact)

    def link(self, gateway: str, other: str, **more: Any) -> Build:
        """A peering of two transit gateways, named after them."""
        key = more.pop("key", f"att-{gateway}-{other}")
        more.setdefault("kind", AttachmentKind.PEERING)
        fact = Attachment(key, key, Ref.to(gateway), peer=Ref.to(other), **more)
        return self.add("attachments", fact)

    def transit_route(self, table: str, destination: str, attachment: str | None) -> Build:
        """A static route of a transit gateway table; without an attachment a blackhole.

        Its destination is a prefix or, when it starts with `pl-`, a prefix list.
        """
        to = None if attachment is None else Ref.to(attachment)
        place: Prefix | Ref = (
            Ref.to(destination) if destination.startswith("pl-") else prefix(destination)
        )
        key = f"{table}:{destination}"
        return self.add("transit_routes", TransitRoute(key, Ref.to(table), place, to))

    def zone(self, domain: str, *vpcs: str, key: str = "", **records: str) -> Build:
        """A private hosted zone and its records, by first labels (`at` is the zone, `any` `*`)."""
        zone = key or f"zone-{domain}"
        self.add("hosted_zones", HostedZone(zone, domain, Refs.of(vpcs)))
        for label, endpoint in records.items():
            first = {"at": "", "any": "*."}.get(label, f"{label}.")
            name = f"{first}{domain}"
            record = ZoneRecord(f"{zone}/{label}", Ref.to(zone), name, Ref.to(endpoint))
            self.add("zone_records", record)
        return self

    def forward(self, domain: str, *vpcs: str, away: Maybe[bool] = True) -> Build:
        """A resolver rule: one that forwards, or a system rule that does not."""
        key = f"rule-{domain}"
        return self.add("resolver_rules", ResolverRule(key, domain, away, Refs.of(vpcs)))

    def block(
        self, mode: Maybe[str], *excluded: str, region: Maybe[str] = REGION, key: str = "bpa"
    ) -> Build:
        """VPC Block Public Access."""
        fact = BlockPublicAccess(key, mode, region, Refs.of(excluded))
        return self.add("block_public_access", fact)

    def workload(self, name: str, *subnets: str, **more: Any) -> Build:
        """A Fargate service that pulls from the account's own registry."""
        more.setdefault("kind", WorkloadKind.ECS_FARGATE)
        more.setdefault("images", (f"111122223333.dkr.ecr.{REGION}.amazonaws.com/app:1",))
        more.setdefault("security_groups", Refs())
        return self.add("workloads", Workload(name, name, subnets=Refs.of(subnets), **more))

    def network(self) -> Network:
        """The facts, each kind sorted by key."""
        kinds = {
            kind: tuple(found[key] for key in sorted(found)) for kind, found in self._facts.items()
        }
        known = {one.name for one in fields(Network)}
        assert known >= kinds.keys(), kinds.keys() - known
        more: Any = kinds
        return Network(**more, unread=dict(self._unread), gone=frozenset(self._gone))


def open_group(name: str, vpc: str) -> SecurityGroup:
    """A security group that admits everything."""
    return SecurityGroup(
        name,
        name,
        Ref.to(vpc),
        tuple(
            SecurityRule(f"{name}:{way.value}:{cidr}", way, "-1", None, prefix(cidr))
            for way in Direction
            for cidr in (ANYWHERE, "::/0")
        ),
    )


def rule(
    peer: str,
    way: Direction = Direction.INGRESS,
    protocol: str = "tcp",
    first: int = 443,
    last: int = 443,
) -> SecurityRule:
    """One allowance, of a CIDR or, when it is none, of a security group or prefix list."""
    is_cidr = "/" in peer
    ports = None if protocol == "-1" else PortRange(first, last)
    return SecurityRule(
        f"{way.value}:{peer}:{first}",
        way,
        protocol,
        ports,
        prefix(peer) if is_cidr else Ref.to(peer),
    )


def acl_line(
    number: int,
    way: Direction,
    *,
    allow: bool = True,
    first: int = 0,
    last: int = 65535,
    cidr: str = ANYWHERE,
) -> NetworkAclEntry:
    """One line of a network ACL for TCP."""
    return NetworkAclEntry(number, way, allow, "tcp", PortRange(first, last), prefix(cidr))


def policy(action: str, resource: str, *, effect: str = "Allow", **more: object) -> str:
    """An endpoint policy of one statement."""
    statement = {"Effect": effect, "Principal": "*", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def base() -> Build:
    """Private subnets `app-a` and `app-b` behind NAT gateways in public ones; no endpoint."""
    build = Build().vpc("main").gateway_of("igw-main", "main")
    build.table("rt-pub", "main").route("rt-pub", ANYWHERE, "igw-main")
    for place, zone in enumerate("ab"):
        build.subnet(f"pub-{zone}", "main", f"10.0.{place}.0/24", zone=zone)
        build.add(
            "associations",
            Association(f"rt-pub-on-pub-{zone}", Ref.to("rt-pub"), Ref.to(f"pub-{zone}")),
        )
        build.subnet(f"app-{zone}", "main", f"10.0.{place + 10}.0/24", zone=zone)
        build.nat(f"nat-{zone}", f"pub-{zone}")
        build.table(f"rt-app-{zone}", "main", f"app-{zone}")
        build.route(f"rt-app-{zone}", ANYWHERE, f"nat-{zone}")
    return build


def unknown_ids(network: Network) -> Network:
    """The same network as a preview shows it when lists were made in loops and picked by index.

    Keys that differ in the zone's letter only (`app-a`, `app-b`) are one list; an edge to one of
    them may lead to any, and a set holding some of them may hold any. A set that holds all of them
    stays decided, because a program that passes the whole list depends on nothing else.
    """
    lists: dict[tuple[str, str], set[Key]] = defaultdict(set)
    for kind in _LISTED:
        for fact in getattr(network, kind):
            stem, _, zone = fact.key.rpartition("-")
            if len(zone) == 1:
                lists[kind, stem].add(fact.key)
    family = {key: frozenset(keys) for keys in lists.values() for key in keys}
    blurred: dict[str, Any] = {
        kind: tuple(_blurred(fact, family) for fact in getattr(network, kind)) for kind in _HOLDERS
    }
    return replace(network, **blurred)


_LISTED = ("subnets", "tables", "nats", "interfaces", "endpoints")
_HOLDERS = (
    "associations",
    "main_associations",
    "routes",
    "nats",
    "interfaces",
    "endpoints",
    "zone_records",
    "attachments",
    "workloads",
)


def _blurred(fact: Any, family: dict[Key, frozenset[Key]]) -> Any:
    changes: dict[str, object] = {}
    for one in fields(fact):
        value = getattr(fact, one.name)
        what = f"the value of {one.name} of {fact.key}"
        if isinstance(value, Ref):
            changes[one.name] = _any_of(value, family, what)
        elif isinstance(value, Refs):
            changes[one.name] = _some_of(value, family, what)
        elif isinstance(value, Target) and value.ref is not None:
            changes[one.name] = replace(value, ref=_any_of(value.ref, family, what))
    return replace(fact, **changes)


def _any_of(edge: Ref, family: dict[Key, frozenset[Key]], what: str) -> Ref:
    if not edge.decided:
        return edge
    return Ref.one_of(family.get(edge.keys[0], frozenset(edge.keys)), what)


def _some_of(edges: Refs, family: dict[Key, frozenset[Key]], what: str) -> Refs:
    if not edges.decided:
        return edges
    whole = {key for key in edges.certain if family.get(key, frozenset([key])) <= edges.certain}
    possible = {other for key in edges.certain - whole for other in family[key]}
    return Refs.some_of(possible, what, whole)
