from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Joined, Out
from tests.rules.networks import ENDPOINT, ROUTE, SUBNET, Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
def test_a_private_subnet_behind_a_nat_violates(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))

    (found,) = judged(net, known=known)

    assert found.level is Level.MANDATORY
    assert found.urn == net.private["a"].urn
    assert "private-a reaches ecr.api, ecr.dkr, ecr.layers, s3 through a NAT" in found.message
    assert "subnet private-a -> route table private (association)" in found.message
    assert "NAT gateway nat" in found.message
    assert "create a gateway endpoint for com.amazonaws.us-east-1.s3" in found.message


@known_or_not
def test_each_private_subnet_is_reported_once(judged: Judged, known: bool) -> None:
    net = Net(zones=("a", "b", "c"))

    assert [one.urn for one in judged(net, known=known)] == [
        net.private[zone].urn for zone in ("a", "b", "c")
    ]


@known_or_not
def test_with_all_three_endpoints_nothing_is_found(judged: Judged, known: bool) -> None:
    assert judged(Net().endpoints(), known=known) == []


@known_or_not
def test_without_the_s3_endpoint_the_layers_leave_through_the_nat(
    judged: Judged, known: bool
) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.api")
    net.interface("ecr.dkr")

    (found,) = judged(net, known=known)

    assert "private-a reaches ecr.layers, s3 through a NAT" in found.message


@known_or_not
def test_an_endpoint_on_another_table_is_named_with_the_reason(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.api")
    net.interface("ecr.dkr", privateDnsEnabled=False)
    net.s3(routeTableIds=[net.public_table.id])

    (found,) = judged(net, known=known)

    assert "s3, because it is on public, not on private" in found.message
    assert "ecr.dkr, because its private DNS is off" in found.message
    assert "put gateway endpoint s3 on route table private" in found.message


def test_only_the_configured_services_are_judged(judged: Judged) -> None:
    (found,) = judged(Net(zones=("a",)), services=["logs"])

    assert "private-a reaches logs through a NAT" in found.message


@known_or_not
def test_public_and_isolated_subnets_are_not_its_business(judged: Judged, known: bool) -> None:
    assert judged(Net(nat=False), known=known) == []


def test_what_cannot_be_decided_is_left_to_the_other_rule(judged: Judged) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.api")
    net.interface("ecr.dkr")
    net.s3(routeTableIds=Joined((net.table.id, net.public_table.id)))

    assert judged(net) == []


def test_no_unknown_value_anywhere_makes_a_violation_advisory(judged: Judged) -> None:
    """The SDK turns a mandatory rule that touches an unknown value into a note; this one is not."""
    net = Net(zones=("a",))
    somewhere = Out("nowhere", (net.vpc.urn,))
    net.program.add(SUBNET, "odd", dict.fromkeys(("vpcId", "cidrBlock", "tags"), somewhere))
    net.program.add(ROUTE, "odd", {"routeTableId": somewhere, "destinationCidrBlock": somewhere})
    net.program.add(
        ENDPOINT,
        "odd",
        dict.fromkeys(("vpcEndpointType", "serviceName", "policy", "privateDnsEnabled"), somewhere),
    )

    assert {one.level for one in judged(Net(zones=("a",)))} == {Level.MANDATORY}
    assert all(one.level is Level.MANDATORY for one in judged(net))
