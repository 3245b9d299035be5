"""The extra `privatelane[kubernetes]`: there for those who ask, and no burden for the rest."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import privatelane.kubernetes

FOLDER = Path(privatelane.kubernetes.__file__ or "").parent


def python(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_the_package_and_its_plugin_import_without_the_kubernetes_sdk() -> None:
    loaded = python(
        "import sys; sys.modules['pulumi_kubernetes'] = None\n"
        "import privatelane, privatelane._plugin\n"
        "print([one for one in sys.modules if one.startswith('privatelane.kubernetes')])"
    )
    assert loaded == "[]"


def test_the_extra_is_named_where_the_sdk_is_missing() -> None:
    sentence = python(
        "import sys; sys.modules['pulumi_kubernetes'] = None\n"
        "try:\n    import privatelane.kubernetes\nexcept ImportError as error:\n    print(error)"
    )
    assert sentence == (
        "privatelane.kubernetes needs pulumi-kubernetes: pip install 'privatelane[kubernetes]'"
    )


PURE = [path for path in sorted(FOLDER.glob("_*.py")) if path.name != "__init__.py"]


def test_there_are_pure_modules_to_hold_to_the_law() -> None:
    assert {"_storage.py", "_nodes.py", "_sample.py"} <= {path.name for path in PURE}


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.name)
def test_objects_are_made_without_pulumi(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top, _, rest = name.partition(".")
            assert top in sys.stdlib_module_names | {"privatelane"}
            if top == "privatelane":
                assert rest.removeprefix("kubernetes.").startswith("_")
