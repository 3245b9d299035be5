"""Security groups and network ACLs: whether packets between two sets of addresses may pass.

Three answers: `True`, every packet passes; `False`, none does; `Unknown`, some may or a fact is
missing. Security groups are stateful, so only the way there counts; network ACLs are not, so both
ways do.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privatelane_paths.facts import (
    Direction,
    NetworkAcl,
    NetworkAclEntry,
    PortRange,
    SecurityRule,
)
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.services import parse_service_name
from privatelane_paths.space import AddressSet, within

if TYPE_CHECKING:
    from privatelane_paths.index import Index

__all__ = ["HTTPS", "Packets", "acl_admits", "acls_of", "groups_admit"]

#: What every AWS service listens on.
HTTPS = PortRange(443, 443)
#: The ports Linux opens connections from; answers come back to them.
_EPHEMERAL = PortRange(32768, 60999)
_TCP = frozenset({"tcp", "6", "-1", "all"})


@dataclass(frozen=True, slots=True)
class Packets:
    """The far end of a conversation: its addresses, and its security groups where they are known.

    `space` is `None` while the addresses are unknown; `what` names the far end in words. `service`
    is set when they are the public addresses of an AWS service, as its own prefix list has them.
    """

    what: str
    space: AddressSet | None
    groups: Refs | None = None
    service: str = ""


def groups_admit(
    index: Index, groups: Refs, direction: Direction, far: Packets, version: int
) -> Maybe[bool]:
    """Whether security groups together admit HTTPS to or from the far end."""
    if not groups.certain and groups.decided:
        return Unknown("the rules of the default security group")
    certain = AddressSet(version)
    doubts: list[str] = [] if groups.decided else [groups.missing]
    for key in sorted(groups.certain | groups.possible):
        group = index.security_groups.get(key)
        if group is None or group.missing or (group.outside and not group.rules):
            doubts.append(_unseen(index, key))
        sure = key in groups.certain
        for rule in group.rules if group is not None else ():
            applies = _applies(rule.protocol, rule.ports, direction, rule.direction)
            if applies is False:
                continue
            admitted = _admitted(index, rule, far, version)
            if admitted is True or admitted is False:
                if admitted and sure and applies is True:
                    return True
                if admitted:
                    doubts.append(_doubt(applies, groups))
            elif isinstance(admitted, Unknown):
                doubts.append(admitted.missing)
            elif sure and applies is True:
                certain |= admitted
            else:
                doubts.append(_doubt(applies, groups))
    return _verdict(certain, far, doubts)


def _unseen(index: Index, key: Key) -> str:
    group = index.security_groups.get(key)
    if group is not None and group.missing:
        return group.missing
    return f"the rules of security group {index.name(key)}"


def _doubt(applies: Maybe[bool], groups: Refs) -> str:
    return applies.missing if isinstance(applies, Unknown) else groups.missing


def _applies(
    protocol: Maybe[str], ports: Maybe[PortRange | None], wanted: Direction, direction: Direction
) -> Maybe[bool]:
    """Whether a rule speaks of HTTPS over TCP in the wanted direction."""
    if direction is not wanted:
        return False
    if isinstance(protocol, Unknown):
        return protocol
    if protocol.lower() not in _TCP:
        return False
    if isinstance(ports, Unknown):
        return ports
    return ports is None or ports.first <= HTTPS.first <= ports.last


def _admitted(
    index: Index, rule: SecurityRule, far: Packets, version: int
) -> AddressSet | Maybe[bool]:
    """The addresses a rule admits, or whether it admits the far end by its group."""
    peer = rule.peer
    if isinstance(peer, Unknown):
        return peer
    if not isinstance(peer, Ref):
        return within(peer, version)
    if not peer.decided:
        return Unknown(peer.missing)
    key = peer.keys[0]
    listed = index.prefix_lists.get(key)
    if listed is not None:
        if listed.service is not None and far.service:
            short = parse_service_name(listed.service)[0] if "." in listed.service else ""
            return far.service in (short, listed.service)
        if isinstance(listed.entries, Unknown):
            return listed.entries
        return AddressSet.of(listed.entries, version)
    if key in index.security_groups or key.startswith("sg-"):
        return _in_group(index, key, far)
    return Unknown(f"what {key} admits")


def _in_group(index: Index, key: Key, far: Packets) -> Maybe[bool]:
    """Whether the far end carries a security group."""
    name = index.name(key)
    if far.groups is None:
        return Unknown(f"whether what sends from {far.what} is in security group {name}")
    if far.groups.must_have(key):
        return True
    return Unknown(far.groups.missing) if far.groups.may_have(key) else False


def _verdict(certain: AddressSet, far: Packets, doubts: list[str]) -> Maybe[bool]:
    if far.space is None:
        if not certain and not doubts:
            return False
        full = AddressSet.full(certain.version)
        return True if certain == full else Unknown(f"the addresses of {far.what}")
    if far.space <= certain:
        return True
    if doubts:
        return Unknown(doubts[0])
    if far.space & certain:
        return Unknown(f"which addresses of {far.what} send, since only some are admitted")
    return False


def acls_of(index: Index, subnet: Key, vpc: Key) -> tuple[tuple[NetworkAcl, ...], str]:
    """The network ACLs that may be on a subnet, and what is missing when that is not decided.

    No ACL at all stands for AWS's default one, which lets everything pass.
    """
    on_it = index.acls_on.to(subnet)
    decided = [acl for acl in on_it if acl.subnets.must_have(subnet)]
    if decided:
        return tuple(decided[:1]), ""
    defaults = [acl for acl in index.default_acls.to(vpc) if acl not in on_it]
    fact = index.subnets.get(subnet)
    outside = fact is None or fact.outside
    missing = next((acl.subnets.missing for acl in on_it), "") or next(
        (acl.vpc.missing for acl in defaults if not acl.vpc.must_be(vpc)), ""
    )
    if (outside or index.outside_vpc(vpc)) and not missing:
        # Where a source shows no network ACLs at all, AWS's default ones are supposed.
        missing = f"the network ACL of {index.name(subnet)}, declared outside this stack"
    return (*on_it, *defaults), missing


def acl_admits(
    index: Index, subnet: Key, vpc: Key, far: Packets, version: int, *, client: bool
) -> Maybe[bool]:
    """Whether a subnet's network ACL lets HTTPS out to the far end and the answers back in.

    `client`: connections are opened from this subnet; otherwise they are answered in it.
    """
    acls, missing = acls_of(index, subnet, vpc)
    there, back = (
        (Direction.EGRESS, Direction.INGRESS) if client else (Direction.INGRESS, Direction.EGRESS)
    )
    answers: list[Maybe[bool]] = []
    for acl in acls:
        one = _both(
            _passes(acl, there, HTTPS, far, version),
            _passes(acl, back, _EPHEMERAL, far, version),
        )
        answers.append(one)
    if missing or not answers:
        answers.append(True)
    if all(one is False for one in answers):
        return False
    if all(one is True for one in answers) and not missing:
        return True
    doubts = [one.missing for one in answers if isinstance(one, Unknown)]
    return Unknown(missing or next(iter(doubts), f"the network ACL of {index.name(subnet)}"))


def _both(one: Maybe[bool], other: Maybe[bool]) -> Maybe[bool]:
    if one is False or other is False:
        return False
    return other if one is True else one


def _passes(
    acl: NetworkAcl, direction: Direction, ports: PortRange, far: Packets, version: int
) -> Maybe[bool]:
    """Whether an ACL lets packets of these ports pass one way: all, none, or who knows."""
    entries = [entry for entry in acl.entries if entry.direction is direction]
    pieces = [_passes_ports(entries, piece, far, version) for piece in _pieces(entries, ports)]
    if acl.missing:
        return Unknown(acl.missing)
    if all(piece is True for piece in pieces):
        return True
    if all(piece is False for piece in pieces):
        return False
    return next(
        (piece for piece in pieces if isinstance(piece, Unknown)),
        Unknown(f"which ports of {ports.first} to {ports.last} {acl.name} is used with"),
    )


def _pieces(entries: Iterable[NetworkAclEntry], ports: PortRange) -> list[PortRange]:
    """The ports cut where an entry's ports begin or end."""
    cuts = {ports.first, ports.last + 1}
    for entry in entries:
        if isinstance(entry.ports, PortRange):
            cuts |= {
                cut
                for cut in (entry.ports.first, entry.ports.last + 1)
                if ports.first < cut <= ports.last
            }
    bounds = sorted(cuts)
    return [PortRange(first, last - 1) for first, last in itertools.pairwise(bounds)]


