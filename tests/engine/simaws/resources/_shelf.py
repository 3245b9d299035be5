"""Resources that moto has no call for: documents on the account's shelf (see the README)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import urllib3

from tests.engine.simaws.cloud import endpoint
from tests.engine.simaws.resources._handler import Handler

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

_http = urllib3.PoolManager()


class AlreadyThereError(RuntimeError):
    """AWS refuses a second resource with the same name."""


class ShelfHandler(Handler):
    """A resource whose inputs are all there is to it, and what AWS would add."""

    #: The folder on the shelf.
    kind: ClassVar[str]
    service = "sts"

    def name_of(self, inputs: Props) -> str:
        """The id: what AWS makes the resource unique by."""
        raise NotImplementedError

    def outputs(self, id_: str, inputs: Props) -> Props:
        """What AWS adds to the inputs."""
        return {}

    def create(self, inputs: Props) -> str:
        id_ = self.name_of(inputs)
        if self._get(id_) is not None:
            raise AlreadyThereError(f"{self.kind} {id_} already exists")
        self._put(id_, inputs)
        return id_

    def read(self, id_: str, known: Props) -> Props | None:
        document = self._get(id_)
        if document is None:
            return None
        actual = {**document, **self.outputs(id_, document)}
        for key in known:
            actual.setdefault(key, None if key == "tags" else known[key])
        return actual

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._put(id_, news)

    def delete(self, id_: str, state: Props) -> None:
        self._call("DELETE", id_)

    def _put(self, id_: str, inputs: Props) -> None:
        self._call("PUT", id_, {k: v for k, v in inputs.items() if v is not None})

    def _get(self, id_: str) -> Props | None:
        answer = self._call("GET", id_)
        return None if answer.status == 404 else answer.json()

    def _call(self, method: str, id_: str, document: Props | None = None) -> Any:
        # Path segments: the id may hold slashes, which the account reads as part of it.
        where = f"{self.cloud.account_id}/{self.cloud.region}/{self.kind}/{quote(id_)}"
        return _http.request(method, f"{endpoint()}/simaws-shelf/{where}", json=document)


def stable_hex(text: str, length: int) -> str:
    """Hexadecimal digits that are the same whenever the text is."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]
