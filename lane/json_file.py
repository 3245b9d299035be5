"""JSON that somebody saved or pipes in."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from lane.errors import Unusable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["called", "read_json"]


def called(file: Path, option: str = "") -> str:
    """What a sentence calls a file, given by `option` or as an argument."""
    return f"{option} {'standard input' if str(file) == '-' else file}".lstrip()


def read_json(file: Path, where: str, kind: str = "valid JSON") -> object:
    """What `file` holds, or standard input where it is `-`, in UTF-8, UTF-16 or UTF-32.

    Raises `Unusable`, which calls the file `where`, when it cannot be read or is not of this
    `kind`.
    """
    if str(file) == "-" and sys.stdin is None:
        raise Unusable(f"{where} is closed")
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        found: object = json.loads(content)
    except OSError as error:
        raise Unusable(f"{where} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{where} is not {kind}: {error}") from error
    return found
