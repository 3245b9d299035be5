"""Peerings and transit gateways, asked one at a time for every end of a way that they allow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from privatelane_paths import Hop, LaneKind, Options
from privatelane_paths.arrival import Arrival, Client
from privatelane_paths.crossing import Crossing
from privatelane_paths.facts import (
    Association,
    AttachmentKind,
    Target,
    TargetKind,
    TransitAssociation,
)
from privatelane_paths.filters import Packets
from privatelane_paths.index import Index
from privatelane_paths.known import Ref, Refs, Unknown
from privatelane_paths.lookup import Destination
from privatelane_paths.routing import Router
from privatelane_paths.space import AddressSet, public
from privatelane_paths.verdicts import Outcome, Outcomes, unknown
from privatelane_paths.ways import Place
from tests.paths.build import ANYWHERE, REGION, Build, prefix, target
from tests.paths.situations.networks_apart import (
    central_egress,
    hub_by_peering,
    hub_by_transit,
    own_tables,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


INTERFACE, BROKEN, NAT = LaneKind.INTERFACE_ENDPOINT, LaneKind.BROKEN, LaneKind.NAT
ENDPOINT = "vpce-ecr.api"
S3 = Destination("s3", "the public addresses of s3", public(4), service="s3", region=REGION)


def addresses(cidr: str) -> AddressSet:
    return AddressSet.of([prefix(cidr)], 4)


def client(subnet: str = "app-a", cidr: str = "10.0.10.0/24") -> Client:
    return Client(subnet, "main", Packets(f"subnet {subnet}", addresses(cidr)), "ecr.api", REGION)


AT_HUB = Destination(
    ENDPOINT,
    f"the addresses of endpoint {ENDPOINT}",
    addresses("10.200.1.0/24"),
    endpoint=ENDPOINT,
    vpc="hub",
)
HERE = Place("app-a", "main", client(), "main")


def told(subnet: str, vpc: str = "egress", *trail: str) -> Outcome:
    """Where the way goes on: in zone a by a NAT gateway, in zone b nowhere."""
    way = f"from {subnet} of {vpc} after {', '.join(trail or ('tgw|main',))}"
    return Outcome(BROKEN if subnet.endswith("-b") else NAT, way)


def leave(place: Place, _: Destination) -> Outcomes:
    """Stands for the way on from a subnet."""
    return (told(place.subnet, place.vpc, *sorted(place.trail)),)


def loop(name: str) -> Outcomes:
    return (Outcome(BROKEN, f"back at {name}"),)


def crossing(build: Build, transit: str = "unknown") -> Crossing:
    index = Index(build.network())
    options = Options(transit=transit)  # type: ignore[arg-type] # one of its three words
    return Crossing(index, options, Router(index), Arrival(index), leave, loop)


def over_peering(
    build: Build,
    to: Target | None = None,
    destination: Destination = AT_HUB,
    place: Place = HERE,
) -> Outcomes:
    return crossing(build).peering(to or target("pcx-hub"), place, destination)


def over_transit(
    build: Build,
    destination: Destination = S3,
    place: Place = HERE,
    to: Target | None = None,
) -> Outcomes:
    return crossing(build).transit_gateway(to or target("tgw"), place, destination)


PEERING = Hop("pcx-hub", "peering", "VPC peering pcx-hub")
TGW = Hop("tgw", "transit-gateway", "transit gateway tgw")
DEFAULT_TABLE = Hop("tgw", "transit-route-table", "the default route table")
ALL = Hop(f"tgw:{ANYWHERE}", "transit-route", ANYWHERE)
TO_EGRESS = Hop("att-egress", "attachment", "attachment att-egress")
TO_HUB = (
    TGW,
    DEFAULT_TABLE,
    Hop("att-hub", "transit-route", "10.200.0.0/16"),
    Hop("att-hub", "attachment", "attachment att-hub"),
)
ARRIVED = Outcome(
    INTERFACE,
    f"the name resolves to interface endpoint {ENDPOINT}",
    (Hop(ENDPOINT, "interface-endpoint", f"interface endpoint {ENDPOINT}"),),
)
NO_WAY_BACK = Outcome(BROKEN, "hub has no route back")


def after(hops: Sequence[Hop], *ends: Outcome, missing: str = "") -> Outcomes:
    """The ends behind these hops, each in doubt for one missing fact."""
    facts = (missing,) if missing else ()
    return tuple(
        replace(end, hops=(*hops, *end.hops), missing=(*facts, *end.missing)) for end in ends
    )


def decided(answer: bool | str, yes: Outcome, no: Outcome) -> Outcomes:
    """One end, or both in doubt for the fact that the answer names."""
    if isinstance(answer, str):
        return after([], yes, no, missing=answer)
    return (yes,) if answer else (no,)


def test_a_peering_leads_to_the_endpoint_in_the_peer_vpc() -> None:
    assert over_peering(hub_by_peering()) == after([PEERING], ARRIVED)


def test_a_peering_is_no_way_to_anything_beyond_the_peer() -> None:
    """AWS: VPC peering does not support transitive or edge-to-edge routing."""
    reason = "a VPC peering carries traffic to the peer VPC only, never beyond it"

    assert over_peering(hub_by_peering(), destination=S3) == after(
        [PEERING], Outcome(BROKEN, reason)
    )


@pytest.mark.parametrize("ref", [None, Ref.anything("which peering")])
def test_a_peering_that_nobody_names_is_a_hop_without_a_name(ref: Ref | None) -> None:
    (found,) = over_peering(hub_by_peering(), Target(TargetKind.PEERING, ref))

    assert found.kind is LaneKind.UNKNOWN
    assert found.hops == (Hop("", "peering", "VPC peering"),)


def test_a_peering_that_may_be_any_leads_where_nobody_knows_or_to_the_known_one() -> None:
    to = Target(TargetKind.PEERING, Ref.anything("which peering", ["pcx-hub"]))
    unseen = unknown("which VPC VPC peering pcx-hub leads to")

    assert over_peering(hub_by_peering(), to) == (
        *after([PEERING], ARRIVED, missing="which peering"),
        *(
            replace(one, missing=("which VPC VPC peering pcx-hub leads to", "which peering"))
            for one in after([PEERING], *unseen)
        ),
    )


def test_which_vpcs_a_peering_connects_is_in_doubt_for_what_its_own_facts_miss() -> None:
    either = hub_by_peering().change(
        "peerings", "pcx-hub", requester=Ref.one_of(["main", "spoke"], "its requester")
    )
    others = hub_by_peering().change("peerings", "pcx-hub", requester=Ref.to("spoke"))

    assert over_peering(either) == after([PEERING], *unknown("its requester"))
    assert over_peering(others) == after([PEERING], *unknown("which VPCs pcx-hub connects"))


def way_back(to: Target, build: Build | None = None) -> Build:
    """The hub's route to the spoke has another target."""
    found = build or hub_by_peering()
    return found.change("routes", "rt-hub:10.0.0.0/16", target=to)


