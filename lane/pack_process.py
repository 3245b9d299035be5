"""The process of a policy pack: light to start, so that it loads while the program does."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lane.errors import Unusable
from lane.program import project_file
from lane.yaml_file import read_mapping

if TYPE_CHECKING:
    from types import TracebackType

    from lane.program import Project

__all__ = ["PackProcess"]

#: How long a pack may take to start, in seconds.
_START_TIMEOUT = 120
#: How long it may take to end when asked to, in seconds.
_END_TIMEOUT = 5


class PackProcess:
    """A policy pack starting, or up: a context manager that ends it.

    Raises `Unusable` for a folder that is no Python policy pack.
    """

    def __init__(self, directory: Path, project: Project) -> None:
        file = project_file(directory, "PulumiPolicy")
        if file is None:
            raise Unusable(f"--policy-pack {directory}: there is no PulumiPolicy.yaml")
        interpreter, entry = _python_of(file)
        self.directory = directory
        # A file, not a pipe: nobody has to empty it while the pack runs.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by close()
        self._process = subprocess.Popen(  # noqa: S603 -- the pack that the user names
            [interpreter, "-u", str(Path(__file__).with_name("_pack_main.py")), entry],
            cwd=directory,
            env=_environment(project),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )

    def __enter__(self) -> PackProcess:  # noqa: PYI034 -- Self is not in Python 3.10
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def port(self) -> int:
        """Wait for the port on which the pack answers; it prints that first.

        Raises `Unusable` when the pack ends, prints something else, or takes too long.
        """
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(_START_TIMEOUT):
                raise Unusable(
                    f"the policy pack {self.directory} did not start in {_START_TIMEOUT} seconds",
                    self.printed,
                )
        line = self._process.stdout.readline().decode(errors="replace").strip()
        if line.isdecimal():
            return int(line)
        if line:
            raise Unusable(
                f"the policy pack {self.directory} must print nothing before its port, "
                f"but it printed '{line[:80]}'",
                self.printed,
            )
        self._process.wait(_END_TIMEOUT)
        raise Unusable(
            f"the policy pack {self.directory} did not start{self.last_words}", self.printed
        )

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    @property
    def printed(self) -> str:
        """What the pack printed on standard error so far."""
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")

    @property
    def last_words(self) -> str:
        """The last line that the pack printed, behind a colon, if there is one."""
        lines = self.printed.strip().splitlines()
        return f": {lines[-1].strip()}" if lines else ""

    def close(self) -> None:
        """End the process."""
        if not self.ended:
            self._process.terminate()
            try:
                self._process.wait(_END_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._stderr.close()


def _python_of(file: Path) -> tuple[str, str]:
    """The interpreter and the entry of a pack: its own virtual environment's, else this one."""
    settings = read_mapping(file, str(file))
    runtime = settings.get("runtime")
    options: Any = {}
    if isinstance(runtime, dict):
        options = runtime.get("options") or {}
        runtime = runtime.get("name")
    if runtime != "python":
        raise Unusable(f"{file} has the runtime '{runtime}'; `lane` starts Python policy packs")
    interpreter = sys.executable
    environment = options.get("virtualenv") if isinstance(options, dict) else None
    if environment:
        folder = "Scripts" if os.name == "nt" else "bin"
        own = file.parent / str(environment) / folder / "python"
        interpreter = str(own) if own.exists() else interpreter
    return interpreter, str(settings.get("main") or ".")


def _environment(project: Project) -> dict[str, str]:
    """What the engine tells a pack of the stack through the environment."""
    return {
        **os.environ,
        "PULUMI_CONFIG": json.dumps(dict(project.config.readable)),
        "PULUMI_DRY_RUN": "true",
        "PULUMI_ORGANIZATION": "organization",
        "PULUMI_PROJECT": project.name,
        "PULUMI_STACK": project.stack,
    }
