"""Serve the account: prints its port, and ends when its standard input closes."""

from __future__ import annotations

import os
import sys
import threading

from werkzeug.serving import WSGIRequestHandler, make_server

# Read by moto when it is imported.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

from tests.engine.simaws.account.server import application


class _QuietHandler(WSGIRequestHandler):
    """Keeps connections open and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Requests are not news."""


def main() -> None:
    """Serve until the process that started this one is gone."""
    server = make_server(
        "127.0.0.1", 0, application(), threaded=True, request_handler=_QuietHandler
    )
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()
