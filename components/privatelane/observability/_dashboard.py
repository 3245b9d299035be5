"""The dashboard of a network: the body that CloudWatch takes, as a value.

Source, read in November 2026: "Dashboard body structure and syntax" in the Amazon CloudWatch user
guide. The grid has 24 columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from privatelane._invalid import InvalidInput, described
from privatelane.observability._metrics import (
    CONNECTIONS,
    DOWNLOADS,
    ENDPOINT_BYTES,
    ENDPOINT_DROPS,
    FIVE_MINUTES,
    GIGABYTE,
    HOUR,
    NAT_DROPS,
    PORT_ERRORS,
    UPLOADS,
    Gateway,
    InterfaceEndpoint,
    Joined,
    Metric,
)

_HALF = 12
_WHOLE = 24
_HEIGHT = 6

_NAT_NOTE = (
    "**NAT** Downloads (`BytesInFromDestination`) are image layers and other answers; uploads"
    " (`BytesInFromSource`) are logs and requests. Together they are what is billed."
)
_ENDPOINT_NOTE = (
    "**Endpoints** Gateway endpoints (S3, DynamoDB) are free and publish no metrics: what they"
    " carry is seen in the flow logs only."
)


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars a decimal gigabyte, as the caller gave them."""

    nat_gigabyte: float
    endpoint_gigabyte: float


@dataclass(frozen=True, slots=True)
class LogTable:
    """A query whose answer the dashboard shows."""

    title: str
    text: str


def check_price(field: str, value: object) -> float:
    """Return a price of a gigabyte in US dollars.

    Raises:
        InvalidInput: it is none.

    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise InvalidInput(f"{field} is {described(value)}, it must be US dollars a gigabyte")


def dashboard_body(
    region: Any,  # noqa: ANN401 - may be known later
    gateways: Sequence[Gateway],
    endpoints: Sequence[InterfaceEndpoint],
    *,
    prices: Prices | None,
    log_group: Any,  # noqa: ANN401 - may be known later
    tables: Sequence[LogTable],
    alarms: Sequence[Any],
) -> dict[str, Any]:
    """Return the body. Texts in it that are known later are `Joined`, or are the caller's own."""
    grid = _Grid(region)
    if alarms:
        grid.add("alarm", {"title": "Alarms", "alarms": list(alarms)}, _WHOLE, 3)
    notes = [_NAT_NOTE] if gateways else ["**NAT** There is none."]
    grid.add("text", {"markdown": "\n\n".join([*notes, _ENDPOINT_NOTE])}, _WHOLE, 3)
    if gateways:
        grid.graph("NAT bytes by direction", _by_direction(gateways), stacked=True)
        grid.graph("NAT connections and port allocation errors", _connections(gateways))
    if endpoints:
        grid.graph("Interface endpoint bytes", _lines(endpoints, ENDPOINT_BYTES), stacked=True)
    if gateways or endpoints:
        drops = [
            *(_line(one, NAT_DROPS, f"NAT {one.key}", FIVE_MINUTES) for one in gateways),
            *_lines(endpoints, ENDPOINT_DROPS),
        ]
        grid.graph("Packets dropped", drops)
    if prices is not None and (gateways or endpoints):
        title = "Cost of the bytes, US dollars an hour (an estimate)"
        grid.graph(title, list(_cost(gateways, endpoints, prices)), period=HOUR)
    for table in tables if log_group is not None else ():
        query = Joined(("SOURCE '", log_group, f"' | {table.text}"))
        grid.add(
            "log",
            {"title": table.title, "region": region, "query": query, "view": "table"},
            _WHOLE,
            _HEIGHT,
        )
    return {"start": "-P1D", "periodOverride": "inherit", "widgets": grid.widgets}


class _Grid:
    """Places widgets from left to right, in rows."""

    def __init__(self, region: Any) -> None:  # noqa: ANN401 - may be known later
        self.widgets: list[dict[str, Any]] = []
        self._region = region
        self._x = self._y = self._row = 0

    def add(self, kind: str, properties: dict[str, Any], width: int, height: int) -> None:
        if self._x + width > _WHOLE:
            self._x, self._y, self._row = 0, self._y + self._row, 0
        place = {"x": self._x, "y": self._y, "width": width, "height": height}
        self.widgets.append({"type": kind, **place, "properties": properties})
        self._x += width
        self._row = max(self._row, height)

    def graph(
        self,
        title: str,
        metrics: Sequence[Any],
        *,
        period: int = FIVE_MINUTES,
        stacked: bool = False,
    ) -> None:
        properties = {
            "title": title,
            "region": self._region,
            "view": "timeSeries",
            "stacked": stacked,
            "stat": "Sum",
            "period": period,
            "metrics": list(metrics),
        }
        self.add("metric", properties, _HALF, _HEIGHT)


def _by_direction(gateways: Sequence[Gateway]) -> list[Any]:
    return [
        _line(one, metric, f"{direction} {one.key}", FIVE_MINUTES)
        for direction, metric in (("Downloads", DOWNLOADS), ("Uploads", UPLOADS))
        for one in gateways
    ]


def _connections(gateways: Sequence[Gateway]) -> list[Any]:
    return [
        *(
            _line(one, CONNECTIONS, f"Connections {one.key}", FIVE_MINUTES, stat="Maximum")
            for one in gateways
        ),
        *(
            _line(one, PORT_ERRORS, f"Port errors {one.key}", FIVE_MINUTES, yAxis="right")
            for one in gateways
        ),
    ]


def _lines(endpoints: Sequence[InterfaceEndpoint], metric: str) -> list[Any]:
    return [_of_metric(one.metric(metric), label=one.key) for one in endpoints]


def _cost(
    gateways: Sequence[Gateway], endpoints: Sequence[InterfaceEndpoint], prices: Prices
) -> Iterator[Any]:
    sums: dict[str, list[str]] = {"NAT": [], "Endpoints": []}
    for number, (gateway, metric) in enumerate(
        (gateway, metric) for gateway in gateways for metric in (DOWNLOADS, UPLOADS)
    ):
        yield _line(gateway, metric, None, HOUR, id=f"n{number}", visible=False)
        filled = f"FILL(n{number}, 0)"
        sums["NAT"].append(f"SUM({filled})" if gateway.regional else filled)
    for number, endpoint in enumerate(endpoints):
        yield _of_metric(endpoint.metric(ENDPOINT_BYTES), id=f"e{number}", visible=False)
        sums["Endpoints"].append(f"FILL(e{number}, 0)")
    for (label, terms), price in zip(
        sums.items(), (prices.nat_gigabyte, prices.endpoint_gigabyte), strict=True
    ):
        if terms:
            expression = f"({' + '.join(terms)}) / {GIGABYTE} * {price:f}"
            yield [{"expression": expression, "label": label, "id": label.lower()}]


def _line(
    gateway: Gateway,
    metric: str,
    label: str | None,
    period: int,
    **rendering: Any,  # noqa: ANN401 - JSON
) -> list[Any]:
    """One gateway's series: its metric, or the search that finds those of its zones."""
    if label is not None:
        rendering["label"] = label
    if gateway.regional:
        # The statistic is in the expression, which has no rendering but these.
        kept = {key: value for key, value in rendering.items() if key != "stat"}
        return [{"expression": gateway.search(metric, period), **kept}]
    return _of_metric(gateway.metric(metric), **rendering)


def _of_metric(metric: Metric, **rendering: Any) -> list[Any]:  # noqa: ANN401 - JSON
    pairs = (part for pair in metric.dimensions.items() for part in pair)
    return [metric.namespace, metric.name, *pairs, rendering]
