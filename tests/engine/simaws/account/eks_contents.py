"""What a cluster holds, of which moto has nothing: add-ons, access entries, Pod Identity, tags."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from moto.core.utils import utcnow
from moto.eks.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from moto.eks.models import EKSBackend
from moto.iam.models import iam_backends

from tests.engine.simaws.account.amendments import amends
from tests.engine.simaws.account.eks import (
    LAG,
    VERSIONS,
    answers,
    cluster_of,
    minor,
    nodes_run_in,
    update_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from moto.eks.models import Cluster
    from moto.eks.responses import EKSResponse

_Document = dict[str, Any]
#: Add-ons whose pods run on every node there is, and so are content with none.
_ON_EVERY_NODE = frozenset(
    {
        "aws-guardduty-agent",
        "aws-mountpoint-s3-csi-driver",
        "eks-node-monitoring-agent",
        "eks-pod-identity-agent",
        "kube-proxy",
        "prometheus-node-exporter",
        "vpc-cni",
    }
)
_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)(-eksbuild\.\d+)?")
_numbers = itertools.count(1)


# Add-ons.


def create_addon(response: EKSResponse) -> _Document:
    """`CreateAddon`."""
    cluster, name = cluster_of(response), response._get_param("addonName")
    if name in cluster.addons:
        raise ResourceInUseException(
            clusterName=cluster.name, addonName=name, message="Addon already exists."
        )
    version = response._get_param("addonVersion") or _newest(cluster, name)
    _refuse_unfit(cluster, name, version)
    now = utcnow()
    addon = {
        "addonName": name,
        "clusterName": cluster.name,
        "addonVersion": version,
        "addonArn": _arn(response, "addon", f"{cluster.name}/{name}/{next(_numbers):08x}"),
        "configurationValues": response._get_param("configurationValues"),
        "serviceAccountRoleArn": response._get_param("serviceAccountRoleArn"),
        "podIdentityAssociations": [],
        "createdAt": now,
        "modifiedAt": now,
        "tags": response._get_param("tags") or {},
    }
    cluster.addons[name] = addon
    _set_identities(response, cluster, addon)
    return {"addon": _with_status(response, cluster, addon)}


def describe_addon(response: EKSResponse) -> _Document:
    """`DescribeAddon`."""
    cluster = cluster_of(response)
    return {"addon": _with_status(response, cluster, _addon(response, cluster))}


def list_addons(response: EKSResponse) -> _Document:
    """`ListAddons`."""
    return {"addons": sorted(cluster_of(response).addons)}


def update_addon(response: EKSResponse) -> _Document:
    """`UpdateAddon`."""
    cluster = cluster_of(response)
    addon = _addon(response, cluster)
    version = response._get_param("addonVersion")
    if version:
        _refuse_unfit(cluster, addon["addonName"], version)
        addon["addonVersion"] = version
    for name in ("configurationValues", "serviceAccountRoleArn"):
        if response._get_param(name) is not None:
            addon[name] = response._get_param(name) or None
    if response._get_param("podIdentityAssociations") is not None:
        _set_identities(response, cluster, addon)
    addon["modifiedAt"] = utcnow()
    return {"update": update_of("AddonUpdate")}


def delete_addon(response: EKSResponse) -> _Document:
    """`DeleteAddon`, which takes the add-on's own associations with it."""
    cluster = cluster_of(response)
    addon = _addon(response, cluster)
    del cluster.addons[addon["addonName"]]
    for arn in addon["podIdentityAssociations"]:
        del cluster.associations[arn.rsplit("/", 1)[1]]
    return {"addon": addon}


def describe_addon_versions(response: EKSResponse) -> _Document:
    """`DescribeAddonVersions`, for one add-on: the newest of each Kubernetes version."""
    name = response._get_param("addonName")
    kubernetes = response._get_param("kubernetesVersion")
    found = [
        {
            "addonVersion": _newest_for(name, version),
            "compatibilities": [{"clusterVersion": version, "defaultVersion": True}],
        }
        for version in reversed(VERSIONS)
        if kubernetes in (None, version)
    ]
    return {"addons": [{"addonName": name, "addonVersions": found}]}


