"""What the provider answers to a create or an update during a preview."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tests.engine.simaws.wire import UNKNOWN, Props, Unknown, has_unknown

if TYPE_CHECKING:
    from tests.engine.simaws.schema import Schema, Type
    from tests.engine.simaws.traits import Traits

#: How to treat a property whose input holds an unknown value somewhere inside:
#: `keep` its shape, make the whole of it `unknown`, or `omit` it (pulumi/pulumi#7854).
NESTED_UNKNOWNS = "SIMAWS_NESTED_UNKNOWNS"


def planned_create(schema: Schema, traits: Traits, inputs: Props, known: Props) -> Props:
    """The outputs of a resource to be created: its inputs, and unknown what only AWS knows.

    `known` are outputs that the provider works out by itself (region, tagsAll).
    """
    # Terraform's resources have their id among their attributes, and so does the state.
    outputs = dict.fromkeys(schema.computed_only | {"id"}, UNKNOWN)
    outputs |= {key: UNKNOWN for key in traits.computed if key in schema.inputs}
    outputs |= {key: value for key, value in inputs.items() if value is not None}
    outputs |= {key: value for key, value in known.items() if key in schema.outputs}
    return _hide_nested(outputs)


def planned_update(
    schema: Schema, traits: Traits, state: Props, olds: Props, news: Props, known: Props
) -> Props:
    """The outputs after an update in place: the old ones under the new inputs."""
    if any(olds.get(key) != news.get(key) for key in (olds.keys() | news.keys()) - {"tags"}):
        known = {**dict.fromkeys(traits.recomputed, UNKNOWN), **known}
    outputs = {key: value for key, value in state.items() if key in news or key not in olds}
    outputs |= {
        key: _with_computed(schema, schema.inputs[key].type, state.get(key), olds.get(key), value)
        for key, value in news.items()
        if value is not None
    }
    outputs |= {key: value for key, value in known.items() if key in state}
    return _hide_nested(outputs)


def _with_computed(schema: Schema, type_: Type, state: object, old: object, new: Any) -> Any:
    """The new input, with what AWS had filled in beside the old one."""
    if "object" not in type_ or not (isinstance(state, dict) and isinstance(new, dict)):
        return new
    before = old if isinstance(old, dict) else {}
    fields = schema.objects[type_["object"]]
    kept = {key: value for key, value in state.items() if key not in before and key in fields}
    return {
        **kept,
        **{
            key: _with_computed(schema, fields[key].type, state.get(key), before.get(key), value)
            for key, value in new.items()
        },
    }


def _hide_nested(outputs: Props) -> Props:
    mode = os.environ.get(NESTED_UNKNOWNS, "keep")
    if mode == "keep":
        return outputs
    hidden: Props = {}
    for key, value in outputs.items():
        if isinstance(value, Unknown) or not has_unknown(value):
            hidden[key] = value
        elif mode == "unknown":
            hidden[key] = UNKNOWN
    return hidden
