"""Which NAT gateways a network has, and which of them each private subnet uses.

A gateway's key is the id of its zone, or "regional". Going from one gateway to one a zone therefore
keeps the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from privatelane._invalid import InvalidInput, choice, described, entries, listing

NatKind = Literal["none", "single", "per-zone", "regional"]

#: The kinds of NAT, from no gateway to one that spans the region.
NAT_KINDS: tuple[NatKind, ...] = ("none", "single", "per-zone", "regional")

#: The key of the gateway that spans the region.
REGIONAL = "regional"


@dataclass(frozen=True, slots=True)
class NatPlan:
    """The NAT gateways of a network."""

    kind: NatKind
    #: The public group whose subnets hold zonal gateways; None for other kinds.
    group: str | None
    #: The keys of the gateways.
    gateways: tuple[str, ...]
    #: Zones whose gateway uses an Elastic IP that was brought along.
    brought: frozenset[str]

    def gateway_for(self, zone_id: str) -> str:
        """The key of the gateway that a private subnet of that zone uses."""
        return zone_id if zone_id in self.gateways else self.gateways[0]


NO_NAT = NatPlan("none", None, (), frozenset())


def plan_nat(
    kind: object,
    *,
    zones: Mapping[str, int],
    public: Sequence[str],
    private: Sequence[str],
    zone: object = None,
    group: object = None,
    allocation_ids: object = None,
) -> NatPlan:
    """Return the gateways of that kind.

    `zones` gives each zone's slot, `public` and `private` are the names of those groups. A single
    gateway lives in the zone of slot 0 unless `zone` names another: a rule such as "the lowest
    zone" would move it when a lower zone is added.

    Raises:
        InvalidInput: private groups and gateways do not go together, a zonal gateway has no public
            group to live in, or a setting is for a gateway that does not exist.

    """
    chosen = next(one for one in NAT_KINDS if one == choice("nat", kind, NAT_KINDS))
    brought = frozenset(
        entries("nat_allocation_ids", allocation_ids) if allocation_ids is not None else ()
    )
    if chosen != "single" and zone is not None:
        raise InvalidInput(
            f"nat_zone is {described(zone)}, but nat is {chosen!r}; it goes with 'single'"
        )
    if chosen not in ("single", "per-zone") and group is not None:
        raise InvalidInput(
            f"nat_group is {described(group)}, but nat is {chosen!r}; it goes with 'single' or"
            " 'per-zone'"
        )
    if chosen == "none":
        return _none(private, brought)
    if not private:
        raise InvalidInput(
            f"nat is {chosen!r}, but no group is of kind 'private', so nothing would use it;"
            " make it 'none'"
        )
    if chosen == "regional":
        return _regional(zones, brought)
    host = _host(chosen, public, group)
    gateways = (_single_zone(zones, zone),) if chosen == "single" else tuple(sorted(zones))
    unused = sorted(brought.difference(gateways))
    if unused:
        raise InvalidInput(
            f"nat_allocation_ids names {listing(unused, 'and')}, where nat {chosen!r} puts no"
            f" gateway; its gateways are in {listing(gateways, 'and')}"
        )
    return NatPlan(chosen, host, gateways, brought)


def _none(private: Sequence[str], brought: frozenset[str]) -> NatPlan:
    if private:
        raise InvalidInput(
            f"nat is 'none', but group {private[0]!r} is of kind 'private', which means a way out"
            " through NAT; make the group 'isolated', or nat one of 'single', 'per-zone' or"
            " 'regional'"
        )
    if brought:
        raise InvalidInput(
            f"nat_allocation_ids names {listing(sorted(brought), 'and')}, but nat is 'none';"
            " leave it out"
        )
    return NO_NAT


def _regional(zones: Mapping[str, int], brought: frozenset[str]) -> NatPlan:
    if brought and brought != zones.keys():
        raise InvalidInput(
            f"nat_allocation_ids names {listing(sorted(brought), 'and')}, a regional NAT gateway"
            f" takes either one for each zone, {listing(sorted(zones), 'and')}, or none"
        )
    return NatPlan("regional", None, (REGIONAL,), brought)


def _host(kind: NatKind, public: Sequence[str], group: object) -> str:
    if not public:
        raise InvalidInput(
            f"nat is {kind!r}, which needs a group of kind 'public' for the gateway to live in;"
            " add one, or make nat 'regional'"
        )
    if group is not None:
        return choice("nat_group", group, public)
    if len(public) > 1:
        raise InvalidInput(
            f"nat_group is missing, several groups are public: {listing(public, 'and')}; name the"
            " one in which the NAT gateways live"
        )
    return public[0]


def _single_zone(zones: Mapping[str, int], zone: object) -> str:
    if zone is not None:
        return choice("nat_zone", zone, sorted(zones))
    for zone_id, slot in zones.items():
        if slot == 0:
            return zone_id
    raise InvalidInput(
        f"nat_zone is missing, and no zone has slot 0, where a single NAT gateway is at home; make"
        f" it one of {listing(sorted(zones))}"
    )
