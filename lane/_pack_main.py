"""A policy pack's process: starts the pack as Pulumi's language host does, and ends with `lane`.

Run by path, never imported: a pack must find its own modules first and none of `lane`'s. It loads
what every pack needs and then waits to be told, on standard input, which pack to be.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import runpy
import sys
import threading
from pathlib import Path


def _load_libraries() -> None:
    """Import the policy SDK, without the parts of Pulumi that no pack needs."""
    file = Path(__file__).with_name("lazy_sdk.py")
    spec = importlib.util.spec_from_file_location("_lane_lazy_sdk", file)
    assert spec is not None
    assert spec.loader is not None
    lazy_sdk = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = lazy_sdk
    spec.loader.exec_module(lazy_sdk)
    lazy_sdk.install()
    with contextlib.suppress(ImportError):  # the pack will say that it is missing
        import pulumi_policy  # noqa: F401, PLC0415


def _end_with_parent() -> None:
    """The parent holds the other end of standard input; it closes when the parent is gone."""
    while os.read(0, 1024):  # not sys.stdin, whose lock this would hold when the pack ends
        pass
    os._exit(0)


if __name__ == "__main__":
    gc.disable()  # what is imported stays
    del sys.path[0]  # this file's folder
    _load_libraries()
    gc.freeze()
    gc.enable()
    order = sys.stdin.buffer.readline()
    if not order:
        os._exit(0)
    pack = json.loads(order)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(pack["environment"])
    os.chdir(pack["directory"])
    sys.argv = [pack["entry"]]
    runpy.run_path(pack["entry"], run_name="__main__")
