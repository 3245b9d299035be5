"""Security groups with inline rules, rule resources of either generation, and default groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from privatelane_paths.facts import Direction, PortRange, Prefix, SecurityGroup, SecurityRule
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.sources.index import Index, View, prefix_of
from privatelane_paths.sources.nouns import PREFIX_LIST, SECURITY_GROUP, VPC
from privatelane_paths.sources.resource import name_of

__all__ = ["outside_security_groups", "ports_of", "security_groups"]

_DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

#: Protocols whose port numbers mean ports; for ICMP they are type and code.
_PORTED = frozenset({"tcp", "udp", "6", "17"})


def security_groups(index: Index) -> Iterator[SecurityGroup]:
    """The groups the stack declares, and the default group each declared VPC comes with."""
    rules, doubts = _separate_rules(index)
    for view in index.of(SECURITY_GROUP):
        inline, missing = _inline_rules(view)
        found = [*inline, *rules[view.key]]
        yield SecurityGroup(
            view.key,
            view.name,
            vpc=_vpc_of(view),
            rules=tuple(sorted(found, key=lambda rule: rule.key)),
            missing=missing or doubts.get(view.key, doubts.get("", "")),
            outside=view.resource.external,
        )
    for vpc in index.of(VPC):
        key = index.implied_key(vpc.key, "default-security-group")
        if index.view(key) is None:
            outside = vpc.resource.external or vpc.resource.type.endswith(":DefaultVpc")
            yield SecurityGroup(
                key,
                f"default security group of {vpc.name}",
                vpc=Ref.to(vpc.key),
                rules=(*_default_rules(key), *rules[key]),
                missing=f"the rules of {vpc.name}'s default security group"
                if outside
                else index.adoption_doubt(vpc.key, "default-security-group"),
                outside=outside,
            )
    for cluster in index.views("aws:eks/cluster:Cluster"):
        key = index.implied_key(cluster.key, "cluster-security-group")
        # EKS makes it with the same rules as a VPC's default group.
        yield SecurityGroup(
            key,
            f"cluster security group of {cluster.name}",
            vpc=Ref.anything(f"the VPC of {cluster.name}"),
            rules=(*_default_rules(key), *rules[key]),
        )


def outside_security_groups(index: Index) -> Iterator[SecurityGroup]:
    """The groups that resources of the stack name but that it does not declare."""
    for key in sorted(index.mentioned[SECURITY_GROUP.name]):
        name = name_of(key)
        yield SecurityGroup(
            key,
            name,
            vpc=Ref.anything(f"the VPC of {name}, which this stack does not declare"),
            rules=(),
            missing=f"the rules of {name}, which this stack does not declare",
            outside=True,
        )


def ports_of(view: View, protocol: Maybe[str]) -> Maybe[PortRange | None]:
    """The ports of a rule; all of them when the protocol has none or the rule names none."""
    first, last = view.number("fromPort"), view.number("toPort")
    for value in (first, last):
        if isinstance(value, Unknown):
            return value
    if isinstance(protocol, Unknown):
        return None if first is None else protocol
    if protocol not in _PORTED or first is None or last is None:
        return None
    if isinstance(first, Unknown) or isinstance(last, Unknown):
        return None
    if first <= 0 and last in (0, -1, 65535):
        return None if (first, last) != (0, 0) else PortRange(0, 0)
    return PortRange(first, last)


def _vpc_of(view: View) -> Ref:
    vpc = view.ref("vpcId", VPC)
    if vpc is not None:
        return vpc
    # Without a VPC argument EC2 takes the account's default VPC, which is rarely in the stack.
    defaults = [one.key for one in view.index.views("aws:ec2/defaultVpc:DefaultVpc")]
    return Ref.anything(view.missing("vpcId"), defaults)


def _inline_rules(view: View) -> tuple[list[SecurityRule], str]:
    found: list[SecurityRule] = []
    missing = ""
    adopted = view.resource.type == _DEFAULT_GROUP
    for name, direction in (("ingress", Direction.INGRESS), ("egress", Direction.EGRESS)):
        listed = view.items(name)
        if isinstance(listed, Unknown):
            missing = listed.missing
            continue
        if listed is None and view.resource.external and not adopted:
            missing = f"the rules of {view.name}, which this stack only reads"
        for position, item in enumerate(listed or ()):
            key = f"{view.key}#{name}[{position:03}]"
            found.extend(_rules(key, direction, item, view.key))
    return found, missing


def _rules(key: Key, direction: Direction, item: View, owner: Key) -> Iterator[SecurityRule]:
    """One rule for each peer an inline rule or an older rule resource lists."""
    protocol = _protocol(item.text("protocol"), item)
    ports = ports_of(item, protocol)
    peers = list(_peers(item, owner))
    if not peers:
        peers = [Unknown(item.missing("peer"))]
    for position, peer in enumerate(peers):
        yield SecurityRule(f"{key}.{position:03}", direction, protocol, ports, peer)


def _peers(item: View, owner: Key) -> Iterator[Maybe[Prefix | Ref]]:
    for name in ("cidrBlocks", "ipv6CidrBlocks"):
        texts = item.texts(name)
        if isinstance(texts, Unknown):
            yield texts
            continue
        for text in texts or ():
            yield text if isinstance(text, Unknown) else _network(text, item, name)
    for name in ("securityGroups", "sourceSecurityGroupId"):
        noun = SECURITY_GROUP
        if name == "sourceSecurityGroupId":
            ref = item.ref(name, noun)
            if ref is not None:
                yield ref
            continue
        refs = item.refs(name, noun)
        for one in sorted(refs.certain):
            yield Ref.to(one)
        if not refs.decided:
            yield (
                Ref.anything(refs.missing, refs.possible)
                if refs.open
                else Ref.one_of(refs.possible, refs.missing)
            )
    lists = item.refs("prefixListIds", PREFIX_LIST)
    for one in sorted(lists.certain):
        yield Ref.to(one)
    if not lists.decided:
        yield Unknown(lists.missing)
    if item.flag("self", False) is True:
        yield Ref.to(owner)


def _network(text: str, item: View, name: str) -> Maybe[Prefix]:
    prefix = prefix_of(text)
    return Unknown(f"a valid CIDR in {item.label(name)}") if prefix is None else prefix


def _protocol(value: Maybe[str] | None, item: View) -> Maybe[str]:
    if value is None:
        number = item.number("protocol")
        return "-1" if number is None or isinstance(number, Unknown) else str(number)
    if isinstance(value, Unknown):
        number = item.number("protocol")
        return str(number) if isinstance(number, int) else value
    return "-1" if value.lower() in ("all", "-1") else value.lower()


def _separate_rules(index: Index) -> tuple[dict[Key, list[SecurityRule]], dict[Key, str]]:
    """Rules by group from rule resources, and the doubt about groups that may have more."""
    found: dict[Key, list[SecurityRule]] = defaultdict(list)
    doubts: dict[Key, str] = {}
    for view, direction in _rule_views(index):
        owner = view.ref("securityGroupId", SECURITY_GROUP)
        if owner is None or (owner.open and not owner.keys):
            doubts[""] = view.missing("securityGroupId")
            continue
        if not owner.decided:
            doubts.update(dict.fromkeys(owner.keys, owner.missing))
            continue
        key = owner.keys[0]
        if isinstance(direction, Unknown):
            doubts[key] = direction.missing
        elif view.resource.type == _RULE:
            found[key].extend(_rules(view.key, direction, view, key))
        else:
            found[key].append(_new_rule(view, direction))
    return found, doubts


def _rule_views(index: Index) -> Iterator[tuple[View, Maybe[Direction]]]:
    for view in index.views(_RULE):
        kind = view.text("type")
        if kind in ("ingress", "egress"):
            yield view, Direction(kind)
        else:
            yield view, Unknown(view.missing("type"))
    for view in index.views(_INGRESS_RULE):
        yield view, Direction.INGRESS
    for view in index.views(_EGRESS_RULE):
        yield view, Direction.EGRESS


def _new_rule(view: View, direction: Direction) -> SecurityRule:
    protocol = _protocol(view.text("ipProtocol"), view)
    peer: Maybe[Prefix | Ref] | None = None
    for name in ("cidrIpv4", "cidrIpv6"):
        peer = peer or view.prefix(name)
    peer = peer or view.ref("referencedSecurityGroupId", SECURITY_GROUP)
    peer = peer or view.ref("prefixListId", PREFIX_LIST)
    return SecurityRule(
        view.key,
        direction,
        protocol,
        ports_of(view, protocol),
        Unknown(view.missing("peer")) if peer is None else peer,
    )


def _default_rules(key: Key) -> Iterable[SecurityRule]:
    """What EC2 puts into a VPC's default group: everything from itself, everything out."""
    yield SecurityRule(f"{key}#ingress", Direction.INGRESS, "-1", None, Ref.to(key))
    for version, everything in (("4", "0.0.0.0/0"), ("6", "::/0")):
        yield SecurityRule(
            f"{key}#egress{version}", Direction.EGRESS, "-1", None, ip_network(everything)
        )
