"""KMS keys and their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._handler import (
    Handler,
    changed,
    given,
    handles,
    tag_changes,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:kms/key:Key")
class Key(Handler):
    """A KMS key; deleting it schedules its deletion."""

    service = "kms"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_key(
            **given(
                inputs,
                Description="description",
                KeyUsage="keyUsage",
                KeySpec="customerMasterKeySpec",
                MultiRegion="multiRegion",
                Policy="policy",
            ),
            Tags=[
                {"TagKey": tag["Key"], "TagValue": tag["Value"]}
                for tag in tag_list(inputs.get("tags"))
            ],
        )
        identifier: str = answer["KeyMetadata"]["KeyId"]
        return identifier

    def configure(self, id_: str, inputs: Props) -> None:
        self._set_rotation(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.describe_key(KeyId=id_)["KeyMetadata"]
        if found["KeyState"] == "PendingDeletion":
            return None
        tags = self.aws.list_resource_tags(KeyId=id_)["Tags"]
        rotation = self.aws.get_key_rotation_status(KeyId=id_)
        return {
            "arn": found["Arn"],
            "keyId": id_,
            "description": found["Description"],
            "isEnabled": found["Enabled"],
            "keyUsage": found["KeyUsage"],
            "customerMasterKeySpec": found["KeySpec"],
            "multiRegion": found.get("MultiRegion", False),
            "enableKeyRotation": rotation["KeyRotationEnabled"],
            "rotationPeriodInDays": rotation.get("RotationPeriodInDays")
            if rotation["KeyRotationEnabled"]
            else None,
            "policy": self.aws.get_key_policy(KeyId=id_, PolicyName="default")["Policy"],
            "tags": tag_map({"Key": t["TagKey"], "Value": t["TagValue"]} for t in tags),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "policy") and news.get("policy"):
            self.aws.put_key_policy(KeyId=id_, PolicyName="default", Policy=news["policy"])
        if changed(olds, news, "description"):
            self.aws.update_key_description(KeyId=id_, Description=news.get("description", ""))
        self._set_rotation(id_, olds, news)
        if changed(olds, news, "tags"):
            gone, after = tag_changes(olds, news)
            if gone:
                self.aws.untag_resource(KeyId=id_, TagKeys=gone)
            if after:
                tags = [{"TagKey": key, "TagValue": value} for key, value in after.items()]
                self.aws.tag_resource(KeyId=id_, Tags=tags)

    def delete(self, id_: str, state: Props) -> None:
        if self.read(id_, state) is not None:
            self.aws.schedule_key_deletion(
                KeyId=id_, PendingWindowInDays=state.get("deletionWindowInDays", 30)
            )

    def _set_rotation(self, id_: str, olds: Props, news: Props) -> None:
        wanted = bool(news.get("enableKeyRotation"))
        if wanted == bool(olds.get("enableKeyRotation")):
            return
        if wanted:
            self.aws.enable_key_rotation(KeyId=id_)
        else:
            self.aws.disable_key_rotation(KeyId=id_)


@handles("aws:kms/alias:Alias")
class Alias(Handler):
    """A name of a key."""

    service = "kms"

    def create(self, inputs: Props) -> str:
        self.aws.create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        name: str = inputs["name"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        for found in self.aws.list_aliases()["Aliases"]:
            if found["AliasName"] == id_:
                key = found["TargetKeyId"]
                return {
                    "name": id_,
                    "namePrefix": "",
                    "arn": found["AliasArn"],
                    "targetKeyId": known.get("targetKeyId")
                    if str(known.get("targetKeyId", "")).endswith(key)
                    else key,
                    "targetKeyArn": self.cloud.arn("kms", f"key/{key}"),
                }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "targetKeyId"):
            self.aws.update_alias(AliasName=id_, TargetKeyId=news["targetKeyId"])

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_alias(AliasName=id_)
