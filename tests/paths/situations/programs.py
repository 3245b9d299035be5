"""What Pulumi programs look like to a prover: things outside the stack, opaque and read ones."""

from __future__ import annotations

from privatelane_paths.facts import Opaque
from privatelane_paths.known import Ref, Refs, Unknown
from tests.paths.build import ANYWHERE, Build, base
from tests.paths.situations.names import PRIVATE, good
from tests.paths.situations.route_tables import APP_TABLES, NO_ENDPOINT
from tests.paths.situations.situation import (
    GW,
    IF,
    NAT,
    NONE,
    UNK,
    Situation,
    all_four,
)

__all__ = ["SITUATIONS"]

NOTHING_KNOWN = all_four(UNK, UNK, UNK)


def outside(build: Build) -> Build:
    """The VPC is another stack's; the subnets and tables are this one's."""
    return build.change("vpcs", "main", outside=True)


def with_opaque(given: Refs) -> Build:
    """A component of which only its type is seen."""
    return base().add("opaques", Opaque("net", "net", "acme:index:Network", given))


SITUATIONS = [
    Situation(
        118,
        "subnets known by literal ids only",
        Build().vpc("vpc-0abc", outside=True).subnet("app-a", "vpc-0abc", outside=True),
        NOTHING_KNOWN,
    ),
    Situation(
        119,
        "subnets and tables of one's own in a VPC of another stack",
        outside(base()),
        NOTHING_KNOWN,
    ),
    Situation(
        119,
        "the same with a gateway endpoint, which decides for S3",
        outside(base()).gateway("s3", *APP_TABLES),
        all_four(UNK, UNK, GW),
    ),
    Situation(119, "the same with all endpoints", outside(good()), PRIVATE),
    Situation(
        120,
        "the VPC of a subnet depends on something the source does not show",
        base().change("subnets", "app-a", vpc=Ref.anything("the vpcId of app-a")),
        NOTHING_KNOWN,
    ),
    Situation(
        121,
        "a shared subnet: its route table is the owner's",
        base().change("subnets", "app-a", outside=True).drop("associations", "rt-app-a-on-app-a"),
        NOTHING_KNOWN,
    ),
    Situation(
        122,
        "a NAT gateway a zone and no endpoints, as awsx makes them",
        base(),
        {**NO_ENDPOINT, **all_four(NAT, NAT, NAT, subnet="app-b")},
    ),
    Situation(
        123,
        "endpoints that awsx leaves unassociated",
        base().gateway("s3").interface("ecr.api").interface("ecr.dkr"),
        NO_ENDPOINT,
    ),
    Situation(
        124,
        "a foreign stack made the network",
        Build()
        .add("opaques", Opaque("cfn", "cfn", "aws:cloudformation/stack:Stack"))
        .vpc("main", outside=True)
        .subnet("app-a", "main", outside=True),
        NOTHING_KNOWN,
    ),
    Situation(
        125, "an opaque component was given the VPC", with_opaque(Refs.of(["main"])), NOTHING_KNOWN
    ),
    Situation(
        125,
        "an opaque component was given something else",
        with_opaque(Refs.of(["other"])),
        NO_ENDPOINT,
    ),
    Situation(
        125,
        "an opaque component was given a route table",
        with_opaque(Refs.of(["rt-app-a"])),
        {**NOTHING_KNOWN, **all_four(NAT, NAT, NAT, subnet="app-b")},
        unknown=all_four(UNK, UNK, UNK, subnet="app-b"),
    ),
    Situation(
        125,
        "nobody knows what an opaque component was given",
        with_opaque(Refs.anything("the inputs of net")),
        NOTHING_KNOWN,
    ),
    Situation(
        126,
        "an endpoint that the program no longer has",
        good().drop("endpoints", "vpce-s3"),
        all_four(IF, IF, NAT),
    ),
    Situation(
        126, "an endpoint that this update deletes", good().gone("vpce-s3"), all_four(IF, IF, NAT)
    ),
    Situation(
        127,
        "an endpoint that this stack's configuration leaves out",
        good().drop("endpoints", "vpce-ecr.api"),
        all_four(NAT, IF, GW),
    ),
    Situation(
        128,
        "the region of the VPC is unknown",
        good().change("vpcs", "main", region=Unknown("the region of the provider")),
        PRIVATE,
    ),
    Situation(
        128,
        "endpoints could not be read",
        base().unread("endpoints", "describe-vpc-endpoints"),
        NOTHING_KNOWN,
    ),
    Situation(
        128,
        "routes could not be read",
        base().unread("routes", "describe-route-tables"),
        NOTHING_KNOWN,
    ),
    Situation(
        128,
        "hosted zones could not be read, but nothing could lead through them",
        base().unread("hosted_zones", "list-hosted-zones"),
        NO_ENDPOINT,
    ),
    Situation(
        128,
        "hosted zones could not be read, and an endpoint waits for one",
        base()
        .interface("ecr.api", "app-a", private_dns=False)
        .unread("hosted_zones", "list-hosted-zones"),
        all_four(UNK, NAT, NAT),
    ),
    Situation(
        128,
        "network ACLs and security groups could not be read",
        good().unread("network_acls", "x").unread("security_groups", "y"),
        PRIVATE,
    ),
    Situation(
        129,
        "two VPCs with the same names of everything",
        base()
        .vpc("twin", "10.0.0.0/16")
        .subnet("twin-app", "twin", "10.0.10.0/24")
        .table("rt-twin", "twin", "twin-app")
        .gateway("s3", "rt-twin", vpc="twin"),
        {**NO_ENDPOINT, "twin-app s3": GW, "twin-app ecr.api": NONE},
    ),
    Situation(130, "no network at all", Build(), {}),
    Situation(
        131,
        "many VPCs do not disturb each other",
        base()
        .vpc("far", "10.7.0.0/16")
        .subnet("far-app", "far", "10.7.1.0/24")
        .table("rt-far", "far", "far-app")
        .route("rt-far", ANYWHERE, "igw-far")
        .gateway_of("igw-far", "far"),
        NO_ENDPOINT,
    ),
]
