"""What happens at the end of the way: security groups, network ACLs, endpoint policies.

None of them sends traffic elsewhere. With private DNS on, what a filter refuses is broken; it never
falls back to a NAT gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privatelane_paths.endpoint_policies import allows, uses_of
from privatelane_paths.facts import Direction, Endpoint
from privatelane_paths.filters import Packets, acl_admits, groups_admit
from privatelane_paths.known import Key, Maybe, Unknown
from privatelane_paths.verdicts import Hop, LaneKind, Outcome, Outcomes, branch

if TYPE_CHECKING:
    from privatelane_paths.index import Index
    from privatelane_paths.routing import Destination

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
            name = f"VPC endpoint {key}" if key.startswith("vpce-") else f"the address {key}"
            hop = Hop(key, "interface-endpoint", name)
            reason = f"the name resolves to {name}"
            return (Outcome(LaneKind.INTERFACE_ENDPOINT, reason, (hop,)),)
        name = f"interface endpoint {fact.name}"
        hop = Hop(key, "interface-endpoint", name)
        lane = Outcome(LaneKind.INTERFACE_ENDPOINT, f"the name resolves to {name}", (hop,))
        return self._filtered(lane, self._checks(fact, destination, client, vpc), client)

    def at_gateway(
        self, fact: Endpoint | None, name: str, destination: Destination, client: Client
    ) -> Outcomes:
        """The outcomes of a packet that a route gave to a gateway endpoint."""
        reason = f"{destination.text} are reached through {name}"
        lane = Outcome(LaneKind.GATEWAY_ENDPOINT, reason)
        checks: list[_Check] = []
        if client.packets.groups is not None:
            far = Packets(destination.text, destination.space)
            out = groups_admit(
                self._index, client.packets.groups, Direction.EGRESS, far, destination.version
            )
            checks.append(_egress_check(out, client, destination.text))
        if fact is not None:
            checks.append(self._policy(fact, name, client))
        return self._filtered(lane, iter(checks), client)

    def _filtered(self, lane: Outcome, checks: Iterator[_Check], client: Client) -> Outcomes:
        """The lane unless a filter refuses; doubts count only where a workload is judged.

        At the level of a subnet nobody knows who sends; a filter that some pass is no fault there.
        """
        found: Outcomes = (lane,)
        for check in checks:
            if check.passes is True:
                continue
            broken = Outcome(
                LaneKind.BROKEN, check.refusal, lane.hops, fix=(check.fix,) if check.fix else ()
            )
            if check.passes is False:
                return (broken,)
            if client.packets.groups is not None:
                doubt = (check.passes.missing,)
                found = branch(((found, doubt), ((broken,), doubt)))
        return found

    def _checks(
        self, fact: Endpoint, destination: Destination, client: Client, vpc: Key
    ) -> Iterator[_Check]:
        name = f"interface endpoint {fact.name}"
        version = destination.version
        there = Packets(name, destination.space, fact.security_groups)
        what = client.packets.what
        yield _Check(
            groups_admit(
                self._index, fact.security_groups, Direction.INGRESS, client.packets, version
            ),
            f"the security groups of {name} do not admit HTTPS from {what}",
            f"admit TCP 443 from {what} in the security groups of {name}",
        )
        if client.packets.groups is not None:
            out = groups_admit(self._index, client.packets.groups, Direction.EGRESS, there, version)
            yield _egress_check(out, client, name)
        yield from self._acls(fact, there, client, vpc, version)
        yield self._policy(fact, name, client)

    def _acls(
        self, fact: Endpoint, there: Packets, client: Client, vpc: Key, version: int
    ) -> Iterator[_Check]:
        """Network ACLs of both subnets; traffic within one subnet passes none."""
        others = sorted((fact.subnets.certain | fact.subnets.possible) - {client.subnet})
        if not others or client.subnet in fact.subnets.certain | fact.subnets.possible:
            return
        name = f"interface endpoint {fact.name}"
        yield _Check(
            acl_admits(self._index, client.subnet, client.vpc, there, version, client=True),
            f"the network ACL of {self._index.name(client.subnet)} blocks HTTPS to {name} or the "
            "answers to it",
            "let TCP 443 out and the ephemeral ports back in through the network ACL of "
            f"{self._index.name(client.subnet)}",
        )
        answers = [
            acl_admits(self._index, subnet, vpc, client.packets, version, client=False)
            for subnet in others
        ]
        passes: Maybe[bool] = True
        if all(answer is False for answer in answers):
            passes = fact.subnets.open and Unknown(fact.subnets.missing)
        elif any(answer is not True for answer in answers):
            doubts = [answer.missing for answer in answers if isinstance(answer, Unknown)]
            passes = Unknown(next(iter(doubts), f"in which of its subnets {name} answers"))
        yield _Check(
            passes,
            f"the network ACLs of the subnets of {name} block HTTPS from {client.packets.what} or "
            "the answers to it",
            f"let TCP 443 in and the ephemeral ports out through the network ACLs of {name}'s "
            "subnets",
        )

    def _policy(self, fact: Endpoint, name: str, client: Client) -> _Check:
        uses = uses_of(client.service, client.region)
        actions = ", ".join(use.action for use in uses) or "anything"
        on = next((f" on {use.resource}" for use in uses if use.resource and use.owner), "")
        return _Check(
            allows(fact.policy, uses),
            f"the endpoint policy of {name} does not allow {actions}{on}",
            f"allow {actions}{on} in the endpoint policy of {name}",
        )

    def blocked_outward(self, client: Client, destination: Destination) -> bool:
        """Whether the subnet's own network ACL certainly stops traffic to public addresses."""
        far = Packets(destination.text, destination.space)
        return (
            acl_admits(
                self._index, client.subnet, client.vpc, far, destination.version, client=True
            )
            is False
        )

    def public_access_blocked(self, vpc: Key, subnet: Key) -> Maybe[bool]:
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


def _egress_check(passes: Maybe[bool], client: Client, where: str) -> _Check:
    return _Check(
        passes,
        f"the security groups of {client.packets.what} do not admit HTTPS to {where}",
        f"admit TCP 443 to {where} in the security groups of {client.packets.what}",
    )
