"""ECR repositories, their policies, and pull-through caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


class _EcrHandler(Handler):
    service = "ecr"


@handles("aws:ecr/repository:Repository")
class Repository(_EcrHandler):
    """A repository; its id is its name."""

    def create(self, inputs: Props) -> str:
        encryption = inputs.get("encryptionConfigurations") or []
        self.aws.create_repository(
            repositoryName=inputs["name"],
            imageTagMutability=inputs["imageTagMutability"],
            tags=tag_list(inputs.get("tags")),
            **self._scanning(inputs),
            **(
                {
                    "encryptionConfiguration": given(
                        encryption[0], encryptionType="encryptionType", kmsKey="kmsKey"
                    )
                }
                if encryption
                else {}
            ),
        )
        name: str = inputs["name"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.describe_repositories(repositoryNames=[id_])["repositories"][0]
        tags = self.aws.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
        encryption = found.get("encryptionConfiguration", {})
        return {
            "arn": found["repositoryArn"],
            "name": found["repositoryName"],
            "registryId": found["registryId"],
            "repositoryUrl": f"{self.cloud.account_id}.dkr.ecr.{self.cloud.region}."
            f"{self.cloud.dns_suffix}/{id_}",
            "imageTagMutability": found["imageTagMutability"],
            "imageScanningConfiguration": {
                "scanOnPush": found.get("imageScanningConfiguration", {}).get("scanOnPush", False)
            },
            "encryptionConfigurations": [
                {
                    "encryptionType": encryption.get("encryptionType", "AES256"),
                    "kmsKey": encryption.get("kmsKey", ""),
                }
            ],
            "tags": tag_map(tags),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "imageTagMutability"):
            self.aws.put_image_tag_mutability(
                repositoryName=id_, imageTagMutability=news["imageTagMutability"]
            )
        if changed(olds, news, "imageScanningConfiguration") and self._scanning(news):
            self.aws.put_image_scanning_configuration(repositoryName=id_, **self._scanning(news))
        if changed(olds, news, "tags"):
            arn = self.cloud.arn("ecr", f"repository/{id_}")
            gone, after = tag_changes(olds, news)
            if gone:
                self.aws.untag_resource(resourceArn=arn, tagKeys=gone)
            if after:
                self.aws.tag_resource(resourceArn=arn, tags=tag_list(after))

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_repository(repositoryName=id_, force=bool(state.get("forceDelete")))

    def _scanning(self, inputs: Props) -> dict[str, Any]:
        scanning = inputs.get("imageScanningConfiguration")
        if not scanning:
            return {}
        return {"imageScanningConfiguration": {"scanOnPush": scanning["scanOnPush"]}}


@handles("aws:ecr/lifecyclePolicy:LifecyclePolicy")
class LifecyclePolicy(_EcrHandler):
    """When the images of a repository expire."""

    def create(self, inputs: Props) -> str:
        self.aws.put_lifecycle_policy(
            repositoryName=inputs["repository"], lifecyclePolicyText=inputs["policy"]
        )
        name: str = inputs["repository"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_lifecycle_policy(repositoryName=id_)
        return {
            "repository": id_,
            "policy": found["lifecyclePolicyText"],
            "registryId": found["registryId"],
        }

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_lifecycle_policy(repositoryName=id_)


@handles("aws:ecr/repositoryPolicy:RepositoryPolicy")
class RepositoryPolicy(_EcrHandler):
    """Who may use a repository."""

    def create(self, inputs: Props) -> str:
        self._set(inputs)
        name: str = inputs["repository"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_repository_policy(repositoryName=id_)
        return {
            "repository": id_,
            "policy": found["policyText"],
            "registryId": found["registryId"],
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._set(news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_repository_policy(repositoryName=id_)

    def _set(self, inputs: Props) -> None:
        self.aws.set_repository_policy(
            repositoryName=inputs["repository"], policyText=inputs["policy"]
        )
