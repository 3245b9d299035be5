"""Transit gateways, their attachments, route tables, and the routes in those.

Only the owner of a transit gateway sees its tables. AWS lists every association, propagation and
route there is, so that nothing here is left to the gateway's defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.sources.describe.answers import items, prefix, text, texts
from privatelane_paths.facts import (
    Attachment,
    AttachmentKind,
    TransitAssociation,
    TransitGateway,
    TransitPropagation,
    TransitRoute,
    TransitTable,
)
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Answers, Names, Record, Shown

__all__ = [
    "attachments",
    "transit_associations",
    "transit_gateways",
    "transit_propagations",
    "transit_routes",
    "transit_tables",
]

_OVER = frozenset({"deleted", "deleting", "rejected", "rejecting", "failed", "failing"})
_KINDS = {
    "vpc": AttachmentKind.VPC,
    "vpn": AttachmentKind.VPN,
    "vpn-concentrator": AttachmentKind.VPN,
    "client-vpn": AttachmentKind.VPN,
    "direct-connect-gateway": AttachmentKind.DIRECT_CONNECT,
    "connect": AttachmentKind.CONNECT,
    "peering": AttachmentKind.PEERING,
    "tgw-peering": AttachmentKind.PEERING,
    "network-function": AttachmentKind.NETWORK_FUNCTION,
}
#: What a transit gateway's owner must be able to read for its ways to be known.
_NEEDED = (
    "TransitGateways",
    "TransitGatewayAttachments",
    "TransitGatewayRouteTables",
    "TransitGatewayStaticRoutes",
    "TransitGatewayPropagations",
)


def transit_gateways(shown: Shown, names: Names) -> Iterator[TransitGateway]:
    """The transit gateways; one whose owner's tables nobody read is outside."""
    with_tables = {
        text(record, "TransitGatewayId") for record, _ in shown.of("TransitGatewayRouteTables")
    }
    for record, _ in shown.of("TransitGateways"):
        if text(record, "State") in _OVER:
            continue
        key = record["TransitGatewayId"]
        yield TransitGateway(
            key,
            names.of("TransitGateways", record),
            default_association=False,
            default_propagation=False,
            outside=_is_outside(record, shown, key in with_tables),
        )


def _is_outside(record: Record, shown: Shown, has_tables: bool) -> bool:
    """Whether its tables are not shown: nobody read its owner's answers, or not all of them."""
    key = record["TransitGatewayId"]
    owner = text(record, "OwnerId")
    for place in shown.places:
        theirs = owner is not None and owner == place.account
        # Without the accounts' numbers only its tables tell that this is its owner's answer.
        unsigned = (owner is None or place.account is None) and has_tables
        if (theirs or unsigned) and any(
            one.get("TransitGatewayId") == key for one in place.records.get("TransitGateways", ())
        ):
            return any(answer in place.unread for answer in _NEEDED)
    return True


def attachments(shown: Shown, names: Names) -> Iterator[Attachment]:
    """What is attached, but for what is deleted and still listed.

    Two calls tell of a VPC's attachment: one its association, the other its subnets.
    """
    peers = _peers(shown)
    keys = {
        key
        for name in ("TransitGatewayAttachments", "TransitGatewayVpcAttachments")
        for record, _ in shown.of(name)
        if (key := text(record, "TransitGatewayAttachmentId"))
    }
    for key in sorted(keys):
        record = shown.get("TransitGatewayAttachments", key) or {}
        detail = shown.get("TransitGatewayVpcAttachments", key)
        both = {**record, **(detail or {})}
        if {text(record, "State"), text(both, "State")} & _OVER:
            continue
        name = names.of("TransitGatewayAttachments", both)
        kind = _kind(record, name) if record else AttachmentKind.VPC
        gateway = text(both, "TransitGatewayId")
        yield Attachment(
            key,
            name,
            gateway=Ref.to(gateway) if gateway else Ref.anything(f"the transit gateway of {name}"),
            kind=kind,
            vpc=_vpc(record, detail, name) if kind is AttachmentKind.VPC else None,
            subnets=_subnets(detail, shown, name) if kind is AttachmentKind.VPC else Refs(),
            peer=peers.get(key) or _peer(record, kind),
            default_association=False if record else Unknown(f"the route table of {name}"),
            default_propagation=False,
            appliance_mode=_appliance_mode(detail, name),
        )


def _kind(record: Record, name: str) -> Maybe[AttachmentKind]:
    value = text(record, "ResourceType") or ""
    return _KINDS.get(value, Unknown(f"what is attached by {name}"))


def _vpc(record: Record, detail: Record | None, name: str) -> Ref:
    vpc = text(detail or {}, "VpcId") or text(record, "ResourceId")
    return Ref.to(vpc) if vpc else Ref.anything(f"the VPC of {name}")


def _subnets(detail: Record | None, shown: Shown, name: str) -> Refs:
    if detail is not None and isinstance(detail.get("SubnetIds"), list):
        return Refs.of(texts(detail, "SubnetIds"))
    missing = shown.missing("TransitGatewayVpcAttachments")
    return Refs.anything(missing or f"the subnets of {name}, which its VPC's account shows")


