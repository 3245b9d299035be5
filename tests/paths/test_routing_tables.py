"""Which route tables a subnet may be on, and what nobody sees of them."""

from __future__ import annotations

import pytest

from privatelane_paths.facts import Association, MainAssociation, Opaque
from privatelane_paths.index import Index
from privatelane_paths.known import Ref, Refs
from privatelane_paths.routing import Router, TableCase, _certainly_associated
from tests.paths.build import Build, target

IMPLIED = "main#implied-main-table"
SUBNET, TABLE, VPC = "which subnet", "which table", "which VPC"


def vpcs() -> Build:
    """Subnets and tables `a` and `b` in one VPC, `x` in another."""
    build = Build().vpc("main").vpc("other", "10.1.0.0/16")
    for name, vpc in (("a", "main"), ("b", "main"), ("x", "other")):
        build.subnet(f"on-{name}", vpc).table(name, vpc)
    return build


def on(table: Ref, subnet: Ref | None = None, key: str = "one") -> Association:
    return Association(key, table, subnet or Ref.to("on-a"))


def main_of(vpc: Ref, table: Ref, key: str = "one") -> MainAssociation:
    return MainAssociation(key, vpc, table)


def opaque(*given: str) -> Opaque:
    edges = Refs.of(given) if given else Refs.anything("what it was given")
    return Opaque("vpn", "vpn", "acme:Vpn", edges)


ADDED = "what vpn (acme:Vpn) adds to what it was given"
CONTAINS = "what vpn (acme:Vpn) contains"


def tables(build: Build, subnet: str = "on-a") -> tuple[TableCase, ...]:
    return Router(Index(build.network())).tables_of(subnet, "main")


A_OR_B = Ref.one_of(["a", "b"], TABLE)
A_OR_X = Ref.one_of(["a", "x"], TABLE)
HERE_OR_THERE = Ref.one_of(["on-a", "on-x"], SUBNET)
ONE_OF_TWO = Ref.one_of(["on-a", "on-b"], SUBNET)
ALONE = (TableCase("a", "association"),)
WHICH = ("which association of on-a holds",)


@pytest.mark.parametrize(
    ("associations", "expected"),
    [
        ([on(Ref.to("a"))], ALONE),
        # Candidates that stand in another VPC cannot be meant.
        ([on(A_OR_X)], ALONE),
        ([on(Ref.to("x"))], (TableCase("x", "association"),)),
        (
            [on(A_OR_B)],
            (TableCase("a", "association", (TABLE,)), TableCase("b", "association", (TABLE,))),
        ),
        (
            [on(Ref.anything(TABLE, ["a"]))],
            (TableCase(None, "association", (TABLE,)), TableCase("a", "association", (TABLE,))),
        ),
        (
            [on(Ref.to("a")), on(Ref.to("b"), key="two")],
            (TableCase("a", "association", WHICH), TableCase("b", "association", WHICH)),
        ),
        # A subnet has one association: a decided one leaves no room for others.
        ([on(Ref.to("a")), on(Ref.to("b"), ONE_OF_TWO, "two")], ALONE),
    ],
)
def test_an_association_of_the_subnet_decides_its_table(
    associations: list[Association], expected: tuple[TableCase, ...]
) -> None:
    build = vpcs().main("main", "b")
    for one in associations:
        build.add("associations", one)

    assert tables(build) == expected


@pytest.mark.parametrize(
    ("associations", "expected"),
    [
        (
            [on(Ref.to("b"), ONE_OF_TWO)],
            (TableCase("b", "association", (SUBNET,)), TableCase("rest", "main", (SUBNET,))),
        ),
        (
            [on(A_OR_X, ONE_OF_TWO)],
            (TableCase("a", "association", (SUBNET,)), TableCase("rest", "main", (SUBNET,))),
        ),
        # Its table is in another VPC, and so is the subnet that it is for.
        ([on(Ref.to("x"), HERE_OR_THERE)], (TableCase("rest", "main"),)),
        (
            [on(Ref.anything(TABLE), HERE_OR_THERE)],
            (
                TableCase(None, "association", (SUBNET, TABLE)),
                TableCase("rest", "main", (SUBNET, TABLE)),
            ),
        ),
        # As many associations as subnets: neither is left to the main table.
        (
            [on(Ref.to("a"), ONE_OF_TWO), on(Ref.to("b"), ONE_OF_TWO, "two")],
            (TableCase("a", "association", (SUBNET,)), TableCase("b", "association", (SUBNET,))),
        ),
        # Two ways to the same table are one case.
        (
            [
                on(Ref.to("a"), Ref.one_of(["on-a", "on-x"], "the first")),
                on(Ref.to("a"), Ref.one_of(["on-a", "on-b"], "the second"), "two"),
            ],
            (
                TableCase("a", "association", ("the first",)),
                TableCase("rest", "main", ("the first", "the second")),
            ),
        ),
    ],
)
def test_where_an_association_may_be_for_another_subnet_the_main_table_may_hold(
    associations: list[Association], expected: tuple[TableCase, ...]
) -> None:
    build = vpcs().table("rest", "main").main("main", "rest")
    for one in associations:
        build.add("associations", one)

    assert tables(build) == expected


