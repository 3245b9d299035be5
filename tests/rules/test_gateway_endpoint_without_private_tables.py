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
@pytest.mark.parametrize("tables", [None, []], ids=["left-out", "empty"])
def test_an_endpoint_on_no_table_violates(judged: Judged, tables: object, known: bool) -> None:
    net = Net()
    endpoint = net.s3(routeTableIds=tables)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (endpoint.urn, Level.ADVISORY)
    assert "s3 is on no route table" in found.message


@known_or_not
def test_an_endpoint_on_public_tables_only_violates(judged: Judged, known: bool) -> None:
    net = Net()
    net.s3(routeTableIds=[net.public_table.id])

    (found,) = judged(net, known=known)

    assert "s3 is only on public, whose subnets are public" in found.message


@known_or_not
def test_a_private_table_among_them_is_enough(judged: Judged, known: bool) -> None:
    net = Net()
    net.s3(routeTableIds=[net.public_table.id, net.table.id])

    assert judged(net, known=known) == []


@known_or_not
def test_an_association_resource_puts_it_on_a_table(judged: Judged, known: bool) -> None:
    net = Net()
    endpoint = net.s3(routeTableIds=None)
    net.program.add(
        "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        "s3",
        {"vpcEndpointId": endpoint.id, "routeTableId": net.table.id},
    )

    assert judged(net, known=known) == []


def test_tables_that_are_not_known_are_undecided(judged: Judged) -> None:
    net = Net()
    net.s3(routeTableIds=Joined((net.table.id, net.public_table.id)))

    (found,) = judged(net)

    assert "Cannot be decided: which route tables s3 is on" in found.message
