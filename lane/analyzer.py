"""A policy pack asked over gRPC as the engine asks it during a preview.

Order and content of the calls follow the engine (resource/plugin/analyzer_plugin.go and
resource/deploy/step_generator.go): Handshake, ConfigureStack, GetAnalyzerInfo, Configure; for each
resource Remediate and Analyze with its inputs; at the end AnalyzeStack with all outputs.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from lane.errors import Unusable
from lane.pack_config import LEVELS, configured
from lane.report import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.struct_pb2 import Struct, Value

    from lane.embedded import Run
    from lane.pack_config import PolicySettings
    from lane.pack_process import PackProcess
    from lane.policy import Policy
    from lane.program import Project
    from lane.resources import Resource

__all__ = ["Analyzer"]

#: The engine's limit for a message, in bytes (400 MB).
_MESSAGE_LIMIT = 400 * 1024 * 1024
#: The mark of a reference to a resource, and its key, on Pulumi's wire.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"


class Analyzer:
    """The client of a pack's process, which it waits for when it is first needed.

    `analyze` and `remediate` may be called from several threads. Every method raises `Unusable`
    when the pack does not start, refuses its configuration, or fails: nothing counts as passed.
    """

    def __init__(self, process: PackProcess, project: Project, given: Mapping[str, Any]) -> None:
        self._process = process
        self._project = project
        self._given = given
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None
        self._stub: analyzer_pb2_grpc.AnalyzerStub | None = None
        self._pending: list[tuple[str, Any]] = []
        self._found: set[Violation] = set()
        self._severities: dict[str, str] = {}
        self._info = analyzer_pb2.AnalyzerInfo()
        self.name = process.directory.name
        self.settings: dict[str, PolicySettings] = {}
        #: What the pack changed, one sentence each.
        self.notes: set[str] = set()

    def connect(self) -> analyzer_pb2_grpc.AnalyzerStub:
        """The stub of the pack, which is up and configured then."""
        with self._lock:
            if self._stub is None:
                self._stub = self._connected()
            return self._stub

    def remediate(self, resource: Resource, provider: Resource | None) -> Struct | None:
        """The inputs after the pack's remediations; `None` when there are none.

        The engine asks every pack; a pack without a remediating policy has nothing to say, because
        the policy SDKs run remediations for policies of that level alone.
        """
        stub = self.connect()
        if all(settings.level != "remediate" for settings in self.settings.values()):
            return None
        request = _analyze_request(resource, provider, internal=True)
        reply = self._asked(lambda: stub.Remediate(request), resource.urn)
        rewritten = None
        for remediation in reply.remediations:
            if remediation.diagnostic:
                told = Violation(
                    resource.urn, remediation.policyName, "advisory", remediation.diagnostic
                )
                with self._lock:
                    self._found.add(told)
            else:
                rewritten = remediation.properties
                with self._lock:
                    self.notes.add(
                        f"the policy {remediation.policyName} rewrote inputs of {resource.urn}"
                    )
        return rewritten

    def analyze(self, resource: Resource, provider: Resource | None) -> None:
        """Ask about one resource; the answer is collected by `violations`."""
        stub = self.connect()
        request = _analyze_request(resource, provider, internal=False)
        with self._lock:
            self._pending.append((resource.urn, stub.Analyze.future(request)))

    def violations(self, run: Run) -> tuple[Violation, ...]:
        """All that the pack reports of a run, sorted: its resource checks, then its stack checks.

        Raises `Unusable` when the pack fails, because then nothing may count as passed.
        """
        stub = self.connect()
        found = set(self._found)
        request = _stack_request(run)
        known = {resource.urn for resource in request.resources}
        for urn, future in self._pending:
            reply = self._asked(future.result, urn)
            found |= {self._violation(diagnostic, urn) for diagnostic in reply.diagnostics}
        self._pending.clear()
        reply = self._asked(lambda: stub.AnalyzeStack(request), "the stack")
        for diagnostic in reply.diagnostics:
            key = diagnostic.urn if diagnostic.urn in known else run.root.urn
            found.add(self._violation(diagnostic, key))
        return tuple(sorted(found))

    def policies(self) -> tuple[Policy, ...]:
        """The pack's policies in its own words, once it was asked."""
        from lane.policy import policies  # noqa: PLC0415 -- most reports do not need them

        return policies(self._info, self.settings)

    def close(self) -> None:
        """End the connection; the process is its owner's."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _connected(self) -> analyzer_pb2_grpc.AnalyzerStub:
        port = self._process.port()
        self._channel = grpc.insecure_channel(
            f"127.0.0.1:{port}",
            options=[
                ("grpc.enable_http_proxy", 0),
                ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
                ("grpc.max_send_message_length", _MESSAGE_LIMIT),
            ],
        )
        stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        directory = str(self._process.directory)
        self._optional(
            lambda: stub.Handshake(
                analyzer_pb2.AnalyzerHandshakeRequest(
                    engine_address="", root_directory=directory, program_directory=directory
                )
            )
        )
        config = self._project.config
        self._optional(
            lambda: stub.ConfigureStack(
                analyzer_pb2.AnalyzerStackConfigureRequest(
                    stack=self._project.stack,
                    project=self._project.name,
                    organization="organization",
                    dry_run=True,
                    config=config.readable,
                    config_secret_keys=sorted(config.encrypted),
                )
            )
        )
        info = self._asked(lambda: stub.GetAnalyzerInfo(empty_pb2.Empty()), "its own policies")
        self.name = info.name
        self.settings = configured(info, self._given)
        self._info = info
        severities = analyzer_pb2.PolicySeverity
        self._severities = {
            policy.name: severities.Name(policy.severity).removeprefix("POLICY_SEVERITY_").lower()
            for policy in info.policies
            if policy.severity
        }
        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, settings in self.settings.items():
            entry = request.policyConfig[name]
            entry.enforcementLevel = LEVELS.index(settings.level)  # type: ignore[assignment]
            entry.properties.update(settings.properties)
        if self.settings:
            self._asked(lambda: stub.Configure(request), "its configuration")
        return stub

    def _asked(self, call: Callable[[], Any], about: str) -> Any:  # noqa: ANN401 -- any reply
        try:
            return call()
        except grpc.RpcError as error:
            said = error.details() or str(error.code())
            if error.code() is grpc.StatusCode.UNAVAILABLE and self._process.ends():
                said = f"its process ended{self._process.last_words}"
            raise Unusable(
                f"the policy pack '{self.name}' failed when asked about {about}: {said}",
                self._process.printed,
            ) from error

    def _optional(self, call: Callable[[], object]) -> None:
        """A call that older packs do not know, which the engine forgives."""
        try:
            call()
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
                self._asked(call, "its start")

    def _violation(self, diagnostic: analyzer_pb2.AnalyzeDiagnostic, key: str) -> Violation:
        level = LEVELS[diagnostic.enforcementLevel]
        return Violation(
            key=key,
            policy=diagnostic.policyName,
            # What a remediation left behind must be mended by hand, as the engine has it.
            level="mandatory" if level == "remediate" else level,
            message=diagnostic.message,
            severity=self._severities.get(diagnostic.policyName, ""),
        )


def _analyze_request(
    resource: Resource, provider: Resource | None, *, internal: bool
) -> analyzer_pb2.AnalyzeRequest:
    return analyzer_pb2.AnalyzeRequest(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        properties=_for_policies(resource.properties, internal=internal),
        options=_options(resource),
        provider=_provider(provider),
    )


def _stack_request(run: Run) -> analyzer_pb2.AnalyzeStackRequest:
    """Everything registered, as the engine sends it: reads are not part of it."""
    registered = (run.root, *run.default_providers, *run.resources)
    by_urn = {resource.urn: resource for resource in registered}
    request = analyzer_pb2.AnalyzeStackRequest()
    for resource in registered:
        sent = request.resources.add(
            type=resource.type,
            urn=resource.urn,
            name=resource.name,
            properties=_for_policies(resource.outputs, internal=False),
            options=_options(resource),
            provider=_provider(by_urn.get(resource.provider)),
            parent=resource.parent,
            dependencies=resource.dependencies,
        )
        for key, urns in resource.property_dependencies.items():
            if urns:
                sent.propertyDependencies[key].urns.extend(urns)
    return request


def _options(resource: Resource) -> analyzer_pb2.AnalyzerResourceOptions:
    options = resource.options
    create, update, delete, read = options.timeouts
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=options.protect,
        ignoreChanges=options.ignore_changes,
        deleteBeforeReplace=bool(options.delete_before_replace),
        deleteBeforeReplaceDefined=options.delete_before_replace is not None,
        additionalSecretOutputs=options.additional_secret_outputs,
        aliases=options.aliases,
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
            create=create, update=update, delete=delete, read=read
        ),
        parent=resource.parent,
    )


def _provider(provider: Resource | None) -> analyzer_pb2.AnalyzerProviderResource | None:
    if provider is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(
        type=provider.type,
        properties=_for_policies(provider.properties, internal=False),
        urn=provider.urn,
        name=provider.name,
    )


def _for_policies(properties: Struct, *, internal: bool) -> Struct:
    """Properties as policies get them: a reference is the resource's id, internal keys are gone."""
    hidden = [] if internal else [key for key in properties.fields if key.startswith("__")]
    if not hidden and _REFERENCE.encode() not in properties.SerializeToString():
        return properties
    sent = type(properties)()
    sent.CopyFrom(properties)
    for key in hidden:
        del sent.fields[key]
    for value in sent.fields.values():
        _dereference(value)
    return sent


def _dereference(value: Value) -> None:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        for item in value.list_value.values:
            _dereference(item)
    elif kind == "struct_value":
        fields = value.struct_value.fields
        mark = fields.get(_SIGNATURE)
        if mark is not None and mark.string_value == _REFERENCE:
            target = fields["id"] if "id" in fields else fields["urn"]
            value.string_value = target.string_value
        else:
            for item in fields.values():
                _dereference(item)
