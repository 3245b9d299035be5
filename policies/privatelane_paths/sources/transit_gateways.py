"""Transit gateways: their attachments, route tables, and the routes in those."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from privatelane_paths.sources.nouns import (
    ATTACHMENT,
    FIREWALL,
    PREFIX_LIST,
    SUBNET,
    TRANSIT_GATEWAY,
    TRANSIT_TABLE,
    VPC,
    implied,
)
from privatelane_paths.sources.resource import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.sources.index import Index, View

__all__ = [
    "attachments",
    "outside_attachments",
    "outside_transit_gateways",
    "outside_transit_tables",
    "transit_associations",
    "transit_gateways",
    "transit_propagations",
    "transit_routes",
    "transit_tables",
]

_VPC_ATTACHMENT = "aws:ec2transitgateway/vpcAttachment:VpcAttachment"
_VPC_ACCEPTER = "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter"
_PEERING = "aws:ec2transitgateway/peeringAttachment:PeeringAttachment"
_PEERING_ACCEPTER = "aws:ec2transitgateway/peeringAttachmentAccepter:PeeringAttachmentAccepter"
_CONNECT = "aws:ec2transitgateway/connect:Connect"
_VPN = "aws:ec2/vpnConnection:VpnConnection"
_DIRECT_CONNECT = "aws:directconnect/gatewayAssociation:GatewayAssociation"
_DEFAULT_TABLE = "aws:ec2transitgateway/defaultRouteTableAssociation:DefaultRouteTableAssociation"
_DEFAULT_PROPAGATION = (
    "aws:ec2transitgateway/defaultRouteTablePropagation:DefaultRouteTablePropagation"
)


def transit_gateways(index: Index) -> Iterator[TransitGateway]:
    """The transit gateways the stack declares, and those that it only names."""
    replaced = _defaults(index, _DEFAULT_TABLE)
    for view in index.of(TRANSIT_GATEWAY):
        own = Ref.to(index.implied_key(view.key, "default-route-table"))
        yield TransitGateway(
            view.key,
            view.name,
            default_association=_enabled(view, "defaultRouteTableAssociation"),
            default_propagation=_enabled(view, "defaultRouteTablePropagation"),
            default_table=replaced.get(view.key, own),
            outside=view.resource.external,
        )


def outside_transit_gateways(index: Index) -> Iterator[TransitGateway]:
    """The transit gateways that resources of the stack name but that it does not declare."""
    for key in sorted(index.mentioned[TRANSIT_GATEWAY.name]):
        unseen = f"{name_of(key)}, which this stack does not declare"
        yield TransitGateway(
            key,
            name_of(key),
            default_association=Unknown(f"the default association of {unseen}"),
            default_propagation=Unknown(f"the default propagation of {unseen}"),
            outside=True,
        )


def _enabled(view: View, name: str) -> Maybe[bool]:
    value = view.text(name)
    return value if isinstance(value, Unknown) else value != "disable"


def _defaults(index: Index, token: str) -> dict[Key, Ref]:
    """The tables that resources make the default ones of transit gateways."""
    found: dict[Key, Ref] = {}
    for view in index.views(token):
        gateway = view.ref("transitGatewayId", TRANSIT_GATEWAY)
        table = view.ref("transitGatewayRouteTableId", TRANSIT_TABLE)
        for key in gateway.keys if gateway is not None else ():
            decided = gateway is not None and gateway.decided and table is not None
            found[key] = (
                table
                if decided and table is not None
                else Ref.anything(view.missing("transitGatewayId"))
            )
    return found


def transit_tables(index: Index) -> Iterator[TransitTable]:
    """The tables the stack declares, and the default one of each transit gateway of its own."""
    for view in index.of(TRANSIT_TABLE):
        yield TransitTable(
            view.key,
            view.name,
            gateway=view.ref("transitGatewayId", TRANSIT_GATEWAY)
            or Ref.anything(view.missing("transitGatewayId")),
            missing=f"the routes of {view.name}, which this stack only reads"
            if view.resource.external
            else "",
        )
    for gateway in index.of(TRANSIT_GATEWAY):
        yield TransitTable(
            index.implied_key(gateway.key, "default-route-table"),
            f"default route table of {gateway.name}",
            gateway=Ref.to(gateway.key),
            missing=f"the routes of {gateway.name}'s default table"
            if gateway.resource.external
            else "",
        )


def outside_transit_tables(index: Index) -> Iterator[TransitTable]:
    """The transit gateway tables that the stack names but does not declare."""
    for key in sorted(index.mentioned[TRANSIT_TABLE.name]):
        unseen = f"{name_of(key)}, which this stack does not declare"
        yield TransitTable(
            key,
            name_of(key),
            gateway=Ref.anything(f"the transit gateway of {unseen}"),
            missing=f"the routes of {unseen}",
        )


def attachments(index: Index) -> Iterator[Attachment]:
    """What is attached to transit gateways: VPCs, other gateways, VPNs, firewalls."""
    accepters = _accepters(index)
    for view in index.views(_VPC_ATTACHMENT):
        accepter = accepters.pop(view.key, None)
        yield _vpc_attachment(view.key, view, view if accepter is None else accepter)
    for view in index.views(_PEERING):
        yield Attachment(
            view.key,
            view.name,
            gateway=_gateway(view),
            kind=AttachmentKind.PEERING,
            peer=view.ref("peerTransitGatewayId", TRANSIT_GATEWAY),
            default_association=False,
            default_propagation=False,
        )
        accepters.pop(view.key, None)
    for view in index.views(_CONNECT):
        yield _plain(view, view.key, AttachmentKind.CONNECT)
    for token, kind in (
        (_VPN, AttachmentKind.VPN),
        (_DIRECT_CONNECT, AttachmentKind.DIRECT_CONNECT),
    ):
        name = "transitGatewayId" if token == _VPN else "associatedGatewayId"
        for view in index.views(token):
            gateway = view.ref(name, TRANSIT_GATEWAY)
            if gateway is not None and (token == _VPN or _is_transit(index, gateway)):
                yield _plain(view, implied(view.key, "attachment"), kind, name)
    for view in index.of(FIREWALL):
        if view.ref("transitGatewayId", TRANSIT_GATEWAY) is not None:
            yield _plain(view, implied(view.key, "attachment"), AttachmentKind.NETWORK_FUNCTION)
    for key, view in sorted(accepters.items()):
        if view.resource.type == _VPC_ACCEPTER:
            yield _vpc_attachment(key, view, view)
        else:
            yield Attachment(
                key,
                name_of(key),
                gateway=_gateway(view),
                kind=AttachmentKind.PEERING,
                peer=view.ref("peerTransitGatewayId", TRANSIT_GATEWAY),
                default_association=False,
                default_propagation=False,
            )


def outside_attachments(index: Index, seen: frozenset[Key]) -> Iterator[Attachment]:
    """The attachments that the stack names but does not declare."""
    for key in sorted(index.mentioned[ATTACHMENT.name] - seen):
        unseen = f"{name_of(key)}, which this stack does not declare"
        yield Attachment(
            key,
            name_of(key),
            gateway=Ref.anything(f"the transit gateway of {unseen}"),
            kind=Unknown(f"what is attached by {unseen}"),
            vpc=Ref.anything(f"the VPC of {unseen}"),
            subnets=Refs.anything(f"the subnets of {unseen}"),
            default_association=Unknown(f"the association of {unseen}"),
            default_propagation=Unknown(f"the propagation of {unseen}"),
        )


def _accepters(index: Index) -> dict[Key, View]:
    found: dict[Key, View] = {}
    for view in index.views(_VPC_ACCEPTER, _PEERING_ACCEPTER):
        attachment = view.ref("transitGatewayAttachmentId", ATTACHMENT)
        if attachment is not None and attachment.decided:
            found[attachment.keys[0]] = view
    return found


def _vpc_attachment(key: Key, view: View, switches: View) -> Attachment:
    """A VPC's attachment; the accepter of a shared one decides on tables, not the requester."""
    appliance = view.text("applianceModeSupport")
    return Attachment(
        key,
        name_of(key),
        gateway=_gateway(view),
        kind=AttachmentKind.VPC,
        vpc=view.ref("vpcId", VPC) or Ref.anything(view.missing("vpcId")),
        subnets=view.refs("subnetIds", SUBNET)
        if view.raw("subnetIds") is not None
        else Refs.anything(view.missing("subnetIds")),
        default_association=switches.flag("transitGatewayDefaultRouteTableAssociation", True),
        default_propagation=switches.flag("transitGatewayDefaultRouteTablePropagation", True),
        appliance_mode=appliance if isinstance(appliance, Unknown) else appliance == "enable",
    )


