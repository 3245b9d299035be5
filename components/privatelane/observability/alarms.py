"""The alarms of a network's NAT gateways and interface endpoints."""

from collections.abc import Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._tags import Tags, tagged
from privatelane.observability._alarms import PlannedAlarm, Term
from privatelane.observability._metrics import Joined, Metric
from privatelane.observability.dashboard import together


class NetworkAlarmsArgs(TypedDict):
    """Above what the network's alarms go off."""

    nat_gigabytes_per_hour: NotRequired[float]
    """Decimal gigabytes that each NAT gateway may process in an hour, both directions; of a
    regional one, in each direction. Defaults to no such alarm."""
    nat_gigabytes_per_day: NotRequired[float]
    """Decimal gigabytes that each NAT gateway may process in a day, both directions; not for a
    regional one. Defaults to no such alarm."""
    nat_anomaly_deviations: NotRequired[float]
    """How many standard deviations of what is usual the downloads of a zonal NAT gateway may be
    above it; 0 for no such alarm. Defaults to 3."""
    endpoint_idle_hours: NotRequired[int]
    """After how many hours without a byte an interface endpoint is reported, up to 168; 0 for no
    such alarm. Defaults to 24."""
    may_be_idle: NotRequired[Sequence[str]]
    """Services whose endpoints may be idle for longer, such as `ecr.api` where deployments are
    rare. Those that reach another Region publish no metrics and belong here. Defaults to none."""


def make_alarms(
    name: str,
    alarms: Sequence[PlannedAlarm],
    topic: Optional[pulumi.Input[str]],
    parent: pulumi.Resource,
    region: Optional[str],
    tags: Optional[Tags],
) -> "dict[str, aws.cloudwatch.MetricAlarm]":
    """Register the alarms, which tell `topic` when they go off and when they are over."""
    actions = None if topic is None else [topic]
    return {
        one.name: aws.cloudwatch.MetricAlarm(
            f"{name}-{one.name}",
            alarm_description=one.description,
            comparison_operator=one.comparison,
            evaluation_periods=one.periods,
            datapoints_to_alarm=one.breaching,
            treat_missing_data=one.missing,
            alarm_actions=actions,
            ok_actions=actions,
            region=region,
            tags=tagged(f"{name}-{one.name}", tags),
            opts=pulumi.ResourceOptions(parent=parent),
            **_watched(one),
            **_threshold(one),
        )
        for one in alarms
    }


def _watched(alarm: PlannedAlarm) -> dict[str, Any]:
    if isinstance(alarm.on, Metric):
        return {
            "namespace": alarm.on.namespace,
            "metric_name": alarm.on.name,
            "dimensions": dict(alarm.on.dimensions),
            "statistic": "Sum",
            "period": alarm.period,
        }
    return {"metric_queries": [_term(one, alarm.period) for one in alarm.on]}


def _term(term: Term, period: int) -> dict[str, Any]:
    shared = {"id": term.id, "label": term.label, "return_data": term.judged}
    if isinstance(term.what, Metric):
        metric = {
            "namespace": term.what.namespace,
            "metric_name": term.what.name,
            "dimensions": dict(term.what.dimensions),
            "stat": "Sum",
            "period": period,
        }
        return {**shared, "metric": metric}
    # A query of Metrics Insights has a period of its own, an expression that of its terms.
    own = {"period": period} if isinstance(term.what, Joined) else {}
    return {**shared, "expression": together(term.what), **own}


def _threshold(alarm: PlannedAlarm) -> dict[str, Any]:
    if isinstance(alarm.threshold, str):
        return {"threshold_metric_id": alarm.threshold}
    return {"threshold": alarm.threshold}
