"""Runs a Pulumi program without an engine and tells what it asked the engine for.

`run(program, preview=True)` resembles the first preview: ids and computed outputs are unknown.
`run(program, preview=False)` resembles an update: they are known. Neither runs a provider, so
neither proves that AWS accepts the inputs.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeAlias

import pulumi
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import known_types, mocks, rpc, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_pulumi_func

#: Stands for a value that is not known yet, in what a resource was given.
UNKNOWN = "<unknown>"

#: A function's answer, or what computes it from the arguments of the call.
Answer: TypeAlias = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]

#: What a provider computes for a resource: (type, name, inputs) → outputs beside the inputs.
Computed: TypeAlias = Callable[[str, str, dict[str, Any]], Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class Secret:
    """A value that was marked secret, in what a resource was given."""

    value: Any


@dataclasses.dataclass(frozen=True)
class Registered:
    """One resource as the engine was asked for it."""

    type: str
    name: str
    urn: str
    #: Camel-case keys; `UNKNOWN` and `Secret` stand for themselves at any depth.
    inputs: dict[str, Any]
    #: Everything else the engine was told: options, dependencies, aliases.
    request: resource_pb2.RegisterResourceRequest

    @property
    def parent(self) -> str:
        """The parent's URN."""
        return str(self.request.parent)

    @property
    def depends_on(self) -> set[str]:
        """The names of the resources in `depends_on` that no input refers to."""
        by_inputs = {urn for urns in self.property_dependencies.values() for urn in urns}
        return {name_of(urn) for urn in self.request.dependencies if urn not in by_inputs}

    @property
    def property_dependencies(self) -> dict[str, list[str]]:
        """The URNs each input came from."""
        return {key: sorted(value.urns) for key, value in self.request.propertyDependencies.items()}


