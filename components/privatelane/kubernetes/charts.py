"""Helm releases of charts that a private network reaches."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_kubernetes as k8s
from typing_extensions import NotRequired, TypedDict

from privatelane._invalid import entries, known_keys
from privatelane.kubernetes._charts import check_chart
from privatelane.kubernetes._storage import object_name


class ChartArgs(TypedDict):
    """A Helm chart to install."""

    chart: str
    """Where it is: `oci://<account>.dkr.ecr.<region>.amazonaws.com/<repository>`, or a file."""
    version: NotRequired[str]
    """Its one version; mandatory for a chart in ECR."""
    namespace: str
    """Namespace to install it in, which is made where there is none."""
    values: NotRequired[pulumi.Input[str]]
    """Its values as JSON, such as `ClusterBackup.velero_values`. Defaults to the chart's own."""


class LoadBalancerControllerArgs(TypedDict):
    """The AWS Load Balancer Controller, for clusters without Auto Mode, which has one.

    It gets its role from `LoadBalancerControllerPrerequisites`, made before.
    """

    chart: str
    """Where its chart (3 or newer) is: `oci://<account>.dkr.ecr.<region>.amazonaws.com/...`, or a
    file."""
    version: NotRequired[str]
    """The chart's one version; mandatory for a chart in ECR."""
    image: str
    """Its image in ECR, with its tag or digest."""
    vpc_id: pulumi.Input[str]
    """VPC of the cluster."""
    replicas: NotRequired[int]
    """Pods of the controller, of which one is at work, from 1 to 10. Defaults to 2."""


def check_charts(given: Mapping[str, Any]) -> None:
    """Accept the settings `charts.*`.

    Raises:
        InvalidInput: a chart is out of reach or not pinned.

    """
    for name, settings in given.items():
        field = f"charts.{name}"
        known = entries(field, settings)
        known_keys(field, known, ChartArgs.__annotations__)
        object_name(f"{field}.namespace", known.get("namespace"))
        check_chart(field, known)


def chart_release(
    name: str,
    release: str,
    given: Mapping[str, Any],
    values: pulumi.Input[Mapping[str, Any]],
    *,
    field: str,
    parent: pulumi.Resource,
    provider: pulumi.ProviderResource,
    after: Sequence[pulumi.Resource] = (),
) -> k8s.helm.v3.Release:
    """Register the release of a chart, which is undone where it fails."""
    chart, version = check_chart(field, given)
    return k8s.helm.v3.Release(
        name,
        chart=chart,
        version=version,
        name=release,
        namespace=given.get("namespace", "kube-system"),
        create_namespace=True,
        atomic=True,
        values=values,
        opts=pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=list(after)),
    )


def chart_releases(
    name: str,
    given: Mapping[str, Any],
    *,
    parent: pulumi.Resource,
    provider: pulumi.ProviderResource,
    after: Sequence[pulumi.Resource] = (),
) -> list[k8s.helm.v3.Release]:
    """Register the releases of the settings `charts.*`."""

    def values(text: Optional[pulumi.Input[str]]) -> pulumi.Input[Mapping[str, Any]]:
        if text is None:
            return {}
        return pulumi.Output.from_input(text).apply(json.loads)

    return [
        chart_release(
            f"{name}-{release}",
            release,
            settings,
            values(settings.get("values")),
            field=f"charts.{release}",
            parent=parent,
            provider=provider,
            after=after,
        )
        for release, settings in sorted(given.items())
    ]
