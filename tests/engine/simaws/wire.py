"""Property values between the engine's protobuf structs and plain Python.

Unknown values are `Unknown` objects here and the engine's sentinel strings on the wire; whole
numbers are `int` here, as boto3 wants them, and doubles on the wire. Secrets never come in
marked: the provider says that it does not take them, and the engine marks its outputs itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import struct_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

Props = dict[str, Any]

#: The key under which the bridge records which inputs are its own defaults.
DEFAULTS = "__defaults"
#: The key that marks secrets, assets and the like, and the mark of a secret (pulumi SDK, rpc.py).
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"


class Unknown:
    """A value that is known only after something was created; one object a kind."""

    __slots__ = ("sentinel",)

    def __init__(self, sentinel: str) -> None:
        self.sentinel = sentinel

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: dict[int, object]) -> Unknown:
        return self


#: The sentinel for strings, which the engine takes for any type.
UNKNOWN = Unknown("04da6b54-80e4-46f7-96ec-b56ff0331ba9")
#: What the SDKs send for booleans, numbers, lists, assets, archives and objects.
_UNKNOWNS = {
    unknown.sentinel: unknown
    for unknown in (
        UNKNOWN,
        Unknown("1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"),
        Unknown("3eeb2bf0-c639-47a8-9e75-3b44932eb421"),
        Unknown("6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"),
        Unknown("030794c1-ac77-496b-92df-f27374a8bd58"),
        Unknown("e48ece36-62e2-4504-bad9-02848725956a"),
        Unknown("dd056dcd-154b-4c76-9bd3-c8f88648b5ff"),
    )
}


def has_unknown(value: object) -> bool:
    """Whether the value is unknown or holds something unknown."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)


def from_struct(struct: struct_pb2.Struct) -> Props:
    """The properties that the engine sent; null ones are absent."""
    return {
        key: _from_value(value)
        for key, value in struct.fields.items()
        if value.WhichOneof("kind") != "null_value"
    }


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = from_struct(value.struct_value)
        if fields.get(_SIGNATURE) == _SECRET:
            return fields.get("value")
        return fields
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "string_value":
        return _UNKNOWNS.get(value.string_value, value.string_value)
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    return None


def to_struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """The properties as the engine reads them; `None` is left out."""
    struct = struct_pb2.Struct()
    for key, value in props.items():
        if value is not None:
            _to_value(value, struct.fields[key])
    return struct


def _to_value(value: object, target: struct_pb2.Value) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, Unknown):
        target.string_value = value.sentinel
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, (list, tuple)):
        target.list_value.SetInParent()
        for item in value:
            _to_value(item, target.list_value.values.add())
    elif isinstance(value, dict):
        target.struct_value.SetInParent()
        for key, item in value.items():
            if item is not None:
                _to_value(item, target.struct_value.fields[key])
    else:
        raise TypeError(f"{type(value).__name__} cannot travel to the engine: {value!r}")
