"""Transfers of bytes, and the flow log records that each leaves behind.

Every record of a transfer is there: at the task's interface, on both sides of a NAT gateway, at the
interface of an endpoint. The addresses are in them as AWS's examples have them.
Source, read in November 2026: "Flow log record examples" (traffic through a zonal and a regional
NAT gateway) and "Flow log records" in the Amazon VPC user guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Way = Literal["zonal-nat", "regional-nat", "gateway-endpoint", "interface-endpoint", "refused"]

NAT_PRIVATE, NAT_PUBLIC, ENDPOINT = "10.0.0.220", "107.22.182.139", "10.0.2.9"


@dataclass(frozen=True)
class Transfer:
    """What a task sends to one address and gets back."""

    way: Way
    #: AWS's name for the far address; "-" for somebody else's.
    service: str
    up: int
    down: int
    subnet: str = "subnet-a"
    task: str = "10.0.1.5"
    far: str = "52.216.0.1"

    @property
    def interface(self) -> str:
        """The task's interface."""
        return f"eni-{self.task}"

    def records(self) -> Iterator[dict[str, Any]]:
        """Every record, in no order that matters."""
        match self.way:
            case "zonal-nat":
                yield from self._at_task("nat_gateway")
                yield from self._at_zonal_nat()
            case "regional-nat":
                yield from self._at_task("regional_nat_gateway")
                yield from self._at_regional_nat()
            case "gateway-endpoint":
                yield from self._at_task("-", path="7")
            case "interface-endpoint":
                yield from self._at_task("vpc_endpoint")
                yield from self._at_endpoint("ACCEPT")
            case "refused":
                yield from self._at_endpoint("REJECT")

    def _at_task(self, next_hop: str, path: str = "1") -> Iterator[dict[str, Any]]:
        here = {
            "interface-id": self.interface,
            "subnet-id": self.subnet,
            "next-hop-interface-type": next_hop,
        }
        far = ENDPOINT if self.way == "interface-endpoint" else self.far
        yield _out(self.task, far, self.up, self.service_seen, {**here, "traffic-path": path})
        yield _in(far, self.task, self.down, self.service_seen, here)

    def _at_zonal_nat(self) -> Iterator[dict[str, Any]]:
        here = {
            "interface-id": "eni-nat",
            "subnet-id": "subnet-public",
            "interface-type": "nat_gateway",
        }
        source = {"srcaddr": NAT_PRIVATE}
        target = {"dstaddr": NAT_PRIVATE}
        # From the task in, and out to the internet; from the internet in, and out to the task.
        up_in = _in(self.task, self.far, self.up, "-", {**here, **target})
        yield {**up_in, "pkt-dst-aws-service": self.service}
        yield _out(NAT_PRIVATE, self.far, self.up, self.service, {**here, "traffic-path": "8"})
        yield _in(self.far, NAT_PRIVATE, self.down, self.service, here)
        down_out = _out(self.far, self.task, self.down, "-", {**here, **source})
        yield {**down_out, "pkt-src-aws-service": self.service}

    def _at_regional_nat(self) -> Iterator[dict[str, Any]]:
        here = {"resource-id": "nat-1", "interface-type": "regional_nat_gateway"}
        # Its public address belongs to a service of AWS as well.
        own_source, own_target = {"pkt-src-aws-service": "EC2"}, {"pkt-dst-aws-service": "EC2"}
        up_in = _in(self.task, self.far, self.up, "-", here)
        yield {**up_in, "pkt-dst-aws-service": self.service}
        yield {**_out(NAT_PUBLIC, self.far, self.up, self.service, here), **own_source}
        yield {**_in(self.far, NAT_PUBLIC, self.down, self.service, here), **own_target}
        down_out = _out(self.far, self.task, self.down, "-", here)
        yield {**down_out, "pkt-src-aws-service": self.service}

    def _at_endpoint(self, action: str) -> Iterator[dict[str, Any]]:
        here = {
            "interface-id": "eni-endpoint",
            "subnet-id": self.subnet,
            "interface-type": "vpc_endpoint",
            "action": action,
        }
        yield _in(self.task, ENDPOINT, self.up, "-", {**here, "dstport": 443})
        if action == "ACCEPT":
            yield _out(ENDPOINT, self.task, self.down, "-", here)

    @property
    def service_seen(self) -> str:
        """What the task's own records say: nothing of a private address."""
        return "-" if self.way == "interface-endpoint" else self.service


def skipped(interface: str) -> dict[str, Any]:
    """The record of an interval in which AWS could not keep up."""
    return {"version": 11, "interface-id": interface, "log-status": "SKIPDATA"}


def _record(direction: str, source: str, target: str, size: int) -> dict[str, Any]:
    return {
        "version": 11,
        "vpc-id": "vpc-1",
        "flow-direction": direction,
        "srcaddr": source,
        "dstaddr": target,
        "pkt-srcaddr": source,
        "pkt-dstaddr": target,
        "protocol": 6,
        "bytes": size,
        "start": 1,
        "end": 60,
        "action": "ACCEPT",
        "log-status": "OK",
    }


def _out(source: str, target: str, size: int, service: str, here: dict[str, Any]) -> dict[str, Any]:
    return {**_record("egress", source, target, size), "pkt-dst-aws-service": service, **here}


def _in(source: str, target: str, size: int, service: str, here: dict[str, Any]) -> dict[str, Any]:
    return {**_record("ingress", source, target, size), "pkt-src-aws-service": service, **here}
