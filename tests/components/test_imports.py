"""What is imported, and when: components by their names, each other, and pulumi-aws.

`privatelane` imports a component when a program asks for it by name. pulumi-aws loads the module of
a service when it is named. An annotation that is not quoted names it when our module is imported,
and EKS alone takes a fifth of a second.
"""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import privatelane

#: Where its names are listed: for type checkers, for `import *`, and with the modules they are in.
EXPORTS = ast.parse(Path(privatelane.__file__).read_text(encoding="utf-8"))

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
import privatelane._plugin
loaded = {name.split(".")[1] for name in sys.modules if name.startswith("pulumi_aws.")
          and name.count(".") == 2}
print(*sorted(loaded))
"""

#: Imports each of what it is given as if nothing of ours had been imported before, and prints which
#: modules each has loaded.
ONE_BY_ONE = """
import importlib, json, sys
found = {}
for module, name in json.loads(sys.argv[1]):
    for loaded in [one for one in sys.modules if one.partition(".")[0] == "privatelane"]:
        del sys.modules[loaded]
    imported = importlib.import_module(module)
    if name:
        getattr(imported, name)
    found[name or module] = [one for one in sys.modules if one.startswith("privatelane.")]
print(json.dumps(found))
"""


def python(program: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def packages_of(modules: list[str]) -> set[str]:
    return {one.split(".")[1] for one in modules} & BUILDS_ON.keys()


def with_what_they_build_on(packages: set[str]) -> set[str]:
    below = {lower for package in packages for lower in BUILDS_ON[package]}
    return packages if below <= packages else with_what_they_build_on(packages | below)


def test_a_name_is_told_to_type_checkers_from_where_it_is_imported() -> None:
    (for_type_checkers,) = [
        node.body
        for node in EXPORTS.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    told = {
        alias.name: node.module
        for node in for_type_checkers
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == privatelane._MODULES


def test_every_name_is_exported() -> None:
    assert sorted(privatelane.__all__) == sorted(["__version__", *privatelane._MODULES])
    assert set(privatelane.__all__) <= set(dir(privatelane))


@pytest.mark.parametrize(("name", "module"), privatelane._MODULES.items())
def test_a_name_is_that_of_the_module_which_defines_it(name: str, module: str) -> None:
    """Where it was imported from another, a class would be found where it is not written."""
    found = getattr(privatelane, name)
    assert found is getattr(importlib.import_module(module), name)
    assert getattr(found, "__module__", module) == module


def test_a_misspelt_name_is_none() -> None:
    with pytest.raises(AttributeError, match=r"^module 'privatelane' has no attribute 'Netwrok'$"):
        getattr(privatelane, "Netwrok")  # noqa: B009 - mypy refuses the attribute


def test_type_checkers_do_not_see_that_names_are_looked_up() -> None:
    """They would take any name for one of ours, and tell nobody of a misspelt one."""
    (looked_up,) = [
        under
        for under in ast.walk(EXPORTS)
        for node in ast.iter_child_nodes(under)
        if isinstance(node, ast.FunctionDef) and node.name == "__getattr__"
    ]
    assert isinstance(looked_up, ast.If)
    assert ast.unparse(looked_up.test) == "not TYPE_CHECKING"


def test_the_package_alone_loads_nothing() -> None:
    loaded = python(
        "import sys, privatelane\n"
        "print([one for one in sys.modules if one.startswith(('privatelane.', 'pulumi'))])"
    )
    assert loaded.strip() == "[]"


def test_a_name_loads_its_own_package_and_what_that_builds_on() -> None:
    names = {name: home for name, home in privatelane._MODULES.items() if name != "COMPONENTS"}
    loaded = json.loads(python(ONE_BY_ONE, json.dumps([("privatelane", name) for name in names])))
    assert loaded.keys() == names.keys()
    for name, home in names.items():
        assert home in loaded[name]
        assert packages_of(loaded[name]) <= with_what_they_build_on(packages_of([home])), name
    assert packages_of(loaded["Network"]) == {"vpc"}


def test_any_module_can_be_the_first_that_is_imported() -> None:
    """A program's first name decides which is; a circle that one order survives, another meets."""
    root = Path(privatelane.__file__).parent
    modules = [
        ".".join(file.relative_to(root.parent).with_suffix("").parts)
        for file in sorted(root.rglob("*.py"))
        if file.stem != "__init__" and file.parent.name != "kubernetes"
    ]
    loaded = json.loads(python(ONE_BY_ONE, json.dumps([(name, "") for name in modules])))
    assert loaded.keys() == set(modules)


def test_services_that_only_some_stacks_use_are_not_loaded_before_they_are_used() -> None:
    assert set(python(PROGRAM).split()) <= LOADED


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
