"""The provider's executable: prints its port and serves until the engine ends it."""

from __future__ import annotations

import sys
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from tests.engine.simaws.servicer import AwsServicer

#: The engine sends and takes messages of up to 400 MiB.
_MESSAGE = 400 * 1024 * 1024


def main() -> None:
    """Serve one provider instance on a free port of this machine."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=16),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE),
            ("grpc.max_send_message_length", _MESSAGE),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
