"""The types of every aws resource, read from the installed `pulumi_aws` sources.

The real provider has its schema inside; the Python package is generated from it, so its sources
say the same: the properties of `NatGatewayArgs` are the inputs, the getters of `NatGateway` the
outputs, and the annotations their types. A resource's schema is derived when it is first asked
for and kept as JSON in the cache folder, one file a resource, the version in the path.
"""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import importlib.util
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: A type: `{"type": "string" | "integer" | "number" | "boolean" | "any" | "asset"}`,
#: `{"array": type}`, `{"map": type}`, `{"object": name}` (a key of `objects`) or
#: `{"union": [types]}`.
Type = dict[str, Any]

_SCALARS = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "Any": "any",
    "Archive": "asset",
    "Asset": "asset",
}
_CACHE_FORMAT = 1


class UnknownTokenError(LookupError):
    """The installed `pulumi_aws` has no such resource or function."""


@dataclass(frozen=True)
class Field:
    """One property of a resource's inputs or of a nested object."""

    type: Type
    required: bool


@dataclass(frozen=True)
class Schema:
    """What `pulumi_aws` says of one resource: camel-case names, as on the wire."""

    token: str
    inputs: dict[str, Field]
    outputs: dict[str, Type]
    objects: dict[str, dict[str, Field]]

    @property
    def computed_only(self) -> set[str]:
        """Outputs that no input sets."""
        return self.outputs.keys() - self.inputs.keys()


def package_version() -> str:
    """The version of the installed `pulumi_aws`, which the plugin reports as its own."""
    return importlib.metadata.version("pulumi_aws")


@functools.cache
def resource_schema(token: str) -> Schema:
    """The schema of a resource type such as `aws:ec2/vpc:Vpc`.

    Raises:
        UnknownTokenError: the installed package has no such type.
    """
    cached = _cache_folder() / (re.sub(r"[^A-Za-z0-9]+", "_", token) + ".json")
    if cached.exists():
        return _from_json(json.loads(cached.read_text()))
    schema = _derive(token)
    cached.parent.mkdir(parents=True, exist_ok=True)
    unfinished = cached.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(_to_json(schema), indent=1, sort_keys=True))
    unfinished.replace(cached)
    return schema


@functools.cache
def function_inputs(token: str) -> dict[str, Field]:
    """The arguments of a function such as `aws:ec2/getSubnets:getSubnets`; objects are `any`.

    Raises:
        UnknownTokenError: the installed package has no such function.
    """
    for node in ast.walk(ast.parse(_module_of(token).read_text())):
        if isinstance(node, ast.FunctionDef) and f"'{token}'" in ast.unparse(node):
            arguments = zip(
                [a for a in node.args.args if a.arg != "opts"],
                # Every argument of a function has a default in the generated code.
                node.args.defaults,
                strict=False,
            )
            found = {}
            for argument, _ in arguments:
                optional, field_type = _read_type(argument.annotation)
                found[_camel(argument.arg)] = Field(field_type, required=not optional)
            return found
    raise UnknownTokenError(f"pulumi_aws {package_version()} has no function {token}")


def resource_tokens() -> list[str]:
    """Every resource type of the installed package, sorted."""
    return sorted(_classes())


@functools.cache
def _classes() -> dict[str, tuple[str, str]]:
    """Token -> (Python package, class), from the registrations in `pulumi_aws/__init__.py`."""
    source = (_package_folder() / "__init__.py").read_text()
    match = re.search(r'resource_modules="""\n(.*?)\n"""', source, re.DOTALL)
    if match is None:
        raise UnknownTokenError("pulumi_aws/__init__.py does not register its resources any more")
    return {
        token: (module["fqn"], name)
        for module in json.loads(match.group(1))
        for token, name in module["classes"].items()
    }


@functools.cache
def _package_folder() -> Path:
    spec = importlib.util.find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        raise UnknownTokenError("pulumi_aws is not installed")
    return Path(spec.origin).parent


def _cache_folder() -> Path:
    root = Path(__file__).resolve().parents[3]
    base = Path(os.environ.get("SIMAWS_CACHE", root / ".cache" / "engine" / "schema"))
    return base / f"{package_version()}-{_CACHE_FORMAT}"


def _module_of(token: str) -> Path:
    """The source file that mentions the token: named after it, or else found by reading."""
    match = re.fullmatch(r"aws:([^/:]+)(?:/([^:]+))?:(\w+)", token)
    if match is None:
        raise UnknownTokenError(f"{token!r} is not a type of the aws package")
    package, module, name = match.groups()
    folder = _package_folder()
    if token in _classes():
        folder = folder.joinpath(*_classes()[token][0].split(".")[1:])
    elif package != "index":
        folder = folder / package
    named = folder / (_snake(module or name) + ".py")
    for candidate in [named, *sorted(folder.glob("*.py"))]:
        if candidate.exists() and f"'{token}'" in candidate.read_text():
            return candidate
    raise UnknownTokenError(f"pulumi_aws {package_version()} has no {token}")


