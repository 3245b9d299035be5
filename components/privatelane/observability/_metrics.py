"""The CloudWatch metrics of NAT gateways and interface endpoints: names, namespaces, directions.

Seen from a NAT gateway the *destination* is what lies beyond it. An image pull is therefore
`BytesInFromDestination` and an upload `BytesInFromSource`; each byte enters once and leaves once,
so the two that come *in* are all that the gateway processes and bills. Gateway endpoints and
endpoints that reach another Region publish nothing.

Sources, read in November 2026: "NAT gateway metrics and dimensions" in the Amazon VPC user guide
and "CloudWatch metrics for AWS PrivateLink" in the AWS PrivateLink guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privatelane.vpc._nat import REGIONAL

NAT_NAMESPACE = "AWS/NATGateway"
NAT_DIMENSION = "NatGatewayId"
#: Regional NAT gateways publish under this dimension beside the other, one series a zone.
NAT_ZONE_DIMENSION = "AvailabilityZone"

ENDPOINT_NAMESPACE = "AWS/PrivateLinkEndpoints"
#: The dimension names have blanks in them.
ENDPOINT_DIMENSIONS = ("Endpoint Type", "Service Name", "VPC Endpoint Id", "VPC Id")

#: What the workloads download, image layers first of all.
DOWNLOADS = "BytesInFromDestination"
#: What they upload.
UPLOADS = "BytesInFromSource"
NAT_DROPS = "PacketsDropCount"
NAT_PACKETS = ("PacketsInFromSource", "PacketsInFromDestination")
PORT_ERRORS = "ErrorPortAllocation"
CONNECTIONS = "ActiveConnectionCount"
#: Both directions; what the endpoint's owner is billed for.
ENDPOINT_BYTES = "BytesProcessed"
ENDPOINT_DROPS = "PacketsDropped"

#: Periods, in seconds.
FIVE_MINUTES = 300
HOUR = 3600

#: AWS bills by the decimal gigabyte.
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Joined:
    """Text whose parts may be known later; who knows Pulumi puts them together."""

    parts: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of one thing. The dimensions' values may be known later."""

    namespace: str
    name: str
    dimensions: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gateway:
    """A NAT gateway by its key in the network: the id of its zone, or `regional`."""

    key: str
    id: Any

    @property
    def regional(self) -> bool:
        """Whether its metrics come one series a zone, so that none has the whole."""
        return self.key == REGIONAL

    def metric(self, name: str) -> Metric:
        """Return a metric of a zonal gateway."""
        return Metric(NAT_NAMESPACE, name, {NAT_DIMENSION: self.id})

    def query(self, name: str) -> Joined:
        """Return the Metrics Insights query that adds up the zones of a regional gateway."""
        dimensions = f"{NAT_ZONE_DIMENSION}, {NAT_DIMENSION}"
        schema = f'SCHEMA("{NAT_NAMESPACE}", {dimensions})'
        return Joined(
            ("SELECT SUM(", name, f") FROM {schema} WHERE {NAT_DIMENSION} = '", self.id, "'")
        )

    def search(self, name: str, period: int) -> Joined:
        """Return the search expression that finds the series of a regional gateway's zones."""
        schema = f"{{{NAT_NAMESPACE},{NAT_ZONE_DIMENSION},{NAT_DIMENSION}}}"
        found = f'SEARCH(\'{schema} MetricName="{name}" {NAT_DIMENSION}="'
        return Joined((found, self.id, f"\"', 'Sum', {period})"))


@dataclass(frozen=True, slots=True)
class InterfaceEndpoint:
    """An interface endpoint by the short name of its service."""

    key: str
    id: Any
    #: The service's full name.
    service: Any
    vpc_id: Any

    def metric(self, name: str) -> Metric:
        """Return a metric of the endpoint, all its subnets together."""
        values = ("Interface", self.service, self.id, self.vpc_id)
        return Metric(ENDPOINT_NAMESPACE, name, dict(zip(ENDPOINT_DIMENSIONS, values, strict=True)))
