"""The load balancer in front of a Fargate service: where it stands, who calls it, and how."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._invalid import (
    InvalidInput,
    choice,
    entries,
    flag,
    integer,
    known_keys,
    listing,
    text,
)
from privatelane._tags import Tags, tagged
from privatelane.ecs.fargate_task import TaskPlan
from privatelane.peers import HTTPS, PeerArgs, check_peers, from_group
from privatelane.subnets import Subnets

KINDS = ("application", "network")
HTTP = 80

#: The policy that AWS recommends: TLS 1.2 with forward secrecy and TLS 1.3, both with key exchange
#: that quantum computers do not break where the client knows it too.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

# Policies with TLS 1.0 or 1.1, such as the API's own default of 2016, do not match.
_MODERN_TLS = re.compile(r"ELBSecurityPolicy-(?:TLS13-1-[23]-|TLS-1-2-|FS-1-2-)[A-Za-z0-9-]+")

#: What AWS allows in the name of a load balancer or target group: 32 letters, digits and hyphens,
#: of which our ending takes three and Pulumi's random one eight; `internal-` is AWS's own.
_NAME = re.compile(r"(?!internal-)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,19}[a-zA-Z0-9])?")

# Ranges of the load balancer API.
_MOST_DEREGISTRATION = 3600
_LEAST_SLOW_START = 30
_MOST_SLOW_START = 900


class LoadBalancerArgs(TypedDict):
    """A load balancer in front of a service."""

    kind: NotRequired[str]
    """`application` (HTTP) or `network` (TCP and TLS). Defaults to `application`."""
    public: NotRequired[bool]
    """Whether it has addresses of the internet. Defaults to false."""
    group: NotRequired[str]
    """Group of subnets that it stands in. Defaults to the service's own group; a public one needs a
    group with an internet gateway."""
    certificate_arn: NotRequired[pulumi.Input[str]]
    """Certificate for TLS. Mandatory, but for a network load balancer that hands TCP through and
    for `plain_http`."""
    plain_http: NotRequired[bool]
    """Whether an internal application load balancer may do without TLS. Defaults to false."""
    tls_policy: NotRequired[str]
    """Security policy of the TLS listener, none that still has TLS 1.0 or 1.1. Defaults to
    `ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09`."""
    port: NotRequired[int]
    """Port that callers use, from 1 to 65535. Defaults to 443 with a certificate, else to 80, for a
    network load balancer to the container's."""
    allow_from: NotRequired[Mapping[str, PeerArgs]]
    """Callers by a name for each. Defaults to the whole internet for a public one; an internal one
    must name some."""
    health_check_path: NotRequired[str]
    """Path that a healthy task answers with 200 to 399, over HTTP. A network load balancer tries a
    TCP connection unless it is given. Defaults to `/`."""
    health_check_interval: NotRequired[int]
    """Seconds between two health checks, from 5 to 300. Defaults to 15."""
    healthy_threshold: NotRequired[int]
    """Successes in a row that make a task healthy, from 2 to 10. Defaults to 2."""
    unhealthy_threshold: NotRequired[int]
    """Failures in a row that make a task unhealthy, from 2 to 10. Defaults to 3."""
    deregistration_delay: NotRequired[int]
    """Seconds that a leaving task has to finish its requests, from 0 to 3600. Defaults to 30."""
    slow_start: NotRequired[int]
    """Seconds over which a new task gets its full share of requests, 0 or from 30 to 900, for
    application load balancers. Defaults to 0."""
    idle_timeout: NotRequired[int]
    """Seconds after which a silent connection is closed, from 1 to 4000, for application load
    balancers. Defaults to 60."""
    cross_zone: NotRequired[bool]
    """Whether a network load balancer spreads traffic over the tasks of all zones, which costs
    transfer between zones. Defaults to false; application load balancers always do."""
    access_logs_bucket: NotRequired[pulumi.Input[str]]
    """Bucket for access logs, whose policy must admit Elastic Load Balancing. Defaults to none."""
    access_logs_prefix: NotRequired[str]
    """Folder in that bucket. Defaults to none."""
    deletion_protection: NotRequired[bool]
    """Whether AWS refuses to delete it. Defaults to false."""


