"""What a Fargate service consists of and where it may run, as far as plain input tells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from privatelane._component import is_plain
from privatelane._images import parse_image
from privatelane._invalid import InvalidInput, entries, flag, integer, listing, text
from privatelane._placement import Placement, is_public, placement, services_by_need
from privatelane._services import check_region, service
from privatelane._subnets import subnets_by_zone
from privatelane.ecs.autoscaling import AutoscalingPlan, plan_autoscaling
from privatelane.ecs.capacity import SPOT, strategies
from privatelane.ecs.fargate_task import TaskPlan, plan_task
from privatelane.ecs.load_balancer import LoadBalancerPlan, plan_load_balancer
from privatelane.peers import HTTPS, check_peers

#: Names of rules that a service makes by itself, which no caller or called one may have.
_OWN_RULES = {"allow_from": {"lb"}, "allow_to": {"endpoints", "s3", "s3express", "dynamodb"}}

#: How many tasks a service runs by default: one may be lost without an outage.
_DESIRED_COUNT = 2
_MOST_TASKS = 5000
_MOST_GRACE_PERIOD = 86_400


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A service whose settings have been accepted, as far as they are plain."""

    task: TaskPlan
    group: str
    region: Optional[str]
    capacity: Sequence[Mapping[str, Any]]
    load_balancer: Optional[LoadBalancerPlan]
    autoscaling: Optional[AutoscalingPlan]
    callers: Mapping[str, Mapping[str, Any]]
    """Properties of a rule for each caller of the tasks."""
    called: Mapping[str, Mapping[str, Any]]
    """Properties of a rule for each one that the tasks call, beside the endpoints."""
    allows_endpoints: bool
    """Whether tasks may call the interface endpoints."""
    prefix_lists: Optional[frozenset[str]]
    """The gateway services whose prefix lists are given, None where that is known later."""
    public_ip: bool
    desired_count: int
    grace_period: int
    minimum_healthy_percent: int
    maximum_percent: int
    wait: bool

    @property
    def gateways(self) -> list[str]:
        """The needed services that are reached through gateway endpoints."""
        by_need = services_by_need(self.task.needs, self.task.images.values())
        needed = {one for services in by_need.values() for one in services}
        return sorted(one for one in needed if service("needs", one).gateway)

    def check_start(
        self,
        egress: Mapping[str, str],
        private_services: Mapping[str, Union[str, Iterable[str]]],
        images: Mapping[str, object],
        region: Optional[str],
    ) -> None:
        """Accept a network where tasks can start, as far as images and region are known.

        Raises:
            InvalidInput: a group is not of the sort that it is used for, the tasks could not pull
                an image, or not reach a service they need.

        """
        place = self._place(egress, private_services)
        if self.load_balancer is not None:
            self.load_balancer.check_group(egress)
        parsed = {
            container: parse_image(image) if isinstance(image, str) else None
            for container, image in images.items()
        }
        for container, image in parsed.items():
            if image is not None:
                sidecar = "" if container == self.task.name else f"sidecars.{container}."
                place.check_image(image, region, field=f"task.{sidecar}image")
        needs = services_by_need(self.task.needs, parsed.values())
        place.check_needs(needs)
        place.check_security_group(needs)

    def task_subnets(self, subnet_ids: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the subnets of the tasks by zone id.

        Raises:
            InvalidInput: the group has none.

        """
        return subnets_by_zone("group", self.group, subnet_ids)

    def balancer_subnets(self, subnet_ids: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the subnets of the load balancer by zone id.

        Raises:
            InvalidInput: its group has none, too few, or none in a zone where tasks run.

        """
        if self.load_balancer is None:
            return {}
        own = subnets_by_zone("load_balancer.group", self.load_balancer.group, subnet_ids)
        self.load_balancer.check_zones(list(own), list(self.task_subnets(subnet_ids)))
        return own

    def _place(
        self, egress: Mapping[str, str], private_services: Mapping[str, Union[str, Iterable[str]]]
    ) -> Placement:
        ranges = [
            rule[key]
            for rule in self.called.values()
            for key in ("cidr_ipv4", "cidr_ipv6")
            if key in rule
        ]
        place = placement(
            self.group,
            egress,
            private_services,
            public_ip=self.public_ip,
            allows_internet=any(map(is_public, ranges)),
            allows_endpoints=self.allows_endpoints,
            prefix_lists=self.prefix_lists,
        )
        place.check_address()
        return place


def plan_service(name: str, args: Mapping[str, Any], region: Optional[str]) -> ServicePlan:
    """Return what a service with these settings (`FargateServiceArgs`) consists of.

    `region` is that of the provider, None where it must be asked. What is plain is compared with
    the network at once; the rest waits until it is known.

    Raises:
        InvalidInput: ECS would refuse the settings, or no task would start with them.

    """
    task = plan_task(name, entries("task", args.get("task")))
    group = text("group", args.get("group"))
    balancer = plan_load_balancer(name, args.get("load_balancer"), task, group)
    scaling = plan_autoscaling(
        args.get("autoscaling"),
        behind_application_load_balancer=balancer is not None and not balancer.network,
    )
    capacity = strategies("capacity", args.get("capacity"))
    if task.windows and any(one["capacity_provider"] == SPOT for one in capacity):
        raise InvalidInput(
            f"capacity.spot_weight is given with task.operating_system {task.operating_system!r},"
            " Fargate Spot has no Windows tasks"
        )
    if args.get("allow_from") and task.port is None:
        raise InvalidInput("allow_from is given, but task.port is not: callers need a port to call")
    callers = check_peers("allow_from", args.get("allow_from"), port=task.port or HTTPS)
    called = check_peers("allow_to", args.get("allow_to"))
    for field, peers in (("allow_from", callers), ("allow_to", called)):
        if taken := _OWN_RULES[field].intersection(peers):
            raise InvalidInput(
                f"{field} has {listing(sorted(taken))}, a name that the service uses itself"
            )
    plan = ServicePlan(
        task=task,
        group=group,
        region=check_region("region", args["region"]) if args.get("region") else region,
        capacity=capacity,
        load_balancer=balancer,
        autoscaling=scaling,
        callers=callers,
        called=called,
        # Endpoints have addresses of the VPC, which some range may hold; that is not looked into.
        allows_endpoints=args.get("endpoint_security_group_id") is not None
        or any("cidr_ipv4" in rule for rule in called.values()),
        prefix_lists=_prefix_lists(args.get("prefix_list_ids")),
        public_ip=flag("assign_public_ip", args.get("assign_public_ip", False)),
        desired_count=_integer(
            args, "desired_count", scaling.least if scaling else _DESIRED_COUNT, 0, _MOST_TASKS
        ),
        grace_period=_integer(args, "health_check_grace_period", 60, 0, _MOST_GRACE_PERIOD),
        minimum_healthy_percent=_integer(args, "minimum_healthy_percent", 100, 0, 100),
        # More than 100, as ECS demands for spreading tasks anew over the zones.
        maximum_percent=_integer(args, "maximum_percent", 200, 101, 400),
        wait=flag("wait_for_steady_state", args.get("wait_for_steady_state", True)),
    )
    egress, private_services = args["egress"], args["private_services"]
    if is_plain(egress) and is_plain(private_services):
        plan.check_start(egress, private_services, task.texts, plan.region)
    if isinstance(args["subnet_ids"], Mapping):
        plan.task_subnets(args["subnet_ids"])
        plan.balancer_subnets(args["subnet_ids"])
    return plan


def _prefix_lists(given: object) -> Optional[frozenset[str]]:
    if given is None:
        return frozenset()
    return frozenset(given) if isinstance(given, Mapping) else None


def _integer(args: Mapping[str, Any], field: str, default: int, least: int, most: int) -> int:
    return integer(field, args.get(field, default), least=least, most=most)
