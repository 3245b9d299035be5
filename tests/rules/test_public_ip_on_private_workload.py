from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Out
from tests.rules.networks import SUBNET, Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
def test_tasks_with_public_addresses_in_private_subnets_violate(
    judged: Judged, known: bool
) -> None:
    net = Net()
    service = net.service(assignPublicIp=True)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (service.urn, Level.ADVISORY)
    assert "app asks for public addresses in private-a, private-b" in found.message


@known_or_not
def test_a_private_subnet_that_hands_them_out_violates(judged: Judged, known: bool) -> None:
    net = Net()
    subnet = net.program.add(
        SUBNET,
        "odd",
        {"vpcId": net.vpc.id, "cidrBlock": "10.0.200.0/24", "mapPublicIpOnLaunch": True},
    )

    assert [one.urn for one in judged(net, known=known)] == [subnet.urn]


@known_or_not
def test_public_addresses_in_public_subnets_and_none_in_private_ones_are_fine(
    judged: Judged, known: bool
) -> None:
    net = Net()
    net.service()
    net.service(name="web", subnets=list(net.public.values()), assignPublicIp=True)

    assert judged(net, known=known) == []


def test_a_value_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net()
    net.service(assignPublicIp=Out(True, (net.vpc.urn,)))

    (found,) = judged(net)

    assert "Cannot be decided: whether app gets public addresses" in found.message
