"""The findings of the canary, for people and for scripts."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, TextIO

from rich import box
from rich.table import Table
from rich.text import Text

from lane.canary.zone_runs import BAD
from lane.terminal import console_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lane.canary.zone_runs import ZoneRun

__all__ = ["as_json", "render"]

_STYLES = {"private": "green", "reached": "yellow", "unknown": "yellow"}


def as_json(runs: Sequence[ZoneRun]) -> str:
    """Return one JSON object, sorted by zone and service."""
    told = {
        "schema": "privatelane/1",
        "source": "canary",
        "zones": [
            {"zone": one.zone, "task": one.task, "stopped": one.stopped, "problem": one.problem}
            for one in runs
        ],
        "findings": [{"zone": zone, **_finding(one)} for zone, one in _sorted(runs)],
        "counts": _counts(runs),
    }
    return json.dumps(told, indent=2, sort_keys=True) + "\n"


def render(runs: Sequence[ZoneRun], out: TextIO) -> None:
    """Write a table of the findings; colours are for terminals only, as NO_COLOR allows."""
    console = console_on(out)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("zone", "service", "verdict", "ms", "why"):
        table.add_column(column, overflow="fold", justify="right" if column == "ms" else "left")
    for zone, one in _sorted(runs):
        verdict = one["verdict"]
        style = "bold red" if verdict in BAD else _STYLES.get(verdict, "")
        reason = f"{one['host'] or ''} {one['reason']}".strip()
        milliseconds = str(one.get("milliseconds", ""))
        table.add_row(zone, one["service"], Text(verdict, style), milliseconds, reason)
    if table.row_count:
        console.print(table)
    for run in runs:
        for why, style in ((run.stopped, "bold red"), (run.problem, "yellow")):
            if why is not None:
                console.print(Text(f"{run.zone}: {why}", style))
    counts = ", ".join(f"{count} {word}" for word, count in _counts(runs).items())
    console.print(f"canary: {counts}")


def _counts(runs: Sequence[ZoneRun]) -> dict[str, int]:
    verdicts = Counter(one["verdict"] for run in runs for one in run.findings)
    return {
        "zones": len(runs),
        **{word: verdicts[word] for word in ("private", "reached", "unknown")},
        "bad": sum(verdicts[word] for word in BAD) + sum(run.stopped is not None for run in runs),
    }


def _finding(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in ("canary", "zone")}


def _sorted(runs: Sequence[ZoneRun]) -> list[tuple[str, Mapping[str, Any]]]:
    found = [(run.zone, one) for run in runs for one in run.findings]
    return sorted(found, key=lambda pair: (pair[0], pair[1]["service"]))
