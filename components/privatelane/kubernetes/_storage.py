"""Classes of volumes and snapshots.

Sources: "Create a storage class" of the EKS user guide, `docs/parameters.md` of aws-ebs-csi-driver,
and the CSI page of Velero's documentation for the label of the snapshot class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from privatelane._invalid import InvalidInput, choice, entries, flag, integer, text
from privatelane.kubernetes._compute import AUTO_MODE, ebs_driver
from privatelane.kubernetes._manifests import Manifest, manifest

#: What a gp3 volume takes. Source: "Amazon EBS volume types", read in November 2026.
_LEAST_IOPS, _MOST_IOPS = 3_000, 80_000
_LEAST_THROUGHPUT, _MOST_THROUGHPUT = 125, 2_000

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def storage_class(compute: str, given: Mapping[str, Any]) -> Manifest:
    """Return the class of encrypted gp3 volumes for the settings `storage.*`.

    A volume is made where its first pod runs (`WaitForFirstConsumer`): one that is made at once may
    be in a zone that the pod cannot be in, and stays there.

    Raises:
        InvalidInput: EBS or Kubernetes would not take a setting.

    """
    parameters = {
        "type": "gp3",
        "encrypted": "true",
        "csi.storage.k8s.io/fstype": choice(
            "storage.file_system", given.get("file_system", "ext4"), ("ext4", "xfs")
        ),
    }
    for key, least, most in (
        ("iops", _LEAST_IOPS, _MOST_IOPS),
        ("throughput", _LEAST_THROUGHPUT, _MOST_THROUGHPUT),
    ):
        if key in given:
            parameters[key] = str(integer(f"storage.{key}", given[key], least=least, most=most))
    if "kms_key_arn" in given:
        parameters["kmsKeyId"] = given["kms_key_arn"]
    tags = entries("storage.volume_tags", given.get("volume_tags", {}))
    for number, (key, value) in enumerate(sorted(tags.items()), 1):
        parameters[f"tagSpecification_{number}"] = (
            f"{key}={text(f'storage.volume_tags.{key}', value)}"
        )
    default = flag("storage.default", given.get("default", True))
    body: dict[str, Any] = {
        "provisioner": ebs_driver(compute),
        "parameters": parameters,
        "reclaimPolicy": choice(
            "storage.reclaim_policy", given.get("reclaim_policy", "Delete"), ("Delete", "Retain")
        ),
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }
    if compute == AUTO_MODE:
        # Its volumes attach to its own nodes alone, where a cluster has others beside them.
        body["allowedTopologies"] = [
            {
                "matchLabelExpressions": [
                    {"key": "eks.amazonaws.com/compute-type", "values": ["auto"]}
                ]
            }
        ]
    return manifest(
        "storage.k8s.io/v1",
        "StorageClass",
        object_name("storage.name", given.get("name", "gp3")),
        annotations=({"storageclass.kubernetes.io/is-default-class": "true"} if default else None),
        **body,
    )


def snapshot_class(compute: str) -> Manifest:
    """Return the class of snapshots, which Velero finds by its label.

    Its kind comes with the snapshot controller.
    """
    return manifest(
        "snapshot.storage.k8s.io/v1",
        "VolumeSnapshotClass",
        "ebs",
        labels={"velero.io/csi-volumesnapshot-class": "true"},
        annotations={"snapshot.storage.kubernetes.io/is-default-class": "true"},
        driver=ebs_driver(compute),
        deletionPolicy="Delete",
    )


def object_name(field: str, value: object) -> str:
    """Return `value` when Kubernetes takes it as the name of an object.

    Raises:
        InvalidInput: it does not.

    """
    known = text(field, value)
    if _NAME.fullmatch(known) is None:
        raise InvalidInput(
            f"{field} is {known!r}, it must be lower-case letters, digits, hyphens and dots"
        )
    return known
