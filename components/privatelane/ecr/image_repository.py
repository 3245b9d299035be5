"""An ECR repository for images that services here pull, and caches of other registries."""

import json
from collections.abc import Mapping, Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._component import input_errors, register
from privatelane._invalid import flag, integer, known_keys
from privatelane._services import partition
from privatelane._tags import tagged
from privatelane.ecr._image_lifecycle import (
    check_readers,
    check_repository_name,
    check_tag_patterns,
    lifecycle,
    read_policy,
)
from privatelane.ecr.pull_through_cache import PullThroughArgs, plan_caches, pull_through_caches


class ImageRepositoryArgs(TypedDict):
    """A repository of container images."""

    repository_name: NotRequired[str]
    """Name of the repository, lower-case, with slashes if you like. Defaults to a generated one."""
    mutable_tags: NotRequired[Sequence[str]]
    """Tags that may be moved to another image, with wildcards, such as `latest*`. Defaults to none:
    what was deployed under a tag stays what it was."""
    scan_on_push: NotRequired[bool]
    """Whether ECR looks for known vulnerabilities in each image. Defaults to true."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key that images are encrypted under; it cannot be changed later. Defaults to AWS's own."""
    keep_images: NotRequired[int]
    """Newest images to keep, from 1 to 10000; older ones are deleted, deployed or not. Defaults
    to 100."""
    expire_untagged_days: NotRequired[int]
    """Days after which images without a tag are deleted, from 1 to 3650. Defaults to 14."""
    reader_account_ids: NotRequired[Sequence[str]]
    """Other accounts whose roles may pull. Defaults to none."""
    reader_organization_id: NotRequired[str]
    """Organisation whose roles may pull, such as `o-abcde12345`. Defaults to none."""
    pull_through: NotRequired[Mapping[str, PullThroughArgs]]
    """Registries to read through ECR by the prefix that their images get here, such as
    `docker-hub`: `docker.io/library/nginx:1` becomes `<registry>/docker-hub/library/nginx:1`. Rules
    belong to the account and region, one for each prefix. Defaults to none."""
    force_delete: NotRequired[bool]
    """Whether the repository may be deleted with images in it. Defaults to false."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class ImageRepository(pulumi.ComponentResource):
    """A private ECR repository with immutable tags, scans and a lifecycle, and pull-through caches of other registries, so that tasks pull everything by way of the VPC endpoints of ECR."""  # noqa: E501 - the schema takes one paragraph

    repository_url: pulumi.Output[str]
    """Address of the repository, to which a reference adds `:<tag>` or `@<digest>`."""
    repository_arn: pulumi.Output[str]
    """ARN of the repository."""
    repository_name: pulumi.Output[str]
    """Name of the repository."""
    registry: pulumi.Output[str]
    """Host of the account's registry, for `docker login`."""
    cache_urls: pulumi.Output[Mapping[str, str]]
    """Address of each cache by its prefix, to which a reference adds the repository upstream."""

    def __init__(
        self,
        name: str,
        args: ImageRepositoryArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        with input_errors(f"ImageRepository {name!r}"):
            known_keys("ImageRepository", args, ImageRepositoryArgs.__annotations__)
            repository_name = args.get("repository_name")
            if repository_name is not None:
                check_repository_name("repository_name", repository_name)
            mutable = check_tag_patterns("mutable_tags", args.get("mutable_tags", []))
            scan = flag("scan_on_push", args.get("scan_on_push", True))
            force_delete = flag("force_delete", args.get("force_delete", False))
            expiry = json.dumps(
                lifecycle(
                    integer("keep_images", args.get("keep_images", 100), least=1, most=10_000),
                    integer(
                        "expire_untagged_days",
                        args.get("expire_untagged_days", 14),
                        least=1,
                        most=3650,
                    ),
                )
            )
            accounts, organization = check_readers(
                args.get("reader_account_ids", []), args.get("reader_organization_id")
            )
            caches = plan_caches(args.get("pull_through"))
        super().__init__("privatelane:index:ImageRepository", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tags = args.get("tags")
        key = args.get("kms_key_arn")

        repository = aws.ecr.Repository(
            f"{name}-repository",
            name=repository_name,
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION" if mutable else "IMMUTABLE",
            image_tag_mutability_exclusion_filters=[
                aws.ecr.RepositoryImageTagMutabilityExclusionFilterArgs(
                    filter=one, filter_type="WILDCARD"
                )
                for one in mutable
            ],
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=scan
            ),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(
                    encryption_type="AES256" if key is None else "KMS", kms_key=key
                )
            ],
            force_delete=force_delete,
            tags=tagged(f"{name}-repository", tags),
            opts=child,
        )
        aws.ecr.LifecyclePolicy(
            f"{name}-lifecycle", repository=repository.name, policy=expiry, opts=child
        )
        if accounts or organization:
            aws.ecr.RepositoryPolicy(
                f"{name}-readers",
                repository=repository.name,
                policy=aws.get_region_output(
                    opts=pulumi.InvokeOutputOptions(parent=self)
                ).region.apply(
                    lambda region: json.dumps(
                        read_policy(accounts, organization, partition(region))
                    )
                ),
                opts=child,
            )
        pull_through_caches(name, caches, expiry, key, self, tags)

        registry = repository.repository_url.apply(lambda url: url.partition("/")[0])
        self.repository_url = repository.repository_url
        self.repository_arn = repository.arn
        self.repository_name = repository.name
        self.registry = registry
        self.cache_urls = registry.apply(
            lambda host: {one.prefix: f"{host}/{one.prefix}" for one in caches}
        )
        register(self)
