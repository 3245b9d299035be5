"""What Velero may do, what its bucket lets in, and the values its Helm chart is installed with.

Values are those of chart 12 (Velero 1.18) of vmware-tanzu/helm-charts, permissions those of the
README of velero-plugin-for-aws, narrowed where the calls in its source allow it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from privatelane._bucket_policy import only_with_tls
from privatelane._images import Image
from privatelane._invalid import InvalidInput, choice, integer, items, text
from privatelane._private_image import chart_image, private_image

#: Who takes snapshots of volumes: the CSI driver, asked through the Kubernetes API, or Velero
#: itself, which knows the volumes of `ebs.csi.aws.com` alone, not those of Auto Mode.
VOLUMES = ("csi", "ebs")

#: What is done to objects. Everything that Pulumi does to the bucket itself is left out, s3:Get* of
#: the bucket's own settings and s3:ListBucket (which HeadBucket asks for) among it.
_OBJECT_ACTIONS = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject*",
    "s3:GetObject*",
    "s3:ListMultipartUploadParts",
    "s3:PutObject*",
    "s3:RestoreObject",
]

_CRON_FIELDS = 5
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/*-]+")


@dataclass(frozen=True, slots=True)
class VeleroPlan:
    """Velero's settings, once they have been accepted."""

    image: Image
    plugin: Image
    volumes: str
    namespace: str
    service_account: str
    schedule: str
    keep_days: int
    noncurrent_days: int
    bypass_roles: tuple[str, ...]


def plan_velero(given: Mapping[str, Any], region: str | None) -> VeleroPlan:
    """Return the plan for the settings `velero.*` of a backup.

    `region` is where the cluster is, None while that is unknown.

    Raises:
        InvalidInput: a setting is of no use; the sentence names it.

    """
    if not items("velero.s3_endpoint_ids", given.get("s3_endpoint_ids", ())):
        raise InvalidInput(
            "velero.s3_endpoint_ids is empty, it must name the S3 gateway endpoint of the cluster's"
            " network, through which alone the bucket is read and written"
        )
    return VeleroPlan(
        image=private_image("velero.image", given.get("image"), region),
        plugin=private_image("velero.plugin_image", given.get("plugin_image"), region),
        volumes=choice("velero.volumes", given.get("volumes", "csi"), VOLUMES),
        namespace=_name("velero.namespace", given.get("namespace", "velero")),
        service_account=_name("velero.service_account", given.get("service_account", "velero")),
        schedule=_cron("velero.schedule", given.get("schedule", "0 3 * * *")),
        keep_days=integer("velero.keep_days", given.get("keep_days", 30), least=1, most=3650),
        noncurrent_days=integer(
            "velero.noncurrent_days", given.get("noncurrent_days", 30), least=1, most=3650
        ),
        bypass_roles=tuple(
            _role("velero.bypass_role_arns", one)
            for one in items("velero.bypass_role_arns", given.get("bypass_role_arns", ()))
        ),
    )


