"""Times the whole policy pack against the least a pack can cost, and against Checkov.

    python -m bench.pack.run --size 5000 --size 20000 --checkov .cache/bench/checkov/bin/checkov

Everything is one run on one machine: the same networks, each tool a fresh process, the median of
several runs. Peak memory is the process's own high-water mark. Checkov gets the plan of the same
networks; it does not compute paths, so this compares speed on equal input and nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import grpc
import typer
from pulumi.runtime import proto
from rich.console import Console
from rich.table import Table

from bench.pack.analyzer_requests import Requests, requests
from bench.pack.networks import networks
from bench.pack.terraform_plan import plan

HERE = Path(__file__).resolve().parent
PACK = HERE.parents[1] / "policies"
_CHANNEL = [
    ("grpc.max_receive_message_length", 400 << 20),
    ("grpc.max_send_message_length", 400 << 20),
]
#: Checkov's closest check: it looks at what NAT gateways are used for.
_ONE_CHECK = "CKV2_AWS_35"


@dataclass(frozen=True)
class Run:
    """One run of one tool: seconds until it serves, of judging, of CPU, and peak memory in MiB."""

    start: float
    judge: float
    cpu: float
    peak: float
    findings: int

    @property
    def total(self) -> float:
        """Seconds from the start of the process to its answer."""
        return self.start + self.judge


def run_pack(folder: Path, sent: Requests) -> Run:
    """Start a pack, send it what the engine would send, and stop it."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-u", "__main__.py"], cwd=folder, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    served = time.perf_counter()
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=_CHANNEL) as channel:
        analyze: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            "/pulumirpc.Analyzer/Analyze"
        )
        for one in sent.analyze:
            analyze(one)
        judge: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            "/pulumirpc.Analyzer/AnalyzeStack"
        )
        answer = proto.AnalyzeResponse.FromString(judge(sent.stack))
    done = time.perf_counter()
    peak = _peak(process.pid)
    process.terminate()
    _, _, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    failed = [one.message for one in answer.diagnostics if one.policyName == "failed-proof"]
    assert not failed, failed
    return Run(
        served - begin,
        done - served,
        usage.ru_utime + usage.ru_stime,
        peak,
        len(answer.diagnostics),
    )


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def run_checkov(checkov: Path, file: Path, check: str | None) -> Run:
    """Run Checkov on a plan, with all of its checks or with one."""
    command = [str(checkov), "-f", str(file), "--framework", "terraform_plan", "--compact",
               "--quiet", "-o", "json", *(["-c", check] if check else [])]  # fmt: skip
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    output = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    done = time.perf_counter()
    process.stdout.close()
    failed = re.search(rb'"failed": (\d+)', output)
    return Run(
        0.0,
        done - begin,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        int(failed[1]) if failed else 0,
    )


def main(
    size: Annotated[list[int] | None, typer.Option(help="How many resources; repeatable.")] = None,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each tool; the median counts.")] = 5,
    pack: Annotated[Path, typer.Option(exists=True, help="The policy pack's folder.")] = PACK,
    checkov: Annotated[
        Path | None, typer.Option(exists=True, help="The checkov program; without it none runs.")
    ] = None,
    checkov_runs: Annotated[int, typer.Option(min=1, help="Runs of Checkov, a size.")] = 1,
    checkov_up_to: Annotated[
        int, typer.Option(help="The largest size that Checkov gets; it needs minutes for 5,000.")
    ] = 5032,
) -> None:
    """Time the policy pack, the floor and Checkov on the same networks."""
    console = Console(width=100)
    totals: dict[int, float] = {}
    for count in size or [100, 1000, 5000, 20000]:
        listed = list(networks(count))
        sent = requests(listed)
        measured: dict[str, list[Run]] = {"pack": [], "floor": []}
        for _ in range(runs):  # in turn, so that a busy moment of the machine hits both
            measured["floor"].append(run_pack(HERE / "floor", sent))
            measured["pack"].append(run_pack(pack, sent))
        if checkov is not None and len(listed) <= checkov_up_to:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, "plan.json")
                file.write_text(plan(listed))
                for name, check in (("checkov, all", None), ("checkov, one", _ONE_CHECK)):
                    measured[name] = [
                        run_checkov(checkov, file, check) for _ in range(checkov_runs)
                    ]
        medians = {name: _middle(several) for name, several in measured.items()}
        totals[len(listed)] = medians["pack"].total
        console.print(_table(len(listed), medians))
        console.print(_compared(medians))
    if len(totals) > 1:
        (small, first), (large, last) = sorted(totals.items())[-2:]
        console.print(f"the pack at {large} takes {last / first:.2f} times its time at {small}")


def _table(count: int, medians: Mapping[str, Run]) -> Table:
    table = Table(title=f"{count} resources: medians in seconds, and peak memory")
    for name in ("tool", "start", "judge", "total", "CPU", "MiB", "found"):
        table.add_column(name, justify="left" if name == "tool" else "right")
    for name, one in medians.items():
        times = (one.start, one.judge, one.total, one.cpu)
        figures = (*(f"{value:.2f}" for value in times), f"{one.peak:.0f}", str(one.findings))
        table.add_row(name, *figures)
    return table


def _compared(medians: Mapping[str, Run]) -> str:
    """The figures that the goals are about."""
    ours, floor = medians["pack"], medians["floor"]
    told = (
        f"pack / floor: {ours.total / floor.total:.2f} in wall clock, "
        f"{ours.cpu / floor.cpu:.2f} in CPU, {ours.peak / floor.peak:.2f} in memory"
    )
    one_check = medians.get("checkov, one")
    if one_check is not None:
        told += f"; Checkov's single check / pack: {one_check.total / ours.total:.1f}"
    return told


def _middle(measured: list[Run]) -> Run:
    return Run(
        start=median(one.start for one in measured),
        judge=median(one.judge for one in measured),
        cpu=median(one.cpu for one in measured),
        peak=median(one.peak for one in measured),
        findings=measured[0].findings,
    )


if __name__ == "__main__":
    typer.run(main)