def hub_on(*tables: str, build: Build | None = None) -> Build:
    """The hub's endpoint is on one of several tables; `rt-empty` holds no route."""
    found = (build or hub_by_peering()).table("rt-empty", "hub")
    found.drop("associations", "rt-hub-on-hub-ends")
    edge = Ref.one_of(tables, "which table")
    return found.add("associations", Association("a", edge, Ref.to("hub-ends")))


UNDECIDED = f"the way back from {ENDPOINT} to subnet app-a"


@pytest.mark.parametrize(
    ("says", "build", "back"),
    [
        ("by the peering", hub_by_peering(), True),
        ("by no route", hub_by_peering().drop("routes", "rt-hub:10.0.0.0/16"), False),
        ("by one of two peerings",
         way_back(Target(TargetKind.PEERING, Ref.one_of(["pcx-hub", "pcx-x"], "m"))), UNDECIDED),
        ("by another peering", way_back(target("pcx-x")), False),
        ("by a NAT gateway, whichever it is",
         way_back(Target(TargetKind.NAT, Ref.anything("m"))), False),
        ("by a target of no known kind",
         way_back(Target(TargetKind.UNKNOWN, None, "m")), UNDECIDED),
        ("by the table with the route", hub_on("rt-hub"), True),
        ("by the table without it", hub_on("rt-empty"), False),
        ("by either table", hub_on("rt-empty", "rt-hub"), UNDECIDED),
        ("by the main table",
         hub_by_peering().drop("associations", "rt-hub-on-hub-ends").main("hub", "rt-hub"), True),
    ],
)  # fmt: skip
def test_an_endpoint_serves_a_peer_only_if_its_subnet_routes_the_answers_back(
    says: str, build: Build, back: bool | str
) -> None:
    """A route of each VPC is needed: a peering is used by what both sides route over it."""
    assert over_peering(build) == after([PEERING], *decided(back, ARRIVED, NO_WAY_BACK)), says


