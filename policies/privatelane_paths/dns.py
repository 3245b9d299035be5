"""What a name resolves to in a VPC, which is decided before any route is looked at.

The VPC's resolver answers from the most specific of: rules that forward a domain away, private
hosted zones, and the hidden zone that an interface endpoint's private DNS makes. Only when none of
them covers the name is it looked up in public.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from ipaddress import ip_address
from itertools import groupby
from typing import TYPE_CHECKING

from privatelane_paths.facts import (
    Endpoint,
    EndpointKind,
    GatewayKind,
    HostedZone,
    ResolverRule,
    Vpc,
    ZoneRecord,
)
from privatelane_paths.known import Key, Maybe, Unknown
from privatelane_paths.routing import usable
from privatelane_paths.services import ANY_LABEL, Flow, parse_service_name

if TYPE_CHECKING:
    from privatelane_paths.index import Index

__all__ = ["NOBODY_KNOWS", "Answer", "Answered", "Names", "covers", "why_not"]

#: Stands for an endpoint at some private address, when a server of one's own gives it out.
NOBODY_KNOWS = "nobody-knows-which"
#: How DHCP options and clients name the VPC's own resolver.
_AMAZON = frozenset({"AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253"})
_ENDPOINT_HOSTS = (".vpce.amazonaws.com", ".vpce.amazonaws.com.cn")


class Answered(Enum):
    """What kind of answer a client gets."""

    PUBLIC = "public"
    ENDPOINT = "endpoint"
    UNSEEN = "unseen"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer: the service's public addresses, an endpoint's, or none at all.

    `how` says who answers, in words; `missing` what would have to be known to be sure of it.
    An unseen answer is that of an endpoint in this VPC that is not among the facts; an unknown one
    can be anything. `home` is the endpoint's VPC where the answer itself says so.
    """

    kind: Answered
    how: str
    endpoint: Key | None = None
    missing: tuple[str, ...] = ()
    home: Key | None = None


@dataclass(frozen=True, slots=True)
class _Contender:
    """Something that answers for a domain, certainly or with what is missing to be sure."""

    depth: int
    order: int
    missing: str
    answers: tuple[Answer, ...]
    domain: str


#: Among contenders for one domain, rules go before zones; hidden zones exclude others.
_RULE, _HIDDEN_ZONE, _ZONE = range(3)


def covers(domain: str, name: str) -> bool | None:
    """Whether a name is a domain or below it; `None` when a label of the name is not known."""
    wanted = _labels(domain)
    labels = _labels(name)
    if len(wanted) > len(labels):
        return False
    known = True
    for mine, theirs in zip(reversed(wanted), reversed(labels), strict=False):
        if theirs == ANY_LABEL:
            known = False
        elif mine != theirs:
            return False
    return True if known else None


def _labels(name: str) -> list[str]:
    trimmed = name.rstrip(".").lower()
    if not trimmed:
        return []
    return [ANY_LABEL if ANY_LABEL in label else label for label in trimmed.split(".")]


def why_not(endpoint: Endpoint, vpc: Vpc | None, region: str | None) -> Maybe[str]:
    """Why an interface endpoint's private DNS does not answer in its VPC; empty when it does."""
    doubts: list[Unknown] = []
    for fact, wrong, why in (
        (endpoint.private_dns, False, "its private DNS is off"),
        (endpoint.inbound_only, True, "its private DNS answers inbound resolvers only"),
        (None if vpc is None else vpc.dns_support, False, "DNS support is off in its VPC"),
        (None if vpc is None else vpc.dns_hostnames, False, "DNS hostnames are off in its VPC"),
    ):
        if isinstance(fact, Unknown):
            doubts.append(fact)
        elif fact is wrong:
            return why
    if not usable(endpoint.state):
        return f"it is {endpoint.state}"
    if endpoint.subnets.decided and not endpoint.subnets.certain:
        return "it stands in no subnet"
    where = _region_of(endpoint, vpc)
    if isinstance(where, Unknown):
        doubts.append(where)
    elif where is not None and region is not None and where != region:
        return f"it is for {where}, not for {region}"
    if isinstance(endpoint.state, Unknown):
        doubts.append(endpoint.state)
    return doubts[0] if doubts else ""


