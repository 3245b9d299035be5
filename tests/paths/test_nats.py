"""What a route to a NAT gateway or to a network interface comes to, end by end."""

from __future__ import annotations

from typing import Any

import pytest

from privatelane_paths.arrival import Client
from privatelane_paths.facts import Target, TargetKind
from privatelane_paths.filters import Packets
from privatelane_paths.index import Index
from privatelane_paths.known import Maybe, Ref, Unknown
from privatelane_paths.lookup import Destination
from privatelane_paths.options import Options
from privatelane_paths.space import public
from privatelane_paths.verdicts import Hop, LaneKind, Outcome
from privatelane_paths.walk import Walk
from privatelane_paths.ways import Place
from tests.paths.build import ANYWHERE, Build, base

S3 = Destination("s3", "S3's addresses", public(4), service="s3", region="us-east-1", spread=True)
DEFAULT = f"rt-app-a:{ANYWHERE}"
WAY = (
    Hop("rt-app-a", "route-table", "route table rt-app-a (association)"),
    Hop(DEFAULT, "route", ANYWHERE),
)
ONWARD = (
    Hop("rt-pub", "route-table", "route table rt-pub (association)"),
    Hop(f"rt-pub:{ANYWHERE}", "route", ANYWHERE),
)
INTERNET = Hop("igw-main", "internet-gateway", "internet gateway igw-main")
NAT = Hop("nat-a", "nat", "NAT gateway nat-a")
ENI = Hop("eni-a", "interface", "network interface eni-a")
REACHED = "S3's addresses are reached through"
CLOSED = "VPC Block Public Access closes the internet gateway in both directions"


def ends(build: Build, options: Options | None = None, **where: str) -> tuple[Outcome, ...]:
    """What becomes of traffic that leaves `app-a`, sent from there unless `where` says else."""
    walk = Walk(Index(build.network()), options or Options())
    client = Client("app-a", where.get("home", "main"), Packets("a", None, None), "s3", "us-east-1")
    sender = where.get("sender", client.vpc)
    return walk.leave(Place("app-a", "main", client, sender), S3)


def end(
    kind: LaneKind, reason: str, *hops: Hop, missing: tuple[str, ...] = (), way: Any = WAY
) -> Outcome:
    return Outcome(kind, reason, (*way, *hops), missing)


def reached(*hops: Hop, missing: tuple[str, ...] = ()) -> Outcome:
    return end(LaneKind.NAT, f"{REACHED} NAT gateway nat-a", *hops, missing=missing)


def to(kind: TargetKind, ref: Ref) -> Build:
    return base().change("routes", DEFAULT, target=Target(kind, ref))


def to_interface(**more: Any) -> Build:
    """An interface of the public subnet, which the private one's default route points at."""
    build = to(TargetKind.INTERFACE, Ref.to("eni-a")).eni("eni-a", "pub-a")
    return build.change("interfaces", "eni-a", **more)


def nat(**more: Any) -> Build:
    return base().change("nats", "nat-a", **more)


def test_a_route_to_a_nat_gateway_of_the_network_leads_through_it() -> None:
    assert ends(base()) == (reached(NAT),)


def test_behind_another_vpc_the_nat_gateway_is_a_remote_one() -> None:
    reason = f"{REACHED} NAT gateway nat-a in another VPC"

    assert ends(base(), home="spoke") == (end(LaneKind.REMOTE_NAT, reason, NAT),)


@pytest.mark.parametrize("ref", [Ref.anything("which NAT"), Ref.anything("which NAT", ["nat-a"])])
def test_a_nat_gateway_that_nobody_sees_is_one_all_the_same(ref: Ref) -> None:
    unseen = Hop("", "nat", "a NAT gateway")

    assert ends(to(TargetKind.NAT, ref)) == (end(LaneKind.NAT, f"{REACHED} a NAT gateway", unseen),)


def test_a_nat_gateway_outside_the_facts_is_named_by_its_id() -> None:
    text = "NAT gateway nat-0abc"

    assert ends(to(TargetKind.NAT, Ref.to("nat-0abc"))) == (
        end(LaneKind.NAT, f"{REACHED} {text}", Hop("nat-0abc", "nat", text)),
    )


@pytest.mark.parametrize("state", ["failed", "deleting", "deleted"])
def test_a_nat_gateway_that_is_no_more_drops_the_traffic(state: str) -> None:
    dead = end(LaneKind.BROKEN, f"NAT gateway nat-a is {state}", NAT)

    assert ends(nat(state=state)) == (dead,)


@pytest.mark.parametrize(
    ("onward", "changes"),
    [("igw-main", {}), ("igw-main", {"subnet": None}), ("vgw-main", {"public": False})],
    ids=["zonal", "regional", "private"],
)
def test_a_nat_gateway_of_unknown_state_carries_the_traffic_or_drops_it(
    onward: str, changes: dict[str, Any]
) -> None:
    build = private(onward).change("nats", "nat-a", public=True, state=Unknown("its state"))
    doubt = ("its state",)

    assert ends(build.change("nats", "nat-a", **changes)) == (
        reached(NAT, missing=doubt),
        end(LaneKind.BROKEN, "NAT gateway nat-a cannot be used", NAT, missing=doubt),
    )


