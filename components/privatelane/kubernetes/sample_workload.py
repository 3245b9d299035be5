"""A workload to learn from: where pods go, which way requests go, and what a volume ties down."""

from typing import Optional

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._component import given_provider, input_errors
from privatelane._invalid import InvalidInput, integer, known_keys, refuse_missing
from privatelane._private_image import private_image
from privatelane.eks._addon_versions import check_kubernetes
from privatelane.kubernetes._sample import sample_workload
from privatelane.kubernetes._storage import object_name
from privatelane.kubernetes.applied import applied


class SampleWorkloadArgs(TypedDict):
    """The sample workload."""

    image: str
    """Image in ECR that listens on `port` and needs neither root nor a writable file system, with
    its tag or digest."""
    kubernetes_version: str
    """Kubernetes version of the cluster, by which requests are kept in their zone."""
    port: NotRequired[int]
    """Port that the image listens on, from 1024 to 65535. Defaults to 8080."""
    namespace: NotRequired[str]
    """Namespace to make for it. Defaults to `zones`."""
    zones: NotRequired[int]
    """Zones that the cluster has nodes in, from 1 to 6. Defaults to 3."""
    replicas: NotRequired[int]
    """Pods to spread, from 1 to 100. Defaults to 6."""
    storage_class: NotRequired[str]
    """Class of the claimed volumes. Defaults to `gp3`."""
    volume_gib: NotRequired[int]
    """Size of each volume, from 1 to 16384. Defaults to 1."""


class SampleWorkload(pulumi.ComponentResource):
    """Pods spread over zones by a topology spread constraint and, beside them, pods kept apart by an anti-affinity, a Service whose requests stay in their zone, and pods that claim a volume each."""  # noqa: E501 - one paragraph, as of every component

    def __init__(
        self,
        name: str,
        args: SampleWorkloadArgs,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        with input_errors(f"SampleWorkload {name!r}"):
            known_keys("SampleWorkload", args, SampleWorkloadArgs.__annotations__)
            refuse_missing(args, SampleWorkloadArgs.__required_keys__)
            provider = given_provider(opts, "kubernetes")
            if provider is None:
                raise InvalidInput(
                    "providers has none of the cluster, and another one would write to whatever"
                    " cluster is the current one; give it ClusterDefaults.provider"
                )
            manifests = sample_workload(
                image=private_image("image", args["image"], None).text,
                port=integer("port", args.get("port", 8080), least=1024, most=65_535),
                kubernetes_version=check_kubernetes(
                    "kubernetes_version", args["kubernetes_version"]
                ),
                namespace=object_name("namespace", args.get("namespace", "zones")),
                zones=integer("zones", args.get("zones", 3), least=1, most=6),
                replicas=integer("replicas", args.get("replicas", 6), least=1, most=100),
                storage_class=object_name("storage_class", args.get("storage_class", "gp3")),
                volume_gib=integer("volume_gib", args.get("volume_gib", 1), least=1, most=16_384),
            )
        super().__init__("privatelane:kubernetes:SampleWorkload", name, None, opts)
        namespace: list[pulumi.Resource] = []
        for key, manifest in manifests.items():
            made = applied(
                f"{name}-{key}", manifest, parent=self, provider=provider, after=namespace[:1]
            )
            namespace.append(made)
        self.register_outputs({})
