"""Which versions fit: laws over locks that AWS could have answered with, and sentences."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane.eks._addon_versions import (
    Lock,
    addon_version,
    check_kubernetes,
    lock_of,
    packaged_lock,
    parse_lock,
)
from privatelane.eks._addons import ADDONS

LOCK = Lock(
    refreshed="2026-11-01",
    exhaustive=True,
    support={"1.33": "extended", "1.34": "standard", "1.35": "standard"},
    addons={
        "coredns": {
            "1.33": ["v1.12.0-eksbuild.2", "v1.11.0-eksbuild.9"],
            "1.34": ["v1.13.0-eksbuild.1", "v1.12.0-eksbuild.2"],
            "1.35": ["v1.13.0-eksbuild.1"],
        },
        "kube-proxy": {"1.35": ["v1.35.1-eksbuild.1"], "1.34": ["v1.34.1-eksbuild.1"]},
    },
)
PARTIAL = dataclasses.replace(LOCK, exhaustive=False)

KUBERNETES = st.sampled_from(sorted(LOCK.support))
KNOWN = sorted({one for fit in LOCK.addons["coredns"].values() for one in fit})


def refusal(*arguments: Any, lock: Lock = LOCK, **named: Any) -> str:
    with pytest.raises(InvalidInput) as refused:
        addon_version(*arguments, lock=lock, **named)
    return str(refused.value)


@given(kubernetes=KUBERNETES, version=st.sampled_from(KNOWN), exhaustive=st.booleans())
def test_a_listed_version_is_accepted_exactly_for_the_versions_it_is_listed_for(
    kubernetes: str, version: str, exhaustive: bool
) -> None:
    lock = dataclasses.replace(LOCK, exhaustive=exhaustive)
    if version in lock.addons["coredns"][kubernetes]:
        assert addon_version("version", "coredns", kubernetes, version, lock=lock) == version
    else:
        assert "which fits Kubernetes" in refusal("version", "coredns", kubernetes, version)


@given(kubernetes=KUBERNETES)
def test_without_a_pin_it_is_the_first_that_is_listed(kubernetes: str) -> None:
    expected = LOCK.addons["coredns"][kubernetes][0]
    assert addon_version("version", "coredns", kubernetes, lock=LOCK) == expected


def test_a_version_newer_than_the_lock_is_accepted_as_it_may_have_come_since() -> None:
    for lock in (LOCK, PARTIAL):
        newer = "v1.13.1-eksbuild.1"
        assert addon_version("version", "coredns", "1.33", newer, lock=lock) == newer


def test_an_older_version_that_aws_did_not_list_is_refused_where_it_listed_all() -> None:
    older = "v1.12.0-eksbuild.1"
    assert refusal("version", "coredns", "1.34", older) == (
        "version is 'v1.12.0-eksbuild.1', AWS has no such version of 'coredns' for Kubernetes 1.34"
        " (as of 2026-11-01); take 'v1.13.0-eksbuild.1' or 'v1.12.0-eksbuild.2'"
    )
    assert addon_version("version", "coredns", "1.34", older, lock=PARTIAL) == older


@pytest.mark.parametrize("version", ["latest", "1.13.0", "v1.13", "", "v1.13.0-eksbuild"])
def test_what_is_no_version_is_refused(version: str) -> None:
    assert refusal("version", "coredns", "1.34", version).startswith("version is ")


@given(minor=st.integers(20, 45))
def test_kube_proxy_is_at_most_three_minor_versions_behind_and_never_ahead(minor: int) -> None:
    version = f"v1.{minor}.99-eksbuild.99"
    if 32 <= minor <= 35:
        assert addon_version("version", "kube-proxy", "1.35", version, lock=PARTIAL) == version
    else:
        assert "at most 3 minor versions before it" in refusal(
            "version", "kube-proxy", "1.35", version, lock=PARTIAL
        )


def test_an_addon_without_an_entry_must_be_pinned() -> None:
    assert refusal("version", "adot", "1.35") == (
        "version is not given, and the lock has no version of 'adot' for Kubernetes 1.35; pin one,"
        " or run `lane addons refresh`"
    )
    pinned = "v0.150.0-eksbuild.1"
    assert addon_version("version", "adot", "1.35", pinned, lock=LOCK) == pinned


@pytest.mark.parametrize(
    ("version", "support_type", "sentence"),
    [
        ("1.36", "STANDARD", "EKS offers '1.33', '1.34' and '1.35' (as of 2026-11-01"),
        ("v1.35", "STANDARD", "did you mean '1.35'?"),
        ("1.33", "STANDARD", "take '1.34' or '1.35', or pay for support_type 'EXTENDED'"),
        (1.35, "STANDARD", "it must be plain text"),
    ],
)
def test_a_kubernetes_version_that_is_not_offered_is_refused(
    version: object, support_type: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_kubernetes("kubernetes_version", version, support_type, lock=LOCK)
    assert sentence in str(refused.value)


def test_extended_support_is_for_those_who_ask_for_it() -> None:
    assert check_kubernetes("kubernetes_version", "1.33", "EXTENDED", lock=LOCK) == "1.33"


def test_a_lock_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "lock.json"
    document = {
        "refreshed": "2027-03-01",
        "exhaustive": True,
        "kubernetes": {"1.37": {"support": "standard"}},
        "addons": {"coredns": {"versions": {"1.37": ["v1.15.0-eksbuild.1"]}}},
    }
    file.write_text(json.dumps(document))

    lock = lock_of("versions_lock", str(file))

    assert check_kubernetes("kubernetes_version", "1.37", lock=lock) == "1.37"
    assert addon_version("version", "coredns", "1.37", lock=lock) == "v1.15.0-eksbuild.1"
    assert lock_of("versions_lock", None) == packaged_lock()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"kubernetes": [], "addons": []}'])
def test_a_file_that_is_no_lock_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "lock.json"
    file.write_text(text)
    with pytest.raises(InvalidInput, match="which is no lock that `lane addons refresh` wrote"):
        lock_of("versions_lock", str(file))


def test_a_lock_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"versions_lock is 'no\.json', which cannot be read"):
        lock_of("versions_lock", "no.json")


def test_the_packaged_lock_holds_together() -> None:
    """Each entry is a version of a known add-on for an offered Kubernetes version."""
    document = json.loads(files("privatelane.eks").joinpath("addons.json").read_text("utf-8"))
    lock = packaged_lock()

    assert parse_lock(document) == lock
    assert dt.date.fromisoformat(lock.refreshed).isoformat() == lock.refreshed
    assert len([one for one in lock.support.values() if one == "standard"]) == 3
    assert lock.addons.keys() <= ADDONS.keys()
    for addon, by_kubernetes in lock.addons.items():
        assert by_kubernetes.keys() <= lock.support.keys()
        assert document["addons"][addon]["source"]
        for kubernetes, versions in by_kubernetes.items():
            for version in versions:
                assert addon_version("version", addon, kubernetes, version) == version
                if addon == "kube-proxy":
                    assert version.startswith(f"v{kubernetes}.")


def test_what_nodes_wait_for_has_a_version_for_each_kubernetes_version() -> None:
    for addon in ADDONS.values():
        if addon.before_nodes or addon.name == "coredns":
            assert packaged_lock().addons[addon.name].keys() == packaged_lock().support.keys()
