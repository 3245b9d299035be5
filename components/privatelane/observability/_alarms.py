"""The alarms of a network: on which metric, above what, and what missing data means.

Every statistic is a sum. Endpoints publish nothing while nothing passes, so for the alarm that
looks for idle ones missing data is the very thing; for all others it is quiet.

An alarm on a Metrics Insights query, which a regional NAT gateway needs, sees the last three hours
only and takes one query; the band of an anomaly detector cannot be drawn around one. Source, read
in November 2026: "Limits" of alarms in the Amazon CloudWatch user guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from privatelane._invalid import InvalidInput, described, integer, items
from privatelane.observability._metrics import (
    DOWNLOADS,
    ENDPOINT_BYTES,
    ENDPOINT_DROPS,
    FIVE_MINUTES,
    GIGABYTE,
    HOUR,
    NAT_DROPS,
    NAT_PACKETS,
    PORT_ERRORS,
    UPLOADS,
    Gateway,
    InterfaceEndpoint,
    Joined,
    Metric,
)

DAY = 24 * HOUR

#: Share of dropped packets from which on AWS suspects its own network, in percent.
#: Source: "NAT gateway metrics and dimensions" in the Amazon VPC user guide.
DROPPED_PERCENT = 0.01

ABOVE = "GreaterThanThreshold"
ABOVE_BAND = "GreaterThanUpperThreshold"
NOT_ABOVE = "LessThanOrEqualToThreshold"

#: An alarm looks back at most seven days when its period is an hour or more.
_MOST_IDLE_HOURS = 7 * 24


@dataclass(frozen=True, slots=True)
class Term:
    """One series of an alarm on several: a metric, or an expression over the others."""

    id: str
    what: Metric | Joined | str
    label: str | None = None
    #: Whether the alarm judges this one; with a band there are two, what it holds and the band.
    judged: bool = False


@dataclass(frozen=True, slots=True)
class PlannedAlarm:
    """An alarm, as far as it is known before anything exists."""

    name: str
    description: str
    #: One metric, or the terms of an expression.
    on: Metric | tuple[Term, ...]
    period: int
    comparison: str
    #: The number, or the id of the term that is the band.
    threshold: float | str
    #: How many periods it looks at, and how many of them must breach.
    periods: int = 1
    breaching: int = 1
    missing: str = "notBreaching"


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """What the caller asked of the alarms."""

    gigabytes_per_hour: float | None
    gigabytes_per_day: float | None
    #: Width of the band in standard deviations; 0 for no such alarm.
    deviations: float
    #: 0 for no such alarm.
    idle_hours: int
    may_be_idle: frozenset[str]


def read_settings(given: Mapping[str, object]) -> AlarmSettings:
    """Return the settings of the alarms.

    Raises:
        InvalidInput: one cannot be used.

    """
    idle = items("alarms.may_be_idle", given.get("may_be_idle") or ())
    return AlarmSettings(
        _positive(given, "nat_gigabytes_per_hour"),
        _positive(given, "nat_gigabytes_per_day"),
        _number("alarms.nat_anomaly_deviations", given.get("nat_anomaly_deviations", 3)),
        integer(
            "alarms.endpoint_idle_hours",
            given.get("endpoint_idle_hours", 24),
            least=0,
            most=_MOST_IDLE_HOURS,
        ),
        frozenset(map(str, idle)),
    )


def plan_alarms(
    settings: AlarmSettings, gateways: Sequence[Gateway], endpoints: Sequence[InterfaceEndpoint]
) -> tuple[PlannedAlarm, ...]:
    """Return the alarms of those gateways and endpoints.

    Raises:
        InvalidInput: an alarm was asked for that would watch nothing, or that CloudWatch cannot
            evaluate for a regional gateway.

    """
    for field, asked in (
        ("nat_gigabytes_per_hour", settings.gigabytes_per_hour),
        ("nat_gigabytes_per_day", settings.gigabytes_per_day),
    ):
        if asked is not None and not gateways:
            raise InvalidInput(
                f"alarms.{field} is {asked!r}, but nat_gateway_ids names no NAT gateway; leave it"
                " out"
            )
    if settings.gigabytes_per_day is not None and any(one.regional for one in gateways):
        raise InvalidInput(
            f"alarms.nat_gigabytes_per_day is {settings.gigabytes_per_day!r}, but alarms on a"
            " regional NAT gateway see three hours at most; give nat_gigabytes_per_hour"
        )
    unknown = settings.may_be_idle - {one.key for one in endpoints}
    if unknown:
        raise InvalidInput(
            f"alarms.may_be_idle names {min(unknown)!r}, which is no interface endpoint of"
            " endpoint_ids"
        )
    return (
        *(alarm for one in gateways for alarm in _of_gateway(one, settings)),
        *(alarm for one in endpoints for alarm in _of_endpoint(one, settings)),
    )


def _of_gateway(gateway: Gateway, settings: AlarmSettings) -> Iterator[PlannedAlarm]:
    if settings.gigabytes_per_hour is not None:
        yield from _bytes(gateway, settings.gigabytes_per_hour, "hour", HOUR)
    if settings.gigabytes_per_day is not None:
        yield from _bytes(gateway, settings.gigabytes_per_day, "day", DAY)
    if settings.deviations and not gateway.regional:
        yield PlannedAlarm(
            f"nat-{gateway.key}-unusual-downloads",
            f"NAT gateway {gateway.key}: downloads above what is usual at this time of the week."
            " If they come from S3, an image pull may have lost its gateway endpoint.",
            (
                Term("downloads", gateway.metric(DOWNLOADS), "Downloads", judged=True),
                Term(
                    "band",
                    f"ANOMALY_DETECTION_BAND(downloads, {settings.deviations:g})",
                    "Usual",
                    judged=True,
                ),
            ),
            HOUR,
            ABOVE_BAND,
            "band",
            periods=3,
            breaching=2,
        )
    yield PlannedAlarm(
        f"nat-{gateway.key}-port-errors",
        f"NAT gateway {gateway.key}: no source port left for a connection, so some fail. Traffic to"
        " AWS through endpoints takes none.",
        _whole(gateway, PORT_ERRORS),
        FIVE_MINUTES,
        ABOVE,
        0,
    )
    yield _drops(gateway)


def _bytes(gateway: Gateway, gigabytes: float, word: str, period: int) -> Iterator[PlannedAlarm]:
    limit = gigabytes * GIGABYTE
    above = f"more than {gigabytes:g} GB in one {word}"
    if gateway.regional:
        # Two queries do not fit into one alarm.
        for direction, metric in (("downloads", DOWNLOADS), ("uploads", UPLOADS)):
            yield PlannedAlarm(
                f"nat-{gateway.key}-{direction}-{word}",
                f"Regional NAT gateway: {direction} of {above}.",
                (Term("bytes", gateway.query(metric), direction.capitalize(), judged=True),),
                period,
                ABOVE,
                limit,
            )
        return
    yield PlannedAlarm(
        f"nat-{gateway.key}-bytes-{word}",
        f"NAT gateway {gateway.key}: {above}, both directions, as billed.",
        (
            Term("downloads", gateway.metric(DOWNLOADS)),
            Term("uploads", gateway.metric(UPLOADS)),
            Term("bytes", "FILL(downloads, 0) + FILL(uploads, 0)", "Bytes", judged=True),
        ),
        period,
        ABOVE,
        limit,
    )


def _drops(gateway: Gateway) -> PlannedAlarm:
    name = f"nat-{gateway.key}-drops"
    if gateway.regional:
        return PlannedAlarm(
            name,
            "Regional NAT gateway: packets dropped for a quarter of an hour.",
            _whole(gateway, NAT_DROPS),
            FIVE_MINUTES,
            ABOVE,
            0,
            periods=3,
            breaching=3,
        )
    from_source, from_destination = NAT_PACKETS
    return PlannedAlarm(
        name,
        f"NAT gateway {gateway.key}: more than {DROPPED_PERCENT:g} % of the packets dropped, from"
        " where on AWS suspects its own network.",
        (
            Term("dropped", gateway.metric(NAT_DROPS)),
            Term("out", gateway.metric(from_source)),
            Term("back", gateway.metric(from_destination)),
            Term("percent", "100 * dropped / (out + back)", "Dropped, percent", judged=True),
        ),
        FIVE_MINUTES,
        ABOVE,
        DROPPED_PERCENT,
        periods=3,
        breaching=3,
    )


def _whole(gateway: Gateway, metric: str) -> Metric | tuple[Term, ...]:
    if gateway.regional:
        return (Term("total", gateway.query(metric), metric, judged=True),)
    return gateway.metric(metric)


def _of_endpoint(endpoint: InterfaceEndpoint, settings: AlarmSettings) -> Iterator[PlannedAlarm]:
    if settings.idle_hours and endpoint.key not in settings.may_be_idle:
        yield PlannedAlarm(
            f"endpoint-{endpoint.key}-idle",
            f"Endpoint {endpoint.key}: not one byte in {settings.idle_hours} h. Either nobody calls"
            " the service, or its calls go another way: private DNS is off, or was resolved"
            " elsewhere.",
            endpoint.metric(ENDPOINT_BYTES),
            HOUR,
            NOT_ABOVE,
            0,
            periods=settings.idle_hours,
            breaching=settings.idle_hours,
            missing="breaching",
        )
    yield PlannedAlarm(
        f"endpoint-{endpoint.key}-drops",
        f"Endpoint {endpoint.key}: packets dropped for a quarter of an hour.",
        endpoint.metric(ENDPOINT_DROPS),
        FIVE_MINUTES,
        ABOVE,
        0,
        periods=3,
        breaching=3,
    )


def _positive(given: Mapping[str, object], key: str) -> float | None:
    if given.get(key) is None:
        return None
    number = _number(f"alarms.{key}", given[key])
    if number == 0:
        raise InvalidInput(f"alarms.{key} is {given[key]!r}, it must be more than 0")
    return number


def _number(field: str, value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    raise InvalidInput(f"{field} is {described(value)}, it must be a number from 0 on")
