"""Container definitions, the document that ECS keeps as JSON in a task definition.

Values that are known only later (Pulumi's Outputs) pass through untouched: every name, count and
path here comes from plain input, so the document has one shape whatever is known.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from privatelane._invalid import (
    InvalidInput,
    choice,
    described,
    entries,
    flag,
    integer,
    items,
    listing,
)

#: Where the Systems Manager agent that carries ECS Exec writes. AWS does not support Exec beside a
#: read-only root file system; with these two folders on volumes of their own it works all the same
#: (aws/containers-roadmap issue 1359). Each container runs its own agent, so none is shared.
EXEC_PATHS = {"exec-lib": "/var/lib/amazon", "exec-log": "/var/log/amazon"}

#: When the main container starts, seen from a sidecar: `dependsOn.condition` of the ECS API.
AWAITED = ("START", "COMPLETE", "SUCCESS", "HEALTHY")

#: What the port speaks, as Service Connect and load balancers need to know.
APP_PROTOCOLS = ("grpc", "http", "http2", "tcp")

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)
_VARIABLE = re.compile(r"[^=\0]+")
# Fargate kills a container after at most two minutes; source: `stopTimeout` in the ECS API.
_MOST_STOP_TIMEOUT = 120


@dataclass(frozen=True, slots=True)
class Host:
    """What all containers of a task share."""

    exec: bool = False
    windows: bool = False


@dataclass(frozen=True, slots=True)
class Containers:
    """The containers of a task and the volumes they mount."""

    definitions: list[dict[str, Any]] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)


def log_configuration(
    group: str,
    region: Any,  # noqa: ANN401 - text or an Output of it
    prefix: str,
) -> dict[str, Any]:
    """Return where a container's output goes: to streams `<prefix>/<container>/<task>`."""
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": group,
            "awslogs-region": region,
            "awslogs-stream-prefix": prefix,
            # A stuck log stream must not stop the application: lines are dropped once the buffer
            # is full. AWS recommends 25 MiB for it.
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        },
    }


def check_container_name(field: str, name: str) -> str:
    """Return `name` when ECS takes it as the name of a container.

    Raises:
        InvalidInput: it has other characters than letters, digits, hyphens and underscores.

    """
    if _NAME.fullmatch(name):
        return name
    raise InvalidInput(
        f"{field} is {name!r}, it must be up to 255 letters, digits, hyphens and underscores"
    )


def containers(name: str, task: Mapping[str, Any], host: Host) -> Containers:
    """Return the task's main container, called `name`, and its sidecars.

    Raises:
        InvalidInput: a container's settings are not ones that ECS accepts on Fargate.

    """
    built = Containers()
    sidecars: Mapping[str, Any] = task.get("sidecars") or {}
    if name in sidecars:
        raise InvalidInput(f"task.sidecars has {name!r}, which is the main container's name")
    main = _definition(name, "task", task, host, built)
    main["essential"] = True
    if port := _port(task):
        main["portMappings"] = [port]
    for sidecar, settings in sorted(sidecars.items()):
        where = f"task.sidecars.{sidecar}"
        check_container_name("task.sidecars", sidecar)
        definition = _definition(sidecar, where, settings, host, built)
        definition["essential"] = flag(f"{where}.essential", settings.get("essential", True))
        if awaited := settings.get("awaited"):
            condition = choice(f"{where}.awaited", awaited, AWAITED)
            if condition in {"COMPLETE", "SUCCESS"} and definition["essential"]:
                raise InvalidInput(
                    f"{where}.awaited is {condition!r} for an essential container, whose end ends"
                    " the task; set essential to False"
                )
            if condition == "HEALTHY" and "healthCheck" not in definition:
                raise InvalidInput(f"{where}.awaited is 'HEALTHY', but it has no health_check")
            main.setdefault("dependsOn", []).append(
                {"containerName": sidecar, "condition": condition}
            )
    return built


def port_name(app_protocol: str, port: int) -> str:
    """Return the name of the port mapping, by which Service Connect refers to it."""
    return f"{app_protocol}-{port}"


