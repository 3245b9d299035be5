"""A VPC for containers: groups of subnets whose addresses never move, and their ways out."""

from collections.abc import Mapping, Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import (
    gathered,
    input_errors,
    invoke_options,
    provider_region,
    register,
)
from privatelane._invalid import entries, known_keys, text
from privatelane.vpc._addresses import AddressPlan
from privatelane.vpc._network_children import NetworkChildren, public_addresses
from privatelane.vpc._network_plan import NetworkPlan, plan_network
from privatelane.vpc.flow_logs import FlowLogsArgs


class SubnetGroupArgs(TypedDict):
    """A group of subnets, one in each zone, with one way out and one range of addresses."""

    kind: str
    """How far the subnets reach: `public` has a route to the internet gateway, `private` one to a
    NAT gateway, `isolated` none outside the VPC and its endpoints."""
    slot: NotRequired[int]
    """Which of the `group_slots` of its range the group takes, from 0. Defaults to 0 for a public
    group and to the middle for any other; of two that would share a slot, one must name its own.
    Changing it replaces the subnets."""
    share: NotRequired[int]
    """How many slots the group takes, a power of two. Defaults to 1, or to what `prefix_length`
    needs."""
    prefix_length: NotRequired[int]
    """Prefix length of each subnet, 16 to 28, in place of `share`. Defaults to the group's share
    divided by `zone_slots`."""
    cidr_block: NotRequired[str]
    """Which of the network's IPv4 ranges the group is in. Defaults to the network's
    `cidr_block`."""
    cidrs: NotRequired[Mapping[str, str]]
    """IPv4 range of each subnet by zone id, for a layout that exists already, in place of a slot. A
    range for a zone that the network does not use is held back."""
    ipv6_slot: NotRequired[int]
    """Which of the IPv6 slots the group takes in dual stack, of `zone_slots` times /64 each.
    Defaults to its slot; needed for a group in a secondary range or with `cidrs`."""
    map_public_ip_on_launch: NotRequired[bool]
    """Whether instances in a public group get a public address without asking. Defaults to
    false."""
    eks: NotRequired[bool]
    """Whether the cluster of `cluster_name` may put load balancers and, unless the group is public,
    Karpenter's nodes here. Defaults to true when there is a `cluster_name`."""
    former_name: NotRequired[str]
    """What the group was called before, so that renaming it replaces nothing. Defaults to none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on the group's subnets and route tables, beside those of the network."""


class NetworkArgs(TypedDict):
    """A VPC and its subnets."""

    cidr_block: str
    """Primary IPv4 range of the VPC, /16 to /28."""
    groups: Mapping[str, SubnetGroupArgs]
    """Groups of subnets by name, which is up to 32 lower-case letters, digits and underscores."""
    zones: NotRequired[Sequence[str]]
    """Availability zones by id, such as `use1-az1`. No default: either this or `zone_count` is
    needed."""
    zone_count: NotRequired[int]
    """How many availability zones to use: those of the lowest numbers that the account sees. Prefer
    `zones`, which do not change when AWS opens or closes one. No default: either is needed."""
    avoid_zones: NotRequired[Sequence[str]]
    """Zone ids that are not used. Defaults to none."""
    eks_zones_only: NotRequired[bool]
    """Whether zones in which EKS accepts no cluster subnets are left out. Defaults to true when
    there is a `cluster_name`."""
    allow_single_zone: NotRequired[bool]
    """Whether private and isolated groups may have a single zone. Defaults to false."""
    region: NotRequired[str]
    """Region of the network. Defaults to the AWS provider's."""
    group_slots: NotRequired[int]
    """Into how many equal ranges for groups each IPv4 range is cut, a power of two up to 256.
    Defaults to 8. Changing it replaces subnets."""
    zone_slots: NotRequired[int]
    """Into how many subnets a group's range is cut, a power of two up to 16. Defaults to 4.
    Changing it replaces subnets that have no `prefix_length`."""
    zone_slot_overrides: NotRequired[Mapping[str, int]]
    """Slots by zone id, for zones that would share one. Defaults to the number of the zone less
    one, modulo `zone_slots`."""
    secondary_cidr_blocks: NotRequired[Sequence[str]]
    """Further IPv4 ranges of the VPC, /16 to /28, such as `100.64.0.0/16` for pods. Defaults to
    none."""
    ipv4_ipam_pool_id: NotRequired[pulumi.Input[str]]
    """IPAM pool that `cidr_block` is taken from. Defaults to none."""
    ipv6: NotRequired[bool]
    """Whether every subnet has an IPv6 /64 too. Defaults to false."""
    ipv6_ipam_pool_id: NotRequired[pulumi.Input[str]]
    """IPAM pool that the VPC's IPv6 /56 is taken from. Defaults to a range that Amazon provides."""
    nat: NotRequired[str]
    """NAT gateways for private groups: `none`, `single`, `per-zone`, or `regional`, which needs no
    public group. Defaults to `none`."""
    nat_zone: NotRequired[str]
    """Zone id of the `single` NAT gateway. Defaults to the zone of slot 0, such as `use1-az1`."""
    nat_group: NotRequired[str]
    """Public group in which zonal NAT gateways live. Defaults to the only one."""
    nat_allocation_ids: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Allocation ids, by zone id, of Elastic IPs of your own for the NAT gateways; a regional one
    takes either one for each zone or none. Defaults to new Elastic IPs."""
    cluster_name: NotRequired[pulumi.Input[str]]
    """EKS cluster that uses the network: subnets get its load balancer and Karpenter discovery
    tags. Defaults to none."""
    flow_logs: NotRequired[FlowLogsArgs]
    """Flow logs of all traffic. Defaults to none."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource."""


