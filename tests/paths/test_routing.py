"""What a subnet is on and what its table holds, asked of the router itself."""

from __future__ import annotations

import pytest

from privatelane_paths import Lane, LaneKind, judge
from privatelane_paths.facts import Association, Origin, Route, TargetKind
from privatelane_paths.index import Index
from privatelane_paths.known import Ref, Unknown
from privatelane_paths.lookup import Destination
from privatelane_paths.routing import Router, _certainly_associated
from privatelane_paths.space import AddressSet, public
from tests.paths.build import ANYWHERE, Build, base, prefix, target

S3 = Destination("s3", "S3", public(4), service="s3", region="us-east-1", spread=True)


def associated(*candidates: str) -> frozenset[str]:
    build = Build().vpc("main")
    for place, names in enumerate(candidates):
        edge = Ref.one_of(names, "which subnet")
        build.add("associations", Association(f"a{place}", Ref.to("rt"), edge))
    return _certainly_associated(Index(build.network()))


@pytest.mark.parametrize(
    ("candidates", "found"),
    [
        ((), ""),
        (("ab",), ""),
        (("ab", "ab"), "ab"),
        (("ab", "ab", "bc"), "abc"),
        (("ab", "ab", "bc", "cd"), "abcd"),
        (("abc", "abc"), ""),
        (("a", "ab"), "b"),
    ],
)
def test_as_many_associations_as_subnets_leave_none_without(
    candidates: tuple[str, ...], found: str
) -> None:
    assert associated(*candidates) == frozenset(found)


def test_an_association_with_a_gateway_or_with_anything_counts_for_no_subnet() -> None:
    build = Build().vpc("main").add("associations", Association("edge", Ref.to("rt"), None))
    build.add("associations", Association("open", Ref.to("rt"), Ref.anything("m", ["a"])))

    assert _certainly_associated(Index(build.network())) == frozenset()


def service_route(to: Ref, service: str | None = "s3") -> bool:
    build = base().prefix_list("pl-s3", "3.5.0.0/19", service=service)
    build.add("routes", Route("r", Ref.to("rt-app-a"), to, target("vpce-0abc")))
    return Router(Index(build.network())).is_service_route("r", S3)


def test_a_service_route_is_one_to_awss_list_of_the_service() -> None:
    router = Router(Index(base().network()))

    assert service_route(Ref.to("pl-s3"))
    assert service_route(Ref.to("pl-s3"), "com.amazonaws.us-east-1.s3")
    assert not service_route(Ref.to("pl-s3"), "com.amazonaws.eu-west-1.s3")
    assert not service_route(Ref.to("pl-s3"), "dynamodb")
    assert not service_route(Ref.to("pl-s3"), None)
    assert not service_route(Ref.to("pl-0abc"))
    assert not service_route(Ref.one_of(["pl-s3", "pl-x"], "which list"))
    assert not router.is_service_route(f"rt-app-a:{ANYWHERE}", S3)
    assert not router.is_service_route("r-0abc", S3)


def winners(build: Build, table: str = "rt-app-a") -> list[tuple[str, str, tuple[str, ...]]]:
    router = Router(Index(build.network()))
    return sorted(
        (one.entry.key, one.entry.text, one.missing)
        if one.entry is not None
        else ("", "", one.missing)
        for piece in router.look_up(table, "main", S3)
        for one in piece.winners
    )


def test_what_is_propagated_without_a_known_prefix_is_perhaps_a_default_route() -> None:
    build = base().drop("routes", f"rt-app-a:{ANYWHERE}")
    route = Route("r", Ref.to("rt-app-a"), Unknown("m"), target("vgw-1"), Origin.PROPAGATED)

    assert winners(build.add("routes", route)) == [
        ("", "", ("m",)),
        ("r", "0.0.0.0/0 if propagated", ("m",)),
    ]


