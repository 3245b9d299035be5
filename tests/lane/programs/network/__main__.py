"""A component, an explicit provider, nested unknowns, options, a secret and exports."""

from typing import Any

import pulumi
import pulumi_aws as aws


class Pair(pulumi.ComponentResource):
    """Two subnets."""

    def __init__(self, name: str, vpc: aws.ec2.Vpc, opts: pulumi.ResourceOptions) -> None:
        super().__init__("test:index:Pair", name, {}, opts)
        self.subnets = [
            aws.ec2.Subnet(
                f"{name}-{zone}",
                vpc_id=vpc.id,
                cidr_block=f"10.0.{number}.0/24",
                opts=pulumi.ResourceOptions(parent=self),
            )
            for number, zone in enumerate("ab")
        ]
        self.register_outputs({"subnetIds": [subnet.id for subnet in self.subnets]})


ireland = aws.Provider("ireland", region="eu-west-1")
vpc = aws.ec2.Vpc(
    "main",
    cidr_block="10.0.0.0/16",
    tags={"Token": pulumi.Output.secret("hush")},
    opts=pulumi.ResourceOptions(
        protect=True,
        ignore_changes=["enable_dns_support"],
        custom_timeouts=pulumi.CustomTimeouts(create="1h30m"),
    ),
)
pair = Pair("app", vpc, pulumi.ResourceOptions(depends_on=[vpc]))
gateway = aws.ec2.InternetGateway("main", vpc_id=vpc.id)
table = aws.ec2.RouteTable(
    "main",
    vpc_id=vpc.id,
    routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id, "nat_gateway_id": None}],
    opts=pulumi.ResourceOptions(depends_on=[pair]),
)
endpoint = aws.ec2.VpcEndpoint(
    "s3",
    vpc_id=vpc.id,
    service_name="com.amazonaws.eu-west-1.s3",
    route_table_ids=[table.id],
    opts=pulumi.ResourceOptions(provider=ireland),
)
trust: Any = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}],
}
role = aws.iam.Role("role", assume_role_policy=trust)
pulumi.export("vpcId", vpc.id)
pulumi.export("block", vpc.cidr_block)
pulumi.export("policy", role.assume_role_policy)
