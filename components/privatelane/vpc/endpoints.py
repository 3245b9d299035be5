"""The VPC endpoints that the workloads of a network need, and who may use them for what."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import gathered, input_errors, register
from privatelane._invalid import InvalidInput, described, items, known_keys
from privatelane._tags import tagged
from privatelane.peers import PeerArgs, check_peers
from privatelane.vpc._endpoint_network import EndpointNetwork
from privatelane.vpc._endpoint_plan import EndpointPlan, PlannedEndpoint, by_service, plan_endpoints
from privatelane.vpc._endpoint_policies import (
    Perimeter,
    check_account,
    check_organization,
    endpoint_policy,
)

#: Stands for an account that is not known yet, where only the length of a policy matters.
_ANY_ACCOUNT = "0" * 12

#: Endpoints that are made after others. The agents of running container instances move over in
#: this order, and S3 lets an interface leave traffic to a gateway only once there is one.
_AFTER = {
    "ecs-telemetry": ("ecs-agent",),
    "ecs": ("ecs-agent", "ecs-telemetry"),
    "s3-interface": ("s3",),
}

#: A side of a rule → what it is called in a security group's own rules.
_SIDES = {
    "cidr_ipv4": "cidr_blocks",
    "cidr_ipv6": "ipv6_cidr_blocks",
    "prefix_list_id": "prefix_list_ids",
    "referenced_security_group_id": "security_groups",
}


class EndpointsArgs(TypedDict):
    """What the workloads of a network need of AWS, and the network they run in."""

    vpc_id: pulumi.Input[str]
    """VPC to serve. Private DNS asks for its DNS support and DNS hostnames."""
    subnet_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Subnets by `<group>/<zone id>`, such as `app/use1-az1`. Zone ids are those of AWS."""
    route_table_ids: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Route tables by the same keys."""
    subnet_cidrs: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """IPv4 ranges of the subnets by the same keys, those from secondary ranges of the VPC too."""
    subnet_ipv6_cidrs: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """IPv6 ranges of the subnets that have one, by the same keys. Defaults to none."""
    egress: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What each group has towards the internet: `internet-gateway`, `nat` or `none`. Groups with an
    internet gateway are public, and no gateway endpoint is put on their route tables."""
    needs: Mapping[str, Sequence[str]]
    """What the workloads of each group need: for example `image-pull`, `awslogs`, `exec`,
    `secrets`, `cmk`, `eks-node`. Endpoints follow from it, and only groups named here are admitted
    to interface endpoints, whose names resolve to them in the whole VPC."""
    services: NotRequired[Sequence[str]]
    """Endpoints beside those that needs ask for, by AWS's short names such as `sqs`. `s3`,
    `dynamodb` and `s3express` are gateways; `s3-interface` and `dynamodb-interface` are for callers
    outside the VPC. Defaults to none."""
    region: NotRequired[str]
    """Region of the VPC. Defaults to the one configured for the default AWS provider; needed when
    another provider is used."""
    account_id: NotRequired[pulumi.Input[str]]
    """Account whose callers and resources the endpoint policies admit. Defaults to the account of
    the AWS provider."""
    organization_id: NotRequired[str]
    """Organisation to admit in the place of the account, such as `o-abcde12345`."""
    trusted_accounts: NotRequired[Sequence[str]]
    """Further accounts whose resources may be used, such as the one of a shared registry. Defaults
    to none."""
    policies: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Endpoint policies in the place of the default ones by service: JSON of at most 20,480
    characters, `full-access`, or `none` to send no policy. Defaults to none."""
    policy_statements: NotRequired[Mapping[str, pulumi.Input[str]]]
    """JSON lists of statements to add to the default policies by service. Defaults to none."""
    adopt: NotRequired[Mapping[str, str]]
    """Endpoints that the VPC has already by service, such as `{"s3": "vpce-0123456789abcdef0"}`.
    They are not made again, but given the route tables, subnets and security group they lack; their
    policy stays as it is unless one is given here. Defaults to none."""
    adopted_zones: NotRequired[Mapping[str, Sequence[str]]]
    """Zone ids that an adopted endpoint serves already by service. Defaults to none."""
    service_regions: NotRequired[Mapping[str, str]]
    """Regions of services that are to be reached in another Region by service, where PrivateLink
    does that. Defaults to the Region of the VPC."""
    service_zones: NotRequired[Mapping[str, Sequence[str]]]
    """Zone ids that a service supports, where they are not all; `aws ec2
    describe-vpc-endpoint-services` tells. Defaults to all zones."""
    private_dns: NotRequired[Mapping[str, bool]]
    """Whether the public name of a service resolves to its endpoint, by service. Defaults to true
    for each service that has it."""
    subnet_group: NotRequired[str]
    """Group whose subnets take the network interfaces of the endpoints. Defaults to the first by
    name, zone by zone, among the groups that state needs; set it before more groups do."""
    allow_from: NotRequired[Mapping[str, PeerArgs]]
    """Callers to admit beside the groups that state needs, by a name for each, such as public
    subnets and networks that are connected to this one. Defaults to none."""
    dual_stack: NotRequired[bool]
    """Whether endpoints take IPv6 beside IPv4, where their services do. Defaults to true when
    `subnet_ipv6_cidrs` is a map with entries; say it when that is known later only."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class Endpoints(pulumi.ComponentResource):
    """VPC endpoints that follow from what workloads need, their security group and policies."""

    endpoint_ids: pulumi.Output[Mapping[str, str]]
    """Ids of the endpoints by service."""
    security_group_id: Optional[pulumi.Output[str]]
    """The security group of the interface endpoints; none when there are none."""
    prefix_list_ids: pulumi.Output[Mapping[str, str]]
    """Prefix lists of the gateway endpoints by service, for rules of security groups."""
    private_services: pulumi.Output[Mapping[str, str]]
    """Services that each group reaches by an endpoint: sorted, separated by commas."""
    reasons: pulumi.Output[Mapping[str, str]]
    """Why each endpoint is there, by service."""

    def __init__(
        self,
        name: str,
        args: EndpointsArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        where = f"Endpoints {name!r}"
        with input_errors(where):
            known_keys("Endpoints", args, EndpointsArgs.__annotations__)
            if args.get("vpc_id") is None:
                raise InvalidInput("vpc_id is None, it must be the id of a VPC")
            callers = check_peers("allow_from", args.get("allow_from"))
            plan = plan_endpoints(
                region=args.get("region") or _configured_region(opts),
                needs=args.get("needs"),
                services=args.get("services"),
                service_regions=args.get("service_regions"),
                service_zones=args.get("service_zones"),
                private_dns=args.get("private_dns"),
                adopt=args.get("adopt"),
                adopted_zones=args.get("adopted_zones"),
                subnet_group=args.get("subnet_group"),
                admits_others=bool(callers),
            )
            network = EndpointNetwork(
                where,
                plan,
                subnet_ids=args.get("subnet_ids"),
                route_table_ids=args.get("route_table_ids"),
                subnet_cidrs=args.get("subnet_cidrs"),
                subnet_ipv6_cidrs=args.get("subnet_ipv6_cidrs"),
                egress=args.get("egress"),
                dual_stack=args.get("dual_stack"),
            )
            policies = _Policies(where, plan, args)
        super().__init__("privatelane:index:Endpoints", name, None, opts)

        self._tags = args.get("tags")
        self._vpc_id = args["vpc_id"]
        policies.ask_account(self)
        group = self._security_group(network, callers) if plan.interfaces else None
        made: dict[str, aws.ec2.VpcEndpoint] = {}
        for one in sorted(plan.endpoints, key=lambda one: len(_AFTER.get(one.key, ()))):
            if one.adopted is not None:
                self._adopt(one, one.adopted, network, policies, group)
            elif one.gateway:
                made[one.key] = self._gateway(one, network, policies)
            else:
                before = [made[key] for key in _AFTER.get(one.key, ()) if key in made]
                made[one.key] = self._interface(one, network, policies, group, before)

        #: Leaf by leaf, so that a preview tells which there are before it knows their ids.
        self.ids = {
            one.key: pulumi.Output.from_input(one.adopted or made[one.key].id)
            for one in plan.endpoints
        }
        self.prefix_lists = {
            one.key: made[one.key].prefix_list_id
            if one.key in made
            else self._prefix_list_of(one.adopted)
            for one in plan.gateways
        }
        #: Known in a preview as far as the maps' keys are.
        self.private_services_by_group = network.private_services_by_group()

        self.endpoint_ids = gathered(self.ids)
        self.security_group_id = group.id if group else None
        self.prefix_list_ids = gathered(self.prefix_lists)
        self.private_services = pulumi.Output.from_input(network.private_services())
        self.reasons = pulumi.Output.from_input({one.key: one.reason for one in plan.endpoints})
        register(self)

    def _security_group(
        self, network: EndpointNetwork, callers: Mapping[str, Mapping[str, Any]]
    ) -> aws.ec2.SecurityGroup:
        name = f"{self.pulumi_resource_name}-security-group"
        return aws.ec2.SecurityGroup(
            name,
            vpc_id=self._vpc_id,
            description="VPC endpoints: from those who need them, to nobody",
            # Rules of its own rather than beside it: how many there are need not be known.
            ingress=[
                aws.ec2.SecurityGroupIngressArgs(**rule)
                for rule in [*network.ingress(), *map(_inline, callers, callers.values())]
            ],
            egress=[],
            tags=tagged(name, self._tags),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _gateway(
        self, one: PlannedEndpoint, network: EndpointNetwork, policies: "_Policies"
    ) -> aws.ec2.VpcEndpoint:
        name = f"{self.pulumi_resource_name}-{one.key}"
        return aws.ec2.VpcEndpoint(
            name,
            vpc_id=self._vpc_id,
            vpc_endpoint_type="Gateway",
            service_name=one.full_name,
            route_table_ids=network.places(one),
            ip_address_type="dualstack" if network.dual_stack and one.service.dual_stack else None,
            policy=policies.of(one),
            tags=tagged(name, self._tags),
            # Its routes cannot be in a table twice.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _interface(
        self,
        one: PlannedEndpoint,
        network: EndpointNetwork,
        policies: "_Policies",
        group: Optional[aws.ec2.SecurityGroup],
        before: Sequence[pulumi.Resource],
    ) -> aws.ec2.VpcEndpoint:
        assert group is not None
        name = f"{self.pulumi_resource_name}-{one.key}"
        dns = aws.ec2.VpcEndpointDnsOptionsArgs(private_dns_only_for_inbound_resolver_endpoint=True)
        return aws.ec2.VpcEndpoint(
            name,
            vpc_id=self._vpc_id,
            vpc_endpoint_type="Interface",
            service_name=one.full_name,
            service_region=one.service_region,
            subnet_ids=network.places(one),
            security_group_ids=[group.id],
            private_dns_enabled=one.private_dns,
            dns_options=dns if one.for_inbound_resolver else None,
            ip_address_type="dualstack" if network.is_dual_stack(one) else "ipv4",
            policy=policies.of(one),
            tags=tagged(name, self._tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                # Two endpoints cannot have a private DNS name at a time.
                delete_before_replace=True,
                depends_on=before,
            ),
        )

    def _adopt(
        self,
        one: PlannedEndpoint,
        endpoint_id: str,
        network: EndpointNetwork,
        policies: "_Policies",
        group: Optional[aws.ec2.SecurityGroup],
    ) -> None:
        """Give an endpoint that is not ours what it lacks to serve this network."""
        name = f"{self.pulumi_resource_name}-{one.key}"
        opts = pulumi.ResourceOptions(parent=self)
        for key, place in network.places_by_key(one).items():
            child = f"{name}-{key.replace('/', '-')}"
            if one.gateway:
                aws.ec2.VpcEndpointRouteTableAssociation(
                    child, vpc_endpoint_id=endpoint_id, route_table_id=place, opts=opts
                )
            else:
                aws.ec2.VpcEndpointSubnetAssociation(
                    child, vpc_endpoint_id=endpoint_id, subnet_id=place, opts=opts
                )
        if not one.gateway:
            assert group is not None
            aws.ec2.SecurityGroupAssociation(
                f"{name}-security-group",
                vpc_endpoint_id=endpoint_id,
                security_group_id=group.id,
                opts=opts,
            )
        if policies.are_given_for(one):
            aws.ec2.VpcEndpointPolicy(
                f"{name}-policy",
                vpc_endpoint_id=endpoint_id,
                policy=policies.of(one),
                opts=opts,
            )

    def _prefix_list_of(self, endpoint_id: Optional[str]) -> pulumi.Output[str]:
        opts = pulumi.InvokeOutputOptions(parent=self)
        return aws.ec2.get_vpc_endpoint_output(id=endpoint_id, opts=opts).prefix_list_id


class _Policies:
    """The policies of the endpoints, with the account in them that may not be known yet."""

    def __init__(self, where: str, plan: EndpointPlan, args: EndpointsArgs) -> None:
        self._where = where
        self._plan = plan
        asked = {one.key for one in plan.endpoints}
        self._given = by_service("policies", args.get("policies"), asked, _as_given)
        self._added = by_service(
            "policy_statements", args.get("policy_statements"), asked, _as_given
        )
        self._organization = args.get("organization_id")
        if self._organization is not None:
            check_organization("organization_id", self._organization)
        self._trusted = tuple(
            check_account("trusted_accounts", account)
            for account in items("trusted_accounts", args.get("trusted_accounts", ()))
        )
        self._account = args.get("account_id")
        if isinstance(self._account, str):
            check_account("account_id", self._account)
        # Accounts are of one length, so all but the account itself is decided here.
        self._sent = {one.key for one in plan.endpoints if self._rehearse(one) is not None}

    def ask_account(self, parent: pulumi.Resource) -> None:
        """Ask AWS for the account when a policy has it and nobody has said it."""
        defaults = self._sent - self._given.keys()
        if self._account is None and self._organization is None and defaults:
            opts = pulumi.InvokeOutputOptions(parent=parent)
            self._account = aws.get_caller_identity_output(opts=opts).account_id

    def are_given_for(self, one: PlannedEndpoint) -> bool:
        """Whether the caller says something of an endpoint's policy."""
        return one.key in self._given or one.key in self._added

    def of(self, one: PlannedEndpoint) -> pulumi.Input[Optional[str]]:
        """Return the policy to send for an endpoint, None for none."""
        if one.key not in self._sent:
            return None
        account = self._account if self._account is not None else _ANY_ACCOUNT
        parts = (account, self._given.get(one.key), self._added.get(one.key))
        if not any(isinstance(part, pulumi.Output) for part in parts):
            return self._text(one, *parts)

        def known(parts: Sequence[Any]) -> Optional[str]:
            with input_errors(self._where):
                return self._text(one, *parts)

        return pulumi.Output.all(*parts).apply(known)

    def _rehearse(self, one: PlannedEndpoint) -> Optional[str]:
        parts = (self._given.get(one.key), self._added.get(one.key))
        if one.adopted is not None and parts == (None, None):
            return None
        if any(isinstance(part, pulumi.Output) for part in parts):
            return ""
        return self._text(one, _ANY_ACCOUNT, *parts)

    def _text(
        self, one: PlannedEndpoint, account: object, given: object, added: object
    ) -> Optional[str]:
        return endpoint_policy(
            one.service,
            Perimeter(check_account("account_id", account), self._organization, self._trusted),
            region=one.service_region or self._plan.region,
            needs=self._plan.all_needs,
            services=self._plan.named,
            policy=given,
            statements=added,
        )


def _configured_region(opts: Optional[pulumi.ResourceOptions]) -> Optional[str]:
    """The Region of the default provider, None where another provider may be in use."""
    given = opts or pulumi.ResourceOptions()
    inherited = given.parent.get_provider("aws:ec2/vpcEndpoint:") if given.parent else None
    return None if given.provider or given.providers or inherited else aws.config.region


def _as_given(field: str, value: object) -> object:
    if value is None:
        raise InvalidInput(f"{field} is {described(value)}, it must be a policy as text")
    return value


def _inline(name: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule that admits a peer, as a property of the security group."""
    (side,) = _SIDES.keys() & rule.keys()
    return {
        "description": f"{name}, admitted by name",
        "protocol": rule["ip_protocol"],
        "from_port": rule["from_port"],
        "to_port": rule["to_port"],
        _SIDES[side]: [rule[side]],
    }
