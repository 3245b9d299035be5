"""A bill for what runs: the answers of an account, or saved ones, and what CloudWatch measured."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from lane.cost.estimate import Subject
from lane.cost.live import live_inventory
from lane.cost.measured import Measured, NatBytes
from lane.sources import told
from lane.sources.describe import network_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lane.cost.usage import Workload
    from lane.sources.describe import Answers

__all__ = ["account_subject", "measured_traffic"]


def account_subject(
    places: Sequence[Answers], workload: Workload | None = None, region: str | None = None
) -> Subject:
    """What the answers show and what of it is billed; `region` counts where they do not say one.

    Raises `Unusable` when it is needed and `None`.
    """
    network = network_of(places)
    if region is None:
        named = {place.region for place in places if place.region}
        named |= {vpc.region for vpc in network.vpcs if isinstance(vpc.region, str)}
        region = next(iter(named)) if len(named) == 1 else None
    inventory = live_inventory(places, network, workload, region)
    return Subject("aws", told.stack_of(places), network, inventory, region)


def measured_traffic(
    places: Sequence[Answers], days: int, roles: Sequence[str], gigabyte: int
) -> Measured:
    """The traffic of the last `days` whole days in UTC, as CloudWatch measured it."""
    from lane.sources.aws import read_traffic  # noqa: PLC0415 -- boto3, for this alone

    start = datetime.now(tz=timezone.utc).date() - timedelta(days=days)
    traffic = read_traffic(places, start, days, roles)
    return Measured(
        start,
        days,
        {
            key: NatBytes(traffic.up[key], traffic.down[key])
            for key in sorted(traffic.up.keys() & traffic.down.keys())
        },
        traffic.endpoints,
        gigabyte,
        traffic.unread,
    )
