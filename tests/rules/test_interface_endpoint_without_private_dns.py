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
@pytest.mark.parametrize("private_dns", [False, None], ids=["off", "left-out"])
def test_private_dns_off_violates(judged: Judged, private_dns: object, known: bool) -> None:
    net = Net(zones=("a",))
    endpoint = net.interface("ecr.dkr", privateDnsEnabled=private_dns)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (endpoint.urn, Level.ADVISORY)
    assert "endpoint for com.amazonaws.us-east-1.ecr.dkr with private DNS off" in found.message


@known_or_not
def test_private_dns_on_is_fine_in_either_spelling(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.api")
    endpoint = net.interface("ecr.dkr", privateDnsEnabled=None)
    net.program.add(
        "aws:vpc/endpointPrivateDns:EndpointPrivateDns",
        "ecr.dkr",
        {"vpcEndpointId": endpoint.id, "privateDnsEnabled": True},
    )

    assert judged(net, known=known) == []


@known_or_not
def test_a_private_zone_that_names_the_endpoint_stands_for_private_dns(
    judged: Judged, known: bool
) -> None:
    net = Net(zones=("a",))
    endpoint = net.interface("ecr.api", privateDnsEnabled=False)
    zone = net.program.add(
        "aws:route53/zone:Zone",
        "ecr",
        {"name": "api.ecr.us-east-1.amazonaws.com", "vpcs": [{"vpcId": net.vpc.id}]},
        identifier="Z0123",
    )
    name = f"{endpoint.id.value}-abc.api.ecr.us-east-1.vpce.amazonaws.com"
    net.program.add(
        "aws:route53/record:Record",
        "ecr",
        {
            "zoneId": zone.id,
            "name": "",
            "type": "A",
            "aliases": [{"name": Out(name, (endpoint.urn,)), "zoneId": "Z1", "x": True}],
        },
    )

    assert judged(net, known=known) == []


@known_or_not
def test_services_without_private_dns_or_beside_a_gateway_are_left_alone(
    judged: Judged, known: bool
) -> None:
    net = Net(zones=("a",))
    net.s3()
    net.interface("dynamodb", privateDnsEnabled=False)
    net.interface("s3-inbound", privateDnsEnabled=False, serviceName="com.amazonaws.us-east-1.s3")
    net.interface(
        "partner",
        privateDnsEnabled=False,
        serviceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123",
    )

    assert judged(net, known=known) == []


def test_a_value_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.dkr", privateDnsEnabled=Out(True, (net.vpc.urn,)))

    (found,) = judged(net)

    assert "Cannot be decided: whether ecr.dkr has private DNS" in found.message
