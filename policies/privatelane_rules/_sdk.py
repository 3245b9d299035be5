"""The pack over the policy SDK's gRPC servicer: the one file that touches its private parts.

The SDK would convert the whole stack again for every stack policy, hide inputs and drop
dependencies it cannot resolve. This servicer converts each request once, keeps the inputs that
`Analyze` saw, joins them by URN in `AnalyzeStack`, and lets all rules share the result.
`requirements.txt` pins the SDK; a test notices when a part used here changes.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Mapping
from concurrent import futures
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

import grpc
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy import (
    EnforcementLevel,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
)
from pulumi_policy import policy as sdk
from pulumi_policy import proxy as sdk_proxy
from pulumi_policy import secret as sdk_secret

from privatelane_paths.sources.resource import (
    COMPUTED,
    SECRET,
    SENTINELS,
    Provider,
    Resource,
    StackSettings,
)
from privatelane_paths.sources.state import provider_of
from privatelane_rules import RULES, _config, failed_proof, nat_path_to_ecr_or_s3
from privatelane_rules._config import Reports
from privatelane_rules._rule import Level, Rule
from privatelane_rules._run import Outcome, Violation, failure, judge_stack, told_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from google.protobuf.struct_pb2 import Struct, Value
    from pulumi_policy import Policy

__all__ = ["NAME", "Servicer", "serve"]

#: The name of the pack, as `pulumi policy publish` knows it.
NAME = "privatelane"

_DESCRIPTION = "Refuses AWS networks in which private subnets reach ECR or S3 through a NAT."
#: The key under which the engine writes what a special object is, and the mark of a secret.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 the engine's public mark, no password
#: The resources that facts are read from, by the beginning of their type.
_READ = (
    "aws-native:",
    "aws:autoscaling/",
    "aws:cloudcontrol/",
    "aws:cloudformation/",
    "aws:cloudwatch/eventTarget:",
    "aws:directconnect/gatewayAssociation:",
    "aws:ebs/",
    "aws:ec2/",
    "aws:ec2transitgateway/",
    "aws:ecr/pullThroughCacheRule:",
    "aws:ecs/",
    "aws:eks/",
    "aws:iam/openIdConnectProvider:",
    "aws:networkfirewall/",
    "aws:networkmanager/",
    "aws:route53/",
    "aws:scheduler/schedule:",
    "aws:servicecatalog/",
    "aws:vpc/",
)
_LEVELS = {
    EnforcementLevel.ADVISORY: Level.ADVISORY,
    EnforcementLevel.MANDATORY: Level.MANDATORY,
    # Remediation is tried before; what is still wrong then is a violation.
    EnforcementLevel.REMEDIATE: Level.MANDATORY,
    EnforcementLevel.DISABLED: None,
}


_NEEDED = (
    (sdk, "_PolicyAnalyzerServicer"),
    (sdk, "_GRPC_CHANNEL_OPTIONS"),
    (sdk_proxy, "_DictProxy"),
    (sdk_proxy, "_ListProxy"),
    (sdk_secret, "_DictSecretsProxy"),
    (sdk_secret, "_ListSecretsProxy"),
)
if any(not hasattr(module, name) for module, name in _NEEDED):
    # The engine shows what a pack writes here; an AttributeError would explain nothing to anybody.
    raise SystemExit(
        "privatelane: the installed pulumi-policy is not the version that this pack works with; "
        "run `pulumi install` in the pack's folder, which installs its requirements.txt"
    )
_PROXIES = (
    sdk_proxy._DictProxy,  # noqa: SLF001
    sdk_proxy._ListProxy,  # noqa: SLF001
    sdk_secret._DictSecretsProxy,  # noqa: SLF001
    sdk_secret._ListSecretsProxy,  # noqa: SLF001
)


class Servicer(sdk._PolicyAnalyzerServicer):  # noqa: SLF001
    """The SDK's servicer with one conversion of the stack for all rules."""

    def __init__(self, rules: Sequence[Rule] = RULES) -> None:
        self._rules = tuple(rules)
        self._policies = {rule.id: policy_of(rule) for rule in self._rules}
        self._inputs: dict[str, Struct] = {}
        self._lock = threading.Lock()
        self._region: str | None = None
        self._stack = os.environ.get("PULUMI_STACK", "")
        self._dry_run = os.environ.get("PULUMI_DRY_RUN") == "true"
        super().__init__(
            NAME,
            "0.0.1",
            list(self._policies.values()),
            EnforcementLevel.MANDATORY,
            description=_DESCRIPTION,
            display_name="Privatelane",
            provider="aws",
            tags=["aws", "network", "cost"],
        )

    def ConfigureStack(  # noqa: N802 the RPC's name
        self, request: proto.AnalyzerStackConfigureRequest, context: object
    ) -> proto.AnalyzerStackConfigureResponse:
        """Keep what the engine says of the stack: its name, its region, whether it is a preview."""
        self._stack = request.stack
        self._dry_run = request.dry_run
        self._region = request.config.get("aws:region")
        response: proto.AnalyzerStackConfigureResponse = super().ConfigureStack(request, context)
        return response

    def Analyze(  # noqa: N802 the RPC's name
        self, request: proto.AnalyzeRequest, _context: object
    ) -> proto.AnalyzeResponse:
        """Keep the inputs of a resource for `AnalyzeStack`; rules judge whole stacks only."""
        if _is_read(request):
            # They are converted there: whatever goes wrong is then told as a violation.
            with self._lock:
                self._inputs[request.urn] = request.properties
        return proto.AnalyzeResponse()

    def AnalyzeStack(  # noqa: N802 the RPC's name
        self, request: proto.AnalyzeStackRequest, _context: object
    ) -> proto.AnalyzeResponse:
        """Judge the stack once and report every violation, a failure of the pack among them."""
        with self._lock:
            inputs, self._inputs = self._inputs, {}
        # Facts and lanes hold no cycles, and there are hundreds of thousands of them: looking for
        # garbage among them again and again is a tenth of the work.
        gc.disable()
        try:
            return self._judged(request, inputs)
        finally:
            gc.enable()

    def _judged(
        self, request: proto.AnalyzeStackRequest, inputs: Mapping[str, Struct]
    ) -> proto.AnalyzeResponse:
        levels = {
            rule_id: _LEVELS[self._get_enforcement_level(policy)]
            for rule_id, policy in self._policies.items()
        }
        providers: dict[str, Provider] = {}
        outcome = judge_stack(
            (_resource(one, inputs.get(one.urn), providers) for one in request.resources),
            StackSettings(self._region) if self._region else StackSettings(),
            self._get_policy_config(nat_path_to_ecr_or_s3.RULE.id),
            levels,
            self._rules,
            datetime.now(tz=timezone.utc).date(),
        )
        response = proto.AnalyzeResponse()
        for violation in (*outcome.violations, *self._written(outcome, levels)):
            self._report(response, violation)
        if outcome.stack is not None and outcome.stack.is_empty:
            response.not_applicable.extend(
                proto.PolicyNotApplicable(
                    policy_name=rule.id, reason="the stack has no network and no workload on AWS"
                )
                for rule in self._rules
                if levels[rule.id] is not None and rule is not failed_proof.RULE
            )
        return response

    def Remediate(  # noqa: N802 the RPC's name
        self, request: proto.AnalyzeRequest, context: object
    ) -> proto.RemediateResponse:
        """Apply the mechanical fixes whose rules are configured to remediate, if any are."""
        if all(
            self._get_enforcement_level(policy) is not EnforcementLevel.REMEDIATE
            for policy in self._policies.values()
        ):
            return proto.RemediateResponse()
        response: proto.RemediateResponse = super().Remediate(  # type: ignore[no-untyped-call]
            request, context
        )
        return response

    def _written(self, outcome: Outcome, levels: Mapping[str, Level | None]) -> Iterable[Violation]:
        """Write the report files; each that cannot be written is a violation itself."""
        if outcome.reports == Reports() and not any(
            name.startswith("PRIVATELANE_REPORT_") for name in os.environ
        ):
            return []
        try:
            from privatelane_rules import _reporting  # noqa: PLC0415 most runs write nothing

            source: Literal["preview", "export"] = "preview" if self._dry_run else "export"
            report = _reporting.report_of(outcome, source, self._stack)
            told = _reporting.write_reports(report, outcome.reports, self._rules, os.environ)
        except Exception as error:  # noqa: BLE001 whatever escapes would end the preview untold
            told = [f"The reports: {told_of(error)}"]
        return [failure(text, levels) for text in told]

    def _report(self, response: proto.AnalyzeResponse, violation: Violation) -> None:
        rule = violation.rule
        report = self._create_report_violation(
            response,
            rule.id,
            rule.title,
            EnforcementLevel(violation.level.value),
            Severity(rule.severity.value),
        )
        report(violation.finding.text, violation.finding.key.partition("#")[0] or None)


