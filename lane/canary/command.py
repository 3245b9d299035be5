"""`lane canary`: the endpoints as a task in each zone sees them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from lane.canary.stack_outputs import read_canary
from lane.errors import Unusable
from lane.options import Debug  # noqa: TC001 -- typer reads annotations when it runs
from lane.progress import step

__all__ = ["canary"]


def canary(
    outputs: Annotated[
        Path,
        typer.Argument(
            help="What `pulumi stack output --json` wrote, or - for standard input.",
            show_default=False,
        ),
    ],
    output: Annotated[
        str, typer.Option(help="The output that is `EndpointCanary.run`.")
    ] = "canary",
    timeout: Annotated[
        int, typer.Option(help="Seconds after which tasks are stopped.", min=30, max=3600)
    ] = 300,
    format: Annotated[  # noqa: A002 -- the option's name
        Literal["text", "json"], typer.Option(help="For people, or one JSON object for scripts.")
    ] = "text",
    debug: Debug = False,  # noqa: ARG001 -- read where errors are shown
) -> None:
    """Run the canary in each zone, to see whether endpoints resolve privately, and answer.

    Starts one Fargate task a zone, which costs cents. Exits with 0, or with 1 when an endpoint is
    not private or not there, or a task cannot start, or with 2 when that could not be found out;
    what was found out is shown all the same.
    """
    deployed = read_canary(outputs, output)
    with step("loading boto3"):
        from lane.canary.zone_runs import run_canary  # noqa: PLC0415 -- half a second
        from lane.sources.aws import session_of_environment  # noqa: PLC0415 -- with it
    with step(f"running a task in {len(deployed.subnets)} zones"):
        runs = run_canary(deployed, session_of_environment(), timeout)
    from lane.canary.render import as_json, render  # noqa: PLC0415 -- it needs what ran

    if format == "json":
        sys.stdout.write(as_json(runs))
    else:
        render(runs, sys.stdout)
    problems = [f"{one.zone}: {one.problem}" for one in runs if one.problem is not None]
    if problems:
        sys.stdout.flush()
        raise Unusable(f"not every zone could be judged: {'; '.join(problems)}")
    raise typer.Exit(1 if any(one.bad for one in runs) else 0)
