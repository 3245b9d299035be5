"""What the index answers: names, what may be where, and what nobody sees."""

from __future__ import annotations

from privatelane_paths.facts import Opaque
from privatelane_paths.index import Index
from privatelane_paths.known import Ref, Refs, Unknown
from tests.paths.build import Build


def three_tables() -> Index:
    build = Build().vpc("main").vpc("other", "10.9.0.0/16").table("rt-main", "main")
    build.table("rt-other", "other").table("rt-either", "main")
    edge = Ref.one_of(["main", "other"], "its VPC")
    return Index(build.change("tables", "rt-either", vpc=edge).network())


def test_a_table_is_in_its_vpc_and_one_that_nobody_sees_may_be_in_any() -> None:
    index = three_tables()
    tables = ("rt-main", "rt-other", "rt-either", "rtb-0abc")

    assert [index.table_may_be_in(table, "main") for table in tables] == [True, False, True, True]


def test_a_network_acl_on_subnets_nobody_knows_may_be_on_any() -> None:
    build = Build().vpc("main").acl("acl-a", on=["app"]).acl("acl-b", on=["app"])
    build.change("network_acls", "acl-b", subnets=Refs.anything("its subnets"))
    index = Index(build.network())

    assert [one.key for one in index.acls_on.to("app")] == ["acl-a", "acl-b"]
    assert [one.key for one in index.acls_on.to("other")] == ["acl-b"]


def opaque(name: str, given: Refs) -> Opaque:
    return Opaque(name, name, "acme:index:Network", given)


def test_what_is_hidden_adds_to_what_it_was_given_and_to_nothing_else() -> None:
    build = Build().vpc("main").add("opaques", opaque("hidden", Refs.of(["main"])))
    index = Index(build.network())

    assert index.added_to("main") == "what hidden (acme:index:Network) adds to what it was given"
    assert index.added_to("other") == ""


def test_what_is_hidden_and_was_given_nobody_knows_what_may_add_to_anything() -> None:
    given = Refs.anything("its inputs", ["main"])
    index = Index(Build().vpc("main").add("opaques", opaque("hidden", given)).network())

    assert index.added_to("main") == "what hidden (acme:index:Network) adds to what it was given"
    assert index.added_to("other") == "what hidden (acme:index:Network) contains"


def test_what_nobody_sees_is_called_by_its_key() -> None:
    index = Index(Build().vpc("main").change("vpcs", "main", name="shop").network())

    assert (index.name("main"), index.name("vpc-0abc")) == ("shop", "vpc-0abc")
    assert index.region_of("vpc-0abc") == Unknown("the region of vpc-0abc")
    assert index.outside_vpc("main") == ""
    assert index.outside_vpc("vpc-0abc") == "what vpc-0abc holds, which is not among the facts"


def test_what_the_same_update_deletes_is_not_among_the_facts() -> None:
    index = Index(Build().vpc("main").table("rt-main", "main", "app").gone("rt-main").network())

    assert index.table("rt-main") is None
    assert [one.key for one in index.associations.to("app")] == ["rt-main-on-app"]
