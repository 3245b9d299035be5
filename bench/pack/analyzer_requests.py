"""The networks as the engine's requests to a policy pack, serialised once and sent as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import proto

from bench.pack.networks import UNKNOWN, Id, Resource

__all__ = ["Requests", "requests"]

_PREFIX = "urn:pulumi:bench::networks::"
_PROVIDER = f"{_PREFIX}pulumi:providers:aws::default_7_51_1"
#: What the provider adds to every resource, unknown until it exists.
_COMPUTED = ("id", "arn", "ownerId", "tagsAll", "region")


@dataclass(frozen=True)
class Requests:
    """One `Analyze` a resource, then one `AnalyzeStack`, as bytes."""

    analyze: tuple[bytes, ...]
    stack: bytes
    count: int


def requests(resources: Iterable[Resource]) -> Requests:
    """What the engine would send for the resources of a first preview."""
    listed = list(resources)
    urns = {one.name: _urn(one) for one in listed if one.kind != "routeTableAssociation"}
    provider = proto.AnalyzerProviderResource(
        type="pulumi:providers:aws",
        urn=_PROVIDER,
        name="default_7_51_1",
        properties=_struct({"region": "us-east-1", "version": "7.51.1"}),
    )
    analyze: list[bytes] = []
    stack = proto.AnalyzeStackRequest()
    for one in listed:
        inputs = _struct(_plain(one.inputs))
        common: dict[str, Any] = {
            "type": _type(one.kind),
            "urn": _urn(one),
            "name": one.name,
            "provider": provider,
        }
        analyze.append(proto.AnalyzeRequest(properties=inputs, **common).SerializeToString())
        outputs = _struct({**dict.fromkeys(_COMPUTED, UNKNOWN), **_plain(one.inputs)})
        deps = {
            name: sorted({urns[found] for found in _ids(value)})
            for name, value in one.inputs.items()
        }
        stack.resources.add(
            properties=outputs,
            parent=f"{_PREFIX}pulumi:pulumi:Stack::networks-bench",
            dependencies=sorted({urn for several in deps.values() for urn in several}),
            propertyDependencies={
                name: proto.AnalyzerPropertyDependencies(urns=found)
                for name, found in deps.items()
                if found
            },
            **common,
        )
    return Requests(tuple(analyze), stack.SerializeToString(), len(listed))


def _type(kind: str) -> str:
    return f"aws:ec2/{kind}:{kind[0].upper()}{kind[1:]}"


def _urn(one: Resource) -> str:
    return f"{_PREFIX}{_type(one.kind)}::{one.name}"


def _plain(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(one) for name, one in tree.items()}


def _value(tree: Any) -> Any:  # noqa: ANN401 any JSON value
    if isinstance(tree, Id):
        return UNKNOWN
    if isinstance(tree, Mapping):
        return _plain(tree)
    return [_value(one) for one in tree] if isinstance(tree, list) else tree


def _ids(tree: object) -> Iterator[str]:
    if isinstance(tree, Id):
        yield tree.of
    elif isinstance(tree, list):
        for one in tree:
            yield from _ids(one)


def _struct(tree: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(tree)
    return struct
