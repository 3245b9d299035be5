"""The role of a service of AWS that works for this account, with the rights that AWS gives it."""

import json
from typing import Optional

import pulumi
import pulumi_aws as aws

from privatelane._tags import Tags, tagged
from privatelane.location import Location


def service_role(
    name: str,
    service: str,
    policy: str,
    location: Location,
    parent: pulumi.Resource,
    *,
    description: str,
    permissions_boundary: Optional[pulumi.Input[str]] = None,
    tags: Optional[Tags] = None,
) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
    """Register a role that `service` takes for this account, and its rights, to be waited for.

    `policy` is an AWS managed policy as its ARN ends. AWS widens such a policy when the service
    learns to do more.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        name,
        description=description,
        assume_role_policy=location.account.apply(lambda account: _trust(service, account)),
        permissions_boundary=permissions_boundary,
        tags=tagged(name, tags),
        opts=child,
    )
    rights = aws.iam.RolePolicyAttachment(
        name, role=role.name, policy_arn=location.managed_policy(policy), opts=child
    )
    return role, rights


def _trust(service: str, account: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": account}},
                }
            ],
        }
    )
