"""The network that endpoints are put into: maps of ids that may not be known yet.

Which subnets and route tables an endpoint gets is decided by the keys of the maps. Where the keys
are known, as in every Python program, the ids are handed on one by one: a preview then keeps how
many there are and where each comes from. Where a map is an Output as a whole, as a plugin may
receive it, the same lists are computed once it is known, and which resources there are does not
depend on it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, Union

import pulumi

from privatelane._component import input_errors
from privatelane._invalid import InvalidInput, described, flag
from privatelane.vpc._endpoint_plan import EndpointPlan, PlannedEndpoint

_T = TypeVar("_T")

#: Ids or ranges by ``<group>/<zone id>``.
FlatMap = Union[Mapping[str, pulumi.Input[str]], pulumi.Output[Mapping[str, str]]]

#: A list of ids or ranges.
Values = Union[Sequence[pulumi.Input[str]], pulumi.Output[Sequence[pulumi.Input[str]]]]


class EndpointNetwork:
    """Where the endpoints of a plan lie, and who is admitted to them.

    `where` names the component in sentences about values that were not known at first. The other
    arguments are those of `EndpointsArgs`.

    Raises:
        InvalidInput: the network does not fit the plan, as far as keys are known.

    """

    def __init__(
        self,
        where: str,
        plan: EndpointPlan,
        *,
        subnet_ids: object,
        route_table_ids: object,
        subnet_cidrs: object,
        subnet_ipv6_cidrs: object,
        egress: object,
        dual_stack: object,
    ) -> None:
        self._where = where
        self._plan = plan
        self._subnets = _flat("subnet_ids", subnet_ids)
        self._tables = _flat("route_table_ids", route_table_ids)
        self._cidrs = _flat("subnet_cidrs", subnet_cidrs)
        self._ipv6_cidrs = _flat("subnet_ipv6_cidrs", subnet_ipv6_cidrs)
        self._egress = _flat("egress", egress)
        if isinstance(self._egress, Mapping) and not all(
            isinstance(one, str) for one in self._egress.values()
        ):
            self._egress = pulumi.Output.all(**self._egress)
        has_ipv6 = isinstance(self._ipv6_cidrs, Mapping) and bool(self._ipv6_cidrs)
        self.dual_stack = has_ipv6 if dual_stack is None else flag("dual_stack", dual_stack)
        self._check()

    def places(self, one: PlannedEndpoint) -> Values:
        """Return the route tables that lead to a gateway, or the subnets an interface lies in."""
        return self._over(
            lambda *maps: list(self._by_key(one, *maps).values()), *self._keyed(one).values()
        )

    def places_by_key(self, one: PlannedEndpoint) -> dict[str, pulumi.Input[str]]:
        """Return the same by key, for an adopted endpoint, whose keys are known."""
        return self._by_key(one, *self._keyed(one).values())

    def is_dual_stack(self, one: PlannedEndpoint) -> bool:
        """Whether an interface endpoint takes IPv6: it can, and so can all of its subnets."""
        if not (self.dual_stack and one.service.dual_stack):
            return False
        if isinstance(self._subnets, Mapping) and isinstance(self._ipv6_cidrs, Mapping):
            return self._ipv6_cidrs.keys() >= set(self._plan.subnets_of(one, self._subnets))
        return True

    def ingress(self) -> list[dict[str, Any]]:
        """Return the rules that admit the groups with needs, a rule for each group and port."""
        return [
            {
                "description": f"{group} to the AWS services it needs",
                "protocol": "tcp",
                "from_port": port,
                "to_port": port,
                "cidr_blocks": self._over(partial(self._ranges, group), self._cidrs),
                # Not every group of a dual-stack network need have IPv6.
                "ipv6_cidr_blocks": self._over(partial(self._ipv6_ranges, group), self._ipv6_cidrs)
                if self.dual_stack
                else None,
            }
            for group in sorted(self._plan.needs)
            for port in self._plan.ports
        ]

    def private_services(self) -> Union[dict[str, str], pulumi.Output[dict[str, str]]]:
        """Return the services that each group reaches privately, separated by commas."""
        return self._over(
            lambda *maps: _texts(self._plan.private_services(*maps)),
            *(self._subnets, self._tables, self._egress),
        )

    def private_services_by_group(self) -> dict[str, str]:
        """Return the same as far as it is known: without keys, for the groups with needs only."""
        known = self.private_services()
        return known if isinstance(known, dict) else _texts(self._plan.served())

    def _check(self) -> None:
        if self.dual_stack and self._ipv6_cidrs == {}:
            raise InvalidInput("dual_stack is True, but subnet_ipv6_cidrs has no ranges to admit")
        self._if_known(self._plan.check_subnets, self._subnets)
        self._if_known(self._plan.check_ranges, self._cidrs)
        self._if_known(self._plan.check_ranges, self._cidrs, self._subnets)
        self._if_known(self._plan.check_egress, self._egress)
        if self._plan.gateways:
            self._if_known(self._check_shared, self._tables, self._egress)
        for one in self._plan.endpoints:
            for field, given in self._keyed(one).items():
                if one.adopted is not None and not isinstance(given, Mapping):
                    raise InvalidInput(
                        f"adopt.{one.key} asks for the keys of {field}, which must be a plain map"
                    )

    def _by_key(self, one: PlannedEndpoint, ids: Any, *egress: Any) -> dict[str, Any]:  # noqa: ANN401
        find = self._plan.tables_of if one.gateway else self._plan.subnets_of
        # Groups may share a route table, which is in the list once.
        first: dict[object, str] = {}
        for key in find(one, ids, *egress):
            first.setdefault(_identity(ids[key]), key)
        return {key: ids[key] for key in first.values()}

    def _check_shared(self, tables: Mapping[str, Any], egress: Mapping[str, str]) -> None:
        public = self._plan.public_keys(tables, egress)
        by_identity = {_identity(tables[key]): key for key in public}
        for key in sorted(tables.keys() - set(public)):
            if other := by_identity.get(_identity(tables[key])):
                raise InvalidInput(
                    f"route_table_ids has one route table for {other!r}, which is public, and for"
                    f" {key!r}; give them one each"
                )

    def _keyed(self, one: PlannedEndpoint) -> dict[str, FlatMap]:
        """The maps that decide where an endpoint lies."""
        if one.gateway:
            return {"route_table_ids": self._tables, "egress": self._egress}
        return {"subnet_ids": self._subnets}

    def _ranges(self, group: str, cidrs: Mapping[str, Any]) -> list[Any]:
        self._plan.check_ranges(cidrs)
        return [cidrs[key] for key in self._plan.keys_of(group, cidrs)]

    def _ipv6_ranges(self, group: str, cidrs: Mapping[str, Any]) -> list[Any]:
        return [cidrs[key] for key in self._plan.keys_of(group, cidrs)]

    def _if_known(self, check: Callable[..., object], *maps: FlatMap) -> None:
        if all(isinstance(one, Mapping) for one in maps):
            check(*maps)

    def _over(self, compute: Callable[..., _T], *maps: FlatMap) -> Union[_T, pulumi.Output[_T]]:
        """What `compute` makes of maps: at once when all keys are known, else when values are."""
        if all(isinstance(one, Mapping) for one in maps):
            return compute(*maps)

        def known(values: Sequence[Any]) -> _T:
            with input_errors(self._where):
                return compute(*values)

        return pulumi.Output.all(*maps).apply(known)


def _flat(field: str, given: object) -> FlatMap:
    if given is None and field == "subnet_ipv6_cidrs":
        return {}
    if isinstance(given, (Mapping, pulumi.Output)):
        return given
    raise InvalidInput(f"{field} is {described(given)}, it must be a map by '<group>/<zone id>'")


def _identity(one: pulumi.Input[str]) -> object:
    """What tells an id from another: of an Output, which need not be known, only itself."""
    return one if isinstance(one, str) else id(one)


def _texts(services: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {group: ",".join(sorted(names)) for group, names in services.items()}