@dataclass(frozen=True, slots=True)
class LoadBalancerPlan:
    """A load balancer whose settings have been accepted."""

    name: str
    settings: Mapping[str, Any]
    network: bool
    public: bool
    group: str
    tls: bool
    tls_policy: str
    port: int
    target_port: int
    app_protocol: str
    callers: Mapping[str, Mapping[str, Any]]
    """Properties of one rule for each caller."""

    @property
    def redirects(self) -> bool:
        """Whether callers of plain HTTP are sent to the TLS listener."""
        return self.public and not self.network and self.port != HTTP

    def check_group(self, egress: Mapping[str, str]) -> None:
        """Accept what the load balancer's group has towards the internet, by group.

        Raises:
            InvalidInput: a public load balancer would stand where the internet does not reach it.

        """
        if self.public and egress.get(self.group) != "internet-gateway":
            fit = sorted(group for group in egress if egress[group] == "internet-gateway")
            raise InvalidInput(
                f"load_balancer.group is {self.group!r}, a public load balancer must stand in a"
                f" group with an internet gateway: {listing(fit) or 'there is none'}"
            )

    def check_zones(self, own: Sequence[str], tasks: Sequence[str]) -> None:
        """Accept the zones of the load balancer's subnets and of the tasks' subnets.

        Raises:
            InvalidInput: an application load balancer stands in one zone only, or tasks run in a
                zone where the load balancer does not stand, which it would not send traffic to.

        """
        if not self.network and len(set(own)) < 2:  # noqa: PLR2004 - as AWS demands
            raise InvalidInput(
                f"load_balancer.group is {self.group!r} with a subnet in"
                f" {', '.join(sorted(own)) or 'no zone'}, an application load balancer must have"
                " subnets in two zones or more"
            )
        if lacking := sorted(set(tasks) - set(own)):
            raise InvalidInput(
                f"load_balancer.group is {self.group!r}, which has no subnet in"
                f" {', '.join(lacking)}, where tasks run"
            )


def plan_load_balancer(
    name: str,
    args: Optional[Mapping[str, Any]],
    task: TaskPlan,
    group: str,
) -> Optional[LoadBalancerPlan]:
    """Return the load balancer that `args` ask for in front of `task`, which runs in `group`.

    Raises:
        InvalidInput: the settings contradict each other or the task, or AWS would refuse them.

    """
    if args is None:
        return None
    known_keys("load_balancer", entries("load_balancer", args), LoadBalancerArgs.__annotations__)
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(
            f"name is {name!r}, with a load balancer it must be up to 21 letters, digits and inner"
            " hyphens and not begin with 'internal-'"
        )
    if task.port is None:
        raise InvalidInput("load_balancer is given, but task.port is not: it needs one to call")
    network = choice("load_balancer.kind", args.get("kind", KINDS[0]), KINDS) == "network"
    public = flag("load_balancer.public", args.get("public", False))
    if public and args.get("group") is None:
        raise InvalidInput(
            "load_balancer.public is True, but load_balancer.group is not given: name the group"
            " that has the internet gateway"
        )
    tls = _tls(args, network=network, public=public)
    if not network and task.app_protocol == "tcp":
        raise InvalidInput(
            "load_balancer.kind is 'application' with task.app_protocol 'tcp', it must be 'network'"
        )
    if task.app_protocol in {"grpc", "http2"} and not network and not tls:
        raise InvalidInput(
            f"load_balancer.plain_http is True with task.app_protocol {task.app_protocol!r}, which"
            " application load balancers speak over TLS only"
        )
    default_port = HTTPS if tls else task.port if network else HTTP
    port = integer("load_balancer.port", args.get("port", default_port), least=1, most=65535)
    _check_ranges(args, network=network)
    callers = args.get("allow_from") or ({"internet": {"cidr": "0.0.0.0/0"}} if public else None)
    if callers is None:
        raise InvalidInput(
            "load_balancer.allow_from is not given, an internal load balancer must name its"
            " callers, such as {'vpc': {'cidr': '10.0.0.0/16'}}"
        )
    return LoadBalancerPlan(
        name=name,
        settings=args,
        network=network,
        public=public,
        group=text("load_balancer.group", args.get("group", group)),
        tls=tls,
        tls_policy=_tls_policy(args),
        port=port,
        target_port=task.port,
        app_protocol=task.app_protocol,
        callers=check_peers("load_balancer.allow_from", callers, port=port),
    )


