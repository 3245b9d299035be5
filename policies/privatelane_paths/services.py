"""AWS services as a subnet sees them: host names, endpoint services, and the region they are in.

An endpoint service is recognised by what follows the region token of its name, because what comes
before differs by partition and even by service (`com.amazonaws`, `cn.com.amazonaws`, `eu.amazonaws`
and others).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from privatelane_paths.known import Maybe, Unknown

__all__ = [
    "ANY_LABEL",
    "Flow",
    "Service",
    "dns_suffix",
    "endpoint_service_name",
    "flow",
    "known_region",
    "parse_service_name",
    "service",
]

#: Stands in a host name for a label that nobody knows: a bucket, an account, a region.
ANY_LABEL = "*"
_REGION = re.compile(r"(?:[a-z]{2}|eusc)(?:-[a-z]+)+-\d+")
_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
#: DNS suffixes by the prefix of a region's name; the longest prefix decides.
_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "eu-isoe-": "cloud.adc-e.uk",
    "us-isof-": "csp.hci.ic.gov",
    "eusc-": "amazonaws.eu",
}
_COMMERCIAL = "amazonaws.com"


@dataclass(frozen=True, slots=True)
class Service:
    """A service that traffic is judged for.

    `endpoint` is its endpoint service, as the part after the region; `host` its name in DNS, where
    `{region}` and `{suffix}` stand for themselves and `*` for a label that differs by account or
    bucket; `zone` the domain that an interface endpoint's private DNS answers for, `None` when it
    answers for none. `gateway` and `interface` say which kinds of endpoint AWS offers.
    """

    name: str
    title: str
    endpoint: str
    host: str
    zone: str | None
    gateway: bool = False
    interface: bool = True
    dual_stack: bool = False


_S3_ZONE = "s3.{region}.{suffix}"
_KNOWN = {
    one.name: one
    for one in (
        Service("ecr.layers", "image layers in S3", "s3",
                "prod-{region}-starport-layer-bucket.s3.{region}.{suffix}", _S3_ZONE, gateway=True),
        Service("s3", "S3", "s3", "*.s3.{region}.{suffix}", _S3_ZONE, gateway=True),
        Service("s3express", "S3 Express One Zone", "s3express",
                "*.s3express.{region}.{suffix}", None, gateway=True, interface=False),
        # Its interface endpoint has no private DNS: clients must be given the endpoint's own name.
        Service("dynamodb", "DynamoDB", "dynamodb", "dynamodb.{region}.{suffix}", None,
                gateway=True),
        Service("ecr.dkr", "ECR's registry", "ecr.dkr", "*.dkr.ecr.{region}.{suffix}",
                "dkr.ecr.{region}.{suffix}"),
        Service("ecr.api", "ECR's API", "ecr.api", "api.ecr.{region}.{suffix}",
                "api.ecr.{region}.{suffix}"),
        Service("ecr-fips.dkr", "ECR's FIPS registry", "ecr-fips.dkr",
                "*.dkr.ecr-fips.{region}.{suffix}", "dkr.ecr-fips.{region}.{suffix}"),
        Service("ecr-fips.api", "ECR's FIPS API", "ecr-fips.api", "ecr-fips.{region}.{suffix}",
                "ecr-fips.{region}.{suffix}"),
        Service("ecs-agent", "ECS's agent service", "ecs-agent", "ecs-a.{region}.{suffix}",
                "ecs-a.{region}.{suffix}"),
        Service("ecs-telemetry", "ECS's telemetry service", "ecs-telemetry",
                "ecs-t.{region}.{suffix}", "ecs-t.{region}.{suffix}"),
        Service("eks-auth", "EKS Pod Identity", "eks-auth", "eks-auth.{region}.api.aws",
                "eks-auth.{region}.api.aws"),
        Service("execute-api", "API Gateway", "execute-api", "*.execute-api.{region}.{suffix}",
                "execute-api.{region}.{suffix}"),
    )
}  # fmt: skip


def service(name: str) -> Service:
    """The service of this name; one that is not special is an interface service like most.

    Raises ValueError when `name` cannot be the last part of an endpoint service's name.
    """
    known = _KNOWN.get(name)
    if known is not None:
        return known
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"service {name!r} must be what follows the region in an endpoint service's name, "
            "such as 'logs' or 'ecr.api'"
        )
    host = ".".join((*reversed(name.split(".")), "{region}", "{suffix}"))
    return Service(name, name, name, host, host)


def parse_service_name(name: str) -> tuple[str, str | None]:
    """The short name and the region in an endpoint service's name; a global one has no region."""
    labels = name.split(".")
    for place, label in enumerate(labels):
        if _REGION.fullmatch(label):
            return ".".join(labels[place + 1 :]), label
    return ".".join(labels[2:]), None


def endpoint_service_name(endpoint: str, region: str | None) -> str:
    """The endpoint service's name, as one would write it to create a gateway or ECR endpoint."""
    where = region or "<region>"
    special = endpoint.startswith("ecr.")
    prefix = "com.amazonaws"
    if special and where.startswith("cn-"):
        prefix = "cn.com.amazonaws"
    elif special and where.startswith("eusc-"):
        prefix = "eu.amazonaws"
    return f"{prefix}.{where}.{endpoint}"


def dns_suffix(region: str) -> str:
    """The domain of AWS's hosts in the partition of a region."""
    fits = [prefix for prefix in _SUFFIXES if region.startswith(prefix)]
    return _SUFFIXES[max(fits, key=len)] if fits else _COMMERCIAL


@dataclass(frozen=True, slots=True)
class Flow:
    """Traffic to a service of one region: the name it looks up, and what answers for it.

    `region` is `None` while unknown; then it is the region of the subnet's own VPC, whichever that
    is. `zone` is `None` when no endpoint's private DNS answers for the name.
    """

    service: Service
    region: str | None
    host: str
    zone: str | None

    @property
    def label(self) -> str:
        """What identifies the flow among all of one network."""
        return f"{self.host}@{self.region or ''}"


@cache
def flow(service_name: str, region: str | None) -> Flow:
    """The traffic to a service of a region."""
    one = service(service_name)
    words = {
        "region": ANY_LABEL if region is None else region,
        "suffix": _COMMERCIAL if region is None else dns_suffix(region),
    }
    zone = None if one.zone is None else one.zone.format(**words)
    return Flow(one, region, one.host.format(**words), zone)


def known_region(region: Maybe[str]) -> str | None:
    """The region, or `None` while it is unknown."""
    return None if isinstance(region, Unknown) else region
