"""What stands between a subnet and its targets: firewall endpoints, VPC Block Public Access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import BlockPublicAccess, Endpoint, EndpointKind
from privatelane_paths.known import Key, Maybe, Ref, Refs, Unknown
from privatelane_paths.sources.index import firewall_endpoints
from privatelane_paths.sources.nouns import FIREWALL, SUBNET, VPC, implied
from privatelane_paths.sources.vpcs import region_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.sources.index import Index, View

__all__ = ["block_public_access", "firewalls"]

#: Not an AWS service that anybody pulls from: it only tells these endpoints apart in words.
_SERVICE = "network-firewall"
_EXTRA = "aws:networkfirewall/vpcEndpointAssociation:VpcEndpointAssociation"


def firewalls(index: Index) -> Iterator[Endpoint]:
    """One endpoint for each subnet a Network Firewall stands in."""
    for view in index.of(FIREWALL):
        vpc = view.ref("vpcId", VPC) or Ref.anything(view.missing("vpcId"))
        for key, places in firewall_endpoints(view).items():
            yield _endpoint(view, key, vpc, places)
    for view in index.views(_EXTRA):
        vpc = view.ref("vpcId", VPC) or Ref.anything(view.missing("vpcId"))
        places = view.refs_in("subnetMapping", "subnetId", SUBNET)
        yield _endpoint(view, implied(view.key, "endpoint"), vpc, places)


def _endpoint(view: View, key: Key, vpc: Ref, places: Refs) -> Endpoint:
    return Endpoint(
        key,
        f"firewall endpoint of {view.name}",
        vpc=vpc,
        kind=EndpointKind.FIREWALL,
        service_name=_SERVICE,
        subnets=places,
    )


def block_public_access(index: Index, region: Maybe[str]) -> Iterator[BlockPublicAccess]:
    """The mode of each region the stack sets, with the VPCs and subnets it excludes."""
    excluded = Refs()
    for view in index.views("aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion"):
        for name, noun in (("vpcId", VPC), ("subnetId", SUBNET)):
            ref = view.ref(name, noun)
            if ref is not None:
                excluded |= (
                    Refs.of(ref.keys)
                    if ref.decided
                    else Refs(frozenset(), frozenset(ref.keys), ref.missing, ref.open)
                )
    for view in index.views("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"):
        mode = view.text("internetGatewayBlockMode")
        yield BlockPublicAccess(
            view.key,
            mode=Unknown(view.missing("internetGatewayBlockMode")) if mode is None else mode,
            region=region_of(view, region),
            excluded=excluded,
        )
