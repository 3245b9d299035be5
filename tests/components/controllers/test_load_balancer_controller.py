"""What `LoadBalancerControllerPrerequisites` asks the engine for."""

from __future__ import annotations

from tests.components.controllers.controllers import LOAD_BALANCER_CONTROLLER


def test_it_changes_the_load_balancers_of_its_own_cluster_only() -> None:
    statements = LOAD_BALANCER_CONTROLLER.policy()
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
    statements = LOAD_BALANCER_CONTROLLER.policy()
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
    groups = LOAD_BALANCER_CONTROLLER.policy(cluster_arn="arn:aws-cn:eks:cn-north-1:1:cluster/main")
    assert groups["OwnGroups"]["Resource"] == "arn:aws-cn:ec2:*:*:security-group/*"
