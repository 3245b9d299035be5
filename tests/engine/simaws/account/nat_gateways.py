"""NAT gateways: regional ones, secondary addresses, and what AWS refuses of the others.

moto knows one address in one subnet, keeps the Elastic IP and the interface of a deleted gateway,
and does not mind a VPC without an internet gateway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.responses.nat_gateways import NatGateways
from moto.ec2.utils import add_tag_specification, random_nat_gateway_id, random_private_ip

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable


class _RegionalNatGateway(NatGateway):
    """A NAT gateway of the whole VPC: no subnet, an address or more in each zone it serves."""

    def __init__(self, backend: EC2Backend, vpc_id: str, tags: dict[str, str]) -> None:
        # Deliberately not moto's constructor, which needs a subnet.
        self.id = random_nat_gateway_id()
        self.ec2_backend = backend
        self.vpc_id = vpc_id
        self.subnet_id = None
        self.connectivity_type = "public"
        self.state = "available"
        self.address_set = []
        self._created_at = utcnow()
        self.availability_mode = "regional"
        self.add_tags(tags)


@amends(NatGateways, "create_nat_gateway")
def _create_nat_gateway(original: Callable[..., Any], response: NatGateways) -> Any:
    backend = response.ec2_backend
    connectivity = response._get_param("ConnectivityType") or "public"
    allocations = (
        [response._get_param("AllocationId")] if response._get_param("AllocationId") else []
    )
    allocations += response._get_param("SecondaryAllocationIds", [])
    tags = add_tag_specification(response._get_param("TagSpecifications", []))
    if response._get_param("AvailabilityMode") == "regional":
        gateway = _create_regional(response, tags)
        return ActionResult({"NatGateway": gateway})
    subnet = backend.get_subnet(response._get_param("SubnetId"))
    if connectivity == "public":
        if not allocations:
            raise EC2ClientError(
                "MissingParameter", "The request must contain the parameter AllocationId"
            )
        _refuse_without_internet_gateway(backend, subnet.vpc_id)
        _refuse_taken(backend, allocations)
    gateway = backend.create_nat_gateway(
        subnet_id=subnet.id,
        allocation_id=allocations[0] if allocations else None,
        tags=tags,
        connectivity_type=connectivity,
    )
    gateway.availability_mode = "zonal"
    eni = gateway._eni
    wanted = response._get_param("PrivateIpAddress")
    eni.private_ip_address = wanted or random_private_ip(subnet.cidr_block)
    eni.description = f"Interface for NAT Gateway {gateway.id}"
    eni.interface_type = "nat_gateway"
    eni.requester_managed = True
    gateway.address_set[0] |= {
        "privateIp": eni.private_ip_address,
        "isPrimary": True,
        "status": "succeeded",
    }
    for allocation in allocations[1:]:
        _add_address(backend, gateway, allocation, random_private_ip(subnet.cidr_block))
    return ActionResult({"NatGateway": gateway})


@amends(EC2Backend, "delete_nat_gateway")
def _delete_nat_gateway(
    original: Callable[..., Any], backend: EC2Backend, nat_gateway_id: str
) -> Any:
    gateway = backend.nat_gateways.get(nat_gateway_id)
    if gateway is None or gateway.state == "deleted":
        raise EC2ClientError("NatGatewayNotFound", f"NatGateway {nat_gateway_id} was not found")
    for address in gateway.address_set:
        if address.get("associationId"):
            backend.disassociate_address(association_id=address["associationId"])
        backend.enis.pop(address.get("networkInterfaceId"), None)
    return original(backend, nat_gateway_id)


@amends(EC2Backend, "describe_nat_gateways")
def _describe_nat_gateways(
    original: Callable[..., Any],
    backend: EC2Backend,
    filters: Any = None,
    nat_gateway_ids: list[str] | None = None,
) -> Any:
    unknown = [i for i in nat_gateway_ids or [] if i not in backend.nat_gateways]
    if unknown:
        raise EC2ClientError("NatGatewayNotFound", f"NatGateway {unknown[0]} was not found")
    return original(backend, filters, nat_gateway_ids)


def _create_regional(response: NatGateways, tags: dict[str, str]) -> NatGateway:
    backend = response.ec2_backend
    vpc = backend.get_vpc(response._get_param("VpcId"))
    _refuse_without_internet_gateway(backend, vpc.id)
    wanted = response._get_param("AvailabilityZoneAddresses", [])
    _refuse_taken(backend, [a for item in wanted for a in item.get("AllocationIds", [])])
    gateway = _RegionalNatGateway(backend, vpc.id, tags)
    # Without addresses AWS takes its own and follows the zones by itself.
    automatic = "disabled" if wanted else "enabled"
    gateway.auto_scaling_ips = automatic
    gateway.auto_provision_zones = automatic
    gateway.route_table_id = backend.create_route_table(vpc.id).id
    backend.route_tables.pop(gateway.route_table_id)
    for item in wanted:
        zone = _zone_of(backend, item)
        for allocation in item.get("AllocationIds", []):
            _add_address(backend, gateway, allocation, None)
            gateway.address_set[-1] |= {
                "availabilityZone": zone.name,
                "availabilityZoneId": zone.zone_id,
            }
    backend.nat_gateways[gateway.id] = gateway
    return gateway


def _zone_of(backend: EC2Backend, item: dict[str, Any]) -> Any:
    zones = RegionsAndZonesBackend.zones.get(backend.region_name, [])
    for zone in zones:
        if item.get("AvailabilityZone") == zone.name or (
            item.get("AvailabilityZoneId") == zone.zone_id
        ):
            return zone
    named = item.get("AvailabilityZone") or item.get("AvailabilityZoneId")
    raise EC2ClientError("InvalidParameterValue", f"Value ({named}) is not a zone of this region")


def _add_address(
    backend: EC2Backend, gateway: NatGateway, allocation: str, private_ip: str | None
) -> None:
    eip = backend.address_by_allocation([allocation])[0]
    if private_ip is None:
        # The addresses of a regional gateway belong to no interface of the account.
        eip.association_id = f"eipassoc-{gateway.id[4:]}"
        eip.instance = None
        eip.eni = _Elsewhere(gateway)
    else:
        backend.associate_address(eni=gateway._eni, allocation_id=allocation, reassociate=True)
    gateway.address_set.append(
        {
            "allocationId": allocation,
            "publicIp": eip.public_ip,
            "associationId": eip.association_id,
            "privateIp": private_ip,
            "isPrimary": False,
            "status": "succeeded",
        }
    )


class _Elsewhere:
    """Stands for an interface that AWS keeps to itself."""

    def __init__(self, gateway: NatGateway) -> None:
        self.id = ""
        self.owner_id = "amazon-aws"
        self.private_ip_address = None
        self.public_ip: str | None = None
        self.instance = None
        self.gateway = gateway.id


def _refuse_taken(backend: EC2Backend, allocations: list[str]) -> None:
    for allocation in allocations:
        eip = backend.address_by_allocation([allocation])[0]
        if eip.eni is not None or eip.instance is not None:
            raise EC2ClientError(
                "Resource.AlreadyAssociated",
                f"Elastic IP address [{allocation}] is already associated",
            )


def _refuse_without_internet_gateway(backend: EC2Backend, vpc_id: str) -> None:
    gateways = backend.internet_gateways.values()
    if not any(gateway.vpc is not None and gateway.vpc.id == vpc_id for gateway in gateways):
        raise EC2ClientError(
            "Gateway.NotAttached", f"Network {vpc_id} has no Internet gateway attached"
        )
