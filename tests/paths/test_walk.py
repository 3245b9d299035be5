"""What becomes of a packet hop by hop, told in full: the end, its reason, and every step there."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from privatelane_paths import walk
from privatelane_paths.arrival import Client
from privatelane_paths.facts import (
    Association,
    Endpoint,
    EndpointKind,
    Gateway,
    GatewayKind,
    Route,
    Target,
    TargetKind,
)
from privatelane_paths.filters import Packets
from privatelane_paths.index import Index
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.lookup import Destination
from privatelane_paths.options import Options
from privatelane_paths.space import AddressSet, public
from privatelane_paths.verdicts import Hop, LaneKind, Outcome, Outcomes
from privatelane_paths.walk import Walk
from privatelane_paths.ways import Place
from tests.paths.build import ANYWHERE, Build, policy, prefix, target

S3 = Destination("s3", "S3", public(4), service="s3", region="us-east-1", spread=True)


def at(address: str, vpc: Key) -> Destination:
    """Where an interface endpoint of a VPC stands."""
    space = AddressSet.of([prefix(address)], 4)
    return Destination(address, address, space, endpoint="vpce-ecr", vpc=vpc)


CLIENT = Client(
    "app", "main", Packets("subnet app", AddressSet.of([prefix("10.0.1.0/24")], 4)), "s3", None
)
START = Place("app", "main", CLIENT, "main")
VISITOR = replace(CLIENT, subnet="far", vpc="far")
CROSSED = Place("app", "main", VISITOR, "main")
FOREIGN = Place("app", "main", VISITOR, "far")
TABLE = Hop("rt", "route-table", "route table private (association)")
HERE = (TABLE, Hop("r", "route", ANYWHERE))


def network(to: Target | None) -> Build:
    """A VPC and a subnet whose one table has a default route, if any; no name is its key."""
    build = Build().vpc("main").change("vpcs", "main", name="office")
    build.subnet("app", "main", "10.0.1.0/24").table("rt", "main", "app")
    build.change("tables", "rt", name="private")
    if to is not None:
        build.add("routes", Route("r", Ref.to("rt"), prefix(ANYWHERE), to))
    return build


def ends(build: Build, place: Place = START, destination: Destination = S3) -> Outcomes:
    return Walk(Index(build.network()), Options()).leave(place, destination)


def end(kind: LaneKind, reason: str, *hops: Hop, missing: tuple[str, ...] = ()) -> Outcome:
    """An end beyond the subnet's default route."""
    return Outcome(kind, reason, (*HERE, *hops), missing)


def undecided(missing: str, *hops: Hop) -> Outcome:
    reason = f"it cannot be decided without {missing}"
    return end(LaneKind.UNKNOWN, reason, *hops, missing=(missing,))


def named(kind: TargetKind, key: Key) -> Target:
    return Target(kind, Ref.to(key))


BROKEN, OPEN = LaneKind.BROKEN, LaneKind.INTERNET_GATEWAY


def test_a_subnet_without_an_association_is_on_the_main_table_of_its_vpc() -> None:
    found = ends(network(None).drop("associations", "rt-on-app"))
    hop = Hop("main#implied-main-table", "route-table", "the main table of office (implicit main)")

    assert found == (Outcome(LaneKind.NONE, "the main table of office has no route to S3", (hop,)),)
    found = ends(network(None).drop("associations", "rt-on-app").main("main", "rt"))
    hop = Hop("rt", "route-table", "route table private (implicit main)")
    assert found == (Outcome(LaneKind.NONE, "route table private has no route to S3", (hop,)),)


@pytest.mark.parametrize(("place", "kind"), [(START, LaneKind.NONE), (CROSSED, BROKEN)])
def test_what_finds_no_route_is_dropped_if_it_came_from_another_vpc(
    place: Place, kind: LaneKind
) -> None:
    reason = "route table private has no route to S3"

    assert ends(network(None), place) == (Outcome(kind, reason, (TABLE,)),)


