"""Reads what others made: by id, from another stack, and by a method of a resource."""

import pulumi
import pulumi_aws as aws
from pulumi.runtime.resource import exists_resource

vpc = aws.ec2.Vpc.get("shared", "vpc-0123")
other = pulumi.StackReference("organization/network/dev")
aws.ec2.Subnet("read", vpc_id=vpc.id, cidr_block=vpc.cidr_block)
aws.ec2.Subnet("referenced", vpc_id=other.get_output("vpcId"), cidr_block="10.0.1.0/24")
there = exists_resource(None, "aws:ec2/vpc:Vpc", "vpc-0123", {}, pulumi.ResourceOptions())
pulumi.export("there", there)
called = pulumi.runtime.call("test:index:Thing/ask", {"of": vpc.id})
aws.ec2.Subnet("called", vpc_id=called["vpcId"], cidr_block="10.0.2.0/24")
aws.ec2.Subnet("imported", vpc_id="vpc-1", opts=pulumi.ResourceOptions(import_="subnet-1"))
