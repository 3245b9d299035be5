"""From the resources of a Pulumi stack to the facts of its network: one adapter for all sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from privatelane_paths.facts import Network
from privatelane_paths.sources import (
    barriers,
    dns,
    endpoints,
    gateways,
    network_acls,
    opaques,
    peerings,
    routes,
    security_groups,
    transit_gateways,
    vpcs,
    workloads,
)
from privatelane_paths.sources.index import Index
from privatelane_paths.sources.resource import StackSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privatelane_paths.known import Key, Maybe
    from privatelane_paths.sources.resource import Resource

__all__ = ["network_of"]


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


Fact = TypeVar("Fact", bound=_Keyed)


def network_of(resources: Iterable[Resource], settings: StackSettings | None = None) -> Network:
    """The facts of a stack, each kind sorted by key, whatever the order of the resources."""
    given = settings or StackSettings()
    region = given.region
    index = Index(resources)
    declared = _declared(index, region)
    used = _used_subnets(declared)
    shown = tuple(vpcs.subnets(index, used))
    # What lies outside the stack is known only after everything that can name it was read.
    attachments = frozenset(one.key for one in declared.attachments)
    return Network(
        vpcs=_sorted((*declared.vpcs, *vpcs.outside_vpcs(index, region))),
        subnets=_sorted((*shown, *vpcs.outside_subnets(index, used))),
        tables=_sorted((*declared.tables, *routes.outside_tables(index))),
        associations=declared.associations,
        main_associations=declared.main_associations,
        routes=declared.routes,
        prefix_lists=declared.prefix_lists,
        nats=declared.nats,
        gateways=declared.gateways,
        interfaces=declared.interfaces,
        endpoints=declared.endpoints,
        security_groups=_sorted(
            (*declared.security_groups, *security_groups.outside_security_groups(index))
        ),
        network_acls=declared.network_acls,
        peerings=declared.peerings,
        transit_gateways=_sorted(
            (*declared.transit_gateways, *transit_gateways.outside_transit_gateways(index))
        ),
        attachments=_sorted(
            (
                *declared.attachments,
                *transit_gateways.outside_attachments(index, attachments),
            )
        ),
        transit_tables=_sorted(
            (*declared.transit_tables, *transit_gateways.outside_transit_tables(index))
        ),
        transit_associations=declared.transit_associations,
        transit_propagations=declared.transit_propagations,
        transit_routes=declared.transit_routes,
        hosted_zones=declared.hosted_zones,
        zone_records=declared.zone_records,
        resolver_rules=declared.resolver_rules,
        block_public_access=declared.block_public_access,
        workloads=declared.workloads,
        opaques=declared.opaques,
        unread=given.unread,
        gone=frozenset(index.gone),
        pull_through_caches=declared.pull_through_caches,
    )


def _declared(index: Index, region: Maybe[str]) -> Network:
    return Network(
        vpcs=_sorted(vpcs.vpcs(index, region)),
        tables=_sorted(routes.tables(index)),
        associations=_sorted(routes.associations(index)),
        main_associations=_sorted(routes.main_associations(index)),
        routes=_sorted(routes.routes(index)),
        prefix_lists=_sorted(gateways.prefix_lists(index)),
        nats=_sorted(gateways.nats(index)),
        gateways=_sorted(gateways.gateways(index)),
        interfaces=_sorted(gateways.interfaces(index)),
        endpoints=_sorted((*endpoints.endpoints(index), *barriers.firewalls(index))),
        security_groups=_sorted(security_groups.security_groups(index)),
        network_acls=_sorted(network_acls.network_acls(index)),
        peerings=_sorted(peerings.peerings(index)),
        transit_gateways=_sorted(transit_gateways.transit_gateways(index)),
        attachments=_sorted(transit_gateways.attachments(index)),
        transit_tables=_sorted(transit_gateways.transit_tables(index)),
        transit_associations=_sorted(transit_gateways.transit_associations(index)),
        transit_propagations=_sorted(transit_gateways.transit_propagations(index)),
        transit_routes=_sorted(transit_gateways.transit_routes(index)),
        hosted_zones=_sorted(dns.hosted_zones(index)),
        zone_records=_sorted(dns.zone_records(index)),
        resolver_rules=_sorted(dns.resolver_rules(index)),
        block_public_access=_sorted(barriers.block_public_access(index, region)),
        workloads=_sorted(workloads.workloads(index, region)),
        opaques=_sorted(opaques.opaques(index)),
        pull_through_caches=_sorted(workloads.pull_through_caches(index, region)),
    )


def _used_subnets(declared: Network) -> frozenset[Key]:
    """The subnets that workloads run in or that the stack puts route tables on."""
    placed = (one.subnets.certain | one.subnets.possible for one in declared.workloads)
    routed = (one.subnet.keys for one in declared.associations if one.subnet is not None)
    return frozenset(key for keys in (*placed, *routed) for key in keys)


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda fact: fact.key))
