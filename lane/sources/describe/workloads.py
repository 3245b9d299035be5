"""What pulls images, from which subnets: ECS services, EKS node groups and Fargate profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.sources.describe.answers import items, text, texts
from privatelane_paths.facts import Workload, WorkloadKind
from privatelane_paths.known import Maybe, Refs, Unknown
from privatelane_paths.services import dns_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Answers, Record, Shown

__all__ = ["workloads"]

_FARGATE = frozenset({"FARGATE", "FARGATE_SPOT"})
_INSTANCE = ("ecs", "ecs-agent", "ecs-telemetry")
_NODE = ("ec2", "sts")


def workloads(shown: Shown) -> Iterator[Workload]:
    """The workloads of which AWS was asked, sorted by kind and key."""
    for record, _ in shown.of("services"):
        if text(record, "status") in (None, "ACTIVE"):
            yield _service(record, shown)
    for record, place in shown.of("nodegroups"):
        name = text(record, "nodegroupName") or record["nodegroupArn"]
        yield Workload(
            record["nodegroupArn"],
            name,
            WorkloadKind.EKS_NODES,
            subnets=Refs.of(texts(record, "subnets")),
            security_groups=_node_groups(record, shown, name),
            images=_own_images(place, name),
            services=_NODE,
        )
    for record, place in shown.of("fargateProfiles"):
        name = text(record, "fargateProfileName") or record["fargateProfileArn"]
        yield Workload(
            record["fargateProfileArn"],
            name,
            WorkloadKind.EKS_FARGATE,
            subnets=Refs.of(texts(record, "subnets")),
            security_groups=_cluster_group(record, shown, name),
            images=_own_images(place, name),
        )


def _service(record: Record, shown: Shown) -> Workload:
    key = record["serviceArn"]
    name = text(record, "serviceName") or key
    kind = _kind(record)
    settings = record.get("networkConfiguration")
    network = settings.get("awsvpcConfiguration") if isinstance(settings, dict) else None
    network = network if isinstance(network, dict) else {}
    definition = shown.get("taskDefinitions", text(record, "taskDefinition") or "")
    services = set(_needs(definition or {}))
    if record.get("enableExecuteCommand") is True:
        services.add("ssmmessages")
    subnets = Refs.of(texts(network, "subnets"))
    groups = Refs.of(texts(network, "securityGroups"))
    if kind is WorkloadKind.ECS_EC2:
        # The instance pulls the images, whatever network the task gets.
        missing = f"the instances that {name} runs on"
        subnets, groups = Refs.anything(missing), Refs.anything(missing)
        services.update(_INSTANCE)
    return Workload(
        key,
        name,
        kind,
        subnets=subnets,
        security_groups=groups,
        images=_images(definition, name),
        services=tuple(sorted(services)),
        platform_version=text(record, "platformVersion") or "LATEST",
        public_ip=network.get("assignPublicIp") == "ENABLED",
    )


def _kind(record: Record) -> WorkloadKind:
    providers = {text(one, "capacityProvider") for one in items(record, "capacityProviderStrategy")}
    fargate = providers <= _FARGATE if providers else text(record, "launchType") == "FARGATE"
    return WorkloadKind.ECS_FARGATE if fargate else WorkloadKind.ECS_EC2


def _images(definition: Record | None, name: str) -> Maybe[tuple[Maybe[str], ...]]:
    if definition is None:
        return Unknown(f"the task definition of {name}")
    return tuple(
        text(one, "image") or Unknown(f"an image of {name}")
        for one in items(definition, "containerDefinitions")
    )


def _needs(definition: Record) -> Iterator[str]:
    """What ECS itself calls on behalf of the containers."""
    for container in items(definition, "containerDefinitions"):
        log = container.get("logConfiguration")
        if isinstance(log, dict):
            if log.get("logDriver") == "awslogs":
                yield "logs"
            yield from _secrets(log, "secretOptions")
        yield from _secrets(container, "secrets")
        if container.get("repositoryCredentials"):
            yield "secretsmanager"
        if container.get("environmentFiles"):
            yield "s3"


def _secrets(record: Record, listed: str) -> Iterator[str]:
    for one in items(record, listed):
        source = text(one, "valueFrom")
        if source is not None:
            yield "secretsmanager" if ":secretsmanager:" in source else "ssm"


def _own_images(place: Answers, name: str) -> Maybe[tuple[Maybe[str], ...]]:
    """EKS's add-on and pause images, which AWS keeps in its own registry of the region."""
    if place.region is None:
        return Unknown(f"the region of {name}")
    return (f"*.dkr.ecr.{place.region}.{dns_suffix(place.region)}/*",)


def _node_groups(record: Record, shown: Shown, name: str) -> Refs:
    """A launch template may bring groups of its own in place of the cluster's."""
    if record.get("launchTemplate"):
        return Refs.anything(f"the security groups in the launch template of {name}")
    return _cluster_group(record, shown, name)


def _cluster_group(record: Record, shown: Shown, name: str) -> Refs:
    for cluster, _ in shown.of("clusters"):
        settings = cluster.get("resourcesVpcConfig")
        if text(cluster, "name") == text(record, "clusterName") and isinstance(settings, dict):
            group = text(settings, "clusterSecurityGroupId")
            if group is not None:
                return Refs.of([group])
    return Refs.anything(f"the cluster security group of {name}")
