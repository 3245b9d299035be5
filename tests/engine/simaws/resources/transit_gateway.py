"""Transit gateways, what is attached to them, and their route tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import (
    added,
    changed,
    given,
    handles,
    removed,
    tag_map,
)

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

_GONE = {"deleted", "deleting"}
_OPTIONS = {
    "amazonSideAsn": "AmazonSideAsn",
    "autoAcceptSharedAttachments": "AutoAcceptSharedAttachments",
    "defaultRouteTableAssociation": "DefaultRouteTableAssociation",
    "defaultRouteTablePropagation": "DefaultRouteTablePropagation",
    "dnsSupport": "DnsSupport",
    "multicastSupport": "MulticastSupport",
    "vpnEcmpSupport": "VpnEcmpSupport",
}
_ATTACHMENT_OPTIONS = {
    "applianceModeSupport": "ApplianceModeSupport",
    "dnsSupport": "DnsSupport",
    "ipv6Support": "Ipv6Support",
}


class _TransitHandler(Ec2Handler):
    def find(self, call: str, key: str, id_key: str, id_: str) -> dict[str, Any] | None:
        """A described resource, unless it is gone."""
        found = self.one(call, key, **{id_key: [id_]})
        return None if found is None or found["State"] in _GONE else found


@handles("aws:ec2transitgateway/transitGateway:TransitGateway")
class TransitGateway(_TransitHandler):
    """A transit gateway, with its default route table unless the program turns it off."""

    tag_type = "transit-gateway"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_transit_gateway(
            Options=given(inputs, **{theirs: ours for ours, theirs in _OPTIONS.items()}),
            **given(inputs, Description="description"),
            **self.tags_of(inputs),
        )
        identifier: str = answer["TransitGateway"]["TransitGatewayId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.find("describe_transit_gateways", "TransitGateways", "TransitGatewayIds", id_)
        if found is None:
            return None
        options = found.get("Options", {})
        return {
            "arn": found["TransitGatewayArn"],
            "ownerId": found["OwnerId"],
            "description": found.get("Description") or None,
            **{ours: options.get(theirs) for ours, theirs in _OPTIONS.items()},
            "amazonSideAsn": int(options.get("AmazonSideAsn", 64512)),
            "associationDefaultRouteTableId": options.get("AssociationDefaultRouteTableId", ""),
            "propagationDefaultRouteTableId": options.get("PropagationDefaultRouteTableId", ""),
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "description", *_OPTIONS):
            self.aws.modify_transit_gateway(
                TransitGatewayId=id_, **given(news, Description="description")
            )
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_transit_gateway(TransitGatewayId=id_)


@handles("aws:ec2transitgateway/vpcAttachment:VpcAttachment")
class VpcAttachment(_TransitHandler):
    """A VPC's attachment: one subnet a zone."""

    tag_type = "transit-gateway-attachment"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_transit_gateway_vpc_attachment(
            TransitGatewayId=inputs["transitGatewayId"],
            VpcId=inputs["vpcId"],
            SubnetIds=inputs["subnetIds"],
            Options=given(inputs, **{theirs: ours for ours, theirs in _ATTACHMENT_OPTIONS.items()}),
            **self.tags_of(inputs),
        )
        identifier: str = answer["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.find(
            "describe_transit_gateway_vpc_attachments",
            "TransitGatewayVpcAttachments",
            "TransitGatewayAttachmentIds",
            id_,
        )
        if found is None:
            return None
        options = found.get("Options", {})
        return {
            "arn": self.ec2_arn("transit-gateway-attachment", id_),
            "transitGatewayId": found["TransitGatewayId"],
            "vpcId": found["VpcId"],
            "vpcOwnerId": found.get("VpcOwnerId", self.cloud.account_id),
            "subnetIds": found["SubnetIds"],
            **{
                ours: options.get(theirs, known.get(ours))
                for ours, theirs in _ATTACHMENT_OPTIONS.items()
            },
            "securityGroupReferencingSupport": "disable",
            "transitGatewayDefaultRouteTableAssociation": known.get(
                "transitGatewayDefaultRouteTableAssociation", True
            ),
            "transitGatewayDefaultRouteTablePropagation": known.get(
                "transitGatewayDefaultRouteTablePropagation", True
            ),
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        fresh, gone = added(olds, news, "subnetIds"), removed(olds, news, "subnetIds")
        options = given(news, **{theirs: ours for ours, theirs in _ATTACHMENT_OPTIONS.items()})
        if fresh or gone or changed(olds, news, *_ATTACHMENT_OPTIONS):
            self.aws.modify_transit_gateway_vpc_attachment(
                TransitGatewayAttachmentId=id_,
                AddSubnetIds=fresh,
                RemoveSubnetIds=gone,
                Options=options,
            )
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=id_)


