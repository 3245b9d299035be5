"""Which addresses are whose, as ranges that never overlap.

Every IPv4 address lies in exactly one range, and so does every IPv6 address that stands for one
behind a NAT (64:ff9b::/96). Other IPv6 addresses lie in none: NAT gateways do not translate them.
A range is a pair of keys, texts of fixed width that sort like the addresses, because neither big
integers nor address types are the same in DuckDB and Athena; each range lies in one bucket, the
key's beginning, so that both engines join by equality first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_network
from pathlib import Path
from typing import Any, NamedTuple

from lane.errors import Unusable
from lane.json_file import read_json

__all__ = ["BUCKET", "INTERNET", "LOCAL", "UNKNOWN", "WIDE", "Range", "key", "ranges", "read"]

#: Inside networks, where no NAT to the internet leads.
LOCAL = "local"
#: Known to be none of AWS's.
INTERNET = "internet"
#: Outside, but nothing given says whose.
UNKNOWN = "unknown"
#: Names for addresses of many services: one of these says little.
WIDE = ("AMAZON", "EC2")

#: Characters of a key that name its bucket: the family and 12 bits, or an IPv4 address' first byte.
BUCKET = 4

#: Private use, shared, link-local, loopback, multicast and reserved.
_NOT_OUTSIDE = tuple(
    IPv4Network(cidr)
    for cidr in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
#: The prefix under which DNS64 of AWS shows IPv4 addresses to IPv6 clients. Source: "DNS64 and
#: NAT64" in the Amazon VPC user guide.
_NAT64 = int(IPv6Address("64:ff9b::"))
_END = 1 << 32


class Range(NamedTuple):
    """Addresses of one name between two keys, both included."""

    bucket: str
    low: str
    high: str
    service: str


class Named(NamedTuple):
    """A published range."""

    network: IPv4Network
    service: str


def key(address: IPv4Address | IPv6Address) -> str:
    """The text that sorts as addresses do; the SQL makes the same one."""
    if isinstance(address, IPv4Address):
        return "4" + "".join(f"{part:03d}" for part in address.packed)
    return f"6{int(address):032x}"


def read(files: Sequence[Path]) -> tuple[Named, ...]:
    """The IPv4 ranges in files of the form of AWS's ip-ranges.json.

    A file of one's own may name services that AWS's does not, such as ECR. Raises `Unusable`.
    """
    found: list[Named] = []
    for file in files:
        prefixes = _document(file).get("prefixes")
        if not isinstance(prefixes, list) or not prefixes:
            raise Unusable(
                f"--ip-ranges {file}: it must be a file like AWS's ip-ranges.json, with a list "
                "`prefixes`"
            )
        for number, one in enumerate(prefixes):
            found.append(_named(one, file, number))
    return tuple(found)


def _document(file: Path) -> dict[str, Any]:
    document = read_json(file, f"--ip-ranges {file}")
    return document if isinstance(document, dict) else {}


def _named(one: object, file: Path, number: int) -> Named:
    prefix = one.get("ip_prefix") if isinstance(one, dict) else None
    service = one.get("service") if isinstance(one, dict) else None
    try:
        network = ip_network(prefix) if isinstance(prefix, str) else None
    except ValueError:
        network = None
    if not isinstance(network, IPv4Network) or not isinstance(service, str) or not service:
        raise Unusable(
            f"--ip-ranges {file}: prefixes[{number}] must have an `ip_prefix` such as "
            f"3.5.0.0/19 and a `service`, not {json.dumps(one)[:80]}"
        )
    return Named(network, service)


def ranges(named: Iterable[Named], local: Iterable[IPv4Network] = ()) -> tuple[Range, ...]:
    """All addresses, parted by name.

    A narrow name wins over a wide one, then the longer prefix. `local` adds the networks' own
    ranges to the private ones. Without published ranges what is outside is `UNKNOWN`.
    """
    named = tuple(named)
    rest = INTERNET if named else UNKNOWN
    inside = [(network, LOCAL) for network in (*_NOT_OUTSIDE, *local)]
    # Painted one over the other, the most telling last.
    order = sorted(
        dict.fromkeys(named),
        key=lambda one: (-_width(one.service), one.network.prefixlen, one.service),
    )
    layers = [(IPv4Network("0.0.0.0/0"), rest), *order, *inside]
    parted = list(_parted(layers))
    return (*_keyed(parted, 0, 1 << 24), *_keyed(parted, _NAT64, 1 << 116))


def _width(service: str) -> int:
    return len(WIDE) - WIDE.index(service) if service in WIDE else 0


def _parted(layers: Sequence[tuple[IPv4Network, str]]) -> Iterator[tuple[int, int, str]]:
    """Disjoint pieces `(first, end, service)`, in order and merged, of layers painted in order."""
    starts: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for number, (network, _) in enumerate(layers):
        first = int(network.network_address)
        starts.setdefault(first, []).append(number)
        ends.setdefault(first + network.num_addresses, []).append(number)
    active: set[int] = set()
    piece: tuple[int, str] | None = None
    for point in sorted({*starts, *ends}):
        active.difference_update(ends.get(point, ()))
        active.update(starts.get(point, ()))
        top = layers[max(active)][1] if active else None
        if piece is not None and piece[1] != top:
            yield piece[0], point, piece[1]
            piece = None
        if piece is None and top is not None:
            piece = (point, top)


def _keyed(parted: Iterable[tuple[int, int, str]], offset: int, bucket: int) -> Iterator[Range]:
    """Pieces as ranges of keys, cut at the borders of buckets."""
    made = IPv6Address if offset else IPv4Address
    for first, end, service in parted:
        low = first + offset
        while low < end + offset:
            cut = min(end + offset, (low // bucket + 1) * bucket)
            text = key(made(low))
            yield Range(text[:BUCKET], text, key(made(cut - 1)), service)
            low = cut
