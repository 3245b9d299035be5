"""Elastic IPs: one that is associated cannot be released, nor given to a second owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable


@amends(EC2Backend, "release_address")
def _release_address(
    original: Callable[..., Any],
    backend: EC2Backend,
    address: str | None = None,
    allocation_id: str | None = None,
) -> Any:
    found = (
        backend.address_by_allocation([allocation_id])
        if allocation_id
        else backend.address_by_ip([address])
    )
    if found[0].eni is not None or found[0].instance is not None:
        raise EC2ClientError(
            "InvalidIPAddress.InUse",
            f"Address {found[0].public_ip} is in use.",
        )
    return original(backend, address=address, allocation_id=allocation_id)
