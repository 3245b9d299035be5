"""S3 buckets and their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tests.engine.simaws.resources._handler import Handler, changed, handles, tag_list, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


class _S3Handler(Handler):
    service = "s3"

    def create(self, inputs: Props) -> str:
        self.put(inputs)
        bucket: str = inputs["bucket"]
        return bucket

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.put(news)

    def put(self, inputs: Props) -> None:
        """Write the setting."""
        raise NotImplementedError

    def asked(self, call: str, id_: str) -> dict[str, Any] | None:
        """A setting of a bucket, or `None` if it has none."""
        try:
            answer: dict[str, Any] = getattr(self.aws, call)(Bucket=id_)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code.startswith("NoSuch") or code.endswith("NotFoundError"):
                return None
            raise
        return answer


@handles("aws:s3/bucket:Bucket")
class Bucket(_S3Handler):
    """A bucket; its id is its name."""

    def create(self, inputs: Props) -> str:
        where = {}
        if self.cloud.region != "us-east-1":
            where = {"CreateBucketConfiguration": {"LocationConstraint": self.cloud.region}}
        self.aws.create_bucket(Bucket=inputs["bucket"], **where)
        bucket: str = inputs["bucket"]
        return bucket

    def configure(self, id_: str, inputs: Props) -> None:
        self._retag(id_, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        try:
            self.aws.head_bucket(Bucket=id_)
        except ClientError:
            return None
        tagging = self.asked("get_bucket_tagging", id_) or {}
        region = self.cloud.region
        suffix = self.cloud.dns_suffix
        return {
            "arn": f"arn:{self.cloud.partition}:s3:::{id_}",
            "bucket": id_,
            "bucketPrefix": "",
            "bucketDomainName": f"{id_}.s3.{suffix}",
            "bucketRegionalDomainName": f"{id_}.s3.{region}.{suffix}",
            "bucketRegion": region,
            "hostedZoneId": "Z3AQBSTGFYJSTF",
            "tags": tag_map(tagging.get("TagSet")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "tags"):
            self._retag(id_, news)

    def delete(self, id_: str, state: Props) -> None:
        if state.get("forceDestroy"):
            for version in self.aws.list_object_versions(Bucket=id_).get("Versions", []):
                self.aws.delete_object(
                    Bucket=id_, Key=version["Key"], VersionId=version["VersionId"]
                )
        self.aws.delete_bucket(Bucket=id_)

    def _retag(self, id_: str, inputs: Props) -> None:
        if inputs.get("tags"):
            self.aws.put_bucket_tagging(Bucket=id_, Tagging={"TagSet": tag_list(inputs["tags"])})
        else:
            self.aws.delete_bucket_tagging(Bucket=id_)


@handles("aws:s3/bucketPolicy:BucketPolicy")
class BucketPolicy(_S3Handler):
    """The policy of a bucket."""

    def put(self, inputs: Props) -> None:
        self.aws.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.asked("get_bucket_policy", id_)
        return None if found is None else {"bucket": id_, "policy": found["Policy"]}

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_bucket_policy(Bucket=id_)


_PUBLIC_ACCESS = {
    "blockPublicAcls": "BlockPublicAcls",
    "blockPublicPolicy": "BlockPublicPolicy",
    "ignorePublicAcls": "IgnorePublicAcls",
    "restrictPublicBuckets": "RestrictPublicBuckets",
}


@handles("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
class BucketPublicAccessBlock(_S3Handler):
    """What a bucket refuses to make public."""

    def put(self, inputs: Props) -> None:
        block = {theirs: bool(inputs.get(ours)) for ours, theirs in _PUBLIC_ACCESS.items()}
        self.aws.put_public_access_block(
            Bucket=inputs["bucket"], PublicAccessBlockConfiguration=block
        )

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.asked("get_public_access_block", id_)
        if found is None:
            return None
        block = found["PublicAccessBlockConfiguration"]
        return {"bucket": id_, **{ours: block[theirs] for ours, theirs in _PUBLIC_ACCESS.items()}}

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_public_access_block(Bucket=id_)


@handles("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
class BucketEncryption(_S3Handler):
    """How a bucket's objects are encrypted."""

    def put(self, inputs: Props) -> None:
        rules = []
        for rule in inputs["rules"]:
            default = rule.get("applyServerSideEncryptionByDefault")
            request: dict[str, Any] = {}
            if default:
                key = default.get("kmsMasterKeyId")
                request["ApplyServerSideEncryptionByDefault"] = {
                    "SSEAlgorithm": default["sseAlgorithm"],
                    **({"KMSMasterKeyID": key} if key else {}),
                }
            if rule.get("bucketKeyEnabled") is not None:
                request["BucketKeyEnabled"] = rule["bucketKeyEnabled"]
            rules.append(request)
        self.aws.put_bucket_encryption(
            Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
        )

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.asked("get_bucket_encryption", id_)
        if found is None:
            return None
        rules = []
        for rule in found["ServerSideEncryptionConfiguration"]["Rules"]:
            default = rule.get("ApplyServerSideEncryptionByDefault", {})
            ours: Props = {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": default.get("SSEAlgorithm"),
                    **(
                        {"kmsMasterKeyId": default["KMSMasterKeyID"]}
                        if default.get("KMSMasterKeyID")
                        else {}
                    ),
                }
            }
            if "BucketKeyEnabled" in rule:
                ours["bucketKeyEnabled"] = rule["BucketKeyEnabled"]
            rules.append(ours)
        return {"bucket": id_, "rules": known.get("rules", rules)}

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_bucket_encryption(Bucket=id_)


