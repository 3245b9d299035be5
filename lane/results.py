"""Standard output for results alone, whatever else a program or its libraries print."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from lane.errors import Unusable

__all__ = ["claim_stdout"]


def claim_stdout() -> TextIO:
    """The real standard output; from now on everybody else's output goes to standard error.

    For good, because a program may print as late as when the process ends, and below Python, too:
    for C libraries and for processes that the program starts.
    """
    if sys.stdout is None:  # it was closed before Python started
        raise Unusable("there is no standard output to write the result to")
    sys.stdout.flush()
    encoding = sys.stdout.encoding
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding=encoding, errors="replace")
