from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Out
from tests.rules.networks import Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


@known_or_not
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"enableDnsHostnames": None}, "enableDnsHostnames off"),
        ({"enableDnsSupport": False}, "enableDnsSupport off"),
        (
            {"enableDnsSupport": False, "enableDnsHostnames": False},
            "enableDnsSupport and enableDnsHostnames off",
        ),
    ],
)
def test_a_missing_attribute_violates_where_private_dns_needs_it(
    judged: Judged, given: dict[str, object], named: str, known: bool
) -> None:
    net = Net(zones=("a",), vpc_args=given)
    net.interface("ecr.api")

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (net.vpc.urn, Level.MANDATORY)
    assert f"main has {named}" in found.message
    assert "ecr.api" in found.message


@known_or_not
def test_a_private_zone_needs_them_as_well(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",), vpc_args={"enableDnsHostnames": False})
    net.program.add(
        "aws:route53/zone:Zone", "corp", {"name": "corp", "vpcs": [{"vpcId": net.vpc.id}]}
    )

    (found,) = judged(net, known=known)

    assert "its private hosted zones" in found.message


@known_or_not
def test_with_both_or_without_any_need_it_is_fine(judged: Judged, known: bool) -> None:
    assert judged(Net().endpoints(), known=known) == []
    assert judged(Net(vpc_args={"enableDnsHostnames": None}), known=known) == []


def test_a_value_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net(zones=("a",), vpc_args={"enableDnsHostnames": Out(True, ("urn:a::b::c:d:E::f",))})
    net.interface("ecr.api")

    (found,) = judged(net)

    assert "Cannot be decided: whether main has the DNS attributes" in found.message
