"""A bucket of S3 that is never public, with the settings that several components give theirs."""

from collections.abc import Sequence
from typing import Optional

import pulumi
import pulumi_aws as aws

from privatelane._tags import Tags, tagged


class PrivateBucket:
    """Registers a bucket that no policy and no list can open to the public, and its settings.

    Each setting is a resource with the bucket's name, Region and options.
    """

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions,
        *,
        region: Optional[str] = None,
        force_destroy: Optional[bool] = None,
        tags: Optional[Tags] = None,
    ) -> None:
        """Register the bucket, with `Name` beside the tags, and close it.

        `opts` say whose child it is, and whether it stays when it leaves the program.
        """
        self._name = name
        self._opts = opts
        self._region = region
        self.bucket = aws.s3.Bucket(
            name,
            force_destroy=force_destroy,
            region=region,
            tags=tagged(name, tags),
            opts=opts,
        )
        self.block = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            region=region,
            opts=opts,
        )

    def encrypt(self, key: Optional[pulumi.Input[str]]) -> None:
        """Encrypt objects under a key of KMS, or under S3's own where that is None."""
        aws.s3.BucketServerSideEncryptionConfiguration(
            self._name,
            bucket=self.bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": (
                        {"sse_algorithm": "AES256"}
                        if key is None
                        else {"sse_algorithm": "aws:kms", "kms_master_key_id": key}
                    ),
                    # One call of KMS for many objects; S3's own keys know no such thing.
                    "bucket_key_enabled": key is not None,
                }
            ],
            region=self._region,
            opts=self._opts,
        )

    def expire(self, days: int) -> None:
        """Delete objects after so many days, and what is left of a broken upload after one."""
        aws.s3.BucketLifecycleConfiguration(
            self._name,
            bucket=self.bucket.id,
            rules=[
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {},
                    "expiration": {"days": days},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 1},
                }
            ],
            region=self._region,
            opts=self._opts,
        )

    def admit(
        self, policy: pulumi.Input[str], after: Sequence[pulumi.Resource] = ()
    ) -> "aws.s3.BucketPolicy":
        """Register who may do what, once the resources in `after` are there."""
        return aws.s3.BucketPolicy(
            self._name,
            bucket=self.bucket.id,
            policy=policy,
            region=self._region,
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[*after])
            ),
        )