def policy_of(rule: Rule) -> Policy:
    """The rule as a policy of the SDK: what the engine and Pulumi Cloud show of it."""
    schema = PolicyConfigSchema(_config.SCHEMA) if rule is nat_path_to_ecr_or_s3.RULE else None
    common: dict[str, Any] = {
        "name": rule.id,
        "description": rule.title,
        "enforcement_level": EnforcementLevel(rule.level.value),
        "config_schema": schema,
        "display_name": rule.title.rstrip("."),
        "severity": Severity(rule.severity.value),
        "framework": PolicyComplianceFramework(
            rule.framework.name,
            rule.framework.version,
            rule.framework.reference,
            rule.framework.specification,
        ),
        "tags": list(rule.tags),
        "remediation_steps": rule.fix,
        "url": rule.url,
    }
    if rule.remedies:
        return ResourceValidationPolicy(**common, remediate=_remediate(rule))
    return StackValidationPolicy(**common, validate=_never)


def _never(*_: object) -> None:
    raise AssertionError("rules are judged by the servicer, all on one conversion of the stack")


def _remediate(rule: Rule) -> Any:  # noqa: ANN401 the SDK's own type for it is Any
    def remediate(args: sdk.ResourceValidationArgs) -> Mapping[str, Any] | None:
        remedy = rule.remedies.get(args.resource_type)
        if remedy is None:
            return None
        try:
            changes = remedy(_plain_of_proxy(args.props))
        except Exception:  # noqa: BLE001 what cannot be mended stays a violation of the rule
            return None
        _apply(args.props, changes)
        return args.props if changes else None

    return remediate