def app_protocol(task: Mapping[str, Any]) -> str:
    """Return what the container's port speaks.

    Raises:
        InvalidInput: it is none of `APP_PROTOCOLS`.

    """
    return choice("task.app_protocol", task.get("app_protocol", "http"), APP_PROTOCOLS)


def _port(task: Mapping[str, Any]) -> dict[str, Any] | None:
    protocol = app_protocol(task)
    if task.get("port") is None:
        return None
    port = integer("task.port", task["port"], least=1, most=65535)
    mapping = {
        "containerPort": port,
        "hostPort": port,
        "protocol": "tcp",
        "name": port_name(protocol, port),
    }
    # "tcp" is no value of appProtocol, but its absence.
    return mapping if protocol == "tcp" else {**mapping, "appProtocol": protocol}


def _definition(
    name: str, where: str, settings: Mapping[str, Any], host: Host, built: Containers
) -> dict[str, Any]:
    read_only = flag(f"{where}.read_only", settings.get("read_only", not host.windows))
    if host.windows and read_only:
        raise InvalidInput(
            f"{where}.read_only is True, Windows containers have no read-only root file system"
        )
    definition: dict[str, Any] = {
        "name": name,
        "image": settings["image"],
        "environment": [
            {"name": key, "value": value}
            for key, value in _named(f"{where}.environment", settings.get("environment"))
        ],
        "secrets": [
            {"name": key, "valueFrom": reference} for key, reference in _secrets(where, settings)
        ],
    }
    if not host.windows:
        definition["readonlyRootFilesystem"] = read_only
    if linux := _linux_parameters(where, settings, host):
        definition["linuxParameters"] = linux
    paths = _scratch(name, where, settings)
    if host.exec and read_only:
        taken = set(paths.values())
        paths |= {f"{name}-{key}": path for key, path in EXEC_PATHS.items() if path not in taken}
    if paths:
        definition["mountPoints"] = [
            {"sourceVolume": volume, "containerPath": path, "readOnly": False}
            for volume, path in paths.items()
        ]
        built.volumes.extend(paths)
    for key, spelled in (
        ("command", "command"),
        ("entry_point", "entryPoint"),
        ("user", "user"),
        ("working_directory", "workingDirectory"),
    ):
        if settings.get(key) is not None:
            definition[spelled] = settings[key]
    if settings.get("health_check") is not None:
        definition["healthCheck"] = _health_check(f"{where}.health_check", settings["health_check"])
    if settings.get("stop_timeout") is not None:
        definition["stopTimeout"] = integer(
            f"{where}.stop_timeout", settings["stop_timeout"], least=0, most=_MOST_STOP_TIMEOUT
        )
    built.definitions.append(definition)
    return definition


def _linux_parameters(where: str, settings: Mapping[str, Any], host: Host) -> dict[str, Any]:
    tmpfs = [
        {
            "containerPath": _path(f"{where}.tmpfs_mib", path),
            "size": integer(f"{where}.tmpfs_mib.{path}", size, least=1, most=244 * 1024),
        }
        for path, size in _named(f"{where}.tmpfs_mib", settings.get("tmpfs_mib"))
    ]
    if host.windows:
        if tmpfs:
            raise InvalidInput(f"{where}.tmpfs_mib is given, Windows containers have no tmpfs")
        return {}
    # An init process reaps what the agent of ECS Exec leaves behind, as its guide recommends.
    parameters: dict[str, Any] = {"initProcessEnabled": True} if host.exec else {}
    return {**parameters, "tmpfs": tmpfs} if tmpfs else parameters


