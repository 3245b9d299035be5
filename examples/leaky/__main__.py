"""
The dev network as most people start it: everything private leaves through one NAT gateway.

It works, and every image layer is billed by the gigabyte.
`lane preview --program examples/leaky` refuses it and says which endpoints are missing.
"""

import json

import pulumi
import pulumi_aws as aws

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/vinashoes:1.0.0"

vpc = aws.ec2.Vpc(
    "vinashoes",
    cidr_block="10.0.0.0/16",
    enable_dns_support=True,
    enable_dns_hostnames=True,
)
internet = aws.ec2.InternetGateway("internet", vpc_id=vpc.id)

public_routes = aws.ec2.RouteTable(
    "public",
    vpc_id=vpc.id,
    routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": internet.id}],
)
public = {}
private = {}
for number, zone in enumerate(["us-east-1a", "us-east-1b"]):
    public[zone] = aws.ec2.Subnet(
        f"public-{zone}",
        vpc_id=vpc.id,
        cidr_block=f"10.0.{number}.0/24",
        availability_zone=zone,
        map_public_ip_on_launch=True,
    )
    aws.ec2.RouteTableAssociation(
        f"public-{zone}", subnet_id=public[zone].id, route_table_id=public_routes.id
    )
    private[zone] = aws.ec2.Subnet(
        f"private-{zone}",
        vpc_id=vpc.id,
        cidr_block=f"10.0.{number + 10}.0/24",
        availability_zone=zone,
    )

address = aws.ec2.Eip("nat", domain="vpc")
nat = aws.ec2.NatGateway(
    "nat",
    allocation_id=address.id,
    subnet_id=public["us-east-1a"].id,
    opts=pulumi.ResourceOptions(depends_on=[internet]),
)
for zone, subnet in private.items():
    routes = aws.ec2.RouteTable(f"private-{zone}", vpc_id=vpc.id)
    aws.ec2.Route(
        f"private-{zone}",
        route_table_id=routes.id,
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id=nat.id,
    )
    aws.ec2.RouteTableAssociation(f"private-{zone}", subnet_id=subnet.id, route_table_id=routes.id)

logs = aws.cloudwatch.LogGroup("vinashoes", retention_in_days=30)
execution_role = aws.iam.Role(
    "execution",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
    managed_policy_arns=["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"],
)
task = aws.ecs.TaskDefinition(
    "vinashoes",
    family="vinashoes",
    requires_compatibilities=["FARGATE"],
    network_mode="awsvpc",
    cpu="256",
    memory="512",
    execution_role_arn=execution_role.arn,
    container_definitions=pulumi.Output.json_dumps(
        [
            {
                "name": "web",
                "image": IMAGE,
                "portMappings": [{"containerPort": 8080}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": logs.name,
                        "awslogs-region": "us-east-1",
                        "awslogs-stream-prefix": "web",
                    },
                },
            }
        ]
    ),
)
web = aws.ec2.SecurityGroup(
    "web",
    vpc_id=vpc.id,
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
)
cluster = aws.ecs.Cluster("vinashoes")
aws.ecs.Service(
    "vinashoes",
    cluster=cluster.arn,
    task_definition=task.arn,
    desired_count=2,
    launch_type="FARGATE",
    network_configuration={
        "subnets": [subnet.id for subnet in private.values()],
        "security_groups": [web.id],
    },
)

pulumi.export("vpc_id", vpc.id)
