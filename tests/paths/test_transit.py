"""Which table of a transit gateway traffic is looked up in, and which routes that table has.

AWS's transit gateway guide: an attachment is associated with one table, the default one where no
other is; a table holds static routes and what attachments propagate, of which the longest prefix
wins, and a static route before a propagated one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from privatelane_paths.facts import (
    Attachment,
    AttachmentKind,
    Target,
    TargetKind,
    TransitAssociation,
    TransitPropagation,
    TransitRoute,
)
from privatelane_paths.index import Index
from privatelane_paths.known import Maybe, Ref, Unknown
from privatelane_paths.lookup import LIST, PROPAGATED, Destination, Entry, Piece, Winner
from privatelane_paths.space import AddressSet, public
from privatelane_paths.transit import TableOf, Transit, same_zone
from tests.paths.build import ANYWHERE, Build, prefix

if TYPE_CHECKING:
    from collections.abc import Callable

    from privatelane_paths.facts import Prefix

S3 = Destination("s3", "S3", public(4), service="s3", region="us-east-1", spread=True)
HUB = Destination(
    "hub",
    "the addresses of the hub's endpoint",
    AddressSet.of([prefix("10.200.1.9/32")], 4),
    endpoint="vpce-hub",
    vpc="hub",
)
MOOT = "words that no longer matter"
"""What a decided edge may still carry as its missing fact: nothing rests on it."""


def network() -> Build:
    """A spoke and a hub on a transit gateway with its default table and two of the user's."""
    build = Build().vpc("main").vpc("hub", "10.200.0.0/16").transit()
    build.attach("main").attach("hub").transit_table("rtb").transit_table("rtb-two")
    return build.transit("tgw-far").transit_table("rtb-far", of="tgw-far")


def transit(build: Build) -> Transit:
    return Transit(Index(build.network()))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("us-east-1a", "us-east-1a", True),
        ("us-east-1a", "us-east-1b", False),
        ("use1-az1", "use1-az1", True),
        ("use1-az1", "use1-az2", False),
        ("use1-az1", "us-east-1a", None),
        ("us-east-1a", "use1-az1", None),
        ("use1-bos1-az1", "use1-az1", False),
        ("use1-bos1-az1", "us-east-1-bos-1a", None),
        (Unknown("zone"), "us-east-1a", None),
        ("us-east-1a", Unknown("zone"), None),
    ],
)
def test_zones_compare_by_names_or_by_ids_but_not_one_with_the_other(
    one: Maybe[str], other: Maybe[str], same: bool | None
) -> None:
    assert same_zone(one, other) is same


def tables(build: Build) -> tuple[TableOf, ...]:
    index = Index(build.network())
    return Transit(index).tables_of(index.attachments["att-main"], "tgw")


GATEWAY_SAYS, ATTACHMENT_SAYS = Unknown("what the gateway says"), Unknown("what it says itself")


@pytest.mark.parametrize(
    ("gateway", "attachment", "found"),
    [
        (True, True, (TableOf("tgw"),)),
        (True, False, (TableOf(None),)),
        (False, True, (TableOf(None),)),
        (False, ATTACHMENT_SAYS, (TableOf(None),)),
        (GATEWAY_SAYS, False, (TableOf(None),)),
        (
            True,
            ATTACHMENT_SAYS,
            (TableOf("tgw", ATTACHMENT_SAYS.missing), TableOf(None, ATTACHMENT_SAYS.missing)),
        ),
        (
            GATEWAY_SAYS,
            ATTACHMENT_SAYS,
            (TableOf("tgw", GATEWAY_SAYS.missing), TableOf(None, GATEWAY_SAYS.missing)),
        ),
    ],
)
def test_an_attachment_is_on_the_default_table_where_both_sides_want_it(
    gateway: Maybe[bool], attachment: Maybe[bool], found: tuple[TableOf, ...]
) -> None:
    build = network().change("transit_gateways", "tgw", default_association=gateway)

    assert tables(build.change("attachments", "att-main", default_association=attachment)) == found


