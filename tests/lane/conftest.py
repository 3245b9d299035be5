"""Fixtures for the tests of `lane`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pulumi.runtime import settings

from tests.lane.running import HERE, run_of

if TYPE_CHECKING:
    from lane.resources import Resource


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the AWS SDK warn of its own deprecated modules when it is imported whole."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:aws[.]:DeprecationWarning"))


@pytest.fixture(autouse=True)
def no_stack_of_an_earlier_test() -> None:
    """Forget the stack that a program of an earlier test left active: `lane` runs one a process."""
    settings.ROOT.set(None)


@pytest.fixture
def registered() -> Callable[[str, str], Resource]:
    """Look up what a program registered by `type name`, where the type is the class alone."""

    def find(program_name: str, type_and_name: str) -> Resource:
        run = run_of(program_name)
        class_, name = type_and_name.split(" ")
        (found,) = (
            resource
            for resource in (*run.resources, *run.reads)
            if resource.name == name and resource.type.rpartition(":")[2] == class_
        )
        return found

    return find


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Write a project: its files by name, a plain program and an empty stack file if not given."""

    def write(**files: str) -> Path:
        given = {
            "Pulumi.yaml": "name: test\nruntime: python\n",
            "Pulumi.dev.yaml": "config: {}\n",
            "__main__.py": "",
            **files,
        }
        for name, text in given.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write
