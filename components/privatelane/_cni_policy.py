"""What the VPC CNI may do in a cluster of IPv6, for which AWS manages no policy.

Source: the IAM policy of the VPC CNI for IPv6 mode, in the EKS user guide.
"""

from __future__ import annotations

from typing import Any

from privatelane._services import partition


def ipv6_statements(region: str) -> list[dict[str, Any]]:
    """Return the statements of the policy of the CNI, or of nodes that lend it theirs."""
    return [
        {
            "Sid": "AssignAddresses",
            "Effect": "Allow",
            "Action": [
                "ec2:AssignIpv6Addresses",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeTags",
            ],
            # Interfaces are known only when nodes run.
            "Resource": "*",
        },
        {
            "Sid": "TagInterfaces",
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": f"arn:{partition(region)}:ec2:*:*:network-interface/*",
        },
    ]
