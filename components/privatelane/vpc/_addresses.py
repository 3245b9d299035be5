"""The address plan of a network: which range each subnet gets.

The plan is pure and keeps no state, and yet an address in use never moves: a subnet's range follows
from the slot of its group and the slot of its zone, and these follow from the group's and the
zone's own settings, not from which others there are or in which order they stand. Where that cannot
be decided (two groups would share a slot) the plan is refused, not moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from types import MappingProxyType

from privatelane._invalid import InvalidInput, entries, integer, items, listing, text
from privatelane._zones import check_zone_id

#: The longest and the shortest prefix of a VPC's and of a subnet's range.
#: Source: "VPC CIDR blocks" and "Subnet CIDR blocks" in the Amazon VPC user guide.
LARGEST, SMALLEST = 16, 28

#: Addresses that AWS keeps in every subnet: the first four and the last.
#: Source: "Subnet CIDR blocks" in the Amazon VPC user guide.
RESERVED = 5

#: How many /64 a VPC has: Amazon assigns a /56.
IPV6_SUBNETS = 256

#: Ranges AWS does not let one VPC mix, or use at all.
#: Source: "IPv4 CIDR block association restrictions" in the Amazon VPC user guide.
_RFC_1918 = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_LINK_LOCAL = IPv4Network("169.254.0.0/16")
_INTERNAL = IPv4Network("198.19.0.0/16")


@dataclass(frozen=True, slots=True)
class Group:
    """What the plan needs to know of a group of subnets, as it was configured and yet unchecked."""

    name: str
    public: bool
    slot: object = None
    share: object = None
    prefix_length: object = None
    #: Which of the VPC's ranges the group is in; the primary one when None.
    cidr_block: object = None
    #: Ranges by zone id, in place of a slot.
    cidrs: object = None
    ipv6_slot: object = None


@dataclass(frozen=True, slots=True)
class PlannedSubnet:
    """One subnet and its range."""

    group: str
    zone_id: str
    cidr: IPv4Network
    #: Which /64 of the VPC's IPv6 range is the subnet's; None in a network without IPv6.
    ipv6_index: int | None

    @property
    def key(self) -> str:
        """The subnet's key in every flat map: "<group>/<zone-id>"."""
        return f"{self.group}/{self.zone_id}"

    @property
    def usable(self) -> int:
        """How many addresses AWS leaves for use."""
        return self.cidr.num_addresses - RESERVED


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """The ranges of a network."""

    #: The VPC's own ranges, the primary one first.
    cidr_blocks: tuple[IPv4Network, ...]
    #: By "<group>/<zone-id>", in the order of that key.
    subnets: Mapping[str, PlannedSubnet]
    #: What each group holds for zones in use and yet to come; none for explicit ranges.
    held: Mapping[str, IPv4Network]

    def of(self, group: str) -> tuple[PlannedSubnet, ...]:
        """The subnets of one group, in the order of their zones."""
        return tuple(one for one in self.subnets.values() if one.group == group)

    def block_of(self, subnet: PlannedSubnet) -> IPv4Network:
        """The VPC's range that a subnet lies in."""
        return next(block for block in self.cidr_blocks if subnet.cidr.subnet_of(block))


