"""
The settings of a stack, read from its configuration and checked before anything is registered.

A setting has the name and the type that the component's argument has (`NetworkArgs` and so on), so
that there is one vocabulary and one place where a field is described. What the program wires itself
(ids, the needs of the workloads) is not a setting.

Components are named as `privatelane.X`, which imports X where a stack is found to have one.
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from typing_extensions import (
    NotRequired,
    Required,
    TypedDict,
    get_type_hints,
    is_typeddict,
)

import privatelane

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["Settings"]


class EksSettings(TypedDict):
    """An EKS cluster, what runs in it and what it runs on."""

    cluster: privatelane.EksClusterArgs
    node_groups: NotRequired[Mapping[str, privatelane.NodeGroupArgs]]
    fargate_profiles: NotRequired[Mapping[str, privatelane.FargateProfileArgs]]
    addons: NotRequired[Mapping[str, privatelane.ClusterAddonArgs]]


#: What every part of a cluster that runs in subnets is told of the network.
_PLACE = {"subnet_ids", "egress", "private_services"}

#: What `__main__.py` gives to each component itself.
_WIRED = {
    "EndpointsArgs": {
        "vpc_id",
        "subnet_ids",
        "route_table_ids",
        "subnet_cidrs",
        "subnet_ipv6_cidrs",
        "egress",
        "needs",
    },
    "FargateServiceArgs": {
        "cluster_arn",
        "vpc_id",
        "subnet_ids",
        "egress",
        "private_services",
        "endpoint_security_group_id",
        "prefix_list_ids",
    },
    "EksClusterArgs": {
        *_PLACE,
        "node_subnet_groups",
        "subnet_cidrs",
        "subnet_ipv6_cidrs",
        "vpc_cidr_blocks",
    },
    "NodeGroupArgs": {
        *_PLACE,
        "certificate_authority",
        "cluster_endpoint",
        "cluster_name",
        "cluster_security_group_id",
        "kubernetes_version",
        "service_cidr",
    },
    "FargateProfileArgs": {*_PLACE, "cluster_name"},
    "ObservabilityArgs": {"vpc_id", "nat_gateway_ids", "endpoint_ids", "flow_log_group"},
    "EndpointCanaryArgs": {
        *_PLACE,
        "cluster_arn",
        "endpoint_security_group_id",
        "prefix_list_ids",
        "vpc_cidr_blocks",
        "vpc_id",
    },
    "ClusterAddonArgs": {
        "auto_mode",
        "cluster_name",
        "egress",
        "kubernetes_version",
        "oidc_provider_arn",
        "private_services",
        "versions_lock",
    },
}


@dataclass(frozen=True)
class Eks:
    """A cluster and its parts, still without what the program wires."""

    cluster: privatelane.EksClusterArgs
    node_groups: Mapping[str, privatelane.NodeGroupArgs]
    fargate_profiles: Mapping[str, privatelane.FargateProfileArgs]
    addons: Mapping[str, privatelane.ClusterAddonArgs]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Eks | None:
        """
        The cluster of a stack, None where it has none.

        Raises:
            pulumi.RunError: an add-on is one that the cluster brings itself.

        """
        if not given:
            return None
        for name, addon in given.get("addons", {}).items():
            if addon["addon"] in privatelane.NODE_ADDONS:
                raise pulumi.RunError(
                    f"privatelane:eks.addons.{name}.addon is {addon['addon']!r}, which the cluster"
                    " brings itself; pin it in privatelane:eks.cluster.addon_versions."
                )
        parts = ("node_groups", "fargate_profiles", "addons")
        return cls(given["cluster"], *(given.get(part, {}) for part in parts))

    @property
    def groups(self) -> list[str]:
        """The groups of subnets that pods run in: those of the nodes, or Auto Mode's."""
        groups = {
            one["group"] for one in (*self.node_groups.values(), *self.fargate_profiles.values())
        }
        return sorted(groups or {self.cluster["group"]})

    @property
    def needs(self) -> Iterator[tuple[str, str, Iterable[str]]]:
        """What each part needs of AWS: its setting, the group of subnets it runs in, the needs."""
        with _told_of("eks.cluster"):
            needs = privatelane.cluster_needs(self.cluster)
        for group in self.groups:
            yield "eks.cluster.group", group, needs
        for name, nodes in self.node_groups.items():
            with _told_of(f"eks.node_groups.{name}"):
                needs = privatelane.node_group_needs(nodes)
            yield f"eks.node_groups.{name}.group", nodes["group"], needs
        for name, profile in self.fargate_profiles.items():
            with _told_of(f"eks.fargate_profiles.{name}"):
                needs = privatelane.fargate_profile_needs(profile)
            yield f"eks.fargate_profiles.{name}.group", profile["group"], needs
        for name, addon in self.addons.items():
            with _told_of(f"eks.addons.{name}"):
                needs = privatelane.addon_needs(addon)
            for group in addon.get("groups", self.groups):
                yield f"eks.addons.{name}.groups", group, needs


