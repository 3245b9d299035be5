"""What a source said about a network, as frozen values in AWS's own terms.

A source (the policy SDK's resource graph, a preview file, a stack export, live AWS) translates once
into these; defaults of the provider or the API are applied there, so that a fact always says what
AWS would do. Nothing here means anything yet: lanes are computed from facts, never in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Network, IPv6Network

from privatelane_paths.known import Key, Maybe, Ref, Refs

__all__ = [
    "Association",
    "Attachment",
    "AttachmentKind",
    "BlockPublicAccess",
    "Direction",
    "Endpoint",
    "EndpointKind",
    "Gateway",
    "GatewayKind",
    "HostedZone",
    "Interface",
    "MainAssociation",
    "Nat",
    "Network",
    "NetworkAcl",
    "NetworkAclEntry",
    "Opaque",
    "Origin",
    "Peering",
    "PortRange",
    "Prefix",
    "PrefixList",
    "PullThroughCache",
    "ResolverRule",
    "Route",
    "RouteTable",
    "SecurityGroup",
    "SecurityRule",
    "Subnet",
    "Target",
    "TargetKind",
    "TransitAssociation",
    "TransitGateway",
    "TransitPropagation",
    "TransitRoute",
    "TransitTable",
    "Vpc",
    "Workload",
    "WorkloadKind",
    "ZoneRecord",
]

Prefix = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC.

    `outside` is true when the source does not declare it (a literal id, a read, another stack):
    then it may hold tables, routes, endpoints and records that are not among the facts.
    `dns_servers`: `None` is the Amazon-provided resolver; a tuple, the servers of its DHCP options.
    """

    key: Key
    name: str
    region: Maybe[str]
    account: Maybe[str]
    cidrs: Maybe[tuple[Prefix, ...]]
    dns_support: Maybe[bool] = True
    dns_hostnames: Maybe[bool] = False
    dns_servers: Maybe[tuple[str, ...] | None] = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; `zone` is an availability zone's name or id, as the source has it."""

    key: Key
    name: str
    vpc: Ref
    zone: Maybe[str]
    cidrs: Maybe[tuple[Prefix, ...]]
    dns64: Maybe[bool] = False
    ipv6_only: Maybe[bool] = False
    public_ip_on_launch: Maybe[bool] = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table. `missing` is set when it may hold routes that are not among the facts."""

    key: Key
    name: str
    vpc: Ref
    missing: str = ""
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Association:
    """A route table put on a subnet (an edge association, on a gateway, has no `subnet`)."""

    key: Key
    table: Ref
    subnet: Ref | None


@dataclass(frozen=True, slots=True)
class MainAssociation:
    """A route table made the main table of a VPC, for subnets without an association."""

    key: Key
    vpc: Ref
    table: Ref


class TargetKind(Enum):
    """What a route points at."""

    LOCAL = "local"
    NAT = "nat"
    INTERNET_GATEWAY = "internet-gateway"
    EGRESS_ONLY_GATEWAY = "egress-only-gateway"
    VPN_GATEWAY = "vpn-gateway"
    ENDPOINT = "endpoint"
    INTERFACE = "interface"
    TRANSIT_GATEWAY = "transit-gateway"
    PEERING = "peering"
    CORE_NETWORK = "core-network"
    LOCAL_GATEWAY = "local-gateway"
    CARRIER_GATEWAY = "carrier-gateway"
    BLACKHOLE = "blackhole"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a route: its kind and, but for local and blackhole, the edge to it."""

    kind: TargetKind
    ref: Ref | None = None
    missing: str = ""


class Origin(Enum):
    """Where a route comes from; static wins over propagated on equal prefixes."""

    STATIC = "static"
    PROPAGATED = "propagated"


@dataclass(frozen=True, slots=True)
class Route:
    """A route. `destination` is a prefix, the edge to a prefix list, or unknown."""

    key: Key
    table: Ref
    destination: Maybe[Prefix | Ref]
    target: Target
    origin: Origin = Origin.STATIC


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A prefix list. `service` is the AWS service of an AWS-managed list, `None` of one's own."""

    key: Key
    name: str
    service: str | None
    entries: Maybe[tuple[Prefix, ...]]


@dataclass(frozen=True, slots=True)
class Nat:
    """A NAT gateway: zonal ones stand in `subnet`, regional ones only in `vpc`."""

    key: Key
    name: str
    subnet: Ref | None
    vpc: Ref | None
    public: Maybe[bool] = True
    regional: Maybe[bool] = False
    state: Maybe[str] = "available"


