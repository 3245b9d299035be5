"""What a network consists of, decided from plain input alone.

Everything that says which resources exist is settled here, before anything is registered, so that
a preview shows the same resources whether ids are known or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from privatelane._invalid import InvalidInput, choice, entries, flag, integer, items, listing, text
from privatelane._retention import check_retention
from privatelane._zones import EKS_REFUSES, check_zone_id, check_zones, choose_zones, zone_slots
from privatelane.vpc._addresses import AddressPlan, Group, plan_addresses
from privatelane.vpc._nat import NatPlan, plan_nat

#: What a group of subnets may reach: the internet, the internet through NAT, or nothing outside.
KINDS = ("public", "private", "isolated")

#: A group's way out, as `Network.egress` tells it.
Egress = Literal["internet-gateway", "nat", "none"]

_EGRESS: Mapping[str, Egress] = {"public": "internet-gateway", "private": "nat", "isolated": "none"}

#: How long flow logs are kept unless something else is said, in days.
FLOW_LOG_RETENTION = 90

#: CloudWatch Logs' longest retention; used for both destinations.
_MOST_DAYS = 3653

# Without hyphens, "<network>-<group>-<zone>" can be read in one way only, so two networks in one
# stack never give two children one name.
_GROUP_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class SubnetGroup:
    """A group of subnets, one in each zone."""

    name: str
    kind: str
    #: Whether an EKS cluster may use it for load balancers and, unless public, for nodes.
    eks: bool
    map_public_ip_on_launch: bool
    former_name: str | None

    @property
    def egress(self) -> Egress:
        """The group's way out."""
        return _EGRESS[self.kind]


@dataclass(frozen=True, slots=True)
class FlowLogsPlan:
    """Where flow logs go and how long they are kept."""

    destination: str
    #: In days; None for a bucket of the caller's own.
    retention: int | None
    #: In seconds.
    aggregation: int


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """A network, as far as it is known before anything exists."""

    #: In the order given.
    zones: tuple[str, ...]
    #: In alphabetical order.
    groups: Mapping[str, SubnetGroup]
    addresses: AddressPlan
    nat: NatPlan
    ipv6: bool
    flow_logs: FlowLogsPlan | None

    @property
    def internet_gateway(self) -> bool:
        """Whether anything needs an internet gateway: a public subnet or a NAT gateway."""
        return self.nat.kind != "none" or any(
            group.kind == "public" for group in self.groups.values()
        )

    @property
    def egress_only_gateway(self) -> bool:
        """Whether private subnets need a way out for IPv6, which NAT does not translate."""
        return self.ipv6 and any(group.kind == "private" for group in self.groups.values())


def plan_network(
    args: Mapping[str, object],
    *,
    region: str | None,
    available_zones: Callable[[], Iterable[str]],
) -> NetworkPlan:
    """Return the network that `args`, which have the keys of `NetworkArgs`, describe.

    `region` is where the network will be, None when it is not known here. `available_zones` asks
    AWS for zone ids; it is called only when zones are chosen by count.

    Raises:
        InvalidInput: something cannot be used.

    """
    settings = {key: value for key, value in args.items() if value is not None}
    groups = _groups(settings)
    zones = _zones(settings, groups.values(), region, available_zones)
    count = _power_of_two("zone_slots", settings.get("zone_slots", 4), most=16)
    slots = zone_slots(
        zones, count, settings.get("zone_slot_overrides", {}), field="zone_slot_overrides"
    )
    ipv6 = flag("ipv6", settings.get("ipv6", False))
    if "ipv6_ipam_pool_id" in settings and not ipv6:
        raise InvalidInput("ipv6_ipam_pool_id is given, but ipv6 is False; make it True")
    return NetworkPlan(
        zones=zones,
        groups=groups,
        addresses=plan_addresses(
            settings.get("cidr_block"),
            [_addressed(group, settings) for group in groups.values()],
            slots,
            secondary=settings.get("secondary_cidr_blocks", ()),
            group_slots=_power_of_two("group_slots", settings.get("group_slots", 8), most=256),
            zone_slots=count,
            ipv6=ipv6,
        ),
        nat=plan_nat(
            settings.get("nat", "none"),
            zones=slots,
            public=[name for name, group in groups.items() if group.kind == "public"],
            private=[name for name, group in groups.items() if group.kind == "private"],
            zone=settings.get("nat_zone"),
            group=settings.get("nat_group"),
            allocation_ids=settings.get("nat_allocation_ids"),
        ),
        ipv6=ipv6,
        flow_logs=plan_flow_logs(settings),
    )


def _groups(settings: Mapping[str, object]) -> Mapping[str, SubnetGroup]:
    given = entries("groups", settings.get("groups"))
    if not given:
        raise InvalidInput("groups is empty, a network needs at least one group of subnets")
    groups = {}
    for name in sorted(given):
        if not _GROUP_NAME.fullmatch(name):
            raise InvalidInput(
                f"groups names {name!r}, a group's name must be up to 32 lower-case letters, digits"
                " and underscores, beginning with a letter"
            )
        groups[name] = _group(name, _group_settings(name, settings), settings)
    formers = [group.former_name for group in groups.values() if group.former_name is not None]
    for group in groups.values():
        if group.former_name in groups or formers.count(group.former_name or "") > 1:
            raise InvalidInput(
                f"groups.{group.name}.former_name is {group.former_name!r}, another group has that"
                " name"
            )
    return MappingProxyType(groups)


def _group_settings(name: str, settings: Mapping[str, object]) -> Mapping[str, object]:
    group = entries(f"groups.{name}", entries("groups", settings["groups"])[name])
    return {key: value for key, value in group.items() if value is not None}


