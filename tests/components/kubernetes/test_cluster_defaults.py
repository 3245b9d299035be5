"""What `ClusterDefaults` asks the engine for. Mocks do not show that a cluster accepts it."""

from __future__ import annotations

import json
from typing import Any, cast

import pulumi
import pytest

from privatelane.kubernetes import ClusterApiArgs, ClusterDefaults, cluster_provider
from tests.components.ecs.fargate import Later
from tests.components.kubernetes.cluster import (
    API,
    AUTO_MODE,
    CONTROLLER,
    KARPENTER,
    REGISTRY,
    args_of,
    defaults,
    objects,
    refused,
)
from tests.components.mocks import refusal, run

STORAGE_CLASS: dict[str, Any] = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {
        "name": "gp3",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    },
    "provisioner": "ebs.csi.aws.com",
    "parameters": {"type": "gp3", "encrypted": "true", "csi.storage.k8s.io/fstype": "ext4"},
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "WaitForFirstConsumer",
    "allowVolumeExpansion": True,
}
SNAPSHOT_CLASS: dict[str, Any] = {
    "apiVersion": "snapshot.storage.k8s.io/v1",
    "kind": "VolumeSnapshotClass",
    "metadata": {
        "name": "ebs",
        "labels": {"velero.io/csi-volumesnapshot-class": "true"},
        "annotations": {"snapshot.storage.kubernetes.io/is-default-class": "true"},
    },
    "driver": "ebs.csi.aws.com",
    "deletionPolicy": "Delete",
}


def test_node_groups_get_a_provider_and_two_classes() -> None:
    result = defaults()
    assert result.counts() == {
        "ClusterDefaults": 1,
        "kubernetes": 1,
        "StorageClass": 1,
        "VolumeSnapshotClass": 1,
    }
    assert objects(result) == {
        "shop-storage-class": STORAGE_CLASS,
        "shop-snapshot-class": SNAPSHOT_CLASS,
    }
    assert result.output("ClusterDefaults") == {"storageClassName": "gp3"}


def test_everything_is_a_child_and_goes_to_the_provider_of_the_cluster() -> None:
    result = defaults(**AUTO_MODE)
    component = result.the("ClusterDefaults").urn
    provider = result.the("pulumi:providers:kubernetes").urn
    assert {one.parent for one in result.resources[1:]} == {component}
    assert {
        one.request.provider.rpartition("::")[0]
        for one in result.resources
        if one.type.startswith("kubernetes:")
    } == {provider}


def test_objects_have_the_types_that_the_sdks_own_classes_have() -> None:
    types = {one.type for one in defaults(**AUTO_MODE).resources}
    assert {one for one in types if one.startswith("kubernetes:")} == {
        "kubernetes:eks.amazonaws.com/v1:IngressClassParams",
        "kubernetes:eks.amazonaws.com/v1:NodeClass",
        "kubernetes:karpenter.sh/v1:NodePool",
        "kubernetes:networking.k8s.io/v1:IngressClass",
        "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass",
        "kubernetes:storage.k8s.io/v1:StorageClass",
    }


def test_the_provider_signs_in_with_the_programs_aws_credentials() -> None:
    inputs = defaults().the("pulumi:providers:kubernetes").inputs
    assert inputs["clusterIdentifier"] == API["cluster_arn"]
    config = json.loads(inputs["kubeconfig"])
    assert config["clusters"] == [
        {
            "name": "cluster",
            "cluster": {"server": "https://api.shop", "certificate-authority-data": "Q0E="},
        }
    ]
    assert config["users"][0]["user"] == {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            "args": [
                *("--region", "eu-west-1", "eks", "get-token", "--output", "json"),
                *("--cluster-name", "shop"),
            ],
            "interactiveMode": "Never",
        }
    }
    assert config["current-context"] == config["contexts"][0]["name"]
    assert config["contexts"][0]["context"] == {
        "cluster": config["clusters"][0]["name"],
        "user": config["users"][0]["name"],
    }


def test_volumes_of_auto_mode_are_made_by_its_own_driver_for_its_own_nodes() -> None:
    found = objects(defaults(compute="auto-mode"))
    assert found["shop-storage-class"] == {
        **STORAGE_CLASS,
        "provisioner": "ebs.csi.eks.amazonaws.com",
        "allowedTopologies": [
            {
                "matchLabelExpressions": [
                    {"key": "eks.amazonaws.com/compute-type", "values": ["auto"]}
                ]
            }
        ],
    }
    assert found["shop-snapshot-class"] == {
        **SNAPSHOT_CLASS,
        "driver": "ebs.csi.eks.amazonaws.com",
    }


