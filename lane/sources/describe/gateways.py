"""NAT gateways, gateways of a whole VPC, network interfaces and prefix lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.sources.describe.answers import all_known, items, prefix, text, texts
from privatelane_paths.facts import Gateway, GatewayKind, Interface, Nat, Prefix, PrefixList
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Names, Record, Shown

__all__ = ["gateways", "interfaces", "nats", "prefix_lists"]

_DETACHED = frozenset({"detached", "detaching"})


def nats(shown: Shown, names: Names) -> Iterator[Nat]:
    """The NAT gateways, those that are deleted with that state."""
    for record, _ in shown.of("NatGateways"):
        name = names.of("NatGateways", record)
        subnet, vpc = text(record, "SubnetId"), text(record, "VpcId")
        mode = text(record, "AvailabilityMode")
        regional = mode == "regional" if mode else subnet is None
        yield Nat(
            record["NatGatewayId"],
            name,
            subnet=None if regional or subnet is None else Ref.to(subnet),
            vpc=None if vpc is None else Ref.to(vpc),
            public=text(record, "ConnectivityType") != "private",
            regional=regional,
            state=text(record, "State") or Unknown(f"the state of {name}"),
        )


def gateways(shown: Shown, names: Names) -> Iterator[Gateway]:
    """Internet, egress-only and VPN gateways with the VPC each is attached to."""
    for key, listed, kind in (
        ("InternetGateways", "Attachments", GatewayKind.INTERNET),
        ("EgressOnlyInternetGateways", "Attachments", GatewayKind.EGRESS_ONLY),
        ("VpnGateways", "VpcAttachments", GatewayKind.VPN),
    ):
        for record, _ in shown.of(key):
            if text(record, "State") == "deleted":
                continue
            attached = [
                vpc
                for item in items(record, listed)
                if text(item, "State") not in _DETACHED and (vpc := text(item, "VpcId"))
            ]
            name = names.of(key, record)
            yield Gateway(
                _identifier(record),
                name,
                kind,
                Ref.one_of(attached, f"the VPC of {name}") if attached else None,
            )


def _identifier(record: Record) -> Key:
    for name in ("InternetGatewayId", "EgressOnlyInternetGatewayId", "VpnGatewayId"):
        value = text(record, name)
        if value is not None:
            return value
    raise AssertionError(record)


def interfaces(shown: Shown, names: Names, wanted: frozenset[Key]) -> Iterator[Interface]:
    """The network interfaces that routes point at; an account has thousands of others."""
    seen: set[Key] = set()
    for record, _ in shown.of("NetworkInterfaces"):
        key = record["NetworkInterfaceId"]
        if key not in wanted:
            continue
        seen.add(key)
        name = _interface_name(record, names)
        subnet = text(record, "SubnetId")
        check = record.get("SourceDestCheck")
        yield Interface(
            key,
            name,
            subnet=Ref.to(subnet) if subnet else Ref.anything(f"the subnet of {name}"),
            forwards=not check
            if isinstance(check, bool)
            else Unknown(f"the source/destination check of {name}"),
            security_groups=Refs.of(
                group for item in items(record, "Groups") if (group := text(item, "GroupId"))
            ),
        )
    missing = shown.missing("NetworkInterfaces")
    for key in sorted(wanted - seen) if missing else ():
        yield Interface(
            key,
            key,
            subnet=Ref.anything(missing),
            forwards=Unknown(missing),
            security_groups=Refs.anything(missing),
        )


def _interface_name(record: Record, names: Names) -> str:
    """Its name; interfaces have their tags under a key of their own."""
    tagged = {**record, "Tags": record.get("Tags") or record.get("TagSet") or []}
    return names.of("NetworkInterfaces", tagged)


def prefix_lists(shown: Shown) -> Iterator[PrefixList]:
    """AWS's own lists and customers'; both calls may show the same AWS list."""
    seen: dict[Key, Maybe[tuple[Prefix, ...]]] = {}
    named: dict[Key, tuple[str, bool]] = {}
    for record, _ in shown.of("PrefixLists"):
        key = record["PrefixListId"]
        name = text(record, "PrefixListName") or key
        # Describe-prefix-lists shows nothing but AWS's own.
        named[key] = (name, True)
        cidrs = texts(record, "Cidrs")
        seen[key] = (
            all_known(prefix(cidr, name) for cidr in cidrs)
            if cidrs
            else Unknown(f"the address ranges of AWS's prefix list {name}")
        )
    for record, place in shown.of("ManagedPrefixLists"):
        key = record["PrefixListId"]
        name = text(record, "PrefixListName") or key
        by_aws = named.get(key, ("", False))[1] or text(record, "OwnerId") == "AWS"
        named[key] = (name, by_aws)
        if not isinstance(seen.get(key), tuple):
            why = place.missing("PrefixListEntries")
            seen[key] = _entries(record, why or f"the entries of prefix list {name}")
    for key in sorted(seen):
        name, by_aws = named[key]
        yield PrefixList(key, name, service=name if by_aws else None, entries=seen[key])


def _entries(record: Record, missing: str) -> Maybe[tuple[Prefix, ...]]:
    if not isinstance(record.get("Entries"), list):
        return Unknown(missing)
    name = text(record, "PrefixListName") or ""
    return all_known(
        prefix(cidr, name) for item in items(record, "Entries") if (cidr := text(item, "Cidr"))
    )
