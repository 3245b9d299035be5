"""Options that every command has."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Debug", "debugging"]

_asked: list[bool] = []


def _remember(value: bool) -> bool:
    if value:
        _asked.append(True)
    return value


def debugging() -> bool:
    """Whether `--debug` was given."""
    return bool(_asked)


Debug = Annotated[
    bool,
    typer.Option("--debug", help="Show where an error comes from.", callback=_remember),
]
