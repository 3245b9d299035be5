"""What `ClusterAutoscalerPrerequisites` asks the engine for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from privatelane.controllers.cluster_autoscaler import ClusterAutoscalerPrerequisites
from tests.components.ecs.fargate import ACCOUNT, REGION, Later
from tests.components.nodes import nodes
from tests.components.nodes.nodes import CLUSTER_ARN, policy, subnets

if TYPE_CHECKING:
    from tests.components.mocks import Run


def args(**given: Any) -> dict[str, Any]:
    network = subnets()
    del network["subnet_ids"]
    return {
        **network,
        "cluster_name": "main",
        "cluster_arn": CLUSTER_ARN,
        "group": "app",
        "region": REGION,
        **given,
    }


def made(*, preview: bool = False, **given: Any) -> Run:
    return nodes.deployed(ClusterAutoscalerPrerequisites, "cas", args(**given), preview=preview)


def test_it_is_a_role_and_an_association() -> None:
    result = made()
    assert result.counts() == {
        "ClusterAutoscalerPrerequisites": 1,
        "PodIdentityAssociation": 1,
        "Role": 1,
        "RolePolicy": 1,
    }
    assert result.the("PodIdentityAssociation").inputs == {
        "clusterName": "main",
        "namespace": "kube-system",
        "serviceAccount": "cluster-autoscaler",
        "roleArn": "arn:cas-controller",
        "tags": {"Name": "cas-controller-cluster-autoscaler"},
    }
    assert result.output("ClusterAutoscalerPrerequisites") == {"roleArn": "arn:cas-controller"}


def test_it_scales_the_groups_of_its_own_cluster_only() -> None:
    statements = policy(made(), "cas-controller")
    assert statements["ScaleOwnGroups"] == {
        "Sid": "ScaleOwnGroups",
        "Effect": "Allow",
        "Action": [
            "autoscaling:SetDesiredCapacity",
            "autoscaling:TerminateInstanceInAutoScalingGroup",
        ],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled": "true",
                "aws:ResourceTag/k8s.io/cluster-autoscaler/main": "owned",
            }
        },
    }
    assert statements["ReadManagedGroups"] == {
        "Sid": "ReadManagedGroups",
        "Effect": "Allow",
        "Action": "eks:DescribeNodegroup",
        "Resource": f"arn:aws:eks:{REGION}:{ACCOUNT}:nodegroup/main/*",
    }
    assert statements["ReadGroups"]["Action"] == [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
    ]
    assert len(statements) == 3


def test_a_preview_has_the_same_shape() -> None:
    assert made(preview=True).shape() == made().shape()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"private_services": {"app": "ec2,eks,eks-auth"}},
            (
                "group 'app' has no endpoint for autoscaling (need 'cluster-autoscaler'), and it"
                " has no NAT gateway; give Endpoints the needs cluster-autoscaler for this group"
            ),
        ),
        ({"identity": "irsa"}, "oidc_provider_arn is missing, identity 'irsa' needs it"),
    ],
)
def test_an_autoscaler_that_could_not_scale_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert nodes.refused(ClusterAutoscalerPrerequisites, "cas", args(**given)) == sentence


def test_a_check_that_waits_for_an_output_still_comes_before_the_rights() -> None:
    told, registered = nodes.refused_later(
        ClusterAutoscalerPrerequisites, "cas", args(private_services=Later({}))
    )
    assert told.startswith("group 'app' has no endpoint for autoscaling, ec2, eks (need 'cluster-")
    assert "aws:iam/rolePolicy:RolePolicy" not in {one.type for one in registered}
