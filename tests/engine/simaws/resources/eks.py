"""EKS clusters, and the groups of nodes and of Fargate pods in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tests.engine.simaws.resources._handler import Handler, altered, changed, given, handles

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

#: A cluster's settings that are one call each, by their names here and there.
_SETTINGS = (
    "computeConfig",
    "controlPlaneScalingConfig",
    "deletionProtection",
    "remoteNetworkConfig",
    "upgradePolicy",
    "zonalShiftConfig",
)
_LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


class NotReadyError(RuntimeError):
    """The provider waited for something that will never be ready."""


class EksHandler(Handler):
    """A part of EKS: tagged by its ARN, and gone when its cluster is."""

    service = "eks"

    def found(self, call: str, key: str, **arguments: object) -> Any:
        """What a describe call finds, or `None` if AWS knows none."""
        try:
            return getattr(self.aws, call)(**arguments)[key]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise

    def forget(self, call: str, **arguments: object) -> None:
        """Delete what may be gone already."""
        try:
            getattr(self.aws, call)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise

    def retag(self, arn: str, olds: Props, news: Props) -> None:
        """Bring the tags from old to new."""
        before, after = olds.get("tags") or {}, news.get("tags") or {}
        gone = [key for key in before if key not in after]
        if gone:
            self.aws.untag_resource(resourceArn=arn, tagKeys=gone)
        fresh = {key: value for key, value in after.items() if before.get(key) != value}
        if fresh:
            self.aws.tag_resource(resourceArn=arn, tags=fresh)


@handles("aws:eks/cluster:Cluster")
class Cluster(EksHandler):
    """A cluster; its id is its name."""

    def create(self, inputs: Props) -> str:
        self.aws.create_cluster(
            name=inputs["name"],
            roleArn=inputs["roleArn"],
            resourcesVpcConfig=_network(inputs["vpcConfig"]),
            bootstrapSelfManagedAddons=inputs["bootstrapSelfManagedAddons"],
            logging=_logging(inputs),
            **given(
                inputs,
                version="version",
                accessConfig="accessConfig",
                kubernetesNetworkConfig="kubernetesNetworkConfig",
                storageConfig="storageConfig",
                **{name: name for name in _SETTINGS if name != "remoteNetworkConfig"},
            ),
            **_encryption(inputs),
            **_remote(inputs),
            tags=inputs.get("tags") or {},
        )
        name: str = inputs["name"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.found("describe_cluster", "cluster", name=id_)
        if found is None:
            return None
        keys = found.get("encryptionConfig") or []
        logs = [
            kind
            for setup in found["logging"]["clusterLogging"]
            if setup["enabled"]
            for kind in setup["types"]
        ]
        return {
            "arn": found["arn"],
            "name": found["name"],
            "clusterId": None,
            "createdAt": found["createdAt"].isoformat(),
            "endpoint": found["endpoint"],
            "certificateAuthority": {"data": found["certificateAuthority"]["data"]},
            "identities": [{"oidcs": [{"issuer": found["identity"]["oidc"]["issuer"]}]}],
            "platformVersion": found["platformVersion"],
            "status": found["status"],
            "version": found["version"],
            "roleArn": found["roleArn"],
            "vpcConfig": found["resourcesVpcConfig"],
            "accessConfig": {
                **(known.get("accessConfig") or {}),
                "authenticationMode": found["accessConfig"]["authenticationMode"],
            },
            "enabledClusterLogTypes": logs,
            "encryptionConfig": {
                "provider": {"keyArn": keys[0]["provider"]["keyArn"]},
                "resources": keys[0]["resources"],
            }
            if keys
            else None,
            "kubernetesNetworkConfig": found["kubernetesNetworkConfig"],
            "remoteNetworkConfig": known.get("remoteNetworkConfig"),
            # Auto Mode that is off is reported as off, whether or not the program said so.
            **{
                name: found[name]
                for name in (*_SETTINGS, "storageConfig")
                if name in known and name in found
            },
            "tags": found.get("tags", {}),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        # The provider updates the version first, and then one setting at a time, as AWS wants.
        if changed(olds, news, "version") and news.get("version"):
            self.aws.update_cluster_version(name=id_, version=news["version"])
        if altered(olds, news, "encryptionConfig") and news.get("encryptionConfig"):
            self.aws.associate_encryption_config(clusterName=id_, **_encryption(news))
        if altered(olds, news, "accessConfig") and news.get("accessConfig"):
            mode = news["accessConfig"].get("authenticationMode")
            if mode != (olds.get("accessConfig") or {}).get("authenticationMode"):
                self.aws.update_cluster_config(name=id_, accessConfig={"authenticationMode": mode})
        if altered(olds, news, "computeConfig", "kubernetesNetworkConfig", "storageConfig"):
            network = news.get("kubernetesNetworkConfig") or {}
            balancing = network.get("elasticLoadBalancing")
            self.aws.update_cluster_config(
                name=id_,
                **given(news, computeConfig="computeConfig", storageConfig="storageConfig"),
                **(
                    {"kubernetesNetworkConfig": {"elasticLoadBalancing": balancing}}
                    if balancing
                    else {}
                ),
            )
        for name in _SETTINGS[1:]:
            if altered(olds, news, name) and news.get(name) is not None:
                value = _remote(news)[name] if name == "remoteNetworkConfig" else news[name]
                self.aws.update_cluster_config(name=id_, **{name: value})
        if set(olds.get("enabledClusterLogTypes") or []) != set(
            news.get("enabledClusterLogTypes") or []
        ):
            self.aws.update_cluster_config(name=id_, logging=_logging(news))
        before, after = _network(olds["vpcConfig"]), _network(news["vpcConfig"])
        fresh = {key: value for key, value in after.items() if altered(before, after, key)}
        if fresh:
            self.aws.update_cluster_config(name=id_, resourcesVpcConfig=fresh)
        self.retag(self.cloud.arn("eks", f"cluster/{id_}"), olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.forget("delete_cluster", name=id_)


def _network(config: Props) -> dict[str, Any]:
    return {
        **given(
            config,
            subnetIds="subnetIds",
            securityGroupIds="securityGroupIds",
            endpointPrivateAccess="endpointPrivateAccess",
            endpointPublicAccess="endpointPublicAccess",
            controlPlaneEgressMode="controlPlaneEgressMode",
        ),
        **(
            {"publicAccessCidrs": config["publicAccessCidrs"]}
            if config.get("publicAccessCidrs")
            else {}
        ),
    }


def _logging(inputs: Props) -> dict[str, Any]:
    wanted = inputs.get("enabledClusterLogTypes") or []
    rest = [kind for kind in _LOG_TYPES if kind not in wanted]
    setups = [{"types": wanted, "enabled": True}, {"types": rest, "enabled": False}]
    return {"clusterLogging": [setup for setup in setups if setup["types"]]}


def _encryption(inputs: Props) -> dict[str, Any]:
    config = inputs.get("encryptionConfig")
    if not config:
        return {}
    provider = {"keyArn": config["provider"]["keyArn"]}
    return {"encryptionConfig": [{"provider": provider, "resources": config["resources"]}]}


def _remote(inputs: Props) -> dict[str, Any]:
    config = inputs.get("remoteNetworkConfig")
    if not config:
        return {}
    return {"remoteNetworkConfig": {name: [one] for name, one in config.items() if one}}


@handles("aws:eks/nodeGroup:NodeGroup")
class NodeGroup(EksHandler):
    """A managed node group; its id is `CLUSTER:GROUP`."""

    def create(self, inputs: Props) -> str:
        self.aws.create_nodegroup(
            clusterName=inputs["clusterName"],
            nodegroupName=inputs["nodeGroupName"],
            nodeRole=inputs["nodeRoleArn"],
            subnets=inputs["subnetIds"],
            **given(
                inputs,
                amiType="amiType",
                capacityType="capacityType",
                diskSize="diskSize",
                instanceTypes="instanceTypes",
                labels="labels",
                launchTemplate="launchTemplate",
                nodeRepairConfig="nodeRepairConfig",
                releaseVersion="releaseVersion",
                scalingConfig="scalingConfig",
                updateConfig="updateConfig",
                version="version",
            ),
            **({"taints": inputs["taints"]} if inputs.get("taints") else {}),
            tags=inputs.get("tags") or {},
        )
        return f"{inputs['clusterName']}:{inputs['nodeGroupName']}"

    def configure(self, id_: str, inputs: Props) -> None:
        found = self._find(id_)
        if found is not None and found["status"] != "ACTIVE":
            issue = found["health"]["issues"][0]
            raise NotReadyError(
                f"waiting for EKS Node Group ({id_}) create: unexpected state "
                f"'{found['status']}', wanted target 'ACTIVE'. last error: {issue['code']}: "
                f"{issue['message']}"
            )

    def read(self, id_: str, known: Props) -> Props | None:
        found = self._find(id_)
        if found is None:
            return None
        template = found.get("launchTemplate")
        return {
            "arn": found["nodegroupArn"],
            "clusterName": found["clusterName"],
            "nodeGroupName": found["nodegroupName"],
            "nodeGroupNamePrefix": "",
            "nodeRoleArn": found["nodeRole"],
            "amiType": found["amiType"],
            "capacityType": found["capacityType"],
            "diskSize": known.get("diskSize", found.get("diskSize")),
            "instanceTypes": known.get("instanceTypes", found.get("instanceTypes")),
            "labels": found.get("labels") or None,
            "launchTemplate": {
                "id": template["id"],
                "name": template["name"],
                "version": template["version"],
            }
            if template
            else None,
            "nodeRepairConfig": found.get("nodeRepairConfig"),
            "releaseVersion": found["releaseVersion"],
            "resources": [
                {
                    "autoscalingGroups": found["resources"]["autoScalingGroups"],
                    "remoteAccessSecurityGroupId": "",
                }
            ],
            "scalingConfig": found["scalingConfig"],
            "status": found["status"],
            "subnetIds": found["subnets"],
            "taints": found.get("taints") or None,
            "updateConfig": found.get("updateConfig"),
            "version": found["version"],
            "tags": found.get("tags", {}),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        cluster, name = id_.split(":")
        names = {"clusterName": cluster, "nodegroupName": name}
        # The provider moves the version first.
        if altered(olds, news, "launchTemplate") or changed(
            olds, news, "releaseVersion", "version"
        ):
            template = news.get("launchTemplate")
            self.aws.update_nodegroup_version(
                **names,
                force=bool(news.get("forceUpdateVersion")),
                **{
                    key: news[key]
                    for key in ("releaseVersion", "version")
                    if changed(olds, news, key) and news.get(key)
                },
                **(
                    {"launchTemplate": {"id": template["id"], "version": template["version"]}}
                    if template and altered(olds, news, "launchTemplate")
                    else {}
                ),
            )
        watched = ("labels", "taints", "scalingConfig", "updateConfig", "nodeRepairConfig")
        if any(news.get(key) is not None or olds.get(key) for key in watched) and altered(
            olds, news, *watched
        ):
            self.aws.update_nodegroup_config(
                **names,
                labels=_label_changes(olds.get("labels") or {}, news.get("labels") or {}),
                taints=_taint_changes(olds.get("taints") or [], news.get("taints") or []),
                **given(
                    news,
                    scalingConfig="scalingConfig",
                    updateConfig="updateConfig",
                    nodeRepairConfig="nodeRepairConfig",
                ),
            )
        arn = (self._find(id_) or {}).get("nodegroupArn", "")
        self.retag(arn, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        cluster, name = id_.split(":")
        self.forget("delete_nodegroup", clusterName=cluster, nodegroupName=name)

    def _find(self, id_: str) -> Any:
        cluster, name = id_.split(":")
        return self.found(
            "describe_nodegroup", "nodegroup", clusterName=cluster, nodegroupName=name
        )


def _label_changes(before: dict[str, str], after: dict[str, str]) -> dict[str, Any]:
    return {
        "addOrUpdateLabels": {k: v for k, v in after.items() if before.get(k) != v},
        "removeLabels": [key for key in before if key not in after],
    }


def _taint_changes(before: list[Props], after: list[Props]) -> dict[str, Any]:
    return {
        "addOrUpdateTaints": [taint for taint in after if taint not in before],
        "removeTaints": [
            taint
            for taint in before
            if (taint["key"], taint["effect"]) not in [(t["key"], t["effect"]) for t in after]
        ],
    }


@handles("aws:eks/fargateProfile:FargateProfile")
class FargateProfile(EksHandler):
    """A Fargate profile; its id is `CLUSTER:PROFILE`."""

    def create(self, inputs: Props) -> str:
        self.aws.create_fargate_profile(
            clusterName=inputs["clusterName"],
            fargateProfileName=inputs["fargateProfileName"],
            podExecutionRoleArn=inputs["podExecutionRoleArn"],
            subnets=inputs.get("subnetIds") or [],
            selectors=inputs["selectors"],
            tags=inputs.get("tags") or {},
        )
        return f"{inputs['clusterName']}:{inputs['fargateProfileName']}"

    def read(self, id_: str, known: Props) -> Props | None:
        cluster, name = id_.split(":")
        found = self.found(
            "describe_fargate_profile",
            "fargateProfile",
            clusterName=cluster,
            fargateProfileName=name,
        )
        if found is None:
            return None
        return {
            "arn": found["fargateProfileArn"],
            "clusterName": found["clusterName"],
            "fargateProfileName": found["fargateProfileName"],
            "podExecutionRoleArn": found["podExecutionRoleArn"],
            "selectors": found["selectors"],
            "status": found["status"],
            "subnetIds": found["subnets"],
            "tags": found.get("tags", {}),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        state = self.read(id_, news)
        self.retag((state or {}).get("arn", ""), olds, news)

    def delete(self, id_: str, state: Props) -> None:
        cluster, name = id_.split(":")
        self.forget("delete_fargate_profile", clusterName=cluster, fargateProfileName=name)
