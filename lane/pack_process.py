"""The process of a policy pack: light to start, so that it loads while the program does."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lane.errors import Unusable

if TYPE_CHECKING:
    from types import TracebackType

    from lane.program import Pack, Project

__all__ = ["PackProcess", "end_spare", "start_ahead"]

#: How long a pack may take to start, in seconds.
_START_TIMEOUT = 120
#: How long it may take to end when asked to, in seconds.
_END_TIMEOUT = 5


class PackProcess:
    """A policy pack starting, or up: a context manager that ends it."""

    def __init__(self, pack: Pack, project: Project) -> None:
        self.directory = pack.directory
        spare = _spares.pop() if _spares else None
        if spare is not None and pack.interpreter != sys.executable:
            spare.kill()
            spare = None
        self._child = spare or _Child(pack.interpreter)
        self._child.tell(
            {
                "directory": str(pack.directory),
                "entry": pack.entry,
                # What the engine tells a pack of the stack.
                "environment": {
                    "PULUMI_CONFIG": json.dumps(project.config.readable),
                    "PULUMI_DRY_RUN": "true",
                    "PULUMI_ORGANIZATION": "organization",
                    "PULUMI_PROJECT": project.name,
                    "PULUMI_STACK": project.stack,
                    # Against what our own pack reads and writes relative paths.
                    "PRIVATELANE_DIR": os.environ.get("PRIVATELANE_DIR", str(project.root)),
                },
            }
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
        line = self._child.first_line(_START_TIMEOUT)
        if line is None:
            raise Unusable(
                f"the policy pack {self.directory} did not start in {_START_TIMEOUT} seconds",
                self.printed,
            )
        if line.isdecimal():
            return int(line)
        if line:
            raise Unusable(
                f"the policy pack {self.directory} must print nothing before its port, "
                f"but it printed '{line[:80]}'",
                self.printed,
            )
        raise Unusable(
            f"the policy pack {self.directory} did not start{self.last_words}", self.printed
        )

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._child.ended

    def ends(self) -> bool:
        """Whether the process is gone or about to be; waits a moment to find out."""
        return self._child.ends(_END_TIMEOUT)

    @property
    def printed(self) -> str:
        """What the pack printed on standard error so far."""
        return self._child.printed()

    @property
    def last_words(self) -> str:
        """The last line that the pack printed, behind a colon, if there is one."""
        lines = self.printed.strip().splitlines()
        return f": {lines[-1].strip()}" if lines else ""

    def close(self) -> None:
        """End the process."""
        self._child.kill()


class _Child:
    """A process that waits to be told which pack it is."""

    def __init__(self, interpreter: str) -> None:
        # A file, not a pipe: nobody has to empty it while the pack runs.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by kill()
        self._process = subprocess.Popen(  # noqa: S603 -- Python, and a file of ours
            [interpreter, "-u", str(Path(__file__).with_name("_pack_main.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def ends(self, timeout: float) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
        return self.ended

    def tell(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it ended; port() says so
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def first_line(self, timeout: float) -> str | None:
        """The first line it prints; empty when it ends without one, `None` after `timeout`."""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(timeout):
                return None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(_END_TIMEOUT)
        return line.decode(errors="replace").strip()

    def printed(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")

    def kill(self) -> None:
        """A pack keeps nothing that it would have to put away."""
        if not self.ended:
            self._process.kill()
            self._process.wait(_END_TIMEOUT)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._stderr.close()


#: A process started before it was known for what; at most one.
_spares: list[_Child] = []


def start_ahead() -> None:
    """Start a process now that the next `PackProcess` will use, while the command line is read."""
    _spares.append(_Child(sys.executable))


def end_spare() -> None:
    """End the process that `start_ahead` started, if no pack took it."""
    while _spares:
        _spares.pop().kill()
