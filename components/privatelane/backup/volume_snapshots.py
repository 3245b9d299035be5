"""Snapshots of EBS volumes by Data Lifecycle Manager, which asks nothing of the cluster."""

from collections.abc import Mapping
from typing import Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._tags import Tags, tagged
from privatelane.backup._backup_plan import SnapshotPlan
from privatelane.location import location_of
from privatelane.service_role import service_role


class VolumeSnapshotsArgs(TypedDict):
    """Snapshots of the volumes that have a tag."""

    tags: Mapping[str, str]
    """Tags of the volumes; one of them is enough. Volumes of the EBS CSI driver have
    `ebs.csi.aws.com/cluster` of `true`, whichever cluster they belong to; a storage class can give
    its own."""
    interval_hours: NotRequired[int]
    """Hours between two snapshots: 1, 2, 3, 4, 6, 8, 12 or 24. Defaults to 24."""
    time: NotRequired[str]
    """When the first snapshot of a day is taken, hh:mm in UTC. Defaults to `02:00`."""
    keep: NotRequired[int]
    """Snapshots of a volume to keep, from 1 to 1000. Defaults to 14."""


def volume_snapshots(
    name: str,
    plan: SnapshotPlan,
    *,
    region: Optional[str],
    permissions_boundary_arn: Optional[pulumi.Input[str]],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> "aws.dlm.LifecyclePolicy":
    """Register the schedule and the role with which it is run."""
    role, right = service_role(
        f"{name}-snapshots",
        "dlm.amazonaws.com",
        "service-role/AWSDataLifecycleManagerServiceRole",
        location_of(parent, region),
        parent,
        description=f"Takes snapshots of the volumes of {name}",
        permissions_boundary=permissions_boundary_arn,
        tags=tags,
    )
    return aws.dlm.LifecyclePolicy(
        f"{name}-snapshots",
        # It may hold letters, digits, blanks, hyphens and underscores only.
        description="Snapshots of the volumes of a cluster",
        execution_role_arn=role.arn,
        state="ENABLED",
        policy_details=aws.dlm.LifecyclePolicyPolicyDetailsArgs(
            resource_types=["VOLUME"],
            target_tags=dict(plan.tags),
            schedules=[
                aws.dlm.LifecyclePolicyPolicyDetailsScheduleArgs(
                    name=f"Every {plan.interval_hours} hours",
                    create_rule=aws.dlm.LifecyclePolicyPolicyDetailsScheduleCreateRuleArgs(
                        interval=plan.interval_hours, interval_unit="HOURS", times=plan.time
                    ),
                    retain_rule=aws.dlm.LifecyclePolicyPolicyDetailsScheduleRetainRuleArgs(
                        count=plan.keep
                    ),
                    # A restore finds the claim that a volume belonged to by its tags.
                    copy_tags=True,
                )
            ],
        ),
        region=region,
        tags=tagged(f"{name}-snapshots", tags),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[right]),
    )
