"""The command line: one command a file, every error one sentence."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

from lane import __version__
from lane.errors import Unusable
from lane.options import debugging
from lane.preview import preview

__all__ = ["app", "main"]

app = typer.Typer(
    name="lane",
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


app.command()(preview)


def main() -> None:
    """Run `lane`; leaves with 0, 1 (something mandatory is violated) or 2 (unusable input)."""
    sys.exit(_status())


def _status() -> int:
    try:
        return int(app(standalone_mode=False) or 0)
    except Unusable as error:
        _tell(error, str(error), error.details)
    except BrokenPipeError:
        pass  # who reads the result has seen enough
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 -- no trace for users but by --debug
        told = getattr(error, "format_message", None)
        if told is not None:  # the command line itself is wrong
            _tell(error, told(), "")
        else:
            _tell(error, f"lane failed with {type(error).__name__}: {error}", "")
    return 2


def _tell(error: Exception, sentence: str, details: str) -> None:
    if debugging():
        traceback.print_exception(error)
        if details:
            print(details.rstrip(), file=sys.stderr)
    print(f"lane: {sentence}", file=sys.stderr)
