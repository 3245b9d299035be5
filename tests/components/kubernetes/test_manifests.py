"""Objects of Kubernetes, held against what Kubernetes says of their kinds.

Node pools, node classes and snapshot classes are kinds of custom resource definitions, which no SDK
carries; what they are to be is spelt out in `test_cluster_defaults.py`.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from privatelane.eks._addon_versions import packaged_lock
from privatelane.kubernetes._ingress import ingress_class
from privatelane.kubernetes._sample import sample_workload
from privatelane.kubernetes._storage import storage_class
from tests.components.kubernetes.typed import problems

STORAGE = {"iops": 4000, "throughput": 200, "kms_key_arn": "arn:key", "volume_tags": {"a": "b"}}


def objects(kubernetes_version: str) -> dict[str, dict[str, Any]]:
    """Every object of a kind that Kubernetes itself has, with every setting that there is."""
    return {
        **sample_workload(
            image="web:1",
            port=8080,
            kubernetes_version=kubernetes_version,
            namespace="zones",
            zones=3,
            replicas=6,
            storage_class="gp3",
            volume_gib=1,
        ),
        "storage-class": storage_class("karpenter", STORAGE),
        "storage-class-auto-mode": storage_class("auto-mode", STORAGE),
        "ingress-class": ingress_class({})[1],
    }


VERSIONS = sorted(packaged_lock().support)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", list(objects("1.35")))
def test_an_object_has_the_settings_that_its_kind_has_and_those_it_must(
    name: str, version: str
) -> None:
    assert problems(objects(version)[name]) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_an_object_is_valid_by_the_schema_of_the_kubernetes_version_itself(version: str) -> None:
    """Runs where kubernetes-validate is installed, which carries these schemas."""
    validator = pytest.importorskip("kubernetes_validate")

    for manifest in objects(version).values():
        validator.validate(manifest, version, strict=True)


def test_a_setting_that_is_unknown_missing_or_of_another_type_is_found() -> None:
    manifest = copy.deepcopy(objects("1.35")["spread"])
    spec = manifest["spec"]
    spec["replicas"] = "6"
    del spec["selector"]
    spec["template"]["spec"]["topologySpreadConstraint"] = []
    spec["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] = "http"
    found = problems(manifest)
    assert [one.partition(" is ")[0] for one in found] == [
        "Deployment.spec.selector",
        "Deployment.spec.replicas",
        "Deployment.spec.template.spec.containers[0].ports[0].containerPort",
        "Deployment.spec.template.spec.topologySpreadConstraint",
    ]
