"""Subnets that are not what their name says, images, regions, partitions."""

from __future__ import annotations

from privatelane_paths.facts import PullThroughCache, WorkloadKind
from privatelane_paths.known import Unknown
from tests.paths.build import ANYWHERE, Build, base
from tests.paths.situations.names import PRIVATE, good
from tests.paths.situations.route_tables import APP_TABLES, NO_ENDPOINT, with_default
from tests.paths.situations.situation import (
    BROKEN,
    GW,
    IF,
    IGW,
    NAT,
    NONE,
    UNK,
    Situation,
    all_four,
)

__all__ = ["SITUATIONS"]

PUBLIC = all_four(IGW, IGW, IGW)
HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com"


def isolated(build: Build) -> Build:
    """The private subnets have no default route."""
    return build.drop("routes", *(f"{table}:{ANYWHERE}" for table in APP_TABLES))


def web(build: Build, *images: str, **more: object) -> Build:
    """A service in the first private subnet that pulls these images."""
    return build.workload("web", "app-a", images=images, **more)


def partition(region: str, ecr: str, s3: str) -> Build:
    """The good case in a region of another partition, by its endpoint services' names."""
    build = good().change("vpcs", "main", region=region)
    for service in ("ecr.api", "ecr.dkr"):
        name = f"{ecr}.{region}.{service}"
        build.change("endpoints", f"vpce-{service}", service_name=name)
    return build.change("endpoints", "vpce-s3", service_name=f"{s3}.{region}.s3")


def cached() -> Build:
    """An image that a pull-through cache fetches from elsewhere."""
    build = web(good(), f"{HOST}/ecr-public/docker/library/nginx:1")
    rule = PullThroughCache("ptc", "ecr-public", "public.ecr.aws", "us-east-1")
    return build.add("pull_through_caches", rule)