@dataclass(frozen=True)
class Settings:
    """What one stack is made of."""

    network: privatelane.NetworkArgs
    #: Still without what the program wires, as are the services.
    endpoints: privatelane.EndpointsArgs
    cluster: privatelane.FargateClusterArgs
    services: Mapping[str, privatelane.FargateServiceArgs]
    #: None in a stack without Kubernetes.
    eks: Eks | None
    #: None in a stack that nobody watches.
    observability: privatelane.ObservabilityArgs | None
    #: None in a stack that is not looked at from the inside.
    canary: privatelane.EndpointCanaryArgs | None

    @classmethod
    def of(cls, config: pulumi.Config) -> Settings:
        """
        Read the settings of the selected stack.

        Raises:
            pulumi.RunError: a setting is missing, misspelt or of the wrong type. The text is one
                sentence that names it.

        """
        _require_known(config, [one.name for one in fields(cls)])
        if not aws.config.region:
            raise pulumi.RunError(
                f"aws:region is missing, add it to {_stack_file()}, such as us-east-1."
            )
        return cls(
            network=_read(config, "network", lambda: privatelane.NetworkArgs, required=True),
            endpoints=_read(config, "endpoints", lambda: privatelane.EndpointsArgs),
            cluster=_read(config, "cluster", lambda: privatelane.FargateClusterArgs),
            services=_read(
                config, "services", lambda: Mapping[str, privatelane.FargateServiceArgs]
            ),
            eks=Eks.of(_read(config, "eks", lambda: EksSettings)),
            observability=_read(
                config, "observability", lambda: privatelane.ObservabilityArgs, optional=True
            ),
            canary=_read(config, "canary", lambda: privatelane.EndpointCanaryArgs, optional=True),
        )

    @property
    def fargate(self) -> bool:
        """Whether there is an ECS cluster: beside Kubernetes only for tasks of its own."""
        return self.eks is None or bool(self.services) or self.canary is not None

    @property
    def needs(self) -> dict[str, list[str]]:
        """
        What the workloads of each subnet group need of AWS.

        Raises:
            pulumi.RunError: a workload is in a group that the network has not, or it cannot be told
                what it needs. The text is one sentence that names the setting.

        """
        groups = self.network["groups"]
        needs: dict[str, set[str]] = {}
        for setting, group, names in self._needs:
            if groups and group not in groups:
                raise pulumi.RunError(
                    f"privatelane:{setting} names {group!r}, which privatelane:network.groups has"
                    f" not; there {'are' if len(groups) > 1 else 'is'} {', '.join(sorted(groups))}."
                )
            needs.setdefault(group, set()).update(names)
        return {group: sorted(names) for group, names in sorted(needs.items())}

    @property
    def _needs(self) -> Iterator[tuple[str, str, Iterable[str]]]:
        """What each workload needs: the setting of its group, the group, the needs."""
        for name, service in self.services.items():
            with _told_of(f"services.{name}"):
                needs = privatelane.needs_of(service["task"])
            yield f"services.{name}.group", service["group"], needs
        if self.canary is not None:
            yield "canary.group", self.canary["group"], privatelane.CANARY_NEEDS
        if self.eks is not None:
            yield from self.eks.needs


