from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from privatelane_rules._rule import Level
from tests.rules.networks import Net

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.programs import Made
    from tests.rules.conftest import Judged

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
FARGATE = "aws:eks/fargateProfile:FargateProfile"
ADDON = "aws:eks/addon:Addon"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
known_or_not = pytest.mark.parametrize("known", [False, True], ids=["unknown-ids", "known-ids"])


def isolated(*services: str) -> Net:
    """Subnets without a NAT, with the endpoints of a pull and some more."""
    net = Net(nat=False).endpoints()
    for service in services:
        net.interface(service)
    return net


def cluster(net: Net, **inputs: Any) -> Made:
    return net.program.add(
        CLUSTER,
        "main",
        {
            "name": "main",
            "vpcConfig": {"subnetIds": [one.id for one in net.private.values()]},
            **inputs,
        },
        outputs={"arn": "arn:aws:eks:us-east-1:123456789012:cluster/main"},
        identifier="main",
    )


def nodes(net: Net, of: Made, **inputs: Any) -> Made:
    subnets = [one.id for one in net.private.values()]
    return net.program.add(NODES, "nodes", {"clusterName": of.name, "subnetIds": subnets, **inputs})


def services(message: str) -> set[str]:
    lines = (line.strip() for line in message.splitlines())
    return {line.partition(" from ")[0] for line in lines if " from private-" in line}


@known_or_not
def test_nodes_without_endpoints_violate(judged: Judged, known: bool) -> None:
    net = Net(nat=False)
    made = nodes(net, cluster(net))

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (made.urn, Level.MANDATORY)
    assert services(found.message) == {"ecr.api", "ecr.dkr", "ecr.layers", "ec2", "sts"}


@known_or_not
def test_nodes_that_only_pull_do_not_start(judged: Judged, known: bool) -> None:
    net = isolated("sts")
    nodes(net, cluster(net))

    (found,) = judged(net, known=known)

    assert services(found.message) == {"ec2"}


@known_or_not
def test_nodes_with_their_endpoints_or_a_nat_are_fine(judged: Judged, known: bool) -> None:
    for net in (isolated("ec2", "sts"), Net()):
        nodes(net, cluster(net))
        assert judged(net, known=known) == []


def _agent(net: Net, of: Made) -> None:
    net.program.add(ADDON, "agent", {"clusterName": of.name, "addonName": "eks-pod-identity-agent"})


def _on_an_addon(net: Net, of: Made) -> None:
    identity = {"roleArn": "arn:aws:iam::1:role/x", "serviceAccount": "ebs"}
    inputs = {"addonName": "aws-ebs-csi-driver", "podIdentityAssociations": [identity]}
    net.program.add(ADDON, "ebs", {"clusterName": of.name, **inputs})


def _association(net: Net, of: Made) -> None:
    inputs = {"namespace": "app", "serviceAccount": "app", "roleArn": "arn:aws:iam::1:role/x"}
    net.program.add(ASSOCIATION, "app", {"clusterName": of.name, **inputs})


def _by_name(net: Net, of: Made) -> None:
    net.program.add(ADDON, "agent", {"clusterName": "main", "addonName": "eks-pod-identity-agent"})


@known_or_not
@pytest.mark.parametrize("identities", [_agent, _on_an_addon, _association, _by_name])
def test_pod_identity_needs_its_own_endpoint(judged: Judged, identities: Any, known: bool) -> None:
    for more, missing in (((), {"eks-auth"}), (("eks-auth",), set())):
        net = isolated("ec2", "sts", *more)
        made = cluster(net)
        nodes(net, made)
        identities(net, made)

        told = [services(one.message) for one in judged(net, known=known)]

        assert told == ([missing] if missing else [])


@known_or_not
def test_identities_of_another_cluster_are_no_need_of_this_one(judged: Judged, known: bool) -> None:
    net = isolated("ec2", "sts")
    nodes(net, cluster(net))
    net.program.add(ADDON, "agent", {"clusterName": "other", "addonName": "eks-pod-identity-agent"})

    assert judged(net, known=known) == []


