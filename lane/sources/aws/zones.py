"""Reads the hosted zones of an account, which belong to no region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lane.sources.aws.reader import Client, Reader, pages
from lane.sources.describe.answers import Answers, Record, items, text

__all__ = ["Zones"]


class Zones(Reader):
    """Reads the private zones with their VPCs, and the records of those on VPCs that were read."""

    def read(self, places: Sequence[Answers]) -> Answers:
        """The zones of the account whose regions were read before."""
        client = self.client("route53")
        self.keep("HostedZones", lambda: self._zones(client, places))
        return Answers(self.account, None, self.records, self.unread)

    def _zones(self, client: Client, places: Sequence[Answers]) -> list[Record]:
        listed = [
            one
            for one in pages(client, "list_hosted_zones", "HostedZones")
            if one.get("Config", {}).get("PrivateZone") is True
        ]
        found: dict[str, dict[str, Any]] = {}
        for one in listed:
            key = one["Id"]
            vpcs = client.get_hosted_zone(Id=key).get("VPCs", [])
            found[key.rpartition("/")[2]] = {**one, "VPCs": vpcs}
        mine = {
            vpc
            for place in places
            for one in place.records.get("Vpcs", ())
            if (vpc := text(one, "VpcId"))
        }
        for record in found.values():
            if any(text(one, "VPCId") in mine for one in record["VPCs"]):
                record["ResourceRecordSets"] = pages(
                    client,
                    "list_resource_record_sets",
                    "ResourceRecordSets",
                    HostedZoneId=record["Id"],
                )
        for vpc, region in sorted(_may_use_others(places)):
            self._add_others(client, vpc, region, found)
        return list(found.values())

    def _add_others(
        self, client: Client, vpc: str, region: str, found: dict[str, dict[str, Any]]
    ) -> None:
        """Zones of other accounts on a VPC: nobody here may read their records.

        Those that AWS's services make are the hidden zones of endpoints and the like.
        """
        summaries = pages(
            client, "list_hosted_zones_by_vpc", "HostedZoneSummaries", VPCId=vpc, VPCRegion=region
        )
        for one in summaries:
            key = one["HostedZoneId"]
            if one.get("Owner", {}).get("OwningAccount") and key not in found:
                found[key] = {
                    "Id": f"/hostedzone/{key}",
                    "Name": one["Name"],
                    "Config": {"PrivateZone": True},
                    "VPCs": [],
                }
            if key in found and not any(own.get("VPCId") == vpc for own in found[key]["VPCs"]):
                found[key]["VPCs"].append({"VPCId": vpc, "VPCRegion": region})


def _may_use_others(places: Sequence[Answers]) -> set[tuple[str, str]]:
    """The VPCs that a zone of another account could lead to an endpoint: linked, or with some."""
    found: set[tuple[str, str]] = set()
    for place in places:
        linked = {
            vpc
            for key in ("VpcEndpoints", "TransitGatewayVpcAttachments")
            for one in place.records.get(key, ())
            if text(one, "VpcEndpointType") != "Gateway" and (vpc := text(one, "VpcId"))
        }
        for one in place.records.get("VpcPeeringConnections", ()):
            sides = (one.get("RequesterVpcInfo", {}), one.get("AccepterVpcInfo", {}))
            linked |= {vpc for side in sides if (vpc := text(side, "VpcId"))}
        for one in place.records.get("VpnGateways", ()):
            linked |= {vpc for side in items(one, "VpcAttachments") if (vpc := text(side, "VpcId"))}
        own = {text(one, "VpcId") for one in place.records.get("Vpcs", ())}
        found |= {(vpc, place.region or "") for vpc in linked if vpc in own}
    return found
