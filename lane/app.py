"""The commands of `lane`, one a file, of which only the one that runs is imported."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lane import __version__

__all__ = ["COMMANDS", "app"]

#: Each is a function of its own name in `lane.<name>`, or a group of such, in the order of help.
COMMANDS = ("preview", "prove", "verify", "canary", "cost", "traffic", "addons")


class _Commands(TyperGroup):
    """Imports a command when it is asked for: some need Pulumi, others boto3 or DuckDB."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 -- typer's own context
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        if cmd_name not in COMMANDS:
            ctx.fail(f"No such command {cmd_name!r}: there are {', '.join(COMMANDS)}.")
        found = getattr(import_module(f"lane.{cmd_name}"), cmd_name)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        alone = typer.Typer(add_completion=False)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    name="lane",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"lane {__version__}")
        raise typer.Exit


@app.callback()
def _lane(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Which way container traffic takes to AWS: before a deployment, after it, and its cost."""
