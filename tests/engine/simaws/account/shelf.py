"""A shelf for what moto has no place for: JSON documents by account, region, kind and id.

It lives in the account's process, not in the provider's, so that it outlives the provider as AWS
would. The README lists what is kept here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

#: Requests under this path are for the shelf: `/simaws-shelf/ACCOUNT[/REGION/KIND[/ID]]`.
PREFIX = "/simaws-shelf/"

_Key = tuple[str, str, str]
_documents: dict[_Key, dict[str, Any]] = {}


def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """GET gives an account's documents or one of them, PUT puts one, DELETE takes one away."""
    account, *where = environ["PATH_INFO"].removeprefix(PREFIX).split("/", 3)
    status = "200 OK"
    answer: object = None
    if where:
        region, kind, identifier = where
        documents = _documents.setdefault((account, region, kind), {})
        method = environ["REQUEST_METHOD"]
        if method == "PUT":
            length = int(environ.get("CONTENT_LENGTH") or 0)
            documents[identifier] = json.loads(environ["wsgi.input"].read(length))
        elif identifier not in documents:
            status = "404 Not Found"
        elif method == "DELETE":
            del documents[identifier]
        else:
            answer = documents[identifier]
    else:
        answer = _everything(account)
    body = json.dumps(answer).encode()
    start_response(
        status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]


def _everything(account: str) -> dict[str, dict[str, Any]]:
    """What the shelf holds for an account, by `region/kind`."""
    return {
        f"{region}/{kind}": documents
        for (owner, region, kind), documents in _documents.items()
        if owner == account and documents
    }
