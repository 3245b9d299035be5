"""YAML as Pulumi reads it: go-yaml's version 3, which leaves `yes`, `no` and `12:30` strings."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import yaml

from lane.errors import Unusable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_mapping"]

_NUMBER = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_TIME = r"[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?"
#: Plain scalars that go-yaml 3 does not leave strings, by tag (its resolve.go).
_SCALARS = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "int": (r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)", "-+0123456789"),
    "float": (rf"{_NUMBER}|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+0123456789."),
    "timestamp": (rf"{_DATE}(?:[Tt ]{_TIME}(?:Z|[-+][0-9]{{2}}:[0-9]{{2}})?)?", "0123456789"),
    "merge": (r"<<", "<"),
}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader with go-yaml's scalars, which refuses a key that is written twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 -- PyYAML's own shape


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    written: set[object] = set()
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, (dict, list)):
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be a plain value", key_node.start_mark
            )
        if key in written:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} is written twice", key_node.start_mark
            )
        written.add(key)
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key, deep=True): loader.construct_object(value, deep=True)
        for key, value in node.value
    }


def _timestamp(loader: _Loader, node: yaml.ScalarNode) -> str:
    """A timestamp is what Go prints of it, because Pulumi hands that text to the program."""
    try:
        moment = loader.construct_yaml_timestamp(node)
    except ValueError:
        return str(node.value)
    if not isinstance(moment, datetime):
        assert isinstance(moment, date)
        return f"{moment.isoformat()} 00:00:00 +0000 UTC"
    text = moment.strftime("%Y-%m-%d %H:%M:%S")
    if moment.microsecond:
        text += f".{moment.microsecond:06d}".rstrip("0")
    offset = moment.strftime("%z") or "+0000"
    return f"{text} {offset} {'UTC' if offset == '+0000' else offset}"


for _tag, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _timestamp)


def read_mapping(path: Path, shown: str) -> dict[str, Any]:
    """The mapping in `path`, empty for an empty file; `shown` is how a sentence calls the file.

    Raises `Unusable` when the file cannot be read, is not YAML, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unusable(f"{shown} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unusable(
            f"{shown} is not UTF-8 text: byte {error.start} is not a character"
        ) from error
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 -- derives from the safe loader
    except yaml.MarkedYAMLError as error:
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Unusable(f"{shown}{where}: not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise Unusable(f"{shown}: not valid YAML: {error}") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unusable(f"{shown} must hold a mapping such as `name: ...`, not {_kind(found)}")
    return {str(key): value for key, value in found.items()}


def _kind(value: object) -> str:
    return {list: "a list", str: "text", bool: "true or false"}.get(type(value), "a number")
