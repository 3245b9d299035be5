"""
Endpoints and a service for a VPC that somebody else made.

The network team hands over ids; the S3 gateway endpoint is there already, on other route tables.
It is adopted: our tables are added to it, and nothing of theirs is replaced.
"""

import pulumi

from privatelane import Endpoints, FargateCluster, FargateService, FargateTaskArgs, needs_of

VPC = "vpc-0a1b2c3d4e5f60718"
SUBNETS = {"app/euw1-az1": "subnet-0aaaaaaaaaaaaaaa1", "app/euw1-az2": "subnet-0aaaaaaaaaaaaaaa2"}
TABLES = {"app/euw1-az1": "rtb-0bbbbbbbbbbbbbbb1", "app/euw1-az2": "rtb-0bbbbbbbbbbbbbbb2"}
RANGES = {"app/euw1-az1": "10.8.0.0/22", "app/euw1-az2": "10.8.4.0/22"}
EGRESS = {"app": "none"}

task: FargateTaskArgs = {
    "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:7",
    "port": 8080,
    "secrets": {
        "TOKEN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders/token-AbCdEf",
    },
}

endpoints = Endpoints(
    "orders",
    {
        "vpc_id": VPC,
        "subnet_ids": SUBNETS,
        "route_table_ids": TABLES,
        "subnet_cidrs": RANGES,
        "egress": EGRESS,
        "needs": {"app": needs_of(task)},
        "adopt": {"s3": "vpce-0123456789abcdef0"},
    },
)
cluster = FargateCluster("orders", {})
FargateService(
    "orders",
    {
        "cluster_arn": cluster.cluster_arn,
        "vpc_id": VPC,
        "group": "app",
        "subnet_ids": SUBNETS,
        "egress": EGRESS,
        "private_services": endpoints.private_services_by_group,
        "endpoint_security_group_id": endpoints.security_group_id,
        "prefix_list_ids": endpoints.prefix_lists,
        "task": task,
    },
    pulumi.ResourceOptions(depends_on=[endpoints]),
)

pulumi.export("endpoints", endpoints.reasons)
