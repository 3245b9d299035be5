"""Programs and packs for the tests of `lane`, and how they are run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lane import embedded
from lane.program import load_project

if TYPE_CHECKING:
    from lane.embedded import Run

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Finished:
    """How a run of the command line ended."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON object on standard output, which must hold nothing else."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def last_words(self) -> str:
        """The last line on standard error."""
        return self.err.strip().splitlines()[-1]


def run_lane(
    *args: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None, **environment: str
) -> Finished:
    """Run `lane` in a process of its own; `env` and `environment` add to this one's environment."""
    done = subprocess.run(
        [sys.executable, "-m", "lane", *args],
        cwd=cwd,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'policies'}",
            **(env or {}),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def program(name: str) -> Path:
    """The folder of a program for tests."""
    return HERE / "programs" / name


def pack(name: str) -> Path:
    """The folder of a policy pack for tests."""
    return HERE / "packs" / name


@cache
def preview(name: str, *args: str) -> Finished:
    """`lane preview --format json` of a program, asked of the tiny pack."""
    given = ("--program", str(program(name)), "--policy-pack", str(pack("tiny")))
    return run_lane("preview", "--format", "json", *given, *args)


@cache
def run_of(name: str) -> Run:
    """What a program registers, run in this process."""
    return embedded.run(load_project(program(name), "dev"))