@dataclasses.dataclass
class Run:
    """What one run of a program asked the engine for."""

    resources: list[Registered] = dataclasses.field(default_factory=list)
    #: What components registered as their outputs, by URN.
    outputs: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    #: Calls of provider functions: (token, arguments).
    calls: list[tuple[str, dict[str, Any]]] = dataclasses.field(default_factory=list)
    #: The provider each call went to, "" for the default one.
    call_providers: list[str] = dataclasses.field(default_factory=list)

    def of(self, type_: str) -> dict[str, Registered]:
        """The resources of one type by name; `aws:ec2/vpc:Vpc` may be written `Vpc`."""
        return {
            one.name: one
            for one in self.resources
            if one.type == type_ or one.type.rpartition(":")[2] == type_
        }

    def the(self, type_: str, name: str | None = None) -> Registered:
        """The only resource of a type, or the one of that name."""
        found = self.of(type_)
        if name is not None:
            return found[name]
        (one,) = found.values()
        return one

    def counts(self) -> dict[str, int]:
        """How many resources there are of each type, by the type's last part."""
        return dict(Counter(one.type.rpartition(":")[2] for one in self.resources))

    def inputs(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every resource's inputs by (type, name)."""
        return {(one.type, one.name): one.inputs for one in self.resources}

    def shape(self) -> set[tuple[str, str, str]]:
        """(type, name, parent) of every resource: what must not depend on ids being known."""
        return {(one.type, one.name, one.parent) for one in self.resources}

    def parents(self) -> set[str]:
        """The URNs that AWS's resources are children of."""
        return {one.parent for one in self.resources if one.type.startswith("aws:")}

    def output(self, type_: str, name: str | None = None) -> dict[str, Any]:
        """What a component registered as its outputs."""
        return self.outputs[self.the(type_, name).urn]


def name_of(urn: str) -> str:
    """The name at the end of a URN."""
    return urn.rpartition("::")[2]


def run(
    program: Callable[[], object],
    *,
    preview: bool,
    calls: Mapping[str, Answer] | None = None,
    computed: Computed | None = None,
    config: Mapping[str, str] | None = None,
) -> Run:
    """Run `program`, which may be async, to its end.

    A provider function without an answer in `calls` (by token) fails the run. `computed` adds to
    the outputs of a known resource; in a preview these stay unknown.

    Raises whatever the program raised.
    """
    monitor = _RecordingMonitor(preview=preview, calls=calls or {}, computed=computed)
    _run(program, monitor, config or {})
    return monitor.recorded


def refusal(
    program: Callable[[], object],
    *,
    calls: Mapping[str, Answer] | None = None,
    config: Mapping[str, str] | None = None,
) -> str:
    """The one sentence with which `program` refuses its input, before it registers anything."""
    monitor = _RecordingMonitor(preview=True, calls=calls or {}, computed=None)
    with pytest.raises(pulumi.RunError) as caught:
        _run(program, monitor, config or {})
    assert monitor.recorded.resources == []
    sentence = str(caught.value)
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence
    return sentence


def late_refusal(
    program: Callable[[], object],
    *,
    calls: Mapping[str, Answer] | None = None,
    computed: Computed | None = None,
) -> tuple[str, Run]:
    """The sentence of a check that had to wait for an Output, and what was registered by then."""
    monitor = _RecordingMonitor(preview=True, calls=calls or {}, computed=computed)
    with pytest.raises(pulumi.RunError) as caught:
        _run(program, monitor, {})
    return str(caught.value), monitor.recorded


async def value(output: pulumi.Output[Any]) -> object:
    """The value of an Output, or `UNKNOWN`; to be awaited in an async program under `run`."""
    return await output.future() if await output.is_known() else UNKNOWN


def _run(
    program: Callable[[], object], monitor: _RecordingMonitor, config: Mapping[str, str]
) -> None:
    with _event_loop() as loop:
        # Both outlive `set_mocks`, and would make this run wait for tasks of an earlier one.
        settings.SETTINGS.rpc_manager.clear()
        settings.SETTINGS.outputs.clear()
        mocks.set_mocks(monitor.mocks, preview=monitor.preview, monitor=monitor)
        pulumi.runtime.set_all_config(dict(config))

        def start() -> Awaitable[None] | None:
            result = program()
            return result if inspect.isawaitable(result) else None

        loop.run_until_complete(run_pulumi_func(start))


@contextlib.contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        # A program that raised leaves tasks behind, which would complain when they are collected.
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()


class _NoProvider(mocks.Mocks):
    """Required by the base class, never reached: the monitor answers by itself."""

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError(args.token)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise AssertionError(args.name)


class _RecordingMonitor(mocks.MockMonitor):
    def __init__(
        self, *, preview: bool, calls: Mapping[str, Answer], computed: Computed | None
    ) -> None:
        super().__init__(_NoProvider())
        self.recorded = Run()
        self.preview = preview
        self._calls = calls
        self._computed = computed

    def RegisterResource(  # noqa: N802 - the name of the RPC
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if urn in self.resources:
            raise AssertionError(f"two resources have one URN: {urn}")
        inputs = _plain(rpc.deserialize_properties(request.object, keep_unknowns=True))
        self.recorded.resources.append(Registered(request.type, request.name, urn, inputs, request))
        state = struct_pb2.Struct()
        state.CopyFrom(request.object)
        if not self.preview and self._computed is not None:
            state.update(self._computed(request.type, request.name, inputs))
        id_ = "" if self.preview or not request.custom else f"{request.name}-id"
        self.resources[urn] = self.ResourceRegistration(urn, id_, inputs)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=state)

    def RegisterResourceOutputs(  # noqa: N802 - the name of the RPC
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        self.recorded.outputs[request.urn] = _plain(
            rpc.deserialize_properties(request.outputs, keep_unknowns=True)
        )
        return empty_pb2.Empty()

    def Invoke(  # noqa: N802 - the name of the RPC
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        args = _plain(rpc.deserialize_properties(request.args, keep_unknowns=True))
        self.recorded.calls.append((request.tok, args))
        self.recorded.call_providers.append(request.provider)
        if request.tok not in self._calls:
            raise AssertionError(f"the program called {request.tok}, which has no answer here")
        answer = self._calls[request.tok]
        response = resource_pb2.ResourceInvokeResponse()
        # The field is called `return`, which Python cannot spell as an attribute.
        returned: struct_pb2.Struct = getattr(response, "return")
        returned.update(answer(args) if callable(answer) else answer)
        return response


def _plain(value: Any) -> Any:
    """Put `UNKNOWN` and `Secret` in the place of the SDK's markers."""
    if known_types.is_unknown(value):
        return UNKNOWN
    if rpc.is_rpc_secret(value):
        return Secret(_plain(rpc.unwrap_rpc_secret(value)))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
