"""One VPC, with the block that the tiny pack forbids."""

import pulumi_aws as aws

aws.ec2.Vpc("main", cidr_block="10.66.0.0/16")
