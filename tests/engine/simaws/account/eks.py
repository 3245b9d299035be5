"""EKS clusters, node groups and Fargate profiles: what AWS refuses of them, and what moto forgets.

A cluster here has what its subnets see of it: a security group and two network interfaces, which
EKS makes and takes away again. Nodes join only where something gives pods addresses, and they
leave network interfaces behind where that something is gone before them.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from moto.autoscaling.models import autoscaling_backends
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks import urls
from moto.eks.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from moto.eks.models import Cluster, EKSBackend, Nodegroup
from moto.eks.responses import EKSResponse
from moto.iam.models import iam_backends

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Kubernetes versions that can be asked for; the default is the newest.
VERSIONS = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36")
#: How many minor versions a kubelet or a kube-proxy may lag behind the API server.
LAG = 3
#: Zones without room for control planes ("VPC requirements" in the EKS user guide).
_REFUSED_ZONES = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
#: Parameters of a create or an update that moto does not store, with AWS's defaults.
_SETTINGS: dict[str, Any] = {
    "accessConfig": {"authenticationMode": "CONFIG_MAP"},
    "computeConfig": {"enabled": False, "nodePools": []},
    "controlPlaneScalingConfig": {"tier": "standard"},
    "deletionProtection": False,
    "storageConfig": {"blockStorage": {"enabled": False}},
    "upgradePolicy": {"supportType": "EXTENDED"},
    "zonalShiftConfig": {"enabled": False},
}
_numbers = itertools.count(1)

# Whatever moto has no path for is EKS's all the same: its responses know the methods.
urls.url_paths["{0}/clusters/(?P<name>[^/]+)/(?P<rest>.+)$"] = urls.response.dispatch
urls.url_paths["{0}/cluster-versions$"] = urls.response.dispatch
urls.url_paths["{0}/addons/supported-versions$"] = urls.response.dispatch


def cluster_of(response: EKSResponse) -> Cluster:
    """The cluster that a request names."""
    name = response._get_param("name")
    cluster = response.eks_backend.clusters.get(name)
    if cluster is None:
        raise ResourceNotFoundException(message=f"No cluster found for name: {name}.")
    return cluster


def minor(version: str) -> int:
    """The minor part of a Kubernetes version."""
    return int(version.split(".")[1])


def update_of(kind: str) -> dict[str, Any]:
    """The record of a change, done as soon as it was asked for."""
    return {"id": f"update-{next(_numbers)}", "status": "Successful", "type": kind, "params": []}


def nodes_run_in(backend: EKSBackend, cluster: Cluster) -> bool:
    """Whether a cluster has anywhere to run pods, as far as AWS knows."""
    scaling = autoscaling_backends[backend.account_id][backend.region_name]
    tag = f"kubernetes.io/cluster/{cluster.name}"
    return (
        any(group.status == "ACTIVE" for group in cluster.nodegroups.values())
        or bool(cluster.fargate_profiles)
        or bool(cluster.compute_config.get("nodePools"))
        or any(
            one["Key" if "Key" in one else "key"] == tag
            for group in scaling.autoscaling_groups.values()
            for one in group.tags
        )
    )


@amends(EKSResponse, "create_cluster")
def _create_cluster(original: Callable[..., Any], response: EKSResponse) -> Any:
    backend = response.eks_backend
    version = response._get_param("version") or VERSIONS[-1]
    if version not in VERSIONS:
        raise InvalidParameterException(message=f"unsupported Kubernetes version {version}")
    asked = response._get_param("resourcesVpcConfig")
    subnets = _subnets(backend, asked.get("subnetIds") or [])
    _refuse_zones(subnets)
    _refuse_unknown_role(backend, response._get_param("roleArn"))
    settings = {
        name: {**default, **given} if isinstance(default, dict) else given
        for name, default in _SETTINGS.items()
        for given in [response._get_param(name) or default]
    }
    _refuse_half_an_auto_mode(
        settings, response._get_param("kubernetesNetworkConfig") or {}, backend
    )
    access = settings["accessConfig"]
    if (
        access.get("bootstrapClusterCreatorAdminPermissions") is False
        and access["authenticationMode"] == "CONFIG_MAP"
    ):
        raise InvalidParameterException(
            message="bootstrapClusterCreatorAdminPermissions must be true if cluster "
            "authentication mode is set to CONFIG_MAP"
        )
    answer = original(response)
    cluster = answer.result["cluster"]
    cluster.version = version
    for name, value in settings.items():
        setattr(cluster, _snake(name), value)
    bootstrap = response._get_param("bootstrapSelfManagedAddons")
    cluster.networked = bootstrap is not False or settings["computeConfig"]["enabled"]
    cluster.addons, cluster.access_entries, cluster.associations = {}, {}, {}
    network = response._get_param("kubernetesNetworkConfig") or {}
    ipv6 = network.get("ipFamily") == "ipv6"
    cluster.kubernetes_network_config = {
        "ipFamily": "ipv4",
        "elasticLoadBalancing": {"enabled": False},
        **({"serviceIpv6Cidr": "fd30:1c53:5f8a::/108"} if ipv6 else {}),
        **({} if ipv6 else {"serviceIpv4Cidr": "172.20.0.0/16"}),
        **network,
    }
    group = _ec2(backend).create_security_group(
        f"eks-cluster-sg-{cluster.name}-{next(_numbers)}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane master "
        "nodes, as well as any managed workloads.",
        vpc_id=subnets[0].vpc_id,
        tags={"aws:eks:cluster-name": cluster.name},
    )
    for subnet in subnets[:2]:
        _interface(backend, subnet.id, group.id, f"Amazon EKS {cluster.name}")
    public = asked.get("endpointPublicAccess", True)
    cluster.resources_vpc_config = {
        "controlPlaneEgressMode": "AWS_MANAGED",
        "endpointPrivateAccess": False,
        "endpointPublicAccess": True,
        "publicAccessCidrs": ["0.0.0.0/0"] if public else [],
        "securityGroupIds": [],
        **asked,
        "clusterSecurityGroupId": group.id,
        "vpcId": subnets[0].vpc_id,
    }
    number = f"{next(_numbers):032X}"
    issuer = f"https://oidc.eks.{backend.region_name}.amazonaws.com/id/{number}"
    cluster.identity = {"oidc": {"issuer": issuer}}
    cluster.endpoint = f"https://{number}.gr7.{backend.region_name}.eks.amazonaws.com"
    _admit(cluster, cluster.compute_config.get("nodeRoleArn"), "EC2")
    return answer


@amends(EKSResponse, "update_cluster_config")
def _update_cluster_config(original: Callable[..., Any], response: EKSResponse) -> Any:
    del original
    cluster = cluster_of(response)
    backend = response.eks_backend
    asked = response._get_param("resourcesVpcConfig")
    if asked:
        _change_network(backend, cluster, asked)
    logging = response._get_param("logging")
    if logging:
        cluster.logging = logging
    remote = response._get_param("remoteNetworkConfig")
    if remote:
        cluster.remote_network_config = remote
    given = {name: response._get_param(name) for name in _SETTINGS}
    given = {name: value for name, value in given.items() if value is not None}
    if "accessConfig" in given:
        mode = given["accessConfig"]["authenticationMode"]
        if _MODES.index(mode) < _MODES.index(cluster.access_config["authenticationMode"]):
            raise InvalidParameterException(
                message=f"Unsupported authentication mode update from "
                f"{cluster.access_config['authenticationMode']} to {mode}"
            )
    network = response._get_param("kubernetesNetworkConfig") or {}
    if "computeConfig" in given:
        _refuse_half_an_auto_mode(given, network, backend)
    cluster.kubernetes_network_config.update(network)
    for name, value in given.items():
        held = getattr(cluster, _snake(name))
        setattr(cluster, _snake(name), {**held, **value} if isinstance(value, dict) else value)
    if given.get("computeConfig", {}).get("enabled") is False:
        cluster.compute_config = {"enabled": False, "nodePools": []}
    return ActionResult({"update": update_of("ConfigUpdate")})


def update_cluster_version(response: EKSResponse) -> Any:
    """`UpdateClusterVersion`: one minor version up, and no further from the oldest kubelet."""
    cluster = cluster_of(response)
    version = response._get_param("version")
    if version not in VERSIONS:
        raise InvalidParameterException(message=f"unsupported Kubernetes version {version}")
    if minor(version) != minor(cluster.version) + 1:
        raise InvalidParameterException(
            message="Unsupported Kubernetes minor version update from "
            f"{cluster.version} to {version}"
        )
    for group in cluster.nodegroups.values():
        if minor(version) - minor(group.version) > LAG:
            raise InvalidRequestException(
                message=f"Nodegroup {group.nodegroup_name} is at version {group.version}, which is "
                f"not supported by Kubernetes {version}"
            )
    cluster.version = version
    return {"update": update_of("VersionUpdate")}


def associate_encryption_config(response: EKSResponse) -> Any:
    """`AssociateEncryptionConfig`: once, and for good."""
    cluster = cluster_of(response)
    if cluster.encryption_config:
        raise InvalidParameterException(message="Cluster already has encryption config")
    cluster.encryption_config = response._get_param("encryptionConfig")
    return {"update": update_of("AssociateEncryptionConfig")}


@amends(EKSBackend, "delete_cluster")
def _delete_cluster(original: Callable[..., Any], backend: EKSBackend, name: str) -> Any:
    cluster = backend.clusters.get(name)
    if cluster is not None and cluster.deletion_protection:
        raise InvalidRequestException(
            message=f"Cluster {name} has deletion protection enabled and cannot be deleted"
        )
    if cluster is not None and cluster.fargate_profiles:
        raise ResourceInUseException(
            clusterName=name, message="Cannot delete because cluster has Fargate profiles attached"
        )
    deleted = original(backend, name=name)
    ec2 = _ec2(backend)
    group = deleted.resources_vpc_config["clusterSecurityGroupId"]
    for key, interface in list(ec2.enis.items()):
        if interface.description == f"Amazon EKS {name}":
            del ec2.enis[key]
    if not any(group in [one.id for one in eni.group_set] for eni in ec2.enis.values()):
        ec2.delete_security_group(group_id=group)
    return deleted


@amends(EKSResponse, "create_nodegroup")
def _create_nodegroup(original: Callable[..., Any], response: EKSResponse) -> Any:
    backend, cluster = response.eks_backend, cluster_of(response)
    subnets = _subnets(backend, response._get_param("subnets"))
    if any(subnet.vpc_id != cluster.resources_vpc_config["vpcId"] for subnet in subnets):
        raise InvalidParameterException(message="Subnets are not in the VPC of the cluster")
    _refuse_unknown_role(backend, response._get_param("nodeRole"))
    version = response._get_param("version") or cluster.version
    _refuse_version_of_nodes(cluster, version)
    sizes = response._get_param("scalingConfig") or {}
    _refuse_sizes(sizes)
    answer = original(response)
    group = answer.result["nodegroup"]
    group.version = version
    group.release_version = response._get_param("releaseVersion") or _release(version)
    group.update_config = response._get_param("updateConfig") or {"maxUnavailable": 1}
    group.node_repair_config = response._get_param("nodeRepairConfig") or {"enabled": False}
    if group.launch_template:
        _fill_template(backend, group)
    group.joined = cluster.networked or "vpc-cni" in cluster.addons
    if not group.joined:
        group.status = "CREATE_FAILED"
        issue = {
            "code": "NodeCreationFailure",
            "message": "Unhealthy nodes in the kubernetes cluster",
            "resourceIds": [],
        }
        group.health = {"issues": [issue]}
    _admit(cluster, group.node_role, "EC2_LINUX")
    return answer


def update_nodegroup_version(response: EKSResponse) -> Any:
    """`UpdateNodegroupVersion`: to the cluster's version at most, never back."""
    cluster = cluster_of(response)
    group = _group_of(response, cluster)
    version = response._get_param("version")
    if version:
        _refuse_version_of_nodes(cluster, version)
        if minor(version) < minor(group.version):
            raise InvalidParameterException(
                message=f"Nodegroup version cannot be lowered from {group.version} to {version}"
            )
        group.version = version
        group.release_version = _release(version)
    if response._get_param("releaseVersion"):
        group.release_version = response._get_param("releaseVersion")
    template = response._get_param("launchTemplate")
    if template:
        if not group.launch_template:
            raise InvalidParameterException(
                message="Nodegroup was not created with a launch template"
            )
        group.launch_template = {**group.launch_template, **template}
        _fill_template(response.eks_backend, group)
    return {"update": update_of("VersionUpdate")}


