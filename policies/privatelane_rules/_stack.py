"""The stack as every rule sees it: converted once, judged once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from privatelane_paths.facts import Target, TargetKind, Workload
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.lanes import Judge
from privatelane_paths.routing import DEFAULTS
from privatelane_paths.sources.graph import network_of
from privatelane_paths.sources.index import Index as Resources
from privatelane_paths.workloads import Need, Pull, needs, pulls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from privatelane_paths.facts import Endpoint, Network, Subnet, Vpc
    from privatelane_paths.index import Index
    from privatelane_paths.sources.resource import Resource, StackSettings
    from privatelane_paths.verdicts import Lane
    from privatelane_rules._config import Config

__all__ = ["Stack"]

#: What rules judge although it is no part of a network.
_WITHOUT_A_NETWORK = (
    "aws:ebs/volume:Volume",
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    "aws:eks/addon:Addon",
    "aws:eks/cluster:Cluster",
)


@dataclass(frozen=True)
class Stack:
    """The resources of one preview, update or state, and what follows from them.

    All that is computed is computed at most once, for all rules together. `facts` are resources of
    other stacks, as the configuration describes them: they count, but are not judged themselves.
    """

    resources: tuple[Resource, ...]
    config: Config
    settings: StackSettings
    today: date
    facts: tuple[Resource, ...] = ()

    @cached_property
    def views(self) -> Resources:
        """The resources themselves, for what no fact speaks of."""
        return Resources(self.resources)

    @cached_property
    def foreign(self) -> frozenset[Key]:
        """The facts of other stacks, but for the subnets in which this stack's workloads run."""
        own = {resource.urn for resource in self.resources}
        used = {
            key
            for workload in self.network.workloads
            if workload.key in own
            for key in workload.subnets.certain | workload.subnets.possible
        }
        return frozenset(resource.urn for resource in self.facts) - own - used

    @cached_property
    def network(self) -> Network:
        """The facts."""
        return network_of((*self.resources, *self.facts), self.settings)

    @property
    def is_empty(self) -> bool:
        """Whether nothing in the stack is any business of the rules."""
        facts = self.network
        judged = next(self.views.views(*_WITHOUT_A_NETWORK), None)
        return judged is None and not any(
            (facts.vpcs, facts.subnets, facts.endpoints, facts.workloads, facts.peerings)
        )

    @cached_property
    def judge(self) -> Judge:
        """The prover, which keeps what several questions share."""
        return Judge(self.network, self.config.options)

    @property
    def index(self) -> Index:
        """The facts by what is asked for."""
        return self.judge.index

    @cached_property
    def lanes(self) -> tuple[Lane, ...]:
        """The way from every subnet to every service that is judged."""
        services = sorted(set(self.config.options.services))
        return tuple(
            self.judge.lane(subnet.key, service)
            for subnet in self.network.subnets
            if subnet.key not in self.foreign
            for service in services
        )

    @cached_property
    def lanes_of(self) -> Mapping[Key, tuple[Lane, ...]]:
        """The lanes of each subnet, in the order of the services."""
        found: dict[Key, list[Lane]] = {}
        for lane in self.lanes:
            found.setdefault(lane.subnet, []).append(lane)
        return {key: tuple(lanes) for key, lanes in found.items()}

    @cached_property
    def pulls(self) -> tuple[Pull, ...]:
        """Every image pull of the stack's workloads."""
        return pulls(self.network, bench=self.judge)

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """The lanes to what the stack's workloads call besides their registries."""
        return needs(self.network, bench=self.judge)

    @cached_property
    def workloads(self) -> Mapping[Key, Workload]:
        """The workloads by key."""
        return {workload.key: workload for workload in self.network.workloads}

    @cached_property
    def private(self) -> Mapping[Key, Maybe[bool]]:
        """Whether each subnet is private: its own way to the internet is no internet gateway."""
        return {subnet.key: self._is_private(subnet) for subnet in self.network.subnets}

    @cached_property
    def subnets_in(self) -> Mapping[Key, tuple[Subnet, ...]]:
        """The subnets that are certainly in each VPC."""
        found: dict[Key, list[Subnet]] = {}
        for subnet in self.network.subnets:
            if subnet.vpc.decided:
                found.setdefault(subnet.vpc.keys[0], []).append(subnet)
        return {key: tuple(subnets) for key, subnets in found.items()}

    @cached_property
    def endpoints_in(self) -> Mapping[Key, tuple[Endpoint, ...]]:
        """The endpoints that are certainly in each VPC."""
        found: dict[Key, list[Endpoint]] = {}
        for endpoint in self.network.endpoints:
            if endpoint.vpc.decided:
                found.setdefault(endpoint.vpc.keys[0], []).append(endpoint)
        return {key: tuple(endpoints) for key, endpoints in found.items()}

    def vpc_of(self, ref: Ref) -> Vpc | None:
        """The VPC an edge certainly leads to, if the stack knows it."""
        return self.index.vpcs.get(ref.keys[0]) if ref.decided else None

    def id_of(self, key: Key) -> str:
        """The AWS id of a resource, empty while it is not known."""
        view = self.views.view(key)
        found = None if view is None else view.resource.id or view.resource.outputs.get("id")
        return found if isinstance(found, str) else ""

    def name(self, key: Key) -> str:
        """What a fact is called."""
        return self.index.name(key)

    def workload_subnets(self, workload: Workload) -> tuple[Subnet, ...]:
        """The subnets, known to the stack, in which a workload certainly runs."""
        found = (self.index.subnets.get(key) for key in sorted(workload.subnets.certain))
        return tuple(subnet for subnet in found if subnet is not None)

    def default_targets(self, subnet: Subnet) -> Maybe[frozenset[Target | None]]:
        """What the default routes that the subnet may have point at; `None` for having none."""
        version = self._version(subnet)
        found: set[Target | None] = set()
        for vpc in subnet.vpc.keys:
            for case in self.judge.walk.router.tables_of(subnet.key, vpc):
                if case.table is None:
                    return Unknown(f"the route table of {subnet.name}")
                unseen = self.judge.walk.router.unseen(case.table)
                if unseen:
                    return Unknown(unseen)
                routes = [
                    route
                    for route in self.index.routes.to(case.table)
                    if route.destination == DEFAULTS[version == 6]  # noqa: PLR2004
                ]
                doubtful = [route for route in routes if not route.table.decided]
                if doubtful:
                    return Unknown(doubtful[0].table.missing)
                found.update(route.target for route in routes)
                if not routes:
                    found.add(None)
        if subnet.vpc.open:
            return Unknown(subnet.vpc.missing)
        return frozenset(found)

    def _is_private(self, subnet: Subnet) -> Maybe[bool]:
        targets = self.default_targets(subnet)
        if isinstance(targets, Unknown):
            return targets
        kinds = {None if target is None else target.kind for target in targets}
        if kinds == {TargetKind.INTERNET_GATEWAY}:
            return False
        if not kinds & {TargetKind.INTERNET_GATEWAY, TargetKind.UNKNOWN}:
            return True
        return Unknown(f"which default route {subnet.name} has")

    @staticmethod
    def _version(subnet: Subnet) -> int:
        if isinstance(subnet.cidrs, Unknown):
            return 4
        versions = {cidr.version for cidr in subnet.cidrs}
        return 4 if not versions or 4 in versions else 6  # noqa: PLR2004