WHICH = "which table is the default one"


@pytest.mark.parametrize(
    ("default", "associates", "found"),
    [
        (Ref.to("rtb"), True, (TableOf("rtb"),)),
        (Ref(("rtb",), MOOT), True, (TableOf("rtb"),)),
        (
            Ref.one_of(["rtb", "rtb-two"], WHICH),
            True,
            (TableOf("rtb", WHICH), TableOf("rtb-two", WHICH)),
        ),
        (
            Ref.anything(WHICH, ["rtb"]),
            True,
            (TableOf("rtb", WHICH), TableOf(None, WHICH, unseen=True)),
        ),
        (
            Ref.anything(WHICH, ["rtb"]),
            GATEWAY_SAYS,
            (
                TableOf("rtb", GATEWAY_SAYS.missing),
                TableOf(None, GATEWAY_SAYS.missing, unseen=True),
                TableOf(None, GATEWAY_SAYS.missing),
            ),
        ),
    ],
)
def test_the_default_table_is_the_one_the_facts_name_or_one_that_nobody_sees(
    default: Ref, associates: Maybe[bool], found: tuple[TableOf, ...]
) -> None:
    build = network().change(
        "transit_gateways", "tgw", default_table=default, default_association=associates
    )

    assert tables(build) == found


ATT, TABLE = "which attachment it is for", "which table it names"
ITS_OWN = Ref.to("att-main")


@pytest.mark.parametrize(
    ("attachment", "table", "found"),
    [
        (ITS_OWN, Ref.to("rtb"), (TableOf("rtb"),)),
        (Ref(("att-main",), MOOT), Ref.to("rtb"), (TableOf("rtb"),)),
        (Ref.to("att-hub"), Ref.to("rtb"), (TableOf("tgw"),)),
        (
            Ref.one_of(["att-hub", "att-main"], ATT),
            Ref.to("rtb"),
            (TableOf("rtb", ATT), TableOf("tgw")),
        ),
        (
            ITS_OWN,
            Ref.one_of(["rtb", "rtb-two"], TABLE),
            (TableOf("rtb", TABLE), TableOf("rtb-two", TABLE)),
        ),
        (
            Ref.one_of(["att-hub", "att-main"], ATT),
            Ref.one_of(["rtb", "rtb-two"], TABLE),
            (TableOf("rtb", ATT), TableOf("rtb-two", ATT), TableOf("tgw")),
        ),
        (ITS_OWN, Ref.one_of(["rtb", "rtb-far"], TABLE), (TableOf("rtb"),)),
        (ITS_OWN, Ref.to("rtb-unseen"), (TableOf("rtb-unseen"),)),
        (ITS_OWN, Ref.to("rtb-far"), (TableOf("tgw"),)),
        (
            ITS_OWN,
            Ref.anything(TABLE, ["rtb"]),
            (TableOf("rtb", TABLE), TableOf(None, TABLE, unseen=True)),
        ),
        (
            Ref.anything(ATT),
            Ref.anything(TABLE, ["rtb"]),
            (TableOf("rtb", ATT), TableOf(None, ATT, unseen=True), TableOf("tgw")),
        ),
        (
            ITS_OWN,
            Ref.anything(TABLE),
            (TableOf(None, TABLE, unseen=True), TableOf("tgw")),
        ),
    ],
)
def test_an_association_that_is_surely_for_the_attachment_leaves_no_other_table(
    attachment: Ref, table: Ref, found: tuple[TableOf, ...]
) -> None:
    """A table of another transit gateway is none of this one's, whatever the edge may lead to."""
    build = network().add("transit_associations", TransitAssociation("a", attachment, table))

    assert tables(build) == found


def test_an_association_that_this_update_deletes_holds_nothing() -> None:
    build = network().transit_table("rtb-own", "att-main")

    assert tables(build) == (TableOf("rtb-own"),)
    assert tables(build.gone("att-main-in-rtb-own")) == (TableOf("tgw"),)


