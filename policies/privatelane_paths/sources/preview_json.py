"""`pulumi preview --json`: the steps of an update that has not happened.

The file needs care. A created resource has inputs only; an updated or unchanged one has its id and
outputs in the old state only; unchanged resources are left out altogether unless the preview was
run with `--show-sames`, and then what is not shown must not be taken for absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from privatelane_paths.facts import Network
from privatelane_paths.known import Maybe, Unknown
from privatelane_paths.sources.resource import (
    Provider,
    Reading,
    Resource,
    StackSettings,
    UnusableInputError,
)
from privatelane_paths.sources.state import providers, resource_of, stack_of

__all__ = ["read_preview"]

#: Steps after which the old state is gone.
_REMOVING = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "read-discard"})
#: Steps that put a new object in place of the old one.
_REPLACING = frozenset({"replace", "create-replacement", "import-replacement", "read-replacement"})
_OMITTED = "the unchanged resources, which the preview leaves out without --show-sames"


def read_preview(document: object) -> Reading:
    """What a preview says will be. Raises UnusableInputError for anything that is no preview."""
    found = document if isinstance(document, Mapping) else {}
    steps = found.get("steps")
    if steps is None and "changeSummary" in found:
        steps = []
    if not isinstance(steps, list) or any(not isinstance(one, Mapping) for one in steps):
        raise UnusableInputError("the file is no preview: it has no list of `steps`")
    for step in steps:
        if not _told(step):
            raise UnusableInputError(
                f"the step {step.get('op')!r} of {step.get('urn', 'no URN')} must have an object"
                " `newState` or `oldState`"
            )
    region = _config_region(found.get("config"))
    states = [
        state
        for step in steps
        for state in (step.get("newState"), step.get("oldState"))
        if isinstance(state, Mapping)
    ]
    known = providers(states)
    default = Provider("", region)
    kept: dict[str, Resource] = {}
    gone: list[Resource] = []
    for step in steps:
        operation = step.get("op")
        new, old = step.get("newState"), step.get("oldState")
        if isinstance(old, Mapping) and (operation in _REMOVING or operation in _REPLACING):
            gone.append(resource_of(old, known, default, delete=True))
        if isinstance(new, Mapping) and operation not in _REMOVING:
            one = _planned(new, old if operation not in _REPLACING else None, known, default)
            kept[one.urn] = one
    resources = (*kept.values(), *gone)
    unread = {one.name: _OMITTED for one in fields(Network)} if _omits(found, steps) else {}
    for name in ("unread", "gone"):
        unread.pop(name, None)
    return Reading(resources, StackSettings(region, unread), stack_of(resources))


def _told(step: Mapping[str, object]) -> bool:
    """Whether a step says what it is of: what goes has an old state only, what comes a new one."""
    given = [one for one in (step.get("newState"), step.get("oldState")) if one is not None]
    return bool(given) and all(isinstance(one, Mapping) for one in given)


def _planned(
    new: Mapping[str, object],
    old: object,
    known: Mapping[str, Provider],
    default: Provider,
) -> Resource:
    """The new state, completed by what the old one still says of it."""
    before = old if isinstance(old, Mapping) else {}
    outputs = new.get("outputs")
    if not isinstance(outputs, Mapping) or not outputs:
        outputs = _still_true(new, before)
    state = {**new, "id": new.get("id") or before.get("id")}
    return resource_of(state, known, default, outputs=outputs)


def _still_true(new: Mapping[str, object], old: Mapping[str, object]) -> dict[str, object]:
    """The old outputs that the update does not touch: those of no input, and of unchanged ones."""
    made, before, after = (
        _mapping(one) for one in (old.get("outputs"), old.get("inputs"), new.get("inputs"))
    )
    ignored = new.get("ignoreChanges")
    free = set(ignored) if isinstance(ignored, list) else set()
    return {
        str(name): value
        for name, value in made.items()
        if name in free or before.get(name) == after.get(name)
    }


def _omits(document: Mapping[str, object], steps: list[Mapping[str, object]]) -> bool:
    """Whether the preview counts more unchanged resources than it shows."""
    summary = _mapping(document.get("changeSummary"))
    counted = summary.get("same", 0)
    shown = sum(1 for step in steps if step.get("op") == "same")
    return isinstance(counted, int) and counted > shown


def _config_region(config: object) -> Maybe[str]:
    value = _mapping(config).get("aws:region")
    if isinstance(value, str) and value:
        return value
    return Unknown("the region: aws:region is not in the stack's configuration")


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}