SITUATIONS = [
    Situation(93, "named private, leads to an internet gateway", with_default("igw-main"), PUBLIC),
    Situation(
        94,
        "a task with a public address behind an internet gateway",
        web(with_default("igw-main"), f"{HOST}/app:1", public_ip=True),
        PUBLIC,
        pulls={"web app-a ecr.api": IGW, "web app-a ecr.layers": IGW},
    ),
    Situation(
        94,
        "a task without a public address behind an internet gateway",
        web(with_default("igw-main"), f"{HOST}/app:1"),
        PUBLIC,
        pulls={"web app-a ecr.api": BROKEN, "web app-a ecr.layers": BROKEN},
    ),
    Situation(
        94,
        "nodes get their addresses from the subnet or the launch template",
        web(with_default("igw-main"), f"{HOST}/app:1", kind=WorkloadKind.EKS_NODES),
        PUBLIC,
        pulls={"web app-a ecr.api": IGW},
    ),
    Situation(
        95,
        "a public subnet with a gateway endpoint",
        base().gateway("s3", "rt-pub"),
        all_four(IGW, IGW, GW, subnet="pub-a"),
    ),
    Situation(
        96,
        "public addresses on launch, but the way out is a NAT gateway",
        base().change("subnets", "app-a", public_ip_on_launch=True),
        NO_ENDPOINT,
    ),
    Situation(97, "isolated with all endpoints", isolated(good()), PRIVATE),
    Situation(97, "isolated without endpoints", isolated(base()), all_four(NONE, NONE, NONE)),
    Situation(
        98,
        "subnets of a VPC that the stack does not declare",
        base()
        .change("vpcs", "main", outside=True)
        .change("subnets", "app-a", outside=True)
        .drop("associations", "rt-app-a-on-app-a"),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        99, "a carrier gateway forwards without a NAT gateway", with_default("cagw-main"), PUBLIC
    ),
    Situation(
        99,
        "a local gateway leads to the network around an Outpost",
        with_default("lgw-main"),
        all_four(UNK, UNK, UNK),
    ),
    Situation(
        100,
        "an image of another account in the same region",
        web(good(), "999999999999.dkr.ecr.us-east-1.amazonaws.com/team/app:1"),
        PRIVATE,
        pulls={"web app-a ecr.api": IF, "web app-a ecr.dkr": IF, "web app-a ecr.layers": GW},
    ),
    Situation(
        101,
        "an image of another region, endpoints in one's own only",
        web(good(), "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1"),
        PRIVATE,
        pulls={"web app-a ecr.api": NAT, "web app-a ecr.dkr": NAT, "web app-a ecr.layers": NAT},
    ),
    Situation(
        102,
        "an image of another region with cross-region endpoints for the registry",
        web(good(), "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1").interface(
            "ecr.dkr",
            "app-a",
            key="vpce-far",
            service_region="eu-west-1",
            service_name="com.amazonaws.eu-west-1.ecr.dkr",
        ),
        PRIVATE,
        pulls={"web app-a ecr.api": NAT, "web app-a ecr.dkr": IF, "web app-a ecr.layers": NAT},
    ),
    Situation(
        103,
        "an image of public.ecr.aws",
        web(good(), "public.ecr.aws/nginx/nginx:1"),
        PRIVATE,
        pulls={"web app-a public.ecr.aws": NAT},
    ),
    Situation(
        104,
        "images of registries on the internet",
        web(good(), "ghcr.io/a/b:1", "quay.io/a/b", "mcr.microsoft.com/a/b"),
        PRIVATE,
        pulls={
            "web app-a ghcr.io": NAT,
            "web app-a quay.io": NAT,
            "web app-a mcr.microsoft.com": NAT,
        },
    ),
    Situation(
        105,
        "an image that a pull-through cache fetches",
        cached(),
        PRIVATE,
        pulls={"web app-a ecr.dkr": IF},
    ),
    Situation(
        106,
        "an image without a host is Docker Hub's",
        web(good(), "nginx", "library/nginx:1"),
        PRIVATE,
        pulls={"web app-a docker.io": NAT},
    ),
    Situation(
        107,
        "a registry of one's own may stand anywhere",
        web(good(), "registry.corp.example:5000/app:1"),
        PRIVATE,
        pulls={"web app-a registry.corp.example:5000": UNK},
    ),
    Situation(
        107,
        "a registry of one's own, and no way out at all",
        web(isolated(good()), "registry.corp.example:5000/app:1"),
        PRIVATE,
        pulls={"web app-a registry.corp.example:5000": NONE},
    ),
    Situation(
        109,
        "instances pull, so that their own subnets count",
        base().gateway("s3", *APP_TABLES).workload("ec2", "app-b", kind=WorkloadKind.ECS_EC2),
        NO_ENDPOINT | {"app-a ecr.layers": GW, "app-a s3": GW},
        pulls={"ec2 app-b ecr.api": NAT, "ec2 app-b ecr.layers": GW},
    ),
    Situation(111, "logs has no endpoint", good(), {"app-a logs": NAT, "app-a ecr.api": IF}),
    Situation(
        112,
        "logs has an endpoint, monitoring is another service",
        good().interface("logs", "app-a", "app-b"),
        {"app-a logs": IF, "app-a monitoring": NAT},
    ),
    Situation(
        113,
        "the FIPS registry is another service",
        web(good(), "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/app:1"),
        PRIVATE,
        pulls={
            "web app-a ecr-fips.api": NAT,
            "web app-a ecr-fips.dkr": NAT,
            "web app-a ecr.layers": GW,
        },
    ),
    Situation(
        113,
        "the FIPS registry's own endpoint",
        web(good(), "111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/app:1").interface(
            "ecr-fips.dkr", "app-a"
        ),
        PRIVATE,
        pulls={"web app-a ecr-fips.dkr": IF},
    ),
    Situation(
        114,
        "China's endpoint services",
        partition("cn-north-1", "cn.com.amazonaws", "com.amazonaws"),
        PRIVATE,
    ),
    Situation(
        115,
        "GovCloud's endpoint services",
        partition("us-gov-west-1", "com.amazonaws", "com.amazonaws"),
        PRIVATE,
    ),
    Situation(
        115,
        "the European sovereign cloud's endpoint services",
        partition("eusc-de-east-1", "eu.amazonaws", "com.amazonaws"),
        PRIVATE,
    ),
    Situation(
        116,
        "the endpoint's type decides where a service has both",
        base().gateway("dynamodb", *APP_TABLES),
        {"app-a dynamodb": GW},
    ),
    Situation(
        116,
        "an interface endpoint of DynamoDB has no private DNS",
        base().interface("dynamodb", "app-a"),
        {"app-a dynamodb": NAT},
    ),
    Situation(
        117,
        "the endpoint's type is unknown",
        good(gateway=False).gateway("s3", *APP_TABLES, kind=Unknown("vpcEndpointType")),
        all_four(IF, IF, UNK),
    ),
]
