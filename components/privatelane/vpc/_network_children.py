"""The resources of a network, as its plan has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from privatelane._tags import Tags, tagged
from privatelane.vpc._addresses import PlannedSubnet, ipv6_subnet
from privatelane.vpc._nat import REGIONAL
from privatelane.vpc.flow_logs import FlowLogs, LoggedVpc, flow_logs

if TYPE_CHECKING:
    from privatelane.vpc._network_plan import NetworkPlan, SubnetGroup
    from privatelane.vpc.network import NetworkArgs

_EVERYWHERE = "0.0.0.0/0"
_EVERYWHERE_IPV6 = "::/0"


@dataclass(frozen=True)
class NetworkChildren:
    """Registers the children of a network, named by network, group and zone."""

    parent: pulumi.ComponentResource
    name: str
    plan: NetworkPlan
    args: NetworkArgs

    def vpc(self) -> aws.ec2.Vpc:
        """The VPC, with both DNS attributes, without which endpoints have no private names."""
        pooled = "ipv6_ipam_pool_id" in self.args
        return aws.ec2.Vpc(
            self.name,
            cidr_block=str(self.plan.addresses.cidr_blocks[0]),
            ipv4_ipam_pool_id=self.args.get("ipv4_ipam_pool_id"),
            assign_generated_ipv6_cidr_block=True if self.plan.ipv6 and not pooled else None,
            ipv6_ipam_pool_id=self.args.get("ipv6_ipam_pool_id"),
            ipv6_netmask_length=56 if pooled else None,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            region=self._region,
            tags=self._tagged(self.name),
            opts=self._options(),
        )

    def locked_defaults(self, vpc: aws.ec2.Vpc) -> None:
        """Let nothing through the security group and the network ACL that a VPC is born with.

        What is created without a security group, or in a subnet without a network ACL of its own,
        then reaches nothing. The network's own subnets get ACLs in `network_acls`.
        """
        name = f"{self.name}-default"
        aws.ec2.DefaultSecurityGroup(
            name,
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            region=self._region,
            tags=self._tagged(name),
            opts=self._options(),
        )
        aws.ec2.DefaultNetworkAcl(
            name,
            default_network_acl_id=vpc.default_network_acl_id,
            ingress=[],
            egress=[],
            region=self._region,
            tags=self._tagged(name),
            # Every new subnet passes through it, and leaves it only for another ACL.
            opts=self._options(ignore_changes=["subnetIds"]),
        )

    def secondary_ranges(self, vpc: aws.ec2.Vpc) -> dict[str, aws.ec2.VpcIpv4CidrBlockAssociation]:
        """The VPC's further ranges, by range: their order means nothing."""
        return {
            str(block): aws.ec2.VpcIpv4CidrBlockAssociation(
                f"{self.name}-{str(block).replace('/', '-')}",
                vpc_id=vpc.id,
                cidr_block=str(block),
                region=self._region,
                opts=self._options(),
            )
            for block in self.plan.addresses.cidr_blocks[1:]
        }

    def subnets(
        self, vpc: aws.ec2.Vpc, ranges: Mapping[str, aws.ec2.VpcIpv4CidrBlockAssociation]
    ) -> dict[str, aws.ec2.Subnet]:
        """The subnets, each after the range it lies in."""
        subnets = {}
        for key, subnet in self.plan.addresses.subnets.items():
            name, group = self._called(subnet), self._group(subnet)
            # Nothing else that a subnet refers to says that its range must be there first.
            association = ranges.get(str(self.plan.addresses.block_of(subnet)))
            subnets[key] = aws.ec2.Subnet(
                name,
                vpc_id=vpc.id,
                cidr_block=str(subnet.cidr),
                availability_zone_id=subnet.zone_id,
                ipv6_cidr_block=self._ipv6_range(vpc, subnet),
                assign_ipv6_address_on_creation=self.plan.ipv6,
                map_public_ip_on_launch=group.map_public_ip_on_launch,
                region=self._region,
                tags=self._tagged(name, self._eks_tags(group), self._group_tags(group)),
                opts=self._options(
                    subnet,
                    depends_on=[association] if association else None,
                    # No two subnets have one range, not even while one replaces the other.
                    delete_before_replace=True,
                ),
            )
        return subnets

    def route_tables(self, vpc: aws.ec2.Vpc) -> dict[str, aws.ec2.RouteTable]:
        """A route table for each subnet alone, so that an endpoint or a route can serve just it."""
        tables = {}
        for key, subnet in self.plan.addresses.subnets.items():
            name = self._called(subnet)
            tables[key] = aws.ec2.RouteTable(
                name,
                vpc_id=vpc.id,
                region=self._region,
                tags=self._tagged(name, self._group_tags(self._group(subnet))),
                opts=self._options(subnet),
            )
        return tables

    def associations(
        self, subnets: Mapping[str, aws.ec2.Subnet], tables: Mapping[str, aws.ec2.RouteTable]
    ) -> list[aws.ec2.RouteTableAssociation]:
        """Each subnet with its table."""
        return [
            aws.ec2.RouteTableAssociation(
                self._called(subnet),
                route_table_id=tables[key].id,
                subnet_id=subnets[key].id,
                region=self._region,
                opts=self._options(subnet),
            )
            for key, subnet in self.plan.addresses.subnets.items()
        ]

    def network_acls(
        self, vpc: aws.ec2.Vpc, subnets: Mapping[str, aws.ec2.Subnet]
    ) -> dict[str, aws.ec2.NetworkAcl]:
        """An ACL for each group that admits everything, as the default one no longer does.

        Security groups do the filtering. An ACL keeps no state and knows no prefix lists: what S3
        answers through a gateway endpoint comes from public addresses to any high port, so an ACL
        narrow enough to mean something would break image pulls.
        """
        rule = {"protocol": "-1", "action": "allow", "from_port": 0, "to_port": 0}
        rules: list[dict[str, Any]] = [{**rule, "rule_no": 100, "cidr_block": _EVERYWHERE}]
        if self.plan.ipv6:
            rules.append({**rule, "rule_no": 101, "ipv6_cidr_block": _EVERYWHERE_IPV6})
        return {
            name: aws.ec2.NetworkAcl(
                f"{self.name}-{name}",
                vpc_id=vpc.id,
                subnet_ids=[subnets[one.key].id for one in self.plan.addresses.of(name)],
                ingress=[aws.ec2.NetworkAclIngressArgs(**one) for one in rules],
                egress=[aws.ec2.NetworkAclEgressArgs(**one) for one in rules],
                region=self._region,
                tags=self._tagged(f"{self.name}-{name}", self._group_tags(group)),
                opts=self._options(aliases=self._formerly(group)),
            )
            for name, group in self.plan.groups.items()
        }

    def internet_gateway(self, vpc: aws.ec2.Vpc) -> aws.ec2.InternetGateway | None:
        """The internet gateway, when a subnet or a NAT gateway is public."""
        if not self.plan.internet_gateway:
            return None
        return aws.ec2.InternetGateway(
            self.name,
            vpc_id=vpc.id,
            region=self._region,
            tags=self._tagged(self.name),
            opts=self._options(),
        )

    def internet_routes(
        self, tables: Mapping[str, aws.ec2.RouteTable], internet: aws.ec2.InternetGateway | None
    ) -> dict[str, aws.ec2.Route]:
        """The way of public subnets to the internet; returned are those for IPv4."""
        if internet is None:
            return {}
        routes = {}
        for subnet in self._subnets_of_kind("public"):
            routes[subnet.key] = self._route(
                tables, subnet, "ipv4", destination_cidr_block=_EVERYWHERE, gateway_id=internet.id
            )
            if self.plan.ipv6:
                self._route(
                    tables,
                    subnet,
                    "ipv6",
                    destination_ipv6_cidr_block=_EVERYWHERE_IPV6,
                    gateway_id=internet.id,
                )
        return routes

    def nat_gateways(
        self,
        vpc: aws.ec2.Vpc,
        subnets: Mapping[str, aws.ec2.Subnet],
        internet: aws.ec2.InternetGateway | None,
        internet_routes: Mapping[str, aws.ec2.Route],
    ) -> dict[str, aws.ec2.NatGateway]:
        """The NAT gateways, by zone id or under "regional"."""
        nat = self.plan.nat
        if nat.kind == "regional" and internet is not None:
            return {REGIONAL: self._regional_nat_gateway(vpc, internet)}
        hosts = {zone_id: f"{nat.group}/{zone_id}" for zone_id in nat.gateways}
        return {
            zone_id: self._zonal_nat_gateway(zone_id, subnets[host], internet_routes[host])
            for zone_id, host in hosts.items()
        }

    def nat_routes(
        self,
        tables: Mapping[str, aws.ec2.RouteTable],
        nat_gateways: Mapping[str, aws.ec2.NatGateway],
    ) -> None:
        """The way of private subnets to their NAT gateway."""
        for subnet in self._subnets_of_kind("private"):
            self._route(
                tables,
                subnet,
                "ipv4",
                destination_cidr_block=_EVERYWHERE,
                nat_gateway_id=nat_gateways[self.plan.nat.gateway_for(subnet.zone_id)].id,
            )

    def egress_only_routes(
        self, vpc: aws.ec2.Vpc, tables: Mapping[str, aws.ec2.RouteTable]
    ) -> None:
        """The way of private subnets out over IPv6, which NAT does not translate."""
        if not self.plan.egress_only_gateway:
            return
        gateway = aws.ec2.EgressOnlyInternetGateway(
            self.name,
            vpc_id=vpc.id,
            region=self._region,
            tags=self._tagged(self.name),
            opts=self._options(),
        )
        for subnet in self._subnets_of_kind("private"):
            self._route(
                tables,
                subnet,
                "ipv6",
                destination_ipv6_cidr_block=_EVERYWHERE_IPV6,
                egress_only_gateway_id=gateway.id,
            )

    def flow_logs(self, vpc: aws.ec2.Vpc) -> FlowLogs | None:
        """The flow logs of the VPC, when asked for."""
        if self.plan.flow_logs is None:
            return None
        return flow_logs(
            f"{self.name}-flow-logs",
            LoggedVpc(vpc.id, vpc.arn),
            self.plan.flow_logs,
            self.args["flow_logs"],
            parent=self.parent,
            region=self._region,
            tags=self.args.get("tags"),
        )

    def _zonal_nat_gateway(
        self, zone_id: str, subnet: aws.ec2.Subnet, internet_route: aws.ec2.Route
    ) -> aws.ec2.NatGateway:
        name = f"{self.name}-nat-{zone_id}"
        brought = self._allocation_ids
        allocation_id = (
            brought[zone_id]
            if zone_id in brought
            # A resource of its own, so that the address outlives the gateway's replacement.
            else aws.ec2.Eip(
                name,
                domain="vpc",
                region=self._region,
                tags=self._tagged(name),
                opts=self._options(),
            ).id
        )
        return aws.ec2.NatGateway(
            name,
            allocation_id=allocation_id,
            subnet_id=subnet.id,
            region=self._region,
            tags=self._tagged(name),
            opts=self._options(
                # EC2 creates a public gateway only where an internet gateway is attached, and
                # detaches that only after the gateway's address is gone.
                depends_on=[internet_route],
                # The replacement can have the address only after the first has given it up.
                delete_before_replace=True,
            ),
        )

    def _regional_nat_gateway(
        self, vpc: aws.ec2.Vpc, internet: aws.ec2.InternetGateway
    ) -> aws.ec2.NatGateway:
        name = f"{self.name}-nat"
        brought = self._allocation_ids
        return aws.ec2.NatGateway(
            name,
            availability_mode="regional",
            vpc_id=vpc.id,
            availability_zone_addresses=[
                aws.ec2.NatGatewayAvailabilityZoneAddressArgs(
                    availability_zone_id=zone_id, allocation_ids=[brought[zone_id]]
                )
                for zone_id in sorted(brought)
            ]
            or None,
            region=self._region,
            tags=self._tagged(name),
            opts=self._options(
                depends_on=[internet], delete_before_replace=True if brought else None
            ),
        )

    def _route(
        self,
        tables: Mapping[str, aws.ec2.RouteTable],
        subnet: PlannedSubnet,
        suffix: str,
        **destination_and_target: Any,  # noqa: ANN401 - properties of aws.ec2.Route
    ) -> aws.ec2.Route:
        return aws.ec2.Route(
            f"{self._called(subnet)}-{suffix}",
            route_table_id=tables[subnet.key].id,
            region=self._region,
            opts=self._options(subnet, f"-{suffix}"),
            **destination_and_target,
        )

    @property
    def _region(self) -> str | None:
        return self.args.get("region")

    @property
    def _allocation_ids(self) -> Mapping[str, pulumi.Input[str]]:
        given = self.args.get("nat_allocation_ids")
        # The plan has refused an Output, whose keys would not be known.
        return given if isinstance(given, Mapping) else {}

    def _called(self, subnet: PlannedSubnet) -> str:
        return f"{self.name}-{subnet.group}-{subnet.zone_id}"

    def _group(self, subnet: PlannedSubnet) -> SubnetGroup:
        return self.plan.groups[subnet.group]

    def _subnets_of_kind(self, kind: str) -> Sequence[PlannedSubnet]:
        return [
            subnet
            for subnet in self.plan.addresses.subnets.values()
            if self._group(subnet).kind == kind
        ]

    def _ipv6_range(self, vpc: aws.ec2.Vpc, subnet: PlannedSubnet) -> pulumi.Output[str] | None:
        index = subnet.ipv6_index
        if index is None:
            return None
        return vpc.ipv6_cidr_block.apply(lambda block: ipv6_subnet(block, index))

    def _tagged(self, name: str, *layers: Tags | None) -> Tags:
        return tagged(name, self.args.get("tags"), *layers)

    def _group_tags(self, group: SubnetGroup) -> Tags | None:
        return self.args["groups"][group.name].get("tags")

    def _eks_tags(self, group: SubnetGroup) -> Tags | None:
        """What load balancer controllers and Karpenter look for."""
        if not group.eks:
            return None
        if group.kind == "public":
            return {"kubernetes.io/role/elb": "1"}
        return {
            "kubernetes.io/role/internal-elb": "1",
            "karpenter.sh/discovery": self.args["cluster_name"],
        }

    def _formerly(self, group: SubnetGroup, suffix: str = "") -> list[pulumi.Alias] | None:
        if group.former_name is None:
            return None
        return [pulumi.Alias(name=f"{self.name}-{group.former_name}{suffix}")]

    def _options(
        self,
        subnet: PlannedSubnet | None = None,
        suffix: str = "",
        *,
        aliases: list[pulumi.Alias] | None = None,
        depends_on: Sequence[pulumi.Resource] | None = None,
        delete_before_replace: bool | None = None,
        ignore_changes: list[str] | None = None,
    ) -> pulumi.ResourceOptions:
        if subnet is not None:
            aliases = self._formerly(self._group(subnet), f"-{subnet.zone_id}{suffix}")
        return pulumi.ResourceOptions(
            parent=self.parent,
            aliases=list(aliases) if aliases else None,
            depends_on=depends_on,
            delete_before_replace=delete_before_replace,
            ignore_changes=ignore_changes,
        )


def public_addresses(key: str, nat: aws.ec2.NatGateway) -> pulumi.Output[str]:
    """The public address of a NAT gateway, or all of a regional one's, separated by commas."""
    if key != REGIONAL:
        return nat.public_ip
    return nat.regional_nat_gateway_addresses.apply(
        lambda addresses: ",".join(sorted(one.public_ip for one in addresses if one.public_ip))
    )
