"""Route tables, their routes, and which subnets use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import changed, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

#: What a route may lead to: our name -> EC2's.
_TARGETS = {
    "carrierGatewayId": "CarrierGatewayId",
    "coreNetworkArn": "CoreNetworkArn",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "localGatewayId": "LocalGatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcEndpointId": "VpcEndpointId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}
#: Where it goes, as a resource of its own and as a part of its table.
_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_INLINE = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}


class _RouteTableHandler(Ec2Handler):
    tag_type = "route-table"

    def table(self, id_: str) -> dict[str, Any] | None:
        """The route table as EC2 describes it."""
        return self.one("describe_route_tables", "RouteTables", RouteTableIds=[id_])

    def properties(self, found: dict[str, Any]) -> Props:
        """What the default route table and all others have in common."""
        return {
            "arn": self.ec2_arn("route-table", found["RouteTableId"]),
            "ownerId": self.cloud.account_id,
            "vpcId": found["VpcId"],
            "propagatingVgws": [],
            "routes": [_inline(route) for route in found["Routes"] if _is_inline(route)],
            "tags": tag_map(found.get("Tags")),
        }

    def set_routes(self, id_: str, olds: Props, news: Props) -> None:
        """Make the table's own routes those of the program; `None` leaves them alone."""
        if news.get("routes") is None:
            return
        before = [_wanted(route) for route in olds.get("routes") or []]
        after = [_wanted(route) for route in news["routes"]]
        for route in before:
            if route not in after:
                self.aws.delete_route(RouteTableId=id_, **_only_destination(route))
        for route in after:
            if route not in before:
                self.aws.create_route(RouteTableId=id_, **route)


