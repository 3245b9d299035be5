"""AWS's nouns as resource types, and what each type's outputs can name besides itself.

An unknown id is traced by what it was computed from. A dependency of the right type is a
candidate; a dependency of another type still is one when one of its outputs can hold such an id:
a VPC names its main route table, an instance its network interface. Those are *implied* objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "ACCEPTERS",
    "ACL",
    "ATTACHMENT",
    "AUTOSCALING_GROUP",
    "CAPACITY_PROVIDER",
    "CARRIER_GATEWAY",
    "CORE_NETWORK",
    "DHCP_OPTIONS",
    "ECS_CLUSTER",
    "EGRESS_ONLY_GATEWAY",
    "EKS_CLUSTER",
    "ENDPOINT",
    "FIREWALL",
    "INTERFACE",
    "INTERNET_GATEWAY",
    "LAUNCH_TEMPLATE",
    "LOCAL_GATEWAY",
    "NAT",
    "NOUNS",
    "PEERING",
    "PREFIX_LIST",
    "PRODUCERS",
    "PROFILE",
    "RESOLVER_RULE",
    "SECURITY_GROUP",
    "SUBNET",
    "TABLE",
    "TASK_DEFINITION",
    "TRANSIT_GATEWAY",
    "TRANSIT_TABLE",
    "VPC",
    "VPN_GATEWAY",
    "ZONE",
    "Noun",
    "implied",
]


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A kind of AWS object: its resource types, the prefix of its ids, and who else can name it.

    `implied` maps a resource type to the suffix of the object that comes with each such resource.
    `forward` are the inputs by which any resource names the object that its own outputs repeat.
    """

    name: str
    types: frozenset[str]
    prefixes: tuple[str, ...] = ()
    implied: Mapping[str, str] = field(default_factory=dict)
    forward: tuple[str, ...] = ()

    def holds(self, identifier: str) -> bool:
        """Whether a literal id or ARN can be one of this noun's."""
        return identifier.startswith(self.prefixes)


def implied(urn: str, suffix: str) -> str:
    """The key of an object that exists because another one does."""
    return f"{urn}#{suffix}"


_VPC = "aws:ec2/vpc:Vpc"
_DEFAULT_VPC = "aws:ec2/defaultVpc:DefaultVpc"
_NAT = "aws:ec2/natGateway:NatGateway"
_INSTANCE = "aws:ec2/instance:Instance"
_CLUSTER = "aws:eks/cluster:Cluster"
_TRANSIT_GATEWAY = "aws:ec2transitgateway/transitGateway:TransitGateway"

