"""The lock from AWS's answers, by botocore's own stub: requests are checked exactly."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from typer.testing import CliRunner

from lane.addons import addons
from lane.addons.lock import as_text, refreshed
from lane.errors import Unusable
from privatelane._invalid import InvalidInput
from privatelane.eks._addon_versions import addon_version, check_kubernetes, parse_lock

TODAY = dt.date(2026, 12, 1)
REGION = "eu-central-1"
OLD: dict[str, Any] = {
    "refreshed": "2026-01-01",
    "exhaustive": False,
    "kubernetes": {"1.33": {"support": "standard"}, "1.34": {"support": "standard"}},
    "addons": {
        "coredns": {"source": "a page", "versions": {"1.34": ["v1.12.0-eksbuild.1"]}},
        "adot": {"source": "a page", "versions": {"1.34": ["v0.140.0-eksbuild.1"]}},
    },
}


@pytest.fixture
def eks() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client(
        "eks",
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def version(number: str, status: str) -> dict[str, Any]:
    day = dt.datetime(2026, 1, 27, tzinfo=dt.timezone.utc)
    return {
        "clusterVersion": number,
        "clusterType": "eks",
        "versionStatus": status,
        "releaseDate": day,
        "endOfStandardSupportDate": day.replace(year=2027),
        "endOfExtendedSupportDate": day.replace(year=2028),
    }


def pages(stub: Stubber, operation: str, key: str, request: dict[str, Any], *found: Any) -> None:
    for place, page in enumerate(found):
        more = {"nextToken": str(place + 1)} if place + 1 < len(found) else {}
        token = {"nextToken": str(place)} if place else {}
        stub.add_response(operation, {key: page, **more}, {**request, **token})


def addon(name: str, *versions: tuple[str, dict[str, bool]]) -> dict[str, Any]:
    return {
        "addonName": name,
        "addonVersions": [
            {
                "addonVersion": number,
                "compatibilities": [
                    {"clusterVersion": one, "defaultVersion": default}
                    for one, default in fits.items()
                ],
            }
            for number, fits in versions
        ],
    }


def answers(stub: Stubber) -> None:
    pages(
        stub,
        "describe_cluster_versions",
        "clusterVersions",
        {"clusterType": "eks"},
        [version("1.34", "EXTENDED_SUPPORT"), version("1.32", "UNSUPPORTED")],
        [version("1.35", "STANDARD_SUPPORT")],
    )
    pages(stub, "describe_addon_versions", "addons", {"addonName": "adot"}, [])
    pages(
        stub,
        "describe_addon_versions",
        "addons",
        {"addonName": "coredns"},
        [
            addon(
                "coredns",
                ("v1.13.9-eksbuild.2", {"1.35": False}),
                ("v1.13.10-eksbuild.1", {"1.35": False, "1.34": False}),
            )
        ],
        [addon("coredns", ("v1.13.2-eksbuild.4", {"1.35": True, "1.34": True, "1.32": True}))],
    )


def test_the_default_comes_first_and_then_the_newest_of_all_pages(
    eks: tuple[Any, Stubber],
) -> None:
    client, stub = eks
    answers(stub)

    found = refreshed(OLD, ["coredns", "adot"], client, region=REGION, today=TODAY)

    assert found.document["addons"]["coredns"] == {
        "source": "DescribeAddonVersions in eu-central-1, 2026-12-01",
        "versions": {
            "1.35": ["v1.13.2-eksbuild.4", "v1.13.10-eksbuild.1", "v1.13.9-eksbuild.2"],
            "1.34": ["v1.13.2-eksbuild.4", "v1.13.10-eksbuild.1"],
        },
    }
    assert found.document["kubernetes"]["1.35"] == {
        "support": "standard",
        "released": "2026-01-27",
        "end_of_standard_support": "2027-01-27",
        "end_of_extended_support": "2028-01-27",
    }
    assert list(found.document["kubernetes"]) == ["1.35", "1.34"]


def test_what_changed_and_what_did_not_come_is_told(eks: tuple[Any, Stubber]) -> None:
    client, stub = eks
    answers(stub)

    found = refreshed(OLD, ["coredns", "adot"], client, region=REGION, today=TODAY)

    assert found.changes == (
        "Kubernetes 1.33: standard -> not offered",
        "Kubernetes 1.34: standard -> extended",
        "Kubernetes 1.35: not offered -> standard",
        "coredns for Kubernetes 1.35: none -> v1.13.2-eksbuild.4",
        "coredns for Kubernetes 1.34: v1.12.0-eksbuild.1 -> v1.13.2-eksbuild.4",
    )
    assert found.kept == ("adot is not refreshed: AWS has no version of it in eu-central-1",)
    assert found.document["addons"]["adot"] == OLD["addons"]["adot"]
    # One entry is still what a page said.
    assert found.document["exhaustive"] is False


def test_the_components_read_what_was_written(eks: tuple[Any, Stubber]) -> None:
    client, stub = eks
    answers(stub)
    old = {**OLD, "addons": {}}
    found = refreshed(old, ["coredns", "adot"], client, region=REGION, today=TODAY)
    text = as_text(found.document)

    lock = parse_lock(json.loads(text))

    assert lock.exhaustive
    assert check_kubernetes("kubernetes_version", "1.35", "STANDARD", lock=lock) == "1.35"
    assert addon_version("version", "coredns", "1.34", lock=lock) == "v1.13.2-eksbuild.4"
    with pytest.raises(InvalidInput, match=r"which fits Kubernetes '1\.35', not '1\.34'"):
        addon_version("version", "coredns", "1.34", "v1.13.9-eksbuild.2", lock=lock)


def test_a_second_refresh_on_the_same_day_changes_nothing(eks: tuple[Any, Stubber]) -> None:
    client, stub = eks
    answers(stub)
    first = refreshed(OLD, ["coredns", "adot"], client, region=REGION, today=TODAY)
    answers(stub)
    second = refreshed(first.document, ["coredns", "adot"], client, region=REGION, today=TODAY)

    assert second.changes == ()
    assert as_text(second.document) == as_text(first.document)


def test_no_offer_leaves_the_lock_as_it_is(eks: tuple[Any, Stubber]) -> None:
    client, stub = eks
    pages(stub, "describe_cluster_versions", "clusterVersions", {"clusterType": "eks"}, [])
    with pytest.raises(Unusable, match="AWS offers no Kubernetes version in eu-central-1"):
        refreshed(OLD, ["coredns"], client, region=REGION, today=TODAY)


def test_the_packaged_lock_has_the_form_that_a_refresh_writes() -> None:
    text = files("privatelane.eks").joinpath("addons.json").read_text("utf-8")
    assert as_text(json.loads(text)) == text


def run(monkeypatch: pytest.MonkeyPatch, client: Any, *arguments: str) -> Any:
    monkeypatch.setattr(boto3.session.Session, "client", lambda *_, **__: client)
    return CliRunner().invoke(addons, ["refresh", *arguments])


def test_the_command_writes_the_lock_and_says_what_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, eks: tuple[Any, Stubber]
) -> None:
    client, stub = eks
    answers(stub)
    lock = tmp_path / "lock.json"
    lock.write_text(json.dumps(OLD))
    monkeypatch.setattr("privatelane.eks._addons.ADDONS", {"coredns": None, "adot": None})

    done = run(monkeypatch, client, "--region", REGION, "--lock", str(lock))

    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "lock.json: 5 changed, 1 kept"
    written = json.loads(lock.read_text())
    assert written["region"] == REGION
    assert list(tmp_path.iterdir()) == [lock]


def test_a_lock_of_ones_own_begins_as_that_of_the_components(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, eks: tuple[Any, Stubber]
) -> None:
    client, stub = eks
    answers(stub)
    monkeypatch.setattr("privatelane.eks._addons.ADDONS", {"coredns": None, "adot": None})
    lock = tmp_path / "lock.json"

    assert run(monkeypatch, client, "--region", REGION, "--lock", str(lock)).exit_code == 0

    assert parse_lock(json.loads(lock.read_text())).support == {
        "1.35": "standard",
        "1.34": "extended",
    }


def test_aws_that_says_no_is_one_sentence_and_the_lock_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, eks: tuple[Any, Stubber]
) -> None:
    client, stub = eks
    stub.add_client_error("describe_cluster_versions", "AccessDeniedException", "not you")
    lock = tmp_path / "lock.json"
    lock.write_text(json.dumps(OLD))

    done = run(monkeypatch, client, "--lock", str(lock))

    assert isinstance(done.exception, Unusable)
    assert isinstance(done.exception.__cause__, ClientError)
    assert "AWS cannot be asked for the versions of add-ons" in str(done.exception)
    assert json.loads(lock.read_text()) == OLD


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--region", "mars-north-1"), "--region mars-north-1: EKS is in no such region"),
        (("--lock", "tests"), "--lock tests: Is a directory"),
    ],
)
def test_bad_input_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run(monkeypatch, None, *arguments)
    assert isinstance(done.exception, Unusable)
    assert sentence in str(done.exception)


@pytest.mark.parametrize("text", ["{", "[]", '{"kubernetes": {}}'])
def test_a_file_that_is_no_lock_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    lock = tmp_path / "lock.json"
    lock.write_text(text)
    done = run(monkeypatch, None, "--lock", str(lock))
    assert isinstance(done.exception, Unusable)
    assert "it is no lock of add-ons" in str(done.exception)
    assert lock.read_text() == text
