"""The workload file: what a month's traffic is, in a few lines of YAML.

traffic:                  # GB a month, both directions together
  images: {gigabytes: 1000, layers: 0.98}
  logs: 20
  s3: {gigabytes: 1.5 TB, from: [network-app-*]}
  internet: {in: 100, out: 5}
tasks: {shop-service: 6}  # how many run on average
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)

from lane.errors import Unusable
from lane.yaml_file import read_mapping
from privatelane_paths.services import service

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic_core import ErrorDetails

__all__ = [
    "Images",
    "Internet",
    "LoadBalancers",
    "Logs",
    "ServiceTraffic",
    "Traffic",
    "Workload",
    "read_workload",
]

#: Of an image pull's bytes, the part that are layers where nobody measured it.
DEFAULT_LAYERS = Decimal("0.98")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?(MB|GB|TB|PB)")
_EXAMPLE = "a number of gigabytes of at least 0, such as 250 or 1.5 TB"


def _gigabytes(value: object, info: ValidationInfo) -> Decimal:
    """An amount in GB; a TB is as many of them as the file says, and so on up and down."""
    step = Decimal((info.context or {}).get("gigabytes_per_terabyte", 1000))
    match = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is not None:
        power = ("MB", "GB", "TB", "PB").index(match[2]) - 1
        return Decimal(match[1]) * step**power
    return _number(value, _EXAMPLE)


def _number(value: object, wanted: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueError(f"it must be {wanted}")  # noqa: TRY004 -- pydantic's own protocol
    number = Decimal(str(value))
    if not number.is_finite() or number < 0:
        raise ValueError(f"it must be {wanted}")
    return number


def _count(value: object) -> Decimal:
    return _number(value, "a number of at least 0, such as 2 or 1.5")


def _share(value: object) -> Decimal:
    share = _number(value, "a share from 0 to 1, such as 0.98")
    if share > 1:
        raise ValueError("it must be a share from 0 to 1, such as 0.98")
    return share


def _patterns(value: object) -> object:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError("it must be a list of subnet names or patterns, such as [app-*]")
    return value


def _as_gigabytes(value: object) -> object:
    """`20` is short for `{gigabytes: 20}`."""
    return value if isinstance(value, (dict, BaseModel)) else {"gigabytes": value}


Gigabytes = Annotated[Decimal, BeforeValidator(_gigabytes)]
Count = Annotated[Decimal, BeforeValidator(_count)]
Share = Annotated[Decimal, BeforeValidator(_share)]
Patterns = Annotated[tuple[str, ...], BeforeValidator(_patterns)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ServiceTraffic(_Strict):
    """Traffic between the subnets and an AWS service: GB a month, both directions together.

    `subnets` are patterns of subnet names, as a shell's; `None` is where the workloads are.
    """

    gigabytes: Gigabytes
    subnets: Patterns | None = Field(default=None, alias="from")


class Images(ServiceTraffic):
    """Image pulls from ECR; the share `layers` of the bytes comes from the layer bucket in S3."""

    layers: Share = DEFAULT_LAYERS


class Internet(_Strict):
    """Traffic with the internet, GB a month each way; sending costs extra."""

    down: Gigabytes = Field(default=Decimal(), alias="in")
    up: Gigabytes = Field(default=Decimal(), alias="out")
    subnets: Patterns | None = Field(default=None, alias="from")


class Traffic(BaseModel):
    """The traffic by service, named as in `lane preview` (`logs`, `s3`, `secretsmanager`)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Annotated[ServiceTraffic, BeforeValidator(_as_gigabytes)]]

    images: Annotated[Images | None, BeforeValidator(_as_gigabytes)] = None
    internet: Internet | None = None

    @property
    def services(self) -> Mapping[str, ServiceTraffic]:
        """The services besides image pulls and the internet."""
        return self.__pydantic_extra__


class Logs(_Strict):
    """GB a month that CloudWatch Logs takes in, and that queries scan; GB that it keeps."""

    ingested: Gigabytes = Decimal()
    stored: Gigabytes = Decimal()
    scanned: Gigabytes = Decimal()


LoadBalancers = Mapping[str, Count]


class Workload(_Strict):
    """What a network carries in a month, as far as no program declares it.

    `tasks` replaces the number of running tasks of a service and `nodes` that of a node group's
    instances, `auto_mode` is the number of instances by type that an EKS Auto Mode cluster runs,
    `load_balancer_units` the average number of capacity units (LCU) of a load balancer, `flow_logs`
    the GB of a flow log, all by resource name. `inter_zone` and `transit` are GB that the
    workloads exchange themselves.
    """

    gigabytes_per_terabyte: Literal[1000, 1024] = 1000
    traffic: Traffic = Traffic()
    inter_zone: Gigabytes = Decimal()
    transit: Gigabytes = Decimal()
    tasks: Mapping[str, Count] = {}
    nodes: Mapping[str, Count] = {}
    auto_mode: Mapping[str, Mapping[str, Count]] = {}
    load_balancer_units: LoadBalancers = {}
    flow_logs: Mapping[str, Gigabytes] = {}
    logs: Logs = Logs()

    @property
    def has_traffic(self) -> bool:
        """Whether it says what the subnets exchange with services and the internet."""
        traffic = self.traffic
        return bool(traffic.services or traffic.images or traffic.internet)


def read_workload(path: Path) -> Workload:
    """The workload in a YAML file. Raises `Unusable`, in one sentence, for anything else."""
    found = read_mapping(path, str(path))
    try:
        workload = Workload.model_validate(
            found, context={"gigabytes_per_terabyte": _terabyte(found)}
        )
    except ValidationError as error:
        raise Unusable(f"{path}: {_sentence(error.errors()[0])}") from error
    for name in workload.traffic.services:
        _require_service(name, path)
    return workload


def _require_service(name: str, path: Path) -> None:
    try:
        service(name)
    except ValueError as error:
        raise Unusable(f"{path}: traffic.{name}: {error}") from error


def _terabyte(found: Mapping[str, object]) -> object:
    size = found.get("gigabytes_per_terabyte")
    return size if size in (1000, 1024) else 1000


def _sentence(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"])
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"there is no field {where}"
    if kind == "missing":
        return f"{where} is missing: it must be {_EXAMPLE}"
    wanted = error["msg"].removeprefix("Value error, ")
    if kind in ("model_type", "dict_type", "mapping_type"):
        example = "{in: 20}" if where.endswith("internet") else "{logs: 20}"
        wanted = f"it must be a mapping such as {example}"
    elif kind == "literal_error":
        wanted = "it must be 1000 or 1024"
    return f"{where} is {error['input']!r}: {wanted}"
