"""All that `lane traffic` has to show, whatever ran the SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lane.traffic.findings import Traffic
    from lane.traffic.proof import Verdict
    from lane.traffic.query import Window

__all__ = ["Answer", "Read"]


@dataclass(frozen=True, slots=True)
class Read:
    """Logs of one format that were read: files here, or a table in Athena."""

    version: int
    kind: Literal["text", "parquet", "table"]
    count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked and what the logs tell.

    `window` is None when all was asked for; `verdicts` are empty when none were. `faults` say what
    could not be read, `notes` what was supposed or left out on purpose. `scanned` is how many bytes
    Athena bills, None for files.
    """

    source: Literal["files", "athena"]
    window: Window | None
    traffic: Traffic
    read: tuple[Read, ...]
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    scanned: int | None = None

    @property
    def proved(self) -> bool:
        """Whether every verdict is that of a proof."""
        return all(one.verdict == "proved" for one in self.verdicts)
