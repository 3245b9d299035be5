"""The stack inside a private cluster's network, and what it takes from the stack outside."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import yaml

from tests.stacks.conftest import ROOT, preview

INSIDE = ROOT / "examples/eks-inside"


def test_the_inside_of_a_cluster_is_previewed_before_anything_of_it_is_known() -> None:
    answer = preview("--program", "examples/eks-inside")

    assert (answer.status, answer.err) == (0, "")
    assert answer.report["counts"]["resources"] == 36
    assert answer.report["violations"] == []


def test_from_outside_it_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    for file in INSIDE.glob("*"):
        if file.is_file():
            shutil.copy(file, tmp_path)
    config = tmp_path / "Pulumi.dev.yaml"
    outside = config.read_text().replace("inside:inside: true", "inside:inside: false")
    assert outside != config.read_text()
    config.write_text(outside)

    answer = preview(program=tmp_path)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "api.public is False, the API of the cluster is reached from its network alone" in (
        answer.err
    )


def test_the_stack_outside_has_the_add_on_that_a_class_of_snapshots_asks() -> None:
    config = yaml.safe_load((ROOT / "Pulumi.eks.yaml").read_text())["config"]
    addons = config["privatelane:eks"]["addons"].values()

    assert "snapshot-controller" in {one["addon"] for one in addons}


def test_what_it_takes_from_the_stack_outside_is_there() -> None:
    taken = {
        str(node.args[0].value)
        for node in ast.walk(ast.parse((INSIDE / "__main__.py").read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "require_output"
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(taken) == 8
    assert taken <= _exported(ROOT / "__main__.py") | _returned(ROOT / "eks.py", "build_eks")


def _exported(program: Path) -> set[str]:
    return {
        str(node.args[0].value)
        for node in ast.walk(ast.parse(program.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "export"
        and isinstance(node.args[0], ast.Constant)
    }


def _returned(program: Path, function: str) -> set[str]:
    """The keys of the map that a function ends with."""
    (body,) = [
        node.body
        for node in ast.parse(program.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == function
    ]
    end = body[-1]
    assert isinstance(end, ast.Return)
    assert isinstance(end.value, ast.Dict)
    return {str(key.value) for key in end.value.keys if isinstance(key, ast.Constant)}
