"""Writes the components' Pulumi schema anew: `make schema`, after a change that was meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from privatelane._plugin import Plugin

GOLDEN = Path(__file__).with_name("schema.json")


def schema() -> dict[str, Any]:
    """The schema that the plugin answers with."""
    answer: dict[str, Any] = json.loads(Plugin().schema or "")
    return answer


def write() -> None:
    """Make today's schema the golden one."""
    GOLDEN.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
