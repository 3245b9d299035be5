"""Connected networks in which one address means two things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Unknown
from privatelane_rules._connections import Connection, connections
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.known import Key
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
shop = aws.ec2.Vpc("shop", cidr_block="10.0.0.0/16")
data = aws.ec2.Vpc("data", cidr_block="10.0.128.0/17")
aws.ec2.VpcPeeringConnection("data", vpc_id=shop.id, peer_vpc_id=data.id)
"""
_RIGHT = """\
data = aws.ec2.Vpc("data", cidr_block="10.1.0.0/16")
"""


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a connection, with the ranges that overlap."""
    clashes: dict[Key, tuple[str, list[str]]] = {}
    for one in connections(stack):
        doubts = [vpc.cidrs for vpc in (one.first, one.second) if isinstance(vpc.cidrs, Unknown)]
        if doubts:
            yield undecided(
                one.key,
                f"whether {one.first.name} and {one.second.name} overlap",
                doubts[0].missing,
            )
            continue
        for text in _clashes(one):
            clashes.setdefault(one.key, (one.name, []))[1].append(text)
    for key, (name, texts) in sorted(clashes.items()):
        yield Finding(key, "\n".join([f"{name} connects networks that overlap:", *sorted(texts)]))


def _clashes(one: Connection) -> Iterator[str]:
    if isinstance(one.first.cidrs, Unknown) or isinstance(one.second.cidrs, Unknown):
        return
    for mine in one.first.cidrs:
        for theirs in one.second.cidrs:
            if mine.version == theirs.version and mine.overlaps(theirs):
                yield f"  {mine} of {one.first.name} and {theirs} of {one.second.name}"


RULE = Rule(
    id="overlapping-networks",
    title="Connected networks have overlapping addresses.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "AWS refuses to peer VPCs that overlap. A transit gateway takes them and then delivers "
        "only to one of the two, so that traffic to the other is lost or goes astray."
    ),
    fix="Give the networks ranges of one plan, or connect only the ranges that are unique.",
    check=check,
    framework=well_architected(
        "REL02-BP05",
        "Enforce non-overlapping private IP address ranges in all private address spaces where "
        "they are connected",
    ),
    url="https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("peering", "transit-gateway", "vpc"),
)
