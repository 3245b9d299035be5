from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out
from tests.rules.networks import GROUP, IMAGE, SUBNET, Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
def test_an_isolated_subnet_without_endpoints_violates(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",), nat=False)
    service = net.service()

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (service.urn, Level.MANDATORY)
    assert "app cannot start" in found.message
    for flow in ("ecr.api", "ecr.dkr", "ecr.layers"):
        assert f"  {flow} from private-a: " in found.message


@known_or_not
def test_a_closed_endpoint_breaks_the_pull(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",)).endpoints()
    closed = net.program.add(GROUP, "closed", {"vpcId": net.vpc.id, "ingress": []})
    net.program.entries = [one for one in net.program.entries if one.name != "ecr.api"]
    net.interface("ecr.api", securityGroupIds=[closed.id])
    net.service()

    (found,) = judged(net, known=known)

    assert "ecr.api from private-a" in found.message
    assert "ecr.dkr" not in found.message


@known_or_not
def test_a_need_beside_the_image_counts_too(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",), nat=False).endpoints()
    net.service(containers=[{"image": IMAGE, "logConfiguration": {"logDriver": "awslogs"}}])

    (found,) = judged(net, known=known)

    assert "logs from private-a" in found.message
    assert "ecr" not in found.message.partition("\n")[2]


@known_or_not
def test_a_pull_by_endpoints_or_a_nat_works(judged: Judged, known: bool) -> None:
    for net in (Net(nat=False).endpoints(), Net()):
        net.service()
        assert judged(net, known=known) == []


def test_an_image_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net(nat=False)
    net.service(containers=Out("[]", (net.vpc.urn,)))

    (found,) = judged(net)

    assert found.level is Level.ADVISORY
    assert "Cannot be decided: whether app can pull its images" in found.message
    assert "containerDefinitions of app" in found.message


def test_a_dead_subnet_in_which_it_only_may_run_is_undecided(judged: Judged) -> None:
    """As awsx's lists of subnets, which depend on all subnets of the VPC."""
    net = Net(zones=("a",))
    island = net.program.add(SUBNET, "island", {"vpcId": net.vpc.id, "cidrBlock": "10.0.200.0/24"})
    both = (net.private["a"].urn, island.urn)
    net.service(subnets=[Made("", Out(net.private["a"].id.value, both), {})])

    (found,) = judged(net)

    assert found.level is Level.ADVISORY
    assert "which of island, private-a" in found.message
