from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Joined
from tests.rules.networks import Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
def test_a_zone_of_its_clients_that_it_leaves_out_violates(judged: Judged, known: bool) -> None:
    net = Net(zones=("a", "b", "c"))
    endpoint = net.interface("ecr.dkr", subnetIds=[net.private["a"].id])
    net.service(subnets=[net.private["a"], net.private["c"]])

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (endpoint.urn, Level.ADVISORY)
    assert "stands in us-east-1a, and its clients also run in us-east-1c" in found.message


@known_or_not
def test_all_zones_of_its_clients_are_enough(judged: Judged, known: bool) -> None:
    net = Net(zones=("a", "b", "c"))
    net.interface("ecr.dkr", subnetIds=[net.private["a"].id])
    net.interface("logs", subnetIds=[net.private["b"].id])
    net.service(subnets=[net.private["a"]])

    assert judged(net, known=known) == []


def test_places_that_are_not_known_are_undecided(judged: Judged) -> None:
    net = Net()
    net.interface("ecr.dkr", subnetIds=Joined(tuple(one.id for one in net.private.values())))
    net.service()

    (found,) = judged(net)

    assert "Cannot be decided: which zones ecr.dkr stands in" in found.message
