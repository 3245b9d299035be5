"""Files that Pulumi writes about a stack: its export, or the output of `pulumi preview --json`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lane.errors import Unusable
from lane.json_file import called, read_json
from privatelane_paths.sources.export import read_export
from privatelane_paths.sources.preview_json import read_preview
from privatelane_paths.sources.resource import UnusableInputError

if TYPE_CHECKING:
    from privatelane_paths.sources.resource import Reading

__all__ = ["read_pulumi_file", "read_stack_export"]


def read_pulumi_file(file: Path, option: str = "") -> tuple[Literal["preview", "export"], Reading]:
    """What either kind of file says, and which it is; `-` is standard input.

    Raises `Unusable`, in one sentence, for a file that cannot be read or is neither; it calls the
    file by the option that names it, if one does.
    """
    where = called(file, option)
    document = read_json(file, where)
    if isinstance(document, dict) and ("steps" in document or "changeSummary" in document):
        return "preview", _understood(read_preview, document, where)
    return "export", _understood(read_export, document, where)


def read_stack_export(file: Path, option: str) -> Reading:
    """What a stack export says; errors call the file by the option that names it."""
    where = called(file, option)
    return _understood(read_export, read_json(file, where), where)


def _understood(read: Callable[[object], Reading], document: object, where: str) -> Reading:
    try:
        return read(document)
    except UnusableInputError as error:
        raise Unusable(f"{where}: {error}") from error