def plan_addresses(
    cidr_block: object,
    groups: Sequence[Group],
    zones: Mapping[str, int],
    *,
    secondary: object = (),
    group_slots: int = 8,
    zone_slots: int = 4,
    ipv6: bool = False,
) -> AddressPlan:
    """Return the ranges of every group in every zone.

    Each of the VPC's ranges is cut into `group_slots` equal ranges, and a group's range into
    `zone_slots` subnets; both are powers of two. `zones` gives each zone's slot.

    Raises:
        InvalidInput: a range is malformed, misaligned, outside AWS's sizes or overlaps another, or
            two groups would share a slot.

    """
    blocks = _vpc_blocks(cidr_block, secondary)
    ordered = sorted(groups, key=lambda group: group.name)
    cuts = {block: _Cut(block, group_slots, zone_slots) for block in blocks}
    slotted = {group.name: _lot(group, cuts) for group in ordered if group.cidrs is None}
    for cut in cuts.values():
        _refuse_shared_slots(cut, [lot for lot in slotted.values() if lot.cut == cut])
    holdings = _Holdings([(lot.range, f"held for group {name!r}") for name, lot in slotted.items()])
    ranges = {name: lot.subnets(zones) for name, lot in slotted.items()}
    for group in ordered:
        if group.cidrs is not None:
            ranges[group.name] = _explicit(group, zones, blocks, holdings)
    ipv6_slots = _ipv6_slots(ordered, slotted, blocks[0], zone_slots) if ipv6 else {}
    subnets = [
        PlannedSubnet(
            group=name,
            zone_id=zone_id,
            cidr=cidr,
            ipv6_index=ipv6_slots[name] * zone_slots + zones[zone_id] if ipv6 else None,
        )
        for name, by_zone in ranges.items()
        for zone_id, cidr in by_zone.items()
    ]
    return AddressPlan(
        cidr_blocks=blocks,
        subnets=MappingProxyType({one.key: one for one in sorted(subnets, key=lambda s: s.key)}),
        held=MappingProxyType({name: lot.range for name, lot in slotted.items()}),
    )


def ipv6_subnet(block: str, index: int) -> str:
    """Return the /64 of that index in a VPC's IPv6 range.

    Raises:
        ValueError: `block` is no IPv6 range or has no such /64.

    """
    network = IPv6Network(block)
    subnet = IPv6Network((int(network.network_address) + (index << 64), 64))
    if not subnet.subnet_of(network):
        raise ValueError(f"{block} has no /64 number {index}")
    return str(subnet)


@dataclass(frozen=True, slots=True)
class _Cut:
    """How one range of the VPC is cut."""

    block: IPv4Network
    group_slots: int
    zone_slots: int

    @property
    def slot_prefix(self) -> int:
        return self.block.prefixlen + _bits(self.group_slots)