@known_or_not
@pytest.mark.parametrize(
    ("kind", "missing"), [("AL2023_x86_64_STANDARD", []), ("BOTTLEROCKET_ARM_64", [{"eks"}])]
)
def test_bottlerocket_asks_eks_for_its_cluster(
    judged: Judged, kind: str, missing: list[set[str]], known: bool
) -> None:
    net = isolated("ec2", "sts")
    nodes(net, cluster(net), amiType=kind)

    assert [services(one.message) for one in judged(net, known=known)] == missing


@known_or_not
def test_auto_mode_is_judged_by_the_clusters_own_subnets(judged: Judged, known: bool) -> None:
    net = Net(nat=False)
    made = cluster(net, computeConfig={"enabled": True, "nodePools": ["general-purpose"]})

    (found,) = judged(net, known=known)

    assert (found.urn, found.level) == (made.urn, Level.MANDATORY)
    assert services(found.message) == {"ecr.api", "ecr.dkr", "ecr.layers", "ec2", "sts"}


@known_or_not
@pytest.mark.parametrize(
    ("compute", "level"),
    [
        ({"enabled": False}, []),
        ({"enabled": True, "nodePools": []}, [Level.ADVISORY]),
    ],
)
def test_auto_mode_without_built_in_pools_runs_nodes_wherever_its_classes_say(
    judged: Judged, compute: dict[str, Any], level: list[Level], known: bool
) -> None:
    net = Net(nat=False)
    cluster(net, computeConfig=compute)

    found = judged(net, known=known)

    assert [one.level for one in found] == level
    assert all("the subnets that the NodeClasses of main choose" in one.message for one in found)


@known_or_not
def test_a_fargate_profile_needs_sts_where_pods_have_roles(judged: Judged, known: bool) -> None:
    for role, missing in ((False, []), (True, [{"sts"}])):
        net = isolated()
        made = cluster(net)
        subnets = [one.id for one in net.private.values()]
        net.program.add(FARGATE, "pods", {"clusterName": made.name, "subnetIds": subnets})
        if role:
            issuer = net.program.entries[-2].made
            assert issuer.urn == made.urn
            net.program.add(
                "aws:iam/openIdConnectProvider:OpenIdConnectProvider", "oidc", {"url": made.id}
            )
        found = judged(net, known=known)
        assert [services(one.message) for one in found] == missing


def tags(*keys: object) -> Iterable[dict[str, object]]:
    return [{"key": key, "value": "owned", "propagateAtLaunch": True} for key in keys]


@known_or_not
def test_self_managed_nodes_are_known_by_their_tag(judged: Judged, known: bool) -> None:
    net = isolated("sts")
    made = cluster(net)
    _agent(net, made)
    subnets = [one.id for one in net.private.values()]
    template = net.program.add("aws:ec2/launchTemplate:LaunchTemplate", "lt", {}, identifier="lt-1")
    for name, tag in (("mine", "kubernetes.io/cluster/main"), ("web", "Name")):
        inputs = {"vpcZoneIdentifiers": subnets, "launchTemplate": {"id": template.id}}
        net.program.add("aws:autoscaling/group:Group", name, {**inputs, "tags": tags(tag)})

    (found,) = judged(net, known=known)

    assert "mine cannot start" in found.message
    assert services(found.message) == {"ec2", "eks-auth"}


def test_subnets_that_are_not_known_are_undecided(judged: Judged) -> None:
    net = Net(nat=False)
    made = cluster(net)
    net.program.add(NODES, "nodes", {"clusterName": made.name, "subnetIds": net.vpc.id})

    (found,) = judged(net)

    assert found.level is Level.ADVISORY
    assert "Cannot be decided: whether nodes can pull its images" in found.message
