"""Launch templates: every change but one of tags is a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._ec2 import Ec2Handler
from tests.engine.simaws.resources._handler import changed, given, handles, tag_list, tag_map

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

#: Inputs that are the template's own and not a version's.
_OWN = frozenset(
    {
        "defaultVersion",
        "description",
        "name",
        "namePrefix",
        "region",
        "tags",
        "updateDefaultVersion",
    }
)
#: Nested inputs whose names are not those of the API with a capital letter.
_RENAMED = {
    "instanceMarketOptions": "InstanceMarketOptions",
    "vpcSecurityGroupIds": "SecurityGroupIds",
    "securityGroupNames": "SecurityGroups",
    "capacityReservationId": "CapacityReservationId",
    "httpPutResponseHopLimit": "HttpPutResponseHopLimit",
}
_FLAGS = frozenset({"encrypted", "deleteOnTermination", "ebsOptimized"})


@handles("aws:ec2/launchTemplate:LaunchTemplate")
class LaunchTemplate(Ec2Handler):
    """A launch template; its id is AWS's."""

    tag_type = "launch-template"

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_launch_template(
            LaunchTemplateName=inputs["name"],
            LaunchTemplateData=_data(inputs),
            **given(inputs, VersionDescription="description"),
            **self.tags_of(inputs),
        )
        identifier: str = answer["LaunchTemplate"]["LaunchTemplateId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.one("describe_launch_templates", "LaunchTemplates", LaunchTemplateIds=[id_])
        if found is None:
            return None
        return {
            "arn": self.ec2_arn("launch-template", id_),
            "name": found["LaunchTemplateName"],
            "namePrefix": "",
            "defaultVersion": found["DefaultVersionNumber"],
            "latestVersion": found["LatestVersionNumber"],
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if any(
            changed(olds, news, key)
            for key in (olds.keys() | news.keys()) - (_OWN - {"description"})
        ):
            answer = self.aws.create_launch_template_version(
                LaunchTemplateId=id_,
                LaunchTemplateData=_data(news),
                **given(news, VersionDescription="description"),
            )
            if news.get("updateDefaultVersion"):
                number = answer["LaunchTemplateVersion"]["VersionNumber"]
                self.aws.modify_launch_template(LaunchTemplateId=id_, DefaultVersion=str(number))
        self.retag(id_, olds, news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_launch_template(LaunchTemplateId=id_)


def _data(inputs: Props) -> dict[str, Any]:
    return {
        _RENAMED.get(key, _capital(key)): _value(key, value)
        for key, value in inputs.items()
        if key not in _OWN and value is not None
    }


def _value(key: str, value: Any) -> Any:
    if key == "tags":
        return tag_list(value)
    if key in _FLAGS and isinstance(value, str):
        return value == "true"
    if isinstance(value, dict):
        return {
            _RENAMED.get(name, _capital(name)): _value(name, one)
            for name, one in value.items()
            if one is not None
        }
    if isinstance(value, list):
        return [_value("", one) for one in value]
    return value


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
