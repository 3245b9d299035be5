"""Cloud Map namespaces."""

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


@handles("aws:servicediscovery/httpNamespace:HttpNamespace")
class HttpNamespace(Handler):
    """A namespace that is found through the API only."""

    service = "servicediscovery"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_http_namespace(
            Name=inputs["name"],
            **given(inputs, Description="description"),
            Tags=tag_list(inputs.get("tags")),
        )
        operation = self.aws.get_operation(OperationId=answer["OperationId"])["Operation"]
        identifier: str = operation["Targets"]["NAMESPACE"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.get_namespace(Id=id_)["Namespace"]
        tags = self.aws.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
        return {
            "arn": found["Arn"],
            "name": found["Name"],
            "description": found.get("Description"),
            "httpName": found.get("Properties", {})
            .get("HttpProperties", {})
            .get("HttpName", found["Name"]),
            "tags": tag_map(tags),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "tags"):
            arn = self.cloud.arn("servicediscovery", f"namespace/{id_}")
            gone, after = tag_changes(olds, news)
            if gone:
                self.aws.untag_resource(ResourceARN=arn, TagKeys=gone)
            if after:
                self.aws.tag_resource(ResourceARN=arn, Tags=tag_list(after))

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_namespace(Id=id_)
