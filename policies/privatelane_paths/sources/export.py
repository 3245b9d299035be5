"""`pulumi stack export`: the state after the last update, as a file."""

from __future__ import annotations

from collections.abc import Mapping

from privatelane_paths.sources.resource import Provider, Reading, StackSettings, UnusableInputError
from privatelane_paths.sources.state import providers, resource_of, stack_of

__all__ = ["read_export"]

#: The versions of a deployment that Pulumi writes (`DeploymentSchemaVersionCurrent` and `…Latest`
#: in its sdk/go/common/apitype): 4 has the resources of 3, beside a list of features that it uses.
_VERSIONS = (3, 4)


def read_export(document: object) -> Reading:
    """What an export says; a checkpoint of a file backend holds the same and is read, too.

    Resources that await deletion stand twice, the old one marked `delete`: it is no longer part of
    the network. Raises UnusableInputError for anything that is no export.
    """
    states = _states(document)
    known = providers(states)
    resources = tuple(
        resource_of(state, known, Provider(), delete=state.get("delete") is True)
        for state in states
    )
    return Reading(resources, StackSettings(), stack_of(resources))


def _states(document: object) -> list[Mapping[str, object]]:
    found = document if isinstance(document, Mapping) else {}
    version = found.get("version", _VERSIONS[0])
    if version not in _VERSIONS:
        raise UnusableInputError(
            f"`version` of the stack export is {version!r}; known are {_VERSIONS[0]} and "
            f"{_VERSIONS[1]}: export it again with a Pulumi of today, or take a newer lane"
        )
    if isinstance(found.get("checkpoint"), Mapping):
        found = {"deployment": found["checkpoint"].get("latest")}
    deployment = found.get("deployment", found if "resources" in found else None)
    if deployment is None and "deployment" not in found:
        raise UnusableInputError(
            "the file is no stack export: it has neither `deployment` nor `resources`"
        )
    resources = deployment.get("resources") if isinstance(deployment, Mapping) else None
    states = resources or []
    if not isinstance(states, list) or any(not isinstance(one, Mapping) for one in states):
        raise UnusableInputError("`deployment.resources` of the stack export is no list of objects")
    return states
