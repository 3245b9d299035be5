"""Flow log fields as columns of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from privatelane._invalid import InvalidInput, described, items, nearest

__all__ = ["check_accounts", "check_fields", "check_regions", "columns", "identifier"]

#: Every field. Source: "Flow log records" in the Amazon VPC user guide.
FIELDS = (
    *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport"),
    *("protocol", "packets", "bytes", "start", "end", "action", "log-status"),
    *("vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr"),
    *("region", "az-id", "sublocation-type", "sublocation-id"),
    *("pkt-src-aws-service", "pkt-dst-aws-service", "flow-direction", "traffic-path"),
    *("ecs-cluster-arn", "ecs-cluster-name", "ecs-container-instance-arn"),
    *("ecs-container-instance-id", "ecs-container-id", "ecs-second-container-id"),
    *("ecs-service-name", "ecs-task-definition-arn", "ecs-task-arn", "ecs-task-id"),
    *("reject-reason", "resource-id", "encryption-status"),
    *("interface-type", "next-hop-interface-id", "next-hop-subnet-id", "next-hop-az-id"),
    *("next-hop-vpc-id", "next-hop-interface-type", "instance-tag", "instance-tag-2"),
    *("interface-tag", "interface-tag-2", "asg-tag", "asg-tag-2"),
)
_LONG = frozenset({"packets", "bytes", "start", "end"})
_INT = frozenset({"version", "srcport", "dstport", "protocol"})
#: Whole numbers in Parquet; as text they may be `-`, which is kept.
_INT_IN_PARQUET = frozenset({"traffic-path", "tcp-flags"})
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"(?:[a-z]{2}|eusc)(?:-[a-z]+)+-\d+")


def columns(fields: Iterable[str], *, parquet: bool) -> tuple[tuple[str, str], ...]:
    """Name and Hive type of each field's column, in the order of the format.

    Source: the Parquet data types of "Flow log records" in the Amazon VPC user guide.
    """
    ints = _INT | _INT_IN_PARQUET if parquet else _INT
    return tuple(
        (
            field.replace("-", "_"),
            "bigint" if field in _LONG else "int" if field in ints else "string",
        )
        for field in fields
    )


def check_fields(field: str, value: object) -> tuple[str, ...]:
    """Return the fields of a format when AWS knows each and none comes twice.

    Raises:
        InvalidInput: it is otherwise; the sentence names the first field that is wrong.

    """
    found: list[str] = []
    for place, one in enumerate(items(field, value)):
        if not isinstance(one, str) or one not in FIELDS:
            meant = nearest(one, FIELDS) if isinstance(one, str) else None
            hint = f"did you mean {meant!r}?" if meant else "such as 'pkt-dst-aws-service'"
            raise InvalidInput(
                f"{field}[{place}] is {described(one)}, it must be a field of flow logs; {hint}"
            )
        if one in found:
            raise InvalidInput(f"{field}[{place}] is {one!r}, which comes twice")
        found.append(one)
    if not found:
        raise InvalidInput(f"{field} is empty, it must list the fields in the order of the format")
    return tuple(found)


def check_accounts(field: str, value: object) -> tuple[str, ...]:
    """Return account ids when each is one and there are some.

    Raises:
        InvalidInput: one is none, or there are none.

    """
    return _checked(field, value, _ACCOUNT, "an account id of 12 digits")


def check_regions(field: str, value: object) -> tuple[str, ...]:
    """Return names of regions when each looks like one and there are some.

    Raises:
        InvalidInput: one does not, or there are none.

    """
    return _checked(field, value, _REGION, "the name of a region such as 'eu-west-1'")


def _checked(field: str, value: object, pattern: re.Pattern[str], expected: str) -> tuple[str, ...]:
    found: list[str] = []
    for place, one in enumerate(items(field, value)):
        if not isinstance(one, str) or not pattern.fullmatch(one):
            raise InvalidInput(f"{field}[{place}] is {described(one)}, it must be {expected}")
        found.append(one)
    if not found:
        raise InvalidInput(f"{field} is empty, each of it must be {expected}")
    return tuple(dict.fromkeys(found))


def identifier(*parts: str) -> str:
    """Return a name that SQL takes without quotes."""
    return re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower()).strip("_")
