"""Routes: a table has one route a destination, and one whose target is gone is a black hole.

moto compares IPv4 destinations only, associates a subnet twice, forgets some targets when a route
is replaced, and calls every route active.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.route_tables import Route

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable


@amends(EC2Backend, "create_route")
def _create_route(
    original: Callable[..., Any],
    backend: EC2Backend,
    route_table_id: str,
    destination_cidr_block: str | None = None,
    destination_ipv6_cidr_block: str | None = None,
    destination_prefix_list_id: str | None = None,
    local: bool = False,
    **targets: Any,
) -> Any:
    destination = destination_ipv6_cidr_block or destination_prefix_list_id
    for route in backend.get_route_table(route_table_id)._routes.values():
        if (
            not local
            and destination
            and destination
            in (
                route.destination_ipv6_cidr_block,
                route.destination_prefix_list_id,
            )
        ):
            raise EC2ClientError(
                "RouteAlreadyExists", f"The route identified by {destination} already exists."
            )
    if not local:
        _refuse_missing_target(backend, targets)
    return original(
        backend,
        route_table_id,
        destination_cidr_block,
        destination_ipv6_cidr_block=destination_ipv6_cidr_block,
        destination_prefix_list_id=destination_prefix_list_id,
        local=local,
        **targets,
    )


@amends(EC2Backend, "replace_route")
def _replace_route(
    original: Callable[..., Any], backend: EC2Backend, route_table_id: str, **named: Any
) -> Any:
    keys = {k: v for k, v in named.items() if k.startswith("destination_")}
    targets = {k: v for k, v in named.items() if k not in keys and v is not None}
    backend.delete_route(route_table_id, **{"destination_cidr_block": None, **keys})
    return backend.create_route(
        route_table_id, **{"destination_cidr_block": None, **keys}, **targets
    )


@amends(EC2Backend, "associate_route_table")
def _associate_route_table(
    original: Callable[..., Any],
    backend: EC2Backend,
    route_table_id: str,
    gateway_id: str | None = None,
    subnet_id: str | None = None,
) -> Any:
    target = subnet_id or gateway_id
    table = backend.get_route_table(route_table_id)
    for other in backend.route_tables.values():
        for association, held in other._associations.items():
            if held != target:
                continue
            if other is table:
                return association
            raise EC2ClientError(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {route_table_id} conflicts with an "
                "existing association",
            )
    return original(backend, route_table_id, gateway_id=gateway_id, subnet_id=subnet_id)


def _refuse_missing_target(backend: EC2Backend, targets: dict[str, Any]) -> None:
    nat = targets.get("nat_gateway_id")
    if nat and (nat not in backend.nat_gateways or backend.nat_gateways[nat].state == "deleted"):
        raise EC2ClientError(
            "InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat}' does not exist"
        )
    transit = targets.get("transit_gateway_id")
    if transit and transit not in backend.transit_gateways:
        raise EC2ClientError(
            "InvalidTransitGatewayID.NotFound", f"The transitGateway ID '{transit}' does not exist"
        )


def _state(route: Route) -> str:
    backend = route.route_table.ec2_backend
    nat = route.nat_gateway
    if nat is not None and nat.state == "deleted":
        return "blackhole"
    if route.gateway is not None and route.gateway.id.startswith("igw-"):
        attached = backend.internet_gateways.get(route.gateway.id)
        if attached is None or attached.vpc is None:
            return "blackhole"
    if route.interface is not None and route.interface.id not in backend.enis:
        return "blackhole"
    return "active"


Route.state = property(_state)
