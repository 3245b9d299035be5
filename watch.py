"""What watches the reference stack while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from privatelane import Observability

if TYPE_CHECKING:
    from privatelane import Endpoints, Network, ObservabilityArgs

__all__ = ["watch"]


def watch(settings: ObservabilityArgs, network: Network, endpoints: Endpoints) -> dict[str, Any]:
    """Watch the network and return what there is to look at."""
    observability = Observability(
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
