"""Ways that leave the VPC: peerings, transit gateways, firewalls, and what blocks the internet."""

from __future__ import annotations

from privatelane_paths import Options
from privatelane_paths.facts import AttachmentKind
from privatelane_paths.known import Ref, Refs, Unknown
from tests.paths.build import ANYWHERE, Build, base
from tests.paths.situations.nats import egress_vpc
from tests.paths.situations.route_tables import APP_TABLES, NO_ENDPOINT, with_default
from tests.paths.situations.situation import (
    BROKEN,
    GW,
    IF,
    IGW,
    NAT,
    REMOTE,
    UNK,
    Situation,
    all_four,
)

__all__ = ["SITUATIONS"]

EVERYTHING_UNKNOWN = all_four(UNK, UNK, UNK)
EVERYTHING_BROKEN = all_four(BROKEN, BROKEN, BROKEN)


def to_all(build: Build, destination: str, to: str) -> Build:
    """The same route in both private tables."""
    for table in APP_TABLES:
        build.route(table, destination, to)
    return build


def hub(link: str, *, back: bool = True) -> Build:
    """The ECR API's endpoint stands in a hub VPC, and a hosted zone leads the spoke to it."""
    build = base().vpc("hub", "10.200.0.0/16").subnet("hub-ends", "hub", "10.200.1.0/24")
    build.interface("ecr.api", "hub-ends", vpc="hub", private_dns=False)
    build.table("rt-hub", "hub", "hub-ends")
    build.zone("api.ecr.us-east-1.amazonaws.com", "main", at="vpce-ecr.api")
    to_all(build, "10.200.0.0/16", link)
    return build.route("rt-hub", "10.0.0.0/16", link) if back else build


def hub_by_peering(**more: object) -> Build:
    """The hub is reached by a peering."""
    return hub("pcx-hub").peering("pcx-hub", "main", "hub", **more)


def hub_by_transit() -> Build:
    """The hub is reached by a transit gateway with its default table."""
    return hub("tgw").transit("tgw").attach("main", "app-a", "app-b").attach("hub", "hub-ends")


def central_egress() -> Build:
    """The private subnets' default route leads to a transit gateway and an egress VPC."""
    return egress_vpc(with_default("tgw"))


def own_tables() -> Build:
    """The same with a table for spokes and one for the egress VPC."""
    build = with_default("tgw")
    egress_vpc(build)
    build.drop("transit_routes", f"tgw:{ANYWHERE}")
    build.change("transit_gateways", "tgw", default_association=False, default_propagation=False)
    build.transit_table("tgw-rtb-spokes", "att-main").transit_table("tgw-rtb-egress", "att-egress")
    build.transit_route("tgw-rtb-spokes", ANYWHERE, "att-egress")
    return build.propagate("att-main", "tgw-rtb-egress")


def inspected(*, glb: bool = False) -> Build:
    """The private subnets lead to a firewall whose own subnets lead to the NAT gateways."""
    build = base()
    for place, zone in enumerate("ab"):
        build.drop("routes", f"rt-app-{zone}:{ANYWHERE}")
        build.subnet(f"fire-{zone}", "main", f"10.0.{place + 20}.0/24", zone=zone)
        build.firewall(f"fw-{zone}", f"fire-{zone}", glb=glb)
        build.table(f"rt-fire-{zone}", "main", f"fire-{zone}")
        build.route(f"rt-fire-{zone}", ANYWHERE, f"nat-{zone}")
        build.route(f"rt-app-{zone}", ANYWHERE, f"fw-{zone}")
    return build


def inspection_vpc() -> Build:
    """Spokes pass a firewall in a VPC of its own before the egress VPC, all by transit gateway."""
    build = own_tables()
    build.vpc("inspect", "10.150.0.0/16")
    build.subnet("in-tgw", "inspect", "10.150.0.0/24").subnet("in-fire", "inspect", "10.150.1.0/24")
    build.firewall("fw-inspect", "in-fire", vpc="inspect")
    build.table("rt-in-tgw", "inspect", "in-tgw").route("rt-in-tgw", ANYWHERE, "fw-inspect")
    build.table("rt-in-fire", "inspect", "in-fire").route("rt-in-fire", ANYWHERE, "tgw")
    build.attach("inspect", "in-tgw", appliance_mode=True)
    build.transit_table("tgw-rtb-inspect", "att-inspect")
    build.transit_route("tgw-rtb-inspect", ANYWHERE, "att-egress")
    build.drop("transit_routes", f"tgw-rtb-spokes:{ANYWHERE}")
    return build.transit_route("tgw-rtb-spokes", ANYWHERE, "att-inspect")


