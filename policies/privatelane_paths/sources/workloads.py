"""What pulls images, from which subnets: ECS services and tasks, EKS nodes and Fargate profiles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from privatelane_paths.facts import PullThroughCache, Workload, WorkloadKind
from privatelane_paths.known import Maybe, Refs, Unknown
from privatelane_paths.sources.eks import kubernetes_workloads, registry_pattern
from privatelane_paths.sources.instances import template_groups
from privatelane_paths.sources.nouns import (
    AUTOSCALING_GROUP,
    CAPACITY_PROVIDER,
    ECS_CLUSTER,
    SECURITY_GROUP,
    SUBNET,
    TASK_DEFINITION,
)
from privatelane_paths.sources.vpcs import region_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.sources.index import Index, View

__all__ = ["pull_through_caches", "workloads"]

_FARGATE_PROVIDERS = frozenset({"FARGATE", "FARGATE_SPOT"})
_REPOSITORY = "aws:ecr/repository:Repository"
#: What an ECS container instance needs to be one (aws-facts §1.2).
_CONTAINER_INSTANCE = ("ecs", "ecs-agent", "ecs-telemetry")


def workloads(index: Index, region: Maybe[str]) -> Iterator[Workload]:
    """Everything in the stack of which it is known that it pulls images, and from where."""
    for view in index.views("aws:ecs/service:Service", "aws:ecs/taskSet:TaskSet"):
        yield _ecs(view, view, view.text("launchType"), "taskDefinition", region)
    for view in index.views("aws:cloudwatch/eventTarget:EventTarget"):
        target = view.item("ecsTarget")
        if target is not None and not isinstance(target, Unknown):
            yield _ecs(view, target, target.text("launchType"), "taskDefinitionArn", region)
    for view in index.views("aws:scheduler/schedule:Schedule"):
        outer = view.item("target")
        if outer is None or isinstance(outer, Unknown):
            continue
        target = outer.item("ecsParameters")
        if target is not None and not isinstance(target, Unknown):
            yield _ecs(view, target, target.text("launchType"), "taskDefinitionArn", region)
    yield from kubernetes_workloads(index, region)


def pull_through_caches(index: Index, region: Maybe[str]) -> Iterator[PullThroughCache]:
    """The rules by which the account's registry fetches images from others."""
    for view in index.views("aws:ecr/pullThroughCacheRule:PullThroughCacheRule"):
        yield PullThroughCache(
            view.key,
            prefix=view.text("ecrRepositoryPrefix") or Unknown(view.missing("ecrRepositoryPrefix")),
            upstream=view.text("upstreamRegistryUrl")
            or Unknown(view.missing("upstreamRegistryUrl")),
            region=region_of(view, region),
        )


def _ecs(
    view: View, place: View, launch: Maybe[str] | None, task: str, region: Maybe[str]
) -> Workload:
    definition = _definition(place, task)
    images, services = _containers(view, definition, region_of(view, region))
    if place.flag("enableExecuteCommand", False) is True:
        services |= {"ssmmessages"}
    network = place.item("networkConfiguration")
    groups = _in(network, "securityGroups", SECURITY_GROUP)
    kind = _kind(place, launch, definition)
    if kind is WorkloadKind.ECS_EC2:
        # The instance pulls the images, whatever network the task gets.
        subnets, groups = _instances(place)
        services |= set(_CONTAINER_INSTANCE)
    else:
        subnets = _in(network, "subnets", SUBNET)
    platform = place.text("platformVersion")
    public: Maybe[bool] = False
    if isinstance(network, Unknown):
        public = network
    elif network is not None:
        public = network.flag("assignPublicIp", False)
    return Workload(
        view.key,
        view.name,
        kind,
        subnets=subnets,
        security_groups=groups,
        images=images,
        services=tuple(sorted(services)),
        platform_version="LATEST" if platform is None else platform,
        public_ip=public,
    )


def _in(place: Maybe[View] | None, name: str, noun: object) -> Refs:
    if place is None:
        return Refs()
    if isinstance(place, Unknown):
        return Refs.anything(place.missing)
    return place.refs(name, SUBNET if noun is SUBNET else SECURITY_GROUP)


