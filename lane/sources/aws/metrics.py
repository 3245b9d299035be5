"""Reads from CloudWatch what went through NAT gateways and interface endpoints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

from lane.sources.aws.reader import CONFIG, REFUSED, Client, pages, raise_if_hopeless, said

if TYPE_CHECKING:
    import boto3

__all__ = ["DOWN", "ENDPOINT", "UP", "Metric", "Traffic", "read_metrics"]

#: The most metrics that one call of GetMetricData takes.
_AT_ONCE = 500
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of CloudWatch, and the dimension that says what it was measured of."""

    namespace: str
    name: str
    dimension: str


#: What a NAT gateway takes in from its sources: uploads.
UP = Metric("AWS/NATGateway", "BytesInFromSource", "NatGatewayId")
#: What it takes in from its destinations: downloads, image layers among them.
DOWN = Metric("AWS/NATGateway", "BytesInFromDestination", "NatGatewayId")
#: Both directions at once.
ENDPOINT = Metric("AWS/PrivateLinkEndpoints", "BytesProcessed", "VPC Endpoint Id")


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes in a window, by id: of NAT gateways each way, of endpoints both at once.

    What has no metric is absent; `unread` says what could not be asked, in sentences.
    """

    up: Mapping[str, Decimal]
    down: Mapping[str, Decimal]
    endpoints: Mapping[str, Decimal]
    unread: tuple[str, ...] = ()


def read_metrics(
    session: boto3.Session,
    region: str,
    metric: Metric,
    of: Collection[str],
    start: date,
    days: int,
) -> tuple[Mapping[str, Decimal], str]:
    """Bytes in `days` whole days in UTC from `start` on, by what each was measured of.

    What has no metric is absent. The second value says why nothing could be read, if so. Raises
    `Unusable` when no other call would do better.
    """
    try:
        client: Client = session.client("cloudwatch", region_name=region, config=CONFIG)
        wanted = {key: found for key, found in _dimensions(client, metric).items() if key in of}
        return _sums(client, metric, wanted, start, days), ""
    except REFUSED as error:
        raise_if_hopeless(error)
        operation = getattr(error, "operation_name", "") or "GetMetricData"
        return {}, f"{metric.name} of {region} is not known: cloudwatch:{operation}: {said(error)}"


def _dimensions(client: Client, metric: Metric) -> dict[str, list[list[dict[str, str]]]]:
    """The dimensions under which each has the metric.

    One object has it several times: as a whole, and by zone or subnet. The coarsest are the whole;
    a regional NAT gateway may have its zones alone.
    """
    found: dict[str, list[list[dict[str, str]]]] = defaultdict(list)
    for one in pages(
        client, "list_metrics", "Metrics", Namespace=metric.namespace, MetricName=metric.name
    ):
        dimensions = one["Dimensions"]
        for dimension in dimensions:
            if dimension["Name"] == metric.dimension:
                found[dimension["Value"]].append(dimensions)
    return {
        key: [one for one in sets if len(one) == min(map(len, sets))] for key, sets in found.items()
    }


def _sums(
    client: Client,
    metric: Metric,
    wanted: Mapping[str, Sequence[Sequence[Mapping[str, str]]]],
    start: date,
    days: int,
) -> dict[str, Decimal]:
    begin = datetime.combine(start, time(), timezone.utc)
    asked = [(key, dimensions) for key, sets in sorted(wanted.items()) for dimensions in sets]
    sums = dict.fromkeys(sorted(wanted), Decimal())
    for some in _parts(asked):
        queries = [
            {
                "Id": f"m{place}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": metric.namespace,
                        "MetricName": metric.name,
                        "Dimensions": dimensions,
                    },
                    "Period": _DAY,
                    "Stat": "Sum",
                },
            }
            for place, (_, dimensions) in enumerate(some)
        ]
        for one in pages(
            client,
            "get_metric_data",
            "MetricDataResults",
            MetricDataQueries=queries,
            StartTime=begin,
            EndTime=begin + timedelta(days=days),
        ):
            key = some[int(one["Id"].removeprefix("m"))][0]
            sums[key] += sum(map(_number, one["Values"]), Decimal())
    return sums


def _number(value: float) -> Decimal:
    return Decimal(str(value))


def _parts(
    asked: Sequence[tuple[str, Sequence[Mapping[str, str]]]],
) -> Iterator[Sequence[tuple[str, Sequence[Mapping[str, str]]]]]:
    for begin in range(0, len(asked), _AT_ONCE):
        yield asked[begin : begin + _AT_ONCE]
