"""What a stack's resources say is billed besides NAT gateways, endpoints and attachments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from lane.cost.bill import Charge, hourly
from lane.cost.inventory import Inventory, inventory_of, known_or
from lane.cost.items import EKS_TIERS
from lane.cost.nodes import DEFAULT_TYPE, Nodes, auto_mode_charges, node_charges
from privatelane_paths.facts import WorkloadKind
from privatelane_paths.known import Maybe, Unknown
from privatelane_paths.sources.index import Index
from privatelane_paths.sources.nouns import NAT, TASK_DEFINITION
from privatelane_paths.sources.resource import StackSettings, type_of
from privatelane_paths.sources.vpcs import region_of

if TYPE_CHECKING:
    from lane.cost.usage import Workload
    from privatelane_paths.facts import Network
    from privatelane_paths.sources.index import View
    from privatelane_paths.sources.resource import Reading, Resource

__all__ = ["FREE_STORAGE", "declared_inventory", "inventory_for", "task_size"]

_EIP = "aws:ec2/eip:Eip"
_LOAD_BALANCERS = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:applicationloadbalancing/loadBalancer:LoadBalancer",
    "aws:elasticloadbalancingv2/loadBalancer:LoadBalancer",
)
_CLASSIC = (
    "aws:elb/loadBalancer:LoadBalancer",
    "aws:elasticloadbalancing/loadBalancer:LoadBalancer",
)
_KINDS = ("application", "network", "gateway")
_CLUSTER = "aws:eks/cluster:Cluster"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
#: The component of pulumi-eks, which may be remote and then hides the cluster it makes.
_CLUSTER_COMPONENT = "eks:index:Cluster"
#: Gigabytes of disk that every Fargate task has for nothing.
FREE_STORAGE = 20
_SIZE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(vcpu|gb|)", re.IGNORECASE)
#: Billed by the hour, but none of a network's business: they are named, not counted.
_LEFT_OUT = {
    "aws:ec2/instance:Instance": "EC2 instances",
    "aws:autoscaling/group:Group": "Auto Scaling groups",
    "aws:eks/fargateProfile:FargateProfile": "pods of EKS Fargate profiles",
    "aws:networkfirewall/firewall:Firewall": "network firewalls",
    "aws:ec2/vpnConnection:VpnConnection": "VPN connections",
    "aws:route53/resolverEndpoint:ResolverEndpoint": "Route 53 Resolver endpoints",
    "aws:route53/zone:Zone": "Route 53 hosted zones",
    "aws:kms/key:Key": "KMS keys",
    "aws:secretsmanager/secret:Secret": "Secrets Manager secrets",
    "aws:ecr/repository:Repository": "ECR repositories",
    "aws:rds/instance:Instance": "RDS instances",
    "aws:rds/cluster:Cluster": "RDS clusters",
}


def inventory_for(
    reading: Reading,
    network: Network,
    workload: Workload | None = None,
    region: str | None = None,
) -> Inventory:
    """All that a stack itself makes and AWS bills by the hour; what it only reads, others pay."""
    ours = frozenset(one.urn for one in reading.resources if not one.delete and not one.external)
    facts = inventory_of(network, ours, region)
    rest = declared_inventory(reading.resources, reading.settings, network, workload, region)
    return Inventory(
        facts.nats,
        facts.endpoints,
        (*facts.others, *rest.others),
        (*facts.notes, *rest.notes),
    )


def declared_inventory(
    resources: tuple[Resource, ...],
    settings: StackSettings,
    network: Network,
    workload: Workload | None = None,
    region: str | None = None,
) -> Inventory:
    """What the resources of a stack say is billed.

    `workload` replaces the declared number of tasks, `region` counts where nothing names one.
    """
    reader = _Reader(Index(resources), settings, network, workload, region)
    charges = (
        *reader.addresses(),
        *reader.load_balancers(),
        *reader.clusters(),
        *reader.nodes(),
        *reader.tasks(),
        *reader.flow_logs(),
    )
    return Inventory(others=charges, notes=(*reader.notes, *reader.left_out()))


class _Reader:
    def __init__(
        self,
        index: Index,
        settings: StackSettings,
        network: Network,
        workload: Workload | None,
        region: str | None,
    ) -> None:
        self._index = index
        self._default: Maybe[str] = settings.region
        self._network = network
        self._workload = workload
        self._region = region
        self.notes: list[str] = []

    def _views(self, *types: str) -> Iterator[View]:
        """The resources that this stack makes; what it only reads, others pay for."""
        return (view for view in self._index.views(*types) if not view.resource.external)

    def _where(self, view: View) -> str:
        return known_or(region_of(view, self._default), self._region, view.name)

    def _hourly(self, item: str, view: View, count: Decimal | int = 1) -> Charge:
        return hourly(item, self._where(view), view.key, view.name, count)

    def addresses(self) -> Iterator[Charge]:
        """Public IPv4 addresses, each once: elastic ones, and those that AWS itself puts on."""
        for view in self._views(_EIP):
            own = view.text("publicIpv4Pool")
            brought = isinstance(own, str) and own.startswith("ipv4pool-ec2-")
            if not brought and view.raw("customerOwnedIpv4Pool") is None:
                yield self._hourly("public_ipv4_hour", view)
        yield from self._nat_addresses()
        for view in self._views(*_LOAD_BALANCERS, *_CLASSIC):
            count = self._load_balancer_addresses(view)
            if count:
                yield self._hourly("public_ipv4_hour", view, count)
        for view in self._views("aws:ec2/instance:Instance"):
            if view.flag("associatePublicIpAddress", False) is True:
                yield self._hourly("public_ipv4_hour", view)

    def _nat_addresses(self) -> Iterator[Charge]:
        """Addresses of NAT gateways that are no elastic address of this stack."""
        eips = {
            found
            for view in self._views(_EIP)
            for found in (view.resource.id, view.resource.outputs.get("allocationId"))
            if isinstance(found, str)
        }
        zones = {nat.key: nat for nat in self._network.nats}
        for view in self._index.of(NAT):
            fact = zones.get(view.key)
            if view.resource.external or fact is None or fact.public is False:
                continue
            if fact.regional is True:
                if view.raw("availabilityZoneAddresses") is None:
                    yield self._hourly("public_ipv4_hour", view, self._zones(view))
                continue
            given = view.raw("allocationId")
            of_stack = any(type_of(urn) == _EIP for urn in view.deps("allocationId"))
            if not of_stack and given not in eips:
                yield self._hourly("public_ipv4_hour", view)

    def _zones(self, nat: View) -> int:
        vpcs = {
            key
            for one in self._network.nats
            if one.key == nat.key and one.vpc
            for key in one.vpc.keys
        }
        zones = {one.zone for one in self._network.subnets if vpcs.intersection(one.vpc.keys)}
        return max(len(zones), 1)

    @staticmethod
    def _load_balancer_addresses(view: View) -> int:
        """One in each subnet of a load balancer that faces the internet, but for elastic ones."""
        if view.flag("internal", False) is not False:
            return 0
        if view.text("ipAddressType") == "dualstack-without-public-ipv4":
            return 0
        if view.text("loadBalancerType") == "gateway":
            return 0
        mappings = view.items("subnetMappings")
        if isinstance(mappings, tuple) and mappings:
            return sum(item.raw("allocationId") is None for item in mappings)
        subnets = view.raw("subnets")
        return len(subnets) if isinstance(subnets, list) else 0

    def load_balancers(self) -> Iterator[Charge]:
        for view in self._views(*_LOAD_BALANCERS):
            kind = view.text("loadBalancerType") or "application"
            if kind not in _KINDS:
                self.notes.append(f"{view.name} is not counted: its type is not known")
                continue
            yield self._hourly(f"{kind}_load_balancer_hour", view)
            units = self._workload.load_balancer_units.get(view.name) if self._workload else None
            if units:
                yield self._hourly(f"{kind}_load_balancer_unit_hour", view, units)
        for view in self._views(*_CLASSIC):
            yield self._hourly("classic_load_balancer_hour", view)

    def clusters(self) -> Iterator[Charge]:
        for view in self._views(_CLUSTER):
            scaling = view.item("controlPlaneScalingConfig")
            tier = None if scaling is None or isinstance(scaling, Unknown) else scaling.text("tier")
            item = EKS_TIERS.get(tier, "eks_cluster_hour") if isinstance(tier, str) else None
            yield self._hourly(item or "eks_cluster_hour", view)
            compute = view.item("computeConfig")
            if (
                compute is not None
                and not isinstance(compute, Unknown)
                and compute.flag("enabled", False) is True
            ):
                yield from auto_mode_charges(
                    view.key, view.name, self._where(view), self._workload, self.notes
                )
        for view in self._views(_CLUSTER_COMPONENT):
            below = self._index.descendants(view.key)
            if not any(one.type == _CLUSTER for one in below):
                yield self._hourly("eks_cluster_hour", view)

    def nodes(self) -> Iterator[Charge]:
        """The instances of managed node groups."""
        for view in self._views(_NODE_GROUP):
            scaling = view.item("scalingConfig")
            wanted: object = (
                None
                if scaling is None or isinstance(scaling, Unknown)
                else scaling.number("desiredSize")
            )
            nodes = Nodes(
                view.key,
                view.name,
                self._where(view),
                self._node_types(view),
                wanted if isinstance(wanted, int) else self._first_size(view),
                spot=view.text("capacityType") == "SPOT",
            )
            yield from node_charges(nodes, self._workload, self.notes)

    @staticmethod
    def _first_size(group: View) -> int | None:
        """What it starts with, where the program leaves the size to a scaler afterwards."""
        inputs = group.resource.inputs
        scaling = inputs.get("scalingConfig") if inputs is not None else None
        size = scaling.get("desiredSize") if isinstance(scaling, Mapping) else None
        return int(size) if isinstance(size, (int, float)) else None

    def _node_types(self, group: View) -> tuple[str, ...]:
        """The instance types of a node group, empty when they are not known."""
        given = group.texts("instanceTypes")
        if isinstance(given, tuple) and given:
            return tuple(one for one in given if isinstance(one, str))
        if isinstance(given, Unknown):
            return ()
        if group.raw("launchTemplate") is None:
            return (DEFAULT_TYPE,)
        templates = [self._index.view(urn) for urn in group.deps("launchTemplate")]
        types = {
            one.text("instanceType")
            for one in templates
            if one is not None and one.resource.type == _LAUNCH_TEMPLATE
        }
        return tuple(one for one in types if isinstance(one, str)) if len(types) == 1 else ()

    def tasks(self) -> Iterator[Charge]:
        """The Fargate tasks of every service, by what each is given of vCPUs, memory and disk."""
        for fact in self._network.workloads:
            view = self._index.view(fact.key)
            if (
                view is None
                or fact.kind is not WorkloadKind.ECS_FARGATE
                or view.resource.type != "aws:ecs/service:Service"
            ):
                continue
            running = self._running(view)
            if fact.public_ip is True:
                yield self._hourly("public_ipv4_hour", view, running)
            definition = view.named("taskDefinition", TASK_DEFINITION)
            if definition is None:
                self.notes.append(
                    f"the tasks of {view.name} are not counted: "
                    "its task definition is not part of this stack"
                )
                continue
            yield from self._task(view, definition, running)
            if _uses_spot(view):
                self.notes.append(
                    f"the tasks of {view.name} are counted at the on-demand price, "
                    "although some may run on Fargate Spot"
                )

    def _task(self, view: View, definition: View, running: Decimal) -> Iterator[Charge]:
        vcpus = task_size(definition.text("cpu"), Decimal(1024))
        memory = task_size(definition.text("memory"), Decimal(1024))
        if vcpus is None or memory is None:
            self.notes.append(
                f"the tasks of {view.name} are not counted: "
                f"the cpu and memory of {definition.name} are not both known"
            )
            return
        kind = _platform(definition)
        yield self._hourly(f"fargate_{kind}vcpu_hour", view, running * vcpus)
        yield self._hourly(f"fargate_{kind}gb_hour", view, running * memory)
        storage = definition.item("ephemeralStorage")
        size = (
            None if storage is None or isinstance(storage, Unknown) else storage.number("sizeInGib")
        )
        if isinstance(size, int) and size > FREE_STORAGE:
            extra = running * (size - FREE_STORAGE)
            yield self._hourly("fargate_storage_gb_hour", view, extra)

    def _running(self, view: View) -> Decimal:
        """How many tasks run: what the workload file says, else what the program asks for."""
        said = self._workload.tasks.get(view.name) if self._workload else None
        if said is not None:
            return said
        count: object = view.number("desiredCount")
        if isinstance(count, Unknown) and view.resource.inputs is not None:
            # The program tells Pulumi to ignore it later, because a scaling policy moves it.
            count = view.resource.inputs.get("desiredCount")
        if count is None:
            return Decimal(0)
        if isinstance(count, Unknown) or not isinstance(count, (int, float)):
            self.notes.append(f"{view.name} is counted as one task: its desired count is not known")
            return Decimal(1)
        if self._is_scaled(view):
            self.notes.append(
                f"{view.name} is counted as the {int(count)} tasks it starts with; "
                "scaling adds more: say the average under `tasks` of the workload file"
            )
        return Decimal(int(count))

    def _is_scaled(self, service: View) -> bool:
        return any(
            service.key in view.deps("resourceId") or service.key in view.resource.dependencies
            for view in self._views("aws:appautoscaling/target:Target")
        )

    def flow_logs(self) -> Iterator[Charge]:
        for view in self._views("aws:ec2/flowLog:FlowLog"):
            given = self._workload.flow_logs.get(view.name) if self._workload else None
            if given is None:
                self.notes.append(
                    f"{view.name} is not counted: say its GB a month under `flow_logs` of the "
                    "workload file"
                )
                continue
            place = view.text("logDestinationType") or "cloud-watch-logs"
            if place not in ("cloud-watch-logs", "s3"):
                self.notes.append(f"{view.name} is not counted: it delivers to neither logs nor S3")
                continue
            item = "flow_logs_s3_gb" if place == "s3" else "flow_logs_cloudwatch_gb"
            yield Charge(item, self._where(view), view.key, view.name, given)
            options = view.item("destinationOptions")
            if (
                options is not None
                and not isinstance(options, Unknown)
                and options.text("fileFormat") == "parquet"
            ):
                yield Charge("flow_logs_parquet_gb", self._where(view), view.key, view.name, given)

    def left_out(self) -> Iterator[str]:
        """One sentence on what costs money but is not the network's, if there is any."""
        counts = Counter(
            _LEFT_OUT[one.type]
            for one in self._index.resources
            if one.type in _LEFT_OUT and not one.external
        )
        if counts:
            listed = ", ".join(f"{what} ({count})" for what, count in sorted(counts.items()))
            yield f"not part of this bill: {listed}"
        for opaque in self._network.opaques:
            yield f"what {opaque.name} ({opaque.type}) makes is not shown, so it is not counted"
        unread = sorted(set(self._network.unread.values()))
        if unread:
            yield f"not counted, because the source does not show them: {'; '.join(unread)}"


def task_size(value: Maybe[str] | None, units: Decimal) -> Decimal | None:
    """VCPUs or GB of a task, `None` if unknown: in units (`512`) or whole (`.5 vCPU`, `1 GB`)."""
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    return Decimal(match[1]) if match[2] else Decimal(match[1]) / units


def _platform(definition: View) -> str:
    """The part of a Fargate item's name that its platform makes: empty for Linux on x86."""
    platform = definition.item("runtimePlatform")
    if platform is None or isinstance(platform, Unknown):
        return ""
    family = platform.text("operatingSystemFamily")
    if isinstance(family, str) and family.startswith("WINDOWS"):
        return "windows_"
    return "arm_" if platform.text("cpuArchitecture") == "ARM64" else ""


def _uses_spot(service: View) -> bool:
    strategies = service.raw("capacityProviderStrategies")
    return isinstance(strategies, list) and any(
        isinstance(one, Mapping) and one.get("capacityProvider") == "FARGATE_SPOT"
        for one in strategies
    )