def _addon(response: EKSResponse, cluster: Cluster) -> _Document:
    name = response._get_param("addonName")
    if name not in cluster.addons:
        raise ResourceNotFoundException(
            clusterName=cluster.name, addonName=name, message=f"No addon: {name} found."
        )
    found: _Document = cluster.addons[name]
    return found


def _with_status(response: EKSResponse, cluster: Cluster, addon: _Document) -> _Document:
    """Pods that no node runs are never ready, and so neither is their add-on."""
    content = addon["addonName"] in _ON_EVERY_NODE
    if content or nodes_run_in(response.eks_backend, cluster):
        return {**addon, "status": "ACTIVE", "health": {"issues": []}}
    issue = {
        "code": "InsufficientNumberOfReplicas",
        "message": "The add-on is unhealthy because it doesn't have the desired number of "
        "replicas.",
    }
    return {**addon, "status": "DEGRADED", "health": {"issues": [issue]}}


def _refuse_unfit(cluster: Cluster, name: str, version: str) -> None:
    """kube-proxy is never ahead of its cluster; of all others only the form is known here."""
    match = _VERSION.fullmatch(version)
    fits = match is not None
    if match and name == "kube-proxy":
        fits = match[1] == "1" and 0 <= minor(cluster.version) - int(match[2]) <= LAG
    if not fits:
        raise InvalidParameterException(
            clusterName=cluster.name,
            addonName=name,
            message="Addon version specified is not supported, AddonName: "
            f'"{name}", Version: "{version}", Kubernetes: "{cluster.version}"',
        )


def _newest(cluster: Cluster, name: str) -> str:
    return _newest_for(name, cluster.version)


def _newest_for(name: str, kubernetes: str) -> str:
    return f"v{kubernetes}.0-eksbuild.1" if name == "kube-proxy" else "v1.99.0-eksbuild.1"


def _set_identities(response: EKSResponse, cluster: Cluster, addon: _Document) -> None:
    for arn in addon["podIdentityAssociations"]:
        del cluster.associations[arn.rsplit("/", 1)[1]]
    addon["podIdentityAssociations"] = [
        _associate(
            response,
            cluster,
            {"namespace": "kube-system", **one, "ownerArn": addon["addonArn"]},
        )["associationArn"]
        for one in response._get_param("podIdentityAssociations") or []
    ]


# Access entries.


def create_access_entry(response: EKSResponse) -> _Document:
    """`CreateAccessEntry`."""
    cluster, principal = cluster_of(response), response._get_param("principalArn")
    if cluster.access_config["authenticationMode"] == "CONFIG_MAP":
        raise InvalidRequestException(
            message="The cluster's authentication mode must be set to one of [API, "
            "API_AND_CONFIG_MAP] to perform this operation."
        )
    if principal in cluster.access_entries:
        raise ResourceInUseException(
            message="The specified access entry resource is already in use on this cluster."
        )
    kind = response._get_param("type") or "STANDARD"
    groups = response._get_param("kubernetesGroups") or []
    if any(group.startswith("system:") for group in groups):
        raise InvalidParameterException(
            message="The kubernetes group name must not start with 'system:'"
        )
    _refuse_unknown_principal(response, principal)
    cluster.access_entries[principal] = {
        "clusterName": cluster.name,
        "principalArn": principal,
        "accessEntryArn": _arn(
            response, "access-entry", f"{cluster.name}/{principal.split(':', 5)[5]}"
        ),
        "kubernetesGroups": groups,
        "username": response._get_param("username") or principal,
        "type": kind,
        "createdAt": utcnow(),
        "modifiedAt": utcnow(),
        "tags": response._get_param("tags") or {},
        "policies": {},
        "owner": "user",
    }
    return {"accessEntry": cluster.access_entries[principal]}


