"""How system add-ons are told to spread over zones."""

from __future__ import annotations

import json

import pytest

from privatelane.eks._system_spread import system_spread, with_spread


def constraints(labels: dict[str, str]) -> list[dict[str, object]]:
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


@pytest.mark.parametrize(
    ("addon", "labels"),
    [
        ("coredns", {"k8s-app": "kube-dns"}),
        ("metrics-server", {"app.kubernetes.io/name": "metrics-server"}),
    ],
)
def test_a_deployment_is_spread_over_zones_and_then_over_nodes(
    addon: str, labels: dict[str, str]
) -> None:
    assert system_spread(addon) == {"topologySpreadConstraints": constraints(labels)}


def test_the_ebs_csi_driver_is_configured_by_its_controller() -> None:
    assert system_spread("aws-ebs-csi-driver") == {
        "controller": {"topologySpreadConstraints": constraints({"app": "ebs-csi-controller"})}
    }


@pytest.mark.parametrize("addon", ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])
def test_what_runs_on_every_node_has_nothing_to_spread(addon: str) -> None:
    assert system_spread(addon) == {}


def test_what_the_caller_says_of_the_spread_holds() -> None:
    own = '{"topologySpreadConstraints": [], "replicaCount": 3}'
    assert json.loads(with_spread("coredns", own) or "") == json.loads(own)


def test_the_spread_stands_beside_what_the_caller_says_of_the_rest() -> None:
    spread = system_spread("coredns")
    assert json.loads(with_spread("coredns", None) or "") == spread
    assert json.loads(with_spread("coredns", '{"replicaCount": 3}') or "") == {
        **spread,
        "replicaCount": 3,
    }
    given = '{"controller": {"logLevel": 5}, "node": {"logLevel": 2}}'
    assert json.loads(with_spread("aws-ebs-csi-driver", given) or "") == {
        "controller": {**system_spread("aws-ebs-csi-driver")["controller"], "logLevel": 5},
        "node": {"logLevel": 2},
    }


@pytest.mark.parametrize("configuration", [None, '{"enableNetworkPolicy":  "true"}'])
def test_the_configuration_of_other_addons_is_left_as_it_is(configuration: str | None) -> None:
    assert with_spread("vpc-cni", configuration) == configuration
