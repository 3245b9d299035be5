"""A lane in words: what it is, hop by hop, why no endpoint was used, and what would mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.services import service
from privatelane_paths.verdicts import Lane, LaneKind, Verdict

if TYPE_CHECKING:
    from privatelane_paths.facts import Network

__all__ = ["explain", "path"]

_SAYS = {
    LaneKind.NAT: "goes through a NAT",
    LaneKind.REMOTE_NAT: "goes through a NAT in another network",
    LaneKind.GATEWAY_ENDPOINT: "stays private through a gateway endpoint",
    LaneKind.INTERFACE_ENDPOINT: "stays private through an interface endpoint",
    LaneKind.INTERNET_GATEWAY: "leaves by an internet gateway, without a NAT",
    LaneKind.BROKEN: "does not arrive, and goes through no NAT",
    LaneKind.NONE: "has no route, and goes through no NAT",
    LaneKind.UNKNOWN: "cannot be proved to avoid a NAT",
}


def path(lane: Lane) -> str:
    """The hops of a lane in arrow form."""
    return " -> ".join(hop.text for hop in lane.hops)


def explain(lane: Lane, network: Network) -> str:
    """The message about a lane: a headline, the path, and below it what a reader must know."""
    name = next((one.name for one in network.subnets if one.key == lane.subnet), lane.subnet)
    title = _title(lane.service)
    what = title if title == lane.service else f"{lane.service} ({title})"
    lines = [
        f"{lane.verdict.value}: traffic from subnet {name} to {what} {_SAYS[lane.kind]}.",
        f"Path: {path(lane)}",
        f"Why: {lane.reason}.",
    ]
    lines.extend(f"Not used: endpoint {one.name}, because {one.why}." for one in lane.rejected)
    if lane.verdict is not Verdict.PROVED or lane.kind in (LaneKind.BROKEN, LaneKind.NONE):
        lines.extend(f"Fix: {one}." for one in lane.fix)
    lines.extend(f"Unknown: {one}." for one in lane.missing)
    return "\n".join(lines)


def _title(name: str) -> str:
    """What a service is called; a registry's host names itself."""
    try:
        return service(name).title
    except ValueError:
        return name
