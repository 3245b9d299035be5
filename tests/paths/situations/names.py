"""Interface endpoints and the names that lead to them, and what guards them."""

from __future__ import annotations

from typing import Any

from privatelane_paths import Options
from privatelane_paths.facts import Direction, EndpointKind, ZoneRecord
from privatelane_paths.known import Ref, Refs, Unknown
from tests.paths.build import ANYWHERE, Build, acl_line, base, policy, rule
from tests.paths.situations.route_tables import APP_TABLES, NO_ENDPOINT
from tests.paths.situations.situation import (
    BROKEN,
    GW,
    IF,
    NAT,
    UNK,
    Situation,
    all_four,
)

__all__ = ["SITUATIONS", "good"]

PRIVATE = all_four(IF, IF, GW)
API, DKR = "vpce-ecr.api", "vpce-ecr.dkr"
IN, OUT = Direction.INGRESS, Direction.EGRESS
LAYERS = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"
OWN = {"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}


def good(*, gateway: bool = True) -> Build:
    """Both ECR endpoints with private DNS, and the S3 gateway endpoint on both tables."""
    build = base().interface("ecr.api", "app-a", "app-b").interface("ecr.dkr", "app-a", "app-b")
    return build.gateway("s3", *APP_TABLES) if gateway else build


def both(build: Build, **changes: object) -> Build:
    """Both ECR endpoints changed alike."""
    return build.change("endpoints", API, **changes).change("endpoints", DKR, **changes)


def vpc(**changes: object) -> Build:
    """The VPC changed, with all endpoints in it."""
    return good().change("vpcs", "main", **changes)


def s3_interface(build: Build, **more: Any) -> Build:
    """An S3 interface endpoint beside whatever is there."""
    return build.interface("s3", "app-a", "app-b", key="vpce-s3-interface", **more)


def guarded(*peers: str) -> Build:
    """The ECR API's endpoint has a security group that admits these alone."""
    build = good().group("sg-ends", *(rule(peer) for peer in peers))
    return build.change("endpoints", API, security_groups=Refs.of(["sg-ends"]))


def fargate(build: Build, *groups: str, **more: object) -> Build:
    """A service in the first private subnet."""
    return build.workload("web", "app-a", security_groups=Refs.of(groups), **more)


def acl_without(way: Direction) -> Build:
    """The endpoints stand in a subnet whose network ACL lets nothing answer or nothing in."""
    build = base().subnet("ends-a", "main", "10.0.30.0/24")
    build.interface("ecr.api", "ends-a").gateway("s3", *APP_TABLES)
    lines = [acl_line(100, one) for one in Direction if one is not way]
    return build.acl("acl-ends", *lines, on=["ends-a"])


def by_hand(*vpcs: str, **records: str) -> Build:
    """Endpoints without private DNS, and a hosted zone made by hand for the registry."""
    build = both(good(), private_dns=False)
    zone = "dkr.ecr.us-east-1.amazonaws.com"
    return build.zone(zone, *vpcs, **records)


def alias_unknown() -> Build:
    """What the alias leads to is unknown, but it was computed from the endpoint."""
    build = by_hand("main")
    zone = "zone-dkr.ecr.us-east-1.amazonaws.com"
    name = "*.dkr.ecr.us-east-1.amazonaws.com"
    edge = Ref.one_of([DKR], "")
    values = Unknown("the alias of record any")
    return build.add("zone_records", ZoneRecord("any", Ref.to(zone), name, edge, values))


SITUATIONS = [
    Situation(
        43,
        "both ECR endpoints with private DNS and the S3 gateway: the good case",
        good(),
        {**PRIVATE, **all_four(IF, IF, GW, subnet="app-b")},
    ),
    Situation(44, "private DNS left off", both(good(), private_dns=False), all_four(NAT, NAT, GW)),
    Situation(
        44,
        "whether private DNS is on is not known",
        both(good(), private_dns=Unknown("privateDnsEnabled")),
        all_four(UNK, UNK, GW),
    ),
    Situation(
        45, "DNS hostnames are off in the VPC", vpc(dns_hostnames=False), all_four(NAT, NAT, GW)
    ),
    Situation(
        45,
        "whether DNS hostnames are on is not known",
        vpc(dns_hostnames=Unknown("enableDnsHostnames of main")),
        all_four(UNK, UNK, GW),
    ),
    Situation(46, "DNS support is off in the VPC", vpc(dns_support=False), all_four(NAT, NAT, GW)),
    Situation(
        47,
        "DHCP options name DNS servers of one's own",
        vpc(dns_servers=("10.0.0.53",)),
        all_four(UNK, UNK, GW),
    ),
    Situation(
        47,
        "the same without any endpoint: whoever answers, it is a NAT",
        base().change("vpcs", "main", dns_servers=("10.0.0.53",)),
        NO_ENDPOINT,
    ),
    Situation(
        47,
        "DHCP options name AWS's resolver by its address",
        vpc(dns_servers=("169.254.169.253",)),
        PRIVATE,
    ),
    Situation(
        48,
        "a rule forwards amazonaws.com to servers of one's own, without endpoints",
        base().forward("amazonaws.com", "main"),
        NO_ENDPOINT,
    ),
    Situation(
        48,
        "a rule forwards amazonaws.com, endpoints have private DNS below it",
        good().forward("amazonaws.com", "main"),
        all_four(UNK, UNK, GW),
    ),
    Situation(
        48,
        "a rule forwards the endpoint's own domain",
        good().forward("api.ecr.us-east-1.amazonaws.com", "main"),
        all_four(NAT, IF, GW),
    ),
    Situation(
        48,
        "a system rule takes amazonaws.com out of a rule that forwards everything",
        good().forward(".", "main").forward("amazonaws.com", "main", away=False),
        PRIVATE,
    ),
    Situation(
        48,
        "the rule is for another VPC",
        good().vpc("other", "10.9.0.0/16").forward("amazonaws.com", "other"),
        PRIVATE,
    ),
    Situation(
        49,
        "the endpoints stand in another zone than the subnet",
        base()
        .interface("ecr.api", "app-b")
        .interface("ecr.dkr", "app-b")
        .gateway("s3", *APP_TABLES),
        PRIVATE,
    ),
    Situation(
        50,
        "the endpoints stand in no subnet",
        base().interface("ecr.api").interface("ecr.dkr").gateway("s3", *APP_TABLES),
        all_four(NAT, NAT, GW),
    ),
    Situation(
        51,
        "the subnets of an endpoint come by association resources only",
        good().change("endpoints", API, subnets=Refs() | Refs.of(["app-a"])),
        PRIVATE,
    ),
    Situation(
        51,
        "the subnets of an endpoint are an unknown list, which is never empty",
        good().change("endpoints", API, subnets=Refs.anything("subnetIds")),
        PRIVATE,
    ),
    Situation(
        52,
        "the endpoint's security group admits nobody from here",
        guarded("10.99.0.0/16"),
        {"app-a ecr.api": BROKEN, "app-a ecr.dkr": IF},
    ),
    Situation(
        52,
        "the endpoint's security group has another port open",
        good()
        .group("sg-ends", rule("10.0.0.0/16", first=80, last=80))
        .change("endpoints", API, security_groups=Refs.of(["sg-ends"])),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        53,
        "without a security group the VPC's default one admits only itself",
        good()
        .group("sg-default", rule("sg-default"))
        .group("sg-web")
        .change("endpoints", API, security_groups=Refs.of(["sg-default"]))
        .workload("web", "app-a", security_groups=Refs.of(["sg-web"])),
        {"app-a ecr.api": IF},
        pulls={"web app-a ecr.api": BROKEN},
    ),
    Situation(
        54,
        "the endpoint's group admits one group, the task has another",
        fargate(guarded("sg-x").group("sg-x").group("sg-y", rule(ANYWHERE, OUT)), "sg-y"),
        {"app-a ecr.api": IF},
        pulls={"web app-a ecr.api": BROKEN, "web app-a ecr.dkr": IF},
    ),
    Situation(
        54,
        "the endpoint's group admits the task's",
        fargate(guarded("sg-x").group("sg-x", rule(ANYWHERE, OUT)), "sg-x"),
        {"app-a ecr.api": IF},
        pulls={"web app-a ecr.api": IF},
    ),
    Situation(
        55,
        "the task's own group lets nothing out to the endpoint",
        fargate(good().group("sg-y", rule("10.99.0.0/16", OUT)), "sg-y"),
        {"app-a ecr.api": IF},
        pulls={"web app-a ecr.api": BROKEN, "web app-a ecr.layers": BROKEN},
    ),
    Situation(
        55,
        "the endpoint's group admits the subnet by a prefix list",
        good()
        .prefix_list("pl-clients", "10.0.10.0/23")
        .group("sg-ends", rule("pl-clients"))
        .change("endpoints", API, security_groups=Refs.of(["sg-ends"])),
        PRIVATE,
    ),
    Situation(
        56,
        "the network ACL of the endpoints' subnet lets no answer out",
        acl_without(OUT),
        {"app-a ecr.api": BROKEN, "app-a ecr.layers": GW},
    ),
    Situation(
        57,
        "the network ACL of the endpoints' subnet lets nothing in",
        acl_without(IN),
        {"app-a ecr.api": BROKEN},
    ),
    Situation(
        57,
        "the subnet's own network ACL lets nothing out but to the VPC",
        base().acl(
            "acl-app",
            acl_line(100, OUT, cidr="10.0.0.0/16"),
            acl_line(100, IN),
            on=["app-a", "app-b"],
        ),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        57,
        "a denied port before what is allowed",
        base().acl(
            "acl-app",
            acl_line(10, OUT, allow=False, first=443, last=443),
            acl_line(100, OUT),
            acl_line(100, IN),
            on=["app-a", "app-b"],
        ),
        all_four(BROKEN, BROKEN, BROKEN),
    ),
    Situation(
        57,
        "the lines of the network ACL are not all known",
        base().acl(
            "acl-app",
            acl_line(100, OUT, cidr="10.0.0.0/16"),
            on=["app-a", "app-b"],
            missing="the lines of acl-app",
        ),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        58,
        "the S3 endpoint's policy leaves out the layer bucket",
        good().change("endpoints", "vpce-s3", policy=policy("s3:*", "arn:aws:s3:::mine/*")),
        all_four(IF, IF, BROKEN, GW),
    ),
    Situation(
        58,
        "the S3 endpoint's policy allows just the layer bucket",
        good().change("endpoints", "vpce-s3", policy=policy("s3:GetObject", LAYERS)),
        PRIVATE,
    ),
    Situation(
        59,
        "the endpoint policy is unknown",
        good().change("endpoints", "vpce-s3", policy=Unknown("policy of vpce-s3")),
        PRIVATE,
    ),
    Situation(
        60,
        "the S3 endpoint's policy is limited to one's own organisation",
        good().change("endpoints", "vpce-s3", policy=policy("*", "*", Condition=OWN)),
        all_four(IF, IF, BROKEN, GW),
    ),
    Situation(
        61,
        "ecr.api is missing: Fargate since 1.4.0 needs both",
        fargate(good().drop("endpoints", API)),
        all_four(NAT, IF, GW),
        pulls={"web app-a ecr.api": NAT, "web app-a ecr.dkr": IF},
    ),
    Situation(
        62,
        "ecr.api is missing: Fargate 1.3.0 does not need it",
        fargate(good().drop("endpoints", API), platform_version="1.3.0"),
        all_four(NAT, IF, GW),
        pulls={"web app-a ecr.dkr": IF, "web app-a ecr.layers": GW},
    ),
    Situation(63, "ecr.dkr is missing", good().drop("endpoints", DKR), all_four(IF, NAT, GW)),
    Situation(
        64,
        "both ECR endpoints, but none for S3, where nearly all bytes are",
        good(gateway=False),
        all_four(IF, IF, NAT),
    ),
    Situation(
        65,
        "the service is of another region",
        both(good(), service_name="com.amazonaws.us-west-2.ecr.dkr"),
        all_four(NAT, NAT, GW),
    ),
    Situation(
        66,
        "a cross-region endpoint does not serve the VPC's own region",
        good().change(
            "endpoints",
            API,
            service_region="us-west-2",
            service_name="com.amazonaws.us-west-2.ecr.api",
        ),
        all_four(NAT, IF, GW),
    ),
    Situation(
        67,
        "the endpoint has failed",
        good().change("endpoints", API, state="failed"),
        all_four(NAT, IF, GW),
    ),
    Situation(
        67,
        "the endpoint is still pending",
        good().change("endpoints", API, state="pending"),
        PRIVATE,
    ),
    Situation(
        68,
        "the endpoint's type was left out and is Gateway",
        both(good(), kind=EndpointKind.GATEWAY),
        all_four(NAT, NAT, GW),
    ),
    Situation(
        69,
        "an S3 interface endpoint without private DNS, no gateway",
        s3_interface(good(gateway=False), private_dns=False),
        all_four(IF, IF, NAT),
    ),
    Situation(
        70,
        "an S3 interface endpoint with private DNS, no gateway",
        s3_interface(good(gateway=False)),
        all_four(IF, IF, UNK, IF),
    ),
    Situation(
        70,
        "the same, where ECR's layers are allowed to come through it",
        s3_interface(good(gateway=False)),
        all_four(IF, IF, IF, IF),
        options=Options(s3_interface_for_ecr="allow"),
    ),
    Situation(
        71,
        "an S3 interface endpoint for inbound resolvers only, beside the gateway",
        s3_interface(good(), inbound_only=True),
        PRIVATE,
    ),
    Situation(
        72,
        "an S3 interface endpoint for inbound resolvers only, no gateway",
        s3_interface(good(gateway=False), inbound_only=True),
        all_four(IF, IF, NAT),
    ),
    Situation(
        73,
        "an S3 interface endpoint takes the traffic from the gateway",
        s3_interface(good()),
        all_four(IF, IF, IF),
    ),
    Situation(
        74,
        "an S3 interface endpoint in an isolated subnet",
        s3_interface(good(gateway=False)).drop(
            "routes", *(f"{table}:{ANYWHERE}" for table in APP_TABLES)
        ),
        all_four(IF, IF, IF),
    ),
    Situation(
        75,
        "a hosted zone by hand leads to the endpoint",
        by_hand("main", any=DKR),
        all_four(NAT, IF, GW),
    ),
    Situation(
        76,
        "the hosted zone is on another VPC",
        by_hand("other", any=DKR).vpc("other", "10.9.0.0/16"),
        all_four(NAT, NAT, GW),
    ),
    Situation(
        77,
        "the alias is unknown but computed from the endpoint",
        alias_unknown(),
        all_four(NAT, IF, GW),
    ),
    Situation(
        78,
        "the hosted zone has no record for the name",
        by_hand("main", at=DKR),
        all_four(NAT, BROKEN, GW),
    ),
    Situation(
        78,
        "the records of the hosted zone are not all known",
        by_hand("main", at=DKR).change(
            "hosted_zones", "zone-dkr.ecr.us-east-1.amazonaws.com", missing="records"
        ),
        all_four(NAT, UNK, GW),
    ),
    Situation(
        79,
        "the hosted zone has a record for one account only",
        fargate(by_hand("main", **{"111122223333": DKR})),
        {"app-a ecr.dkr": IF},
        pulls={"web app-a ecr.dkr": IF},
    ),
    Situation(
        79,
        "the hosted zone has a record for another account only",
        fargate(by_hand("main", **{"999999999999": DKR})),
        {"app-a ecr.dkr": IF},
        pulls={"web app-a ecr.dkr": BROKEN},
    ),
    Situation(
        79,
        "the service name of an endpoint is unknown",
        good().change("endpoints", API, service_name=Unknown("serviceName")),
        {"app-a ecr.api": UNK, "app-a ecr.dkr": IF, "app-a s3": GW},
    ),
]