@handles("aws:ec2/routeTable:RouteTable")
class RouteTable(_RouteTableHandler):
    """A route table, with the routes that stand in it inline."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_route_table(VpcId=inputs["vpcId"], **self.tags_of(inputs))
        identifier: str = answer["RouteTable"]["RouteTableId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        self.set_routes(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.table(id_)
        return None if found is None else self.properties(found)

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.set_routes(id_, olds, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_route_table(RouteTableId=id_)


@handles("aws:ec2/defaultRouteTable:DefaultRouteTable")
class DefaultRouteTable(_RouteTableHandler):
    """The table that came with the VPC, adopted: its routes are removed, it is never deleted."""

    def create(self, inputs: Props) -> str:
        identifier: str = inputs["defaultRouteTableId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        found = self.table(id_) or {}
        standing = [_inline(route) for route in found.get("Routes", []) if _is_inline(route)]
        self.set_routes(id_, {"routes": standing}, {"routes": [], **inputs})
        self.retag(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.table(id_)
        return None if found is None else {"defaultRouteTableId": id_, **self.properties(found)}

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.set_routes(id_, olds, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        """AWS deletes it with its VPC."""


@handles("aws:ec2/route:Route")
class Route(_RouteTableHandler):
    """One route; its id is made of the table and the destination, as terraform makes it."""

    def create(self, inputs: Props) -> str:
        targets = {_TARGETS[k]: v for k, v in inputs.items() if k in _TARGETS and v}
        self.aws.create_route(
            RouteTableId=inputs["routeTableId"], **self._destination(inputs), **targets
        )
        return _route_id(inputs["routeTableId"], next(iter(self._destination(inputs).values())))

    def read(self, id_: str, known: Props) -> Props | None:
        table, _, destination = id_.removeprefix("r-").partition("|")
        found = self.table(table)
        for route in (found or {}).get("Routes", []):
            if destination in [route.get(name) for name in _DESTINATIONS.values()]:
                return {
                    "routeTableId": table,
                    **{ours: route.get(theirs) for ours, theirs in _DESTINATIONS.items()},
                    **_targets(route),
                    "instanceId": route.get("InstanceId", ""),
                    "instanceOwnerId": route.get("InstanceOwnerId", ""),
                    "origin": route.get("Origin"),
                    "state": route.get("State"),
                }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        targets = {_TARGETS[k]: v for k, v in news.items() if k in _TARGETS and v}
        self.aws.replace_route(
            RouteTableId=news["routeTableId"], **self._destination(news), **targets
        )

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_route(RouteTableId=state["routeTableId"], **self._destination(state))

    def identify(self, imported: str) -> str:
        table, _, destination = imported.partition("_")
        return _route_id(table, destination)

    def _destination(self, props: Props) -> dict[str, str]:
        return {_DESTINATIONS[k]: v for k, v in props.items() if k in _DESTINATIONS and v}


@handles("aws:ec2/routeTableAssociation:RouteTableAssociation")
class RouteTableAssociation(_RouteTableHandler):
    """Which route table a subnet, or a gateway for what comes in, uses."""

    def create(self, inputs: Props) -> str:
        target = (
            {"SubnetId": inputs["subnetId"]}
            if inputs.get("subnetId")
            else {"GatewayId": inputs["gatewayId"]}
        )
        answer = self.aws.associate_route_table(RouteTableId=inputs["routeTableId"], **target)
        identifier: str = answer["AssociationId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        table = self.first(
            "describe_route_tables",
            "RouteTables",
            Filters=[{"Name": "association.route-table-association-id", "Values": [id_]}],
        )
        for association in table.get("Associations", []):
            if association["RouteTableAssociationId"] == id_:
                return {
                    "routeTableId": table["RouteTableId"],
                    "subnetId": association.get("SubnetId"),
                    "gatewayId": association.get("GatewayId"),
                }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "routeTableId"):
            self.aws.replace_route_table_association(
                AssociationId=id_, RouteTableId=news["routeTableId"]
            )

    def delete(self, id_: str, state: Props) -> None:
        self.aws.disassociate_route_table(AssociationId=id_)

    def identify(self, imported: str) -> str:
        target, _, table = imported.partition("/")
        for association in (self.table(table) or {}).get("Associations", []):
            if target in (association.get("SubnetId"), association.get("GatewayId")):
                identifier: str = association["RouteTableAssociationId"]
                return identifier
        return imported


@handles("aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation")
class MainRouteTableAssociation(_RouteTableHandler):
    """Which table the subnets without one of their own use; deleting it puts the first one back."""

    def create(self, inputs: Props) -> str:
        main = self._main(inputs["vpcId"])
        answer = self.aws.replace_route_table_association(
            AssociationId=_main_association(main), RouteTableId=inputs["routeTableId"]
        )
        # The table that it replaced is kept in the id, which the state has at a delete.
        return f"{answer['NewAssociationId']}|{main['RouteTableId']}"

    def read(self, id_: str, known: Props) -> Props | None:
        association, _, original = id_.partition("|")
        table = self.first(
            "describe_route_tables",
            "RouteTables",
            Filters=[{"Name": "association.route-table-association-id", "Values": [association]}],
        )
        if not table:
            return None
        return {
            "routeTableId": table["RouteTableId"],
            "vpcId": table["VpcId"],
            "originalRouteTableId": original,
        }

    def delete(self, id_: str, state: Props) -> None:
        self.aws.replace_route_table_association(
            AssociationId=_main_association(self._main(state["vpcId"])),
            RouteTableId=state["originalRouteTableId"],
        )

    def _main(self, vpc: str) -> dict[str, Any]:
        return self.first(
            "describe_route_tables",
            "RouteTables",
            Filters=[
                {"Name": "vpc-id", "Values": [vpc]},
                {"Name": "association.main", "Values": ["true"]},
            ],
        )


def _main_association(table: dict[str, Any]) -> str:
    found = [a["RouteTableAssociationId"] for a in table["Associations"] if a["Main"]]
    identifier: str = found[0]
    return identifier


def _route_id(table: str, destination: str) -> str:
    return f"r-{table}|{destination}"


def _is_inline(route: dict[str, Any]) -> bool:
    """Whether the real provider would list the route: not `local`, not a gateway endpoint's."""
    return route.get("GatewayId") != "local" and not str(route.get("GatewayId", "")).startswith(
        "vpce-"
    )


def _targets(route: dict[str, Any]) -> Props:
    """All targets, the unused ones empty, as the bridge writes them into the state."""
    return {ours: route.get(theirs, "") for ours, theirs in _TARGETS.items()}


def _inline(route: dict[str, Any]) -> Props:
    return {**{ours: route.get(theirs, "") for ours, theirs in _INLINE.items()}, **_targets(route)}


def _wanted(route: Props) -> dict[str, str]:
    named = {**_INLINE, **_TARGETS}
    return {named[key]: value for key, value in route.items() if key in named and value}


def _only_destination(route: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in route.items() if key.startswith("Destination")}
