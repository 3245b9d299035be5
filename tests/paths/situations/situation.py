"""One situation: its number and sentence, the network it is, and the lanes that must come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from privatelane_paths import Options

if TYPE_CHECKING:
    from tests.paths.build import Build

__all__ = ["BROKEN", "GW", "IF", "IGW", "NAT", "NONE", "REMOTE", "UNK", "Situation", "all_four"]

GW = "gateway-endpoint"
IF = "interface-endpoint"
NAT = "nat"
REMOTE = "remote-nat"
IGW = "internet-gateway"
BROKEN = "broken"
NONE = "none"
UNK = "unknown"


@dataclass(frozen=True)
class Situation:
    """A situation of the catalogue.

    `known` are lanes by "subnet service" with known ids; `unknown` those with unknown ids where
    they differ: everything else must come out the same. `pulls` are the lanes of the workloads'
    pulls, by "workload subnet service".
    """

    number: int
    says: str
    build: Build
    known: Mapping[str, str]
    unknown: Mapping[str, str] = field(default_factory=dict)
    pulls: Mapping[str, str] = field(default_factory=dict)
    options: Options = field(default_factory=Options)

    @property
    def title(self) -> str:
        """What a failing test shows."""
        return f"{self.number}: {self.says}"


def all_four(
    api: str, dkr: str, layers: str, s3: str = "", subnet: str = "app-a"
) -> dict[str, str]:
    """The lanes of an image pull, and of the stack's own use of S3 (the layers' if not given)."""
    return {
        f"{subnet} ecr.api": api,
        f"{subnet} ecr.dkr": dkr,
        f"{subnet} ecr.layers": layers,
        f"{subnet} s3": s3 or layers,
    }