class Network(pulumi.ComponentResource):
    """A VPC with groups of subnets, public, private behind NAT, or isolated, in several zones.

    The addresses of subnets never move when zones or groups come, go or change places. Each subnet
    has a route table of its own. To start a workload only when its routes are there, let it depend
    on the network and not only on a subnet's id.
    """

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    vpc_arn: pulumi.Output[str]
    """ARN of the VPC."""
    cidr_blocks: pulumi.Output[Sequence[str]]
    """IPv4 ranges of the VPC, the primary one first."""
    ipv6_cidr_block: Optional[pulumi.Output[str]]
    """IPv6 range of the VPC in dual stack."""
    zone_ids: pulumi.Output[Sequence[str]]
    """Ids of the availability zones in use."""
    group_kinds: pulumi.Output[Mapping[str, str]]
    """Kind of each group."""
    subnet_ids: pulumi.Output[Mapping[str, str]]
    """Id of each subnet by `<group>/<zone-id>`."""
    subnet_cidrs: pulumi.Output[Mapping[str, str]]
    """IPv4 range of each subnet by `<group>/<zone-id>`."""
    subnet_ipv6_cidrs: pulumi.Output[Mapping[str, str]]
    """IPv6 range of each subnet by `<group>/<zone-id>`, in dual stack."""
    route_table_ids: pulumi.Output[Mapping[str, str]]
    """Id of each subnet's own route table by `<group>/<zone-id>`."""
    network_acl_ids: pulumi.Output[Mapping[str, str]]
    """Id of each group's network ACL."""
    egress: pulumi.Output[Mapping[str, str]]
    """Way out of each group: `internet-gateway`, `nat` or `none`."""
    internet_gateway_id: Optional[pulumi.Output[str]]
    """Id of the internet gateway, when something is public."""
    nat_gateway_ids: pulumi.Output[Mapping[str, str]]
    """Id of each NAT gateway by the id of its zone, or under `regional`."""
    nat_public_ips: pulumi.Output[Mapping[str, str]]
    """Public address of each NAT gateway by the same keys; of a regional one those it had at the
    last update, separated by commas."""
    flow_log_destination: Optional[pulumi.Output[str]]
    """ARN of the log group or bucket that flow logs go to."""
    flow_log_group: Optional[pulumi.Output[str]]
    """Name of the log group that flow logs go to."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        with input_errors(f"Network {name!r}"):
            plan = _plan(args, opts)
        super().__init__("privatelane:index:Network", name, {}, opts)
        build = NetworkChildren(self, name, plan, args)

        vpc = build.vpc()
        build.locked_defaults(vpc)
        subnets = build.subnets(vpc, build.secondary_ranges(vpc))
        tables = build.route_tables(vpc)
        associations = build.associations(subnets, tables)
        acls = build.network_acls(vpc, subnets)
        internet = build.internet_gateway(vpc)
        internet_routes = build.internet_routes(tables, internet)
        nats = build.nat_gateways(vpc, subnets, internet, internet_routes)
        build.nat_routes(tables, nats)
        build.egress_only_routes(vpc, tables)
        logs = build.flow_logs(vpc)

        #: The address plan, known before anything exists.
        self.plan: AddressPlan = plan.addresses
        #: Ids by "<group>/<zone-id>": plain maps, so their keys are known in a first preview.
        self.subnets: dict[str, pulumi.Output[str]] = {k: one.id for k, one in subnets.items()}
        self.route_tables: dict[str, pulumi.Output[str]] = {k: one.id for k, one in tables.items()}
        #: Ids by zone id, or under "regional".
        self.nat_gateways: dict[str, pulumi.Output[str]] = {k: one.id for k, one in nats.items()}
        #: What a workload waits for that reaches AWS by endpoints alone. One that goes through a
        #: NAT gateway waits for the whole network.
        self.connected: list[pulumi.Resource] = [*associations, *acls.values()]
        #: IPv4 ranges by "<group>/<zone-id>".
        self.cidrs: dict[str, str] = {k: str(one.cidr) for k, one in self.plan.subnets.items()}
        #: IPv6 ranges by the same keys; none but in dual stack.
        self.ipv6_cidrs: dict[str, pulumi.Output[str]] = {
            k: one.ipv6_cidr_block.apply(str) for k, one in subnets.items() if plan.ipv6
        }
        #: By group: "internet-gateway", "nat" or "none".
        self.egress_by_group: dict[str, str] = {k: one.egress for k, one in plan.groups.items()}
        #: By group: "public", "private" or "isolated".
        self.kinds_by_group: dict[str, str] = {k: one.kind for k, one in plan.groups.items()}

        self.vpc_id = vpc.id
        self.vpc_arn = vpc.arn
        self.cidr_blocks = pulumi.Output.from_input([str(one) for one in self.plan.cidr_blocks])
        self.ipv6_cidr_block = vpc.ipv6_cidr_block if plan.ipv6 else None
        self.zone_ids = pulumi.Output.from_input(plan.zones)
        self.group_kinds = pulumi.Output.from_input(self.kinds_by_group)
        self.subnet_ids = gathered(self.subnets)
        self.subnet_cidrs = pulumi.Output.from_input(self.cidrs)
        self.subnet_ipv6_cidrs = gathered(self.ipv6_cidrs)
        self.route_table_ids = gathered(self.route_tables)
        self.network_acl_ids = gathered({k: one.id for k, one in acls.items()})
        self.egress = pulumi.Output.from_input(self.egress_by_group)
        self.internet_gateway_id = internet.id if internet else None
        self.nat_gateway_ids = gathered(self.nat_gateways)
        self.nat_public_ips = gathered({k: public_addresses(k, one) for k, one in nats.items()})
        self.flow_log_destination = logs.destination if logs else None
        self.flow_log_group = logs.log_group if logs else None
        register(self)


def _plan(args: NetworkArgs, opts: Optional[pulumi.ResourceOptions]) -> NetworkPlan:
    given = entries("args", args)
    known_keys("Network", given, NetworkArgs.__annotations__)
    for name, group in entries("groups", given.get("groups")).items():
        where = f"groups.{name}"
        known_keys(where, entries(where, group), SubnetGroupArgs.__annotations__)
    if given.get("flow_logs") is not None:
        known_keys(
            "flow_logs", entries("flow_logs", given["flow_logs"]), FlowLogsArgs.__annotations__
        )
    if isinstance(given.get("cluster_name"), str):
        text("cluster_name", given["cluster_name"])
    region = given.get("region")
    return plan_network(
        given,
        region=provider_region(opts) if region is None else text("region", region),
        available_zones=lambda: _available_zones(args.get("region"), opts),
    )


def _available_zones(
    region: Optional[str], opts: Optional[pulumi.ResourceOptions]
) -> Sequence[str]:
    found = aws.get_availability_zones(
        state="available",
        # Without it the answer has the Local Zones that the account opted in to.
        filters=[{"name": "zone-type", "values": ["availability-zone"]}],
        region=region,
        opts=invoke_options(opts),
    )
    return found.zone_ids or ()
