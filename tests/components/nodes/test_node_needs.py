"""What compute of a cluster needs of the network; nodes start exactly where that is met."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane import fargate_profile_needs, node_group_needs
from privatelane._invalid import InvalidInput
from privatelane._needs import NEEDS, services_needed
from privatelane._placement import EGRESS
from privatelane.nodes._ami_types import AMI_TYPES
from privatelane.nodes._node_place import NodePlace, place_nodes

SERVICES = sorted(services_needed(NEEDS))


@pytest.mark.parametrize(
    ("args", "needs"),
    [
        ({"instance_types": ["m7g.large"]}, {"eks-node"}),
        (
            {"instance_types": ["m7g.large"], "ami_type": "BOTTLEROCKET_ARM_64"},
            {"eks-bottlerocket"},
        ),
        (
            {"instance_types": ["g6.xlarge"], "session": True, "uses": ["s3", "sqs"]},
            {"eks-node", "session", "s3", "sqs"},
        ),
    ],
)
def test_nodes_need_what_their_system_calls_and_what_is_asked_for(
    args: dict[str, Any], needs: set[str]
) -> None:
    assert node_group_needs(args) == needs


@pytest.mark.parametrize(
    ("args", "services"),
    [
        ({"instance_types": ["m7g.large"]}, "ec2 ecr.api ecr.dkr s3 sts"),
        (
            {"instance_types": ["m7g.large"], "ami_type": "BOTTLEROCKET_ARM_64"},
            "ec2 ecr.api ecr.dkr eks s3 ssm sts",
        ),
    ],
)
def test_the_endpoints_of_nodes_are_these(args: dict[str, Any], services: str) -> None:
    assert sorted(services_needed(node_group_needs(args))) == services.split()


def test_pods_on_fargate_need_these() -> None:
    assert fargate_profile_needs({"uses": ["dynamodb"]}) == {"eks-fargate", "dynamodb"}
    assert sorted(services_needed(fargate_profile_needs({}))) == [
        *("ecr.api", "ecr.dkr", "logs", "s3", "sts")
    ]


@given(name=st.sampled_from(sorted(AMI_TYPES)))
def test_the_system_alone_decides_between_the_two_sets(name: str) -> None:
    ami = AMI_TYPES[name]
    types = {
        ("x86_64", None): "m7i.large",
        ("arm64", None): "m7g.large",
        ("x86_64", "NVIDIA"): "g6.xlarge",
        ("arm64", "NVIDIA"): "g5g.xlarge",
        ("x86_64", "NEURON"): "inf2.xlarge",
    }
    given_ = {"ami_type": name, "instance_types": [types[ami.architecture, ami.accelerator]]}
    assert node_group_needs(given_) == {"eks-bottlerocket" if ami.bottlerocket else "eks-node"}


@given(
    egress=st.sampled_from(EGRESS),
    private=st.frozensets(st.sampled_from(SERVICES)),
    needs=st.frozensets(st.sampled_from(sorted(NEEDS)), min_size=1, max_size=3),
)
def test_nodes_start_exactly_where_each_service_is_private_or_nat_leads_on(
    egress: str, private: frozenset[str], needs: frozenset[str]
) -> None:
    place = NodePlace("app", (), needs)
    missing = services_needed(needs) - private
    told = ""
    try:
        place.check_reach({"app": egress}, {"app": ",".join(sorted(private))})
    except InvalidInput as error:
        told = str(error)
    assert bool(told) == (egress == "internet-gateway" or (egress == "none" and bool(missing)))
    if egress == "none":
        named = told.partition("no endpoint for ")[2].partition(", and it has no NAT")[0]
        assert all(service in named for service in missing)


@given(
    zones=st.lists(st.integers(1, 6), unique=True, min_size=1),
    others=st.lists(st.integers(1, 6), unique=True),
)
def test_the_subnets_of_other_groups_never_matter(zones: list[int], others: list[int]) -> None:
    own = {f"app/use1-az{zone}": f"own-{zone}" for zone in zones}
    foreign = {f"apps/use1-az{zone}": f"foreign-{zone}" for zone in others}
    place = place_nodes({"group": "app"}, ["eks-node"])
    assert place.choose({**foreign, **own}) == place.choose(own)
    assert [*place.choose(own).values()] == [f"own-{zone}" for zone in sorted(zones)]


def test_zones_are_ids() -> None:
    with pytest.raises(InvalidInput, match="is a zone's name"):
        place_nodes({"group": "app", "zones": ["eu-west-1a"]}, ["eks-node"])
