"""The subnets of a group, out of the map by `<group>/<zone id>` that a network tells of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privatelane._invalid import InvalidInput, listing


def subnets_by_zone(field: str, group: str, subnet_ids: Mapping[str, Any]) -> dict[str, Any]:
    """Return the subnets of `group`, which `field` names, by zone id and in that order.

    Raises:
        InvalidInput: it has none; the sentence lists the groups that have some.

    """
    by_zone = {
        zone: subnet
        for key, subnet in sorted(subnet_ids.items())
        for of, _, zone in (key.partition("/"),)
        if of == group
    }
    if by_zone:
        return by_zone
    groups = sorted({key.partition("/")[0] for key in subnet_ids})
    raise InvalidInput(
        f"{field} is {group!r}, it must be a group with subnets: {listing(groups) or 'none has'}"
    )
