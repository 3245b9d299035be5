"""The SQL, one text for DuckDB and Athena, and what its rows say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from lane.traffic.ranges import Range

__all__ = [
    "ALL_TIME",
    "Coverage",
    "Flow",
    "Names",
    "Stretch",
    "Window",
    "addresses_sql",
    "coverage_sql",
    "nats_values",
    "ranges_values",
    "repeats_values",
    "stretches_sql",
    "traffic_sql",
]


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds since 1970, UTC: from `since` on and before `until`. Records count by their start."""

    since: int
    until: int


#: Every record that there can be.
ALL_TIME = Window(0, 1 << 40)


@dataclass(frozen=True, slots=True)
class Names:
    """What the SQL calls its relations: names of tables, or SELECTs in parentheses."""

    records: str
    nats: str
    ranges: str
    addresses: str
    repeats: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the flow log `origin` logs an interface; from `since` on, before `until`."""

    eni: str
    origin: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A row of the answer: bytes between one client, as far as it is known, and one service.

    `side` is where it was logged: `inside` a NAT, `outside` of it, or at the `client`.
    """

    nat: str | None
    nat_by: str | None
    side: str
    way: str
    service: str
    told_by: str | None
    vpc: str | None
    subnet: str | None
    interface: str | None
    address: str | None
    bytes_out: int
    bytes_in: int
    records: int
    began: int
    ended: int

    @property
    def bytes(self) -> int:
        """Both directions, as a NAT is billed."""
        return self.bytes_out + self.bytes_in

    @classmethod
    def of(cls, row: Sequence[Any]) -> Flow:
        """From a row whose numbers may be texts, as Athena returns them."""
        nat, nat_by, side, way, service, told_by, vpc, subnet, interface, address = row[:10]
        bytes_out, bytes_in, records, began, ended = (int(one or 0) for one in row[10:])
        return cls(
            nat or None, nat_by or None, side, way, service, told_by or None, vpc or None,
            subnet or None, interface or None, address or None,
            bytes_out, bytes_in, records, began, ended,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the records of an interface cover; `eni` is None for all together.

    `origin` is None but for the rows of a single flow log. `gap` is the longest time in seconds
    that no record covers, negative or None when there is none, and `gap_began` its beginning.
    """

    origin: int | None
    eni: str | None
    records: int
    idle: int
    skipped: int
    began: int
    ended: int
    gap: int | None
    gap_began: int | None

    @classmethod
    def of(cls, row: Sequence[Any]) -> Coverage:
        """From a row whose numbers may be texts, as Athena returns them."""
        origin, eni, records, idle, skipped, began, ended, gap, gap_began = row
        return cls(
            _maybe(origin), eni or None, int(records), int(idle), int(skipped),
            int(began), int(ended), _maybe(gap), _maybe(gap_began),
        )  # fmt: skip


def _maybe(value: Any) -> int | None:  # noqa: ANN401 -- a cell of either engine
    return None if value is None or value == "" else int(value)


def addresses_sql(names: Names, window: Window) -> str:
    """The addresses outside, the relation that `traffic_sql` calls `addresses`."""
    return _rendered("addresses.sql.j2", names, window)


def stretches_sql(names: Names, window: Window) -> str:
    """When each flow log logs each interface."""
    return _rendered("stretches.sql.j2", names, window)


def traffic_sql(names: Names, window: Window) -> str:
    """Bytes by NAT, service, subnet and interface."""
    return _rendered("traffic.sql.j2", names, window)


def coverage_sql(names: Names, window: Window) -> str:
    """What the records cover."""
    return _rendered("coverage.sql.j2", names, window)


def _rendered(template: str, names: Names, window: Window) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            records=names.records,
            nats=names.nats,
            ranges=names.ranges,
            addresses=names.addresses,
            repeats=names.repeats,
            since=window.since,
            until=window.until,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lane.traffic", "."),
        autoescape=False,  # noqa: S701 -- this is SQL; what is filled in is ours or quoted
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    macros = environment.get_template("macros.sql.j2").module
    for name in ("whole", "key", "service", "range_of", "only", "out_by"):
        environment.globals[name] = getattr(macros, name)
    return environment


def nats_values(nats: Iterable[str]) -> str:
    """The ids of NATs as a relation."""
    return _values("eni", ((eni,) for eni in nats), ("",))


def ranges_values(ranges: Iterable[Range]) -> str:
    """Ranges of addresses as a relation."""
    return _values("bucket, low, high, service", ranges, ("",) * 4)


def repeats_values(repeats: Iterable[Stretch]) -> str:
    """Stretches that another flow log has logged, too, as a relation."""
    rows = ((one.eni, one.origin, one.since, one.until) for one in repeats)
    return _values("eni, origin, since, until", rows, ("", 0, 0, 0))


def _values(columns: str, rows: Iterable[Sequence[str | int]], none: Sequence[str | int]) -> str:
    """Rows as a relation; one row that nothing equals stands for none, which VALUES cannot hold."""
    listed = ", ".join(f"({', '.join(map(_literal, row))})" for row in (list(rows) or [none]))
    return f"(SELECT * FROM (VALUES {listed}) AS v ({columns}))"  # noqa: S608 -- all is quoted


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
