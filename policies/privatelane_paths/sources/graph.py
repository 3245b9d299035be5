"""From the resources of a Pulumi stack to the facts of its network: one adapter for all sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from privatelane_paths.facts import Network, Opaque
from privatelane_paths.known import Maybe, Unknown
from privatelane_paths.sources import (
    endpoints,
    gateways,
    routes,
    security_groups,
    vpcs,
)
from privatelane_paths.sources.index import Index

if TYPE_CHECKING:
    from privatelane_paths.sources.resource import Resource

__all__ = ["StackSettings", "network_of"]


@dataclass(frozen=True, slots=True)
class StackSettings:
    """What a source knows besides resources: the region of the default AWS provider."""

    region: Maybe[str] = field(
        default_factory=lambda: Unknown("the region, which neither a resource nor a provider names")
    )


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


Fact = TypeVar("Fact", bound=_Keyed)


def network_of(resources: Iterable[Resource], settings: StackSettings | None = None) -> Network:
    """The facts of a stack, each kind sorted by key, whatever the order of the resources."""
    given = settings or StackSettings()
    index = Index(resources)
    declared_vpcs = _sorted(vpcs.vpcs(index, given.region))
    declared_subnets = _sorted(vpcs.subnets(index))
    tables = _sorted(routes.tables(index))
    associations = _sorted(routes.associations(index))
    mains = _sorted(routes.main_associations(index))
    lines = _sorted(routes.routes(index))
    nats = _sorted(gateways.nats(index))
    attached = _sorted(gateways.gateways(index))
    interfaces = _sorted(gateways.interfaces(index))
    reached = _sorted(endpoints.endpoints(index))
    groups = _sorted(security_groups.security_groups(index))
    # What lies outside the stack is known only after everything that can name it was read.
    return Network(
        vpcs=_sorted((*declared_vpcs, *vpcs.outside_vpcs(index, given.region))),
        subnets=_sorted((*declared_subnets, *vpcs.outside_subnets(index))),
        tables=_sorted((*tables, *routes.outside_tables(index))),
        associations=associations,
        main_associations=mains,
        routes=lines,
        prefix_lists=_sorted(gateways.prefix_lists(index)),
        nats=nats,
        gateways=attached,
        interfaces=interfaces,
        endpoints=reached,
        security_groups=_sorted((*groups, *security_groups.outside_security_groups(index))),
        opaques=_sorted(_opaques(index)),
        gone=frozenset(index.gone),
    )


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda fact: fact.key))


#: Resources that make networks this adapter cannot look into.
_HIDING = ("aws:cloudformation/", "aws:cloudcontrol/", "aws-native:", "awsx:", "eks:")


def _opaques(index: Index) -> Iterable[Opaque]:
    for resource in index.resources:
        if not resource.type.startswith(_HIDING):
            continue
        if any(True for _ in index.descendants(resource.urn)):
            continue
        yield Opaque(resource.urn, resource.name, resource.type)