@amends(EKSResponse, "update_nodegroup_config")
def _update_nodegroup_config(original: Callable[..., Any], response: EKSResponse) -> Any:
    group = _group_of(response, cluster_of(response))
    _refuse_sizes({**group.scaling_config, **(response._get_param("scalingConfig") or {})})
    return original(response)


@amends(EKSBackend, "delete_nodegroup")
def _delete_nodegroup(
    original: Callable[..., Any], backend: EKSBackend, cluster_name: str, nodegroup_name: str
) -> Any:
    deleted = original(backend, cluster_name=cluster_name, nodegroup_name=nodegroup_name)
    cluster = backend.clusters[cluster_name]
    others = {group.node_role for group in cluster.nodegroups.values()}
    entry = cluster.access_entries.get(deleted.node_role)
    if entry is not None and entry["owner"] == "EKS" and deleted.node_role not in others:
        del cluster.access_entries[deleted.node_role]
    if deleted.joined and not cluster.networked and "vpc-cni" not in cluster.addons:
        # Nobody was left to take the pods' interfaces away.
        group = cluster.resources_vpc_config["clusterSecurityGroupId"]
        _interface(backend, deleted.subnets[0], group, f"aws-K8S-i-{next(_numbers):017x}")
    return deleted


@amends(EKSResponse, "create_fargate_profile")
def _create_fargate_profile(original: Callable[..., Any], response: EKSResponse) -> Any:
    backend, cluster = response.eks_backend, cluster_of(response)
    for subnet in _subnets(backend, response._get_param("subnets") or []):
        if _is_public(backend, subnet):
            raise InvalidParameterException(
                message=f"Subnet {subnet.id} provided in Fargate Profile is not a private subnet"
            )
    role = response._get_param("podExecutionRoleArn")
    _refuse_unknown_role(backend, role)
    answer = original(response)
    _admit(cluster, role, "FARGATE_LINUX")
    return answer


