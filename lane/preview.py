"""`lane preview`: the embedded preview of a program, judged by the prover and the policy pack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lane.formats import Format  # noqa: TC001 -- typer reads annotations when it runs
from lane.options import Debug  # noqa: TC001 -- typer reads annotations when it runs
from lane.pack_process import PackProcess
from lane.program import load_pack, load_project
from lane.progress import step
from lane.results import claim_stdout
from lane.whole_sdks import WholeSdks, run_program

if TYPE_CHECKING:
    from lane.judged_run import JudgedRun

__all__ = ["preview"]

#: The pack of this repository, beside the package.
_PACK = Path(__file__).resolve().parent.parent / "policies"


def preview(
    stack: Annotated[str, typer.Option(help="The stack whose configuration is used.")] = "dev",
    program: Annotated[
        Path, typer.Option(help="The folder of a Python Pulumi program.", show_default="here")
    ] = Path(),
    format: Format = "text",  # noqa: A002 -- the option's name
    policy_pack: Annotated[
        Path, typer.Option(help="The policy pack to ask.", show_default="this project's")
    ] = _PACK,
    policy_pack_config: Annotated[
        Path | None, typer.Option(help="A JSON file that configures the pack, as Pulumi takes it.")
    ] = None,
    whole_sdks: WholeSdks = False,
    debug: Debug = False,  # noqa: ARG001 -- read where errors are shown
) -> None:
    """Show which way traffic takes to AWS, before anything is created.

    Runs the program without AWS, without the Pulumi CLI and without a network: ids stay unknown,
    as in a first preview. Exits with 0, or with 1 when something mandatory is violated, or with 2
    when the program cannot be previewed.
    """
    out = claim_stdout()
    project = load_project(program, stack)

    def judged() -> JudgedRun:
        with PackProcess(load_pack(policy_pack), project) as pack:
            # The pack's process starts while Pulumi's libraries are imported here.
            with step("loading Pulumi"):
                from lane.judged_run import judged_run  # noqa: PLC0415
            return judged_run(project, pack, policy_pack_config)

    result = run_program(judged, out, whole_sdks=whole_sdks)
    from lane.judged_run import show  # noqa: PLC0415 -- imported above

    show(result, format, out)
    out.close()
    raise typer.Exit(result.report.exit_status)