def permissions(
    bucket_arn: str,
    region: str,
    partition: str,
    *,
    bucket_key_arn: str | None = None,
    takes_snapshots: bool = False,
    volume_key_arns: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what Velero may do: its bucket, and snapshots of volumes where it takes them."""
    statements: list[dict[str, Any]] = [
        {
            "Sid": "Backups",
            "Effect": "Allow",
            "Action": [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            "Resource": f"{bucket_arn}/*",
        },
        {
            "Sid": "ListBackups",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
        },
    ]
    if bucket_key_arn is not None:
        statements.append(
            {
                "Sid": "EncryptBackups",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": bucket_key_arn,
                "Condition": _via("s3", region),
            }
        )
    if takes_snapshots:
        statements += _snapshots(region, partition, volume_key_arns)
    return {"Version": "2012-10-17", "Statement": statements}


def bucket_policy(
    bucket_arn: str, endpoint_ids: Sequence[str], bypass_roles: Sequence[str]
) -> dict[str, Any]:
    """Return what the bucket refuses: what is not encrypted, and objects from elsewhere.

    `aws:SourceVpce` is absent from a request that came by no endpoint, and a negated operator holds
    for an absent key, so such requests are refused as well.
    """
    elsewhere: dict[str, Any] = {"StringNotEquals": {"aws:SourceVpce": list(endpoint_ids)}}
    if bypass_roles:
        elsewhere["ArnNotLike"] = {"aws:PrincipalArn": list(bypass_roles)}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "EncryptedTransportOnly", **only_with_tls(bucket_arn)},
            {
                "Sid": "ObjectsThroughTheGatewayEndpointOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": _OBJECT_ACTIONS,
                "Resource": f"{bucket_arn}/*",
                "Condition": elsewhere,
            },
        ],
    }


def values(plan: VeleroPlan, bucket: str, region: str) -> dict[str, Any]:
    """Return the values of the Helm chart, which runs no image but the plan's two."""
    takes_snapshots = plan.volumes == "ebs"
    location = {"name": "default", "provider": "aws", "config": {"region": region}}
    configuration: dict[str, Any] = {
        "backupStorageLocation": [{**location, "bucket": bucket, "default": True}],
        "defaultBackupTTL": f"{plan.keep_days * 24}h",
    }
    if takes_snapshots:
        configuration["volumeSnapshotLocation"] = [location]
    else:
        configuration["features"] = "EnableCSI"
    return {
        "image": chart_image(plan.image),
        "initContainers": [
            {
                "name": "velero-plugin-for-aws",
                "image": plan.plugin.text,
                "volumeMounts": [{"mountPath": "/target", "name": "plugins"}],
            }
        ],
        "configuration": configuration,
        # Pod Identity gives credentials; a secret would come first.
        "credentials": {"useSecret": False},
        "serviceAccount": {"server": {"create": True, "name": plan.service_account}},
        "snapshotsEnabled": takes_snapshots,
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "schedules": {
            "scheduled": {
                "schedule": plan.schedule,
                "template": {
                    "ttl": f"{plan.keep_days * 24}h",
                    "storageLocation": "default",
                    "snapshotVolumes": True,
                },
            }
        },
    }


def _snapshots(region: str, partition: str, key_arns: Sequence[str]) -> list[dict[str, Any]]:
    volumes = f"arn:{partition}:ec2:{region}:*:volume/*"
    snapshots = f"arn:{partition}:ec2:{region}::snapshot/*"
    made = {"StringLike": {"aws:RequestTag/velero.io/backup": "*"}}
    ours = {"StringLike": {"aws:ResourceTag/velero.io/backup": "*"}}
    statements: list[dict[str, Any]] = [
        {
            "Sid": "FindVolumes",
            "Effect": "Allow",
            "Action": ["ec2:DescribeSnapshots", "ec2:DescribeVolumes"],
            # These calls know no resources.
            "Resource": "*",
        },
        {
            "Sid": "SnapshotVolumesOfTheDriver",
            "Effect": "Allow",
            "Action": "ec2:CreateSnapshot",
            "Resource": volumes,
            "Condition": {"StringEquals": {"aws:ResourceTag/ebs.csi.aws.com/cluster": "true"}},
        },
        {
            "Sid": "SnapshotsOfBackups",
            "Effect": "Allow",
            "Action": "ec2:CreateSnapshot",
            "Resource": snapshots,
            "Condition": made,
        },
        {
            "Sid": "VolumesOfRestores",
            "Effect": "Allow",
            "Action": "ec2:CreateVolume",
            # Velero copies the tags of a snapshot to the volume that it makes of it.
            "Resource": volumes,
            "Condition": made,
        },
        {
            "Sid": "RestoreAndDeleteSnapshotsOfBackups",
            "Effect": "Allow",
            "Action": ["ec2:CreateVolume", "ec2:DeleteSnapshot"],
            "Resource": snapshots,
            "Condition": ours,
        },
        {
            "Sid": "TagWhatIsMade",
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": [volumes, snapshots],
            "Condition": {"StringEquals": {"ec2:CreateAction": ["CreateSnapshot", "CreateVolume"]}},
        },
    ]
    if key_arns:
        via = _via("ec2", region)
        statements += [
            {
                "Sid": "EncryptVolumes",
                "Effect": "Allow",
                "Action": [
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncrypt*",
                ],
                "Resource": list(key_arns),
                "Condition": via,
            },
            {
                "Sid": "LetEbsUseTheKeys",
                "Effect": "Allow",
                "Action": "kms:CreateGrant",
                "Resource": list(key_arns),
                "Condition": {**via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ]
    return statements


def _via(service: str, region: str) -> dict[str, Any]:
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return {"StringEquals": {"kms:ViaService": f"{service}.{region}.{suffix}"}}


def _name(field: str, value: object) -> str:
    known = text(field, value)
    if _NAME.fullmatch(known) is None:
        raise InvalidInput(
            f"{field} is {known!r}, it must be up to 63 lower-case letters, digits and hyphens"
        )
    return known


def _cron(field: str, value: object) -> str:
    known = text(field, value)
    if len(known.split()) != _CRON_FIELDS:
        raise InvalidInput(
            f"{field} is {known!r}, it must be a cron expression of five fields, such as"
            " '0 3 * * *', in UTC"
        )
    return known


def _role(field: str, value: object) -> str:
    known = text(field, value)
    if _ROLE.fullmatch(known) is None:
        raise InvalidInput(
            f"{field} has {known!r}, it must be the ARN of a role, in which * stands for any text"
        )
    return known
