"""The form that objects of Kubernetes have here: what `kubectl apply` would read, as a dict.

Objects are made by pure functions in that form, so that they can be held against Kubernetes' own
schema, and are registered as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: An object in Kubernetes' own form; values that are known later may be Outputs.
Manifest = dict[str, Any]


def manifest(
    api_version: str,
    kind: str,
    name: str,
    *,
    namespace: str | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **body: Any,  # noqa: ANN401 - any JSON value
) -> Manifest:
    """Return an object; settings of its metadata that are not given are left out."""
    metadata = {
        "name": name,
        "namespace": namespace,
        "labels": dict(labels) if labels else None,
        "annotations": dict(annotations) if annotations else None,
    }
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {key: value for key, value in metadata.items() if value is not None},
        **body,
    }
