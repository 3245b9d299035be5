"""Private hosted zones, their records, and the resolver rules that forward names away."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lane.sources.describe.answers import items, text
from privatelane_paths.facts import HostedZone, ResolverRule, ZoneRecord
from privatelane_paths.known import Key, Ref, Refs, Unknown
from privatelane_paths.sources.dns import ADDRESSING, ENDPOINT_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Record, Shown

__all__ = ["hosted_zones", "resolver_rules", "zone_records"]

_ENDED = frozenset({"DELETING", "DELETED", "FAILED"})


def hosted_zones(shown: Shown) -> Iterator[HostedZone]:
    """The private zones and their VPCs, associated one by one or through profiles."""
    profiles = _by_profile(shown)
    for record, place in shown.of("HostedZones"):
        config = record.get("Config")
        if isinstance(config, dict) and config.get("PrivateZone") is False:
            continue
        key = record["Id"]
        vpcs = {vpc for item in items(record, "VPCs") if (vpc := text(item, "VPCId"))}
        vpcs |= profiles.get(key.rpartition("/")[2], set())
        private = isinstance(config, dict) and config.get("PrivateZone") is True
        unseen = private and not isinstance(record.get("VPCs"), list)
        if not vpcs and not unseen:
            continue
        name = (text(record, "Name") or "").rstrip(".").lower()
        yield HostedZone(
            key,
            name or Unknown(f"the domain of {key}"),
            Refs.anything(f"the VPCs of hosted zone {name or key}", vpcs)
            if unseen
            else Refs.of(vpcs),
            missing=""
            if isinstance(record.get("ResourceRecordSets"), list)
            else place.missing("HostedZones") or f"the records of hosted zone {name or key}",
        )


def zone_records(shown: Shown) -> Iterator[ZoneRecord]:
    """The records that answer with an address or another name."""
    for record, _ in shown.of("HostedZones"):
        for place, item in enumerate(items(record, "ResourceRecordSets")):
            kind = text(item, "Type")
            if kind not in ADDRESSING:
                continue
            values = _values(item)
            endpoints = {
                match.group(1) for value in values if (match := ENDPOINT_NAME.match(value.lower()))
            }
            name = (text(item, "Name") or "").rstrip(".").lower().replace("\\052", "*")
            yield ZoneRecord(
                f"{record['Id']}#{name}/{kind}[{place}]",
                Ref.to(record["Id"]),
                name,
                Ref.one_of(endpoints, f"which endpoint {name} answers with") if endpoints else None,
                values,
            )


def _values(item: Record) -> tuple[str, ...]:
    alias = item.get("AliasTarget")
    if isinstance(alias, dict):
        return ((text(alias, "DNSName") or "").rstrip("."),)
    return tuple(value for one in items(item, "ResourceRecords") if (value := text(one, "Value")))


#: The answers that tell which names a VPC's resolver forwards.
_FORWARDING = (
    "ResolverRules",
    "ResolverRuleAssociations",
    "ProfileAssociations",
    "ProfileResourceAssociations",
)


def _unseen_rules(shown: Shown) -> Iterator[ResolverRule]:
    """One for each place whose rules were refused: any name may be forwarded there."""
    for place in shown.places:
        missing = next((why for key in _FORWARDING if (why := place.missing(key))), "")
        vpcs = {vpc for one in place.records.get("Vpcs", ()) if (vpc := text(one, "VpcId"))}
        if missing and vpcs:
            key = f"{place.where}#resolver-rules"
            yield ResolverRule(key, Unknown(missing), Unknown(missing), Refs.of(vpcs))


def resolver_rules(shown: Shown) -> Iterator[ResolverRule]:
    """The resolver rules and the VPCs they hold for; only forwarding rules lead away."""
    yield from _unseen_rules(shown)
    added: dict[Key, set[Key]] = defaultdict(set)
    for record, _ in shown.of("ResolverRuleAssociations"):
        rule, vpc = text(record, "ResolverRuleId"), text(record, "VPCId")
        if rule and vpc and text(record, "Status") not in _ENDED:
            added[rule].add(vpc)
    for key, vpcs in _by_profile(shown).items():
        added[key] |= vpcs
    seen: set[Key] = set()
    for record, _ in shown.of("ResolverRules"):
        key = record["Id"]
        seen.add(key)
        domain = (text(record, "DomainName") or "").rstrip(".").lower()
        yield ResolverRule(
            key,
            domain,
            forward=text(record, "RuleType") in ("FORWARD", "DELEGATE"),
            vpcs=Refs.of(added.get(key, ())),
        )
    for key in sorted(added.keys() - seen):
        if key.startswith("rslvr-rr-"):
            yield ResolverRule(
                key,
                Unknown(f"the domain of resolver rule {key}"),
                forward=Unknown(f"whether resolver rule {key} forwards"),
                vpcs=Refs.of(added[key]),
            )


def _by_profile(shown: Shown) -> dict[Key, set[Key]]:
    """The VPCs that Route 53 profiles give zones and rules, by the id of the zone or rule."""
    vpcs: dict[Key, set[Key]] = defaultdict(set)
    for record, _ in shown.of("ProfileAssociations"):
        profile, vpc = text(record, "ProfileId"), text(record, "ResourceId")
        if profile and vpc and text(record, "Status") not in _ENDED:
            vpcs[profile].add(vpc)
    found: dict[Key, set[Key]] = defaultdict(set)
    for record, _ in shown.of("ProfileResourceAssociations"):
        profile, arn = text(record, "ProfileId"), text(record, "ResourceArn")
        if profile and arn and text(record, "Status") not in _ENDED:
            found[arn.rpartition("/")[2]] |= vpcs.get(profile, set())
    return found
