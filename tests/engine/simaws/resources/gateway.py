"""Gateways to the internet: for both directions, and for IPv6 going out only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import changed, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:ec2/internetGateway:InternetGateway")
class InternetGateway(Ec2Handler):
    """An internet gateway, attached if the program names a VPC."""

    tag_type = "internet-gateway"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_internet_gateway(**self.tags_of(inputs))
        identifier: str = answer["InternetGateway"]["InternetGatewayId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        if inputs.get("vpcId"):
            self.aws.attach_internet_gateway(InternetGatewayId=id_, VpcId=inputs["vpcId"])

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_internet_gateways", "InternetGateways", InternetGatewayIds=[id_])
        if found is None:
            return None
        attached = [a["VpcId"] for a in found.get("Attachments", [])]
        return {
            "arn": self.ec2_arn("internet-gateway", id_),
            "ownerId": self.cloud.account_id,
            "vpcId": attached[0] if attached else None,
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "vpcId"):
            if olds.get("vpcId"):
                self.aws.detach_internet_gateway(InternetGatewayId=id_, VpcId=olds["vpcId"])
            self.configure(id_, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        attached = (self.read(id_, state) or {}).get("vpcId")
        if attached:
            self.aws.detach_internet_gateway(InternetGatewayId=id_, VpcId=attached)
        self.aws.delete_internet_gateway(InternetGatewayId=id_)


@handles("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway")
class EgressOnlyInternetGateway(Ec2Handler):
    """A gateway for IPv6 connections that begin inside."""

    tag_type = "egress-only-internet-gateway"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_egress_only_internet_gateway(
            VpcId=inputs["vpcId"], **self.tags_of(inputs)
        )
        identifier: str = answer["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one(
            "describe_egress_only_internet_gateways",
            "EgressOnlyInternetGateways",
            EgressOnlyInternetGatewayIds=[id_],
        )
        if found is None:
            return None
        return {"vpcId": found["Attachments"][0]["VpcId"], "tags": tag_map(found.get("Tags"))}

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=id_)