def test_a_class_of_volumes_can_be_another() -> None:
    storage = {
        "name": "fast",
        "default": False,
        "kms_key_arn": "arn:key",
        "iops": 6000.0,
        "throughput": 500,
        "file_system": "xfs",
        "reclaim_policy": "Retain",
        "volume_tags": {"team": "shop", "snapshots": "daily"},
    }
    result = defaults(storage=storage, snapshots=False)
    assert objects(result) == {
        "shop-storage-class": {
            **STORAGE_CLASS,
            "metadata": {"name": "fast"},
            "parameters": {
                "type": "gp3",
                "encrypted": "true",
                "csi.storage.k8s.io/fstype": "xfs",
                "iops": "6000",
                "throughput": "500",
                "kmsKeyId": "arn:key",
                "tagSpecification_1": "snapshots=daily",
                "tagSpecification_2": "team=shop",
            },
            "reclaimPolicy": "Retain",
        }
    }


# Nodes.


def test_auto_mode_gets_a_node_class_of_private_encrypted_nodes() -> None:
    assert objects(defaults(**AUTO_MODE))["shop-node-class"] == {
        "apiVersion": "eks.amazonaws.com/v1",
        "kind": "NodeClass",
        "metadata": {"name": "private"},
        "spec": {
            # The role's name, without the path of its ARN.
            "role": "nodes",
            "networkPolicy": "DefaultAllow",
            "ephemeralStorage": {"size": "80Gi"},
            "advancedNetworking": {"associatePublicIPAddress": False},
            # Those of the group, in the order of its zones.
            "subnetSelectorTerms": [{"id": "subnet-1"}, {"id": "subnet-2"}],
            "securityGroupSelectorTerms": [{"id": "sg-1"}],
        },
    }


def ebs(size: int) -> dict[str, Any]:
    return {
        "volumeSize": f"{size}Gi",
        "volumeType": "gp3",
        "encrypted": True,
        "deleteOnTermination": True,
    }


@pytest.mark.parametrize(
    ("alias", "devices"),
    [
        (
            "bottlerocket@v1.50.0",
            [
                {"deviceName": "/dev/xvda", "ebs": ebs(4)},
                {"deviceName": "/dev/xvdb", "ebs": ebs(80)},
            ],
        ),
        ("al2023@v20261101", [{"deviceName": "/dev/xvda", "ebs": ebs(80)}]),
    ],
)
def test_karpenter_gets_a_node_class_with_imdsv2_and_encrypted_volumes(
    alias: str, devices: list[dict[str, Any]]
) -> None:
    given = {**KARPENTER, "node_class": {**KARPENTER["node_class"], "ami_alias": alias}}
    assert objects(defaults(**given))["shop-node-class"] == {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": {"name": "private"},
        "spec": {
            "amiSelectorTerms": [{"alias": alias}],
            "instanceProfile": "nodes",
            "associatePublicIPAddress": False,
            "metadataOptions": {
                "httpEndpoint": "enabled",
                "httpProtocolIPv6": "disabled",
                "httpPutResponseHopLimit": 1,
                "httpTokens": "required",
            },
            "blockDeviceMappings": devices,
            "subnetSelectorTerms": [{"id": "subnet-1"}, {"id": "subnet-2"}],
            "securityGroupSelectorTerms": [{"id": "sg-1"}],
        },
    }


@pytest.mark.parametrize(
    ("given", "group", "kind"),
    [
        (AUTO_MODE, "eks.amazonaws.com", "NodeClass"),
        (KARPENTER, "karpenter.k8s.aws", "EC2NodeClass"),
    ],
)
def test_a_node_pool_has_limits_and_lets_its_nodes_grow_old_for_two_weeks(
    given: dict[str, Any], group: str, kind: str
) -> None:
    result = defaults(**given)
    assert objects(result)["shop-node-pool-general"] == {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": "general"},
        "spec": {
            "template": {
                "spec": {
                    "nodeClassRef": {"group": group, "kind": kind, "name": "private"},
                    "requirements": [
                        {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]},
                        {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]},
                        {
                            "key": "karpenter.sh/capacity-type",
                            "operator": "In",
                            "values": ["on-demand"],
                        },
                        {
                            "key": f"{group}/instance-category",
                            "operator": "In",
                            "values": ["c", "m", "r"],
                        },
                        {
                            "key": f"{group}/instance-generation",
                            "operator": "Gt",
                            "values": ["5"],
                        },
                    ],
                    "expireAfter": "336h",
                }
            },
            "limits": {"cpu": "100"},
            "disruption": {
                "consolidationPolicy": "WhenEmptyOrUnderutilized",
                "consolidateAfter": "1m",
                "budgets": [{"nodes": "10%"}],
            },
        },
    }
    pool = result.the("NodePool")
    assert pool.depends_on == {"shop-node-class"}


