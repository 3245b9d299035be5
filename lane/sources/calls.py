"""What AWS is asked, once for reading live, saved answers, and the policy that the reader needs."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CALLS", "CALL_OF", "Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """A kind of answer: the key its records stand under, and what they are.

    `operation` is the API operation, `what` the records in words, `id` and `owner` the fields that
    identify a record and the account it belongs to, `facts` the kinds of fact that need it.
    `saved`: a folder of saved answers is expected to hold it. `optional`: a source may leave it out
    or be refused it and still be whole, because nothing about a NAT path hangs on it. `lists` are
    operations that find what the call is then made for, or add to it. `live`: the account is asked
    for it. `billing`: only a bill needs it.
    """

    key: str
    service: str
    operation: str
    what: str
    id: str
    owner: str = ""
    facts: tuple[str, ...] = ()
    saved: bool = True
    optional: bool = False
    lists: tuple[str, ...] = ()
    live: bool = True
    billing: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """The IAM actions that allow the call and those that lead to it."""
        return tuple(f"{self.service}:{name}" for name in (*self.lists, self.operation))


def _ec2(key: str, what: str, id_: str, *facts: str, owner: str = "") -> Call:
    return Call(key, "ec2", f"Describe{key}", what, id_, owner, facts)


CALLS: tuple[Call, ...] = (
    _ec2("Vpcs", "VPCs", "VpcId", "vpcs", owner="OwnerId"),
    _ec2("Subnets", "subnets", "SubnetId", "subnets", owner="OwnerId"),
    _ec2("RouteTables", "route tables", "RouteTableId", owner="OwnerId"),
    _ec2("NatGateways", "NAT gateways", "NatGatewayId", "nats"),
    _ec2("InternetGateways", "internet gateways", "InternetGatewayId", owner="OwnerId"),
    _ec2("VpcEndpoints", "VPC endpoints", "VpcEndpointId", owner="OwnerId"),
    _ec2("PrefixLists", "AWS's prefix lists", "PrefixListId", "prefix_lists"),
    _ec2(
        "ManagedPrefixLists",
        "managed prefix lists",
        "PrefixListId",
        "prefix_lists",
        owner="OwnerId",
    ),
    _ec2(
        "NetworkInterfaces",
        "network interfaces",
        "NetworkInterfaceId",
        "interfaces",
        owner="OwnerId",
    ),
    _ec2("NetworkAcls", "network ACLs", "NetworkAclId", "network_acls", owner="OwnerId"),
    _ec2("SecurityGroups", "security groups", "GroupId", "security_groups", owner="OwnerId"),
    # Live, a route to an instance names its network interface, too.
    Call(
        "Reservations",
        "ec2",
        "DescribeInstances",
        "instances",
        "ReservationId",
        optional=True,
        live=False,
    ),
    _ec2("VpcPeeringConnections", "VPC peering connections", "VpcPeeringConnectionId", "peerings"),
    _ec2("VpnGateways", "VPN gateways", "VpnGatewayId"),
    _ec2("TransitGateways", "transit gateways", "TransitGatewayId", owner="OwnerId"),
    _ec2(
        "TransitGatewayAttachments",
        "transit gateway attachments",
        "TransitGatewayAttachmentId",
        "attachments",
        "transit_associations",
        owner="TransitGatewayOwnerId",
    ),
    _ec2(
        "TransitGatewayRouteTables",
        "transit gateway route tables",
        "TransitGatewayRouteTableId",
        "transit_tables",
    ),
    _ec2(
        "TransitGatewayVpcAttachments",
        "VPC attachments of transit gateways",
        "TransitGatewayAttachmentId",
        owner="VpcOwnerId",
    ),
    Call(
        "TransitGatewayStaticRoutes",
        "ec2",
        "SearchTransitGatewayRoutes",
        "routes of transit gateway route tables",
        "TransitGatewayRouteTableId",
        facts=("transit_routes",),
    ),
    Call(
        "TransitGatewayPropagations",
        "ec2",
        "GetTransitGatewayRouteTablePropagations",
        "propagations to transit gateway route tables",
        "TransitGatewayRouteTableId",
        facts=("transit_propagations",),
    ),
    Call(
        "TransitGatewayPeeringAttachments",
        "ec2",
        "DescribeTransitGatewayPeeringAttachments",
        "peering attachments of transit gateways",
        "TransitGatewayAttachmentId",
        saved=False,
    ),
    Call(
        "EgressOnlyInternetGateways",
        "ec2",
        "DescribeEgressOnlyInternetGateways",
        "egress-only internet gateways",
        "EgressOnlyInternetGatewayId",
        saved=False,
    ),
    Call(
        "DhcpOptions",
        "ec2",
        "DescribeDhcpOptions",
        "DHCP options sets",
        "DhcpOptionsId",
        "OwnerId",
        saved=False,
    ),
    # One record a VPC: the two answers of describe-vpc-attribute in one.
    Call(
        "VpcAttributes",
        "ec2",
        "DescribeVpcAttribute",
        "DNS attributes of VPCs",
        "VpcId",
        saved=False,
    ),
    # The entries stand in each list's record, under `Entries`.
    Call(
        "PrefixListEntries",
        "ec2",
        "GetManagedPrefixListEntries",
        "entries of managed prefix lists",
        "PrefixListId",
        saved=False,
    ),
    Call(
        "VpcBlockPublicAccessOptions",
        "ec2",
        "DescribeVpcBlockPublicAccessOptions",
        "mode of VPC Block Public Access",
        "AwsRegion",
        saved=False,
    ),
    Call(
        "VpcBlockPublicAccessExclusions",
        "ec2",
        "DescribeVpcBlockPublicAccessExclusions",
        "exclusions from VPC Block Public Access",
        "ExclusionId",
        saved=False,
    ),
    # Each zone's record also holds its `VPCs` and its `ResourceRecordSets`.
    Call(
        "HostedZones",
        "route53",
        "ListHostedZones",
        "private hosted zones",
        "Id",
        facts=("hosted_zones", "zone_records"),
        saved=False,
        lists=("GetHostedZone", "ListHostedZonesByVPC", "ListResourceRecordSets"),
    ),
    Call(
        "ResolverRules",
        "route53resolver",
        "ListResolverRules",
        "resolver rules",
        "Id",
        "OwnerId",
        facts=("resolver_rules",),
        saved=False,
    ),
    Call(
        "ResolverRuleAssociations",
        "route53resolver",
        "ListResolverRuleAssociations",
        "VPCs of resolver rules",
        "Id",
        facts=("resolver_rules",),
        saved=False,
    ),
    Call(
        "ProfileAssociations",
        "route53profiles",
        "ListProfileAssociations",
        "VPCs of Route 53 profiles",
        "Id",
        "OwnerId",
        saved=False,
    ),
    Call(
        "ProfileResourceAssociations",
        "route53profiles",
        "ListProfileResourceAssociations",
        "resources of Route 53 profiles",
        "Id",
        "OwnerId",
        saved=False,
    ),
    Call(
        "services",
        "ecs",
        "DescribeServices",
        "ECS services",
        "serviceArn",
        saved=False,
        optional=True,
        lists=("ListClusters", "ListServices"),
    ),
    Call(
        "taskDefinitions",
        "ecs",
        "DescribeTaskDefinition",
        "ECS task definitions",
        "taskDefinitionArn",
        saved=False,
        optional=True,
    ),
    Call(
        "clusters",
        "eks",
        "DescribeCluster",
        "EKS clusters",
        "arn",
        saved=False,
        optional=True,
        lists=("ListClusters",),
    ),
    Call(
        "nodegroups",
        "eks",
        "DescribeNodegroup",
        "EKS node groups",
        "nodegroupArn",
        saved=False,
        optional=True,
        lists=("ListNodegroups",),
    ),
    Call(
        "fargateProfiles",
        "eks",
        "DescribeFargateProfile",
        "EKS Fargate profiles",
        "fargateProfileArn",
        saved=False,
        optional=True,
        lists=("ListFargateProfiles",),
    ),
    Call(
        "Addresses",
        "ec2",
        "DescribeAddresses",
        "elastic addresses",
        "PublicIp",
        saved=False,
        optional=True,
        billing=True,
    ),
    Call(
        "FlowLogs",
        "ec2",
        "DescribeFlowLogs",
        "flow logs",
        "FlowLogId",
        saved=False,
        optional=True,
        billing=True,
    ),
    Call(
        "LoadBalancers",
        "elasticloadbalancing",
        "DescribeLoadBalancers",
        "load balancers",
        "LoadBalancerArn",
        saved=False,
        optional=True,
        billing=True,
    ),
    Call(
        "LoadBalancerDescriptions",
        "elasticloadbalancing",
        "DescribeLoadBalancers",
        "Classic Load Balancers",
        "DNSName",
        saved=False,
        optional=True,
        billing=True,
    ),
)

CALL_OF = {call.key: call for call in CALLS}
