"""A network whose traffic is known, and the flow log records that AWS would write of it.

What is sent is drawn first; the records of it follow from where the interfaces stand, as the
examples in "Flow log record examples" of the Amazon VPC user guide show. The truth is summed from
what was sent, never from records.
"""

from __future__ import annotations

import gzip
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from lane.traffic.fields import VERSION_OF, column_of

#: Midnight before the 20th of November 2026, UTC.
START = 1795132800
HOUR = 3600

VPC = "vpc-0"
CLIENTS = {
    "10.0.1.5": ("eni-a", "subnet-app-1"),
    "10.0.1.6": ("eni-b", "subnet-app-1"),
    "10.0.2.7": ("eni-c", "subnet-app-2"),
}
#: Client, NAT's private address, NAT's interface: a NAT in each of two zones.
NATS = {"subnet-app-1": ("10.0.100.4", "eni-nat-1"), "subnet-app-2": ("10.0.101.4", "eni-nat-2")}
_NAT_SUBNETS = {"eni-nat-1": "subnet-public-1", "eni-nat-2": "subnet-public-2"}
#: Addresses by the service that AWS publishes them under; the last is none of AWS's.
ADDRESSES = {
    "S3": ("52.216.1.9", "3.5.0.77"),
    "AMAZON": ("52.94.5.1",),
    "EC2": ("18.204.7.3",),
    "DYNAMODB": ("52.119.224.8",),
    "internet": ("151.101.1.69", "8.8.8.8"),
}
SERVICE_OF = {address: name for name, all_ in ADDRESSES.items() for address in all_}
#: What AWS would publish of these, as in ip-ranges.json: pools hold what services hold again.
IP_RANGES = {
    "prefixes": [
        {"ip_prefix": prefix, "region": "us-east-1", "service": service}
        for prefix, services in {
            "52.216.0.0/15": ("AMAZON", "S3"),
            "3.5.0.0/19": ("AMAZON", "S3", "EC2"),
            "52.94.0.0/22": ("AMAZON",),
            "52.94.4.0/23": ("AMAZON",),
            "18.204.0.0/14": ("AMAZON", "EC2"),
            "52.119.224.0/21": ("AMAZON", "DYNAMODB"),
        }.items()
        for service in services
    ],
    "ipv6_prefixes": [],
}


@dataclass(frozen=True)
class Sent:
    """Bytes that a client sent to an address and got back, through its NAT or not."""

    client: str
    remote: str
    out: int
    back: int
    way: str  # nat, gateway-endpoint or internet-gateway
    start: int

    @property
    def service(self) -> str:
        return SERVICE_OF[self.remote]


class Through(NamedTuple):
    """What a line of an answer must say."""

    nat: str
    service: str
    subnet: str | None
    interface: str | None
    out: int
    back: int


def traffic(
    seed: int, count: int = 40, ways: Sequence[str] = ("nat", "internet-gateway")
) -> list[Sent]:
    """Traffic at random; what goes to S3 and DynamoDB may also take a gateway endpoint."""
    chance = random.Random(seed)  # noqa: S311 -- not for secrets
    sent = []
    for _ in range(count):
        remote = chance.choice(list(SERVICE_OF))
        private = SERVICE_OF[remote] in ("S3", "DYNAMODB")
        way = chance.choice([*ways, *(["gateway-endpoint"] if private else [])])
        sent.append(
            Sent(
                chance.choice(list(CLIENTS)),
                remote,
                chance.randrange(40, 5_000),
                chance.randrange(40, 5_000_000),
                way,
                START + chance.randrange(HOUR),
            )
        )
    return sent


def truth(sent: Iterable[Sent], *, clients: bool = True) -> set[Through]:
    """What went through NATs, summed from what was sent."""
    out: Counter[tuple[str, str, str | None, str | None]] = Counter()
    back: Counter[tuple[str, str, str | None, str | None]] = Counter()
    for one in sent:
        if one.way != "nat":
            continue
        eni, subnet = CLIENTS[one.client]
        key = (NATS[subnet][1], one.service, subnet if clients else None, eni if clients else None)
        out[key] += one.out
        back[key] += one.back
    return {Through(*key, out[key], back[key]) for key in out}


def records(sent: Iterable[Sent], *, nats_logged: bool = True) -> Iterator[dict[str, object]]:
    """Every record of this traffic, with every field of version 11."""
    for one in sent:
        eni, subnet = CLIENTS[one.client]
        nat_ip, nat = NATS[subnet]
        path = {"nat": "1", "gateway-endpoint": "7", "internet-gateway": "8"}[one.way]
        hop = {"next-hop-interface-type": "nat_gateway"} if one.way == "nat" else {}
        here = {"interface-id": eni, "subnet-id": subnet, **hop}
        there = {
            "interface-id": nat,
            "subnet-id": _NAT_SUBNETS[nat],
            "interface-type": "nat_gateway",
        }
        client, remote = one.client, one.remote
        yield _record(one, client, remote, out=True, direction="egress", path=path, at=here)
        yield _record(one, remote, client, out=False, direction="ingress", at=here)
        if one.way != "nat" or not nats_logged:
            continue
        yield _record(one, client, nat_ip, out=True, pkt=(client, remote), direction="ingress",
                      at=there)  # fmt: skip
        yield _record(one, nat_ip, remote, out=True, direction="egress", path="8", at=there)
        yield _record(one, remote, nat_ip, out=False, direction="ingress", at=there)
        yield _record(one, nat_ip, client, out=False, pkt=(remote, client), direction="egress",
                      path="1", at=there)  # fmt: skip
    yield from noise()