def _tls(args: Mapping[str, Any], *, network: bool, public: bool) -> bool:
    plain = flag("load_balancer.plain_http", args.get("plain_http", False))
    certificate = args.get("certificate_arn") is not None
    if plain and (network or public or certificate):
        but = (
            "a network load balancer speaks no HTTP"
            if network
            else "a public load balancer must have TLS"
            if public
            else "load_balancer.certificate_arn is given"
        )
        raise InvalidInput(f"load_balancer.plain_http is True, but {but}")
    if not certificate and not network and not plain:
        way_out = "" if public else ", or set load_balancer.plain_http to True inside the VPC"
        raise InvalidInput(
            "load_balancer.certificate_arn is not given, TLS must have a certificate: name one of"
            f" ACM{way_out}"
        )
    if args.get("tls_policy") is not None and not certificate:
        raise InvalidInput(
            "load_balancer.tls_policy is given, but load_balancer.certificate_arn is not"
        )
    return certificate


def _tls_policy(args: Mapping[str, Any]) -> str:
    policy = text("load_balancer.tls_policy", args.get("tls_policy", TLS_POLICY))
    if _MODERN_TLS.fullmatch(policy) is None:
        raise InvalidInput(
            f"load_balancer.tls_policy is {policy!r}, it must be one without TLS 1.0 and 1.1, such"
            f" as {TLS_POLICY!r}"
        )
    return policy


