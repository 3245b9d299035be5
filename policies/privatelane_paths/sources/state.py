"""The state of one resource as Pulumi writes it to files, in previews and in exports alike."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from privatelane_paths.known import Unknown
from privatelane_paths.sources.resource import (
    COMPUTED,
    SECRET,
    SENTINELS,
    Provider,
    Resource,
    UnusableInputError,
    name_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "account_of",
    "is_provider",
    "plain",
    "provider_of",
    "providers",
    "resource_of",
    "stack_of",
]

#: The key that marks a special object in a serialised property, and the mark of a secret.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 the engine's public mark, no password
#: How a preview writes any secret.
_HIDDEN = "[secret]"
_AWS = "pulumi:providers:aws"
_ACCOUNT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):role/")


def plain(tree: object) -> object:
    """A serialised property as plain values, with `Unknown` for unknown and secret ones."""
    if isinstance(tree, str):
        if tree in SENTINELS:
            return COMPUTED
        return SECRET if tree == _HIDDEN else tree
    if isinstance(tree, list):
        return [plain(one) for one in tree]
    if isinstance(tree, Mapping):
        signature = tree.get(_SIGNATURE)
        if signature is None:
            return {str(name): plain(one) for name, one in tree.items()}
        text = tree.get("plaintext")
        if signature == _SECRET and isinstance(text, str):
            return plain(json.loads(text))
        return SECRET
    return tree


def is_provider(state: Mapping[str, object]) -> bool:
    """Whether a state is that of an AWS provider."""
    return state.get("type") == _AWS


def providers(states: Iterable[Mapping[str, object]]) -> dict[str, Provider]:
    """The AWS providers of a stack by URN."""
    return {
        urn: provider_of(urn, cast("Mapping[str, object]", plain(_properties(state, "inputs"))))
        for state in states
        if is_provider(state) and (urn := str(state.get("urn", "")))
    }


def provider_of(urn: str, inputs: Mapping[str, object]) -> Provider:
    """What a provider's inputs say of the region and the account of its resources.

    The default provider takes the stack's configuration. An explicit one without a region takes
    the environment's or a profile's, which nobody sees.
    """
    region = inputs.get("region")
    if not isinstance(region, (str, Unknown)) or not region:
        name = name_of(urn)
        hidden = Unknown(f"the region of provider {name}")
        region = None if name.startswith("default") else hidden
    return Provider(urn, region, account_of(inputs))


def account_of(inputs: Mapping[str, object]) -> str | None:
    """The account a provider works in, where its role or its list of allowed accounts says so."""
    allowed = _listed(inputs.get("allowedAccountIds"))
    if len(allowed) == 1 and isinstance(allowed[0], str):
        return allowed[0]
    for name in ("assumeRoles", "assumeRole"):
        roles = _listed(inputs.get(name))
        last = roles[-1] if roles else None
        role = last.get("roleArn") if isinstance(last, Mapping) else None
        match = _ACCOUNT.match(role) if isinstance(role, str) else None
        if match:
            return match.group(1)
    return None


def _listed(value: object) -> list[object]:
    """A list argument of a provider: providers carry lists as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    if isinstance(value, Mapping):
        return [value]
    return value if isinstance(value, list) else []


def resource_of(
    state: Mapping[str, object],
    known: Mapping[str, Provider],
    default: Provider,
    *,
    outputs: Mapping[str, object] | None = None,
    delete: bool = False,
) -> Resource:
    """The resource a state describes; `outputs` replace those in it.

    Raises UnusableInputError for a state without a URN, or with properties that are no object.
    """
    urn = state.get("urn")
    if not isinstance(urn, str) or urn.count("::") < 3:  # noqa: PLR2004
        raise UnusableInputError(f"a resource has the URN {urn!r}, which is none")
    external = state.get("external") is True
    made = _properties(state, "outputs") if outputs is None else outputs
    identifier = state.get("id")
    provider = str(state.get("provider") or "").rpartition("::")[0]
    inputs = None if external else plain(_properties(state, "inputs"))
    return Resource(
        urn=urn,
        type=str(state.get("type") or ""),
        name=name_of(urn),
        inputs=cast("Mapping[str, object] | None", inputs),
        outputs=cast("Mapping[str, object]", plain(made)),
        property_dependencies={
            str(name): tuple(sorted(str(one) for one in urns))
            for name, urns in _mapping(state.get("propertyDependencies")).items()
            if isinstance(urns, list)
        },
        dependencies=tuple(str(one) for one in _listed(state.get("dependencies"))),
        parent=str(state.get("parent") or ""),
        id=identifier if isinstance(identifier, str) and identifier not in SENTINELS else None,
        provider=known.get(provider, default) if provider else Provider(),
        custom=state.get("custom") is True,
        external=external,
        delete=delete,
        ignore_changes=tuple(str(one) for one in _listed(state.get("ignoreChanges"))),
    )


def _properties(state: Mapping[str, object], field: str) -> Mapping[str, object]:
    found = state.get(field) or {}
    if not isinstance(found, Mapping):
        name = name_of(str(state.get("urn")))
        raise UnusableInputError(f"`{field}` of {name} must be an object, not {found!r:.80}")
    return found


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def stack_of(resources: Iterable[Resource]) -> str:
    """The name of the stack, as every URN of it says."""
    for resource in resources:
        return resource.urn.split("::", 1)[0].rpartition(":")[2]
    return ""