def _group(name: str, group: Mapping[str, object], settings: Mapping[str, object]) -> SubnetGroup:
    where = f"groups.{name}"
    kind = choice(f"{where}.kind", group.get("kind"), KINDS)
    clustered = "cluster_name" in settings
    eks = flag(f"{where}.eks", group.get("eks", clustered))
    if eks and not clustered:
        raise InvalidInput(f"{where}.eks is True, but cluster_name is missing")
    public_ip = flag(
        f"{where}.map_public_ip_on_launch", group.get("map_public_ip_on_launch", False)
    )
    if public_ip and kind != "public":
        raise InvalidInput(
            f"{where}.map_public_ip_on_launch is True, but the group is {kind!r}, where a public"
            " address is of no use; leave it out"
        )
    former = group.get("former_name")
    return SubnetGroup(
        name=name,
        kind=kind,
        eks=eks,
        map_public_ip_on_launch=public_ip,
        former_name=None if former is None else text(f"{where}.former_name", former),
    )


def _addressed(group: SubnetGroup, settings: Mapping[str, object]) -> Group:
    given = _group_settings(group.name, settings)
    return Group(
        name=group.name,
        public=group.kind == "public",
        slot=given.get("slot"),
        share=given.get("share"),
        prefix_length=given.get("prefix_length"),
        cidr_block=given.get("cidr_block"),
        cidrs=given.get("cidrs"),
        ipv6_slot=given.get("ipv6_slot"),
    )


def _zones(
    settings: Mapping[str, object],
    groups: Iterable[SubnetGroup],
    region: str | None,
    available_zones: Callable[[], Iterable[str]],
) -> tuple[str, ...]:
    if ("zones" in settings) == ("zone_count" in settings):
        both = "both" if "zones" in settings else "neither"
        raise InvalidInput(
            f"{both} of zones and zone_count is given, give one: zones such as ['use1-az1',"
            " 'use1-az2'], which never change by themselves, or how many to choose"
        )
    avoid = {
        check_zone_id("avoid_zones", zone_id)
        for zone_id in items("avoid_zones", settings.get("avoid_zones", ()))
    }
    eks_only = flag("eks_zones_only", settings.get("eks_zones_only", "cluster_name" in settings))
    if "zones" in settings:
        vouched = entries("zone_slot_overrides", settings.get("zone_slot_overrides", {}))
        zones = check_zones("zones", settings["zones"], region=region, vouched=vouched)
        _refuse_avoided(zones, avoid, eks_only=eks_only)
        field = "zones"
    else:
        count = integer("zone_count", settings["zone_count"], least=1, most=16)
        refused = EKS_REFUSES if eks_only else frozenset()
        zones = choose_zones("zone_count", available_zones(), count, avoid=avoid | refused)
        field = "zone_count"
    inner = [group.name for group in groups if group.kind != "public"]
    alone = flag("allow_single_zone", settings.get("allow_single_zone", False))
    if len(zones) == 1 and inner and not alone:
        raise InvalidInput(
            f"{field} gives one zone, but group {inner[0]!r} should survive the loss of one; use at"
            " least two, or set allow_single_zone"
        )
    return zones


def _refuse_avoided(zones: Iterable[str], avoid: set[str], *, eks_only: bool) -> None:
    for zone_id in zones:
        if zone_id in avoid:
            raise InvalidInput(f"zones lists {zone_id!r}, which avoid_zones lists too")
        if eks_only and zone_id in EKS_REFUSES:
            raise InvalidInput(
                f"zones lists {zone_id!r}, in which EKS accepts no cluster subnets; use another, or"
                " make eks_zones_only False"
            )


def plan_flow_logs(settings: Mapping[str, object]) -> FlowLogsPlan | None:
    """Return the plan of the flow logs in those settings, None when they ask for none.

    Raises:
        InvalidInput: a setting cannot be used.

    """
    if "flow_logs" not in settings:
        return None
    given = {
        key: value
        for key, value in entries("flow_logs", settings["flow_logs"]).items()
        if value is not None
    }
    destination = choice("flow_logs.destination", given.get("destination"), ("cloudwatch", "s3"))
    aggregation = integer(
        "flow_logs.aggregation_seconds", given.get("aggregation_seconds", 600), least=60, most=600
    )
    if aggregation not in (60, 600):
        raise InvalidInput(f"flow_logs.aggregation_seconds is {aggregation}, it must be 60 or 600")
    return FlowLogsPlan(destination, _retention(destination, given), aggregation)


def _retention(destination: str, given: Mapping[str, object]) -> int | None:
    field = "flow_logs.retention_days"
    if "bucket_arn" not in given:
        days = given.get("retention_days", FLOW_LOG_RETENTION)
        if destination == "cloudwatch":
            return check_retention(field, days)
        return integer(field, days, least=1, most=_MOST_DAYS)
    if destination != "s3":
        raise InvalidInput("flow_logs.bucket_arn is given, but flow_logs.destination is not 's3'")
    for key in ("retention_days", "kms_key_arn"):
        if key in given:
            raise InvalidInput(
                f"flow_logs.{key} is given, but the bucket of flow_logs.bucket_arn has its own;"
                " leave it out"
            )
    return None


def _power_of_two(field: str, value: object, *, most: int) -> int:
    number = integer(field, value, least=1, most=most)
    if number & (number - 1):
        powers = [1 << bits for bits in range(most.bit_length())]
        raise InvalidInput(f"{field} is {number}, it must be a power of two: {listing(powers)}")
    return number
