"""The command line: starts early what takes long, and turns every error into one sentence."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
import traceback

from lane.errors import Unusable
from lane.pack_process import end_spare, start_ahead

__all__ = ["main"]


def main() -> None:
    """Run `lane`; leaves with 0, 1 (something mandatory is violated) or 2 (unusable input)."""
    gc.disable()  # until all is imported: what is imported stays
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its log of our own closing is no news
    if sys.argv[1:2] == ["preview"]:
        start_ahead()
    try:
        status = _status()
    finally:
        end_spare()
    _leave(status)


def _status() -> int:
    from lane.app import app  # noqa: PLC0415 -- typer, while the pack's process starts

    try:
        if sys.stdout is None:
            raise Unusable("standard output is closed")  # noqa: TRY301 -- told as all else is
        return int(app(standalone_mode=False) or 0)
    except Unusable as error:
        _tell(error, str(error), error.details)
    except BrokenPipeError:
        pass  # who reads the result has seen enough
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 -- no trace for users but by --debug
        told = getattr(error, "format_message", None)
        if told is not None:  # the command line itself is wrong, or empty: then there was help
            if told():
                _tell(error, told().replace("Value error, ", "", 1), "")  # pydantic's own words
        else:
            _tell(error, f"lane failed with {type(error).__name__}: {error}", "")
    return 2


def _tell(error: Exception, sentence: str, details: str) -> None:
    from lane.options import debugging  # noqa: PLC0415 -- it needs typer

    if debugging():
        traceback.print_exception(error)
        if details:
            print(details.rstrip(), file=sys.stderr)
    print(f"lane: {sentence}", file=sys.stderr)


def _leave(status: int) -> None:
    """Leave without taking the interpreter apart, which takes as long as importing Pulumi.

    What a program registered to run at the end still runs, and its threads are waited for.
    """
    others = [thread for thread in threading.enumerate() if not thread.daemon]
    if others != [threading.main_thread()]:
        sys.exit(status)
    atexit._run_exitfuncs()  # noqa: SLF001 -- what the interpreter itself calls at the end
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(status)
