"""Kubernetes on the engine: from the preview to the end, with an upgrade and changed nodes between.

The two stacks differ in who runs the nodes: EKS in Auto Mode, or managed node groups. Each lives
once, because a cluster's life is long; every step of it is asserted on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from privatelane import (
    EksCluster,
    FargateProfile,
    KarpenterPrerequisites,
    SelfManagedNodeGroup,
    cluster_needs,
    fargate_profile_needs,
    karpenter_needs,
    node_group_needs,
)
from tests.engine import report
from tests.engine.harness import ROOT
from tests.engine.inventory import inventory, kinds
from tests.engine.makespan import as_json, makespan, unavoidable
from tests.engine.programs import CIDR_BLOCK, GROUP, ClosedNetwork
from tests.engine.reference import edit, reference_stack
from tests.engine.test_makespan import GOAL
from tests.engine.test_one_truth import exported, live, proved

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.engine.harness import Engine, Outcome, Stack

pytestmark = pytest.mark.engine

PACK = ROOT / "policies"
CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
NODES = "aws:eks/nodeGroup:NodeGroup"
#: What nodes wait for, and what therefore outlives them.
BEFORE_NODES = ("eks-pod-identity-agent", "kube-proxy", "vpc-cni")
Config = dict[str, Any]


def cluster(config: Config) -> Config:
    part: Config = config["privatelane:eks"]["cluster"]
    return part


def nodes(config: Config, name: str) -> Config:
    part: Config = config["privatelane:eks"]["node_groups"][name]
    return part


def verdicts(outcome: Outcome) -> set[tuple[str, str, str]]:
    """The violations by policy, level and resource."""
    return {violation.verdict for violation in outcome.violations}


def changed(stack: Stack, change: Callable[[Config], None]) -> Outcome:
    """The preview of a changed configuration, which the update then keeps to."""
    edit(stack, change)
    previewed = stack.preview().expect_success()
    stack.forget_journal()
    updated = stack.up().expect_success()
    for op in ("create", "update", "replace", "delete"):
        assert updated.listed(op) == previewed.listed(op), op
    return updated


def done(stack: Stack, operation: str, *types: str) -> list[tuple[str, str]]:
    """What the provider did to resources of these types, in its order: (type, name)."""
    return [
        (entry.type, entry.urn.rsplit("::", 1)[-1])
        for entry in stack.journal()
        if entry.operation == operation and entry.type in types and not entry.preview
    ]


def begin(stack: Stack, tmp_path: Path, *hidden: str) -> Outcome:
    """Preview, update, no change, with one truth told all the while; what the update did."""
    previewed = stack.preview(policy_pack=PACK).expect_success()
    for mode in hidden:
        with stack.nested_unknowns(mode):
            other = stack.preview(policy_pack=PACK).expect_success()
        assert other.listed("create") == previewed.listed("create")
        assert set(other.violations) == set(previewed.violations)
    before = proved(stack.preview_json(), tmp_path / "preview.json")

    created = stack.up(policy_pack=PACK).expect_success()

    assert created.listed("create") == previewed.listed("create")
    assert verdicts(created) == verdicts(previewed)
    # Now that all ids are known, the plan is the same.
    assert stack.preview().expect_success().changes == []
    assert stack.refresh().expect_success().changes == []
    assert proved(exported(stack), tmp_path / "export.json") == before
    assert {key: before[key] for key in live(stack)} == live(stack)
    # Everything is reached by endpoints, so there is nothing to refute and nothing to doubt.
    assert {lane for lane, _ in before.values()} == {"gateway-endpoint", "interface-endpoint"}
    return created


def measure(stack: Stack, name: str) -> None:
    """A row of the makespan table: nothing waits for what it does not need."""
    took, needed = makespan(stack), unavoidable(stack)
    report.add_row(
        "makespan",
        stack=name,
        makespan=took.seconds,
        unavoidable=needed.seconds,
        ratio=round(took.seconds / needed.seconds, 3),
        chain=took.names,
    )
    assert took.seconds / needed.seconds <= GOAL, as_json(took)


def end(stack: Stack, before: set[str]) -> None:
    """Destroy the stack: logs outlive it on purpose, and nothing else does."""
    retained = stack.retained()
    stack.forget_journal()
    stack.destroy().expect_success()
    left = inventory(stack)
    assert left >= before
    assert {thing.split(":", 1)[1] for thing in left - before} == retained, left - before


def unprotect(config: Config) -> None:
    cluster(config)["deletion_protection"] = False


def upgrade(config: Config) -> None:
    cluster(config)["kubernetes_version"] = "1.36"


def test_auto_mode_lives_is_upgraded_and_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    stack = reference_stack(engine, "eks")
    before = inventory(stack)
    created = begin(stack, tmp_path, "omit")
    measure(stack, "eks")
    standing = inventory(stack)
    # No node group and no add-on of the nodes': Auto Mode has both within.
    made = {text.split()[0] for text in created.listed("create")}
    assert not made & {"NodeGroup", "NatGateway", "Eip", "InternetGateway"}
    assert done(stack, "create", ADDON) != []

    upgraded = changed(stack, upgrade)
    assert upgraded.listed("update") == ["Cluster kubernetes-cluster"]
    assert [op for op in ("create", "delete", "replace") if upgraded.listed(op)] == []

    # What protects the cluster says so only when all around it is gone; an update brings it back.
    refused = stack.destroy()
    assert not refused.succeeded
    assert "Cluster harbour has deletion protection enabled" in refused.output
    assert stack.client("eks").list_clusters()["clusters"] == ["harbour"]
    assert changed(stack, unprotect).listed("update") == ["Cluster kubernetes-cluster"]
    assert kinds(inventory(stack)) == kinds(standing)
    end(stack, before)


def change_in_place(config: Config) -> None:
    nodes(config, "system").update(max_size=9, labels={"role": "core"})
    nodes(config, "shop")["disk_size_gib"] = 200


def replace_and_unprotect(config: Config) -> None:
    nodes(config, "system")["instance_types"] = ["m8g.large"]
    unprotect(config)


def test_managed_nodes_are_upgraded_changed_replaced_and_leave_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    stack = reference_stack(engine, "eks-prod")
    before = inventory(stack)
    begin(stack, tmp_path, "unknown")
    measure(stack, "eks-prod")
    made = [name for _, name in done(stack, "create", CLUSTER, ADDON, NODES)]
    early = {f"kubernetes-{name}" for name in BEFORE_NODES}
    assert made[0] == "kubernetes-cluster"
    assert set(made[1:4]) == early
    assert set(made[4:6]) == {"shop-nodes", "system-nodes"}

    upgraded = changed(stack, upgrade)
    # One add-on has a version of its own for each version of Kubernetes; all others fit both.
    assert done(stack, "update", CLUSTER, ADDON) == [
        (CLUSTER, "kubernetes-cluster"),
        (ADDON, "kubernetes-kube-proxy"),
    ]
    last = done(stack, "update", CLUSTER, ADDON, NODES)[2:]
    assert set(last) == {(NODES, "shop-nodes"), (NODES, "system-nodes")}
    assert len(upgraded.listed("update")) == 4
    assert [op for op in ("create", "delete", "replace") if upgraded.listed(op)] == []

    altered = changed(stack, change_in_place)
    assert altered.listed("update") == [
        "LaunchTemplate shop-template",
        "NodeGroup shop-nodes",
        "NodeGroup system-nodes",
    ]
    assert [op for op in ("create", "delete", "replace") if altered.listed(op)] == []

    replaced = changed(stack, replace_and_unprotect)
    assert replaced.listed("replace") == ["NodeGroup system-nodes"]
    assert replaced.listed("update") == ["Cluster kubernetes-cluster"]
    # The new nodes stand before the old ones go.
    order = [entry.operation for entry in stack.journal() if entry.type == NODES]
    assert [operation for operation in order if operation in ("create", "delete")][-2:] == [
        "create",
        "delete",
    ]

    end(stack, before)
    gone = [name for _, name in done(stack, "delete", CLUSTER, ADDON, NODES)]
    assert gone[-1] == "kubernetes-cluster"
    assert set(gone[-4:-1]) == early
    assert set(gone[-6:-4]) == {"shop-nodes", "system-nodes"}


def nodes_of_all_other_kinds() -> None:
    """A cluster with nodes that EKS does not manage, pods on Fargate, and Karpenter's part."""
    cluster_args: Any = {
        "cluster_name": "harbour",
        "kubernetes_version": "1.35",
        "group": GROUP,
        "irsa": True,
        "deletion_protection": False,
        "bootstrap_cluster_creator_admin_permissions": True,
    }
    own: Any = {
        "group": GROUP,
        "instance_types": ["m7g.large"],
        "kubernetes_version": "1.35",
    }
    pods: Any = {"group": GROUP, "selectors": [{"namespace": "kube-system"}]}
    karpenter: Any = {"groups": [GROUP]}
    needs = cluster_needs(cluster_args).union(
        node_group_needs({"instance_types": own["instance_types"]}),
        fargate_profile_needs(pods),
        karpenter_needs(karpenter),
    )
    closed = ClosedNetwork(needs)
    facts: Any = {
        **cluster_args,
        **closed.place,
        "vpc_cidr_blocks": [CIDR_BLOCK],
        "subnet_cidrs": closed.network.cidrs,
    }
    cluster = EksCluster("kubernetes", facts)
    ready = pulumi.ResourceOptions(depends_on=[closed.endpoints, *cluster.before_nodes])
    own |= {
        **closed.place,
        "ami_id": "ami-0123456789abcdef0",
        "cluster_name": cluster.cluster_name,
        "cluster_endpoint": cluster.cluster_endpoint,
        "certificate_authority": cluster.certificate_authority,
        "service_cidr": "172.20.0.0/16",
        "cluster_security_group_id": cluster.cluster_security_group_id,
    }
    SelfManagedNodeGroup("own", own, ready)
    pods |= {**closed.place, "cluster_name": cluster.cluster_name}
    FargateProfile("pods", pods, ready)
    names = {"cluster_name": cluster.cluster_name, "cluster_arn": cluster.cluster_arn}
    karpenter |= {**closed.reach, **names}
    KarpenterPrerequisites("karpenter", karpenter, ready)


def test_nodes_of_ones_own_fargate_and_karpenter_live_and_leave_nothing(engine: Engine) -> None:
    stack = engine.stack(nodes_of_all_other_kinds)
    before = inventory(stack)
    previewed = stack.preview(policy_pack=PACK).expect_success()
    created = stack.up().expect_success()
    assert created.listed("create") == previewed.listed("create")
    assert stack.preview().expect_success().changes == []
    assert stack.refresh().expect_success().changes == []
    entries = stack.client("eks").list_access_entries(clusterName="harbour")["accessEntries"]
    # One for each role by which nodes join; EKS writes that of the Fargate profile by itself.
    joining = sorted(arn.rpartition("/")[2].partition("-")[0] for arn in entries)
    assert joining == ["karpenter", "own", "pods"]
    end(stack, before)
