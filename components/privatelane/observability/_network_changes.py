"""The calls that can turn a private lane into one through a NAT, or into none, and their pattern.

EventBridge hears calls only while a trail of CloudTrail logs management events in the Region.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Operations of Amazon EC2 after which traffic may take another way: endpoints, routes, the NAT and
#: internet gateways, the VPC's DNS, the filters on the way, and the flow logs that would show it.
CHANGES = (
    *("CreateVpcEndpoint", "ModifyVpcEndpoint", "DeleteVpcEndpoints"),
    *("CreateRoute", "ReplaceRoute", "DeleteRoute", "CreateRouteTable", "DeleteRouteTable"),
    *("AssociateRouteTable", "ReplaceRouteTableAssociation", "DisassociateRouteTable"),
    *("EnableVgwRoutePropagation", "DisableVgwRoutePropagation"),
    *("CreateNatGateway", "DeleteNatGateway"),
    *("AttachInternetGateway", "DetachInternetGateway"),
    *("ModifyVpcAttribute", "AssociateDhcpOptions"),
    *("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"),
    *("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress", "ModifySecurityGroupRules"),
    *("CreateNetworkAclEntry", "ReplaceNetworkAclEntry", "DeleteNetworkAclEntry"),
    "ReplaceNetworkAclAssociation",
    "DeleteFlowLogs",
)

#: What is sent, by names that the parts of an event are given.
TEMPLATE = (
    '"<name> by <who> from <address> at <time> in <region>, account <account>.'
    ' It can change which way traffic takes to AWS. In CloudTrail it is event <event>."'
)
PATHS = {
    "name": "$.detail.eventName",
    "who": "$.detail.userIdentity.arn",
    "address": "$.detail.sourceIPAddress",
    "time": "$.time",
    "region": "$.region",
    "account": "$.account",
    "event": "$.detail.eventID",
}


def change_pattern(ignored_roles: Sequence[str] = ()) -> dict[str, Any]:
    """Return the event pattern for those calls, except refused ones and those of some roles."""
    detail: dict[str, Any] = {
        "eventSource": ["ec2.amazonaws.com"],
        "eventName": list(CHANGES),
        "errorCode": [{"exists": False}],
    }
    if ignored_roles:
        issuer = ("userIdentity", "sessionContext", "sessionIssuer", "arn")
        # What has no role behind it, a user or the root, is no exception: `anything-but` alone
        # matches only where the field is there.
        detail["$or"] = [
            _nested(issuer, [{"anything-but": list(ignored_roles)}]),
            _nested(issuer, [{"exists": False}]),
        ]
    return {
        "source": ["aws.ec2"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": detail,
    }


def _nested(path: Sequence[str], leaf: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    first, *rest = path
    return {first: _nested(rest, leaf) if rest else leaf}