def _apply(props: Any, changes: Mapping[str, object]) -> None:  # noqa: ANN401 a proxy
    """Set what changes and touch nothing else, so that secrets beside it stay secrets."""
    for name, value in changes.items():
        if isinstance(value, Mapping):
            _apply(props[name], value)
        else:
            props[name] = value


def _plain_of_proxy(tree: Any) -> Any:  # noqa: ANN401 any JSON value
    """The SDK's proxies as plain values with `Unknown` in place of sentinels and secrets."""
    if isinstance(tree, _PROXIES):
        return _plain_of_proxy(tree["__target"])
    if isinstance(tree, dict):
        return {name: _plain_of_proxy(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_plain_of_proxy(value) for value in tree]
    if isinstance(tree, sdk_secret.Secret):
        return SECRET
    return COMPUTED if isinstance(tree, str) and tree in SENTINELS else tree


class _Tree(Mapping[str, object]):
    """A protobuf struct as plain values, each converted when it is first asked for.

    Of a resource's properties the facts need a few; the rest, its tags above all, stays as it came.
    """

    __slots__ = ("_fields", "_known")

    def __init__(self, struct: Struct) -> None:
        self._fields = struct.fields
        self._known: dict[str, object] = {}

    def __getitem__(self, name: str) -> object:
        known = self._known
        if name not in known:
            if name not in self._fields:  # reading a protobuf map would add the key
                raise KeyError(name)
            known[name] = _plain_value(self._fields[name])
        return known[name]

    def get(self, name: str, default: object = None) -> object:
        """The value, without the cost of an exception for what is absent."""
        if name in self._known:
            return self._known[name]
        return self[name] if name in self._fields else default

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def _plain_value(value: Value) -> object:
    """A protobuf value as a plain one, with `Unknown` for what is not known yet."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return COMPUTED if text in SENTINELS else text
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields:
            marked = fields[_SIGNATURE].string_value == _SECRET and "value" in fields
            return _plain_value(fields["value"]) if marked else SECRET
        return {name: _plain_value(one) for name, one in fields.items()}
    if kind == "list_value":
        return [_plain_value(one) for one in value.list_value.values]
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    return None


def _is_read(found: proto.AnalyzerResource | proto.AnalyzeRequest) -> bool:
    """Whether any fact can come from the resource; components, which have no provider, hand on."""
    return found.type.startswith(_READ) or not (
        found.HasField("provider") or found.type.startswith(("aws:", "pulumi:"))
    )


def _resource(
    found: proto.AnalyzerResource, inputs: Struct | None, providers: dict[str, Provider]
) -> Resource:
    read = _is_read(found)
    return Resource(
        urn=found.urn,
        type=found.type,
        name=found.name,
        inputs=(None if inputs is None else _Tree(inputs)) if read else {},
        outputs=_Tree(found.properties) if read else {},
        property_dependencies={
            name: tuple(sorted(one.urns)) for name, one in found.propertyDependencies.items()
        },
        dependencies=tuple(found.dependencies),
        parent=found.parent,
        provider=_provider(found, providers),
        custom=found.HasField("provider") or found.type.startswith(("aws:", "pulumi:")),
        ignore_changes=tuple(found.options.ignoreChanges),
    )


def _provider(found: proto.AnalyzerResource, known: dict[str, Provider]) -> Provider:
    """The provider of a resource; each resource repeats it, and one reading is enough."""
    if not found.HasField("provider"):
        return Provider()
    given = found.provider
    provider = known.get(given.urn)
    if provider is None:
        provider = known[given.urn] = provider_of(given.urn, _Tree(given.properties))
    return provider


def serve() -> None:
    """Start the pack as the engine expects it: a port on standard output, then wait."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        options=sdk._GRPC_CHANNEL_OPTIONS,  # noqa: SLF001
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Servicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.buffer.write(f"{port}\n".encode())
    sys.stdout.flush()
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        server.stop(0)
