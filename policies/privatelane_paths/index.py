"""The facts of a network, indexed once by what the prover asks for.

Edges that are not decided are kept beside those that are, so that a question about one subnet or
one table costs as much as the answers it has, whatever the size of the network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown

if TYPE_CHECKING:
    from privatelane_paths.facts import (
        Association,
        Endpoint,
        Network,
        NetworkAcl,
        Route,
        RouteTable,
        Subnet,
        Vpc,
    )

__all__ = ["Index", "by_key"]


class _Keyed(Protocol):
    @property
    def key(self) -> Key: ...


K = TypeVar("K", bound=_Keyed)
T = TypeVar("T")


def by_key(facts: Iterable[K]) -> dict[Key, K]:
    """The facts by their keys."""
    return {fact.key: fact for fact in facts}


class _Edges(Generic[T]):
    """Facts by the target of one of their edges: each target's own, and those open to any."""

    def __init__(self) -> None:
        self._of: dict[Key, list[T]] = defaultdict(list)
        self._open: list[T] = []

    def add(self, fact: T, edge: Ref | None) -> None:
        if edge is None:
            return
        if edge.open:
            self._open.append(fact)
            return
        for key in edge.keys:
            self._of[key].append(fact)

    def add_all(self, fact: T, edges: Refs) -> None:
        if edges.open:
            self._open.append(fact)
            return
        for key in sorted(edges.certain | edges.possible):
            self._of[key].append(fact)

    def to(self, key: Key) -> list[T]:
        """The facts whose edge may lead to `key`."""
        found = self._of.get(key)
        if found is None:
            return self._open
        return found + self._open if self._open else found


class Index:
    """One network's facts; nothing in it changes after construction."""

    def __init__(self, network: Network) -> None:
        self.network = network
        gone = network.gone
        self.gone = gone

        def kept(facts: Iterable[K]) -> list[K]:
            return [fact for fact in facts if fact.key not in gone]

        self.vpcs = by_key(kept(network.vpcs))
        self.subnets = by_key(kept(network.subnets))
        self.tables = by_key(kept(network.tables))
        self.nats = by_key(kept(network.nats))
        self.gateways = by_key(kept(network.gateways))
        self.interfaces = by_key(kept(network.interfaces))
        self.endpoints = by_key(kept(network.endpoints))
        self.prefix_lists = by_key(kept(network.prefix_lists))
        self.security_groups = by_key(kept(network.security_groups))
        self.peerings = by_key(kept(network.peerings))
        self.transit_gateways = by_key(kept(network.transit_gateways))
        self.attachments = by_key(kept(network.attachments))
        self.transit_tables = by_key(kept(network.transit_tables))

        self.associations: _Edges[Association] = _Edges()
        for association in kept(network.associations):
            self.associations.add(association, association.subnet)
        self.routes: _Edges[Route] = _Edges()
        self.routes_by_key = by_key(kept(network.routes))
        for route in self.routes_by_key.values():
            self.routes.add(route, route.table)
        self.endpoints_in: _Edges[Endpoint] = _Edges()
        for endpoint in self.endpoints.values():
            self.endpoints_in.add(endpoint, endpoint.vpc)
        self.acls_on: _Edges[NetworkAcl] = _Edges()
        self.default_acls: _Edges[NetworkAcl] = _Edges()
        for acl in kept(network.network_acls):
            self.acls_on.add_all(acl, acl.subnets)
            if acl.default:
                self.default_acls.add(acl, acl.vpc)
        self.given: Mapping[Key, str] = _given(network)
        self.given_anything = next(
            (
                f"what {opaque.name} ({opaque.type}) contains"
                for opaque in network.opaques
                if opaque.given.open
            ),
            "",
        )

    def name(self, key: Key) -> str:
        """The name of a fact, or its key when it is outside the facts."""
        for facts in (
            self.subnets,
            self.tables,
            self.nats,
            self.endpoints,
            self.vpcs,
            self.gateways,
            self.interfaces,
            self.prefix_lists,
            self.security_groups,
            self.peerings,
            self.transit_gateways,
            self.attachments,
            self.transit_tables,
        ):
            fact = facts.get(key)
            if fact is not None:
                return fact.name
        return key

    def unread(self, *kinds: str) -> str:
        """The missing fact when a source could not read one of these kinds, else nothing."""
        for kind in kinds:
            why = self.network.unread.get(kind)
            if why is not None:
                return why or f"the {kind.replace('_', ' ')}"
        return ""

    def added_to(self, key: Key) -> str:
        """What an opaque component that was given a fact may have added to it, else nothing."""
        return self.given.get(key) or self.given_anything

    def table_may_be_in(self, table: Key, vpc: Key) -> bool:
        """Whether a table can be one of a VPC's; one that the facts do not show can."""
        fact = self.tables.get(table)
        return fact is None or fact.vpc.may_be(vpc)

    def region_of(self, vpc: Key) -> Maybe[str]:
        """The region of a VPC."""
        fact = self.vpcs.get(vpc)
        return Unknown(f"the region of {vpc}") if fact is None else fact.region

    def outside_vpc(self, vpc: Key) -> str:
        """The missing fact when a VPC may hold things that are not among the facts."""
        fact = self.vpcs.get(vpc)
        if fact is None:
            return f"what {vpc} holds, which is not among the facts"
        if fact.outside:
            return f"what {fact.name} holds outside this stack"
        return ""

    def vpc(self, key: Key) -> Vpc | None:
        """A VPC, if the facts show it."""
        return self.vpcs.get(key)

    def subnet(self, key: Key) -> Subnet | None:
        """A subnet, if the facts show it."""
        return self.subnets.get(key)

    def table(self, key: Key) -> RouteTable | None:
        """A route table, if the facts show it."""
        return self.tables.get(key)


def _given(network: Network) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for opaque in network.opaques:
        for key in opaque.given.certain | opaque.given.possible:
            found[key] = f"what {opaque.name} ({opaque.type}) adds to what it was given"
    return found
