"""Faults on demand: the provider dies, is throttled or times out at the k-th operation.

A control file (`SIMAWS_FAULTS`) holds one JSON object:

    {"operation": "create" | "update" | "delete", "at": 3, "mode": …, "type": "aws:ec2/…"}

`at` counts the operations of that kind (of that `type`, if given) that reach this provider
process, from 1; previews do not count. The modes:

- `throttle`: AWS refuses the call, nothing happened;
- `die`: the process ends before the call to AWS;
- `timeout`: AWS did it, but the provider gave up waiting: a create is reported as failed with its
  id and state, an update or a delete as failed;
- `die-after`: the process ends after the call, before the engine has heard of it;
- `kill-engine`: likewise, but it is the engine that ends.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

#: Names the control file.
FAULTS = "SIMAWS_FAULTS"
#: Names the engine's process, where that is not the provider's parent.
ENGINE = "SIMAWS_ENGINE"
#: The exit status of a provider that was told to die.
DEATH = 13


class ThrottledError(Exception):
    """What remains of AWS's throttling after the SDK's own retries."""


class TimedOutError(Exception):
    """The provider gave up waiting for a state that AWS reaches later."""


@dataclass(frozen=True)
class Fault:
    """One fault, as the control file describes it."""

    operation: str
    at: int
    mode: str
    type: str = ""


class Faults:
    """Counts operations and strikes at the one that the control file names."""

    def __init__(self) -> None:
        self._fault = _read()
        self._count = 0
        self._lock = threading.Lock()

    def due(self, operation: str, token: str) -> Fault | None:
        """The fault that strikes this operation, if it is its turn."""
        fault = self._fault
        if fault is None or operation != fault.operation or fault.type not in ("", token):
            return None
        with self._lock:
            self._count += 1
            return fault if self._count == fault.at else None


def before(fault: Fault | None, what: str) -> None:
    """Strike before AWS is called."""
    if fault is None:
        return
    if fault.mode == "die":
        os._exit(DEATH)
    if fault.mode == "throttle":
        raise ThrottledError(
            f"{what}: exceeded maximum number of attempts, 25, api error "
            "RequestLimitExceeded: Request limit exceeded."
        )


def after(fault: Fault | None, what: str) -> None:
    """Strike after AWS did what was asked."""
    if fault is None:
        return
    if fault.mode == "kill-engine":
        os.kill(int(os.environ.get(ENGINE, os.getppid())), signal.SIGKILL)
    if fault.mode in {"die-after", "kill-engine"}:
        os._exit(DEATH)
    if fault.mode == "timeout":
        raise TimedOutError(f"{what}: timeout while waiting for state to become 'available'")


def _read() -> Fault | None:
    path = os.environ.get(FAULTS)
    if not path or not Path(path).exists():
        return None
    text = Path(path).read_text()
    return Fault(**json.loads(text)) if text.strip() else None