LOOP = "NAT gateway nat-a stands in the subnet it would serve, which is a loop"


def test_a_nat_gateway_in_the_subnet_it_serves_is_a_loop() -> None:
    assert ends(nat(subnet=Ref.to("app-a"))) == (end(LaneKind.BROKEN, LOOP, NAT),)


def test_a_nat_gateway_perhaps_in_the_subnet_it_serves_is_perhaps_a_loop() -> None:
    doubt = ("which subnet",)

    assert ends(nat(subnet=Ref.one_of(["app-a", "pub-a"], *doubt))) == (
        reached(NAT, missing=doubt),
        end(LaneKind.BROKEN, LOOP, NAT, missing=doubt),
    )


def test_a_private_nat_gateway_serves_its_own_subnet_no_more_than_that_of_an_igw() -> None:
    """In either of the candidate subnets the traffic is dropped, so that the choice is no doubt."""
    places = Ref.one_of(["app-a", "pub-a"], "which subnet")

    assert ends(nat(subnet=places, public=False)) == (end(LaneKind.BROKEN, LOOP, NAT),)


@pytest.mark.parametrize(
    ("vpc", "excluded", "passes"),
    [
        (Ref.to("hub"), "hub", True),
        (Ref.to("hub"), "main", False),
        (None, "main", True),
        (None, "hub", False),
        (Ref.anything("its VPC"), "main", True),
        (Ref.anything("its VPC"), "hub", False),
    ],
)
def test_a_regional_nat_gateway_goes_out_by_its_own_vpc(
    vpc: Ref | None, excluded: str, passes: bool
) -> None:
    """Without a VPC that is known it is taken to stand where the traffic comes by."""
    build = nat(subnet=None, regional=True, vpc=vpc).vpc("hub", "10.9.0.0/16")
    build.block("block-bidirectional").block("", excluded, key="exclusion")
    closed = end(LaneKind.BROKEN, CLOSED, NAT)

    assert ends(build) == ((reached(NAT),) if passes else (closed,))


def test_a_regional_nat_gateway_of_one_region_heeds_no_block_of_another() -> None:
    build = nat(subnet=None, regional=True, vpc=Ref.to("hub"))
    build.vpc("hub", "10.9.0.0/16", region="eu-west-1").block("block-bidirectional")

    assert ends(build) == (reached(NAT),)


def test_an_exclusion_of_one_subnet_is_of_use_to_the_nat_gateways_in_it() -> None:
    build = nat(subnet=Ref.one_of(["pub-a", "pub-b"], "which subnet"))
    build.block("block-bidirectional").block("", "pub-b", key="exclusion")

    assert ends(build) == (
        reached(NAT, missing=("which subnet",)),
        end(LaneKind.BROKEN, CLOSED, NAT, missing=("which subnet",)),
    )


def test_a_zonal_nat_gateway_in_a_subnet_nobody_sees_works_unless_it_is_a_loop() -> None:
    build = nat(subnet=Ref.anything("which subnet", ["pub-a"]), public=False)

    assert ends(build) == (
        reached(NAT, missing=("which subnet",)),
        end(LaneKind.BROKEN, LOOP, NAT, missing=("which subnet",)),
    )


def test_a_nat_gateway_of_unknown_connectivity_may_be_a_private_one() -> None:
    reason = "an internet gateway drops what comes from a private NAT gateway"
    doubt = ("its connectivity",)

    assert ends(nat(public=Unknown("its connectivity"))) == (
        reached(NAT, missing=doubt),
        end(LaneKind.BROKEN, reason, NAT, *ONWARD, INTERNET, missing=doubt),
    )


def private(onward: str | None, **more: Any) -> Build:
    """A private NAT gateway in a subnet whose default route leads onward."""
    build = nat(public=False)
    if onward is None:
        return build.drop("routes", f"rt-pub:{ANYWHERE}")
    build.drop("routes", f"rt-pub:{ANYWHERE}").route("rt-pub", ANYWHERE, onward)
    return build.change("nats", "nat-b", **more) if more else build


NO_ROUTE = "route table rt-pub has no route to S3's addresses"


@pytest.mark.parametrize(
    ("build", "found"),
    [
        (
            private("igw-main"),
            end(
                LaneKind.BROKEN,
                "an internet gateway drops what comes from a private NAT gateway",
                NAT,
                *ONWARD,
                INTERNET,
            ),
        ),
        (
            private("blackhole"),
            end(
                LaneKind.BROKEN,
                "the route is a blackhole",
                NAT,
                *ONWARD,
                Hop("", "blackhole", "blackhole"),
            ),
        ),
        (private(None), end(LaneKind.BROKEN, NO_ROUTE, NAT, ONWARD[0])),
        (private("vgw-main"), reached(NAT)),
        (
            private("nat-b").change("nats", "nat-b", subnet=Ref.to("pub-z")),
            reached(NAT, *ONWARD, Hop("nat-b", "nat", "NAT gateway nat-b")),
        ),
    ],
    ids=["internet gateway", "blackhole", "no route", "another network", "another NAT"],
)
def test_a_private_nat_gateway_carries_on_by_the_table_of_its_subnet(
    build: Build, found: Outcome
) -> None:
    assert ends(build) == (found,)


