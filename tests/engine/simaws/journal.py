"""A line of JSON for every call that the provider received, in the file `SIMAWS_JOURNAL` names."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

#: Names the journal's file.
JOURNAL = "SIMAWS_JOURNAL"


@dataclass(frozen=True)
class Entry:
    """One call: what was asked, of which resource, and how it ended."""

    operation: str
    type: str
    urn: str
    id: str = ""
    preview: bool = False
    outcome: str = "done"
    #: How long AWS typically takes for this, in seconds of simulated time.
    seconds: float = 0.0


def record(entry: Entry) -> None:
    """Append the entry; one write a line, so that several processes may share the file."""
    path = os.environ.get(JOURNAL)
    if not path:
        return
    line = json.dumps(asdict(entry)) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def read(path: Path) -> list[Entry]:
    """The entries of a journal, oldest first."""
    if not path.exists():
        return []
    return [Entry(**json.loads(line)) for line in path.read_text().splitlines()]
