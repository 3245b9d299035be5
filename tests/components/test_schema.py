"""The schema of the components, and the rules for arguments that keep it complete.

The component host reads annotations, and takes some without a word that lose a caller's values
later: each rule below is for one of those.
"""

from __future__ import annotations

import ast
import enum
import inspect
import itertools
import json
import sys
import typing
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

import pulumi
import pytest
import typing_extensions
from pulumi.provider.experimental.util import camel_case as camel_case_of_host
from typing_extensions import NotRequired, TypedDict

from privatelane import COMPONENTS, __version__
from privatelane._component import camel_case
from privatelane._plugin import Plugin
from tests.components.write_schema import GOLDEN, schema

SCHEMA = schema()


def test_the_schema_changes_only_on_purpose() -> None:
    """When it should: `make schema`, and look at the difference."""
    assert json.loads(GOLDEN.read_text(encoding="utf-8")) == SCHEMA


def test_every_component_is_hosted_under_its_token() -> None:
    tokens = {f"privatelane:index:{component.__name__}" for component in COMPONENTS}
    assert SCHEMA["resources"].keys() == tokens
    assert SCHEMA["version"] == __version__
    assert SCHEMA["dependencies"] == []


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda one: one.__name__)
def test_a_component_has_one_token_however_it_is_used(
    component: type[pulumi.ComponentResource],
) -> None:
    """The host does not compare; a component built in Python would have another type than one
    built through the plugin."""
    tree = ast.parse(inspect.getsource(sys.modules[component.__module__]))
    (tokens,) = [
        [*_tokens_of_super_init(node)]
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == component.__name__
    ]
    assert tokens == [f"privatelane:index:{component.__name__}"]


def descriptions() -> Iterator[Any]:
    for section in ("resources", "types"):
        for token, one in SCHEMA[section].items():
            yield pytest.param(one, id=token)
            for kind in ("properties", "inputProperties"):
                for name, property_ in one.get(kind, {}).items():
                    yield pytest.param(property_, id=f"{token}.{kind}.{name}")


@pytest.mark.parametrize("described", list(descriptions()))
def test_everything_is_described_in_markdown(described: dict[str, Any]) -> None:
    description = described.get("description", "")
    assert description.rstrip()
    assert not any(line.startswith(" ") for line in description.splitlines())


def objects(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for value in node.values():
            yield from objects(value)


def test_no_object_is_empty() -> None:
    """The host gives a type it does not understand an object without properties."""
    for one in objects(SCHEMA):
        assert one.get("properties") or one.get("additionalProperties"), one


# The arguments.


def args_of(component: type[pulumi.ComponentResource]) -> type:
    args: type = inspect.signature(component.__init__).parameters["args"].annotation
    return args


def hints(args: type, *, extras: bool = False) -> dict[str, Any]:
    """The annotations of a class; `pulumi.Input` holds names that only its own module knows."""
    return typing_extensions.get_type_hints(
        args, localns=vars(pulumi.output), include_extras=extras
    )


def _inside_input(annotation: Any) -> Any:
    """Return T of Input[T], which is a union of T and what comes later, or None."""
    awaited = [part for part in get_args(annotation) if get_origin(part) is Awaitable]
    return get_args(awaited[0])[0] if awaited else None


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def args_types() -> list[type]:
    found: dict[str, type] = {}

    def add(args: type) -> None:
        if args.__name__ not in found:
            found[args.__name__] = args
            for annotation in hints(args).values():
                for inner in _parts(annotation):
                    if typing_extensions.is_typeddict(inner):
                        add(inner)

    for component in COMPONENTS:
        add(args_of(component))
    return list(found.values())


ARGS = pytest.mark.parametrize("args", args_types(), ids=lambda args: args.__name__)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda one: one.__name__)
def test_a_component_is_constructed_by_name_args_and_opts(
    component: type[pulumi.ComponentResource],
) -> None:
    """The host calls with three positional arguments."""
    _, name, args, opts = inspect.signature(component.__init__).parameters.values()
    assert (name.name, name.annotation) == ("name", str)
    assert (args.name, args.annotation.__name__) == ("args", f"{component.__name__}Args")
    assert (opts.name, opts.default) == ("opts", None)
    assert get_args(opts.annotation) == (pulumi.ResourceOptions, type(None))


@ARGS
def test_arguments_are_a_typed_dict_without_bases(args: type) -> None:
    """At run time they are a dict whatever is annotated, and inherited fields lose their text."""
    assert typing_extensions.is_typeddict(args)
    assert args.__name__.endswith("Args")
    assert [base.__name__ for base in args.__bases__] == ["dict"]
    assert len(_class_node(args).bases) == 1


@ARGS
def test_arguments_keep_their_annotations(args: type) -> None:
    assert "from __future__ import annotations" not in inspect.getsource(
        sys.modules[args.__module__]
    )


def test_names_of_types_are_unique() -> None:
    """The host looks up the text of a field by the bare name of its class."""
    for args in args_types():
        defined = [
            module
            for name, module in list(sys.modules.items())
            if name.startswith("privatelane.")
            and getattr(module, args.__name__, None) is not None
            and getattr(module, args.__name__) is not args
        ]
        assert not defined


@ARGS
def test_no_two_arguments_have_one_name_in_the_schema(args: type) -> None:
    names = [camel_case_of_host(key) for key in hints(args)]
    assert len(set(names)) == len(names)


