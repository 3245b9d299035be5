"""VPCs, their address ranges and DNS settings, and their subnets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from privatelane_paths.facts import Prefix, Subnet, Vpc
from privatelane_paths.known import Key, Maybe, Ref, Unknown
from privatelane_paths.sources.index import Index, View, prefix_of
from privatelane_paths.sources.nouns import DHCP_OPTIONS, SUBNET, VPC
from privatelane_paths.sources.resource import name_of

__all__ = ["outside_subnets", "outside_vpcs", "region_of", "subnets", "vpcs"]

#: What AWS's resolver is called in a set of DHCP options.
_AMAZON_RESOLVER = "AmazonProvidedDNS"
_DEFAULT_VPC = "aws:ec2/defaultVpc:DefaultVpc"
_DEFAULT_SUBNET = "aws:ec2/defaultSubnet:DefaultSubnet"
#: The range AWS gives every default VPC.
_DEFAULT_CIDR = "172.31.0.0/16"


def vpcs(index: Index, region: Maybe[str]) -> Iterator[Vpc]:
    """The VPCs the stack declares; `region` is that of its default provider."""
    extra = _associated_cidrs(index)
    servers = _dns_servers(index)
    for view in index.of(VPC):
        default = view.resource.type == _DEFAULT_VPC
        cidrs = _cidrs(view, _DEFAULT_CIDR if default else None, extra.get(view.key, ()))
        yield Vpc(
            view.key,
            view.name,
            region=region_of(view, region),
            account=_account(view),
            cidrs=cidrs,
            dns_support=view.flag("enableDnsSupport", True),
            dns_hostnames=view.flag("enableDnsHostnames", default),
            dns_servers=servers.get(view.key),
            outside=view.resource.external or default,
        )


def outside_vpcs(index: Index, region: Maybe[str]) -> Iterator[Vpc]:
    """The VPCs that resources of the stack name but that it does not declare."""
    for key in sorted(index.mentioned[VPC.name]):
        name = name_of(key)
        yield Vpc(
            key,
            name,
            region=region,
            account=Unknown(f"the account of {name}"),
            cidrs=Unknown(f"the address ranges of {name}, which this stack does not declare"),
            dns_support=Unknown(f"the DNS attributes of {name}, which this stack does not declare"),
            dns_hostnames=Unknown(
                f"the DNS attributes of {name}, which this stack does not declare"
            ),
            dns_servers=Unknown(f"the DHCP options of {name}, which this stack does not declare"),
            outside=True,
        )


def subnets(index: Index, used: AbstractSet[Key]) -> Iterator[Subnet]:
    """The subnets the stack declares, and of those it only reads the ones that it uses."""
    for view in index.of(SUBNET):
        if view.resource.external and view.key not in used:
            continue
        default = view.resource.type == _DEFAULT_SUBNET
        vpc = view.ref("vpcId", VPC)
        if vpc is None:
            defaults = [one.key for one in index.views(_DEFAULT_VPC)] if default else []
            vpc = Ref.one_of(defaults, view.missing("vpcId"))
        zone = view.text("availabilityZone") or view.text("availabilityZoneId")
        only_v6 = view.flag("ipv6Native", False)
        yield Subnet(
            view.key,
            view.name,
            vpc=vpc,
            zone=Unknown(view.missing("availabilityZone")) if zone is None else zone,
            cidrs=_subnet_cidrs(view, only_v6),
            dns64=view.flag("enableDns64", False),
            ipv6_only=only_v6,
            public_ip_on_launch=view.flag("mapPublicIpOnLaunch", default),
            outside=view.resource.external or default,
        )


def outside_subnets(index: Index, used: AbstractSet[Key]) -> Iterator[Subnet]:
    """The subnets that the stack uses and nobody declares.

    A subnet that it merely names, as one that a NAT gateway stands in, is no concern of it.
    """
    for key in sorted(index.mentioned[SUBNET.name] & used):
        name = name_of(key)
        unseen = f"{name}, which this stack does not declare"
        yield Subnet(
            key,
            name,
            vpc=Ref.anything(f"the VPC of {unseen}"),
            zone=Unknown(f"the zone of {unseen}"),
            cidrs=Unknown(f"the address ranges of {unseen}"),
            dns64=Unknown(f"whether DNS64 is on in {unseen}"),
            ipv6_only=Unknown(f"whether {unseen}, has IPv4 addresses"),
            outside=True,
        )


def region_of(view: View, default: Maybe[str]) -> Maybe[str]:
    """The region of a resource: its own argument, else its provider's, else the stack's."""
    own = view.text("region")
    if own is not None:
        return own
    provider = view.resource.provider.region
    return default if provider is None else provider


def _account(view: View) -> Maybe[str]:
    owner = view.text("ownerId")
    if isinstance(owner, str):
        return owner
    hint = view.resource.provider.account
    return Unknown(f"the account of {view.name}") if hint is None else hint


def _cidrs(
    view: View, fallback: str | None, extra: tuple[Maybe[Prefix], ...]
) -> Maybe[tuple[Prefix, ...]]:
    found: list[Maybe[Prefix]] = []
    first = view.prefix("cidrBlock")
    if first is None and fallback is not None:
        first = prefix_of(fallback)
    if first is None:
        first = Unknown(view.missing("cidrBlock"))
    found.append(first)
    second = view.prefix("ipv6CidrBlock")
    wanted = view.flag("assignGeneratedIpv6CidrBlock", False)
    if second is not None:
        found.append(second)
    elif wanted is not False or view.raw("ipv6IpamPoolId") is not None:
        found.append(Unknown(view.missing("ipv6CidrBlock")))
    found.extend(extra)
    return _all_known(found)


def _subnet_cidrs(view: View, only_v6: Maybe[bool]) -> Maybe[tuple[Prefix, ...]]:
    found: list[Maybe[Prefix]] = []
    first = view.prefix("cidrBlock")
    if first is not None:
        found.append(first)
    elif only_v6 is not True:
        found.append(Unknown(view.missing("cidrBlock")))
    second = view.prefix("ipv6CidrBlock")
    if second is not None:
        found.append(second)
    elif only_v6 is True:
        found.append(Unknown(view.missing("ipv6CidrBlock")))
    return _all_known(found)


def _all_known(found: list[Maybe[Prefix]]) -> Maybe[tuple[Prefix, ...]]:
    known: list[Prefix] = []
    for one in found:
        if isinstance(one, Unknown):
            return one
        known.append(one)
    return tuple(known)


def _associated_cidrs(index: Index) -> dict[Key, tuple[Maybe[Prefix], ...]]:
    """Secondary ranges by VPC; one whose VPC is not decided counts for every candidate."""
    found: dict[Key, list[Maybe[Prefix]]] = defaultdict(list)
    for token, name in (
        (
            "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
            "cidrBlock",
        ),
        (
            "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation",
            "ipv6CidrBlock",
        ),
    ):
        for view in index.views(token):
            vpc = view.ref("vpcId", VPC)
            cidr = view.prefix(name)
            if cidr is None:
                cidr = Unknown(view.missing(name))
            if vpc is None:
                continue
            for key in vpc.keys:
                found[key].append(
                    cidr if vpc.decided else Unknown(f"the VPC whose range {view.name} extends")
                )
    return {key: tuple(cidrs) for key, cidrs in found.items()}


def _dns_servers(index: Index) -> dict[Key, Maybe[tuple[str, ...] | None]]:
    """The DNS servers of each VPC that has its own DHCP options; `None` is AWS's resolver."""
    found: dict[Key, Maybe[tuple[str, ...] | None]] = {}
    for view in index.views("aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation"):
        vpc = view.ref("vpcId", VPC)
        options = view.ref("dhcpOptionsId", DHCP_OPTIONS)
        if vpc is None:
            continue
        for key in vpc.keys:
            if not vpc.decided:
                found[key] = Unknown(f"the VPC that {view.name} gives DHCP options")
            else:
                found[key] = _servers_of(index, options, view)
    return found


def _servers_of(index: Index, options: Ref | None, view: View) -> Maybe[tuple[str, ...] | None]:
    if options is None or not options.decided:
        return Unknown(view.missing("dhcpOptionsId"))
    if options.keys[0] == "default":
        # EC2 takes the word "default" for "no options": AWS's resolver.
        return None
    found = index.view(options.keys[0])
    if found is None:
        return Unknown(f"the DNS servers of {name_of(options.keys[0])}")
    servers = found.texts("domainNameServers")
    if found.resource.type == "aws:ec2/defaultVpcDhcpOptions:DefaultVpcDhcpOptions":
        return None
    if servers is None:
        # An options set without DNS servers leaves the VPC without any: AWS adds none.
        return ()
    if isinstance(servers, Unknown):
        return servers
    known: list[str] = []
    for server in servers:
        if isinstance(server, Unknown):
            return server
        known.extend(part.strip() for part in server.split(","))
    return None if known == [_AMAZON_RESOLVER] else tuple(known)
