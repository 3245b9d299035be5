"""Flow log records whose true answer is known, written by DuckDB as AWS delivers Parquet.

A flow is through a NAT (six records: both directions at the client, inside and outside the NAT),
through a gateway endpoint (two), or between two clients (four). The truth is summed from flows, not
from records.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from privatelane.vpc.flow_logs import FLOW_LOG_FIELDS

__all__ = ["FLOWS_OF_A_FILE", "records", "text"]

#: About 2.5 million records.
FLOWS_OF_A_FILE = 543_480
_CLIENTS, _SUBNETS, _ZONES = 2000, 6, 3

_FLOWS = f"""
SELECT
    i,
    hash(i) % {_CLIENTS} AS c,
    hash(i, 1) % {_CLIENTS} AS d,
    i % 10 AS kind,
    CASE WHEN hash(i, 2) % 10 < 6 THEN 'S3' WHEN hash(i, 2) % 10 < 8 THEN 'AMAZON' ELSE '-' END
        AS service,
    CASE WHEN hash(i, 2) % 10 < 6 THEN '52.216.' WHEN hash(i, 2) % 10 < 8 THEN '52.94.'
        ELSE '151.101.' END || hash(i, 3) % 4 || '.' || hash(i, 4) % 250 AS remote,
    200 + hash(i, 5) % 4000 AS sent,
    1000 + hash(i, 6) % 2000000 AS received,
    1795132800 + hash(i, 7) % 86400 AS start,
    hash(i, 8) % 60 AS lasts
