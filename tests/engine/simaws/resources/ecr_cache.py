"""ECR's registry-wide settings, which moto does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._handler import handles
from tests.engine.simaws.resources._shelf import ShelfHandler

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:ecr/pullThroughCacheRule:PullThroughCacheRule")
class PullThroughCacheRule(ShelfHandler):
    """Repositories that ECR fills from another registry."""

    kind = "ecr-pull-through-cache-rule"

    def name_of(self, inputs: Props) -> str:
        prefix: str = inputs["ecrRepositoryPrefix"]
        return prefix

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {
            "registryId": self.cloud.account_id,
            "upstreamRepositoryPrefix": inputs.get("upstreamRepositoryPrefix", "ROOT"),
        }


@handles("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate")
class RepositoryCreationTemplate(ShelfHandler):
    """What repositories look like that a cache creates."""

    kind = "ecr-repository-creation-template"

    def name_of(self, inputs: Props) -> str:
        prefix: str = inputs["prefix"]
        return prefix

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {"registryId": self.cloud.account_id}