def _region_of(endpoint: Endpoint, vpc: Vpc | None) -> Maybe[str | None]:
    """The region whose service an endpoint serves; `None` when it is its own, whichever that is."""
    if isinstance(endpoint.service_region, Unknown) or endpoint.service_region is not None:
        return endpoint.service_region
    own = None if vpc is None or isinstance(vpc.region, Unknown) else vpc.region
    if isinstance(endpoint.service_name, Unknown):
        return own
    named = parse_service_name(endpoint.service_name)[1]
    if named is not None and own is not None and named != own:
        # AWS refuses such an endpoint unless its service's region is given.
        return f"{named} without being a cross-region endpoint"
    return own or named


class Names:
    """Answers for the VPCs of one network; each VPC and name is resolved once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._memo: dict[tuple[Key, str], tuple[Answer, ...]] = {}
        self._zones = [one for one in index.network.hosted_zones if one.key not in index.gone]
        self._rules = [one for one in index.network.resolver_rules if one.key not in index.gone]
        self._records: dict[Key, list[ZoneRecord]] = defaultdict(list)
        for record in index.network.zone_records:
            if record.key not in index.gone:
                for zone in self._zones:
                    if record.zone.may_be(zone.key):
                        self._records[zone.key].append(record)

    def resolve(self, vpc: Key, flow: Flow) -> tuple[Answer, ...]:
        """The possible answers that a client in a VPC gets for a flow's name."""
        step = (vpc, flow.label)
        found = self._memo.get(step)
        if found is None:
            found = self._memo[step] = _distinct(self._resolve(vpc, flow))
        return found

    def _resolve(self, vpc: Key, flow: Flow) -> Iterator[Answer]:
        fact = self._index.vpc(vpc)
        outside = f"which is not among the facts: {vpc}"
        servers = (
            Unknown(f"the DHCP options of a VPC {outside}") if fact is None else (fact.dns_servers)
        )
        support = (
            Unknown(f"the DNS attributes of a VPC {outside}")
            if fact is None
            else (fact.dns_support)
        )
        doubts: list[str] = []
        if isinstance(servers, Unknown):
            doubts.append(servers.missing)
            yield Answer(Answered.PUBLIC, "DNS servers of its own", None, (servers.missing,))
        elif servers is not None and not (servers and _AMAZON.issuperset(servers)):
            how = f"the DNS servers {', '.join(servers)} of the VPC's DHCP options"
            if not servers:
                # No server at all: whatever a client asks instead is not the VPC's resolver.
                yield Answer(Answered.PUBLIC, "a resolver outside the VPC")
                return
            doubts.append(f"whether {', '.join(servers)} ask the VPC's resolver")
            yield Answer(Answered.PUBLIC, how, None, tuple(doubts))
        if support is not True:
            how = "a resolver outside the VPC, whose own is off"
            facts = (support.missing,) if isinstance(support, Unknown) else ()
            yield Answer(Answered.PUBLIC, how, None, facts)
            if support is False:
                return
            doubts.extend(facts)
        for answer in self._by_vpc_resolver(vpc, flow):
            yield replace(answer, missing=tuple(sorted({*answer.missing, *doubts})))

    def _by_vpc_resolver(self, vpc: Key, flow: Flow) -> Iterator[Answer]:
        contenders = sorted(
            self._contenders(vpc, flow),
            key=lambda one: (-one.depth, one.order, one.domain, one.answers[0].how),
        )
        doubts: list[str] = []
        for place, one in enumerate(contenders):
            facts = {*doubts, *([one.missing] if one.missing else [])}
            rivals = [
                other
                for other in contenders[place + 1 :]
                if (other.depth, other.order) == (one.depth, one.order)
            ]
            if rivals and not one.missing:
                # AWS refuses a second zone for the same name; whichever was first answers.
                facts.add(f"which of the zones for {one.domain} answers")
            for answer in one.answers:
                yield replace(answer, missing=tuple(sorted({*answer.missing, *facts})))
            if one.order == _HIDDEN_ZONE:
                yield from _forwarded_before(one, contenders[place + 1 :], facts)
            if not one.missing and not rivals:
                return
            doubts = sorted(facts)
        yield Answer(Answered.PUBLIC, "public DNS", None, tuple(sorted(set(doubts))))
        yield from self._unseen(vpc, flow)

    def _contenders(self, vpc: Key, flow: Flow) -> Iterator[_Contender]:
        yield from self._forwarding(vpc, flow)
        for zone in self._zones:
            if zone.vpcs.may_have(vpc):
                yield from self._zone(zone, vpc, flow)
        if flow.zone is not None:
            for endpoint in self._index.endpoints_in.to(vpc):
                yield from self._hidden_zone(endpoint, vpc, flow)

    def _forwarding(self, vpc: Key, flow: Flow) -> Iterator[_Contender]:
        """The rules that may forward the name: the most specific, and doubtful ones above it.

        A system rule forwards nothing; it takes its domain out of less specific forwarding rules.
        """
        found: list[tuple[int, str, str, ResolverRule]] = []
        for rule in self._rules:
            missing, depth = _reach(rule.domain, flow.host, "the domain of a resolver rule")
            if depth is not None and rule.vpcs.may_have(vpc):
                if not rule.vpcs.must_have(vpc):
                    missing = missing or rule.vpcs.missing
                found.append((depth, missing, rule.key, rule))
        doubts: list[str] = []
        for depth, missing, _, rule in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
            doubt = missing or next(iter(doubts), "")
            if rule.forward is not False:
                yield self._forwarder(rule, depth, doubt, vpc)
            if not missing and not isinstance(rule.forward, Unknown):
                return
            doubts.append(missing or f"whether {rule.key} forwards its domain")

    def _forwarder(self, rule: ResolverRule, depth: int, missing: str, vpc: Key) -> _Contender:
        domain = "" if isinstance(rule.domain, Unknown) else rule.domain
        how = f"the servers that {domain or 'a domain'} is forwarded to"
        answers = [Answer(Answered.PUBLIC, how)]
        if self._linked(vpc):
            answers.append(Answer(Answered.ENDPOINT, how, NOBODY_KNOWS, (f"what {how} answer",)))
        if isinstance(rule.forward, Unknown):
            missing = missing or rule.forward.missing
        return _Contender(depth, _RULE, missing, tuple(answers), domain)

    def _zone(self, zone: HostedZone, vpc: Key, flow: Flow) -> Iterator[_Contender]:
        missing, depth = _reach(zone.domain, flow.host, "the domain of a private hosted zone")
        if depth is None:
            return
        if not zone.vpcs.must_have(vpc):
            missing = missing or zone.vpcs.missing
        domain = "" if isinstance(zone.domain, Unknown) else zone.domain
        answers = tuple(self._answers_in(zone, domain, flow))
        yield _Contender(depth, _ZONE, missing, answers, domain)

    def _answers_in(self, zone: HostedZone, domain: str, flow: Flow) -> Iterator[Answer]:
        """The answers of a hosted zone, which never asks anybody else."""
        how = f"the private hosted zone {domain or zone.key}"
        doubts: list[str] = [zone.missing] if zone.missing else []
        if zone.missing:
            yield Answer(Answered.UNKNOWN, how, None, (zone.missing,))
        for _, group in groupby(self._matching(zone, domain, flow), key=lambda one: one[0]):
            found = [(record, _in_doubt(record, zone, fits=fits)) for _, record, fits in group]
            certain = [record for record, missing in found if not missing]
            if len({(one.endpoint, one.values) for one in certain}) > 1:
                # Weighted and failover records, or those of both IP versions, share a name.
                doubts.append(f"which of the records for {certain[0].name} answers")
            for record, missing in sorted(found, key=lambda one: not one[1]):
                facts = [*doubts, missing] if missing else doubts
                for answer in self._record_answers(record, how):
                    yield replace(answer, missing=tuple(sorted({*answer.missing, *facts})))
                if missing:
                    doubts.append(missing)
            if certain:
                return
        yield Answer(Answered.NOTHING, f"{how}, which has no such record", None, tuple(doubts))

    def _matching(
        self, zone: HostedZone, domain: str, flow: Flow
    ) -> list[tuple[int, ZoneRecord, bool]]:
        """The records that may answer, the most specific first, and whether they surely fit.

        The number is the same for records that are equally specific.
        """
        wanted = _labels(flow.host)
        found: list[tuple[int, str, ZoneRecord, bool]] = []
        for record in self._records.get(zone.key, ()):
            if isinstance(record.name, Unknown):
                found.append((2 * len(wanted) + 2, record.key, record, True))
                continue
            labels = record.name.rstrip(".").lower().split(".")
            if domain and covers(domain, record.name) is False:
                labels = [*(label for label in labels if label), *_labels(domain)]
            fits = _fits(labels, wanted)
            if fits is not False:
                exact = labels[:1] != [ANY_LABEL]
                found.append((2 * len(labels) + exact, record.key, record, fits is True))
        found.sort(key=lambda one: (-one[0], one[1]))
        return [(rank, record, fits) for rank, _, record, fits in found]

    def _record_answers(self, record: ZoneRecord, how: str) -> Iterator[Answer]:
        edge = record.endpoint
        if edge is not None:
            facts = () if edge.decided else (edge.missing,)
            for key in edge.keys:
                yield Answer(Answered.ENDPOINT, how, key, facts)
            if edge.open:
                yield Answer(Answered.UNKNOWN, how, None, facts)
        elif isinstance(record.values, Unknown):
            yield Answer(Answered.UNKNOWN, how, None, (record.values.missing,))
        else:
            for value in record.values:
                yield self._value_answer(value, how)
            if not record.values:
                yield Answer(Answered.NOTHING, f"{how}, whose record is empty")

    def _value_answer(self, value: str, how: str) -> Answer:
        name = value.rstrip(".").lower()
        if name.endswith(_ENDPOINT_HOSTS):
            key = "-".join(name.split(".", 1)[0].split("-")[:2])
            return Answer(Answered.ENDPOINT, how, key)
        try:
            address = ip_address(name)
        except ValueError:
            return Answer(Answered.UNKNOWN, how, None, (f"what {value} resolves to",))
        if address.is_global:
            return Answer(Answered.PUBLIC, how)
        return Answer(Answered.ENDPOINT, how, value)

    def _hidden_zone(self, endpoint: Endpoint, vpc: Key, flow: Flow) -> Iterator[_Contender]:
        assert flow.zone is not None
        doubts: list[str] = []
        if isinstance(endpoint.service_name, Unknown):
            doubts.append(endpoint.service_name.missing)
        elif parse_service_name(endpoint.service_name)[0] != flow.service.endpoint:
            return
        if isinstance(endpoint.kind, Unknown):
            doubts.append(endpoint.kind.missing)
        elif endpoint.kind is not EndpointKind.INTERFACE:
            return
        why = why_not(endpoint, self._index.vpc(vpc), flow.region)
        if isinstance(why, Unknown):
            doubts.append(why.missing)
        elif why:
            return
        if not endpoint.vpc.must_be(vpc):
            doubts.append(endpoint.vpc.missing)
        if flow.service.dual_stack:
            # AWS's own pages disagree whether private DNS covers ECR's dual-stack names at all.
            if endpoint.ip_address_type == "ipv4":
                return
            doubts.append(f"whether private DNS of {endpoint.name} covers {flow.zone}")
        how = f"private DNS of {endpoint.name}"
        answer = Answer(Answered.ENDPOINT, how, endpoint.key, home=vpc)
        depth = len(_labels(flow.zone))
        missing = doubts[0] if doubts else ""
        yield _Contender(depth, _HIDDEN_ZONE, missing, (answer,), flow.zone)

    def _unseen(self, vpc: Key, flow: Flow) -> Iterator[Answer]:
        """Answers that something outside the facts can give in place of public DNS."""
        index = self._index
        here = index.outside_vpc(vpc) or index.unread("endpoints") or index.added_to(vpc)
        if here and flow.zone is not None:
            yield Answer(Answered.UNSEEN, "private DNS of an endpoint nobody sees", None, (here,))
        zones = index.unread("hosted_zones", "zone_records")
        if zones and (self._linked(vpc) or self._has_silent_endpoint(vpc, flow)):
            yield Answer(Answered.UNKNOWN, "a private hosted zone", None, (zones,))

    def _has_silent_endpoint(self, vpc: Key, flow: Flow) -> bool:
        """Whether the VPC has an endpoint that a hosted zone made by hand could lead to."""
        return any(
            isinstance(one.service_name, Unknown)
            or parse_service_name(one.service_name)[0] == flow.service.endpoint
            for one in self._index.endpoints_in.to(vpc)
            if one.kind is not EndpointKind.GATEWAY
        )

    def _linked(self, vpc: Key) -> bool:
        """Whether the VPC is connected to other networks, where endpoints may stand."""
        index = self._index
        if index.unread("attachments", "peerings"):
            return True
        return (
            any(one.vpc is not None and one.vpc.may_be(vpc) for one in index.attachments.values())
            or any(
                one.requester.may_be(vpc) or one.accepter.may_be(vpc)
                for one in index.peerings.values()
            )
            or any(
                one.kind is GatewayKind.VPN and one.vpc is not None and one.vpc.may_be(vpc)
                for one in index.gateways.values()
            )
        )


