"""When AWS Backup and Data Lifecycle Manager take backups, and how long these are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privatelane._invalid import InvalidInput, entries, flag, integer, text

#: AWS Backup reads cron expressions of six fields, in UTC unless told otherwise.
_SCHEDULE = re.compile(r"cron\((\S+\s+){5}\S+\)")
#: Hours between two snapshots that Data Lifecycle Manager accepts. Source: its `CreateRule`.
_INTERVALS = (1, 2, 3, 4, 6, 8, 12, 24)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

#: AWS Backup takes names of 50 characters. Ours end in `-cluster` or `-volumes`, and in the hyphen
#: and seven digits that Pulumi adds.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,34}")


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """A plan of AWS Backup, once its settings have been accepted."""

    schedule: str
    keep_days: int
    copy_keep_days: int
    lock: bool
    volume_tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """A schedule of Data Lifecycle Manager, once its settings have been accepted."""

    tags: Mapping[str, str]
    interval_hours: int
    time: str
    keep: int


def plan_backups(name: str, given: Mapping[str, Any]) -> BackupPlan:
    """Return the plan for the settings `plan.*` of the backup of that name.

    Raises:
        InvalidInput: a setting is of no use, or AWS Backup does not take the name; the sentence
            names it.

    """
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(
            f"name is {name!r}, with a plan it must be up to 34 letters, digits, hyphens and"
            " underscores"
        )
    schedule = text("plan.schedule", given.get("schedule", "cron(0 3 * * ? *)"))
    if _SCHEDULE.fullmatch(schedule) is None:
        raise InvalidInput(
            f"plan.schedule is {schedule!r}, it must be a cron expression of six fields, such as"
            " 'cron(0 3 * * ? *)', in UTC"
        )
    keep = integer("plan.keep_days", given.get("keep_days", 35), least=1, most=36_500)
    if "copy_keep_days" in given and "copy_to_vault_arn" not in given:
        raise InvalidInput("plan.copy_keep_days is given without plan.copy_to_vault_arn")
    return BackupPlan(
        schedule=schedule,
        keep_days=keep,
        copy_keep_days=integer(
            "plan.copy_keep_days", given.get("copy_keep_days", keep), least=1, most=36_500
        ),
        lock=flag("plan.lock", given.get("lock", False)),
        volume_tags=_tags("plan.volume_tags", given.get("volume_tags", {})),
    )


def plan_snapshots(given: Mapping[str, Any]) -> SnapshotPlan:
    """Return the plan for the settings `volume_snapshots.*` of a backup.

    Raises:
        InvalidInput: a setting is of no use; the sentence names it.

    """
    tags = _tags("volume_snapshots.tags", given.get("tags", {}))
    if not tags:
        raise InvalidInput(
            "volume_snapshots.tags is empty, it must hold the tags of the volumes to snapshot"
        )
    field = "volume_snapshots.interval_hours"
    interval = integer(field, given.get("interval_hours", 24), least=1, most=24)
    if interval not in _INTERVALS:
        accepted = ", ".join(str(one) for one in _INTERVALS)
        raise InvalidInput(f"{field} is {interval}, it must be one of {accepted}")
    time = text("volume_snapshots.time", given.get("time", "02:00"))
    if _TIME.fullmatch(time) is None:
        raise InvalidInput(f"volume_snapshots.time is {time!r}, it must be hh:mm in UTC")
    keep = integer("volume_snapshots.keep", given.get("keep", 14), least=1, most=1000)
    return SnapshotPlan(tags, interval, time, keep)


def _tags(field: str, given: object) -> dict[str, str]:
    tags = {key: text(f"{field}.{key}", one) for key, one in entries(field, given).items()}
    for key in tags:
        if key.casefold().startswith("aws:"):
            raise InvalidInput(f"{field} has {key!r}, AWS keeps tags that begin with 'aws:'")
    return tags
