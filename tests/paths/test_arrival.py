"""What a packet meets where it starts and where it arrives, and how a lane tells it."""

from __future__ import annotations

import pytest

from privatelane_paths import Judge, Lane, LaneKind, judge
from privatelane_paths.facts import Direction, ZoneRecord
from privatelane_paths.known import Ref, Refs
from privatelane_paths.services import flow
from privatelane_paths.verdicts import Hop, Outcome
from tests.paths.build import ANYWHERE, Build, acl_line, base, rule

ECR = "api.ecr.us-east-1.amazonaws.com"
NOTHING = '{"Statement": []}'
SENDER = Refs.of(["sg-app"])
ENDPOINT = (
    Hop("vpce-ecr.api", "dns", f"{ECR} (private DNS of vpce-ecr.api)"),
    Hop("rt-app-a", "route-table", "route table rt-app-a (association)"),
    Hop("main", "route", "local 10.0.0.0/16"),
    Hop("vpce-ecr.api", "interface-endpoint", "interface endpoint vpce-ecr.api"),
)


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


def outcomes(
    build: Build, service: str = "ecr.api", groups: Refs | None = None
) -> tuple[Outcome, ...]:
    """What becomes of traffic from `app-a`; with `groups` it is known what sends it."""
    bench = Judge(build.network())
    return bench.outcomes(bench.index.subnets["app-a"], "main", flow(service, "us-east-1"), groups)


def reached(*missing: str) -> Outcome:
    reason = "the name resolves to interface endpoint vpce-ecr.api"
    return Outcome(LaneKind.INTERFACE_ENDPOINT, reason, ENDPOINT, missing)


def refused(reason: str, fix: str, *missing: str) -> Outcome:
    return Outcome(LaneKind.BROKEN, reason, ENDPOINT, missing, (fix,))


ANSWERS_BLOCKED = refused(
    "the network ACLs of the subnets of interface endpoint vpce-ecr.api block HTTPS from "
    "subnet app-a or the answers",
    "let TCP 443 in and the ephemeral ports out by the network ACLs of interface endpoint "
    "vpce-ecr.api's subnets",
)


def opens(way: Direction) -> Build:
    """ACLs that let connections be opened one way only: from `app-a`, or to `app-b`."""
    other = Direction.EGRESS if way is Direction.INGRESS else Direction.INGRESS
    lines = (acl_line(100, way, first=443, last=443), acl_line(100, other, first=1024))
    on = "app-b" if way is Direction.INGRESS else "app-a"
    return base().interface("ecr.api", "app-b").acl("narrow", *lines, on=[on])


@pytest.mark.parametrize("way", list(Direction))
def test_an_acl_needs_443_one_way_and_the_ephemeral_ports_the_other(way: Direction) -> None:
    assert outcomes(opens(way)) == (reached(),)


def test_a_subnet_without_an_acl_of_its_own_has_the_default_one_of_its_vpc() -> None:
    everything = [acl_line(100, way) for way in Direction]
    build = base().interface("ecr.api", "app-b").acl("default")

    assert outcomes(build.acl("open", *everything, on=["app-a"])) == (ANSWERS_BLOCKED,)


def test_an_endpoint_also_in_subnets_nobody_sees_may_answer_from_there() -> None:
    build = base().interface("ecr.api", "app-b").acl("closed", on=["app-b"])
    places = Refs.anything("which subnets", ["app-b"])
    doubt = "which subnets"

    assert outcomes(build, groups=Refs.of(["sg-open"])) == (ANSWERS_BLOCKED,)
    build.change("endpoints", "vpce-ecr.api", subnets=places)
    assert outcomes(build, groups=Refs.of(["sg-open"])) == (
        reached(doubt),
        refused(ANSWERS_BLOCKED.reason, ANSWERS_BLOCKED.fix[0], doubt),
    )


LAYER = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/layer"


