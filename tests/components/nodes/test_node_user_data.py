"""User data, read back by the parsers of its formats."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane.nodes._node_labels import EFFECTS, Taint
from privatelane.nodes._node_user_data import Cluster, bottlerocket, check_service_cidr, nodeadm
from tests.components.nodes.nodes import node_config

CLUSTER = Cluster("main", "https://abc.eks.amazonaws.com", "LS0tLS1CRUdJTg==", "172.20.0.0/16")
NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,12}[A-Za-z0-9])?", fullmatch=True)
KEYS = st.one_of(NAMES, NAMES.map(lambda name: f"example.com/{name}"))
LABELS = st.dictionaries(KEYS, NAMES, max_size=4)
TAINTS = st.lists(
    st.builds(Taint, KEYS, st.one_of(st.just(""), NAMES), st.sampled_from(sorted(EFFECTS))),
    max_size=4,
    unique_by=lambda one: (one.key, one.effect),
)
CLUSTERS = st.builds(
    Cluster,
    name=NAMES,
    endpoint=NAMES.map(lambda name: f"https://{name}.eks.amazonaws.com"),
    certificate_authority=st.text("ABCxyz019+/=", min_size=1, max_size=1500),
    service_cidr=st.sampled_from(["172.20.0.0/16", "10.100.0.0/24", "fd12:3456::/108"]),
)
PODS = st.one_of(st.none(), st.integers(4, 250))


@given(cluster=CLUSTERS, labels=LABELS, taints=TAINTS, max_pods=PODS)
def test_nodeadm_reads_back_what_was_said(
    cluster: Cluster, labels: dict[str, str], taints: list[Taint], max_pods: int | None
) -> None:
    text = nodeadm(cluster, labels, taints, max_pods)
    document = node_config(text)
    assert (document["apiVersion"], document["kind"]) == ("node.eks.aws/v1alpha1", "NodeConfig")
    spec = document["spec"]
    assert spec["cluster"] == {
        "name": cluster.name,
        "apiServerEndpoint": cluster.endpoint,
        "certificateAuthority": cluster.certificate_authority,
        "cidr": cluster.service_cidr,
    }
    kubelet = spec.get("kubelet", {})
    assert kubelet.get("config", {}).get("maxPods") == max_pods
    assert kubelet.get("config", {}).get("registerWithTaints", []) == [
        {"key": one.key, "value": one.value, "effect": EFFECTS[one.effect]} for one in taints
    ]
    flags = [",".join(f"{key}={labels[key]}" for key in sorted(labels))] if labels else []
    assert [flag.removeprefix("--node-labels=") for flag in kubelet.get("flags", [])] == flags
    assert text == nodeadm(cluster, labels, taints, max_pods)


@given(cluster=CLUSTERS, labels=LABELS, taints=TAINTS, max_pods=PODS)
def test_bottlerocket_reads_back_what_was_said(
    cluster: Cluster, labels: dict[str, str], taints: list[Taint], max_pods: int | None
) -> None:
    settings: dict[str, Any] = tomli.loads(bottlerocket(cluster, labels, taints, max_pods))
    (kubernetes,) = settings["settings"].values()
    assert kubernetes.pop("node-labels", {}) == labels
    by_key: dict[str, list[str]] = {}
    for one in taints:
        by_key.setdefault(one.key, []).append(f"{one.value}:{EFFECTS[one.effect]}")
    assert kubernetes.pop("node-taints", {}) == by_key
    assert kubernetes.pop("max-pods", None) == max_pods
    assert kubernetes == {
        "cluster-name": cluster.name,
        "api-server": cluster.endpoint,
        "cluster-certificate": cluster.certificate_authority,
        "cluster-dns-ip": str(ipaddress.ip_network(cluster.service_cidr)[10]),
    }


def test_a_setting_that_eks_merges_is_told_alone() -> None:
    assert bottlerocket(None, {}, [], 110) == "[settings.kubernetes]\nmax-pods = 110\n"
    assert node_config(nodeadm(None, {}, [], 110))["spec"] == {
        "kubelet": {"config": {"maxPods": 110}}
    }


def test_the_least_of_each_is_this() -> None:
    assert nodeadm(CLUSTER, {}, [], None).splitlines()[:7] == [
        'Content-Type: multipart/mixed; boundary="==NodeConfig=="',
        "MIME-Version: 1.0",
        "",
        "--==NodeConfig==",
        "Content-Type: application/node.eks.aws",
        "MIME-Version: 1.0",
        "",
    ]
    assert bottlerocket(CLUSTER, {"example.com/a": "b"}, [], None).splitlines() == [
        "[settings.kubernetes]",
        'cluster-name = "main"',
        'api-server = "https://abc.eks.amazonaws.com"',
        'cluster-certificate = "LS0tLS1CRUdJTg=="',
        'cluster-dns-ip = "172.20.0.10"',
        "",
        "[settings.kubernetes.node-labels]",
        '"example.com/a" = "b"',
    ]


@pytest.mark.parametrize(
    "value", ["172.20.0.0/11", "172.20.0.0/25", "172.20.0.1/16", "x", "fd::/64"]
)
def test_a_range_that_no_cluster_has_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_service_cidr(value)
    assert str(caught.value) == (
        f"service_cidr is {value!r}, it must be the range of the cluster's services, such as"
        " '172.20.0.0/16'"
    )
