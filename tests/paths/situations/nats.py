"""Kinds of NAT: zonal, regional, private, instances, and NAT64 for what speaks IPv6 only."""

from __future__ import annotations

from privatelane_paths import Options
from privatelane_paths.facts import WorkloadKind
from privatelane_paths.known import Unknown
from tests.paths.build import ANYWHERE, Build, base, prefix
from tests.paths.situations.route_tables import APP_TABLES, NO_ENDPOINT, with_default
from tests.paths.situations.situation import (
    BROKEN,
    IF,
    NAT,
    NONE,
    UNK,
    Situation,
    all_four,
)

__all__ = ["SITUATIONS", "egress_vpc"]

NOWHERE = "::/0"


def egress_vpc(build: Build) -> Build:
    """A transit gateway and a VPC behind it whose attachment's subnet leads to a NAT gateway."""
    build.vpc("egress", "10.100.0.0/16").gateway_of("igw-egress", "egress")
    build.subnet("out-pub", "egress", "10.100.0.0/24").subnet("out-tgw", "egress", "10.100.1.0/24")
    build.nat("nat-egress", "out-pub", vpc="egress")
    build.table("rt-out-pub", "egress", "out-pub").table("rt-out-tgw", "egress", "out-tgw")
    build.route("rt-out-pub", ANYWHERE, "igw-egress").route("rt-out-pub", "10.0.0.0/8", "tgw")
    build.route("rt-out-tgw", ANYWHERE, "nat-egress")
    build.transit("tgw").attach("main", "app-a", "app-b").attach("egress", "out-tgw")
    return build.transit_route("tgw", ANYWHERE, "att-egress")


def private_nat() -> Build:
    """The private subnets lead to private NAT gateways in subnets of their own."""
    build = base()
    for zone in "ab":
        build.subnet(f"mid-{zone}", "main", f"10.0.5{'ab'.index(zone)}.0/24", zone=zone)
        build.table(f"rt-mid-{zone}", "main", f"mid-{zone}")
        build.change("nats", f"nat-{zone}", public=False)
        build.drop("nats", f"nat-{zone}").nat(f"nat-{zone}", f"mid-{zone}", public=False)
    return build


def only_ipv6(**more: object) -> Build:
    """The private subnets have IPv6 addresses only."""
    build = base().gateway_of("eigw-main", "main")
    for place, zone in enumerate("ab"):
        cidr = prefix(f"2600:1f18:0:{place}::/64")
        build.change("subnets", f"app-{zone}", cidrs=(cidr,), ipv6_only=True, **more)
    return build


def to_nat64(build: Build) -> Build:
    """NAT64 by the NAT gateways."""
    return build.route("rt-app-a", "64:ff9b::/96", "nat-a").route(
        "rt-app-b", "64:ff9b::/96", "nat-b"
    )


def dual_stack_pull() -> Build:
    """A dual-stack subnet and an image named by ECR's dual-stack host."""
    build = base().gateway_of("eigw-main", "main").interface("ecr.dkr", "app-a", "app-b")
    for place, zone in enumerate("ab"):
        both = (prefix(f"10.0.{place + 10}.0/24"), prefix(f"2600:1f18:0:{place}::/64"))
        build.change("subnets", f"app-{zone}", cidrs=both)
    return build.workload(
        "web",
        "app-a",
        kind=WorkloadKind.ECS_FARGATE,
        images=("111122223333.dkr-ecr.us-east-1.on.aws/app:1",),
    )


SITUATIONS = [
    Situation(
        32,
        "the NAT gateway is in another zone",
        base().drop("routes", f"rt-app-a:{ANYWHERE}").route("rt-app-a", ANYWHERE, "nat-b"),
        NO_ENDPOINT,
    ),
    Situation(
        33,
        "a regional NAT gateway stands in no subnet",
        with_default("nat").nat("nat", None),
        NO_ENDPOINT,
    ),
    Situation(
        34,
        "a private NAT gateway leads to an internet gateway, which drops it",
        private_nat()
        .route("rt-mid-a", ANYWHERE, "igw-main")
        .route("rt-mid-b", ANYWHERE, "igw-main"),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        35,
        "a private NAT gateway leads to a transit gateway and a NAT behind it",
        egress_vpc(private_nat())
        .route("rt-mid-a", ANYWHERE, "tgw")
        .route("rt-mid-b", ANYWHERE, "tgw"),
        NO_ENDPOINT,
    ),
    Situation(36, "a NAT gateway with more addresses is a NAT gateway", base(), NO_ENDPOINT),
    Situation(
        37,
        "a NAT instance is found by its interface, whoever started it",
        with_default("eni-nat").eni("eni-nat", "pub-b"),
        NO_ENDPOINT,
    ),
    Situation(
        38,
        "what stands behind an interface outside the stack may be taken for unknown",
        with_default("eni-0abc"),
        all_four(UNK, UNK, UNK),
        options=Options(interface="unknown"),
    ),
    Situation(39, "IPv6 only, with DNS64 and NAT64", to_nat64(only_ipv6(dns64=True)), NO_ENDPOINT),
    Situation(
        40,
        "the same with an IPv4 endpoint: DNS64 hides it behind NAT64",
        to_nat64(only_ipv6(dns64=True))
        .interface("ecr.api", "app-a", "app-b")
        .gateway("s3", *APP_TABLES),
        NO_ENDPOINT,
    ),
    Situation(
        40,
        "the same with a dual-stack endpoint: reached by IPv6",
        to_nat64(only_ipv6(dns64=True)).interface(
            "ecr.api", "app-a", "app-b", ip_address_type="dualstack"
        ),
        {"app-a ecr.api": IF, "app-a ecr.dkr": NAT},
    ),
    Situation(
        41,
        "IPv6 only, without DNS64: names have no IPv6 address",
        only_ipv6().route("rt-app-a", NOWHERE, "eigw-main").route("rt-app-b", NOWHERE, "eigw-main"),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        41,
        "DNS64 without NAT64: an egress-only gateway drops 64:ff9b::/96",
        only_ipv6(dns64=True)
        .route("rt-app-a", NOWHERE, "eigw-main")
        .route("rt-app-b", NOWHERE, "eigw-main"),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        41,
        "whether DNS64 is on is not known",
        to_nat64(only_ipv6(dns64=Unknown("enableDns64 of app"))),
        all_four(UNK, UNK, UNK),
    ),
    Situation(41, "DNS64 and no route at all", only_ipv6(dns64=True), all_four(NONE, NONE, NONE)),
    Situation(
        42,
        "ECR's dual-stack name does not resolve to the endpoint: NAT by IPv4",
        dual_stack_pull(),
        {"app-a ecr.dkr": IF},
        pulls={"web app-a ecr.dkr": NAT, "web app-a ecr.layers": NAT},
    ),
    Situation(
        42,
        "ECR's dual-stack name by IPv6 over an egress-only gateway or by NAT",
        dual_stack_pull()
        .route("rt-app-a", NOWHERE, "eigw-main")
        .route("rt-app-b", NOWHERE, "eigw-main"),
        {"app-a ecr.dkr": IF},
        pulls={"web app-a ecr.dkr": UNK},
    ),
]
