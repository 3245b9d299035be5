"""What the settings know of the components, and that a stack imports no others than its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

import privatelane
import settings
from tests.stacks.conftest import ROOT

#: `lane preview`, and at its end the packages of the components that it has imported.
PROGRAM = """
import atexit, sys
packages = lambda: {one.split(".")[1] for one in sys.modules if one.startswith("privatelane.")}
atexit.register(lambda: print(*sorted(packages()), file=sys.stderr))
from lane.cli import main
main()
"""


@pytest.mark.parametrize(
    ("stack", "packages"),
    [
        ("dev", {"ecs", "vpc"}),
        ("prod", {"ecs", "observability", "vpc"}),
        ("eks", {"eks", "nodes", "vpc"}),
    ],
)
def test_a_stack_imports_the_components_that_its_configuration_names(
    stack: str, packages: set[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "preview", "--stack", stack],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folders = {path.parent.name for path in ROOT.glob("components/privatelane/*/__init__.py")}
    assert folders & set(done.stderr.splitlines()[-1].split()) == packages


@pytest.mark.parametrize(("args", "wired"), settings._WIRED.items())
def test_what_the_program_wires_are_arguments_of_a_component(args: str, wired: set[str]) -> None:
    assert wired <= getattr(privatelane, args).__annotations__.keys()