def test_a_node_pool_can_be_another() -> None:
    pool = {
        "architectures": ["arm64"],
        "capacity_types": ["spot", "on-demand"],
        "instance_categories": ["g"],
        "least_generation": 5,
        "zones": ["eu-west-1a"],
        "labels": {"for": "gpu"},
        "system": True,
        "most_cpus": 8,
        "most_memory_gib": 64,
        "expire_after_hours": 24,
    }
    spec = objects(defaults(**{**AUTO_MODE, "node_pools": {"gpu": pool}}))["shop-node-pool-gpu"][
        "spec"
    ]
    template = spec["template"]
    assert template["metadata"] == {"labels": {"for": "gpu"}}
    assert template["spec"]["taints"] == [{"key": "CriticalAddonsOnly", "effect": "NoSchedule"}]
    assert template["spec"]["expireAfter"] == "24h"
    assert spec["limits"] == {"cpu": "8", "memory": "64Gi"}
    assert {one["key"]: one["values"] for one in template["spec"]["requirements"]} == {
        "kubernetes.io/os": ["linux"],
        "kubernetes.io/arch": ["arm64"],
        "karpenter.sh/capacity-type": ["spot", "on-demand"],
        "eks.amazonaws.com/instance-category": ["g"],
        "eks.amazonaws.com/instance-generation": ["4"],
        "topology.kubernetes.io/zone": ["eu-west-1a"],
    }


# Load balancers and charts.


def test_auto_mode_has_a_class_of_internal_load_balancers() -> None:
    result = defaults(compute="auto-mode")
    found = objects(result)
    assert found["shop-ingress-class-params"] == {
        "apiVersion": "eks.amazonaws.com/v1",
        "kind": "IngressClassParams",
        "metadata": {"name": "alb"},
        "spec": {"scheme": "internal"},
    }
    assert found["shop-ingress-class"] == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {
            "name": "alb",
            "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"},
        },
        "spec": {
            "controller": "eks.amazonaws.com/alb",
            "parameters": {
                "apiGroup": "eks.amazonaws.com",
                "kind": "IngressClassParams",
                "name": "alb",
            },
        },
    }
    assert result.the("IngressClass").depends_on == {"shop-ingress-class-params"}


def test_the_load_balancer_controller_comes_out_of_ecr_chart_and_image() -> None:
    result = defaults(load_balancer_controller=CONTROLLER)
    assert result.the("Release").inputs == {
        "chart": f"oci://{REGISTRY}/charts/aws-load-balancer-controller",
        "version": "3.5.0",
        "name": "aws-load-balancer-controller",
        "namespace": "kube-system",
        "createNamespace": True,
        "atomic": True,
        "compat": "true",
        "values": {
            "clusterName": "shop",
            "region": "eu-west-1",
            "vpcId": "vpc-1",
            "image": {
                "repository": f"{REGISTRY}/ecr-public/eks/aws-load-balancer-controller",
                "tag": "v3.5.0",
            },
            "replicaCount": 2,
            "serviceAccount": {"create": True, "name": "aws-load-balancer-controller"},
            "ingressClass": "alb",
            "ingressClassConfig": {"default": True},
            "ingressClassParams": {"create": True, "spec": {"scheme": "internal"}},
            "defaultTargetType": "ip",
            "defaultLoadBalancerScheme": "internal",
            "enableShield": False,
            "enableWaf": False,
            "enableWafv2": False,
            "enableServiceMutatorWebhook": False,
            "podDisruptionBudget": {"maxUnavailable": 1},
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {
                        "matchLabels": {"app.kubernetes.io/name": "aws-load-balancer-controller"}
                    },
                }
            ],
        },
    }


