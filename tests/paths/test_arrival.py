"""What a packet meets where it starts and where it arrives, and how a lane tells it."""

from __future__ import annotations

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


def named(value: str) -> Build:
    """A private hosted zone leads the registry's name to a value that no fact explains."""
    record = ZoneRecord("record", Ref.to(f"zone-{ECR}"), ECR, None, (value,))
    return base().zone(ECR, "main").add("zone_records", record)


def test_a_name_may_lead_to_an_address_in_the_vpc_that_nobody_explains() -> None:
    found = lane(named("10.0.1.9"))

    assert found.kind is LaneKind.INTERFACE_ENDPOINT
    assert found.reason == "the name resolves to address 10.0.1.9"
    last = found.hops[-1]
    assert (last.key, last.kind, last.text) == (
        "10.0.1.9",
        "interface-endpoint",
        "address 10.0.1.9",
    )


def test_an_endpoint_that_nobody_sees_may_be_in_any_network() -> None:
    found = lane(named("vpce-0abc-def.api.ecr.us-east-1.vpce.amazonaws.com"))

    assert found.kind is LaneKind.UNKNOWN
    assert "interface-endpoint: the name resolves to VPC endpoint vpce-0abc;" in found.reason
    (missing,) = found.missing
    assert missing.endswith("cover the addresses of endpoint vpce-0abc")