def test_cases_are_in_the_order_of_their_tables() -> None:
    build = vpcs().main("main", "a").add("associations", on(Ref.to("b"), ONE_OF_TWO))

    assert tables(build) == (
        TableCase("a", "main", (SUBNET,)),
        TableCase("b", "association", (SUBNET,)),
    )


@pytest.mark.parametrize(
    ("build", "missing"),
    [
        (vpcs().unread("associations", "no permission"), "no permission"),
        (vpcs().unread("associations", ""), "the associations"),
        (vpcs().add("opaques", opaque("on-a")), ADDED),
        (vpcs().add("opaques", opaque()), CONTAINS),
        (
            vpcs().change("subnets", "on-a", outside=True, name="app"),
            "the route table of app, declared outside this stack",
        ),
        (
            vpcs().drop("subnets", "on-a"),
            "the route table of on-a, declared outside this stack",
        ),
    ],
)
def test_an_association_that_nobody_sees_may_go_before_the_main_table(
    build: Build, missing: str
) -> None:
    assert tables(build) == (TableCase(None, "", (missing,)), TableCase(IMPLIED, "main"))


def test_tables_that_were_not_read_may_be_on_the_subnet_in_either_way() -> None:
    assert tables(vpcs().unread("tables", "")) == (
        TableCase(None, "", ("the tables",)),
        TableCase(None, "main", ("the tables",)),
    )


def test_a_component_that_was_given_another_subnet_leaves_this_one_alone() -> None:
    assert tables(vpcs().add("opaques", opaque("on-b"))) == (TableCase(IMPLIED, "main"),)


UNDECIDED_MAIN = ("which table is the main one of main",)


@pytest.mark.parametrize(
    ("mains", "expected"),
    [
        ([], (TableCase(IMPLIED, "main"),)),
        ([main_of(Ref.to("main"), Ref.to("a"))], (TableCase("a", "main"),)),
        ([main_of(Ref.to("main"), A_OR_X)], (TableCase("a", "main"),)),
        # What a source says of the main table holds, though it shows the table elsewhere.
        ([main_of(Ref.to("main"), Ref.to("x"))], (TableCase("x", "main"),)),
        ([main_of(Ref.to("other"), Ref.to("x"))], (TableCase(IMPLIED, "main"),)),
        (
            [main_of(Ref.to("main"), A_OR_B)],
            (TableCase("a", "main", (TABLE,)), TableCase("b", "main", (TABLE,))),
        ),
        ([main_of(Ref.to("main"), Ref.anything(TABLE))], (TableCase(None, "main", (TABLE,)),)),
        (
            [main_of(Ref.to("main"), Ref.anything(TABLE, ["a"]))],
            (TableCase(None, "main", (TABLE,)), TableCase("a", "main", (TABLE,))),
        ),
        (
            [main_of(Ref.to("main"), Ref.to("a")), main_of(Ref.to("main"), Ref.to("b"), "two")],
            (TableCase("a", "main", UNDECIDED_MAIN), TableCase("b", "main", UNDECIDED_MAIN)),
        ),
        # A VPC whose main table may be any has the one that came with it, too.
        (
            [main_of(Ref.one_of(["main", "other"], VPC), Ref.to("a"))],
            (TableCase("a", "main", (VPC,)), TableCase(IMPLIED, "main")),
        ),
        (
            [main_of(Ref.anything(VPC), Ref.to("a"))],
            (TableCase("a", "main", (VPC,)), TableCase(IMPLIED, "main")),
        ),
        (
            [main_of(Ref.one_of(["main", "other"], VPC), Ref.anything(TABLE))],
            (TableCase(None, "main", (VPC,)), TableCase(IMPLIED, "main")),
        ),
        (
            [main_of(Ref.to("main"), Ref.to("b"), "gone"), main_of(Ref.to("main"), Ref.to("a"))],
            (TableCase("a", "main"),),
        ),
    ],
)
def test_without_an_association_the_main_table_decides(
    mains: list[MainAssociation], expected: tuple[TableCase, ...]
) -> None:
    build = vpcs().gone("gone")
    for one in mains:
        build.add("main_associations", one)

    assert tables(build) == expected


