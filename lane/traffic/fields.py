"""The fields of flow log records that the question needs, and the relation they are read as."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["VERSION_OF", "column_of", "missing_fields", "relation", "version_of"]

#: Every field of a flow log record and the version that brought it.
#: Source: "Flow log records" in the Amazon VPC user guide.
VERSION_OF = {
    field: version
    for version, fields in {
        2: (
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets "
            "bytes start end action log-status"
        ),
        3: "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr",
        4: "region az-id sublocation-type sublocation-id",
        5: "pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path",
        7: (
            "ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn "
            "ecs-container-instance-id ecs-container-id ecs-second-container-id ecs-service-name "
            "ecs-task-definition-arn ecs-task-arn ecs-task-id"
        ),
        8: "reject-reason",
        9: "resource-id",
        10: "encryption-status",
        11: (
            "interface-type next-hop-interface-id next-hop-subnet-id next-hop-az-id "
            "next-hop-vpc-id next-hop-interface-type instance-tag instance-tag-2 interface-tag "
            "interface-tag-2 asg-tag asg-tag-2"
        ),
    }.items()
    for field in fields.split()
}

#: Columns of the relation that hold text: `-` where a record has no value, NULL where its format
#: does not have the field.
_TEXTS = (
    *("interface_id", "resource_id", "vpc_id", "subnet_id", "srcaddr", "dstaddr"),
    *("pkt_srcaddr", "pkt_dstaddr", "pkt_src_aws_service", "pkt_dst_aws_service"),
    *("traffic_path", "interface_type", "next_hop_interface_type", "next_hop_interface_id"),
    *("action", "log_status"),
)
#: Columns that hold whole numbers, NULL where a record has none.
_NUMBERS = ("bytes", "start", "end")
#: What no answer can do without.
_NEEDED = ("srcaddr", "dstaddr", "bytes", "start", "end")


def column_of(field: str) -> str:
    """The name of a field as a column, which is how AWS names it in Parquet files."""
    return field.strip().lower().replace("-", "_")


def version_of(columns: Collection[str]) -> int:
    """The version of the flow log format that these columns need, 2 at least."""
    return max(
        [2, *(version for field, version in VERSION_OF.items() if column_of(field) in columns)]
    )


def missing_fields(columns: Collection[str]) -> tuple[str, ...]:
    """The fields without which records of a format say nothing of bytes through a NAT."""
    missing = [name for name in _NEEDED if name not in columns]
    if "interface_id" not in columns and "resource_id" not in columns:
        missing.append("interface-id")
    return tuple(missing)


def relation(source: str, columns: Collection[str], origin: int) -> str:
    """A SELECT of `source` with every column that the SQL texts name, NULL for what it lacks.

    `origin` tells one flow log from another. DuckDB and Athena both run it.
    """
    selected = [f"{origin} AS origin"]
    for name in _TEXTS:
        found = f"coalesce(CAST({_quoted(name)} AS varchar), '-')"
        absent = "CAST(NULL AS varchar)"
        selected.append(f"{found if name in columns else absent} AS {name}")
    selected += [f"TRY_CAST({_quoted(name)} AS bigint) AS {_quoted(name)}" for name in _NUMBERS]
    return f"SELECT {', '.join(selected)} FROM {source}"  # noqa: S608 -- our own names


def _quoted(name: str) -> str:
    """`end` is a word of SQL."""
    return f'"{name}"'
