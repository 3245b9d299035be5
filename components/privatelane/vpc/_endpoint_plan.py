"""Which endpoints a network gets, and where each of them lies.

Everything here is decided from names: of needs, services, groups and zones. Ids and addresses are
values that `Endpoints` puts in their places. Subnets and route tables go by the keys of flat maps,
``<group>/<zone id>``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from privatelane._invalid import (
    InvalidInput,
    choice,
    described,
    entries,
    flag,
    items,
    listing,
    text,
)
from privatelane._needs import needs_by_group, reasons
from privatelane._placement import EGRESS
from privatelane._services import (
    NO_CROSS_REGION_ZONES,
    Service,
    check_region,
    partition,
    service,
)
from privatelane._zones import check_zone_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_T = TypeVar("_T")

#: What `Network.egress` says of a group that has a route to an internet gateway.
PUBLIC = "internet-gateway"

_ENDPOINT_ID = re.compile(r"vpce-[0-9a-f]{8}([0-9a-f]{9})?")


@dataclass(frozen=True, slots=True)
class PlannedEndpoint:
    """One endpoint: made, or adopted from the VPC."""

    service: Service
    #: What the service is called by AWS, its Region included.
    full_name: str
    #: Where the service is, when that is another Region.
    service_region: str | None
    #: Why it is there, as a sentence for people.
    reason: str
    #: Whether the service's public name resolves to it in the VPC.
    private_dns: bool
    #: Whether that holds only for those who ask from outside, through an inbound resolver.
    for_inbound_resolver: bool = False
    #: Zone ids it can be in; None when every zone will do.
    zones: frozenset[str] | None = None
    #: The id of the endpoint to adopt.
    adopted: str | None = None
    #: Zone ids that the adopted endpoint serves already.
    adopted_zones: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Its name in every map of ours."""
        return self.service.key

    @property
    def gateway(self) -> bool:
        """Whether it is a route rather than network interfaces."""
        return self.service.gateway

    @property
    def by_public_name(self) -> bool:
        """Whether a client in the VPC that asks for the service in its own Region comes by it."""
        here = self.service_region is None or self.service.is_global
        return here and (self.gateway or (self.private_dns and not self.for_inbound_resolver))

    def in_zones(self, zones: Iterable[str]) -> frozenset[str]:
        """Return those of `zones` it can be in."""
        possible = frozenset(zones) if self.zones is None else self.zones.intersection(zones)
        return possible - NO_CROSS_REGION_ZONES if self.service_region else possible

    def zones_in_words(self) -> str:
        """Return which zones it can be in, as the end of a sentence."""
        if self.zones is not None:
            return f"it can be in {', '.join(sorted(self.zones)) or 'no zone'}"
        closed = ", ".join(sorted(NO_CROSS_REGION_ZONES))
        return f"another Region is not reached from the zones {closed}"