def test_where_associations_could_not_be_read_nobody_sees_the_table() -> None:
    why = "the associations, which could not be listed"

    assert tables(network().unread("transit_associations", why)) == (
        TableOf(None, why, unseen=True),
    )


def attached(build: Build) -> list[str]:
    return [one.key for one in transit(build).attachments("tgw", "main")]


def test_a_vpc_is_attached_by_attachments_of_its_own_kind_to_this_gateway() -> None:
    build = network().attach("main", key="att-odd", kind=Unknown("its kind"))
    build.attach("main", key="att-far", to="tgw-far")
    build.attach("main", key="att-vpn", kind=AttachmentKind.VPN)

    assert attached(build) == ["att-main", "att-odd"]
    assert attached(build.change("attachments", "att-odd", vpc=None)) == ["att-main"]


def to(key: str) -> Target:
    return Target(TargetKind.TRANSIT_GATEWAY, Ref.to(key))


OUT = to("att-hub")
NOTHING = Winner(None)


def pieces(build: Build, destination: Destination = S3, table: str = "rtb") -> tuple[Piece, ...]:
    return transit(build).look_up(table, "tgw", destination)


def winners(build: Build, destination: Destination = S3, table: str = "rtb") -> tuple[Winner, ...]:
    """The routes of which one takes all of the traffic."""
    (piece,) = pieces(build, destination, table)
    assert piece.sure
    return piece.winners


def routed(place: Maybe[Prefix | Ref], table: Ref | None = None) -> Build:
    """One static route in a table of the user's, and two prefix lists."""
    build = network().prefix_list("pl-out", ANYWHERE).prefix_list("pl-eight", "8.0.0.0/8")
    build.change("prefix_lists", "pl-out", name="out").prefix_list("pl-dim", unknown="its entries")
    build.change("prefix_lists", "pl-dim", name="dim")
    route = TransitRoute("r", table or Ref.to("rtb"), place, Ref.to("att-hub"))
    return build.add("transit_routes", route)


DEFAULT = prefix(ANYWHERE)
ONE_OF_TABLES = Ref.one_of(["rtb", "rtb-two"], TABLE)
LISTED = "which list the route names"


def doubted(entry: Entry) -> tuple[Winner, ...]:
    """The route takes the traffic or, without the one missing fact, nothing does."""
    return (Winner(entry, (entry.missing,)), Winner(None, (entry.missing,)))


@pytest.mark.parametrize(
    ("place", "table", "found"),
    [
        (DEFAULT, None, (Winner(Entry("r", ANYWHERE, OUT, DEFAULT)),)),
        (DEFAULT, Ref(("rtb",), MOOT), (Winner(Entry("r", ANYWHERE, OUT, DEFAULT)),)),
        (DEFAULT, Ref.to("rtb-two"), (NOTHING,)),
        (prefix("10.0.0.0/8"), None, (NOTHING,)),
        (DEFAULT, ONE_OF_TABLES, doubted(Entry("r", ANYWHERE, OUT, DEFAULT, missing=TABLE))),
        (
            Unknown("its CIDR"),
            None,
            doubted(Entry("r", "an unknown destination", OUT, missing="its CIDR")),
        ),
        (
            Unknown("its CIDR"),
            ONE_OF_TABLES,
            doubted(Entry("r", "an unknown destination", OUT, missing=TABLE)),
        ),
        (
            Ref.to("pl-out"),
            None,
            (Winner(Entry("r", "0.0.0.0/0 in out", OUT, DEFAULT, rank=LIST)),),
        ),
        (
            Ref(("pl-out",), MOOT),
            None,
            (Winner(Entry("r", "0.0.0.0/0 in out", OUT, DEFAULT, rank=LIST)),),
        ),
        (
            Ref.to("pl-out"),
            ONE_OF_TABLES,
            doubted(Entry("r", "0.0.0.0/0 in out", OUT, DEFAULT, rank=LIST, missing=TABLE)),
        ),
        (
            Ref.to("pl-dim"),
            None,
            doubted(
                Entry(
                    "r", "a prefix list", OUT, rank=LIST, missing="the entries of prefix list dim"
                )
            ),
        ),
        (
            Ref.to("pl-0abc"),
            None,
            doubted(
                Entry(
                    "r",
                    "a prefix list",
                    OUT,
                    rank=LIST,
                    missing="the entries of prefix list pl-0abc",
                )
            ),
        ),
        (
            Ref.one_of(["pl-dim", "pl-0abc"], LISTED),
            None,
            doubted(Entry("r", "a prefix list", OUT, rank=LIST, missing=LISTED)),
        ),
        (
            Ref.anything(LISTED),
            None,
            doubted(Entry("r", "a prefix list", OUT, rank=LIST, missing=LISTED)),
        ),
        (
            Ref.anything(LISTED),
            ONE_OF_TABLES,
            doubted(Entry("r", "a prefix list", OUT, rank=LIST, missing=TABLE)),
        ),
    ],
)
def test_a_static_route_rests_on_what_is_missing_of_its_table_or_its_destination(
    place: Maybe[Prefix | Ref], table: Ref | None, found: tuple[Winner, ...]
) -> None:
    assert winners(routed(place, table)) == found


