"""The sentences that people read about lanes, as patterns: all that the prover may say.

`N` stands for what a fact is called (or the key of what is not among the facts), `D` for a
destination, `P` for a prefix, `H` for a host name, `T` for a table in words. A sentence belongs to
the kinds of lane that it can be the reason of.
"""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

from privatelane_paths.facts import Network
from tests.paths.paths_allowed import facts_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from privatelane_paths import Lane

__all__ = ["is_how", "is_missing", "unheard"]

_SLOTS = {
    "D": r"(?:the public addresses of [a-z0-9.:-]+(?: in [a-z0-9-]+)?"
    r"|the addresses of (?:ECR's API|ECR's registry|image layers in S3|S3) in 64:ff9b::/96"
    r"|the addresses of endpoint N|an address nobody knows)",
    "T": r"(?:route table N|the main table of N|the default route table"
    r"|transit gateway route table N)",
    "P": r"[0-9a-f.:]+/\d+",
    "H": r"(?:\*\.)?[*a-z0-9-]+(?:\.[*a-z0-9-]+)+",
    "R": r"(?:local |)P(?: in N)?|the prefix list of [a-z0-9.]+|a route nobody sees"
    r"|a destination that is not known|a prefix list|an unknown destination|P if propagated"
    r"|the ranges of N",
    "E": r"(?:interface|gateway) endpoint N",
    "Z": r"the private hosted zone (?:H|N)",
    "N": r"<[^<>]+>|[a-z0-9][\w.:/-]*",
}
_NATS = (
    r"(?:a NAT gateway|NAT gateway N"
    r"|network interface(?: N)? \((?:a NAT instance|taken for a NAT instance)\))"
)
_REASONS = {
    "nat": (rf"D are reached through {_NATS}",),
    "remote-nat": (
        rf"D are reached through {_NATS} in another VPC",
        "(?:transit gateway(?: N)?|N) is not among the facts and taken to lead to a NAT gateway",
    ),
    "internet-gateway": (
        "D are reached over the (?:egress-only )?internet gateway",
        "the carrier gateway forwards to the internet without a NAT gateway",
        "(?:transit gateway(?: N)?|N) is not among the facts and allowed by configuration",
    ),
    "gateway-endpoint": ("D are reached through gateway endpoint N",),
    "interface-endpoint": (
        (
            "the name resolves to (?:interface endpoint N|VPC endpoint N|address N"
            "|an address nobody knows)"
        ),
        "H may resolve to an endpoint nobody sees",
    ),
    "none": ("T has no route to D",),
    "broken": (
        "H does not resolve: Z, (?:which has no such record|whose record is empty)",
        "H has IPv4 addresses only, and DNS64 is off in subnet N",
        "N has no route back",
        "N is not attached to transit gateway N",
        "NAT gateway N (?:cannot be used|is (?:deleted|deleting|failed))",
        "NAT gateway N stands in the subnet it would serve, which is a loop",
        "VPC Block Public Access closes the internet gateway in both directions",
        "VPC peering N is not active",
        "VPC peering N leads to N, where the endpoint is not",
        "a VPC peering carries traffic to the peer VPC only, never beyond it",
        (
            "an (?:egress-only )?internet gateway (?:drops what comes from a private NAT gateway"
            "|forwards nothing that comes from another VPC)"
        ),
        "attachment N has no subnet in the zone of this subnet",
        "attachment N is associated with no route table",
        "subnet N leads to an internet gateway, and the task has no public address",
        "endpoint N has IPv6 addresses only",
        "endpoint N stands in no subnet, so that it has no address",
        "(?:interface endpoint|endpoint) N forwards nothing",
        "(?:gateway|firewall|gateway load balancer) endpoint N (?:cannot be used|is [a-z]+)",
        "network interface N drops what is not for itself: its source/destination check is on",
        "T (?:has no route to|drops) D",
        "the address lies in N's own range, where the endpoint is not",
        "the (?:egress-only )?internet gateway drops what is not for the internet",
        (
            r"the endpoint policy of E does not allow (?:anything|[a-z0-9]+:\w+(?:, [a-z0-9]+:\w+)*"
            r"(?: on arn:\S+)?)"
        ),
        "the network ACL of N blocks HTTPS to D or the answers to it",
        (
            "the network ACLs of the subnets of interface endpoint N block HTTPS from subnet N or "
            "the answers"
        ),
        "the route is a blackhole",
        "the route leads to N, which this update deletes",
        "the routes lead back to (?:T|attachment N|transit gateway N)",
        "the security groups of interface endpoint N do not admit HTTPS from subnet N",
        "the security groups of what sends from subnet N do not admit HTTPS to D",
    ),
}
_MISSING = (
    "how the network behind (?:VPN gateway |local gateway )?N reaches AWS",
    (
        "in which subnet (?:(?:firewall|gateway load balancer|gateway|) ?endpoint )?N "
        "(?:brings|takes) the traffic"
    ),
    "the (?:address ranges|VPC|main route table|rules of security group) (?:of )?N",
    "the (?:network ACL|route table) of N, declared outside this stack",
    "the routes of N, which is (?:not among the facts|declared outside this stack)",
    "the subnets of (?:(?:firewall |gateway load balancer |)endpoint )?N",
    "the way back (?:from N )?to subnet N",
    "the entries of prefix list N",
    "the prefixes that N propagates",
    r"what N \([\w:/-]+\) (?:adds to what it was given|contains)",
    "what N holds(?: outside this stack|, which is not among the facts)",
    "what gateway endpoint N does with traffic from another VPC, which AWS does not support",
    "what stands at the address behind VPC peering N",
    "what stands behind (?:network interface(?: N)?|VPC endpoint N)",
    r"what the servers that (?:\.|H|amazonaws\.com|a domain) is forwarded to answer",
    "where core network N leads",
    "where transit gateway(?: N)? leads",
    r"whether [A-Za-z\d.:]+(?:, [A-Za-z\d.:]+)* ask the VPC's resolver",
    "the addresses of subnet N",
    "what H resolves to",
    "what N admits",
    "whether ECR's layers come through an S3 interface endpoint, which AWS's ECR guide excludes",
    "whether a list's entry is longer than P",
    "whether attachment N is in the zone of N",
    "whether the record H is for the name asked for",
    r"whether the rule that forwards (?:\.|H) goes before H",
    "whether rule-\\S+ forwards its domain",
    "whether what sends from subnet N is in security group N",
    "which addresses of (?:D|subnet N) (?:are used|send, since only some are admitted)",
    "which (?:association of N holds|attachment N uses|table is the main one of N)",
    "which endpoint the route points at",
    "which attachment the route of a transit gateway points at",
    "which of the overlapping prefix lists AWS takes",
    "which of the routes (?:R)(?:, (?:R))* cover D",
    "which of the routes to P holds",
    "which of the (?:zones|records) for H answers",
    r"which ports of \d+ to \d+ N is used with",
    "which IP version what is in subnet N prefers",
    "which VPC VPC peering(?: N)? leads to",
    "which VPCs N connects",
    "which of more than 2000 ways the traffic takes",
    "in which of its subnets N answers",
    "the rules of the default security group",
    r"the DHCP options of a VPC which is not among the facts: N",
    r"the DNS attributes of a VPC which is not among the facts: N",
    r"where \S+ stands",
)
_TABLES = "(?:route table N|the main table of N)"
_WHY = (
    "DNS (?:hostnames|support) (?:is|are) off in its VPC",
    "DynamoDB has no private DNS: clients must be given its own name",
    "clients do not ask, or may not ask, the VPC's resolver for its name",
    "it is (?:failed|deleted|deleting|rejected|expired)",
    "it is for [a-z0-9-]+(?: without being a cross-region endpoint)?, not for [a-z0-9-]+",
    "it is a (?:GatewayLoadBalancer|Resource|ServiceNetwork|Firewall) endpoint",
    (
        "it is on (?:N(?:, N)*|other route tables), not on (?:this subnet's|"
        "(?:N|the main table of N)(?:, (?:N|the main table of N))*)"
    ),
    "it is on no route table",
    "it stands in no subnet",
    "its private DNS answers inbound resolvers only",
    "its private DNS is off",
    "other routes may take the traffic before its own",
)
_SERVICE = r"(?:cn\.)?com\.amazonaws\.(?:<region>|[a-z0-9-]+)\.[a-z0-9.-]+"
_FIX = (
    "admit TCP 443 from subnet N in the security groups of interface endpoint N",
    "admit TCP 443 to D in the security groups of what sends from subnet N",
    (
        r"allow (?:anything|[a-z0-9]+:\w+(?:, [a-z0-9]+:\w+)*(?: on arn:\S+)?) in the "
        "endpoint policy of E"
    ),
    "assign public addresses to the tasks, or run them in a subnet with a private way",
    "copy the image from H to a private ECR repository of the region",
    (
        rf"create a gateway endpoint for {_SERVICE} on (?:{_TABLES}(?: and {_TABLES})*"
        "|the route table of subnet N)"
    ),
    rf"create an interface endpoint for {_SERVICE} in (?:N|the VPC) with private DNS on",
    (
        "let TCP 443 in and the ephemeral ports out by the network ACLs of interface endpoint N's "
        "subnets"
    ),
    "let TCP 443 out and the ephemeral ports back in by the network ACL of N",
    "let interface endpoint N answer for H in (?:N|the VPC)",
    rf"put gateway endpoint N on (?:{_TABLES}(?: and {_TABLES})*|the route table of subnet N)",
    "put interface endpoint N into a subnet of each zone",
    "remove the routes that may take its traffic before gateway endpoint N",
    "turn on DNS support and DNS hostnames in (?:N|the VPC)",
    "turn on private DNS on interface endpoint N",
)
_HOW = (
    "private DNS of (?:N|an endpoint nobody sees)",
    "Z(?:, (?:which has no such record|whose record is empty))?",
    "a private hosted zone",
    "public DNS",
    "DNS servers of its own",
    "a resolver outside the VPC(?:, whose own is off)?",
    r"the DNS servers \S+(?:, \S+)* of the VPC's DHCP options",
    r"the servers that (?:\.|com|H|a domain) is forwarded to",
)
_UNTOLD = re.compile(r"(?:it cannot be told without|it cannot be decided without) (.+)", re.DOTALL)
_MADE_KNOWN = re.compile(r"make (.+) known, for interface endpoint (\S+)")
_KINDS = "|".join((*_REASONS, "unknown"))


