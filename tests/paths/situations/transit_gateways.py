"""Transit gateways in depth: which table, which attachment, which subnet, and the far end.

AWS's transit gateway guide: traffic from an attachment is looked up in the one table that it is
associated with; over a peering only static routes lead; traffic enters a VPC by the attachment's
subnet in the zone it comes from, unless appliance mode chooses one for each flow.
"""

from __future__ import annotations

from privatelane_paths import Options
from privatelane_paths.facts import AttachmentKind
from privatelane_paths.known import Ref, Refs, Unknown
from tests.paths.build import ANYWHERE, Build, base
from tests.paths.situations.networks_apart import (
    EVERYTHING_BROKEN,
    EVERYTHING_UNKNOWN,
    central_egress,
    hub_by_peering,
    hub_by_transit,
    own_tables,
)
from tests.paths.situations.situation import (
    BROKEN,
    IF,
    IGW,
    REMOTE,
    UNK,
    Situation,
    all_four,
)

__all__ = ["SITUATIONS"]

REMOTELY = all_four(REMOTE, REMOTE, REMOTE)
OUTWARD = all_four(IGW, IGW, IGW)
TO_NAT, ALLOWED = Options(transit="remote-nat"), Options(transit="allow")
FAR = "att-tgw-tgw-far"


def far_egress(**more: object) -> Build:
    """The egress VPC is attached to a second transit gateway, which the first is peered with."""
    build = central_egress().drop("transit_routes", f"tgw:{ANYWHERE}")
    build.transit("tgw-far").link("tgw", "tgw-far", **more)
    build.change("attachments", "att-egress", gateway=Ref.to("tgw-far"))
    build.transit_route("tgw", ANYWHERE, FAR)
    return build.transit_route("tgw-far", ANYWHERE, "att-egress")


def hairpin() -> Build:
    """The far end sends back over the peering, whose own table then leads to the egress VPC."""
    build = own_tables().transit("tgw-far").link("tgw", "tgw-far")
    build.drop("transit_routes", f"tgw-rtb-spokes:{ANYWHERE}")
    build.transit_route("tgw-rtb-spokes", ANYWHERE, FAR)
    build.transit_route("tgw-far", ANYWHERE, FAR)
    build.transit_table("tgw-rtb-back", FAR)
    return build.transit_route("tgw-rtb-back", ANYWHERE, "att-egress")


def network_function() -> Build:
    """A firewall that is attached to the transit gateway itself stands before the egress VPC."""
    build = own_tables().drop("transit_routes", f"tgw-rtb-spokes:{ANYWHERE}")
    build.attach("fw", key="att-fw", kind=AttachmentKind.NETWORK_FUNCTION)
    build.change("attachments", "att-fw", vpc=None)
    build.transit_route("tgw-rtb-spokes", ANYWHERE, "att-fw").transit_table("tgw-rtb-fw", "att-fw")
    return build.transit_route("tgw-rtb-fw", ANYWHERE, "att-egress")


def two_zones(**more: object) -> Build:
    """The egress VPC is entered in two zones, of which only the first has a NAT gateway."""
    build = central_egress().subnet("out-tgw-b", "egress", "10.100.2.0/24", zone="b")
    build.table("rt-out-tgw-b", "egress", "out-tgw-b")
    build.change("attachments", "att-egress", subnets=Refs.of(["out-tgw", "out-tgw-b"]), **more)
    return build


def listed(*entries: str, unknown: str = "") -> Build:
    """The transit gateway's way out is a route to a prefix list."""
    build = central_egress().drop("transit_routes", f"tgw:{ANYWHERE}")
    build.prefix_list("pl-out", *entries, unknown=unknown)
    return build.transit_route("tgw", "pl-out", "att-egress")


def named_default() -> Build:
    """The default table of the transit gateway is one that the facts show."""
    build = central_egress().drop("transit_routes", f"tgw:{ANYWHERE}")
    build.transit_table("tgw-rtb").change(
        "transit_gateways", "tgw", default_table=Ref.to("tgw-rtb")
    )
    return build.transit_route("tgw-rtb", ANYWHERE, "att-egress")