GATEWAYS = [
    (TargetKind.INTERNET_GATEWAY, "internet gateway"),
    (TargetKind.EGRESS_ONLY_GATEWAY, "egress-only internet gateway"),
]


@pytest.mark.parametrize(("kind", "what"), GATEWAYS)
@pytest.mark.parametrize(
    ("edge", "key", "name"),
    [
        (Ref.to("igw-0abc"), "igw-0abc", " way out"),
        (Ref.anything("which gateway", ["igw-0abc"]), "igw-0abc", " way out"),
        (Ref.anything("which gateway"), "", ""),
        (None, "", ""),
    ],
)
def test_an_internet_gateway_forwards_to_public_addresses_whichever_it_is(
    kind: TargetKind, what: str, edge: Ref | None, key: Key, name: str
) -> None:
    build = network(Target(kind, edge))
    gateway = Gateway("igw-0abc", "way out", GatewayKind.INTERNET, Ref.to("main"))
    hop = Hop(key, kind.value, what + name)

    assert ends(build.add("gateways", gateway)) == (
        end(OPEN, f"S3 are reached over the {what}", hop),
    )


@pytest.mark.parametrize(("kind", "what"), GATEWAYS)
def test_an_internet_gateway_drops_what_is_not_from_its_vpc_or_not_for_the_internet(
    kind: TargetKind, what: str
) -> None:
    build = network(named(kind, "igw"))
    hop = Hop("igw", kind.value, f"{what} igw")
    stranger = end(BROKEN, f"an {what} forwards nothing that comes from another VPC", hop)
    inward = end(BROKEN, f"the {what} drops what is not for the internet", hop)

    assert ends(build, FOREIGN) == (stranger,)
    assert ends(build, CROSSED) == (end(OPEN, f"S3 are reached over the {what}", hop),)
    assert ends(build, START, replace(S3, nat64=True)) == (inward,)
    assert ends(build, START, at("10.200.0.9/32", "hub")) == (inward,)


@pytest.mark.parametrize("kind", [kind for kind, _ in GATEWAYS])
def test_a_gateway_that_this_update_deletes_takes_nothing(kind: TargetKind) -> None:
    reason = "the route leads to igw, which this update deletes"
    lost = end(BROKEN, reason, Hop("igw", "gone", "igw"))

    assert ends(network(named(kind, "igw")).gone("igw")) == (lost,)
    (kept,) = ends(network(Target(kind, Ref.anything("which", ["igw"]))).gone("igw"))
    assert kept.kind is OPEN


@pytest.mark.parametrize(
    "kind",
    [
        TargetKind.INTERNET_GATEWAY,
        TargetKind.EGRESS_ONLY_GATEWAY,
        TargetKind.CARRIER_GATEWAY,
    ],
)
@pytest.mark.parametrize(
    ("excluded", "blocked"), [((), True), (("other",), True), (("app",), False), (("main",), False)]
)
def test_public_access_is_blocked_but_for_the_vpcs_and_subnets_that_are_excluded(
    kind: TargetKind, excluded: tuple[str, ...], *, blocked: bool
) -> None:
    build = network(named(kind, "gw"))
    (free,) = ends(build)
    (found,) = ends(build.block("block-bidirectional", *excluded))
    reason = "VPC Block Public Access closes the internet gateway in both directions"

    assert free.kind is OPEN
    assert found == (replace(free, kind=BROKEN, reason=reason) if blocked else free)


def test_public_access_is_blocked_in_one_region_only() -> None:
    build = network(named(TargetKind.CARRIER_GATEWAY, "cagw"))
    build.block("block-bidirectional", region="eu-west-1")

    assert ends(build) == (
        end(
            OPEN,
            "the carrier gateway forwards to the internet without a NAT gateway",
            Hop("cagw", "carrier-gateway", "carrier gateway cagw"),
        ),
    )


def test_a_blackhole_drops_what_a_route_gives_it() -> None:
    hole = Hop("", "blackhole", "blackhole")

    assert ends(network(Target(TargetKind.BLACKHOLE))) == (
        end(BROKEN, "the route is a blackhole", hole),
    )


