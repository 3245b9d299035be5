"""The policy pack's process: starts the pack as Pulumi's language host does, and ends with `lane`.

Run by path, never imported: the pack must find its own modules first and none of `lane`'s.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading


def _end_with_parent() -> None:
    """The parent holds the other end of standard input; it closes when the parent is gone."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    del sys.path[0]  # this file's folder
    sys.argv = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    runpy.run_path(sys.argv[0], run_name="__main__")
