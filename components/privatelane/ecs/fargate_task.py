"""What runs in a Fargate task: its containers, size, roles and logs, and what they need.

A task's settings are plain but for their leaves, so its needs are known before anything exists:
`needs_of` gives them to Endpoints, and the service compares them with what its subnets reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._images import Image, parse_image
from privatelane._invalid import (
    InvalidInput,
    choice,
    described,
    entries,
    flag,
    integer,
    items,
    known_keys,
    text,
)
from privatelane._needs import services_needed
from privatelane._retention import check_retention
from privatelane._tags import Tags, tagged
from privatelane.ecs._container import (
    Containers,
    Host,
    app_protocol,
    check_container_name,
    containers,
    log_configuration,
)
from privatelane.ecs._fargate_sizes import (
    ARCHITECTURES,
    OPERATING_SYSTEMS,
    check_platform,
    check_size,
)
from privatelane.ecs.task_roles import TaskRoles, task_roles
from privatelane.location import Location

#: Fargate gives every task 20 GiB; more is asked for, up to 200. Source: `EphemeralStorage` in the
#: ECS API.
_LEAST_STORAGE_GIB = 21
_MOST_STORAGE_GIB = 200
_MOST_PORT = 65_535
#: IAM's 64, less the ending `-application` and Pulumi's random one.
_LONGEST_NAME = 44


class HealthCheckArgs(TypedDict):
    """A command that ECS runs in a container to learn whether it is well."""

    command: list[str]
    """`["CMD-SHELL", "<shell command>"]` or `["CMD", "<program>", "<argument>", ...]`."""
    interval: NotRequired[int]
    """Seconds between two runs, from 5 to 300. Defaults to 30."""
    timeout: NotRequired[int]
    """Seconds after which a run has failed, from 2 to 60. Defaults to 5."""
    retries: NotRequired[int]
    """Failures in a row that make the container unhealthy, from 1 to 10. Defaults to 3."""
    start_period: NotRequired[int]
    """Seconds after the start in which failures do not count, from 0 to 300. Defaults to 0."""


class SidecarArgs(TypedDict):
    """A container beside the main one."""

    image: pulumi.Input[str]
    """Image reference, for a group without NAT one of ECR in the same region."""
    essential: NotRequired[bool]
    """Whether the task stops when this container does. Defaults to true."""
    awaited: NotRequired[str]
    """What the main container waits for before it starts: `START`, `COMPLETE`, `SUCCESS` or
    `HEALTHY` of this one. Defaults to not waiting."""
    command: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Arguments of the entry point. Defaults to the image's."""
    entry_point: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Program to run. Defaults to the image's."""
    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables with their values. Defaults to none."""
    secrets: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables with the ARNs of the Secrets Manager secrets that hold their values;
    `:<JSON key>:<stage>:<version>` may follow. Defaults to none."""
    parameters: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables with the names or ARNs of the Parameter Store parameters that hold
    their values. Defaults to none."""
    health_check: NotRequired[HealthCheckArgs]
    """Command by which ECS learns whether the container is well. Defaults to none."""
    user: NotRequired[pulumi.Input[str]]
    """User and group to run as, such as `1000:1000`. Defaults to the image's."""
    working_directory: NotRequired[pulumi.Input[str]]
    """Folder to run in. Defaults to the image's."""
    read_only: NotRequired[bool]
    """Whether the root file system is read-only. Defaults to true on Linux; Windows cannot."""
    scratch_paths: NotRequired[list[str]]
    """Folders that are writable, on the task's ephemeral storage. They belong to root unless the
    image declares them as `VOLUME` with another owner. Defaults to none."""
    tmpfs_mib: NotRequired[Mapping[str, int]]
    """Folders that are writable by everybody, in the task's memory, with their sizes in MiB.
    Defaults to none."""
    stop_timeout: NotRequired[int]
    """Seconds between SIGTERM and SIGKILL, from 0 to 120. Defaults to Fargate's 30."""


class ServiceConnectArgs(TypedDict):
    """How tasks find other services by name, and are found."""

    namespace_arn: pulumi.Input[str]
    """Cloud Map namespace, such as `FargateCluster.namespace_arn`."""
    name: NotRequired[str]
    """Name under which other services of the namespace find this one. Defaults to the component's
    name. A task without `port` only finds others."""
    port: NotRequired[int]
    """Port that others call, from 1 to 65535. Defaults to the container's."""


