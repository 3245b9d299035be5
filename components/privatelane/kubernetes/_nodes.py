"""Node pools and what their nodes are made of, for Auto Mode and for Karpenter.

Sources: "Create a node class" and "Create a node pool" of the EKS user guide, and the custom
resource definitions of karpenter-provider-aws (v1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from privatelane._invalid import (
    InvalidInput,
    choice,
    entries,
    flag,
    integer,
    items,
    text,
)
from privatelane.kubernetes._compute import AUTO_MODE, KARPENTER
from privatelane.kubernetes._manifests import Manifest, manifest
from privatelane.kubernetes._storage import object_name

#: Compute → the group and kind of its node classes, and the prefix of its labels.
_CLASSES = {
    AUTO_MODE: ("eks.amazonaws.com", "NodeClass", "eks.amazonaws.com"),
    KARPENTER: ("karpenter.k8s.aws", "EC2NodeClass", "karpenter.k8s.aws"),
}

#: A family of images with one version of it, which Karpenter resolves to an AMI.
_ALIAS = re.compile(r"(al2023|bottlerocket)@v\d[\w.]*")

#: Family → the devices of its volumes and their least sizes in GiB; the last is the one that grows.
_DEVICES = {"al2023": {"/dev/xvda": 20}, "bottlerocket": {"/dev/xvda": 4, "/dev/xvdb": 20}}

#: Nodes of Auto Mode live 21 days at most. Source: EKS user guide, "EKS Auto Mode".
_MOST_HOURS = {AUTO_MODE: 21 * 24, KARPENTER: 8760}

_ARCHITECTURES = ("amd64", "arm64")
_CAPACITY_TYPES = ("on-demand", "spot")


def node_class(
    compute: str,
    given: Mapping[str, Any],
    *,
    role_name: Any = None,  # noqa: ANN401 - text, now or later
    subnets: Any,  # noqa: ANN401 - selector terms, now or later
    security_group_ids: Sequence[Any],
) -> Manifest:
    """Return what the nodes are made of, for the settings `node_class.*`.

    They never have a public address, their volumes are encrypted, and pods get no credentials of
    theirs.

    Raises:
        InvalidInput: a setting is of no use, or belongs to the other kind of compute.

    """
    check_node_class(compute, given)
    common: dict[str, Any] = {
        "subnetSelectorTerms": subnets,
        "securityGroupSelectorTerms": [{"id": one} for one in security_group_ids],
    }
    if tags := entries("node_class.tags", given.get("tags", {})):
        common["tags"] = dict(tags)
    own = _auto_mode(given, role_name) if compute == AUTO_MODE else _karpenter(given)
    group, kind, _ = _CLASSES[compute]
    return manifest(
        f"{group}/v1",
        kind,
        object_name("node_class.name", given.get("name", "private")),
        spec={**own, **common},
    )


def check_node_class(compute: str, given: Mapping[str, Any]) -> None:
    """Accept the settings `node_class.*` as far as they are plain.

    Raises:
        InvalidInput: a setting is of no use, or belongs to the other kind of compute.

    """
    theirs = {
        AUTO_MODE: ("ami_alias", "instance_profile"),
        KARPENTER: ("network_policy", "node_role_arn"),
    }
    for key in theirs[compute]:
        if key in given:
            raise InvalidInput(f"node_class.{key} is given, compute {compute!r} does not take it")
    needed = "node_role_arn" if compute == AUTO_MODE else "instance_profile"
    if needed not in given:
        why = (
            "the role of the nodes"
            if compute == AUTO_MODE
            else "an instance profile: to make one, Karpenter would call IAM, which may have no"
            " endpoint here"
        )
        raise InvalidInput(f"node_class.{needed} is not given, it must be {why}")
    if compute == KARPENTER:
        _alias(given)
    else:
        choice(
            "node_class.network_policy",
            given.get("network_policy", "DefaultAllow"),
            ("DefaultAllow", "DefaultDeny"),
        )
    _volume_size(given)
    if not items("node_class.security_group_ids", given.get("security_group_ids", ())):
        raise InvalidInput(
            "node_class.security_group_ids is empty, it must name the cluster's security group"
        )


def node_pool(compute: str, name: str, given: Mapping[str, Any], node_class_name: str) -> Manifest:
    """Return a node pool for the settings `node_pools.<name>.*`.

    Raises:
        InvalidInput: a setting is of no use.

    """
    field = f"node_pools.{name}"
    group, kind, labels = _CLASSES[compute]

    def chosen(key: str, default: Sequence[str], accepted: Sequence[str]) -> list[str]:
        given_values = items(f"{field}.{key}", given.get(key, list(default)))
        if not given_values:
            raise InvalidInput(f"{field}.{key} is empty, leave it out for {list(default)}")
        return [choice(f"{field}.{key}", one, accepted) for one in given_values]

    def requirement(key: str, values: Sequence[str], operator: str = "In") -> dict[str, Any]:
        return {"key": key, "operator": operator, "values": list(values)}

    generation = integer(
        f"{field}.least_generation", given.get("least_generation", 6), least=1, most=99
    )
    requirements = [
        requirement("kubernetes.io/os", ["linux"]),
        requirement("kubernetes.io/arch", chosen("architectures", ["amd64"], _ARCHITECTURES)),
        requirement(
            "karpenter.sh/capacity-type", chosen("capacity_types", ["on-demand"], _CAPACITY_TYPES)
        ),
        requirement(
            f"{labels}/instance-category",
            [
                text(f"{field}.instance_categories", one)
                for one in items(
                    f"{field}.instance_categories",
                    given.get("instance_categories", ["c", "m", "r"]),
                )
            ],
        ),
        # Gt, as Gte is newer than some releases of Karpenter that clusters have.
        requirement(f"{labels}/instance-generation", [str(generation - 1)], "Gt"),
    ]
    if zones := items(f"{field}.zones", given.get("zones", ())):
        requirements.append(
            requirement(
                "topology.kubernetes.io/zone", [text(f"{field}.zones", one) for one in zones]
            )
        )
    hours = integer(
        f"{field}.expire_after_hours",
        given.get("expire_after_hours", 14 * 24),
        least=1,
        most=_MOST_HOURS[compute],
    )
    limits = {
        "cpu": str(integer(f"{field}.most_cpus", given.get("most_cpus", 100), least=1, most=10**6))
    }
    if "most_memory_gib" in given:
        memory = integer(f"{field}.most_memory_gib", given["most_memory_gib"], least=1, most=10**7)
        limits["memory"] = f"{memory}Gi"
    template: dict[str, Any] = {
        "spec": {
            "nodeClassRef": {"group": group, "kind": kind, "name": node_class_name},
            "requirements": requirements,
            "expireAfter": f"{hours}h",
        }
    }
    if node_labels := entries(f"{field}.labels", given.get("labels", {})):
        template["metadata"] = {"labels": dict(node_labels)}
    if flag(f"{field}.system", given.get("system", False)):
        # What add-ons of EKS tolerate, and workloads do not.
        template["spec"]["taints"] = [{"key": "CriticalAddonsOnly", "effect": "NoSchedule"}]
    return manifest(
        "karpenter.sh/v1",
        "NodePool",
        object_name("node_pools", name),
        spec={
            "template": template,
            "limits": limits,
            "disruption": {
                "consolidationPolicy": "WhenEmptyOrUnderutilized",
                "consolidateAfter": "1m",
                "budgets": [{"nodes": "10%"}],
            },
        },
    )


def _auto_mode(given: Mapping[str, Any], role_name: Any) -> dict[str, Any]:  # noqa: ANN401
    storage: dict[str, Any] = {"size": f"{_volume_size(given)}Gi"}
    if "kms_key_arn" in given:
        storage["kmsKeyID"] = given["kms_key_arn"]
    return {
        "role": role_name,
        "networkPolicy": given.get("network_policy", "DefaultAllow"),
        "ephemeralStorage": storage,
        "advancedNetworking": {"associatePublicIPAddress": False},
    }


def _karpenter(given: Mapping[str, Any]) -> dict[str, Any]:
    alias = _alias(given)
    *small, last = _DEVICES[alias.partition("@")[0]].items()
    sizes = dict([*small, (last[0], max(last[1], _volume_size(given)))])
    key = {"kmsKeyID": given["kms_key_arn"]} if "kms_key_arn" in given else {}
    return {
        "amiSelectorTerms": [{"alias": alias}],
        "instanceProfile": given["instance_profile"],
        "associatePublicIPAddress": False,
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            # One hop is the node itself: pods get their credentials from Pod Identity.
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "blockDeviceMappings": [
            {
                "deviceName": device,
                "ebs": {
                    "volumeSize": f"{size}Gi",
                    "volumeType": "gp3",
                    "encrypted": True,
                    "deleteOnTermination": True,
                    **key,
                },
            }
            for device, size in sizes.items()
        ],
    }


def _alias(given: Mapping[str, Any]) -> str:
    alias = text("node_class.ami_alias", given.get("ami_alias"))
    if _ALIAS.fullmatch(alias) is None:
        raise InvalidInput(
            f"node_class.ami_alias is {alias!r}, it must name one version of a family, such as"
            " 'bottlerocket@v1.50.0' or 'al2023@v20261101', so that nodes change when you say so"
        )
    return alias


def _volume_size(given: Mapping[str, Any]) -> int:
    return integer("node_class.volume_gib", given.get("volume_gib", 80), least=20, most=16_384)
