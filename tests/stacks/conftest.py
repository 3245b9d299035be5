"""Copies of the reference program with a configuration of the test's own, and their previews."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("__main__.py", "eks.py", "settings.py", "watch.py", "Pulumi.yaml")


@dataclass(frozen=True)
class Preview:
    """What `lane preview` answered."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """The object on standard output."""
        return json.loads(self.out)

    def lanes(self) -> dict[tuple[str, str], str]:
        """The lane of each subnet, by name, to each service."""
        names = {one["key"]: one["name"] for one in self.report["subnets"]}
        return {(names[one["subnet"]], one["service"]): one["lane"] for one in self.report["lanes"]}

    def verdicts(self) -> set[str]:
        """The verdicts that occur."""
        return {one["verdict"] for one in self.report["lanes"]}


def preview(*arguments: str, program: Path = ROOT) -> Preview:
    """Run `lane preview` as a person does, with one JSON object as its answer."""
    done = subprocess.run(
        [sys.executable, "-m", "lane", "preview", "--format", "json", *arguments],
        cwd=program,
        capture_output=True,
        text=True,
        check=False,
    )
    return Preview(done.returncode, done.stdout, done.stderr)


def dev() -> dict[str, Any]:
    """The configuration of dev, to be changed."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]
    return deepcopy(config)


@pytest.fixture
def preview_of(tmp_path: Path) -> Callable[[dict[str, Any]], Preview]:
    """Preview the reference program with this configuration."""

    def run(config: dict[str, Any]) -> Preview:
        for file in PROGRAM:
            shutil.copy(ROOT / file, tmp_path)
        (tmp_path / "Pulumi.test.yaml").write_text(yaml.safe_dump({"config": config}))
        return preview("--stack", "test", program=tmp_path)

    return run