def describe_cluster_versions(response: EKSResponse) -> Any:
    """`DescribeClusterVersions`."""
    asked = response._get_param("clusterVersions") or VERSIONS
    found = [
        {"clusterVersion": version, "defaultVersion": version == VERSIONS[-1]}
        for version in reversed(VERSIONS)
        if version in asked
    ]
    return {"clusterVersions": found}


def subnets_in_use(backend: EKSBackend) -> Iterator[str]:
    """The subnets that nodes and pods of any cluster run in."""
    for cluster in backend.clusters.values():
        for part in (*cluster.nodegroups.values(), *cluster.fargate_profiles.values()):
            yield from part.subnets


def _change_network(backend: EKSBackend, cluster: Cluster, asked: dict[str, Any]) -> None:
    held = cluster.resources_vpc_config
    wanted = {**held, **asked}
    if wanted == held:
        raise InvalidParameterException(message="Cluster is already at the desired configuration")
    if not (wanted["endpointPublicAccess"] or wanted["endpointPrivateAccess"]):
        raise InvalidParameterException(
            message="Private and public endpoint access cannot be false"
        )
    zones = [
        {subnet.availability_zone for subnet in _subnets(backend, ids)}
        for ids in (held["subnetIds"], wanted["subnetIds"])
    ]
    if zones[0] != zones[1]:
        raise InvalidParameterException(
            message="Provided subnets belong to different AZs than the cluster was created with"
        )
    cluster.resources_vpc_config = wanted


