"""The network most tests start from: one VPC, public and private subnets, and a NAT gateway."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.programs import Made, Program

__all__ = ["EVERYBODY", "IMAGE", "LIMITED", "Net"]

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
NAT = "aws:ec2/natGateway:NatGateway"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUP = "aws:ec2/securityGroup:SecurityGroup"

#: An image in the account's own registry, in the region of every test.
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1"
#: A policy that allows everybody everything, as AWS's default one does.
EVERYBODY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'
#: A policy that names an organisation and lets the layer bucket through: nobody finds fault.
LIMITED = (
    '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",'
    ' "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},'
    ' {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",'
    ' "Resource": "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"}]}'
)


@dataclass
class Net:
    """A program that grows part by part; every part has sensible defaults.

    Private subnets are `a` and `b`, one a zone, each on the table `private`, whose default route
    leads to a NAT gateway in the public subnet of zone a.
    """

    zones: Sequence[str] = ("a", "b")
    nat: bool = True
    cidr: str = "10.0.0.0/16"
    name: str = "main"
    program: Program = field(default_factory=Program)
    vpc_args: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        add, prefix = self.program.add, "" if self.name == "main" else f"{self.name}-"
        network = self.cidr.split(".")
        self.vpc = add(
            VPC, self.name, {"cidrBlock": self.cidr, "enableDnsHostnames": True, **self.vpc_args}
        )
        self.gateway = add(GATEWAY, f"{prefix}internet", {"vpcId": self.vpc.id})
        self.public_table = add(
            TABLE,
            f"{prefix}public",
            {
                "vpcId": self.vpc.id,
                "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": self.gateway.id}],
            },
        )
        self.table = add(TABLE, f"{prefix}private", {"vpcId": self.vpc.id})
        self.public: dict[str, Made] = {}
        self.private: dict[str, Made] = {}
        for place, zone in enumerate(self.zones):
            for kind, subnets, table, number in (
                ("public", self.public, self.public_table, place),
                ("private", self.private, self.table, 128 + place),
            ):
                subnets[zone] = subnet = add(
                    SUBNET,
                    f"{prefix}{kind}-{zone}",
                    {
                        "vpcId": self.vpc.id,
                        "cidrBlock": f"{network[0]}.{network[1]}.{number}.0/24",
                        "availabilityZone": f"us-east-1{zone}",
                    },
                )
                add(
                    ASSOCIATION,
                    f"{prefix}{kind}-{zone}",
                    {"subnetId": subnet.id, "routeTableId": table.id},
                )
        if self.nat:
            self.nat_gateway = add(NAT, f"{prefix}nat", {"subnetId": self.public[self.zones[0]].id})
            add(
                ROUTE,
                f"{prefix}out",
                {
                    "routeTableId": self.table.id,
                    "destinationCidrBlock": "0.0.0.0/0",
                    "natGatewayId": self.nat_gateway.id,
                },
            )
        self.group = add(
            GROUP,
            f"{prefix}endpoints",
            {
                "vpcId": self.vpc.id,
                "ingress": [
                    {
                        "protocol": "tcp",
                        "fromPort": 443,
                        "toPort": 443,
                        "cidrBlocks": [self.cidr],
                    }
                ],
            },
        )

    def interface(self, service: str, **args: Any) -> Made:
        """An interface endpoint in every private subnet, with private DNS."""
        return self.program.add(
            ENDPOINT,
            service,
            {
                "vpcId": self.vpc.id,
                "serviceName": f"com.amazonaws.us-east-1.{service}",
                "vpcEndpointType": "Interface",
                "privateDnsEnabled": True,
                "subnetIds": [subnet.id for subnet in self.private.values()],
                "securityGroupIds": [self.group.id],
                "policy": LIMITED,
                **args,
            },
        )

    def s3(self, **args: Any) -> Made:
        """A gateway endpoint for S3 on the private table."""
        return self.program.add(
            ENDPOINT,
            "s3",
            {
                "vpcId": self.vpc.id,
                "serviceName": "com.amazonaws.us-east-1.s3",
                "routeTableIds": [self.table.id],
                "policy": LIMITED,
                **args,
            },
        )

    def endpoints(self) -> Net:
        """The three endpoints of an image pull."""
        self.interface("ecr.api")
        self.interface("ecr.dkr")
        self.s3()
        return self

    def service(
        self,
        image: str = IMAGE,
        name: str = "app",
        subnets: Sequence[Made] = (),
        containers: object = None,
        **network: Any,
    ) -> Made:
        """A Fargate service in the private subnets, with a task definition of one container."""
        if containers is None:
            containers = [{"image": image}]
        text = json.dumps(containers) if isinstance(containers, list) else containers
        task = self.program.add(
            "aws:ecs/taskDefinition:TaskDefinition",
            name,
            {"family": name, "containerDefinitions": text, "requiresCompatibilities": ["FARGATE"]},
            outputs={"arn": f"arn:aws:ecs:us-east-1:123456789012:task-definition/{name}:1"},
        )
        group = self.program.add(
            GROUP,
            f"{name}-tasks",
            {
                "vpcId": self.vpc.id,
                "egress": [
                    {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}
                ],
            },
        )
        chosen = subnets or list(self.private.values())
        return self.program.add(
            "aws:ecs/service:Service",
            name,
            {
                "launchType": "FARGATE",
                "taskDefinition": task.arn,
                "networkConfiguration": {
                    "subnets": [one.id for one in chosen],
                    "securityGroups": [group.id],
                    **network,
                },
            },
        )

    def flow_log(self) -> Net:
        """A flow log on the VPC."""
        self.program.add("aws:ec2/flowLog:FlowLog", f"{self.name}-log", {"vpcId": self.vpc.id})
        return self