@pytest.mark.parametrize(
    ("kind", "words", "missing"),
    [
        (
            TargetKind.VPN_GATEWAY,
            "vpn gateway",
            "how the network behind VPN gateway x reaches AWS",
        ),
        (
            TargetKind.LOCAL_GATEWAY,
            "local gateway",
            "how the network behind local gateway x reaches AWS",
        ),
        (TargetKind.CORE_NETWORK, "core network", "where core network x leads"),
    ],
)
def test_what_leads_to_a_network_of_ones_own_leaves_open_how_that_reaches_aws(
    kind: TargetKind, words: str, missing: str
) -> None:
    hop = Hop("x", kind.value, f"{words} x")

    assert ends(network(named(kind, "x"))) == (undecided(missing, hop),)


@pytest.mark.parametrize(
    ("edge", "missing", "told"),
    [
        (Ref.to("x"), "what x is, which r names", "what x is, which r names"),
        (Ref.anything("the target of r"), "", "the target of r"),
        (Ref.to("x"), "", "what x is"),
        (None, "the routes of rt", "the routes of rt"),
    ],
)
def test_a_target_of_unknown_kind_names_what_is_missing_of_it(
    edge: Ref | None, missing: str, told: str
) -> None:
    found = ends(network(Target(TargetKind.UNKNOWN, edge, missing)))

    assert found == (undecided(told),)


def local(build: Build, destination: Destination) -> Outcome:
    """The end of traffic that the VPC's own range takes."""
    (found,) = ends(build, START, destination)
    hop = Hop("main", "route", "local 10.0.0.0/16")
    assert found.hops[:2] == (TABLE, hop), found.hops
    return found


def test_an_address_of_ones_own_range_is_never_an_endpoint_of_another_vpc() -> None:
    """AWS: the local route goes before all others, so that overlapping ranges hide each other."""
    found = local(network(target("pcx")), at("10.0.2.9/32", "hub"))

    assert found.kind is BROKEN
    assert found.reason == "the address lies in office's own range, where the endpoint is not"


def test_an_endpoint_of_ones_own_vpc_is_behind_the_default_acl_of_that_vpc() -> None:
    build = network(None).subnet("ends", "main", "10.0.2.0/24")
    build.interface("ecr", "ends", service_name="com.amazonaws.us-east-1.ecr.api")
    build.change("endpoints", "vpce-ecr", name="registry")
    endpoint = Hop("vpce-ecr", "interface-endpoint", "interface endpoint registry")
    found = local(build, at("10.0.2.9/32", "main"))

    assert found.kind is LaneKind.INTERFACE_ENDPOINT
    assert found.reason == "the name resolves to interface endpoint registry"
    assert found.hops[2:] == (endpoint,)
    closed = local(build.acl("closed"), at("10.0.2.9/32", "main"))
    what = "interface endpoint registry"
    assert closed.kind is BROKEN
    assert (closed.reason, closed.fix) == (
        f"the network ACLs of the subnets of {what} block HTTPS from subnet app or the answers",
        ((f"let TCP 443 in and the ephemeral ports out by the network ACLs of {what}'s subnets"),),
    )


def gateway(**more: Any) -> Build:
    """A route to AWS's list of S3 over a gateway endpoint, beside nothing else."""
    build = network(None).prefix_list("pl-s3", service="s3")
    build.add("routes", Route("r", Ref.to("rt"), Ref.to("pl-s3"), target("vpce-s3")))
    return build.gateway("s3", **more).change("endpoints", "vpce-s3", name="files")


BY_LIST = (TABLE, Hop("r", "route", "pl-s3"))
FILES = Hop("vpce-s3", "gateway-endpoint", "gateway endpoint files")


