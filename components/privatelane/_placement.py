"""Whether a task can start in a group of subnets: the comparison of its needs with the lanes there.

A service is reached privately (an endpoint that serves the group), over the internet (a NAT
gateway, or an internet gateway and an address of the task's own) or not at all. A task whose image,
log stream or secrets are in the last case stops in a state of PENDING with a timeout, minutes after
the deployment has begun, so it is refused beforehand.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from privatelane._images import Image, into_ecr
from privatelane._invalid import InvalidInput, choice, listing
from privatelane._needs import NEEDS
from privatelane._services import service

#: What a group of subnets has towards the internet, as `Network.egress` tells it.
EGRESS = ("internet-gateway", "nat", "none")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where tasks run, and what they reach from there."""

    group: str
    egress: str
    """One of `EGRESS`."""
    private: frozenset[str]
    """Services that an endpoint serves to the group."""
    public_ip: bool = False
    allows_internet: bool = False
    """Whether the task's security group lets traffic out to some public address."""
    allows_endpoints: bool = True
    """Whether it lets traffic out to the interface endpoints."""
    prefix_lists: frozenset[str] | None = None
    """Gateway services whose prefix lists it lets traffic out to, None while that is unknown."""

    @property
    def routed(self) -> bool:
        """Whether packets of a task find a way to the internet and back."""
        return self.egress == "nat" or (self.egress == "internet-gateway" and self.public_ip)

    @property
    def internet(self) -> bool:
        """Whether a task reaches public addresses: by route and by security group."""
        return self.routed and self.allows_internet

    def check_address(self) -> None:
        """Accept a public address where one is of use.

        Raises:
            InvalidInput: the group has no internet gateway.

        """
        if self.public_ip and self.egress != "internet-gateway":
            raise InvalidInput(
                f"assign_public_ip is True, but group {self.group!r} has no route to an internet"
                " gateway; leave it out"
            )

    def check_image(self, image: Image, region: str | None, *, field: str = "task.image") -> None:
        """Accept an image whose registry a task in this place reaches.

        `region` is where the tasks run, None while that is unknown. The endpoints of a region's
        registry are not compared here, but with the needs.

        Raises:
            InvalidInput: the registry is reached over the internet only, which this place has not.

        """
        if image.ecr is None:
            if not self.internet:
                raise InvalidInput(
                    f"{field} is {image.text!r}, which no VPC endpoint serves, and"
                    f" {self._closed()}; {into_ecr(image)}"
                )
        elif region is not None and image.ecr.region != region and not self.internet:
            raise InvalidInput(
                f"{field} is {image.text!r} of region {image.ecr.region!r}, the endpoints here"
                f" reach the registry of {region!r} only, and {self._closed()}; replicate the"
                f" repository to {region!r} and name it there"
            )

    def check_security_group(self, needs: Mapping[str, Iterable[str]]) -> None:
        """Accept a security group that lets traffic out to the endpoints of the needs.

        Raises:
            InvalidInput: it would drop what goes to an endpoint that is there.

        """
        used = {one for services in needs.values() for one in services} & self.private
        gateways = {one for one in used if service("needs", one).gateway}
        if used > gateways and not self.allows_endpoints:
            raise InvalidInput(
                "endpoint_security_group_id is not given, tasks in group"
                f" {self.group!r} need it to call {', '.join(sorted(used - gateways))}"
            )
        given = gateways if self.prefix_lists is None or self.allows_internet else self.prefix_lists
        if lacking := sorted(gateways - given):
            raise InvalidInput(
                f"prefix_list_ids has no {listing(lacking, 'and')}, tasks in group {self.group!r}"
                " need it to call the gateway endpoint"
            )

    def check_needs(self, needs: Mapping[str, Iterable[str]]) -> None:
        """Accept needs, by name, whose services a task in this place reaches.

        Raises:
            InvalidInput: some are reached in no way; the sentence names each missing endpoint.

        """
        if self.internet:
            return
        missing = {
            need: sorted(set(services) - self.private)
            for need, services in needs.items()
            if not self.private.issuperset(services)
        }
        if missing:
            lacks = " and ".join(
                f"{', '.join(services)} (need {need!r})" for need, services in missing.items()
            )
            raise InvalidInput(
                f"group {self.group!r} has no endpoint for {lacks}, and {self._closed()}; give"
                f" Endpoints the needs {', '.join(missing)} for this group"
            )

    def _closed(self) -> str:
        if self.routed:
            return "the security group of the tasks lets nothing out to the internet (see allow_to)"
        if self.egress == "internet-gateway":
            return "the tasks have no public address for its internet gateway"
        return "it has no NAT gateway"


def placement(
    group: str,
    egress: Mapping[str, str],
    private_services: Mapping[str, str | Iterable[str]],
    *,
    public_ip: bool = False,
    allows_internet: bool = False,
    allows_endpoints: bool = True,
    prefix_lists: frozenset[str] | None = None,
) -> Placement:
    """Return where tasks of `group` run, given what Network and Endpoints say of every group.

    `private_services` holds the services of a group as comma-separated text, or as a collection;
    a group that it does not name has none.

    Raises:
        InvalidInput: the network has no such group, or its egress is none of `EGRESS`.

    """
    if group not in egress:
        raise InvalidInput(
            f"group is {group!r}, it must be a group of the network: {listing(sorted(egress))}"
        )
    services = private_services.get(group, "")
    names = services.split(",") if isinstance(services, str) else services
    return Placement(
        group=group,
        egress=choice(f"egress.{group}", egress[group], EGRESS),
        private=frozenset(name.strip() for name in names if name.strip()),
        public_ip=public_ip,
        allows_internet=allows_internet,
        allows_endpoints=allows_endpoints,
        prefix_lists=prefix_lists,
    )


def services_by_need(needs: Iterable[str], images: Iterable[Image | None]) -> dict[str, set[str]]:
    """Return the services of each need, those of `image-pull` by the images' own registries.

    An image that is not known yet (None) is taken for one of the region's own registry.
    """
    pulled: set[str] = set()
    for image in images:
        if image is None:
            pulled |= set(NEEDS["image-pull"])
        elif image.ecr is not None:
            pulled |= image.ecr.services
    return {need: pulled if need == "image-pull" else set(NEEDS[need]) for need in needs}


def is_public(cidr: str) -> bool:
    """Return whether a range holds addresses of the internet."""
    return ipaddress.ip_network(cidr).is_global
