"""How a lane is told: where its name leads, which addresses those are, and what is in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from privatelane_paths import Lane, LaneKind, Options, judge
from privatelane_paths.known import Refs, Unknown
from tests.paths.build import Build, base
from tests.paths.situations.networks_apart import hub_by_peering

if TYPE_CHECKING:
    from collections.abc import Callable

ECR = "api.ecr.us-east-1.amazonaws.com"


def lane(
    build: Build, service: str = "ecr.api", subnet: str = "app-a", options: Options | None = None
) -> Lane:
    found = judge(build.network(), options=options or Options())
    (one,) = (one for one in found if (one.subnet, one.service) == (subnet, service))
    return one


def texts(found: Lane) -> list[str]:
    return [hop.text for hop in found.hops]


def test_a_lane_to_an_endpoint_is_told_from_the_subnet_to_the_endpoint() -> None:
    found = lane(base().interface("ecr.api", "app-a"))

    assert texts(found) == [
        "subnet app-a",
        f"{ECR} (private DNS of vpce-ecr.api)",
        "route table rt-app-a (association)",
        "local 10.0.0.0/16",
        "interface endpoint vpce-ecr.api",
    ]
    assert found.reason == "the name resolves to interface endpoint vpce-ecr.api"


def at_home() -> Build:
    return base().interface("ecr.api", "app-b")


@pytest.mark.parametrize(("made", "where"), [(at_home, "app-b"), (hub_by_peering, "hub-ends")])
@pytest.mark.parametrize("hidden", ["subnets", "ranges"])
def test_an_endpoint_has_its_addresses_in_its_vpc_wherever_it_stands(
    made: Callable[[], Build], where: str, hidden: str
) -> None:
    """A route to the VPC's ranges covers them, although nobody knows which they are."""
    build = made()
    if hidden == "subnets":
        build.change("endpoints", "vpce-ecr.api", subnets=Refs.anything("which subnets", [where]))
    else:
        build.change("subnets", where, cidrs=Unknown("its ranges"))

    found = lane(build)

    assert (found.kind, found.missing) == (LaneKind.INTERFACE_ENDPOINT, ())


def test_a_name_without_a_record_in_its_private_zone_does_not_resolve() -> None:
    found = lane(base().zone(ECR, "main"))
    how = f"the private hosted zone {ECR}, which has no such record"

    assert found.kind is LaneKind.BROKEN
    assert found.reason == f"{ECR} does not resolve: {how}"
    assert texts(found) == ["subnet app-a", f"{ECR} ({how})"]


def test_an_endpoint_of_ipv6_alone_does_not_serve_a_subnet_of_ipv4() -> None:
    found = lane(base().interface("ecr.api", "app-a", ip_address_type="ipv6"))

    assert found.kind is LaneKind.BROKEN
    assert found.reason == "endpoint vpce-ecr.api has IPv6 addresses only"


@pytest.mark.parametrize(
    ("choice", "service", "kind"),
    [
        ("deny", "ecr.layers", LaneKind.UNKNOWN),
        ("deny", "s3", LaneKind.INTERFACE_ENDPOINT),
        ("allow", "ecr.layers", LaneKind.INTERFACE_ENDPOINT),
        ("allow", "s3", LaneKind.INTERFACE_ENDPOINT),
    ],
)
def test_layers_through_an_s3_interface_endpoint_are_as_the_options_say(
    choice: Literal["deny", "allow"], service: str, kind: LaneKind
) -> None:
    build = base().interface("s3", "app-a")
    found = lane(build, service, options=Options(s3_interface_for_ecr=choice))

    assert found.kind is kind
    if kind is LaneKind.UNKNOWN:
        doubt = "whether ECR's layers come through an S3 interface endpoint"
        assert found.missing == (f"{doubt}, which AWS's ECR guide excludes",)
        assert "or nat: the public addresses of s3 in us-east-1 are reached" in found.reason


def test_where_the_public_way_is_private_too_the_options_on_layers_ask_nothing() -> None:
    build = base().interface("s3", "app-a").gateway("s3", "rt-app-a", key="vpce-gw")
    found = lane(build, "ecr.layers", options=Options(s3_interface_for_ecr="deny"))

    assert found.kind is LaneKind.INTERFACE_ENDPOINT
