"""A reader that leaves, and streams that are not there: never the status of a verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.networks import Net


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    """An export whose verdict would be status 1."""
    file = tmp_path / "export.json"
    file.write_text(json.dumps(Net().program.export()))
    return file


def test_a_reader_that_has_seen_enough_gets_status_2_and_no_words(leaking: Path) -> None:
    command = [sys.executable, "-m", "lane", "prove", str(leaking)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        told = running.stderr.read()

    assert (running.returncode, told) == (2, b"")


@pytest.mark.parametrize(
    ("closing", "file", "sentence"),
    [
        ("<&-", "-", "lane: standard input is closed\n"),
        (">&-", "", "lane: standard output is closed\n"),
    ],
)
def test_a_closed_stream_is_one_sentence(
    closing: str, file: str, sentence: str, leaking: Path
) -> None:
    script = f'exec "$0" -m lane prove "$1" {closing}'
    done = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, file or str(leaking)],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (2, sentence)
