"""The provider protocol: what the engine asks, answered from the schema, the traits and moto."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import grpc
from botocore.exceptions import ClientError, ParamValidationError
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from tests.engine.simaws import clock, faults, invokes, journal, plan, settle
from tests.engine.simaws.check import check, without_defaults_marks
from tests.engine.simaws.cloud import Cloud, NotOnLoopbackError, endpoint
from tests.engine.simaws.difference import Change, difference
from tests.engine.simaws.resources import HANDLERS
from tests.engine.simaws.resources._ec2 import is_not_found
from tests.engine.simaws.schema import (
    Schema,
    UnknownTokenError,
    package_version,
    resource_schema,
)
from tests.engine.simaws.traits import traits_of
from tests.engine.simaws.wire import Props, Unknown, from_struct, has_unknown, to_struct

if TYPE_CHECKING:
    from tests.engine.simaws.resources import Handler

_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_Request = TypeVar(
    "_Request",
    provider_pb2.CreateRequest,
    provider_pb2.UpdateRequest,
    provider_pb2.DeleteRequest,
)


class RefusedError(Exception):
    """A call that the provider cannot answer; the sentence is shown to the user."""


class AwsServicer(provider_pb2_grpc.ResourceProviderServicer):
    """One instance of the provider; the engine starts one process for each."""

    def __init__(self) -> None:
        self._cloud: Cloud | None = None
        self._faults = faults.Faults()

    # The provider itself.

    def Handshake(  # noqa: N802
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        # As the bridge answers: the engine unwraps secrets and resources, and marks the outputs.
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=package_version())

    def GetSchema(  # noqa: N802
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        return provider_pb2.GetSchemaResponse(
            schema=json.dumps({"name": "aws", "version": package_version()})
        )

    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        olds, news = from_struct(request.olds), from_struct(request.news)
        changed = [
            key
            for key in sorted(olds.keys() | news.keys())
            if key != "version" and olds.get(key) != news.get(key)
        ]
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if changed else none,
            diffs=changed,
            replaces=[key for key in changed if key == "region"],
        )

    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        config = {key: _from_config(value) for key, value in from_struct(request.args).items()}
        region = config.get("region") or os.environ.get("AWS_REGION")
        if isinstance(region, Unknown):
            region = None
        if not region:
            _abort(
                context,
                "unable to validate AWS credentials: missing region configuration. Set it with "
                "`pulumi config set aws:region us-east-1`",
            )
        try:
            endpoint()
        except NotOnLoopbackError as error:
            _abort(context, str(error))
        tags: Any = config.get("defaultTags") or {}
        self._cloud = Cloud(str(region), tags.get("tags") or {})
        self._check_account(config, context)
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Cancel(  # noqa: N802
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    # Functions.

    def Invoke(  # noqa: N802
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        arguments = from_struct(request.args)
        journal.record(journal.Entry("invoke", request.tok, ""))
        try:
            failures = invokes.check(request.tok, arguments)
            if failures:
                return provider_pb2.InvokeResponse(failures=_failures(failures))
            cloud = self._configured().in_region(arguments.get("region"))
            found = invokes.call(request.tok, cloud, arguments)
        except (ClientError, RefusedError, UnknownTokenError, LookupError) as error:
            _abort(context, f"invocation of {request.tok} returned an error: {_said(error)}")
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(found))
        return response

    # Resources.

    def Check(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        token = _type_of(request.urn)
        try:
            schema = resource_schema(token)
        except UnknownTokenError as error:
            _abort(context, str(error))
        checked, failures = check(
            schema,
            traits_of(token),
            from_struct(request.news),
            from_struct(request.olds),
            request.urn.rsplit("::", 1)[-1],
            request.randomSeed,
        )
        if failures:
            return provider_pb2.CheckResponse(failures=_failures(failures))
        return provider_pb2.CheckResponse(inputs=to_struct(checked))

    def Diff(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        token = _type_of(request.urn)
        traits = traits_of(token)
        olds, news = from_struct(request.old_inputs), from_struct(request.news)
        changes = difference(traits, without_defaults_marks(olds), without_defaults_marks(news))
        changes += self._default_tag_changes(token, from_struct(request.olds), news, changes)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME
            if changes
            else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=_tops(changes),
            replaces=_tops([change for change in changes if change.replace]),
            detailedDiff={
                change.path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replace])
                for change in changes
            },
            hasDetailedDiff=True,
            deleteBeforeReplace=any(change.replace for change in changes)
            and (traits.delete_first or self._keeps_its_name(token, olds, news)),
        )

    def Create(  # noqa: N802
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        token = _type_of(request.urn)
        schema, traits = resource_schema(token), traits_of(token)
        inputs = without_defaults_marks(from_struct(request.properties))
        if request.preview:
            self._record("create", request, token)
            planned = plan.planned_create(schema, traits, inputs, self._worked_out(schema, inputs))
            return provider_pb2.CreateResponse(properties=to_struct(planned))
        try:
            fault = self._due("create", request, token)
            faults.before(fault, f"creating {token}")
            handler = self._handler(token, inputs)
            tagged = self._with_default_tags(schema, inputs)
            identifier = handler.create(tagged)
        except _ERRORS as error:
            self._record("create", request, token, outcome=_said(error))
            _abort(context, f"creating {_short(token)}: {_said(error)}")
        trouble: Exception | None = None
        try:
            handler.configure(identifier, tagged)
            faults.after(fault, f"waiting for {token} ({identifier}) create")
        except _ERRORS as error:
            trouble = error
        state = self._state(handler, schema, identifier, inputs, tagged)
        seconds = clock.creation_seconds(token, inputs)
        if trouble is not None:
            self._record("create", request, token, identifier, outcome=_said(trouble))
            _abort_initialised(context, identifier, state, inputs, _said(trouble))
        self._record("create", request, token, identifier, seconds=seconds)
        return provider_pb2.CreateResponse(id=identifier, properties=to_struct(state))

    def Read(  # noqa: N802
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        token = _type_of(request.urn)
        schema, traits = resource_schema(token), traits_of(token)
        state = from_struct(request.properties)
        olds = from_struct(request.inputs)
        journal.record(journal.Entry("read", token, request.urn, request.id))
        try:
            handler = self._handler(token, state)
            identifier = request.id if state else handler.identify(request.id)
            actual = self._actual(handler, schema, identifier, state)
        except _ERRORS as error:
            _abort(context, f"reading {_short(token)} ({request.id}): {_said(error)}")
        if actual is None:
            return provider_pb2.ReadResponse()
        found = settle.settled_state(schema, traits, identifier, state, actual)
        if olds:
            inputs = settle.settled_inputs(schema, traits, olds, found)
            inputs["__defaults"] = olds.get("__defaults", [])
        else:
            inputs = settle.imported_inputs(schema, traits, found)
            inputs["__defaults"] = []
        return provider_pb2.ReadResponse(
            id=identifier, properties=to_struct(found), inputs=to_struct(inputs)
        )

    def Update(  # noqa: N802
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        token = _type_of(request.urn)
        schema = resource_schema(token)
        state = from_struct(request.olds)
        olds = without_defaults_marks(from_struct(request.old_inputs))
        news = without_defaults_marks(from_struct(request.news))
        if request.preview:
            self._record("update", request, token)
            planned = plan.planned_update(
                schema, traits_of(token), state, olds, news, self._worked_out(schema, news)
            )
            return provider_pb2.UpdateResponse(properties=to_struct(planned))
        tagged = self._with_default_tags(schema, news)
        try:
            fault = self._due("update", request, token, request.id)
            faults.before(fault, f"updating {token} ({request.id})")
            handler = self._handler(token, news)
            # What stands is what the state says, also where a create went wrong half-way.
            standing = {key: state[key] for key in olds.keys() | news.keys() if key in state}
            handler.update(request.id, {**olds, **standing, "tags": state.get("tagsAll")}, tagged)
            faults.after(fault, f"waiting for {token} ({request.id}) update")
            found = self._state(handler, schema, request.id, {**state, **news}, tagged, news)
        except _ERRORS as error:
            self._record("update", request, token, request.id, outcome=_said(error))
            _abort(context, f"updating {_short(token)} ({request.id}): {_said(error)}")
        self._record("update", request, token, request.id)
        return provider_pb2.UpdateResponse(properties=to_struct(found))

    def Delete(  # noqa: N802
        self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        token = _type_of(request.urn)
        state = from_struct(request.properties)
        try:
            fault = self._due("delete", request, token, request.id)
            faults.before(fault, f"deleting {token} ({request.id})")
            try:
                self._handler(token, state).delete(request.id, state)
            except ClientError as error:
                if not is_not_found(error):
                    raise
            faults.after(fault, f"waiting for {token} ({request.id}) delete")
        except _ERRORS as error:
            self._record("delete", request, token, request.id, outcome=_said(error))
            _abort(context, f"deleting {_short(token)} ({request.id}): {_said(error)}")
        self._record("delete", request, token, request.id)
        return empty_pb2.Empty()

    # Helpers.

    def _configured(self) -> Cloud:
        if self._cloud is None:
            raise RefusedError("the provider was not configured")
        return self._cloud

    def _due(
        self, operation: str, request: _Request, token: str, identifier: str = ""
    ) -> faults.Fault | None:
        """The fault that strikes now; a death is written down while there is time."""
        fault = self._faults.due(operation, token)
        if fault is not None and fault.mode == "die":
            self._record(operation, request, token, identifier, outcome="died")
        return fault

    def _handler(self, token: str, props: Props) -> Handler:
        if token not in HANDLERS:
            raise RefusedError(
                f"the simulated provider cannot create {token}: give it a handler in "
                "tests/engine/simaws/resources"
            )
        return HANDLERS[token](self._configured().in_region(props.get("region")))

    def _check_account(self, config: Props, context: grpc.ServicerContext) -> None:
        allowed = config.get("allowedAccountIds") or []
        if allowed and self._configured().account_id not in allowed:
            _abort(context, f"AWS account ID not allowed: {self._configured().account_id}")

    def _with_default_tags(self, schema: Schema, inputs: Props) -> Props:
        if "tags" not in schema.inputs or "tagsAll" not in schema.outputs:
            return inputs
        return {**inputs, "tags": {**self._configured().default_tags, **(inputs.get("tags") or {})}}

    def _default_tag_changes(
        self, token: str, state: Props, news: Props, changes: list[Change]
    ) -> list[Change]:
        """What changes although the program's own inputs do not: the provider's default tags."""
        schema = resource_schema(token)
        wanted = self._with_default_tags(schema, news).get("tags") or {}
        standing = state.get("tagsAll")
        told = any(change.top == "tags" for change in changes)
        if standing is None or told or has_unknown(wanted) or wanted == standing:
            return []
        return [Change("tagsAll", "update", replace=False)]

    def _worked_out(self, schema: Schema, inputs: Props) -> Props:
        """The outputs that the provider knows without asking AWS."""
        known: Props = {"region": inputs.get("region") or self._configured().region}
        tags = inputs.get("tags")
        if "tagsAll" in schema.outputs and not isinstance(tags, Unknown):
            known["tagsAll"] = {**self._configured().default_tags, **(tags or {})}
        return known

    def _actual(
        self, handler: Handler, schema: Schema, identifier: str, known: Props
    ) -> Props | None:
        """What stands in AWS, with the tags split into ours and the provider's defaults."""
        try:
            actual = handler.read(identifier, known)
        except ClientError as error:
            if is_not_found(error):
                return None
            raise
        if actual is None:
            return None
        if "tagsAll" in schema.outputs and "tags" in actual:
            every = actual["tags"] or {}
            own = known.get("tags") or {}
            defaults = self._configured().default_tags
            actual["tagsAll"] = every
            actual["tags"] = {
                key: value
                for key, value in every.items()
                if key in own or defaults.get(key) != value
            }
            if not actual["tags"] and "tags" not in known:
                actual["tags"] = None
        if "region" in schema.outputs:
            actual["region"] = handler.cloud.region
        return actual

    def _state(
        self,
        handler: Handler,
        schema: Schema,
        identifier: str,
        known: Props,
        tagged: Props,
        wanted: Props | None = None,
    ) -> Props:
        actual = self._actual(handler, schema, identifier, known)
        if actual is None:
            raise RefusedError(f"{identifier} is not there although AWS said that it is")
        return settle.settled_state(
            schema,
            traits_of(schema.token),
            identifier,
            known if wanted is None else wanted,
            actual,
        )

    def _keeps_its_name(self, token: str, olds: Props, news: Props) -> bool:
        """Whether the program names the resource itself, so that two cannot stand together."""
        naming = traits_of(token).autoname_of(resource_schema(token))
        if naming is None or naming.property in news.get("__defaults", []):
            return False
        name = news.get(naming.property)
        return name is not None and name == olds.get(naming.property)

    def _record(
        self,
        operation: str,
        request: _Request,
        token: str,
        identifier: str = "",
        *,
        outcome: str = "done",
        seconds: float = 0.0,
    ) -> None:
        journal.record(
            journal.Entry(
                operation,
                token,
                request.urn,
                identifier,
                preview=bool(getattr(request, "preview", False)),
                outcome=outcome,
                seconds=seconds,
            )
        )


