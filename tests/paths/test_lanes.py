"""How a lane is told: where its name leads, which addresses those are, and what is in doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import pytest

from privatelane_paths import Judge, Lane, LaneKind, Options, judge
from privatelane_paths.dns import NOBODY_KNOWS, Answer, Answered
from privatelane_paths.known import Ref, Refs, Unknown
from privatelane_paths.lanes import _versions
from privatelane_paths.lookup import Destination
from privatelane_paths.services import flow
from privatelane_paths.space import AddressSet, public
from privatelane_paths.verdicts import Hop, Rejected
from privatelane_paths.workloads import _registry_flow
from tests.paths.build import Build, base, prefix, rule
from tests.paths.situations.networks_apart import hub_by_peering

if TYPE_CHECKING:
    from collections.abc import Callable

    from privatelane_paths.known import Maybe

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
    assert found.hops == (
        Hop("app-a", "subnet", "subnet app-a"),
        Hop("", "dns", f"{ECR} ({how})"),
    )


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


def bench(build: Build) -> Judge:
    return Judge(build.network())


UNIQUE_LOCAL = ("fc00::/7",)
PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
SIX = "2600:1f18::/56"


def endpoint_in(where: Refs, **vpc: Any) -> Build:
    """An endpoint in a VPC of both IP versions, whose subnets have IPv4 ranges only."""
    build = base().interface("ecr.api", subnets=where)
    ranges = (prefix("10.0.0.0/16"), prefix(SIX))
    return build.change("vpcs", "main", **{"cidrs": ranges, **vpc})


KNOWN = Refs.of(["app-a", "app-b"])
OPEN = Refs.anything("which subnets", ["app-a"])


@pytest.mark.parametrize(
    ("build", "home", "version", "where"),
    [
        pytest.param(
            endpoint_in(KNOWN), "main", 4, ("10.0.10.0/23",), id="in the ranges of its subnets"
        ),
        pytest.param(
            endpoint_in(KNOWN), "main", 6, UNIQUE_LOCAL, id="somewhere, if they speak another"
        ),
        pytest.param(
            endpoint_in(OPEN), "main", 4, ("10.0.0.0/16",), id="in those of its VPC, if one is open"
        ),
        pytest.param(endpoint_in(OPEN), "main", 6, (SIX,), id="in its VPC, by IPv6"),
        pytest.param(
            endpoint_in(OPEN, cidrs=(prefix("10.0.0.0/16"),)),
            "main",
            6,
            UNIQUE_LOCAL,
            id="in no range of its VPC, if that speaks another",
        ),
        pytest.param(
            endpoint_in(OPEN, cidrs=Unknown("its ranges")),
            "main",
            4,
            PRIVATE,
            id="somewhere private, if the ranges are unknown",
        ),
        pytest.param(endpoint_in(OPEN), None, 4, PRIVATE, id="or if its VPC is"),
        pytest.param(endpoint_in(OPEN), None, 6, UNIQUE_LOCAL, id="by IPv6, too"),
        pytest.param(endpoint_in(Refs()), "main", 4, ("10.0.0.0/16",), id="without a subnet"),
    ],
)
def test_where_an_endpoint_has_its_addresses(
    build: Build, home: str | None, version: int, where: tuple[str, ...]
) -> None:
    assert bench(build)._endpoint_at("vpce-ecr.api", home, version) == Destination(
        f"private:vpce-ecr.api@{home}/{version}",
        "the addresses of endpoint vpce-ecr.api",
        AddressSet.of(map(prefix, where), version),
        endpoint="vpce-ecr.api",
        vpc=home,
    )


@pytest.mark.parametrize(
    ("key", "text", "where"),
    [
        (NOBODY_KNOWS, "an address nobody knows", PRIVATE),
        ("vpce-0abc", "the addresses of endpoint vpce-0abc", PRIVATE),
        ("10.0.1.9", "the addresses of endpoint 10.0.1.9", ("10.0.1.9/32",)),
    ],
)
def test_what_is_no_endpoint_among_the_facts_may_be_anywhere(
    key: str, text: str, where: tuple[str, ...]
) -> None:
    assert bench(base())._endpoint_at(key, None, 4) == Destination(
        f"private:{key}@None/4", text, AddressSet.of(map(prefix, where), 4), endpoint=key
    )


EITHER = Ref.one_of(["main", "other"], "its VPC")


@pytest.mark.parametrize(
    ("answered", "vpc", "subnets", "found"),
    [
        ("other", EITHER, Refs(), (("other",), ())),
        (None, Ref.to("main"), Refs(), (("main",), ())),
        (None, EITHER, Refs.of(["app-a"]), (("main",), ())),
        (None, EITHER, Refs.of(["subnet-0abc"]), (("main", "other"), ("its VPC",))),
        (None, EITHER, Refs(), (("main", "other"), ("its VPC",))),
        (None, Ref.anything("m"), Refs.of(["app-b"]), (("main",), ())),
        (None, Ref.anything("m", ["other"]), Refs(), (("other", None), ("m",))),
    ],
)
def test_an_endpoint_stands_in_the_vpc_of_its_subnets(
    answered: str | None, vpc: Ref, subnets: Refs, found: tuple[object, ...]
) -> None:
    judge_ = bench(base().interface("ecr.api").change("endpoints", "vpce-ecr.api", vpc=vpc))
    fact = replace(judge_.index.endpoints["vpce-ecr.api"], subnets=subnets)
    answer = Answer(Answered.ENDPOINT, "how", "vpce-ecr.api", (), answered)

    assert judge_._homes(answer, fact) == found


@pytest.mark.parametrize(
    ("service", "lists", "space", "whole"),
    [
        ("s3", {}, None, False),
        ("s3", {"s3": "3.5.0.0/19"}, "3.5.0.0/19", True),
        ("s3", {"com.amazonaws.us-east-1.s3": "3.5.0.0/19"}, "3.5.0.0/19", True),
        ("s3", {"com.amazonaws.eu-west-1.s3": "3.5.0.0/19"}, None, False),
        ("ec2-instance-connect", {"ec2-instance-connect": "18.206.107.24/29"}, None, False),
    ],
)
def test_the_list_of_a_gateway_service_in_the_region_has_all_its_addresses(
    service: str, lists: dict[str, str], space: str | None, whole: bool
) -> None:
    """Lists of other services, such as of EC2 Instance Connect, are where they connect from."""
    build = base()
    for named, entry in lists.items():
        build.prefix_list(f"pl-{named}", entry, service=named)

    assert bench(build)._public_destination(flow(service, "us-east-1"), 4) == Destination(
        f"public:{service}@us-east-1/4",
        f"the public addresses of {service} in us-east-1",
        public(4) if space is None else AddressSet.of([prefix(space)], 4),
        whole=whole,
        service=service,
        region="us-east-1",
        spread=True,
    )


def test_each_registry_has_addresses_of_its_own() -> None:
    judge_ = bench(base())
    texts_ = [
        judge_._public_destination(_registry_flow(host), 4).text for host in ("ghcr.io", "quay.io")
    ]

    assert texts_ == ["the public addresses of ghcr.io", "the public addresses of quay.io"]


FOUR, BOTH = (prefix("10.0.10.0/24"),), (prefix("10.0.10.0/24"), prefix(SIX))


@pytest.mark.parametrize(
    ("cidrs", "ipv6_only", "versions"),
    [
        (FOUR, False, [(4, ())]),
        (BOTH, False, [(4, ())]),
        ((prefix(SIX),), False, [(6, ())]),
        ((), True, [(6, ())]),
        ((), False, [(4, ())]),
        (Unknown("its ranges"), True, [(6, ())]),
        (
            Unknown("its ranges"),
            Unknown("ipv6Native"),
            [(4, ("ipv6Native",)), (6, ("ipv6Native",))],
        ),
    ],
)
def test_the_ip_versions_that_a_subnet_may_speak(
    cidrs: Any, ipv6_only: Maybe[bool], versions: list[tuple[int, tuple[str, ...]]]
) -> None:
    build = base().change("subnets", "app-a", cidrs=cidrs, ipv6_only=ipv6_only)

    assert _versions(bench(build).index.subnets["app-a"]) == versions


def of_ipv6() -> Build:
    """A subnet of IPv6 alone, with DNS64 and a way to NAT64 at a NAT gateway."""
    build = base().change("subnets", "app-a", cidrs=(prefix(SIX),), ipv6_only=True, dns64=True)
    build.change("vpcs", "main", cidrs=(prefix("10.0.0.0/16"), prefix(SIX)))
    return build.route("rt-app-a", "64:ff9b::/96", "nat-a")


@pytest.mark.parametrize(
    ("service", "title"), [("s3", "S3"), ("ecr.api", "ECR's API"), ("ecr.dkr", "ECR's registry")]
)
def test_what_goes_by_nat64_is_told_by_the_service(service: str, title: str) -> None:
    found = lane(of_ipv6(), service)

    assert found.kind is LaneKind.NAT
    assert found.reason == (
        f"the addresses of {title} in 64:ff9b::/96 are reached through NAT gateway nat-a"
    )


def test_layers_for_a_subnet_of_ipv6_may_go_by_nat64() -> None:
    build = of_ipv6().interface("s3", "app-a", ip_address_type="ipv6")
    found = lane(build, "ecr.layers")

    assert found.kind is LaneKind.UNKNOWN
    assert "nat: the addresses of image layers in S3 in 64:ff9b::/96 are reached" in found.reason


def test_what_sends_must_be_let_out_by_either_ip_version() -> None:
    """A client prefers the one or the other; its security groups hold for both."""
    build = base().change("subnets", "app-a", cidrs=BOTH)
    build.route("rt-app-a", "::/0", "eigw-main").gateway_of("eigw-main", "main")
    build.group("sg-app", rule("10.0.0.0/8"))
    judge_ = bench(build)
    dkr = flow("ecr.dkr", "us-east-1")
    wanted = replace(dkr, service=replace(dkr.service, dual_stack=True))
    subnet = judge_.index.subnets["app-a"]

    def kinds(groups: Refs | None) -> list[LaneKind]:
        return [one.kind for one in judge_.outcomes(subnet, "main", wanted, groups)]

    assert kinds(None) == [LaneKind.NAT, LaneKind.INTERNET_GATEWAY]
    assert kinds(Refs.of(["sg-app"])) == [LaneKind.BROKEN]


HERE = Hop("app-a", "subnet", "subnet app-a")


def test_a_subnet_whose_vpc_nobody_knows_has_a_lane_nobody_knows() -> None:
    found = lane(base().change("subnets", "app-a", vpc=Ref.anything("its VPC")))

    assert found == Lane(
        "app-a",
        "ecr.api",
        LaneKind.UNKNOWN,
        (HERE,),
        "it cannot be decided without its VPC",
        ("its VPC",),
        (),
        (
            (
                "create an interface endpoint for com.amazonaws.<region>.ecr.api in the VPC "
                "with private DNS on"
            ),
        ),
    )


def test_a_subnet_in_one_of_two_vpcs_has_the_lane_of_either() -> None:
    build = base().vpc("other", "10.9.0.0/16").interface("ecr.api", vpc="other", subnets=OPEN)
    build.change("subnets", "app-a", vpc=EITHER)
    found = lane(build)

    assert (found.kind, found.missing) == (LaneKind.UNKNOWN, ("its VPC",))


def test_an_endpoint_without_a_subnet_has_no_address() -> None:
    """Its private DNS answers nobody; a record of one's own may lead there all the same."""
    build = base().interface("ecr.api").zone(ECR, "main", at="vpce-ecr.api")
    found = lane(build)

    assert found.kind is LaneKind.BROKEN
    assert found.reason == "endpoint vpce-ecr.api stands in no subnet, so that it has no address"