class FargateTaskArgs(TypedDict):
    """What runs in a task. The main container has the component's name."""

    image: pulumi.Input[str]
    """Image reference, for a group without NAT one of ECR in the same region. The image of a
    pull-through cache must have been pulled once before, as the first pull may need the internet.
    Mandatory."""
    cpu: NotRequired[int]
    """CPU units, 1024 to a vCPU, that Fargate offers with `memory`. Defaults to 256."""
    memory: NotRequired[int]
    """Memory in MiB that Fargate offers with `cpu`. Defaults to 512."""
    architecture: NotRequired[str]
    """`X86_64` or `ARM64`. Defaults to `X86_64`."""
    operating_system: NotRequired[str]
    """`LINUX`, or a Windows Server family such as `WINDOWS_SERVER_2022_CORE`. Defaults to
    `LINUX`."""
    ephemeral_storage_gib: NotRequired[int]
    """Disk for the image and scratch folders, from 21 to 200 GiB. Defaults to Fargate's 20."""
    port: NotRequired[int]
    """Port that the main container listens on, from 1 to 65535. Defaults to none."""
    app_protocol: NotRequired[str]
    """What the port speaks: `http`, `http2`, `grpc` or `tcp`. Defaults to `http`."""
    command: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Arguments of the entry point. Defaults to the image's."""
    entry_point: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Program to run. Defaults to the image's."""
    environment: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables with their values. Defaults to none."""
    secrets: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables with the ARNs of the Secrets Manager secrets that hold their values;
    `:<JSON key>:<stage>:<version>` may follow. Defaults to none."""
    parameters: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables with the names or ARNs of the Parameter Store parameters that hold
    their values. Defaults to none."""
    secrets_kms_key_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """Customer managed keys under which `secrets` and `parameters` are encrypted. Secrets Manager
    and Parameter Store decrypt by themselves, so this calls for no KMS endpoint. Defaults to
    none."""
    health_check: NotRequired[HealthCheckArgs]
    """Command by which ECS learns whether the container is well. Defaults to none."""
    user: NotRequired[pulumi.Input[str]]
    """User and group to run as, such as `1000:1000`. Defaults to the image's."""
    working_directory: NotRequired[pulumi.Input[str]]
    """Folder to run in. Defaults to the image's."""
    read_only: NotRequired[bool]
    """Whether the root file system is read-only. Defaults to true on Linux; Windows cannot. With
    `exec`, the folders that its agent writes to become volumes, a combination that is known to work
    but that AWS does not support."""
    scratch_paths: NotRequired[list[str]]
    """Folders that are writable, on the task's ephemeral storage. They belong to root unless the
    image declares them as `VOLUME` with another owner. Defaults to none."""
    tmpfs_mib: NotRequired[Mapping[str, int]]
    """Folders that are writable by everybody, in the task's memory, with their sizes in MiB.
    Defaults to none."""
    stop_timeout: NotRequired[int]
    """Seconds between SIGTERM and SIGKILL, from 0 to 120. Defaults to Fargate's 30."""
    sidecars: NotRequired[Mapping[str, SidecarArgs]]
    """Further containers of the task by their names. Defaults to none."""
    exec: NotRequired[bool]
    """Whether ECS Exec may open a shell in the containers. Defaults to false."""
    exec_kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key under which Exec sessions run, the one that the cluster was given. Defaults to none."""
    exec_log_group_arn: NotRequired[pulumi.Input[str]]
    """Log group of Exec sessions, `FargateCluster.exec_log_group_arn`. Defaults to none, with which
    sessions on a cluster that logs them fail."""
    service_connect: NotRequired[ServiceConnectArgs]
    """How tasks find other services by name, and are found. Defaults to not at all."""
    uses: NotRequired[list[str]]
    """Further needs of the application, such as `dynamodb`, `s3` or `sqs`. Defaults to none."""
    policy: NotRequired[pulumi.Input[str]]
    """IAM policy of the application, as JSON. Defaults to none."""
    policy_arns: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Managed policies of the application by names of your choice. Defaults to none."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of both roles. Defaults to none."""
    pull_through_prefixes: NotRequired[list[str]]
    """First parts of repositories that a pull-through cache fills, such as `docker-hub`: images
    there may be imported by the task's pull. Defaults to none."""
    log_retention_days: NotRequired[int]
    """Days that CloudWatch Logs keeps the containers' output. Defaults to 30."""
    log_kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the log group; its policy must admit CloudWatch Logs. Defaults to AWS's own."""
    log_group_name: NotRequired[str]
    """Name of the log group. Defaults to `/ecs/<project>/<stack>/<name>`."""