def test_each_subnet_has_a_way_back_of_its_own() -> None:
    """The hub routes back to one of the spoke's subnets, and not to the other."""
    build = hub_by_peering().drop("routes", "rt-hub:10.0.0.0/16")
    paths = crossing(build.route("rt-hub", "10.0.10.0/24", "pcx-hub"))
    other = replace(HERE, subnet="app-b", client=client("app-b", "10.0.11.0/24"))

    assert paths.peering(target("pcx-hub"), HERE, AT_HUB) == after([PEERING], ARRIVED)
    assert paths.peering(target("pcx-hub"), other, AT_HUB) == after([PEERING], NO_WAY_BACK)


def test_the_way_back_to_addresses_or_from_an_endpoint_nobody_knows_is_in_doubt() -> None:
    doubt = "the way back to subnet app-a"
    nowhere = replace(HERE, client=replace(client(), packets=Packets("subnet app-a", None)))
    unseen = replace(AT_HUB, endpoint="10.200.1.9")
    address = Hop("10.200.1.9", "interface-endpoint", "address 10.200.1.9")
    arrived = Outcome(INTERFACE, "the name resolves to address 10.200.1.9", (address,))

    assert over_peering(hub_by_peering(), place=nowhere) == after(
        [PEERING], ARRIVED, NO_WAY_BACK, missing=doubt
    )
    assert over_peering(hub_by_peering(), destination=unseen) == after(
        [PEERING], arrived, NO_WAY_BACK, missing=doubt
    )


def test_answers_to_addresses_that_the_hub_has_itself_stay_in_the_hub() -> None:
    """AWS: the local route takes what is for the VPC's own ranges, which a default route cannot."""
    apart = hub_by_transit().route("rt-hub", ANYWHERE, "tgw").drop("routes", "rt-hub:10.0.0.0/16")
    alike = (
        hub_by_transit()
        .route("rt-hub", ANYWHERE, "tgw")
        .drop("routes", "rt-hub:10.0.0.0/16")
        .change("vpcs", "hub", cidrs=(prefix("10.200.0.0/16"), prefix("10.0.0.0/16")))
    )

    assert over_transit(apart, AT_HUB) == after(TO_HUB, ARRIVED)
    assert over_transit(alike, AT_HUB) == after(TO_HUB, NO_WAY_BACK)


def test_the_default_network_acl_of_the_peer_vpc_is_on_the_endpoints_subnet() -> None:
    (found,) = over_peering(hub_by_peering().acl("closed", vpc="hub"))

    assert found.kind is BROKEN
    assert found.reason == (
        f"the network ACLs of the subnets of interface endpoint {ENDPOINT} block HTTPS from "
        "subnet app-a or the answers"
    )


