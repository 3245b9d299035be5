"""Container image references: which registry holds an image, and how a task could reach it.

The grammar is the one of the `distribution` project (reference.go), which Docker, containerd and
Fargate follow: ``[host[:port]/]path[:tag][@digest]``, where the first part is a host only if it
has a dot or a colon, or is ``localhost``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from privatelane._invalid import InvalidInput

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_REFERENCE = re.compile(
    rf"(?:(?P<host>(?:{_LABEL}(?:\.{_LABEL})+(?::\d+)?|{_LABEL}:\d+|localhost))/)?"
    rf"(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
#: The longest repository name that a registry takes, its host included.
_LONGEST_NAME = 255

# The registry's host has two forms, and FIPS variants of both: <account>.dkr.ecr.<region>.<suffix>
# and, for IPv4 and IPv6, <account>.dkr-ecr.<region>.<dual-stack suffix>. Suffixes are those of the
# partitions that botocore 1.44 knows.
_ECR_HOST = re.compile(
    r"(?P<account>\d{12})\.dkr(?P<join>[.-])ecr(?P<fips>-fips)?"
    r"\.(?P<region>[a-z]{2,}(?:-[a-z]+)+-\d+)\.(?P<suffix>[a-z0-9.-]+)",
    re.ASCII,
)
_SUFFIXES = {
    ".": {
        "amazonaws.com",
        "amazonaws.com.cn",
        "amazonaws.eu",
        "c2s.ic.gov",
        "cloud.adc-e.uk",
        "csp.hci.ic.gov",
        "sc2s.sgov.gov",
    },
    "-": {"on.amazonwebservices.com.cn", "on.amazonwebservices.eu", "on.aws"},
}

#: The two ways Docker Hub is also written.
_DOCKER_HUB = {"index.docker.io", "registry-1.docker.io"}


#: What pulling an image from ECR asks of its repository, beside the login to the registry.
PULL_ACTIONS = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)


class Upstream(NamedTuple):
    """A registry that ECR can read through a pull-through cache rule."""

    url: str
    """What the rule names as `upstream_registry_url`."""
    prefix: str
    """The repository prefix that AWS's console proposes."""
    credentials: bool
    """Whether the rule needs a secret with credentials for the registry."""


#: Registries that a pull-through cache rule can read, by the host that image references name.
#: Source: Amazon ECR user guide, "Sync an upstream registry", as read in October 2026. Azure's
#: registries, which have a host each, and other ECR registries come on top: see `upstream_of`.
UPSTREAMS = {
    "cgr.dev": Upstream("cgr.dev", "chainguard", credentials=True),
    "docker.io": Upstream("registry-1.docker.io", "docker-hub", credentials=True),
    "ghcr.io": Upstream("ghcr.io", "github", credentials=True),
    "public.ecr.aws": Upstream("public.ecr.aws", "ecr-public", credentials=False),
    "quay.io": Upstream("quay.io", "quay", credentials=False),
    "registry.gitlab.com": Upstream("registry.gitlab.com", "gitlab", credentials=True),
    "registry.k8s.io": Upstream("registry.k8s.io", "kubernetes", credentials=False),
}


@dataclass(frozen=True, slots=True)
class EcrRegistry:
    """A private registry of Amazon ECR: one account's, in one region."""

    account: str
    region: str
    fips: bool = False
    """Reached by the FIPS names, which the endpoints ``ecr-fips.*`` answer, not ``ecr.*``."""
    dual_stack: bool = False

    @property
    def services(self) -> frozenset[str]:
        """The services a pull from here needs: token, manifest, and the layers, which lie in S3."""
        return frozenset({"ecr.api", "ecr-fips.dkr" if self.fips else "ecr.dkr", "s3"})


@dataclass(frozen=True, slots=True)
class Image:
    """A container image, where its registry and repository are known."""

    text: str
    """The reference as it was written."""
    registry: str
    """The host, `docker.io` when none was written."""
    repository: str
    """The path inside the registry, with Docker Hub's silent `library/`."""
    tag: str | None
    """`latest` when neither tag nor digest was written."""
    digest: str | None
    ecr: EcrRegistry | None
    """The ECR private registry that holds it, or None for every other registry."""

    @property
    def suffix(self) -> str:
        """The tag and digest as a reference carries them."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{tag}@{self.digest}" if self.digest else tag

    def through_cache(self, registry: str, prefix: str | None = None) -> str:
        """Return the reference of this image in an ECR registry that caches its upstream.

        `registry` is the ECR host; `prefix` the one of the cache rule, by default the one that
        AWS's console proposes for the upstream.

        Raises:
            InvalidInput: ECR has no pull-through cache for this image's registry.

        """
        upstream = upstream_of(self.registry)
        if upstream is None:
            raise InvalidInput(
                f"image is {self.text!r}, ECR cannot cache the registry {self.registry!r}"
            )
        return f"{registry}/{prefix or upstream.prefix}/{self.repository}{self.suffix}"


def parse_image(text: str, *, field: str = "image") -> Image:
    """Return what an image reference says.

    Raises:
        InvalidInput: it is no reference, so no container runtime would pull it.

    """
    match = _REFERENCE.fullmatch(text)
    if match is None or len(text.partition("@")[0]) > _LONGEST_NAME:
        raise InvalidInput(
            f"{field} is {text!r}, it must be an image reference such as"
            " '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2'"
        )
    host, path, tag, digest = match.group("host", "path", "tag", "digest")
    if digest and digest.startswith("sha256:") and len(digest) != len("sha256:") + 64:
        raise InvalidInput(f"{field} is {text!r}, a sha256 digest has 64 hexadecimal digits")
    registry = "docker.io" if host is None or host in _DOCKER_HUB else host
    if registry == "docker.io" and "/" not in path:
        path = f"library/{path}"
    return Image(
        text=text,
        registry=registry,
        repository=path,
        tag=tag or (None if digest else "latest"),
        digest=digest,
        ecr=parse_ecr_host(registry),
    )


def parse_ecr_host(host: str) -> EcrRegistry | None:
    """Return the ECR private registry that `host` names, or None when it names another one."""
    match = _ECR_HOST.fullmatch(host)
    if match is None or match["suffix"] not in _SUFFIXES[match["join"]]:
        return None
    return EcrRegistry(
        account=match["account"],
        region=match["region"],
        fips=bool(match["fips"]),
        dual_stack=match["join"] == "-",
    )


def upstream_of(registry: str) -> Upstream | None:
    """Return how ECR can cache `registry`, or None when it cannot."""
    if registry.endswith(".azurecr.io"):
        return Upstream(registry, registry.removesuffix(".azurecr.io"), credentials=True)
    if parse_ecr_host(registry):
        return Upstream(registry, "ecr", credentials=False)
    return UPSTREAMS.get(registry)


def into_ecr(image: Image) -> str:
    """Return how the image of another registry comes into ECR, as the end of a sentence."""
    if upstream_of(image.registry) is None:
        return "copy it into ECR"
    cached = image.through_cache("<account>.dkr.ecr.<region>.amazonaws.com")
    return f"read it through an ECR pull-through cache as '{cached}', or copy it into ECR"
