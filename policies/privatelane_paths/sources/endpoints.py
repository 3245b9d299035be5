"""VPC endpoints with all that inline lists and association resources say of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from privatelane_paths.facts import Endpoint, EndpointKind
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.sources.nouns import ENDPOINT, SECURITY_GROUP, SUBNET, TABLE, VPC, Noun

if TYPE_CHECKING:
    from privatelane_paths.sources.index import Index, View

__all__ = ["endpoints"]

_KINDS = {kind.value: kind for kind in EndpointKind}


def endpoints(index: Index) -> Iterator[Endpoint]:
    """The endpoints the stack declares; the type defaults to Gateway, private DNS to off."""
    tables = _associated(
        index,
        "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        "routeTableId",
        TABLE,
    )
    places = _associated(
        index,
        "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation",
        "subnetId",
        SUBNET,
    )
    groups = _associated(
        index,
        "aws:ec2/securityGroupAssociation:SecurityGroupAssociation",
        "securityGroupId",
        SECURITY_GROUP,
    )
    replaced = _without_default_group(index)
    policies = _separate(index, "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy")
    switches = _separate(index, "aws:vpc/endpointPrivateDns:EndpointPrivateDns")
    for view in index.of(ENDPOINT):
        key = view.key
        vpc = view.ref("vpcId", VPC) or Ref.anything(view.missing("vpcId"))
        options = view.item("dnsOptions")
        switch = switches.get(key)
        policy = policies.get(key)
        yield Endpoint(
            key,
            view.name,
            vpc=vpc,
            kind=_kind(view),
            service_name=view.text("serviceName") or Unknown(view.missing("serviceName")),
            route_tables=view.members("routeTableIds", TABLE) | tables.get(key, Refs()),
            subnets=_subnets(view) | places.get(key, Refs()),
            security_groups=_groups(view, vpc, groups, replaced),
            private_dns=(
                view.flag("privateDnsEnabled", False)
                if switch is None
                else _of_separate(switch, "privateDnsEnabled")
            ),
            inbound_only=_inbound_only(options),
            policy=_policy(view if policy is None else policy),
            service_region=view.text("serviceRegion"),
            ip_address_type=view.text("ipAddressType") or "ipv4",
            outside=view.resource.external,
        )


def _kind(view: View) -> Maybe[EndpointKind]:
    value = view.text("vpcEndpointType")
    if value is None:
        return EndpointKind.GATEWAY
    if isinstance(value, Unknown):
        return value
    return _KINDS.get(value, Unknown(f"an endpoint type that AWS has in {view.label('type')}"))


def _subnets(view: View) -> Refs:
    found = view.members("subnetIds", SUBNET)
    return found | view.refs_in("subnetConfigurations", "subnetId", SUBNET)


def _groups(view: View, vpc: Ref, separate: Mapping[Key, Refs], replaced: AbstractSet[Key]) -> Refs:
    """Its security groups; with none at all AWS puts the VPC's default group on it."""
    inline = view.members("securityGroupIds", SECURITY_GROUP)
    added = separate.get(view.key, Refs())
    if (
        view.resource.inputs is not None
        and not view.declared("securityGroupIds")
        and _kind(view) is EndpointKind.INTERFACE
    ) and view.key not in replaced:
        defaults = [view.index.implied_key(key, "default-security-group") for key in vpc.keys]
        inline |= _one(
            Ref.anything(vpc.missing, defaults)
            if vpc.open
            else Ref.one_of(defaults, vpc.missing or view.missing("securityGroupIds"))
        )
    return inline | added


def _without_default_group(index: Index) -> frozenset[Key]:
    """The endpoints from which an association resource takes the VPC's default group away."""
    return frozenset(
        ref.keys[0]
        for view in index.views("aws:ec2/securityGroupAssociation:SecurityGroupAssociation")
        if view.flag("replaceDefaultAssociation", False) is True
        and (ref := view.ref("vpcEndpointId", ENDPOINT)) is not None
        and ref.decided
    )


def _inbound_only(options: Maybe[View] | None) -> Maybe[bool]:
    if options is None:
        return False
    if isinstance(options, Unknown):
        return options
    return options.flag("privateDnsOnlyForInboundResolverEndpoint", False)


def _policy(view: View) -> Maybe[str | None]:
    value = view.raw("policy")
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (Mapping, list)) and not _has_unknown(value):
        return json.dumps(value)
    return Unknown(view.missing("policy"))


def _has_unknown(tree: object) -> bool:
    if isinstance(tree, Mapping):
        return any(_has_unknown(one) for one in tree.values())
    if isinstance(tree, list):
        return any(_has_unknown(one) for one in tree)
    return isinstance(tree, Unknown)


def _associated(index: Index, token: str, name: str, noun: Noun) -> dict[Key, Refs]:
    """What association resources add to each endpoint."""
    found: dict[Key, Refs] = defaultdict(Refs)
    for view in index.views(token):
        owner = view.ref("vpcEndpointId", ENDPOINT)
        target = view.ref(name, noun) or Ref.anything(view.missing(name))
        if owner is None:
            continue
        for key in owner.keys:
            found[key] |= _one(target) if owner.decided else _perhaps(target, owner.missing)
        if owner.open:
            for one in index.of(ENDPOINT):
                if one.key not in owner.keys:
                    found[one.key] |= _perhaps(target, owner.missing)
    return found


def _one(ref: Ref) -> Refs:
    if ref.decided:
        return Refs.of(ref.keys)
    return Refs(frozenset(), frozenset(ref.keys), ref.missing, ref.open)


def _perhaps(ref: Ref, missing: str) -> Refs:
    return Refs(frozenset(), frozenset(ref.keys), missing, ref.open)


def _separate(index: Index, token: str) -> dict[Key, View]:
    """The resource that sets one property of each endpoint, where that is certain."""
    found: dict[Key, View] = {}
    for view in index.views(token):
        owner = view.ref("vpcEndpointId", ENDPOINT)
        for key in owner.keys if owner is not None else ():
            found[key] = view
    return found


def _of_separate(view: View, name: str) -> Maybe[bool]:
    owner = view.ref("vpcEndpointId", ENDPOINT)
    if owner is None or not owner.decided:
        return Unknown(view.missing("vpcEndpointId"))
    return view.flag(name, False)
