"""YAML as Pulumi reads it; the expected values are go-yaml 3's."""

from __future__ import annotations

from pathlib import Path

import pytest

from lane.errors import Unusable
from lane.yaml_file import read_mapping


def read(tmp_path: Path, text: str) -> dict[str, object]:
    file = tmp_path / "Pulumi.yaml"
    file.write_text(text)
    return read_mapping(file, "Pulumi.yaml")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("22:22", "22:22"),
        ("0o17", 15),
        ("017", 15),
        ("1_000", 1000),
        ("012345678901", 12345678901.0),
        ("'012345678901'", "012345678901"),
        ("1e3", 1000.0),
        ("~", None),
        ("2026-01-31", "2026-01-31 00:00:00 +0000 UTC"),
        ("2026-01-31T12:30:00Z", "2026-01-31 12:30:00 +0000 UTC"),
        ("2026-13-45", "2026-13-45"),
        ("us-east-1", "us-east-1"),
        ("[10.0.0.0/16, 1]", ["10.0.0.0/16", 1]),
    ],
)
def test_scalars_mean_what_they_mean_to_pulumi(tmp_path: Path, written: str, meant: object) -> None:
    assert read(tmp_path, f"key: {written}") == {"key": meant}


def test_merge_keys_and_anchors_work(tmp_path: Path) -> None:
    text = "base: &base {a: 1, b: 2}\nderived: {<<: *base, b: 3}\n"
    assert read(tmp_path, text)["derived"] == {"a": 1, "b": 3}


def test_an_empty_file_is_an_empty_mapping(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing\n") == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: [", "Pulumi.yaml, line 3: not valid YAML: "),
        ("a: 1\na: 2", "Pulumi.yaml, line 2: not valid YAML: the key 'a' is written twice"),
        ("- a", "Pulumi.yaml must hold a mapping such as `name: ...`, not a list"),
        ("{[1]: a}", "Pulumi.yaml, line 1: not valid YAML: a key must be a plain value"),
        ("a: !!python/object/apply:os.getcwd []", "Pulumi.yaml, line 1: not valid YAML: could not"),
    ],
)
def test_what_is_no_mapping_is_refused_in_one_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(Unusable) as refused:
        read(tmp_path, text)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.yaml"
    file.write_bytes(b"name: \xff\xfe")
    with pytest.raises(Unusable, match="byte 6 is not a character"):
        read_mapping(file, "Pulumi.yaml")