@contextmanager
def _told_of(part: str) -> Iterator[None]:
    """Have what a component finds wrong with a part of the settings named in full."""
    try:
        yield
    except ValueError as error:
        end = "" if str(error).endswith("?") else "."
        raise pulumi.RunError(f"privatelane:{part}.{error}{end}") from None


def _require_known(config: pulumi.Config, known: Sequence[str]) -> None:
    """Refuse a key of the project's own that nothing reads: Pulumi takes any."""
    for key in sorted({**get_config_env(), **CONFIG.get()}):
        namespace, _, name = key.partition(":")
        if namespace == config.name and name not in known:
            raise pulumi.RunError(_no_setting(key, name, known))


def _stack_file() -> str:
    return f"Pulumi.{pulumi.get_stack()}.yaml"


def _read(
    config: pulumi.Config,
    key: str,
    type_of: Callable[[], Any],
    *,
    required: bool = False,
    optional: bool = False,
) -> Any:
    name = config.full_key(key)
    try:
        given = config.get_object(key)
    except pulumi.ConfigTypeError:
        raise pulumi.RunError(
            f"{name} is {config.get(key)!r}, it must be a map of settings."
        ) from None
    if given is None:
        if required:
            raise pulumi.RunError(f"{name} is missing, add it to {_stack_file()}.")
        return None if optional else {}
    args = type_of()
    try:
        return TypeAdapter(_plain(args)).validate_python(given)
    except ValidationError as error:
        raise pulumi.RunError(_sentence(name, args, error.errors()[0])) from None


def _plain(annotation: Any) -> Any:
    """The type of an argument as configuration holds it: values only, no field but the known."""
    if is_typeddict(annotation):
        fields = {
            key: _plain(hint)
            for key, hint in _hints(annotation).items()
            if key not in _WIRED.get(annotation.__name__, ())
        }
        closed = with_config(ConfigDict(extra="forbid", strict=True))
        return closed(TypedDict(annotation.__name__, fields))  # type: ignore[operator]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Required, NotRequired):
        return origin[_plain(inner[0])]
    if origin is Union:
        values = [one for one in inner if get_origin(one) not in (Awaitable, pulumi.Output)]
        return Union[tuple(_plain(one) for one in values)]  # noqa: UP007 - built, not written
    if origin is not None and issubclass(origin, Mapping):
        return dict[str, _plain(inner[1])]  # type: ignore[misc]
    if origin is not None and issubclass(origin, Sequence):
        return list[_plain(inner[0])]  # type: ignore[misc]
    return annotation


#: What a sentence calls the types of values, by pydantic's names for them.
_KINDS = {
    "bool": "true or false",
    "dict": "a map",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "string": "text",
}


def _sentence(name: str, args: Any, error: ErrorDetails) -> str:
    *above, last = path = [str(part) for part in error["loc"]]
    field = ".".join([name, *path])
    if error["type"] == "extra_forbidden":
        return _no_setting(field, last, _fields(args, above))
    if error["type"] == "missing":
        return f"{field} is missing."
    kind = error["type"].removesuffix("_type")
    right = _KINDS.get(kind, error["msg"].removeprefix("Input should be "))
    return f"{field} is {error['input']!r}, it must be {right}."


def _no_setting(field: str, name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(known))}."
    return f"{field} is no setting; {hint}"


def _fields(annotation: Any, path: Sequence[str]) -> set[str]:
    """The names of the settings that there are at `path`."""
    hint = _bare(annotation)
    for part in path:
        hint = _bare(_hints(hint)[part] if is_typeddict(hint) else get_args(hint)[-1])
    return set(_hints(hint)) - _WIRED.get(hint.__name__, set())


def _hints(args: Any) -> dict[str, Any]:
    # `pulumi.Input[T]` names Output[T] as text, to be found where it was written.
    names = {"Output": pulumi.Output, "T": Any}
    return get_type_hints(args, localns=names, include_extras=True)


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) in (Required, NotRequired, Union):
        annotation = get_args(annotation)[0]
    return annotation
