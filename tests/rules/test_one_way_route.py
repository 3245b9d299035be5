from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out
from tests.rules.networks import ROUTE, Net
from tests.rules.test_overlapping_networks import attach, peer, two

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


def route(net: Net, to: object, **target: object) -> None:
    net.program.add(
        ROUTE,
        f"{net.name}-there",
        {"routeTableId": net.table.id, "destinationCidrBlock": to, **target},
    )


def peered() -> tuple[Net, Net, Made]:
    net, other = two("10.0.0.0/16", "10.1.0.0/16")
    return net, other, peer(net, other)


@known_or_not
def test_a_route_without_one_back_violates(judged: Judged, known: bool) -> None:
    net, other, peering = peered()
    route(net, other.cidr, vpcPeeringConnectionId=peering.id)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (peering.urn, Level.ADVISORY)
    assert "main has a route to other over peering, and other has none back" in found.message


@known_or_not
def test_through_a_transit_gateway_it_is_the_same(judged: Judged, known: bool) -> None:
    net, other = two("10.0.0.0/16", "10.1.0.0/16")
    gateway = attach(net, other)
    route(other, "10.0.0.0/8", transitGatewayId=gateway.id)

    (found,) = judged(net, known=known)

    assert (found.urn, "other has a route to main over hub" in found.message) == (
        gateway.urn,
        True,
    )


@known_or_not
def test_both_ways_or_none_are_fine(judged: Judged, known: bool) -> None:
    net, other, peering = peered()
    assert judged(net, known=known) == []
    route(net, other.cidr, vpcPeeringConnectionId=peering.id)
    route(other, net.cidr, vpcPeeringConnectionId=peering.id)
    assert judged(net, known=known) == []


def test_a_way_back_that_is_not_known_is_undecided(judged: Judged) -> None:
    net, other, peering = peered()
    route(net, other.cidr, vpcPeeringConnectionId=peering.id)
    route(other, Out(net.cidr, (net.vpc.urn,)), vpcPeeringConnectionId=peering.id)

    (found,) = judged(net)

    assert "Cannot be decided: whether other has a route back to main" in found.message
