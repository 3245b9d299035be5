"""A remote component, and a subnet whose network it makes."""

import pulumi
import pulumi_aws as aws


class Vpc(pulumi.ComponentResource):
    """As the SDK of awsx declares it."""

    vpc_id: pulumi.Output[str]

    def __init__(self, name: str) -> None:
        super().__init__("awsx:ec2:Vpc", name, {"vpc_id": None}, None, remote=True)


network = Vpc("hidden")
aws.ec2.Subnet("visible", vpc_id=network.vpc_id, cidr_block="10.0.0.0/24")