@pytest.mark.parametrize(
    ("build", "place", "found"),
    [
        (
            gateway(),
            START,
            Outcome(LaneKind.GATEWAY_ENDPOINT, "S3 are reached through gateway endpoint files", ()),
        ),
        (gateway(state="failed"), START, Outcome(BROKEN, "gateway endpoint files is failed")),
        (
            gateway(),
            FOREIGN,
            Outcome(
                LaneKind.UNKNOWN,
                (
                    "it cannot be decided without what gateway endpoint files does with traffic "
                    "from another VPC, which AWS does not support"
                ),
                (),
                (
                    (
                        "what gateway endpoint files does with traffic from another VPC, which AWS "
                        "does not support"
                    ),
                ),
            ),
        ),
    ],
)
def test_a_gateway_endpoint_takes_what_its_own_vpc_sends_while_it_works(
    build: Build, place: Place, found: Outcome
) -> None:
    assert ends(build, place) == (replace(found, hops=(*BY_LIST, FILES)),)


def test_an_endpoint_that_nobody_sees_is_a_gateway_where_the_route_is_for_aws_list() -> None:
    unseen = Hop("vpce-s3", "gateway-endpoint", "gateway endpoint vpce-s3")
    found = Outcome(
        LaneKind.GATEWAY_ENDPOINT,
        "S3 are reached through gateway endpoint vpce-s3",
        (*BY_LIST, unseen),
    )

    assert ends(gateway().drop("endpoints", "vpce-s3")) == (found,)


def test_an_endpoint_that_nobody_sees_leads_nobody_knows_where() -> None:
    hop = Hop("vpce-0abc", "endpoint", "VPC endpoint vpce-0abc")

    assert ends(network(target("vpce-0abc"))) == (
        undecided("what stands behind VPC endpoint vpce-0abc", hop),
    )


@pytest.mark.parametrize("edge", [None, Ref.anything("which endpoint r names")])
def test_a_route_to_an_endpoint_that_is_not_named_leads_nobody_knows_where(
    edge: Ref | None,
) -> None:
    found = ends(network(Target(TargetKind.ENDPOINT, edge)))

    assert found == (undecided("which endpoint the route points at"),)


def appliance(
    kind: Maybe[EndpointKind] = EndpointKind.FIREWALL,
    subnets: Refs | None = None,
    **more: object,
) -> Build:
    """A default route to an endpoint in `fire`, behind which an internet gateway stands.

    Another subnet, `hole`, has a blackhole.
    """
    build = network(target("fw-x")).subnet("fire", "main", "10.0.2.0/24")
    build.table("rt-fire", "main", "fire").route("rt-fire", ANYWHERE, "igw")
    build.subnet("hole", "main", "10.0.3.0/24").subnet("bare", "main", "10.0.4.0/24")
    build.table("rt-hole", "main", "hole").route("rt-hole", ANYWHERE, "blackhole")
    where = Refs.of(["fire"]) if subnets is None else subnets
    fact = Endpoint("fw-x", "inspection", Ref.to("main"), kind, "service", subnets=where)
    return build.add("endpoints", fact).change("endpoints", "fw-x", **more)


def beyond(subnet: Key) -> tuple[Hop, ...]:
    """The table and the default route of a subnet behind the appliance."""
    table = f"rt-{subnet}"
    return (
        Hop(table, "route-table", f"route table {table} (association)"),
        Hop(f"{table}:{ANYWHERE}", "route", ANYWHERE),
    )


IGW = Hop("igw", "internet-gateway", "internet gateway igw")
HOLE = Hop("", "blackhole", "blackhole")
FREE = "S3 are reached over the internet gateway"
DROPPED = "the route is a blackhole"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (EndpointKind.FIREWALL, "firewall endpoint inspection"),
        (EndpointKind.GATEWAY_LOAD_BALANCER, "gateway load balancer endpoint inspection"),
    ],
)
def test_traffic_passes_an_appliance_and_goes_on_from_its_subnet(
    kind: EndpointKind, words: str
) -> None:
    hop = Hop("fw-x", "firewall", words)

    assert ends(appliance(kind)) == (end(OPEN, FREE, hop, *beyond("fire"), IGW),)
    assert ends(appliance(kind, state="failed")) == (end(BROKEN, f"{words} cannot be used", hop),)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (EndpointKind.INTERFACE, "interface endpoint inspection"),
        (EndpointKind.RESOURCE, "endpoint inspection"),
        (EndpointKind.SERVICE_NETWORK, "endpoint inspection"),
    ],
)
def test_an_endpoint_that_is_a_destination_itself_forwards_nothing(
    kind: EndpointKind, words: str
) -> None:
    hop = Hop("fw-x", "firewall", words)

    assert ends(appliance(kind)) == (end(BROKEN, f"{words} forwards nothing", hop),)