def test_what_is_in_doubt_behind_a_private_nat_gateway_is_in_doubt_before_it() -> None:
    build = private("nat-b", subnet=Ref.to("pub-z"), state=Unknown("its state"))
    other = Hop("nat-b", "nat", "NAT gateway nat-b")
    doubt = ("its state",)

    assert ends(build) == (
        reached(NAT, *ONWARD, other, missing=doubt),
        end(
            LaneKind.BROKEN, "NAT gateway nat-b cannot be used", NAT, *ONWARD, other, missing=doubt
        ),
    )


def test_a_private_nat_gateway_gives_what_it_carries_an_address_of_its_own_vpc() -> None:
    """So that the internet gateway drops it for that, not for its foreign address."""
    found = ends(private("igw-main"), home="spoke")
    reason = "an internet gateway drops what comes from a private NAT gateway"

    assert found == (end(LaneKind.BROKEN, reason, NAT, *ONWARD, INTERNET),)


@pytest.mark.parametrize(
    ("ref", "key", "name"),
    [
        (Ref.anything("which"), "", "network interface"),
        (Ref.to("eni-0abc"), "eni-0abc", "network interface eni-0abc"),
    ],
)
def test_an_interface_that_nobody_sees_is_what_the_options_say(
    ref: Ref, key: str, name: str
) -> None:
    build = to(TargetKind.INTERFACE, ref)
    text = f"{name} (taken for a NAT instance)"
    missing = f"what stands behind {name}"

    assert ends(build, Options(interface="nat")) == (
        end(LaneKind.NAT, f"{REACHED} {text}", Hop(key, "nat", text)),
    )
    assert ends(build, Options(interface="unknown")) == (
        end(
            LaneKind.UNKNOWN,
            f"it cannot be decided without {missing}",
            Hop(key, "interface", name),
            missing=(missing,),
        ),
    )


DROPPED = "network interface eni-a drops what is not for itself: its source/destination check is on"
INSTANCE = Hop("eni-a", "nat", "network interface eni-a (a NAT instance)")


def instance(missing: tuple[str, ...] = ()) -> Outcome:
    return end(LaneKind.NAT, f"{REACHED} {INSTANCE.text}", INSTANCE, missing=missing)


def test_an_interface_checks_that_traffic_is_its_own_unless_told_not_to() -> None:
    dropped = end(LaneKind.BROKEN, DROPPED, ENI)
    doubt = ("its check",)

    assert ends(to_interface(forwards=True)) == (instance(),)
    assert ends(to_interface(forwards=False)) == (dropped,)
    assert ends(to_interface(forwards=Unknown("its check"))) == (
        instance(doubt),
        end(LaneKind.BROKEN, DROPPED, ENI, missing=doubt),
    )


def test_the_instance_sends_from_its_own_vpc() -> None:
    """An internet gateway would refuse the address of another VPC; this one is the instance's."""
    reason = f"{REACHED} {INSTANCE.text} in another VPC"

    assert ends(to_interface(), home="spoke") == (end(LaneKind.REMOTE_NAT, reason, INSTANCE),)


def test_an_interface_in_a_subnet_nobody_sees_leads_anywhere() -> None:
    assert ends(to_interface(subnet=Ref.anything("its subnet"))) == (
        end(
            LaneKind.UNKNOWN,
            "it cannot be decided without its subnet",
            missing=("its subnet",),
        ),
    )


def beyond(onward: str | None) -> Build:
    build = to_interface().drop("routes", f"rt-pub:{ANYWHERE}")
    return build if onward is None else build.route("rt-pub", ANYWHERE, onward)


@pytest.mark.parametrize("onward", ["vgw-main", None])
def test_an_instance_whose_way_on_is_not_shown_is_taken_for_a_nat_instance(
    onward: str | None,
) -> None:
    """Its own routes, those of its operating system, are not among the facts."""
    text = "network interface eni-a (taken for a NAT instance)"

    assert ends(beyond(onward)) == (
        end(LaneKind.NAT, f"{REACHED} {text}", Hop("eni-a", "nat", text)),
    )


def test_an_instance_hands_on_what_another_hop_takes() -> None:
    build = beyond("nat-b").change("nats", "nat-b", subnet=Ref.to("pub-z"))
    other = Hop("nat-b", "nat", "NAT gateway nat-b")

    assert ends(build) == (end(LaneKind.NAT, f"{REACHED} NAT gateway nat-b", ENI, *ONWARD, other),)


def test_an_instance_behind_a_gateway_that_may_be_closed_may_be_cut_off() -> None:
    mode: Maybe[str] = Unknown("its mode")

    assert ends(to_interface().block(mode)) == (
        instance(("its mode",)),
        end(LaneKind.BROKEN, CLOSED, ENI, *ONWARD, INTERNET, missing=("its mode",)),
    )
