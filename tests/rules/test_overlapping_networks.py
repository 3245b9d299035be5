from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.rules.networks import Net

if TYPE_CHECKING:
    from tests.programs import Made
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
ATTACHMENT = "aws:ec2transitgateway/vpcAttachment:VpcAttachment"


def two(first: str, second: str) -> tuple[Net, Net]:
    net = Net(zones=("a",), cidr=first)
    return net, Net(zones=("a",), cidr=second, name="other", program=net.program)


def peer(net: Net, other: Net) -> Made:
    return net.program.add(
        PEERING,
        "peering",
        {"vpcId": net.vpc.id, "peerVpcId": other.vpc.id, "autoAccept": True},
    )


def attach(*nets: Net) -> Made:
    program = nets[0].program
    gateway = program.add("aws:ec2transitgateway/transitGateway:TransitGateway", "hub", {})
    for net in nets:
        program.add(
            ATTACHMENT,
            net.name,
            {
                "transitGatewayId": gateway.id,
                "vpcId": net.vpc.id,
                "subnetIds": [net.private["a"].id],
            },
        )
    return gateway


@known_or_not
def test_peered_networks_that_overlap_violate(judged: Judged, known: bool) -> None:
    net, other = two("10.0.0.0/16", "10.0.64.0/18")
    peering = peer(net, other)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (peering.urn, Level.ADVISORY)
    assert "10.0.0.0/16 of main and 10.0.64.0/18 of other" in found.message


@known_or_not
def test_networks_on_one_transit_gateway_that_overlap_violate(judged: Judged, known: bool) -> None:
    net, other = two("10.0.0.0/16", "10.0.0.0/16")
    gateway = attach(net, other)

    assert [one.urn for one in judged(net, known=known)] == [gateway.urn]


@known_or_not
def test_distinct_networks_and_unconnected_ones_are_fine(judged: Judged, known: bool) -> None:
    net, other = two("10.0.0.0/16", "10.1.0.0/16")
    peer(net, other)
    attach(net, other)
    assert judged(net, known=known) == []
    apart, _ = two("10.0.0.0/16", "10.0.0.0/16")
    assert judged(apart, known=known) == []


def test_ranges_of_a_network_of_another_stack_are_undecided(judged: Judged) -> None:
    net = Net(zones=("a",))
    net.program.add(
        PEERING, "peering", {"vpcId": net.vpc.id, "peerVpcId": "vpc-0far", "autoAccept": True}
    )

    (found,) = judged(net)

    assert "Cannot be decided: whether main and vpc-0far overlap" in found.message
