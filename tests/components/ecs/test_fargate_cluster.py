"""What `FargateCluster` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from privatelane.ecs.capacity import strategies
from privatelane.ecs.fargate_cluster import FargateCluster, FargateClusterArgs
from tests.components.ecs.fargate import deployed
from tests.components.mocks import Run, refusal


def cluster(**given: Any) -> Run:
    args = cast("FargateClusterArgs", given)
    return deployed(lambda: FargateCluster("main", args))


def refused(**given: Any) -> str:
    args = cast("FargateClusterArgs", given)
    sentence = refusal(lambda: FargateCluster("main", args))
    return sentence.removeprefix("FargateCluster 'main': ").removesuffix(".")


def test_a_cluster_is_a_cluster_its_providers_and_a_log_of_exec_sessions() -> None:
    result = cluster()
    assert result.counts() == {
        "FargateCluster": 1,
        "Cluster": 1,
        "ClusterCapacityProviders": 1,
        "LogGroup": 1,
    }
    assert result.parents() == {result.the("FargateCluster").urn}


def test_exec_sessions_are_logged_and_containers_are_watched() -> None:
    result = cluster(tags={"team": "web"})
    assert result.the("Cluster").inputs == {
        "settings": [{"name": "containerInsights", "value": "enabled"}],
        "configuration": {
            "executeCommandConfiguration": {
                "logging": "OVERRIDE",
                "logConfiguration": {
                    "cloudWatchLogGroupName": "main-exec-name",
                    "cloudWatchEncryptionEnabled": False,
                },
            }
        },
        "tags": {"team": "web", "Name": "main-cluster"},
    }
    log = result.the("LogGroup")
    assert log.inputs == {"retentionInDays": 90, "tags": {"team": "web", "Name": "main-exec"}}
    assert log.request.retainOnDelete


def test_a_key_encrypts_sessions_and_their_log_and_another_the_disks() -> None:
    result = cluster(kms_key_arn="arn:key", ephemeral_storage_kms_key_arn="arn:disk")
    assert result.the("LogGroup").inputs["kmsKeyId"] == "arn:key"
    assert result.the("Cluster").inputs["configuration"] == {
        "executeCommandConfiguration": {
            "kmsKeyId": "arn:key",
            "logging": "OVERRIDE",
            "logConfiguration": {
                "cloudWatchLogGroupName": "main-exec-name",
                "cloudWatchEncryptionEnabled": True,
            },
        },
        "managedStorageConfiguration": {"fargateEphemeralStorageKmsKeyId": "arn:disk"},
    }


def test_the_cluster_has_both_providers_whatever_its_default_is() -> None:
    result = cluster(capacity={"on_demand_base": 1.0, "on_demand_weight": 1, "spot_weight": 4})
    assert result.the("ClusterCapacityProviders").inputs == {
        "clusterName": "main-cluster-name",
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategies": [
            {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
            {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 4},
        ],
    }


def test_a_namespace_becomes_the_default_of_service_connect() -> None:
    result = cluster(service_connect_namespace="internal")
    assert result.the("HttpNamespace").inputs == {
        "name": "internal",
        "description": "Services of main",
        "tags": {"Name": "main-namespace"},
    }
    defaults = result.the("Cluster").inputs["serviceConnectDefaults"]
    assert defaults == {"namespace": "arn:main-namespace"}
    assert result.output("FargateCluster") == {
        "clusterArn": "arn:main-cluster",
        "clusterName": "main-cluster-name",
        "execLogGroupArn": "arn:main-exec",
        "execLogGroupName": "main-exec-name",
        "namespaceArn": "arn:main-namespace",
    }


def test_two_clusters_live_in_one_stack() -> None:
    def program() -> None:
        FargateCluster("blue", {})
        FargateCluster("green", {})

    assert deployed(program).counts()["Cluster"] == 2


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        (None, [("FARGATE", 0, 1)]),
        ({"spot_weight": 1, "on_demand_weight": 0}, [("FARGATE_SPOT", 0, 1)]),
        (
            {"spot_weight": 1, "on_demand_weight": 0, "on_demand_base": 2},
            [("FARGATE", 2, 0), ("FARGATE_SPOT", 0, 1)],
        ),
    ],
)
def test_a_provider_is_named_when_it_gets_tasks(
    capacity: dict[str, int] | None, expected: list[tuple[str, int, int]]
) -> None:
    found = strategies("capacity", capacity)
    assert [(one["capacity_provider"], one["base"], one["weight"]) for one in found] == expected


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"capacity": {"on_demand_weight": 0}},
            (
                "capacity.on_demand_weight and capacity.spot_weight are both 0, one of them must be"
                " more for ECS to place tasks"
            ),
        ),
        (
            {"capacity": {"spot_weight": 1001}},
            "capacity.spot_weight is 1001, it must be a whole number from 0 to 1000",
        ),
        (
            {"capacity": {"spot": 1}},
            (
                "capacity has no argument 'spot', it knows 'on_demand_base', 'on_demand_weight' or"
                " 'spot_weight'"
            ),
        ),
        (
            {"container_insights": "on"},
            ("container_insights is 'on', it must be one of 'enhanced', 'enabled' or 'disabled'"),
        ),
        (
            {"exec_log_retention_days": 100},
            (
                "exec_log_retention_days is 100, CloudWatch Logs does not keep logs for that many"
                " days; the nearest it accepts is 90"
            ),
        ),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(given: dict[str, Any], sentence: str) -> None:
    assert refused(**given) == sentence
