"""VPCs with their DNS settings, and subnets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lane.sources.describe.answers import all_known, items, prefix, text
from privatelane_paths.facts import Subnet, Vpc
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.services import parse_service_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Answers, Names, Record, Shown
    from privatelane_paths.facts import Prefix

__all__ = ["subnets", "vpcs"]

#: A zone's name begins with its region: `us-east-1a`, `us-west-2-lax-1a`.
_REGION = re.compile(r"(?:[a-z]{2}|eusc)(?:-[a-z]+)+-\d+")
_AMAZON_RESOLVER = ("AmazonProvidedDNS",)


def vpcs(shown: Shown, names: Names) -> Iterator[Vpc]:
    """The VPCs that were shown, and those that other objects name."""
    regions = _regions(shown)
    seen: set[Key] = set()
    for record, place in shown.of("Vpcs"):
        key = record["VpcId"]
        seen.add(key)
        name = names.of("Vpcs", record)
        owner = text(record, "OwnerId") or place.account
        yield Vpc(
            key,
            name,
            region=place.region or regions.get(key) or Unknown(f"the region of {name}"),
            account=owner or Unknown(f"the account of {name}"),
            cidrs=_vpc_cidrs(record, name),
            dns_support=_attribute(shown, place, key, "EnableDnsSupport"),
            dns_hostnames=_attribute(shown, place, key, "EnableDnsHostnames"),
            dns_servers=_dns_servers(shown, place, record),
            # A participant of a shared VPC sees neither its endpoints nor its NAT gateways.
            outside=_is_foreign(owner, place, shown),
        )
    for key, place in _named(shown):
        if key in seen:
            continue
        seen.add(key)
        unseen = f"{key}, which {place.where} does not show"
        yield Vpc(
            key,
            key,
            region=place.region or regions.get(key) or Unknown(f"the region of {key}"),
            account=Unknown(f"the account of {unseen}"),
            cidrs=Unknown(f"the address ranges of {unseen}"),
            dns_support=Unknown(f"the DNS attributes of {unseen}"),
            dns_hostnames=Unknown(f"the DNS attributes of {unseen}"),
            dns_servers=Unknown(f"the DHCP options of {unseen}"),
            outside=True,
        )


def subnets(shown: Shown, names: Names) -> Iterator[Subnet]:
    """The subnets; zones are told by id where several accounts give one zone different names."""
    for record, place in shown.of("Subnets"):
        name = names.of("Subnets", record)
        vpc = text(record, "VpcId")
        yield Subnet(
            record["SubnetId"],
            name,
            vpc=Ref.to(vpc) if vpc else Ref.anything(f"the VPC of {name}"),
            zone=_zone(record, shown) or Unknown(f"the zone of {name}"),
            cidrs=_subnet_cidrs(record, name),
            dns64=record.get("EnableDns64") is True,
            ipv6_only=record.get("Ipv6Native") is True,
            public_ip_on_launch=record.get("MapPublicIpOnLaunch") is True,
            outside=_is_foreign(text(record, "OwnerId"), place, shown),
        )


def _zone(record: Record, shown: Shown) -> str | None:
    identifier = text(record, "AvailabilityZoneId")
    if len(shown.accounts) > 1:
        return identifier
    return text(record, "AvailabilityZone") or identifier


def _is_foreign(owner: str | None, place: Answers, shown: Shown) -> bool:
    """Whether it belongs to an account that nobody looked into."""
    if owner is None or place.account is None:
        return False
    return owner != place.account and owner not in shown.accounts


def _named(shown: Shown) -> Iterator[tuple[Key, Answers]]:
    """The VPCs that subnets, tables and endpoints say they are in."""
    for key in ("Subnets", "RouteTables", "VpcEndpoints"):
        for record, place in shown.of(key):
            vpc = text(record, "VpcId")
            if vpc is not None:
                yield vpc, place


def _regions(shown: Shown) -> dict[Key, str]:
    """The regions of VPCs, as their subnets' zones and their endpoints' services tell them."""
    found: dict[Key, str] = {}
    for record, _ in shown.of("Subnets"):
        zone = _REGION.match(text(record, "AvailabilityZone") or "")
        if zone:
            found[text(record, "VpcId") or ""] = zone.group()
    for record, _ in shown.of("VpcEndpoints"):
        region = parse_service_name(text(record, "ServiceName") or "")[1]
        if region is not None and not text(record, "ServiceRegion"):
            found.setdefault(text(record, "VpcId") or "", region)
    return found


def _vpc_cidrs(record: Record, name: str) -> Maybe[tuple[Prefix, ...]]:
    main = text(record, "CidrBlock")
    found = [] if main is None else [main]
    found += _associated(record, "CidrBlockAssociationSet", "CidrBlock", "CidrBlockState")
    found += _associated(
        record, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"
    )
    if not found:
        return Unknown(f"the address ranges of {name}")
    return all_known(prefix(one, name) for one in dict.fromkeys(found))


def _subnet_cidrs(record: Record, name: str) -> Maybe[tuple[Prefix, ...]]:
    main = text(record, "CidrBlock")
    found = [] if main is None else [main]
    found += _associated(
        record, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"
    )
    if not found:
        return Unknown(f"the address ranges of {name}")
    return all_known(prefix(one, name) for one in dict.fromkeys(found))


def _associated(record: Record, listed: str, cidr: str, state: str) -> list[str]:
    """The ranges that are associated, and not on the way in or out."""
    found = []
    for item in items(record, listed):
        now = item.get(state)
        status = text(now, "State") if isinstance(now, dict) else None
        value = text(item, cidr)
        if value is not None and status in (None, "associated"):
            found.append(value)
    return found


def _attribute(shown: Shown, place: Answers, vpc: Key, name: str) -> Maybe[bool]:
    record = shown.get("VpcAttributes", vpc)
    value = record.get(name) if record is not None else None
    flag = value.get("Value") if isinstance(value, dict) else None
    if isinstance(flag, bool):
        return flag
    why = place.missing("VpcAttributes")
    return Unknown(why or f"{name} of {vpc}, which describe-vpc-attribute would tell")


def _dns_servers(shown: Shown, place: Answers, record: Record) -> Maybe[tuple[str, ...] | None]:
    """The servers of its DHCP options; `None` is the Amazon-provided resolver."""
    identifier = text(record, "DhcpOptionsId")
    if identifier == "default":
        return None
    options = shown.get("DhcpOptions", identifier) if identifier is not None else None
    if options is None:
        why = place.missing("DhcpOptions")
        return Unknown(why or f"the DHCP options {identifier} of {record['VpcId']}")
    servers: list[str] = []
    for item in items(options, "DhcpConfigurations"):
        if item.get("Key") == "domain-name-servers":
            servers += [text(one, "Value") or "" for one in items(item, "Values")]
    found = tuple(server for server in servers if server)
    # A set without DNS servers leaves its VPCs without any.
    return None if found == _AMAZON_RESOLVER else found
