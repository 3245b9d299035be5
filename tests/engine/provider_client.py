"""The provider without an engine: its process, spoken to over the protocol with plain Python."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.engine.harness import REGION, ROOT
from tests.engine.simaws.wire import Props, from_struct, to_struct

if TYPE_CHECKING:
    from google.protobuf import struct_pb2


class RefusedError(Exception):
    """The provider answered with an error."""


@dataclass(frozen=True)
class Made:
    """A created resource, with what the engine would remember of it."""

    token: str
    id: str
    inputs: Props
    state: Props


class ProviderClient:
    """One provider process, configured for a region of an account."""

    def __init__(
        self,
        endpoint: str,
        account: str,
        config: Props | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.simaws"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "AWS_ACCESS_KEY_ID": f"SIM{account}",
                "AWS_SECRET_ACCESS_KEY": "none",
                "AWS_ENDPOINT_URL": endpoint,
                **(environment or {}),
            },
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        args = to_struct({"region": REGION, **(config or {})})
        self._ask("Configure", provider_pb2.ConfigureRequest(args=args))

    def close(self) -> None:
        """End the process, as the engine does."""
        self._channel.close()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def exit_status(self) -> int:
        """The status of a process that was told to die."""
        return self._process.wait(timeout=10)

    def check(
        self, token: str, called: str = "it", olds: Props | None = None, **news: Any
    ) -> tuple[Props, dict[str, str]]:
        """The checked inputs, and the failures by property."""
        answer = self._ask(
            "Check",
            provider_pb2.CheckRequest(
                urn=_urn(token, called),
                news=to_struct(news),
                olds=to_struct(olds or {}),
                randomSeed=b"seed",
            ),
        )
        failures = {failure.property: failure.reason for failure in answer.failures}
        return from_struct(answer.inputs), failures

    def plan(self, token: str, **news: Any) -> Props:
        """The outputs of a create in a preview."""
        inputs, failures = self.check(token, **news)
        assert failures == {}
        answer = self._ask(
            "Create",
            provider_pb2.CreateRequest(
                urn=_urn(token, "it"), properties=to_struct(inputs), preview=True
            ),
        )
        return from_struct(answer.properties)

    def create(self, token: str, called: str = "it", **news: Any) -> Made:
        """Create a resource."""
        inputs, failures = self.check(token, called, **news)
        assert failures == {}
        answer = self._ask(
            "Create",
            provider_pb2.CreateRequest(urn=_urn(token, called), properties=to_struct(inputs)),
        )
        return Made(token, answer.id, inputs, from_struct(answer.properties))

    def diff(self, made: Made, **news: Any) -> provider_pb2.DiffResponse:
        """What the new inputs change."""
        inputs, failures = self.check(made.token, olds=made.inputs, **news)
        assert failures == {}
        answer: provider_pb2.DiffResponse = self._ask(
            "Diff",
            provider_pb2.DiffRequest(
                id=made.id,
                urn=_urn(made.token, "it"),
                olds=to_struct(made.state),
                old_inputs=to_struct(made.inputs),
                news=to_struct(inputs),
            ),
        )
        return answer

    def update(self, made: Made, **news: Any) -> Made:
        """Change a resource in place."""
        inputs, failures = self.check(made.token, olds=made.inputs, **news)
        assert failures == {}
        answer = self._ask(
            "Update",
            provider_pb2.UpdateRequest(
                id=made.id,
                urn=_urn(made.token, "it"),
                olds=to_struct(made.state),
                old_inputs=to_struct(made.inputs),
                news=to_struct(inputs),
            ),
        )
        return Made(made.token, made.id, inputs, from_struct(answer.properties))

    def read(self, made: Made) -> Made | None:
        """Refresh a resource; `None` if it is gone."""
        return self._read(made.token, made.id, made.state, made.inputs)

    def import_(self, token: str, identifier: str) -> Made | None:
        """Read what the engine knows nothing of but an id."""
        return self._read(token, identifier, {}, {})

    def delete(self, made: Made) -> None:
        """Delete a resource."""
        self._ask(
            "Delete",
            provider_pb2.DeleteRequest(
                id=made.id, urn=_urn(made.token, "it"), properties=to_struct(made.state)
            ),
        )

    def invoke(self, token: str, **arguments: Any) -> Props:
        """Call a function."""
        answer = self._ask(
            "Invoke", provider_pb2.InvokeRequest(tok=token, args=to_struct(arguments))
        )
        found: struct_pb2.Struct = getattr(answer, "return")
        return from_struct(found)

    def _read(self, token: str, identifier: str, state: Props, inputs: Props) -> Made | None:
        answer = self._ask(
            "Read",
            provider_pb2.ReadRequest(
                id=identifier,
                urn=_urn(token, "it"),
                properties=to_struct(state),
                inputs=to_struct(inputs),
            ),
        )
        if not answer.id:
            return None
        return Made(token, answer.id, from_struct(answer.inputs), from_struct(answer.properties))

    def _ask(self, call: str, request: object) -> Any:
        try:
            return getattr(self._stub, call)(request)
        except grpc.RpcError as error:
            raise RefusedError(error.details()) from error


def _urn(token: str, called: str) -> str:
    return f"urn:pulumi:dev::test::{token}::{called}"
