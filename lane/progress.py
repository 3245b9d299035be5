"""What is going on, on a terminal, when a step takes more than a second."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["step"]

#: Seconds before a step is shown.
_PATIENCE = 1.0


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Show a spinner with `text` on standard error while the block takes long; then remove it."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    shown = threading.Thread(target=_show, args=(text, done), daemon=True)
    shown.start()
    try:
        yield
    finally:
        done.set()
        shown.join()


def _show(text: str, done: threading.Event) -> None:
    if done.wait(_PATIENCE):
        return
    from rich.console import Console  # noqa: PLC0415 -- there is time for it only now

    with Console(stderr=True).status(f"{text} …"):
        done.wait()
