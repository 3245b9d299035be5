"""The configuration of the pack: its schema for the engine, its defaults, and its reading.

The engine fills defaults in from the schema, but only the engine does: the pack applies the same
defaults itself. Settings for the whole pack live on the flagship policy, beside its level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from privatelane_paths.options import DEFAULT_SERVICES, Options

__all__ = ["DIRECTORY", "SCHEMA", "Config", "Exemption", "InvalidConfigError", "Reports", "read"]


class InvalidConfigError(ValueError):
    """The configuration cannot be used; the text is one sentence that names the field."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """Findings that somebody has accepted, until a day and for a reason.

    `policy`, `resource`, `subnet` and `service` are globs; a finding matches when all of them do.
    """

    policy: str
    resource: str
    subnet: str
    service: str
    reason: str
    owner: str
    expires: date | None

    @property
    def subject(self) -> str:
        """What is exempted, in words."""
        parts = (("resource", self.resource), ("subnet", self.subnet), ("service", self.service))
        named = ", ".join(f"{name} {glob}" for name, glob in parts if glob != "*")
        return f"{named or 'everything'} from {self.policy}"


@dataclass(frozen=True, slots=True)
class Reports:
    """Files the pack writes; an empty path writes nothing."""

    json: str = ""
    sarif: str = ""
    junit: str = ""
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of the whole pack."""

    options: Options = field(default_factory=Options)
    strict: bool = False
    exemptions: tuple[Exemption, ...] = ()
    facts: tuple[object, ...] = ()
    reports: Reports = field(default_factory=Reports)


#: The environment variable with the directory against which relative paths count. Without it that
#: is wherever the engine starts the pack, which differs by version of Pulumi.
DIRECTORY = "PRIVATELANE_DIR"

_REPORTS = ("json", "sarif", "junit", "markdown")
_GLOB = {"type": "string", "minLength": 1}

#: JSON schema of the flagship policy's configuration.
SCHEMA: dict[str, dict[str, Any]] = {
    "services": {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "default": list(DEFAULT_SERVICES),
        "description": "The services to judge: ecr.api, ecr.dkr, ecr.layers, s3, dynamodb, or any "
        "service by the name that follows the region in its endpoint's service name.",
    },
    "strict": {
        "type": "boolean",
        "default": False,
        "description": "Whether a path that cannot be decided is a mandatory violation.",
    },
    "transitDefault": {
        "type": "string",
        "enum": ["unknown", "remote-nat", "allow"],
        "default": "unknown",
        "description": "What a default route to a transit gateway means whose far side the stack "
        "does not show.",
    },
    "interfaceDefault": {
        "type": "string",
        "enum": ["nat", "unknown"],
        "default": "nat",
        "description": "What a default route to a network interface means that forwards traffic: "
        "a NAT instance, or an appliance nobody can look into.",
    },
    "s3InterfaceForEcr": {
        "type": "string",
        "enum": ["deny", "allow"],
        "default": "deny",
        "description": "Whether an S3 interface endpoint counts for ECR's layers: it works by DNS, "
        "but the ECR guide asks for the gateway endpoint.",
    },
    "exemptions": {
        "type": "array",
        "default": [],
        "description": "Findings that are accepted: globs, a reason, an owner and a last day.",
        "items": {
            "type": "object",
            "required": ["reason"],
            "additionalProperties": False,
            "properties": {
                "policy": {**_GLOB, "default": "*-path-to-ecr-or-s3"},
                "resource": {**_GLOB, "description": "Glob on the URN of the violating resource."},
                "subnet": {**_GLOB, "description": "Glob on the subnet's URN, id or name."},
                "service": {**_GLOB, "description": "Glob on the service."},
                "reason": {"type": "string", "minLength": 1},
                "owner": {"type": "string"},
                "expires": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"},
            },
        },
    },
    "facts": {
        "type": "array",
        "default": [],
        "description": "What lies outside this stack: the export of another stack, as a file, or "
        "objects in the provider's own words, each with its type and AWS id.",
        "items": {"type": ["string", "object"]},
    },
    "reports": {
        "type": "object",
        "default": {},
        "description": f"Files to write; relative paths count from ${DIRECTORY}.",
        "additionalProperties": False,
        "properties": {name: {"type": "string"} for name in ("json", "sarif", "junit", "markdown")},
    },
}


