"""What the engine starts as the aws plugin: stands for a provider that was forked elsewhere.

Run without site-packages, so that it starts in a few milliseconds; `prefork.py` is the other end.
"""

import json
import os
import socket
import sys

connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(sys.argv[1])
settings = {
    "environment": {**os.environ, "SIMAWS_ENGINE": str(os.getppid())},
    # pathlib would double the start.
    "folder": os.getcwd(),  # noqa: PTH109
}
socket.send_fds(connection, [json.dumps(settings).encode()], [1, 2])
# Nothing is ever sent back: the connection ends when the provider does.
connection.recv(1)
sys.exit(1)