VPC = Noun("VPC", frozenset({_VPC, _DEFAULT_VPC}), ("vpc-",), forward=("vpcId",))
SUBNET = Noun(
    "subnet",
    frozenset({"aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet"}),
    ("subnet-",),
    forward=("subnetId", "subnetIds"),
)
TABLE = Noun(
    "route table",
    frozenset({"aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable"}),
    ("rtb-",),
    {_VPC: "main-route-table", _DEFAULT_VPC: "main-route-table"},
    ("routeTableId",),
)
SECURITY_GROUP = Noun(
    "security group",
    frozenset(
        {
            "aws:ec2/securityGroup:SecurityGroup",
            "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        }
    ),
    ("sg-",),
    {
        _VPC: "default-security-group",
        _DEFAULT_VPC: "default-security-group",
        _CLUSTER: "cluster-security-group",
    },
    ("securityGroupId", "securityGroupIds"),
)
ACL = Noun(
    "network ACL",
    frozenset({"aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"}),
    ("acl-",),
    {_VPC: "default-network-acl", _DEFAULT_VPC: "default-network-acl"},
    ("networkAclId",),
)
INTERNET_GATEWAY = Noun(
    "internet gateway",
    frozenset({"aws:ec2/internetGateway:InternetGateway"}),
    ("igw-",),
    forward=("internetGatewayId",),
)
EGRESS_ONLY_GATEWAY = Noun(
    "egress-only internet gateway",
    frozenset({"aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"}),
    ("eigw-",),
)
VPN_GATEWAY = Noun(
    "VPN gateway",
    frozenset({"aws:ec2/vpnGateway:VpnGateway"}),
    ("vgw-",),
    forward=("vpnGatewayId",),
)
CARRIER_GATEWAY = Noun(
    "carrier gateway", frozenset({"aws:ec2/carrierGateway:CarrierGateway"}), ("cagw-",)
)
LOCAL_GATEWAY = Noun("local gateway", frozenset(), ("lgw-",))
NAT = Noun("NAT gateway", frozenset({_NAT}), ("nat-",), forward=("natGatewayId",))
INTERFACE = Noun(
    "network interface",
    frozenset({"aws:ec2/networkInterface:NetworkInterface"}),
    ("eni-",),
    {
        _INSTANCE: "primary-interface",
        "aws:ec2/spotInstanceRequest:SpotInstanceRequest": "primary-interface",
    },
    ("networkInterfaceId",),
)
ENDPOINT = Noun(
    "VPC endpoint",
    frozenset({"aws:ec2/vpcEndpoint:VpcEndpoint"}),
    ("vpce-",),
    {"aws:networkfirewall/vpcEndpointAssociation:VpcEndpointAssociation": "endpoint"},
    ("vpcEndpointId",),
)
FIREWALL = Noun(
    "firewall",
    frozenset({"aws:networkfirewall/firewall:Firewall"}),
    (
        "arn:aws:network-firewall:",
        "arn:aws-us-gov:network-firewall:",
        "arn:aws-cn:network-firewall:",
    ),
    forward=("firewallArn",),
)
PREFIX_LIST = Noun(
    "prefix list",
    frozenset({"aws:ec2/managedPrefixList:ManagedPrefixList"}),
    ("pl-",),
    {"aws:ec2/vpcEndpoint:VpcEndpoint": "prefix-list"},
    ("prefixListId",),
)
PEERING = Noun(
    "VPC peering connection",
    frozenset({"aws:ec2/vpcPeeringConnection:VpcPeeringConnection"}),
    ("pcx-",),
    forward=("vpcPeeringConnectionId",),
)
TRANSIT_GATEWAY = Noun(
    "transit gateway",
    frozenset({_TRANSIT_GATEWAY}),
    (
        "tgw-0",
        "tgw-1",
        "tgw-2",
        "tgw-3",
        "tgw-4",
        "tgw-5",
        "tgw-6",
        "tgw-7",
        "tgw-8",
        "tgw-9",
        "tgw-a",
        "tgw-b",
        "tgw-c",
        "tgw-d",
        "tgw-e",
        "tgw-f",
    ),
    forward=("transitGatewayId",),
)
TRANSIT_TABLE = Noun(
    "transit gateway route table",
    frozenset({"aws:ec2transitgateway/routeTable:RouteTable"}),
    ("tgw-rtb-",),
    {_TRANSIT_GATEWAY: "default-route-table"},
    ("transitGatewayRouteTableId",),
)
ATTACHMENT = Noun(
    "transit gateway attachment",
    frozenset(
        {
            "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
            "aws:ec2transitgateway/peeringAttachment:PeeringAttachment",
            "aws:ec2transitgateway/connect:Connect",
        }
    ),
    ("tgw-attach-",),
    {
        "aws:ec2/vpnConnection:VpnConnection": "attachment",
        "aws:directconnect/gatewayAssociation:GatewayAssociation": "attachment",
        "aws:networkfirewall/firewall:Firewall": "attachment",
    },
    ("transitGatewayAttachmentId",),
)
CORE_NETWORK = Noun(
    "core network",
    frozenset({"aws:networkmanager/coreNetwork:CoreNetwork"}),
    ("core-network-", "arn:aws:networkmanager:", "arn:aws-us-gov:networkmanager:"),
    forward=("coreNetworkId", "coreNetworkArn"),
)
ZONE = Noun(
    "hosted zone", frozenset({"aws:route53/zone:Zone"}), ("Z",), forward=("zoneId", "hostedZoneId")
)
RESOLVER_RULE = Noun(
    "resolver rule",
    frozenset({"aws:route53/resolverRule:ResolverRule"}),
    ("rslvr-rr-",),
    forward=("resolverRuleId",),
)
PROFILE = Noun(
    "Route 53 profile",
    frozenset({"aws:route53/profilesProfile:ProfilesProfile"}),
    ("rp-",),
    forward=("profileId",),
)
DHCP_OPTIONS = Noun(
    "DHCP options set",
    frozenset(
        {
            "aws:ec2/vpcDhcpOptions:VpcDhcpOptions",
            "aws:ec2/defaultVpcDhcpOptions:DefaultVpcDhcpOptions",
        }
    ),
    ("dopt-",),
    forward=("dhcpOptionsId",),
)
EKS_CLUSTER = Noun("EKS cluster", frozenset({_CLUSTER}), forward=("clusterName",))
LAUNCH_TEMPLATE = Noun(
    "launch template", frozenset({"aws:ec2/launchTemplate:LaunchTemplate"}), ("lt-",)
)

AUTOSCALING_GROUP = Noun("Auto Scaling group", frozenset({"aws:autoscaling/group:Group"}))
CAPACITY_PROVIDER = Noun(
    "capacity provider", frozenset({"aws:ecs/capacityProvider:CapacityProvider"})
)
ECS_CLUSTER = Noun("ECS cluster", frozenset({"aws:ecs/cluster:Cluster"}))
TASK_DEFINITION = Noun("task definition", frozenset({"aws:ecs/taskDefinition:TaskDefinition"}))

#: Those whose literal ids tell by themselves what they name.
NOUNS = (
    VPC,
    SUBNET,
    TABLE,
    SECURITY_GROUP,
    ACL,
    INTERNET_GATEWAY,
    EGRESS_ONLY_GATEWAY,
    VPN_GATEWAY,
    CARRIER_GATEWAY,
    NAT,
    INTERFACE,
    ENDPOINT,
    FIREWALL,
    PREFIX_LIST,
    PEERING,
    TRANSIT_GATEWAY,
    TRANSIT_TABLE,
    ATTACHMENT,
    CORE_NETWORK,
    ZONE,
    RESOLVER_RULE,
    PROFILE,
    DHCP_OPTIONS,
    LAUNCH_TEMPLATE,
)

#: Accepters stand for the object they accept: their id is its id. Type to (noun, its input).
ACCEPTERS: Mapping[str, tuple[Noun, str]] = {
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": (
        PEERING,
        "vpcPeeringConnectionId",
    ),
    "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions": (
        PEERING,
        "vpcPeeringConnectionId",
    ),
    "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter": (
        ATTACHMENT,
        "transitGatewayAttachmentId",
    ),
    "aws:ec2transitgateway/peeringAttachmentAccepter:PeeringAttachmentAccepter": (
        ATTACHMENT,
        "transitGatewayAttachmentId",
    ),
    "aws:networkfirewall/firewallTransitGatewayAttachmentAccepter:"
    "FirewallTransitGatewayAttachmentAccepter": (ATTACHMENT, "transitGatewayAttachmentId"),
}

#: Resources whose outputs can hold any id at all: what is computed from them is not traceable.
PRODUCERS = frozenset(
    {
        "pulumi:pulumi:StackReference",
        "aws:cloudformation/stack:Stack",
        "aws:cloudformation/stackSet:StackSet",
        "aws:cloudcontrol/resource:Resource",
        "aws:lambda/invocation:Invocation",
        "aws:ssm/parameter:Parameter",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:servicecatalog/provisionedProduct:ProvisionedProduct",
        "aws:ram/resourceShareAccepter:ResourceShareAccepter",
    }
)
