"""Where the live account is not what a stack declared, fact by fact, joined by AWS id."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from lane.report import Difference
from privatelane_paths import judge
from privatelane_paths.facts import (
    EndpointKind,
    Network,
    NetworkAclEntry,
    Origin,
    PortRange,
    Route,
    SecurityRule,
    Target,
    TargetKind,
)
from privatelane_paths.known import Key, Ref, Refs, Unknown
from privatelane_paths.routing import usable
from privatelane_paths.sources.graph import network_of

if TYPE_CHECKING:
    from privatelane_paths.facts import SecurityGroup
    from privatelane_paths.sources.resource import Reading, Resource
    from privatelane_paths.verdicts import Lane

__all__ = ["Comparison", "compared"]


#: Objects that come with another one, the output of which holds their ids.
_IMPLIED = (
    ("aws:ec2/vpc:Vpc", "mainRouteTableId", "main-route-table"),
    ("aws:ec2/vpc:Vpc", "defaultSecurityGroupId", "default-security-group"),
    ("aws:ec2/vpc:Vpc", "defaultNetworkAclId", "default-network-acl"),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "prefixListId", "prefix-list"),
    ("aws:ec2/instance:Instance", "primaryNetworkInterfaceId", "primary-interface"),
    (
        "aws:ec2transitgateway/transitGateway:TransitGateway",
        "associationDefaultRouteTableId",
        "default-route-table",
    ),
)
#: Kinds of fact that have an id of their own, and what one of each is called.
_OBJECTS: tuple[tuple[str, str], ...] = (
    ("vpcs", "VPC"),
    ("subnets", "subnet"),
    ("tables", "route table"),
    ("nats", "NAT gateway"),
    ("gateways", "gateway"),
    ("endpoints", "endpoint"),
    ("security_groups", "security group"),
    ("network_acls", "network ACL"),
    ("peerings", "peering"),
    ("transit_gateways", "transit gateway"),
    ("attachments", "transit gateway attachment"),
    ("transit_tables", "transit gateway route table"),
)
#: Those that count as added when somebody put one into a VPC of the stack.
_PARTS = ("subnets", "tables", "nats", "endpoints")
#: The properties that are compared: kind of fact, field, words.
_PROPERTIES: tuple[tuple[str, str, str], ...] = (
    ("vpcs", "dns_support", "DNS support"),
    ("vpcs", "dns_hostnames", "DNS hostnames"),
    ("vpcs", "dns_servers", "DNS servers of the DHCP options"),
    ("vpcs", "cidrs", "address ranges"),
    ("subnets", "cidrs", "address ranges"),
    ("subnets", "dns64", "DNS64"),
    ("subnets", "public_ip_on_launch", "public addresses at launch"),
    ("nats", "public", "public connectivity"),
    ("nats", "subnet", "subnet"),
    ("gateways", "vpc", "VPC"),
    ("interfaces", "forwards", "forwarding for others"),
    ("endpoints", "service_name", "service"),
    ("endpoints", "private_dns", "private DNS"),
    ("endpoints", "inbound_only", "private DNS for inbound resolvers only"),
    ("endpoints", "route_tables", "route tables"),
    ("endpoints", "subnets", "subnets"),
    ("endpoints", "security_groups", "security groups"),
    ("endpoints", "policy", "policy"),
    ("endpoints", "ip_address_type", "IP address type"),
    ("network_acls", "subnets", "subnets"),
    ("network_acls", "entries", "lines"),
    ("peerings", "active", "acceptance"),
    ("attachments", "subnets", "subnets"),
    ("attachments", "appliance_mode", "appliance mode"),
    ("hosted_zones", "vpcs", "VPCs"),
    ("resolver_rules", "vpcs", "VPCs"),
)
#: The policy AWS gives an endpoint without one, and what of a policy does not change its meaning
#: there: no endpoint policy of ours or AWS's uses what the versions differ in.
_NO_MATTER = frozenset({"Id", "Sid", "Version"})
_FULL_ACCESS = json.dumps(
    {"Statement": {"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}}
)
#: A line that AWS ends every network ACL with.
_LAST_LINE = 32767


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences found, and what could not be compared."""

    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()


