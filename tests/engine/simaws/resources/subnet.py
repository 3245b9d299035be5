"""Subnets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._ec2 import Ec2Handler, camel_keys
from tests.engine.simaws.resources._handler import changed, given, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

#: Attributes that `modify_subnet_attribute` sets, one a call.
_SWITCHES = {
    "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
}
#: Attributes that moto does not have; the state keeps what the program said.
_DNS_DEFAULTS = {
    "enableDns64": False,
    "enableResourceNameDnsARecordOnLaunch": False,
    "enableResourceNameDnsAaaaRecordOnLaunch": False,
    "privateDnsHostnameTypeOnLaunch": "ip-name",
}


@handles("aws:ec2/subnet:Subnet")
class Subnet(Ec2Handler):
    """A subnet in one zone; EC2 itself refuses a range that overlaps another."""

    tag_type = "subnet"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_subnet(
            **given(
                inputs,
                VpcId="vpcId",
                CidrBlock="cidrBlock",
                Ipv6CidrBlock="ipv6CidrBlock",
                AvailabilityZone="availabilityZone",
                AvailabilityZoneId="availabilityZoneId",
            ),
            **self.tags_of(inputs),
        )
        identifier: str = answer["Subnet"]["SubnetId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        self._set_switches(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        subnet = self.one("describe_subnets", "Subnets", SubnetIds=[id_])
        if subnet is None:
            return None
        ipv6: Props = next(
            (
                association
                for association in subnet.get("Ipv6CidrBlockAssociationSet", [])
                if association["Ipv6CidrBlockState"]["State"] == "associated"
            ),
            {},
        )
        return {
            **camel_keys(
                subnet,
                "vpcId",
                "cidrBlock",
                "availabilityZone",
                "availabilityZoneId",
                "mapPublicIpOnLaunch",
                "assignIpv6AddressOnCreation",
                "ownerId",
            ),
            **{key: known.get(key, value) for key, value in _DNS_DEFAULTS.items()},
            "arn": self.ec2_arn("subnet", id_),
            "ipv6CidrBlock": ipv6.get("Ipv6CidrBlock", ""),
            "ipv6CidrBlockAssociationId": ipv6.get("AssociationId", ""),
            "ipv6Native": subnet.get("Ipv6Native", False),
            "tags": tag_map(subnet.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "ipv6CidrBlock"):
            current = self.read(id_, olds) or {}
            if current.get("ipv6CidrBlockAssociationId"):
                self.aws.disassociate_subnet_cidr_block(
                    AssociationId=current["ipv6CidrBlockAssociationId"]
                )
            if news.get("ipv6CidrBlock"):
                self.aws.associate_subnet_cidr_block(
                    SubnetId=id_, Ipv6CidrBlock=news["ipv6CidrBlock"]
                )
        self._set_switches(id_, olds, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_subnet(SubnetId=id_)

    def _set_switches(self, id_: str, olds: Props, news: Props) -> None:
        for ours, theirs in _SWITCHES.items():
            if bool(news.get(ours)) != bool(olds.get(ours)):
                self.aws.modify_subnet_attribute(
                    SubnetId=id_, **{theirs: {"Value": bool(news.get(ours))}}
                )
