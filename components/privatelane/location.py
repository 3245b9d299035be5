"""Where the resources of a component live: the parts that their ARNs share."""

from dataclasses import dataclass
from typing import Optional

import pulumi
import pulumi_aws as aws

from privatelane._services import partition


@dataclass(frozen=True, slots=True)
class Location:
    """One account in one region."""

    region: pulumi.Input[str]
    account: pulumi.Output[str]

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the ARN of a resource here, which may end in a wildcard."""
        return pulumi.Output.all(self.region, self.account, resource).apply(
            lambda known: f"arn:{partition(known[0])}:{service}:{':'.join(known)}"
        )

    def managed_policy(self, name: str) -> pulumi.Input[str]:
        """Return the ARN of an AWS managed policy, by the end of it."""

        def arn(region: str) -> str:
            return f"arn:{partition(region)}:iam::aws:policy/{name}"

        if isinstance(self.region, str):
            return arn(self.region)
        return pulumi.Output.all(self.region).apply(lambda known: arn(known[0]))


def location_of(parent: pulumi.Resource, region: Optional[str]) -> Location:
    """Return where the provider of `parent` creates resources.

    `region` is what the caller says of it; AWS is asked where nothing is said. The answers are
    known in previews, unlike anything read from a resource that is yet to be created.
    """
    opts = pulumi.InvokeOutputOptions(parent=parent)
    return Location(
        region=region or aws.get_region_output(opts=opts).region,
        account=aws.get_caller_identity_output(opts=opts).account_id,
    )
