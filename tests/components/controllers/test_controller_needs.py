"""What controllers need of the network: their own calls, their credentials, and their nodes."""

from __future__ import annotations

from privatelane import (
    cluster_autoscaler_needs,
    karpenter_needs,
    load_balancer_controller_needs,
)
from privatelane._needs import services_needed


def test_karpenter_needs_its_own_and_its_nodes_endpoints() -> None:
    assert karpenter_needs({}) == {"karpenter", "eks-node", "eks-pod-identity"}
    assert karpenter_needs(
        {"identity": "irsa", "node_system": "bottlerocket", "session": True}
    ) == {"karpenter", "eks-bottlerocket", "eks-irsa", "session"}
    assert sorted(services_needed(karpenter_needs({}))) == [
        *("ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "s3", "sqs", "ssm", "sts")
    ]


def test_the_autoscaler_needs_its_own_and_its_credentials() -> None:
    assert cluster_autoscaler_needs({}) == {"cluster-autoscaler", "eks-pod-identity"}
    assert cluster_autoscaler_needs({"identity": "irsa"}) == {"cluster-autoscaler", "eks-irsa"}
    assert load_balancer_controller_needs({}) == {"load-balancer-controller", "eks-pod-identity"}
