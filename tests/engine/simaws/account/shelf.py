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

#: Requests under this path are for the shelf: `/simaws-shelf/ACCOUNT/REGION/KIND[/ID]`.
PREFIX = "/simaws-shelf/"

_Key = tuple[str, str, str]
_documents: dict[_Key, dict[str, Any]] = {}


def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """GET lists a kind or gives one document, PUT puts one, DELETE takes one away."""
    account, region, kind, *rest = environ["PATH_INFO"].removeprefix(PREFIX).split("/", 3)
    documents = _documents.setdefault((account, region, kind), {})
    identifier = rest[0] if rest else ""
    method = environ["REQUEST_METHOD"]
    status, answer = "200 OK", None
    if method == "PUT":
        length = int(environ.get("CONTENT_LENGTH") or 0)
        documents[identifier] = json.loads(environ["wsgi.input"].read(length))
    elif identifier and identifier not in documents:
        status = "404 Not Found"
    elif method == "DELETE":
        del documents[identifier]
    else:
        answer = documents[identifier] if identifier else documents
    body = json.dumps(answer).encode()
    start_response(
        status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]


def everything(account: str) -> dict[_Key, dict[str, Any]]:
    """What the shelf holds for an account, in this process."""
    return {key: docs for key, docs in _documents.items() if key[0] == account and docs}
