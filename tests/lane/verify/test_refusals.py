"""What nobody may read is unknown: a refused call never turns a verdict into another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lane.sources.calls import CALLS, Call
from lane.sources.describe import Answers, network_of
from privatelane_paths import Lane, judge
from privatelane_paths.verdicts import LaneKind, Verdict
from tests.lane.verify.saved import network
from tests.lane.verify.test_old_answers import HUB, REGION, Records, modern, place, shared

MANDATORY = [one for one in CALLS if one.live and not one.optional]


def private() -> tuple[Answers, ...]:
    """A network whose images come by endpoints, beside a NAT gateway for all the rest."""
    answers: Records = network()
    answers["SecurityGroups"] = [
        {
            "GroupId": "sg-1",
            "VpcId": "vpc-a",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
                }
            ],
            "IpPermissionsEgress": [],
        }
    ]
    answers["VpcEndpoints"] += [
        {
            "VpcEndpointId": f"vpce-{name}",
            "VpcId": "vpc-a",
            "VpcEndpointType": "Interface",
            "ServiceName": f"com.amazonaws.{REGION}.{name}",
            "State": "available",
            "SubnetIds": ["subnet-aapp"],
            "Groups": [{"GroupId": "sg-1"}],
            "PrivateDnsEnabled": True,
        }
        for name in ("ecr.api", "ecr.dkr")
    ]
    answers["VpcAttributes"] = [
        {
            "VpcId": "vpc-a",
            "EnableDnsSupport": {"Value": True},
            "EnableDnsHostnames": {"Value": True},
        }
    ]
    return (place(answers, HUB),)


def judged(places: tuple[Answers, ...]) -> dict[tuple[str, str], Lane]:
    return {(one.subnet, one.service): one for one in judge(network_of(places))}


def refused(one: Answers, call: Call) -> Answers:
    records = {key: found for key, found in one.records.items() if key != call.key}
    unread = {**one.unread, call.key: f"{call.service}:{call.operation} was refused: AccessDenied"}
    return Answers(one.account, one.region, records, unread)


def apart() -> tuple[Answers, ...]:
    """Two accounts, one behind the other's NAT gateway, without endpoints."""
    hub, spoke = shared()
    return replace(hub, records={**hub.records, "VpcEndpoints": []}), spoke


NETWORKS = {"private": private(), "leaky": (place(modern(), HUB),), "apart": apart()}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("call", MANDATORY, ids=lambda call: call.key)
def test_a_refused_call_leaves_a_lane_as_it_was_or_unknown(name: str, call: Call) -> None:
    whole = NETWORKS[name]
    before = judged(whole)
    assert Verdict.UNKNOWN not in {one.verdict for one in before.values()}

    for account in range(len(whole)):
        after = judged(
            tuple(refused(one, call) if at == account else one for at, one in enumerate(whole))
        )
        assert {
            key: (before[key].kind, lane.kind, lane.reason)
            for key, lane in after.items()
            if lane.verdict not in (before[key].verdict, Verdict.UNKNOWN)
        } == {}
        if call.key != "Subnets":
            assert after.keys() == before.keys()


@pytest.mark.parametrize(
    "key",
    [
        "VpcEndpoints",
        "RouteTables",
        "ResolverRules",
        "ResolverRuleAssociations",
        "ProfileAssociations",
        "ProfileResourceAssociations",
        "VpcAttributes",
    ],
)
def test_what_a_proof_hangs_on_is_no_proof_without_it(key: str) -> None:
    (call,) = (one for one in MANDATORY if one.key == key)
    whole = private()
    assert judged(whole)["subnet-aapp", "ecr.dkr"].kind is LaneKind.INTERFACE_ENDPOINT
    after = judged(tuple(refused(one, call) for one in whole))
    assert after["subnet-aapp", "ecr.dkr"].kind is LaneKind.UNKNOWN
