"""The sample workload: spread against apart, requests in their zone, and volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pulumi
import pytest

from privatelane.kubernetes import (
    SampleWorkload,
    SampleWorkloadArgs,
    cluster_provider,
    traffic_distribution,
)
from tests.components.kubernetes.cluster import API, REGISTRY, objects
from tests.components.mocks import Run, refusal, run

if TYPE_CHECKING:
    from privatelane.kubernetes.cluster_api import ClusterApiArgs

IMAGE = f"{REGISTRY}/web:1.4.2"


def args_of(**given: Any) -> SampleWorkloadArgs:
    return cast("SampleWorkloadArgs", {"image": IMAGE, "kubernetes_version": "1.35", **given})


def sample(**given: Any) -> Run:
    args = args_of(**given)

    def program() -> None:
        provider = cluster_provider("cluster", cast("ClusterApiArgs", API))
        SampleWorkload("demo", args, pulumi.ResourceOptions(providers=[provider]))

    return run(program, preview=False)


def test_it_is_seven_objects_in_a_namespace_of_their_own() -> None:
    result = sample()
    assert result.counts() == {
        "kubernetes": 1,
        "SampleWorkload": 1,
        "Namespace": 1,
        "Deployment": 2,
        "Service": 2,
        "PodDisruptionBudget": 1,
        "StatefulSet": 1,
    }
    found = objects(result)
    assert {one["metadata"].get("namespace") for one in found.values()} == {None, "zones"}
    assert found["demo-namespace"]["metadata"] == {
        "name": "zones",
        "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
    }
    for one in result.resources:
        if one.type.startswith("kubernetes:") and one.name != "demo-namespace":
            assert one.depends_on == {"demo-namespace"}


def test_spread_pods_are_as_even_over_the_zones_as_can_be_however_many_there_are() -> None:
    spec = objects(sample(replicas=7, zones=3))["demo-spread"]["spec"]
    assert spec["replicas"] == 7
    assert spec["template"]["spec"]["topologySpreadConstraints"] == [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": "spread"}},
            "matchLabelKeys": ["pod-template-hash"],
            "minDomains": 3,
        },
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"app": "spread"}},
            "matchLabelKeys": ["pod-template-hash"],
        },
    ]
    assert "affinity" not in spec["template"]["spec"]


def test_pods_kept_apart_are_one_a_zone_and_an_update_needs_no_room_for_another() -> None:
    spec = objects(sample(zones=2))["demo-apart"]["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
    }
    assert spec["template"]["spec"]["affinity"] == {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {
                    "topologyKey": "topology.kubernetes.io/zone",
                    "labelSelector": {"matchLabels": {"app": "apart"}},
                }
            ]
        }
    }
    assert "topologySpreadConstraints" not in spec["template"]["spec"]


def test_every_pod_of_the_store_claims_a_volume_of_its_own() -> None:
    spec = objects(sample(volume_gib=5, storage_class="fast"))["demo-store"]["spec"]
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    (container,) = spec["template"]["spec"]["containers"]
    assert container["volumeMounts"] == [{"name": claim["metadata"]["name"], "mountPath": "/data"}]
    assert objects(sample())["demo-store-service"]["spec"]["clusterIP"] == "None"


@pytest.mark.parametrize(
    ("version", "distribution"),
    [
        ("1.30", None),
        ("1.31", "PreferClose"),
        ("1.33", "PreferClose"),
        ("1.34", "PreferSameZone"),
        ("1.36", "PreferSameZone"),
    ],
)
def test_requests_stay_in_their_zone_by_the_name_that_the_version_has_for_it(
    version: str, distribution: str | None
) -> None:
    assert traffic_distribution(version) == distribution


def test_the_service_of_the_spread_pods_keeps_requests_in_their_zone() -> None:
    assert objects(sample())["demo-spread-service"]["spec"] == {
        "selector": {"app": "spread"},
        "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        "trafficDistribution": "PreferSameZone",
    }
    older = objects(sample(kubernetes_version="1.33"))["demo-spread-service"]
    assert older["spec"]["trafficDistribution"] == "PreferClose"


@pytest.mark.parametrize("name", ["demo-spread", "demo-apart", "demo-store"])
def test_pods_are_what_the_restricted_level_lets_in(name: str) -> None:
    pod = objects(sample())[name]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["image"] == IMAGE
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }


def test_without_the_provider_of_the_cluster_it_is_refused() -> None:
    assert refusal(lambda: SampleWorkload("demo", args_of())) == (
        "SampleWorkload 'demo': providers has none of the cluster, and another one would write to"
        " whatever cluster is the current one; give it ClusterDefaults.provider."
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"image": "nginx:1"}, "image is 'nginx:1', which no VPC endpoint serves"),
        ({"kubernetes_version": "1.12"}, "kubernetes_version is '1.12', EKS offers"),
        ({"port": 80}, "port is 80, it must be a whole number from 1024 to 65535"),
        ({"zones": 0}, "zones is 0, it must be a whole number from 1 to 6"),
        ({"replica": 0}, "SampleWorkload has no argument 'replica', did you mean 'replicas'?"),
    ],
)
def test_what_is_of_no_use_is_refused_with_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert sentence in _refused_inside(args_of(**given))


def _refused_inside(args: SampleWorkloadArgs) -> str:
    """The sentence of a program whose provider is there already."""

    def program() -> None:
        provider = cluster_provider("cluster", cast("ClusterApiArgs", API))
        SampleWorkload("demo", args, pulumi.ResourceOptions(providers=[provider]))

    with pytest.raises(pulumi.RunError) as caught:
        run(program, preview=True)
    return str(caught.value)
