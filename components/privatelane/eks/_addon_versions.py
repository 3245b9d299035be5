"""Which Kubernetes versions EKS offers, and which version of each add-on goes with them: a lock.

The lock is a file beside this one. `lane addons refresh` writes it anew from AWS's own answers, on
request only: a version that moves by itself, as `most_recent` does, changes a cluster on a day when
nobody changed the program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from privatelane._invalid import InvalidInput, choice, listing, text

#: A cluster past its standard support is upgraded by EKS, or kept for a price, by this setting.
SUPPORT_TYPES = ("STANDARD", "EXTENDED")

_KUBERNETES = re.compile(r"\d+\.\d+")
#: Such as v1.23.1-eksbuild.1; some builds have no `-eksbuild`.
_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)(?:-eksbuild\.(\d+))?")

#: How far kube-proxy may lag behind the API server, in minor versions; it may never be ahead.
#: Source: "Version Skew Policy" of Kubernetes.
_KUBE_PROXY_LAG = 3


@dataclass(frozen=True, slots=True)
class Lock:
    """What was offered when the lock was written."""

    refreshed: str
    """The day, as ISO 8601 writes it."""
    exhaustive: bool
    """Whether AWS itself answered, with every version it had, or pages were read that name some."""
    support: Mapping[str, str]
    """`standard` or `extended` by Kubernetes version."""
    addons: Mapping[str, Mapping[str, Sequence[str]]]
    """Versions by add-on and Kubernetes version, the one to take first."""

    def fitting(self, addon: str, version: str) -> list[str]:
        """Return the Kubernetes versions that a version of an add-on is listed for."""
        fitting = [one for one, known in self.addons.get(addon, {}).items() if version in known]
        return sorted(fitting, key=_minor)


def parse_lock(document: Mapping[str, object]) -> Lock:
    """Return the lock that a JSON document holds, as `lane addons refresh` writes it.

    Raises:
        KeyError: a part of it is missing.
        TypeError: a part of it is of another type.

    """
    kubernetes, addons = document["kubernetes"], document["addons"]
    if not (isinstance(kubernetes, Mapping) and isinstance(addons, Mapping)):
        raise TypeError("a lock holds maps of Kubernetes versions and of add-ons")
    return Lock(
        refreshed=str(document["refreshed"]),
        exhaustive=bool(document["exhaustive"]),
        support={version: one["support"] for version, one in kubernetes.items()},
        addons={addon: one["versions"] for addon, one in addons.items()},
    )


@cache
def packaged_lock() -> Lock:
    """Return the lock that is part of this package."""
    return parse_lock(
        json.loads(files("privatelane.eks").joinpath("addons.json").read_text("utf-8"))
    )


def lock_of(field: str, path: object) -> Lock:
    """Return the lock in the file at `path`, or the packaged one for None.

    Raises:
        InvalidInput: there is no such file, or it holds no lock.

    """
    if path is None:
        return packaged_lock()
    file = Path(text(field, path))
    try:
        return parse_lock(json.loads(file.read_text("utf-8")))
    except OSError as error:
        raise InvalidInput(f"{field} is {path!r}, which cannot be read: {error.strerror}") from None
    except (KeyError, TypeError, ValueError):
        raise InvalidInput(
            f"{field} is {path!r}, which is no lock that `lane addons refresh` wrote"
        ) from None


def check_kubernetes(
    field: str, value: object, support_type: str = "EXTENDED", *, lock: Lock | None = None
) -> str:
    """Return `value` when EKS offers that Kubernetes version with that kind of support.

    Raises:
        InvalidInput: it does not offer it, as far as the lock tells, or in extended support only.

    """
    known = lock or packaged_lock()
    version = text(field, value)
    offered: list[str] = sorted(known.support, key=_minor)
    if version not in known.support:
        meant = version.removeprefix("v")
        hint = (
            f"; did you mean {meant!r}?"
            if meant in known.support
            else f" (as of {known.refreshed}; `lane addons refresh` asks AWS anew)"
        )
        raise InvalidInput(f"{field} is {version!r}, EKS offers {listing(offered, 'and')}{hint}")
    if support_type == "STANDARD" and known.support[version] != "standard":
        standard = [one for one in offered if known.support[one] == "standard"]
        raise InvalidInput(
            f"{field} is {version!r}, which is past its standard support: EKS would upgrade the"
            f" cluster at once; take {listing(standard)}, or pay for support_type 'EXTENDED'"
        )
    return version


def check_support_type(field: str, value: object) -> str:
    """Return `value` when it is a kind of support that EKS sells.

    Raises:
        InvalidInput: it is not.

    """
    return choice(field, value, SUPPORT_TYPES)


def addon_version(
    field: str, addon: str, kubernetes: str, pinned: object = None, *, lock: Lock | None = None
) -> str:
    """Return the version of an add-on for a Kubernetes version: `pinned`, or else the lock's.

    A version that the lock has never heard of is accepted where it may be newer than the lock.

    Raises:
        InvalidInput: the lock has none and none is pinned, or the pinned one does not fit.

    """
    known = lock or packaged_lock()
    listed = known.addons.get(addon, {}).get(kubernetes, ())
    if pinned is None:
        if not listed:
            raise InvalidInput(
                f"{field} is not given, and the lock has no version of {addon!r} for Kubernetes"
                f" {kubernetes}; pin one, or run `lane addons refresh`"
            )
        return listed[0]
    version = text(field, pinned)
    if _VERSION.fullmatch(version) is None:
        raise InvalidInput(
            f"{field} is {version!r}, it must be a version of {addon!r} such as"
            f" {listed[0] if listed else 'v1.2.3-eksbuild.1'!r}"
        )
    if version in listed:
        return version
    if addon == "kube-proxy":
        _check_skew(field, version, kubernetes)
    take = f"; take {listing(listed[:3])}" if listed else ""
    if fitting := known.fitting(addon, version):
        raise InvalidInput(
            f"{field} is {version!r}, which fits Kubernetes"
            f" {listing(fitting, 'and')}, not {kubernetes!r}{take}"
        )
    everywhere = [one for fit in known.addons.get(addon, {}).values() for one in fit]
    if known.exhaustive and everywhere and _order(version) < max(map(_order, everywhere)):
        raise InvalidInput(
            f"{field} is {version!r}, AWS has no such version of {addon!r} for Kubernetes"
            f" {kubernetes} (as of {known.refreshed}){take}"
        )
    return version


def _check_skew(field: str, version: str, kubernetes: str) -> None:
    proxy, server = _order(version)[1], _minor(kubernetes)[1]
    if not server - _KUBE_PROXY_LAG <= proxy <= server:
        raise InvalidInput(
            f"{field} is {version!r}, kube-proxy must be of Kubernetes {kubernetes} or of at most"
            f" {_KUBE_PROXY_LAG} minor versions before it"
        )


def _minor(kubernetes: str) -> tuple[int, ...]:
    return tuple(map(int, kubernetes.split("."))) if _KUBERNETES.fullmatch(kubernetes) else ()


def _order(version: str) -> tuple[int, ...]:
    match = _VERSION.fullmatch(version)
    return tuple(int(part or 0) for part in match.groups()) if match else ()
