"""Transit gateways: the table an attachment is really on, and where a static route leads.

moto says of every attachment that it is on the default table, whatever was associated, and loses
the attachment of a route on its way into the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import EC2Backend

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable


@amends(EC2Backend, "create_transit_gateway_vpc_attachment")
def _create_attachment(
    original: Callable[..., Any], backend: EC2Backend, **arguments: object
) -> Any:
    attachment = original(backend, **arguments)
    gateway = backend.transit_gateways[attachment.transit_gateway_id]
    if gateway.options.get("DefaultRouteTableAssociation") == "disable":
        _leave_table(backend, attachment)
    return attachment


@amends(EC2Backend, "associate_transit_gateway_route_table")
def _associate(
    original: Callable[..., Any],
    backend: EC2Backend,
    transit_gateway_attachment_id: str,
    transit_gateway_route_table_id: str,
) -> Any:
    attachment = backend.transit_gateway_attachments[transit_gateway_attachment_id]
    _leave_table(backend, attachment)
    attachment.transit_gateway_route_table = backend.transit_gateways_route_tables[
        transit_gateway_route_table_id
    ]
    return original(backend, transit_gateway_attachment_id, transit_gateway_route_table_id)


@amends(EC2Backend, "disassociate_transit_gateway_route_table")
def _disassociate(
    original: Callable[..., Any], backend: EC2Backend, tgw_attach_id: str, tgw_rt_id: str
) -> Any:
    answer = original(backend, tgw_attach_id, tgw_rt_id)
    backend.transit_gateway_attachments[tgw_attach_id].transit_gateway_route_table = None
    return answer


@amends(EC2Backend, "create_transit_gateway_route")
def _create_route(original: Callable[..., Any], backend: EC2Backend, **arguments: object) -> Any:
    route = original(backend, **arguments)
    attachment = route.get("transitGatewayAttachments")
    if isinstance(attachment, dict):
        route["transitGatewayAttachments"] = [attachment]
    return route


def _leave_table(backend: EC2Backend, attachment: Any) -> None:
    for table in backend.transit_gateways_route_tables.values():
        table.route_table_associations.pop(attachment.id, None)
    attachment.transit_gateway_route_table = None
