"""Which interfaces are NATs and where subnets lie: from describe answers or a stack export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from lane.errors import Unusable
from lane.sources.describe.answers import Names, Shown, items, text
from lane.sources.describe.routes import interface_targets

if TYPE_CHECKING:
    from privatelane_paths.sources.resource import Resource

__all__ = ["Inventory", "KnownNat", "read_inventory"]

_NAT = "aws:ec2/natGateway:NatGateway"
_SUBNET = "aws:ec2/subnet:Subnet"
_VPC = "aws:ec2/vpc:Vpc"
_ROUTE = "aws:ec2/route:Route"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_ATTACHMENT = "aws:ec2transitgateway/vpcAttachment:VpcAttachment"
_GONE = frozenset({"deleted", "failed"})


@dataclass(frozen=True, slots=True)
class KnownNat:
    """A NAT gateway and what its records name: its interfaces, or its id if it is regional."""

    id: str
    name: str
    logged_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownSubnet:
    """A subnet and its IPv4 range."""

    id: str
    name: str
    network: IPv4Network


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is known beside the records.

    `networks` are the IPv4 ranges of the VPCs; `elsewhere` names what may lead to NATs that are not
    listed.
    """

    nats: tuple[KnownNat, ...]
    subnets: tuple[KnownSubnet, ...] = ()
    networks: tuple[IPv4Network, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def logged_as(self) -> dict[str, KnownNat]:
        """The NAT gateways by what their records name."""
        return {eni: nat for nat in self.nats for eni in nat.logged_as}

    def subnet_of(self, address: str) -> str | None:
        """The one subnet that an address lies in; None when there are several, or none."""
        try:
            host = ip_address(address)
        except ValueError:
            return None
        found = {one.id for one in self.subnets if host in one.network}
        return found.pop() if len(found) == 1 else None

    def name_of(self, subnet: str) -> str:
        """The name of a subnet, else its id."""
        return next((one.name for one in self.subnets if one.id == subnet), subnet)


def read_inventory(path: Path) -> Inventory:
    """The inventory in a folder of describe answers, or in a file that Pulumi wrote.

    Raises `Unusable` when it cannot be used, or when it does not tell all NAT gateways.
    """
    return _described(path) if path.is_dir() else _exported(path)


def _described(folder: Path) -> Inventory:
    from lane.sources.saved import read_saved  # noqa: PLC0415 -- seldom needed

    places = read_saved(folder)
    for place in places:
        if place.has_network and (missing := place.missing("NatGateways")):
            raise Unusable(
                f"--from {folder} does not tell which NAT gateways there are: {missing} are missing"
            )
    shown = Shown(places)
    names = Names(shown)
    return Inventory(
        tuple(_described_nats(shown, names)),
        tuple(_described_subnets(shown, names)),
        tuple(dict.fromkeys(_described_networks(shown))),
        tuple(sorted(set(_described_elsewhere(shown)))),
    )


def _described_nats(shown: Shown, names: Names) -> Iterator[KnownNat]:
    for record, _ in shown.of("NatGateways"):
        if text(record, "State") in _GONE:
            continue
        identifier = record["NatGatewayId"]
        interfaces = tuple(
            eni
            for item in items(record, "NatGatewayAddresses")
            if (eni := text(item, "NetworkInterfaceId"))
        )
        # A regional one has no interface, and its records name it under resource-id.
        logged_as = tuple(dict.fromkeys(interfaces)) or (identifier,)
        yield KnownNat(identifier, names.of("NatGateways", record), logged_as)


def _described_subnets(shown: Shown, names: Names) -> Iterator[KnownSubnet]:
    for record, _ in shown.of("Subnets"):
        network = _ipv4(text(record, "CidrBlock"))
        if network is not None:
            yield KnownSubnet(record["SubnetId"], names.of("Subnets", record), network)


def _described_networks(shown: Shown) -> Iterator[IPv4Network]:
    for record, _ in shown.of("Vpcs"):
        associated = items(record, "CidrBlockAssociationSet")
        for cidr in (text(record, "CidrBlock"), *(text(one, "CidrBlock") for one in associated)):
            network = _ipv4(cidr)
            if network is not None:
                yield network


def _described_elsewhere(shown: Shown) -> Iterator[str]:
    for key in ("TransitGatewayAttachments", "TransitGatewayVpcAttachments"):
        for record, _ in shown.of(key):
            if text(record, "State") not in _GONE:
                yield record["TransitGatewayAttachmentId"]
    for record, _ in shown.of("VpcEndpoints"):
        if text(record, "VpcEndpointType") == "GatewayLoadBalancer":
            yield record["VpcEndpointId"]
    yield from interface_targets(shown)


def _exported(file: Path) -> Inventory:
    from lane.pulumi_file import read_pulumi_file  # noqa: PLC0415 -- seldom needed

    _, reading = read_pulumi_file(file, "--from")
    kept = [one for one in reading.resources if not one.delete]
    networks = (_ipv4(_plain(one, "cidrBlock")) for one in kept if one.type == _VPC)
    return Inventory(
        tuple(_exported_nat(one, file) for one in kept if one.type == _NAT),
        tuple(
            KnownSubnet(one.id, one.name, network)
            for one in kept
            if one.type == _SUBNET and one.id
            if (network := _ipv4(_plain(one, "cidrBlock"))) is not None
        ),
        tuple(dict.fromkeys(network for network in networks if network is not None)),
        tuple(sorted(one.name for one in kept if _leads_elsewhere(one))),
    )


def _leads_elsewhere(resource: Resource) -> bool:
    if resource.type == _ENDPOINT:
        return _plain(resource, "vpcEndpointType") == "GatewayLoadBalancer"
    if resource.type == _ROUTE:
        return _plain(resource, "networkInterfaceId") is not None
    return resource.type == _ATTACHMENT


def _exported_nat(resource: Resource, file: Path) -> KnownNat:
    interface = _plain(resource, "networkInterfaceId")
    regional = _plain(resource, "availabilityMode") == "regional"
    logged_as = resource.id if regional else interface
    if not resource.id or not logged_as:
        raise Unusable(
            f"--from {file}: the interface of NAT gateway {resource.name} is not known before it "
            "is created: give a stack export, or a folder of saved describe answers"
        )
    return KnownNat(resource.id, resource.name, (logged_as,))


def _plain(resource: Resource, name: str) -> str | None:
    for properties in (resource.outputs, resource.inputs or {}):
        value = properties.get(name)
        if isinstance(value, str) and value:
            return value
    return None


def _ipv4(cidr: str | None) -> IPv4Network | None:
    try:
        network = ip_network(cidr or "", strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None