class GatewayKind(Enum):
    """Gateways that are attached to a whole VPC."""

    INTERNET = "internet-gateway"
    EGRESS_ONLY = "egress-only-gateway"
    VPN = "vpn-gateway"


@dataclass(frozen=True, slots=True)
class Gateway:
    """An internet, egress-only or VPN gateway and the VPC it is attached to, if it is."""

    key: Key
    name: str
    kind: GatewayKind
    vpc: Ref | None


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface that routes can point at: a NAT instance's or an appliance's.

    `forwards` is the reverse of its source/destination check: traffic passes through it.
    """

    key: Key
    name: str
    subnet: Ref
    forwards: Maybe[bool]
    security_groups: Refs = field(default_factory=Refs)


class EndpointKind(Enum):
    """Kinds of VPC endpoint. A firewall endpoint is a Network Firewall's in one subnet."""

    GATEWAY = "Gateway"
    INTERFACE = "Interface"
    GATEWAY_LOAD_BALANCER = "GatewayLoadBalancer"
    FIREWALL = "Firewall"
    RESOURCE = "Resource"
    SERVICE_NETWORK = "ServiceNetwork"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint with all that inline lists and association resources say of it.

    `policy` is its JSON document, `None` for AWS's default of full access. `service_region` is
    `None` for the VPC's own. `inbound_only` is S3's private DNS for inbound resolvers only.
    """

    key: Key
    name: str
    vpc: Ref
    kind: Maybe[EndpointKind]
    service_name: Maybe[str]
    route_tables: Refs = field(default_factory=Refs)
    subnets: Refs = field(default_factory=Refs)
    security_groups: Refs = field(default_factory=Refs)
    private_dns: Maybe[bool] = False
    inbound_only: Maybe[bool] = False
    policy: Maybe[str | None] = None
    service_region: Maybe[str | None] = None
    ip_address_type: Maybe[str] = "ipv4"
    state: Maybe[str] = "available"
    outside: bool = False


class Direction(Enum):
    """Seen from the network interface or the subnet."""

    INGRESS = "ingress"
    EGRESS = "egress"


@dataclass(frozen=True, slots=True)
class PortRange:
    """Ports `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SecurityRule:
    """One allowance of a security group: exactly one kind of peer is set, or `peer` is unknown.

    `protocol` is `-1` for all, else a name or number; `ports` is `None` for all.
    """

    key: Key
    direction: Direction
    protocol: Maybe[str]
    ports: Maybe[PortRange | None]
    peer: Maybe[Prefix | Ref]


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group. `missing` is set when it may hold rules that are not among the facts."""

    key: Key
    name: str
    vpc: Ref
    rules: tuple[SecurityRule, ...]
    missing: str = ""
    outside: bool = False


@dataclass(frozen=True, slots=True)
class NetworkAclEntry:
    """One numbered line of a network ACL; the lowest number that matches decides."""

    number: Maybe[int]
    direction: Direction
    allow: Maybe[bool]
    protocol: Maybe[str]
    ports: Maybe[PortRange | None]
    prefix: Maybe[Prefix]


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL; the `default` one is on every subnet of its VPC that no other is on."""

    key: Key
    name: str
    vpc: Ref
    default: bool
    subnets: Refs
    entries: tuple[NetworkAclEntry, ...]
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Peering:
    """A VPC peering connection; `active` once accepted."""

    key: Key
    name: str
    requester: Ref
    accepter: Ref
    active: Maybe[bool] = True


@dataclass(frozen=True, slots=True)
class TransitGateway:
    """A transit gateway. `default_table`: its table for attachments without an association."""

    key: Key
    name: str
    default_association: Maybe[bool] = True
    default_propagation: Maybe[bool] = True
    default_table: Ref | None = None
    outside: bool = False


class AttachmentKind(Enum):
    """What a transit gateway attachment leads to."""

    VPC = "vpc"
    PEERING = "peering"
    VPN = "vpn"
    DIRECT_CONNECT = "direct-connect-gateway"
    CONNECT = "connect"
    NETWORK_FUNCTION = "network-function"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A transit gateway attachment; a VPC's stands in one subnet a zone."""

    key: Key
    name: str
    gateway: Ref
    kind: Maybe[AttachmentKind]
    vpc: Ref | None = None
    subnets: Refs = field(default_factory=Refs)
    peer: Ref | None = None
    default_association: Maybe[bool] = True
    default_propagation: Maybe[bool] = True
    appliance_mode: Maybe[bool] = False


@dataclass(frozen=True, slots=True)
class TransitTable:
    """A transit gateway route table. `missing`: it may hold routes not among the facts."""

    key: Key
    name: str
    gateway: Ref
    missing: str = ""


@dataclass(frozen=True, slots=True)
class TransitAssociation:
    """Traffic from `attachment` is looked up in `table`."""

    key: Key
    attachment: Ref
    table: Ref


@dataclass(frozen=True, slots=True)
class TransitPropagation:
    """`table` learns the prefixes behind `attachment`."""

    key: Key
    attachment: Ref
    table: Ref


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A static route of a transit gateway table; no attachment means a blackhole."""

    key: Key
    table: Ref
    destination: Maybe[Prefix | Ref]
    attachment: Ref | None


@dataclass(frozen=True, slots=True)
class HostedZone:
    """A private hosted zone and the VPCs that resolve through it."""

    key: Key
    domain: Maybe[str]
    vpcs: Refs
    missing: str = ""


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """A record of a hosted zone: an alias or CNAME to an endpoint, or other values."""

    key: Key
    zone: Ref
    name: Maybe[str]
    endpoint: Ref | None
    values: Maybe[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class ResolverRule:
    """A Route 53 Resolver rule that forwards `domain` away for the VPCs it is associated with."""

    key: Key
    domain: Maybe[str]
    forward: Maybe[bool]
    vpcs: Refs


@dataclass(frozen=True, slots=True)
class BlockPublicAccess:
    """VPC Block Public Access of a region, or an exclusion of one VPC or subnet from it."""

    key: Key
    mode: Maybe[str]
    region: Maybe[str]
    excluded: Refs = field(default_factory=Refs)


class WorkloadKind(Enum):
    """Where the images of a workload are pulled from."""

    ECS_FARGATE = "ecs-fargate"
    ECS_EC2 = "ecs-ec2"
    EKS_NODES = "eks-nodes"
    EKS_FARGATE = "eks-fargate"


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that pulls images in `subnets`: a service, a node group, a Fargate profile.

    `services` are the endpoint services it needs besides its images (`logs`, `secretsmanager`).
    An image of which only the registry is known, as a repository made in the same update, is
    written `*.dkr.ecr.<region>.<suffix>/*`.
    """

    key: Key
    name: str
    kind: WorkloadKind
    subnets: Refs
    security_groups: Refs
    images: Maybe[tuple[Maybe[str], ...]]
    services: tuple[str, ...] = ()
    platform_version: Maybe[str] = "LATEST"
    public_ip: Maybe[bool] = False


@dataclass(frozen=True, slots=True)
class PullThroughCache:
    """A rule by which a private ECR registry fetches images below `prefix` from `upstream`."""

    key: Key
    prefix: Maybe[str]
    upstream: Maybe[str]
    region: Maybe[str]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something whose contents the source does not show: a remote component, a foreign stack.

    What depends on it is unknown; it may also hold networks that nobody here can judge.
    `given` are the facts handed to it (VPCs, subnets, route tables): to those it may add endpoints,
    routes and associations that nobody sees. What it was not given it leaves alone.
    """

    key: Key
    name: str
    type: str
    given: Refs = field(default_factory=Refs)


@dataclass(frozen=True, slots=True)
class Network:
    """All facts of one stack or one set of accounts, each kind sorted by key.

    `unread` names, per kind of fact (the field's name here), why a source could not read it: what
    would need that kind is then unknown. `gone` are keys that are deleted in the same update.
    """

    vpcs: tuple[Vpc, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    tables: tuple[RouteTable, ...] = ()
    associations: tuple[Association, ...] = ()
    main_associations: tuple[MainAssociation, ...] = ()
    routes: tuple[Route, ...] = ()
    prefix_lists: tuple[PrefixList, ...] = ()
    nats: tuple[Nat, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    network_acls: tuple[NetworkAcl, ...] = ()
    peerings: tuple[Peering, ...] = ()
    transit_gateways: tuple[TransitGateway, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    transit_tables: tuple[TransitTable, ...] = ()
    transit_associations: tuple[TransitAssociation, ...] = ()
    transit_propagations: tuple[TransitPropagation, ...] = ()
    transit_routes: tuple[TransitRoute, ...] = ()
    hosted_zones: tuple[HostedZone, ...] = ()
    zone_records: tuple[ZoneRecord, ...] = ()
    resolver_rules: tuple[ResolverRule, ...] = ()
    block_public_access: tuple[BlockPublicAccess, ...] = ()
    workloads: tuple[Workload, ...] = ()
    opaques: tuple[Opaque, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[Key] = frozenset()
    pull_through_caches: tuple[PullThroughCache, ...] = ()
