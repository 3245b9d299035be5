from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out
from tests.rules.networks import GROUP, Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def group(net: Net, name: str, *ingress: dict[str, object]) -> Made:
    return net.program.add(GROUP, name, {"vpcId": net.vpc.id, "ingress": list(ingress)})


def https(**peer: object) -> dict[str, object]:
    return {"protocol": "tcp", "fromPort": 443, "toPort": 443, **peer}


@known_or_not
def test_a_group_that_admits_nobody_violates(judged: Judged, known: bool) -> None:
    net = Net()
    closed = group(net, "closed", https(cidrBlocks=["192.168.0.0/16"]))
    endpoint = net.interface("ecr.api", securityGroupIds=[closed.id])

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (endpoint.urn, Level.MANDATORY)
    assert "admit HTTPS from no subnet of its VPC" in found.message


@known_or_not
def test_a_group_that_turns_away_a_workload_violates(judged: Judged, known: bool) -> None:
    net = Net()
    other = group(net, "other")
    only_other = group(net, "only-other", https(securityGroups=[other.id]))
    net.interface("ecr.api", securityGroupIds=[only_other.id])
    net.service()

    (found,) = judged(net, known=known)

    assert "do not admit HTTPS from app in private-a, private-b" in found.message


@known_or_not
def test_a_rule_for_the_workloads_own_group_admits_it(judged: Judged, known: bool) -> None:
    net = Net()
    narrow = group(net, "narrow")
    net.interface("ecr.api", securityGroupIds=[narrow.id])
    net.service()
    tasks = next(one.made for one in net.program.entries if one.name == "app-tasks")
    net.program.add(
        INGRESS,
        "from-tasks",
        {
            "securityGroupId": narrow.id,
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "referencedSecurityGroupId": tasks.id,
        },
    )

    assert judged(net, known=known) == []


@known_or_not
def test_open_endpoints_and_endpoints_for_one_group_of_subnets_are_fine(
    judged: Judged, known: bool
) -> None:
    net = Net().endpoints()
    narrow = group(net, "narrow", https(cidrBlocks=["10.0.128.0/24"]))
    net.interface("logs", securityGroupIds=[narrow.id])

    assert judged(net, known=known) == []


def test_rules_that_are_not_known_are_undecided(judged: Judged) -> None:
    net = Net()
    odd = net.program.add(GROUP, "odd", {"vpcId": net.vpc.id, "ingress": Out([], (net.vpc.urn,))})
    net.interface("ecr.api", securityGroupIds=[odd.id])
    net.service()

    (found,) = judged(net)

    assert found.level is Level.ADVISORY
    assert "Cannot be decided: whether ecr.api admits app" in found.message
    assert "ingress of odd" in found.message
