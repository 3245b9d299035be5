"""ECS clusters, task definitions and services."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._handler import Handler, changed, given, handles, tag_changes

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


def _tags(inputs: Props) -> dict[str, Any]:
    if not inputs.get("tags"):
        return {}
    return {"tags": [{"key": key, "value": value} for key, value in inputs["tags"].items()]}


def _tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in tags or []}


class _EcsHandler(Handler):
    service = "ecs"

    def retag(self, arn: str, olds: Props, news: Props) -> None:
        """Bring the tags from old to new."""
        if not changed(olds, news, "tags"):
            return
        gone, after = tag_changes(olds, news)
        if gone:
            self.aws.untag_resource(resourceArn=arn, tagKeys=gone)
        if after:
            self.aws.tag_resource(resourceArn=arn, **_tags(news))


@handles("aws:ecs/cluster:Cluster")
class Cluster(_EcsHandler):
    """An ECS cluster; its id is its ARN."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_cluster(
            clusterName=inputs["name"], **self._settings(inputs), **_tags(inputs)
        )
        arn: str = answer["cluster"]["clusterArn"]
        return arn

    def read(self, id_: str, known: Props) -> Props | None:
        answer = self.aws.describe_clusters(
            clusters=[id_], include=["TAGS", "SETTINGS", "CONFIGURATIONS"]
        )
        for found in answer["clusters"]:
            if found["status"] == "ACTIVE":
                connect = found.get("serviceConnectDefaults")
                return {
                    "arn": found["clusterArn"],
                    "name": found["clusterName"],
                    "settings": found.get("settings", []),
                    "configuration": found.get("configuration"),
                    "serviceConnectDefaults": {"namespace": connect["namespace"]}
                    if connect
                    else None,
                    "tags": _tag_map(found.get("tags")),
                }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "settings", "configuration", "serviceConnectDefaults"):
            self.aws.update_cluster(cluster=id_, **self._settings(news))
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_cluster(cluster=id_)

    def identify(self, imported: str) -> str:
        if imported.startswith("arn:"):
            return imported
        return self.cloud.arn("ecs", f"cluster/{imported}")

    def _settings(self, inputs: Props) -> dict[str, Any]:
        return given(
            inputs,
            settings="settings",
            configuration="configuration",
            serviceConnectDefaults="serviceConnectDefaults",
        )