def _plain(
    view: View, key: Key, kind: AttachmentKind, name: str = "transitGatewayId"
) -> Attachment:
    return Attachment(
        key,
        view.name,
        gateway=view.ref(name, TRANSIT_GATEWAY) or Ref.anything(view.missing(name)),
        kind=kind,
        default_association=view.flag("transitGatewayDefaultRouteTableAssociation", True),
        default_propagation=view.flag("transitGatewayDefaultRouteTablePropagation", True),
    )


def _gateway(view: View) -> Ref:
    return view.ref("transitGatewayId", TRANSIT_GATEWAY) or Ref.anything(
        view.missing("transitGatewayId")
    )


def _is_transit(index: Index, ref: Ref) -> bool:
    """Whether a Direct Connect association can be with a transit gateway (it may be with a VGW)."""
    return any(
        key.startswith("tgw-")
        or ((view := index.view(key)) is not None and view.resource.type in TRANSIT_GATEWAY.types)
        for key in ref.keys
    )


def transit_associations(index: Index) -> Iterator[TransitAssociation]:
    """Which table the traffic from an attachment is looked up in, where a resource says so."""
    for view in index.views("aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation"):
        yield TransitAssociation(view.key, _attachment(view), _table(view))


def transit_propagations(index: Index) -> Iterator[TransitPropagation]:
    """Which tables learn the prefixes behind an attachment."""
    for view in index.views("aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation"):
        yield TransitPropagation(view.key, _attachment(view), _table(view))
    replaced = _defaults(index, _DEFAULT_PROPAGATION)
    for view in index.views(_VPC_ATTACHMENT):
        gateway = _gateway(view)
        if gateway.decided and gateway.keys[0] in replaced:
            yield TransitPropagation(
                f"{view.key}#propagation", Ref.to(view.key), replaced[gateway.keys[0]]
            )


