"""How long `lane verify` takes on accounts of growing size, and the prover's share of it.

    python -m bench.verify.run --vpcs 20 --vpcs 60 --vpcs 200

AWS is moto, served by another process on this machine: what it takes to answer is in the total,
and is far more or far less than AWS itself would take. `lane`'s own CPU time is apart, and within
it what is spent on facts, lanes and rules.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.verify.account import KEY, LEAKY, REGION, SUBNETS

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Of a leaky VPC, the private subnets: each has one refuted lane, to `ecr.dkr`.
_PRIVATE = SUBNETS - 2
_STAGES = """
import gc, json, sys, time
gc.disable()  # as the command line does
begin = time.process_time()
from lane.sources.aws import read_aws
from lane.live import judge_answers
from lane.sources.describe import network_of
from privatelane_paths import judge
imported = time.process_time()
places = read_aws([sys.argv[1]])
read = time.process_time()
network = network_of(places)
facts = time.process_time()
lanes = judge(network)
judged = time.process_time()
judge_answers(places, {})
rules = time.process_time()
print(json.dumps({
    "imports": imported - begin, "calls": read - imported, "facts": facts - read,
    "lanes": judged - facts, "facts, lanes and rules once more": rules - judged,
}))
"""


@dataclass(frozen=True)
class Run:
    """One size: seconds from start to end, of `lane`'s own CPU and of its parts; peak MiB."""

    vpcs: int
    total: float
    cpu: float
    peak: float
    parts: dict[str, float]
    subnets: int


@contextmanager
def _account(vpcs: int) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.verify.account", str(vpcs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def measure(vpcs: int) -> Run:
    """Verify an account of `vpcs` VPCs once, and once more in parts."""
    with _account(vpcs) as endpoint:
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_CONFIG_FILE": os.devnull,
        }
        # The server's first answers are slow: it imports what it serves.
        _stages(environment)
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "lane", "verify", "--region", REGION, "--format", "json"],
            env=environment,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        report = json.loads(process.stdout.read())
        _, _, usage = os.wait4(process.pid, 0)
        total = time.perf_counter() - begin
        process.stdout.close()
        parts = _stages(environment)
    leaky = len(range(0, vpcs, LEAKY))
    found = [one for one in report["lanes"] if one["verdict"] == "refuted"]
    assert len(found) == leaky * _PRIVATE, f"{len(found)} refuted lanes in {leaky} leaky VPCs"
    assert report["counts"]["unknown"] == 0
    cpu = usage.ru_utime + usage.ru_stime
    return Run(vpcs, total, cpu, usage.ru_maxrss / 1024, parts, len(report["subnets"]))


def _stages(environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _STAGES, REGION],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(
    vpcs: Annotated[list[int] | None, typer.Option(help="How many VPCs; repeat it.")] = None,
) -> None:
    """Measure each size and print the table, a line as soon as it is known."""
    sizes = vpcs or [20, 60, 200]
    runs: list[Run] = []
    for size in sizes:
        run = measure(size)
        runs.append(run)
        parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in run.parts.items())
        print(f"{run.vpcs} VPCs, {run.subnets} subnets: {run.total:.2f} s; {parts}", flush=True)
    table = Table(
        "VPCs", "subnets", "total s", "lane CPU s", "ms a VPC", "prover s", "share", "MiB"
    )
    first = runs[0]
    for run in runs:
        prover = run.parts["facts"] + run.parts["lanes"]
        fixed = run.parts["imports"]
        table.add_row(
            str(run.vpcs),
            str(run.subnets),
            f"{run.total:.2f}",
            f"{run.cpu:.2f}",
            f"{1000 * (run.cpu - fixed) / run.vpcs:.1f}",
            f"{prover:.2f}",
            f"{prover / run.cpu:.0%}",
            f"{run.peak:.0f}",
        )
    Console().print(table)
    last = runs[-1]
    growth = (last.cpu - last.parts["imports"]) / (first.cpu - first.parts["imports"])
    print(f"{last.vpcs / first.vpcs:.1f} times the VPCs took {growth:.1f} times the CPU of lane")


if __name__ == "__main__":
    typer.run(main)