@pytest.mark.parametrize(
    ("build", "missing"),
    [
        (vpcs().unread("main_associations", "no permission"), "no permission"),
        (vpcs().change("vpcs", "main", outside=True, name="corp"), "the main route table of corp"),
        (vpcs().drop("vpcs", "main"), "the main route table of main"),
    ],
)
def test_the_main_table_may_be_one_that_nobody_sees(build: Build, missing: str) -> None:
    assert tables(build) == (TableCase(None, "main", (missing,)),)


def test_a_main_table_that_is_told_leaves_no_room_for_another() -> None:
    build = vpcs().unread("main_associations", "no permission").main("main", "a")

    assert tables(build.change("vpcs", "main", outside=True)) == (TableCase("a", "main"),)


@pytest.mark.parametrize(
    ("build", "missing"),
    [
        (vpcs(), ""),
        (vpcs().unread("routes", "no permission"), "no permission"),
        (vpcs().unread("routes", ""), "the routes"),
        (vpcs().add("opaques", opaque("a", "main")), ADDED),
        (vpcs().add("opaques", opaque()), CONTAINS),
    ],
)
def test_a_table_may_hold_routes_that_nobody_sees(build: Build, missing: str) -> None:
    router = Router(Index(build.network()))

    assert router.unseen("a") == router.unseen(IMPLIED) == missing


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        (None, "the routes of a, which is not among the facts"),
        ({"missing": "its routes", "outside": True}, "its routes"),
        (
            {"outside": True, "name": "corp"},
            "the routes of corp, which is declared outside this stack",
        ),
    ],
)
def test_a_table_of_someone_else_may_hold_more_than_is_declared_here(
    changes: dict[str, object] | None, missing: str
) -> None:
    build = vpcs().unread("routes", "no permission")
    build = build.drop("tables", "a") if changes is None else build.change("tables", "a", **changes)

    assert Router(Index(build.network())).unseen("a") == missing


def test_what_a_component_was_given_is_told_apart() -> None:
    build = vpcs().vpc("name#1").vpc("name").add("opaques", opaque("name#1"))
    router = Router(Index(build.network()))

    assert router.unseen("name#1#implied-main-table") == ADDED
    assert router.unseen("name#implied-main-table") == ""
    assert router.unseen("a") == ""


def test_associations_that_count_for_no_subnet_hide_none_that_do() -> None:
    build = vpcs().add("associations", on(Ref.to("a"), Ref.anything(SUBNET), "0"))
    build.add("associations", Association("1", Ref.to("a"), None))
    build.add("associations", on(Ref.to("a"), ONE_OF_TWO, "2")).gone("2")
    build.add("associations", on(Ref.to("a"), ONE_OF_TWO, "3"))

    assert _certainly_associated(Index(build.network())) == frozenset()
    build.add("associations", on(Ref.to("b"), ONE_OF_TWO, "4"))
    assert _certainly_associated(Index(build.network())) == {"on-a", "on-b"}


VPCS = (
    vpcs()
    .nat("nat-zonal", "on-x", "main")
    .nat("nat-regional", None, "other")
    .nat("nat-perhaps", "on-x")
    .change("nats", "nat-perhaps", subnet=Ref.one_of(["on-a", "on-x"], SUBNET))
    .nat("nat-outside", "subnet-0abc")
    .gateway("s3", key="vpce-s3", vpc="other")
    .eni("eni-x", "on-x")
    .gateway_of("igw-other", "other")
    .gateway_of("igw-detached", None)
    .peering("pcx", "main", "other")
)


@pytest.mark.parametrize(
    ("name", "vpc"),
    [
        # A zonal NAT gateway is where its subnet is, whatever else is said of it.
        ("nat-zonal", "other"),
        ("nat-regional", "other"),
        ("nat-perhaps", None),
        ("nat-outside", None),
        ("nat-0abc", None),
        ("vpce-s3", "other"),
        ("vpce-0abc", None),
        ("eni-x", "other"),
        ("eni-0abc", None),
        ("igw-other", "other"),
        ("igw-detached", None),
        ("pcx", None),
        ("blackhole", None),
    ],
)
def test_most_targets_stand_in_one_vpc(name: str, vpc: str | None) -> None:
    found = Router(Index(VPCS.network()))._vpc_of_target(target(name))

    assert found == (None if vpc is None else Ref.to(vpc))
