"""Helm charts from where a private network reaches them, and the values of one of them.

The provider fetches a chart from where the program runs. Inside a network without a way to the
internet, a chart repository is out of reach as the registries of its images are; a private registry
of ECR holds both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from privatelane._images import parse_ecr_host
from privatelane._invalid import InvalidInput, integer, text
from privatelane._private_image import chart_image, private_image
from privatelane.kubernetes._ingress import SCHEMES

_EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?")


def check_chart(field: str, given: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the chart and its version for the settings `<field>.chart` and `<field>.version`.

    Raises:
        InvalidInput: it is neither in a private registry of ECR nor a file, or not pinned.

    """
    chart = text(f"{field}.chart", given.get("chart"))
    if chart.startswith("oci://"):
        if parse_ecr_host(chart.removeprefix("oci://").partition("/")[0]) is None:
            raise InvalidInput(f"{field}.chart is {chart!r}, {_COPY}")
        version = text(f"{field}.version", given.get("version"))
        if _EXACT.fullmatch(version) is None:
            raise InvalidInput(
                f"{field}.version is {version!r}, it must be one version, such as '1.2.3'"
            )
        return chart, version
    if "://" in chart or not (chart.endswith(".tgz") or chart.startswith(("./", "../", "/"))):
        raise InvalidInput(f"{field}.chart is {chart!r}, {_COPY}")
    if "version" in given:
        raise InvalidInput(f"{field}.version is given, the chart {chart!r} is a file and has one")
    return chart, None


_COPY = (
    "which is out of a private network's reach; copy it into ECR with helm pull and helm push, and"
    " name it as 'oci://<account>.dkr.ecr.<region>.amazonaws.com/<repository>'"
)


def load_balancer_values(
    given: Mapping[str, Any],
    ingress: Mapping[str, Any],
    cluster_name: Any,  # noqa: ANN401 - text, now or later
    region: str,
) -> dict[str, Any]:
    """Return the values of chart 3 of aws-load-balancer-controller.

    Region and VPC are named, as pods cannot ask the node's metadata for them at a hop limit of 1.
    Shield and WAF have no endpoint, and are left alone.

    Raises:
        InvalidInput: a setting of `load_balancer_controller.*` is of no use.

    """
    field = "load_balancer_controller"
    image = private_image(f"{field}.image", given.get("image"), region)
    name = ingress.get("name", "alb")
    scheme = ingress.get("scheme", SCHEMES[0])
    labels = {"app.kubernetes.io/name": "aws-load-balancer-controller"}
    return {
        "clusterName": cluster_name,
        "region": region,
        "vpcId": given.get("vpc_id"),
        "image": chart_image(image),
        "replicaCount": integer(f"{field}.replicas", given.get("replicas", 2), least=1, most=10),
        "serviceAccount": {"create": True, "name": "aws-load-balancer-controller"},
        "ingressClass": name,
        "ingressClassConfig": {"default": ingress.get("default", True)},
        "ingressClassParams": {"create": True, "spec": {"scheme": scheme}},
        "defaultTargetType": "ip",
        "defaultLoadBalancerScheme": scheme,
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        # Otherwise no Service of type LoadBalancer can be made while the controller is down.
        "enableServiceMutatorWebhook": False,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": labels},
            }
        ],
    }