def _refuse_zones(subnets: list[Any]) -> None:
    refused = [s for s in subnets if s._availability_zone.zone_id in _REFUSED_ZONES]
    if refused:
        raise InvalidParameterException(
            message="Cannot create cluster because "
            f"{refused[0].availability_zone}, the targeted availability zone, does not currently "
            "have sufficient capacity to support the cluster"
        )
    if len({subnet.availability_zone for subnet in subnets}) < 2:
        raise InvalidParameterException(
            message="Subnets specified must be in at least two different AZs"
        )


def _refuse_half_an_auto_mode(
    settings: dict[str, Any], network: dict[str, Any], backend: EKSBackend
) -> None:
    parts = {
        settings["computeConfig"].get("enabled", False),
        settings.get("storageConfig", {}).get("blockStorage", {}).get("enabled", False),
        network.get("elasticLoadBalancing", {}).get("enabled", False),
    }
    if len(parts) > 1:
        raise InvalidParameterException(
            message="For EKS Auto Mode, please ensure that all required configs, including "
            "computeConfig, kubernetesNetworkConfig, and blockStorage are all either fully "
            "enabled or fully disabled."
        )
    role = settings["computeConfig"].get("nodeRoleArn")
    if bool(settings["computeConfig"].get("nodePools")) != bool(role):
        raise InvalidParameterException(
            message="When Compute Config nodeRoleArn is not null or empty, nodePool value(s) must "
            "be provided."
        )
    if role:
        _refuse_unknown_role(backend, role)


