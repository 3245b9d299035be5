from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Out
from tests.rules.networks import Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])
LOG = "aws:ec2/flowLog:FlowLog"


@known_or_not
def test_a_vpc_without_one_violates(judged: Judged, known: bool) -> None:
    net = Net().flow_log()
    other = Net(name="other", cidr="10.1.0.0/16", program=net.program)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (other.vpc.urn, Level.ADVISORY)


@known_or_not
def test_a_flow_log_on_the_vpc_or_on_every_subnet_is_enough(judged: Judged, known: bool) -> None:
    assert judged(Net().flow_log(), known=known) == []
    net = Net(zones=("a",))
    for subnet in (net.private["a"], net.public["a"]):
        net.program.add(LOG, subnet.urn.rpartition("::")[2], {"subnetId": subnet.id})
    assert judged(net, known=known) == []


def test_a_flow_log_of_one_of_two_vpcs_is_undecided(judged: Judged) -> None:
    net = Net()
    other = Net(name="other", cidr="10.1.0.0/16", program=net.program)
    one_of = Out(net.vpc.id.value, (net.vpc.urn, other.vpc.urn))
    net.program.add(LOG, "log", {"vpcId": one_of})

    found = judged(net)

    assert {one.urn for one in found} == {net.vpc.urn, other.vpc.urn}
    assert all("Cannot be decided" in one.message for one in found)
