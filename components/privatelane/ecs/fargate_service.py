"""An ECS service on Fargate, placed where its tasks can start."""

from collections.abc import Mapping
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, is_plain, provider_region, register, waits_of
from privatelane._invalid import known_keys, refuse_missing
from privatelane._tags import tagged
from privatelane.ecs._container import log_configuration, port_name
from privatelane.ecs.autoscaling import AutoscalingArgs, autoscaling
from privatelane.ecs.capacity import CapacityArgs
from privatelane.ecs.fargate_task import FargateTask, FargateTaskArgs, TaskPlan, fargate_task
from privatelane.ecs.load_balancer import LoadBalancer, LoadBalancerArgs, load_balancer
from privatelane.ecs.service_plan import ServicePlan, plan_service
from privatelane.ecs.task_security import TaskSecurity, task_security
from privatelane.location import Location, location_of
from privatelane.peers import PeerArgs
from privatelane.subnets import chosen_subnets


class FargateServiceArgs(TypedDict):
    """A service on Fargate, and the network it runs in."""

    cluster_arn: pulumi.Input[str]
    """Cluster to run in, such as `FargateCluster.cluster_arn`."""
    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""
    group: str
    """Group of subnets that tasks run in."""
    subnet_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Subnets by `<group>/<zone id>`, such as `Network.subnet_ids`."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet, such as `Network.egress`: `internet-gateway`, `nat`
    or `none`."""
    private_services: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Services that each group reaches by an endpoint, separated by commas, such as
    `Endpoints.private_services`."""
    endpoint_security_group_id: NotRequired[pulumi.Input[Optional[str]]]
    """Security group of the interface endpoints, such as `Endpoints.security_group_id`. Defaults to
    none."""
    prefix_list_ids: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Prefix lists of the gateway endpoints by service, such as `Endpoints.prefix_list_ids`.
    Defaults to none."""
    region: NotRequired[str]
    """Region of the service. Defaults to the provider's."""
    task: FargateTaskArgs
    """What runs in a task. `needs_of` tells what it needs of the network."""
    desired_count: NotRequired[int]
    """Tasks to run, for good without `autoscaling` and at first with it. Defaults to 2, or to
    `autoscaling.min`."""
    capacity: NotRequired[CapacityArgs]
    """How tasks are spread over Fargate and Fargate Spot. Defaults to Fargate only."""
    load_balancer: NotRequired[LoadBalancerArgs]
    """Load balancer in front of the service. Defaults to none."""
    autoscaling: NotRequired[AutoscalingArgs]
    """How the number of tasks follows the load. Defaults to a fixed number."""
    allow_from: NotRequired[Mapping[str, PeerArgs]]
    """Callers of the tasks' port, beside the load balancer, by a name for each. Defaults to
    none."""
    allow_to: NotRequired[Mapping[str, PeerArgs]]
    """What tasks may call beside the endpoints of their needs, by a name for each, such as
    `{"database": {"security_group_id": ..., "port": 5432}}`. Defaults to nothing."""
    assign_public_ip: NotRequired[bool]
    """Whether tasks get addresses of the internet, in a group with an internet gateway. Defaults to
    false."""
    health_check_grace_period: NotRequired[int]
    """Seconds after a task's start in which failing health checks of the load balancer do not stop
    it, from 0 to 86400. Defaults to 60."""
    minimum_healthy_percent: NotRequired[int]
    """Least share of the tasks that runs during a deployment, from 0 to 100. Defaults to 100."""
    maximum_percent: NotRequired[int]
    """Greatest share of the tasks that runs during a deployment, from 101 to 400. Defaults to
    200."""
    wait_for_steady_state: NotRequired[bool]
    """Whether `pulumi up` waits until the tasks run, and fails when they do not. Defaults to
    true."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class FargateService(pulumi.ComponentResource):
    """An ECS service on Fargate with its roles, logs, security groups, load balancer and scaling. It refuses a group of subnets from which its tasks could not pull their images, write their logs or fetch their secrets."""  # noqa: E501 - the schema takes one paragraph

    service_name: pulumi.Output[str]
    """Name of the service."""
    service_arn: pulumi.Output[str]
    """ARN of the service."""
    task_definition_arn: pulumi.Output[str]
    """ARN of the task definition, with its revision."""
    task_role_arn: pulumi.Output[str]
    """ARN of the application's role."""
    execution_role_arn: pulumi.Output[str]
    """ARN of the role that starts tasks."""
    security_group_id: pulumi.Output[str]
    """Security group of the tasks."""
    log_group_name: pulumi.Output[str]
    """Log group of the containers."""
    load_balancer_arn: Optional[pulumi.Output[str]]
    """ARN of the load balancer; null when there is none."""
    load_balancer_dns_name: Optional[pulumi.Output[str]]
    """DNS name of the load balancer; null when there is none."""
    load_balancer_zone_id: Optional[pulumi.Output[str]]
    """Hosted zone of that name, for alias records; null when there is none."""
    load_balancer_security_group_id: Optional[pulumi.Output[str]]
    """Security group of the load balancer; null when there is none."""
    listener_arn: Optional[pulumi.Output[str]]
    """ARN of the listener that forwards to the tasks; null when there is none."""
    target_group_arn: Optional[pulumi.Output[str]]
    """ARN of the target group; null when there is none."""

    def __init__(
        self,
        name: str,
        args: FargateServiceArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        where = f"FargateService {name!r}"
        with input_errors(where):
            known_keys("FargateService", args, FargateServiceArgs.__annotations__)
            refuse_missing(args, FargateServiceArgs.__required_keys__)
            plan = plan_service(name, args, provider_region(opts))
        super().__init__("privatelane:index:FargateService", name, None, opts)
        tags = args.get("tags")
        location = location_of(self, plan.region)
        #: Known at preview, whatever the ids are.
        self.needs: tuple[str, ...] = plan.task.needs

        security = task_security(where, plan, args, self, tags)
        images = checked_images(where, plan, args, location)
        task = fargate_task(plan.task, images, location, self, tags)
        balancer = None
        if plan.load_balancer is not None:
            subnets = chosen_subnets(where, args["subnet_ids"], plan.balancer_subnets)
            balancer = load_balancer(
                plan.load_balancer, args["vpc_id"], subnets, security.group, self, tags
            )
        running = _service(where, plan, args, task, security, balancer, location, self, opts)
        if plan.autoscaling is not None:
            autoscaling(
                name,
                plan.autoscaling,
                pulumi.Output.from_input(args["cluster_arn"]).apply(_cluster_name),
                running,
                None if balancer is None else _requests_label(balancer),
                self,
                tags,
            )

        self.service_name = running.name
        self.service_arn = running.arn
        self.task_definition_arn = task.definition.arn
        self.task_role_arn = task.roles.task.arn
        self.execution_role_arn = task.roles.execution.arn
        self.security_group_id = security.group.id
        self.log_group_name = task.log_group.name
        self.load_balancer_arn = balancer.balancer.arn if balancer else None
        self.load_balancer_dns_name = balancer.balancer.dns_name if balancer else None
        self.load_balancer_zone_id = balancer.balancer.zone_id if balancer else None
        self.load_balancer_security_group_id = balancer.security_group.id if balancer else None
        self.listener_arn = balancer.listener.arn if balancer else None
        self.target_group_arn = balancer.target_group.arn if balancer else None
        register(self)


def checked_images(
    where: str, plan: ServicePlan, args: FargateServiceArgs, location: Location
) -> Mapping[str, pulumi.Input[str]]:
    """The image of each container, once it is known that tasks can start with it.

    The task definition refers to them, so nothing that runs comes before the check.
    """
    texts = plan.task.texts
    given = (args["egress"], args["private_services"], texts, {"region": location.region})
    if all(map(is_plain, given)):
        return texts

    def check(known: dict[str, Any]) -> dict[str, str]:
        images: dict[str, str] = known["images"]
        with input_errors(where):
            plan.check_start(known["egress"], known["private"], images, known["region"])
        return images

    checked = pulumi.Output.all(
        egress=args["egress"],
        private=args["private_services"],
        images=texts,
        region=location.region,
    ).apply(check)
    return {container: checked[container] for container in texts}


def _service(
    where: str,
    plan: ServicePlan,
    args: FargateServiceArgs,
    task: FargateTask,
    security: TaskSecurity,
    balancer: Optional[LoadBalancer],
    location: Location,
    parent: pulumi.Resource,
    opts: Optional[pulumi.ResourceOptions],
) -> aws.ecs.Service:
    name = plan.task.name
    own = pulumi.ResourceOptions(
        parent=parent,
        depends_on=[
            *task.roles.policies,
            *security.rules,
            *(balancer.entrances if balancer else ()),
        ],
        # From the first deployment on, the number of tasks is the autoscaler's.
        ignore_changes=["desired_count"] if plan.autoscaling else None,
    )
    return aws.ecs.Service(
        f"{name}-service",
        cluster=args["cluster_arn"],
        task_definition=task.definition.arn,
        desired_count=plan.desired_count,
        # Always stated: of a strategy that ECS takes from the cluster the provider reads back a
        # difference, and replaces the service. With `force_new_deployment` it changes in place.
        capacity_provider_strategies=[
            aws.ecs.ServiceCapacityProviderStrategyArgs(**one) for one in plan.capacity
        ],
        force_new_deployment=True,
        platform_version="LATEST",
        network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=chosen_subnets(where, args["subnet_ids"], plan.task_subnets),
            security_groups=[security.group.id],
            assign_public_ip=plan.public_ip,
        ),
        load_balancers=_targets(plan, balancer),
        health_check_grace_period_seconds=plan.grace_period if balancer else None,
        service_connect_configuration=_service_connect(plan.task, task, location),
        deployment_circuit_breaker={"enable": True, "rollback": True},
        deployment_minimum_healthy_percent=plan.minimum_healthy_percent,
        deployment_maximum_percent=plan.maximum_percent,
        availability_zone_rebalancing="ENABLED",
        enable_execute_command=plan.task.exec,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        wait_for_steady_state=plan.wait,
        tags=tagged(f"{name}-service", args.get("tags")),
        # What the component waits for, its tasks wait for: usually the endpoints.
        opts=pulumi.ResourceOptions.merge(own, waits_of(opts)),
    )


