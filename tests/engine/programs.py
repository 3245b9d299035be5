"""Parts of the inline programs: a closed network for nodes, and the endpoints of any network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from privatelane import Endpoints, Network

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

#: The only group of a closed network.
GROUP = "nodes"
CIDR_BLOCK = "10.60.0.0/16"
ZONES = ["use1-az1", "use1-az2"]
#: Who may administer a cluster.
ACCESS: dict[str, Any] = {
    "administrators": {
        "principal_arn": "arn:aws:iam::123456789012:role/administrator",
        "policies": {"AmazonEKSClusterAdminPolicy": []},
    }
}


def endpoints_of(network: Network, needs: Mapping[str, Sequence[str]]) -> Endpoints:
    """Register the endpoints of a network, for what each of its groups needs."""
    return Endpoints(
        "endpoints",
        {
            "vpc_id": network.vpc_id,
            "subnet_ids": network.subnets,
            "route_table_ids": network.route_tables,
            "subnet_cidrs": network.cidrs,
            "egress": network.egress_by_group,
            "needs": needs,
        },
    )


class ClosedNetwork:
    """A network whose only group reaches nothing but the endpoints for its needs."""

    def __init__(self, needs: Collection[str]) -> None:
        self.network = Network(
            "net",
            {
                "cidr_block": CIDR_BLOCK,
                "zones": ZONES,
                "groups": {GROUP: {"kind": "isolated"}},
            },
        )
        self.endpoints = endpoints_of(self.network, {GROUP: sorted(needs)})
        #: What controllers have to be told of the network.
        self.reach: dict[str, Any] = {
            "egress": self.network.egress_by_group,
            "private_services": self.endpoints.private_services_by_group,
        }
        #: What clusters and nodes have to be told of it.
        self.place: dict[str, Any] = {**self.reach, "subnet_ids": self.network.subnets}

    @property
    def ready(self) -> pulumi.ResourceOptions:
        """Options of what must not start before it can reach what it needs."""
        return pulumi.ResourceOptions(depends_on=[*self.network.connected, self.endpoints])
