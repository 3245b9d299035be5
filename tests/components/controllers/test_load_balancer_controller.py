"""What `LoadBalancerControllerPrerequisites` asks the engine for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from privatelane.controllers.load_balancer_controller import LoadBalancerControllerPrerequisites
from tests.components.ecs.fargate import REGION, Later
from tests.components.nodes import nodes
from tests.components.nodes.nodes import CLUSTER_ARN, policy, subnets

if TYPE_CHECKING:
    from tests.components.mocks import Run


def args(**given: Any) -> dict[str, Any]:
    network = subnets()
    del network["subnet_ids"]
    return {
        **network,
        "private_services": {"app": "ec2,eks-auth,elasticloadbalancing,sts"},
        "cluster_name": "main",
        "cluster_arn": CLUSTER_ARN,
        "group": "app",
        "region": REGION,
        **given,
    }


def made(*, preview: bool = False, **given: Any) -> Run:
    return nodes.deployed(
        LoadBalancerControllerPrerequisites, "lbc", args(**given), preview=preview
    )


def test_it_is_a_role_and_an_association() -> None:
    result = made()
    assert result.counts() == {
        "LoadBalancerControllerPrerequisites": 1,
        "PodIdentityAssociation": 1,
        "Role": 1,
        "RolePolicy": 1,
    }
    assert result.the("PodIdentityAssociation").inputs == {
        "clusterName": "main",
        "namespace": "kube-system",
        "serviceAccount": "aws-load-balancer-controller",
        "roleArn": "arn:lbc-controller",
        "tags": {"Name": "lbc-controller-aws-load-balancer-controller"},
    }
    assert result.output("LoadBalancerControllerPrerequisites") == {"roleArn": "arn:lbc-controller"}


def test_it_changes_the_load_balancers_of_its_own_cluster_only() -> None:
    statements = policy(made(), "lbc-controller")
    ours = {"StringEquals": {"aws:ResourceTag/elbv2.k8s.aws/cluster": "main"}}
    for sid in ("OwnGroups", "OwnLoadBalancers"):
        assert statements[sid]["Condition"] == ours
    for sid in ("MakeGroups", "MakeLoadBalancers"):
        assert statements[sid]["Condition"] == {
            "StringEquals": {"aws:RequestTag/elbv2.k8s.aws/cluster": "main"}
        }
    for sid in ("TagOwnGroups", "TagOwnLoadBalancers"):
        assert statements[sid]["Condition"] == {
            **ours,
            # The tag itself is never given to what belongs to another.
            "Null": {"aws:RequestTag/elbv2.k8s.aws/cluster": "true"},
        }
    assert statements["GroupsOfTheCluster"]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/kubernetes.io/cluster/main": "owned"}
    }


def test_what_has_no_condition_reads_or_is_listeners_and_targets() -> None:
    statements = policy(made(), "lbc-controller")
    assert len(statements) == 15
    assert {sid for sid, one in statements.items() if "Condition" not in one} == {
        "Find",
        "MakeGroupsInNetworks",
        "Listeners",
        "TagListeners",
        "Targets",
    }
    assert all(
        action.split(":")[1].startswith(("Describe", "Get"))
        for action in statements["Find"]["Action"]
    )
    assert statements["TagListeners"]["Resource"] == [
        "arn:aws:elasticloadbalancing:*:*:listener/net/*/*/*",
        "arn:aws:elasticloadbalancing:*:*:listener/app/*/*/*",
        "arn:aws:elasticloadbalancing:*:*:listener-rule/net/*/*/*/*",
        "arn:aws:elasticloadbalancing:*:*:listener-rule/app/*/*/*/*",
    ]


def test_arns_are_those_of_the_clusters_partition() -> None:
    groups = policy(made(cluster_arn="arn:aws-cn:eks:cn-north-1:1:cluster/main"), "lbc-controller")
    assert groups["OwnGroups"]["Resource"] == "arn:aws-cn:ec2:*:*:security-group/*"


def test_a_preview_has_the_same_shape() -> None:
    assert made(preview=True).shape() == made().shape()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"private_services": {"app": "ec2,eks,eks-auth"}},
            (
                "group 'app' has no endpoint for elasticloadbalancing (need"
                " 'load-balancer-controller'), and it has no NAT gateway; give Endpoints the needs"
                " load-balancer-controller for this group"
            ),
        ),
        ({"identity": "irsa"}, "oidc_provider_arn is missing, identity 'irsa' needs it"),
    ],
)
def test_a_controller_that_could_not_make_load_balancers_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert nodes.refused(LoadBalancerControllerPrerequisites, "lbc", args(**given)) == sentence


def test_a_check_that_waits_for_an_output_still_comes_before_the_rights() -> None:
    told, registered = nodes.refused_later(
        LoadBalancerControllerPrerequisites, "lbc", args(private_services=Later({}))
    )
    assert "ec2, elasticloadbalancing (need 'load-balancer-controller')" in told
    assert "aws:iam/rolePolicy:RolePolicy" not in {one.type for one in registered}
