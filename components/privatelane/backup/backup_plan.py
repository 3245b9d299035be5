"""A plan by which AWS Backup copies a cluster and its volumes to a vault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._services import partition
from privatelane._tags import Tags, tagged
from privatelane.backup._backup_plan import BackupPlan
from privatelane.location import location_of
from privatelane.service_role import service_role


class BackupPlanArgs(TypedDict):
    """A plan of AWS Backup for the cluster and the volumes claimed in it."""

    schedule: NotRequired[str]
    """When a backup is taken: a cron expression of six fields, in UTC. Defaults to
    `cron(0 3 * * ? *)`."""
    keep_days: NotRequired[int]
    """Days after which a backup is deleted, from 1 to 36500. Defaults to 35."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that the vault is encrypted under. Defaults to the key of AWS Backup."""
    lock: NotRequired[bool]
    """Whether nobody may delete a backup sooner than `keep_days`, unless they may change the lock.
    Defaults to false."""
    copy_to_vault_arn: NotRequired[pulumi.Input[str]]
    """Vault in another region or account that every backup is copied to. Defaults to none."""
    copy_keep_days: NotRequired[int]
    """Days after which a copy is deleted, from 1 to 36500. Defaults to `keep_days`."""
    volume_tags: NotRequired[Mapping[str, str]]
    """Tags of further volumes to back up, all of which a volume must have. The volumes claimed in
    the cluster are part of its backup without. Defaults to none."""


@dataclass(frozen=True, slots=True)
class Backups:
    """A plan as it was set up."""

    vault_name: pulumi.Output[str]
    plan_id: pulumi.Output[str]
    restore_role_arn: pulumi.Output[str]


def backup_plan(
    name: str,
    plan: BackupPlan,
    args: Mapping[str, Any],
    cluster_arn: pulumi.Input[str],
    *,
    region: Optional[str],
    force_delete: bool,
    permissions_boundary_arn: Optional[pulumi.Input[str]],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> Backups:
    """Register a vault, the plan, what it selects, and a role each for backups and restores."""
    child = pulumi.ResourceOptions(parent=parent)
    # Backups are wanted most when the stack that took them is gone.
    kept = pulumi.ResourceOptions(parent=parent, retain_on_delete=not force_delete)
    location = location_of(parent, region)
    vault = aws.backup.Vault(
        f"{name}-vault",
        kms_key_arn=args.get("kms_key_arn"),
        force_destroy=force_delete,
        region=region,
        tags=tagged(f"{name}-vault", tags),
        opts=kept,
    )
    if plan.lock:
        aws.backup.VaultLockConfiguration(
            f"{name}-vault",
            backup_vault_name=vault.name,
            min_retention_days=plan.keep_days,
            region=region,
            # A vault has one lock: deleted after the new one is made, the old one takes it along.
            opts=pulumi.ResourceOptions.merge(
                kept, pulumi.ResourceOptions(delete_before_replace=True)
            ),
        )

    def role(use: str, policy: str) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        return service_role(
            f"{name}-{use}",
            "backup.amazonaws.com",
            f"service-role/{policy}",
            location,
            parent,
            description=f"Lets AWS Backup {use} the cluster of {name}",
            permissions_boundary=permissions_boundary_arn,
            tags=tags,
        )

    backup_role, backup_right = role("backup", "AWSBackupServiceRolePolicyForBackup")
    restore_role, _ = role("restore", "AWSBackupServiceRolePolicyForRestores")
    copies = (
        [
            aws.backup.PlanRuleCopyActionArgs(
                destination_vault_arn=args["copy_to_vault_arn"],
                lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(
                    delete_after=plan.copy_keep_days
                ),
            )
        ]
        if "copy_to_vault_arn" in args
        else None
    )
    made = aws.backup.Plan(
        f"{name}-plan",
        rules=[
            aws.backup.PlanRuleArgs(
                rule_name="scheduled",
                target_vault_name=vault.name,
                schedule=plan.schedule,
                lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=plan.keep_days),
                copy_actions=copies,
            )
        ],
        region=region,
        tags=tagged(f"{name}-plan", tags),
        opts=child,
    )
    # Until the role has its rights, AWS Backup would fail with an access error.
    after = pulumi.ResourceOptions(parent=parent, depends_on=[backup_right])
    aws.backup.Selection(
        f"{name}-cluster",
        plan_id=made.id,
        iam_role_arn=backup_role.arn,
        resources=[cluster_arn],
        region=region,
        opts=after,
    )
    if plan.volume_tags:
        aws.backup.Selection(
            f"{name}-volumes",
            plan_id=made.id,
            iam_role_arn=backup_role.arn,
            resources=[
                pulumi.Output.from_input(location.region).apply(
                    lambda known: f"arn:{partition(known)}:ec2:*:*:volume/*"
                )
            ],
            conditions=[
                aws.backup.SelectionConditionArgs(
                    string_equals=[
                        aws.backup.SelectionConditionStringEqualArgs(
                            key=f"aws:ResourceTag/{key}", value=value
                        )
                        for key, value in sorted(plan.volume_tags.items())
                    ]
                )
            ],
            region=region,
            opts=after,
        )
    return Backups(vault.name, made.id, restore_role.arn)
