"""A task that looks at the endpoints from the inside: `lane canary` runs it once in each zone."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, is_plain, provider_region, register
from privatelane._hosts import host_of, layers_host
from privatelane._invalid import (
    InvalidInput,
    entries,
    integer,
    known_keys,
    refuse_missing,
    text,
)
from privatelane._needs import NEEDS
from privatelane._services import service
from privatelane.ecs.fargate_service import checked_images
from privatelane.ecs.fargate_task import fargate_task
from privatelane.ecs.service_plan import plan_service
from privatelane.ecs.task_security import task_security
from privatelane.location import location_of
from privatelane.observability import _canary_program

#: What the task itself needs of its group, to be pulled and to write its findings.
CANARY_NEEDS = ("image-pull", "awslogs")

#: Nobody: the program reads no file of its own and writes none.
_USER = "65534:65534"
_SECONDS = 5


class EndpointCanaryArgs(TypedDict):
    """Where the canary looks from, and with what."""

    image: pulumi.Input[str]
    """Image with Python 3.10 or newer, such as a mirror of `python:3.13-slim` in your ECR; it needs
    the certificate authorities that slim images have."""
    cluster_arn: pulumi.Input[str]
    """Cluster to run in, such as `FargateCluster.cluster_arn`."""
    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""
    vpc_cidr_blocks: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Ranges of the VPC, such as `Network.cidr_blocks`: where the addresses of interface endpoints
    must be."""
    group: str
    """Group of subnets to look from."""
    subnet_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Subnets by `<group>/<zone id>`, such as `Network.subnet_ids`."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet, such as `Network.egress`."""
    private_services: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Services that each group reaches by an endpoint, such as `Endpoints.private_services`: what
    the canary calls."""
    endpoint_security_group_id: NotRequired[pulumi.Input[Optional[str]]]
    """Security group of the interface endpoints, such as `Endpoints.security_group_id`. Defaults to
    none."""
    prefix_list_ids: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Prefix lists of the gateway endpoints, such as `Endpoints.prefix_list_ids`. Defaults to
    none."""
    hosts: NotRequired[Mapping[str, str]]
    """Names to call by service, for services whose name is not known here. Defaults to none."""
    architecture: NotRequired[str]
    """`X86_64` or `ARM64`. Defaults to `X86_64`."""
    timeout_seconds: NotRequired[int]
    """Seconds that an endpoint has for its answer, from 1 to 60. Defaults to 5."""
    log_retention_days: NotRequired[int]
    """Days that CloudWatch Logs keeps the findings. Defaults to 30."""
    log_kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the log group; its policy must admit CloudWatch Logs. Defaults to AWS's own."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """Permissions boundary of both roles. Defaults to none."""
    region: NotRequired[str]
    """Region of the network. Defaults to the provider's."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


#: Arguments that the canary hands on to the plan of a service, as they are.
_OF_SERVICE = (
    *("cluster_arn", "vpc_id", "group", "subnet_ids", "egress", "private_services"),
    *("endpoint_security_group_id", "prefix_list_ids", "region"),
)
#: Arguments that are those of the task.
_OF_TASK = (
    *("image", "architecture", "log_retention_days", "log_kms_key_arn"),
    "permissions_boundary_arn",
)


class EndpointCanary(pulumi.ComponentResource):
    """A task definition that resolves and calls every endpoint of a group of subnets, with a security group that lets it do nothing else and a role that may do nothing. Nothing runs until `lane canary` starts it, once in each zone."""  # noqa: E501 - the schema takes one paragraph

    task_definition_arn: pulumi.Output[str]
    """ARN of the task definition, with its revision."""
    security_group_id: pulumi.Output[str]
    """Security group of the task."""
    log_group_name: pulumi.Output[str]
    """Log group of the findings."""
    run: pulumi.Output[Mapping[str, str]]
    """What `lane canary` needs to know to run it: export it from the stack."""

    def __init__(
        self, name: str, args: EndpointCanaryArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        where = f"EndpointCanary {name!r}"
        with input_errors(where):
            known_keys("EndpointCanary", args, EndpointCanaryArgs.__annotations__)
            refuse_missing(args, EndpointCanaryArgs.__required_keys__)
            seconds = integer(
                "timeout_seconds", args.get("timeout_seconds", _SECONDS), least=1, most=60
            )
            hosts = _hosts(args)
            given = _service_args(args)
            plan = plan_service(name, given, provider_region(opts))
        super().__init__("privatelane:index:EndpointCanary", name, None, opts)
        location = location_of(self, plan.region)
        tags = args.get("tags")

        def checks(known: dict[str, Any]) -> str:
            group = args["group"]
            with input_errors(where):
                services = _private(known["private"], group)
            settings = {
                "vpc": known["vpc"],
                "egress": known["egress"][group],
                "timeout": seconds,
                "checks": _checks(services, known["region"], known["account"], hosts),
            }
            return json.dumps(settings, sort_keys=True)

        given["task"]["environment"] = {
            _canary_program.CHECKS: pulumi.Output.all(
                private=args["private_services"],
                egress=args["egress"],
                vpc=args["vpc_cidr_blocks"],
                region=location.region,
                account=location.account,
            ).apply(checks)
        }
        # Planned again: its environment is asked of the provider, which knows only now who it is.
        plan = plan_service(name, given, provider_region(opts))
        security = task_security(where, plan, given, self, tags)
        images = checked_images(where, plan, given, location)
        task = fargate_task(plan.task, images, location, self, tags)

        self.task_definition_arn = task.definition.arn
        self.security_group_id = security.group.id
        self.log_group_name = task.log_group.name
        # Read once the rules are there, without which nothing would answer.
        self.run = pulumi.Output.all(
            cluster=args["cluster_arn"],
            taskDefinition=task.definition.arn,
            securityGroup=security.group.id,
            logGroup=task.log_group.name,
            region=location.region,
            subnets=args["subnet_ids"],
            rules=[rule.id for rule in security.rules if isinstance(rule, pulumi.CustomResource)],
        ).apply(lambda known: _run(name, args["group"], known))
        register(self)


def _service_args(args: EndpointCanaryArgs) -> Any:  # noqa: ANN401 - FargateServiceArgs in the making
    private = args["private_services"]
    gateways: Sequence[str] = ()
    if is_plain(private):
        gateways = [
            one
            for one in _private(private, args["group"])
            if service("private_services", one).gateway and one in NEEDS
        ]
    given: Mapping[str, Any] = args
    return {
        **{key: given[key] for key in _OF_SERVICE if key in given},
        "task": {
            **{key: given[key] for key in _OF_TASK if key in given},
            "entry_point": ["python3", "-c", program()],
            "user": _USER,
            "uses": gateways,
        },
    }


def program() -> str:
    """Return the program that the task runs."""
    return Path(_canary_program.__file__).read_text(encoding="utf-8")


def _hosts(args: EndpointCanaryArgs) -> Mapping[str, str]:
    given = entries("hosts", args.get("hosts") or {})
    return {service("hosts", key).key: text(f"hosts.{key}", host) for key, host in given.items()}


def _private(private: Mapping[str, Any], group: str) -> list[str]:
    """The services that a group reaches privately, from text or from a set."""
    found = private.get(group)
    names = found.split(",") if isinstance(found, str) else sorted(found or ())
    services = [one for one in names if one]
    if not services:
        raise InvalidInput(f"private_services has nothing for the group {group!r} to call")
    return services


def _checks(
    services: Sequence[str], region: str, account: str, hosts: Mapping[str, str]
) -> list[dict[str, Any]]:
    def check(name: str, host: Optional[str], *, gateway: bool, port: int) -> dict[str, Any]:
        kind = "gateway" if gateway else "interface"
        return {"service": name, "host": host, "kind": kind, "port": port, "path": "/"}

    found = []
    for one in map(lambda key: service("private_services", key), services):  # noqa: C417 - named
        host = hosts.get(one.key) or host_of(one.key, region, account)
        found.append(check(one.key, host, gateway=one.gateway, port=one.ports[0]))
        if one.key == "s3":
            found.append(check("ecr.layers", layers_host(region), gateway=True, port=one.ports[0]))
    return found


def _run(name: str, group: str, known: Mapping[str, Any]) -> dict[str, str]:
    subnets = {
        f"subnet/{zone}": subnet
        for key, subnet in sorted(known["subnets"].items())
        for of, _, zone in (key.partition("/"),)
        if of == group
    }
    kept = ("cluster", "taskDefinition", "securityGroup", "logGroup", "region")
    return {
        **{key: known[key] for key in kept},
        "container": name,
        "logStreamPrefix": f"{name}/{name}",
        **subnets,
    }
