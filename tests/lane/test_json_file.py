"""JSON from a file or a pipe: in any encoding that shells write, or one sentence on why not."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from lane.errors import Unusable
from lane.json_file import read_json

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = {"name": "größer"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encoding_of_a_shell_does_not_matter(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps(DOCUMENT, ensure_ascii=False).encode(encoding)
    file = tmp_path / "saved.json"
    file.write_bytes(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    assert read_json(file, "saved.json") == DOCUMENT
    assert read_json(type(file)("-"), "standard input") == DOCUMENT


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "--from x is not valid JSON: "),
        (b'{"steps": [', "--from x is not valid JSON: "),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "--from x is not valid JSON: "),
        (b"[" * 100_000, "--from x is not valid JSON: "),
        (None, "--from x cannot be read: Is a directory"),
    ],
    ids=["empty", "truncated", "binary", "too deep", "a directory"],
)
def test_what_is_no_json_is_one_sentence(
    content: bytes | None, sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "given"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)

    with pytest.raises(Unusable) as refused:
        read_json(file, "--from x")

    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