@pytest.mark.parametrize("unseen", ["pl-0abc", "pl-dim"])
def test_a_list_that_nobody_sees_hides_no_other_that_the_route_may_name(unseen: str) -> None:
    """The other is for 8.0.0.0/8 alone, which cuts the traffic in two."""
    build = routed(Ref.one_of([unseen, "pl-eight"], LISTED))
    any_list = Entry("r", "a prefix list", OUT, rank=LIST, missing=LISTED)

    assert len(pieces(build)) == 2
    assert [one.winners for one in pieces(build)] == [doubted(any_list)] * 2


def test_a_route_that_this_update_deletes_leads_nowhere() -> None:
    assert winners(routed(DEFAULT).gone("r")) == (NOTHING,)


def test_a_route_without_an_attachment_is_a_blackhole() -> None:
    build = network().transit_route("rtb", ANYWHERE, None)
    hole = Entry(f"rtb:{ANYWHERE}", ANYWHERE, Target(TargetKind.BLACKHOLE), DEFAULT)

    assert winners(build) == (Winner(hole),)


@pytest.mark.parametrize(
    ("change", "table", "missing"),
    [
        (
            lambda build: build.change("transit_tables", "rtb", missing="its rows"),
            "rtb",
            "its rows",
        ),
        (
            lambda build: build,
            "rtb-0abc",
            "the routes of rtb-0abc, which is not among the facts",
        ),
        (lambda build: build.unread("transit_routes", "no listing"), "rtb", "no listing"),
        (lambda build: build.unread("transit_propagations", "no learning"), "tgw", "no learning"),
        (
            lambda build: build.unread("transit_routes", "").unread("transit_propagations", "no"),
            "rtb",
            "the transit routes",
        ),
    ],
)
def test_a_table_of_which_not_all_is_seen_may_hold_another_route(
    change: Callable[[Build], Build], table: str, missing: str
) -> None:
    target = Target(TargetKind.UNKNOWN, None, missing)
    unseen = Entry(table, "a route nobody sees", target, missing=missing)

    assert winners(change(network()), table=table) == doubted(unseen)


def test_the_default_table_that_no_fact_names_holds_what_the_facts_show() -> None:
    assert winners(network(), table="tgw") == (NOTHING,)


HUB_RANGE = prefix("10.200.0.0/16")


def learnt(missing: str = "") -> tuple[Winner, ...]:
    """The hub's attachment propagates the hub's range, surely or not."""
    entry = Entry("att-hub", str(HUB_RANGE), OUT, HUB_RANGE, rank=PROPAGATED, missing=missing)
    return doubted(entry) if missing else (Winner(entry),)


