"""Sets of addresses with the usual algebra, so that no prefix is ever compared as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privatelane_paths.facts import Prefix

__all__ = ["IPV4", "IPV6", "NAT64", "AddressSet", "public", "within"]

IPV4, IPV6 = 4, 6

#: Where NAT64 finds the IPv4 address inside an IPv6 one (RFC 6052); DNS64 synthesises into it.
NAT64 = ip_network("64:ff9b::/96")
#: The addresses of a /24, in which no service of a region stands with all of its addresses.
_ONE_24 = 256
_BITS = {IPV4: 32, IPV6: 128}
#: IPv4 blocks that no public service stands in (IANA's special-purpose registry, RFC 6890).
_SPECIAL = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
#: Blocks of the US Department of Defense and of Apple (IANA's IPv4 registry): nothing of AWS stands
#: there, and many networks use the former like private ones.
_HELD_BY_OTHERS = tuple(
    f"{first}.0.0.0/8" for first in (6, 7, 11, 17, 21, 22, 26, 28, 29, 30, 33, 55, 214, 215)
)
#: The IPv6 block that addresses are assigned from, and the part kept for documentation.
_ASSIGNED = "2000::/3"
_DOCUMENTATION = "2001:db8::/32"


@dataclass(frozen=True, slots=True)
class AddressSet:
    """A set of addresses of one IP version: sorted, disjoint, non-adjacent inclusive ranges."""

    version: int
    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, prefixes: Iterable[Prefix], version: int) -> AddressSet:
        """The addresses of the prefixes that are of this version."""
        return cls._build(
            version,
            (
                (int(prefix.network_address), int(prefix.broadcast_address))
                for prefix in prefixes
                if prefix.version == version
            ),
        )

    @classmethod
    def of_ranges(cls, ranges: Iterable[tuple[int, int]], version: int) -> AddressSet:
        """The addresses in inclusive ranges."""
        return cls._build(version, ranges)

    @classmethod
    def full(cls, version: int) -> AddressSet:
        """Every address of a version."""
        return cls(version, ((0, 2 ** _BITS[version] - 1),))

    @classmethod
    def _build(cls, version: int, ranges: Iterable[tuple[int, int]]) -> AddressSet:
        merged: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        return cls(version, tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __or__(self, other: AddressSet) -> AddressSet:
        return self._build(self.version, self.ranges + other.ranges)

    def __and__(self, other: AddressSet) -> AddressSet:
        found: list[tuple[int, int]] = []
        mine, theirs = 0, 0
        while mine < len(self.ranges) and theirs < len(other.ranges):
            first = max(self.ranges[mine][0], other.ranges[theirs][0])
            last = min(self.ranges[mine][1], other.ranges[theirs][1])
            if first <= last:
                found.append((first, last))
            if self.ranges[mine][1] < other.ranges[theirs][1]:
                mine += 1
            else:
                theirs += 1
        return AddressSet(self.version, tuple(found))

    def __invert__(self) -> AddressSet:
        found: list[tuple[int, int]] = []
        start = 0
        for first, last in self.ranges:
            if start < first:
                found.append((start, first - 1))
            start = last + 1
        end = 2 ** _BITS[self.version] - 1
        if start <= end:
            found.append((start, end))
        return AddressSet(self.version, tuple(found))

    def __sub__(self, other: AddressSet) -> AddressSet:
        return self & ~other

    def __le__(self, other: AddressSet) -> bool:
        return not self - other

    def has_nearly(self, part: AddressSet) -> bool:
        """Whether a part of the set is all of it but for at most 256 addresses."""
        return self._size - part._size <= _ONE_24

    @property
    def _size(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def meets(self, first: int, last: int) -> bool:
        """Whether some address of the set lies in an inclusive range."""
        return any(low <= last and first <= high for low, high in self.ranges)


@lru_cache(maxsize=4096)
def within(prefix: Prefix, version: int) -> AddressSet:
    """The addresses of one prefix, none if it is of the other version."""
    return AddressSet.of([prefix], version)


@cache
def public(version: int) -> AddressSet:
    """The addresses at which a public service of AWS can stand."""
    if version == IPV4:
        return ~AddressSet.of(map(ip_network, (*_SPECIAL, *_HELD_BY_OTHERS)), version)
    assigned = AddressSet.of([ip_network(_ASSIGNED)], version)
    return assigned - AddressSet.of([ip_network(_DOCUMENTATION)], version)
