"""Backups of a cluster on the engine: what stays when the stack goes, and what follows a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from privatelane import ClusterBackup, EksCluster, cluster_backup_needs, cluster_needs
from tests.engine.harness import REGION
from tests.engine.programs import ACCESS, CIDR_BLOCK, GROUP, ClosedNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.harness import Engine

pytestmark = pytest.mark.engine

REGISTRY = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
CLUSTER: dict[str, Any] = {
    "cluster_name": "harbour",
    "kubernetes_version": "1.35",
    "group": GROUP,
    "auto_mode": {},
    "access": ACCESS,
    "deletion_protection": False,
}
BACKUP: dict[str, Any] = {
    "velero": {
        "s3_endpoint_ids": ["vpce-0123456789abcdef0"],
        "image": f"{REGISTRY}/docker-hub/velero/velero:v1.18.1",
        "plugin_image": f"{REGISTRY}/docker-hub/velero/velero-plugin-for-aws:v1.14.1",
    },
    "plan": {"lock": True, "volume_tags": {"backup": "yes"}},
    "volume_snapshots": {"tags": {"backup": "yes"}},
}


def program(**changes: Any) -> Callable[[], None]:
    """A cluster of Auto Mode without the internet, and its backups in all three ways."""

    def run() -> None:
        needs = cluster_needs(CLUSTER) | set(cluster_backup_needs(BACKUP))  # type: ignore[arg-type]  # plain dicts
        closed = ClosedNetwork(needs)
        whole: Any = {**CLUSTER, **closed.place, "vpc_cidr_blocks": [CIDR_BLOCK]}
        cluster = EksCluster("harbour", whole, closed.ready)
        gateway = closed.endpoints.endpoint_ids.apply(lambda ids: ids["s3"])
        given: Any = {
            **BACKUP,
            "velero": {**BACKUP["velero"], "s3_endpoint_ids": [gateway]},
            "cluster_name": cluster.cluster_name,
            "cluster_arn": cluster.cluster_arn,
            **changes,
        }
        backup = ClusterBackup("backup", given)
        pulumi.export("bucket", backup.bucket_name)
        pulumi.export("values", backup.velero_values)

    return run


def test_backups_outlive_their_stack(engine: Engine) -> None:
    stack = engine.stack(program())
    previewed = stack.preview().expect_success()
    created = stack.up().expect_success()
    assert created.of("create") == previewed.of("create")
    assert stack.preview().expect_success().changes == []
    assert stack.refresh().expect_success().changes == []

    bucket = stack.outputs()["bucket"]
    assert bucket in stack.outputs()["values"]
    stack.destroy().expect_success()
    s3 = stack.client("s3")
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [bucket]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert "aws:SourceVpce" in s3.get_bucket_policy(Bucket=bucket)["Policy"]


def test_backups_that_may_be_deleted_leave_nothing(engine: Engine) -> None:
    stack = engine.stack(program(force_delete=True))
    stack.up().expect_success()
    stack.destroy().expect_success()
    assert stack.client("s3").list_buckets()["Buckets"] == []
    assert stack.resources() == []


@pytest.mark.parametrize("force", [False, True])
def test_keeping_backups_longer_changes_the_rule_and_replaces_the_lock(
    engine: Engine, force: bool
) -> None:
    stack = engine.stack(program(force_delete=force))
    stack.up().expect_success()
    longer = {"lock": True, "keep_days": 90, "volume_tags": {"backup": "yes"}}
    stack.program = program(force_delete=force, plan=longer)
    done = stack.up().expect_success()
    assert done.listed("update") == ["Plan backup-plan"]
    assert done.listed("replace") == ["VaultLockConfiguration backup-vault"]
    assert done.of("create") == set()
    assert stack.preview().expect_success().changes == []
    # One that is deleted after the new one is made would have taken the lock along.
    assert stack.refresh().expect_success().changes == []