@pytest.mark.parametrize(
    ("gateway", "attachment", "found"),
    [
        (True, True, learnt()),
        (True, False, (NOTHING,)),
        (False, True, (NOTHING,)),
        (GATEWAY_SAYS, False, (NOTHING,)),
        (False, ATTACHMENT_SAYS, (NOTHING,)),
        (True, ATTACHMENT_SAYS, learnt(ATTACHMENT_SAYS.missing)),
        (GATEWAY_SAYS, ATTACHMENT_SAYS, learnt(GATEWAY_SAYS.missing)),
    ],
)
def test_the_default_table_learns_a_vpcs_ranges_where_both_sides_want_it(
    gateway: Maybe[bool], attachment: Maybe[bool], found: tuple[Winner, ...]
) -> None:
    build = network().change("transit_gateways", "tgw", default_propagation=gateway)
    build.change("attachments", "att-hub", default_propagation=attachment)

    assert winners(build, HUB, "tgw") == found
    assert winners(build, HUB, "rtb") == (NOTHING,)


def test_a_table_learns_nothing_from_attachments_of_another_transit_gateway() -> None:
    build = network().change("attachments", "att-hub", gateway=Ref.to("tgw-far"))

    assert winners(build, HUB, "tgw") == (NOTHING,)


SURE = TransitPropagation("p-sure", Ref.to("att-hub"), Ref.to("rtb"))
SOME_TABLE = TransitPropagation("p-table", Ref.to("att-hub"), ONE_OF_TABLES)
SOME_ATTACHMENT = TransitPropagation(
    "p-attachment", Ref.one_of(["att-hub", "att-main"], ATT), Ref.to("rtb")
)
SOME_OF_BOTH = TransitPropagation("p-both", Ref.one_of(["att-hub", "att-main"], ATT), ONE_OF_TABLES)
ELSEWHERE = TransitPropagation("p-elsewhere", Ref.to("att-hub"), Ref.to("rtb-two"))
DECIDED = TransitPropagation("p-moot", Ref.to("att-hub"), Ref(("rtb",), MOOT))


@pytest.mark.parametrize(
    ("propagations", "found"),
    [
        ([SURE], learnt()),
        ([DECIDED], learnt()),
        ([ELSEWHERE], (NOTHING,)),
        ([SOME_TABLE], learnt(TABLE)),
        ([SOME_ATTACHMENT], learnt(ATT)),
        ([SOME_OF_BOTH], learnt(TABLE)),
        ([SOME_TABLE, SURE], learnt()),
        ([SURE, SOME_TABLE], learnt()),
        ([SOME_ATTACHMENT, SOME_TABLE], learnt(ATT)),
        ([ELSEWHERE, SURE], learnt()),
    ],
)
def test_a_table_learns_from_the_attachments_that_propagate_to_it(
    propagations: list[TransitPropagation], found: tuple[Winner, ...]
) -> None:
    """One propagation that is sure is enough; whether it is the default table does not matter."""
    build = network().change("attachments", "att-hub", default_propagation=ATTACHMENT_SAYS)
    for place, one in enumerate(propagations):
        build.add("transit_propagations", replace(one, key=f"{place}-{one.key}"))

    assert winners(build, HUB) == found
    build.change("transit_gateways", "tgw", default_table=Ref.to("rtb"))
    assert winners(build, HUB) == (
        learnt(ATTACHMENT_SAYS.missing) if found == (NOTHING,) else found
    )


def test_a_propagation_that_this_update_deletes_teaches_nothing() -> None:
    build = network().propagate("att-hub", "rtb")

    assert winners(build, HUB) == learnt()
    assert winners(build.gone("att-hub-into-rtb"), HUB) == (NOTHING,)


def of_kind(kind: Maybe[AttachmentKind]) -> Build:
    """An attachment of a kind that propagates to the table, with a name of its own."""
    build = network().add(
        "attachments", Attachment("att-x", "office", Ref.to("tgw"), kind, vpc=None)
    )
    return build.propagate("att-x", "rtb")


