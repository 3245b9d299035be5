"""Which rows a route table has for traffic to one destination, asked of the router itself."""

from __future__ import annotations

from typing import Any

import pytest

from privatelane_paths.facts import (
    EndpointKind,
    Origin,
    Prefix,
    PrefixList,
    Route,
    Target,
    TargetKind,
)
from privatelane_paths.index import Index
from privatelane_paths.known import Maybe, Ref, Refs, Unknown
from privatelane_paths.lookup import (
    LIST,
    PROPAGATED,
    STATIC,
    Destination,
    Entry,
    Piece,
    Winner,
)
from privatelane_paths.routing import (
    Router,
    _carries,
    _goes_before_local,
    _local_rows,
    _serves,
    usable,
)
from privatelane_paths.space import AddressSet, public
from tests.paths.build import ANYWHERE, Build, prefix, target

TABLE, WHICH_LIST = "which table", "which list"
A_OR_B, A_OR_X = Ref.one_of(["a", "b"], TABLE), Ref.one_of(["a", "x"], TABLE)
NAT, EVERYTHING = target("nat-a"), prefix(ANYWHERE)
S3 = Destination("s3", "S3", public(4), service="s3", region="us-east-1", spread=True)
S3_BY_IPV6 = Destination("s3", "S3", public(6), service="s3", region="us-east-1", spread=True)


def network() -> Build:
    """Tables `a` and `b` in one VPC, a NAT gateway in it and one in another."""
    build = Build().vpc("main").table("a", "main").table("b", "main")
    build.vpc("other", "10.1.0.0/16")
    for name, vpc in (("a", "main"), ("x", "other")):
        build.subnet(f"on-{name}", vpc).nat(f"nat-{name}", f"on-{name}", vpc)
        build.gateway("s3", key=f"vpce-{name}", vpc=vpc)
    return build


def router(build: Build) -> Router:
    return Router(Index(build.network()))


def route(to: Maybe[Prefix | Ref], table: Ref | None = None, key: str = "r", **more: Any) -> Route:
    return Route(key, table or Ref.to("a"), to, **{"target": NAT, **more})


def rows(build: Build, *routes: Route) -> list[Entry]:
    for one in routes:
        build.add("routes", one)
    return list(router(build)._rows("a", "main"))


def row(text: str, place: Prefix | None = None, **more: Any) -> Entry:
    return Entry(**{"key": "r", "text": text, "target": NAT, "prefix": place, **more})


DEFAULT = row("0.0.0.0/0", EVERYTHING)


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ([route(EVERYTHING)], [DEFAULT]),
        (
            [route(EVERYTHING, origin=Origin.PROPAGATED)],
            [row("0.0.0.0/0", EVERYTHING, rank=PROPAGATED)],
        ),
        ([route(Unknown("m"))], [row("a destination that is not known", missing="m")]),
        (
            [route(Unknown("m"), origin=Origin.PROPAGATED)],
            [
                row("0.0.0.0/0 if propagated", EVERYTHING, rank=PROPAGATED, missing="m"),
                row("::/0 if propagated", prefix("::/0"), rank=PROPAGATED, missing="m"),
            ],
        ),
        ([route(EVERYTHING, A_OR_B)], [row("0.0.0.0/0", EVERYTHING, missing=TABLE)]),
        (
            [route(EVERYTHING, Ref.anything(TABLE, ["a"]))],
            [row("0.0.0.0/0", EVERYTHING, missing=TABLE)],
        ),
        (
            [route(Unknown("m"), A_OR_B)],
            [row("a destination that is not known", missing=TABLE)],
        ),
        # Two routes to one destination over two tables: each table has one.
        ([route(EVERYTHING, A_OR_B, "r"), route(EVERYTHING, A_OR_B, "s", target=NAT)],
         [DEFAULT, row("0.0.0.0/0", EVERYTHING, key="s")]),
        # Of two unknown destinations nobody knows that they are one.
        (
            [route(Unknown("m"), A_OR_B, "r"), route(Unknown("m"), A_OR_B, "s")],
            [
                row("a destination that is not known", missing=TABLE),
                row("a destination that is not known", key="s", missing=TABLE),
            ],
        ),
        # The NAT gateway of another VPC: a route to it is in a table of that one.
        ([route(EVERYTHING, A_OR_X, "q", target=target("nat-x")), route(EVERYTHING)], [DEFAULT]),
        ([route(EVERYTHING, Ref.anything(TABLE), target=target("nat-x"))], []),
        (
            [route(EVERYTHING, target=target("nat-x"))],
            [row("0.0.0.0/0", EVERYTHING, target=target("nat-x"))],
        ),
    ],
)  # fmt: skip
def test_a_route_is_a_row_of_every_table_it_may_be_in(
    routes: list[Route], expected: list[Entry]
) -> None:
    assert rows(network(), *routes) == expected