def needs_of(task: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the needs of a task with these settings (`FargateTaskArgs`), by name.

    An image that is only known later counts as one of ECR. A key of the customer's own counts as a
    need only for Exec sessions, which the task's agent decrypts itself; images, secrets and log
    groups are decrypted by the services that hold them.

    Raises:
        InvalidInput: an image is no image reference, or `uses` names no need.

    """
    every = [task, *_sidecars(task).values()]
    images = _images("", task).values()
    needs = {
        "image-pull": any(image is None or image.ecr for image in images),
        "awslogs": True,
        "exec": flag("task.exec", task.get("exec", False)),
        "cmk": bool(task.get("exec")) and task.get("exec_kms_key_arn") is not None,
        "secrets": any(one.get("secrets") for one in every),
        "parameters": any(one.get("parameters") for one in every),
        "service-connect": task.get("service_connect") is not None,
    }
    uses = [text("task.uses", one) for one in items("task.uses", task.get("uses") or [])]
    services_needed(uses, field="task.uses")
    return tuple(dict.fromkeys([*(need for need, has in needs.items() if has), *uses]))


@dataclass(frozen=True, slots=True)
class Connected:
    """What Service Connect was asked for."""

    namespace_arn: pulumi.Input[str]
    name: str
    port: Optional[int]


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task whose settings have been accepted."""

    name: str
    settings: Mapping[str, Any]
    cpu: int
    memory: int
    architecture: str
    operating_system: str
    storage_gib: int | None
    port: int | None
    app_protocol: str
    needs: tuple[str, ...]
    images: Mapping[str, Image | None]
    """The image of each container, None where it is only known later."""
    containers: Containers
    service_connect: Optional[Connected]
    retention_days: int

    @property
    def windows(self) -> bool:
        """Whether the containers are Windows containers."""
        return self.operating_system != "LINUX"

    @property
    def exec(self) -> bool:
        """Whether ECS Exec is on."""
        return "exec" in self.needs

    @property
    def texts(self) -> dict[str, Any]:
        """The image reference of each container as it was given: text, or an Output of it."""
        return {one["name"]: one["image"] for one in self.containers.definitions}


def plan_task(name: str, task: Mapping[str, Any]) -> TaskPlan:
    """Return what a task with these settings consists of.

    Raises:
        InvalidInput: Fargate or ECS would refuse them.

    """
    known_keys("task", entries("task", task), FargateTaskArgs.__annotations__)
    for sidecar, settings in _sidecars(task).items():
        known_keys(f"task.sidecars.{sidecar}", settings, SidecarArgs.__annotations__)
    _check_name(name)
    architecture = choice(
        "task.architecture", task.get("architecture", ARCHITECTURES[0]), ARCHITECTURES
    )
    system = choice(
        "task.operating_system",
        task.get("operating_system", OPERATING_SYSTEMS[0]),
        OPERATING_SYSTEMS,
    )
    check_platform(architecture, system)
    windows = system != "LINUX"
    cpu = integer("task.cpu", task.get("cpu", 256), least=1, most=1 << 20)
    memory = integer("task.memory", task.get("memory", 512), least=1, most=1 << 30)
    check_size(cpu, memory, windows=windows)
    for field in ("pull_through_prefixes", "secrets_kms_key_arns"):
        items(f"task.{field}", task.get(field) or [])
    entries("task.policy_arns", task.get("policy_arns") or {})
    if task.get("log_group_name") is not None:
        text("task.log_group_name", task["log_group_name"])
    if task.get("exec_kms_key_arn") is not None and not task.get("exec"):
        raise InvalidInput("task.exec_kms_key_arn is given, but task.exec is not True")
    port = _optional_integer(task, "port", 1, _MOST_PORT)
    return TaskPlan(
        name=name,
        settings=task,
        cpu=cpu,
        memory=memory,
        architecture=architecture,
        operating_system=system,
        storage_gib=_optional_integer(
            task, "ephemeral_storage_gib", _LEAST_STORAGE_GIB, _MOST_STORAGE_GIB
        ),
        port=port,
        app_protocol=app_protocol(task),
        needs=needs_of(task),
        images=_images(name, task),
        containers=containers(
            name, task, Host(exec=flag("task.exec", task.get("exec", False)), windows=windows)
        ),
        service_connect=_connected(name, task, port, system),
        retention_days=check_retention(
            "task.log_retention_days", task.get("log_retention_days", 30)
        ),
    )


@dataclass(frozen=True, slots=True)
class FargateTask:
    """A task definition, with the roles and the log group that it refers to."""

    definition: aws.ecs.TaskDefinition
    roles: TaskRoles
    log_group: aws.cloudwatch.LogGroup
    log_group_name: str


def fargate_task(
    plan: TaskPlan,
    images: Mapping[str, pulumi.Input[str]],
    location: Location,
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> FargateTask:
    """Register the task definition of `plan`, its roles and its log group.

    `images` has the image of each container, checked.
    """
    name, settings = plan.name, plan.settings
    # Projects and stacks may have dots in their names, families may not.
    family = f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}".replace(".", "-")
    # A name of our own, unlike a generated one, is known in previews, and with it the whole
    # document of the containers: policies can see which images it names.
    group_name: str = settings.get("log_group_name") or (
        f"/ecs/{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
    )
    log_group = aws.cloudwatch.LogGroup(
        f"{name}-logs",
        name=group_name,
        retention_in_days=plan.retention_days,
        kms_key_id=settings.get("log_kms_key_arn"),
        tags=tagged(f"{name}-logs", tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    roles = task_roles(
        name,
        settings,
        images,
        location.arn("logs", f"log-group:{group_name}"),
        location,
        parent,
        tags,
    )
    documents = [
        {
            **one,
            "image": images[one["name"]],
            "logConfiguration": log_configuration(group_name, location.region, name),
        }
        for one in plan.containers.definitions
    ]
    definition = aws.ecs.TaskDefinition(
        f"{name}-task",
        family=family,
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(plan.cpu),
        memory=str(plan.memory),
        runtime_platform={
            "cpu_architecture": plan.architecture,
            "operating_system_family": plan.operating_system,
        },
        ephemeral_storage=(None if plan.storage_gib is None else {"size_in_gib": plan.storage_gib}),
        execution_role_arn=roles.execution.arn,
        task_role_arn=roles.task.arn,
        container_definitions=pulumi.Output.json_dumps(documents),
        volumes=[{"name": volume} for volume in plan.containers.volumes],
        tags=tagged(f"{name}-task", tags),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[log_group]),
    )
    return FargateTask(definition, roles, log_group, group_name)


def _check_name(name: str) -> None:
    if len(check_container_name("name", name)) > _LONGEST_NAME:
        raise InvalidInput(
            f"name is {name!r}, with its endings the names of roles leave room for {_LONGEST_NAME}"
            " characters"
        )


def _optional_integer(task: Mapping[str, Any], field: str, least: int, most: int) -> Optional[int]:
    value = task.get(field)
    return None if value is None else integer(f"task.{field}", value, least=least, most=most)


def _connected(
    name: str, task: Mapping[str, Any], port: Optional[int], system: str
) -> Optional[Connected]:
    connect = task.get("service_connect")
    if connect is None:
        return None
    if system != "LINUX":
        raise InvalidInput(
            f"task.service_connect is given with task.operating_system {system!r}, Service Connect"
            " has no Windows containers"
        )
    known_keys(
        "task.service_connect",
        entries("task.service_connect", connect),
        ServiceConnectArgs.__annotations__,
    )
    if connect.get("namespace_arn") is None:
        raise InvalidInput("task.service_connect.namespace_arn is missing")
    called = connect.get("port", port)
    return Connected(
        namespace_arn=connect["namespace_arn"],
        name=text("task.service_connect.name", connect.get("name", name)),
        port=None
        if called is None
        else integer("task.service_connect.port", called, least=1, most=_MOST_PORT),
    )


def _sidecars(task: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    sidecars = entries("task.sidecars", task.get("sidecars") or {})
    return {name: entries(f"task.sidecars.{name}", one) for name, one in sidecars.items()}


def _images(name: str, task: Mapping[str, Any]) -> dict[str, Image | None]:
    fields = {
        name: ("task.image", task.get("image")),
        **{
            sidecar: (f"task.sidecars.{sidecar}.image", settings.get("image"))
            for sidecar, settings in _sidecars(task).items()
        },
    }
    return {container: _image(field, image) for container, (field, image) in fields.items()}


def _image(field: str, image: object) -> Image | None:
    if isinstance(image, pulumi.Output):
        return None
    if isinstance(image, str):
        return parse_image(image, field=field)
    raise InvalidInput(f"{field} is {described(image)}, it must be an image reference")
