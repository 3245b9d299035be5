"""The lock of Kubernetes versions and EKS add-ons, as AWS answers today.

What AWS does not answer for keeps the entry it has, which the result names: better an old version
that says so than none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from lane.errors import Unusable

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["Eks", "Refreshed", "as_text", "refreshed"]

_SUPPORT = {"STANDARD_SUPPORT": "standard", "EXTENDED_SUPPORT": "extended"}
_NUMBERS = re.compile(r"\d+")


class Eks(Protocol):
    """What of boto3's `eks` client is used."""

    def get_paginator(self, operation_name: str, /) -> Any:  # noqa: ANN401 -- boto3's own
        """The pages of an operation."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The new lock, and one sentence on each default that changed and on each that did not come."""

    document: Mapping[str, Any]
    changes: tuple[str, ...]
    kept: tuple[str, ...]


def refreshed(
    old: Mapping[str, Any], addons: Iterable[str], eks: Eks, *, region: str, today: dt.date
) -> Refreshed:
    """The lock with what AWS says now of every Kubernetes version, and of `addons`, in `region`.

    Raises botocore's errors when AWS cannot be asked, and `Unusable` when it offers no Kubernetes.
    """
    kubernetes = _kubernetes(eks)
    if not kubernetes:
        raise Unusable(f"AWS offers no Kubernetes version in {region}, the lock stays as it is")
    entries: dict[str, Any] = {}
    kept = []
    for addon in sorted(addons):
        versions = _versions(eks, addon, kubernetes)
        if versions:
            source = f"DescribeAddonVersions in {region}, {today.isoformat()}"
            entries[addon] = {"source": source, "versions": versions}
            continue
        kept.append(f"{addon} is not refreshed: AWS has no version of it in {region}")
        if addon in old["addons"]:
            entries[addon] = old["addons"][addon]
    document = {
        "refreshed": today.isoformat(),
        # An entry that was kept is no answer of AWS, and so the lock does not know all.
        "exhaustive": not any(one.split()[0] in entries for one in kept),
        "region": region,
        "kubernetes": kubernetes,
        "kubernetes_source": f"DescribeClusterVersions in {region}, {today.isoformat()}",
        "addons": entries,
    }
    return Refreshed(document, tuple(_changes(old, document)), tuple(kept))


def as_text(document: Mapping[str, Any]) -> str:
    """The lock as its file holds it: a list on one line, so that a change is a line of a diff."""
    text = json.dumps(document, indent=2)
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda found: f"[{_one_line(found[1])}]", text) + "\n"


def _one_line(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text)


def _kubernetes(eks: Eks) -> dict[str, Any]:
    pages = eks.get_paginator("describe_cluster_versions").paginate(clusterType="eks")
    found = {
        one["clusterVersion"]: {
            "support": _SUPPORT[one["versionStatus"]],
            "released": one["releaseDate"].date().isoformat(),
            "end_of_standard_support": one["endOfStandardSupportDate"].date().isoformat(),
            "end_of_extended_support": one["endOfExtendedSupportDate"].date().isoformat(),
        }
        for page in pages
        for one in page["clusterVersions"]
        if one.get("versionStatus") in _SUPPORT
    }
    return {version: found[version] for version in sorted(found, key=_order, reverse=True)}


def _versions(eks: Eks, addon: str, kubernetes: Iterable[str]) -> dict[str, list[str]]:
    """The versions of an add-on by Kubernetes version: AWS's default, then the newest first."""
    fitting: dict[str, dict[str, bool]] = {}
    for page in eks.get_paginator("describe_addon_versions").paginate(addonName=addon):
        for found in page["addons"]:
            for version in found["addonVersions"]:
                for fit in version["compatibilities"]:
                    known = fitting.setdefault(fit["clusterVersion"], {})
                    known[version["addonVersion"]] = fit["defaultVersion"]
    return {one: _ranked(fitting[one]) for one in kubernetes if one in fitting}


def _ranked(defaults: Mapping[str, bool]) -> list[str]:
    return sorted(defaults, key=lambda one: (defaults[one], _order(one)), reverse=True)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[str]:
    for version in sorted({*old["kubernetes"], *new["kubernetes"]}, key=_order):
        was, now = (one["kubernetes"].get(version, {}).get("support") for one in (old, new))
        if was != now:
            yield f"Kubernetes {version}: {was or 'not offered'} -> {now or 'not offered'}"
    for addon, entry in new["addons"].items():
        before = old["addons"].get(addon, {}).get("versions", {})
        for version, fitting in entry["versions"].items():
            was = before.get(version, ["none"])[0]
            if was != fitting[0]:
                yield f"{addon} for Kubernetes {version}: {was} -> {fitting[0]}"


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, _NUMBERS.findall(version)))
