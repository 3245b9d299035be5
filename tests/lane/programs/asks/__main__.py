"""Asks the account in all ways in which programs do."""

import json

import pulumi
import pulumi_aws as aws

region = aws.get_region()
partition = aws.get_partition_output()
zones = aws.get_availability_zones(state="available")
caller = aws.get_caller_identity()
default_vpc = aws.ec2.get_vpc(default=True)
subnets = aws.ec2.get_subnets(filters=[{"name": "vpc-id", "values": [default_vpc.id]}])
document = aws.iam.get_policy_document(
    statements=[
        {
            "actions": ["s3:GetObject", "s3:ListBucket"],
            "principals": [{"type": "AWS", "identifiers": ["*"]}],
            "resources": ["*"],
        }
    ]
)
other = aws.get_region_output(
    opts=pulumi.InvokeOutputOptions(provider=aws.Provider("sydney", region="ap-southeast-2"))
)

for zone in zones.names:
    aws.ec2.Subnet(
        f"zone-{zone}", vpc_id=default_vpc.id, cidr_block="10.0.0.0/24", availability_zone=zone
    )
aws.ec2.Subnet("by-id", vpc_id=default_vpc.id, availability_zone_id=zones.zone_ids[2])
aws.ec2.SecurityGroup("default", vpc_id=default_vpc.id, description=f"in {default_vpc.id}")
aws.lb.LoadBalancer("all", subnets=subnets.ids, name="all")
aws.ecr.RepositoryPolicy(
    "images",
    repository="web",
    policy=json.dumps({"Principal": f"arn:aws:iam::{caller.account_id}:root"}),
)
pulumi.export("region", region.region)
pulumi.export("other", other.region)
pulumi.export("partition", partition.partition)
pulumi.export("zone", aws.get_availability_zones_output().names[0])
pulumi.export("account", aws.get_caller_identity_output().account_id)
pulumi.export("document", document.json)
