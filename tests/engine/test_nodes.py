"""Everything that runs pods, on the engine in one cluster: from the first preview to the end.

Managed groups of the reference stacks are followed by `test_eks.py`; here they run beside others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from privatelane import (
    ClusterAutoscalerPrerequisites,
    EksCluster,
    FargateProfile,
    KarpenterPrerequisites,
    NodeGroup,
    SelfManagedNodeGroup,
    cluster_autoscaler_needs,
    cluster_needs,
    fargate_profile_needs,
    karpenter_needs,
    node_group_needs,
)
from tests.engine.harness import ROOT
from tests.engine.inventory import inventory, kinds
from tests.engine.programs import ACCESS, CIDR_BLOCK, GROUP, ClosedNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.harness import Engine, Outcome

pytestmark = pytest.mark.engine

PACK = ROOT / "policies"
CLUSTER: dict[str, Any] = {
    "cluster_name": "harbour",
    "kubernetes_version": "1.34",
    "group": GROUP,
    "access": ACCESS,
    "deletion_protection": False,
}
MANAGED: dict[str, Any] = {"group": GROUP, "instance_types": ["m7g.large"], "labels": {"a": "1"}}
OWN_AMI: dict[str, Any] = {
    "group": GROUP,
    "instance_types": ["m7g.large"],
    "ami_type": "BOTTLEROCKET_ARM_64",
    "ami_id": "ami-0123456789abcdef0",
    "max_pods": 110,
}
SPOT: dict[str, Any] = {
    "group": GROUP,
    "instance_types": ["m7i.large", "m7a.large"],
    "capacity_type": "SPOT",
    "release_version": "1.34.1-20251112",
    "autoscaled": True,
    "max_size": 5,
}
PODS: dict[str, Any] = {"group": GROUP, "selectors": [{"namespace": "jobs"}]}


def program(**changes: dict[str, Any]) -> Callable[[], None]:
    """A cluster with all of them; `changes` are further arguments by the name of a component.

    A name that is no component's is a further managed group.
    """

    def run() -> None:
        needs = (
            cluster_needs(CLUSTER)
            | node_group_needs(MANAGED)
            | node_group_needs(OWN_AMI)
            | node_group_needs(SPOT)
            | fargate_profile_needs(PODS)
            | karpenter_needs({})
            | cluster_autoscaler_needs({})
        )
        closed = ClosedNetwork(needs)
        whole: Any = {**CLUSTER, **closed.place, "vpc_cidr_blocks": [CIDR_BLOCK]}
        cluster = EksCluster("harbour", whole, closed.ready)
        ready = pulumi.ResourceOptions(depends_on=cluster.before_nodes)
        member: Any = {
            **closed.place,
            "cluster_name": cluster.cluster_name,
            "kubernetes_version": cluster.kubernetes_version,
        }
        facts: Any = {
            "cluster_endpoint": cluster.cluster_endpoint,
            "certificate_authority": cluster.certificate_authority,
            "service_cidr": cluster.service_ipv4_cidr,
        }
        controlled: Any = {
            **closed.reach,
            "cluster_name": cluster.cluster_name,
            "cluster_arn": cluster.cluster_arn,
        }
        further = {
            name: {**MANAGED, **change}
            for name, change in changes.items()
            if name not in {"managed", "own-ami", "spot", "pods"}
        }
        groups: dict[str, Any] = {
            "managed": {**MANAGED, **changes.get("managed", {})},
            "own-ami": {**OWN_AMI, **facts, **changes.get("own-ami", {})},
            **further,
        }
        for name, group in groups.items():
            args: Any = {**member, **group}
            NodeGroup(name, args, ready)
        spot: Any = {
            **member,
            **facts,
            **SPOT,
            "cluster_security_group_id": cluster.cluster_security_group_id,
            **changes.get("spot", {}),
        }
        SelfManagedNodeGroup("spot", spot, ready)
        pods: Any = {
            **closed.place,
            "cluster_name": cluster.cluster_name,
            **PODS,
            **changes.get("pods", {}),
        }
        FargateProfile("pods", pods, ready)
        karpenter: Any = {**controlled, "groups": [GROUP]}
        KarpenterPrerequisites("karp", karpenter)
        autoscaler: Any = {**controlled, "group": GROUP}
        ClusterAutoscalerPrerequisites("cas", autoscaler)

    return run


def test_all_that_runs_pods_lives_from_preview_to_destroy(engine: Engine) -> None:
    stack = engine.stack(program())
    before = inventory(stack)

    previewed = stack.preview(policy_pack=PACK).expect_success()
    assert [one for one in previewed.violations if one.level == "mandatory"] == []
    created = stack.up(policy_pack=PACK).expect_success()
    assert created.listed("create") == previewed.listed("create")
    # With all ids known the plan is the same, and what AWS answers is what was asked for.
    assert stack.preview().expect_success().changes == []
    assert stack.refresh().expect_success().changes == []

    def changed(**changes: dict[str, Any]) -> Outcome:
        stack.program = program(**changes)
        foreseen = stack.preview().expect_success()
        done = stack.up().expect_success()
        for operation in ("create", "update", "replace", "delete"):
            assert done.listed(operation) == foreseen.listed(operation)
        return done

    # Templates get a new version, and their groups follow it in place.
    larger = {"disk_size_gib": 100}
    done = changed(managed=larger, **{"own-ami": larger, "spot": larger})
    assert done.of("update") == {
        *("managed-template", "managed-nodes"),
        *("own-ami-template", "own-ami-nodes"),
        *("spot-template", "spot-nodes"),
    }
    assert done.of("create", "replace", "delete") == set()

    # A further group comes without a change of the others, and goes in the same way.
    done = changed(managed=larger, **{"own-ami": larger, "spot": larger, "another": {}})
    assert done.of("create") == {
        *("another", "another-nodes", "another-template"),
        *("another-role", "another-role-worker", "another-role-pull"),
    }
    assert done.of("update", "replace", "delete") == set()

    # What EKS cannot change makes a new group beside the old one.
    other = {**larger, "instance_types": ["m8g.large"]}
    done = changed(managed=other, **{"own-ami": larger, "spot": larger})
    assert "managed-nodes" in done.of("replace")
    assert done.of("update") == set()

    assert stack.preview().expect_success().changes == []
    stack.destroy().expect_success()
    assert kinds(inventory(stack) - before) == {}
