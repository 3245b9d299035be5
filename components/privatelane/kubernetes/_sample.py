"""A workload that shows where the scheduler puts pods, and which way requests go between zones.

Three things that look alike and are not:

- `spread` has a topology spread constraint: any number of pods, as even over the zones as can be.
- `apart` has an anti-affinity: one pod a zone, and one more than there are zones stays pending.
- `store` claims a volume for each pod. An EBS volume is in one zone, and its pod with it, so the
  spread decides at the first start where each pod will be for good.
"""

from __future__ import annotations

from typing import Any

from privatelane.kubernetes._manifests import Manifest, manifest

_ZONE = "topology.kubernetes.io/zone"
_HOST = "kubernetes.io/hostname"

#: Kubernetes 1.34 is the first that has `PreferSameZone` on (beta; stable in 1.35), under which
#: name `PreferClose` (beta in 1.31) goes on. Sources: KEP-3015 and KEP-4444.
_SAME_ZONE_SINCE = (1, 34)
_CLOSE_SINCE = (1, 31)


def traffic_distribution(kubernetes_version: str) -> str | None:
    """Return the `trafficDistribution` of a Service whose requests stay in their zone.

    They leave it where no pod there is ready. None is for versions that have no such thing.
    """
    version = tuple(int(part) for part in kubernetes_version.split("."))
    if version >= _SAME_ZONE_SINCE:
        return "PreferSameZone"
    return "PreferClose" if version >= _CLOSE_SINCE else None


def sample_workload(
    *,
    image: str,
    port: int,
    kubernetes_version: str,
    namespace: str,
    zones: int,
    replicas: int,
    storage_class: str,
    volume_gib: int,
) -> dict[str, Manifest]:
    """Return the objects by the name that each is registered under, in order."""
    distribution = traffic_distribution(kubernetes_version)
    routing = {} if distribution is None else {"trafficDistribution": distribution}

    def pods(name: str, **spec: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        return {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {**_pod(image, port), **spec},
            },
        }

    def service(name: str, **spec: Any) -> Manifest:  # noqa: ANN401 - any JSON value
        ports = [{"name": "http", "port": 80, "targetPort": "http"}]
        return manifest(
            "v1",
            "Service",
            name,
            namespace=namespace,
            spec={"selector": {"app": name}, "ports": ports, **spec},
        )

    return {
        "namespace": manifest(
            "v1",
            "Namespace",
            namespace,
            labels={"pod-security.kubernetes.io/enforce": "restricted"},
        ),
        "spread": manifest(
            "apps/v1",
            "Deployment",
            "spread",
            namespace=namespace,
            spec={
                "replicas": replicas,
                **pods(
                    "spread",
                    topologySpreadConstraints=[
                        _spread("spread", _ZONE, "DoNotSchedule", zones),
                        _spread("spread", _HOST, "ScheduleAnyway"),
                    ],
                ),
            },
        ),
        "spread-service": service("spread", **routing),
        "spread-budget": manifest(
            "policy/v1",
            "PodDisruptionBudget",
            "spread",
            namespace=namespace,
            spec={"maxUnavailable": 1, "selector": {"matchLabels": {"app": "spread"}}},
        ),
        "apart": manifest(
            "apps/v1",
            "Deployment",
            "apart",
            namespace=namespace,
            spec={
                # Not one more: there is no zone for it. The old pods must go before the new come.
                "replicas": zones,
                "strategy": {
                    "type": "RollingUpdate",
                    "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
                },
                **pods(
                    "apart",
                    affinity={
                        "podAntiAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": [
                                {
                                    "topologyKey": _ZONE,
                                    "labelSelector": {"matchLabels": {"app": "apart"}},
                                }
                            ]
                        }
                    },
                ),
            },
        ),
        "store-service": service("store", clusterIP="None"),
        "store": manifest(
            "apps/v1",
            "StatefulSet",
            "store",
            namespace=namespace,
            spec={
                "serviceName": "store",
                "replicas": zones,
                "podManagementPolicy": "Parallel",
                **_with_volume(
                    pods(
                        "store",
                        topologySpreadConstraints=[
                            _spread("store", _ZONE, "DoNotSchedule", zones, by_revision=False)
                        ],
                    )
                ),
                "volumeClaimTemplates": [
                    {
                        "metadata": {"name": "data"},
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "storageClassName": storage_class,
                            "resources": {"requests": {"storage": f"{volume_gib}Gi"}},
                        },
                    }
                ],
                "persistentVolumeClaimRetentionPolicy": {
                    "whenDeleted": "Delete",
                    "whenScaled": "Retain",
                },
            },
        ),
    }


def _spread(
    app: str,
    key: str,
    otherwise: str,
    least_domains: int | None = None,
    *,
    by_revision: bool = True,
) -> dict[str, Any]:
    constraint: dict[str, Any] = {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": otherwise,
        "labelSelector": {"matchLabels": {"app": app}},
    }
    if by_revision:
        # Counts the pods of one revision alone, or an update would leave them uneven.
        constraint["matchLabelKeys"] = ["pod-template-hash"]
    if least_domains is not None:
        # A zone without a node yet counts as one with no pods, so that it gets a node.
        constraint["minDomains"] = least_domains
    return constraint


def _pod(image: str, port: int) -> dict[str, Any]:
    """What the restricted level of the Pod Security Standards demands, and no token."""
    return {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "fsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "app",
                "image": image,
                "ports": [{"name": "http", "containerPort": port}],
                "readinessProbe": {"tcpSocket": {"port": "http"}},
                "resources": {
                    "requests": {"cpu": "50m", "memory": "64Mi"},
                    "limits": {"memory": "64Mi"},
                },
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "readOnlyRootFilesystem": True,
                },
            }
        ],
    }


def _with_volume(pods: dict[str, Any]) -> dict[str, Any]:
    (container,) = pods["template"]["spec"]["containers"]
    container["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    return pods