def _derive(token: str) -> Schema:
    if token not in _classes():
        raise UnknownTokenError(f"pulumi_aws {package_version()} has no resource {token}")
    name = _classes()[token][1]
    path = _module_of(token)
    source = path.read_text()
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    # `NatGatewayArgs`, but `VpcPeeringConnectionAccepterInitArgs` where that name is taken.
    arguments = re.search(r"__props__ = (\w+Args)\.__new__", source)
    inputs = _fields(classes[arguments.group(1)]) if arguments else {}
    objects: dict[str, dict[str, Field]] = {}
    waiting = [(path.parent, of) for field in inputs.values() for of in _objects_in(field.type)]
    while waiting:
        folder, object_name = waiting.pop()
        if object_name in objects:
            continue
        module, _, short = object_name.rpartition(".")
        if module:
            folder = _package_folder() / module.lstrip("_")
        objects[object_name] = _fields(_input_classes(folder)[short])
        waiting += [
            (folder, of) for f in objects[object_name].values() for of in _objects_in(f.type)
        ]
    outputs = {wire: _read_type(node.returns)[1] for wire, node in _getters(classes[name])}
    return Schema(token, inputs, outputs, objects)


@functools.cache
def _input_classes(folder: Path) -> dict[str, ast.ClassDef]:
    path = folder / "_inputs.py"
    if not path.exists():
        return {}
    body = ast.parse(path.read_text()).body
    return {node.name: node for node in body if isinstance(node, ast.ClassDef)}


def _fields(node: ast.ClassDef) -> dict[str, Field]:
    """The properties of an input class: types from `__init__`, wire names from the getters."""
    constructor = next(
        item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"
    )
    arguments = {
        argument.arg: (argument.annotation, default is None)
        for argument, default in zip(
            constructor.args.kwonlyargs, constructor.args.kw_defaults, strict=True
        )
    }
    fields = {}
    for wire, getter in _getters(node):
        annotation, required = arguments[getter.name]
        fields[wire] = Field(_read_type(annotation)[1], required)
    return fields


def _getters(node: ast.ClassDef) -> list[tuple[str, ast.FunctionDef]]:
    """(wire name, getter) of each property of a generated class."""
    found = []
    for item in node.body:
        if not isinstance(item, ast.FunctionDef):
            continue
        for decorator in item.decorator_list:
            text = ast.unparse(decorator)
            if text == "pulumi.getter":
                found.append((item.name, item))
            elif isinstance(decorator, ast.Call) and text.startswith("pulumi.getter("):
                found.append((ast.literal_eval(decorator.keywords[0].value), item))
    return found


def _read_type(node: ast.expr | None) -> tuple[bool, Type]:
    """(is it optional, the type) of an annotation of the generated code."""
    if node is None:
        return True, {"type": "any"}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return False, _named_type(node.value)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return False, _named_type(ast.unparse(node))
    if isinstance(node, ast.Subscript):
        outer = ast.unparse(node.value).split(".")[-1]
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if outer in {"Input", "Output", "Awaitable", "InputType"}:
            return _read_type(arguments[0])
        if outer == "Optional":
            return True, _read_type(arguments[0])[1]
        if outer in {"Sequence", "List"}:
            return False, {"array": _read_type(arguments[0])[1]}
        if outer in {"Mapping", "Dict"}:
            return False, {"map": _read_type(arguments[1])[1]}
        if outer == "Union":
            return False, _union([_read_type(argument)[1] for argument in arguments])
    raise UnknownTokenError(f"cannot read the annotation {ast.unparse(node)}")


def _union(members: list[Type]) -> Type:
    distinct = [m for i, m in enumerate(members) if m not in members[:i]]
    return distinct[0] if len(distinct) == 1 else {"union": distinct}


def _named_type(name: str) -> Type:
    short = name.rsplit(".", maxsplit=1)[-1]
    if short in _SCALARS:
        return {"type": _SCALARS[short]}
    if short.endswith(("Args", "ArgsDict")):
        return {"object": name.removesuffix("Dict")}
    # An enum (a string on the wire), an output type, or another resource given as an input.
    return {"type": "any"}


def _objects_in(type_: Type) -> list[str]:
    if "object" in type_:
        return [type_["object"]]
    inner = type_.get("union") or [type_[key] for key in ("array", "map") if key in type_]
    return [name for item in inner for name in _objects_in(item)]


def _snake(name: str) -> str:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", spaced).lower()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _to_json(schema: Schema) -> dict[str, Any]:
    def fields(of: dict[str, Field]) -> dict[str, Any]:
        return {k: {"type": f.type, "required": f.required} for k, f in of.items()}

    return {
        "token": schema.token,
        "inputs": fields(schema.inputs),
        "outputs": schema.outputs,
        "objects": {name: fields(of) for name, of in schema.objects.items()},
    }


def _from_json(data: dict[str, Any]) -> Schema:
    def fields(of: dict[str, Any]) -> dict[str, Field]:
        return {k: Field(f["type"], f["required"]) for k, f in of.items()}

    return Schema(
        data["token"],
        fields(data["inputs"]),
        data["outputs"],
        {name: fields(of) for name, of in data["objects"].items()},
    )