def test_a_transit_gateway_carries_on_from_the_subnet_of_the_attachment() -> None:
    assert over_transit(central_egress()) == after(
        [TGW, DEFAULT_TABLE, ALL, TO_EGRESS], told("out-tgw")
    )


@pytest.mark.parametrize("ref", [None, Ref.anything("which one")])
def test_a_transit_gateway_that_nobody_names_leads_where_nobody_knows(ref: Ref | None) -> None:
    nameless = Hop("", "transit-gateway", "transit gateway")
    to = Target(TargetKind.TRANSIT_GATEWAY, ref)

    assert over_transit(central_egress(), to=to) == after(
        [nameless], *unknown("where transit gateway leads")
    )


def test_who_comes_back_to_a_transit_gateway_from_the_same_vpc_goes_in_a_circle() -> None:
    again = replace(HERE, trail=frozenset({"tgw|main"}))

    assert over_transit(central_egress(), place=again) == loop("transit gateway tgw")


def test_a_vpc_that_is_not_attached_has_no_way_into_the_transit_gateway() -> None:
    build = central_egress().drop("attachments", "att-main")
    reason = "main is not attached to transit gateway tgw"

    assert over_transit(build) == after([TGW], Outcome(BROKEN, reason))


def test_which_of_two_attachments_a_vpc_uses_is_in_doubt_where_they_end_apart() -> None:
    build = central_egress().attach("main", "app-b", key="att-more")
    ends = over_transit(build)
    reason = "attachment att-more has no subnet in the zone of this subnet"

    assert [(one.kind, one.missing) for one in ends] == [
        (NAT, ("which attachment main uses",)),
        (BROKEN, ("which attachment main uses",)),
    ]
    assert ends[1].reason == reason


ZONELESS = "whether attachment att-main is in the zone of app-a"


@pytest.mark.parametrize(
    ("says", "build", "serves"),
    [
        ("in the subnet itself", central_egress(), True),
        ("in another zone alone",
         central_egress().change("attachments", "att-main", subnets=Refs.of(["app-b"])), False),
        ("in a public subnet of the zone",
         central_egress().change("attachments", "att-main", subnets=Refs.of(["pub-a"])), True),
        ("perhaps in another zone",
         central_egress().change("attachments", "att-main",
                                 subnets=Refs.some_of(["app-b"], "m")), False),
        ("perhaps in the zone",
         central_egress().change("attachments", "att-main",
                                 subnets=Refs.some_of(["pub-a"], "m")), "m"),
        ("in any subnets",
         central_egress().change("attachments", "att-main", subnets=Refs.anything("m")), "m"),
        ("in a subnet outside the facts",
         central_egress().change("attachments", "att-main",
                                 subnets=Refs.of(["subnet-0abc"])), ZONELESS),
        ("in a subnet of unknown zone",
         central_egress().change("attachments", "att-main", subnets=Refs.of(["pub-a"]))
         .change("subnets", "pub-a", zone=Unknown("z")), ZONELESS),
        ("in subnets that the source does not tell",
         central_egress().change("attachments", "att-main", subnets=Refs()), True),
    ],
)  # fmt: skip
def test_an_attachment_takes_traffic_of_the_zones_it_has_a_subnet_in(
    says: str, build: Build, serves: bool | str
) -> None:
    onward = after([DEFAULT_TABLE, ALL, TO_EGRESS], told("out-tgw"))
    reason = "attachment att-main has no subnet in the zone of this subnet"

    assert over_transit(build) == after(
        [TGW], *decided(serves, onward[0], Outcome(BROKEN, reason))
    ), says


def test_a_subnet_outside_the_facts_is_taken_to_be_in_a_zone_of_the_attachment() -> None:
    place = replace(HERE, subnet="subnet-0abc")

    assert [one.kind for one in over_transit(central_egress(), place=place)] == [NAT]


