"""A stack with one of every kind of resource that facts are read from, all of it decided."""

from __future__ import annotations

import json

from tests.programs import Made, Out, Program
from tests.rules.networks import IMAGE, Net

__all__ = ["world"]


def world() -> Program:
    """Two networks with everything between and around them."""
    net = Net(vpc_args={"enableDnsSupport": True}).endpoints()
    other = Net(name="other", cidr="10.1.0.0/16", program=net.program, nat=False)
    _spellings(net)
    _connections(net, other)
    _names(net)
    _filters(net)
    _workloads(net)
    return net.program


def _spellings(net: Net) -> None:
    """The second spelling of what the network has inline, and what comes with a VPC."""
    add = net.program.add
    vpc = add(
        "aws:ec2/vpc:Vpc",
        "adopted",
        {"cidrBlock": "10.2.0.0/16", "assignGeneratedIpv6CidrBlock": False},
        outputs={
            "defaultRouteTableId": "rtb-0default",
            "mainRouteTableId": "rtb-0default",
            "defaultSecurityGroupId": "sg-0default",
            "defaultNetworkAclId": "acl-0default",
        },
    )
    add(
        "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
        "more",
        {"vpcId": vpc.id, "cidrBlock": "100.64.0.0/16"},
    )
    add(
        "aws:ec2/defaultRouteTable:DefaultRouteTable",
        "adopted",
        {"defaultRouteTableId": vpc.defaultRouteTableId, "routes": []},
        identifier="rtb-0default",
    )
    add(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "adopted",
        {"vpcId": vpc.id, "ingress": []},
        identifier="sg-0default",
    )
    add(
        "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
        "adopted",
        {"defaultNetworkAclId": vpc.defaultNetworkAclId},
        identifier="acl-0default",
    )
    second = add("aws:ec2/routeTable:RouteTable", "second", {"vpcId": vpc.id})
    add(
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
        "second",
        {"vpcId": vpc.id, "routeTableId": second.id},
    )
    endpoint = add(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "late",
        {
            "vpcId": net.vpc.id,
            "serviceName": "com.amazonaws.us-east-1.logs",
            "vpcEndpointType": "Interface",
        },
    )
    add(
        "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation",
        "late",
        {"vpcEndpointId": endpoint.id, "subnetId": net.private["a"].id},
    )
    add(
        "aws:ec2/securityGroupAssociation:SecurityGroupAssociation",
        "late",
        {
            "vpcEndpointId": endpoint.id,
            "securityGroupId": net.group.id,
            "replaceDefaultAssociation": True,
        },
    )
    add(
        "aws:vpc/endpointPrivateDns:EndpointPrivateDns",
        "late",
        {"vpcEndpointId": endpoint.id, "privateDnsEnabled": True},
    )
    add(
        "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
        "late",
        {"vpcEndpointId": endpoint.id, "policy": '{"Statement": []}'},
    )
    gateway = add("aws:ec2/internetGateway:InternetGateway", "loose", {})
    add(
        "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
        "loose",
        {"internetGatewayId": gateway.id, "vpcId": vpc.id},
    )
    add("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "v6", {"vpcId": vpc.id})
    add("aws:ec2/natGateway:NatGateway", "regional",
        {"availabilityMode": "regional", "vpcId": net.vpc.id})  # fmt: skip


def _connections(net: Net, other: Net) -> None:
    add = net.program.add
    peering = add(
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        "peering",
        {"vpcId": net.vpc.id, "peerVpcId": other.vpc.id},
    )
    add(
        "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
        "peering",
        {"vpcPeeringConnectionId": peering.id, "autoAccept": True},
        identifier=str(peering.id.value),
    )
    hub = add(
        "aws:ec2transitgateway/transitGateway:TransitGateway",
        "hub",
        {"defaultRouteTableAssociation": "disable"},
        outputs={"associationDefaultRouteTableId": "tgw-rtb-0default"},
    )
    attachments: list[Made] = [
        add(
            "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
            one.name,
            {
                "transitGatewayId": hub.id,
                "vpcId": one.vpc.id,
                "subnetIds": [subnet.id for subnet in one.private.values()],
            },
        )
        for one in (net, other)
    ]
    table = add(
        "aws:ec2transitgateway/routeTable:RouteTable", "spokes", {"transitGatewayId": hub.id}
    )
    for place, attachment in enumerate(attachments):
        reference = {
            "transitGatewayAttachmentId": attachment.id,
            "transitGatewayRouteTableId": table.id,
        }
        add("aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation", f"a{place}",
            reference)  # fmt: skip
        add("aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation", f"p{place}",
            reference)  # fmt: skip
    add(
        "aws:ec2transitgateway/route:Route",
        "out",
        {
            "destinationCidrBlock": "0.0.0.0/0",
            "transitGatewayAttachmentId": attachments[0].id,
            "transitGatewayRouteTableId": table.id,
        },
    )
    add(
        "aws:ec2transitgateway/route:Route",
        "hole",
        {
            "destinationCidrBlock": "192.168.0.0/16",
            "blackhole": True,
            "transitGatewayRouteTableId": hub.associationDefaultRouteTableId,
        },
    )
    listed = add(
        "aws:ec2/managedPrefixList:ManagedPrefixList",
        "office",
        {"entries": [{"cidr": "203.0.113.0/24"}]},
    )
    add("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry", "office",
        {"prefixListId": listed.id, "cidr": "198.51.100.0/24"})  # fmt: skip
    add(
        "aws:ec2/route:Route",
        "office",
        {
            "routeTableId": other.table.id,
            "destinationPrefixListId": listed.id,
            "transitGatewayId": hub.id,
        },
    )
    private = add("aws:ec2/vpnGateway:VpnGateway", "vpn", {"vpcId": other.vpc.id})
    add(
        "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
        "vpn",
        {"vpnGatewayId": private.id, "routeTableId": other.table.id},
    )


def _names(net: Net) -> None:
    add = net.program.add
    options = add(
        "aws:ec2/vpcDhcpOptions:VpcDhcpOptions", "own", {"domainNameServers": ["10.0.0.2"]}
    )
    add(
        "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation",
        "own",
        {"vpcId": net.vpc.id, "dhcpOptionsId": options.id},
    )
    zone = add(
        "aws:route53/zone:Zone",
        "ecr",
        {"name": "dkr.ecr.us-east-1.amazonaws.com", "vpcs": [{"vpcId": net.vpc.id}]},
        identifier="Z0001",
    )
    endpoint = next(one.made for one in net.program.entries if one.name == "ecr.dkr")
    add(
        "aws:route53/record:Record",
        "ecr",
        {
            "zoneId": zone.id,
            "name": "*",
            "type": "A",
            "aliases": [
                {
                    "name": Out(
                        f"{endpoint.id.value}-x.dkr.ecr.us-east-1.vpce.amazonaws.com",
                        (endpoint.urn,),
                    ),
                    "zoneId": "Z0002",
                }
            ],
        },
    )
    rule = add(
        "aws:route53/resolverRule:ResolverRule",
        "corp",
        {"domainName": "corp.example.", "ruleType": "FORWARD"},
    )
    add(
        "aws:route53/resolverRuleAssociation:ResolverRuleAssociation",
        "corp",
        {"resolverRuleId": rule.id, "vpcId": net.vpc.id},
    )


def _filters(net: Net) -> None:
    add = net.program.add
    acl = add(
        "aws:ec2/networkAcl:NetworkAcl",
        "private",
        {
            "vpcId": net.vpc.id,
            "subnetIds": [net.private["a"].id],
            "ingress": [
                {
                    "ruleNo": 100,
                    "action": "allow",
                    "protocol": "-1",
                    "cidrBlock": "0.0.0.0/0",
                    "fromPort": 0,
                    "toPort": 0,
                }
            ],
        },
    )
    add(
        "aws:ec2/networkAclRule:NetworkAclRule",
        "out",
        {
            "networkAclId": acl.id,
            "ruleNumber": 110,
            "egress": True,
            "ruleAction": "deny",
            "protocol": "tcp",
            "cidrBlock": "0.0.0.0/0",
            "fromPort": 443,
            "toPort": 443,
        },
    )
    add(
        "aws:ec2/networkAclAssociation:NetworkAclAssociation",
        "private",
        {"networkAclId": acl.id, "subnetId": net.private["b"].id},
    )
    add(
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "old",
        {
            "securityGroupId": net.group.id,
            "type": "egress",
            "protocol": "-1",
            "fromPort": 0,
            "toPort": 0,
            "cidrBlocks": ["0.0.0.0/0"],
        },
    )
    add(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "new",
        {
            "securityGroupId": net.group.id,
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "referencedSecurityGroupId": net.group.id,
        },
    )
    firewall = add(
        "aws:networkfirewall/firewall:Firewall",
        "wall",
        {
            "vpcId": net.vpc.id,
            "subnetMappings": [{"subnetId": one.id} for one in net.public.values()],
        },
    )
    del firewall
    instance = add(
        "aws:ec2/instance:Instance",
        "fck-nat",
        {"subnetId": net.public["a"].id, "sourceDestCheck": False},
        outputs={"primaryNetworkInterfaceId": "eni-0primary"},
    )
    add(
        "aws:ec2/route:Route",
        "by-instance",
        {
            "routeTableId": net.table.id,
            "destinationCidrBlock": "198.18.0.0/15",
            "networkInterfaceId": instance.primaryNetworkInterfaceId,
        },
    )
    add(
        "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
        "off",
        {"internetGatewayBlockMode": "block-ingress"},
    )
    add(
        "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion",
        "main",
        {"vpcId": net.vpc.id, "internetGatewayExclusionMode": "allow-bidirectional"},
    )


def _workloads(net: Net) -> None:
    add = net.program.add
    net.service(
        containers=[
            {
                "image": IMAGE,
                "logConfiguration": {"logDriver": "awslogs"},
                "secrets": [{"valueFrom": "arn:aws:secretsmanager:us-east-1:1:secret:x"}],
            }
        ],
        assignPublicIp=False,
    )
    cluster = add(
        "aws:eks/cluster:Cluster",
        "eks",
        {"name": "eks", "vpcConfig": {"subnetIds": [net.private["a"].id]}},
        identifier="eks",
    )
    add(
        "aws:eks/nodeGroup:NodeGroup",
        "nodes",
        {"clusterName": cluster.id, "subnetIds": [one.id for one in net.private.values()]},
    )
    add(
        "aws:eks/fargateProfile:FargateProfile",
        "system",
        {"clusterName": cluster.id, "subnetIds": [net.private["a"].id]},
    )
    template = add(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "ecs",
        {"vpcSecurityGroupIds": [net.group.id]},
        identifier="lt-0001",
    )
    scaling = add(
        "aws:autoscaling/group:Group",
        "ecs",
        {
            "vpcZoneIdentifiers": [one.id for one in net.private.values()],
            "launchTemplate": {"id": template.id},
        },
        outputs={"arn": "arn:aws:autoscaling:us-east-1:1:autoScalingGroup:x"},
    )
    provider = add(
        "aws:ecs/capacityProvider:CapacityProvider",
        "ecs",
        {"name": "ecs", "autoScalingGroupProvider": {"autoScalingGroupArn": scaling.arn}},
    )
    task = add(
        "aws:ecs/taskDefinition:TaskDefinition",
        "batch",
        {"family": "batch", "containerDefinitions": json.dumps([{"image": "nginx"}])},
        outputs={"arn": "arn:aws:ecs:us-east-1:1:task-definition/batch:1"},
    )
    add(
        "aws:ecs/service:Service",
        "batch",
        {
            "taskDefinition": task.arn,
            "enableExecuteCommand": True,
            "capacityProviderStrategies": [{"capacityProvider": provider.name}],
        },
    )
    add(
        "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
        "hub",
        {"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "registry-1.docker.io"},
    )
