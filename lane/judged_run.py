"""A program run, judged and asked about: everything of `lane preview` that needs Pulumi."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from lane import embedded
from lane.analyzer import Analyzer
from lane.formats import write
from lane.judge import FLAGSHIP, judge_run, reading_of
from lane.pack_config import read_pack_config
from lane.progress import step
from lane.report import Report

if TYPE_CHECKING:
    from pathlib import Path

    from lane.formats import Form
    from lane.pack_process import PackProcess
    from lane.policy import Policy
    from lane.program import Project

__all__ = ["JudgedRun", "judged_run", "show"]


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """What a program registered and what was found of it."""

    run: embedded.Run
    report: Report
    #: The policies it was judged by.
    policies: Callable[[], tuple[Policy, ...]]


def judged_run(project: Project, pack: PackProcess, pack_config: Path | None) -> JudgedRun:
    """Run a program, compute its lanes here and ask the pack about it meanwhile.

    Raises `Unusable` when the program or the pack fails.
    """
    given = {} if pack_config is None else read_pack_config(pack_config)
    # `main` switched the collector off while libraries were imported; they need no more looking at.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    gc.enable()
    with contextlib.closing(Analyzer(pack, project, given)) as analyzer:
        with step("running the program"):
            run = embedded.run(project, remediate=analyzer.remediate, on_resource=analyzer.analyze)
        with step("judging the lanes"):
            of_flagship = given.get(FLAGSHIP)
            judgement = judge_run(run, of_flagship if isinstance(of_flagship, dict) else None)
        with step("asking the policy pack"):
            violations = analyzer.violations(run)
    if pack.printed.strip():
        print(pack.printed.rstrip(), file=sys.stderr)
    report = Report(
        source="preview",
        stack=project.stack,
        subnets=judgement.subnets,
        lanes=judgement.lanes,
        violations=violations,
        resources=len(run.resources),
        notes=(*run.notes, *sorted(analyzer.notes)),
    )
    return JudgedRun(run, report, analyzer.policies)


def show(judged: JudgedRun, form: Form, out: TextIO) -> None:
    """Write the result to `out`, as `form` asks."""
    run, report = judged.run, judged.report
    cost: tuple[str, ...] = ()
    if form in ("text", "markdown"):
        from lane.cost.monthly import monthly_sentences  # noqa: PLC0415 -- no other form needs it
        from lane.cost.prices import read_prices  # noqa: PLC0415

        cost = monthly_sentences(reading_of(run), report.lanes, read_prices())
    if form != "text":
        write(report, form, judged.policies, out, cost)
        return
    from lane.render_text import render  # noqa: PLC0415 -- rich is for people alone

    resources = (*run.resources, *run.reads)
    render(report, out, root=run.root.urn, resources=resources, cost=cost)
