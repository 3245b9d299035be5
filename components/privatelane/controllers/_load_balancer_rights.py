"""What the AWS Load Balancer Controller may do, to the load balancers of its own cluster.

From the policy that the project publishes for release 3 (`docs/install/iam_policy.json`), without
Shield, WAF, Cognito and the search for certificates, which a network without the internet has no
endpoints for, and with the cluster's name where that policy asks for the presence of a tag.
"""

from __future__ import annotations

from typing import Any

_TAG = "elbv2.k8s.aws/cluster"


def rights(cluster_name: str, cluster_arn: str) -> list[dict[str, Any]]:
    """Return the statements of the controller's policy."""
    partition = cluster_arn.split(":")[1]
    groups = f"arn:{partition}:ec2:*:*:security-group/*"
    balancing = f"arn:{partition}:elasticloadbalancing:*:*"
    balancers = [
        f"{balancing}:targetgroup/*/*",
        f"{balancing}:loadbalancer/net/*/*",
        f"{balancing}:loadbalancer/app/*/*",
    ]
    asked = {f"aws:RequestTag/{_TAG}": cluster_name}
    ours = {"StringEquals": {f"aws:ResourceTag/{_TAG}": cluster_name}}
    rules = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]

    def allow(
        sid: str, action: list[str], resource: str | list[str], **condition: dict[str, Any]
    ) -> dict[str, Any]:
        statement = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
        return {**statement, "Condition": condition} if condition else statement

    return [
        allow("Find", _FIND, "*"),
        allow(
            "FirstLoadBalancerOfTheAccount",
            ["iam:CreateServiceLinkedRole"],
            "*",
            StringEquals={"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"},
        ),
        allow("MakeGroups", ["ec2:CreateSecurityGroup"], groups, StringEquals=asked),
        allow(
            "MakeGroupsInNetworks", ["ec2:CreateSecurityGroup"], f"arn:{partition}:ec2:*:*:vpc/*"
        ),
        allow(
            "TagNewGroups",
            ["ec2:CreateTags"],
            groups,
            StringEquals={"ec2:CreateAction": "CreateSecurityGroup", **asked},
        ),
        allow("OwnGroups", [*rules, "ec2:DeleteSecurityGroup"], groups, **ours),
        # Into the nodes' group, which EKS tags so.
        allow(
            "GroupsOfTheCluster",
            rules,
            groups,
            StringEquals={f"aws:ResourceTag/kubernetes.io/cluster/{cluster_name}": "owned"},
        ),
        allow(
            "TagOwnGroups",
            ["ec2:CreateTags", "ec2:DeleteTags"],
            groups,
            **ours,
            Null={f"aws:RequestTag/{_TAG}": "true"},
        ),
        allow(
            "MakeLoadBalancers",
            [
                "elasticloadbalancing:CreateLoadBalancer",
                "elasticloadbalancing:CreateTargetGroup",
            ],
            "*",
            StringEquals=asked,
        ),
        allow(
            "TagNewLoadBalancers",
            ["elasticloadbalancing:AddTags"],
            balancers,
            StringEquals={
                "elasticloadbalancing:CreateAction": ["CreateLoadBalancer", "CreateTargetGroup"],
                **asked,
            },
        ),
        allow(
            "TagOwnLoadBalancers",
            ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
            balancers,
            **ours,
            Null={f"aws:RequestTag/{_TAG}": "true"},
        ),
        allow("OwnLoadBalancers", _CHANGE, "*", **ours),
        # Listeners and rules do not always carry the tag yet.
        allow("Listeners", _LISTEN, "*"),
        allow(
            "TagListeners",
            ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
            [
                f"{balancing}:{kind}/{family}/*/*/*{'/*' if kind == 'listener-rule' else ''}"
                for kind in ("listener", "listener-rule")
                for family in ("net", "app")
            ],
        ),
        allow(
            "Targets",
            [
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:RegisterTargets",
            ],
            f"{balancing}:targetgroup/*/*",
        ),
    ]


_FIND = [
    *(
        f"ec2:{one}"
        for one in (
            "DescribeAccountAttributes",
            "DescribeAddresses",
            "DescribeAvailabilityZones",
            "DescribeInstances",
            "DescribeInternetGateways",
            "DescribeNetworkInterfaces",
            "DescribeRouteTables",
            "DescribeSecurityGroups",
            "DescribeSubnets",
            "DescribeTags",
            "DescribeVpcPeeringConnections",
            "DescribeVpcs",
            "GetSecurityGroupsForVpc",
        )
    ),
    "elasticloadbalancing:Describe*",
]
_CHANGE = [
    f"elasticloadbalancing:{one}"
    for one in (
        "DeleteLoadBalancer",
        "DeleteTargetGroup",
        "ModifyCapacityReservation",
        "ModifyIpPools",
        "ModifyListenerAttributes",
        "ModifyLoadBalancerAttributes",
        "ModifyTargetGroup",
        "ModifyTargetGroupAttributes",
        "SetIpAddressType",
        "SetSecurityGroups",
        "SetSubnets",
    )
]
_LISTEN = [
    f"elasticloadbalancing:{one}"
    for one in (
        "AddListenerCertificates",
        "CreateListener",
        "CreateRule",
        "DeleteListener",
        "DeleteRule",
        "ModifyListener",
        "ModifyRule",
        "RemoveListenerCertificates",
        "SetRulePriorities",
    )
]
