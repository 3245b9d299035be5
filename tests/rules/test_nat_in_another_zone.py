from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Out
from tests.rules.networks import NAT, ROUTE, TABLE, Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
def test_a_nat_of_another_zone_violates(judged: Judged, known: bool) -> None:
    net = Net()

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (net.private["b"].urn, Level.ADVISORY)
    assert "private-b is in us-east-1b, and its NAT gateway nat in us-east-1a" in found.message


@known_or_not
def test_one_of_its_own_zone_or_a_regional_one_is_fine(judged: Judged, known: bool) -> None:
    assert judged(Net(zones=("a",)), known=known) == []
    net = Net(nat=False)
    nat = net.program.add(NAT, "nat", {"availabilityMode": "regional", "vpcId": net.vpc.id})
    net.program.add(
        ROUTE,
        "out",
        {
            "routeTableId": net.table.id,
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": nat.id,
        },
    )
    assert judged(net, known=known) == []


def test_a_nat_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net(zones=("a", "b"), nat=False)
    nats = [
        net.program.add(NAT, f"nat-{zone}", {"subnetId": subnet.id})
        for zone, subnet in net.public.items()
    ]
    picked = Out(nats[0].id.value, tuple(one.urn for one in nats))
    net.program.add(
        ROUTE,
        "out",
        {
            "routeTableId": net.table.id,
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": picked,
        },
    )

    found = judged(net)

    assert [one.urn for one in found] == [one.urn for one in net.private.values()]
    assert "which of nat-a, nat-b natGatewayId of out names" in found[0].message


def test_without_a_default_route_there_is_no_nat_to_be_elsewhere(judged: Judged) -> None:
    net = Net(nat=False)
    net.program.add(TABLE, "spare", {"vpcId": net.vpc.id})

    assert judged(net) == []
