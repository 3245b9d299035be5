"""The configuration of a stack: what `Pulumi.yaml` declares and `Pulumi.<stack>.yaml` sets.

Follows Pulumi's own reading (pkg/workspace/config.go and sdk/go/common/resource/config): keys get
the project's namespace, structured values travel as JSON, and declared types are checked. The one
difference: an encrypted value is never decrypted, it stays unknown.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lane.errors import Unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNKNOWN_TEXT", "StackConfig", "stack_config"]

#: Pulumi's sentinel for a value that is not known yet (`pulumi.runtime.rpc.UNKNOWN`).
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True, slots=True)
class StackConfig:
    """Values by full key (`project:key`), as the texts that Pulumi hands to a program."""

    values: Mapping[str, str]
    #: Keys that hold an encrypted value, whole or somewhere inside; all of them are secret.
    encrypted: frozenset[str]

    @property
    def readable(self) -> dict[str, str]:
        """The values that are not encrypted, not even in part."""
        return {key: value for key, value in self.values.items() if key not in self.encrypted}

    def provider(self, package: str) -> dict[str, str]:
        """What the default provider of `package` is configured with, such as `region` of `aws`."""
        prefix = f"{package}:"
        return {
            key.removeprefix(prefix): value
            for key, value in self.values.items()
            if key.startswith(prefix)
        }


def stack_config(
    project: str, declared: Mapping[str, Any], given: Mapping[str, Any], stack: str, stack_file: str
) -> StackConfig:
    """What a program of `project` sees when its stack file gives `given`.

    `declared` is the `config` section of `Pulumi.yaml`: defaults, values for other namespaces, and
    types. Raises `Unusable` naming the key for a missing, ill-typed or ill-named one.
    """
    raw = {_full_key(project, key, stack_file): value for key, value in given.items()}
    schemas: dict[str, Mapping[str, Any]] = {}
    for key, declaration in declared.items():
        full = _full_key(project, key, "Pulumi.yaml")
        schemas[full] = _declaration(full, declaration, own=full.startswith(f"{project}:"))
    missing = []
    for key, schema in schemas.items():
        if key in raw:
            _check(key, raw[key], schema, f"in {stack_file}")
        elif "default" in schema:
            _check(key, schema["default"], schema, "as the default in Pulumi.yaml")
            raw[key] = schema["default"]
        elif "value" in schema:
            raw[key] = schema["value"]
        elif key.startswith(f"{project}:"):
            missing.append(key)
    if missing:
        many = len(missing) > 1
        raise Unusable(
            f"the stack '{stack}' lacks the configuration value{'s' * many} "
            f"{', '.join(sorted(missing))}, which Pulumi.yaml declares without a default: "
            f"set {'them' if many else 'it'} in {stack_file}"
        )
    return StackConfig(
        values={key: _text(raw[key]) for key in sorted(raw)},
        encrypted=frozenset(key for key, value in raw.items() if _holds_secret(value)),
    )


def _full_key(project: str, key: object, file: str) -> str:
    text = str(key)
    parts = text.split(":")
    if len(parts) == 1:
        parts = [project, text]
    elif len(parts) == 3 and parts[1] == "config":  # noqa: PLR2004 -- an old form of `project:key`
        parts = [parts[0], parts[2]]
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004
        raise Unusable(
            f"the configuration key '{text}' in {file} must be of the form `key` or `namespace:key`"
        )
    return ":".join(parts)


def _declaration(key: str, declaration: object, *, own: bool) -> Mapping[str, Any]:
    """A declaration in full: the shorthand `key: value` is a default or, elsewhere, a value."""
    if not isinstance(declaration, dict):
        return {"default" if own else "value": declaration}
    allowed = {"type", "description", "items", "default", "value", "secret"}
    strange = sorted(set(declaration) - allowed)
    if strange:
        raise Unusable(
            f"the declaration of {key} in Pulumi.yaml has the field '{strange[0]}'; "
            f"it may have {', '.join(sorted(allowed))}"
        )
    if "default" in declaration and "value" in declaration:
        raise Unusable(f"{key} in Pulumi.yaml has both `default` and `value`; give one of them")
    if not own and "value" not in declaration:
        raise Unusable(
            f"{key} in Pulumi.yaml belongs to another namespace and must give a `value`, "
            "not a type or a default"
        )
    if declaration.get("type") == "array" and "items" not in declaration:
        raise Unusable(f"{key} in Pulumi.yaml is an array and must say of what with `items`")
    return declaration


def _check(key: str, value: object, schema: Mapping[str, Any], where: str) -> None:
    encrypted = _holds_secret(value)
    if schema.get("secret") and not encrypted and where.startswith("in "):
        raise Unusable(f"{key} {where} must be encrypted, because Pulumi.yaml declares it secret")
    if "type" in schema and not encrypted and not _fits(schema["type"], schema.get("items"), value):
        raise Unusable(
            f"{key} {where} must be of type {_type_name(schema['type'], schema.get('items'))}, "
            f"not {_shown(value)}"
        )


def _fits(kind: object, items: object, value: object) -> bool:
    """Whether Pulumi accepts `value` for a declared type; numbers and booleans may be quoted."""
    if kind == "string":
        return isinstance(value, str)
    if kind == "integer":
        if isinstance(value, bool):
            return False
        if isinstance(value, str):
            return value.removeprefix("-").isdecimal()
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if kind == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if kind == "object":
        return isinstance(value, dict)
    if not isinstance(value, list) or not isinstance(items, dict):
        return False
    return all(_fits(items.get("type"), items.get("items"), item) for item in value)


def _type_name(kind: object, items: object) -> str:
    if isinstance(items, dict):
        return f"array<{_type_name(items.get('type'), items.get('items'))}>"
    return str(kind)


def _shown(value: object) -> str:
    text = _text(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 -- keeps one sentence


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"} and isinstance(value["secure"], str)


def _holds_secret(value: object) -> bool:
    if _is_secret(value):
        return True
    if isinstance(value, dict):
        return any(map(_holds_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_secret, value))


def _text(value: object) -> str:
    """The text of a value in a program's configuration: a string as it is, the rest as JSON."""
    if isinstance(value, str):
        return value
    if _is_secret(value):
        return UNKNOWN_TEXT
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if _is_secret(value):
        return UNKNOWN_TEXT
    if isinstance(value, dict):
        return {_key_text(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value


def _key_text(key: object) -> str:
    """A key as Go prints it: a mapping's keys need not be texts in YAML."""
    return key if isinstance(key, str) else json.dumps(key)
