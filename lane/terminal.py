"""The console that results are shown on."""

from __future__ import annotations

import os
from typing import NoReturn, TextIO

from rich.console import Console

__all__ = ["console_on"]

#: Columns when the output is no terminal: wide enough for one row of five services.
_WIDTH = 140


class _Console(Console):
    """One that leaves a reader's leaving to the command line: rich would end with status 1."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def console_on(out: TextIO) -> Console:
    """A console that writes text to `out` as it is, in COLUMNS where they are set.

    Colours are for terminals only, and not even there when NO_COLOR is set.
    """
    return _Console(
        file=out,
        width=None if out.isatty() or os.environ.get("COLUMNS") else _WIDTH,
        highlight=False,
        emoji=False,
        markup=False,
    )
