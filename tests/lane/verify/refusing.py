"""A server between `lane` and the simulated AWS that refuses calls as AWS does."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import ProxyHandler, Request, build_opener

__all__ = ["Refusals", "refusing"]

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
_XML = {
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>{text}</Message></Error></Errors>"
    "<RequestID>1</RequestID></Response>",
    "sts": "<ErrorResponse><Error><Code>{code}</Code><Message>{text}</Message></Error>"
    "</ErrorResponse>",
}


@dataclass
class Refusals:
    """The address to ask, and the error code for each action refused there (`ec2:DescribeVpcs`).

    `regions` are refused whole, and so are roles that somebody wants to assume, by ARN. `busy` says
    how many times an action is throttled before it is answered.
    """

    endpoint: str
    actions: dict[str, str] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    busy: dict[str, int] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    """Passes requests on to `upstream`, but for those it refuses."""

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.refusals = Refusals(f"http://127.0.0.1:{self.server_port}")
        # Traffic of tests stays on this machine, whatever proxy the environment names.
        self.opener = build_opener(ProxyHandler({}))


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        refusals = self.server.refusals
        match = _SCOPE.search(self.headers.get("Authorization") or "")
        region, service = (match[1], match[2]) if match else ("", "")
        action = f"{service}:{self._action(body)}"
        if refusals.busy.get(action):
            refusals.busy[action] -= 1
            self._refuse(service, "RequestLimitExceeded")
            return
        code = (
            refusals.actions.get(action)
            or refusals.regions.get(region)
            or refusals.roles.get(_query(body).get("RoleArn", [""])[0])
        )
        if code:
            self._refuse(service, code)
        else:
            self._forward(body)

    do_GET = do_POST  # noqa: N815 -- the name is the base class's

    def _action(self, body: bytes) -> str:
        target = self.headers.get("X-Amz-Target")
        if target:
            return target.rpartition(".")[2]
        return _query(body).get("Action", [""])[0]

    def _refuse(self, service: str, code: str) -> None:
        text = "You are not authorized to perform this operation."
        form = _XML.get(service)
        body = (
            form.format(code=code, text=text)
            if form
            else f'{{"__type": "{code}", "message": "{text}"}}'
        ).encode()
        self._answer(403, {"Content-Type": "text/xml" if form else "application/json"}, body)

    def _forward(self, body: bytes) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        request = Request(  # noqa: S310 -- the simulated AWS's own address
            self.server.upstream + self.path, body or None, headers, method=self.command
        )
        try:
            with self.server.opener.open(request) as answer:
                self._answer(answer.status, dict(answer.headers), answer.read())
        except HTTPError as error:
            self._answer(error.code, dict(error.headers), error.read())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _query(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode(errors="replace"))


@contextmanager
def refusing(upstream: str) -> Iterator[Refusals]:
    """Such a server, on a free port of this machine, as long as the block runs."""
    server = _Server(upstream)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.refusals
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
