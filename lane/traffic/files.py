"""Flow log files: which there are, what format each has, and what cannot be read of them."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lane.errors import Unusable
from lane.traffic.fields import VERSION_OF, column_of, missing_fields, version_of

__all__ = ["Fault", "Format", "Logs", "find", "salvaged"]

_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
#: A header is a line of some hundred characters.
_LONGEST_HEADER = 1 << 16
_SUFFIXES = (".log", ".gz", ".parquet", ".txt", ".csv")
#: How AWS names a file: after the flow log that wrote it.
_FLOW_LOG = re.compile(r"_vpcflowlogs_[a-z0-9-]+_(fl-[0-9a-f]+)_")
_COLUMNS = frozenset(column_of(field) for field in VERSION_OF)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file, or a part of it, is not in the answer: one sentence without an end."""

    file: Path
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Format:
    """Files of one flow log that have the same columns in the same order.

    `columns` are those of the file, in its order. `origin` tells flow logs apart: the lower, the
    more its records tell.
    """

    origin: int
    parquet: bool
    columns: tuple[str, ...]
    files: tuple[Path, ...]

    @property
    def version(self) -> int:
        """The version of the flow log format."""
        return version_of(self.columns)


@dataclass(frozen=True, slots=True)
class Logs:
    """The files that can be read and what is wrong with the others."""

    formats: tuple[Format, ...]
    faults: tuple[Fault, ...]


def find(paths: Sequence[Path]) -> Logs:
    """The flow logs in files and folders, the latter with all below them.

    In folders only files that end like logs are looked at. Raises `Unusable` when a path does not
    exist or nothing looks like a log.
    """
    files = list(_once(file for path in paths for file in _files(path)))
    if not files:
        listed = ", ".join(str(path) for path in paths)
        raise Unusable(f"{listed} has no file that ends in {', '.join(_SUFFIXES)}")
    groups: dict[tuple[str, bool, tuple[str, ...]], list[Path]] = {}
    faults: list[Fault] = []
    for file in files:
        found = _look(file)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            groups.setdefault((_flow_log(file), *found), []).append(file)
    # The same records in two formats count by the one that tells more.
    order = sorted(groups, key=lambda one: (-_telling(one[2]), one))
    origin = {key: number for number, key in enumerate(dict.fromkeys(
        (flow_log, frozenset(columns)) for flow_log, _, columns in order
    ))}  # fmt: skip
    return Logs(
        tuple(
            Format(
                origin[flow_log, frozenset(columns)],
                parquet,
                columns,
                tuple(groups[flow_log, parquet, columns]),
            )
            for flow_log, parquet, columns in order
        ),
        tuple(faults),
    )


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and file.suffix in _SUFFIXES:
                yield file
    elif path.is_file():
        yield path
    else:
        raise Unusable(f"{path} does not exist: name flow log files or folders of them")


def _once(files: Iterable[Path]) -> Iterator[Path]:
    """Each file once, however often it is named or was copied: AWS gives no two the same name."""
    seen: set[Path | str] = set()
    for file in files:
        names: set[Path | str] = {file.resolve()}
        if _FLOW_LOG.search(file.name):
            names.add(file.name)
        if not seen & names:
            yield file
        seen |= names


def _flow_log(file: Path) -> str:
    found = _FLOW_LOG.search(file.name)
    return found[1] if found else ""


def _telling(columns: Sequence[str]) -> int:
    """How much a format tells: newer fields tell more."""
    return sum(version for field, version in VERSION_OF.items() if column_of(field) in columns)


def _look(file: Path) -> tuple[bool, tuple[str, ...]] | Fault:
    """Whether a file is Parquet, and its columns."""
    try:
        with file.open("rb") as opened:
            magic = opened.read(4)
        parquet = magic == _PARQUET
        columns = _parquet_columns(file) if parquet else _header(file, magic)
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Fault(file, f"it cannot be read: {' '.join(why.split()).rstrip('.')}")
    if isinstance(columns, str):
        return Fault(file, columns)
    missing = missing_fields(columns)
    if missing:
        return Fault(
            file,
            f"its format lacks {', '.join(missing)}, without which nothing can be counted: "
            "create a flow log whose format has them",
        )
    return parquet, columns


def _header(file: Path, magic: bytes) -> tuple[str, ...] | str:
    """The columns that the first line names, or why it is none that names any."""
    with gzip.open(file) if magic.startswith(_GZIP) else file.open("rb") as opened:
        line = opened.readline(_LONGEST_HEADER)
    columns = tuple(column_of(name) for name in line.decode("utf-8", "replace").split())
    if not columns:
        return "it is empty, not even with a header"
    if len(set(columns) & _COLUMNS) < min(3, len(columns)) or len(set(columns)) < len(columns):
        return (
            "it is not a flow log as AWS writes it to S3: its first line does not name the fields, "
            "such as `version account-id interface-id srcaddr dstaddr`"
        )
    return columns


def _parquet_columns(file: Path) -> tuple[str, ...] | str:
    import duckdb  # noqa: PLC0415 -- seldom needed this early

    try:
        with duckdb.connect() as connection:
            described = connection.execute(
                "SELECT name FROM parquet_schema(?) WHERE num_children IS NULL OR num_children = 0",
                [str(file)],
            ).fetchall()
    except duckdb.Error:
        return "it is a Parquet file that is damaged or truncated"
    names = tuple(str(name) for (name,) in described)
    if not set(map(column_of, names)) & _COLUMNS:
        return "it is a Parquet file, but none of a flow log: no column is one of a flow log's"
    return names


def salvaged(file: Path, folder: Path) -> tuple[Path | None, Fault | None]:
    """A copy of the whole lines of a damaged file, and what is wrong with it; both None if nothing.

    Text that is not compressed needs no copy: DuckDB leaves its broken lines out and counts them.
    """
    with file.open("rb") as opened:
        if not opened.read(2).startswith(_GZIP):
            return None, None
    kept = folder / f"{abs(hash(file))}-{file.name.removesuffix('.gz')}"
    with gzip.open(file) as opened, kept.open("wb") as written:
        error = _copy_lines(opened, written)
    if error is None:
        kept.unlink()
        return None, None
    return kept, Fault(
        file, f"it is truncated or damaged ({error}): only the lines before that are counted"
    )


def _copy_lines(opened: gzip.GzipFile, written: IO[bytes]) -> str | None:
    """Copy whole lines until the end, or until an error, which is returned in words."""
    rest = b""
    try:
        while chunk := opened.read(_CHUNK):
            whole, feed, rest = (rest + chunk).rpartition(b"\n")
            written.write(whole + feed)
    except (EOFError, OSError, zlib.error) as error:
        return " ".join(str(error).split()).rstrip(".")
    written.write(rest)
    return None