@dataclass(frozen=True, slots=True)
class EndpointPlan:
    """The endpoints of a network."""

    region: str
    #: The needs of each group that has some.
    needs: Mapping[str, frozenset[str]]
    #: By name.
    endpoints: tuple[PlannedEndpoint, ...]
    #: The services asked for by name.
    named: frozenset[str] = frozenset()
    #: The group whose subnets take the network interfaces, where it has any.
    subnet_group: str | None = None

    @property
    def interfaces(self) -> tuple[PlannedEndpoint, ...]:
        """The interface endpoints."""
        return tuple(one for one in self.endpoints if not one.gateway)

    @property
    def gateways(self) -> tuple[PlannedEndpoint, ...]:
        """The gateway endpoints."""
        return tuple(one for one in self.endpoints if one.gateway)

    @property
    def all_needs(self) -> frozenset[str]:
        """The needs of all groups together."""
        return frozenset[str]().union(*self.needs.values())

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports of the interface endpoints."""
        return tuple(sorted({port for one in self.interfaces for port in one.service.ports}))

    def check_subnets(self, subnets: Iterable[str]) -> None:
        """Accept the keys of the network's subnets.

        Raises:
            InvalidInput: a group that states needs has none, or an interface endpoint can be in
                none of their zones.

        """
        by_group = _zones_by_group("subnet_ids", subnets)
        for field, group in [
            *((f"needs.{group}", group) for group in sorted(self.needs)),
            *([("subnet_group", self.subnet_group)] if self.subnet_group else []),
        ]:
            if group not in by_group:
                raise InvalidInput(
                    f"{field} is for the group {group!r}, which has no subnets; the groups are"
                    f" {listing(sorted(by_group))}"
                )
        for endpoint in self.interfaces:
            self.subnets_of(endpoint, subnets)

    def check_egress(self, egress: Mapping[str, str]) -> None:
        """Accept what the groups have towards the internet.

        Raises:
            InvalidInput: a group that states needs is public, or nothing is said of it.

        """
        for group in sorted(self.needs):
            if _is_public(group, egress):
                raise InvalidInput(
                    f"needs.{group} is for a group with a route to an internet gateway, only groups"
                    " without one are served; allow_from can admit its addresses"
                )

    def check_ranges(self, cidrs: Iterable[str], subnets: Iterable[str] = ()) -> None:
        """Accept the keys of the ranges of the network's subnets.

        Raises:
            InvalidInput: a group that states needs, or one of its subnets, has none, and could not
                be admitted.

        """
        known = set(cidrs)
        for group in sorted(self.needs) if self.interfaces else ():
            if not self.keys_of(group, known):
                raise InvalidInput(f"subnet_cidrs has no range for the group {group!r}")
            for key in self.keys_of(group, subnets):
                if key not in known:
                    raise InvalidInput(f"subnet_cidrs has no range for the subnet {key!r}")

    def keys_of(self, group: str, keys: Iterable[str]) -> list[str]:
        """Return those of the keys of subnets that belong to a group."""
        return sorted(key for key in keys if _split("subnet_cidrs", key)[0] == group)

    def subnets_of(self, endpoint: PlannedEndpoint, subnets: Iterable[str]) -> list[str]:
        """Return the keys of the subnets an interface endpoint lies in: one a zone.

        In each zone it is the subnet of `subnet_group`, where it has one there, and else of the
        first group by name among those that state needs.

        Raises:
            InvalidInput: the endpoint can be in none of the zones.

        """
        by_group = _zones_by_group("subnet_ids", subnets)
        chosen: dict[str, str] = {}
        for group in [*([self.subnet_group] if self.subnet_group else []), *sorted(self.needs)]:
            for zone in by_group.get(group, ()):
                chosen.setdefault(zone, group)
        zones = endpoint.in_zones(chosen)
        if not zones:
            raise InvalidInput(
                f"{endpoint.key} has no zone in common with the network, whose subnets for"
                f" endpoints are in {', '.join(sorted(chosen)) or 'no zone'};"
                f" {endpoint.zones_in_words()}"
            )
        return [f"{chosen[zone]}/{zone}" for zone in sorted(zones - endpoint.adopted_zones)]

    def tables_of(
        self, endpoint: PlannedEndpoint, tables: Iterable[str], egress: Mapping[str, str]
    ) -> list[str]:
        """Return the keys of the route tables that lead to a gateway endpoint: no public ones.

        Raises:
            InvalidInput: as `check_egress`.

        """
        self.check_egress(egress)
        public = set(self.public_keys(tables, egress))
        return [
            key
            for key in sorted(tables)
            if key not in public and _split("route_table_ids", key)[1] not in endpoint.adopted_zones
        ]

    def public_keys(self, tables: Iterable[str], egress: Mapping[str, str]) -> list[str]:
        """Return the keys of the route tables of public groups.

        Raises:
            InvalidInput: nothing is said of what a group has towards the internet.

        """
        return [
            key for key in sorted(tables) if _is_public(_split("route_table_ids", key)[0], egress)
        ]

    def private_services(
        self, subnets: Iterable[str], tables: Iterable[str], egress: Mapping[str, str]
    ) -> dict[str, frozenset[str]]:
        """Return the services that each group reaches by an endpoint under their public names.

        A gateway counts where every subnet of the group has a route table that leads to it, an
        interface where the security group admits the group.

        Raises:
            InvalidInput: as `check_subnets` and `check_egress`.

        """
        self.check_subnets(subnets)
        self.check_egress(egress)
        known_tables = set(tables)
        return {
            group: frozenset(
                one.key
                for one in self.endpoints
                if one.by_public_name
                and (
                    egress.get(group, PUBLIC) != PUBLIC
                    and all(f"{group}/{zone}" in known_tables for zone in zones)
                    if one.gateway
                    else group in self.needs
                )
            )
            for group, zones in _zones_by_group("subnet_ids", subnets).items()
        }

    def served(self) -> dict[str, frozenset[str]]:
        """Return `private_services` of the groups with needs, in a network that passes all checks.

        Their route tables are taken to be known; it is for callers who know names only.
        """
        keys = frozenset(one.key for one in self.endpoints if one.by_public_name)
        return dict.fromkeys(sorted(self.needs), keys)


def plan_endpoints(
    *,
    region: object,
    needs: object,
    services: object = None,
    service_regions: object = None,
    service_zones: object = None,
    private_dns: object = None,
    adopt: object = None,
    adopted_zones: object = None,
    subnet_group: object = None,
    admits_others: bool = False,
) -> EndpointPlan:
    """Return the plan for needs and wishes, all by name and as `EndpointsArgs` has them.

    `admits_others` says whether somebody beside the groups with needs may call the endpoints.

    Raises:
        InvalidInput: a need, a service or a Region does not exist; AWS does not let a service be
            reached from another Region; an option is for a service that nothing asks for; the id of
            an endpoint to adopt has not the form of one; or nobody could call the interface
            endpoints.

    """
    own = check_region("region", region)
    stated = needs_by_group(needs)
    named = [
        service("services", name)
        for name in items("services", () if services is None else services)
    ]
    targets = by_service("service_regions", service_regions, None, check_region)
    why = _reasons(stated, named, s3_is_here=targets.get("s3-interface", own) == own)
    _only_for("service_regions", targets, why)
    zones = by_service("service_zones", service_zones, None, _zone_ids)
    dns = by_service("private_dns", private_dns, why, flag)
    adopted = by_service("adopt", adopt, why, _endpoint_id)
    served = by_service("adopted_zones", adopted_zones, adopted, _zone_ids)
    endpoints = tuple(
        _endpoint(
            Service(key),
            own,
            targets.get(key),
            reason=reason,
            dns=dns.get(key, True),
            zones=zones.get(key),
            adopted=adopted.get(key),
            adopted_zones=served.get(key, frozenset()),
        )
        for key, reason in sorted(why.items())
    )
    plan = EndpointPlan(
        region=own,
        needs=stated,
        endpoints=endpoints,
        named=frozenset(one.key for one in named),
        subnet_group=None if subnet_group is None else text("subnet_group", subnet_group),
    )
    if plan.interfaces and not stated and not (admits_others and plan.subnet_group):
        raise InvalidInput(
            f"needs is empty, so nobody could call {plan.interfaces[0].key}; state the needs of the"
            " groups that do, or name a subnet_group and those outside in allow_from"
        )
    return plan


def _reasons(
    stated: Mapping[str, frozenset[str]],
    named: Iterable[Service],
    *,
    s3_is_here: bool,
) -> dict[str, str]:
    why = reasons(stated)
    for one in named:
        why[one.key] = "; ".join(filter(None, [why.get(one.key), "asked for by name"]))
    if "s3-interface" in why and s3_is_here:
        why.setdefault("s3", "without it, the interface endpoint for S3 would carry all traffic")
    return why


def _endpoint(
    one: Service,
    own: str,
    wished: str | None,
    *,
    reason: str,
    dns: bool,
    zones: frozenset[str] | None,
    adopted: str | None,
    adopted_zones: frozenset[str],
) -> PlannedEndpoint:
    home = one.home_region(own)
    target = wished or home or own
    elsewhere = target != own
    if elsewhere and not (one.cross_region and partition(own) == partition(target) == "aws"):
        where = f"service_regions.{one.key} is" if wished else f"{one.key} runs in"
        raise InvalidInput(
            f"{where} {target!r}, which AWS does not let it be reached in from {own!r}"
        )
    private_dns = dns and one.private_dns
    return PlannedEndpoint(
        service=one,
        full_name=one.full_name(target),
        service_region=target if elsewhere else None,
        reason=reason,
        private_dns=private_dns,
        for_inbound_resolver=private_dns and one.key == "s3-interface" and not elsewhere,
        zones=zones,
        adopted=adopted,
        adopted_zones=adopted_zones,
    )


def by_service(
    field: str, given: object, asked: Iterable[str] | None, check: Callable[[str, object], _T]
) -> dict[str, _T]:
    """Return the checked values of an option by service.

    `asked` are the services it may be for, None for any that AWS has.

    Raises:
        InvalidInput: a service does not exist or is not asked for, or `check` refuses a value.

    """
    checked = {
        service(field, key).key: check(f"{field}.{key}", value)
        for key, value in entries(field, {} if given is None else given).items()
    }
    if asked is not None:
        _only_for(field, checked, asked)
    return checked


def _only_for(field: str, given: Iterable[str], asked: Iterable[str]) -> None:
    accepted = sorted(asked)
    for key in given:
        if key not in accepted:
            raise InvalidInput(
                f"{field} has {key!r}, which nothing asks for; it must be one of"
                f" {listing(accepted)}"
            )


def _zone_ids(field: str, given: object) -> frozenset[str]:
    return frozenset(check_zone_id(field, zone) for zone in items(field, given))


def _endpoint_id(field: str, given: object) -> str:
    if isinstance(given, str) and _ENDPOINT_ID.fullmatch(given):
        return given
    raise InvalidInput(
        f"{field} is {described(given)}, it must be the id of a VPC endpoint such as"
        " 'vpce-0123456789abcdef0'"
    )


def _is_public(group: str, egress: Mapping[str, str]) -> bool:
    if group not in egress:
        raise InvalidInput(
            f"egress does not tell of the group {group!r}, it must be one of {listing(EGRESS)}"
        )
    return choice(f"egress.{group}", egress[group], EGRESS) == PUBLIC


def _zones_by_group(field: str, keys: Iterable[str]) -> dict[str, list[str]]:
    by_group: dict[str, list[str]] = {}
    for key in sorted(keys):
        group, zone = _split(field, key)
        by_group.setdefault(group, []).append(zone)
    return by_group


def _split(field: str, key: str) -> tuple[str, str]:
    group, slash, zone = key.partition("/")
    if group and slash and zone and "/" not in zone:
        return group, zone
    raise InvalidInput(
        f"{field} has the key {key!r}, it must be a group and a zone id such as 'app/use1-az1'"
    )