def _refuse_unknown_role(backend: EKSBackend, arn: str) -> None:
    roles = iam_backends[backend.account_id]["aws"].roles.values()
    if not any(role.arn == arn for role in roles):
        raise InvalidParameterException(message=f"Role with arn: {arn}, could not be assumed")


def _refuse_version_of_nodes(cluster: Cluster, version: str) -> None:
    behind = minor(cluster.version) - minor(version)
    if not 0 <= behind <= LAG:
        raise InvalidParameterException(
            message=f"Requested Nodegroup version {version} does not fit the cluster's version "
            f"{cluster.version}"
        )


def _refuse_sizes(sizes: dict[str, int]) -> None:
    if sizes and not sizes["minSize"] <= sizes["desiredSize"] <= sizes["maxSize"]:
        raise InvalidParameterException(
            message=f"desired capacity {sizes['desiredSize']} must be between the minimum size "
            f"{sizes['minSize']} and the maximum size {sizes['maxSize']}"
        )


def _group_of(response: EKSResponse, cluster: Cluster) -> Nodegroup:
    name = response._get_param("nodegroupName")
    group = cluster.nodegroups.get(name)
    if group is None:
        raise ResourceNotFoundException(message=f"No node group found for name: {name}.")
    return group


def _fill_template(backend: EKSBackend, group: Nodegroup) -> None:
    """The launch template must exist, and so must its version."""
    asked: Any = group.launch_template
    by = {"template_ids": [asked["id"]]} if asked.get("id") else {"template_names": [asked["name"]]}
    (template,) = _ec2(backend).describe_launch_templates(**by)
    version = asked.get("version") or str(template.default_version_number)
    if int(version) > len(template.versions):
        raise InvalidParameterException(
            message=f"Launch template version {version} does not exist for {template.id}"
        )
    group.launch_template = {"id": template.id, "name": template.name, "version": version}


def _admit(cluster: Cluster, role: str | None, kind: str) -> None:
    """EKS writes the entry of a node role by itself, unless there is one."""
    if role and cluster.access_config["authenticationMode"] != "CONFIG_MAP":
        cluster.access_entries.setdefault(role, _entry(cluster, role, kind))


def _entry(cluster: Cluster, role: str, kind: str) -> dict[str, Any]:
    return {
        "clusterName": cluster.name,
        "principalArn": role,
        "kubernetesGroups": ["system:nodes"],
        "username": "system:node:{{EC2PrivateDNSName}}",
        "type": kind,
        "tags": {},
        "policies": {},
        "owner": "EKS",
    }


def _is_public(backend: EKSBackend, subnet: Any) -> bool:
    ec2 = _ec2(backend)
    tables = [table for table in ec2.route_tables.values() if table.vpc_id == subnet.vpc_id]
    mine = [table for table in tables if subnet.id in table._associations.values()]
    table = mine[0] if mine else next(one for one in tables if one.main_association_id)
    return any(
        route.destination_cidr_block == "0.0.0.0/0"
        and str(getattr(route.gateway, "id", "")).startswith("igw-")
        for route in table._routes.values()
    )


def _subnets(backend: EKSBackend, ids: list[str]) -> list[Any]:
    return [_ec2(backend).get_subnet(identifier) for identifier in ids]


def _interface(backend: EKSBackend, subnet: str, group: str, description: str) -> None:
    _ec2(backend).create_network_interface(subnet, None, group_ids=[group], description=description)


def _release(version: str) -> str:
    return f"{version}.0-20260101"


def _ec2(backend: EKSBackend) -> Any:
    return ec2_backends[backend.account_id][backend.region_name]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def answers(name: str, answer: Callable[[EKSResponse], Any]) -> None:
    """Give moto's responses an operation that they do not have."""

    def operation(response: EKSResponse) -> Any:
        return ActionResult(answer(response))

    setattr(EKSResponse, name, operation)


for _operation in (
    associate_encryption_config,
    describe_cluster_versions,
    update_cluster_version,
    update_nodegroup_version,
):
    answers(_operation.__name__, _operation)
