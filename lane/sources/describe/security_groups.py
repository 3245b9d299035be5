"""Security groups and their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.sources.describe.answers import items, prefix, text
from privatelane_paths.facts import Direction, PortRange, Prefix, SecurityGroup, SecurityRule
from privatelane_paths.known import Maybe, Ref, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Names, Record, Shown

__all__ = ["ports_of", "security_groups"]

#: Protocols whose port numbers mean ports; for ICMP they are type and code.
_PORTED = frozenset({"tcp", "udp", "6", "17"})
_LAST_PORT = 65535


def security_groups(shown: Shown, names: Names) -> Iterator[SecurityGroup]:
    """The groups with every rule AWS has for them, the default ones among them."""
    for record, _ in shown.of("SecurityGroups"):
        key = record["GroupId"]
        name = names.of("SecurityGroups", record)
        if name == key:
            name = text(record, "GroupName") or key
        vpc = text(record, "VpcId")
        rules = (
            *_rules(record, "IpPermissions", Direction.INGRESS),
            *_rules(record, "IpPermissionsEgress", Direction.EGRESS),
        )
        yield SecurityGroup(
            key,
            name,
            vpc=Ref.to(vpc) if vpc else Ref.anything(f"the VPC of {name}"),
            rules=tuple(sorted(rules, key=lambda rule: rule.key)),
        )


def _rules(record: Record, listed: str, direction: Direction) -> Iterator[SecurityRule]:
    """One rule for each peer of each permission."""
    owner = record["GroupId"]
    for place, item in enumerate(items(record, listed)):
        protocol = text(item, "IpProtocol") or "-1"
        ports = ports_of(protocol, item.get("FromPort"), item.get("ToPort"))
        for position, peer in enumerate(_peers(item, owner)):
            key = f"{owner}#{direction.value}[{place:03}].{position:03}"
            yield SecurityRule(key, direction, protocol, ports, peer)


def _peers(item: Record, owner: str) -> Iterator[Maybe[Prefix | Ref]]:
    for listed, name in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for one in items(item, listed):
            cidr = text(one, name)
            if cidr is not None:
                yield prefix(cidr, owner)
    for listed, name in (("PrefixListIds", "PrefixListId"), ("UserIdGroupPairs", "GroupId")):
        for one in items(item, listed):
            key = text(one, name)
            yield Ref.to(key) if key else Unknown(f"what a rule of {owner} admits")


def ports_of(protocol: str, first: object, last: object) -> PortRange | None:
    """The ports of a rule; all of them when its protocol has none or it names none."""
    if protocol not in _PORTED or not isinstance(first, int) or not isinstance(last, int):
        return None
    if first <= 0 and last in (-1, _LAST_PORT):
        return None
    return PortRange(first, last)