def _targets(
    plan: ServicePlan, balancer: Optional[LoadBalancer]
) -> Optional[list[aws.ecs.ServiceLoadBalancerArgs]]:
    if balancer is None or plan.load_balancer is None:
        return None
    return [
        aws.ecs.ServiceLoadBalancerArgs(
            container_name=plan.task.name,
            container_port=plan.load_balancer.target_port,
            target_group_arn=balancer.target_group.arn,
        )
    ]


def _service_connect(
    plan: TaskPlan, task: FargateTask, location: Location
) -> Optional[aws.ecs.ServiceServiceConnectConfigurationArgs]:
    connect = plan.service_connect
    if connect is None:
        return None
    offered = None
    if plan.port is not None and connect.port is not None:
        offered = [
            aws.ecs.ServiceServiceConnectConfigurationServiceArgs(
                port_name=port_name(plan.app_protocol, plan.port),
                discovery_name=connect.name,
                client_alias=[
                    aws.ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs(
                        dns_name=connect.name, port=connect.port
                    )
                ],
            )
        ]
    log = log_configuration(task.log_group_name, location.region, f"{plan.name}-connect")
    return aws.ecs.ServiceServiceConnectConfigurationArgs(
        enabled=True,
        namespace=connect.namespace_arn,
        log_configuration=aws.ecs.ServiceServiceConnectConfigurationLogConfigurationArgs(
            log_driver=log["logDriver"], options=log["options"]
        ),
        services=offered,
    )


def _requests_label(balancer: LoadBalancer) -> pulumi.Output[str]:
    return pulumi.Output.concat(balancer.balancer.arn_suffix, "/", balancer.target_group.arn_suffix)


def _cluster_name(arn: str) -> str:
    return arn.rpartition("/")[2]
