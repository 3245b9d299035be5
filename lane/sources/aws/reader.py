"""What every reader of AWS has in common: clients that retry, pages, and errors in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from lane.errors import Unusable
from lane.sources.calls import CALL_OF

if TYPE_CHECKING:
    import boto3

    from lane.sources.describe.answers import Record

__all__ = [
    "CONFIG",
    "REFUSED",
    "Client",
    "Reader",
    "code",
    "pages",
    "raise_if_hopeless",
    "refusal",
    "said",
]

#: A client of boto3, whose methods are made from AWS's service models when it is made.
Client: TypeAlias = Any

#: Retries with backoff, and a rate that falls when AWS throttles.
CONFIG = Config(
    retries={"mode": "adaptive", "total_max_attempts": 8},
    connect_timeout=10,
    read_timeout=60,
    max_pool_connections=16,
)
#: For calls that not every region and partition has.
_CONFIG_OF_NEWER = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
#: How AWS says that a region does not have a call.
_NOT_OFFERED = frozenset({"InvalidAction", "UnknownOperationException", "UnsupportedOperation"})
_NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    NoAuthTokenError,
    SSOError,
    TokenRetrievalError,
)
#: What a call can fail with. An answer that is not AWS's cannot be parsed.
REFUSED = (ClientError, BotoCoreError, ResponseParserError, NotImplementedError)


def raise_if_hopeless(error: Exception) -> None:
    """Raise `Unusable` for what no other call will do better."""
    if isinstance(error, _NO_CREDENTIALS):
        raise Unusable(
            "there are no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID and "
            f"AWS_SECRET_ACCESS_KEY, or log in ({said(error)})"
        ) from error
    if code(error) in _EXPIRED:
        raise Unusable("the AWS credentials are expired: log in again") from error


def code(error: Exception) -> str:
    """The code of AWS's error, or nothing."""
    return (
        str(error.response.get("Error", {}).get("Code", ""))
        if isinstance(error, ClientError)
        else ""
    )


def said(error: Exception) -> str:
    """An error in few words."""
    return code(error) or " ".join(str(error).split()).rstrip(".") or type(error).__name__


@dataclass
class Reader:
    """Reads answers of one place; `records` and `unread` fill as calls come back."""

    session: boto3.Session
    account: str | None
    region: str
    records: dict[str, list[Record]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    #: Whether to read what only a bill needs, too.
    billing: bool = False

    def client(self, service: str, *, newer: bool = False) -> Client:
        """A client in the place's region; one for a `newer` service gives up early."""
        config = _CONFIG_OF_NEWER if newer else CONFIG
        # boto3's types know every service by a literal name.
        client: Client = self.session.client(  # type: ignore[call-overload]
            service, region_name=self.region, config=config
        )
        return client

    def keep(self, key: str, read: Callable[[], Iterable[Record]], *, newer: bool = False) -> None:
        """Read the records of a key, or write down why they could not be read."""
        try:
            self.records[key] = list(read())
        except REFUSED as error:
            raise_if_hopeless(error)
            if not (newer and _is_not_offered(error)):
                self.unread[key] = refusal(error, key)


def _is_not_offered(error: Exception) -> bool:
    """Whether a region does not have a call: AWS says so, or nothing of AWS's answers there."""
    if isinstance(error, ClientError):
        return code(error) in _NOT_OFFERED or code(error).isdigit()
    return isinstance(error, (EndpointConnectionError, ResponseParserError, NotImplementedError))


def refusal(error: Exception, key: str) -> str:
    """Why the records of a key could not be read."""
    operation = getattr(error, "operation_name", "") or CALL_OF[key].operation
    return f"{CALL_OF[key].service}:{operation} was refused: {said(error)}"


def pages(client: Client, operation: str, key: str, **arguments: object) -> list[Any]:
    """All records of an operation, over all its pages."""
    if client.can_paginate(operation):
        pages = client.get_paginator(operation).paginate(**arguments)
        return [one for page in pages for one in page.get(key, ())]
    call = getattr(client, operation)
    found: list[Any] = []
    token: dict[str, str] = {}
    while True:
        page = call(**arguments, **token)
        found.extend(page.get(key, ()))
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}
