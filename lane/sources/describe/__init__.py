"""From the answers of AWS's describe calls to the facts of a network: pure, in plain values.

One noun a file. The answers may be of any age: fields that newer APIs added may be absent, and what
is deleted may still be listed with its state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from lane.sources.calls import CALLS
from lane.sources.describe import (
    barriers,
    dns,
    endpoints,
    gateways,
    network_acls,
    peerings,
    routes,
    security_groups,
    transit_gateways,
    vpcs,
    workloads,
)
from lane.sources.describe.answers import Answers, Names, Shown
from privatelane_paths.facts import Network

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Answers", "network_of"]

#: Facts that are unknown everywhere as soon as one place does not tell them, because nothing ties
#: them to one place.
_ANYWHERE = (
    ("HostedZones", ("hosted_zones", "zone_records")),
    ("ResolverRules", ("resolver_rules",)),
    ("ResolverRuleAssociations", ("resolver_rules",)),
    ("VpcPeeringConnections", ("peerings",)),
)
#: Facts that one table's answer gives.
_OF_TABLES = ("tables", "associations", "main_associations", "routes")


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


Fact = TypeVar("Fact", bound=_Keyed)


def network_of(places: Sequence[Answers]) -> Network:
    """The facts in the answers of all places together, each kind sorted by key."""
    shown = Shown(places)
    names = Names(shown)
    wanted = routes.interface_targets(shown)
    return Network(
        vpcs=_sorted(vpcs.vpcs(shown, names)),
        subnets=_sorted(vpcs.subnets(shown, names)),
        tables=_sorted(routes.tables(shown, names)),
        associations=_sorted(routes.associations(shown)),
        main_associations=_sorted(routes.main_associations(shown)),
        routes=_sorted(routes.routes(shown)),
        prefix_lists=_sorted(gateways.prefix_lists(shown)),
        nats=_sorted(gateways.nats(shown, names)),
        gateways=_sorted(gateways.gateways(shown, names)),
        interfaces=_sorted(gateways.interfaces(shown, names, wanted)),
        endpoints=_sorted(endpoints.endpoints(shown, names)),
        security_groups=_sorted(security_groups.security_groups(shown, names)),
        network_acls=_sorted(network_acls.network_acls(shown, names)),
        peerings=_sorted(peerings.peerings(shown, names)),
        transit_gateways=_sorted(transit_gateways.transit_gateways(shown, names)),
        attachments=_sorted(transit_gateways.attachments(shown, names)),
        transit_tables=_sorted(transit_gateways.transit_tables(shown, names)),
        transit_associations=_sorted(transit_gateways.transit_associations(shown)),
        transit_propagations=_sorted(transit_gateways.transit_propagations(shown)),
        transit_routes=_sorted(transit_gateways.transit_routes(shown)),
        hosted_zones=_sorted(dns.hosted_zones(shown)),
        zone_records=_sorted(dns.zone_records(shown)),
        resolver_rules=_sorted(dns.resolver_rules(shown)),
        block_public_access=_sorted(barriers.block_public_access(shown)),
        workloads=_sorted(workloads.workloads(shown)),
        opaques=_sorted(endpoints.unseen_endpoints(shown)),
        unread=_unread(shown),
    )


def _unread(shown: Shown) -> dict[str, str]:
    """Why each kind of fact could not be read, as far as that is not said of single facts.

    Where one place of several lacks an answer, the facts of that place say so themselves.
    """
    found: dict[str, str] = {}
    for call in CALLS:
        missing = shown.missing_everywhere(call.key)
        kinds = {"RouteTables": _OF_TABLES, "VpcEndpoints": ("endpoints",)}
        for kind in kinds.get(call.key, call.facts) if missing else ():
            found.setdefault(kind, missing)
    for key, kinds_of in _ANYWHERE:
        missing = shown.missing(key)
        for kind in kinds_of if missing else ():
            found.setdefault(kind, missing)
    for kind in ("instances",):
        found.pop(kind, None)
    return dict(sorted(found.items()))


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda fact: fact.key))