@handles("aws:ec2transitgateway/routeTable:RouteTable")
class TransitRouteTable(_TransitHandler):
    """A route table of a transit gateway."""

    tag_type = "transit-gateway-route-table"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_transit_gateway_route_table(
            TransitGatewayId=inputs["transitGatewayId"], **self.tags_of(inputs)
        )
        identifier: str = answer["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.find(
            "describe_transit_gateway_route_tables",
            "TransitGatewayRouteTables",
            "TransitGatewayRouteTableIds",
            id_,
        )
        if found is None:
            return None
        return {
            "arn": self.ec2_arn("transit-gateway-route-table", id_),
            "transitGatewayId": found["TransitGatewayId"],
            "defaultAssociationRouteTable": found["DefaultAssociationRouteTable"],
            "defaultPropagationRouteTable": found["DefaultPropagationRouteTable"],
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_transit_gateway_route_table(TransitGatewayRouteTableId=id_)


@handles("aws:ec2transitgateway/route:Route")
class TransitRoute(_TransitHandler):
    """A static route."""

    def create(self, inputs: Props) -> str:
        self.aws.create_transit_gateway_route(
            **given(
                inputs,
                TransitGatewayRouteTableId="transitGatewayRouteTableId",
                DestinationCidrBlock="destinationCidrBlock",
                TransitGatewayAttachmentId="transitGatewayAttachmentId",
                Blackhole="blackhole",
            )
        )
        return f"{inputs['transitGatewayRouteTableId']}_{inputs['destinationCidrBlock']}"

    def read(self, id_: str, known: Props) -> Props | None:
        table, _, destination = id_.partition("_")
        answer = self.aws.search_transit_gateway_routes(
            TransitGatewayRouteTableId=table,
            Filters=[{"Name": "type", "Values": ["static"]}],
        )
        for route in answer["Routes"]:
            if route["DestinationCidrBlock"] == destination and route["State"] not in _GONE:
                attachments = route.get("TransitGatewayAttachments") or [{}]
                return {
                    "transitGatewayRouteTableId": table,
                    "destinationCidrBlock": destination,
                    "transitGatewayAttachmentId": attachments[0].get("TransitGatewayAttachmentId"),
                    "blackhole": route["State"] == "blackhole",
                }
        return None

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_transit_gateway_route(
            TransitGatewayRouteTableId=state["transitGatewayRouteTableId"],
            DestinationCidrBlock=state["destinationCidrBlock"],
        )


class _Relation(_TransitHandler):
    """An attachment's place in a route table."""

    #: The calls that make, end and list it, and the list's key.
    make: str
    end: str
    listing: tuple[str, str]

    def create(self, inputs: Props) -> str:
        getattr(self.aws, self.make)(**self._names(inputs))
        return f"{inputs['transitGatewayRouteTableId']}_{inputs['transitGatewayAttachmentId']}"

    def read(self, id_: str, known: Props) -> Props | None:
        table, _, attachment = id_.partition("_")
        call, key = self.listing
        for found in getattr(self.aws, call)(TransitGatewayRouteTableId=table)[key]:
            if found["TransitGatewayAttachmentId"] == attachment:
                return {
                    "transitGatewayRouteTableId": table,
                    "transitGatewayAttachmentId": attachment,
                    "resourceId": found.get("ResourceId"),
                    "resourceType": found.get("ResourceType"),
                }
        return None

    def delete(self, id_: str, state: Props) -> None:
        getattr(self.aws, self.end)(**self._names(state))

    def _names(self, props: Props) -> dict[str, str]:
        return {
            "TransitGatewayRouteTableId": props["transitGatewayRouteTableId"],
            "TransitGatewayAttachmentId": props["transitGatewayAttachmentId"],
        }


@handles("aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation")
class TransitRouteTableAssociation(_Relation):
    """The table that decides where an attachment's traffic goes."""

    make = "associate_transit_gateway_route_table"
    end = "disassociate_transit_gateway_route_table"
    listing = ("get_transit_gateway_route_table_associations", "Associations")


@handles("aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation")
class TransitRouteTablePropagation(_Relation):
    """A table that learns an attachment's addresses."""

    make = "enable_transit_gateway_route_table_propagation"
    end = "disable_transit_gateway_route_table_propagation"
    listing = (
        "get_transit_gateway_route_table_propagations",
        "TransitGatewayRouteTablePropagations",
    )