@pytest.mark.parametrize(
    ("service", "endpoint", "needed"),
    [
        ("ecr.api", "interface endpoint vpce-ecr.api", "ecr:GetAuthorizationToken"),
        (
            "ecr.dkr",
            "interface endpoint vpce-ecr.dkr",
            "ecr:BatchGetImage, ecr:GetDownloadUrlForLayer",
        ),
        ("ecr.layers", "gateway endpoint vpce-s3", f"s3:GetObject on {LAYER}"),
        ("s3", "gateway endpoint vpce-s3", "anything"),
    ],
)
def test_a_policy_that_allows_nothing_refuses_what_the_pull_does(
    service: str, endpoint: str, needed: str
) -> None:
    build = base().gateway("s3", "rt-app-a", policy=NOTHING)
    for one in ("ecr.api", "ecr.dkr"):
        build.interface(one, "app-a", policy=NOTHING)
    (found,) = outcomes(build, service)

    assert (found.kind, found.reason, found.fix) == (
        LaneKind.BROKEN,
        f"the endpoint policy of {endpoint} does not allow {needed}",
        (f"allow {needed} in the endpoint policy of {endpoint}",),
    )
    assert found.hops[-1].text == endpoint


def between_groups(egress: str, ingress: str) -> Build:
    """A sender and an endpoint, each with a security group of one rule."""
    build = base().interface("ecr.api", "app-a", security_groups=Refs.of(["sg-ep"]))
    build.group("sg-app", rule(egress, Direction.EGRESS))
    return build.group("sg-ep", rule(ingress))


def test_security_groups_may_admit_each_other_by_name() -> None:
    build = between_groups("sg-ep", "sg-app")

    assert outcomes(build, groups=SENDER) == (reached(),)


def test_a_security_group_that_admits_another_group_does_not_admit_the_endpoint() -> None:
    far = "the addresses of endpoint vpce-ecr.api"
    sends = "what sends from subnet app-a"

    assert outcomes(between_groups("sg-other", "sg-app"), groups=SENDER) == (
        refused(
            f"the security groups of {sends} do not admit HTTPS to {far}",
            f"admit TCP 443 to {far} in the security groups of {sends}",
        ),
    )
    name = "interface endpoint vpce-ecr.api"
    assert outcomes(between_groups("sg-ep", "sg-other"), groups=SENDER) == (
        refused(
            f"the security groups of {name} do not admit HTTPS from subnet app-a",
            f"admit TCP 443 from subnet app-a in the security groups of {name}",
        ),
    )


def test_a_security_group_may_admit_a_service_by_awss_list_of_it() -> None:
    """Whatever the entries of the list are, the service's addresses are among them."""
    build = base().gateway("s3", "rt-app-a").prefix_list("pl-s3", service="s3", unknown="entries")
    build.group("sg-app", rule("pl-s3", Direction.EGRESS))
    (found,) = outcomes(build, "s3", SENDER)
    (other,) = outcomes(build.interface("ecr.api", "app-a"), "ecr.api", SENDER)[1:]

    assert (found.kind, found.missing) == (LaneKind.GATEWAY_ENDPOINT, ())
    assert (other.kind, other.missing) == (LaneKind.BROKEN, ("entries",))


def test_what_has_no_route_is_not_dropped_by_a_network_acl() -> None:
    build = base().drop("routes", f"rt-app-a:{ANYWHERE}").acl("closed", on=["app-a"])
    (found,) = outcomes(build, "s3")

    assert (found.kind, found.fix) == (LaneKind.NONE, ())
    assert found.reason == (
        "route table rt-app-a has no route to the public addresses of s3 in us-east-1"
    )


def test_what_a_filter_refuses_is_told_with_the_way_that_it_would_have_taken() -> None:
    build = base().acl("closed", on=["app-a"])
    far = "the public addresses of s3 in us-east-1"

    assert outcomes(build, "s3") == (
        Outcome(
            LaneKind.BROKEN,
            f"the network ACL of app-a blocks HTTPS to {far} or the answers to it",
            (
                ENDPOINT[1],
                Hop(f"rt-app-a:{ANYWHERE}", "route", ANYWHERE),
                Hop("nat-a", "nat", "NAT gateway nat-a"),
            ),
            (),
            ("let TCP 443 out and the ephemeral ports back in by the network ACL of app-a",),
        ),
    )
