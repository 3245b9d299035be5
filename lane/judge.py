"""The one place where `lane` meets the prover: resources in, subnets and lanes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from lane.errors import Unusable
from lane.stack_config import UNKNOWN_TEXT
from privatelane_paths import judge
from privatelane_paths.known import Unknown
from privatelane_paths.sources.graph import network_of
from privatelane_paths.sources.resource import (
    COMPUTED,
    SECRET,
    Provider,
    Reading,
    StackSettings,
    UnusableInputError,
)
from privatelane_paths.sources.resource import Resource as Declared

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from google.protobuf.struct_pb2 import Struct, Value

    from lane.embedded import Run
    from lane.resources import Resource
    from privatelane_paths.facts import Subnet
    from privatelane_paths.verdicts import Lane

__all__ = ["FLAGSHIP", "Judgement", "judge_run", "reading_of"]

#: The policy of our pack that holds the configuration of the prover.
FLAGSHIP = "nat-path-to-ecr-or-s3"

#: The key under which Pulumi's wire says what a special object is, and the mark of a secret.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- the public mark, no password


@dataclass(frozen=True, slots=True)
class Judgement:
    """The subnets of a stack and the way from each to every service that is judged."""

    subnets: tuple[Subnet, ...]
    lanes: tuple[Lane, ...]


def judge_run(run: Run, configuration: Mapping[str, object] | None = None) -> Judgement:
    """Judge what a program registered, by the same prover and on the same values as the pack.

    `configuration` is that of the pack's flagship policy, as far as the user gave one. Raises
    `Unusable` when it names facts that cannot be read.
    """
    reading = reading_of(run)
    if configuration:
        return _as_configured(reading.resources, reading.settings, configuration, run.project.root)
    network = network_of(reading.resources, reading.settings)
    return Judgement(network.subnets, judge(network))


def reading_of(run: Run) -> Reading:
    """What a program registered, in the form in which Pulumi's files are read."""
    providers = {
        resource.urn: resource
        for resource in (*run.default_providers, *run.resources)
        if resource.is_provider
    }
    region = run.project.config.provider("aws").get("region")
    return Reading(
        tuple(_declared(one, providers) for one in (*run.resources, *run.reads)),
        StackSettings(region) if region and region != UNKNOWN_TEXT else StackSettings(),
        run.project.stack,
    )


def _as_configured(
    resources: tuple[Declared, ...],
    settings: StackSettings,
    configuration: Mapping[str, object],
    directory: Path,
) -> Judgement:
    """The judgement under the user's configuration, read and applied by the pack's own code."""
    from privatelane_rules import _config, _facts, _stack  # noqa: PLC0415 -- seldom needed

    try:
        config = _config.read(configuration)
        facts = _facts.read_facts(config.facts, str(directory))
    except (_config.InvalidConfigError, UnusableInputError) as error:
        raise Unusable(f"the configuration of {FLAGSHIP} cannot be used: {error}") from error
    today = datetime.now(tz=timezone.utc).date()
    stack = _stack.Stack(resources, config, settings, today, facts)
    return Judgement(
        tuple(one for one in stack.network.subnets if one.key in stack.lanes_of), stack.lanes
    )


def _declared(resource: Resource, providers: Mapping[str, Resource]) -> Declared:
    return Declared(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        inputs=None if resource.external else _tree(resource.properties),
        outputs=_tree(resource.outputs),
        property_dependencies={
            key: urns for key, urns in resource.property_dependencies.items() if urns
        },
        dependencies=resource.dependencies,
        parent=resource.parent,
        id=resource.id or None,
        provider=_provider(providers.get(resource.provider)),
        custom=resource.custom,
        external=resource.external,
        ignore_changes=resource.options.ignore_changes,
    )


def _provider(resource: Resource | None) -> Provider:
    if resource is None:
        return Provider()
    region = _tree(resource.properties).get("region")
    return Provider(resource.urn, region if isinstance(region, (str, Unknown)) else None)


def _tree(struct: Struct) -> dict[str, object]:
    return {key: _value(value) for key, value in struct.fields.items()}


def _value(value: Value) -> object:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return COMPUTED if value.string_value == UNKNOWN_TEXT else value.string_value
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields:
            secret = fields[_SIGNATURE].string_value == _SECRET and "value" in fields
            return _value(fields["value"]) if secret else SECRET
        return _tree(value.struct_value)
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    if kind == "number_value":
        return value.number_value
    if kind == "bool_value":
        return value.bool_value
    return None