@ARGS
def test_every_argument_has_its_text(args: type) -> None:
    assert _texts(args).keys() == hints(args).keys()


@ARGS
def test_optional_numbers_and_switches_state_their_default(args: type) -> None:
    """A schema has no place for it but the text."""
    optional = [key for key in args.__optional_keys__ if hints(args)[key] in (bool, int, float)]  # type: ignore[attr-defined]
    silent = [key for key in optional if "default" not in _texts(args)[key].lower()]
    assert not silent


@ARGS
def test_every_argument_is_of_a_type_that_arrives(args: type) -> None:
    for key, annotation in hints(args, extras=True).items():
        problem = _problem(annotation)
        assert problem is None, f"{args.__name__}.{key}: {problem}"


class Colour(enum.Enum):
    RED = "red"


class Inner(TypedDict):
    text: str


class Whole(TypedDict):
    """Types whose values arrive whole."""

    text: pulumi.Input[str]
    perhaps: NotRequired[pulumi.Input[str | None]]
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    names: Sequence[str]
    needs: Mapping[str, Sequence[str]]
    objects: Mapping[str, Inner]


class Lost(TypedDict):
    """Types whose values the host refuses, or loses without a word."""

    number: pulumi.Input[int]
    object: pulumi.Input[Inner]
    objects: pulumi.Input[Sequence[Inner]]
    deep: Mapping[str, Sequence[Inner]]
    by_number: Mapping[int, str]
    colours: Sequence[Colour]
    pair: tuple[str, str]
    anything: Any
    either: str | int


def test_the_rule_tells_types_that_arrive_from_types_that_do_not() -> None:
    assert {key: _problem(one) for key, one in hints(Whole, extras=True).items()} == dict.fromkeys(
        Whole.__annotations__
    )
    assert {key: _problem(one) for key, one in hints(Lost, extras=True).items()} == {
        "number": "a number as an Output fails in the host, take it plain",
        "object": "an object as an Output loses its keys, take it plain with Inputs inside",
        "objects": "an object as an Output loses its keys, take it plain with Inputs inside",
        "deep": "objects inside two containers keep their camel-case keys",
        "by_number": "a map's keys are text",
        "colours": f"{Colour} is none of the types that arrive whole",
        "pair": "tuple[str, str] is none of the types that arrive whole",
        "anything": "typing.Any is none of the types that arrive whole",
        "either": "str | int is none of the types that arrive whole",
    }


def test_names_in_the_schema_are_those_of_the_host() -> None:
    for args in args_types():
        for key in hints(args):
            assert camel_case(key) == camel_case_of_host(key)


def _problem(annotation: Any) -> str | None:
    """Return what the host would lose of a value of that type, None when nothing."""
    annotation = _without(annotation, NotRequired)
    inner = _without(_inside_input(annotation), typing.Optional)
    if inner in (int, float):
        return "a number as an Output fails in the host, take it plain"
    if any(typing_extensions.is_typeddict(part) for part in _parts(inner)):
        return "an object as an Output loses its keys, take it plain with Inputs inside"
    whole = inner if inner is not None else annotation
    return None if _is_leaf(whole) else _problem_of_container(whole)


def _problem_of_container(annotation: Any) -> str | None:
    origin = get_origin(annotation)
    if origin in (list, Sequence):
        (item,) = get_args(annotation)
    elif origin in (dict, Mapping):
        key, item = get_args(annotation)
        if key is not str:
            return "a map's keys are text"
    else:
        return f"{annotation} is none of the types that arrive whole"
    inner = _inside_input(item) or item
    if _is_leaf(inner):
        return None
    if any(typing_extensions.is_typeddict(part) for part in _parts(inner)):
        return "objects inside two containers keep their camel-case keys"
    return _problem_of_container(inner)


def _is_leaf(annotation: Any) -> bool:
    return annotation in (str, bool, int, float) or typing_extensions.is_typeddict(annotation)


def _without(annotation: Any, wrapper: Any) -> Any:
    """Return T of wrapper[T], and anything else as it is."""
    if wrapper is typing.Optional:
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return parts[0] if len(parts) == 1 and type(None) in get_args(annotation) else annotation
    return get_args(annotation)[0] if get_origin(annotation) is wrapper else annotation


def _class_node(args: type) -> ast.ClassDef:
    (node,) = ast.parse(inspect.getsource(args)).body
    assert isinstance(node, ast.ClassDef)
    return node


def _texts(args: type) -> dict[str, str]:
    body = _class_node(args).body
    return {
        field.target.id: text.value.value
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _tokens_of_super_init(component: ast.ClassDef) -> Iterator[object]:
    for node in ast.walk(component):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="__init__", value=ast.Call(func=ast.Name(id="super"))),
                args=[ast.Constant(value=token), *_],
            ):
                yield token


@pytest.mark.xfail(strict=True, reason="the host converts the number and then drops the result")
def test_the_host_hands_over_whole_numbers() -> None:
    """When it does, `_invalid.integer` need not accept floats any more."""
    host = Plugin()
    network = host._component_defs["Network"]
    given = host.map_inputs({"cidrBlock": "10.0.0.0/16", "groups": {}, "zoneCount": 3.0}, network)
    assert isinstance(given["zone_count"], int)
