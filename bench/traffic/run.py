"""Times `lane traffic` against pandas on the same question and the same files.

    python -m bench.traffic.run --records 50000000 --pandas .cache/bench/pandas/bin/python

The records are generated once into .cache and their true answer is known; both must give it. Each
tool is a whole process; peak memory is its own high-water mark.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.traffic.records import records, text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "bench" / "traffic"
#: The most memory that ours may take, in MiB.
GOAL = 2048


@dataclass(frozen=True)
class Run:
    """One run of one tool: seconds of wall clock and CPU, peak memory in MiB, and its answer."""

    wall: float
    cpu: float
    peak: float
    lines: list[Any]


def run(command: list[str]) -> tuple[Run, str]:
    """Run a tool to its end, and what it printed."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'policies'}"}
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.stdout.close()
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    peak = usage.ru_maxrss / 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, peak, []), output.decode()


def ours(folder: Path) -> Run:
    """`lane traffic` as a user runs it."""
    command = [sys.executable, "-m", "lane", "traffic", str(folder), "--format", "json"]
    ran, output = run(command)
    lines = [
        [one["service"], one["subnet"], one["interface"], one["bytes"]]
        for one in json.loads(output)["lines"]
    ]
    return Run(ran.wall, ran.cpu, ran.peak, sorted(lines))


def theirs(python: Path, folder: Path) -> Run:
    """The same in pandas."""
    ran, output = run([str(python), str(HERE / "with_pandas.py"), str(folder)])
    return Run(ran.wall, ran.cpu, ran.peak, json.loads(output))


def main(
    records_: Annotated[
        list[int] | None, typer.Option("--records", help="How many; may be repeated.")
    ] = None,
    as_text: Annotated[
        bool, typer.Option("--text", help="Also time ours on the same records as packed text.")
    ] = False,
    pandas: Annotated[
        Path | None,
        typer.Option(exists=True, help="A Python with pandas and pyarrow; without it none runs."),
    ] = None,
) -> None:
    """Time `lane traffic` and pandas on generated records."""
    console = Console(width=100)
    late = False
    for count in records_ or [2_000_000, 10_000_000]:
        folder = CACHE / str(count)
        written = records(folder, count)
        truth = json.loads((folder / "truth.json").read_text())["lines"]
        ran = {"lane traffic": ours(folder)}
        if as_text:
            ran["lane traffic, text"] = ours(text(folder))
        if pandas is not None:
            ran["pandas"] = theirs(pandas, folder)
        table = Table(title=f"{written:,} flow log records")
        for name in ("tool", "seconds", "CPU seconds", "MiB", "answer"):
            table.add_column(name, justify="right" if name != "tool" else "left")
        for name, one in ran.items():
            answer = "true" if one.lines == truth else "WRONG"
            table.add_row(name, f"{one.wall:.1f}", f"{one.cpu:.1f}", f"{one.peak:.0f}", answer)
        console.print(table)
        first = ran["lane traffic"]
        if "pandas" in ran:
            other = ran["pandas"]
            console.print(
                f"pandas / lane traffic: {other.wall / first.wall:.2f} in wall clock, "
                f"{other.cpu / first.cpu:.2f} in CPU, {other.peak / first.peak:.2f} in memory"
            )
        of_ours = [one for name, one in ran.items() if name != "pandas"]
        late |= any(one.lines != truth or one.peak > GOAL for one in of_ours)
    if late:
        raise SystemExit(f"the answer must be true, in at most {GOAL} MiB")


if __name__ == "__main__":
    typer.run(main)
