"""The other sides of security group rules: who may call, and who may be called."""

import ipaddress
from collections.abc import Mapping
from typing import Any

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._invalid import (
    InvalidInput,
    choice,
    described,
    entries,
    integer,
    known_keys,
    listing,
)

PROTOCOLS = ("tcp", "udp")
HTTPS = 443


class PeerArgs(TypedDict):
    """The other side of a security group rule: a range, a security group or a prefix list."""

    cidr: NotRequired[str]
    """IPv4 or IPv6 range, such as `10.0.0.0/16`."""
    security_group_id: NotRequired[pulumi.Input[str]]
    """Security group whose members are meant."""
    prefix_list_id: NotRequired[pulumi.Input[str]]
    """Managed prefix list whose ranges are meant."""
    port: NotRequired[int]
    """Port of the rule, from 1 to 65535. Defaults to 443 for traffic that leaves, and to the port
    that is listened on for traffic that arrives."""
    protocol: NotRequired[str]
    """`tcp` or `udp`. Defaults to `tcp`."""


_SIDES = ("cidr", "prefix_list_id", "security_group_id")


def check_peers(
    field: str, peers: Mapping[str, PeerArgs] | None, *, port: int = HTTPS
) -> dict[str, dict[str, Any]]:
    """Return the properties of one rule for each peer, by the peer's name.

    `port` is the one that a peer without a port of its own means.

    Raises:
        InvalidInput: a peer has no side or several, its range is no CIDR, or its port is out of
            range.

    """
    if peers is None:
        return {}
    return {
        name: _rule(f"{field}.{name}", entries(f"{field}.{name}", peer), default_port=port)
        for name, peer in sorted(entries(field, peers).items())
    }


def _rule(field: str, peer: Mapping[str, Any], *, default_port: int) -> dict[str, Any]:
    known_keys(field, peer, PeerArgs.__annotations__)
    sides = [side for side in _SIDES if peer.get(side) is not None]
    if len(sides) != 1:
        given = f"has {listing(sides, 'and')}" if sides else "is empty"
        raise InvalidInput(f"{field} {given}, it must have exactly one of {listing(_SIDES)}")
    port = integer(f"{field}.port", peer.get("port", default_port), least=1, most=65535)
    protocol = choice(f"{field}.protocol", peer.get("protocol", "tcp"), PROTOCOLS)
    return {
        **_side(field, sides[0], peer[sides[0]]),
        "from_port": port,
        "to_port": port,
        "ip_protocol": protocol,
    }


def _side(field: str, side: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - text or an Output
    if side == "security_group_id":
        return {"referenced_security_group_id": value}
    if side == "prefix_list_id":
        return {side: value}
    try:
        network = ipaddress.ip_network(value)
    except (TypeError, ValueError):
        raise InvalidInput(
            f"{field}.cidr is {described(value)}, it must be the first address of a range and its"
            " length, such as '10.0.0.0/16'"
        ) from None
    return {f"cidr_ipv{network.version}": str(network)}


def from_group(group_id: pulumi.Input[str], port: int) -> dict[str, Any]:
    """Return the properties of a rule for one TCP port of a security group's members."""
    return {
        "referenced_security_group_id": group_id,
        "from_port": port,
        "to_port": port,
        "ip_protocol": "tcp",
    }
