"""NAT gateways, gateways of a whole VPC, network interfaces and prefix lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from privatelane_paths.facts import (
    Gateway,
    GatewayKind,
    Interface,
    Nat,
    Prefix,
    PrefixList,
)
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.sources.nouns import (
    EGRESS_ONLY_GATEWAY,
    INTERFACE,
    INTERNET_GATEWAY,
    NAT,
    PREFIX_LIST,
    SECURITY_GROUP,
    SUBNET,
    VPC,
    VPN_GATEWAY,
    implied,
)

if TYPE_CHECKING:
    from privatelane_paths.sources.index import Index, View

__all__ = ["gateways", "interfaces", "nats", "prefix_lists"]

_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def nats(index: Index) -> Iterator[Nat]:
    """The NAT gateways: zonal ones stand in a subnet, regional ones only in a VPC."""
    for view in index.of(NAT):
        mode = view.text("availabilityMode")
        kind = view.text("connectivityType")
        subnet = view.ref("subnetId", SUBNET)
        regional: Maybe[bool]
        if isinstance(mode, str):
            regional = mode == "regional"
        elif isinstance(mode, Unknown):
            regional = mode
        else:
            regional = subnet is None and view.raw("vpcId") is not None
        yield Nat(
            view.key,
            view.name,
            subnet=None if regional is True else subnet,
            vpc=view.ref("vpcId", VPC),
            public=kind if isinstance(kind, Unknown) else kind != "private",
            regional=regional,
        )


def gateways(index: Index) -> Iterator[Gateway]:
    """Internet, egress-only and VPN gateways with the VPC each is attached to."""
    attached = _attachments(index)
    for noun, kind in (
        (INTERNET_GATEWAY, GatewayKind.INTERNET),
        (EGRESS_ONLY_GATEWAY, GatewayKind.EGRESS_ONLY),
        (VPN_GATEWAY, GatewayKind.VPN),
    ):
        for view in index.of(noun):
            vpc = view.ref("vpcId", VPC) or attached.get(view.key)
            if vpc is None and view.resource.external:
                vpc = Ref.anything(view.missing("vpcId"))
            yield Gateway(view.key, view.name, kind, vpc)


def _attachments(index: Index) -> dict[Key, Ref]:
    found: dict[Key, Ref] = {}
    for token, name, noun in (
        (
            "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
            "internetGatewayId",
            INTERNET_GATEWAY,
        ),
        ("aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment", "vpnGatewayId", VPN_GATEWAY),
    ):
        for view in index.views(token):
            gateway = view.ref(name, noun)
            vpc = view.ref("vpcId", VPC) or Ref.anything(view.missing("vpcId"))
            if gateway is not None:
                for key in gateway.keys:
                    found[key] = (
                        vpc if gateway.decided else Ref.anything(view.missing(name), vpc.keys)
                    )
    return found


def interfaces(index: Index) -> Iterator[Interface]:
    """Network interfaces that routes can point at, an instance's primary one among them."""
    attached = _instances_by_interface(index)
    groups = _attached_groups(index)
    for view in index.of(INTERFACE):
        forwards = _reverse(view.flag("sourceDestCheck", True))
        owner = attached.get(view.key)
        if forwards is False and owner is not None and owner.declared("sourceDestCheck"):
            forwards = _reverse(owner.flag("sourceDestCheck", True))
        yield Interface(
            view.key,
            view.name,
            subnet=view.ref("subnetId", SUBNET) or Ref.anything(view.missing("subnetId")),
            forwards=forwards,
            security_groups=view.refs("securityGroups", SECURITY_GROUP)
            | groups.get(view.key, Refs()),
        )
    for view in index.views(
        "aws:ec2/instance:Instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest"
    ):
        yield Interface(
            implied(view.key, "primary-interface"),
            f"network interface of {view.name}",
            subnet=view.ref("subnetId", SUBNET) or Ref.anything(view.missing("subnetId")),
            forwards=_reverse(view.flag("sourceDestCheck", True)),
            security_groups=view.refs("vpcSecurityGroupIds", SECURITY_GROUP),
        )


def _instances_by_interface(index: Index) -> dict[Key, View]:
    """Which instance each network interface of the stack is the primary one of."""
    found: dict[Key, View] = {}
    for view in index.views("aws:ec2/instance:Instance"):
        for name in ("primaryNetworkInterface", "networkInterfaces"):
            listed = view.items(name)
            for item in listed if isinstance(listed, tuple) else ():
                ref = item.ref("networkInterfaceId", INTERFACE)
                if ref is not None and ref.decided:
                    found[ref.keys[0]] = view
    return found


def _attached_groups(index: Index) -> dict[Key, Refs]:
    """The groups that attachment resources add to each interface."""
    found: dict[Key, Refs] = defaultdict(Refs)
    for view in index.views(
        "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment"
    ):
        interface = view.ref("networkInterfaceId", INTERFACE)
        group = view.ref("securityGroupId", SECURITY_GROUP)
        if interface is None or group is None:
            continue
        for key in interface.keys:
            if interface.decided and group.decided:
                found[key] |= Refs.of(group.keys)
            else:
                found[key] |= Refs.some_of(group.keys, view.missing("securityGroupId"))
    return found


def _reverse(flag: Maybe[bool]) -> Maybe[bool]:
    return flag if isinstance(flag, Unknown) else not flag


def prefix_lists(index: Index) -> Iterator[PrefixList]:
    """One's own prefix lists with inline and separate entries, and those of gateway endpoints."""
    separate: dict[Key, list[Maybe[Prefix]]] = defaultdict(list)
    for view in index.views("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"):
        owner = view.ref("prefixListId", PREFIX_LIST)
        cidr = view.prefix("cidr")
        for key in owner.keys if owner is not None else ():
            known = owner is not None and owner.decided and cidr is not None
            separate[key].append(
                cidr if known and cidr is not None else Unknown(view.missing("prefixListId"))
            )
    for view in index.of(PREFIX_LIST):
        yield PrefixList(
            view.key, view.name, service=None, entries=_entries(view, separate[view.key])
        )
    for view in index.views(_ENDPOINT):
        service = view.text("serviceName")
        if view.text("vpcEndpointType") in (None, "Gateway") and isinstance(service, str):
            yield PrefixList(
                implied(view.key, "prefix-list"),
                f"prefix list of {view.name}",
                service=service.rpartition(".")[2],
                entries=Unknown(f"the address ranges of AWS's prefix list for {service}"),
            )


def _entries(view: View, separate: list[Maybe[Prefix]]) -> Maybe[tuple[Prefix, ...]]:
    listed = view.items("entries")
    if isinstance(listed, Unknown):
        return listed
    if view.resource.external and listed is None:
        return Unknown(f"the entries of {view.name}")
    found: list[Prefix] = []
    for cidr in [*(item.prefix("cidr") for item in listed or ()), *separate]:
        if isinstance(cidr, Unknown):
            return cidr
        if cidr is not None:
            found.append(cidr)
    return tuple(dict.fromkeys(found))