def test_a_table_that_may_hold_more_has_a_row_for_what_nobody_sees() -> None:
    unseen = Target(TargetKind.UNKNOWN, None, "its routes")

    assert rows(network().change("tables", "a", missing="its routes"), route(EVERYTHING)) == [
        DEFAULT,
        Entry("a", "a route nobody sees", unseen, missing="its routes"),
    ]


def lists() -> Build:
    """Prefix lists of AWS and of one's own, of which one has entries that nobody knows."""
    build = network().prefix_list("pl-aws", "3.5.0.0/19", service="s3")
    build.prefix_list("pl-dark", unknown="its entries")
    return build.prefix_list("pl-own", "10.8.0.0/16", "10.9.0.0/16").prefix_list(
        "pl-two", "9.0.0.0/8"
    )


def entries_of(name: str, *prefixes: str, missing: str = "") -> list[Entry]:
    return [row(f"{one} in {name}", prefix(one), rank=LIST, missing=missing) for one in prefixes]


def own(missing: str = "") -> list[Entry]:
    return entries_of("pl-own", "10.8.0.0/16", "10.9.0.0/16", missing=missing)


def one_of(*names: str) -> Ref:
    return Ref.one_of(names, WHICH_LIST)


def unseen_list(missing: str) -> Entry:
    return row("a prefix list", rank=LIST, missing=missing)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (route(Ref.to("pl-own")), own()),
        (route(Ref.to("pl-own"), A_OR_B), own(TABLE)),
        # A list goes before what is propagated, however its route came to be.
        (route(Ref.to("pl-own"), origin=Origin.PROPAGATED), own()),
        (
            route(one_of("pl-own", "pl-two")),
            [*own(WHICH_LIST), *entries_of("pl-two", "9.0.0.0/8", missing=WHICH_LIST)],
        ),
        (route(Ref.to("pl-dark")), [row("pl-dark", rank=LIST, missing="its entries")]),
        (
            route(one_of("pl-dark", "pl-own")),
            [row("pl-dark", rank=LIST, missing=WHICH_LIST), *own(WHICH_LIST)],
        ),
        # What AWS's own lists match depends on the service that is asked for.
        (route(Ref.to("pl-aws")), []),
        (route(one_of("pl-aws", "pl-own")), own(WHICH_LIST)),
        (
            route(Ref.to("pl-0abc")),
            [unseen_list("the entries of prefix list pl-0abc")],
        ),
        (route(Ref.to("pl-0abc"), A_OR_B), [unseen_list(TABLE)]),
        (route(one_of("pl-0abc", "pl-own")), [*own(WHICH_LIST), unseen_list(WHICH_LIST)]),
        (route(Ref.anything(WHICH_LIST)), [unseen_list(WHICH_LIST)]),
        (
            route(Ref.anything(WHICH_LIST, ["pl-own"])),
            [*own(WHICH_LIST), unseen_list(WHICH_LIST)],
        ),
    ],
)
def test_a_prefix_list_is_a_row_for_each_of_its_entries(one: Route, expected: list[Entry]) -> None:
    assert rows(lists(), one) == expected


EITHER_ENDPOINT = Ref.one_of(["vpce-a", "vpce-x"], "which endpoint")


