"""Holds objects of Kubernetes against the types of pulumi_kubernetes.

These are generated from the OpenAPI document of the newest Kubernetes that the SDK knows, and say
of every kind which settings it has, which of them are mandatory, and of what type each is.
"""

from __future__ import annotations

import importlib
import sys
import types
import typing
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

import pulumi
from pulumi._types import input_type_py_to_pulumi_names


def problems(manifest: Mapping[str, Any]) -> list[str]:
    """What of an object is unknown, missing or of another type, by where it is."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    module = f"pulumi_kubernetes.{group.partition('.')[0] or 'core'}.{version}"
    kind = getattr(importlib.import_module(module), manifest["kind"])
    args = getattr(sys.modules[kind.__module__], f"{manifest['kind']}InitArgs")
    return list(_of_object(args, manifest, manifest["kind"]))


def _of_object(args: type, value: Mapping[str, Any], path: str) -> Iterator[str]:
    names = {camel: snake for snake, camel in input_type_py_to_pulumi_names(args).items()}
    init = args.__init__  # type: ignore[misc] # that of exactly this class is meant
    hints = typing.get_type_hints(
        init,
        globalns=vars(sys.modules[args.__module__]),
        localns={**vars(pulumi.output), "T": Any},
    )
    mandatory = {camel for camel, snake in names.items() if not _optional(init, snake)}
    for key in sorted(mandatory - value.keys()):
        yield f"{path}.{key} is missing"
    for key, item in value.items():
        if key not in names:
            yield f"{path}.{key} is unknown"
        else:
            yield from _of_value(hints[names[key]], item, f"{path}.{key}")


def _optional(init: Any, parameter: str) -> bool:
    # Every mandatory argument is keyword-only and has no default.
    return parameter in (init.__kwdefaults__ or {})


def _of_value(hint: Any, value: Any, path: str) -> Iterator[str]:
    alternatives = list(_alternatives(hint))
    if not any(_fits(one, value) for one in alternatives):
        yield f"{path} is {value!r}, which is none of {alternatives}"
        return
    hint = next(one for one in alternatives if _fits(one, value))
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _of_value(get_args(hint)[0], item, f"{path}[{number}]")
    elif isinstance(value, dict) and get_origin(hint) is None and hint is not Any:
        yield from _of_object(hint, value, path)
    elif isinstance(value, dict) and hint is not Any:
        for key, item in value.items():
            yield from _of_value(get_args(hint)[1], item, f"{path}.{key}")


def _alternatives(hint: Any) -> Iterator[Any]:
    """The types of plain values that an Input may have."""
    if get_origin(hint) in (Union, types.UnionType):
        for one in get_args(hint):
            if get_origin(one) not in (Awaitable, pulumi.Output) and one is not type(None):
                yield from _alternatives(one)
    elif not (typing.is_typeddict(hint) or hint is type(None)):
        yield hint


def _fits(hint: Any, value: Any) -> bool:
    origin = get_origin(hint)
    if origin is Literal:
        return value in get_args(hint)
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, dict)
    if origin is not None and issubclass(origin, Sequence):
        return isinstance(value, list)
    if hint is Any:
        return True
    if hint in (str, int, float, bool):
        return type(value) is hint
    return isinstance(value, dict)
