"""Network ACLs with inline lines, separate rules and associations, and each VPC's default one."""

from __future__ import annotations

from collections import defaultdict
from ipaddress import ip_network
from typing import TYPE_CHECKING

from privatelane_paths.facts import Direction, NetworkAcl, NetworkAclEntry, PortRange, Prefix
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.sources.nouns import ACL, SUBNET, VPC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.sources.index import Index, View

__all__ = ["network_acls"]

_DEFAULT_ACL = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
_ASSOCIATION = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
#: Protocols whose lines have ports, by name and number.
_PORTED = frozenset({"tcp", "udp", "6", "17"})


def network_acls(index: Index) -> Iterator[NetworkAcl]:
    """The ACLs the stack declares, and the default one of each VPC that keeps it."""
    lines, doubts = _separate_lines(index)
    places = _associated(index)
    for view in index.of(ACL):
        default = view.resource.type == _DEFAULT_ACL
        inline, missing = _inline_lines(view)
        yield NetworkAcl(
            view.key,
            view.name,
            vpc=_vpc_of(view),
            default=default,
            subnets=view.members("subnetIds", SUBNET) | places.get(view.key, Refs()),
            entries=_merged(view, inline, lines[view.key]),
            missing=missing or doubts.get(view.key, doubts.get("", "")),
        )
    for vpc in index.of(VPC):
        key = index.implied_key(vpc.key, "default-network-acl")
        if index.view(key) is None:
            outside = vpc.resource.external or vpc.resource.type.endswith(":DefaultVpc")
            yield NetworkAcl(
                key,
                f"default network ACL of {vpc.name}",
                vpc=Ref.to(vpc.key),
                default=True,
                subnets=places.get(key, Refs()),
                entries=(*_default_lines(), *lines[key]),
                missing=f"the lines of {vpc.name}'s default network ACL"
                if outside
                else index.adoption_doubt(vpc.key, "default-network-acl"),
            )


def _vpc_of(view: View) -> Ref:
    return (
        view.index.adopted_of(view.key)
        or view.ref("vpcId", VPC)
        or Ref.anything(view.missing("vpcId"))
    )


def _inline_lines(view: View) -> tuple[list[NetworkAclEntry], str]:
    found: list[NetworkAclEntry] = []
    missing = ""
    for name, direction in (("ingress", Direction.INGRESS), ("egress", Direction.EGRESS)):
        listed = view.items(name)
        if isinstance(listed, Unknown):
            missing = listed.missing
            continue
        if listed is None and view.resource.external:
            missing = f"the lines of {view.name}, which this stack only reads"
        found.extend(_line(item, direction, "ruleNo", "action") for item in listed or ())
    return found, missing


def _merged(
    view: View, inline: list[NetworkAclEntry], separate: list[NetworkAclEntry]
) -> tuple[NetworkAclEntry, ...]:
    """Both spellings; a line that only the last refresh shows yields to the resource of its own."""
    taken = {(line.direction, line.number) for line in separate}
    kept = [
        line
        for line in inline
        if view.declared(line.direction.value) or (line.direction, line.number) not in taken
    ]
    return (*kept, *separate)


def _separate_lines(index: Index) -> tuple[dict[Key, list[NetworkAclEntry]], dict[Key, str]]:
    """Lines by ACL from rule resources, and the doubt about ACLs that may have more."""
    found: dict[Key, list[NetworkAclEntry]] = defaultdict(list)
    doubts: dict[Key, str] = {}
    for view in index.views(_RULE):
        owner = view.ref("networkAclId", ACL)
        if owner is None or (owner.open and not owner.keys):
            doubts[""] = view.missing("networkAclId")
            continue
        outgoing = view.flag("egress", False)
        if not owner.decided or isinstance(outgoing, Unknown):
            missing = owner.missing or view.missing("egress")
            doubts.update(dict.fromkeys(owner.keys, missing))
            continue
        direction = Direction.EGRESS if outgoing else Direction.INGRESS
        found[owner.keys[0]].append(_line(view, direction, "ruleNumber", "ruleAction"))
    return found, doubts


def _line(item: View, direction: Direction, number: str, action: str) -> NetworkAclEntry:
    place = item.number(number)
    verb = item.text(action)
    protocol = _protocol(item)
    prefix = item.prefix("cidrBlock")
    if prefix is None:
        prefix = item.prefix("ipv6CidrBlock")
    return NetworkAclEntry(
        number=Unknown(item.missing(number)) if place is None else place,
        direction=direction,
        allow=_allows(verb, item.missing(action)),
        protocol=protocol,
        ports=_ports(item, protocol),
        prefix=Unknown(item.missing("cidrBlock")) if prefix is None else prefix,
    )


def _allows(verb: Maybe[str] | None, missing: str) -> Maybe[bool]:
    if isinstance(verb, str) and verb.lower() in ("allow", "deny"):
        return verb.lower() == "allow"
    return verb if isinstance(verb, Unknown) else Unknown(missing)


def _protocol(item: View) -> Maybe[str]:
    value = item.text("protocol")
    if isinstance(value, str):
        return "-1" if value.lower() == "all" else value.lower()
    number = item.number("protocol")
    if isinstance(number, int):
        return str(number)
    return Unknown(item.missing("protocol"))


def _ports(item: View, protocol: Maybe[str]) -> Maybe[PortRange | None]:
    if isinstance(protocol, Unknown):
        return protocol
    if protocol not in _PORTED:
        return None
    first, last = item.number("fromPort"), item.number("toPort")
    if isinstance(first, Unknown):
        return first
    if isinstance(last, Unknown):
        return last
    if first is None or last is None:
        return Unknown(item.missing("fromPort"))
    return PortRange(first, last)


def _associated(index: Index) -> dict[Key, Refs]:
    found: dict[Key, Refs] = defaultdict(Refs)
    for view in index.views(_ASSOCIATION):
        owner = view.ref("networkAclId", ACL)
        subnet = view.ref("subnetId", SUBNET)
        if owner is None or subnet is None:
            continue
        for key in owner.keys:
            if owner.decided and subnet.decided:
                found[key] |= Refs.of(subnet.keys)
            else:
                missing = owner.missing or subnet.missing
                found[key] |= Refs(frozenset(), frozenset(subnet.keys), missing, subnet.open)
    return found


def _default_lines() -> Iterator[NetworkAclEntry]:
    """What EC2 puts into a VPC's default ACL: everything is allowed both ways."""
    everything: tuple[tuple[int, Prefix], ...] = (
        (100, ip_network("0.0.0.0/0")),
        (101, ip_network("::/0")),
    )
    for number, prefix in everything:
        for direction in Direction:
            yield NetworkAclEntry(number, direction, True, "-1", None, prefix)