@pytest.mark.parametrize(
    ("to", "whose"),
    [
        (target("vpce-a"), "AWS's"),
        (target("vpce-ecr"), "anybody's"),
        (target("gwlbe"), "anybody's"),
        (target("vpce-0abc"), "anybody's"),
        (target("nat-a"), "anybody's"),
        (Target(TargetKind.UNKNOWN, Ref.to("vpce-a")), "anybody's"),
        (Target(TargetKind.ENDPOINT, None, "which endpoint"), "anybody's"),
        (Target(TargetKind.ENDPOINT, EITHER_ENDPOINT), "anybody's"),
    ],
)
def test_only_aws_routes_a_list_to_a_gateway_endpoint(to: Target, whose: str) -> None:
    build = network().interface("ecr", "on-a").firewall("gwlbe", "on-a", glb=True)
    missing = "the entries of prefix list pl-0abc"
    unseen = row("a prefix list", target=to, rank=LIST, missing=missing)

    assert rows(build, route(Ref.to("pl-0abc"), target=to)) == (
        [] if whose == "AWS's" else [unseen]
    )


def for_service(build: Build, destination: Destination = S3, *routes: Route) -> list[Entry]:
    for one in routes:
        build.add("routes", one)
    return list(router(build)._lists("a", "main", destination))


def covering(text: str, key: str = "r", to: Target = NAT, missing: str = "") -> Entry:
    """AWS: no entry of its lists is shorter than a /9."""
    return Entry(key, text, to, floor=9, rank=LIST, missing=missing)


def aws_lists() -> Build:
    """AWS's lists of S3, named in its ways, of other services, and one of one's own."""
    build = network().prefix_list("pl-s3", unknown="its entries", service="s3")
    build.prefix_list("pl-entries", "3.5.0.0/19", "52.216.0.0/15", service="s3")
    build.prefix_list("pl-region", service="com.amazonaws.us-east-1.s3")
    build.prefix_list("pl-else", service="com.amazonaws.eu-west-1.s3")
    return build.prefix_list("pl-ddb", service="dynamodb").prefix_list("pl-a", "10.8.0.0/16")


TO_GATEWAY, TO_OTHER_VPC = target("vpce-a"), target("vpce-x")


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ([route(Ref.to("pl-s3"))], [covering("pl-s3")]),
        ([route(Ref.to("pl-region"))], [covering("pl-region")]),
        (
            [route(Ref.to("pl-entries"))],
            [
                row("pl-entries", prefix("3.5.0.0/19"), rank=LIST),
                row("pl-entries", prefix("52.216.0.0/15"), rank=LIST),
            ],
        ),
        ([route(Ref.to("pl-s3"), A_OR_B)], [covering("pl-s3", missing=TABLE)]),
        (
            [route(Ref.to("pl-s3"), A_OR_B, "r"), route(Ref.to("pl-s3"), A_OR_B, "s")],
            [covering("pl-s3"), covering("pl-s3", "s")],
        ),
        ([route(Ref.to("pl-else"))], []),
        ([route(Ref.to("pl-ddb"))], []),
        ([route(Ref.to("pl-a"))], []),
        ([route(EVERYTHING)], []),
        ([route(one_of("pl-a", "pl-s3"))], [covering("pl-s3", missing=WHICH_LIST)]),
        ([route(one_of("pl-0abc", "pl-s3"))], [covering("pl-s3", missing=WHICH_LIST)]),
        (
            [route(one_of("pl-0abc", "pl-s3"), target=TO_GATEWAY)],
            [covering("pl-s3", to=TO_GATEWAY, missing=WHICH_LIST)],
        ),
        # A list that nobody sees, by a gateway endpoint: that of the endpoint's service.
        ([route(Ref.to("pl-0abc"))], []),
        (
            [route(Ref.to("pl-0abc"), target=TO_GATEWAY)],
            [covering("pl-0abc", to=TO_GATEWAY)],
        ),
        (
            [route(Ref.to("pl-0abc"), A_OR_B, target=TO_GATEWAY)],
            [covering("pl-0abc", to=TO_GATEWAY, missing=TABLE)],
        ),
        # A route to what stands in another VPC may be in its tables, unless it is certainly here.
        ([route(Ref.to("pl-s3"), Ref.anything(TABLE), target=TO_OTHER_VPC)], []),
        (
            [route(Ref.to("pl-s3"), target=TO_OTHER_VPC)],
            [covering("pl-s3", to=TO_OTHER_VPC)],
        ),
    ],
)
def test_a_route_to_awss_list_covers_the_service(
    routes: list[Route], expected: list[Entry]
) -> None:
    assert for_service(aws_lists(), S3, *routes) == expected


