"""Tags everything by a stack transform, and changes one resource by its own."""

from typing import Any

import pulumi
import pulumi_aws as aws


def tag(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """What the stack's transform does."""
    if args.type_.startswith("aws:ec2/"):
        props: dict[str, Any] = {**args.props}
        props["tags"] = {**props.get("tags", {}), "Team": "network"}
        return pulumi.ResourceTransformResult(props, args.opts)
    return None


async def widen(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
    """What the resource's own transform does."""
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
    return pulumi.ResourceTransformResult({**args.props, "cidrBlock": "10.0.0.0/8"}, opts)


pulumi.runtime.register_resource_transform(tag)
vpc = aws.ec2.Vpc(
    "main",
    cidr_block="10.0.0.0/16",
    tags={"Name": "main"},
    opts=pulumi.ResourceOptions(transforms=[widen]),
)
subnet = aws.ec2.Subnet("main", vpc_id=vpc.id, cidr_block="10.0.0.0/24")
pulumi.export("block", vpc.cidr_block)
