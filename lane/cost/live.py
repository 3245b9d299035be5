"""What AWS's answers say is billed besides NAT gateways, endpoints and attachments.

What runs is counted, not what was asked for: a service's running tasks, the zones in which a
regional NAT gateway is active, addresses that nobody uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from lane.cost.bill import Charge, hourly
from lane.cost.declared import FREE_STORAGE, task_size
from lane.cost.inventory import Inventory, inventory_of, known_or
from lane.cost.items import EKS_TIERS
from lane.cost.nodes import Nodes, auto_mode_charges, node_charges
from lane.sources.calls import CALL_OF
from lane.sources.describe import workloads
from lane.sources.describe.answers import Shown, items, tag, text, texts
from privatelane_paths.facts import AttachmentKind, WorkloadKind
from privatelane_paths.known import Unknown

if TYPE_CHECKING:
    from lane.cost.inventory import NatCount
    from lane.cost.usage import Workload
    from lane.sources.describe.answers import Answers, Record
    from privatelane_paths.facts import Network
    from privatelane_paths.known import Key

__all__ = ["live_inventory"]

_KINDS = ("application", "network", "gateway")
#: What tells of something that is billed, and what a folder of saved answers need not have.
_COUNTED = (
    "Addresses",
    "LoadBalancers",
    "LoadBalancerDescriptions",
    "services",
    "clusters",
    "nodegroups",
)
#: In these states nothing is billed, or not any more.
_OVER = frozenset({"failed", "deleted", "deleting"})


def live_inventory(
    places: Sequence[Answers],
    network: Network,
    workload: Workload | None = None,
    region: str | None = None,
) -> Inventory:
    """All that AWS bills by the hour in the places that were read.

    `workload` adds what no call tells, by name; `region` counts where an answer does not say its
    own. Raises `Unusable` when it is `None` and needed.
    """
    reader = _Reader(Shown(places), network, workload, region)
    facts = inventory_of(network, reader.own(), region, reader.regions())
    charges = (
        *reader.addresses(),
        *reader.load_balancers(),
        *reader.clusters(),
        *reader.nodes(),
        *reader.tasks(),
        *reader.flow_logs(),
    )
    return Inventory(
        tuple(map(reader.active, facts.nats)),
        facts.endpoints,
        (*facts.others, *charges),
        tuple(dict.fromkeys((*facts.notes, *reader.notes, *reader.left_out()))),
    )


class _Reader:
    def __init__(
        self, shown: Shown, network: Network, workload: Workload | None, region: str | None
    ) -> None:
        self._shown = shown
        self._network = network
        self._workload = workload
        self._region = region
        self.notes: list[str] = []

    def own(self) -> frozenset[Key]:
        """What these accounts pay for: not the attachments of VPCs that others own."""
        mine = {one.key for one in self._network.vpcs}
        others = {
            one.key
            for one in self._network.attachments
            if one.kind is AttachmentKind.VPC
            and not (one.vpc is not None and mine.intersection(one.vpc.keys))
        }
        network = self._network
        return (
            frozenset(one.key for one in network.nats)
            | frozenset(one.key for one in network.endpoints)
            | frozenset(one.key for one in network.attachments)
        ) - others

    def regions(self) -> Mapping[Key, str]:
        """The region in which each was read, as far as the place says so."""
        return {
            identifier: place.region
            for key in ("NatGateways", "VpcEndpoints", "TransitGatewayAttachments")
            for record, place in self._shown.of(key)
            if place.region and (identifier := text(record, CALL_OF[key].id))
        }

    def active(self, nat: NatCount) -> NatCount:
        """A regional NAT gateway in the zones where it has addresses: there it is billed."""
        record = self._shown.get("NatGateways", nat.key) or {}
        addresses = items(record, "NatGatewayAddresses")
        zones = {
            zone
            for one in addresses
            if (zone := text(one, "AvailabilityZoneId") or text(one, "AvailabilityZone"))
        }
        public = len({ip for one in addresses if (ip := text(one, "PublicIp"))})
        if nat.regional and zones:
            nat = replace(nat, zones=len(zones))
        return replace(nat, addresses=public) if addresses else nat

    def addresses(self) -> Iterator[Charge]:
        """Public IPv4 addresses, each once: elastic ones, used or not, and those of AWS's own."""
        seen: set[str] = set()
        for record, place in self._shown.of("Addresses"):
            ip = text(record, "PublicIp") or ""
            seen.add(ip)
            # Who brings an address does not pay for it.
            if text(record, "PublicIpv4Pool") in (None, "amazon") and not text(
                record, "CustomerOwnedIp"
            ):
                name = tag(record, "Name") or ip
                yield self._hourly("public_ipv4_hour", place, ip, name)
        for record, place in self._shown.of("NatGateways"):
            if text(record, "State") in _OVER:
                continue
            key = record["NatGatewayId"]
            for one in items(record, "NatGatewayAddresses"):
                address = text(one, "PublicIp")
                if address is not None and address not in seen:
                    seen.add(address)
                    yield self._hourly("public_ipv4_hour", place, key, tag(record, "Name") or key)

    def load_balancers(self) -> Iterator[Charge]:
        for record, place in self._shown.of("LoadBalancers"):
            state = record.get("State")
            if isinstance(state, Mapping) and text(state, "Code") == "failed":
                continue
            key = record["LoadBalancerArn"]
            name = text(record, "LoadBalancerName") or key
            kind = text(record, "Type") or "application"
            if kind not in _KINDS:
                self.notes.append(f"{name} is not counted: its type {kind} is not known")
                continue
            yield self._hourly(f"{kind}_load_balancer_hour", place, key, name)
            units = self._workload.load_balancer_units.get(name) if self._workload else None
            if units:
                yield self._hourly(f"{kind}_load_balancer_unit_hour", place, key, name, units)
            count = self._addresses_of(record)
            if count:
                yield self._hourly("public_ipv4_hour", place, key, name, count)
        for record, place in self._shown.of("LoadBalancerDescriptions"):
            key = record["DNSName"]
            name = text(record, "LoadBalancerName") or key
            yield self._hourly("classic_load_balancer_hour", place, key, name)
            subnets = record.get("Subnets")
            if text(record, "Scheme") == "internet-facing" and isinstance(subnets, list):
                yield self._hourly("public_ipv4_hour", place, key, name, len(subnets))

    @staticmethod
    def _addresses_of(record: Record) -> int:
        """One a zone where it faces the internet, but for elastic ones, which are counted."""
        if (
            text(record, "Scheme") != "internet-facing"
            or text(record, "Type") == "gateway"
            or text(record, "IpAddressType") == "dualstack-without-public-ipv4"
        ):
            return 0
        return sum(
            not any(text(one, "AllocationId") for one in items(zone, "LoadBalancerAddresses"))
            for zone in items(record, "AvailabilityZones")
        )

    def clusters(self) -> Iterator[Charge]:
        for record, place in self._shown.of("clusters"):
            if text(record, "status") in ("DELETING", "FAILED"):
                continue
            scaling = record.get("controlPlaneScalingConfig")
            tier = text(scaling, "tier") if isinstance(scaling, Mapping) else None
            item = EKS_TIERS.get(tier or "", "eks_cluster_hour")
            name = text(record, "name") or record["arn"]
            yield self._hourly(item, place, record["arn"], name)
            compute = record.get("computeConfig")
            if isinstance(compute, Mapping) and compute.get("enabled") is True:
                region = self._where(place, name)
                yield from auto_mode_charges(
                    record["arn"], name, region, self._workload, self.notes
                )

    def nodes(self) -> Iterator[Charge]:
        """The instances of managed node groups, as many as the group was last asked for."""
        for record, place in self._shown.of("nodegroups"):
            if text(record, "status") in ("DELETING", "CREATE_FAILED"):
                continue
            name = text(record, "nodegroupName") or record["nodegroupArn"]
            scaling = record.get("scalingConfig")
            size = scaling.get("desiredSize") if isinstance(scaling, Mapping) else None
            nodes = Nodes(
                record["nodegroupArn"],
                name,
                self._where(place, name),
                texts(record, "instanceTypes"),
                size if isinstance(size, int) else None,
                spot=text(record, "capacityType") == "SPOT",
            )
            yield from node_charges(nodes, self._workload, self.notes)

    def tasks(self) -> Iterator[Charge]:
        """The Fargate tasks that run, by what each is given."""
        kinds = {
            one.key: one
            for one in workloads.workloads(self._shown)
            if one.kind is WorkloadKind.ECS_FARGATE
        }
        for record, place in self._shown.of("services"):
            key = record["serviceArn"]
            fact = kinds.get(key)
            if fact is None:
                continue
            said = self._workload.tasks.get(fact.name) if self._workload else None
            count = record.get("runningCount")
            running = said if said is not None else Decimal(count if isinstance(count, int) else 0)
            if fact.public_ip is True and running:
                yield self._hourly("public_ipv4_hour", place, key, fact.name, running)
            definition = self._shown.get("taskDefinitions", text(record, "taskDefinition") or "")
            size = None if definition is None else _size(definition)
            if size is None:
                self.notes.append(
                    f"the tasks of {fact.name} are not counted: "
                    "the cpu and memory of its task definition are not known"
                )
                continue
            for item, each in size.items():
                yield self._hourly(item, place, key, fact.name, running * each)

    def flow_logs(self) -> Iterator[Charge]:
        for record, place in self._shown.of("FlowLogs"):
            key = record["FlowLogId"]
            name = tag(record, "Name") or key
            given = self._workload.flow_logs.get(name) if self._workload else None
            if given is None:
                self.notes.append(
                    f"{name} is not counted: say its GB a month under `flow_logs` of the "
                    "workload file"
                )
                continue
            kind = text(record, "LogDestinationType") or "cloud-watch-logs"
            if kind not in ("cloud-watch-logs", "s3"):
                self.notes.append(f"{name} is not counted: it delivers to neither logs nor S3")
                continue
            region = self._where(place, name)
            item = "flow_logs_s3_gb" if kind == "s3" else "flow_logs_cloudwatch_gb"
            yield Charge(item, region, key, name, given)
            options = record.get("DestinationOptions")
            if isinstance(options, Mapping) and text(options, "FileFormat") == "parquet":
                yield Charge("flow_logs_parquet_gb", region, key, name, given)

    def left_out(self) -> Iterator[str]:
        """What nobody read."""
        for place in self._shown.places:
            if not place.has_network:
                continue
            lacking = [
                CALL_OF[key].what
                for key in _COUNTED
                if key not in place.records and key not in place.unread
            ]
            if lacking:
                where = f" for {place.where}" if place.region or place.account else ""
                yield (
                    f"not counted, because no saved answer holds them{where}: {', '.join(lacking)}"
                )

    def _hourly(
        self, item: str, place: Answers, key: str, name: str, count: Decimal | int = 1
    ) -> Charge:
        return hourly(item, self._where(place, name), key, name, count)

    def _where(self, place: Answers, name: str) -> str:
        return known_or(place.region or Unknown("region"), self._region, name)


def _size(definition: Record) -> dict[str, Decimal] | None:
    """What AWS bills an hour for one task of a definition, by item."""
    platform = definition.get("runtimePlatform")
    platform = platform if isinstance(platform, Mapping) else {}
    family = text(platform, "operatingSystemFamily") or ""
    kind = (
        "windows_"
        if family.startswith("WINDOWS")
        else ("arm_" if text(platform, "cpuArchitecture") == "ARM64" else "")
    )
    vcpus = task_size(text(definition, "cpu"), Decimal(1024))
    memory = task_size(text(definition, "memory"), Decimal(1024))
    if vcpus is None or memory is None:
        return None
    found = {f"fargate_{kind}vcpu_hour": vcpus, f"fargate_{kind}gb_hour": memory}
    storage = definition.get("ephemeralStorage")
    size = storage.get("sizeInGiB") if isinstance(storage, Mapping) else None
    if isinstance(size, int) and size > FREE_STORAGE:
        found["fargate_storage_gb_hour"] = Decimal(size - FREE_STORAGE)
    return found
