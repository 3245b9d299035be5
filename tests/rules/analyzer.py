"""The real pack in a process of its own, driven over gRPC as the engine drives it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc

from privatelane_rules._rule import Level

if TYPE_CHECKING:
    from tests.programs import Program

__all__ = ["Analyzer", "Diagnostic", "start"]

PACK = Path(__file__).resolve().parents[2] / "policies"
_LEVELS = {
    "advisory": proto.ADVISORY,
    "mandatory": proto.MANDATORY,
    "disabled": proto.DISABLED,
    "remediate": proto.REMEDIATE,
}


@dataclass(frozen=True)
class Diagnostic:
    """One violation as the engine receives it."""

    policy: str
    level: Level
    urn: str
    message: str


class Analyzer:
    """A client of a running pack."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.stub = analyzer_pb2_grpc.AnalyzerStub(channel)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Configure policies: the name to its settings, `enforcementLevel` among them."""
        sent: dict[str, proto.PolicyConfig] = {}
        for name, settings in config.items():
            given = dict(settings)
            level = given.pop("enforcementLevel", None)
            if level is None:
                level = self.levels()[name]
            one = proto.PolicyConfig(enforcementLevel=_LEVELS[level])
            one.properties.update(given)
            sent[name] = one
        self.stub.Configure(proto.ConfigureAnalyzerRequest(policyConfig=sent))

    def levels(self) -> dict[str, str]:
        """The level that each policy declares."""
        names = {value: name for name, value in _LEVELS.items()}
        info = self.stub.GetAnalyzerInfo(empty_pb2.Empty())
        return {one.name: names[one.enforcementLevel] for one in info.policies}

    def judge(self, program: Program, *, known: bool = False) -> list[Diagnostic]:
        """Analyze each resource, then the stack."""
        for request in program.analyze_requests(known=known):
            assert not self.stub.Analyze(request).diagnostics
        response = self.stub.AnalyzeStack(program.stack_request(known=known))
        return [
            Diagnostic(
                one.policyName,
                Level.MANDATORY if one.enforcementLevel == proto.MANDATORY else Level.ADVISORY,
                one.urn,
                one.message,
            )
            for one in response.diagnostics
        ]


@contextmanager
def start(pack: Path = PACK, env: Mapping[str, str] | None = None) -> Iterator[Analyzer]:
    """A pack that was started as the engine starts it: it prints its port, then serves."""
    process = subprocess.Popen(
        [sys.executable, "-u", "__main__.py"],
        cwd=pack,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Analyzer(channel)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
