"""Rules by which ECR reads another registry on one's behalf, so that no task needs the internet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._invalid import entries, known_keys
from privatelane._tags import Tags, tagged
from privatelane.ecr._image_lifecycle import check_cache, check_upstream_role
from privatelane.location import location_of


class PullThroughArgs(TypedDict):
    """A registry to read through ECR."""

    upstream: str
    """Its host as image references name it, such as `public.ecr.aws`, `docker.io`, `quay.io`,
    `ghcr.io` or `<account>.dkr.ecr.<region>.amazonaws.com`."""
    credentials_arn: NotRequired[pulumi.Input[str]]
    """Secrets Manager secret with credentials, whose name begins with `ecr-pullthroughcache/`.
    Mandatory for registries other than ECR's, Quay and registry.k8s.io, which take none."""
    role_arn: NotRequired[pulumi.Input[str]]
    """Role with which ECR reads a registry of ECR in another account. Defaults to none."""
    upstream_prefix: NotRequired[str]
    """First part of the repositories to read in another registry of ECR. Defaults to all."""


@dataclass(frozen=True, slots=True)
class CachePlan:
    """A rule whose settings have been accepted."""

    prefix: str
    url: str
    settings: Mapping[str, Any]


def plan_caches(given: Optional[Mapping[str, Any]]) -> list[CachePlan]:
    """Return a rule for each prefix.

    Raises:
        InvalidInput: ECR would refuse a prefix, a registry or its credentials.

    """
    plans = []
    for prefix, settings in sorted(entries("pull_through", given or {}).items()):
        field = f"pull_through.{prefix}"
        known = entries(field, settings)
        known_keys(field, known, PullThroughArgs.__annotations__)
        url = check_cache(field, prefix, known.get("upstream"), known.get("credentials_arn"))
        check_upstream_role(field, url, known.get("role_arn"), known.get("upstream_prefix"))
        plans.append(CachePlan(prefix, url, known))
    return plans


def pull_through_caches(
    name: str,
    plans: list[CachePlan],
    lifecycle_policy: str,
    kms_key_arn: Optional[pulumi.Input[str]],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> None:
    """Register the rules, and the template of the repositories that ECR makes for each."""
    if not plans:
        return
    child = pulumi.ResourceOptions(parent=parent)
    role = _creation_role(name, plans, kms_key_arn, parent, tags) if kms_key_arn else None
    for plan in plans:
        aws.ecr.RepositoryCreationTemplate(
            f"{name}-cache-{_slug(plan.prefix)}",
            prefix=plan.prefix,
            description=f"Images of {plan.url}",
            applied_fors=["PULL_THROUGH_CACHE"],
            # ECR brings tags up to date every day, which it could not with immutable ones.
            image_tag_mutability="MUTABLE",
            encryption_configurations=[
                aws.ecr.RepositoryCreationTemplateEncryptionConfigurationArgs(
                    encryption_type="KMS" if kms_key_arn else "AES256", kms_key=kms_key_arn
                )
            ],
            custom_role_arn=role.arn if role else None,
            lifecycle_policy=lifecycle_policy,
            opts=child,
        )
        aws.ecr.PullThroughCacheRule(
            f"{name}-cache-{_slug(plan.prefix)}",
            ecr_repository_prefix=plan.prefix,
            upstream_registry_url=plan.url,
            credential_arn=plan.settings.get("credentials_arn"),
            custom_role_arn=plan.settings.get("role_arn"),
            upstream_repository_prefix=plan.settings.get("upstream_prefix"),
            opts=child,
        )


def _creation_role(
    name: str,
    plans: list[CachePlan],
    kms_key_arn: pulumi.Input[str],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> aws.iam.Role:
    """The role with which ECR puts the repositories that it makes under the key."""
    child = pulumi.ResourceOptions(parent=parent)
    location = location_of(parent, None)
    role = aws.iam.Role(
        f"{name}-cache",
        description="Makes repositories for cached images",
        assume_role_policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "ecr.amazonaws.com"},
                        # Without a condition on the account, as in AWS's guide: ECR is not
                        # documented to say for which one it acts.
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
        tags=tagged(f"{name}-cache", tags),
        opts=child,
    )
    aws.iam.RolePolicy(
        f"{name}-cache",
        role=role.name,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "MakeRepositories",
                        "Effect": "Allow",
                        "Action": ["ecr:CreateRepository", "ecr:TagResource"],
                        "Resource": [
                            location.arn("ecr", f"repository/{plan.prefix}/*") for plan in plans
                        ],
                    },
                    {
                        "Sid": "EncryptRepositories",
                        "Effect": "Allow",
                        "Action": ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"],
                        "Resource": kms_key_arn,
                    },
                ],
            }
        ),
        opts=child,
    )
    return role


def _slug(prefix: str) -> str:
    return prefix.replace("/", "-")
