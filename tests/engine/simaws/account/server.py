"""moto's WSGI application, one request at a time, with one account for each access key.

Which account a request belongs to is said by its access key: `SIM000000000042` is the account
000000000042. So every test has an account of its own on one server, and whatever speaks to AWS
(the provider, boto3 in a test, `lane verify`) chooses it by its environment alone.
"""

from __future__ import annotations

import html
import re
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from tests.engine.simaws.account import amendments, shelf

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

_ACCESS_KEY = re.compile(r"Credential=SIM(\d{12})/")


def application() -> WSGIApplication:
    """The whole account as a WSGI application."""
    amendments.apply()
    backend = DomainDispatcherApplication(_loud_backend)
    # moto's backends are plain dictionaries and lists that several calls may change at once.
    lock = threading.RLock()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        match = _ACCESS_KEY.search(environ.get("HTTP_AUTHORIZATION", ""))
        if match:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = match.group(1)
        with lock:
            if environ["PATH_INFO"].startswith(shelf.PREFIX):
                return shelf.serve(environ, start_response)
            try:
                answer: Iterable[bytes] = backend(environ, start_response)
            except Exception as error:  # noqa: BLE001 - whatever moto raises is an answer here
                traceback.print_exc(file=sys.stderr)
                sys.stderr.flush()
                return _failure(error, start_response)
            return answer

    return serve


def _loud_backend(service: str) -> Flask:
    """moto's application for a service, which lets errors through instead of a page of HTML."""
    app = create_backend_app(service)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


def _failure(error: Exception, start_response: StartResponse) -> Iterable[bytes]:
    """An error of moto's own, in the form that boto3 reads.

    A call that moto does not have is refused as AWS refuses one that a region does not have.
    """
    missing = isinstance(error, NotImplementedError)
    code, status = (
        ("InvalidAction", "400 Bad Request")
        if missing
        else ("InternalFailure", "500 Internal Server Error")
    )
    text = html.escape(f"the simulated account failed: {type(error).__name__}: {error}")
    body = (
        f"<Response><Errors><Error><Code>{code}</Code>"
        f"<Message>{text}</Message></Error></Errors></Response>"
    ).encode()
    start_response(
        status,
        [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))],
    )
    return [body]