@pytest.mark.parametrize(
    "kind",
    [
        AttachmentKind.VPN,
        AttachmentKind.DIRECT_CONNECT,
        AttachmentKind.CONNECT,
        AttachmentKind.NETWORK_FUNCTION,
    ],
)
@pytest.mark.parametrize(("version", "default"), [(4, ANYWHERE), (6, "::/0")])
def test_a_network_of_ones_own_may_propagate_a_default_route(
    kind: AttachmentKind, version: int, default: str
) -> None:
    missing = "the prefixes that office propagates"
    text = f"{default} if propagated"
    entry = Entry("att-x", text, to("att-x"), prefix(default), rank=PROPAGATED, missing=missing)
    anywhere = Destination("all", "everything", public(version), spread=True)

    assert winners(of_kind(kind), anywhere) == doubted(entry)


def test_an_attachment_of_unknown_kind_may_propagate_a_default_route() -> None:
    entry = Entry(
        "att-x",
        "0.0.0.0/0 if propagated",
        to("att-x"),
        DEFAULT,
        rank=PROPAGATED,
        missing="its kind",
    )

    assert winners(of_kind(Unknown("its kind"))) == doubted(entry)


def test_what_an_attachment_may_propagate_rests_first_on_whether_it_propagates() -> None:
    build = of_kind(Unknown("its kind"))
    build.change("transit_propagations", "att-x-into-rtb", table=ONE_OF_TABLES)
    (first, _) = winners(build)

    assert first.missing == (TABLE,)
    build.change("attachments", "att-x", kind=AttachmentKind.VPN)
    assert winners(build) == (first, Winner(None, (TABLE,)))


def test_nothing_is_learnt_over_a_peering_of_transit_gateways() -> None:
    """AWS's transit gateway guide: a peering attachment takes static routes only."""
    assert winners(of_kind(AttachmentKind.PEERING)) == (NOTHING,)
    assert winners(of_kind(AttachmentKind.PEERING), HUB) == (NOTHING,)


def test_the_attachment_of_an_undecided_vpc_may_propagate_the_ranges_of_each() -> None:
    edge = Ref.one_of(["hub", "main"], "which VPC")
    build = network().change("attachments", "att-hub", vpc=edge)

    assert winners(build, HUB, "tgw") == learnt("which VPC")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda build: build.change("vpcs", "hub", cidrs=Unknown("its ranges")), "the hub"),
        (lambda build: build.drop("vpcs", "hub"), "hub"),
    ],
)
def test_ranges_that_nobody_knows_cover_what_stands_in_the_vpc(
    change: Callable[[Build], Build], name: str
) -> None:
    """A VPC's ranges are /16 at most, and what stands in another VPC is not in them."""
    build = change(network().change("vpcs", "hub", name="the hub"))
    build.change("attachments", "att-hub", default_propagation=ATTACHMENT_SAYS)
    entry = Entry(
        "att-hub",
        f"the ranges of {name}",
        OUT,
        floor=16,
        rank=PROPAGATED,
        missing=ATTACHMENT_SAYS.missing,
    )

    assert winners(build, HUB, "tgw") == doubted(entry)
    assert winners(build, replace(HUB, label="x", vpc="other"), "tgw") == (NOTHING,)
    build.change("attachments", "att-hub", default_propagation=True)
    assert winners(build, HUB, "tgw") == (Winner(replace(entry, missing="")),)


def test_a_static_route_goes_before_a_propagated_one_of_the_same_prefix() -> None:
    build = network().transit_route("tgw", str(HUB_RANGE), None)
    hole = Entry(f"tgw:{HUB_RANGE}", str(HUB_RANGE), Target(TargetKind.BLACKHOLE), HUB_RANGE)

    assert winners(build, HUB, "tgw") == (Winner(hole),)
