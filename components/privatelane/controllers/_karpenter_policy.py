"""What Karpenter may do, and what it has to hear of.

The statements grant what the controller policies of Karpenter 1.x grant ("CloudFormation" in its
reference, read in August 2026), except for what a private network has no use for: instance profiles
are made beforehand, as IAM's API is not to be reached, and prices are not looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privatelane._services import partition

#: Event → source and detail type, of which Karpenter drains nodes in time.
EVENTS: Mapping[str, tuple[str, str]] = {
    "health": ("aws.health", "AWS Health Event"),
    "spot": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "state": ("aws.ec2", "EC2 Instance State-change Notification"),
    "reservation": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
}

#: What a launch creates, each with the tags that make it Karpenter's.
_CREATED = (
    "fleet",
    "instance",
    "launch-template",
    "network-interface",
    "spot-instances-request",
    "volume",
)


@dataclass(frozen=True, slots=True)
class KarpenterFacts:
    """What the statements speak of."""

    cluster_name: str
    cluster_arn: str
    region: str
    node_role_arn: str
    queue_arn: str

    def ec2(self, *kinds: str, account: str = "*") -> list[str]:
        """The ARNs of all EC2 resources of some kinds in the region."""
        start = f"arn:{partition(self.region)}:ec2:{self.region}:{account}"
        return [f"{start}:{kind}/*" for kind in kinds]

    @property
    def owned(self) -> dict[str, Any]:
        """The condition that a resource is Karpenter's, and of this cluster."""
        return {
            "StringEquals": {f"aws:ResourceTag/kubernetes.io/cluster/{self.cluster_name}": "owned"},
            "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"},
        }

    @property
    def requested(self) -> dict[str, Any]:
        """The condition that a request makes what it creates Karpenter's."""
        return {
            "StringEquals": {
                f"aws:RequestTag/kubernetes.io/cluster/{self.cluster_name}": "owned",
                "aws:RequestTag/eks:eks-cluster-name": self.cluster_name,
            },
            "StringLike": {"aws:RequestTag/karpenter.sh/nodepool": "*"},
        }


def karpenter_statements(facts: KarpenterFacts, *, isolated: bool) -> list[dict[str, Any]]:
    """Return the statements of the controller's policy.

    With `isolated` it asks neither for prices nor for instance profiles, of which it then does
    without (`settings.isolatedVPC`).
    """
    statements = [*_launching(facts), *_ending(facts), *_reading(facts)]
    return statements if isolated else [*statements, *_beyond(facts)]


def _launching(facts: KarpenterFacts) -> list[dict[str, Any]]:
    launch = ["ec2:CreateFleet", "ec2:RunInstances"]
    creation = facts.requested
    return [
        {
            "Sid": "LaunchFromShared",
            "Effect": "Allow",
            "Action": launch,
            "Resource": [
                *facts.ec2("image", "snapshot", account=""),
                *facts.ec2("capacity-reservation", "placement-group", "security-group", "subnet"),
            ],
        },
        {
            "Sid": "LaunchFromOwnTemplates",
            "Effect": "Allow",
            "Action": launch,
            "Resource": facts.ec2("launch-template"),
            "Condition": facts.owned,
        },
        {
            "Sid": "LaunchTagged",
            "Effect": "Allow",
            "Action": [*launch, "ec2:CreateLaunchTemplate"],
            "Resource": facts.ec2(*_CREATED),
            "Condition": creation,
        },
        {
            "Sid": "TagAtCreation",
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": facts.ec2(*_CREATED),
            "Condition": {
                **creation,
                "StringEquals": {
                    **creation["StringEquals"],
                    "ec2:CreateAction": ["CreateFleet", "CreateLaunchTemplate", "RunInstances"],
                },
            },
        },
        {
            "Sid": "TagOwnInstances",
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": facts.ec2("instance"),
            "Condition": {
                **facts.owned,
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": facts.cluster_name},
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
                },
            },
        },
        {
            "Sid": "GiveNodesTheirRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": facts.node_role_arn,
            "Condition": {
                "StringEquals": {
                    "iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]
                }
            },
        },
    ]


def _ending(facts: KarpenterFacts) -> list[dict[str, Any]]:
    return [
        {
            "Sid": "EndOwn",
            "Effect": "Allow",
            "Action": ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
            "Resource": facts.ec2("instance", "launch-template"),
            "Condition": facts.owned,
        },
        {
            "Sid": "HearOfInterruptions",
            "Effect": "Allow",
            "Action": ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
            "Resource": facts.queue_arn,
        },
    ]


def _reading(facts: KarpenterFacts) -> list[dict[str, Any]]:
    parameters = f"arn:{partition(facts.region)}:ssm:{facts.region}::parameter"
    return [
        {
            "Sid": "ReadRegion",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeCapacityReservations",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstanceTypeOfferings",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeLaunchTemplates",
                "ec2:DescribePlacementGroups",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSpotPriceHistory",
                "ec2:DescribeSubnets",
            ],
            # These actions know no resource.
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": facts.region}},
        },
        {
            "Sid": "FindImages",
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": f"{parameters}/aws/service/*",
        },
        {
            "Sid": "FindCluster",
            "Effect": "Allow",
            "Action": "eks:DescribeCluster",
            "Resource": facts.cluster_arn,
        },
    ]


def _beyond(facts: KarpenterFacts) -> list[dict[str, Any]]:
    profiles = f"arn:{partition(facts.region)}:iam::{facts.cluster_arn.split(':')[4]}"
    return [
        {
            "Sid": "ReadPrices",
            "Effect": "Allow",
            "Action": "pricing:GetProducts",
            # Prices belong to nobody.
            "Resource": "*",
        },
        {
            "Sid": "ListInstanceProfiles",
            "Effect": "Allow",
            "Action": "iam:ListInstanceProfiles",
            # It lists all profiles or none.
            "Resource": "*",
        },
        {
            "Sid": "ReadInstanceProfiles",
            "Effect": "Allow",
            "Action": "iam:GetInstanceProfile",
            "Resource": f"{profiles}:instance-profile/*",
        },
    ]


def queue_policy(queue_arn: str, rule_arns: list[str]) -> dict[str, Any]:
    """Return who may write to the queue: these rules of EventBridge, and over TLS only."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TakeEvents",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": sorted(rule_arns)}},
            },
            {
                "Sid": "RefusePlainText",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": queue_arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