FIREWALL = Hop("fw-x", "firewall", "firewall endpoint inspection")


def free(*missing: str) -> Outcome:
    return end(OPEN, FREE, FIREWALL, *beyond("fire"), IGW, missing=missing)


def dropped(*missing: str) -> Outcome:
    return end(BROKEN, DROPPED, FIREWALL, *beyond("hole"), HOLE, missing=missing)


ONE_OF_TWO = "in which subnet firewall endpoint inspection takes the traffic"


@pytest.mark.parametrize(
    ("subnets", "found"),
    [
        (Refs.of(["fire", "hole"]), (free(ONE_OF_TWO), dropped(ONE_OF_TWO))),
        (
            Refs.some_of(["fire", "hole"], "its subnets"),
            (free("its subnets"), dropped("its subnets")),
        ),
        (
            Refs.anything("its subnets", ["fire"]),
            (free("its subnets"), undecided("its subnets", FIREWALL)),
        ),
        (Refs.anything("its subnets"), (undecided("its subnets", FIREWALL),)),
        (Refs(), (undecided("the subnets of firewall endpoint inspection", FIREWALL),)),
    ],
)
def test_an_appliance_takes_the_traffic_in_any_of_its_subnets(
    subnets: Refs, found: Outcomes
) -> None:
    assert ends(appliance(subnets=subnets)) == found


def test_what_finds_no_route_behind_an_appliance_is_dropped_there() -> None:
    table = Hop(
        "main#implied-main-table", "route-table", "the main table of office (implicit main)"
    )
    reason = "the main table of office has no route to S3"

    assert ends(appliance(subnets=Refs.of(["bare"]))) == (end(BROKEN, reason, FIREWALL, table),)


def test_whether_an_appliance_works_decides_where_nobody_knows_its_state() -> None:
    dead = end(
        BROKEN, "firewall endpoint inspection cannot be used", FIREWALL, missing=("its state",)
    )

    assert ends(appliance(state=Unknown("its state"))) == (free("its state"), dead)


def test_an_endpoint_of_unknown_kind_is_a_gateway_with_its_policy_or_an_appliance() -> None:
    build = appliance(Unknown("its kind"), policy=policy("s3:*", "*", effect="Deny"))
    client = replace(CLIENT, service="ecr.layers")
    found = ends(build, replace(START, client=client))
    use = "s3:GetObject on arn:aws:s3:::prod-*-starport-layer-bucket/layer"

    assert [(one.kind, one.missing, one.hops[2]) for one in found] == [
        (OPEN, ("its kind",), Hop("fw-x", "firewall", "endpoint inspection")),
        (
            BROKEN,
            ("its kind",),
            Hop("fw-x", "gateway-endpoint", "gateway endpoint inspection"),
        ),
    ]
    assert found[1].reason == (
        f"the endpoint policy of gateway endpoint inspection does not allow {use}"
    )


def test_routes_that_lead_back_to_a_table_end_there() -> None:
    """The same table is on the firewall's subnet: what comes out of it goes in again."""
    build = appliance(subnets=Refs.of(["bare"]))
    build.add("associations", Association("again", Ref.to("rt"), Ref.to("bare")))
    reason = "the routes lead back to route table private"

    assert ends(build) == (end(BROKEN, reason, FIREWALL, TABLE),)


class Forgetful(dict[Any, Outcomes]):
    """Remembers nothing."""

    def __setitem__(self, key: Any, value: Outcomes) -> None:
        """Put nothing in."""


