"""The ranges of an EKS cluster, which may not overlap with anything that it talks to.

Service addresses exist inside the cluster only. A pod that calls a machine whose address lies in
that range reaches a service, or nothing: with a VPC, a peer or a hybrid network that overlaps, the
machine is lost without an error, and the range can never be changed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from privatelane._invalid import InvalidInput, described, items, text

Ipv4 = ipaddress.IPv4Network

#: What Kubernetes services get unless something else is asked for. EKS itself would pick this range
#: or 10.100.0.0/16 by the VPC's own, so that a range added to a VPC could change its mind.
SERVICE_CIDR = "172.20.0.0/16"

#: Where `service_ipv4_cidr` must lie, and how long its prefix may be. Source: `CreateCluster` and
#: `KubernetesNetworkConfigRequest` in the EKS API reference.
_PRIVATE = tuple(map(Ipv4, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_SERVICE_PREFIX = range(12, 25)

#: Where hybrid nodes and their pods may be, and how many ranges of each there can be. Source:
#: "Prepare networking for hybrid nodes" in the EKS user guide.
_REMOTE = (*_PRIVATE, Ipv4("100.64.0.0/10"))
_MOST_REMOTE = 15


def ipv4_range(field: str, value: object) -> Ipv4:
    """Return `value` as a range.

    Raises:
        InvalidInput: it is none; the sentence names the range that was probably meant.

    """
    given = text(field, value)
    try:
        return Ipv4(given)
    except ValueError:
        pass
    try:
        meant = Ipv4(given, strict=False)
    except ValueError:
        raise InvalidInput(
            f"{field} is {given!r}, it must be an IPv4 range such as '10.0.0.0/16'"
        ) from None
    raise InvalidInput(
        f"{field} is {given!r}, which begins inside a range; {str(meant)!r} is meant"
    )


def ipv4_ranges(field: str, values: object) -> tuple[Ipv4, ...]:
    """Return `values`, a list of ranges, as ranges.

    Raises:
        InvalidInput: it is no list, or one of its items is no range.

    """
    return tuple(ipv4_range(field, value) for value in items(field, values))


def service_range(field: str, value: object) -> Ipv4:
    """Return the range of the services when EKS accepts it.

    Raises:
        InvalidInput: it is no private range of an accepted size.

    """
    network = ipv4_range(field, value)
    if network.prefixlen not in _SERVICE_PREFIX or not _within(network, _PRIVATE):
        raise InvalidInput(
            f"{field} is {str(network)!r}, EKS accepts a range of 10.0.0.0/8, 172.16.0.0/12 or"
            " 192.168.0.0/16 with a prefix from /12 to /24"
        )
    return network


def remote_ranges(field: str, values: object) -> tuple[Ipv4, ...]:
    """Return the ranges of hybrid nodes, or of their pods, when EKS accepts them.

    Raises:
        InvalidInput: there are too many, or one is public.

    """
    networks = ipv4_ranges(field, values)
    if len(networks) > _MOST_REMOTE:
        raise InvalidInput(f"{field} has {len(networks)} ranges, EKS accepts {_MOST_REMOTE}")
    for network in networks:
        if not _within(network, _REMOTE):
            raise InvalidInput(
                f"{field} has {str(network)!r}, hybrid networks are private ranges: of 10.0.0.0/8,"
                " 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10"
            )
    return networks


def check_apart(
    service: tuple[str, Ipv4] | None,
    remote: Mapping[str, Sequence[Ipv4]],
    others: Mapping[str, Sequence[Ipv4]],
) -> None:
    """Accept ranges of a cluster that overlap neither with each other nor with other networks.

    `service` is the field and the range of the services, None where they have no IPv4 range;
    `remote` holds the ranges of hybrid networks, `others` those of the VPC and what is connected to
    it, by field. Two ranges in `others` are no business of the cluster.

    Raises:
        InvalidInput: two overlap; for the services the sentence names a range that is free.

    """
    known = [*_listed(remote), *_listed(others)]
    if service is not None:
        field, network = service
        for other, taken in known:
            if network.overlaps(taken):
                free = _free([one for _, one in known])
                hint = f"; {str(free)!r} is free" if free else ""
                raise InvalidInput(
                    f"{field} is {str(network)!r}, which overlaps with {str(taken)!r} of"
                    f" {other}{hint}"
                )
    clashes = [*combinations(_listed(remote), 2)]
    clashes += [(own, other) for own in _listed(remote) for other in _listed(others)]
    for (field, network), (other, taken) in clashes:
        if network.overlaps(taken):
            raise InvalidInput(
                f"{field} has {str(network)!r}, which overlaps with {str(taken)!r} of {other};"
                " packets to a hybrid node would never leave"
            )


def public_ranges(field: str, values: object) -> tuple[str, ...]:
    """Return the ranges that may call a public API, as EKS accepts them.

    Raises:
        InvalidInput: there is none, one is not public, or together they are the whole internet.

    """
    networks = ipv4_ranges(field, values)
    if not networks:
        raise InvalidInput(
            f"{field} is empty, which EKS takes for the whole internet; leave it out to have no"
            " public API"
        )
    if any(one.prefixlen == 0 for one in ipaddress.collapse_addresses(networks)):
        raise InvalidInput(
            f"{field} is the whole internet; name the ranges that call the API, or leave it out and"
            " call it from the VPC"
        )
    for network in networks:
        if not network.is_global:
            raise InvalidInput(
                f"{field} has {str(network)!r}, which no caller from the internet has; callers in"
                " the VPC, its peers and its VPNs belong in api_clients"
            )
    return tuple(map(str, networks))


def _within(network: Ipv4, ranges: Iterable[Ipv4]) -> bool:
    return any(network.subnet_of(one) for one in ranges)


def _listed(ranges: Mapping[str, Sequence[Ipv4]]) -> list[tuple[str, Ipv4]]:
    return [(field, network) for field, networks in ranges.items() for network in networks]


def _free(taken: Sequence[Ipv4]) -> Ipv4 | None:
    def candidates() -> Iterator[Ipv4]:
        yield Ipv4(SERVICE_CIDR)
        yield Ipv4("10.100.0.0/16")
        for network in reversed(_PRIVATE):
            yield from network.subnets(new_prefix=16)

    return next((one for one in candidates() if not any(map(one.overlaps, taken))), None)


def usable_addresses(field: str, value: object) -> int:
    """Return how many addresses of a subnet's range are left: AWS keeps five.

    Raises:
        InvalidInput: it is no range.

    """
    if not isinstance(value, str):
        raise InvalidInput(f"{field} is {described(value)}, it must be an IPv4 range")
    return ipv4_range(field, value).num_addresses - 5
