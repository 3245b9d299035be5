"""Whether nothing of ECR and S3 went through a NAT: proved, refuted, or unknown and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lane.traffic import words
from lane.traffic.ranges import UNKNOWN, WIDE

if TYPE_CHECKING:
    from lane.traffic.findings import NatSeen, Traffic
    from lane.traffic.inventory import Inventory
    from lane.traffic.query import Coverage, Window

__all__ = ["MAX_GAP", "Verdict", "prove"]

#: Seconds between two records of an interface that say nothing: a record covers the flows of at
#: most 600 seconds, so two of them may be 1,200 apart although every interval was logged.
MAX_GAP = 1200


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one service. `bytes` went through NATs; `reasons` are sentences."""

    service: Literal["ecr", "s3"]
    verdict: Literal["proved", "refuted", "unknown"]
    bytes: int
    reasons: tuple[str, ...]


def prove(
    traffic: Traffic,
    inventory: Inventory | None,
    window: Window | None,
    unread: Sequence[str],
    max_gap: int = MAX_GAP,
) -> tuple[Verdict, ...]:
    """The verdicts on ECR and S3.

    `window` is what was asked for, None for all that is logged. `unread` says what could not be
    read: it may hold anything.
    """
    missing = tuple(dict.fromkeys(_missing(traffic, inventory, window, unread, max_gap)))
    return (
        _verdict("ecr", traffic, missing, ("ECR",), (*WIDE, UNKNOWN)),
        _verdict("s3", traffic, missing, ("S3",), (UNKNOWN,)),
    )


def _verdict(
    service: Literal["ecr", "s3"],
    traffic: Traffic,
    missing: tuple[str, ...],
    own: tuple[str, ...],
    doubtful: tuple[str, ...],
) -> Verdict:
    bytes_of = traffic.services
    through = sum(bytes_of.get(name, 0) for name in own)
    if through:
        return Verdict(service, "refuted", through, (words.refuted(traffic, own),))
    reasons = [words.doubtful(service, name, bytes_of[name]) for name in doubtful
               if bytes_of.get(name)]  # fmt: skip
    reasons += [
        words.undecided(one) for one in traffic.undecided if one.service in (*own, *doubtful)
    ]
    reasons += missing
    if reasons:
        return Verdict(service, "unknown", 0, tuple(dict.fromkeys(reasons)))
    return Verdict(service, "proved", 0, (words.proved(traffic),))


def _missing(
    traffic: Traffic,
    inventory: Inventory | None,
    window: Window | None,
    unread: Sequence[str],
    max_gap: int,
) -> Iterator[str]:
    """What is missing for any proof."""
    yield from unread
    overall = traffic.overall
    if overall is None:
        yield "there is no record of this time"
        return
    if overall.idle == overall.records:
        yield "no traffic at all was recorded, so nothing was put to the test"
    if not traffic.nats and inventory is None and not traffic.ways:
        yield (
            "no NAT shows in the records, and nothing says that there is none: name what there is "
            "with --from"
        )
    for nat in traffic.nats:
        if nat.coverage is None:
            yield f"there is no record of NAT {nat.name}"
        else:
            yield from _holes(f"NAT {nat.name}", nat.coverage, overall, window, max_gap)
    if not traffic.nats or _by_clients(traffic.nats):
        yield from _holes("the flow logs", overall, overall, window, max_gap)
    else:
        yield from _edges("the flow logs", overall, overall, window, max_gap)


def _by_clients(nats: Sequence[NatSeen]) -> bool:
    return any(nat.coverage is None for nat in nats)


def _holes(
    who: str, coverage: Coverage, overall: Coverage, window: Window | None, max_gap: int
) -> Iterator[str]:
    if coverage.skipped:
        yield f"AWS skipped records of {who}: {coverage.skipped} have the status SKIPDATA"
    if coverage.gap is not None and coverage.gap > max_gap and coverage.gap_began is not None:
        yield words.gap(who, coverage.gap_began, coverage.gap_began + coverage.gap)
    yield from _edges(who, coverage, overall, window, max_gap)


def _edges(
    who: str, coverage: Coverage, overall: Coverage, window: Window | None, max_gap: int
) -> Iterator[str]:
    since = window.since if window is not None else overall.began
    until = window.until if window is not None else overall.ended
    if coverage.began - since > max_gap:
        yield words.gap(who, since, coverage.began)
    if until - coverage.ended > max_gap:
        yield words.gap(who, coverage.ended, until)
