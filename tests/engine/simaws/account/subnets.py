"""Subnets: no public addresses by default, and one list of subnets whatever names the zone.

moto takes the first subnet of a zone for the account's default subnet, and files subnets whose
zone was given by id under no zone at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from tests.engine.simaws.account.amendments import amends

if TYPE_CHECKING:
    from collections.abc import Callable


@amends(EC2Backend, "create_subnet")
def _create_subnet(
    original: Callable[..., Any], backend: EC2Backend, vpc_id: str, **named: Any
) -> Any:
    if named.get("availability_zone") is None and named.get("availability_zone_id"):
        zones = RegionsAndZonesBackend.zones.get(backend.region_name, [])
        names = [z.name for z in zones if z.zone_id == named["availability_zone_id"]]
        if names:
            named["availability_zone"] = names[0]
    subnet = original(backend, vpc_id=vpc_id, **named)
    if not backend.get_vpc(vpc_id).is_default:
        subnet.default_for_az = False
        subnet.map_public_ip_on_launch = False
    return subnet