def _check_ranges(args: Mapping[str, Any], *, network: bool) -> None:
    for key, default, least, most in (
        ("health_check_interval", 15, 5, 300),
        ("healthy_threshold", 2, 2, 10),
        ("unhealthy_threshold", 3, 2, 10),
        ("deregistration_delay", 30, 0, _MOST_DEREGISTRATION),
        ("idle_timeout", 60, 1, 4000),
    ):
        integer(f"load_balancer.{key}", args.get(key, default), least=least, most=most)
    slow_start = integer(
        "load_balancer.slow_start", args.get("slow_start", 0), least=0, most=_MOST_SLOW_START
    )
    if 0 < slow_start < _LEAST_SLOW_START:
        raise InvalidInput(
            f"load_balancer.slow_start is {slow_start}, it must be 0 or a whole number from"
            f" {_LEAST_SLOW_START} to {_MOST_SLOW_START}"
        )
    if network and slow_start:
        raise InvalidInput(
            f"load_balancer.slow_start is {slow_start}, network load balancers know no slow start"
        )
    path = args.get("health_check_path", "/")
    if not text("load_balancer.health_check_path", path).startswith("/"):
        raise InvalidInput(f"load_balancer.health_check_path is {path!r}, it must begin with '/'")


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A load balancer with what hangs on it."""

    balancer: aws.lb.LoadBalancer
    target_group: aws.lb.TargetGroup
    listener: aws.lb.Listener
    security_group: aws.ec2.SecurityGroup
    entrances: Sequence[pulumi.Resource]
    """What a service must wait for: ECS refuses a target group that no listener uses, and tasks
    that the health checks do not reach are stopped."""


def load_balancer(
    plan: LoadBalancerPlan,
    vpc_id: pulumi.Input[str],
    subnets: Subnets,
    tasks: aws.ec2.SecurityGroup,
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> LoadBalancer:
    """Register the load balancer of `plan`, which calls members of the security group `tasks`."""
    name, settings = f"{plan.name}-lb", plan.settings
    child = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        name,
        description=f"Load balancer of {plan.name}",
        vpc_id=vpc_id,
        tags=tagged(name, tags),
        opts=child,
    )
    for caller, rule in plan.callers.items():
        entered = {f"{name}-from-{caller}": rule}
        if plan.redirects:
            entered[f"{name}-redirect-from-{caller}"] = {
                **rule,
                "from_port": HTTP,
                "to_port": HTTP,
            }
        for rule_name, properties in entered.items():
            aws.vpc.SecurityGroupIngressRule(
                rule_name,
                security_group_id=group.id,
                description=f"From {caller}",
                tags=tagged(rule_name, tags),
                opts=child,
                **properties,
            )
    to_tasks = aws.vpc.SecurityGroupEgressRule(
        f"{name}-to-tasks",
        security_group_id=group.id,
        description="Requests and health checks",
        tags=tagged(f"{name}-to-tasks", tags),
        opts=child,
        **from_group(tasks.id, plan.target_port),
    )
    into_tasks = aws.vpc.SecurityGroupIngressRule(
        f"{plan.name}-tasks-from-lb",
        security_group_id=tasks.id,
        description="Requests and health checks of the load balancer",
        tags=tagged(f"{plan.name}-tasks-from-lb", tags),
        opts=child,
        **from_group(group.id, plan.target_port),
    )
    balancer = aws.lb.LoadBalancer(
        name,
        load_balancer_type="network" if plan.network else "application",
        internal=not plan.public,
        subnets=subnets,
        security_groups=[group.id],
        enable_deletion_protection=bool(settings.get("deletion_protection", False)),
        tags=tagged(name, tags),
        opts=child,
        **_kind(plan),
    )
    target_group = aws.lb.TargetGroup(
        f"{plan.name}-tg",
        vpc_id=vpc_id,
        target_type="ip",
        port=plan.target_port,
        deregistration_delay=int(settings.get("deregistration_delay", 30)),
        health_check=aws.lb.TargetGroupHealthCheckArgs(**_health_check(plan)),
        tags=tagged(f"{plan.name}-tg", tags),
        opts=child,
        **_targets(plan),
    )
    protocol = ("TLS" if plan.tls else "TCP") if plan.network else "HTTPS" if plan.tls else "HTTP"
    listener = aws.lb.Listener(
        f"{name}-{plan.port}",
        load_balancer_arn=balancer.arn,
        port=plan.port,
        protocol=protocol,
        certificate_arn=settings.get("certificate_arn"),
        ssl_policy=plan.tls_policy if plan.tls else None,
        default_actions=[{"type": "forward", "target_group_arn": target_group.arn}],
        tags=tagged(f"{name}-{plan.port}", tags),
        opts=child,
    )
    entrances: list[pulumi.Resource] = [listener, to_tasks, into_tasks]
    if plan.redirects:
        entrances.append(
            aws.lb.Listener(
                f"{name}-redirect",
                load_balancer_arn=balancer.arn,
                port=HTTP,
                protocol="HTTP",
                default_actions=[
                    {
                        "type": "redirect",
                        "redirect": {
                            "protocol": "HTTPS",
                            "port": str(plan.port),
                            "status_code": "HTTP_301",
                        },
                    }
                ],
                tags=tagged(f"{name}-redirect", tags),
                opts=child,
            )
        )
    return LoadBalancer(balancer, target_group, listener, group, entrances)


def _kind(plan: LoadBalancerPlan) -> dict[str, Any]:
    settings = plan.settings
    logs = (
        {}
        if settings.get("access_logs_bucket") is None
        else {
            "access_logs": aws.lb.LoadBalancerAccessLogsArgs(
                bucket=settings["access_logs_bucket"],
                prefix=settings.get("access_logs_prefix"),
                enabled=True,
            )
        }
    )
    if plan.network:
        return {**logs, "enable_cross_zone_load_balancing": bool(settings.get("cross_zone", False))}
    return {
        **logs,
        "drop_invalid_header_fields": True,
        "idle_timeout": int(settings.get("idle_timeout", 60)),
    }


def _targets(plan: LoadBalancerPlan) -> dict[str, Any]:
    if plan.network:
        return {"protocol": "TCP"}
    versions = {"grpc": "GRPC", "http": "HTTP1", "http2": "HTTP2"}
    return {
        "protocol": "HTTP",
        "protocol_version": versions[plan.app_protocol],
        "slow_start": int(plan.settings.get("slow_start", 0)),
    }


def _health_check(plan: LoadBalancerPlan) -> dict[str, Any]:
    settings = plan.settings
    check: dict[str, Any] = {
        "interval": int(settings.get("health_check_interval", 15)),
        "healthy_threshold": int(settings.get("healthy_threshold", 2)),
        "unhealthy_threshold": int(settings.get("unhealthy_threshold", 3)),
    }
    path = settings.get("health_check_path")
    if plan.network and path is None:
        return {**check, "protocol": "TCP"}
    if plan.app_protocol == "grpc" and not plan.network:
        # Asked for a method that no server has, a gRPC server in good health answers 12.
        codes = {"path": "/AWS.ALB/healthcheck", "matcher": "12"}
        return {
            **check,
            "protocol": "HTTP",
            **(codes if path is None else {"path": path, "matcher": "0"}),
        }
    return {**check, "protocol": "HTTP", "path": path or "/", "matcher": "200-399"}
