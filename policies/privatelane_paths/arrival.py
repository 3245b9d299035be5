"""What happens at the end of the way: security groups, network ACLs, endpoint policies.

None of them sends traffic elsewhere. With private DNS on, what a filter refuses is broken; it never
falls back to a NAT gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privatelane_paths.dns import NOBODY_KNOWS
from privatelane_paths.endpoint_policies import allows, uses_of
from privatelane_paths.facts import Direction, Endpoint
from privatelane_paths.filters import Packets, acl_admits, groups_admit
from privatelane_paths.known import Key, Maybe, Refs, Unknown
from privatelane_paths.verdicts import Hop, LaneKind, Outcome, Outcomes, Verdict, branch, either

if TYPE_CHECKING:
    from privatelane_paths.index import Index
    from privatelane_paths.lookup import Destination

__all__ = ["Arrival", "Client"]


@dataclass(frozen=True, slots=True)
class Client:
    """Who sends: from a subnet of a VPC, for a service, with security groups if they are known."""

    subnet: Key
    vpc: Key
    packets: Packets
    service: str
    region: str | None


@dataclass(frozen=True, slots=True)
class _Check:
    """The answer of one filter, and the words for its refusal."""

    passes: Maybe[bool]
    refusal: str
    fix: str


class Arrival:
    """The filters at the ends of the ways of one network."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def at(self, destination: Destination, client: Client, vpc: Key) -> Outcomes:
        """The outcomes of a packet that reached an interface endpoint's addresses."""
        key = destination.endpoint or ""
        fact = self._index.endpoints.get(key)
        if fact is None:
            name = f"VPC endpoint {key}" if key.startswith("vpce-") else f"address {key}"
            if key == NOBODY_KNOWS:
                name = "an address nobody knows"
            hop = Hop(key, "interface-endpoint", name)
            reason = f"the name resolves to {name}"
            return (Outcome(LaneKind.INTERFACE_ENDPOINT, reason, (hop,)),)
        name = f"interface endpoint {fact.name}"
        hop = Hop(key, "interface-endpoint", name)
        reason = f"the name resolves to {name}"
        found: Outcomes = (Outcome(LaneKind.INTERFACE_ENDPOINT, reason, (hop,)),)
        for check in self._checks(fact, destination, client, vpc):
            found = _filtered(found, check, client)
        return found

    def at_gateway(
        self, fact: Endpoint | None, name: str, destination: Destination, client: Client
    ) -> Outcomes:
        """The outcomes of a packet that a route gave to a gateway endpoint."""
        reason = f"{destination.text} are reached through {name}"
        found: Outcomes = (Outcome(LaneKind.GATEWAY_ENDPOINT, reason),)
        return found if fact is None else _filtered(found, self._policy(fact, name, client), client)

    def leaving(self, found: Outcomes, destination: Destination, client: Client) -> Outcomes:
        """The outcomes that the filters where the packet starts leave of those found beyond."""
        far = Packets(
            destination.text,
            destination.space,
            self._groups_at(destination),
            destination.service,
        )
        for check in self._starting(destination, far, client):
            found = _filtered(found, check, client)
        return found

    def _groups_at(self, destination: Destination) -> Refs:
        """The security groups at a destination; public addresses have none."""
        fact = self._index.endpoints.get(destination.endpoint or "")
        return Refs() if fact is None else fact.security_groups

    def _starting(self, destination: Destination, far: Packets, client: Client) -> Iterator[_Check]:
        version = destination.version
        fact = self._index.endpoints.get(destination.endpoint or "")
        if fact is None or not fact.subnets.may_have(client.subnet):
            # Traffic within one subnet passes no network ACL.
            name = self._index.name(client.subnet)
            yield _Check(
                acl_admits(self._index, client.subnet, client.vpc, far, version, client=True),
                f"the network ACL of {name} blocks HTTPS to {far.what} or the answers to it",
                f"let TCP 443 out and the ephemeral ports back in by the network ACL of {name}",
            )
        groups = client.packets.groups
        if groups is not None:
            what = client.packets.what
            yield _Check(
                groups_admit(self._index, groups, Direction.EGRESS, far, version),
                f"the security groups of what sends from {what} do not admit HTTPS to {far.what}",
                f"admit TCP 443 to {far.what} in the security groups of what sends from {what}",
            )

    def _checks(
        self, fact: Endpoint, destination: Destination, client: Client, vpc: Key
    ) -> Iterator[_Check]:
        """The filters at an interface endpoint."""
        name = f"interface endpoint {fact.name}"
        version = destination.version
        what = client.packets.what
        yield _Check(
            groups_admit(
                self._index, fact.security_groups, Direction.INGRESS, client.packets, version
            ),
            f"the security groups of {name} do not admit HTTPS from {what}",
            f"admit TCP 443 from {what} in the security groups of {name}",
        )
        yield _Check(
            self._answered(fact, client, vpc, version),
            f"the network ACLs of the subnets of {name} block HTTPS from {what} or the answers",
            f"let TCP 443 in and the ephemeral ports out by the network ACLs of {name}'s subnets",
        )
        yield self._policy(fact, name, client)

    def _answered(self, fact: Endpoint, client: Client, vpc: Key, version: int) -> Maybe[bool]:
        """Whether the network ACLs of the endpoint's subnets let the client in and answers out."""
        places = fact.subnets
        members = sorted(places.certain | places.possible)
        answers: list[Maybe[bool]] = [
            subnet == client.subnet
            or acl_admits(self._index, subnet, vpc, client.packets, version, client=False)
            for subnet in members
        ]
        if places.open:
            answers.append(Unknown(places.missing))
        if all(answer is True for answer in answers):
            return True
        if all(answer is False for answer in answers):
            return False
        doubts = [answer.missing for answer in answers if isinstance(answer, Unknown)]
        return Unknown(next(iter(doubts), f"in which of its subnets {fact.name} answers"))

    def _policy(self, fact: Endpoint, name: str, client: Client) -> _Check:
        uses = uses_of(client.service, client.region)
        actions = ", ".join(use.action for use in uses) or "anything"
        on = next((f" on {use.resource}" for use in uses if use.resource and use.owner), "")
        return _Check(
            allows(fact.policy, uses),
            f"the endpoint policy of {name} does not allow {actions}{on}",
            f"allow {actions}{on} in the endpoint policy of {name}",
        )

    def unless_blocked(self, outcomes: Outcomes, vpc: Key, subnet: Key) -> Outcomes:
        """The outcomes unless VPC Block Public Access closes the internet gateway."""
        blocked = self._blocked(vpc, subnet)
        if blocked is False:
            return outcomes
        reason = "VPC Block Public Access closes the internet gateway in both directions"
        broken = Outcome(LaneKind.BROKEN, reason, outcomes[0].hops)
        if blocked is True:
            return (broken,)
        return branch(((outcomes, (blocked.missing,)), ((broken,), (blocked.missing,))))

    def _blocked(self, vpc: Key, subnet: Key) -> Maybe[bool]:
        """Whether VPC Block Public Access closes the internet gateway for a subnet, both ways."""
        region = self._index.region_of(vpc)
        doubt: Unknown | None = None
        blocked = False
        for fact in self._index.network.block_public_access:
            mode = fact.mode
            if isinstance(mode, str) and not mode.startswith("block-bidirectional"):
                continue
            if isinstance(fact.region, str) and isinstance(region, str) and fact.region != region:
                continue
            unknowns = [one for one in (mode, fact.region, region) if isinstance(one, Unknown)]
            if unknowns:
                doubt = unknowns[0]
            else:
                blocked = True
        if not blocked and doubt is None:
            return False
        excluded = self._excluded(vpc, subnet)
        if excluded is True:
            return False
        if isinstance(excluded, Unknown):
            return excluded
        return True if blocked or doubt is None else doubt

    def _excluded(self, vpc: Key, subnet: Key) -> Maybe[bool]:
        doubt: Unknown | None = None
        for fact in self._index.network.block_public_access:
            keys = [key for key in (vpc, subnet) if key]
            if any(fact.excluded.must_have(key) for key in keys):
                return True
            if any(fact.excluded.may_have(key) for key in keys):
                doubt = Unknown(fact.excluded.missing)
        return False if doubt is None else doubt


def _filtered(found: Outcomes, check: _Check, client: Client) -> Outcomes:
    """The outcomes unless a filter refuses.

    A doubt counts where a workload is judged, and where it decides about a NAT. Else nobody knows
    who in the subnet sends, and a filter that some pass is no fault.
    """
    if check.passes is True:
        return found
    broken = tuple(
        one
        if one.kind is LaneKind.NONE
        else Outcome(LaneKind.BROKEN, check.refusal, one.hops, fix=(check.fix,))
        for one in found
    )
    if check.passes is False:
        return either(broken)
    matters = any(one.kind.verdict is not Verdict.PROVED for one in found)
    if matters or client.packets.groups is not None:
        doubt = (check.passes.missing,)
        return branch(((found, doubt), (either(broken), doubt)))
    return found
