"""What an image repository is called, who reads it, and what it throws away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from privatelane._images import PULL_ACTIONS, parse_ecr_host, upstream_of
from privatelane._invalid import InvalidInput, described, items, listing, text

# Patterns and lengths of the ECR API reference.
_REPOSITORY = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*")
_LONGEST_REPOSITORY = 256
_LONGEST_PREFIX = 30
_TAG_PATTERN = re.compile(r"[0-9a-zA-Z._*-]{1,128}")
_MOST_TAG_PATTERNS = 5
_MOST_WILDCARDS = 2
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
_CREDENTIALS = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:[^:]+:\d{12}:secret:ecr-pullthroughcache/.+"
)


def check_repository_name(field: str, name: object) -> str:
    """Return `name` when ECR takes it as the name of a repository.

    Raises:
        InvalidInput: it is too short or too long, or has capitals or other characters.

    """
    known = text(field, name)
    if _REPOSITORY.fullmatch(known) and 1 < len(known) <= _LONGEST_REPOSITORY:
        return known
    raise InvalidInput(
        f"{field} is {known!r}, it must be 2 to 256 lower-case letters, digits, dots, hyphens,"
        " underscores and slashes"
    )


def check_tag_patterns(field: str, patterns: object) -> list[str]:
    """Return `patterns` when ECR takes them as filters of tags that may move.

    Raises:
        InvalidInput: there are too many, or one is no pattern.

    """
    known = [text(field, one) for one in items(field, patterns)]
    if len(known) > _MOST_TAG_PATTERNS:
        raise InvalidInput(f"{field} has {len(known)} patterns, ECR takes {_MOST_TAG_PATTERNS}")
    for one in known:
        if _TAG_PATTERN.fullmatch(one) is None or one.count("*") > _MOST_WILDCARDS:
            raise InvalidInput(
                f"{field} has {one!r}, it must be a tag with up to two wildcards, such as 'latest*'"
            )
    return known


def check_readers(accounts: object, organization: object) -> tuple[list[str], str | None]:
    """Return the accounts and the organisation that may pull.

    Raises:
        InvalidInput: one is no id of its kind.

    """
    known = [text("reader_account_ids", one) for one in items("reader_account_ids", accounts)]
    for one in known:
        if _ACCOUNT.fullmatch(one) is None:
            raise InvalidInput(f"reader_account_ids has {one!r}, an account id has 12 digits")
    if organization is None:
        return known, None
    if _ORGANIZATION.fullmatch(text("reader_organization_id", organization)) is None:
        raise InvalidInput(
            f"reader_organization_id is {organization!r}, it must be an id such as 'o-abcde12345'"
        )
    return known, str(organization)


def check_cache(field: str, prefix: str, upstream: object, credentials: object) -> str:
    """Return the URL that the rule of a pull-through cache names for `upstream`.

    Raises:
        InvalidInput: the prefix is none that ECR takes, ECR cannot cache the registry, or it must
            have credentials that are not given.

    """
    if len(check_repository_name("pull_through", prefix)) > _LONGEST_PREFIX:
        raise InvalidInput(
            f"pull_through has {prefix!r}, a prefix has at most {_LONGEST_PREFIX} characters"
        )
    registry = text(f"{field}.upstream", upstream)
    # Either the host that images name, or the one that ECR calls.
    registry = "docker.io" if registry == "registry-1.docker.io" else registry
    known = upstream_of(registry)
    if known is None:
        raise InvalidInput(
            f"{field}.upstream is {registry!r}, ECR caches public.ecr.aws, registry.k8s.io,"
            " quay.io, docker.io, ghcr.io, registry.gitlab.com, cgr.dev, <name>.azurecr.io and"
            " other registries of ECR"
        )
    if known.credentials and credentials is None:
        raise InvalidInput(
            f"{field}.credentials_arn is not given, {registry} must have a Secrets Manager secret"
            " whose name begins with 'ecr-pullthroughcache/'"
        )
    if credentials is not None and not known.credentials:
        raise InvalidInput(f"{field}.credentials_arn is given, {registry} takes none")
    if isinstance(credentials, str) and _CREDENTIALS.fullmatch(credentials) is None:
        raise InvalidInput(
            f"{field}.credentials_arn is {described(credentials)}, it must be the ARN of a secret"
            " whose name begins with 'ecr-pullthroughcache/'"
        )
    return known.url


def check_upstream_role(field: str, upstream: str, role: object, prefix: object) -> None:
    """Accept a role and a repository prefix for an upstream that has a use for them.

    Raises:
        InvalidInput: the upstream is no registry of ECR.

    """
    given = [
        key for key, one in (("role_arn", role), ("upstream_prefix", prefix)) if one is not None
    ]
    if given and parse_ecr_host(upstream) is None:
        raise InvalidInput(
            f"{field} has {listing(given, 'and')}, which only registries of ECR take"
        )


def lifecycle(keep_images: int, expire_untagged_days: int) -> dict[str, Any]:
    """Return the lifecycle policy that keeps the newest images, and untagged ones for some days."""
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": expire_untagged_days,
    }
    oldest = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep_images}
    return {
        "rules": [
            {
                "rulePriority": priority,
                "description": description,
                "selection": selection,
                "action": {"type": "expire"},
            }
            for priority, description, selection in (
                (1, f"Untagged images after {expire_untagged_days} days", untagged),
                (2, f"All but the newest {keep_images} images", oldest),
            )
        ]
    }


def read_policy(
    accounts: Iterable[str], organization: str | None, partition: str
) -> dict[str, Any]:
    """Return the repository policy with which other accounts pull images."""
    action = list(PULL_ACTIONS)
    statements: list[dict[str, Any]] = []
    if roots := [f"arn:{partition}:iam::{one}:root" for one in sorted(accounts)]:
        statements.append(
            {
                "Sid": "PullFromAccounts",
                "Effect": "Allow",
                "Principal": {"AWS": roots},
                "Action": action,
            }
        )
    if organization is not None:
        statements.append(
            {
                "Sid": "PullFromOrganization",
                "Effect": "Allow",
                "Principal": "*",
                "Action": action,
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}},
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}
