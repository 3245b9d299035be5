"""A program that fails: one sentence that says why and where, and nothing counts as passed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import pytest

from lane import embedded
from lane.errors import Unusable
from lane.program import load_project
from tests.lane.running import program

SENTENCES = {
    "run-error": "zones must name at least two availability zones; not 1",
    "exception": (
        "the program failed at __main__.py, line 17: ValueError: 10.0.0.0/33 is no network"
    ),
    "in-apply": (
        "the program failed at __main__.py, line 19: "
        "AttributeError: 'str' object has no attribute 'missing'"
    ),
    "exit": "the program ended itself with 'no more'",
    "log-error": "the program reported an error: the zones are wrong",
    "duplicate": (
        "two resources of the type aws:ec2/vpc:Vpc are named 'main': give each a name of its own"
    ),
    "missing-module": (
        "the program needs the Python module 'no_such_module_anywhere', which is not installed "
        "here: install the program's requirements.txt beside `lane`"
    ),
    "missing-config": (
        "the program needs the configuration value fails:zones: "
        "set it for the stack 'missing-config'"
    ),
}


@pytest.mark.parametrize("how", SENTENCES)
def test_a_failing_program_is_one_sentence(how: str) -> None:
    with pytest.raises(Unusable) as failed:
        embedded.run(load_project(program("fails"), how))
    assert str(failed.value) == SENTENCES[how]


def test_an_input_of_a_wrong_type_is_named() -> None:
    with pytest.raises(Unusable, match="unexpected input of type object for vpc_id in Subnet"):
        embedded.run(load_project(program("fails"), "wrong-type"))


def test_a_program_may_end_itself_in_peace() -> None:
    run = embedded.run(load_project(program("fails"), "exit-0"))
    assert [resource.name for resource in run.resources] == ["main"]


@pytest.mark.parametrize("how", ["exit-0", "exception", "in-apply"])
def test_however_a_program_ends_it_leaves_the_process_as_it_was(how: str) -> None:
    before = Path.cwd(), list(sys.path), list(sys.argv), dict(os.environ)
    with contextlib.suppress(Unusable):
        embedded.run(load_project(program("fails"), how))
    assert (Path.cwd(), list(sys.path), list(sys.argv), dict(os.environ)) == before
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()
