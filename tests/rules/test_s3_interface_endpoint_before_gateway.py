from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Made, Out
from tests.rules.networks import Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


def s3_interface(net: Net, **args: object) -> Made:
    service = "com.amazonaws.us-east-1.s3"
    return net.interface("s3-interface", serviceName=service, **args)


@known_or_not
def test_private_dns_for_the_whole_vpc_violates(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    net.s3()
    endpoint = s3_interface(net)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (endpoint.urn, Level.ADVISORY)
    assert "none takes s3, which is free" in found.message


@known_or_not
def test_for_inbound_resolvers_only_is_fine(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    net.s3()
    s3_interface(net, dnsOptions={"privateDnsOnlyForInboundResolverEndpoint": True})

    assert judged(net, known=known) == []


@known_or_not
def test_without_private_dns_or_without_a_gateway_it_takes_nothing(
    judged: Judged, known: bool
) -> None:
    net = Net(zones=("a",))
    s3_interface(net)
    assert judged(net, known=known) == []
    other = Net(zones=("a",))
    other.s3()
    s3_interface(other, privateDnsEnabled=False)
    assert judged(other, known=known) == []


def test_an_option_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net(zones=("a",))
    net.s3()
    unknown = Out(True, (net.vpc.urn,))
    s3_interface(net, dnsOptions={"privateDnsOnlyForInboundResolverEndpoint": unknown})

    (found,) = judged(net)

    assert "Cannot be decided: whether s3-interface takes the traffic of s3" in found.message
