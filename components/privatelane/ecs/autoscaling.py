"""How the number of a service's tasks follows what they are asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._invalid import InvalidInput, entries, integer, known_keys
from privatelane._tags import Tags, tagged

_CPU = "ECSServiceAverageCPUUtilization"
_MEMORY = "ECSServiceAverageMemoryUtilization"
_REQUESTS = "ALBRequestCountPerTarget"

#: The CPU utilisation to keep when no target is stated.
_CPU_PERCENT = 60


class AutoscalingArgs(TypedDict):
    """How many tasks run. Each target adds tasks by itself; all must agree to remove some."""

    min: NotRequired[int]
    """Least number of tasks, 0 or more. Defaults to 2."""
    max: int
    """Greatest number of tasks, 1 or more."""
    cpu_percent: NotRequired[int]
    """Average CPU utilisation to keep, from 1 to 100. Defaults to 60 when no target is given."""
    memory_percent: NotRequired[int]
    """Average memory utilisation to keep, from 1 to 100. Defaults to no such target."""
    requests_per_task: NotRequired[int]
    """Requests a minute to keep for each task, for services behind an application load balancer.
    Defaults to no such target."""
    scale_out_cooldown: NotRequired[int]
    """Seconds between two additions, from 0 to 3600. Defaults to 60."""
    scale_in_cooldown: NotRequired[int]
    """Seconds between two removals, from 0 to 3600. Defaults to 300."""


@dataclass(frozen=True, slots=True)
class AutoscalingPlan:
    """Limits and targets that have been accepted."""

    least: int
    most: int
    targets: Mapping[str, tuple[str, int]]
    """Child's ending → predefined metric and the value to keep."""
    scale_out_cooldown: int
    scale_in_cooldown: int


def plan_autoscaling(
    args: Optional[Mapping[str, Any]], *, behind_application_load_balancer: bool
) -> Optional[AutoscalingPlan]:
    """Return the limits and targets that `args` ask for.

    Raises:
        InvalidInput: the least number exceeds the greatest, a number is out of range, or requests
            are to be counted where no application load balancer counts them.

    """
    if args is None:
        return None
    known_keys("autoscaling", entries("autoscaling", args), AutoscalingArgs.__annotations__)
    least = integer("autoscaling.min", args.get("min", 2), least=0, most=5000)
    most = integer("autoscaling.max", args.get("max"), least=1, most=5000)
    if least > most:
        raise InvalidInput(
            f"autoscaling.min is {least}, it must not exceed autoscaling.max, which is {most}"
        )
    targets: dict[str, tuple[str, int]] = {}
    for key, ending, metric, top in (
        ("cpu_percent", "cpu", _CPU, 100),
        ("memory_percent", "memory", _MEMORY, 100),
        ("requests_per_task", "requests", _REQUESTS, 10_000_000),
    ):
        if args.get(key) is not None:
            wanted = integer(f"autoscaling.{key}", args[key], least=1, most=top)
            targets[ending] = (metric, wanted)
    if "requests" in targets and not behind_application_load_balancer:
        raise InvalidInput(
            "autoscaling.requests_per_task is given, but there is no application load balancer to"
            " count requests; use cpu_percent or memory_percent"
        )
    return AutoscalingPlan(
        least=least,
        most=most,
        targets=targets or {"cpu": (_CPU, _CPU_PERCENT)},
        scale_out_cooldown=integer(
            "autoscaling.scale_out_cooldown", args.get("scale_out_cooldown", 60), least=0, most=3600
        ),
        scale_in_cooldown=integer(
            "autoscaling.scale_in_cooldown", args.get("scale_in_cooldown", 300), least=0, most=3600
        ),
    )


def autoscaling(
    name: str,
    plan: AutoscalingPlan,
    cluster_name: pulumi.Input[str],
    service: aws.ecs.Service,
    requests_label: Optional[pulumi.Input[str]],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> aws.appautoscaling.Target:
    """Register the scaling of `service`.

    `requests_label` names load balancer and target group, where requests are counted.
    """
    target = aws.appautoscaling.Target(
        f"{name}-scaling",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.concat("service/", cluster_name, "/", service.name),
        min_capacity=plan.least,
        max_capacity=plan.most,
        tags=tagged(f"{name}-scaling", tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    for ending, (metric, wanted) in plan.targets.items():
        aws.appautoscaling.Policy(
            f"{name}-scaling-{ending}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration={
                "target_value": wanted,
                "scale_out_cooldown": plan.scale_out_cooldown,
                "scale_in_cooldown": plan.scale_in_cooldown,
                "predefined_metric_specification": {
                    "predefined_metric_type": metric,
                    "resource_label": requests_label if metric == _REQUESTS else None,
                },
            },
            opts=pulumi.ResourceOptions(parent=parent),
        )
    return target
