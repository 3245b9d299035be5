"""What `ClusterAutoscalerPrerequisites` asks the engine for."""

from __future__ import annotations

from tests.components.controllers.controllers import AUTOSCALER
from tests.components.ecs.fargate import ACCOUNT, REGION


def test_it_scales_the_groups_of_its_own_cluster_only() -> None:
    statements = AUTOSCALER.policy()
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
