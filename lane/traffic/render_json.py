"""An answer as one JSON object: bytes as whole numbers, the same text every time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lane.traffic import words

if TYPE_CHECKING:
    from lane.traffic.answer import Answer
    from lane.traffic.findings import Line, NatSeen

__all__ = ["SCHEMA", "as_json"]

#: The name of the format; it changes when a field changes its meaning.
SCHEMA = "privatelane-traffic/1"


def as_json(answer: Answer) -> str:
    """The answer as text that ends with a line feed."""
    return json.dumps(_object(answer), indent=2, ensure_ascii=False) + "\n"


def _object(answer: Answer) -> dict[str, Any]:
    traffic = answer.traffic
    overall = traffic.overall
    return {
        "schema": SCHEMA,
        "source": answer.source,
        "window": {
            "since": None if answer.window is None else words.moment(answer.window.since),
            "until": None if answer.window is None else words.moment(answer.window.until),
            "first_record": None if overall is None else words.moment(overall.began),
            "last_record": None if overall is None else words.moment(overall.ended),
        },
        "records": 0 if overall is None else overall.records,
        "skipped_records": traffic.skipped,
        "read": [
            {"version": one.version, "kind": one.kind, "count": one.count} for one in answer.read
        ],
        "scanned_bytes": answer.scanned,
        "nats": [_nat(one) for one in traffic.nats],
        "services": [{"service": name, "bytes": count} for name, count in traffic.services.items()],
        "lines": [_line(one) for one in traffic.lines],
        "undecided": [
            {
                "service": one.service,
                "subnet": one.subnet,
                "interface": one.interface,
                "way": one.way,
                "bytes": one.bytes,
            }
            for one in traffic.undecided
        ],
        "ways_without_nat": [
            {"way": one.way, "service": one.service, "bytes": one.bytes} for one in traffic.ways
        ],
        "verdicts": [
            {
                "service": one.service,
                "verdict": one.verdict,
                "bytes": one.bytes,
                "reasons": list(one.reasons),
            }
            for one in answer.verdicts
        ],
        "faults": list(answer.faults),
    }


def _nat(nat: NatSeen) -> dict[str, Any]:
    return {
        "nat": nat.id,
        "name": nat.name,
        "known_by": nat.by,
        "records": 0 if nat.coverage is None else nat.coverage.records,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "nat": line.nat,
        "service": line.service,
        "subnet": line.subnet,
        "interface": line.interface,
        "address": line.address,
        "bytes_to_service": line.bytes_out,
        "bytes_from_service": line.bytes_in,
        "bytes": line.bytes,
        "seen_at": line.seen_at,
        "service_told_by": line.told_by,
    }
