"""Instances: the network interface that a launch makes goes when its instance does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models.instances import Instance

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable


@amends(Instance, "prep_nics")
def _prep_nics(
    original: Callable[..., Any], instance: Instance, nic_spec: list[dict[str, Any]], **rest: Any
) -> None:
    original(instance, nic_spec, **rest)
    # The default of EC2, where moto takes silence for "no".
    kept = {
        int(nic.get("DeviceIndex", 0))
        for nic in nic_spec
        if "NetworkInterfaceId" in nic or nic.get("DeleteOnTermination") is False
    }
    for index, nic in instance.nics.items():
        if index not in kept:
            nic.delete_on_termination = True