def two_homes() -> Build:
    """The hub's endpoint stands in two subnets, of which only one has a route back."""
    build = hub_by_transit().subnet("hub-more", "hub", "10.200.2.0/24", zone="b")
    build.change("endpoints", "vpce-ecr.api", subnets=Refs.of(["hub-ends", "hub-more"]))
    return build.table("rt-hub-more", "hub", "hub-more")


def both(kind: str) -> dict[str, str]:
    """The lane of both private subnets to the registry."""
    return {"app-a ecr.dkr": kind, "app-b ecr.dkr": kind}


SITUATIONS = [
    Situation(85, "the egress VPC is behind a peered transit gateway", far_egress(), REMOTELY),
    Situation(
        85,
        "the peering of the transit gateways was made from the far side",
        far_egress().change("attachments", FAR, gateway=Ref.to("tgw-far"), peer=Ref.to("tgw")),
        REMOTELY,
    ),
    Situation(
        85,
        "the far transit gateway has no route to the internet",
        far_egress().drop("transit_routes", f"tgw-far:{ANYWHERE}"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        85,
        "the far transit gateway associates the peering with no table",
        far_egress().change("transit_gateways", "tgw-far", default_association=False),
        EVERYTHING_BROKEN,
    ),
    Situation(
        85,
        "the far transit gateway has a table of its own for the peering",
        far_egress()
        .change("transit_gateways", "tgw-far", default_association=False)
        .drop("transit_routes", f"tgw-far:{ANYWHERE}")
        .transit_table("tgw-rtb-far", FAR, of="tgw-far")
        .transit_route("tgw-rtb-far", ANYWHERE, "att-egress"),
        REMOTELY,
    ),
    Situation(
        85,
        "nothing is propagated over a peering of transit gateways",
        far_egress().drop("transit_routes", f"tgw:{ANYWHERE}").propagate(FAR, "tgw"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        85,
        "the far transit gateway sends everything back over the peering",
        far_egress()
        .drop("transit_routes", f"tgw-far:{ANYWHERE}")
        .transit_route("tgw-far", ANYWHERE, FAR),
        EVERYTHING_BROKEN,
    ),
    Situation(85, "the far end sends back, and from there to the egress VPC", hairpin(), REMOTELY),
    Situation(
        86,
        "the far transit gateway is another stack's",
        far_egress().change("transit_gateways", "tgw-far", outside=True),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the far transit gateway is another stack's and taken to lead to a NAT",
        far_egress().change("transit_gateways", "tgw-far", outside=True),
        REMOTELY,
        options=TO_NAT,
    ),
    Situation(
        86,
        "the far transit gateway is not among the facts and allowed",
        far_egress().drop("transit_gateways", "tgw-far"),
        OUTWARD,
        options=ALLOWED,
    ),
    Situation(
        86,
        "which transit gateway the peering leads to is not known",
        far_egress().change("attachments", FAR, peer=Ref.anything("peerTransitGatewayId")),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the peering of a transit gateway names no other end",
        far_egress().change("attachments", FAR, peer=None),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the transit gateway's own facts are another stack's",
        central_egress().change("transit_gateways", "tgw", outside=True),
        REMOTELY,
        options=TO_NAT,
    ),
    Situation(
        86,
        "the attachments could not be read",
        central_egress().unread("attachments", "describe-transit-gateway-attachments"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the transit gateway's tables could not be read",
        central_egress().unread("transit_tables", "describe-transit-gateway-route-tables"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the transit gateway's routes could not be read",
        central_egress().unread("transit_routes", "search-transit-gateway-routes"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the transit gateway's associations could not be read",
        central_egress().unread("transit_associations", "describe-transit-gateway-attachments"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the route leads to an attachment that is not among the facts",
        central_egress()
        .drop("transit_routes", f"tgw:{ANYWHERE}")
        .transit_route("tgw", ANYWHERE, "att-0abc"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the route leads to an attachment elsewhere that is taken to have a NAT",
        central_egress()
        .drop("transit_routes", f"tgw:{ANYWHERE}")
        .transit_route("tgw", ANYWHERE, "att-0abc"),
        REMOTELY,
        options=TO_NAT,
    ),
    Situation(
        86,
        "the egress VPC is another account's",
        central_egress().change("vpcs", "egress", outside=True),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "the egress VPC is another account's and taken to have a NAT",
        central_egress().change("vpcs", "egress", outside=True),
        REMOTELY,
        options=TO_NAT,
    ),
    Situation(
        86,
        "the egress VPC is another account's and allowed",
        central_egress().drop("vpcs", "egress"),
        OUTWARD,
        options=ALLOWED,
    ),
    Situation(
        86,
        "the attachment names no VPC",
        central_egress().change("attachments", "att-egress", vpc=None),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        86,
        "what kind of attachment it is is not known",
        central_egress().change("attachments", "att-egress", kind=Unknown("resourceType")),
        EVERYTHING_UNKNOWN,
    ),
    Situation(90, "a firewall attached to the transit gateway", network_function(), REMOTELY),
    Situation(
        90,
        "the firewall attached to the transit gateway is associated with no table",
        network_function().drop("transit_associations", "att-fw-in-tgw-rtb-fw"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        90,
        "the firewall attached to the transit gateway leads back to itself",
        network_function()
        .drop("transit_routes", f"tgw-rtb-fw:{ANYWHERE}")
        .transit_route("tgw-rtb-fw", ANYWHERE, "att-fw"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        84,
        "the egress VPC is entered in the zone that traffic comes from",
        two_zones(),
        {"app-a ecr.dkr": REMOTE, "app-b ecr.dkr": BROKEN},
        unknown={"app-b ecr.dkr": BROKEN},
    ),
    Situation(
        84,
        "in appliance mode either zone may be entered",
        two_zones(appliance_mode=True),
        both(UNK),
    ),
    Situation(
        84,
        "whether appliance mode is on is not known",
        two_zones(appliance_mode=Unknown("applianceModeSupport")),
        both(UNK),
    ),
    Situation(
        84,
        "a zone's id says nothing about a zone's name",
        two_zones().change("subnets", "out-tgw-b", zone="use1-az2"),
        both(UNK),
    ),
    Situation(
        84,
        "the zone of one of the subnets is not known",
        two_zones().change("subnets", "out-tgw-b", zone=Unknown("availabilityZone")),
        both(UNK),
    ),
    Situation(
        84,
        "traffic from a zone without a subnet of the attachment enters by any",
        two_zones().change("subnets", "out-tgw", zone="us-east-1c"),
        {"app-a ecr.dkr": UNK, "app-b ecr.dkr": BROKEN},
    ),
    Situation(
        84,
        "one of the attachment's subnets is not certain",
        two_zones().change(
            "attachments", "att-egress", subnets=Refs.some_of(["out-tgw-b"], "ids", ["out-tgw"])
        ),
        both(UNK),
    ),
    Situation(
        84,
        "the attachment may have more subnets than those known",
        central_egress().change(
            "attachments", "att-egress", subnets=Refs.anything("subnetIds", ["out-tgw"])
        ),
        both(UNK),
    ),
    Situation(
        84,
        "the attachment shows no subnet",
        central_egress().change("attachments", "att-egress", subnets=Refs()),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        82,
        "whether the VPC's attachment has the zone is not known",
        hub_by_transit().change(
            "attachments", "att-main", subnets=Refs.some_of(["app-a"], "subnetIds", ["app-b"])
        ),
        {"app-a ecr.api": IF, "app-b ecr.api": IF},
    ),
    Situation(85, "the way out is a prefix list", listed(ANYWHERE), REMOTELY),
    Situation(
        85,
        "the prefix list of the way out is for others",
        listed("8.0.0.0/8"),
        {
            "app-a ecr.dkr": UNK,
        },
    ),
    Situation(
        85, "the prefix list is for one's own networks", listed("10.0.0.0/8"), EVERYTHING_BROKEN
    ),
    Situation(
        85,
        "the entries of the prefix list are not known",
        listed(unknown="its entries"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        85,
        "the prefix list is not among the facts",
        listed(ANYWHERE).drop("prefix_lists", "pl-out"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        85,
        "which prefix list the route is for is not known",
        listed(ANYWHERE).change(
            "transit_routes", "tgw:pl-out", destination=Ref.anything("prefixListId")
        ),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        85,
        "the destination of the transit gateway's route is not known",
        central_egress().change(
            "transit_routes", f"tgw:{ANYWHERE}", destination=Unknown("destinationCidrBlock")
        ),
        EVERYTHING_UNKNOWN,
    ),
    Situation(85, "the default table is one that the facts show", named_default(), REMOTELY),
    Situation(
        85,
        "the default table may hold routes that nobody sees",
        named_default()
        .drop("transit_routes", f"tgw-rtb:{ANYWHERE}")
        .change("transit_tables", "tgw-rtb", missing="the routes of tgw-rtb"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        85,
        "which table is the default one is not known",
        named_default().change(
            "transit_gateways", "tgw", default_table=Ref.anything("defaultRouteTableId")
        ),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        85,
        "a static route wins over what a VPC propagates",
        central_egress()
        .change("vpcs", "egress", cidrs=base().vpc("x", "52.0.0.0/8").network().vpcs[-1].cidrs)
        .transit_route("tgw", "52.0.0.0/8", None),
        {"app-a s3": UNK},
    ),
    Situation(
        85,
        "a VPN may propagate a default route",
        central_egress()
        .drop("transit_routes", f"tgw:{ANYWHERE}")
        .attach("vpn", key="att-vpn", kind=AttachmentKind.VPN)
        .change("attachments", "att-vpn", vpc=None),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        85,
        "a VPN that propagates nothing",
        central_egress()
        .drop("transit_routes", f"tgw:{ANYWHERE}")
        .attach("vpn", key="att-vpn", kind=AttachmentKind.VPN, default_propagation=False)
        .change("attachments", "att-vpn", vpc=None),
        EVERYTHING_BROKEN,
    ),
    Situation(
        82,
        "the hub's attachment is propagated by a resource of its own",
        hub_by_transit()
        .change("transit_gateways", "tgw", default_propagation=False)
        .propagate("att-hub", "tgw"),
        {"app-a ecr.api": IF},
    ),
    Situation(
        82,
        "the hub propagates to the table of another transit gateway",
        hub_by_transit()
        .change("transit_gateways", "tgw", default_propagation=False)
        .transit("tgw-two")
        .propagate("att-hub", "tgw-two"),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        82,
        "the ranges of the hub are not known, but its attachment propagates them",
        hub_by_transit().change("vpcs", "hub", cidrs=Unknown("cidrBlock")),
        {"app-a ecr.api": IF},
    ),
    Situation(
        82,
        "only one of the subnets of the hub's endpoint has a route back",
        two_homes(),
        {"app-a ecr.api": IF},
    ),
    Situation(
        82,
        "both subnets of the hub's endpoint have a route back",
        two_homes().route("rt-hub-more", "10.0.0.0/8", "tgw"),
        {"app-a ecr.api": IF},
    ),
    Situation(
        82,
        "the hub's route back leads over another connection",
        hub_by_transit()
        .drop("routes", "rt-hub:10.0.0.0/16")
        .route("rt-hub", "10.0.0.0/16", "pcx-old"),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        82,
        "the hub's route back leads over another transit gateway",
        hub_by_transit()
        .drop("routes", "rt-hub:10.0.0.0/16")
        .route("rt-hub", "10.0.0.0/16", "tgw-two"),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        82,
        "the hub's routes back are not known",
        hub_by_peering().change("tables", "rt-hub", missing="the routes of rt-hub"),
        {"app-a ecr.api": IF},
    ),
    Situation(
        82,
        "whether the peering was accepted is not known",
        hub_by_peering(active=Unknown("acceptStatus")),
        {"app-a ecr.api": IF},
    ),
    Situation(
        82,
        "which VPC the peering leads to is not known",
        hub_by_peering().change("peerings", "pcx-hub", accepter=Ref.anything("peerVpcId")),
        {"app-a ecr.api": UNK},
    ),
    Situation(
        82,
        "the peering was asked for by the hub",
        hub_by_peering().change(
            "peerings", "pcx-hub", requester=Ref.to("hub"), accepter=Ref.to("main")
        ),
        {"app-a ecr.api": IF},
    ),
    Situation(
        82,
        "the peering connects two other VPCs",
        hub_by_peering().change("peerings", "pcx-hub", requester=Ref.to("x"), accepter=Ref.to("y")),
        {"app-a ecr.api": UNK},
    ),
    Situation(
        82,
        "the peering is not among the facts",
        hub_by_peering().drop("peerings", "pcx-hub"),
        {"app-a ecr.api": UNK},
    ),
]