_ERRORS = (
    ClientError,
    ParamValidationError,
    RefusedError,
    faults.ThrottledError,
    faults.TimedOutError,
)


def _type_of(urn: str) -> str:
    """The resource's own type: the last of the types that the URN names."""
    return urn.split("::")[2].rsplit("$", maxsplit=1)[-1]


def _short(token: str) -> str:
    return token.rsplit(":", 1)[-1]


def _said(error: Exception) -> str:
    if isinstance(error, ClientError):
        answer = error.response["Error"]
        return (
            f"operation error {error.operation_name}: api error {answer['Code']}: "
            f"{answer['Message']}"
        )
    return str(error)


def _from_config(value: object) -> object:
    """A provider's property: anything that is no text travels as JSON."""
    if isinstance(value, str) and value[:1] in {"{", "[", '"'}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _failures(failures: list[tuple[str, str]]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in failures]


def _tops(changes: list[Change]) -> list[str]:
    return sorted({change.top for change in changes})


def _abort(context: grpc.ServicerContext, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError("abort raises")


def _abort_initialised(
    context: grpc.ServicerContext, identifier: str, state: Props, inputs: Props, reason: str
) -> NoReturn:
    """Fail a create whose resource exists: the engine keeps its id and tries again next time."""
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=identifier, properties=to_struct(state), reasons=[reason], inputs=to_struct(inputs)
        )
    )
    status = status_pb2.Status(
        code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail]
    )
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    _abort(context, reason)
