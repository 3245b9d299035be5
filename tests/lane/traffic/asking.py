"""What tests ask: the answer of the whole command, and of its parts."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lane.traffic.files import find
from lane.traffic.findings import Traffic, found, overlap, repeats
from lane.traffic.local import LocalLogs
from lane.traffic.query import ALL_TIME, Window
from lane.traffic.ranges import Named, ranges
from tests.lane.running import Finished, run_lane
from tests.lane.traffic.network import Through

if TYPE_CHECKING:
    from lane.traffic.inventory import Inventory


def ask(
    *paths: Path,
    inventory: Inventory | None = None,
    named: tuple[Named, ...] = (),
    window: Window = ALL_TIME,
) -> Traffic:
    """What the logs tell, as the command works it out."""
    logs = find(paths)
    assert logs.faults == ()
    nats = inventory.logged_as if inventory is not None else {}
    local = inventory.networks if inventory is not None else ()
    with closing(LocalLogs(logs.formats, nats, ranges(named, local))) as reader:
        coverage = reader.coverage(window)
        again = repeats(reader.stretches(window)) if overlap(coverage) else ()
        flows = reader.traffic(window, again)
        assert reader.faults == ()
    return found(flows, coverage, inventory)


def through(traffic: Traffic) -> set[Through]:
    """The lines of an answer, which must be as many."""
    lines = [
        Through(one.nat or "", one.service, one.subnet, one.interface, one.bytes_out, one.bytes_in)
        for one in traffic.lines
    ]
    assert len(set(lines)) == len(lines)
    return set(lines)


def traffic_command(*args: object) -> tuple[Finished, dict[str, Any]]:
    """What `lane traffic` ends with, and the JSON object that it prints."""
    done = run_lane("traffic", "--format", "json", *map(str, args))
    return done, json.loads(done.out) if done.out else {}