FROM range({{first}}, {{last}}) AS r(i)
"""  # noqa: S608 -- our own numbers

#: Who logs which record of a flow: at the client, inside and outside the NAT, each out and back.
_RECORDS = f"""
WITH flows AS ({_FLOWS}),
named AS (
    SELECT
        *,
        '10.0.' || (c // 250) || '.' || (c % 250 + 4) AS own,
        '10.0.' || (d // 250) || '.' || (d % 250 + 4) AS other,
        format('eni-{{{{:017x}}}}', c) AS own_eni,
        format('eni-{{{{:017x}}}}', d) AS other_eni,
        'subnet-' || (c // 250 % {_SUBNETS}) AS own_subnet,
        'subnet-' || (d // 250 % {_SUBNETS}) AS other_subnet,
        c // 250 % {_ZONES} AS nat,
        CASE WHEN kind < 5 THEN 'nat' WHEN kind < 7 THEN 'gateway' ELSE 'client' END AS way
    FROM flows
),
sides AS (
    SELECT *, unnest(CASE way WHEN 'nat' THEN [0, 1, 2, 3, 4, 5] WHEN 'gateway' THEN [0, 1]
        ELSE [0, 1, 6, 7] END) AS side
    FROM named
),
ends AS (
    SELECT
        *,
        side % 2 = 0 AS forth,
        '10.0.100.' || nat AS nat_ip,
        format('eni-aa{{{{:015x}}}}', nat) AS nat_eni,
        CASE WHEN way = 'client' THEN other
            WHEN way = 'gateway' THEN replace(remote, '151.101.', '52.216.') ELSE remote END AS far,
        CASE WHEN way = 'client' THEN '-' WHEN way = 'gateway' THEN 'S3' ELSE service END AS told
    FROM sides
)
SELECT
    11::INT AS version,
    'vpc-0' AS vpc_id,
    CASE WHEN side IN (2, 3, 4, 5) THEN 'subnet-public-' || nat WHEN side > 5 THEN other_subnet
        ELSE own_subnet END AS subnet_id,
    'use1-az' || (nat + 1) AS az_id,
    CASE WHEN side IN (2, 3, 4, 5) THEN nat_eni WHEN side > 5 THEN other_eni ELSE own_eni END
        AS interface_id,
    '-' AS resource_id,
    CASE WHEN side IN (0, 3, 4, 7) THEN 'egress' ELSE 'ingress' END AS flow_direction,
    CASE WHEN side NOT IN (0, 3, 4, 7) THEN '-' WHEN side = 4 THEN '8'
        WHEN way = 'gateway' THEN '7' ELSE '1' END AS traffic_path,
    CASE side WHEN 0 THEN own WHEN 1 THEN far WHEN 2 THEN own WHEN 3 THEN nat_ip
        WHEN 4 THEN nat_ip WHEN 5 THEN far WHEN 6 THEN own ELSE far END AS srcaddr,
    CASE side WHEN 0 THEN far WHEN 1 THEN own WHEN 2 THEN nat_ip WHEN 3 THEN own
        WHEN 4 THEN far WHEN 5 THEN nat_ip WHEN 6 THEN far ELSE own END AS dstaddr,
    CASE WHEN forth THEN (20000 + i % 40000)::INT ELSE 443 END AS srcport,
    CASE WHEN forth THEN 443 ELSE (20000 + i % 40000)::INT END AS dstport,
    CASE side WHEN 3 THEN far WHEN 4 THEN nat_ip ELSE
        CASE WHEN forth THEN own ELSE far END END AS pkt_srcaddr,
    CASE side WHEN 2 THEN far WHEN 5 THEN nat_ip ELSE
        CASE WHEN forth THEN far ELSE own END END AS pkt_dstaddr,
    CASE WHEN forth THEN '-' ELSE told END AS pkt_src_aws_service,
    CASE WHEN forth THEN told ELSE '-' END AS pkt_dst_aws_service,
    6::BIGINT AS protocol,
    CASE WHEN forth THEN sent ELSE received END::BIGINT AS bytes,
    start::BIGINT AS start,
    (start + lasts)::BIGINT AS "end",
    'ACCEPT' AS action,
    'OK' AS log_status,
    CASE WHEN side IN (2, 3, 4, 5) THEN 'nat_gateway' ELSE '-' END AS interface_type,
    CASE WHEN way = 'nat' AND side < 2 THEN 'nat_gateway' ELSE '-' END AS next_hop_interface_type
FROM ends
"""  # noqa: S608 -- our own names

_TRUTH = f"""
SELECT
    CASE service WHEN '-' THEN 'internet' ELSE service END AS service,
    'subnet-' || (c // 250 % {_SUBNETS}) AS subnet,
    format('eni-{{{{:017x}}}}', c) AS interface,
    sum(sent + received)::BIGINT AS bytes
FROM ({_FLOWS})
WHERE kind < 5
GROUP BY ALL
"""  # noqa: S608 -- our own names


def records(folder: Path, count: int) -> int:
    """Write at least `count` records and their truth into a folder, once; how many there are."""
    done = folder / "truth.json"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, count)
    written: int = json.loads(done.read_text())["records"]
    return written


def text(folder: Path) -> Path:
    """The records of a folder as AWS delivers text, packed, in a folder beside it."""
    beside = folder.with_name(f"{folder.name}-text")
    beside.mkdir(exist_ok=True)
    columns = ", ".join(f'"{name.replace("-", "_")}" AS "{name}"' for name in FLOW_LOG_FIELDS)
    with duckdb.connect() as database:
        for file in sorted(folder.glob("*.parquet")):
            packed = beside / f"{file.stem}.log.gz"
            if not packed.exists():
                database.execute(
                    f"COPY (SELECT {columns} FROM read_parquet('{file}')) TO '{packed}.new' "  # noqa: S608 -- our own names
                    "(FORMAT csv, DELIMITER ' ', HEADER, QUOTE '', COMPRESSION gzip)"
                )
                Path(f"{packed}.new").rename(packed)
    return beside


def _write(folder: Path, count: int) -> None:
    flows = -(-count * 10 // 46)
    flows += -flows % 10
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder)}) as database:
        total = 0
        for number, first in enumerate(range(0, flows, FLOWS_OF_A_FILE)):
            last = min(flows, first + FLOWS_OF_A_FILE)
            file = folder / f"{number:04}.parquet"
            database.execute(
                f"COPY ({_RECORDS.format(first=first, last=last)}) TO '{file}' "
                "(FORMAT parquet, COMPRESSION snappy)"
            )
            written = database.execute("SELECT count(*) FROM read_parquet(?)", [str(file)])
            total += (written.fetchone() or (0,))[0]
        columns = [
            name
            for (name, *_) in database.execute(
                "DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]
            ).fetchall()
        ]
        assert columns == [name.replace("-", "_") for name in FLOW_LOG_FIELDS], columns
        truth = database.execute(_TRUTH.format(first=0, last=flows)).fetchall()
    (folder / "truth.json").write_text(
        json.dumps({"records": total, "lines": sorted(truth)}, separators=(",", ":"))
    )
