"""Whether nodes, and pods on Fargate, can start in a group of subnets.

They have no addresses of the internet, so a group with an internet gateway is of no use to them;
EKS itself refuses such subnets for Fargate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from privatelane._invalid import InvalidInput, items, listing, text
from privatelane._needs import NEEDS
from privatelane._placement import placement
from privatelane._subnets import subnets_by_zone
from privatelane._zones import check_zone_id


@dataclass(frozen=True, slots=True)
class NodePlace:
    """The subnets that nodes run in, and what they have to reach from there."""

    group: str
    zones: tuple[str, ...]
    """The zones to use of the group's, all when empty."""
    needs: frozenset[str]
    beyond: str | None = None
    """Why something without an endpoint is called too, None when nothing is."""

    def check_reach(
        self, egress: Mapping[str, str], private_services: Mapping[str, str | Iterable[str]]
    ) -> None:
        """Accept a network where the nodes start and join.

        Raises:
            InvalidInput: there is no such group, it is a public one, or it has no endpoint for a
                needed service and no NAT gateway; the sentence names each missing endpoint.

        """
        place = placement(self.group, egress, private_services, allows_internet=True)
        if place.egress == "internet-gateway":
            raise InvalidInput(
                f"group is {self.group!r}, whose subnets are public; nothing here gets a public"
                " address, so it must be a group with NAT or endpoints"
            )
        if self.beyond is not None and place.egress == "none":
            raise InvalidInput(f"{self.beyond}, but group {self.group!r} has no NAT gateway")
        place.check_needs({need: NEEDS[need] for need in sorted(self.needs)})

    def choose(self, subnet_ids: Mapping[str, Any]) -> dict[str, Any]:
        """Return the subnets by zone id.

        Raises:
            InvalidInput: the group has no subnet, or none in one of the zones.

        """
        by_zone = subnets_by_zone("group", self.group, subnet_ids)
        for zone in self.zones:
            if zone not in by_zone:
                raise InvalidInput(
                    f"zones holds {zone!r}, where group {self.group!r} has no subnet; it has"
                    f" {listing(by_zone, 'and')}"
                )
        return {zone: by_zone[zone] for zone in self.zones or by_zone}


def place_nodes(
    args: Mapping[str, Any], needs: Collection[str], *, beyond: str | None = None
) -> NodePlace:
    """Return where nodes run, by the arguments `group` and `zones`.

    Raises:
        InvalidInput: `group` is no text, or `zones` no list of different zone ids.

    """
    zones = [check_zone_id("zones", one) for one in items("zones", args.get("zones") or [])]
    for position, zone in enumerate(zones):
        if zone in zones[:position]:
            raise InvalidInput(f"zones names {zone!r} twice, it must name each zone once")
    group = text("group", args.get("group"))
    return NodePlace(group, tuple(sorted(zones)), frozenset(needs), beyond)
