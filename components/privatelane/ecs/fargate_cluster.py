"""An ECS cluster for Fargate tasks."""

from collections.abc import Mapping
from typing import Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, register
from privatelane._invalid import choice, known_keys, text
from privatelane._retention import check_retention
from privatelane._tags import tagged
from privatelane.ecs.capacity import ON_DEMAND, SPOT, CapacityArgs, strategies

INSIGHTS = ("enhanced", "enabled", "disabled")


class FargateClusterArgs(TypedDict):
    """A cluster for Fargate tasks."""

    cluster_name: NotRequired[str]
    """Name of the cluster. Defaults to a generated one."""
    capacity: NotRequired[CapacityArgs]
    """How tasks that state no capacity of their own are spread over Fargate and Fargate Spot.
    Defaults to Fargate only."""
    container_insights: NotRequired[str]
    """`enhanced` (with metrics for each task and container, which cost more), `enabled` or
    `disabled`. Defaults to `enabled`."""
    exec_log_retention_days: NotRequired[int]
    """Days that CloudWatch Logs keeps what was typed and shown in ECS Exec sessions. Defaults
    to 90."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key under which Exec sessions run and their log is kept; its policy must admit CloudWatch
    Logs. Give the same to `FargateService`. Defaults to AWS's own keys."""
    ephemeral_storage_kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the disks that Fargate gives to tasks; its policy must admit Fargate. Defaults to
    AWS's own."""
    service_connect_namespace: NotRequired[str]
    """Name of a Cloud Map namespace to make for Service Connect. Defaults to none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class FargateCluster(pulumi.ComponentResource):
    """An ECS cluster for Fargate tasks: both capacity providers, Container Insights, and ECS Exec whose sessions are logged."""  # noqa: E501 - the schema takes one paragraph

    cluster_arn: pulumi.Output[str]
    """ARN of the cluster."""
    cluster_name: pulumi.Output[str]
    """Name of the cluster."""
    exec_log_group_arn: pulumi.Output[str]
    """ARN of the log group of ECS Exec sessions, for `FargateService`."""
    exec_log_group_name: pulumi.Output[str]
    """Name of the log group of ECS Exec sessions."""
    namespace_arn: Optional[pulumi.Output[str]]
    """ARN of the namespace for Service Connect; null when there is none."""

    def __init__(
        self,
        name: str,
        args: FargateClusterArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        with input_errors(f"FargateCluster {name!r}"):
            known_keys("FargateCluster", args, FargateClusterArgs.__annotations__)
            default_capacity = strategies("capacity", args.get("capacity"))
            insights = choice(
                "container_insights", args.get("container_insights", "enabled"), INSIGHTS
            )
            retention = check_retention(
                "exec_log_retention_days", args.get("exec_log_retention_days", 90)
            )
            namespace_name = args.get("service_connect_namespace")
            if namespace_name is not None:
                text("service_connect_namespace", namespace_name)
        super().__init__("privatelane:index:FargateCluster", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tags = args.get("tags")

        key = args.get("kms_key_arn")
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-exec",
            retention_in_days=retention,
            kms_key_id=key,
            tags=tagged(f"{name}-exec", tags),
            # The record of who typed what outlives the cluster.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        namespace = (
            None
            if namespace_name is None
            else aws.servicediscovery.HttpNamespace(
                f"{name}-namespace",
                name=namespace_name,
                description=f"Services of {name}",
                tags=tagged(f"{name}-namespace", tags),
                opts=child,
            )
        )
        sessions = aws.ecs.ClusterConfigurationExecuteCommandConfigurationArgs(
            kms_key_id=key,
            logging="OVERRIDE",
            log_configuration=aws.ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs(
                cloud_watch_log_group_name=log_group.name,
                # Exec refuses to log to a group without a customer managed key when this is on.
                cloud_watch_encryption_enabled=key is not None,
            ),
        )
        storage_key = args.get("ephemeral_storage_kms_key_arn")
        storage = (
            None
            if storage_key is None
            else aws.ecs.ClusterConfigurationManagedStorageConfigurationArgs(
                fargate_ephemeral_storage_kms_key_id=storage_key
            )
        )
        cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            name=args.get("cluster_name"),
            settings=[{"name": "containerInsights", "value": insights}],
            configuration=aws.ecs.ClusterConfigurationArgs(
                execute_command_configuration=sessions, managed_storage_configuration=storage
            ),
            service_connect_defaults=(
                None
                if namespace is None
                else aws.ecs.ClusterServiceConnectDefaultsArgs(namespace=namespace.arn)
            ),
            tags=tagged(f"{name}-cluster", tags),
            opts=child,
        )
        providers = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=[ON_DEMAND, SPOT],
            default_capacity_provider_strategies=[
                aws.ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs(**one)
                for one in default_capacity
            ],
            opts=child,
        )

        # Read from the association, so that services wait until the cluster has its providers.
        self.cluster_name = providers.cluster_name
        self.cluster_arn = pulumi.Output.all(cluster.arn, providers.id).apply(lambda both: both[0])
        self.exec_log_group_arn = log_group.arn
        self.exec_log_group_name = log_group.name
        self.namespace_arn = namespace.arn if namespace else None
        register(self)