@dataclass(frozen=True, slots=True)
class _Lot:
    """A group's part of a cut: `share` slots, of which each zone gets one subnet."""

    group: Group
    cut: _Cut
    share: int
    #: The prefix length of one subnet.
    prefix: int
    slot: int

    @property
    def slots(self) -> range:
        return range(self.slot, self.slot + self.share)

    @property
    def range(self) -> IPv4Network:
        prefix = self.cut.slot_prefix - _bits(self.share)
        start = (self.slot // self.share) << (32 - prefix)
        return IPv4Network((int(self.cut.block.network_address) + start, prefix))

    def subnets(self, zones: Mapping[str, int]) -> dict[str, IPv4Network]:
        start = int(self.range.network_address)
        return {
            zone_id: IPv4Network((start + (slot << (32 - self.prefix)), self.prefix))
            for zone_id, slot in zones.items()
        }


@dataclass(slots=True)
class _Holdings:
    """Who holds which range so far."""

    ranges: list[tuple[IPv4Network, str]] = field(default_factory=list)

    def take(self, wanted: IPv4Network, by: str, field_: str) -> None:
        for taken, holder in self.ranges:
            if wanted.overlaps(taken):
                raise InvalidInput(f"{field_} is '{wanted}', which overlaps {taken}, {holder}")
        self.ranges.append((wanted, by))


def _lot(group: Group, cuts: Mapping[IPv4Network, _Cut]) -> _Lot:
    """Size a group, and give it its own slot or, with none, the home slot of its kind.

    Public groups are at home at the start of a range and all others in its middle, so a private
    group that becomes isolated stays where it is.
    """
    where = f"groups.{group.name}"
    cut = _cut_of(group, cuts)
    if group.prefix_length is not None:
        if group.share is not None:
            raise InvalidInput(f"{where} has both share and prefix_length, it must have one")
        share, prefix = _sized(f"{where}.prefix_length", group.prefix_length, cut)
    else:
        share = 1 if group.share is None else _share(f"{where}.share", group.share, cut)
        prefix = cut.slot_prefix - _bits(share) + _bits(cut.zone_slots)
        if prefix > SMALLEST:
            raise InvalidInput(
                f"{where} would get subnets of /{prefix} from {cut.block}, AWS makes none smaller"
                f" than /{SMALLEST}; give it a larger share, or cut the range into fewer"
                " group_slots or zone_slots"
            )
    if group.slot is None:
        home = 0 if group.public else cut.group_slots // 2
        return _Lot(group, cut, share, prefix, slot=home // share * share)
    slot = integer(f"{where}.slot", group.slot, least=0, most=cut.group_slots - 1)
    if slot % share:
        raise InvalidInput(
            f"{where}.slot is {slot}, but the group takes {share} slots and must begin at a"
            f" multiple of that: {listing(range(0, cut.group_slots, share))}"
        )
    return _Lot(group, cut, share, prefix, slot)


def _refuse_shared_slots(cut: _Cut, lots: Sequence[_Lot]) -> None:
    holder: dict[int, _Lot] = {}
    for lot in lots:
        for slot in lot.slots:
            other = holder.setdefault(slot, lot)
            if other is not lot:
                taken = {slot for one in lots for slot in one.slots}
                # Which of the two is newer is not known here, so the larger one must fit.
                share = max(lot.share, other.share)
                free = [
                    start
                    for start in range(0, cut.group_slots, share)
                    if taken.isdisjoint(range(start, start + share))
                ]
                mend = (
                    f"set slot of the newer one to a free slot: {listing(free)}"
                    if free
                    else "the range has no room for both, use smaller shares or more group_slots"
                )
                raise InvalidInput(
                    f"groups {other.group.name!r} and {lot.group.name!r} would share slot {slot} of"
                    f" {cut.block}; {mend}"
                )


def _cut_of(group: Group, cuts: Mapping[IPv4Network, _Cut]) -> _Cut:
    if group.cidr_block is None:
        return next(iter(cuts.values()))
    field_ = f"groups.{group.name}.cidr_block"
    block = _network(field_, group.cidr_block)
    if block not in cuts:
        raise InvalidInput(
            f"{field_} is '{block}', it must be one of the network's ranges,"
            f" {listing(map(str, cuts))}"
        )
    return cuts[block]


def _share(field_: str, value: object, cut: _Cut) -> int:
    share = integer(field_, value, least=1, most=cut.group_slots)
    if share & (share - 1):
        raise InvalidInput(f"{field_} is {share}, it must be a power of two")
    return share


def _sized(field_: str, value: object, cut: _Cut) -> tuple[int, int]:
    """Return how many slots hold a subnet of that prefix length for each zone slot."""
    prefix = integer(field_, value, least=LARGEST, most=SMALLEST)
    span = prefix - _bits(cut.zone_slots)
    if span < cut.block.prefixlen:
        raise InvalidInput(
            f"{field_} is {prefix}, but {cut.block} holds no {cut.zone_slots} subnets of that size,"
            f" one for each of zone_slots; the largest that fit are"
            f" /{cut.block.prefixlen + _bits(cut.zone_slots)}"
        )
    return 1 << max(0, cut.slot_prefix - span), prefix


def _explicit(
    group: Group, zones: Mapping[str, int], blocks: Sequence[IPv4Network], holdings: _Holdings
) -> dict[str, IPv4Network]:
    """Return the ranges that a group names by zone; those of other zones are held back."""
    where = f"groups.{group.name}"
    for key in ("slot", "share", "prefix_length", "cidr_block"):
        if getattr(group, key) is not None:
            raise InvalidInput(f"{where} has both cidrs and {key}, it must have one")
    given = entries(f"{where}.cidrs", group.cidrs)
    for zone_id in zones:
        if zone_id not in given:
            raise InvalidInput(f"{where}.cidrs names no range for zone {zone_id!r}")
    ranges = {}
    for zone_id, value in given.items():
        field_ = f"{where}.cidrs[{check_zone_id(f'{where}.cidrs', zone_id)!r}]"
        cidr = _network(field_, value)
        if not any(cidr.subnet_of(block) for block in blocks):
            raise InvalidInput(
                f"{field_} is '{cidr}', it must lie in one of the network's ranges,"
                f" {listing(map(str, blocks))}"
            )
        holdings.take(cidr, f"the range of group {group.name!r} in {zone_id}", field_)
        ranges[zone_id] = cidr
    return {zone_id: ranges[zone_id] for zone_id in zones}


def _ipv6_slots(
    groups: Sequence[Group], lots: Mapping[str, _Lot], primary: IPv4Network, zone_slots: int
) -> dict[str, int]:
    """Return each group's slot among the /64: its own, or its slot in the primary range."""
    most = IPV6_SUBNETS // zone_slots - 1
    slots: dict[str, int] = {}
    # Those in the primary range come first: the others are told what is free.
    for group in sorted(groups, key=lambda one: one.ipv6_slot is not None):
        field_ = f"groups.{group.name}.ipv6_slot"
        lot = lots.get(group.name)
        if group.ipv6_slot is not None:
            slot = integer(field_, group.ipv6_slot, least=0, most=most)
        elif lot is not None and lot.cut.block == primary and lot.slot <= most:
            slot = lot.slot
        else:
            raise InvalidInput(
                f"{field_} is missing, the group has no slot of cidr_block to take its /64 from;"
                f" set it to a whole number from 0 to {most}"
            )
        other = next((name for name, taken in slots.items() if taken == slot), None)
        if other is not None:
            raise InvalidInput(f"{field_} is {slot}, which group {other!r} has")
        slots[group.name] = slot
    return slots


def _vpc_blocks(primary: object, secondary: object) -> tuple[IPv4Network, ...]:
    first = _network("cidr_block", primary)
    if first.subnet_of(_LINK_LOCAL):
        raise InvalidInput(f"cidr_block is '{first}', a link-local range, which no VPC may have")
    blocks = [first]
    for index, value in enumerate(items("secondary_cidr_blocks", secondary)):
        field_ = f"secondary_cidr_blocks[{index}]"
        block = _network(field_, value)
        for other in blocks:
            if block.overlaps(other):
                raise InvalidInput(f"{field_} is '{block}', which overlaps {other}")
        reason = _not_beside(first, block)
        if reason:
            raise InvalidInput(f"{field_} is '{block}', {reason}")
        blocks.append(block)
    return tuple(blocks)


def _not_beside(primary: IPv4Network, added: IPv4Network) -> str | None:
    """Return why AWS would not add a range to a VPC with that primary one."""
    if added.subnet_of(_LINK_LOCAL):
        return "a link-local range, which no VPC may have"
    if added.subnet_of(_INTERNAL) and not primary.subnet_of(_INTERNAL):
        return f"which AWS does not add to a VPC outside {_INTERNAL}"
    home = next((one for one in _RFC_1918 if added.subnet_of(one)), None)
    if home is None:
        return None
    if not primary.subnet_of(home):
        return f"of {home}, which AWS does not add to a VPC of {primary}"
    # AWS uses these two itself, across VPCs.
    if added.subnet_of(IPv4Network("10.0.0.0/16")) and primary.subnet_of(
        IPv4Network("10.0.0.0/15")
    ):
        return f"of 10.0.0.0/16, which AWS does not add to a VPC of {primary}"
    if added.subnet_of(IPv4Network("172.31.0.0/16")):
        return f"of 172.31.0.0/16, which AWS does not add to a VPC of {primary}"
    return None


def _network(field_: str, value: object) -> IPv4Network:
    """Return a range of a size that AWS makes VPCs and subnets of.

    Raises:
        InvalidInput: it is malformed, begins off its own size, or is of another size.

    """
    given = text(field_, value)
    try:
        network = IPv4Network(given, strict=False)
    except ValueError:
        raise InvalidInput(
            f"{field_} is {given!r}, it must be an IPv4 range such as '10.0.0.0/16'"
        ) from None
    if not LARGEST <= network.prefixlen <= SMALLEST:
        raise InvalidInput(
            f"{field_} is {given!r}, it must be a range from /{LARGEST} to /{SMALLEST}"
        )
    if IPv4Address(given.partition("/")[0]) != network.network_address:
        raise InvalidInput(f"{field_} is {given!r}, a /{network.prefixlen} begins at {network}")
    return network


def _bits(power_of_two: int) -> int:
    return power_of_two.bit_length() - 1
