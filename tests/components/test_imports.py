"""What the components import: of each other, and of pulumi-aws before one of them is used.

pulumi-aws loads the module of a service when it is named. An annotation that is not quoted names it
when our module is imported, and EKS alone takes a fifth of a second.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import privatelane

#: What the network and Fargate are made of.
LOADED = {"appautoscaling", "cloudwatch", "ec2", "ecs", "iam", "lb"}

#: Which package builds on which others (docs/adr/0011-a-package-for-each-service.md).
BUILDS_ON = {
    "backup": {"eks"},
    "controllers": {"eks", "nodes"},
    "ecr": set(),
    "ecs": set(),
    "eks": set(),
    "kubernetes": {"eks"},
    "nodes": set(),
    "observability": {"ecs", "vpc"},
    "vpc": set(),
}

PROGRAM = """
import sys
import privatelane
loaded = {name.split(".")[1] for name in sys.modules if name.startswith("pulumi_aws.")
          and name.count(".") == 2}
print(*sorted(loaded))
"""


def test_services_that_only_some_stacks_use_are_not_loaded_before_they_are_used() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= LOADED


def imported(folder: Path) -> Iterator[str]:
    """The packages of the components that the modules of a folder import, its own among them."""
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("privatelane."):
                yield (node.module or "").split(".")[1]


def test_a_package_builds_on_no_other_but_those_it_is_known_to() -> None:
    root = Path(privatelane.__file__).parent
    packages = {file.parent.name: file.parent for file in root.glob("*/__init__.py")}
    found = {
        name: {one for one in imported(folder) if one in packages} - {name}
        for name, folder in packages.items()
    }
    assert found == BUILDS_ON


def test_what_several_packages_use_imports_none_of_them() -> None:
    root = Path(privatelane.__file__).parent
    shared = [file for file in root.glob("*.py") if file.stem not in {"__init__", "_plugin"}]
    assert len(shared) > len(BUILDS_ON)
    modules = {
        (node.module or "").split(".")[1]
        for file in shared
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("privatelane.")
    }
    assert not modules & BUILDS_ON.keys()
