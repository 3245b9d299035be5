"""VPCs and their secondary address ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._ec2 import Ec2Handler, attribute, camel_keys
from tests.engine.simaws.resources._handler import changed, given, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

_ATTRIBUTES = {
    "enableDnsSupport": "EnableDnsSupport",
    "enableDnsHostnames": "EnableDnsHostnames",
    "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
}


@handles("aws:ec2/vpc:Vpc")
class Vpc(Ec2Handler):
    """A VPC, with its main route table, its default security group and its default ACL."""

    tag_type = "vpc"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_vpc(
            **given(inputs, CidrBlock="cidrBlock", InstanceTenancy="instanceTenancy"),
            AmazonProvidedIpv6CidrBlock=bool(inputs.get("assignGeneratedIpv6CidrBlock")),
            **self.tags_of(inputs),
        )
        identifier: str = answer["Vpc"]["VpcId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        self._set_attributes(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        vpc = self.one("describe_vpcs", "Vpcs", VpcIds=[id_])
        if vpc is None:
            return None
        ipv6: Props = next(
            (
                association
                for association in vpc.get("Ipv6CidrBlockAssociationSet", [])
                if association["Ipv6CidrBlockState"]["State"] == "associated"
            ),
            {},
        )
        mine = {"Name": "vpc-id", "Values": [id_]}
        main = self.first(
            "describe_route_tables",
            "RouteTables",
            Filters=[mine, {"Name": "association.main", "Values": ["true"]}],
        )
        group = self.first(
            "describe_security_groups",
            "SecurityGroups",
            Filters=[mine, {"Name": "group-name", "Values": ["default"]}],
        )
        acl = self.first(
            "describe_network_acls",
            "NetworkAcls",
            Filters=[mine, {"Name": "default", "Values": ["true"]}],
        )
        attributes = {
            ours: attribute(self.aws.describe_vpc_attribute(VpcId=id_, Attribute=ours), theirs)
            for ours, theirs in _ATTRIBUTES.items()
        }
        return {
            **camel_keys(vpc, "cidrBlock", "instanceTenancy", "dhcpOptionsId", "ownerId"),
            **attributes,
            "arn": self.ec2_arn("vpc", id_),
            "ipv6CidrBlock": ipv6.get("Ipv6CidrBlock", ""),
            "ipv6AssociationId": ipv6.get("AssociationId", ""),
            "assignGeneratedIpv6CidrBlock": bool(ipv6),
            "ipv6CidrBlockNetworkBorderGroup": self.cloud.region if ipv6 else "",
            "mainRouteTableId": main.get("RouteTableId"),
            "defaultRouteTableId": main.get("RouteTableId"),
            "defaultSecurityGroupId": group.get("GroupId"),
            "defaultNetworkAclId": acl.get("NetworkAclId"),
            "tags": tag_map(vpc.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._set_attributes(id_, olds, news)
        if changed(olds, news, "assignGeneratedIpv6CidrBlock"):
            if news.get("assignGeneratedIpv6CidrBlock"):
                self.aws.associate_vpc_cidr_block(VpcId=id_, AmazonProvidedIpv6CidrBlock=True)
            else:
                association = (self.read(id_, {}) or {})["ipv6AssociationId"]
                self.aws.disassociate_vpc_cidr_block(AssociationId=association)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_vpc(VpcId=id_)

    def _set_attributes(self, id_: str, olds: Props, news: Props) -> None:
        for ours, theirs in _ATTRIBUTES.items():
            if news.get(ours) is not None and changed(olds, news, ours):
                self.aws.modify_vpc_attribute(VpcId=id_, **{theirs: {"Value": news[ours]}})


@handles("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation")
class VpcIpv4CidrBlockAssociation(Ec2Handler):
    """A secondary IPv4 range of a VPC."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.associate_vpc_cidr_block(
            VpcId=inputs["vpcId"], CidrBlock=inputs["cidrBlock"]
        )
        identifier: str = answer["CidrBlockAssociation"]["AssociationId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        vpc = self.first(
            "describe_vpcs",
            "Vpcs",
            Filters=[{"Name": "cidr-block-association.association-id", "Values": [id_]}],
        )
        for association in vpc.get("CidrBlockAssociationSet", []):
            if (
                association["AssociationId"] == id_
                and association["CidrBlockState"]["State"] == "associated"
            ):
                return {"vpcId": vpc["VpcId"], "cidrBlock": association["CidrBlock"]}
        return None

    def delete(self, id_: str, state: Props) -> None:
        self.aws.disassociate_vpc_cidr_block(AssociationId=id_)
