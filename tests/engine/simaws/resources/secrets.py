"""Secrets Manager secrets and SSM parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._handler import Handler, given, handles, tag_list, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:secretsmanager/secret:Secret")
class Secret(Handler):
    """A secret without its value; its id is its ARN."""

    service = "secretsmanager"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_secret(
            Name=inputs["name"],
            **given(inputs, Description="description", KmsKeyId="kmsKeyId"),
            Tags=tag_list(inputs.get("tags")),
        )
        arn: str = answer["ARN"]
        return arn

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.describe_secret(SecretId=id_)
        if "DeletedDate" in found:
            return None
        return {
            "arn": id_,
            "name": found["Name"],
            "namePrefix": "",
            "description": found.get("Description") or None,
            "kmsKeyId": found.get("KmsKeyId"),
            "policy": known.get("policy", ""),
            "replicas": [],
            "tags": tag_map(found.get("Tags")),
        }

    def delete(self, id_: str, state: Props) -> None:
        days = state.get("recoveryWindowInDays", 30)
        how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        self.aws.delete_secret(SecretId=id_, **how)


@handles("aws:secretsmanager/secretVersion:SecretVersion")
class SecretVersion(Handler):
    """The value of a secret."""

    service = "secretsmanager"

    def create(self, inputs: Props) -> str:
        answer = self.aws.put_secret_value(
            SecretId=inputs["secretId"], SecretString=inputs["secretString"]
        )
        return f"{inputs['secretId']}|{answer['VersionId']}"

    def read(self, id_: str, known: Props) -> Props | None:
        secret, _, version = id_.partition("|")
        found = self.aws.get_secret_value(SecretId=secret, VersionId=version)
        return {
            "arn": found["ARN"],
            "secretId": secret,
            "secretString": found["SecretString"],
            "versionId": version,
            "versionStages": found["VersionStages"],
        }

    def delete(self, id_: str, state: Props) -> None:
        """The last version cannot be deleted; it goes with its secret."""


@handles("aws:ssm/parameter:Parameter")
class Parameter(Handler):
    """A parameter; its id is its name."""

    service = "ssm"

    def create(self, inputs: Props) -> str:
        self.aws.put_parameter(
            Name=inputs["name"],
            Type=inputs["type"],
            Value=self._value(inputs),
            **given(inputs, Description="description", KeyId="keyId"),
            Tags=tag_list(inputs.get("tags")),
        )
        name: str = inputs["name"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_parameter(Name=id_, WithDecryption=True)["Parameter"]
        tags = self.aws.list_tags_for_resource(ResourceType="Parameter", ResourceId=id_)["TagList"]
        return {
            "arn": found["ARN"],
            "name": id_,
            "type": found["Type"],
            "value": found["Value"],
            "version": found["Version"],
            "dataType": found.get("DataType", "text"),
            "tier": known.get("tier", "Standard"),
            "tags": tag_map(tags),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.aws.put_parameter(Name=id_, Type=news["type"], Value=self._value(news), Overwrite=True)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_parameter(Name=id_)

    def _value(self, inputs: Props) -> str:
        value: str = inputs.get("value") or inputs["insecureValue"]
        return value
