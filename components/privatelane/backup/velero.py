"""Where Velero keeps the backups of a cluster, and the role with which it does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._services import partition
from privatelane._tags import Tags, tagged
from privatelane.backup._velero import VeleroPlan, bucket_policy, permissions, values
from privatelane.eks.controller_role import PodIdentity, Pods, trust
from privatelane.location import location_of
from privatelane.private_bucket import PrivateBucket


class VeleroArgs(TypedDict):
    """Velero, which copies what is in the cluster to a bucket."""

    s3_endpoint_ids: Sequence[pulumi.Input[str]]
    """Gateway endpoints of S3 of the cluster's network; objects go in and out through these
    alone."""
    image: str
    """Image of Velero, 1.18 or newer, in ECR, with its tag or digest."""
    plugin_image: str
    """Image of velero-plugin-for-aws in ECR, with its tag or digest."""
    volumes: NotRequired[str]
    """Who takes snapshots of volumes: `csi`, the CSI driver of the cluster, asked through the
    snapshot controller, or `ebs`, Velero itself, which cannot do so for Auto Mode. Defaults to
    `csi`."""
    namespace: NotRequired[str]
    """Namespace that Velero is installed in. Defaults to `velero`."""
    service_account: NotRequired[str]
    """Name of its service account. Defaults to `velero`."""
    schedule: NotRequired[str]
    """When the whole cluster is backed up: a cron expression of five fields, in UTC. Defaults to
    `0 3 * * *`."""
    keep_days: NotRequired[int]
    """Days after which Velero deletes a backup, from 1 to 3650. Defaults to 30."""
    noncurrent_days: NotRequired[int]
    """Days for which S3 keeps what was deleted or overwritten, from 1 to 3650. Defaults to 30."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that the bucket is encrypted under. Defaults to S3's own keys."""
    volume_kms_key_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """Keys that volumes are encrypted under, for `volumes` of `ebs`. Defaults to EBS's own key."""
    bypass_role_arns: NotRequired[Sequence[str]]
    """Roles that read and write objects from anywhere, as ARNs in which `*` stands for any text,
    for a restore when the network is gone. Defaults to none."""


@dataclass(frozen=True, slots=True)
class Velero:
    """What an installation of Velero needs."""

    bucket: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    values: pulumi.Output[str]
    """The values of the Helm chart, as JSON."""


def velero(
    name: str,
    plan: VeleroPlan,
    args: Mapping[str, Any],
    cluster_name: pulumi.Input[str],
    cluster_arn: pulumi.Input[str],
    *,
    region: Optional[str],
    force_delete: bool,
    permissions_boundary_arn: Optional[pulumi.Input[str]],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> Velero:
    """Register the bucket, the role and what binds the role to Velero's service account."""
    child = pulumi.ResourceOptions(parent=parent)
    key = args.get("kms_key_arn")
    location = location_of(parent, region)
    bucket = _bucket(
        name, plan, args, region=region, force_delete=force_delete, parent=parent, tags=tags
    )
    role = aws.iam.Role(
        f"{name}-velero",
        description=f"Backs up the cluster of {name}",
        assume_role_policy=trust(
            Pods(plan.namespace, [plan.service_account]), PodIdentity(cluster_arn)
        ),
        permissions_boundary=permissions_boundary_arn,
        tags=tagged(f"{name}-velero", tags),
        opts=child,
    )
    known = pulumi.Output.all(
        bucket=bucket.arn,
        region=location.region,
        key=key,
        volume_keys=list(args.get("volume_kms_key_arns", ())),
    )
    policy = aws.iam.RolePolicy(
        f"{name}-velero",
        role=role.name,
        policy=known.apply(
            lambda one: json.dumps(
                permissions(
                    one["bucket"],
                    one["region"],
                    partition(one["region"]),
                    bucket_key_arn=one["key"],
                    takes_snapshots=plan.volumes == "ebs",
                    volume_key_arns=one["volume_keys"],
                )
            )
        ),
        opts=child,
    )
    aws.eks.PodIdentityAssociation(
        f"{name}-velero",
        cluster_name=cluster_name,
        namespace=plan.namespace,
        service_account=plan.service_account,
        role_arn=role.arn,
        region=region,
        tags=tagged(f"{name}-velero", tags),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )
    return Velero(
        bucket=bucket.bucket,
        role_arn=role.arn,
        values=pulumi.Output.all(bucket.bucket, location.region).apply(
            lambda both: json.dumps(values(plan, both[0], both[1]), indent=2)
        ),
    )


def _bucket(
    name: str,
    plan: VeleroPlan,
    args: Mapping[str, Any],
    *,
    region: Optional[str],
    force_delete: bool,
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> "aws.s3.Bucket":
    # Backups are wanted most when the stack that wrote them is gone.
    kept = pulumi.ResourceOptions(parent=parent, retain_on_delete=not force_delete)
    made = PrivateBucket(
        f"{name}-velero", kept, region=region, force_destroy=force_delete, tags=tags
    )
    made.encrypt(args.get("kms_key_arn"))
    bucket = made.bucket
    versioning = aws.s3.BucketVersioning(
        f"{name}-velero",
        bucket=bucket.id,
        versioning_configuration={"status": "Enabled"},
        region=region,
        opts=kept,
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-velero",
        bucket=bucket.id,
        rule={"object_ownership": "BucketOwnerEnforced"},
        region=region,
        opts=kept,
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-velero",
        bucket=bucket.id,
        rules=[
            {
                "id": "deleted-backups",
                "status": "Enabled",
                "filter": {},
                "noncurrent_version_expiration": {"noncurrent_days": plan.noncurrent_days},
                "expiration": {"expired_object_delete_marker": True},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            }
        ],
        region=region,
        # S3 refuses rules about versions of a bucket that has none.
        opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[versioning])),
    )
    endpoints = pulumi.Output.all(*args["s3_endpoint_ids"])
    made.admit(
        pulumi.Output.all(bucket.arn, endpoints).apply(
            lambda both: json.dumps(bucket_policy(both[0], both[1], plan.bypass_roles))
        ),
        # S3 takes one change at a time of what decides on access to a bucket.
        after=[made.block],
    )
    return bucket
