"""What a program registered, as it asked for it: the record that everything after reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.struct_pb2 import Struct, Value

__all__ = ["ROOT_TYPE", "Options", "Resource", "plain"]

#: The type of the resource that stands for the stack itself.
ROOT_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True)
class Options:
    """The resource options that policies can see, under the engine's names for them."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    #: `None` when the program does not say.
    delete_before_replace: bool | None = None
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    #: Create, update, delete and read, in seconds; 0 is the provider's own.
    timeouts: tuple[float, float, float, float] = (0, 0, 0, 0)
    retain_on_delete: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """A registered resource, or one that the program reads (`.get()`), which is `external`.

    `properties` are the inputs on Pulumi's wire: unknown values are its sentinels, at any depth,
    secrets carry its mark. `outputs` are what the stack check sees: the inputs and an unknown id,
    or what a component registered.
    """

    urn: str
    type: str
    name: str
    custom: bool
    properties: Struct
    outputs: Struct
    parent: str = ""
    remote: bool = False
    external: bool = False
    #: The id of an external or imported resource; of others it is not known yet.
    id: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: The URN of the provider that serves it, the default one included; empty for components.
    provider: str = ""
    options: Options = field(default_factory=Options)
    #: Where the program registered it, as `file:line` below the project, if it is known.
    source: str = ""

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs as plain values; sentinels and marks stay."""
        return plain(self.properties)

    @property
    def is_provider(self) -> bool:
        """Whether it configures a provider."""
        return self.type.startswith("pulumi:providers:")


def plain(struct: Struct) -> dict[str, Any]:
    """A protobuf struct as a dictionary; whole numbers come back as integers."""
    return {key: _plain_value(value) for key, value in struct.fields.items()}


def _plain_value(value: Value) -> Any:  # noqa: ANN401 -- JSON
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        return plain(value.struct_value)
    if kind == "list_value":
        return [_plain_value(item) for item in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None
