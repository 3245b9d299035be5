"""What `ClusterBackup` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from privatelane._needs import NEEDS, services_needed
from privatelane._plugin import Plugin
from privatelane.backup.cluster_backup import ClusterBackup, ClusterBackupArgs, cluster_backup_needs
from tests.components.ecs.fargate import ACCOUNT, CALLS, REGION, Later, resolved
from tests.components.eks.clusters import pod_identity_trust
from tests.components.mocks import UNKNOWN, Run, refusal, run

REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/shop"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
VELERO = {
    "s3_endpoint_ids": ["vpce-1"],
    "image": f"{REGISTRY}/docker-hub/velero/velero:v1.18.1",
    "plugin_image": f"{REGISTRY}/docker-hub/velero/velero-plugin-for-aws:v1.14.1",
}


def computed(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    made = {"arn": f"arn:{name}", "name": inputs.get("name", f"{name}-name")}
    if type_.endswith(":Bucket"):
        made["bucket"] = f"{name}-4711"
    return made


def args_of(**given: Any) -> ClusterBackupArgs:
    return cast(
        "ClusterBackupArgs",
        {"cluster_name": "shop", "cluster_arn": CLUSTER, "region": REGION, **given},
    )


def backup(*, preview: bool = False, **given: Any) -> Run:
    args = args_of(**given)
    return run(
        lambda: ClusterBackup("shop", resolved(args)),
        preview=preview,
        calls=CALLS,
        computed=computed,
    )


def refused(**given: Any) -> str:
    args = args_of(**given)
    sentence = refusal(lambda: ClusterBackup("shop", args), calls=CALLS)
    return sentence.removeprefix("ClusterBackup 'shop': ").removesuffix(".")


def statements(result: Run, type_: str) -> dict[str, dict[str, Any]]:
    document = json.loads(result.the(type_).inputs["policy"])
    assert document["Version"] == "2012-10-17"
    return {one["Sid"]: one for one in document["Statement"]}


# Velero.


def test_velero_has_a_bucket_a_role_and_an_association_and_nothing_else() -> None:
    result = backup(velero=VELERO)
    assert result.counts() == {
        "ClusterBackup": 1,
        "Bucket": 1,
        "BucketVersioning": 1,
        "BucketOwnershipControls": 1,
        "BucketPublicAccessBlock": 1,
        "BucketServerSideEncryptionConfiguration": 1,
        "BucketLifecycleConfiguration": 1,
        "BucketPolicy": 1,
        "Role": 1,
        "RolePolicy": 1,
        "PodIdentityAssociation": 1,
    }
    assert {one.parent for one in result.resources[1:]} == {result.the("ClusterBackup").urn}
    assert {one.name for one in result.resources[1:]} == {"shop-velero"}


def test_the_bucket_is_versioned_encrypted_closed_and_cleaned() -> None:
    result = backup(velero=VELERO, tags={"team": "shop"})
    assert result.the("Bucket").inputs == {
        "forceDestroy": False,
        "region": REGION,
        "tags": {"team": "shop", "Name": "shop-velero"},
    }
    settings = {"bucket": "shop-velero-id", "region": REGION}
    assert result.the("BucketVersioning").inputs == {
        **settings,
        "versioningConfiguration": {"status": "Enabled"},
    }
    assert result.the("BucketOwnershipControls").inputs == {
        **settings,
        "rule": {"objectOwnership": "BucketOwnerEnforced"},
    }
    assert result.the("BucketPublicAccessBlock").inputs == {
        **settings,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert result.the("BucketServerSideEncryptionConfiguration").inputs == {
        **settings,
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
                "bucketKeyEnabled": False,
            }
        ],
    }
    assert result.the("BucketLifecycleConfiguration").inputs == {
        **settings,
        "rules": [
            {
                "id": "deleted-backups",
                "status": "Enabled",
                "filter": {},
                "noncurrentVersionExpiration": {"noncurrentDays": 30},
                "expiration": {"expiredObjectDeleteMarker": True},
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            }
        ],
    }
    assert result.the("BucketLifecycleConfiguration").depends_on == {"shop-velero"}


def test_objects_go_through_the_gateway_endpoint_alone_and_the_bucket_stays_manageable() -> None:
    policy = statements(backup(velero=VELERO), "BucketPolicy")
    assert policy == {
        "EncryptedTransportOnly": {
            "Sid": "EncryptedTransportOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:shop-velero", "arn:shop-velero/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        "ObjectsThroughTheGatewayEndpointOnly": {
            "Sid": "ObjectsThroughTheGatewayEndpointOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject*",
                "s3:GetObject*",
                "s3:ListMultipartUploadParts",
                "s3:PutObject*",
                "s3:RestoreObject",
            ],
            # Never the bucket itself: whoever deploys calls from outside the network.
            "Resource": "arn:shop-velero/*",
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-1"]}},
        },
    }


def test_roles_for_the_day_without_a_network_may_be_let_by() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/restore-*"
    policy = statements(backup(velero={**VELERO, "bypass_role_arns": [role]}), "BucketPolicy")
    assert policy["ObjectsThroughTheGatewayEndpointOnly"]["Condition"] == {
        "StringNotEquals": {"aws:SourceVpce": ["vpce-1"]},
        "ArnNotLike": {"aws:PrincipalArn": [role]},
    }


def test_only_veleros_service_account_in_this_cluster_takes_the_role() -> None:
    result = backup(velero={**VELERO, "namespace": "backup", "service_account": "keeper"})
    (trust,) = json.loads(result.the("Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust == pod_identity_trust(CLUSTER, "backup", "keeper")
    assert result.the("PodIdentityAssociation").inputs == {
        "clusterName": "shop",
        "namespace": "backup",
        "serviceAccount": "keeper",
        "roleArn": "arn:shop-velero",
        "region": REGION,
        "tags": {"Name": "shop-velero"},
    }


def test_velero_may_touch_its_bucket_alone_where_the_driver_takes_snapshots() -> None:
    policy = statements(backup(velero=VELERO), "RolePolicy")
    assert policy == {
        "Backups": {
            "Sid": "Backups",
            "Effect": "Allow",
            "Action": [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            "Resource": "arn:shop-velero/*",
        },
        "ListBackups": {
            "Sid": "ListBackups",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:shop-velero",
        },
    }


def test_velero_takes_snapshots_of_the_drivers_volumes_and_deletes_its_own_only() -> None:
    policy = statements(backup(velero={**VELERO, "volumes": "ebs"}), "RolePolicy")
    volumes = f"arn:aws:ec2:{REGION}:*:volume/*"
    snapshots = f"arn:aws:ec2:{REGION}::snapshot/*"
    made = {"StringLike": {"aws:RequestTag/velero.io/backup": "*"}}
    assert {
        sid: (one["Action"], one["Resource"], one.get("Condition"))
        for sid, one in policy.items()
        if sid not in {"Backups", "ListBackups"}
    } == {
        "FindVolumes": (["ec2:DescribeSnapshots", "ec2:DescribeVolumes"], "*", None),
        "SnapshotVolumesOfTheDriver": (
            "ec2:CreateSnapshot",
            volumes,
            {"StringEquals": {"aws:ResourceTag/ebs.csi.aws.com/cluster": "true"}},
        ),
        "SnapshotsOfBackups": ("ec2:CreateSnapshot", snapshots, made),
        "VolumesOfRestores": ("ec2:CreateVolume", volumes, made),
        "RestoreAndDeleteSnapshotsOfBackups": (
            ["ec2:CreateVolume", "ec2:DeleteSnapshot"],
            snapshots,
            {"StringLike": {"aws:ResourceTag/velero.io/backup": "*"}},
        ),
        "TagWhatIsMade": (
            "ec2:CreateTags",
            [volumes, snapshots],
            {"StringEquals": {"ec2:CreateAction": ["CreateSnapshot", "CreateVolume"]}},
        ),
    }


def test_keys_are_used_through_the_service_that_they_are_for() -> None:
    result = backup(
        velero={**VELERO, "volumes": "ebs", "kms_key_arn": KEY, "volume_kms_key_arns": [f"{KEY}2"]}
    )
    policy = statements(result, "RolePolicy")
    assert (policy["EncryptBackups"]["Resource"], policy["EncryptBackups"]["Condition"]) == (
        KEY,
        {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
    )
    assert policy["LetEbsUseTheKeys"]["Action"] == "kms:CreateGrant"
    assert policy["LetEbsUseTheKeys"]["Resource"] == [f"{KEY}2"]
    assert policy["LetEbsUseTheKeys"]["Condition"] == {
        "StringEquals": {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"},
        "Bool": {"kms:GrantIsForAWSResource": "true"},
    }
    (rule,) = result.the("BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule == {
        "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
        "bucketKeyEnabled": True,
    }


def test_install_values_name_the_bucket_and_images_of_ecr_only() -> None:
    result = backup(velero=VELERO)
    assert json.loads(result.output("ClusterBackup")["veleroValues"]) == {
        "image": {"repository": f"{REGISTRY}/docker-hub/velero/velero", "tag": "v1.18.1"},
        "initContainers": [
            {
                "name": "velero-plugin-for-aws",
                "image": f"{REGISTRY}/docker-hub/velero/velero-plugin-for-aws:v1.14.1",
                "volumeMounts": [{"mountPath": "/target", "name": "plugins"}],
            }
        ],
        "configuration": {
            "backupStorageLocation": [
                {
                    "name": "default",
                    "provider": "aws",
                    "config": {"region": REGION},
                    "bucket": "shop-velero-4711",
                    "default": True,
                }
            ],
            "defaultBackupTTL": "720h",
            "features": "EnableCSI",
        },
        "credentials": {"useSecret": False},
        "serviceAccount": {"server": {"create": True, "name": "velero"}},
        "snapshotsEnabled": False,
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
        "schedules": {
            "scheduled": {
                "schedule": "0 3 * * *",
                "template": {
                    "ttl": "720h",
                    "storageLocation": "default",
                    "snapshotVolumes": True,
                },
            }
        },
    }


def test_velero_that_takes_snapshots_itself_has_a_place_for_them() -> None:
    digest = "sha256:" + "a" * 64
    result = backup(
        velero={**VELERO, "volumes": "ebs", "image": f"{REGISTRY}/velero@{digest}", "keep_days": 7}
    )
    values = json.loads(result.output("ClusterBackup")["veleroValues"])
    assert values["image"] == {"repository": f"{REGISTRY}/velero", "digest": digest}
    assert values["snapshotsEnabled"] is True
    assert "features" not in values["configuration"]
    assert values["configuration"]["volumeSnapshotLocation"] == [
        {"name": "default", "provider": "aws", "config": {"region": REGION}}
    ]
    assert values["schedules"]["scheduled"]["template"]["ttl"] == "168h"


# AWS Backup and Data Lifecycle Manager.


def test_a_plan_selects_the_cluster_and_has_a_role_for_each_direction() -> None:
    result = backup(plan={})
    assert result.counts() == {
        "ClusterBackup": 1,
        "Vault": 1,
        "Plan": 1,
        "Selection": 1,
        "Role": 2,
        "RolePolicyAttachment": 2,
    }
    assert result.the("Vault").inputs == {
        "forceDestroy": False,
        "region": REGION,
        "tags": {"Name": "shop-vault"},
    }
    assert result.the("Plan").inputs == {
        "rules": [
            {
                "ruleName": "scheduled",
                "targetVaultName": "shop-vault-name",
                "schedule": "cron(0 3 * * ? *)",
                "lifecycle": {"deleteAfter": 35},
            }
        ],
        "region": REGION,
        "tags": {"Name": "shop-plan"},
    }
    assert result.the("Selection").inputs == {
        "planId": "shop-plan-id",
        "iamRoleArn": "arn:shop-backup",
        "resources": [CLUSTER],
        "region": REGION,
    }
    assert result.the("Selection").depends_on == {"shop-backup"}
    assert {
        name: one.inputs["policyArn"] for name, one in result.of("RolePolicyAttachment").items()
    } == {
        "shop-backup": "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
        "shop-restore": (
            "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"
        ),
    }
    for role in result.of("Role").values():
        (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_plan_may_lock_its_vault_copy_elsewhere_and_take_other_volumes_along() -> None:
    result = backup(
        plan={
            "keep_days": 90.0,
            "lock": True,
            "copy_to_vault_arn": "arn:vault",
            "copy_keep_days": 365,
            "kms_key_arn": KEY,
            "volume_tags": {"backup": "yes", "app": "shop"},
        },
    )
    assert result.the("Vault").inputs["kmsKeyArn"] == KEY
    # Two cannot stand side by side, and the second would go with the first.
    assert result.the("VaultLockConfiguration").request.deleteBeforeReplace is True
    assert result.the("VaultLockConfiguration").inputs == {
        "backupVaultName": "shop-vault-name",
        "minRetentionDays": 90,
        "region": REGION,
    }
    (rule,) = result.the("Plan").inputs["rules"]
    assert rule["copyActions"] == [
        {"destinationVaultArn": "arn:vault", "lifecycle": {"deleteAfter": 365}}
    ]
    assert result.the("Selection", "shop-volumes").inputs == {
        "planId": "shop-plan-id",
        "iamRoleArn": "arn:shop-backup",
        "resources": ["arn:aws:ec2:*:*:volume/*"],
        "conditions": [
            {
                "stringEquals": [
                    {"key": "aws:ResourceTag/app", "value": "shop"},
                    {"key": "aws:ResourceTag/backup", "value": "yes"},
                ]
            }
        ],
        "region": REGION,
    }


def test_snapshots_follow_the_tags_of_volumes() -> None:
    result = backup(volume_snapshots={"tags": {"snapshots": "shop"}, "interval_hours": 6})
    assert result.counts() == {
        "ClusterBackup": 1,
        "Role": 1,
        "RolePolicyAttachment": 1,
        "LifecyclePolicy": 1,
    }
    assert result.the("LifecyclePolicy").inputs == {
        "description": "Snapshots of the volumes of a cluster",
        "executionRoleArn": "arn:shop-snapshots",
        "state": "ENABLED",
        "policyDetails": {
            "resourceTypes": ["VOLUME"],
            "targetTags": {"snapshots": "shop"},
            "schedules": [
                {
                    "name": "Every 6 hours",
                    "createRule": {"interval": 6, "intervalUnit": "HOURS", "times": "02:00"},
                    "retainRule": {"count": 14},
                    "copyTags": True,
                }
            ],
        },
        "region": REGION,
        "tags": {"Name": "shop-snapshots"},
    }
    assert result.the("RolePolicyAttachment").inputs["policyArn"] == (
        "arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"
    )


# All of it.

EVERYTHING: dict[str, Any] = {
    "velero": {**VELERO, "volumes": "ebs"},
    "plan": {"lock": True, "volume_tags": {"a": "b"}},
    "volume_snapshots": {"tags": {"a": "b"}},
}


@pytest.mark.parametrize("force", [False, True])
def test_backups_outlive_the_program_unless_it_is_told_to_delete_them(force: bool) -> None:
    result = backup(**EVERYTHING, force_delete=force)
    kept = {one.type.rpartition(":")[2] for one in result.resources if one.request.retainOnDelete}
    stores = {
        "Bucket",
        "BucketVersioning",
        "BucketOwnershipControls",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
        "BucketLifecycleConfiguration",
        "BucketPolicy",
        "Vault",
        "VaultLockConfiguration",
    }
    assert kept == (set() if force else stores)
    assert result.the("Bucket").inputs["forceDestroy"] is force
    assert result.the("Vault").inputs["forceDestroy"] is force


def test_the_same_resources_are_there_before_anything_is_known() -> None:
    given = {**EVERYTHING, "cluster_arn": Later(CLUSTER), "cluster_name": Later("shop")}
    previewed = backup(preview=True, **given)
    assert previewed.shape() == backup(**given).shape()
    assert previewed.the("PodIdentityAssociation").inputs["roleArn"] == UNKNOWN


def test_the_plugin_hands_over_the_same_settings() -> None:
    host = Plugin()
    given: dict[str, Any] = {
        **host.map_inputs(
            {
                "clusterName": "shop",
                "clusterArn": CLUSTER,
                "region": REGION,
                "velero": {
                    "s3EndpointIds": VELERO["s3_endpoint_ids"],
                    "image": VELERO["image"],
                    "pluginImage": VELERO["plugin_image"],
                    "keepDays": 7.0,
                },
                "plan": {"lock": True, "volumeTags": {"backUp": "yes"}},
                "volumeSnapshots": {"tags": {"backUp": "yes"}, "intervalHours": 6.0},
            },
            host._component_defs["ClusterBackup"],
        )
    }
    assert (
        backup(**given).inputs()
        == backup(
            velero={**VELERO, "keep_days": 7},
            plan={"lock": True, "volume_tags": {"backUp": "yes"}},
            volume_snapshots={"tags": {"backUp": "yes"}, "interval_hours": 6},
        ).inputs()
    )


def test_outputs_are_there_for_the_ways_that_were_chosen() -> None:
    outputs = backup(**EVERYTHING).output("ClusterBackup")
    assert {key: one for key, one in outputs.items() if key != "veleroValues"} == {
        "bucketName": "shop-velero-4711",
        "veleroRoleArn": "arn:shop-velero",
        "vaultName": "shop-vault-name",
        "backupPlanId": "shop-plan-id",
        "restoreRoleArn": "arn:shop-restore",
        "snapshotPolicyId": "shop-snapshots-id",
    }
    assert set(backup(plan={}).output("ClusterBackup")) == {
        "vaultName",
        "backupPlanId",
        "restoreRoleArn",
    }


@pytest.mark.parametrize(
    ("given", "needs", "services"),
    [
        ({"plan": {}, "volume_snapshots": {"tags": {"a": "b"}}}, [], set()),
        (
            {"velero": VELERO},
            ["eks-pod-identity", "image-pull", "s3"],
            {"ecr.api", "ecr.dkr", "eks-auth", "s3"},
        ),
        (
            {"velero": {**VELERO, "volumes": "ebs"}},
            ["eks-pod-identity", "image-pull", "velero"],
            {"ec2", "ecr.api", "ecr.dkr", "eks-auth", "s3"},
        ),
    ],
)
def test_only_velero_asks_for_endpoints(
    given: dict[str, Any], needs: list[str], services: set[str]
) -> None:
    assert cluster_backup_needs(args_of(**given)) == needs
    assert set(needs) <= NEEDS.keys()
    assert services_needed(needs) == services


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {},
            "velero, plan and volume_snapshots are not given, a backup needs at least one of them",
        ),
        (
            {"plan": {}, "region": "eu-west"},
            "region is 'eu-west', it must be the name of a Region such as 'eu-west-3'",
        ),
        ({"plans": {}}, "ClusterBackup has no argument 'plans', did you mean 'plan'?"),
        ({"plan": {"keep": 3}}, "plan has no argument 'keep', did you mean 'keep_days'?"),
        (
            {"velero": {**VELERO, "s3_endpoint_ids": []}},
            (
                "velero.s3_endpoint_ids is empty, it must name the S3 gateway endpoint of the"
                " cluster's network, through which alone the bucket is read and written"
            ),
        ),
        (
            {"velero": {**VELERO, "image": "velero/velero:v1.18.1"}},
            (
                "velero.image is 'velero/velero:v1.18.1', which no VPC endpoint serves; read it"
                " through an ECR pull-through cache as"
                " '<account>.dkr.ecr.<region>.amazonaws.com/docker-hub/velero/velero:v1.18.1', or"
                " copy it into ECR"
            ),
        ),
        (
            {"velero": {**VELERO, "image": "mcr.microsoft.com/velero:1"}},
            (
                "velero.image is 'mcr.microsoft.com/velero:1', which no VPC endpoint serves; copy"
                " it into ECR"
            ),
        ),
        (
            {"velero": {**VELERO, "plugin_image": f"{REGISTRY}/velero-plugin-for-aws"}},
            (
                f"velero.plugin_image is '{REGISTRY}/velero-plugin-for-aws', it must have a tag"
                " other than latest"
            ),
        ),
        (
            {"velero": VELERO, "region": "us-east-1"},
            (
                f"velero.image is '{VELERO['image']}' of region 'eu-west-1', the endpoints here"
                " reach the registry of 'us-east-1' only; replicate the repository and name it"
                " there"
            ),
        ),
        (
            {"velero": {**VELERO, "volumes": "efs"}},
            "velero.volumes is 'efs', it must be one of 'csi' or 'ebs'; did you mean 'ebs'?",
        ),
        (
            {"velero": {**VELERO, "namespace": "Velero"}},
            (
                "velero.namespace is 'Velero', it must be up to 63 lower-case letters, digits and"
                " hyphens"
            ),
        ),
        (
            {"velero": {**VELERO, "schedule": "cron(0 3 * * ? *)"}},
            (
                "velero.schedule is 'cron(0 3 * * ? *)', it must be a cron expression of five"
                " fields, such as '0 3 * * *', in UTC"
            ),
        ),
        (
            {"velero": {**VELERO, "bypass_role_arns": ["admin"]}},
            (
                "velero.bypass_role_arns has 'admin', it must be the ARN of a role, in which *"
                " stands for any text"
            ),
        ),
        (
            {"plan": {"schedule": "0 3 * * *"}},
            (
                "plan.schedule is '0 3 * * *', it must be a cron expression of six fields, such as"
                " 'cron(0 3 * * ? *)', in UTC"
            ),
        ),
        (
            {"plan": {"copy_keep_days": 3}},
            "plan.copy_keep_days is given without plan.copy_to_vault_arn",
        ),
        (
            {"plan": {"keep_days": 0}},
            "plan.keep_days is 0, it must be a whole number from 1 to 36500",
        ),
        (
            {"volume_snapshots": {"tags": {}}},
            "volume_snapshots.tags is empty, it must hold the tags of the volumes to snapshot",
        ),
        (
            {"volume_snapshots": {"tags": {"aws:x": "y"}}},
            "volume_snapshots.tags has 'aws:x', AWS keeps tags that begin with 'aws:'",
        ),
        (
            {"volume_snapshots": {"tags": {"a": "b"}, "interval_hours": 5}},
            "volume_snapshots.interval_hours is 5, it must be one of 1, 2, 3, 4, 6, 8, 12, 24",
        ),
        (
            {"volume_snapshots": {"tags": {"a": "b"}, "time": "2am"}},
            "volume_snapshots.time is '2am', it must be hh:mm in UTC",
        ),
    ],
)
def test_what_is_of_no_use_is_refused_with_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert refused(**given) == sentence


def test_a_backup_of_no_cluster_is_refused() -> None:
    args = cast("ClusterBackupArgs", {"cluster_name": "shop", "plan": {}})
    assert refusal(lambda: ClusterBackup("shop", args)) == (
        "ClusterBackup 'shop': 'cluster_arn' is missing."
    )


@pytest.mark.parametrize("name", ["a" * 35, "shop.prod"])
def test_a_name_that_aws_backup_does_not_take_is_refused(name: str) -> None:
    assert refusal(lambda: ClusterBackup(name, args_of(plan={}))) == (
        f"ClusterBackup {name!r}: name is {name!r}, with a plan it must be up to 34 letters,"
        " digits, hyphens and underscores."
    )
    result = run(lambda: ClusterBackup(name, args_of(velero=VELERO)), preview=True, calls=CALLS)
    assert result.counts()["Bucket"] == 1
