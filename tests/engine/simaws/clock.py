"""How long AWS typically takes to create things: `times.json`, read by the provider's journal.

The time is simulated: nothing sleeps. The provider records for each create how long it would have
taken, and the makespan of a deployment follows from those durations and from the dependencies
that the engine recorded in its state.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("times.json")


def creation_seconds(token: str, inputs: dict[str, Any]) -> float:
    """The typical seconds to create a resource of this type with these inputs."""
    table = _table()
    entry = table["types"].get(token)
    if entry is None:
        return float(table["otherwise"])
    for case in entry.get("cases", []):
        if all(inputs.get(key) == value for key, value in case["when"].items()):
            return float(case["seconds"])
    return float(entry["seconds"])


@functools.cache
def _table() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(_FILE.read_text())
    return loaded
