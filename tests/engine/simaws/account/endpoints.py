"""VPC endpoints: what AWS refuses, and what follows when one is made, changed or deleted.

moto takes any service and any combination, ignores half of a modification, leaves an endpoint's
interfaces without groups, and keeps deleted endpoints for ever.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES, VPCEndPoint
from moto.ec2.responses.vpcs import VPCs
from moto.ec2.utils import add_tag_specification, random_private_ip

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable

#: Services with a gateway endpoint; all others have interface endpoints only.
_GATEWAYS = {"s3", "dynamodb"}


@amends(VPCs, "create_vpc_endpoint")
def _create(original: Callable[..., Any], response: VPCs) -> Any:
    backend = response.ec2_backend
    vpc = backend.get_vpc(response._get_param("VpcId"))
    service = response._get_param("ServiceName")
    kind = response._get_param("VpcEndpointType") or "Gateway"
    tables = response._get_param("RouteTableIds", [])
    subnets = [backend.get_subnet(i) for i in response._get_param("SubnetIds", [])]
    interface = kind == "Interface"
    private_dns = response._get_bool_param("PrivateDnsEnabled", if_none=interface)
    _refuse_unknown_service(backend, service, kind)
    if interface:
        _refuse_same_zone(subnets)
        if private_dns:
            _refuse_private_dns(backend, vpc, service)
        if tables:
            raise EC2ClientError(
                "InvalidParameter", "Route tables are not supported by interface endpoints."
            )
    elif subnets or response._get_param("SecurityGroupIds", []):
        raise EC2ClientError(
            "InvalidParameter", "Subnets and security groups are not supported by gateways."
        )
    _refuse_second_gateway(backend, service, tables)
    groups = response._get_param("SecurityGroupIds", [])
    if interface and not groups:
        groups = [backend.get_security_group_from_name("default", vpc_id=vpc.id).id]
    for group in groups:
        if backend.get_security_group_from_id(group) is None:
            raise EC2ClientError(
                "InvalidGroup.NotFound", f"The security group '{group}' does not exist"
            )
    endpoint = backend.create_vpc_endpoint(
        vpc_id=vpc.id,
        service_name=service,
        endpoint_type=kind,
        policy_document=response._get_param("PolicyDocument"),
        route_table_ids=list(tables),
        subnet_ids=[],
        security_group_ids=groups,
        tags=add_tag_specification(response._get_param("TagSpecifications", [])),
        private_dns_enabled=private_dns,
    )
    endpoint.ip_address_type = response._get_param("IpAddressType") or "ipv4"
    endpoint.requester_managed = False
    endpoint.service_region = backend.region_name
    if interface:
        asked = response._get_param("DnsOptions", {})
        endpoint.dns_options = {
            "DnsRecordIpType": asked.get("DnsRecordIpType") or endpoint.ip_address_type,
            "PrivateDnsOnlyForInboundResolverEndpoint": _flag(
                asked.get("PrivateDnsOnlyForInboundResolverEndpoint")
            ),
        }
        for subnet in subnets:
            _add_interface(backend, endpoint, subnet)
    return ActionResult({"VpcEndpoint": endpoint})


@amends(VPCs, "modify_vpc_endpoint")
def _modify(original: Callable[..., Any], response: VPCs) -> Any:
    backend = response.ec2_backend
    endpoint = backend.get_vpc_end_point(response._get_param("VpcEndpointId"))
    vpc = backend.get_vpc(endpoint.vpc_id)
    for identifier in response._get_param("RemoveSubnetIds", []):
        _remove_interface(backend, endpoint, identifier)
    fresh = [backend.get_subnet(i) for i in response._get_param("AddSubnetIds", [])]
    _refuse_same_zone([*(backend.get_subnet(i) for i in endpoint.subnet_ids), *fresh])
    for subnet in fresh:
        _add_interface(backend, endpoint, subnet)
    for table in response._get_param("RemoveRouteTableIds", []):
        endpoint.route_table_ids.remove(table)
        _remove_route(backend, endpoint, table)
    added = response._get_param("AddRouteTableIds", [])
    _refuse_second_gateway(backend, endpoint.service_name, added)
    for table in added:
        backend.create_route(
            table,
            None,
            gateway_id=endpoint.id,
            destination_prefix_list_id=endpoint.destination_prefix_list_id,
        )
        endpoint.route_table_ids.append(table)
    endpoint.modify(
        response._get_param("PolicyDocument"),
        None,
        None,
        None,
        None,
        response._get_param("AddSecurityGroupIds", []),
        response._get_param("RemoveSecurityGroupIds", []),
    )
    if _flag(response._get_param("ResetPolicy")):
        endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
    for identifier in endpoint.network_interface_ids:
        _set_groups(backend, endpoint, identifier)
    private_dns = response._get_param("PrivateDnsEnabled")
    if private_dns is not None:
        if _flag(private_dns) and not endpoint.private_dns_enabled:
            _refuse_private_dns(backend, vpc, endpoint.service_name)
        endpoint.private_dns_enabled = _flag(private_dns)
    if response._get_param("IpAddressType"):
        endpoint.ip_address_type = response._get_param("IpAddressType")
    options = response._get_param("DnsOptions", {})
    if options:
        only = options.get("PrivateDnsOnlyForInboundResolverEndpoint")
        endpoint.dns_options |= {
            "DnsRecordIpType": options.get("DnsRecordIpType")
            or endpoint.dns_options["DnsRecordIpType"],
            "PrivateDnsOnlyForInboundResolverEndpoint": _flag(only),
        }
    return ActionResult({"Return": True})


@amends(EC2Backend, "delete_vpc_endpoints")
def _delete(
    original: Callable[..., Any], backend: EC2Backend, vpce_ids: list[str] | None = None
) -> Any:
    for identifier in vpce_ids or []:
        endpoint = backend.vpc_end_points.pop(identifier, None)
        if endpoint is None:
            raise EC2ClientError(
                "InvalidVpcEndpointId.NotFound",
                f"The Vpc Endpoint Id '{identifier}' does not exist",
            )
        for eni in endpoint.network_interface_ids:
            backend.enis.pop(eni, None)
        for table in endpoint.route_table_ids:
            _remove_route(backend, endpoint, table)


@amends(EC2Backend, "delete_route_table")
def _delete_route_table(
    original: Callable[..., Any], backend: EC2Backend, route_table_id: str
) -> Any:
    deleted = original(backend, route_table_id)
    for endpoint in backend.vpc_end_points.values():
        if route_table_id in endpoint.route_table_ids:
            endpoint.route_table_ids.remove(route_table_id)
    return deleted


def _flag(value: object) -> bool:
    return value in (True, "true", "True")


def _short_name(backend: EC2Backend, service: str) -> str:
    return service.removeprefix(f"com.amazonaws.{backend.region_name}.")


def _refuse_unknown_service(backend: EC2Backend, service: str, kind: str) -> None:
    short = _short_name(backend, service)
    known = {*AWS_ENDPOINT_SERVICES, *_GATEWAYS}
    if service.startswith("com.amazonaws.vpce."):
        return
    if short == service or short not in known or (kind == "Gateway" and short not in _GATEWAYS):
        raise EC2ClientError(
            "InvalidServiceName", f"The Vpc Endpoint Service '{service}' does not exist"
        )


def _refuse_same_zone(subnets: list[Any]) -> None:
    zones = [subnet.availability_zone for subnet in subnets]
    if len(set(zones)) < len(zones):
        raise EC2ClientError(
            "DuplicateSubnetsInSameZone",
            f"Found another VPC endpoint subnet in the availability zone of {subnets[-1].id}. "
            "VPC endpoint subnets should be in different availability zones supported by the "
            "VPC endpoint service.",
        )


def _refuse_private_dns(backend: EC2Backend, vpc: Any, service: str) -> None:
    if not (_flag(vpc.enable_dns_support) and _flag(vpc.enable_dns_hostnames)):
        raise EC2ClientError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
            f"attributes set to true for {vpc.id}",
        )
    for other in backend.vpc_end_points.values():
        if (
            other.vpc_id == vpc.id
            and other.service_name == service
            and other.private_dns_enabled
            and other.vpc_endpoint_type == "Interface"
        ):
            raise EC2ClientError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS "
                f"domain for {_short_name(backend, service)}.{backend.region_name}.amazonaws.com "
                f"in the VPC {vpc.id}",
            )


def _refuse_second_gateway(backend: EC2Backend, service: str, tables: list[str]) -> None:
    for other in backend.vpc_end_points.values():
        taken = set(tables) & set(other.route_table_ids)
        if taken and other.service_name == service:
            raise EC2ClientError(
                "RouteAlreadyExists",
                f"route table {min(taken)} already has a route with destination-prefix-list-id "
                f"{other.destination_prefix_list_id}",
            )


def _add_interface(backend: EC2Backend, endpoint: Any, subnet: Any) -> None:
    eni = backend.create_network_interface(
        subnet,
        random_private_ip(subnet.cidr_block),
        group_ids=list(endpoint.security_group_ids),
        description=f"VPC Endpoint Interface {endpoint.id}",
    )
    eni.interface_type = "vpc_endpoint"
    eni.requester_managed = True
    eni.status = "in-use"
    endpoint.network_interface_ids.append(eni.id)
    endpoint.subnet_ids.append(subnet.id)


def _remove_interface(backend: EC2Backend, endpoint: Any, subnet_id: str) -> None:
    endpoint.subnet_ids.remove(subnet_id)
    for identifier in list(endpoint.network_interface_ids):
        if backend.enis[identifier].subnet.id == subnet_id:
            del backend.enis[identifier]
            endpoint.network_interface_ids.remove(identifier)


def _set_groups(backend: EC2Backend, endpoint: Any, eni_id: str) -> None:
    groups = [backend.get_security_group_from_id(i) for i in endpoint.security_group_ids]
    backend.enis[eni_id]._group_set = groups


def _remove_route(backend: EC2Backend, endpoint: Any, table: str) -> None:
    if table in backend.route_tables and endpoint.destination_prefix_list_id:
        backend.delete_route(
            table, None, destination_prefix_list_id=endpoint.destination_prefix_list_id
        )