SITUATIONS = [
    Situation(
        80,
        "the endpoint is in a hub behind a peering",
        hub_by_peering(),
        {"app-a ecr.api": IF, "app-a ecr.dkr": NAT},
    ),
    Situation(
        80,
        "the endpoint is in a hub behind a transit gateway",
        hub_by_transit(),
        {"app-a ecr.api": IF, "app-a ecr.dkr": NAT},
    ),
    Situation(
        81,
        "the hub's endpoint without a hosted zone: names stay public",
        hub_by_peering().drop("hosted_zones", "zone-api.ecr.us-east-1.amazonaws.com"),
        NO_ENDPOINT,
    ),
    Situation(
        82,
        "the attachment has no subnet in the subnet's zone",
        hub_by_transit().change("attachments", "att-main", subnets=Refs.of(["app-b"])),
        {"app-a ecr.api": BROKEN, "app-b ecr.api": IF},
        unknown={"app-a ecr.api": IF, "app-b ecr.api": IF},
    ),
    Situation(
        82,
        "the transit gateway's table has no route to the hub",
        hub_by_transit().change("transit_gateways", "tgw", default_propagation=False),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        82,
        "the hub has no route back",
        hub("pcx-hub", back=False).peering("pcx-hub", "main", "hub"),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        82,
        "the peering was never accepted",
        hub_by_peering(active=False),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        82,
        "the peering leads to another VPC",
        hub_by_peering()
        .vpc("other", "10.210.0.0/16")
        .change("peerings", "pcx-hub", accepter=Ref.to("other")),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        82,
        "no route to the hub: its addresses go to the NAT gateway, too",
        hub_by_peering().drop("routes", *(f"{table}:10.200.0.0/16" for table in APP_TABLES)),
        {"app-a ecr.api": NAT},
    ),
    Situation(
        83,
        "a transit gateway leads to the NAT gateway of an egress VPC",
        central_egress(),
        all_four(REMOTE, REMOTE, REMOTE),
    ),
    Situation(
        83,
        "the attachment is in the subnet itself, whose zone nobody knows",
        central_egress()
        .change("attachments", "att-main", subnets=Refs.of(["app-a"]))
        .change("subnets", "app-a", zone=Unknown("the zone of app-a")),
        {"app-a ecr.api": REMOTE},
        unknown={"app-a ecr.api": UNK},
    ),
    Situation(
        83,
        "the same with tables for spokes and egress, and a gateway endpoint",
        own_tables().gateway("s3", *APP_TABLES),
        all_four(REMOTE, REMOTE, GW),
    ),
    Situation(
        83,
        "the route of the transit gateway may be in any of its tables",
        own_tables().change(
            "transit_routes",
            f"tgw-rtb-spokes:{ANYWHERE}",
            table=Ref.one_of(["tgw-rtb-spokes", "tgw-rtb-egress"], "its table"),
        ),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        84, "the transit gateway is outside the stack", with_default("tgw-0abc"), EVERYTHING_UNKNOWN
    ),
    Situation(
        84,
        "the same, where those are taken to lead to a NAT",
        with_default("tgw-0abc"),
        all_four(REMOTE, REMOTE, REMOTE),
        options=Options(transit="remote-nat"),
    ),
    Situation(
        84,
        "the same, where those are allowed",
        with_default("tgw-0abc"),
        all_four(IGW, IGW, IGW),
        options=Options(transit="allow"),
    ),
    Situation(
        85,
        "the transit gateway's route is a blackhole",
        central_egress()
        .drop("transit_routes", f"tgw:{ANYWHERE}")
        .transit_route("tgw", ANYWHERE, None),
        EVERYTHING_BROKEN,
    ),
    Situation(
        85,
        "the transit gateway has no default route",
        central_egress().drop("transit_routes", f"tgw:{ANYWHERE}"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        85,
        "the attachment is associated with no table",
        own_tables().drop("transit_associations", "att-main-in-tgw-rtb-spokes"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        85,
        "the transit gateway leads to a VPN",
        central_egress().change("attachments", "att-egress", kind=AttachmentKind.VPN, vpc=None),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        85,
        "two VPCs lead their default routes to each other",
        central_egress()
        .drop("routes", f"rt-out-tgw:{ANYWHERE}")
        .route("rt-out-tgw", ANYWHERE, "tgw"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        86,
        "the default route leads to a core network",
        with_default("cwan-main"),
        EVERYTHING_UNKNOWN,
    ),
    Situation(87, "a firewall whose subnets lead to NAT gateways", inspected(), NO_ENDPOINT),
    Situation(
        87,
        "a gateway load balancer's endpoints whose subnets lead to NAT gateways",
        inspected(glb=True),
        NO_ENDPOINT,
    ),
    Situation(
        87,
        "the firewall is passed, but S3 goes to the gateway endpoint before",
        inspected().gateway("s3", *APP_TABLES),
        all_four(NAT, NAT, GW),
    ),
    Situation(
        87,
        "the gateway endpoint is on the firewall's tables",
        inspected().gateway("s3", "rt-fire-a", "rt-fire-b"),
        all_four(NAT, NAT, GW),
    ),
    Situation(
        88,
        "the firewall's subnet has no way on",
        inspected().drop("routes", f"rt-fire-a:{ANYWHERE}", f"rt-fire-b:{ANYWHERE}"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        88,
        "the firewall's subnet leads back to the firewall",
        inspected()
        .drop("routes", f"rt-fire-a:{ANYWHERE}", f"rt-fire-b:{ANYWHERE}")
        .route("rt-fire-a", ANYWHERE, "fw-a")
        .route("rt-fire-b", ANYWHERE, "fw-b"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        89,
        "which of the firewall's endpoints the route names is not known",
        inspected().change(
            "routes", f"rt-app-a:{ANYWHERE}", target=inspected().network().routes[0].target
        ),
        NO_ENDPOINT,
    ),
    Situation(
        90,
        "spokes pass an inspection VPC before the egress VPC",
        inspection_vpc(),
        all_four(REMOTE, REMOTE, REMOTE),
    ),
    Situation(
        91,
        "VPC Block Public Access closes the internet gateway both ways",
        base().block("block-bidirectional"),
        {**EVERYTHING_BROKEN, **all_four(BROKEN, BROKEN, BROKEN, subnet="pub-a")},
    ),
    Situation(
        91,
        "VPC Block Public Access keeps out only what comes in",
        base().block("block-ingress"),
        NO_ENDPOINT,
    ),
    Situation(
        91,
        "the mode of VPC Block Public Access is not known",
        base().block(Unknown("internetGatewayBlockMode")),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        91,
        "VPC Block Public Access of another region",
        base().block("block-bidirectional", region="eu-west-1"),
        NO_ENDPOINT,
    ),
    Situation(
        92,
        "the VPC is excluded from VPC Block Public Access",
        base().block("block-bidirectional", "main"),
        NO_ENDPOINT,
    ),
    Situation(
        92,
        "the NAT gateways' subnets are excluded",
        base().block("block-bidirectional", "pub-a", "pub-b"),
        NO_ENDPOINT,
    ),
    Situation(
        91,
        "VPC Block Public Access of this region, after that of others and one that is off",
        base()
        .block("block-bidirectional", region="eu-west-1", key="bpa-1")
        .block("off", key="bpa-2")
        .block("block-ingress", key="bpa-3")
        .block("block-bidirectional", key="bpa-4"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        91,
        "VPC Block Public Access both ways counts, whatever else is not known",
        base()
        .block("block-bidirectional", key="bpa-1")
        .block(Unknown("internetGatewayBlockMode"), key="bpa-2"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        91,
        "the region of VPC Block Public Access is not known",
        base().block("block-bidirectional", region=Unknown("region")),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        91,
        "the region of the VPC is not known",
        base().change("vpcs", "main", region=Unknown("region")).block("block-bidirectional"),
        {"app-a s3": UNK},
    ),
    Situation(
        92,
        "which VPCs are excluded from VPC Block Public Access is not known",
        base()
        .block("block-bidirectional")
        .change("block_public_access", "bpa", excluded=Refs.anything("vpcId")),
        EVERYTHING_UNKNOWN,
    ),
    Situation(
        92,
        "one of the NAT gateways' subnets may be excluded",
        base()
        .block("block-bidirectional")
        .change("block_public_access", "bpa", excluded=Refs.some_of(["pub-a"], "subnetId")),
        {"app-a s3": UNK, "app-b s3": BROKEN},
        unknown={"app-b s3": UNK},
    ),
    Situation(
        92,
        "an exclusion that is not known does not undo one that is",
        base()
        .block("block-bidirectional", "main", key="bpa-1")
        .block("block-bidirectional", key="bpa-2")
        .change("block_public_access", "bpa-2", excluded=Refs.anything("vpcId")),
        NO_ENDPOINT,
    ),
    Situation(
        92,
        "another VPC is excluded from VPC Block Public Access",
        base().block("block-bidirectional", "stranger"),
        EVERYTHING_BROKEN,
    ),
    Situation(
        88,
        "whether the firewall's endpoint can be used is not known",
        inspected().change("endpoints", "fw-a", state=Unknown("its state")),
        {"app-a ecr.dkr": UNK, "app-b ecr.dkr": NAT},
        unknown={"app-b ecr.dkr": UNK},
    ),
]