def _scratch(name: str, where: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the volumes that give the container writable folders, with the folders."""
    given = items(f"{where}.scratch_paths", settings.get("scratch_paths") or [])
    paths: dict[str, str] = {}
    for path in given:
        checked = _path(f"{where}.scratch_paths", path)
        volume = f"{name}-{re.sub(r'[^A-Za-z0-9]+', '-', checked.strip('/'))}"
        if volume in paths:
            raise InvalidInput(
                f"{where}.scratch_paths has {paths[volume]!r} and {checked!r}, which would be one"
                f" volume {volume!r}"
            )
        paths[volume] = checked
    return paths


def _path(where: str, path: object) -> str:
    # Windows paths begin with a drive; the root itself is the image's.
    if isinstance(path, str) and re.fullmatch(r"/[^\0]*[^/\0][^\0]*|[A-Za-z]:\\[^\0]+", path):
        return path
    raise InvalidInput(f"{where} has {described(path)}, it must be an absolute path below the root")


def _named(where: str, given: object) -> list[tuple[str, Any]]:
    if given is None:
        return []
    for key in entries(where, given):
        if _VARIABLE.fullmatch(key) is None:
            raise InvalidInput(f"{where} has {key!r}, which is no name")
    return sorted(entries(where, given).items())


def _secrets(where: str, settings: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the environment variables whose values ECS fetches, and from where."""
    by_source = {
        source: dict(_named(f"{where}.{source}", settings.get(source)))
        for source in ("environment", "secrets", "parameters")
    }
    for source, check in (("secrets", check_secret), ("parameters", check_parameter)):
        for key, reference in by_source[source].items():
            if isinstance(reference, str):
                check(f"{where}.{source}.{key}", reference)
    for one, other in itertools.combinations(by_source, 2):
        if twice := by_source[one].keys() & by_source[other].keys():
            raise InvalidInput(
                f"{where}.{one} and {where}.{other} both have {listing(sorted(twice))}, a variable"
                " has one value"
            )
    return sorted((by_source["secrets"] | by_source["parameters"]).items())


_SECRET = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^:\s]+(:[^:\s]*){0,3}", re.ASCII
)
_PARAMETER = re.compile(
    r"(?:arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/)?/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*",
    re.ASCII,
)


def check_secret(where: str, reference: str) -> str:
    """Return the ARN of the secret that a reference of a container definition names.

    The reference may add what to take of the secret, `:<JSON key>:<version stage>:<version id>`.

    Raises:
        InvalidInput: it is no ARN of Secrets Manager.

    """
    if _SECRET.fullmatch(reference) is None:
        raise InvalidInput(
            f"{where} is {reference!r}, it must be the ARN of a Secrets Manager secret, such as"
            " 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf'"
        )
    return ":".join(reference.split(":")[:7])


def check_parameter(where: str, reference: str) -> str:
    """Return a reference to a parameter of Systems Manager: its ARN or its name.

    Raises:
        InvalidInput: it is neither.

    """
    if _PARAMETER.fullmatch(reference) is None:
        raise InvalidInput(
            f"{where} is {reference!r}, it must be the name or ARN of a Parameter Store parameter,"
            " such as '/web/license'"
        )
    return reference


def _health_check(where: str, check: Mapping[str, Any]) -> dict[str, Any]:
    command = check.get("command")
    if isinstance(command, str) or not isinstance(command, Iterable):
        raise InvalidInput(
            f"{where}.command is {described(command)}, it must be a list such as"
            " ['CMD-SHELL', 'curl -f http://localhost/ || exit 1']"
        )
    parts = list(command)
    if not parts or (isinstance(parts[0], str) and parts[0] not in {"CMD", "CMD-SHELL"}):
        raise InvalidInput(
            f"{where}.command begins with {described(parts[0] if parts else None)}, it must begin"
            " with 'CMD' or 'CMD-SHELL'"
        )
    return {
        "command": parts,
        # The ranges and defaults of `HealthCheck` in the ECS API.
        "interval": integer(f"{where}.interval", check.get("interval", 30), least=5, most=300),
        "timeout": integer(f"{where}.timeout", check.get("timeout", 5), least=2, most=60),
        "retries": integer(f"{where}.retries", check.get("retries", 3), least=1, most=10),
        "startPeriod": integer(
            f"{where}.start_period", check.get("start_period", 0), least=0, most=300
        ),
    }
