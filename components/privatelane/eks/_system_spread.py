"""How the add-ons that a cluster cannot do without are spread over zones.

CoreDNS, the metrics server and the EBS CSI controller are deployments of two or more pods, and
nothing makes the scheduler put these in two zones: a zone that fails can take the DNS of the whole
cluster with it. What this returns belongs into `configuration_values` of the EKS add-on.

Sources: `aws eks describe-addon-configuration` of the add-ons, as quoted for CoreDNS in
aws/containers-roadmap issue 2033 (topologySpreadConstraints since v1.9.3-eksbuild.5) and for the
EBS CSI driver in its chart (`controller.topologySpreadConstraints`). The snapshot controller and
the EFS CSI driver are left out: their schemas had no such setting when these were read, and EKS
refuses an add-on whose configuration has a key that its schema has not.
"""

from __future__ import annotations

import json
from typing import Any

#: Add-on → the label that its pods, and no others, have in kube-system.
_POD_LABELS = {
    "coredns": {"k8s-app": "kube-dns"},
    "metrics-server": {"app.kubernetes.io/name": "metrics-server"},
    "aws-ebs-csi-driver": {"app": "ebs-csi-controller"},
}

#: Add-ons whose deployment is configured below a key of its own.
_SECTIONS = {"aws-ebs-csi-driver": "controller"}


def system_spread(addon: str) -> dict[str, Any]:
    """Return the part of an add-on's configuration that spreads its pods, {} where there is none.

    Zones are a wish and not a condition (`ScheduleAnyway`): a cluster whose nodes are all in one
    zone must still get its DNS.
    """
    labels = _POD_LABELS.get(addon)
    if labels is None:
        return {}
    spread: dict[str, Any] = {
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": labels},
            }
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ]
    }
    section = _SECTIONS.get(addon)
    return spread if section is None else {section: spread}


def with_spread(addon: str, configuration: str | None) -> str | None:
    """Return an add-on's configuration, as JSON, with the spread where it says nothing of that."""
    spread = system_spread(addon)
    if not spread:
        return configuration
    given: dict[str, Any] = json.loads(configuration or "{}")
    section = _SECTIONS.get(addon)
    if section is not None and isinstance(given.get(section), dict):
        return json.dumps({**given, section: {**spread[section], **given[section]}})
    return json.dumps({**spread, **given})