def test_a_static_default_route_goes_before_a_propagated_one() -> None:
    route = Route("r", Ref.to("rt-app-a"), Unknown("m"), target("vgw-1"), Origin.PROPAGATED)

    assert winners(base().add("routes", route)) == [(f"rt-app-a:{ANYWHERE}", "0.0.0.0/0", ())]


def test_a_static_route_of_unknown_destination_may_take_everything() -> None:
    route = Route("r", Ref.to("rt-app-a"), Unknown("m"), target("igw-main"))

    assert winners(base().add("routes", route)) == [
        ("r", "a destination that is not known", ("m",)),
        (f"rt-app-a:{ANYWHERE}", "0.0.0.0/0", ("m",)),
    ]


def lane_by(*routes: tuple[str, str]) -> Lane:
    """The lane to S3, beside a gateway endpoint, by routes of unknown destinations."""
    build = base().drop("routes", f"rt-app-a:{ANYWHERE}").gateway("s3", "rt-app-a")
    for key, to in routes:
        where = Unknown(f"where {key} leads")
        build.add("routes", Route(key, Ref.to("rt-app-a"), where, target(to)))
    (found,) = (
        one for one in judge(build.network()) if (one.subnet, one.service) == ("app-a", "s3")
    )
    return found


REACHED = "the public addresses of s3 in us-east-1 are reached"


def test_routes_that_all_avoid_nat_prove_it_whichever_of_them_holds() -> None:
    found = lane_by(("r", "igw-main"), ("s", "blackhole"))

    assert (found.kind, found.missing) == (
        LaneKind.INTERNET_GATEWAY,
        ("where r leads", "where s leads"),
    )
    assert found.reason == (
        f"{REACHED} over the internet gateway (or gateway-endpoint: {REACHED} through gateway "
        "endpoint vpce-s3; broken: the route is a blackhole)"
    )


def test_a_route_that_may_lead_to_nat_leaves_it_open_and_shows_the_way_up_to_it() -> None:
    found = lane_by(("r", "nat-a"))

    assert (found.kind, found.missing) == (LaneKind.UNKNOWN, ("where r leads",))
    assert [hop.text for hop in found.hops] == [
        "subnet app-a",
        "route table rt-app-a (association)",
    ]


def test_a_table_that_may_hold_more_names_what_it_may_hold() -> None:
    build = base().change("tables", "rt-app-a", missing="its routes")
    router = Router(Index(build.network()))
    (piece,) = router.look_up("rt-app-a", "main", S3)
    found = {one.entry.key: one for one in piece.winners if one.entry is not None}
    unseen = found["rt-app-a"].entry

    assert found["rt-app-a"].missing == ("its routes",)
    assert unseen is not None
    assert (unseen.text, unseen.target.kind) == ("a route nobody sees", TargetKind.UNKNOWN)
    assert unseen.target.missing == "its routes"


def test_the_part_of_a_destination_is_no_longer_spread() -> None:
    half = S3.within([(0, int(prefix("128.0.0.0/1").network_address) - 1)])

    assert S3.has_some_in(public(4))
    assert not half.has_some_in(half.space)
    assert half.space == public(4) & AddressSet.of([prefix("0.0.0.0/1")], 4)
    assert half.label != S3.label


@pytest.mark.parametrize("kind", ["transit_routes", "hosted_zones"])
def test_a_kind_that_was_not_read_is_named_in_words(kind: str) -> None:
    index = Index(base().unread(kind, "").network())

    assert index.unread("vpcs", kind) == f"the {kind.replace('_', ' ')}"
    assert index.unread("vpcs") == ""


def test_what_leads_to_a_subnet_and_what_may_lead_to_any_are_both_asked() -> None:
    build = base().add("associations", Association("open", Ref.to("rt"), Ref.anything("m")))
    found = {one.key for one in Index(build.network()).associations.to("app-a")}

    assert found == {"rt-app-a-on-app-a", "open"}