def mesh(seed: int) -> Index:
    """Subnets whose routes lead through firewalls in other subnets, mostly in circles."""
    dice = Random(seed)  # noqa: S311 - the same each time
    build = Build().vpc("main")
    subnets = ["app", *"abcde"]
    firewalls = [f"fw-{place}" for place in range(5)]
    for subnet in subnets:
        build.subnet(subnet, "main").table(f"rt-{subnet}", "main", subnet)
    for firewall in firewalls:
        build.firewall(firewall, *dice.sample(subnets[1:], dice.choice((1, 1, 2))))
    for subnet in subnets:
        for part in dice.choice(((ANYWHERE,), ("0.0.0.0/1", "128.0.0.0/1"))):
            way = dice.choice(("fw", "fw", "fw", "fw", "igw", "nat"))
            if way == "fw" or subnet == "app":
                edge = Ref.one_of(dice.sample(firewalls, dice.choice((1, 2))), f"where {subnet} is")
                to = Target(TargetKind.ENDPOINT, edge)
            else:
                to = target(way)
            route = Route(f"{subnet}:{part}", Ref.to(f"rt-{subnet}"), prefix(part), to)
            build.add("routes", route)
    return Index(build.network())


@pytest.mark.parametrize("seed", range(40))
def test_what_was_found_before_answers_as_if_it_was_followed_again(seed: int) -> None:
    network = mesh(seed)
    follower, afresh = Walk(network, Options()), Walk(network, Options())
    afresh._client, afresh._known = CLIENT, Forgetful()

    assert follower.leave(START, S3) == afresh.leave(START, S3)


def through_subnets(*stages: str, back: str = "") -> Build:
    """Firewalls one after the other, each in all subnets of its stage; behind the last the way out.

    The last stage leads to firewalls in the subnet `back` instead, if one is named.
    """
    build = Build().vpc("main").subnet("app", "main").table("rt-app", "main", "app")
    before = ["app"]
    for place, stage in enumerate((*stages, back)):
        for subnet in before:
            build.route(f"rt-{subnet}", ANYWHERE, f"fw-{place}" if stage else "igw")
        if stage:
            build.firewall(f"fw-{place}", *stage.split())
        before = stage.split()
        for subnet in () if stage == back else before:
            build.subnet(subnet, "main").table(f"rt-{subnet}", "main", subnet)
    return build


def limited(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(walk, "_MOST_STEPS", most)


def test_more_ways_than_the_limit_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client has the whole limit, whatever was followed for others before."""
    follower = Walk(Index(through_subnets("a", "b", "c").network()), Options())
    clients = [replace(CLIENT, service=one) for one in ("s3", "ecr.api", "ecr.dkr")]
    limited(monkeypatch, 4)

    for client in clients:
        (found,) = follower.leave(replace(START, client=client), S3)
        assert (found.kind, found.reason) == (OPEN, FREE)
    limited(monkeypatch, 3)
    missing = "which of more than 3 ways the traffic takes"
    for client in clients:
        (found,) = follower.leave(replace(START, client=replace(client)), S3)
        assert (found.kind, found.missing) == (LaneKind.UNKNOWN, (missing,))
        assert found.reason == f"it cannot be decided without {missing}"


def test_ways_that_meet_again_are_followed_once_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build = through_subnets("a b", "c d", "e f")
    limited(monkeypatch, 1 + 2 + 2 + 2)

    (found,) = ends(build)
    assert (found.kind, found.reason) == (OPEN, FREE)


def test_ways_over_the_same_tables_that_lead_back_are_followed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two firewalls stand in one subnet, whose own way leads back to where the packet began."""
    build = through_subnets("a", back="app").firewall("fw-two", "a")
    edge = Ref.one_of(["fw-0", "fw-two"], "which firewall")
    build.change("routes", f"rt-app:{ANYWHERE}", target=Target(TargetKind.ENDPOINT, edge))
    limited(monkeypatch, 3)

    (found,) = ends(build)
    assert (found.kind, found.reason) == (BROKEN, "the routes lead back to route table rt-app")