def compared(declared: Reading, live: Network, lanes: Sequence[Lane]) -> Comparison:
    """Where `live`, and its `lanes`, differ from what a stack export declares.

    What the export does not say, or the account does not show, is not compared. Objects of the
    account that have nothing to do with the stack are none of its differences.
    """
    ids = _ids(declared.resources)
    network = _by_id(network_of(declared.resources, declared.settings), ids)
    regions = {vpc.region for vpc in live.vpcs}
    away = {
        vpc.key
        for vpc in network.vpcs
        if isinstance(vpc.region, str) and vpc.region not in regions and live.vpcs
    }
    both = _Both(network, live, away, {ids[key] for key in ids if "#" in key})
    notes = [
        f"{both.name(key)} is in a region that was not read, and was not compared"
        for key in sorted(away)
    ]
    notes += [
        f"{kind.replace('_', ' ')} were not compared: {why} was not read"
        for kind, why in live.unread.items()
    ]
    return Comparison(tuple(sorted(set(both.differences(lanes)))), tuple(notes))


def _ids(resources: Iterable[Resource]) -> dict[str, Key]:
    """The AWS ids of a stack's resources and of what comes with them, by their keys."""
    found: dict[str, Key] = {}
    for one in resources:
        if one.delete:
            continue
        if one.id and one.custom:
            found[one.urn] = one.id
        for token, output, suffix in _IMPLIED:
            identifier = one.outputs.get(output)
            if one.type == token and isinstance(identifier, str):
                found[f"{one.urn}#{suffix}"] = identifier
    return found


def _by_id(network: Network, ids: Mapping[str, Key]) -> Network:
    """The same facts with AWS ids in place of the keys of resources."""

    def renamed(value: Any) -> Any:  # noqa: ANN401 -- any part of a fact
        if isinstance(value, Ref):
            keys = tuple(sorted({ids.get(key, key) for key in value.keys}))
            return replace(value, keys=keys)
        if isinstance(value, Refs):
            certain = frozenset(ids.get(key, key) for key in value.certain)
            possible = frozenset(ids.get(key, key) for key in value.possible) - certain
            return replace(value, certain=certain, possible=possible)
        if isinstance(value, tuple):
            return tuple(renamed(one) for one in value)
        if is_dataclass(value) and not isinstance(value, (type, Unknown)):
            changed = {
                one.name: renamed(getattr(value, one.name))
                for one in fields(value)
                if one.name != "key"
            }
            key = getattr(value, "key", None)
            return replace(value, **changed, **({"key": ids.get(key, key)} if key else {}))
        return value

    kinds: dict[str, Any] = {
        one.name: tuple(sorted(map(renamed, getattr(network, one.name)), key=lambda fact: fact.key))
        for one in fields(network)
        if one.name not in ("unread", "gone")
    }
    return replace(network, **kinds)


