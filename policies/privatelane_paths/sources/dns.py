"""Private hosted zones, their records, and the resolver rules that forward names away."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from privatelane_paths.facts import HostedZone, ResolverRule, ZoneRecord
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.sources.nouns import ENDPOINT, PROFILE, RESOLVER_RULE, VPC, ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.sources.index import Index, View

__all__ = ["ADDRESSING", "ENDPOINT_NAME", "hosted_zones", "resolver_rules", "zone_records"]

#: `vpce-0abc-xyz.ecr.api.us-east-1.vpce.amazonaws.com`: the id at the front of an endpoint's name.
ENDPOINT_NAME = re.compile(
    r"(?:\*\.)?(vpce-[0-9a-f]+)-[^.]+\..*\.vpce\.amazonaws\.com(?:\.cn)?\.?$"
)

#: Types of record that give a client an address.
ADDRESSING = frozenset({"A", "AAAA", "CNAME"})


def hosted_zones(index: Index) -> Iterator[HostedZone]:
    """The private zones: those put on a VPC by themselves, an association or a profile."""
    added = _associated(
        index, "aws:route53/zoneAssociation:ZoneAssociation", "zoneId", "vpcId", "resourceArn"
    )
    for view in index.of(ZONE):
        inline = _inline_vpcs(view)
        vpcs = inline | added.get(view.key, Refs())
        if vpcs.decided and not vpcs.certain:
            continue  # A public zone answers nobody differently inside a VPC.
        yield HostedZone(view.key, _domain(view, "name"), vpcs)
    for key in sorted(index.mentioned[ZONE.name] & added.keys()):
        yield HostedZone(
            key,
            Unknown(f"the domain of {key}, which this stack does not declare"),
            added[key],
            missing=f"the records of {key}, which this stack does not declare",
        )


def _inline_vpcs(view: View) -> Refs:
    # The provider's own guide puts `vpcs` under ignoreChanges beside association resources:
    # they add VPCs and take none away, so what the program lists stays listed.
    return view.refs_in("vpcs", "vpcId", VPC)


def zone_records(index: Index) -> Iterator[ZoneRecord]:
    """The records of private zones, with the endpoint that an alias or CNAME leads to."""
    domains = {view.key: _domain(view, "name") for view in index.of(ZONE)}
    for view in index.views("aws:route53/record:Record"):
        zone = view.ref("zoneId", ZONE)
        kind = view.text("type")
        if zone is None or (isinstance(kind, str) and kind not in ADDRESSING):
            continue
        domain = domains.get(zone.keys[0], "") if zone.decided else ""
        endpoint, values = _leads_to(view)
        yield ZoneRecord(view.key, zone, _full_name(view, domain), endpoint, values)


def _full_name(view: View, domain: Maybe[str]) -> Maybe[str]:
    name = view.text("name")
    if isinstance(name, Unknown) or isinstance(domain, Unknown):
        return Unknown(view.missing("name"))
    text = (name or "").rstrip(".").lower().replace("\\052", "*")
    if not domain or text == domain or text.endswith(f".{domain}"):
        return text
    return f"{text}.{domain}" if text else domain


def _leads_to(view: View) -> tuple[Ref | None, Maybe[tuple[str, ...]]]:
    """The endpoint that a record leads to, else its values; one says what the other would."""
    aliases = view.items("aliases")
    if isinstance(aliases, Unknown):
        return _traced(view, "aliases")
    if aliases:
        target = aliases[0].text("name")
        if not isinstance(target, str):
            return _traced(aliases[0], "name")
        return _read(view, (target.rstrip("."),))
    texts = view.texts("records")
    if texts is None:
        return None, ()
    if isinstance(texts, Unknown):
        return _traced(view, "records")
    known = tuple(one for one in texts if isinstance(one, str))
    return _read(view, known) if len(known) == len(texts) else _traced(view, "records")


def _traced(view: View, name: str) -> tuple[Ref | None, Maybe[tuple[str, ...]]]:
    endpoint = _endpoint_behind(view, name)
    if endpoint is not None and endpoint.decided:
        return endpoint, ()
    return endpoint, Unknown(view.missing(name))


def _read(view: View, values: tuple[str, ...]) -> tuple[Ref | None, Maybe[tuple[str, ...]]]:
    endpoint = _named_endpoint(view, values)
    return (None, values) if endpoint is None else (endpoint, ())


def _endpoint_behind(view: View, name: str) -> Ref | None:
    """The endpoint from which an unknown value was computed, if one was."""
    keys, is_open = view.traced(name, ENDPOINT)
    if not keys:
        return None
    if is_open:
        return Ref.anything(view.missing(name), keys)
    return Ref.one_of(keys, view.which(name, keys))


def _named_endpoint(view: View, names: tuple[str, ...]) -> Ref | None:
    for name in names:
        match = ENDPOINT_NAME.match(name.lower())
        if match:
            return Ref.to(view.index.key_of_id(match.group(1)))
    return None


def resolver_rules(index: Index) -> Iterator[ResolverRule]:
    """The resolver rules and the VPCs they hold for."""
    added = _associated(
        index,
        "aws:route53/resolverRuleAssociation:ResolverRuleAssociation",
        "resolverRuleId",
        "vpcId",
        "resourceArn",
    )
    for view in index.of(RESOLVER_RULE):
        kind = view.text("ruleType")
        yield ResolverRule(
            view.key,
            _domain(view, "domainName"),
            forward=kind if isinstance(kind, Unknown) else kind != "SYSTEM",
            vpcs=added.get(view.key, Refs()),
        )
    for key in sorted(index.mentioned[RESOLVER_RULE.name] & added.keys()):
        unseen = f"{key}, which this stack does not declare"
        yield ResolverRule(
            key,
            Unknown(f"the domain of {unseen}"),
            forward=Unknown(f"whether {unseen}, forwards"),
            vpcs=added[key],
        )


def _associated(
    index: Index, token: str, owner_name: str, vpc_name: str, profile_name: str
) -> dict[Key, Refs]:
    """VPCs by zone or rule, from association resources and from Route 53 profiles."""
    noun = ZONE if owner_name == "zoneId" else RESOLVER_RULE
    found: dict[Key, Refs] = defaultdict(Refs)
    for view in index.views(token):
        owner = view.ref(owner_name, noun)
        vpc = view.ref(vpc_name, VPC)
        if owner is None or vpc is None:
            continue
        for key in owner.keys:
            certain = owner.decided and vpc.decided
            found[key] |= (
                Refs.of(vpc.keys)
                if certain
                else Refs(frozenset(), frozenset(vpc.keys), owner.missing or vpc.missing, vpc.open)
            )
    profiles = _profiles(index)
    for view in index.views("aws:route53/profilesResourceAssociation:ProfilesResourceAssociation"):
        keys, is_open = _profile_resource(view, profile_name, noun)
        profile = view.ref("profileId", PROFILE)
        vpcs = Refs()
        for key in profile.keys if profile is not None else ():
            vpcs |= profiles.get(key, Refs())
        for key in keys:
            if len(keys) == 1 and not is_open and profile is not None and profile.decided:
                found[key] |= vpcs
            else:
                found[key] |= Refs.some_of(vpcs.certain | vpcs.possible, view.missing("profileId"))
    return found


def _profile_resource(view: View, name: str, noun: object) -> tuple[set[Key], bool]:
    chosen = ZONE if noun is ZONE else RESOLVER_RULE
    value = view.raw(name)
    if isinstance(value, str):
        # Zones and rules are named by ARN here: `arn:aws:route53:::hostedzone/Z123`.
        key = view.index.key_of_id(value)
        if key == value:
            key = view.index.key_of_id(value.rpartition("/")[2])
        owner = view.index.by_urn.get(key)
        return (
            ({key}, False) if owner is not None and owner.type in chosen.types else (set(), False)
        )
    return view.traced(name, chosen)


def _profiles(index: Index) -> dict[Key, Refs]:
    """The VPCs of each Route 53 profile."""
    found: dict[Key, Refs] = defaultdict(Refs)
    for view in index.views("aws:route53/profilesAssociation:ProfilesAssociation"):
        profile = view.ref("profileId", PROFILE)
        vpc = view.ref("resourceId", VPC)
        if profile is None or vpc is None:
            continue
        for key in profile.keys:
            found[key] |= (
                Refs.of(vpc.keys)
                if profile.decided and vpc.decided
                else Refs(
                    frozenset(), frozenset(vpc.keys), profile.missing or vpc.missing, vpc.open
                )
            )
    return found


def _domain(view: View, name: str) -> Maybe[str]:
    value = view.text(name)
    if isinstance(value, str):
        return value.rstrip(".").lower()
    return Unknown(view.missing(name))
