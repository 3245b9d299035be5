"""The tables that the engine tests fill in: faults, day two, makespan, timings.

A test adds a row; `python -m tests.engine.report` prints the tables of the last run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "engine" / "report"


def forget() -> None:
    """Drop the rows of the run before."""
    for file in FOLDER.glob("*.jsonl"):
        file.unlink()


def add_row(table: str, **cells: object) -> None:
    """Add a row to a table; one write a row, so that several processes may share the file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    line = json.dumps(cells, default=str) + "\n"
    descriptor = os.open(FOLDER / f"{table}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def rows(table: str) -> list[dict[str, object]]:
    """The rows of a table, sorted by their cells so that two runs print the same."""
    file = FOLDER / f"{table}.jsonl"
    found = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return sorted(found, key=lambda row: [_sortable(cell) for cell in row.values()])


def text_of(table: str) -> str:
    """A table as text, its columns aligned."""
    found = rows(table)
    if not found:
        return f"{table}: no rows\n"
    names = list(found[0])
    lines = [names, *([_shown(row.get(name)) for name in names] for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(names))]
    return "\n".join([table, *(_aligned(line, widths) for line in lines), ""])


def _aligned(cells: Iterable[str], widths: Iterable[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  " + "  ".join(padded).rstrip()


def _shown(cell: object) -> str:
    if isinstance(cell, list):
        return ", ".join(map(str, cell)) or "-"
    return str(cell)


def _sortable(cell: object) -> tuple[int, float, str]:
    return (0, float(cell), "") if isinstance(cell, (int, float)) else (1, 0.0, str(cell))


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.jsonl")):
        sys.stdout.write(text_of(path.stem) + "\n")
