"""Application Auto Scaling: what scales, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._handler import Handler, changed, given, handles

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


class _ScalingHandler(Handler):
    service = "application-autoscaling"


def _names(props: Props) -> dict[str, str]:
    return {
        "ServiceNamespace": props["serviceNamespace"],
        "ResourceId": props["resourceId"],
        "ScalableDimension": props["scalableDimension"],
    }


@handles("aws:appautoscaling/target:Target")
class Target(_ScalingHandler):
    """Something that scales between two bounds; its id is the resource's."""

    def create(self, inputs: Props) -> str:
        self._register(inputs)
        identifier: str = inputs["resourceId"]
        return identifier

    def read(self, id_: str, known: Props) -> Props | None:
        namespace = known.get("serviceNamespace", "ecs")
        answer = self.aws.describe_scalable_targets(ServiceNamespace=namespace, ResourceIds=[id_])[
            "ScalableTargets"
        ]
        for found in answer:
            if found["ScalableDimension"] == known.get(
                "scalableDimension", found["ScalableDimension"]
            ):
                return {
                    "arn": found.get("ScalableTargetARN"),
                    "resourceId": id_,
                    "serviceNamespace": found["ServiceNamespace"],
                    "scalableDimension": found["ScalableDimension"],
                    "minCapacity": found["MinCapacity"],
                    "maxCapacity": found["MaxCapacity"],
                    "roleArn": found.get("RoleARN"),
                    "suspendedState": {
                        "dynamicScalingInSuspended": False,
                        "dynamicScalingOutSuspended": False,
                        "scheduledScalingSuspended": False,
                    },
                    "tags": known.get("tags") or {},
                }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        if changed(olds, news, "minCapacity", "maxCapacity"):
            self._register(news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.deregister_scalable_target(**_names(state))

    def _register(self, inputs: Props) -> None:
        self.aws.register_scalable_target(
            **_names(inputs),
            **given(
                inputs, MinCapacity="minCapacity", MaxCapacity="maxCapacity", RoleARN="roleArn"
            ),
        )


@handles("aws:appautoscaling/policy:Policy")
class Policy(_ScalingHandler):
    """A scaling policy; its id is its name."""

    def create(self, inputs: Props) -> str:
        self._put(inputs)
        name: str = inputs["name"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        if not known:
            return None
        answer = self.aws.describe_scaling_policies(**_names(known))["ScalingPolicies"]
        for found in answer:
            if found["PolicyName"] == id_:
                return {
                    "arn": found["PolicyARN"],
                    "alarmArns": [alarm["AlarmARN"] for alarm in found.get("Alarms", [])],
                    "name": id_,
                    "policyType": found["PolicyType"],
                    "resourceId": found["ResourceId"],
                    "serviceNamespace": found["ServiceNamespace"],
                    "scalableDimension": found["ScalableDimension"],
                }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._put(news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_scaling_policy(PolicyName=id_, **_names(state))

    def _put(self, inputs: Props) -> None:
        self.aws.put_scaling_policy(
            PolicyName=inputs["name"],
            PolicyType=inputs["policyType"],
            **_names(inputs),
            **_tracking(inputs),
        )


def _tracking(inputs: Props) -> dict[str, Any]:
    tracking = inputs.get("targetTrackingScalingPolicyConfiguration")
    if not tracking:
        return {}
    request = given(
        tracking,
        TargetValue="targetValue",
        DisableScaleIn="disableScaleIn",
        ScaleInCooldown="scaleInCooldown",
        ScaleOutCooldown="scaleOutCooldown",
    )
    metric = tracking.get("predefinedMetricSpecification")
    if metric:
        request["PredefinedMetricSpecification"] = given(
            metric, PredefinedMetricType="predefinedMetricType", ResourceLabel="resourceLabel"
        )
    return {"TargetTrackingScalingPolicyConfiguration": request}
