"""Route tables and associations: which table a subnet is on, and which of its routes wins."""

from __future__ import annotations

from privatelane_paths.facts import Association, Origin, Route, Target, TargetKind
from privatelane_paths.known import Ref, Refs, Unknown
from tests.paths.build import ANYWHERE, Build, base, prefix, target
from tests.paths.situations.situation import (
    BROKEN,
    GW,
    IGW,
    NAT,
    NONE,
    UNK,
    Situation,
    all_four,
)

__all__ = ["SITUATIONS"]

APP_TABLES = ("rt-app-a", "rt-app-b")
NO_ENDPOINT = all_four(NAT, NAT, NAT)
WITH_GATEWAY = all_four(NAT, NAT, GW)


def unassociated() -> Build:
    """Neither private subnet has an association."""
    return base().drop("associations", "rt-app-a-on-app-a", "rt-app-b-on-app-b")


def with_route(destination: str, to: str, *, origin: Origin = Origin.STATIC) -> Build:
    """Another route in both private tables."""
    build = base()
    for table in APP_TABLES:
        build.route(table, destination, to, origin=origin)
    return build


def with_default(to: str) -> Build:
    """Another default route in both private tables, in place of the one to the NAT gateway."""
    build = base()
    for table in APP_TABLES:
        build.drop("routes", f"{table}:{ANYWHERE}").route(table, ANYWHERE, to)
    return build


def attached_by_resource() -> Build:
    """What the source makes of VpcEndpointRouteTableAssociation: an union with the inline list."""
    build = base().gateway("s3", "rt-app-a")
    inline = Refs.of(["rt-app-a"])
    return build.change("endpoints", "vpce-s3", route_tables=inline | Refs.of(["rt-app-b"]))


def slice_of_tables() -> Build:
    """The endpoint is on some of the private tables, and nobody knows on which."""
    some = Refs.some_of(APP_TABLES, "which tables the slice holds")
    return base().gateway("s3", route_tables=some)


def inline_and_separate() -> Build:
    """Two default routes in one table: the provider keeps overwriting one by the other."""
    build = base()
    for table in APP_TABLES:
        build.route(table, ANYWHERE, "igw-main", key=f"{table}#routes[0]")
    return build


def ignored_routes() -> Build:
    """What the code says of the routes is not what is there."""
    build = base()
    for table in APP_TABLES:
        build.drop("routes", f"{table}:{ANYWHERE}")
        build.change("tables", table, missing=f"the routes of {table}, which Pulumi ignores")
    return build


def route_for_any_table() -> Build:
    """A default route whose table an invoke looked up."""
    edge = Ref.anything("the route table of route spoke-default")
    route = Route("spoke-default", edge, prefix(ANYWHERE), target("igw-main"))
    return base().add("routes", route)


def appliance_inside() -> Build:
    """Traffic to the endpoints' subnet passes an appliance in a subnet of its own."""
    build = base().interface("ecr.api", "ends-a").subnet("ends-a", "main", "10.0.30.0/24")
    build.subnet("box-a", "main", "10.0.40.0/24").table("rt-box", "main", "box-a")
    build.eni("eni-box", "box-a")
    for table in APP_TABLES:
        build.route(table, "10.0.30.0/24", "eni-box")
    return build


def associated_in_loop() -> Build:
    """The order of tables and subnets differs, so that only the whole says who is where."""
    build = base()
    build.drop("associations", "rt-app-a-on-app-a", "rt-app-b-on-app-b")
    which = "which subnet the loop associates"
    tables = "which table the loop associates"
    for key in ("assoc-0", "assoc-1"):
        build.add(
            "associations",
            Association(
                key,
                Ref.one_of(APP_TABLES, tables),
                Ref.one_of(("app-a", "app-b"), which),
            ),
        )
    return build