def test_karpenter_is_installed_before_its_node_pools_and_after_the_webhooks() -> None:
    chart = {"chart": f"oci://{REGISTRY}/karpenter", "version": "1.9.0", "namespace": "karpenter"}
    result = defaults(
        **KARPENTER,
        load_balancer_controller=CONTROLLER,
        charts={"karpenter": {**chart, "values": Later('{"replicas": 2}')}},
    )
    release = result.the("Release", "shop-karpenter")
    assert release.inputs == {
        "chart": f"oci://{REGISTRY}/karpenter",
        "version": "1.9.0",
        "name": "karpenter",
        "namespace": "karpenter",
        "createNamespace": True,
        "atomic": True,
        "compat": "true",
        "values": {"replicas": 2},
    }
    assert release.depends_on == {"shop-load-balancer-controller"}
    assert "shop-karpenter" in result.the("EC2NodeClass").depends_on


def test_a_chart_may_be_a_file() -> None:
    result = defaults(charts={"velero": {"chart": "charts/velero.tgz", "namespace": "velero"}})
    inputs = result.the("Release").inputs
    assert (inputs["chart"], inputs["values"]) == ("charts/velero.tgz", {})
    assert "version" not in inputs


# Whatever is known.


def test_the_same_objects_are_there_before_anything_is_known() -> None:
    later = {
        **API,
        **{
            key: Later(API[key])
            for key in (
                "cluster_name",
                "cluster_arn",
                "cluster_endpoint",
                "certificate_authority",
            )
        },
    }
    given = {
        **AUTO_MODE,
        "node_class": {
            **AUTO_MODE["node_class"],
            "node_role_arn": Later("arn:aws:iam::123456789012:role/nodes"),
            "subnet_ids": Later({"app/euw1-az1": "subnet-1"}),
        },
    }
    previewed = defaults(preview=True, api=later, **given)
    assert previewed.shape() == defaults(api=later, **given).shape()
    assert previewed.the("NodeClass").inputs["spec"]["role"] == "nodes"


def test_a_group_without_subnets_is_named_once_they_are_known() -> None:
    given = {**AUTO_MODE, "node_class": {**AUTO_MODE["node_class"], "group": "data"}}
    with pytest.raises(pulumi.RunError, match="'data'"):
        defaults(**given)


# What is refused.