@pytest.mark.parametrize("kind", [AttachmentKind.VPN, AttachmentKind.DIRECT_CONNECT])
def test_how_a_network_of_ones_own_reaches_aws_is_not_known(kind: AttachmentKind) -> None:
    build = central_egress().change(
        "attachments", "att-egress", kind=kind, default_propagation=False
    )
    doubt = "how the network behind att-egress reaches AWS"

    assert over_transit(build) == after([TGW, DEFAULT_TABLE, ALL, TO_EGRESS], *unknown(doubt))


def test_an_attachment_of_unknown_kind_leads_where_nobody_knows() -> None:
    build = central_egress().change(
        "attachments", "att-egress", kind=Unknown("its kind"), default_propagation=False
    )

    assert over_transit(build) == after([TGW, DEFAULT_TABLE, ALL, TO_EGRESS], *unknown("its kind"))


@pytest.mark.parametrize(
    ("vpc", "missing"),
    [(None, "the VPC of att-egress"), (Ref.anything("its VPC"), "its VPC")],
)
def test_an_attachment_to_a_vpc_nobody_names_leads_where_nobody_knows(
    vpc: Ref | None, missing: str
) -> None:
    build = central_egress().change("attachments", "att-egress", vpc=vpc)

    assert over_transit(build) == after([TGW, DEFAULT_TABLE, ALL, TO_EGRESS], *unknown(missing))


def test_in_which_subnet_traffic_comes_out_is_in_doubt_where_the_subnets_end_apart() -> None:
    """AWS: in appliance mode a subnet is chosen for each flow, whatever its zone."""
    build = central_egress().subnet("out-b", "egress", "10.100.2.0/24", zone="b")
    build.change("attachments", "att-egress", subnets=Refs.of(["out-b", "out-tgw"]))
    near = over_transit(build)
    build.change("attachments", "att-egress", appliance_mode=True)
    hops = [TGW, DEFAULT_TABLE, ALL, TO_EGRESS]
    doubt = "in which subnet att-egress brings the traffic"

    assert near == after(hops, told("out-tgw"))
    assert over_transit(build) == after(hops, told("out-tgw"), told("out-b"), missing=doubt)


def test_a_blackhole_drops_and_a_table_without_a_route_has_none() -> None:
    hole = central_egress().drop("transit_routes", f"tgw:{ANYWHERE}")
    none = hole.network()
    hole.transit_route("tgw", ANYWHERE, None)
    drops = Outcome(BROKEN, f"the default route table drops {S3.text}")
    without = Outcome(BROKEN, f"the default route table has no route to {S3.text}")

    assert over_transit(hole) == after([TGW, DEFAULT_TABLE, ALL], drops)
    index = Index(none)
    paths = Crossing(index, Options(), Router(index), Arrival(index), leave, loop)
    assert paths.transit_gateway(target("tgw"), HERE, S3) == after([TGW, DEFAULT_TABLE], without)


def test_a_route_to_an_attachment_that_nobody_names_leads_where_nobody_knows() -> None:
    build = central_egress().change(
        "transit_routes", f"tgw:{ANYWHERE}", attachment=Ref.anything("its attachment")
    )
    doubt = "which attachment the route of a transit gateway points at"

    assert over_transit(build) == after([TGW, DEFAULT_TABLE, ALL], *unknown(doubt))


SPOKES = Hop("tgw-rtb-spokes", "transit-route-table", "transit gateway route table tgw-rtb-spokes")
SPOKES_ALL = Hop(f"tgw-rtb-spokes:{ANYWHERE}", "transit-route", ANYWHERE)


def test_an_attachment_is_looked_up_in_the_table_it_is_associated_with() -> None:
    assert over_transit(own_tables()) == after(
        [TGW, SPOKES, SPOKES_ALL, TO_EGRESS], told("out-tgw")
    )


