"""The same SQL on Athena, for logs that outgrow one machine."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

from lane.errors import Unusable
from lane.sources.aws.reader import CONFIG, REFUSED, Client, code, raise_if_hopeless
from lane.traffic.fields import column_of, missing_fields, relation
from lane.traffic.query import (
    Coverage,
    Flow,
    Names,
    Window,
    addresses_sql,
    coverage_sql,
    nats_values,
    ranges_values,
    repeats_values,
    traffic_sql,
)

if TYPE_CHECKING:
    from lane.traffic.ranges import Range

__all__ = ["Table"]

#: The most bytes that Athena takes as a query. Source: Athena quotas.
_LONGEST = 262_144
_NAME = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")
#: How a partition's day is written, by the format of its projection.
_DAYS = {"yyyy/MM/dd": "%Y/%m/%d", "yyyy-MM-dd": "%Y-%m-%d"}
#: Seconds between questions whether a query is done, and how often: an hour, as Athena itself
#: stops most queries after half of one.
_DELAY, _ATTEMPTS = 3, 1200
_DONE = WaiterModel(
    {
        "version": 2,
        "waiters": {
            "QueryDone": {
                "operation": "GetQueryExecution",
                "delay": _DELAY,
                "maxAttempts": _ATTEMPTS,
                "acceptors": [
                    {
                        "matcher": "path",
                        "argument": "QueryExecution.Status.State",
                        "expected": expected,
                        "state": state,
                    }
                    for expected, state in (
                        ("SUCCEEDED", "success"),
                        ("FAILED", "failure"),
                        ("CANCELLED", "failure"),
                    )
                ],
            }
        },
    }
)


@dataclass
class Table:
    """A table of flow logs in Athena; `scanned` and `notes` fill as it is asked."""

    client: Client
    database: str
    name: str
    workgroup: str
    columns: tuple[str, ...] = ()
    scanned: int = 0
    notes: list[str] = field(default_factory=list)
    _parameters: dict[str, str] = field(default_factory=dict)
    _partitions: tuple[str, ...] = ()

    @classmethod
    def named(cls, name: str, workgroup: str, region: str | None) -> Table:
        """The table of a name like `logs.vpc_flow_logs`. Raises `Unusable` when it is none."""
        if not _NAME.fullmatch(name):
            raise Unusable(
                f"--athena {name}: it must be a database and a table, such as logs.vpc_flow_logs"
            )
        # boto3 itself reads AWS_DEFAULT_REGION only.
        session = boto3.Session(region_name=region or os.environ.get("AWS_REGION"))
        if session.region_name is None:
            raise Unusable(
                "no region is chosen: name one with --region, in AWS_REGION or in the AWS profile"
            )
        database, _, table = name.partition(".")
        return cls(session.client("athena", config=CONFIG), database, table, workgroup)

    def ask(
        self, window: Window, nats: Iterable[str], ranges: Sequence[Range]
    ) -> tuple[tuple[Coverage, ...], tuple[Flow, ...]]:
        """What the records of a time cover and what they tell. Raises `Unusable`."""
        try:
            self._describe()
            records = f"({relation(self._source(window), set(self.columns), 0)})"
            names = Names(records, nats_values(nats), ranges_values(ranges), "", repeats_values(()))
            names = replace(names, addresses=f"({addresses_sql(names, window)})")
            coverage = tuple(self._rows(coverage_sql(names, window), Coverage.of))
            return coverage, tuple(self._rows(traffic_sql(names, window), Flow.of))
        except REFUSED as error:
            raise_if_hopeless(error)
            raise Unusable(f"Athena refused: {_said(error)}") from error

    def _describe(self) -> None:
        answer = self.client.get_table_metadata(
            CatalogName="AwsDataCatalog", DatabaseName=self.database, TableName=self.name
        )["TableMetadata"]
        self.columns = tuple(column_of(one["Name"]) for one in answer.get("Columns", ()))
        self._partitions = tuple(one["Name"] for one in answer.get("PartitionKeys", ()))
        self._parameters = dict(answer.get("Parameters", {}))
        missing = missing_fields(self.columns)
        if missing:
            raise Unusable(
                f"--athena {self.database}.{self.name}: the table lacks {', '.join(missing)}, "
                "without which nothing can be counted"
            )

    def _source(self, window: Window) -> str:
        """The table, or its partitions of a time: a file may be a day younger than its records."""
        table = f'"{self.database}"."{self.name}"'
        for name in self._partitions:
            form = _DAYS.get(self._parameters.get(f"projection.{name}.format", ""))
            if form is not None:
                first = _day(window.since).strftime(form)
                last = (_day(window.until) + timedelta(days=1)).strftime(form)
                return (
                    f"(SELECT * FROM {table} WHERE \"{name}\" >= '{first}' "  # noqa: S608
                    f"AND \"{name}\" <= '{last}')"
                )
        self.notes.append(
            f"{self.database}.{self.name} has no partitions by day that are projected, so all of "
            "it is scanned"
        )
        return table

    def _rows(self, sql: str, made: Callable[[Sequence[Any]], Any]) -> Iterator[Any]:
        if len(sql.encode()) > _LONGEST:
            raise Unusable(
                f"the query has {len(sql.encode()):,} bytes and Athena takes {_LONGEST:,}: leave "
                "--ip-ranges out, or give a file with the ranges of your region only"
            )
        execution = self.client.start_query_execution(
            QueryString=sql,
            WorkGroup=self.workgroup,
            QueryExecutionContext={"Database": self.database},
        )["QueryExecutionId"]
        self._wait(execution)
        pages = self.client.get_paginator("get_query_results").paginate(QueryExecutionId=execution)
        rows = (row for page in pages for row in page["ResultSet"]["Rows"])
        next(rows, None)  # the header
        for row in rows:
            yield made([cell.get("VarCharValue") for cell in row["Data"]])

    def _wait(self, execution: str) -> None:
        """Wait for a query; one that nobody waits for any longer is stopped, as it is billed."""
        waiter = create_waiter_with_client("QueryDone", _DONE, self.client)
        try:
            waiter.wait(QueryExecutionId=execution)
        except WaiterError as error:
            last: Mapping[str, Any] = error.last_response
            status = last.get("QueryExecution", {}).get("Status", {})
            if status.get("State") not in ("FAILED", "CANCELLED"):
                self.client.stop_query_execution(QueryExecutionId=execution)
            why = " ".join(str(status.get("StateChangeReason") or error).split()).rstrip(".")
            raise Unusable(f"Athena did not answer the query: {why}") from error
        except KeyboardInterrupt:
            self.client.stop_query_execution(QueryExecutionId=execution)
            raise
        done = self.client.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
        self.scanned += done.get("Statistics", {}).get("DataScannedInBytes", 0)


def _day(second: int) -> datetime:
    return datetime.fromtimestamp(second, tz=timezone.utc)


def _said(error: Exception) -> str:
    """The error with AWS's own words, which name the workgroup or table."""
    text = " ".join(str(error).split()).rstrip(".")
    return text or code(error)