def _kind(place: View, launch: Maybe[str] | None, definition: View | None) -> WorkloadKind:
    """Fargate or instances: by launch type, by capacity providers, by the cluster's default."""
    if isinstance(launch, str):
        return WorkloadKind.ECS_FARGATE if launch == "FARGATE" else WorkloadKind.ECS_EC2
    strategies = place.items("capacityProviderStrategies")
    if not isinstance(strategies, Unknown) and strategies is None:
        strategies = _default_strategies(place)
    if isinstance(strategies, tuple) and strategies:
        names = {item.text("capacityProvider") for item in strategies}
        return WorkloadKind.ECS_FARGATE if names <= _FARGATE_PROVIDERS else WorkloadKind.ECS_EC2
    compatible = definition.texts("requiresCompatibilities") if definition is not None else None
    if compatible == ("FARGATE",):
        return WorkloadKind.ECS_FARGATE
    return WorkloadKind.ECS_EC2  # ECS's own default launch type.


def _default_strategies(place: View) -> tuple[View, ...] | None:
    cluster = place.named("cluster", ECS_CLUSTER)
    if cluster is None:
        return None
    for view in place.index.views("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"):
        owner = view.named("clusterName", ECS_CLUSTER)
        if owner is not None and owner.key == cluster.key:
            listed = view.items("defaultCapacityProviderStrategies")
            return listed if isinstance(listed, tuple) else None
    return None


def _instances(place: View) -> tuple[Refs, Refs]:
    """The subnets and groups of the instances behind the service's capacity providers."""
    subnets, groups = Refs(), Refs()
    strategies = place.items("capacityProviderStrategies")
    if strategies is None:
        strategies = _default_strategies(place)
    for item in strategies if isinstance(strategies, tuple) else ():
        provider = item.named("capacityProvider", CAPACITY_PROVIDER)
        behind = None if provider is None else provider.item("autoScalingGroupProvider")
        if behind is None or isinstance(behind, Unknown):
            continue
        group = behind.ref("autoScalingGroupArn", AUTOSCALING_GROUP)
        for key in group.keys if group is not None else ():
            scaling = place.index.view(key)
            if scaling is not None:
                subnets |= scaling.refs("vpcZoneIdentifiers", SUBNET)
                groups |= template_groups(scaling)
    if not subnets.certain and not subnets.possible:
        missing = f"the instances that {place.resource.name} runs on"
        return Refs.anything(missing), Refs.anything(missing)
    return subnets, groups


def _definition(place: View, name: str) -> View | None:
    return place.named(name, TASK_DEFINITION)


def _containers(
    view: View, definition: View | None, region: Maybe[str]
) -> tuple[Maybe[tuple[Maybe[str], ...]], set[str]]:
    """The images of a task definition and the services its containers need beside them."""
    if definition is None:
        return Unknown(f"the task definition of {view.name}"), set()
    raw = definition.raw("containerDefinitions")
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            return Unknown(f"valid JSON in {definition.label('containerDefinitions')}"), set()
    if not isinstance(raw, list):
        missing = definition.missing("containerDefinitions")
        deps = definition.deps("containerDefinitions")
        made = [urn for urn in deps if f"{_REPOSITORY}::" in urn]
        pattern = registry_pattern(region)
        if made and pattern is not None:
            # The text is unknown because a repository in it is: that image is from ECR.
            return (pattern, Unknown(f"the other images in {missing}")), set()
        return Unknown(missing), set()
    images: list[Maybe[str]] = []
    services: set[str] = set()
    for one in raw:
        if isinstance(one, Mapping):
            image = one.get("image")
            images.append(
                image
                if isinstance(image, str)
                else Unknown(f"an image in {definition.label('containerDefinitions')}")
            )
            services.update(_needs(one))
    return tuple(images), services


def _needs(container: Mapping[object, object]) -> Iterator[str]:
    """What ECS itself calls on behalf of a container before and while it runs."""
    log = container.get("logConfiguration")
    if isinstance(log, Mapping):
        if log.get("logDriver") == "awslogs":
            yield "logs"
        yield from _secret_services(log.get("secretOptions"))
    yield from _secret_services(container.get("secrets"))
    if isinstance(container.get("repositoryCredentials"), Mapping):
        yield "secretsmanager"
    if container.get("environmentFiles"):
        yield "s3"


def _secret_services(secrets: object) -> Iterator[str]:
    for secret in secrets if isinstance(secrets, list) else ():
        source = secret.get("valueFrom") if isinstance(secret, Mapping) else None
        if isinstance(source, str):
            yield "secretsmanager" if ":secretsmanager:" in source else "ssm"
