"""ECS services and clusters: what AWS refuses of them, and the settings that moto forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ecs.exceptions import ECSException, InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.elbv2.models import elbv2_backends

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable

#: Settings of a service that moto does not store: the API's name -> the model's attribute.
_SETTINGS = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "placementConstraints": "placement_constraints",
    "placementStrategy": "placement_strategy",
}


@amends(EC2ContainerServiceResponse, "create_service")
def _create_service(original: Callable[..., Any], response: EC2ContainerServiceResponse) -> Any:
    backend = response.ecs_backend
    name = response._get_param("serviceName")
    cluster = backend._get_cluster(response._get_param("cluster", "default"))
    standing = backend.services.get(f"{cluster.name}:{name}")
    if standing is not None and standing.status == "ACTIVE":
        raise InvalidParameterException("Creation of service was not idempotent.")
    _refuse_loose_target_groups(backend, response._get_param("loadBalancers") or [])
    answer = original(response)
    service = answer.result["service"]
    _remember(service, response)
    if response._get_param("capacityProviderStrategy"):
        service.launch_type = None
    elif service.launch_type == "FARGATE" and not service.platform_version:
        service.platform_version = "LATEST"
    cluster.active_services_count += 1
    return answer


@amends(EC2ContainerServiceResponse, "update_service")
def _update_service(original: Callable[..., Any], response: EC2ContainerServiceResponse) -> Any:
    _refuse_loose_target_groups(response.ecs_backend, response._get_param("loadBalancers") or [])
    answer = original(response)
    service = answer.result["service"]
    _remember(service, response)
    if service.deployments:
        service.deployments[0]["taskDefinition"] = service.task_definition
        service.deployments[0]["networkConfiguration"] = service.network_configuration
    return answer


@amends(EC2ContainerServiceBackend, "delete_service")
def _delete_service(
    original: Callable[..., Any], backend: EC2ContainerServiceBackend, **named: Any
) -> Any:
    service = original(backend, **named)
    cluster = backend._get_cluster(named["cluster_name"])
    cluster.active_services_count = max(0, cluster.active_services_count - 1)
    return service


@amends(EC2ContainerServiceBackend, "delete_cluster")
def _delete_cluster(
    original: Callable[..., Any], backend: EC2ContainerServiceBackend, cluster_str: str
) -> Any:
    cluster = backend._get_cluster(cluster_str)
    for service in backend.services.values():
        if service.cluster_name == cluster.name and service.status == "ACTIVE":
            raise ECSException(
                "ClusterContainsServicesException",
                "The Cluster cannot be deleted while Services are active.",
            )
    return original(backend, cluster_str)


def _remember(service: Any, response: EC2ContainerServiceResponse) -> None:
    for api, attribute in _SETTINGS.items():
        value = response._get_param(api)
        if value is not None:
            setattr(service, attribute, value)
    connect = response._get_param("serviceConnectConfiguration")
    if connect is not None and service.deployments:
        service.deployments[0]["serviceConnectConfiguration"] = connect


def _refuse_loose_target_groups(
    backend: EC2ContainerServiceBackend, load_balancers: list[dict[str, Any]]
) -> None:
    groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
    for entry in load_balancers:
        arn = entry.get("targetGroupArn")
        if arn is None:
            continue
        if arn not in groups:
            raise InvalidParameterException(f"The specified target group does not exist. {arn}")
        if not groups[arn].load_balancer_arns:
            raise InvalidParameterException(
                f"The target group with targetGroupArn {arn} does not have an associated load "
                "balancer."
            )
