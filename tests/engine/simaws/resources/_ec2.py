"""What the resources of EC2 have in common: ids, tags and describe calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import ClientError

from tests.engine.simaws.resources._handler import Handler, changed, tag_list

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


class Ec2Handler(Handler):
    """A resource of EC2 that is described by its id."""

    #: The `ResourceType` of its tags.
    tag_type: ClassVar[str] = ""

    def tags_of(self, inputs: Props) -> dict[str, Any]:
        """The `TagSpecifications` of a create, if there are tags."""
        if not inputs.get("tags"):
            return {}
        specification = {"ResourceType": self.tag_type, "Tags": tag_list(inputs["tags"])}
        return {"TagSpecifications": [specification]}

    def retag(self, id_: str, olds: Props, news: Props) -> None:
        """Bring the tags from old to new."""
        if not changed(olds, news, "tags"):
            return
        before, after = olds.get("tags") or {}, news.get("tags") or {}
        gone = [{"Key": key} for key in before if key not in after]
        if gone:
            self.aws.delete_tags(Resources=[id_], Tags=gone)
        fresh = {key: value for key, value in after.items() if before.get(key) != value}
        if fresh:
            self.aws.create_tags(Resources=[id_], Tags=tag_list(fresh))

    def one(self, call: str, key: str, **arguments: object) -> dict[str, Any] | None:
        """The one resource that a describe call finds, or `None` if AWS knows none."""
        try:
            return self.first(call, key, **arguments) or None
        except ClientError as error:
            if is_not_found(error):
                return None
            raise

    def first(self, call: str, key: str, **arguments: object) -> dict[str, Any]:
        """The first resource that a describe call finds, or nothing in an empty dictionary."""
        found: list[dict[str, Any]] = getattr(self.aws, call)(**arguments)[key]
        return found[0] if found else {}

    def ec2_arn(self, kind: str, id_: str) -> str:
        """The ARN of one of EC2's resources."""
        return self.cloud.arn("ec2", f"{kind}/{id_}")


def is_not_found(error: ClientError) -> bool:
    """Whether AWS says that there is no such thing."""
    code: str = error.response["Error"]["Code"]
    return (
        "NotFound" in code
        or "NonExistent" in code
        or code
        in {
            "InvalidAllocationID.NotFound",
            "NoSuchEntity",
            "NatGatewayMalformed",
            "ClusterNotFoundException",
        }
    )


def attribute(answer: dict[str, Any], name: str) -> Any:
    """The value of an attribute from a `describe_…_attribute` call."""
    return answer[name]["Value"]


def camel_keys(source: dict[str, Any], *names: str) -> dict[str, Any]:
    """The named properties of one of AWS's answers, whose keys begin with a capital letter."""
    return {name: source.get(name[0].upper() + name[1:]) for name in names}
