"""The account that the provider works on: boto3 clients of one region, all on loopback."""

from __future__ import annotations

import ipaddress
import os
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}
_lock = threading.Lock()
_clients: dict[tuple[str, str], Any] = {}
_accounts: dict[str, str] = {}


class NotOnLoopbackError(RuntimeError):
    """The endpoint is missing, or it is not this machine."""


def endpoint() -> str:
    """The address of the simulated account, from `AWS_ENDPOINT_URL`.

    Raises:
        NotOnLoopbackError: it is not set, or it names another machine than 127.0.0.1.
    """
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    host = urlsplit(url).hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NotOnLoopbackError(
            f"AWS_ENDPOINT_URL is {url!r}; the simulated provider only calls 127.0.0.1"
        )
    return url


class Cloud:
    """One region of the account, as one provider instance is configured to see it."""

    def __init__(self, region: str, default_tags: Mapping[str, str] | None = None) -> None:
        self.region = region
        self.default_tags = dict(default_tags or {})

    def in_region(self, region: str | None) -> Cloud:
        """The same account in another region; `None` means this one."""
        if region in (None, self.region):
            return self
        return Cloud(str(region), self.default_tags)

    def client(self, service: str) -> Any:
        """The boto3 client of a service; clients are made once and shared between threads."""
        key = (service, self.region)
        with _lock:
            if key not in _clients:
                _clients[key] = boto3.client(  # type: ignore[call-overload]
                    service,
                    region_name=self.region,
                    endpoint_url=endpoint(),
                    config=Config(
                        retries={"total_max_attempts": 1},
                        max_pool_connections=32,
                        s3={"addressing_style": "path"},
                    ),
                )
            return _clients[key]

    @property
    def account_id(self) -> str:
        """The account's twelve digits, asked once a process."""
        if "id" not in _accounts:
            _accounts["id"] = self.client("sts").get_caller_identity()["Account"]
        return _accounts["id"]

    @property
    def partition(self) -> str:
        """The partition of the region: `aws`, `aws-cn` or `aws-us-gov`."""
        prefixes = (p for prefix, p in _PARTITIONS.items() if self.region.startswith(prefix))
        return next(prefixes, "aws")

    @property
    def dns_suffix(self) -> str:
        """What AWS host names of the partition end in."""
        return _SUFFIXES.get(self.partition, "amazonaws.com")

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        """The ARN of a resource of this account."""
        where = self.region if region else ""
        return f"arn:{self.partition}:{service}:{where}:{self.account_id}:{resource}"