def _forwarded_before(
    zone: _Contender, others: Iterable[_Contender], doubts: Iterable[str]
) -> Iterator[Answer]:
    """The answers of a rule that forwards a domain above an endpoint's hidden zone.

    AWS lets private hosted zones answer before less specific rules, but does not say so of the
    hidden zones of endpoints; practice differs. Both answers stay possible.
    """
    for other in others:
        if other.order == _RULE:
            fact = f"whether the rule that forwards {other.domain} goes before {zone.domain}"
            facts = {*doubts, fact, *([other.missing] if other.missing else [])}
            for answer in other.answers:
                yield replace(answer, missing=tuple(sorted({*answer.missing, *facts})))
            return


def _reach(domain: Maybe[str], host: str, what: str) -> tuple[str, int | None]:
    """What is missing to know that a domain covers a host, and its depth; `None`: it does not."""
    if isinstance(domain, Unknown):
        return domain.missing, len(_labels(host)) + 1
    found = covers(domain, host)
    if found is False:
        return "", None
    return "" if found else f"whether {what}, {domain}, covers {host}", len(_labels(domain))


def _in_doubt(record: ZoneRecord, zone: HostedZone, *, fits: bool) -> str:
    """What is missing to know that a record of the zone is for the name asked for."""
    missing = "" if fits else f"whether the record {record.name} is for the name asked for"
    if not record.zone.must_be(zone.key):
        missing = missing or record.zone.missing
    if isinstance(record.name, Unknown):
        missing = missing or record.name.missing
    return missing


def _fits(record: list[str], wanted: list[str]) -> bool | None:
    """Whether a record answers for a name: exactly, or by a wildcard in its first label."""
    wildcard = record[:1] == ["*"]
    rest = record[1:] if wildcard else record
    if wildcard and len(wanted) <= len(rest):
        return False
    if not wildcard and len(wanted) != len(rest):
        return False
    tail = wanted[len(wanted) - len(rest) :]
    known = True
    for mine, theirs in zip(rest, tail, strict=True):
        if theirs == ANY_LABEL:
            known = False
        elif mine != theirs:
            return False
    return True if known else None


def _distinct(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """One answer of each kind and endpoint: the one that supposes least."""
    best: dict[tuple[str, str], Answer] = {}
    for answer in answers:
        step = (answer.kind.value, answer.endpoint or "")
        if step not in best or len(answer.missing) < len(best[step].missing):
            best[step] = answer
    return tuple(best[step] for step in sorted(best))
