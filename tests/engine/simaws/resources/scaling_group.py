"""Auto Scaling groups, as nodes that EKS does not manage run in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._handler import Handler, changed, given, handles

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:autoscaling/group:Group")
class ScalingGroup(Handler):
    """A group; its id is its name."""

    service = "autoscaling"

    def create(self, inputs: Props) -> str:
        self.aws.create_auto_scaling_group(
            AutoScalingGroupName=inputs["name"],
            **self._settings(inputs),
            Tags=[self._tag(inputs["name"], tag) for tag in inputs.get("tags") or []],
        )
        name: str = inputs["name"]
        return name

    def configure(self, id_: str, inputs: Props) -> None:
        if inputs.get("suspendedProcesses"):
            self.aws.suspend_processes(
                AutoScalingGroupName=id_, ScalingProcesses=inputs["suspendedProcesses"]
            )

    def read(self, id_: str, known: Props) -> Props | None:
        groups = self.aws.describe_auto_scaling_groups(AutoScalingGroupNames=[id_])
        for found in groups["AutoScalingGroups"]:
            return {
                "arn": found["AutoScalingGroupARN"],
                "name": found["AutoScalingGroupName"],
                "namePrefix": "",
                "availabilityZones": found["AvailabilityZones"],
                "defaultCooldown": found["DefaultCooldown"],
                "desiredCapacity": found["DesiredCapacity"],
                "healthCheckType": found["HealthCheckType"],
                "maxSize": found["MaxSize"],
                "minSize": found["MinSize"],
                "suspendedProcesses": known.get("suspendedProcesses"),
                "vpcZoneIdentifiers": [one for one in found["VPCZoneIdentifier"].split(",") if one],
                "tags": [
                    {
                        "key": tag["Key"],
                        "value": tag["Value"],
                        "propagateAtLaunch": tag["PropagateAtLaunch"],
                    }
                    for tag in found.get("Tags", [])
                ],
            }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.aws.update_auto_scaling_group(AutoScalingGroupName=id_, **self._settings(news))
        if changed(olds, news, "tags"):
            after = [self._tag(id_, tag) for tag in news.get("tags") or []]
            kept = {tag["Key"] for tag in after}
            before = [self._tag(id_, tag) for tag in olds.get("tags") or []]
            gone = [tag for tag in before if tag["Key"] not in kept]
            if gone:
                self.aws.delete_tags(Tags=gone)
            if after:
                self.aws.create_or_update_tags(Tags=after)

    def delete(self, id_: str, state: Props) -> None:
        # The provider empties the group before it deletes it.
        self.aws.update_auto_scaling_group(
            AutoScalingGroupName=id_, MinSize=0, MaxSize=0, DesiredCapacity=0
        )
        self.aws.delete_auto_scaling_group(AutoScalingGroupName=id_, ForceDelete=True)

    def _settings(self, inputs: Props) -> dict[str, Any]:
        settings = given(
            inputs,
            MinSize="minSize",
            MaxSize="maxSize",
            DesiredCapacity="desiredCapacity",
            HealthCheckGracePeriod="healthCheckGracePeriod",
        )
        if inputs.get("vpcZoneIdentifiers"):
            settings["VPCZoneIdentifier"] = ",".join(inputs["vpcZoneIdentifiers"])
        template = inputs.get("launchTemplate")
        if template:
            settings["LaunchTemplate"] = _template(template, "id", "name")
        mixed = inputs.get("mixedInstancesPolicy")
        if mixed:
            settings["MixedInstancesPolicy"] = _mixed(mixed)
        return settings

    def _tag(self, group: str, tag: Props) -> dict[str, Any]:
        return {
            "ResourceId": group,
            "ResourceType": "auto-scaling-group",
            "Key": tag["key"],
            "Value": tag["value"],
            "PropagateAtLaunch": tag["propagateAtLaunch"],
        }


def _template(template: Props, id_: str, name: str) -> dict[str, Any]:
    return given(template, LaunchTemplateId=id_, LaunchTemplateName=name, Version="version")


def _mixed(policy: Props) -> dict[str, Any]:
    inner = policy["launchTemplate"]
    asked: dict[str, Any] = {
        "LaunchTemplateSpecification": _template(
            inner["launchTemplateSpecification"], "launchTemplateId", "launchTemplateName"
        ),
        "Overrides": [
            given(one, InstanceType="instanceType", WeightedCapacity="weightedCapacity")
            for one in inner.get("overrides") or []
        ],
    }
    spread = policy.get("instancesDistribution") or {}
    return {
        "LaunchTemplate": asked,
        "InstancesDistribution": given(
            spread,
            OnDemandBaseCapacity="onDemandBaseCapacity",
            OnDemandPercentageAboveBaseCapacity="onDemandPercentageAboveBaseCapacity",
            OnDemandAllocationStrategy="onDemandAllocationStrategy",
            SpotAllocationStrategy="spotAllocationStrategy",
        ),
    }
