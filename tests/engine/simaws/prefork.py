"""Provider processes that start at once: forked from one that has imported everything already.

The engine starts a provider for every command, and a test session has hundreds of commands. So one
process imports boto3 and gRPC once and waits on a Unix socket. What the engine starts as its plugin
is `stub.py`, which hands over its output, environment and folder and then stands for the provider:
when the engine ends it, the forked provider goes too, and when the provider dies, so does it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import boto3

from tests.engine.simaws.__main__ import main

#: The services whose models are read ahead; the others are read when they are first used.
_SERVICES = ("ec2", "ecs", "elbv2", "iam", "logs", "sts")
_MESSAGE = 1 << 20


def serve(path: Path) -> None:
    """Fork a provider for each connection, until standard input closes."""
    boto3.setup_default_session()
    session = boto3.DEFAULT_SESSION
    assert session is not None
    for name in _SERVICES:
        session._session.get_service_model(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(64)
    threading.Thread(target=_end_with_input, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _become(connection)
        connection.close()


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def _become(connection: socket.socket) -> None:
    """Be the provider whose stub is at the other end."""
    message, descriptors, _, _ = socket.recv_fds(connection, _MESSAGE, 2)
    settings = json.loads(message)
    os.dup2(descriptors[0], 1)
    os.dup2(descriptors[1], 2)
    os.environ.clear()
    os.environ.update(settings["environment"])
    os.chdir(settings["folder"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def watch() -> None:
        connection.recv(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    try:
        main()
    finally:
        os._exit(1)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
