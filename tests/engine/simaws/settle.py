"""What AWS reports, brought into the shape that the program wrote.

AWS gives lists in an order of its own, JSON documents in a layout of its own, and more of a nested
object than the program said. Taken as they come, those would be changes at every refresh.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.engine.simaws.difference import same_elements
from tests.engine.simaws.wire import DEFAULTS, Props

if TYPE_CHECKING:
    from tests.engine.simaws.schema import Schema, Type
    from tests.engine.simaws.traits import Traits


def settled_state(
    schema: Schema, traits: Traits, identifier: str, wanted: Props, actual: Props
) -> Props:
    """The outputs: the id, what AWS reports, and of the rest what was wanted.

    `wanted` is what the program gave (on a create or an update) or the old state (on a refresh).
    A property that AWS reports as `None` is gone.
    """
    state = {key: value for key, value in wanted.items() if key not in actual and key != DEFAULTS}
    for key, value in actual.items():
        if value is not None and (key in schema.outputs or key in schema.inputs):
            state[key] = _arranged(key in traits.json, wanted.get(key), value)
    return {**state, "id": identifier}


def settled_inputs(schema: Schema, traits: Traits, olds: Props, actual: Props) -> Props:
    """The inputs as a refresh found them: the old ones, except where AWS says otherwise."""
    inputs: Props = {}
    for key, old in olds.items():
        if key == DEFAULTS or key not in actual or key not in schema.inputs:
            inputs[key] = old
        elif actual[key] is not None:
            seen = _like(schema, schema.inputs[key].type, old, actual[key])
            inputs[key] = _arranged(key in traits.json, old, seen)
    for key, value in actual.items():
        # Something set outside of Pulumi that the program never mentioned: only maps and lists
        # of plain values (tags above all), as AWS fills in the rest.
        if key == "tags" and key not in olds and value:
            inputs[key] = value
    return inputs


def imported_inputs(schema: Schema, traits: Traits, actual: Props) -> Props:
    """The inputs that would have made what stands in AWS."""
    return {
        key: value
        for key, value in actual.items()
        if key in schema.inputs
        and value not in (None, "", [], {}, False)
        and value != traits.defaults.get(key)
    }


def _arranged(is_json: bool, wanted: object, actual: Any) -> Any:
    if isinstance(wanted, list) and isinstance(actual, list) and same_elements(wanted, actual):
        return wanted
    if is_json and isinstance(wanted, str) and isinstance(actual, str):
        try:
            same = json.loads(wanted) == json.loads(actual)
        except ValueError:
            same = False
        return wanted if same else actual
    return actual


def _like(schema: Schema, type_: Type, old: Any, actual: Any) -> Any:
    """The actual value, cut to what the old input says of it."""
    if "object" in type_ and isinstance(old, dict) and isinstance(actual, dict):
        fields = schema.objects[type_["object"]]
        return {
            key: _like(schema, fields[key].type, value, actual[key])
            if key in fields and key in actual
            else value
            for key, value in old.items()
        }
    if "array" in type_ and isinstance(old, list) and isinstance(actual, list):
        return _like_list(schema, type_["array"], old, actual)
    return actual


def _like_list(schema: Schema, item: Type, old: list[Any], actual: list[Any]) -> list[Any]:
    left = list(actual)
    result = []
    for value in old:
        match = next((a for a in left if _like(schema, item, value, a) == value), None)
        if match is not None:
            left.remove(match)
            result.append(value)
    missing = [value for value in old if value not in result]
    for value, found in zip(missing, left, strict=False):
        result.append(_like(schema, item, value, found))
    return result + left[len(missing) :]