def test_a_private_api_is_out_of_reach_unless_the_program_runs_inside() -> None:
    outside = {key: value for key, value in API.items() if key != "inside"}
    sentence = (
        "api.public is False, the API of the cluster is reached from its network alone, and this"
        " program does not say that it runs there; run it in a stack inside the network with"
        " api.inside True, as examples/eks-inside does"
    )
    assert refused(api=outside) == sentence
    assert refused(api={**API, "inside": False}) == sentence
    assert defaults(api={**outside, "public": True}).counts()["StorageClass"] == 1


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"compute": "fargate"},
            "compute is 'fargate', it must be one of 'auto-mode', 'karpenter' or 'node-groups'",
        ),
        ({"api": {"public": True}}, "is missing"),
        ({"api": {**API, "private": True}}, "api has no argument 'private'"),
        ({"storage": {"type": "gp2"}}, "storage has no argument 'type'"),
        (
            {"storage": {"iops": 100}},
            "storage.iops is 100, it must be a whole number from 3000 to 80000",
        ),
        (
            {"storage": {"name": "Fast"}},
            "storage.name is 'Fast', it must be lower-case letters, digits, hyphens and dots",
        ),
        (
            {"ingress": {"scheme": "internal"}},
            (
                "ingress is given, compute 'node-groups' has no load balancers without"
                " load_balancer_controller"
            ),
        ),
        (
            {"compute": "auto-mode", "ingress": {"scheme": "public"}},
            "ingress.scheme is 'public', it must be one of 'internal' or 'internet-facing'",
        ),
        (
            {"compute": "auto-mode", "load_balancer_controller": CONTROLLER},
            "load_balancer_controller is given, Auto Mode has one built in: leave it out",
        ),
        (
            {
                "load_balancer_controller": {
                    **CONTROLLER,
                    "chart": "https://aws.github.io/eks-charts",
                }
            },
            (
                "load_balancer_controller.chart is 'https://aws.github.io/eks-charts', which is out"
                " of a private network's reach; copy it into ECR with helm pull and helm push, and"
                " name it as 'oci://<account>.dkr.ecr.<region>.amazonaws.com/<repository>'"
            ),
        ),
        (
            {"charts": {"velero": {"chart": "oci://public.ecr.aws/x", "namespace": "v"}}},
            "charts.velero.chart is 'oci://public.ecr.aws/x', which is out of a private",
        ),
        (
            {
                "charts": {
                    "velero": {"chart": f"oci://{REGISTRY}/x", "version": ">=1", "namespace": "v"}
                }
            },
            "charts.velero.version is '>=1', it must be one version, such as '1.2.3'",
        ),
        (
            {"charts": {"velero": {"chart": "./x.tgz", "version": "1.2.3", "namespace": "v"}}},
            "charts.velero.version is given, the chart './x.tgz' is a file and has one",
        ),
        (
            {
                "load_balancer_controller": {
                    **CONTROLLER,
                    "image": "public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0",
                }
            },
            (
                "load_balancer_controller.image is"
                " 'public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0', which no VPC endpoint"
                " serves; read it through an ECR pull-through cache as"
                " '<account>.dkr.ecr.<region>.amazonaws.com/ecr-public/eks/"
                "aws-load-balancer-controller:v3.5.0', or copy it into ECR"
            ),
        ),
        (
            {"node_pools": {"general": {}}},
            (
                "node_pools is given, compute 'node-groups' has none: it is for 'auto-mode' and"
                " 'karpenter'"
            ),
        ),
        (
            {"compute": "auto-mode", "node_pools": {"general": {}}},
            "node_class is not given, node_pools and node_class go together",
        ),
        (
            {**KARPENTER, "node_class": {**KARPENTER["node_class"], "ami_alias": "al2023@latest"}},
            (
                "node_class.ami_alias is 'al2023@latest', it must name one version of a family,"
                " such as 'bottlerocket@v1.50.0' or 'al2023@v20261101', so that nodes change when"
                " you say so"
            ),
        ),
        (
            {**AUTO_MODE, "node_class": KARPENTER["node_class"]},
            "node_class.ami_alias is given, compute 'auto-mode' does not take it",
        ),
        (
            {
                **KARPENTER,
                "node_class": {
                    key: one
                    for key, one in KARPENTER["node_class"].items()
                    if key != "instance_profile"
                },
            },
            (
                "node_class.instance_profile is not given, it must be an instance profile: to make"
                " one, Karpenter would call IAM, which may have no endpoint here"
            ),
        ),
        (
            {**AUTO_MODE, "node_class": {**AUTO_MODE["node_class"], "security_group_ids": []}},
            "node_class.security_group_ids is empty, it must name the cluster's security group",
        ),
        (
            {**AUTO_MODE, "node_pools": {"general": {"expire_after_hours": 505}}},
            (
                "node_pools.general.expire_after_hours is 505, it must be a whole number from 1 to"
                " 504"
            ),
        ),
        (
            {**AUTO_MODE, "node_pools": {"general": {"architectures": ["x86"]}}},
            "node_pools.general.architectures is 'x86', it must be one of 'amd64' or 'arm64'",
        ),
        (
            {**AUTO_MODE, "node_pools": {"general": {"architectures": []}}},
            "node_pools.general.architectures is empty, leave it out for ['amd64']",
        ),
        (
            {**AUTO_MODE, "node_pools": {"general": {"zone": []}}},
            "node_pools.general has no argument 'zone', did you mean 'zones'?",
        ),
    ],
)
def test_what_is_of_no_use_is_refused_with_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert sentence in refused(**given)


def test_a_setting_that_is_missing_is_named() -> None:
    args = args_of()
    assert "compute" in args
    assert refused(load_balancer_controller={"chart": CONTROLLER["chart"]}) == (
        "'image' and 'vpc_id' is missing"
    )


def test_a_provider_that_is_given_is_used_and_none_is_made() -> None:
    def program() -> None:
        given = cluster_provider("given", cast("ClusterApiArgs", API))
        made = ClusterDefaults("shop", args_of(), pulumi.ResourceOptions(providers=[given]))
        assert made.provider is given

    result = run(program, preview=False)
    given = result.the("pulumi:providers:kubernetes", "given")
    assert result.counts()["kubernetes"] == 1
    assert result.the("StorageClass").request.provider.startswith(given.urn)


def test_a_provider_of_an_api_out_of_reach_is_refused_too() -> None:
    outside = cast("ClusterApiArgs", {**API, "inside": False})
    assert refusal(lambda: cluster_provider("given", outside)).startswith(
        "cluster_provider 'given': api.public is False, the API of the cluster is reached"
    )