def test_a_list_that_nobody_sees_is_of_the_service_of_the_gateway_endpoint() -> None:
    one = route(Ref.to("pl-0abc"), target=TO_GATEWAY)

    def found(service_name: Maybe[str]) -> list[Entry]:
        return for_service(
            network().change("endpoints", "vpce-a", service_name=service_name), S3, one
        )

    assert found("com.amazonaws.us-east-1.dynamodb") == []
    assert found(Unknown("its service")) == [
        covering("pl-0abc", to=TO_GATEWAY, missing="its service")
    ]


def test_no_list_is_asked_for_what_is_no_service() -> None:
    address = Destination("x", "10.1.2.3", AddressSet.of([prefix("10.1.2.3/32")], 4), vpc="other")
    build = network().change("endpoints", "vpce-a", service_name="", route_tables=Refs.of(["a"]))

    assert for_service(build.prefix_list("pl-s3", service="s3"), address) == []


ON_A = {"route_tables": Refs.of(["a"])}
TABLES = "which tables"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        (ON_A, ""),
        ({"route_tables": Refs.of(["b"])}, None),
        ({"route_tables": Refs.some_of(["b"], TABLES, ["a"])}, ""),
        ({"route_tables": Refs.some_of(["a"], TABLES, ["b"])}, TABLES),
        ({"route_tables": Refs.anything(TABLES)}, TABLES),
        ({**ON_A, "kind": Unknown("its kind")}, "its kind"),
        ({**ON_A, "kind": EndpointKind.INTERFACE}, None),
        ({**ON_A, "service_name": Unknown("its service")}, "its service"),
        ({**ON_A, "service_name": "com.amazonaws.us-east-1.dynamodb"}, None),
        ({**ON_A, "service_name": "com.amazonaws.eu-west-1.s3"}, None),
        # A table that it is on for certain is in its VPC.
        ({**ON_A, "vpc": Ref.one_of(["main", "other"], "which VPC")}, ""),
        ({**ON_A, "vpc": Ref.anything("which VPC")}, ""),
        (
            {
                "route_tables": Refs.anything(TABLES),
                "vpc": Ref.one_of(["main", "other"], "which VPC"),
            },
            TABLES,
        ),
        ({**ON_A, "vpc": Ref.to("other")}, None),
        ({**ON_A, "state": "pending"}, ""),
        ({**ON_A, "state": "deleting"}, None),
        ({**ON_A, "state": Unknown("its state")}, "its state"),
        ({**ON_A, "ip_address_type": "ipv6"}, None),
        ({**ON_A, "ip_address_type": "dualstack"}, ""),
        ({**ON_A, "ip_address_type": Unknown("its address type")}, "its address type"),
    ],
)
def test_a_gateway_endpoint_is_a_row_of_the_tables_it_may_be_on(
    changes: dict[str, object], missing: str | None
) -> None:
    build = network().change("endpoints", "vpce-a", **changes)
    expected = covering("the prefix list of s3", "vpce-a", TO_GATEWAY, missing or "")

    assert for_service(build) == ([] if missing is None else [expected])


@pytest.mark.parametrize(
    ("ip_address_type", "ipv4", "ipv6"),
    [
        ("ipv4", True, False),
        ("ipv6", False, True),
        ("dualstack", True, True),
        (Unknown("its type"), Unknown("its type"), Unknown("its type")),
    ],
)
def test_a_gateway_endpoint_carries_the_ip_versions_of_its_address_type(
    ip_address_type: Maybe[str], ipv4: Maybe[bool], ipv6: Maybe[bool]
) -> None:
    build = network().change("endpoints", "vpce-a", **ON_A, ip_address_type=ip_address_type)

    assert _carries(ip_address_type, 4) == ipv4
    assert _carries(ip_address_type, 6) == ipv6
    assert bool(for_service(build, S3_BY_IPV6)) is (ipv6 is not False)


def test_a_gateway_endpoint_is_as_long_as_the_entries_of_its_list_where_they_are_known() -> None:
    build = network().change("endpoints", "vpce-a", **ON_A)
    build.prefix_list("pl-0", "3.4.0.0/19", service="com.amazonaws.eu-west-1.s3")
    build.prefix_list("pl-1", "3.4.0.0/19").prefix_list("pl-2", "3.4.0.0/19", service="dynamodb")
    build.prefix_list("pl-3", service="s3").prefix_list("pl-4", unknown="m", service="s3")
    build.prefix_list("pl-5", "3.5.0.0/19", "52.216.0.0/15", service="com.amazonaws.us-east-1.s3")

    assert for_service(build) == [
        Entry("vpce-a", "the prefix list of s3", TO_GATEWAY, prefix(one), rank=LIST)
        for one in ("3.5.0.0/19", "52.216.0.0/15")
    ]