def gateway_route_of_aws() -> Build:
    """What a live account shows of a gateway endpoint: a route from its list to it."""
    build = base().prefix_list("pl-s3", service="com.amazonaws.us-east-1.s3", unknown="entries")
    build.gateway("s3")
    for table in APP_TABLES:
        build.route(table, "pl-s3", "vpce-s3")
    return build


def main_changed() -> Build:
    """A table of the stack becomes the main one, and the subnets have no association."""
    return unassociated().main("main", "rt-app-a")


SITUATIONS = [
    Situation(1, "no endpoint at all", base(), NO_ENDPOINT),
    Situation(
        2,
        "no association, the main table leads to a NAT",
        unassociated()
        .table("rt-main", "main")
        .main("main", "rt-main")
        .route("rt-main", ANYWHERE, "nat-a"),
        NO_ENDPOINT,
    ),
    Situation(
        3,
        "no association, nothing manages the main table of a new VPC",
        unassociated(),
        all_four(NONE, NONE, NONE),
    ),
    Situation(
        3,
        "the same in a VPC that the stack does not declare",
        unassociated().change("vpcs", "main", outside=True),
        all_four(UNK, UNK, UNK),
    ),
    Situation(4, "a table of the stack is made the main one", main_changed(), NO_ENDPOINT),
    Situation(
        5,
        "the S3 endpoint is on the main table, the subnet on another",
        base().table("rt-main", "main").main("main", "rt-main").gateway("s3", "rt-main"),
        NO_ENDPOINT,
    ),
    Situation(6, "the S3 endpoint is on no table", base().gateway("s3"), NO_ENDPOINT),
    Situation(
        7,
        "the S3 endpoint is on the public table only",
        base().gateway("s3", "rt-pub"),
        {**NO_ENDPOINT, **all_four(IGW, IGW, GW, subnet="pub-a")},
    ),
    Situation(
        8,
        "the S3 endpoint is on the tables by association resources only",
        attached_by_resource(),
        WITH_GATEWAY,
    ),
    Situation(
        9,
        "inline tables and association resources add up",
        attached_by_resource(),
        {**WITH_GATEWAY, **all_four(NAT, NAT, GW, subnet="app-b")},
    ),
    Situation(
        10,
        "one table of two was forgotten",
        base().gateway("s3", "rt-app-a"),
        {**WITH_GATEWAY, **all_four(NAT, NAT, NAT, subnet="app-b")},
        unknown={
            "app-a ecr.layers": UNK,
            "app-a s3": UNK,
            "app-b ecr.layers": UNK,
            "app-b s3": UNK,
        },
    ),
    Situation(
        11,
        "the tables of the S3 endpoint are an unknown list of all of them",
        base().gateway("s3", *APP_TABLES),
        WITH_GATEWAY,
    ),
    Situation(
        11,
        "the tables of the S3 endpoint are a slice of a list",
        slice_of_tables(),
        all_four(NAT, NAT, UNK),
    ),
    Situation(
        12,
        "associations made in a loop",
        base(),
        {**NO_ENDPOINT, **all_four(NAT, NAT, NAT, subnet="app-b")},
    ),
    Situation(
        12,
        "as many associations as subnets leave none without",
        associated_in_loop(),
        {**NO_ENDPOINT, **all_four(NAT, NAT, NAT, subnet="app-b")},
    ),
    Situation(
        13,
        "an edge association puts a table on a gateway, not on a subnet",
        unassociated().add("associations", Association("edge", Ref.to("rt-app-a"), None)),
        all_four(NONE, NONE, NONE),
    ),
    Situation(
        14,
        "an explicit association goes before the main table",
        base()
        .table("rt-main", "main")
        .main("main", "rt-main")
        .route("rt-main", ANYWHERE, "nat-a")
        .drop("routes", f"rt-app-a:{ANYWHERE}")
        .drop("routes", f"rt-app-b:{ANYWHERE}"),
        all_four(NONE, NONE, NONE),
    ),
    Situation(
        15,
        "inline and separate default routes disagree",
        inline_and_separate(),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        16,
        "an adopted main table without routes has lost them all",
        unassociated().table("rt-default", "main").main("main", "rt-default"),
        all_four(NONE, NONE, NONE),
    ),
    Situation(
        17,
        "the default route names the id of a NAT gateway outside the stack",
        with_default("nat-0abc"),
        NO_ENDPOINT,
    ),
    Situation(
        18,
        "the default route names a network interface outside the stack",
        with_default("eni-0abc"),
        NO_ENDPOINT,
    ),
    Situation(
        18,
        "the default route leads to a NAT instance in a public subnet",
        with_default("eni-nat").eni("eni-nat", "pub-a"),
        NO_ENDPOINT,
    ),
    Situation(
        19,
        "the default route leads to an appliance whose own way is a NAT gateway",
        with_default("eni-box")
        .subnet("box-a", "main", "10.0.40.0/24")
        .table("rt-box", "main", "box-a")
        .route("rt-box", ANYWHERE, "nat-a")
        .eni("eni-box", "box-a"),
        NO_ENDPOINT,
    ),
    Situation(
        20,
        "the default route leads to an interface that checks destinations",
        with_default("eni-box").eni("eni-box", "pub-a", forwards=False),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        20,
        "whether the interface checks destinations is not known",
        with_default("eni-box").eni("eni-box", "pub-a", forwards=Unknown("sourceDestCheck of box")),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        21,
        "the S3 endpoint's prefix list is longer than the default route",
        base().gateway("s3", *APP_TABLES),
        WITH_GATEWAY,
    ),
    Situation(21, "the same as a live account shows it", gateway_route_of_aws(), WITH_GATEWAY),
    Situation(
        22,
        "a static route into S3's ranges competes with the endpoint",
        with_route("52.216.0.0/15", "nat-a").gateway("s3", *APP_TABLES),
        all_four(NAT, NAT, UNK),
    ),
    Situation(
        22,
        "the same where the list's entries are known: part of S3 goes through the NAT",
        with_route("52.217.0.0/16", "nat-a")
        .gateway("s3", *APP_TABLES)
        .prefix_list("pl-s3", "52.216.0.0/15", "3.5.0.0/19", service="s3"),
        all_four(NAT, NAT, NAT),
    ),
    Situation(
        22,
        "a route to a partner's /24 leaves the rest of the service behind the NAT",
        with_route("8.8.8.0/24", "vgw-main"),
        NO_ENDPOINT,
    ),
    Situation(
        22,
        "a route to a greater block may take the whole service away from the NAT",
        with_route("8.8.8.0/23", "vgw-main"),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        22,
        "a route to a range that S3's known list does not have changes nothing",
        with_route("52.219.0.0/16", "nat-a")
        .gateway("s3", *APP_TABLES)
        .prefix_list("pl-s3", "52.216.0.0/15", "3.5.0.0/19", service="s3"),
        WITH_GATEWAY,
    ),
    Situation(
        23,
        "a prefix list of one's own covers S3's ranges, too",
        with_route("pl-own", "nat-a")
        .gateway("s3", *APP_TABLES)
        .prefix_list("pl-own", "52.216.0.0/15"),
        all_four(NAT, NAT, UNK),
    ),
    Situation(
        23,
        "the entries of the overlapping list are unknown",
        with_route("pl-own", "nat-a")
        .gateway("s3", *APP_TABLES)
        .prefix_list("pl-own", unknown="the entries of pl-own"),
        all_four(NAT, NAT, UNK),
    ),
    Situation(
        23,
        "a prefix list of private ranges does not touch S3",
        with_route("pl-own", "tgw-0abc")
        .gateway("s3", *APP_TABLES)
        .prefix_list("pl-own", "10.0.0.0/8", "172.16.0.0/12"),
        WITH_GATEWAY,
    ),
    Situation(
        24,
        "two halves in place of one default route",
        base()
        .drop("routes", *(f"{table}:{ANYWHERE}" for table in APP_TABLES))
        .route("rt-app-a", "0.0.0.0/1", "nat-a")
        .route("rt-app-a", "128.0.0.0/1", "nat-a")
        .route("rt-app-b", "0.0.0.0/1", "nat-b")
        .route("rt-app-b", "128.0.0.0/1", "nat-b"),
        NO_ENDPOINT,
    ),
    Situation(
        24,
        "one half leads to a NAT, the other nowhere",
        base()
        .drop("routes", *(f"{table}:{ANYWHERE}" for table in APP_TABLES))
        .route("rt-app-a", "0.0.0.0/1", "nat-a")
        .route("rt-app-b", "0.0.0.0/1", "nat-b"),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        25,
        "the default route is an entry of a prefix list of one's own",
        base()
        .drop("routes", *(f"{table}:{ANYWHERE}" for table in APP_TABLES))
        .prefix_list("pl-all", ANYWHERE)
        .route("rt-app-a", "pl-all", "nat-a")
        .route("rt-app-b", "pl-all", "nat-b"),
        NO_ENDPOINT,
    ),
    Situation(
        26,
        "the default route leads to a VPN gateway",
        with_default("vgw-main"),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        26,
        "the only default route is propagated from a VPN gateway",
        base()
        .drop("routes", *(f"{table}:{ANYWHERE}" for table in APP_TABLES))
        .route("rt-app-a", ANYWHERE, "vgw-main", origin=Origin.PROPAGATED)
        .route("rt-app-b", ANYWHERE, "vgw-main", origin=Origin.PROPAGATED),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        26,
        "a static default route goes before a propagated one",
        base()
        .route("rt-app-a", ANYWHERE, "vgw-main", key="p", origin=Origin.PROPAGATED)
        .route("rt-app-b", ANYWHERE, "vgw-main", key="q", origin=Origin.PROPAGATED),
        NO_ENDPOINT,
    ),
    Situation(
        27,
        "the NAT gateway is deleted in the same update",
        with_default("nat-old").gone("nat-old"),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        27,
        "the NAT gateway of the default route was deleted",
        with_default("nat-old").nat("nat-old", "pub-a", state="deleted"),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        28,
        "the default route is a blackhole",
        with_default("blackhole"),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        29,
        "the NAT gateway stands in the subnet that it serves",
        base()
        .nat("nat-own", "app-a")
        .drop("routes", f"rt-app-a:{ANYWHERE}")
        .route("rt-app-a", ANYWHERE, "nat-own"),
        all_four(BROKEN, BROKEN, BROKEN),
        unknown={f"app-a {one}": UNK for one in ("ecr.api", "ecr.dkr", "ecr.layers", "s3")},
    ),
    Situation(
        30,
        "an appliance inside the VPC stands before the endpoint",
        appliance_inside(),
        {"app-a ecr.api": "interface-endpoint", "app-a ecr.dkr": NAT},
    ),
    Situation(
        31, "Pulumi ignores changes to the routes", ignored_routes(), all_four(UNK, UNK, UNK)
    ),
    Situation(
        31,
        "a default route may be in any table of its VPC",
        route_for_any_table(),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        31,
        "a route whose target is in another VPC cannot be in this one's tables",
        base()
        .vpc("other", "10.9.0.0/16")
        .gateway_of("igw-other", "other")
        .add(
            "routes",
            Route("spoke", Ref.anything("its table"), prefix(ANYWHERE), target("igw-other")),
        ),
        NO_ENDPOINT,
    ),
    Situation(
        31,
        "the target of the default route is not known at all",
        base()
        .drop("routes", *(f"{table}:{ANYWHERE}" for table in APP_TABLES))
        .add(
            "routes",
            Route(
                "r-a",
                Ref.to("rt-app-a"),
                prefix(ANYWHERE),
                Target(TargetKind.UNKNOWN, None, "the target of r-a"),
            ),
        )
        .gateway("s3", *APP_TABLES),
        all_four(UNK, UNK, GW),
    ),
]
