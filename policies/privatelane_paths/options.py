"""What the judge is told beside the facts: the services, and how to take what no fact decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["DEFAULT_SERVICES", "Options"]

#: An image pull takes all three of ECR's services; `s3` is the stack's own use of S3.
DEFAULT_SERVICES = ("ecr.api", "ecr.dkr", "ecr.layers", "s3")


@dataclass(frozen=True, slots=True)
class Options:
    """How to judge what the facts cannot decide.

    `transit`: where a transit gateway outside the facts leads: to a NAT (`remote-nat`), nowhere
    one can tell (`unknown`), or to something that is no NAT (`allow`; the lane is then
    `internet-gateway`). `interface`: what stands behind a network interface that a route points at,
    when nothing shows it.
    `s3_interface_for_ecr`: whether ECR's layers may come through an S3 interface endpoint, which
    works by DNS but which the ECR guide excludes; `deny` makes such a lane unknown unless the other
    way is as private.
    """

    transit: Literal["remote-nat", "unknown", "allow"] = "unknown"
    interface: Literal["nat", "unknown"] = "nat"
    s3_interface_for_ecr: Literal["deny", "allow"] = "deny"
    services: tuple[str, ...] = DEFAULT_SERVICES
