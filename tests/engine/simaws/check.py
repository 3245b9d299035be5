"""What the provider answers to `Check`: the inputs with its defaults, or what is wrong with them.

As the bridged provider does it: values are held against the schema, defaults are filled in and
listed under `__defaults` (in nested objects too, where the list is empty), a missing `name` is
made from the resource's name, and policy documents given as objects become JSON text.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from typing import TYPE_CHECKING, Any

from tests.engine.simaws.wire import DEFAULTS, Props, Unknown

if TYPE_CHECKING:
    from tests.engine.simaws.schema import Field, Schema, Type
    from tests.engine.simaws.traits import Traits

#: What the bridge appends to a name of its own: a dash and seven hexadecimal digits.
_SUFFIX_LENGTH = 8

Failures = list[tuple[str, str]]


def check(
    schema: Schema, traits: Traits, news: Props, olds: Props, name: str, seed: bytes
) -> tuple[Props, Failures]:
    """The checked inputs and the failures (property, reason); inputs are void when any failed."""
    given = {key: value for key, value in news.items() if key != DEFAULTS}
    failures: Failures = []
    _check_fields(schema, schema.inputs, given, "", failures)
    if failures:
        return {}, failures
    checked = {key: _mark_objects(schema, schema.inputs[key].type, v) for key, v in given.items()}
    for key in traits.json:
        if isinstance(checked.get(key), dict):
            checked[key] = json.dumps(_without_marks(checked[key]))
    added = []
    for key, value in traits.defaults.items():
        if key not in checked and not any(key in group for group in _decided(traits, checked)):
            checked[key] = value
            added.append(key)
    naming = traits.autoname_of(schema)
    if naming is not None and not {naming.property, naming.property + "Prefix"} & checked.keys():
        kept = olds.get(naming.property) if naming.property in olds.get(DEFAULTS, []) else None
        checked[naming.property] = kept or _auto_name(naming.pattern, naming.longest, name, seed)
        added.append(naming.property)
    checked[DEFAULTS] = sorted(added)
    return checked, _check_rules(traits, checked)


def _check_fields(
    schema: Schema, fields: dict[str, Field], given: Props, path: str, failures: Failures
) -> None:
    for key in given:
        if key not in fields and key != DEFAULTS:
            failures.append(
                (path + key, f"Invalid or unknown key. Examine values at '{path}{key}'.")
            )
    for key, field in fields.items():
        if key in given:
            _check_value(schema, field.type, given[key], path + key, failures)
        elif field.required:
            failures.append(
                (
                    path + key,
                    (
                        f'Missing required argument. The argument "{path}{key}" is required, '
                        "but no definition was found."
                    ),
                )
            )


def _check_value(schema: Schema, type_: Type, value: object, path: str, failures: Failures) -> None:
    if value is None or isinstance(value, Unknown) or type_.get("type") in {"any", "asset"}:
        return
    if "union" in type_:
        attempts: list[Failures] = []
        for member in type_["union"]:
            attempt: Failures = []
            _check_value(schema, member, value, path, attempt)
            if not attempt:
                return
            attempts.append(attempt)
        failures.extend(attempts[0])
    elif "array" in type_ and isinstance(value, list):
        for index, item in enumerate(value):
            _check_value(schema, type_["array"], item, f"{path}[{index}]", failures)
    elif "map" in type_ and isinstance(value, dict):
        for key, item in value.items():
            _check_value(schema, type_["map"], item, f"{path}.{key}", failures)
    elif "object" in type_ and isinstance(value, dict):
        _check_fields(schema, schema.objects[type_["object"]], value, path + ".", failures)
    elif not _is_scalar_of(type_.get("type"), value):
        failures.append((path, f"expected {_expected(type_)} type, got {_found(value)} type"))


def _is_scalar_of(expected: str | None, value: object) -> bool:
    if expected == "boolean":
        return isinstance(value, bool)
    if expected == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if expected == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return expected == "string" and isinstance(value, str)


def _expected(type_: Type) -> str:
    if "array" in type_:
        return "[]"
    return "object" if "type" not in type_ else str(type_["type"])


def _found(value: object) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "[]"}
    return names.get(type(value), "object")


def _mark_objects(schema: Schema, type_: Type, value: Any) -> Any:
    """The value with `__defaults: []` in every nested object, as the bridge leaves it."""
    if isinstance(value, list) and "array" in type_:
        return [_mark_objects(schema, type_["array"], item) for item in value]
    if isinstance(value, dict) and "object" in type_:
        fields = schema.objects[type_["object"]]
        marked = {
            key: _mark_objects(schema, fields[key].type, item)
            for key, item in value.items()
            if key != DEFAULTS
        }
        return {**marked, DEFAULTS: []}
    return value


def _without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_marks(item) for key, item in value.items() if key != DEFAULTS}
    if isinstance(value, list):
        return [_without_marks(item) for item in value]
    return value


def without_defaults_marks(props: Props) -> Props:
    """The properties without the bridge's `__defaults` lists, at every depth."""
    cleaned: Props = _without_marks(props)
    return cleaned


def _auto_name(pattern: str, longest: int, name: str, seed: bytes) -> str:
    digits = hashlib.sha256(seed or name.encode()).hexdigest()[: _SUFFIX_LENGTH - 1]
    whole = pattern.replace("*", name)
    return f"{whole[: longest - _SUFFIX_LENGTH]}-{digits}"


def _decided(traits: Traits, checked: Props) -> list[list[str]]:
    """The groups of exclusive properties of which one was given: no default may join it."""
    return [group for group in traits.conflicts if any(key in checked for key in group)]


def _check_rules(traits: Traits, checked: Props) -> Failures:
    """What the real provider's validators refuse before any call to AWS."""
    failures: Failures = []
    for group in traits.conflicts:
        given = [key for key in group if checked.get(key) not in (None, [], "")]
        if len(given) > 1:
            failures.append(
                (
                    given[0],
                    f'Conflicting configuration arguments. "{given[0]}": conflicts with '
                    + ", ".join(given[1:]),
                )
            )
    for group in traits.exactly_one:
        given = [key for key in group if checked.get(key) not in (None, [], "")]
        if len(given) != 1:
            failures.append(
                (
                    group[0],
                    (
                        f"Invalid combination of arguments. one of `{','.join(group)}` must be "
                        f"specified, {len(given)} are"
                    ),
                )
            )
    for key, allowed in traits.values.items():
        value = checked.get(key)
        if isinstance(value, (str, int)) and value not in allowed:
            failures.append((key, f"expected {key} to be one of {allowed}, got {value}"))
    for key in traits.cidrs:
        value = checked.get(key)
        if isinstance(value, str) and value and not _is_network(value):
            failures.append((key, f'"{value}" is not a valid CIDR block'))
    return failures


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
