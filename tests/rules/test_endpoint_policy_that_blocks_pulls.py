from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from privatelane_rules._rule import Level
from tests.programs import Out
from tests.rules.networks import EVERYBODY, LIMITED, Net

if TYPE_CHECKING:
    from tests.rules.conftest import Judged

known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


def allowing(action: str, resource: str, principal: object = "*") -> str:
    return json.dumps(
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": principal,
                    "Action": action,
                    "Resource": resource,
                }
            ]
        }
    )


def node_group(net: Net) -> None:
    net.program.add(
        "aws:eks/nodeGroup:NodeGroup",
        "nodes",
        {"clusterName": "main", "subnetIds": [net.private["a"].id]},
    )


@known_or_not
def test_an_s3_policy_without_the_layer_bucket_violates(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.api")
    net.interface("ecr.dkr")
    endpoint = net.s3(policy=allowing("s3:*", "arn:aws:s3:::my-bucket/*"))

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (endpoint.urn, Level.MANDATORY)
    assert "The policy of s3 refuses the layers of images" in found.message


@known_or_not
def test_an_ecr_policy_that_lets_nobody_log_in_violates(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    endpoint = net.interface("ecr.api", policy=allowing("ecr:BatchGetImage", "*"))

    (found,) = judged(net, known=known)

    assert found.urn == endpoint.urn


@known_or_not
def test_a_policy_for_ones_own_repositories_keeps_add_ons_from_nodes(
    judged: Judged, known: bool
) -> None:
    net = Net(zones=("a",))
    own = "arn:aws:ecr:us-east-1:123456789012:repository/*"
    endpoint = net.interface("ecr.dkr", policy=allowing("ecr:*", own))
    assert judged(net, known=known) == []
    node_group(net)

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (endpoint.urn, Level.MANDATORY)
    assert "refuses EKS add-ons" in found.message


@known_or_not
@pytest.mark.parametrize(
    ("key", "refused"), [("aws:ResourceOrgID", True), ("aws:PrincipalOrgID", False)]
)
def test_add_ons_belong_to_no_organisation_but_nodes_do(
    judged: Judged, key: str, refused: bool, known: bool
) -> None:
    net = Net(zones=("a",))
    policy = json.loads(allowing("*", "*"))
    policy["Statement"][0]["Condition"] = {"StringEquals": {key: "o-1"}}
    net.interface("ecr.dkr", policy=json.dumps(policy))
    node_group(net)

    assert bool(judged(net, known=known)) is refused


@known_or_not
@pytest.mark.parametrize("policy", [None, EVERYBODY, LIMITED], ids=["default", "full", "limited"])
def test_policies_that_let_layers_through_are_fine(
    judged: Judged, policy: str | None, known: bool
) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.api", policy=None)
    net.interface("ecr.dkr", policy=None)
    net.s3(policy=policy)

    assert judged(net, known=known) == []


@known_or_not
def test_where_no_images_are_pulled_a_narrow_s3_policy_is_fine(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    net.s3(policy=allowing("s3:*", "arn:aws:s3:::my-bucket/*"))

    assert judged(net, known=known) == []


@known_or_not
def test_a_policy_of_its_own_resource_counts(judged: Judged, known: bool) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.api")
    endpoint = net.s3(policy=None)
    net.program.add(
        "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
        "s3",
        {
            "vpcEndpointId": endpoint.id,
            "policy": allowing("s3:*", "arn:aws:s3:::my-bucket/*"),
        },
    )

    assert [one.urn for one in judged(net, known=known)] == [endpoint.urn]


def test_a_policy_that_is_not_known_is_undecided(judged: Judged) -> None:
    net = Net(zones=("a",))
    net.interface("ecr.api")
    net.s3(policy=Out(EVERYBODY, (net.vpc.urn,)))

    (found,) = judged(net)

    assert "Cannot be decided: whether the policy of s3 allows the layers" in found.message
