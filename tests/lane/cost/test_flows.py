"""The workload on its lanes: which gigabytes AWS bills where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest

from lane.cost.flows import INTERNET, Demand, Routed, route
from lane.cost.inventory import EndpointCount, Inventory, NatCount
from lane.errors import Unusable
from privatelane_paths.facts import (
    EndpointKind,
    Network,
    Subnet,
    Workload,
    WorkloadKind,
)
from privatelane_paths.known import Ref, Refs, Unknown
from privatelane_paths.verdicts import Hop, Lane, LaneKind
from tests.lane.cost.tables import REGION

NAT_A = NatCount("nat", "nat-a", REGION, zone="us-east-1a")
INVENTORY = Inventory(
    nats=(NAT_A,),
    endpoints=(
        EndpointCount("dkr", "dkr", REGION, "ecr.dkr", EndpointKind.INTERFACE, 2),
        EndpointCount("s3", "s3", REGION, "s3", EndpointKind.GATEWAY),
    ),
)


def subnet(name: str, zone: str | Unknown) -> Subnet:
    return Subnet(name, name, Ref.to("vpc"), zone, ())


A, B = subnet("app-a", "us-east-1a"), subnet("app-b", "us-east-1b")


def lane(at: Subnet, service: str, kind: LaneKind, *hops: tuple[str, str]) -> Lane:
    end = {LaneKind.NAT: ("nat", "nat"), LaneKind.GATEWAY_ENDPOINT: ("s3", "gateway-endpoint"),
           LaneKind.INTERFACE_ENDPOINT: ("dkr", "interface-endpoint")}.get(kind)  # fmt: skip
    every = (*hops, *([end] if end else []))
    return Lane(at.key, service, kind, tuple(Hop(key, is_, key) for key, is_ in every), "because")


def routed(
    demand: Demand, lanes: Sequence[Lane], *subnets: Subnet, workloads: Sequence[Workload] = ()
) -> Routed:
    network = Network(subnets=subnets or (A, B), workloads=tuple(workloads))
    return route([demand], network, lanes, INVENTORY, REGION)


def billed(found: Routed) -> dict[str, Decimal]:
    sums: Counter[str] = Counter()
    for one in found.charges:
        sums[one.item] += one.quantity  # type: ignore[assignment]
    return {item: Decimal(amount) for item, amount in sums.items()}


def test_through_a_nat_of_another_zone_a_gigabyte_is_billed_three_times() -> None:
    """Once as processed, and once on each side of the zone's border."""
    lanes = [lane(A, "s3", LaneKind.NAT), lane(B, "s3", LaneKind.NAT)]
    assert billed(routed(Demand("s3", Decimal(100)), lanes)) == {
        "nat_gb": 100,
        "inter_zone_gb": 100,
    }


def test_a_regional_nat_gateway_crosses_no_zone() -> None:
    regional = Inventory(nats=(NatCount("nat", "nat", REGION, zones=2, regional=True),))
    found = route(
        [Demand("s3", Decimal(100))],
        Network(subnets=(B,)),
        [lane(B, "s3", LaneKind.NAT)],
        regional,
        REGION,
    )
    assert billed(found) == {"regional_nat_gb": 100}
    assert found.notes == ()


def test_endpoints_bill_nothing_between_zones() -> None:
    layers = [lane(one, "ecr.layers", LaneKind.GATEWAY_ENDPOINT) for one in (A, B)]
    registry = [lane(one, "ecr.dkr", LaneKind.INTERFACE_ENDPOINT) for one in (A, B)]
    assert billed(routed(Demand("ecr.layers", Decimal(98)), layers)) == {"gateway_endpoint_gb": 98}
    assert billed(routed(Demand("ecr.dkr", Decimal(2)), registry)) == {"interface_endpoint_gb": 2}


def test_only_what_is_sent_to_the_internet_costs_extra() -> None:
    lanes = [lane(A, INTERNET, LaneKind.NAT)]
    found = routed(Demand(INTERNET, Decimal(105), up=Decimal(5)), lanes, A)
    assert billed(found) == {"nat_gb": 105, "internet_out_gb": 5}


def test_an_internet_gateway_bills_no_bytes_of_a_service() -> None:
    assert routed(
        Demand("s3", Decimal(9)), [lane(A, "s3", LaneKind.INTERNET_GATEWAY)], A
    ) == Routed((), ())


def test_a_nat_behind_a_transit_gateway_bills_both() -> None:
    lanes = [lane(A, "s3", LaneKind.REMOTE_NAT, ("tgw", "transit-gateway"), ("theirs", "nat"))]
    found = routed(Demand("s3", Decimal(10)), lanes, A)
    assert billed(found) == {"transit_gb": 10, "nat_gb": 10}
    assert found.notes == (
        "10 GB of s3 from app-a passes a NAT outside this stack, whose hours others pay",
    )


@pytest.mark.parametrize("kind", [LaneKind.UNKNOWN, LaneKind.BROKEN, LaneKind.NONE])
def test_what_cannot_flow_or_be_followed_is_named_not_billed(kind: LaneKind) -> None:
    workload = Workload("w", "w", WorkloadKind.ECS_FARGATE, Refs.of([A.key]), Refs(), ())
    found = routed(Demand("s3", Decimal("1.5")), [lane(A, "s3", kind)], A, workloads=[workload])
    assert found == Routed((), ("1.50 GB of s3 from app-a is not counted: because",))


def test_traffic_comes_from_where_the_workloads_are() -> None:
    workload = Workload("w", "w", WorkloadKind.ECS_FARGATE, Refs.of([B.key]), Refs(), ())
    lanes = [lane(A, "s3", LaneKind.GATEWAY_ENDPOINT), lane(B, "s3", LaneKind.NAT)]
    found = routed(Demand("s3", Decimal(10)), lanes, workloads=[workload])
    assert billed(found) == {"nat_gb": 10, "inter_zone_gb": 20}


def test_patterns_choose_the_subnets() -> None:
    lanes = [lane(A, "s3", LaneKind.GATEWAY_ENDPOINT), lane(B, "s3", LaneKind.NAT)]
    found = routed(Demand("s3", Decimal(10), ("*-a",)), lanes)
    assert billed(found) == {"gateway_endpoint_gb": 10}


def test_a_pattern_that_fits_nothing_is_refused() -> None:
    with pytest.raises(Unusable) as raised:
        routed(Demand("s3", Decimal(10), ("web-*",)), [])
    assert str(raised.value) == (
        "traffic.s3.from is ['web-*'], which fits no subnet: there are app-a, app-b"
    )


@pytest.mark.parametrize("zone", ["use1-az2", Unknown("its zone")])
def test_zones_that_cannot_be_compared_are_named(zone: str | Unknown) -> None:
    other = subnet("app-c", zone)
    found = routed(Demand("s3", Decimal(10)), [lane(other, "s3", LaneKind.NAT)], other)
    assert billed(found) == {"nat_gb": 10}
    assert found.notes == (
        (
            "10 GB of s3 from app-c may cross zones on its way to nat-a, which is not counted: "
            "their zones are not known in one form"
        ),
    )