@pytest.mark.parametrize(
    ("service_name", "region", "expected"),
    [
        ("com.amazonaws.us-east-1.s3", "us-east-1", (True, "")),
        ("com.amazonaws.us-east-1.s3", None, (True, "")),
        ("com.amazonaws.s3", "us-east-1", (True, "")),
        ("com.amazonaws.eu-west-1.s3", "us-east-1", (False, "")),
        ("com.amazonaws.us-east-1.s3express", "us-east-1", (False, "")),
        (Unknown("its service"), "us-east-1", (True, "its service")),
    ],
)
def test_an_endpoint_serves_one_service_of_its_region(
    service_name: Maybe[str], region: str | None, expected: tuple[bool, str]
) -> None:
    build = network().change("endpoints", "vpce-a", service_name=service_name)
    (endpoint, _) = build.network().endpoints
    to = Destination("s3", "S3", public(4), service="s3", region=region)

    assert _serves(endpoint, to) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("available", True),
        ("Available", True),
        ("pending", True),
        ("active", True),
        (Unknown("its state"), True),
        ("pendingAcceptance", False),
        ("deleting", False),
        ("failed", False),
    ],
)
def test_what_is_ready_or_soon_will_be_can_carry_traffic(state: Maybe[str], expected: bool) -> None:
    assert usable(state) is expected


LOCAL = Target(TargetKind.LOCAL)


def local(place: str = "", missing: str = "") -> Entry:
    """AWS: a VPC's ranges are /16 to /28."""
    if place:
        return Entry("main", f"local {place}", LOCAL, prefix(place))
    return Entry("main", "local", LOCAL, floor=16, missing=missing)


def to(cidr: str, endpoint: str | None = None, vpc: str | None = None) -> Destination:
    space = AddressSet.of([prefix(cidr)], prefix(cidr).version)
    return Destination(cidr, cidr, space, endpoint=endpoint, vpc=vpc)


WHERE = {
    "in the VPC": to("10.0.1.9/32", "vpce-e", "main"),
    "in the VPC, by IPv6": to("2600:1f18::9/128", None, "main"),
    "in another VPC": to("10.1.1.9/32", "vpce-e", "other"),
    "at an address in another VPC": to("10.1.1.9/32", None, "other"),
    "at an endpoint nobody sees": to("10.0.0.0/8", "vpce-0abc"),
    "at public addresses": S3,
}
RANGES = (prefix("10.0.0.0/16"), prefix("10.7.0.0/16"), prefix("2600:1f18::/56"))
IPV4 = (local("10.0.0.0/16"), local("10.7.0.0/16"))
DARK = local(missing="the address ranges of corp")


@pytest.mark.parametrize(
    ("where", "cidrs", "expected"),
    [
        ("in the VPC", RANGES, IPV4),
        ("in the VPC, by IPv6", RANGES, (local("2600:1f18::/56"),)),
        # What stands in the VPC stands in one of its ranges, although none is shown.
        ("in the VPC, by IPv6", RANGES[:2], (local(),)),
        ("in the VPC", Unknown("m"), (local(),)),
        ("in another VPC", RANGES, IPV4),
        ("in another VPC", RANGES[2:], ()),
        ("in another VPC", Unknown("m"), (DARK,)),
        ("at an address in another VPC", RANGES, IPV4),
        ("at an endpoint nobody sees", RANGES, IPV4),
        ("at an endpoint nobody sees", Unknown("m"), (DARK,)),
        ("at public addresses", RANGES, ()),
    ],
)
def test_local_routes_take_what_goes_to_the_vpcs_own_ranges(
    where: str, cidrs: Maybe[tuple[Prefix, ...]], expected: tuple[Entry, ...]
) -> None:
    index = Index(network().change("vpcs", "main", name="corp", cidrs=cidrs).network())

    assert _local_rows(index, "main", WHERE[where]) == expected


