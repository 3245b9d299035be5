"""What a packet meets where it starts and where it arrives, and how a lane tells it."""

from __future__ import annotations

import pytest

from privatelane_paths import Lane, LaneKind, judge
from privatelane_paths.facts import ZoneRecord
from privatelane_paths.known import Ref
from tests.paths.build import Build, base

ECR = "api.ecr.us-east-1.amazonaws.com"


def lane(build: Build, subnet: str = "app-a", service: str = "ecr.api") -> Lane:
    (found,) = (
        one for one in judge(build.network()) if (one.subnet, one.service) == (subnet, service)
    )
    return found


def test_traffic_within_one_subnet_passes_no_network_acl() -> None:
    """AWS: network ACLs are evaluated where traffic enters or leaves a subnet."""
    build = base().interface("ecr.api", "app-a").acl("closed", on=["app-a"])

    assert lane(build).kind is LaneKind.INTERFACE_ENDPOINT
    assert lane(build, "app-b").kind is LaneKind.BROKEN
    assert lane(build, service="ecr.dkr").kind is LaneKind.BROKEN
    assert lane(build, "app-b", "ecr.dkr").kind is LaneKind.NAT


def test_an_acl_that_closes_the_clients_subnet_is_named_with_its_remedy() -> None:
    build = base().interface("ecr.api", "app-b").acl("closed", on=["app-a"])

    found = lane(build)

    assert found.reason.startswith("the network ACL of app-a blocks HTTPS to ")
    assert (
        "let TCP 443 out and the ephemeral ports back in by the network ACL of app-a" in found.fix
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((f"vpce-0abc-def.{ECR}.vpce.amazonaws.com",), "VPC endpoint vpce-0abc"),
        (("10.0.1.9",), "address 10.0.1.9"),
    ],
)
def test_what_a_hosted_zone_names_is_told_though_no_fact_shows_it(
    values: tuple[str, ...], told: str
) -> None:
    build = base().zone(ECR, "main")
    build.add("zone_records", ZoneRecord("record", Ref.to(f"zone-{ECR}"), ECR, None, values))

    found = lane(build)

    assert found.kind is LaneKind.INTERFACE_ENDPOINT
    assert found.reason == f"the name resolves to {told}"
    last = found.hops[-1]
    assert (last.key, last.kind, last.text) == (told.split()[-1], "interface-endpoint", told)