def test_an_endpoint_nobody_sees_is_a_hop_of_the_lane_that_it_may_be() -> None:
    """A VPC outside the stack may hold an endpoint whose private DNS answers."""
    build = base().change("vpcs", "main", outside=True).interface("s3", "app-b")
    judge_ = bench(build)
    found = judge_.outcomes(
        judge_.index.subnets["app-a"], "main", flow("ecr.api", "us-east-1"), None
    )
    how = f"{ECR} (private DNS of an endpoint nobody sees)"

    assert [one.hops for one in found if one.kind is LaneKind.INTERFACE_ENDPOINT] == [
        (Hop("", "dns", how),)
    ]


@pytest.mark.parametrize(
    ("changes", "why", "fix"),
    [
        (
            {"service_name": "com.amazonaws.eu-west-1.ecr.api", "service_region": "eu-west-1"},
            "it is for eu-west-1, not for us-east-1",
            f"let interface endpoint vpce-ecr.api answer for {ECR} in main",
        ),
        (
            {
                "service_name": "com.amazonaws.eu-west-1.ecr.api",
                "service_region": "eu-west-1",
                "state": Unknown("its state"),
            },
            "it is for eu-west-1, not for us-east-1",
            f"let interface endpoint vpce-ecr.api answer for {ECR} in main",
        ),
        (
            {"private_dns": False},
            "its private DNS is off",
            "turn on private DNS on interface endpoint vpce-ecr.api",
        ),
    ],
)
def test_an_endpoint_that_does_not_answer_is_told_with_the_reason(
    changes: dict[str, Any], why: str, fix: str
) -> None:
    found = lane(base().interface("ecr.api", "app-a", **changes))

    assert found.kind is LaneKind.NAT
    assert found.rejected == (Rejected("vpce-ecr.api", "vpce-ecr.api", why),)
    assert found.fix == (fix,)


def test_a_gateway_endpoint_is_told_apart_from_a_table_that_nobody_knows() -> None:
    build = base().gateway("s3", "rt-app-b")
    build.change("associations", "rt-app-a-on-app-a", table=Ref.anything("which table"))
    found = lane(build, "s3")

    assert (found.kind, found.missing) == (LaneKind.UNKNOWN, ("which table",))
    assert found.rejected == (
        Rejected("vpce-s3", "vpce-s3", "it is on rt-app-b, not on this subnet's"),
    )
    assert found.fix == ("put gateway endpoint vpce-s3 on the route table of subnet app-a",)


def test_a_gateway_endpoint_perhaps_on_the_table_is_in_doubt() -> None:
    build = base().gateway("s3", route_tables=Refs.some_of(["rt-app-a"], "its tables"))
    found = lane(build, "s3")

    assert (found.kind, found.missing) == (LaneKind.UNKNOWN, ("its tables",))
    assert found.rejected == (
        Rejected("vpce-s3", "vpce-s3", "it cannot be told without its tables"),
    )
    assert found.fix == ("put gateway endpoint vpce-s3 on route table rt-app-a",)
