"""Sentences and figures as people read them, the same in every rendering."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from lane.traffic.ranges import INTERNET, UNKNOWN

if TYPE_CHECKING:
    from lane.traffic.answer import Answer
    from lane.traffic.findings import Traffic, Undecided
    from lane.traffic.query import Stretch

#: From so many bytes on a count is shown in GB, with three places.
_SHOWN_AS_GB = 1_000_000

__all__ = [
    "BY",
    "LAYERS",
    "TOLD_BY",
    "WAYS",
    "doubtful",
    "gap",
    "gigabytes",
    "moment",
    "notes",
    "proved",
    "refuted",
    "remarks",
    "rows",
    "service",
    "title",
    "undecided",
]

#: Below every table that has S3.
LAYERS = (
    "S3 includes the layers of ECR images: both are bytes of S3, and no record tells them apart."
)
#: What says that an interface is a NAT.
BY = {
    "inventory": "the inventory",
    "interface-type": "its interface type",
    "records": "the shape of its records",
}
#: What names a service.
TOLD_BY = {"field": "AWS's field", "ranges": "address ranges", None: "nothing"}
#: The ways that records tell apart.
WAYS = {
    "gateway-endpoint": "a gateway endpoint",
    "internet-gateway": "an internet gateway",
    "internet-gateway-or-gateway-endpoint": "an internet gateway or a gateway endpoint",
    "inside-vpc": "another interface of the VPC",
    "transit_gateway": "a transit gateway",
    "vpc_endpoint": "an endpoint of a firewall or an appliance",
    "unknown": "a way that the format does not tell",
}


def gigabytes(count: int) -> str:
    """Bytes as AWS bills them, 10⁹ to the GB; small counts as bytes."""
    return f"{count / 1e9:,.3f} GB" if count >= _SHOWN_AS_GB else f"{count:,} bytes"


def moment(second: int) -> str:
    """A time in UTC."""
    return datetime.fromtimestamp(second, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def service(name: str) -> str:
    """A service, or what is none."""
    return {INTERNET: "not AWS", UNKNOWN: "not told"}.get(name, name)


def title(answer: Answer) -> str:
    """What was read, in a line."""
    overall = answer.traffic.overall
    if overall is None:
        return "No flow log record of this time"
    return (
        f"{overall.records:,} flow log records from {moment(overall.began)} to "
        f"{moment(overall.ended)}"
    )


def rows(traffic: Traffic) -> Iterator[tuple[str, ...]]:
    """The lines of an answer, cell by cell."""
    names = {nat.id: nat.name for nat in traffic.nats}
    for line in traffic.lines:
        nat = "not told" if line.nat is None else names.get(line.nat, line.nat)
        yield (
            service(line.service),
            line.subnet or "not told",
            line.interface or line.address or "not told",
            nat if line.seen_at == "nat" else f"{nat}, seen at the client",
            gigabytes(line.bytes_out),
            gigabytes(line.bytes_in),
            TOLD_BY[line.told_by],
        )


def remarks(answer: Answer) -> Iterator[str]:
    """What a reader must know of the tables."""
    traffic = answer.traffic
    for nat in traffic.nats:
        count = 0 if nat.coverage is None else nat.coverage.records
        alias = "" if nat.id == nat.name else f" ({nat.id})"
        yield f"{nat.name}{alias} is a NAT by {BY[nat.by]}; {count:,} records are its own."
    if "S3" in traffic.services:
        yield LAYERS
    for one in traffic.ways:
        yield f"{gigabytes(one.bytes)} of {service(one.service)} went through {WAYS[one.way]}."
    for open_ in traffic.undecided:
        yield f"{undecided(open_)}."
    if answer.scanned is not None:
        yield f"Athena scanned {gigabytes(answer.scanned)}."


def notes(
    traffic: Traffic, formats: Iterable[Collection[str]], again: Sequence[Stretch]
) -> Iterator[str]:
    """What was supposed, and what would tell more."""
    if again:
        yield (
            f"{len({one.eni for one in again})} interfaces are logged by several flow logs at a "
            "time: they count by the one whose records tell most"
        )
    if not traffic.nats:
        yield "no NAT shows in the records: --from names those that there are"
    if any("pkt_srcaddr" not in columns for columns in formats) and traffic.lines:
        yield (
            "a format without pkt-srcaddr and pkt-dstaddr does not tell whose bytes a NAT carries"
        )
    if UNKNOWN in traffic.services:
        yield (
            "a format without pkt-src-aws-service and pkt-dst-aws-service does not name services: "
            "--ip-ranges takes AWS's published address ranges"
        )


def gap(who: str, since: int, until: int) -> str:
    """A hole in what is logged."""
    return f"there is no record of {who} from {moment(since)} to {moment(until)}"


def undecided(one: Undecided) -> str:
    """Bytes that may or may not have passed a NAT."""
    where = f"{one.interface or 'interfaces'} in {one.subnet or 'a subnet that is not told'}"
    return (
        f"{gigabytes(one.bytes)} between {where} and {service(one.service)} went through "
        f"{WAYS[one.way]}, which may lead to a NAT"
    )


def doubtful(wanted: str, name: str, count: int) -> str:
    """Bytes through a NAT that may be a service's."""
    if name == UNKNOWN:
        return (
            f"{gigabytes(count)} through NATs have no service: the format has no pkt-src-aws-"
            "service and pkt-dst-aws-service, so name AWS's published ranges with --ip-ranges"
        )
    return (
        f"{gigabytes(count)} through NATs are of addresses that AWS calls {name}, as it calls "
        f"{wanted.upper()}'s among others"
    )


def refuted(traffic: Traffic, names: Sequence[str]) -> str:
    """Who sent bytes of a service through which NATs."""
    lines = [line for line in traffic.lines if line.service in names]
    total = sum(line.bytes for line in lines)
    nats = sorted({line.nat or "a NAT that is not named" for line in lines})
    subnets = sorted({line.subnet for line in lines if line.subnet is not None})
    where = f" from {', '.join(subnets)}" if subnets else ""
    return f"{gigabytes(total)} of {' and '.join(names)} went through {', '.join(nats)}{where}"


def proved(traffic: Traffic) -> str:
    """What a proof rests on."""
    names = [nat.name for nat in traffic.nats]
    if names:
        listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004
        return f"every record of {listed} was read, and none has a byte of it"
    if traffic.ways:
        return "the records of every interface that reached AWS tell of a way without a NAT"
    return "the inventory has no NAT, and no record shows one"