def _passes_ports(
    entries: Iterable[NetworkAclEntry], ports: PortRange, far: Packets, version: int
) -> Maybe[bool]:
    """The same for ports between which no entry begins or ends: the lowest number decides."""
    left = AddressSet.full(version) if far.space is None else far.space
    allowed = AddressSet(version)
    whole = left
    relevant = [entry for entry in entries if _speaks_of(entry, ports) is not False]
    for entry in relevant:
        doubt = _doubt_in(entry, ports)
        if doubt:
            return Unknown(doubt)
    for entry in sorted(relevant, key=_number):
        assert not isinstance(entry.prefix, Unknown)
        # The common ACL decides everything in its first line: no set algebra is needed for that.
        everything = entry.prefix.prefixlen == 0 and entry.prefix.version == version
        hit = left if everything else left & within(entry.prefix, version)
        if entry.allow is True:
            allowed = allowed | hit if allowed else hit
        if everything:
            break
        left -= hit
    if allowed == whole or (far.service and whole.has_nearly(allowed)):
        return True
    return Unknown(f"which addresses of {far.what} are used") if allowed else False


def _speaks_of(entry: NetworkAclEntry, ports: PortRange) -> Maybe[bool]:
    if isinstance(entry.protocol, Unknown):
        return entry.protocol
    if entry.protocol.lower() not in _TCP:
        return False
    if isinstance(entry.ports, Unknown):
        return entry.ports
    if entry.ports is None or entry.protocol.lower() in ("-1", "all"):
        return True
    return entry.ports.first <= ports.first and ports.last <= entry.ports.last


def _doubt_in(entry: NetworkAclEntry, ports: PortRange) -> str:
    for fact in (_speaks_of(entry, ports), entry.number, entry.allow, entry.prefix):
        if isinstance(fact, Unknown):
            return fact.missing
    return ""


def _number(entry: NetworkAclEntry) -> int:
    assert not isinstance(entry.number, Unknown)
    return entry.number