@cache
def _pattern(sentences: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern of all sentences, the names in it as groups."""
    whole = "|".join(sentences)
    for _ in range(3):
        whole = re.sub(r"\b([DTPHREZ])\b", lambda slot: f"(?:{_SLOTS[slot[1]]})", whole)
    return re.compile(re.sub(r"\bN\b", lambda _: f"(?:{_SLOTS['N']})", whole), re.ASCII)


def _known(network: Network) -> set[str]:
    """What the facts are called; a key only where there is no name."""
    names: set[str] = set()
    for one in fields(Network):
        facts = getattr(network, one.name)
        if isinstance(facts, tuple):
            names |= {fact.name for fact in facts if isinstance(getattr(fact, "name", None), str)}
    return names


def is_how(text: str) -> bool:
    """Whether words say who answers a name."""
    return _pattern(_HOW).fullmatch(text) is not None


def is_missing(network: Network, text: str) -> bool:
    """Whether words name a fact that the network itself misses, or one that nobody can show."""
    return text in facts_missing(network) or _pattern(_MISSING).fullmatch(text) is not None


def unheard(network: Network, lane: Lane) -> Iterator[str]:
    """Words about a lane that are no sentence of ours, or that speak of nothing in the network.

    The facts of the network must be named `<key>`, so that a key in place of a name is seen.
    """
    own = set(facts_missing(network))
    names = _known(network)

    def heard(text: str, sentences: tuple[str, ...]) -> bool:
        said = set(re.findall(r"<[^<>]+>", text)) - {"<region>"}
        bare = {f"<{word}>" for word in re.findall(r"[\w.-]+", re.sub(r"<[^<>]+>", "", text))}
        keys = {one for one in bare & names if "-" in one}
        return bool(_pattern(sentences).fullmatch(text)) and said <= names and not keys

    def missing(text: str) -> bool:
        return text in own or heard(text, _MISSING)

    yield from (text for text in lane.missing if not missing(text))
    for kind, text in _parts(lane):
        untold = _UNTOLD.fullmatch(text)
        if kind == "unknown" and untold is not None:
            if not missing(untold[1]):
                yield text
        elif not heard(text, _REASONS.get(kind, ())):
            yield f"{kind}: {text}"
    for one in lane.rejected:
        untold = _UNTOLD.fullmatch(one.why)
        if not (missing(untold[1]) if untold else heard(one.why, _WHY)) or one.name not in names:
            yield f"{one.name}: {one.why}"
    for text in lane.fix:
        made = _MADE_KNOWN.fullmatch(text)
        if not (missing(made[1]) and made[2] in names if made else heard(text, _FIX)):
            yield text


def _parts(lane: Lane) -> Iterable[tuple[str, str]]:
    """The reason, or the reasons of every end that is possible, each with its kind."""
    text = lane.reason.removeprefix("some of the traffic takes it: ")
    if text.startswith("it cannot be decided which holds: "):
        rest = text.removeprefix("it cannot be decided which holds: ")
        parts = re.split(rf"; or (?=(?:{_KINDS}): )", rest)
        # One end's reason may itself stand for several of one verdict.
        return [_kind_and_reason(part) for part in parts]
    first, *others = re.split(rf" \(or (?=(?:{_KINDS}): )|; (?=(?:{_KINDS}): )", text)
    if others:
        others[-1] = others[-1].removesuffix(")")
    return [(lane.kind.value, first), *map(_kind_and_reason, others)]


def _kind_and_reason(text: str) -> tuple[str, str]:
    kind, _, reason = text.partition(": ")
    return kind, reason
