"""The dashboard of a network."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import TypedDict

from privatelane.observability._metrics import Joined


class BytePricesArgs(TypedDict):
    """What a gigabyte costs, for the estimate on the dashboard."""

    nat_gigabyte_usd: float
    """US dollars for a decimal gigabyte that a NAT gateway processes, whichever direction."""
    endpoint_gigabyte_usd: float
    """US dollars for a decimal gigabyte that an interface endpoint processes."""


def make_dashboard(
    name: str, body: Mapping[str, Any], parent: pulumi.Resource, region: Optional[str]
) -> "aws.cloudwatch.Dashboard":
    """Register a dashboard with that body.

    Names of dashboards are the account's, whatever the Region, and have no periods.
    """
    full_name = f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}".replace(".", "-")
    return aws.cloudwatch.Dashboard(
        f"{name}-dashboard",
        dashboard_name=full_name,
        dashboard_body=pulumi.Output.json_dumps(together(body)),
        region=region,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def together(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value with its `Joined` texts put together, as Outputs where a part is one."""
    if isinstance(value, Joined):
        if any(isinstance(part, pulumi.Output) for part in value.parts):
            return pulumi.Output.concat(*value.parts)
        return "".join(value.parts)
    if isinstance(value, Mapping):
        return {key: together(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [together(item) for item in value]
    return value