@handles("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
class ClusterCapacityProviders(_EcsHandler):
    """Which capacity providers a cluster uses, and by default in what proportion."""

    def create(self, inputs: Props) -> str:
        self._put(inputs)
        name: str = inputs["clusterName"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        for found in self.aws.describe_clusters(clusters=[id_])["clusters"]:
            if found["status"] == "ACTIVE":
                return {
                    "clusterName": found["clusterName"],
                    "capacityProviders": found.get("capacityProviders", []),
                    "defaultCapacityProviderStrategies": found.get(
                        "defaultCapacityProviderStrategy", []
                    ),
                }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._put(news)

    def delete(self, id_: str, state: Props) -> None:
        self._put({"clusterName": id_})

    def _put(self, inputs: Props) -> None:
        self.aws.put_cluster_capacity_providers(
            cluster=inputs["clusterName"],
            capacityProviders=inputs.get("capacityProviders") or [],
            defaultCapacityProviderStrategy=inputs.get("defaultCapacityProviderStrategies") or [],
        )


#: What ECS adds to a container that does not say otherwise.
_CONTAINER_DEFAULTS: dict[str, Any] = {
    "cpu": 0,
    "portMappings": [],
    "essential": True,
    "environment": [],
    "mountPoints": [],
    "volumesFrom": [],
    "systemControls": [],
}


@handles("aws:ecs/taskDefinition:TaskDefinition")
class TaskDefinition(_EcsHandler):
    """One revision of a task definition; its id is the family, as in terraform."""

    def create(self, inputs: Props) -> str:
        self.aws.register_task_definition(
            family=inputs["family"],
            containerDefinitions=json.loads(inputs["containerDefinitions"]),
            volumes=[self._volume(volume) for volume in inputs.get("volumes") or []],
            **given(
                inputs,
                cpu="cpu",
                memory="memory",
                networkMode="networkMode",
                executionRoleArn="executionRoleArn",
                taskRoleArn="taskRoleArn",
                requiresCompatibilities="requiresCompatibilities",
                runtimePlatform="runtimePlatform",
                pidMode="pidMode",
                ipcMode="ipcMode",
                placementConstraints="placementConstraints",
            ),
            **(
                {"ephemeralStorage": {"sizeInGiB": inputs["ephemeralStorage"]["sizeInGib"]}}
                if inputs.get("ephemeralStorage")
                else {}
            ),
            **_tags(inputs),
        )
        family: str = inputs["family"]
        return family

    def read(self, id_: str, known: Props) -> Props | None:
        # The state knows the revision that is ours; a new resource or an import is the latest.
        wanted = known.get("arn") or id_
        answer = self.aws.describe_task_definition(taskDefinition=wanted, include=["TAGS"])
        found = answer["taskDefinition"]
        if found["status"] != "ACTIVE":
            return None
        arn = found["taskDefinitionArn"]
        return {
            "arn": arn,
            "arnWithoutRevision": arn.rsplit(":", 1)[0],
            "revision": found["revision"],
            "family": found["family"],
            "containerDefinitions": self._containers(found, known),
            "cpu": found.get("cpu"),
            "memory": found.get("memory"),
            "networkMode": found.get("networkMode"),
            "executionRoleArn": found.get("executionRoleArn"),
            "taskRoleArn": found.get("taskRoleArn"),
            "requiresCompatibilities": found.get("requiresCompatibilities"),
            "runtimePlatform": found.get("runtimePlatform"),
            "enableFaultInjection": found.get("enableFaultInjection", False),
            "tags": _tag_map(answer.get("tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.retag(self._arn(id_, olds), olds, news)

    def delete(self, id_: str, state: Props) -> None:
        if not state.get("skipDestroy"):
            self.aws.deregister_task_definition(taskDefinition=state["arn"])

    def identify(self, imported: str) -> str:
        return imported.rsplit("/", 1)[-1].split(":", maxsplit=1)[0]

    def _arn(self, id_: str, olds: Props) -> str:
        answer = self.aws.describe_task_definition(taskDefinition=olds.get("arn") or id_)
        arn: str = answer["taskDefinition"]["taskDefinitionArn"]
        return arn

    def _containers(self, found: Props, known: Props) -> str:
        """The containers as JSON: the program's own text if it means what ECS holds."""
        text = known.get("containerDefinitions")
        if isinstance(text, str):
            wanted = [{**_CONTAINER_DEFAULTS, **c} for c in json.loads(text)]
            standing = [{**_CONTAINER_DEFAULTS, **c} for c in found["containerDefinitions"]]
            if wanted == standing:
                return text
        return json.dumps(found["containerDefinitions"])

    def _volume(self, volume: Props) -> dict[str, Any]:
        request: dict[str, Any] = {"name": volume["name"]}
        efs = volume.get("efsVolumeConfiguration")
        if efs:
            request["efsVolumeConfiguration"] = {
                key: value for key, value in efs.items() if value is not None
            }
        return request


@handles("aws:ecs/service:Service")
class Service(_EcsHandler):
    """An ECS service; its id is its ARN."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_service(
            serviceName=inputs["name"],
            **given(
                inputs,
                cluster="cluster",
                launchType="launchType",
                schedulingStrategy="schedulingStrategy",
                enableECSManagedTags="enableEcsManagedTags",
            ),
            **(
                {"deploymentController": {"type": inputs["deploymentController"]["type"]}}
                if inputs.get("deploymentController")
                else {}
            ),
            **self._settings(inputs),
            **_tags(inputs),
        )
        arn: str = answer["service"]["serviceArn"]
        return arn

    def read(self, id_: str, known: Props) -> Props | None:
        found = self._find(id_)
        if found is None:
            return None
        deployment = found.get("deploymentConfiguration", {})
        breaker = deployment.get("deploymentCircuitBreaker")
        network = found.get("networkConfiguration", {}).get("awsvpcConfiguration")
        return {
            "arn": found["serviceArn"],
            "name": found["serviceName"],
            "cluster": known.get("cluster") or found["clusterArn"],
            "taskDefinition": found["taskDefinition"],
            "desiredCount": found["desiredCount"],
            "launchType": found.get("launchType"),
            "platformVersion": found.get("platformVersion"),
            "schedulingStrategy": found.get("schedulingStrategy", "REPLICA"),
            "propagateTags": self._propagation(found, known),
            "enableEcsManagedTags": found.get("enableECSManagedTags", False),
            "enableExecuteCommand": found.get("enableExecuteCommand", False),
            "healthCheckGracePeriodSeconds": found.get("healthCheckGracePeriodSeconds"),
            "availabilityZoneRebalancing": found.get("availabilityZoneRebalancing", "ENABLED"),
            "deploymentMaximumPercent": deployment.get("maximumPercent", 200),
            "deploymentMinimumHealthyPercent": deployment.get("minimumHealthyPercent", 100),
            "deploymentCircuitBreaker": {
                "enable": breaker["enable"],
                "rollback": breaker["rollback"],
            }
            if breaker
            else None,
            "networkConfiguration": {
                "subnets": network["subnets"],
                "securityGroups": network.get("securityGroups", []),
                "assignPublicIp": network.get("assignPublicIp", "DISABLED") == "ENABLED",
            }
            if network
            else None,
            "loadBalancers": [
                {
                    "containerName": entry["containerName"],
                    "containerPort": entry["containerPort"],
                    "targetGroupArn": entry["targetGroupArn"],
                }
                for entry in found.get("loadBalancers", [])
            ],
            "capacityProviderStrategies": found.get("capacityProviderStrategy", []),
            "tags": _tag_map(found.get("tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        settings = self._settings(news)
        if settings != self._settings(olds):
            self.aws.update_service(
                service=id_,
                cluster=news.get("cluster", "default"),
                **settings,
                **given(news, forceNewDeployment="forceNewDeployment"),
            )
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        if self._find(id_) is None:
            return
        where = {"cluster": _cluster_of(id_), "service": id_}
        if not state.get("forceDelete") and state.get("schedulingStrategy") != "DAEMON":
            # As the provider does: drain first, then delete.
            self.aws.update_service(**where, desiredCount=0)
        self.aws.delete_service(**where, force=bool(state.get("forceDelete")))

    def identify(self, imported: str) -> str:
        return self.cloud.arn("ecs", f"service/{imported}")

    def _find(self, id_: str) -> dict[str, Any] | None:
        answer = self.aws.describe_services(
            cluster=_cluster_of(id_), services=[id_], include=["TAGS"]
        )
        active = (found for found in answer["services"] if found["status"] == "ACTIVE")
        return next(active, None)

    def _propagation(self, found: dict[str, Any], known: Props) -> str | None:
        value: str = found.get("propagateTags", "NONE")
        return value if value != "NONE" or "propagateTags" in known else None

    def _settings(self, inputs: Props) -> dict[str, Any]:
        """What both a create and an update take."""
        settings = given(
            inputs,
            taskDefinition="taskDefinition",
            desiredCount="desiredCount",
            platformVersion="platformVersion",
            propagateTags="propagateTags",
            enableExecuteCommand="enableExecuteCommand",
            healthCheckGracePeriodSeconds="healthCheckGracePeriodSeconds",
            availabilityZoneRebalancing="availabilityZoneRebalancing",
        )
        deployment = given(
            inputs,
            maximumPercent="deploymentMaximumPercent",
            minimumHealthyPercent="deploymentMinimumHealthyPercent",
        )
        if inputs.get("deploymentCircuitBreaker"):
            breaker = inputs["deploymentCircuitBreaker"]
            deployment["deploymentCircuitBreaker"] = {
                "enable": breaker["enable"],
                "rollback": breaker["rollback"],
            }
        if deployment:
            settings["deploymentConfiguration"] = deployment
        network = inputs.get("networkConfiguration")
        if network:
            settings["networkConfiguration"] = {
                "awsvpcConfiguration": {
                    "subnets": network["subnets"],
                    "securityGroups": network.get("securityGroups") or [],
                    "assignPublicIp": "ENABLED" if network.get("assignPublicIp") else "DISABLED",
                }
            }
        if inputs.get("loadBalancers"):
            settings["loadBalancers"] = [
                given(
                    entry,
                    targetGroupArn="targetGroupArn",
                    containerName="containerName",
                    containerPort="containerPort",
                )
                for entry in inputs["loadBalancers"]
            ]
        if inputs.get("capacityProviderStrategies"):
            settings["capacityProviderStrategy"] = [
                given(entry, capacityProvider="capacityProvider", weight="weight", base="base")
                for entry in inputs["capacityProviderStrategies"]
            ]
        if inputs.get("serviceConnectConfiguration"):
            settings["serviceConnectConfiguration"] = _service_connect(
                inputs["serviceConnectConfiguration"]
            )
        return settings


def _cluster_of(service: str) -> str:
    """The cluster that the new form of a service's ARN names."""
    return service.split(":service/", 1)[1].split("/", maxsplit=1)[0]


def _service_connect(connect: Props) -> dict[str, Any]:
    request = given(connect, enabled="enabled", namespace="namespace")
    log = connect.get("logConfiguration")
    if log:
        request["logConfiguration"] = given(log, logDriver="logDriver", options="options")
    services = []
    for service in connect.get("services") or []:
        aliases = service.get("clientAlias") or []
        services.append(
            {
                **given(service, portName="portName", discoveryName="discoveryName"),
                "clientAliases": [
                    given(alias, port="port", dnsName="dnsName")
                    for alias in (aliases if isinstance(aliases, list) else [aliases])
                ],
            }
        )
    if services:
        request["services"] = services
    return request