class _Both:
    """What was declared and what is there, side by side."""

    def __init__(self, declared: Network, live: Network, away: set[Key], implied: set[Key]) -> None:
        self._declared = declared
        self._live = live
        self._away = away
        #: What AWS made with a VPC, which no resource declares line by line.
        self._implied = implied
        self._names: dict[Key, str] = {
            fact.key: f"{what} {fact.name}" + ("" if fact.name == fact.key else f" ({fact.key})")
            for network in (live, declared)
            for kind, what in _OBJECTS
            for fact in getattr(network, kind)
        }

    def name(self, key: Key) -> str:
        """What an object is called: by the stack, where it declares it."""
        return self._names.get(key, key)

    def differences(self, lanes: Sequence[Lane]) -> Iterator[Difference]:
        """All differences: objects, their properties, routes, rules, and the lanes they move."""
        for kind, what in _OBJECTS:
            yield from self._objects(kind, what)
        for kind, field, words in _PROPERTIES:
            yield from self._property(kind, field, words)
        yield from self._tables_of_subnets()
        yield from self._routes()
        yield from self._rules()
        yield from self._transit()
        yield from self._lanes(lanes)

    def _facts(self, network: Network, kind: str) -> dict[Key, Any]:
        return {fact.key: fact for fact in getattr(network, kind)}

    def _read(self, *kinds: str) -> bool:
        return not any(kind in self._live.unread for kind in kinds)

    def _is_declared(self, fact: Any) -> bool:  # noqa: ANN401 -- a fact of any kind
        """Whether a fact has an AWS id, is the stack's own, and lies where AWS was read."""
        if "::" in fact.key or "#" in fact.key or getattr(fact, "outside", False):
            return False
        vpc = getattr(fact, "vpc", None)
        home = vpc.keys[0] if isinstance(vpc, Ref) and vpc.decided else fact.key
        return home not in self._away and fact.key not in self._away

    def _objects(self, kind: str, what: str) -> Iterator[Difference]:
        """What was declared and is gone, and what was added to the stack's own VPCs."""
        if not self._read(kind):
            return
        there = self._facts(self._live, kind)
        for key, fact in self._facts(self._declared, kind).items():
            if not self._is_declared(fact):
                continue
            found = there.get(key)
            state = getattr(found, "state", "available")
            if found is None or not usable(state):
                gone = "is not there any more" if found is None else f"is {state}"
                yield Difference(key, what, "missing", f"{self.name(key)} {gone}")
        if kind in _PARTS:
            yield from self._added(kind, what, there)

    def _added(self, kind: str, what: str, there: Mapping[Key, Any]) -> Iterator[Difference]:
        homes = {vpc.key for vpc in self._declared.vpcs if self._is_declared(vpc)}
        known = self._facts(self._declared, kind).keys() | self._implied
        for key, fact in there.items():
            vpc = self._home(fact)
            if key in known or vpc not in homes or not usable(getattr(fact, "state", "available")):
                continue
            text = f"{self.name(key)} is in {self.name(vpc)}, and the stack does not declare it"
            yield Difference(key, what, "added", text)

    def _home(self, fact: object) -> Key:
        vpc: object = getattr(fact, "vpc", None)
        return vpc.keys[0] if isinstance(vpc, Ref) and vpc.decided else ""

    def _property(self, kind: str, field: str, words: str) -> Iterator[Difference]:
        if not self._read(kind):
            return
        there = self._facts(self._live, kind)
        for key, fact in self._facts(self._declared, kind).items():
            found = there.get(key)
            if found is None or not self._is_declared(fact):
                continue
            if kind == "network_acls" and (key in self._implied or fact.default):
                continue  # Nobody declares which subnets a default one is on.
            before, now = _plain(getattr(fact, field)), _plain(getattr(found, field))
            if isinstance(before, Unknown) or isinstance(now, Unknown) or before == now:
                continue
            if field == "inbound_only" and fact.private_dns is not True:
                continue  # AWS switches it by itself while private DNS is off.
            text = f"{words} of {self.name(key)}: {self._told(now)}; declared: {self._told(before)}"
            yield Difference(key, kind.removesuffix("s").replace("_", " "), "changed", text)

    def _told(self, value: object) -> str:
        if isinstance(value, bool):
            return "on" if value else "off"
        if value is None:
            return "AWS's default"
        if isinstance(value, frozenset):
            return ", ".join(sorted(str(self._names.get(one, one)) for one in value)) or "none"
        return str(self._names.get(str(value), value))

    def _tables_of_subnets(self) -> Iterator[Difference]:
        if not self._read("associations", "main_associations"):
            return
        before, now = _tables(self._declared), _tables(self._live)
        for subnet in self._declared.subnets:
            old, new = before.get(subnet.key), now.get(subnet.key)
            if self._is_declared(subnet) and old and new and old != new:
                text = f"{self.name(subnet.key)} is on {self.name(new)}; declared: {self.name(old)}"
                yield Difference(subnet.key, "route table association", "changed", text)

    def _routes(self) -> Iterator[Difference]:
        if not self._read("routes"):
            return
        before, now = _routes(self._declared), _routes(self._live)
        for table in self._declared.tables:
            if not self._is_declared(table) or table.key not in self._facts(self._live, "tables"):
                continue
            old, new = before.get(table.key, {}), now.get(table.key, {})
            name = self.name(table.key)
            propagated = any(
                one.origin is Origin.PROPAGATED and one.table.must_be(table.key)
                for one in self._declared.routes
            )
            for place in sorted(old.keys() | new.keys()):
                one, other = old.get(place), new.get(place)
                if one is None and other is not None:
                    if other.origin is Origin.PROPAGATED and propagated:
                        continue
                    text = f"{name} routes {place} to {self._target(other)}; none was declared"
                    yield Difference(table.key, "route", "added", text)
                elif other is None and one is not None:
                    text = f"{name} has no route for {place}; declared: {self._target(one)}"
                    yield Difference(table.key, "route", "missing", text)
                elif one is not None and other is not None and _differ(one.target, other.target):
                    text = (
                        f"{name} routes {place} to {self._target(other)}; "
                        f"declared: {self._target(one)}"
                    )
                    yield Difference(table.key, "route", "changed", text)

    def _target(self, route: Route) -> str:
        target = route.target
        if target.kind is TargetKind.BLACKHOLE:
            return "what is gone (a black hole)"
        if target.ref is None or not target.ref.keys:
            return str(target.kind.value)
        key = target.ref.keys[0]
        return str(self._names.get(key, f"{target.kind.value} {key}"))

    def _rules(self) -> Iterator[Difference]:
        """The rules of security groups, of those whose declaration shows all."""
        if not self._read("security_groups"):
            return
        there = self._facts(self._live, "security_groups")
        for group in self._declared.security_groups:
            found = there.get(group.key)
            if found is None or not self._is_declared(group) or group.missing:
                continue
            if group.key in self._implied:
                continue
            before, now = _rules(group), _rules(found)
            if before is None or now is None:
                continue
            for rule in sorted(now - before):
                text = f"{self.name(group.key)} admits {self._rule(rule)}; not declared"
                yield Difference(group.key, "security group rule", "added", text)
            for rule in sorted(before - now):
                text = f"{self.name(group.key)} does not admit {self._rule(rule)}; declared"
                yield Difference(group.key, "security group rule", "missing", text)

    def _rule(self, rule: tuple[str, str, str, str]) -> str:
        direction, protocol, ports, peer = rule
        way = "from" if direction == "ingress" else "to"
        what = "everything" if protocol == "-1" else f"{protocol} {ports}".strip()
        return f"{what} {way} {self._names.get(peer, peer)}"

    def _transit(self) -> Iterator[Difference]:
        """The tables of transit gateway attachments, and the routes in those tables."""
        if not self._read("transit_associations", "transit_routes", "transit_tables"):
            return
        old = {one.attachment.keys: one.table for one in self._declared.transit_associations}
        new = {one.attachment.keys: one.table for one in self._live.transit_associations}
        for keys, table in old.items():
            now = new.get(keys)
            if len(keys) == 1 and table.decided and "::" not in keys[0]:
                if now is None:
                    text = f"{self.name(keys[0])} is on no table; declared: {self._told_ref(table)}"
                elif now != table:
                    text = (
                        f"{self.name(keys[0])} is on {self._told_ref(now)}; "
                        f"declared: {self._told_ref(table)}"
                    )
                else:
                    continue
                yield Difference(keys[0], "transit gateway association", "changed", text)
        before, after = _transit_routes(self._declared), _transit_routes(self._live)
        for declared in self._declared.transit_tables:
            if not self._is_declared(declared):
                continue
            one, other = before.get(declared.key, {}), after.get(declared.key, {})
            name = self.name(declared.key)
            for place in sorted(one.keys() | other.keys()):
                if one.get(place) == other.get(place):
                    continue
                change, text = "changed", "another attachment than declared"
                if place not in one:
                    change, text = "added", "an attachment; none was declared"
                elif place not in other:
                    change, text = "missing", "nothing any more; a route was declared"
                yield Difference(
                    declared.key,
                    "transit gateway route",
                    change,  # type: ignore[arg-type]
                    f"{name} routes {place} to {text}",
                )

    def _told_ref(self, ref: Ref) -> str:
        return self.name(ref.keys[0]) if ref.keys else ref.missing

    def _lanes(self, lanes: Sequence[Lane]) -> Iterator[Difference]:
        """The lanes that take another way than the declared network would give them."""
        subnets = {one.key for one in self._declared.subnets if self._is_declared(one)}
        now = {(one.subnet, one.service): one for one in lanes if one.subnet in subnets}
        services = sorted({service for _, service in now})
        for lane in judge(self._declared, services):
            found = now.get((lane.subnet, lane.service))
            if found is None or found.kind is lane.kind:
                continue
            text = (
                f"{lane.service} from {self.name(lane.subnet)} takes {found.kind.value} "
                f"({found.verdict.value}), because {found.reason}; "
                f"as declared: {lane.kind.value} ({lane.verdict.value})"
            )
            yield Difference(lane.subnet, "lane", "changed", text)


