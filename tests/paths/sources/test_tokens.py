"""The resource types that facts are read from exist, and the pack hands them all on."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from privatelane_paths.sources import nouns
from privatelane_paths.sources.nouns import PRODUCERS
from privatelane_rules._facts import TYPES
from privatelane_rules._sdk import _READ

SOURCES = Path(nouns.__file__).parent
TOKEN = re.compile(r'"(aws:[a-z0-9]+/[A-Za-z0-9]+:)"\s+"([A-Za-z0-9]+)"|"(aws:[^":]+:[A-Z]\w+)"')
#: Told from a URN alone: nothing is read from them.
UNREAD = {*PRODUCERS, "aws:ecr/repository:Repository"}


def written() -> set[str]:
    found: set[str] = set()
    for path in SOURCES.glob("*.py"):
        for first, second, whole in TOKEN.findall(path.read_text()):
            found.add(whole or first + second)
    return found


def test_there_are_many() -> None:
    assert len(written()) > 80


@pytest.mark.parametrize("token", sorted(written() | set(TYPES.values())))
def test_a_type_is_one_of_the_providers(token: str) -> None:
    spec = find_spec("pulumi_aws")
    assert spec is not None
    assert spec.origin is not None
    module, _, kind = token.removeprefix("aws:").partition("/")
    stem = re.sub("(?<=[a-z0-9])[A-Z]", lambda found: f"_{found[0]}", kind.partition(":")[0])
    folder = Path(spec.origin).parent / {"lambda": "lambda_"}.get(module, module)
    names = {stem.lower(), re.sub(r"(?<=[a-z])(v?\d)", r"_\1", stem.lower())}

    texts = [path.read_text() for path in folder.glob("*.py") if path.stem.strip("_") in names] or [
        path.read_text() for path in folder.glob("*.py")
    ]

    assert any(f"'{token}'" in text for text in texts)


@pytest.mark.parametrize("token", sorted(written() - UNREAD))
def test_the_pack_reads_what_facts_are_made_of(token: str) -> None:
    assert token.startswith(_READ)
