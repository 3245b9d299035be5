"""What watches the reference stack while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import privatelane

if TYPE_CHECKING:
    import pulumi

__all__ = ["look_inside", "watch"]


def watch(
    settings: privatelane.ObservabilityArgs,
    network: privatelane.Network,
    endpoints: privatelane.Endpoints,
) -> dict[str, Any]:
    """Watch the network and return what there is to look at."""
    observability = privatelane.Observability(
        "observability",
        {
            **settings,
            "vpc_id": network.vpc_id,
            "nat_gateway_ids": network.nat_gateways,
            "endpoint_ids": endpoints.ids,
            "flow_log_group": network.flow_log_group,
        },
    )
    return {
        "alarms": observability.alarm_arns,
        "dashboard": observability.dashboard_name,
        "queries": observability.query_ids,
    }


def look_inside(
    settings: privatelane.EndpointCanaryArgs,
    cluster_arn: pulumi.Output[str],
    network: privatelane.Network,
    endpoints: privatelane.Endpoints,
) -> pulumi.Output[Any]:
    """Make the task that looks at the endpoints and return what `lane canary` needs to run it."""
    canary = privatelane.EndpointCanary(
        "canary",
        {
            **settings,
            "cluster_arn": cluster_arn,
            "vpc_id": network.vpc_id,
            "vpc_cidr_blocks": network.cidr_blocks,
            "subnet_ids": network.subnets,
            "egress": network.egress_by_group,
            "private_services": endpoints.private_services_by_group,
            "endpoint_security_group_id": endpoints.security_group_id,
            "prefix_list_ids": endpoints.prefix_lists,
        },
    )
    return canary.run
