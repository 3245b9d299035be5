"""VPC peerings and their acceptance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import given, handles, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

_GONE = {"deleted", "rejected", "expired", "failed"}


class _PeeringHandler(Ec2Handler):
    tag_type = "vpc-peering-connection"

    def peering(self, id_: str) -> dict[str, Any] | None:
        """The peering as EC2 describes it, unless it is gone."""
        found = self.one(
            "describe_vpc_peering_connections",
            "VpcPeeringConnections",
            VpcPeeringConnectionIds=[id_],
        )
        return None if found is None or found["Status"]["Code"] in _GONE else found

    def set_options(self, id_: str, news: Props) -> None:
        """Set the DNS options of both sides."""
        names = (
            ("accepter", "AccepterPeeringConnectionOptions"),
            ("requester", "RequesterPeeringConnectionOptions"),
        )
        for ours, theirs in names:
            side = news.get(ours)
            if side and side.get("allowRemoteVpcDnsResolution") is not None:
                allow = {"AllowDnsResolutionFromRemoteVpc": side["allowRemoteVpcDnsResolution"]}
                self.aws.modify_vpc_peering_connection_options(
                    VpcPeeringConnectionId=id_, **{theirs: allow}
                )

    def properties(self, found: dict[str, Any], known: Props) -> Props:
        """What a peering and its acceptance have in common."""
        sides = {"accepter": "AccepterVpcInfo", "requester": "RequesterVpcInfo"}
        return {
            "acceptStatus": found["Status"]["Code"],
            "vpcId": found["RequesterVpcInfo"]["VpcId"],
            "peerVpcId": found["AccepterVpcInfo"]["VpcId"],
            "peerOwnerId": found["AccepterVpcInfo"]["OwnerId"],
            "peerRegion": found["AccepterVpcInfo"]["Region"],
            **{
                ours: {
                    "allowRemoteVpcDnsResolution": found[theirs]
                    .get("PeeringOptions", {})
                    .get("AllowDnsResolutionFromRemoteVpc", False)
                }
                for ours, theirs in sides.items()
            },
            "tags": tag_map(found.get("Tags")),
        }


@handles("aws:ec2/vpcPeeringConnection:VpcPeeringConnection")
class VpcPeeringConnection(_PeeringHandler):
    """A request to peer two VPCs, accepted at once if the program says so."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_vpc_peering_connection(
            **given(
                inputs,
                VpcId="vpcId",
                PeerVpcId="peerVpcId",
                PeerOwnerId="peerOwnerId",
                PeerRegion="peerRegion",
            ),
            **self.tags_of(inputs),
        )
        identifier: str = answer["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        if inputs.get("autoAccept"):
            self.aws.accept_vpc_peering_connection(VpcPeeringConnectionId=id_)
            self.set_options(id_, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.peering(id_)
        return None if found is None else self.properties(found, known)

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if news.get("autoAccept") and not olds.get("autoAccept"):
            self.aws.accept_vpc_peering_connection(VpcPeeringConnectionId=id_)
        self.set_options(id_, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_vpc_peering_connection(VpcPeeringConnectionId=id_)


@handles("aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter")
class VpcPeeringConnectionAccepter(_PeeringHandler):
    """The other side's consent; deleting it leaves the peering alone."""

    def create(self, inputs: Props) -> str:
        identifier: str = inputs["vpcPeeringConnectionId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        if inputs.get("autoAccept"):
            self.aws.accept_vpc_peering_connection(VpcPeeringConnectionId=id_)
        self.set_options(id_, inputs)
        self.retag(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.peering(id_)
        if found is None:
            return None
        return {"vpcPeeringConnectionId": id_, **self.properties(found, known)}

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.set_options(id_, news)
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        """The real provider only forgets it."""