def noise() -> Iterator[dict[str, object]]:
    """What must not count: traffic inside, what was refused, and times without traffic."""
    inside = Sent("10.0.1.5", "10.0.2.7", 999, 999, "inside", START)
    for eni, direction in (("eni-a", "egress"), ("eni-c", "ingress")):
        at = {"interface-id": eni, "subnet-id": "subnet-app-1"}
        yield _record(
            inside, "10.0.1.5", "10.0.2.7", out=True, direction=direction, path="1", at=at
        )
    refused = Sent("10.0.1.5", ADDRESSES["S3"][0], 777, 0, "nat", START)
    at = {"interface-id": "eni-a", "subnet-id": "subnet-app-1"}
    record = _record(
        refused, refused.client, refused.remote, out=True, direction="egress", path="1", at=at
    )
    yield {**record, "action": "REJECT"}
    for eni in ("eni-a", "eni-b", "eni-c", "eni-nat-1", "eni-nat-2"):
        for place in range(7):
            yield status(eni, "NODATA", START + place * 600)


def status(eni: str, log_status: str, start: int) -> dict[str, object]:
    """A record that is none: of an interface without traffic, or whose records were skipped."""
    return {
        **dict.fromkeys(VERSION_OF, "-"),
        "version": 11,
        "interface-id": eni,
        "start": start,
        "end": start + 60,
        "log-status": log_status,
    }


def _record(
    sent: Sent,
    source: str,
    destination: str,
    *,
    out: bool,
    direction: str,
    path: str = "-",
    pkt: tuple[str, str] | None = None,
    at: Mapping[str, str],
) -> dict[str, object]:
    sender, receiver = pkt or (source, destination)
    return {
        **dict.fromkeys(VERSION_OF, "-"),
        "version": 11,
        "account-id": "123456789012",
        "vpc-id": VPC,
        "srcaddr": source,
        "dstaddr": destination,
        "pkt-srcaddr": sender,
        "pkt-dstaddr": receiver,
        "pkt-src-aws-service": told(sender),
        "pkt-dst-aws-service": told(receiver),
        "srcport": 40000 if out else 443,
        "dstport": 443 if out else 40000,
        "protocol": 6,
        "packets": 9,
        "bytes": sent.out if out else sent.back,
        "start": sent.start,
        "end": sent.start + 30,
        "action": "ACCEPT",
        "log-status": "OK",
        "flow-direction": direction,
        "traffic-path": path,
        **at,
    }


def told(address: str) -> str:
    """What AWS's fields say of an address."""
    name = SERVICE_OF.get(address, "-")
    return "-" if name == "internet" else name


def fields_of(version: int) -> list[str]:
    """All fields of a version and those before."""
    return [field for field, since in VERSION_OF.items() if since <= version]


def write_text(file: Path, fields: Sequence[str], rows: Iterable[dict[str, object]]) -> Path:
    """A file as AWS delivers it, packed when it is called so."""
    lines = [" ".join(fields), *(" ".join(str(row[name]) for name in fields) for row in rows)]
    text = "".join(f"{line}\n" for line in lines).encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
    return file


def write_parquet(file: Path, fields: Sequence[str], rows: Iterable[dict[str, object]]) -> Path:
    """The same in Parquet, with AWS's names of columns and whole numbers."""
    whole = {"version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end"}
    types = {column_of(name): "BIGINT" if name in whole else "VARCHAR" for name in fields}
    with duckdb.connect() as database:
        fill(database, "log", types, ([row[name] for name in fields] for row in rows))
        database.execute(f"COPY log TO '{file}' (FORMAT parquet)")
    return file


def fill(
    database: duckdb.DuckDBPyConnection,
    table: str,
    types: Mapping[str, str],
    rows: Iterable[Sequence[object]],
) -> None:
    """A table of these rows, in which `-` is no number."""
    cells = list(rows)
    made = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
    database.execute(f"CREATE TABLE {table} ({made})")
    columns: list[list[Any]] = [
        [None if type_ != "VARCHAR" and cell[place] == "-" else cell[place] for cell in cells]
        for place, type_ in enumerate(types.values())
    ]
    listed = ", ".join(f"unnest(?::{type_}[])" for type_ in types.values())
    database.execute(f"INSERT INTO {table} SELECT {listed}", columns)