def _appliance_mode(detail: Record | None, name: str) -> Maybe[bool]:
    options = (detail or {}).get("Options")
    if not isinstance(options, dict):
        return Unknown(f"whether appliance mode of {name} is on")
    # Answers from before appliance mode have no word of it.
    return options.get("ApplianceModeSupport") == "enable"


def _peers(shown: Shown) -> dict[Key, Ref]:
    """The far gateway of each peering attachment."""
    found: dict[Key, Ref] = {}
    for record, _ in shown.of("TransitGatewayPeeringAttachments"):
        sides = [
            text(side, "TransitGatewayId")
            for name in ("RequesterTgwInfo", "AccepterTgwInfo")
            if isinstance(side := record.get(name), dict)
        ]
        key = record["TransitGatewayAttachmentId"]
        mine = text(shown.get("TransitGatewayAttachments", key) or {}, "TransitGatewayId")
        far = [side for side in sides if side and side != mine]
        if mine and len(far) == 1:
            found[key] = Ref.to(far[0])
    return found


def _peer(record: Record, kind: Maybe[AttachmentKind]) -> Ref | None:
    far = text(record, "ResourceId")
    if kind is not AttachmentKind.PEERING or far is None or not far.startswith("tgw-"):
        return None
    return None if far == text(record, "TransitGatewayId") else Ref.to(far)


def transit_tables(shown: Shown, names: Names) -> Iterator[TransitTable]:
    """The route tables; one whose routes were not all read says so."""
    for record, place in shown.of("TransitGatewayRouteTables"):
        if text(record, "State") in _OVER:
            continue
        key = record["TransitGatewayRouteTableId"]
        name = names.of("TransitGatewayRouteTables", record)
        gateway = text(record, "TransitGatewayId")
        yield TransitTable(
            key,
            name,
            gateway=Ref.to(gateway) if gateway else Ref.anything(f"the transit gateway of {name}"),
            missing=_unseen(shown, place, key, name),
        )


def _unseen(shown: Shown, place: Answers, key: Key, name: str) -> str:
    for answer in ("TransitGatewayStaticRoutes", "TransitGatewayPropagations"):
        why = place.missing(answer)
        if why:
            return why
        if shown.get(answer, key) is None:
            return f"the routes of transit gateway route table {name}"
    routes = shown.get("TransitGatewayStaticRoutes", key) or {}
    if routes.get("AdditionalRoutesAvailable") is True:
        return f"the routes of transit gateway route table {name} beyond the first thousand"
    return ""


def transit_associations(shown: Shown) -> Iterator[TransitAssociation]:
    """The table each attachment's traffic is looked up in."""
    for record, _ in shown.of("TransitGatewayAttachments"):
        association = record.get("Association")
        if not isinstance(association, dict) or text(record, "State") in _OVER:
            continue
        table = text(association, "TransitGatewayRouteTableId")
        if table and text(association, "State") in (None, "associated", "associating"):
            key = record["TransitGatewayAttachmentId"]
            yield TransitAssociation(f"{key}#association", Ref.to(key), Ref.to(table))


def transit_propagations(shown: Shown) -> Iterator[TransitPropagation]:
    """The tables that learn what is behind an attachment.

    Where the table's propagated routes are listed, they stand for what a network of one's own
    announces; what a VPC announces is its ranges anyway.
    """
    for record, _ in shown.of("TransitGatewayPropagations"):
        table = record["TransitGatewayRouteTableId"]
        listed = _lists_propagated(shown, table)
        for item in items(record, "TransitGatewayRouteTablePropagations"):
            attachment = text(item, "TransitGatewayAttachmentId")
            if attachment is None or text(item, "State") in ("disabling", "disabled"):
                continue
            if listed and text(item, "ResourceType") != "vpc":
                continue
            yield TransitPropagation(f"{table}#{attachment}", Ref.to(attachment), Ref.to(table))


def _lists_propagated(shown: Shown, table: Key) -> bool:
    """Whether a table's routes hold the propagated ones: `lane verify` asks for both types."""
    return (shown.get("TransitGatewayStaticRoutes", table) or {}).get("Propagated") is True


def transit_routes(shown: Shown) -> Iterator[TransitRoute]:
    """Static routes, and those that other networks announce; none leads anywhere when black."""
    vpc_attachments = {
        key
        for record, _ in shown.of("TransitGatewayAttachments")
        if text(record, "ResourceType") == "vpc"
        and (key := text(record, "TransitGatewayAttachmentId"))
    }
    for record, _ in shown.of("TransitGatewayStaticRoutes"):
        table = record["TransitGatewayRouteTableId"]
        for item in items(record, "Routes"):
            state = text(item, "State")
            if state in ("deleting", "deleted"):
                continue
            ways = [
                key
                for one in items(item, "TransitGatewayAttachments")
                if (key := text(one, "TransitGatewayAttachmentId"))
            ]
            if text(item, "Type") == "propagated" and (
                not _lists_propagated(shown, table) or vpc_attachments.issuperset(ways)
            ):
                continue
            cidr = text(item, "DestinationCidrBlock")
            listed = text(item, "PrefixListId")
            missing = f"which attachment a route of {table} takes"
            yield TransitRoute(
                f"{table}#{cidr or listed}",
                Ref.to(table),
                prefix(cidr, table)
                if cidr
                else (Ref.to(listed) if listed else Unknown(f"a destination in {table}")),
                None if state == "blackhole" else Ref.one_of(ways, missing),
            )