def read(raw: Mapping[str, object] | None) -> Config:
    """The configuration from what the engine sent, which may be nothing at all."""
    given = raw or {}
    return Config(
        options=Options(
            transit=_choice(given, "transitDefault"),
            interface=_choice(given, "interfaceDefault"),
            s3_interface_for_ecr=_choice(given, "s3InterfaceForEcr"),
            services=_services(given.get("services", list(DEFAULT_SERVICES))),
        ),
        strict=_flag(given, "strict"),
        exemptions=tuple(
            _exemption(position, one) for position, one in enumerate(_list(given, "exemptions"))
        ),
        facts=tuple(_list(given, "facts")),
        reports=_reports(given.get("reports", {})),
    )


def _services(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise InvalidConfigError(f"services must be a list of service names, not {value!r}")
    names = [one for one in value if isinstance(one, str) and one]
    if len(names) != len(value):
        raise InvalidConfigError(f"services must hold service names only, not {value!r}")
    return tuple(dict.fromkeys(names))


def _flag(given: Mapping[str, object], name: str) -> bool:
    value = given.get(name, SCHEMA[name]["default"])
    if not isinstance(value, bool):
        raise InvalidConfigError(f"{name} must be true or false, not {value!r}")
    return value


def _choice(given: Mapping[str, object], name: str) -> Any:  # noqa: ANN401 one of the enum
    value = given.get(name, SCHEMA[name]["default"])
    allowed: list[str] = SCHEMA[name]["enum"]
    if not isinstance(value, str) or value not in allowed:
        raise InvalidConfigError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def _list(given: Mapping[str, object], name: str) -> list[object]:
    value = given.get(name, [])
    if not isinstance(value, list):
        raise InvalidConfigError(f"{name} must be a list, not {value!r}")
    return value


def _exemption(position: int, raw: object) -> Exemption:
    where = f"exemptions[{position}]"
    if not isinstance(raw, Mapping):
        raise InvalidConfigError(f"{where} must be an object, not {raw!r}")
    texts: dict[str, str] = {}
    for name, value in raw.items():
        if name not in SCHEMA["exemptions"]["items"]["properties"]:
            raise InvalidConfigError(f"{where} has no field {name!r}")
        if not isinstance(value, str):
            raise InvalidConfigError(f"{where}.{name} must be a text, not {value!r}")
        texts[name] = value
    if not texts.get("reason", "").strip():
        raise InvalidConfigError(f"{where}.reason is missing: say why the finding is accepted")
    if not any(texts.get(name) for name in ("resource", "subnet", "service")):
        raise InvalidConfigError(
            f"{where} must name what it exempts: a glob in resource, subnet or service"
        )
    expires = None
    if texts.get("expires"):
        try:
            expires = date.fromisoformat(texts["expires"])
        except ValueError:
            raise InvalidConfigError(
                f"{where}.expires must be a day as YYYY-MM-DD, not {texts['expires']!r}"
            ) from None
    return Exemption(
        policy=texts.get("policy", "*-path-to-ecr-or-s3"),
        resource=texts.get("resource", "*"),
        subnet=texts.get("subnet", "*"),
        service=texts.get("service", "*"),
        reason=texts["reason"].strip(),
        owner=texts.get("owner", ""),
        expires=expires,
    )


def _reports(value: object) -> Reports:
    if not isinstance(value, Mapping):
        raise InvalidConfigError(f"reports must be an object of file paths, not {value!r}")
    paths: dict[str, str] = {}
    for name, path in value.items():
        if name not in _REPORTS:
            raise InvalidConfigError(f"reports has no field {name!r}: json, sarif, junit, markdown")
        if not isinstance(path, str):
            raise InvalidConfigError(f"reports.{name} must be a file path, not {path!r}")
        paths[str(name)] = path
    return Reports(**paths)