def test_the_ranges_of_a_vpc_that_nobody_sees_may_hold_any_private_address() -> None:
    index = Index(network().drop("vpcs", "main").network())

    assert _local_rows(index, "main", WHERE["in another VPC"]) == (
        local(missing="the address ranges of main"),
    )


@pytest.mark.parametrize(
    ("kind", "middlebox"),
    [
        (TargetKind.NAT, True),
        (TargetKind.INTERFACE, True),
        (TargetKind.ENDPOINT, True),
        (TargetKind.UNKNOWN, True),
        (TargetKind.LOCAL, False),
        (TargetKind.INTERNET_GATEWAY, False),
        (TargetKind.TRANSIT_GATEWAY, False),
        (TargetKind.PEERING, False),
    ],
)
def test_within_a_vpc_only_a_middlebox_by_a_prefix_inside_it_goes_before_local(
    kind: TargetKind, middlebox: bool
) -> None:
    def before(place: str) -> bool:
        return _goes_before_local(row(place, prefix(place) if place else None, target=Target(kind)))

    assert before("10.0.1.0/24") is before("10.0.0.0/17") is before("") is middlebox
    assert not before("10.0.0.0/16")
    assert not before("0.0.0.0/0")


def test_traffic_within_the_vpc_takes_the_middleboxs_route_or_the_local_one() -> None:
    eni, inside = target("eni"), prefix("10.0.1.0/24")
    build = network().route("a", ANYWHERE, "nat-a").route("b", ANYWHERE, "nat-a")
    asked = router(build.add("routes", route(inside, target=eni)))
    there = WHERE["in the VPC"]

    def taken(winner: Entry, destination: Destination) -> tuple[Piece, ...]:
        return (Piece((Winner(winner),), sure=True, destination=destination),)

    assert asked.look_up("a", "main", there) == taken(row("10.0.1.0/24", inside, target=eni), there)
    assert asked.look_up("b", "main", there) == taken(local("10.0.0.0/16"), there)
    by_ipv6 = WHERE["in the VPC, by IPv6"]
    assert asked.look_up("b", "main", by_ipv6) == taken(local(), by_ipv6)
    elsewhere = WHERE["in another VPC"]
    default = Entry(f"a:{ANYWHERE}", ANYWHERE, NAT, EVERYTHING, rank=STATIC)
    assert asked.look_up("a", "main", elsewhere) == taken(default, elsewhere)


def test_a_route_that_may_be_in_the_table_may_take_the_traffic() -> None:
    asked = router(network().add("routes", route(EVERYTHING, A_OR_X)))
    default = row("0.0.0.0/0", EVERYTHING, missing=TABLE)

    assert asked.look_up("a", "main", S3) == (
        Piece((Winner(default, (TABLE,)), Winner(None, (TABLE,))), sure=True, destination=S3),
    )


def test_what_is_asked_again_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = router(network().table("c", "main", "on-a").route("a", ANYWHERE, "nat-a"))
    read: list[str] = []

    def counted(self: Router, table: str, vpc: str) -> list[Entry]:
        read.append(table)
        return [row("0.0.0.0/0", EVERYTHING, key=table)]

    monkeypatch.setattr(Router, "_rows", counted)
    inside = WHERE["in the VPC"]

    assert asked.tables_of("on-a", "main") is asked.tables_of("on-a", "main")
    assert asked.look_up("a", "main", S3) is asked.look_up("a", "main", S3)
    # Nothing goes before the local routes here, and those are the same in every table.
    assert asked.look_up("a", "main", inside) is asked.look_up("b", "main", inside)
    assert read == ["a", "b"]


def test_the_lists_of_a_service_are_those_of_its_region() -> None:
    build = network()
    for region, place in (("eu-west-1", "3.4.0.0/19"), ("us-east-1", "3.5.0.0/19")):
        name = f"com.amazonaws.{region}.s3"
        build.add("prefix_lists", PrefixList(f"pl-{region}", "s3", name, (prefix(place),)))
    found = router(build).entries_of

    assert found("s3", "us-east-1") == (prefix("3.5.0.0/19"),)
    assert found("s3", "eu-west-1") == found("s3", None) == (prefix("3.4.0.0/19"),)
    assert found("s3", "ap-south-1") == found("dynamodb", "us-east-1") == ()
