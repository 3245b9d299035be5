"""Where a container image is pulled from, as its reference says.

A reference without a host means Docker Hub. A private ECR registry is known by its host alone, in
any partition, with or without FIPS or dual-stack (aws-facts §2.3); no other registry has an
endpoint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

__all__ = ["Image", "Registry", "parse_image"]

_ECR = re.compile(
    r"(?P<account>\d{12}|\*)\.dkr\.ecr(?P<fips>-fips)?\.(?P<region>[a-z0-9-]+|\*)\."
    r"(?P<suffix>amazonaws\.(?:com(?:\.cn)?|eu)|[a-z0-9.-]+\.(?:gov|uk))"
)
_ECR_DUAL_STACK = re.compile(
    r"(?P<account>\d{12}|\*)\.dkr-ecr(?P<fips>-fips)?\.(?P<region>[a-z0-9-]+)\."
    r"on\.(?:aws|amazonwebservices\.com\.cn)"
)
_DOCKER_HUB = "docker.io"


class Registry(Enum):
    """Kinds of registry that differ in how they are reached."""

    ECR = "private-ecr"
    ECR_PUBLIC = "ecr-public"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Image:
    """An image reference taken apart.

    `region` is that of a private ECR registry, `None` while unknown. `repository` has neither host
    nor tag.
    """

    registry: Registry
    host: str
    repository: str
    account: str | None = None
    region: str | None = None
    fips: bool = False
    dual_stack: bool = False


def parse_image(reference: str) -> Image:
    """The registry and the repository of an image reference."""
    first, slash, rest = reference.partition("/")
    has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first.lower(), rest) if has_host else (_DOCKER_HUB, reference)
    repository = re.sub(r"(?:@[^/]*|:[^/:]*)+$", "", path)
    for pattern, dual_stack in ((_ECR, False), (_ECR_DUAL_STACK, True)):
        found = pattern.fullmatch(host)
        if found is not None:
            return Image(
                Registry.ECR,
                host,
                repository,
                _known(found["account"]),
                _known(found["region"]),
                fips=found["fips"] is not None,
                dual_stack=dual_stack,
            )
    public = host in ("public.ecr.aws", "ecr-public.aws.com")
    return Image(Registry.ECR_PUBLIC if public else Registry.OTHER, host, repository)


def _known(text: str) -> str | None:
    return None if text == "*" else text