def describe_access_entry(response: EKSResponse) -> _Document:
    """`DescribeAccessEntry`."""
    return {"accessEntry": _entry(response)}


def list_access_entries(response: EKSResponse) -> _Document:
    """`ListAccessEntries`."""
    return {"accessEntries": sorted(cluster_of(response).access_entries)}


def update_access_entry(response: EKSResponse) -> _Document:
    """`UpdateAccessEntry`."""
    entry = _entry(response)
    for name in ("kubernetesGroups", "username"):
        if response._get_param(name) is not None:
            entry[name] = response._get_param(name)
    return {"accessEntry": entry}


def delete_access_entry(response: EKSResponse) -> _Document:
    """`DeleteAccessEntry`."""
    entry = _entry(response)
    del cluster_of(response).access_entries[entry["principalArn"]]
    return {}


def associate_access_policy(response: EKSResponse) -> _Document:
    """`AssociateAccessPolicy`."""
    entry, policy = _entry(response), response._get_param("policyArn")
    if ":cluster-access-policy/" not in policy:
        raise InvalidParameterException(message="The policyArn parameter format is not valid")
    now = utcnow()
    entry["policies"][policy] = {
        "policyArn": policy,
        "accessScope": {"namespaces": [], **response._get_param("accessScope")},
        "associatedAt": now,
        "modifiedAt": now,
    }
    return {
        "clusterName": entry["clusterName"],
        "principalArn": entry["principalArn"],
        "associatedAccessPolicy": entry["policies"][policy],
    }


def list_associated_access_policies(response: EKSResponse) -> _Document:
    """`ListAssociatedAccessPolicies`."""
    entry = _entry(response)
    return {
        "clusterName": entry["clusterName"],
        "principalArn": entry["principalArn"],
        "associatedAccessPolicies": list(entry["policies"].values()),
    }


def disassociate_access_policy(response: EKSResponse) -> _Document:
    """`DisassociateAccessPolicy`."""
    _entry(response)["policies"].pop(response._get_param("policyArn"), None)
    return {}


def _entry(response: EKSResponse) -> _Document:
    principal = response._get_param("principalArn")
    entries = cluster_of(response).access_entries
    if principal not in entries:
        raise ResourceNotFoundException(
            message="The specified principalArn could not be found. You can view your available "
            "access entries with 'list-access-entries'."
        )
    found: _Document = entries[principal]
    return found


def _refuse_unknown_principal(response: EKSResponse, principal: str) -> None:
    """Roles and users of the account must exist; those of other accounts are not looked up."""
    backend = response.eks_backend
    if f"::{backend.account_id}:role/" not in principal:
        return
    roles = iam_backends[backend.account_id]["aws"].roles.values()
    if not any(role.arn == principal for role in roles):
        raise InvalidParameterException(
            message="The specified principalArn is invalid: invalid principal."
        )


# Pod Identity associations.


def create_pod_identity_association(response: EKSResponse) -> _Document:
    """`CreatePodIdentityAssociation`."""
    asked = {
        name: response._get_param(name)
        for name in ("namespace", "serviceAccount", "roleArn", "targetRoleArn", "tags")
    }
    asked["disableSessionTags"] = bool(response._get_param("disableSessionTags"))
    return {"association": _associate(response, cluster_of(response), asked)}


def describe_pod_identity_association(response: EKSResponse) -> _Document:
    """`DescribePodIdentityAssociation`."""
    return {"association": _association(response)}


def list_pod_identity_associations(response: EKSResponse) -> _Document:
    """`ListPodIdentityAssociations`."""
    return {"associations": list(cluster_of(response).associations.values())}


def update_pod_identity_association(response: EKSResponse) -> _Document:
    """`UpdatePodIdentityAssociation`."""
    association = _association(response)
    for name in ("roleArn", "targetRoleArn", "disableSessionTags"):
        if response._get_param(name) is not None:
            association[name] = response._get_param(name)
    return {"association": association}


