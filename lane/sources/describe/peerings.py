"""VPC peering connections, which both sides' accounts show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.sources.describe.answers import text
from privatelane_paths.facts import Peering
from privatelane_paths.known import Ref, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lane.sources.describe.answers import Names, Record, Shown

__all__ = ["peerings"]

#: States from which no peering comes back; AWS shows it for a while.
_OVER = frozenset({"deleted", "deleting", "rejected", "failed", "expired"})


def peerings(shown: Shown, names: Names) -> Iterator[Peering]:
    """The peerings that are active or can become it."""
    for record, _ in shown.of("VpcPeeringConnections"):
        status = record.get("Status")
        code = text(status, "Code") if isinstance(status, dict) else None
        if code in _OVER:
            continue
        name = names.of("VpcPeeringConnections", record)
        yield Peering(
            record["VpcPeeringConnectionId"],
            name,
            requester=_side(record, "RequesterVpcInfo", name),
            accepter=_side(record, "AccepterVpcInfo", name),
            active=code == "active" if code else Unknown(f"the state of peering {name}"),
        )


def _side(record: Record, field: str, name: str) -> Ref:
    side = record.get(field)
    vpc = text(side, "VpcId") if isinstance(side, dict) else None
    return Ref.to(vpc) if vpc else Ref.anything(f"which VPCs {name} connects")
