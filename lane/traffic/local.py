"""Flow logs on this machine, read by DuckDB, which spills to disk what memory does not hold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from lane.errors import Unusable
from lane.traffic.fields import column_of, relation
from lane.traffic.files import Fault, Format, salvaged
from lane.traffic.query import (
    Coverage,
    Flow,
    Names,
    Stretch,
    Window,
    addresses_sql,
    coverage_sql,
    repeats_values,
    stretches_sql,
    traffic_sql,
)

if TYPE_CHECKING:
    from lane.traffic.ranges import Range

__all__ = ["MEMORY", "LocalLogs"]

#: What DuckDB may hold in memory; the process needs a few hundred MB besides.
MEMORY = "1500MB"
_NAMES = Names("records", "nats", "ranges", "addresses", "repeats")
#: Broken lines that are remembered; more are counted as that many.
_BROKEN = 10_000


class LocalLogs:
    """Runs the SQL on files. To be closed, as it keeps a folder for what is spilled."""

    def __init__(
        self, formats: Sequence[Format], nats: Iterable[str], ranges: Sequence[Range]
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lane-traffic-")
        self._connection = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "temp_directory": self._folder.name,
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
            }
        )
        # DuckDB takes text files for small and would keep all their records to look addresses up
        # in them. As the SQL is written, it keeps the addresses.
        self._connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        self._formats = list(formats)
        self._scans = 0
        self._faults: dict[Path, Fault] = {}
        self._kept: dict[Path, Path] = {}
        execute = self._connection.execute
        execute("CREATE TABLE nats (eni VARCHAR)")
        execute("INSERT INTO nats SELECT unnest(?::VARCHAR[])", [sorted(set(nats))])
        execute("CREATE TABLE ranges (bucket VARCHAR, low VARCHAR, high VARCHAR, service VARCHAR)")
        execute(
            "INSERT INTO ranges SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), "
            "unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
            [list(column) for column in zip(*ranges, strict=True)],
        )

    def close(self) -> None:
        """Give back memory and disk."""
        self._connection.close()
        self._folder.cleanup()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What could not be read, as far as it has shown."""
        broken = self._connection.execute(
            "SELECT s.file_path, count(DISTINCT e.line), min(e.line) FROM reject_errors e "
            "JOIN reject_scans s USING (scan_id, file_id) GROUP BY 1 ORDER BY 1"
        ).fetchall() if self._has_rejects() else []  # fmt: skip
        originals = {str(kept): file for file, kept in self._kept.items()}
        found = dict(self._faults)
        for path, lines, first in broken:
            file = originals.get(path, Path(path))
            many = "1 line is" if lines == 1 else f"{lines} lines are"
            found.setdefault(
                file,
                Fault(
                    file,
                    f"{many} left out, the first of them line {first}, which has other fields "
                    "than its header names: the file is truncated or damaged",
                ),
            )
        return tuple(found[file] for file in sorted(found))

    def coverage(self, window: Window) -> tuple[Coverage, ...]:
        """What the records cover."""
        return tuple(map(Coverage.of, self._rows(coverage_sql(_NAMES, window))))

    def stretches(self, window: Window) -> tuple[Stretch, ...]:
        """When each flow log logs each interface."""
        return tuple(Stretch(*row) for row in self._rows(stretches_sql(_NAMES, window)))

    def traffic(self, window: Window, repeats: Sequence[Stretch]) -> tuple[Flow, ...]:
        """Bytes by NAT, service, subnet and interface."""
        self._connection.execute(f"CREATE OR REPLACE TABLE repeats AS {repeats_values(repeats)}")
        outside = addresses_sql(_NAMES, window)
        self._rows(f"CREATE OR REPLACE TABLE addresses AS {outside}")
        return tuple(map(Flow.of, self._rows(traffic_sql(_NAMES, window))))

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query; damaged files are mended and it runs again."""
        self._create_view()
        try:
            return self._connection.execute(sql).fetchall()
        except duckdb.Error as error:
            if not self._mend():
                raise Unusable(
                    f"DuckDB cannot read the flow logs: {str(error).splitlines()[0]}", str(error)
                ) from error
        return self._rows(sql)

    def _create_view(self) -> None:
        parts = [self._selected(one) for one in self._formats]
        self._connection.execute(f"CREATE OR REPLACE VIEW records AS {' UNION ALL '.join(parts)}")

    def _selected(self, one: Format) -> str:
        listed = ", ".join(_text(str(self._kept.get(file, file))) for file in one.files)
        if one.parquet:
            names = ", ".join(
                f'"{name}" AS "{column_of(name)}"' if name != column_of(name) else f'"{name}"'
                for name in one.columns
            )
            source = f"(SELECT {names} FROM read_parquet([{listed}]))"  # noqa: S608
        else:
            columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in one.columns)
            source = (
                f"read_csv([{listed}], delim = ' ', header = true, auto_detect = false, "
                "quote = '', escape = '', ignore_errors = true, store_rejects = true, "
                f"rejects_limit = {_BROKEN}, columns = {{{columns}}})"
            )
        return relation(source, {column_of(name) for name in one.columns}, one.origin)

    def _mend(self) -> bool:
        """Put what can be read of damaged files in their place; whether there were any."""
        mended = False
        for one in self._formats:
            for file in one.files:
                if file in self._faults:
                    continue
                kept, fault = _checked(file, one, Path(self._folder.name))
                if fault is not None:
                    self._faults[file] = fault
                    mended = True
                if kept is not None:
                    self._kept[file] = kept
        gone = {file for file in self._faults if file not in self._kept}
        self._formats = [
            Format(one.origin, one.parquet, one.columns, files)
            for one in self._formats
            if (files := tuple(file for file in one.files if file not in gone))
        ]
        if not self._formats:
            raise Unusable("; ".join(str(fault) for fault in self.faults))
        return mended

    def _has_rejects(self) -> bool:
        tables = self._connection.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'reject_errors'"
        ).fetchone()
        return tables is not None and tables[0] > 0


def _checked(file: Path, one: Format, folder: Path) -> tuple[Path | None, Fault | None]:
    if not one.parquet:
        return salvaged(file, folder)
    try:
        with duckdb.connect() as connection:
            connection.execute("SELECT count(COLUMNS(*)) FROM read_parquet(?)", [str(file)])
    except duckdb.Error:
        return None, Fault(file, "it is a Parquet file that is damaged: it is not counted")
    return None, None


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
