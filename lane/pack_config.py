"""The configuration a policy pack is given, reconciled as the engine does (resource/analyzer)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lane.errors import Unusable
from lane.resources import plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pulumi.runtime.proto import analyzer_pb2

__all__ = ["LEVELS", "PolicySettings", "configured", "read_pack_config"]

#: Enforcement levels by their number on the wire (analyzer.proto).
LEVELS = ("advisory", "mandatory", "disabled", "remediate")


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """How a policy is enforced, and its own properties."""

    level: str
    properties: Mapping[str, Any]


def read_pack_config(path: Path) -> dict[str, Any]:
    """A configuration file as `--policy-pack-config` takes it: JSON, policy name to settings."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig") or "{}")
    except OSError as error:
        raise Unusable(f"--policy-pack-config {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Unusable(f"--policy-pack-config {path} is not valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise Unusable(f"--policy-pack-config {path} must hold an object of policy names")
    return found


def configured(
    info: analyzer_pb2.AnalyzerInfo, given: Mapping[str, Any]
) -> dict[str, PolicySettings]:
    """Every policy's settings: the schema's defaults, the pack's own, then the user's `given`.

    Raises `Unusable` for a policy or a value that the pack does not know.
    """
    settings = {
        policy.name: PolicySettings(
            LEVELS[policy.enforcementLevel],
            {
                key: schema["default"]
                for key, schema in plain(policy.configSchema.properties).items()
                if "default" in schema
            },
        )
        for policy in info.policies
    }
    initial = {
        name: {"enforcementLevel": LEVELS[value.enforcementLevel], **plain(value.properties)}
        for name, value in info.initialConfig.items()
    }
    for source in (initial, given):
        _apply(settings, source, info.name)
    for policy in info.policies:
        _validate(policy, settings[policy.name])
    return settings


def _apply(settings: dict[str, PolicySettings], source: Mapping[str, Any], pack: str) -> None:
    for name, value in source.items():
        if name != "all" and name not in settings:
            raise Unusable(
                f"the policy pack '{pack}' has no policy '{name}' to configure; "
                f"it has {', '.join(sorted(settings))}"
            )
        fields = {"enforcementLevel": value} if isinstance(value, str) else value
        if not isinstance(fields, dict):
            raise Unusable(f"the configuration of the policy '{name}' must be a level or an object")
        properties = dict(fields)
        level = properties.pop("enforcementLevel", None)
        if level is not None and level not in LEVELS:
            raise Unusable(
                f"the policy '{name}' cannot be '{level}': a level is one of {', '.join(LEVELS)}"
            )
        for target in settings if name == "all" else [name]:
            old = settings[target]
            merged = old.properties if name == "all" else {**old.properties, **properties}
            settings[target] = replace(old, level=level or old.level, properties=merged)


def _validate(policy: analyzer_pb2.PolicyInfo, settings: PolicySettings) -> None:
    """Check properties against the policy's JSON schema, if the user or the schema demands any."""
    properties = plain(policy.configSchema.properties)
    required = list(policy.configSchema.required)
    defaults = {key: value["default"] for key, value in properties.items() if "default" in value}
    if settings.properties == defaults and set(required) <= set(defaults):
        return
    schema = {"type": "object", "properties": properties, "required": required}
    import jsonschema  # noqa: PLC0415 -- only who configures a pack pays for it

    problem = jsonschema.exceptions.best_match(
        jsonschema.Draft7Validator(schema).iter_errors(dict(settings.properties))
    )
    if problem is not None:
        where = ".".join(str(part) for part in problem.absolute_path)
        raise Unusable(
            f"the configuration of the policy '{policy.name}' does not fit its schema"
            f"{f' at {where}' if where else ''}: {problem.message}"
        )
