"""Importing an SDK piece by piece finds what importing it whole finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Sub-packages that container networks use, and some of another make.
MODULES = [
    "pulumi_aws",
    "pulumi_aws.cloudwatch",
    "pulumi_aws.config",
    "pulumi_aws.ec2",
    "pulumi_aws.ecr",
    "pulumi_aws.ecs",
    "pulumi_aws.iam",
    "pulumi_aws.lb",
    "pulumi_aws.vpc",
    "pulumi_eks",
]

PROLOGUE = """
import importlib, inspect, json, sys, typing, warnings
warnings.simplefilter("ignore")
if sys.argv[1] == "lazy":
    from lane import lazy_sdk
    lazy_sdk.install()
import pulumi
from pulumi import _types
pulumi.runtime.set_all_config({})
pulumi.runtime.settings._set_project("test")
"""

DESCRIBE = """
def described(value):
    if isinstance(value, type):
        found = {"bases": [base.__qualname__ for base in value.__bases__]}
        if _types.is_input_type(value):
            found["input"] = {k: repr(v) for k, v in _types.input_type_types(value).items()}
        elif _types.is_output_type(value):
            found["output"] = {k: repr(v) for k, v in _types.output_type_types(value).items()}
        elif issubclass(value, pulumi.Resource):
            found["resource"] = {k: repr(v) for k, v in _types.resource_types(value).items()}
        elif typing.is_typeddict(value):
            found["keys"] = sorted(value.__annotations__)
        found["token"] = getattr(value, "pulumi_type", None)
        found["members"] = [str(m) for m in value] if hasattr(value, "__members__") else None
        found["module"] = value.__module__
        return found
    if inspect.isfunction(value):
        return [value.__module__, value.__qualname__, str(inspect.signature(value))]
    if inspect.ismodule(value):
        return value.__name__
    return type(value).__name__

module = importlib.import_module(sys.argv[2])
hasattr(module, "outputs")  # the SDK's own lazy modules are empty until something is looked up
names = [name for name in dir(module) if not name.startswith("__")]
print(json.dumps({name: described(getattr(module, name)) for name in names}, sort_keys=True))
"""


def run_python(code: str, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROLOGUE + code, *args],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def contents(how: str, module: str) -> Any:
    return json.loads(run_python(DESCRIBE, how, module))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_holds_the_same_names_classes_and_types(module: str) -> None:
    lazy, whole = contents("lazy", module), contents("whole", module)
    assert lazy.keys() == whole.keys()
    assert lazy == whole


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from pulumi_aws.ec2 import *; print(Vpc.__name__, get_vpc.__name__)", "Vpc get_vpc"),
        ("import pulumi_aws as aws; print(aws.ec2.vpc.Vpc is aws.ec2.Vpc)", "True"),
        ("from pulumi_aws.ec2 import GetVpcResult, get_vpc; print(callable(get_vpc))", "True"),
        ("from pulumi_aws import ec2, ecs; print(ec2.InstanceType.T3_MICRO.value)", "t3.micro"),
        ("import pulumi_aws as aws; print(hasattr(aws.ec2, 'NoSuchThing'))", "False"),
        ("import pulumi_aws as aws; print(hasattr(aws, 'no_such_service'))", "False"),
        ("from pulumi_aws.ec2.outputs import VpcEndpointDnsEntry as E; print(E.__name__)",
         "VpcEndpointDnsEntry"),
        ("from pulumi_aws.ec2 import _inputs; print(len(_inputs.__all__) > 500)", "True"),
        ("import pulumi_aws as aws; print(aws.config.region)", "None"),
        ("from pulumi_aws.ec2 import RouteTableRouteArgs as A; print(A(cidr_block='x').cidr_block)",
         "x"),
        ("import pulumi.automation as auto; print(auto.LocalWorkspace.__name__)", "LocalWorkspace"),
        ("import pulumi; print(pulumi.dynamic.Resource.__name__)", "Resource"),
        ("from pulumi_kubernetes.core import v1; print(v1.Pod.__name__, v1.PodArgs.__name__)",
         "Pod PodArgs"),
    ],
)  # fmt: skip
def test_every_way_to_import_works_as_before(code: str, expected: str) -> None:
    assert run_python(code, "lazy").strip() == run_python(code, "whole").strip() == expected


def test_only_what_is_used_is_imported() -> None:
    code = """
import pulumi_aws as aws
aws.ec2.Vpc
loaded = {name: module for name, module in sys.modules.items() if "pulumi_aws.ec2." in name}
print(sorted(name for name, module in loaded.items() if "Vpc" in vars(module)))
print(len([name for name, module in loaded.items() if "pulumi" in vars(module)]))
"""
    assert run_python(code, "lazy").split("\n")[:2] == ["['pulumi_aws.ec2.vpc']", "1"]


def test_classes_are_built_once_even_by_several_threads() -> None:
    code = """
from concurrent.futures import ThreadPoolExecutor
import pulumi_aws as aws
names = ["InstanceEbsBlockDeviceArgs", "InstanceEbsBlockDeviceArgsDict", "RouteTableRouteArgs"] * 8
with ThreadPoolExecutor(8) as pool:
    found = list(pool.map(lambda name: (name, getattr(aws.ec2, name)), names))
print(len(found), len({id(value) for _, value in found}))
"""
    assert run_python(code, "lazy").strip() == "24 3"


def test_a_module_that_is_no_generated_sdk_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pulumi_mine.py").write_text("from json import *\nfound = dumps(1)\n")
    code = f"""
sys.path.insert(0, {str(tmp_path)!r})
import pulumi_mine
print(pulumi_mine.found, type(pulumi_mine).__name__, "dumps" in vars(pulumi_mine))
"""
    assert run_python(code, "lazy").strip() == "1 module True"


def test_a_module_that_uses_its_classes_at_once_is_run_as_usual(tmp_path: Path) -> None:
    (tmp_path / "pulumi_odd.py").write_text(
        "# *** WARNING: this file was generated by a test. ***\n"
        "class A:\n    size = 3\n\nclass B:\n    size = A.size + 1\n\nnumber = B.size\n"
    )
    code = f"""
sys.path.insert(0, {str(tmp_path)!r})
import pulumi_odd
print(pulumi_odd.number, pulumi_odd.A.size, type(pulumi_odd).__name__)
"""
    assert run_python(code, "lazy").strip() == "4 3 module"
