"""Stands for Athena behind a real boto3 client: DuckDB runs the queries that it is sent.

botocore checks what goes out against AWS's own model of the service; nothing leaves the machine. It
does not show that Trino takes the SQL: `test_sql` holds that to what both engines have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import duckdb

from privatelane.observability._flow_log_columns import columns
from tests.lane.traffic.network import fill

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

#: Rows of a page of results; Athena's have a thousand.
_PAGE = 3


@dataclass
class Athena:
    """A table `logs.flow_logs`, partitioned by day, and what was asked of it."""

    database: duckdb.DuckDBPyConnection
    fields: Sequence[str]
    parameters: dict[str, str]
    partitions: Sequence[str]
    queries: list[dict[str, Any]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    #: States that a query goes through before it succeeds, or its last words when it does not.
    states: list[str] = field(default_factory=lambda: ["QUEUED", "RUNNING"])
    failure: str = ""
    _results: dict[str, list[list[str | None]]] = field(default_factory=dict)

    def client(self) -> AthenaClient:
        """A client of boto3 whose calls end here."""
        client = boto3.client(
            "athena",
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )
        # What a handler returns stands for AWS's answer, which its type does not say.
        answer: Any = self._answer
        client.meta.events.register("before-call.athena.*", answer)
        client.meta.events.register("provide-client-params.athena.*", self._note)
        return client

    def _note(self, params: dict[str, Any], **_: object) -> None:
        self._given = params

    def _answer(self, model: Any, **_: object) -> tuple[SimpleNamespace, dict[str, Any]]:
        found = getattr(self, f"_{model.name}")(**self._given)
        return SimpleNamespace(status_code=200), found

    def _GetTableMetadata(self, **given: str) -> dict[str, Any]:  # noqa: N802 -- AWS's name
        assert given == {
            "CatalogName": "AwsDataCatalog",
            "DatabaseName": "logs",
            "TableName": "flow_logs",
        }
        return {
            "TableMetadata": {
                "Name": "flow_logs",
                "Columns": [
                    {"Name": name, "Type": type_}
                    for name, type_ in columns(self.fields, parquet=False)
                ],
                "PartitionKeys": [{"Name": name, "Type": "string"} for name in self.partitions],
                "Parameters": self.parameters,
            }
        }

    def _StartQueryExecution(self, **given: Any) -> dict[str, Any]:  # noqa: N802
        self.queries.append(given)
        execution = f"query-{len(self.queries)}"
        if not self.failure:
            found = self.database.sql(given["QueryString"])
            rows = [list(found.columns), *found.fetchall()]
            self._results[execution] = [
                [None if cell is None else str(cell) for cell in row] for row in rows
            ]
        return {"QueryExecutionId": execution}

    def _GetQueryExecution(self, **given: Any) -> dict[str, Any]:  # noqa: N802
        state = self.states.pop(0) if self.states else "FAILED" if self.failure else "SUCCEEDED"
        return {
            "QueryExecution": {
                "QueryExecutionId": given["QueryExecutionId"],
                "Status": {"State": state, "StateChangeReason": self.failure},
                "Statistics": {"DataScannedInBytes": 1000},
            }
        }

    def _GetQueryResults(self, **given: Any) -> dict[str, Any]:  # noqa: N802
        rows = self._results[given["QueryExecutionId"]]
        first = int(given.get("NextToken", 0))
        page = rows[first : first + _PAGE]
        cells = [
            {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
            for row in page
        ]
        after = {"NextToken": str(first + _PAGE)} if first + _PAGE < len(rows) else {}
        return {"ResultSet": {"Rows": cells}, **after}

    def _StopQueryExecution(self, **given: Any) -> dict[str, Any]:  # noqa: N802
        self.stopped.append(given["QueryExecutionId"])
        return {}


def table(
    rows: Iterable[dict[str, object]],
    fields: Sequence[str],
    parameters: dict[str, str] | None = None,
) -> Athena:
    """A table as `FlowLogTable` lays it out, with the types and empty cells that Hive reads."""
    database = duckdb.connect()
    database.execute("CREATE SCHEMA logs")
    hive = {"string": "VARCHAR", "int": "INTEGER", "bigint": "BIGINT"}
    types = {name: hive[type_] for name, type_ in columns(fields, parquet=False)}
    days = {"log_account": "123456789012", "log_region": "us-east-1", "day": "2026/11/20"}
    cells = ([*(row[name] for name in fields), *days.values()] for row in rows)
    fill(database, "logs.flow_logs", {**types, **dict.fromkeys(days, "VARCHAR")}, cells)
    projected = {"projection.day.type": "date", "projection.day.format": "yyyy/MM/dd"}
    return Athena(database, fields, projected if parameters is None else parameters, tuple(days))
