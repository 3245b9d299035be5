"""The engine's side of a preview, without an engine: Pulumi's mock monitor, keeping what it hears.

Every id is unknown and every output that the program did not set itself stays unknown, as in the
first preview of a stack. What a preview would ask AWS is answered by `lane.invokes`.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin
from urllib.parse import unquote, urlparse

from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi import Output, _types
from pulumi.runtime.mocks import MockMonitor, Mocks
from pulumi.runtime.proto import provider_pb2, resource_pb2

from lane import invokes
from lane.errors import Unusable
from lane.resources import ROOT_TYPE, Options, Resource, plain
from lane.stack_config import UNKNOWN_TEXT
from lane.transforms import Transforms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.struct_pb2 import Value

    from lane.program import Project

__all__ = ["ASKED_PLAINLY", "Recorder"]

#: Set while a program waits for a plain answer, which cannot be unknown.
ASKED_PLAINLY: ContextVar[bool] = ContextVar("asked_plainly", default=False)

#: Marks of Pulumi's wire format (sdk/go/common/resource/properties.go).
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- the mark, not a secret

#: Where the AWS provider puts a generated name when the program gives none, if not in `name`.
_NAME_PROPERTIES = {"aws:s3/bucket:Bucket": "bucket", "aws:s3/bucketV2:BucketV2": "bucket"}

#: A timeout is written as Go writes durations.
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


class _NoMocks(Mocks):
    """The recorder answers itself; nothing is mocked beyond it."""

    def call(self, args: object) -> Any:  # noqa: ANN401 -- never reached
        raise NotImplementedError

    def new_resource(self, args: object) -> Any:  # noqa: ANN401 -- never reached
        raise NotImplementedError


class Recorder(MockMonitor):
    """Answers a program as the engine would in a first preview and keeps all it registers.

    `registered` holds resources in the order of registration, default providers apart; it is safe
    to call from several threads, as the SDK does. `remediate` may rewrite a resource's inputs, as
    a remediating policy does before the resource counts; `on_resource` hears of each one. Both are
    given the resource and its provider.
    """

    def __init__(
        self,
        project: Project,
        *,
        remediate: Callable[[Resource, Resource | None], Struct | None] = lambda *_: None,
        on_resource: Callable[[Resource, Resource | None], None] = lambda *_: None,
    ) -> None:
        super().__init__(_NoMocks())
        self.project = project
        self.registered: dict[str, Resource] = {}
        self.read: dict[str, Resource] = {}
        self.default_providers: dict[str, Resource] = {}
        #: How each function was answered: "known", "unknown", "assumed", "placeholders", or
        #: "called" for a resource's method.
        self.answered: dict[str, set[str]] = {}
        #: Classes by type token, as the program uses them (see `lane.embedded`).
        self.classes: dict[str, type] = {}
        self._computed_by_type: dict[str, tuple[str, ...]] = {}
        self.transforms = Transforms()
        self._remediate = remediate
        self._on_resource = on_resource
        self._lock = threading.Lock()
        # Unknown texts can hide inside longer ones only when the program was given some as texts.
        self._texts_may_hide_unknowns = bool(project.config.encrypted)

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN as the engine makes it: the stack's own type is no part of its children's."""
        if parent:
            parent_type = parent.split("::")[2]
            if parent_type != ROOT_TYPE:
                type_ = f"{parent_type}${type_}"
        return f"urn:pulumi:{self.project.stack}::{self.project.name}::{type_}::{name}"

    # What the SDK calls -------------------------------------------------------------------------

    def RegisterResource(  # noqa: N802 -- gRPC's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Keep a resource; its outputs are its inputs, its id is unknown."""
        urn = self.make_urn(request.parent, request.type, request.name)
        request = self.transforms.applied(urn, request)
        properties = self._with_honest_unknowns(request.object)
        if request.custom:
            self._generate_name(urn, request, properties)
        resource = self._resource(urn, request, properties)
        provider = self._provider_of(resource)
        rewritten = self._remediate(resource, provider)
        if rewritten is not None:
            properties = rewritten
            resource = self._resource(urn, request, properties)
        with self._lock:
            if urn in self.registered:
                raise Unusable(
                    f"two resources of the type {request.type} are named '{request.name}': "
                    "give each a name of its own"
                )
            self.registered[urn] = resource
        self._on_resource(resource, provider)
        answer = resource_pb2.RegisterResourceResponse(urn=urn, id=request.importId)
        if request.custom and not request.remote:
            answer.object.CopyFrom(self._as_outputs(request.type, properties))
        return answer

    def ReadResource(  # noqa: N802 -- gRPC's name
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """Keep a read: its id is known, what stands in the account under it is not."""
        urn = self.make_urn(request.parent, request.type, request.name)
        known_id = "" if UNKNOWN_TEXT in request.id else request.id
        properties = self._with_honest_unknowns(request.properties)
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=True,
            external=True,
            id=known_id,
            properties=properties,
            outputs=Struct(),
            parent=request.parent,
            dependencies=tuple(sorted(request.dependencies)),
            provider=self._provider(request.type, request.provider, request.version),
            source=self._source(request),
        )
        with self._lock:
            self.read[urn] = resource
        return resource_pb2.ReadResourceResponse(urn=urn, id=known_id)

    def ExistsResource(  # noqa: N802 -- gRPC's name
        self, _request: resource_pb2.ExistsResourceRequest
    ) -> resource_pb2.ExistsResourceResponse:
        """Whether something is there is known to the account alone."""
        return resource_pb2.ExistsResourceResponse(unknown=True)

    def RegisterResourceOutputs(  # noqa: N802 -- gRPC's name
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Keep what a component, or the stack itself, exports."""
        with self._lock:
            resource = self.registered.get(request.urn)
            if resource is not None:
                resource.outputs.CopyFrom(self._with_honest_unknowns(request.outputs))
        return empty_pb2.Empty()

    def Invoke(  # noqa: N802 -- gRPC's name
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """Answer a question to the account, as far as that is possible without one."""
        if request.tok == "pulumi:pulumi:getResource":
            return self._registered_state(request)
        args = plain(request.args)
        asked_plainly = ASKED_PLAINLY.get()
        asked = _urn_in(request.provider)
        region = self._setting(asked, "region")
        accounts = self._setting(asked, "allowedAccountIds")
        found = invokes.answer(request.tok, args, region, accounts)
        how = "known"
        if found is not None and UNKNOWN_TEXT in json.dumps(args):
            found = {key: value for key, value in found.items() if key in args}
            how = "placeholders" if asked_plainly else "unknown"
        elif found is None and asked_plainly:
            found, how = args, "placeholders"
            zones = "aws:index/getAvailabilityZones:getAvailabilityZones"
            if request.tok == zones and region:
                found = {**args, **invokes.assumed_zones(region)}
                how = "assumed"
        elif found is None:
            how = "unknown"
        with self._lock:
            self.answered.setdefault(request.tok, set()).add(how)
            self._texts_may_hide_unknowns |= asked_plainly and how != "known"
        response = resource_pb2.ResourceInvokeResponse(unknown=how == "unknown")
        if found is not None and how != "unknown":
            getattr(response, "return").update(found)
        return response

    def Call(  # noqa: N802 -- gRPC's name
        self, request: resource_pb2.ResourceCallRequest
    ) -> provider_pb2.CallResponse:
        """A method of a resource runs in its provider; its result is unknown and depends on it."""
        with self._lock:
            self.answered.setdefault(request.tok, set()).add("called")
        response = provider_pb2.CallResponse()
        getattr(response, "return").update({"result": UNKNOWN_TEXT})
        urns = {urn for argument in request.argDependencies.values() for urn in argument.urns}
        response.returnDependencies["result"].urns.extend(sorted(urns))
        return response

    def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: ANN401, N802
        """A transform for every resource from here on."""
        self.transforms.add_stack_transform(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: ANN401, ARG002, N802
        """Transforms of questions to the account are not run: there is no account to ask."""
        self.transforms.notes.add("transforms of invokes are not run here")
        return empty_pb2.Empty()

    # How the answers are made -------------------------------------------------------------------

    def _resource(
        self, urn: str, request: resource_pb2.RegisterResourceRequest, properties: Struct
    ) -> Resource:
        serves = (request.custom or request.remote) and not request.type.startswith("pulumi:")
        provider = self._provider(request.type, request.provider, request.version) if serves else ""
        outputs = Struct()
        if request.custom:
            region = self._setting(provider, "region") if request.type.startswith("aws:") else ""
            for name in self._computed(request.type):
                known = region if name == "region" else ""
                outputs.fields[name].string_value = known or UNKNOWN_TEXT
            outputs.MergeFrom(properties)
            outputs.fields["id"].string_value = request.importId or UNKNOWN_TEXT
        return Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=request.custom,
            remote=request.remote,
            id=request.importId,
            properties=properties,
            outputs=outputs,
            parent=request.parent,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: tuple(sorted(request.propertyDependencies[key].urns))
                for key in sorted(request.propertyDependencies)
            },
            provider=provider,
            options=_options(request),
            source=self._source(request),
        )

    def _computed(self, type_: str) -> tuple[str, ...]:
        """Outputs that every resource of a type has, so that a provider fills in what is missing.

        The SDK declares those without Optional.
        """
        if type_ not in self._computed_by_type:
            class_ = self.classes.get(type_)
            hints = {} if class_ is None else _types._raw_return_hints(class_)  # noqa: SLF001
            self._computed_by_type[type_] = tuple(
                name
                for name, hint in hints.items()
                if get_origin(hint) is Output and type(None) not in get_args(get_args(hint)[0])
            )
        return self._computed_by_type[type_]

    def _with_honest_unknowns(self, struct: Struct) -> Struct:
        """A copy in which a text made from an unknown one is unknown, and so is its list.

        Nulls are left out, as providers leave them out: there they mean that nothing is said.
        """
        copied = Struct()
        copied.CopyFrom(struct)
        _drop_nulls(copied)
        if self._texts_may_hide_unknowns:
            for value in copied.fields.values():
                _hide(value)
        return copied

    def _generate_name(
        self, urn: str, request: resource_pb2.RegisterResourceRequest, properties: Struct
    ) -> None:
        """Fill in the physical name that a preview shows when the program gives none.

        The provider appends seven random hexadecimal digits; here they come from the URN, so that
        two runs agree.
        """
        field = _NAME_PROPERTIES.get(request.type, "name")
        if not request.type.startswith("aws:") or field in properties.fields or request.importId:
            return
        constructor = getattr(self.classes.get(request.type), "_internal_init", None)
        code = getattr(constructor, "__code__", None)
        if (
            code is None
            or field not in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        ):
            return
        digits = hashlib.sha256(urn.encode()).hexdigest()[:7]
        properties.update({field: f"{request.name}-{digits}"})

    def _as_outputs(self, type_: str, properties: Struct) -> Struct:
        """Inputs as a provider returns them: a document given as an object comes back as text."""
        class_ = self.classes.get(type_)
        objects = [
            key for key, value in properties.fields.items() if value.HasField("struct_value")
        ]
        if class_ is None or not objects:
            return properties
        kinds = _types.resource_types(class_)
        outputs = Struct()
        outputs.CopyFrom(properties)
        for key in objects:
            if key not in kinds or _types.unwrap_optional_type(kinds[key]) is not str:
                continue
            value = outputs.fields[key]
            mark = value.struct_value.fields.get(_SIGNATURE)
            if mark is not None and mark.string_value == _SECRET:
                value = value.struct_value.fields["value"]
            elif mark is not None:
                continue
            if value.HasField("struct_value"):
                text = json.dumps(plain(value.struct_value), sort_keys=True, separators=(",", ":"))
                value.string_value = UNKNOWN_TEXT if UNKNOWN_TEXT in text else text
        return outputs

    def _provider(self, type_: str, reference: str, version: str) -> str:
        """The URN of the provider: the one referred to, else the package's default one."""
        if reference:
            return _urn_in(reference)
        package = type_.split(":", 1)[0]
        if package in ("pulumi", "pulumi-python", "pulumi-nodejs"):
            return ""
        name = f"default_{version.replace('.', '_')}" if version else "default"
        urn = self.make_urn("", f"pulumi:providers:{package}", name)
        with self._lock:
            if urn in self.default_providers:
                return urn
            properties = Struct()
            properties.update(self.project.config.provider(package))
            if version:
                properties.update({"version": version})
            provider = Resource(
                urn=urn,
                type=f"pulumi:providers:{package}",
                name=name,
                custom=True,
                properties=properties,
                outputs=properties,
            )
            self.default_providers[urn] = provider
        self._on_resource(provider, None)
        return urn

    def _provider_of(self, resource: Resource) -> Resource | None:
        return self.registered.get(resource.provider) or self.default_providers.get(
            resource.provider
        )

    def _setting(self, provider: str, name: str) -> str:
        """A setting of the provider that an invoke asks, else the stack's; empty if unknown."""
        if not provider:
            value = self.project.config.values.get(f"aws:{name}", "")
        else:
            given = self.registered.get(provider) or self.default_providers.get(provider)
            value = str(given.inputs.get(name, "")) if given else ""
        return "" if UNKNOWN_TEXT in value else value

    def _registered_state(
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """The state behind a reference that the program passed from one resource to another."""
        urn = plain(request.args)["urn"]
        resource = self.registered.get(urn) or self.read.get(urn)
        if resource is None:
            raise LookupError(f"the program refers to {urn}, which it did not register")
        response = resource_pb2.ResourceInvokeResponse()
        state = getattr(response, "return")
        state.update({"urn": urn, "id": resource.id})
        state.fields["state"].struct_value.CopyFrom(
            self._as_outputs(resource.type, resource.properties)
        )
        return response

    def _source(self, request: Any) -> str:  # noqa: ANN401 -- registrations and reads alike
        """The innermost place of the call that lies in the project itself."""
        for frame in request.stackTrace.frames:
            path = Path(unquote(urlparse(frame.pc.uri).path))
            if path.is_relative_to(self.project.root) and "site-packages" not in path.parts:
                return f"{path.relative_to(self.project.root).as_posix()}:{frame.pc.line}"
        return ""


def _urn_in(reference: str) -> str:
    """The URN in a reference to a provider, which goes on with the provider's id."""
    return reference.rpartition("::")[0]


def _options(request: resource_pb2.RegisterResourceRequest) -> Options:
    given = request.customTimeouts
    return Options(
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        delete_before_replace=(
            request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None
        ),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=tuple(alias.urn for alias in request.aliases if alias.urn),
        timeouts=(
            _seconds(given.create),
            _seconds(given.update),
            _seconds(given.delete),
            _seconds(given.read),
        ),
        retain_on_delete=request.retainOnDelete,
    )


def _seconds(text: str) -> float:
    """A duration of the form "1h30m" in seconds; nothing for a text that is none."""
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))


def _drop_nulls(struct: Struct) -> None:
    for name, value in list(struct.fields.items()):
        kind = value.WhichOneof("kind")
        if kind == "null_value":
            del struct.fields[name]
        elif kind == "struct_value":
            _drop_nulls(value.struct_value)
        elif kind == "list_value":
            for item in value.list_value.values:
                if item.HasField("struct_value"):
                    _drop_nulls(item.struct_value)


def _hide(value: Value) -> bool:
    """Make texts that contain an unknown one unknown; whether `value` held a list's element."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        if UNKNOWN_TEXT in text and text != UNKNOWN_TEXT:
            value.string_value = UNKNOWN_TEXT
            return invokes.ELEMENT in text
        return False
    if kind == "struct_value":
        return _any_hidden(value.struct_value.fields.values())
    if kind == "list_value" and _any_hidden(value.list_value.values):
        value.string_value = UNKNOWN_TEXT
    return False


def _any_hidden(values: Iterable[Value]) -> bool:
    hidden = [_hide(value) for value in values]  # each of them must be visited
    return any(hidden)
