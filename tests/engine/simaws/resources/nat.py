"""NAT gateways and the Elastic IPs that they use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import added, given, handles, removed, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:ec2/eip:Eip")
class Eip(Ec2Handler):
    """An Elastic IP."""

    tag_type = "elastic-ip"

    def create(self, inputs: Props) -> str:
        answer = self.aws.allocate_address(
            Domain="vpc", **given(inputs, Address="address"), **self.tags_of(inputs)
        )
        identifier: str = answer["AllocationId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        target = given(inputs, InstanceId="instance", NetworkInterfaceId="networkInterface")
        if target:
            self.aws.associate_address(AllocationId=id_, **target)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_addresses", "Addresses", AllocationIds=[id_])
        if found is None:
            return None
        address = found["PublicIp"]
        dashed = address.replace(".", "-")
        return {
            "allocationId": id_,
            "arn": self.ec2_arn("elastic-ip", id_),
            "associationId": found.get("AssociationId", ""),
            "domain": "vpc",
            "instance": found.get("InstanceId", ""),
            "networkBorderGroup": self.cloud.region,
            "networkInterface": found.get("NetworkInterfaceId", ""),
            "privateIp": found.get("PrivateIpAddress", ""),
            "publicDns": f"ec2-{dashed}.{self.cloud.region}.compute.{self.cloud.dns_suffix}",
            "publicIp": address,
            "publicIpv4Pool": "amazon",
            "carrierIp": "",
            "customerOwnedIp": "",
            "customerOwnedIpv4Pool": "",
            "ptrRecord": "",
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.release_address(AllocationId=id_)


@handles("aws:ec2/natGateway:NatGateway")
class NatGateway(Ec2Handler):
    """A NAT gateway in one subnet, or a regional one for a whole VPC."""

    tag_type = "natgateway"

    def create(self, inputs: Props) -> str:
        addresses = [
            given(
                address,
                AllocationIds="allocationIds",
                AvailabilityZone="availabilityZone",
                AvailabilityZoneId="availabilityZoneId",
            )
            for address in inputs.get("availabilityZoneAddresses") or []
        ]
        answer = self.aws.create_nat_gateway(
            **given(
                inputs,
                AllocationId="allocationId",
                AvailabilityMode="availabilityMode",
                ConnectivityType="connectivityType",
                PrivateIpAddress="privateIp",
                SecondaryAllocationIds="secondaryAllocationIds",
                SubnetId="subnetId",
                VpcId="vpcId",
            ),
            **({"AvailabilityZoneAddresses": addresses} if addresses else {}),
            **self.tags_of(inputs),
        )
        identifier: str = answer["NatGateway"]["NatGatewayId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_nat_gateways", "NatGateways", NatGatewayIds=[id_])
        if found is None or found["State"] in {"deleted", "deleting"}:
            return None
        addresses = found.get("NatGatewayAddresses", [])
        common = {
            "availabilityMode": found.get("AvailabilityMode", "zonal"),
            "connectivityType": found["ConnectivityType"],
            "vpcId": found["VpcId"],
            "autoProvisionZones": found.get("AutoProvisionZones", ""),
            "autoScalingIps": found.get("AutoScalingIps", ""),
            "routeTableId": found.get("RouteTableId", ""),
            "tags": tag_map(found.get("Tags")),
        }
        if found.get("AvailabilityMode") == "regional":
            return {**common, **_regional(found, addresses)}
        primary = next((a for a in addresses if a.get("IsPrimary")), addresses[0])
        others = [a for a in addresses if a is not primary]
        return {
            **common,
            "subnetId": found["SubnetId"],
            "allocationId": primary.get("AllocationId"),
            "associationId": primary.get("AssociationId", ""),
            "networkInterfaceId": primary.get("NetworkInterfaceId"),
            "privateIp": primary.get("PrivateIp"),
            "publicIp": primary.get("PublicIp", ""),
            "secondaryAllocationIds": [a["AllocationId"] for a in others if "AllocationId" in a],
            "secondaryPrivateIpAddressCount": len(others),
            "secondaryPrivateIpAddresses": [a["PrivateIp"] for a in others if "PrivateIp" in a],
            "availabilityZoneAddresses": [],
            "regionalNatGatewayAddresses": [],
            "regionalNatGatewayAutoMode": "",
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        fresh = added(olds, news, "secondaryAllocationIds")
        if fresh:
            self.aws.associate_nat_gateway_address(NatGatewayId=id_, AllocationIds=fresh)
        gone = removed(olds, news, "secondaryAllocationIds")
        if gone:
            described = self.one("describe_nat_gateways", "NatGateways", NatGatewayIds=[id_]) or {}
            associations = [
                address["AssociationId"]
                for address in described.get("NatGatewayAddresses", [])
                if address.get("AllocationId") in gone
            ]
            self.aws.disassociate_nat_gateway_address(NatGatewayId=id_, AssociationIds=associations)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_nat_gateway(NatGatewayId=id_)


def _regional(found: dict[str, Any], addresses: list[dict[str, Any]]) -> Props:
    zones: dict[str, dict[str, Any]] = {}
    for address in addresses:
        zone = zones.setdefault(
            address["AvailabilityZoneId"],
            {
                "allocationIds": [],
                "availabilityZone": address["AvailabilityZone"],
                "availabilityZoneId": address["AvailabilityZoneId"],
            },
        )
        zone["allocationIds"].append(address["AllocationId"])
    return {
        "availabilityZoneAddresses": list(zones.values()),
        "regionalNatGatewayAddresses": [
            {
                "allocationId": address["AllocationId"],
                "associationId": address.get("AssociationId", ""),
                "availabilityZone": address["AvailabilityZone"],
                "availabilityZoneId": address["AvailabilityZoneId"],
                "publicIp": address["PublicIp"],
                "status": address.get("Status", "succeeded"),
            }
            for address in addresses
        ],
        "regionalNatGatewayAutoMode": found.get("AutoProvisionZones", ""),
        "associationId": "",
        "networkInterfaceId": "",
        "publicIp": "",
        "privateIp": "",
        "secondaryAllocationIds": [],
        "secondaryPrivateIpAddressCount": 0,
        "secondaryPrivateIpAddresses": [],
    }
