"""VPC endpoints, and what stands for those that nobody was allowed to see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lane.sources.describe.answers import items, tag, text, texts
from privatelane_paths.facts import Endpoint, EndpointKind, Opaque
from privatelane_paths.known import Maybe, Ref, Refs, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Names, Record, Shown

__all__ = ["endpoints", "unseen_endpoints"]

_KINDS = {kind.value: kind for kind in EndpointKind}
_FULL_ACCESS = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
#: The tag that Network Firewall puts on the endpoints it makes in one's VPC.
_FIREWALL_TAG = "AWSNetworkFirewallManaged"


def endpoints(shown: Shown, names: Names) -> Iterator[Endpoint]:
    """The endpoints; before 2017 all were gateways, and their answers name no type."""
    for record, _ in shown.of("VpcEndpoints"):
        if (text(record, "State") or "").lower() == "deleted":
            continue
        name = names.of("VpcEndpoints", record)
        vpc = text(record, "VpcId")
        kind = _kind(record, name)
        yield Endpoint(
            record["VpcEndpointId"],
            name,
            vpc=Ref.to(vpc) if vpc else Ref.anything(f"the VPC of {name}"),
            kind=kind,
            service_name=text(record, "ServiceName") or Unknown(f"the service of {name}"),
            route_tables=Refs.of(texts(record, "RouteTableIds")),
            subnets=Refs.of(texts(record, "SubnetIds")),
            security_groups=Refs.of(
                group for item in items(record, "Groups") if (group := text(item, "GroupId"))
            ),
            private_dns=_private_dns(record, kind, name),
            inbound_only=_inbound_only(record),
            policy=_policy(record),
            # AWS names the region of every endpoint's service, another's and the VPC's own.
            service_region=text(record, "ServiceRegion"),
            ip_address_type=text(record, "IpAddressType") or "ipv4",
            state=(text(record, "State") or "").lower() or Unknown(f"the state of {name}"),
        )


def _policy(record: Record) -> str | None:
    """The policy, but for the one that AWS gives an endpoint when nobody gives it another."""
    document = text(record, "PolicyDocument")
    try:
        found = json.loads(document or "null")
    except ValueError:
        return document
    statements = found.get("Statement") if isinstance(found, dict) else None
    if isinstance(statements, list) and len(statements) == 1:
        only = {name: value for name, value in statements[0].items() if name != "Sid"}
        if only == _FULL_ACCESS:
            return None
    return document


def _kind(record: Record, name: str) -> Maybe[EndpointKind]:
    value = text(record, "VpcEndpointType")
    if value is None:
        return EndpointKind.INTERFACE if texts(record, "SubnetIds") else EndpointKind.GATEWAY
    if value == "GatewayLoadBalancer" and (tag(record, _FIREWALL_TAG) or "").lower() == "true":
        return EndpointKind.FIREWALL
    return _KINDS.get(value, Unknown(f"what an endpoint of the type {value} does, as {name} is"))


def _private_dns(record: Record, kind: Maybe[EndpointKind], name: str) -> Maybe[bool]:
    value = record.get("PrivateDnsEnabled")
    if isinstance(value, bool):
        return value
    if kind is EndpointKind.INTERFACE:
        return Unknown(f"whether private DNS of {name} is on")
    return False


def _inbound_only(record: Record) -> bool:
    options = record.get("DnsOptions")
    return (
        isinstance(options, dict)
        and options.get("PrivateDnsOnlyForInboundResolverEndpoint") is True
    )


def unseen_endpoints(shown: Shown) -> Iterator[Opaque]:
    """One for each place whose endpoints were not read while others' were.

    Route tables show the routes of gateway endpoints, but nothing else shows private DNS.
    """
    if shown.missing_everywhere("VpcEndpoints"):
        return
    for place in shown.places:
        missing = place.missing("VpcEndpoints")
        vpcs = {
            vpc
            for key in ("Vpcs", "Subnets")
            for record in place.records.get(key, ())
            if (vpc := text(record, "VpcId"))
        }
        if missing and vpcs:
            yield Opaque(f"{place.where}#endpoints", missing, "not readable", Refs.of(vpcs))
