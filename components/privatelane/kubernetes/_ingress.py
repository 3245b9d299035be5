"""The class of load balancers for Ingress objects of Auto Mode, which has the controller built in.

Source: "Create an IngressClass to configure an Application Load Balancer", EKS user guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privatelane._invalid import choice, flag
from privatelane.kubernetes._manifests import Manifest, manifest
from privatelane.kubernetes._storage import object_name

SCHEMES = ("internal", "internet-facing")


def ingress_class(given: Mapping[str, Any]) -> tuple[Manifest, Manifest]:
    """Return the parameters and the class for the settings `ingress.*`.

    Raises:
        InvalidInput: a setting is of no use.

    """
    name = object_name("ingress.name", given.get("name", "alb"))
    scheme = choice("ingress.scheme", given.get("scheme", "internal"), SCHEMES)
    default = flag("ingress.default", given.get("default", True))
    return (
        manifest("eks.amazonaws.com/v1", "IngressClassParams", name, spec={"scheme": scheme}),
        manifest(
            "networking.k8s.io/v1",
            "IngressClass",
            name,
            annotations=(
                {"ingressclass.kubernetes.io/is-default-class": "true"} if default else None
            ),
            spec={
                "controller": "eks.amazonaws.com/alb",
                "parameters": {
                    "apiGroup": "eks.amazonaws.com",
                    "kind": "IngressClassParams",
                    "name": name,
                },
            },
        ),
    )
