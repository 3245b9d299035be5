"""The security group of a service's tasks: who calls them, and what they call.

Tasks call the endpoints of their needs and nothing else, unless it is asked for. DNS needs no rule:
security groups do not filter what goes to the VPC's own resolver.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from privatelane._component import input_errors
from privatelane._invalid import InvalidInput
from privatelane._tags import Tags, tagged
from privatelane.ecs.service_plan import ServicePlan
from privatelane.peers import HTTPS, from_group


@dataclass(frozen=True, slots=True)
class TaskSecurity:
    """The security group and its rules, without which tasks do not start."""

    group: aws.ec2.SecurityGroup
    rules: Sequence[pulumi.Resource]


def task_security(
    where: str,
    plan: ServicePlan,
    args: Mapping[str, Any],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> TaskSecurity:
    """Register the security group of the tasks of a service (`FargateServiceArgs`)."""
    name = f"{plan.task.name}-tasks"
    child = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        name,
        description=f"Tasks of {plan.task.name}",
        vpc_id=args["vpc_id"],
        tags=tagged(name, tags),
        opts=child,
    )
    called = {
        **plan.called,
        **_endpoints(where, args.get("endpoint_security_group_id")),
        **_gateways(where, args.get("prefix_list_ids"), plan.gateways),
    }
    rules: list[pulumi.Resource] = [
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-{one}",
            security_group_id=group.id,
            description=f"To {one}",
            tags=tagged(f"{name}-to-{one}", tags),
            opts=child,
            **rule,
        )
        for one, rule in sorted(called.items())
    ]
    rules += [
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{one}",
            security_group_id=group.id,
            description=f"From {one}",
            tags=tagged(f"{name}-from-{one}", tags),
            opts=child,
            **rule,
        )
        for one, rule in sorted(plan.callers.items())
    ]
    return TaskSecurity(group, rules)


def _endpoints(
    where: str, group_id: Optional[pulumi.Input[Optional[str]]]
) -> dict[str, dict[str, Any]]:
    if group_id is None:
        return {}

    def present(known: Optional[str]) -> str:
        if known is not None:
            return known
        with input_errors(where):
            raise InvalidInput(
                "endpoint_security_group_id is null, as there are no interface endpoints; leave it"
                " out"
            )

    checked = pulumi.Output.all(group_id).apply(lambda known: present(known[0]))
    return {"endpoints": from_group(checked, HTTPS)}


def _gateways(
    where: str,
    prefix_list_ids: Optional[pulumi.Input[Mapping[str, pulumi.Input[str]]]],
    needed: Sequence[str],
) -> dict[str, dict[str, Any]]:
    """The rules for gateway endpoints, of those that there are where that is known."""
    if prefix_list_ids is None:
        return {}

    def of(gateway: str) -> pulumi.Input[str]:
        def pick(known: Mapping[str, str]) -> str:
            if gateway in known:
                return known[gateway]
            with input_errors(where):
                raise InvalidInput(
                    f"prefix_list_ids has no {gateway!r}, which the task needs; give Endpoints the"
                    " needs of the task, or leave prefix_list_ids out"
                )

        if isinstance(prefix_list_ids, Mapping):
            return prefix_list_ids[gateway]
        return pulumi.Output.all(prefix_list_ids).apply(lambda known: pick(known[0]))

    return {
        gateway: {
            "prefix_list_id": of(gateway),
            "from_port": HTTPS,
            "to_port": HTTPS,
            "ip_protocol": "tcp",
        }
        for gateway in needed
        if not isinstance(prefix_list_ids, Mapping) or gateway in prefix_list_ids
    }
