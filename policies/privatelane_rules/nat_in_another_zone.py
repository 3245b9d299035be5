"""A subnet whose default route leads to a NAT gateway in another zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import TargetKind
from privatelane_paths.known import Unknown
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.facts import Nat, Subnet
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
nat = aws.ec2.NatGateway("nat", subnet_id=public_a.id, allocation_id=address.id)
for table in (private_a, private_b):
    aws.ec2.Route(..., route_table_id=table.id, nat_gateway_id=nat.id)
"""
_RIGHT = """\
nat = aws.ec2.NatGateway("nat", availability_mode="regional", vpc_id=vpc.id)
"""


def check(stack: Stack) -> Iterator[Finding]:
    """Subnets whose own default route names a zonal NAT gateway of another zone."""
    for subnet in stack.network.subnets:
        targets = stack.default_targets(subnet)
        if isinstance(targets, Unknown) or len(targets) != 1:
            continue
        (target,) = targets
        if target is None or target.kind is not TargetKind.NAT or target.ref is None:
            continue
        if not target.ref.decided:
            yield undecided(
                subnet.key, f"which zone {subnet.name}'s NAT gateway is in", target.ref.missing
            )
            continue
        nat = stack.index.nats.get(target.ref.keys[0])
        if nat is not None and nat.regional is False:
            yield from _judged(stack, subnet, nat)


def _judged(stack: Stack, subnet: Subnet, nat: Nat) -> Iterator[Finding]:
    home = (
        stack.index.subnets.get(nat.subnet.keys[0])
        if nat.subnet is not None and nat.subnet.decided
        else None
    )
    if home is None or home.key == subnet.key:
        return
    for one in (subnet.zone, home.zone):
        if isinstance(one, Unknown):
            yield undecided(
                subnet.key, f"whether {nat.name} is in {subnet.name}'s zone", one.missing
            )
            return
    if home.zone != subnet.zone:
        yield Finding(
            subnet.key,
            f"{subnet.name} is in {subnet.zone}, and its NAT gateway {nat.name} in {home.zone}.",
            subnet=subnet.key,
        )


RULE = Rule(
    id="nat-in-another-zone",
    title="A subnet's NAT gateway is in another zone.",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    why=(
        "Each gigabyte is billed between the zones besides what the NAT gateway bills, and the "
        "subnet loses its way out when the other zone fails."
    ),
    fix="Use a NAT gateway in each zone or a regional one, or accept one for all by an exemption.",
    check=check,
    framework=well_architected("REL10-BP01", "Deploy the workload to multiple locations"),
    url="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("cost", "nat", "resilience", "zone"),
)
