"""Labels and taints of nodes, as Kubernetes and EKS accept them.

Sources: "Labels and Selectors" of the Kubernetes documentation; the labels that the NodeRestriction
admission plugin leaves to a kubelet; `labelsMap` and `Taint` in the EKS API reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from privatelane._invalid import InvalidInput, choice, described, entries, items, known_keys

#: How the EKS API spells an effect, and how Kubernetes does.
EFFECTS: Mapping[str, str] = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_LONGEST_KEY = 63
_MOST_TAINTS = 50

#: Domains that belong to Kubernetes and EKS, and the parts of them that a kubelet may set.
_RESERVED = ("kubernetes.io", "k8s.io", "eks.amazonaws.com")
_ALLOWED = ("node.kubernetes.io", "kubelet.kubernetes.io")


@dataclass(frozen=True, slots=True)
class Taint:
    """What keeps pods without a toleration away from a node."""

    key: str
    value: str
    effect: str
    """As the EKS API spells it."""

    @property
    def kubernetes_effect(self) -> str:
        """The effect as Kubernetes spells it."""
        return EFFECTS[self.effect]


def check_labels(labels: object, *, managed: bool) -> dict[str, str]:
    """Return labels in the order of their keys.

    Managed node groups take keys of up to 63 characters and no empty values.

    Raises:
        InvalidInput: Kubernetes or EKS would refuse one, or the kubelet would not start with it.

    """
    checked: dict[str, str] = {}
    for key, value in sorted(entries("labels", labels).items()):
        _check_key("labels", key, managed=managed)
        prefix = key.rpartition("/")[0]
        if _within(prefix, _RESERVED) and not _within(prefix, _ALLOWED):
            raise InvalidInput(
                f"labels has {key!r}, whose prefix is reserved; a node may set its own labels only"
                " under another domain or 'node.kubernetes.io/'"
            )
        checked[key] = _check_value(f"labels.{key}", value, empty=not managed)
    return checked


def check_taints(taints: object, *, managed: bool) -> tuple[Taint, ...]:
    """Return taints in the order given.

    Raises:
        InvalidInput: there are too many, Kubernetes or EKS would refuse one, or two have one key
            and effect.

    """
    given = items("taints", taints)
    if len(given) > _MOST_TAINTS:
        raise InvalidInput(f"taints has {len(given)} taints, EKS takes {_MOST_TAINTS} at most")
    checked: dict[tuple[str, str], Taint] = {}
    for position, one in enumerate(given):
        field = f"taints[{position}]"
        taint = entries(field, one)
        known_keys(field, taint, ("key", "value", "effect"))
        key = _check_key(f"{field}.key", taint.get("key"), managed=managed)
        effect = choice(f"{field}.effect", taint.get("effect"), EFFECTS)
        if (key, effect) in checked:
            raise InvalidInput(
                f"taints has {key!r} with {effect!r} twice, a node has one taint of a key and an"
                " effect"
            )
        checked[key, effect] = Taint(
            key, _check_value(f"{field}.value", taint.get("value") or "", empty=True), effect
        )
    return tuple(checked.values())


def node_labels_flag(labels: Mapping[str, str]) -> str:
    """Return the kubelet's flag for labels."""
    return "--node-labels=" + ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def scaling_tags(labels: Mapping[str, str], taints: Sequence[Taint]) -> dict[str, str]:
    """Return tags that tell Cluster Autoscaler of a group's nodes while it has none."""
    template = "k8s.io/cluster-autoscaler/node-template"
    return {
        **{f"{template}/label/{key}": value for key, value in labels.items()},
        **{f"{template}/taint/{one.key}": f"{one.value}:{one.kubernetes_effect}" for one in taints},
    }


def _check_key(field: str, key: object, *, managed: bool) -> str:
    if not isinstance(key, str):
        raise InvalidInput(f"{field} is {described(key)}, it must be plain text")
    prefix, slash, name = key.rpartition("/")
    well_formed = _NAME.fullmatch(name) and (not slash or _PREFIX.fullmatch(prefix))
    if not well_formed:
        raise InvalidInput(
            f"{field} holds the key {key!r}, it must be a name such as 'team' or 'example.com/team'"
        )
    if managed and len(key) > _LONGEST_KEY:
        raise InvalidInput(
            f"{field} holds the key {key!r}, EKS takes keys of up to {_LONGEST_KEY} characters"
        )
    return key


def _check_value(field: str, value: object, *, empty: bool) -> str:
    if isinstance(value, str) and (_NAME.fullmatch(value) or (empty and not value)):
        return value
    raise InvalidInput(
        f"{field} is {described(value)}, it must be text of up to 63 letters, digits, '-', '_' and"
        " '.' that begins and ends with a letter or digit"
    )


def _within(prefix: str, domains: Sequence[str]) -> bool:
    return any(prefix == domain or prefix.endswith(f".{domain}") for domain in domains)
