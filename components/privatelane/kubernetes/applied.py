"""Registers objects of Kubernetes as they are."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Optional

import pulumi

from privatelane.kubernetes._manifests import Manifest


class Applied(pulumi.CustomResource):
    """An object in Kubernetes' own form.

    Its type is the one that pulumi_kubernetes' class for the kind has, so that policies and state
    see no difference; unlike those classes it takes kinds whose settings are not under `spec`.
    """

    def __init__(
        self, name: str, manifest: Manifest, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        api = manifest["apiVersion"]
        group = api if "/" in api else f"core/{api}"
        super().__init__(
            f"kubernetes:{group}:{manifest['kind']}",
            name,
            manifest,
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(version=version("pulumi-kubernetes")), opts
            ),
        )


def applied(
    name: str,
    manifest: Manifest,
    *,
    parent: pulumi.Resource,
    provider: pulumi.ProviderResource,
    after: Sequence[pulumi.Resource] = (),
) -> Applied:
    """Register an object as a child of a component, after other resources."""
    return Applied(
        name,
        manifest,
        pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=list(after)),
    )
