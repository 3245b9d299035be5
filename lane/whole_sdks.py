"""Programs run on provider SDKs that are imported piece by piece, and once more without that.

Importing only what a program uses saves seconds, but a program can tell. Where one fails in a way
that this could have caused, the command starts over with the SDKs imported whole: then a failure is
the program's own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated, NoReturn, TextIO, TypeVar

import typer

from lane import lazy_sdk
from lane.errors import Unusable

__all__ = ["WholeSdks", "run_program"]

Result = TypeVar("Result")

WholeSdks = Annotated[
    bool, typer.Option("--whole-sdks", help="Import provider SDKs whole, which is slower.")
]
#: Failures of a program that importing its SDKs piece by piece could have caused.
_MAY_BE_OURS = (AttributeError, ImportError, NameError, TypeError)


def run_program(run: Callable[[], Result], out: TextIO, *, whole_sdks: bool) -> Result:
    """What `run` returns, which runs a program; `out` is standard output as the user gave it."""
    if not whole_sdks:
        lazy_sdk.install()
    try:
        return run()
    except Unusable as error:
        if whole_sdks or not isinstance(error.__cause__, _MAY_BE_OURS):
            raise
        _start_over(out)


def _start_over(out: TextIO) -> NoReturn:
    os.dup2(out.fileno(), 1)
    os.execv(sys.executable, [*sys.orig_argv, "--whole-sdks"])  # noqa: S606 -- this very command