def test_a_table_that_is_perhaps_another_attachments_leaves_both_in_doubt() -> None:
    build = own_tables().transit_table("tgw-rtb-empty")
    edge = Ref.one_of(["att-main", "att-egress"], "which attachment")
    build.add("transit_associations", TransitAssociation("a", edge, Ref.to("tgw-rtb-empty")))
    empty = Hop("tgw-rtb-empty", "transit-route-table", "transit gateway route table tgw-rtb-empty")
    none = Outcome(BROKEN, f"transit gateway route table tgw-rtb-empty has no route to {S3.text}")

    assert over_transit(build) == (
        *after([TGW, SPOKES, SPOKES_ALL, TO_EGRESS], told("out-tgw")),
        *after([TGW, empty], none, missing="which attachment"),
    )


def functions(*names: str) -> Build:
    """Network functions of the transit gateway, each leading to the next and the last to the first.

    The spokes lead to the first.
    """
    build = own_tables().drop("transit_routes", f"tgw-rtb-spokes:{ANYWHERE}")
    build.transit_route("tgw-rtb-spokes", ANYWHERE, f"att-{names[0]}")
    for name, after_it in zip(names, (*names[1:], names[0]), strict=True):
        build.attach(name, key=f"att-{name}", kind=AttachmentKind.NETWORK_FUNCTION)
        build.change("attachments", f"att-{name}", vpc=None)
        build.transit_table(f"rtb-{name}", f"att-{name}")
        build.transit_route(f"rtb-{name}", ANYWHERE, f"att-{after_it}")
    return build


def through_function(name: str) -> list[Hop]:
    return [
        Hop(f"att-{name}", "attachment", f"attachment att-{name}"),
        Hop(f"rtb-{name}", "transit-route-table", f"transit gateway route table rtb-{name}"),
        Hop(f"rtb-{name}:{ANYWHERE}", "transit-route", ANYWHERE),
    ]


def test_network_functions_that_lead_to_each_other_lead_in_a_circle() -> None:
    again = Hop("att-one", "attachment", "attachment att-one")
    once = [TGW, SPOKES, SPOKES_ALL, *through_function("one")]

    assert over_transit(functions("one")) == after([*once, again], *loop("attachment att-one"))
    assert over_transit(functions("one", "two")) == after(
        [*once, *through_function("two"), again], *loop("attachment att-one")
    )


FAR = "att-tgw-tgw-far"


def far(back: bool = False) -> Build:
    """The egress VPC is attached to a second transit gateway, or that one leads back."""
    build = central_egress().drop("transit_routes", f"tgw:{ANYWHERE}")
    build.transit("tgw-far").link("tgw", "tgw-far").transit_route("tgw", ANYWHERE, FAR)
    build.change("attachments", "att-egress", gateway=Ref.to("tgw-far"))
    return build.transit_route("tgw-far", ANYWHERE, FAR if back else "att-egress")


LINK = Hop(FAR, "attachment", f"attachment {FAR}")
OVER = [
    TGW,
    DEFAULT_TABLE,
    ALL,
    LINK,
    Hop("tgw-far", "transit-gateway", "transit gateway tgw-far"),
    Hop("tgw-far", "transit-route-table", "the default route table"),
    Hop(f"tgw-far:{ANYWHERE}", "transit-route", ANYWHERE),
]


def test_a_peering_of_transit_gateways_leads_on_by_the_table_of_the_far_end() -> None:
    onward = told("out-tgw", "egress", "tgw-far|peering", "tgw|main")

    assert over_transit(far()) == after([*OVER, TO_EGRESS], onward)


def test_two_transit_gateways_that_send_to_each_other_lead_in_a_circle() -> None:
    back = over_transit(far(back=True))

    assert back == after(
        [*OVER, LINK, TGW, DEFAULT_TABLE, ALL, LINK, OVER[4]], *loop("transit gateway tgw-far")
    )