@handles("aws:s3/bucketVersioning:BucketVersioning")
class BucketVersioning(_S3Handler):
    """Whether a bucket keeps old versions."""

    def put(self, inputs: Props) -> None:
        status = inputs["versioningConfiguration"]["status"]
        if status != "Disabled":
            self.aws.put_bucket_versioning(
                Bucket=inputs["bucket"], VersioningConfiguration={"Status": status}
            )

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_bucket_versioning(Bucket=id_)
        return {
            "bucket": id_,
            "versioningConfiguration": {"status": found.get("Status", "Disabled")},
        }

    def delete(self, id_: str, state: Props) -> None:
        self.aws.put_bucket_versioning(Bucket=id_, VersioningConfiguration={"Status": "Suspended"})


@handles("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
class BucketOwnershipControls(_S3Handler):
    """Who owns what is put into a bucket."""

    def put(self, inputs: Props) -> None:
        ownership = inputs["rule"]["objectOwnership"]
        self.aws.put_bucket_ownership_controls(
            Bucket=inputs["bucket"], OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}
        )

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.asked("get_bucket_ownership_controls", id_)
        if found is None:
            return None
        rule = found["OwnershipControls"]["Rules"][0]
        return {"bucket": id_, "rule": {"objectOwnership": rule["ObjectOwnership"]}}

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_bucket_ownership_controls(Bucket=id_)


@handles("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
class BucketLifecycleConfiguration(_S3Handler):
    """When a bucket's objects expire; moto holds it, the state keeps the program's words."""

    def put(self, inputs: Props) -> None:
        rules = []
        for rule in inputs.get("rules") or []:
            request: dict[str, Any] = {
                "ID": rule["id"],
                "Status": rule["status"],
                "Filter": {"Prefix": (rule.get("filter") or {}).get("prefix", "")},
            }
            if rule.get("expiration", {}).get("days"):
                request["Expiration"] = {"Days": rule["expiration"]["days"]}
            if rule.get("abortIncompleteMultipartUpload"):
                days = rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"]
                request["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
            if rule.get("noncurrentVersionExpiration"):
                days = rule["noncurrentVersionExpiration"]["noncurrentDays"]
                request["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
            rules.append(request)
        self.aws.put_bucket_lifecycle_configuration(
            Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules}
        )

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.asked("get_bucket_lifecycle_configuration", id_)
        if found is None:
            return None
        standing = {rule["ID"]: rule["Status"] for rule in found["Rules"]}
        wanted = {rule["id"]: rule["status"] for rule in known.get("rules") or []}
        if wanted == standing:
            return {"bucket": id_, "rules": known["rules"]}
        rules = [{"id": key, "status": value} for key, value in standing.items()]
        return {"bucket": id_, "rules": rules}

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_bucket_lifecycle(Bucket=id_)