def delete_pod_identity_association(response: EKSResponse) -> _Document:
    """`DeletePodIdentityAssociation`."""
    association = _association(response)
    if association.get("ownerArn"):
        raise InvalidRequestException(
            message="The association is owned by an addon and cannot be deleted"
        )
    del cluster_of(response).associations[association["associationId"]]
    return {"association": association}


def _associate(response: EKSResponse, cluster: Cluster, asked: _Document) -> _Document:
    who = (asked["namespace"], asked["serviceAccount"])
    if any(
        (one["namespace"], one["serviceAccount"]) == who for one in cluster.associations.values()
    ):
        raise ResourceInUseException(
            message=f"Association already exists: {' '.join(who)} of {cluster.name}"
        )
    identifier = f"a-{next(_numbers):016x}"
    association = {
        **{name: value for name, value in asked.items() if value is not None},
        "clusterName": cluster.name,
        "associationId": identifier,
        "associationArn": _arn(response, "podidentityassociation", f"{cluster.name}/{identifier}"),
        "createdAt": utcnow(),
        "modifiedAt": utcnow(),
    }
    cluster.associations[identifier] = association
    return association


def _association(response: EKSResponse) -> _Document:
    identifier = response._get_param("associationId")
    held = cluster_of(response).associations
    if identifier not in held:
        raise ResourceNotFoundException(message=f"Association {identifier} not found")
    found: _Document = held[identifier]
    return found


# Tags, of which moto has those of clusters only.


@amends(EKSBackend, "tag_resource")
def _tag(
    original: Callable[..., Any], backend: EKSBackend, resource_arn: str, tags: dict[str, str]
) -> Any:
    held = _tags(backend, resource_arn)
    if held is None:
        return original(backend, resource_arn=resource_arn, tags=tags)
    held.update(tags)
    return None


@amends(EKSBackend, "untag_resource")
def _untag(
    original: Callable[..., Any], backend: EKSBackend, resource_arn: str, tag_keys: list[str]
) -> Any:
    held = _tags(backend, resource_arn)
    if held is None:
        return original(backend, resource_arn=resource_arn, tag_keys=tag_keys)
    for key in [tag_keys] if isinstance(tag_keys, str) else tag_keys:
        held.pop(key, None)
    return None


def _tags(backend: EKSBackend, arn: str) -> dict[str, str] | None:
    return next((tags for known, tags in _tagged(backend) if known == arn), None)


def _tagged(backend: EKSBackend) -> Iterator[tuple[str, dict[str, str]]]:
    for cluster in backend.clusters.values():
        for group in cluster.nodegroups.values():
            yield group.arn, group.tags
        for profile in cluster.fargate_profiles.values():
            yield profile.fargate_profile_arn, profile.tags
        for addon in cluster.addons.values():
            yield addon["addonArn"], addon["tags"]
        for entry in cluster.access_entries.values():
            yield entry.get("accessEntryArn", ""), entry["tags"]
        for association in cluster.associations.values():
            yield association["associationArn"], association.setdefault("tags", {})


def _arn(response: EKSResponse, kind: str, rest: str) -> str:
    backend = response.eks_backend
    return f"arn:aws:eks:{backend.region_name}:{backend.account_id}:{kind}/{rest}"


for _operation in (
    associate_access_policy,
    create_access_entry,
    create_addon,
    create_pod_identity_association,
    delete_access_entry,
    delete_addon,
    delete_pod_identity_association,
    describe_access_entry,
    describe_addon,
    describe_addon_versions,
    describe_pod_identity_association,
    disassociate_access_policy,
    list_access_entries,
    list_addons,
    list_associated_access_policies,
    list_pod_identity_associations,
    update_access_entry,
    update_addon,
    update_pod_identity_association,
):
    answers(_operation.__name__, _operation)