def transit_routes(index: Index) -> Iterator[TransitRoute]:
    """Static routes and prefix list references; one without an attachment drops the traffic."""
    for view in index.views("aws:ec2transitgateway/route:Route"):
        prefix = view.prefix("destinationCidrBlock")
        yield TransitRoute(
            view.key,
            _table(view),
            Unknown(view.missing("destinationCidrBlock")) if prefix is None else prefix,
            _next_hop(view),
        )
    for view in index.views("aws:ec2transitgateway/prefixListReference:PrefixListReference"):
        listed = view.ref("prefixListId", PREFIX_LIST)
        yield TransitRoute(
            view.key,
            _table(view),
            Unknown(view.missing("prefixListId")) if listed is None else listed,
            _next_hop(view),
        )


def _next_hop(view: View) -> Ref | None:
    blackhole = view.flag("blackhole", False)
    if blackhole is True:
        return None
    if isinstance(blackhole, Unknown):
        return Ref.anything(blackhole.missing)
    return _attachment(view)


def _attachment(view: View) -> Ref:
    return view.ref("transitGatewayAttachmentId", ATTACHMENT) or Ref.anything(
        view.missing("transitGatewayAttachmentId")
    )


def _table(view: View) -> Ref:
    return view.ref("transitGatewayRouteTableId", TRANSIT_TABLE) or Ref.anything(
        view.missing("transitGatewayRouteTableId")
    )
