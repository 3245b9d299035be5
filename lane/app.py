"""The commands of `lane`, one a file."""

from __future__ import annotations

from typing import Annotated

import typer

from lane import __version__
from lane.preview import preview
from lane.prove import prove

__all__ = ["app"]

app = typer.Typer(
    name="lane", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
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


app.command()(preview)
app.command()(prove)