def _plain(value: object) -> object:
    """A value in a form that is equal whenever AWS would do the same."""
    if isinstance(value, Refs):
        return value.certain if value.decided else Unknown(value.missing)
    if isinstance(value, Ref):
        return value.keys[0] if value.decided else Unknown(value.missing)
    if isinstance(value, str) and value.startswith("{"):
        policy = _policy(value)
        return None if policy == _FULL_ACCESS else policy
    if isinstance(value, tuple):
        if any(isinstance(one, NetworkAclEntry) for one in value):
            return frozenset(_line(one) for one in value if one.number != _LAST_LINE)
        return frozenset(map(str, value))
    return value


def _line(line: NetworkAclEntry) -> str:
    """A line of a network ACL as people write it."""
    verb = "allow" if line.allow is True else "deny"
    ports = f" {line.ports.first}-{line.ports.last}" if isinstance(line.ports, PortRange) else ""
    protocol = "everything" if line.protocol == "-1" else f"protocol {line.protocol}{ports}"
    return f"{line.number} {line.direction.value} {verb} {protocol} {line.prefix}"


def _policy(document: str) -> object:
    """A policy without what AWS writes differently: order, lists of one, ids and the version."""

    def bare(tree: object) -> object:
        if isinstance(tree, dict):
            return {
                key: bare(value) for key, value in sorted(tree.items()) if key not in _NO_MATTER
            }
        if isinstance(tree, list):
            found = sorted((bare(one) for one in tree), key=str)
            return found[0] if len(found) == 1 else found
        return tree

    try:
        return json.dumps(bare(json.loads(document)), sort_keys=True)
    except ValueError:
        return document


