# ruff: noqa: N802 -- the methods have the names of the RPCs
"""A pack for tests that writes down what it is asked, call by call, and finds nothing."""

from __future__ import annotations

import json
import os
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2


class Listener(analyzer_pb2_grpc.AnalyzerServicer):
    """Writes each request to the file that LANE_LISTEN names, one JSON object a line."""

    def __init__(self) -> None:
        self._file = Path(os.environ["LANE_LISTEN"])
        self._lock = threading.Lock()

    def _heard(self, call: str, request: Any) -> None:
        with self._lock, self._file.open("a") as file:
            file.write(json.dumps({"call": call, "request": MessageToDict(request)}) + "\n")

    def Handshake(self, request: Any, _context: Any) -> Any:
        self._heard("Handshake", request)
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def ConfigureStack(self, request: Any, _context: Any) -> Any:
        self._heard("ConfigureStack", request)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetAnalyzerInfo(self, request: Any, _context: Any) -> Any:
        self._heard("GetAnalyzerInfo", request)
        info = analyzer_pb2.AnalyzerInfo(name="listens", version="1", supportsConfig=True)
        policy = info.policies.add(
            name="listen", enforcementLevel=analyzer_pb2.MANDATORY, description="Listens."
        )
        policy.configSchema.properties.update({"loud": {"type": "boolean", "default": True}})
        return info

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="1.0.0")

    def Configure(self, request: Any, _context: Any) -> Any:
        self._heard("Configure", request)
        return Empty()

    def Analyze(self, request: Any, _context: Any) -> Any:
        self._heard("Analyze", request)
        return analyzer_pb2.AnalyzeResponse()

    def Remediate(self, request: Any, _context: Any) -> Any:
        self._heard("Remediate", request)
        return analyzer_pb2.RemediateResponse()

    def AnalyzeStack(self, request: Any, _context: Any) -> Any:
        self._heard("AnalyzeStack", request)
        return analyzer_pb2.AnalyzeResponse()


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Listener(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
sys.stdout.write(f"{port}\n")
sys.stdout.flush()
server.wait_for_termination()
