"""Backups of an EKS cluster: what is in it, and the volumes that its workloads claimed."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, provider_region, register
from privatelane._invalid import InvalidInput, entries, flag, known_keys, refuse_missing
from privatelane._services import check_region
from privatelane.backup._backup_plan import plan_backups, plan_snapshots
from privatelane.backup._velero import VeleroPlan, plan_velero
from privatelane.backup.backup_plan import BackupPlanArgs, backup_plan
from privatelane.backup.velero import VeleroArgs, velero
from privatelane.backup.volume_snapshots import VolumeSnapshotsArgs, volume_snapshots


class ClusterBackupArgs(TypedDict):
    """Backups of an EKS cluster, by one or more of three ways."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster."""
    cluster_arn: pulumi.Input[str]
    """ARN of the cluster."""
    velero: NotRequired[VeleroArgs]
    """Velero, which runs in the cluster and restores single namespaces and objects, also to another
    cluster. Defaults to none."""
    plan: NotRequired[BackupPlanArgs]
    """A plan of AWS Backup, which runs nothing in the cluster and needs no endpoint in its network.
    Defaults to none."""
    volume_snapshots: NotRequired[VolumeSnapshotsArgs]
    """Snapshots of volumes by Data Lifecycle Manager, more often than whole backups. Defaults to
    none."""
    force_delete: NotRequired[bool]
    """Whether the bucket and the vault are deleted with the backups in them when they leave the
    program; otherwise they stay in the account. Defaults to false."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of the roles. Defaults to none."""
    region: NotRequired[str]
    """Region of the cluster. Defaults to the provider's."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class ClusterBackup(pulumi.ComponentResource):
    """Backups of an EKS cluster: a bucket, a role and install values for Velero, a plan of AWS Backup, and snapshots of EBS volumes by Data Lifecycle Manager."""  # noqa: E501 - the schema takes one paragraph

    bucket_name: Optional[pulumi.Output[str]]
    """Name of the bucket of Velero."""
    velero_role_arn: Optional[pulumi.Output[str]]
    """ARN of the role that Velero's service account has."""
    velero_values: Optional[pulumi.Output[str]]
    """Values for the Helm chart of Velero, as JSON."""
    vault_name: Optional[pulumi.Output[str]]
    """Name of the vault of AWS Backup."""
    backup_plan_id: Optional[pulumi.Output[str]]
    """Id of the plan of AWS Backup."""
    restore_role_arn: Optional[pulumi.Output[str]]
    """ARN of the role to restore a backup of AWS Backup with."""
    snapshot_policy_id: Optional[pulumi.Output[str]]
    """Id of the policy of Data Lifecycle Manager."""

    def __init__(
        self,
        name: str,
        args: ClusterBackupArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        with input_errors(f"ClusterBackup {name!r}"):
            known_keys("ClusterBackup", args, ClusterBackupArgs.__annotations__)
            refuse_missing(args, ClusterBackupArgs.__required_keys__)
            region = args.get("region")
            if region is not None:
                check_region("region", region)
            ways = _ways(args)
            velero_plan = _velero_plan(ways, region or provider_region(opts))
            plan = plan_backups(name, ways["plan"]) if "plan" in ways else None
            snapshots = (
                plan_snapshots(ways["volume_snapshots"]) if "volume_snapshots" in ways else None
            )
            force_delete = flag("force_delete", args.get("force_delete", False))
        super().__init__("privatelane:index:ClusterBackup", name, None, opts)
        tags = args.get("tags")
        boundary = args.get("permissions_boundary_arn")
        self.bucket_name = self.velero_role_arn = self.velero_values = None
        self.vault_name = self.backup_plan_id = self.restore_role_arn = None
        self.snapshot_policy_id = None

        if velero_plan is not None:
            store = velero(
                name,
                velero_plan,
                ways["velero"],
                args["cluster_name"],
                args["cluster_arn"],
                region=region,
                force_delete=force_delete,
                permissions_boundary_arn=boundary,
                parent=self,
                tags=tags,
            )
            self.bucket_name = store.bucket
            self.velero_role_arn = store.role_arn
            self.velero_values = store.values
        if plan is not None:
            backups = backup_plan(
                name,
                plan,
                ways["plan"],
                args["cluster_arn"],
                region=region,
                force_delete=force_delete,
                permissions_boundary_arn=boundary,
                parent=self,
                tags=tags,
            )
            self.vault_name = backups.vault_name
            self.backup_plan_id = backups.plan_id
            self.restore_role_arn = backups.restore_role_arn
        if snapshots is not None:
            self.snapshot_policy_id = volume_snapshots(
                name,
                snapshots,
                region=region,
                permissions_boundary_arn=boundary,
                parent=self,
                tags=tags,
            ).id
        register(self)


def cluster_backup_needs(args: ClusterBackupArgs) -> list[str]:
    """Return the needs, by name, of the nodes that run what backs up the cluster.

    Only Velero runs there. AWS Backup and Data Lifecycle Manager work from AWS's side, and ask for
    no endpoint.

    Raises:
        InvalidInput: the settings of Velero are of no use.

    """
    plan = _velero_plan(_ways(args), args.get("region"))
    if plan is None:
        return []
    snapshots = {"velero"} if plan.volumes == "ebs" else {"s3"}
    return sorted({"eks-pod-identity", "image-pull", *snapshots})


def _ways(args: ClusterBackupArgs) -> dict[str, Mapping[str, Any]]:
    types = {
        "velero": VeleroArgs,
        "plan": BackupPlanArgs,
        "volume_snapshots": VolumeSnapshotsArgs,
    }
    given = {way: entries(way, args[way]) for way in types if way in args}  # type: ignore[literal-required] # the keys are these three
    for way, settings in given.items():
        known_keys(way, settings, types[way].__annotations__)
    if not given:
        raise InvalidInput(
            "velero, plan and volume_snapshots are not given, a backup needs at least one of them"
        )
    return given


def _velero_plan(
    ways: Mapping[str, Mapping[str, Any]], region: Optional[str]
) -> Optional[VeleroPlan]:
    return plan_velero(ways["velero"], region) if "velero" in ways else None