def _tables(network: Network) -> dict[Key, Key]:
    """The route table of each subnet, where it is certain."""
    main = {
        one.vpc.keys[0]: one.table.keys[0]
        for one in network.main_associations
        if one.vpc.decided and one.table.decided
    }
    found = {
        one.key: main[one.vpc.keys[0]]
        for one in network.subnets
        if one.vpc.decided and one.vpc.keys[0] in main
    }
    for association in network.associations:
        subnet = association.subnet
        if subnet is not None and subnet.decided and association.table.decided:
            found[subnet.keys[0]] = association.table.keys[0]
    return found


def _routes(network: Network) -> dict[Key, dict[str, Route]]:
    """The routes of each table by destination, but for those AWS derives from other facts."""
    gateways = {one.key for one in network.endpoints if one.kind is EndpointKind.GATEWAY}
    found: dict[Key, dict[str, Route]] = {}
    for route in network.routes:
        place = route.destination
        if not route.table.decided or isinstance(place, Unknown):
            continue
        if route.target.kind is TargetKind.LOCAL:
            continue
        to_gateway = route.target.ref is not None and bool(gateways & set(route.target.ref.keys))
        if isinstance(place, Ref) and (to_gateway or not place.decided):
            continue
        text = place.keys[0] if isinstance(place, Ref) else str(place)
        found.setdefault(route.table.keys[0], {})[text] = route
    return found


def _differ(one: Target, other: Target) -> bool:
    """Whether two targets are certainly not the same."""
    if other.kind is TargetKind.BLACKHOLE and one.kind is not TargetKind.BLACKHOLE:
        return True
    if one.ref is None or other.ref is None:
        return one.kind is not other.kind
    if not one.ref.decided or not other.ref.decided or "::" in one.ref.keys[0]:
        return False
    return one.ref.keys != other.ref.keys


def _rules(group: SecurityGroup) -> frozenset[tuple[str, str, str, str]] | None:
    """The rules as texts; `None` when one is not known."""
    found: set[tuple[str, str, str, str]] = set()
    for rule in group.rules:
        told = _rule(rule)
        if told is None:
            return None
        found.add(told)
    return frozenset(found)


_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}


def _rule(rule: SecurityRule) -> tuple[str, str, str, str] | None:
    protocol, ports, peer = rule.protocol, rule.ports, rule.peer
    if isinstance(protocol, Unknown) or isinstance(ports, Unknown) or isinstance(peer, Unknown):
        return None
    if isinstance(peer, Ref):
        if not peer.decided or "::" in peer.keys[0]:
            return None
        whom = peer.keys[0]
    else:
        whom = str(peer)
    word = _PROTOCOLS.get(protocol.lower(), protocol.lower())
    first_to_last = "" if ports is None else f"{ports.first}-{ports.last}"
    return rule.direction.value, word, first_to_last, whom


def _transit_routes(network: Network) -> dict[Key, dict[str, tuple[Key, ...]]]:
    found: dict[Key, dict[str, tuple[Key, ...]]] = {}
    for route in network.transit_routes:
        place = route.destination
        if not route.table.decided or isinstance(place, (Unknown, Ref)):
            continue
        ways = () if route.attachment is None else route.attachment.keys
        if any("::" in way for way in ways):
            continue
        found.setdefault(route.table.keys[0], {})[str(place)] = ways
    return found
