"""Describe answers that somebody saved: one JSON file a call, told apart by its top key."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lane.errors import Unusable
from lane.json_file import read_json
from lane.sources.calls import CALLS
from lane.sources.describe.answers import Answers, Record

__all__ = ["read_saved"]

_REGION = re.compile(r"(?:[a-z]{2}|eusc)(?:-[a-z]+)+-\d+")
#: The two answers of describe-vpc-attribute, which have no list and no common key.
_ATTRIBUTES = ("EnableDnsSupport", "EnableDnsHostnames")
#: What is looked for by its key alone. Those of containers' answers are anybody's words, and are
#: told by what stands in them.
_KEYS = frozenset(call.key for call in CALLS if call.service not in ("ecs", "eks"))
_CONTAINERS = {
    "taskDefinition": ("taskDefinitions", "taskDefinitionArn"),
    "cluster": ("clusters", "arn"),
    "nodegroup": ("nodegroups", "nodegroupArn"),
    "fargateProfile": ("fargateProfiles", "fargateProfileArn"),
}
_ARN = re.compile(r"arn:[a-z-]+:(?:ecs|eks):.+")
_SINGLE = frozenset({"VpcBlockPublicAccessOptions"})


def read_saved(folder: Path) -> tuple[Answers, ...]:
    """The answers in a folder: flat, in `<region>/`, or in `accounts/<id>/<region>/`.

    Other files are ignored. Raises `Unusable` when the folder or a JSON file in it cannot be read,
    or when no file holds what must be there: subnets.
    """
    if not folder.is_dir():
        raise Unusable(f"--from {folder} must be a folder of saved describe answers")
    found = [
        answers
        for account, region, place in _places(folder)
        if (answers := _answers(place, account, region)) is not None
    ]
    if not any(answers.records.get("Subnets") for answers in found):
        known = ", ".join(call.key for call in CALLS if call.saved)
        raise Unusable(
            f"--from {folder} has no JSON file with subnets under the key `Subnets`; files are "
            f"looked for in it, in <region>/ and in accounts/<id>/<region>/, with one of {known}"
        )
    return tuple(found)


def _places(folder: Path) -> Iterator[tuple[str | None, str | None, Path]]:
    """The folders that can hold answers, with the account and the region they are of."""
    yield from _of_account(None, folder)
    accounts = folder / "accounts"
    for account in _folders(accounts) if accounts.is_dir() else ():
        yield from _of_account(account.name, account)


def _of_account(account: str | None, folder: Path) -> Iterator[tuple[str | None, str | None, Path]]:
    yield account, None, folder
    for region in _folders(folder):
        if _REGION.fullmatch(region.name):
            yield account, region.name, region


def _folders(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir())


def _answers(folder: Path, account: str | None, region: str | None) -> Answers | None:
    """The answers in one folder, if there are any."""
    records: dict[str, list[Record]] = defaultdict(list)
    last_pages: dict[str, bool] = {}
    attributes: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*.json")):
        document = read_json(file, str(file))
        if not isinstance(document, Mapping):
            continue
        vpc = document.get("VpcId")
        if isinstance(vpc, str) and any(name in document for name in _ATTRIBUTES):
            attributes.setdefault(vpc, {"VpcId": vpc}).update(document)
        for key in sorted(document.keys() & _KEYS):
            for record in _records(document[key], key, file):
                # describe-managed-prefix-lists answers under the key of describe-prefix-lists.
                managed = key == "PrefixLists" and "PrefixListArn" in record
                records["ManagedPrefixLists" if managed else key].append(record)
            records.setdefault(key, [])
            last_pages[key] = last_pages.get(key, False) or not document.get("NextToken")
        for key, record in _containers(document):
            records[key].append(record)
    if attributes:
        records["VpcAttributes"].extend(attributes.values())
    if not records:
        return None
    unread = {
        key: "the saved answer holds a part of them" for key, last in last_pages.items() if not last
    }
    if any(key in records for key in ("Vpcs", "Subnets", "RouteTables")):
        unread |= {
            call.key: "no saved answer holds them"
            for call in CALLS
            if call.saved and not call.optional and call.key not in records
        }
    return Answers(account, region, dict(records), unread)


def _containers(document: Mapping[str, Any]) -> Iterator[tuple[str, Record]]:
    """The services of `aws ecs describe-services`, or what another call describes one of."""
    services = document.get("services")
    if isinstance(services, list) and "failures" in document:
        for one in services:
            if isinstance(one, Mapping) and _ARN.fullmatch(str(one.get("serviceArn"))):
                yield "services", one
    for name, (key, identifier) in _CONTAINERS.items():
        one = document.get(name)
        if isinstance(one, Mapping) and _ARN.fullmatch(str(one.get(identifier))):
            yield key, one


def _records(value: object, key: str, file: Path) -> list[Record]:
    if key in _SINGLE and isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise Unusable(f"{file}: `{key}` must be a list of objects, as `aws` prints it")
    return value
