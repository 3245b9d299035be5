"""Availability zones by their ids, which name the same place in every account.

A zone's slot in the address plan follows from its id alone, so it does not matter which other zones
a network has, nor in which order they are listed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from privatelane._invalid import InvalidInput, entries, integer, items, listing, nearest, text


@dataclass(frozen=True, slots=True)
class Region:
    """A region and the numbers of its availability zones."""

    name: str
    #: What its zone ids begin with.
    prefix: str
    numbers: tuple[int, ...]

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """The ids of its availability zones, ascending."""
        return tuple(f"{self.prefix}-az{number}" for number in self.numbers)


_THREE = (1, 2, 3)

#: Every region whose zone ids are public. An account may see fewer zones than these.
#: Sources: "AWS Availability Zones" in the AWS Regions and Availability Zones guide, an issue of
#: 2026; GovCloud from "EMR Serverless endpoints and quotas"; China from the `describe` answers that
#: moto 5.2.5 and eksctl's tests record. Read 2026-11-21. The isolated partitions and the European
#: Sovereign Cloud publish none.
REGIONS: Mapping[str, Region] = {
    region.name: region
    for region in (
        Region("af-south-1", "afs1", _THREE),
        Region("ap-east-1", "ape1", _THREE),
        Region("ap-east-2", "ape2", _THREE),
        Region("ap-northeast-1", "apne1", (1, 2, 3, 4)),
        Region("ap-northeast-2", "apne2", (1, 2, 3, 4)),
        Region("ap-northeast-3", "apne3", _THREE),
        Region("ap-south-1", "aps1", _THREE),
        Region("ap-south-2", "aps2", _THREE),
        Region("ap-southeast-1", "apse1", _THREE),
        Region("ap-southeast-2", "apse2", _THREE),
        Region("ap-southeast-3", "apse3", _THREE),
        Region("ap-southeast-4", "apse4", _THREE),
        Region("ap-southeast-5", "apse5", _THREE),
        Region("ap-southeast-6", "apse6", _THREE),
        Region("ap-southeast-7", "apse7", _THREE),
        Region("ca-central-1", "cac1", (1, 2, 4)),
        Region("ca-west-1", "caw1", _THREE),
        Region("cn-north-1", "cnn1", (1, 2, 4)),
        Region("cn-northwest-1", "cnnw1", _THREE),
        Region("eu-central-1", "euc1", _THREE),
        Region("eu-central-2", "euc2", _THREE),
        Region("eu-north-1", "eun1", _THREE),
        Region("eu-south-1", "eus1", _THREE),
        Region("eu-south-2", "eus2", _THREE),
        Region("eu-west-1", "euw1", _THREE),
        Region("eu-west-2", "euw2", (1, 2, 3, 4)),
        Region("eu-west-3", "euw3", _THREE),
        Region("il-central-1", "ilc1", _THREE),
        Region("me-central-1", "mec1", _THREE),
        Region("me-south-1", "mes1", _THREE),
        Region("mx-central-1", "mxc1", _THREE),
        Region("sa-east-1", "sae1", _THREE),
        Region("us-east-1", "use1", (1, 2, 3, 4, 5, 6)),
        Region("us-east-2", "use2", _THREE),
        Region("us-gov-east-1", "usge1", _THREE),
        Region("us-gov-west-1", "usgw1", _THREE),
        Region("us-west-1", "usw1", _THREE),
        Region("us-west-2", "usw2", (1, 2, 3, 4)),
    )
}

_BY_PREFIX = {region.prefix: region for region in REGIONS.values()}

#: Zones in which EKS accepts no cluster subnets.
#: Source: "Amazon EKS networking requirements for VPC and subnets".
EKS_REFUSES = frozenset({"cac1-az3", "use1-az3", "usw1-az2"})

_ZONE_ID = re.compile(r"(?P<prefix>[a-z]+(?:-[a-z]+)*[0-9]+)-az(?P<number>[1-9][0-9]?)")
_LOCAL_ZONE_ID = re.compile(r"[a-z]+[0-9]+(?:-wl[0-9])?-[a-z]+[0-9]*-(?:az|wlz)[0-9]+")
_ZONE_NAME = re.compile(r"(?P<region>[a-z]+(?:-[a-z]+)+-[0-9]+)[a-z]")


def zone_number(zone_id: str) -> int:
    """Return the number at the end of a zone id that `check_zones` or AWS gave.

    Raises:
        ValueError: it is no zone id.

    """
    match = _ZONE_ID.fullmatch(zone_id)
    if match is None:
        raise ValueError(f"{zone_id!r} is no zone id")
    return int(match["number"])


def check_zone_id(field: str, value: object) -> str:
    """Return `value` when it has the form of an availability zone's id.

    Raises:
        InvalidInput: it has not; the sentence tells a zone's name and a Local Zone apart.

    """
    zone_id = text(field, value)
    if _ZONE_ID.fullmatch(zone_id):
        return zone_id
    name = _ZONE_NAME.fullmatch(zone_id)
    if name is not None:
        region = REGIONS.get(name["region"])
        ids = listing(region.zone_ids) if region else "such as 'use1-az1'"
        raise InvalidInput(
            f"{field} names {zone_id!r}, which is a zone's name and means another place in another"
            f" account; give a zone id, {ids}"
        )
    if _LOCAL_ZONE_ID.fullmatch(zone_id):
        raise InvalidInput(
            f"{field} names {zone_id!r}, a Local or Wavelength Zone; a network spans availability"
            " zones only, such as 'use1-az1'"
        )
    raise InvalidInput(f"{field} names {zone_id!r}, it must be a zone id such as 'use1-az1'")


def check_zones(
    field: str, zone_ids: object, *, region: str | None, vouched: Collection[str] = ()
) -> tuple[str, ...]:
    """Return zone ids in the order given when all are zones of one region.

    `region` is the region they must be in, None when it is not known here. A zone in `vouched` is
    accepted although the table above does not know it: AWS opens new ones.

    Raises:
        InvalidInput: none is given, one twice, or one that is of another region, unknown, a zone's
            name, or a Local or Wavelength Zone.

    """
    given = [check_zone_id(field, zone_id) for zone_id in items(field, zone_ids)]
    if not given:
        raise InvalidInput(f"{field} is empty, it must list zone ids such as 'use1-az1'")
    first = _prefix(given[0])
    for index, zone_id in enumerate(given):
        if zone_id in given[:index]:
            raise InvalidInput(f"{field} lists {zone_id!r} twice")
        prefix = _prefix(zone_id)
        of = _BY_PREFIX.get(prefix)
        if region is not None and of is not None and of.name != region:
            there = REGIONS.get(region)
            zones = f"; its zones are {listing(there.zone_ids, 'and')}" if there else ""
            raise InvalidInput(
                f"{field} lists {zone_id!r}, which is in {of.name!r}, not in {region!r}{zones}"
            )
        if prefix != first:
            raise InvalidInput(
                f"{field} lists {given[0]!r} and {zone_id!r}, which are in different regions; a"
                " network lies in one"
            )
        if zone_id not in vouched and (of is None or zone_id not in of.zone_ids):
            raise InvalidInput(_unknown_zone(field, zone_id, of))
    return tuple(given)


def choose_zones(
    field: str, available: Iterable[str], count: int, *, avoid: Collection[str]
) -> tuple[str, ...]:
    """Return `count` of the available zones, the lowest numbers first, none of `avoid`.

    Raises:
        InvalidInput: there are not so many.

    """
    usable = [zone_id for zone_id in available if _ZONE_ID.fullmatch(zone_id)]
    chosen = sorted((one for one in usable if one not in avoid), key=zone_number)
    if len(chosen) < count:
        avoided = sorted(set(avoid).intersection(usable))
        less = f", without {listing(avoided, 'and')}" if avoided else ""
        raise InvalidInput(
            f"{field} is {count}, the account sees only {len(chosen)} usable zones here{less}"
        )
    return tuple(chosen[:count])


def zone_slots(
    zone_ids: Sequence[str], count: int, overrides: object, *, field: str
) -> dict[str, int]:
    """Return the slot of each zone: its number less one, modulo `count`, or its override.

    Raises:
        InvalidInput: two zones have one slot, or an override is not between 0 and `count` less one.

    """
    chosen = {
        check_zone_id(field, zone_id): integer(
            f"{field}[{zone_id!r}]", slot, least=0, most=count - 1
        )
        for zone_id, slot in entries(field, overrides).items()
    }
    slots = {one: chosen.get(one, (zone_number(one) - 1) % count) for one in zone_ids}
    first_in: dict[int, str] = {}
    for zone_id in sorted(zone_ids):
        slot = slots[zone_id]
        other = first_in.setdefault(slot, zone_id)
        if other != zone_id:
            free = sorted(set(range(count)).difference(slots.values()))
            mend = (
                f"give one of them a free slot, {listing(free)}, in {field}"
                if free
                else "leave one out, or plan the network with more zone_slots"
            )
            raise InvalidInput(
                f"zones {other!r} and {zone_id!r} both have slot {slot} of {count}; {mend}"
            )
    return slots


def _prefix(zone_id: str) -> str:
    return zone_id.rpartition("-az")[0]


def _unknown_zone(field: str, zone_id: str, region: Region | None) -> str:
    new = "if AWS has just opened it, give it a slot in zone_slot_overrides"
    if region is not None:
        return (
            f"{field} lists {zone_id!r}, which is no known zone of {region.name!r}; its zones are"
            f" {listing(region.zone_ids, 'and')}; {new}"
        )
    meant = nearest(_prefix(zone_id), _BY_PREFIX)
    hint = f"; '{meant}-az{zone_number(zone_id)}' may be meant" if meant else ""
    return f"{field} lists {zone_id!r}, which is of no known region{hint}; {new}"
