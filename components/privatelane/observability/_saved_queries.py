"""What is asked of flow logs again and again, in the language of CloudWatch Logs Insights.

A zonal NAT gateway logs every byte twice, once on the way in and once on the way out, and the
task's own interface logs it a third time. These queries count at the interface that the traffic
starts from or ends at and that has the NAT as its *next hop*: each byte once, and the subnet that
leaks is named. At a regional NAT gateway itself, what comes from the internet is addressed to the
gateway's own public address, which is AWS's too and would pass for a service.

There is no value for ECR among the services that AWS tells in a record: its API shows as `AMAZON`
or `EC2`, its layers as `S3`.

Sources, read in November 2026: "Flow log records" and "Flow log record examples" in the Amazon VPC
user guide; the query syntax in the CloudWatch Logs user guide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from privatelane._invalid import InvalidInput, listing

_NAT = '["nat_gateway", "regional_nat_gateway"]'
_STORES = '["S3", "DYNAMODB"]'
_FAR_SERVICE = 'if(fFlowDirection = "egress", fPktDstAwsService, fPktSrcAwsService)'
_FAR_ADDRESS = 'if(fFlowDirection = "egress", fPktDstaddr, fPktSrcaddr)'
_NEAR_ADDRESS = 'if(fFlowDirection = "egress", fPktSrcaddr, fPktDstaddr)'
_THROUGH_NAT = f'fAction = "ACCEPT" and fNextHopInterfaceType in {_NAT}'
_GIGABYTES = "sum(fBytes) / 1000000000 as gigabytes"

#: Name → the commands after `parse`. A field of the format is called `f` and its name in camel
#: case, which none of the fields is called that Logs Insights finds by itself.
_COMMANDS = {
    "nat-bytes-by-service": (
        f"filter {_THROUGH_NAT}",
        f"fields {_FAR_SERVICE} as awsService",
        f"stats {_GIGABYTES}, count(*) as flows by awsService, fFlowDirection",
        "sort gigabytes desc",
    ),
    "nat-bytes-by-interface": (
        f"filter {_THROUGH_NAT}",
        f"fields {_FAR_SERVICE} as awsService",
        f"stats {_GIGABYTES} by fSubnetId, fInterfaceId, fNextHopInterfaceType, awsService",
        "sort gigabytes desc",
        "limit 100",
    ),
    "nat-top-talkers": (
        f"filter {_THROUGH_NAT}",
        f"fields {_NEAR_ADDRESS} as nearAddress",
        f"fields {_FAR_ADDRESS} as farAddress, {_FAR_SERVICE} as awsService",
        f"stats {_GIGABYTES}, count(*) as flows by nearAddress, farAddress, awsService",
        "sort gigabytes desc",
        "limit 25",
    ),
    # Both what leads to a NAT and what the NAT itself saw: no rows is the proof, so a record that
    # lacks its next hop must not be one. Flows, not bytes, as a byte may be there three times.
    "proof-no-s3-through-nat": (
        'filter fAction = "ACCEPT"',
        f"filter fNextHopInterfaceType in {_NAT} or fInterfaceType in {_NAT}",
        f"filter fPktSrcAwsService in {_STORES} or fPktDstAwsService in {_STORES}",
        "stats count(*) as flows by fSubnetId, fInterfaceId, fResourceId, fFlowDirection",
        "sort flows desc",
        "limit 100",
    ),
    "rejects-at-endpoints": (
        'filter fAction = "REJECT"',
        'filter fInterfaceType = "vpc_endpoint" or fNextHopInterfaceType = "vpc_endpoint"',
        "stats count(*) as flows by fSrcaddr, fDstaddr, fDstport, fFlowDirection, fInterfaceType",
        "sort flows desc",
        "limit 50",
    ),
    # Only what leaves has a path, so these are uploads and requests; the downloads that they ask
    # for come back the same way.
    "gateway-endpoint-use": (
        'filter fAction = "ACCEPT" and fFlowDirection = "egress" and fTrafficPath = "7"',
        "stats sum(fBytes) as sentBytes, count(*) as flows by fSubnetId, fPktDstAwsService",
        "sort sentBytes desc",
    ),
    # A proof is as good as its logs are whole.
    "gaps-in-the-log": (
        'filter fLogStatus = "SKIPDATA"',
        "stats count(*) as skipped by fInterfaceId, bin(1h)",
        "sort skipped desc",
    ),
}


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query by the name that it is saved under."""

    name: str
    text: str


def saved_queries(fields: Sequence[str]) -> tuple[SavedQuery, ...]:
    """Return the queries for flow logs that hold those fields, in that order.

    Raises:
        InvalidInput: a query needs a field that the format lacks.

    """
    names = {alias(field) for field in fields}
    wildcards = " ".join("*" * len(fields))
    parse = f'parse @message "{wildcards}" as {", ".join(map(alias, fields))}'
    for name, commands in _COMMANDS.items():
        used = set(re.findall(r"\bf[A-Z]\w*", " ".join(commands)))
        if missing := sorted(map(_field, used - names)):
            raise InvalidInput(
                f"flow_log_fields lacks {listing(missing, 'and')}, which the query {name!r} needs;"
                " the format of a flow log cannot be changed, so make another one"
            )
    return tuple(
        SavedQuery(name, "\n| ".join((parse, *commands))) for name, commands in _COMMANDS.items()
    )


def alias(field: str) -> str:
    """Return the name in queries of a field of the format."""
    return "f" + "".join(part.capitalize() for part in field.split("-"))


def _field(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name[1:]).lower()
