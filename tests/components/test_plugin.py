"""The components as a plugin: started, asked and made to construct over gRPC, as the engine does.

The engine's side is played here: it grants whatever is registered, so nothing is proved of AWS.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

from tests.components.write_schema import schema

PLUGIN = Path(__file__).parents[2] / "components"

STACK = "urn:pulumi:dev::app::pulumi:pulumi:Stack::app-dev"


class Engine(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Grants what is registered and remembers it."""

    def __init__(self) -> None:
        self.registered: dict[str, resource_pb2.RegisterResourceRequest] = {}
        self.invoked: list[resource_pb2.ResourceInvokeRequest] = []
        self.preview = False

    def GetDeploymentInfo(  # noqa: N802 - the name of the RPC
        self, _request: empty_pb2.Empty, _: grpc.ServicerContext
    ) -> resource_pb2.DeploymentInfo:
        return resource_pb2.DeploymentInfo(
            supportedFeatures=resource_pb2.ResourceMonitorFeature.values()
        )

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest, _: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        urn = f"urn:pulumi:dev::app::{request.type}::{request.name}"
        assert urn not in self.registered
        self.registered[urn] = request
        granted = resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        if request.custom and not self.preview:
            granted.id = f"{request.name}-id"
            granted.object.update(
                {
                    "arn": "arn:aws:ec2:eu-west-1:123456789012:it/is",
                    "name": "it",
                    "url": "https://it",
                    "latestVersion": 1,
                }
            )
        return granted

    def RegisterResourceOutputs(  # noqa: N802
        self, _request: resource_pb2.RegisterResourceOutputsRequest, _: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest, _: grpc.ServicerContext
    ) -> resource_pb2.ResourceInvokeResponse:
        self.invoked.append(request)
        answer = resource_pb2.ResourceInvokeResponse()
        getattr(answer, "return").update(
            {
                "zoneIds": ["euw1-az3", "euw1-az1", "euw1-az2"],
                "accountId": "123456789012",
            }
        )
        return answer

    def Log(self, _request: object, _: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        return empty_pb2.Empty()

    def inputs(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (one.type.rpartition(":")[2], one.name): json_format.MessageToDict(one.object)
            for one in self.registered.values()
        }


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    played = Engine()
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(played, server)
    engine_pb2_grpc.add_EngineServicer_to_server(played, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield played, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def plugin(engine: tuple[Engine, str]) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The plugin's process, started by its folder from somewhere else, as the engine does."""
    with subprocess.Popen(
        [sys.executable, str(PLUGIN), engine[1]], cwd="/", stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.terminate()


def construct(
    plugin: provider_pb2_grpc.ResourceProviderStub,
    monitor: str,
    inputs: dict[str, Any],
    *,
    preview: bool = False,
    component: str = "Network",
    name: str = "net",
) -> provider_pb2.ConstructResponse:
    wire = struct_pb2.Struct()
    wire.update(inputs)
    response: provider_pb2.ConstructResponse = plugin.Construct(
        provider_pb2.ConstructRequest(
            project="app",
            stack="dev",
            dryRun=preview,
            parallel=1,
            monitorEndpoint=monitor,
            type=f"privatelane:index:{component}",
            name=name,
            parent=STACK,
            inputs=wire,
        )
    )
    return response


#: As they come over the wire: every number a float, every key in camel case.
NETWORK: dict[str, Any] = {
    "cidrBlock": "10.0.0.0/16",
    "zones": ["use1-az1", "use1-az5"],
    "zoneSlots": 8.0,
    "zoneSlotOverrides": {"use1-az5": 1.0},
    "groups": {
        "app": {"kind": "isolated", "prefixLength": 24.0},
        "data": {"kind": "isolated", "slot": 2.0, "share": 2.0},
    },
    "flowLogs": {"destination": "cloudwatch", "retentionDays": 30.0},
}


def test_the_plugin_answers_with_its_schema_and_version(
    plugin: provider_pb2_grpc.ResourceProviderStub,
) -> None:
    assert plugin.GetPluginInfo(empty_pb2.Empty()).version == "0.1.0"
    answer = plugin.GetSchema(provider_pb2.GetSchemaRequest())
    assert json.loads(answer.schema) == schema()


def test_a_network_is_constructed_from_values_of_the_wire(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str]
) -> None:
    played, monitor = engine
    response = construct(plugin, monitor, NETWORK)
    inputs = played.inputs()
    assert {name: one["cidrBlock"] for (kind, name), one in inputs.items() if kind == "Subnet"} == {
        "net-app-use1-az1": "10.0.128.0/24",
        "net-app-use1-az5": "10.0.129.0/24",
        "net-data-use1-az1": "10.0.64.0/21",
        "net-data-use1-az5": "10.0.72.0/21",
    }
    assert inputs["LogGroup", "net-flow-logs"]["retentionInDays"] == 30
    parents = {one.parent for one in played.registered.values() if one.custom}
    assert parents == {response.urn}
    assert played.registered[response.urn].parent == STACK
    state = json_format.MessageToDict(response.state)
    assert {key for key, value in state.items() if value is not None} == {
        *("vpcId", "cidrBlocks", "zoneIds", "groupKinds", "egress", "networkAclIds"),
        *(
            "subnetIds",
            "subnetCidrs",
            "subnetIpv6Cidrs",
            "routeTableIds",
            "natGatewayIds",
            "natPublicIps",
        ),
        *("vpcArn", "flowLogDestination", "flowLogGroup"),
    }


def test_a_preview_registers_the_same_resources(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str]
) -> None:
    played, monitor = engine
    construct(plugin, monitor, NETWORK)
    known = set(played.inputs())
    played.registered.clear()
    played.preview = True
    construct(plugin, monitor, NETWORK, preview=True)
    assert set(played.inputs()) == known


def test_zones_by_count_are_asked_of_the_engine(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str]
) -> None:
    played, monitor = engine
    by_count = {key: NETWORK[key] for key in ("cidrBlock", "flowLogs")}
    groups = {"app": {"kind": "isolated"}}
    construct(plugin, monitor, {**by_count, "zoneCount": 2.0, "groups": groups})
    assert [one.tok for one in played.invoked] == [
        "aws:index/getAvailabilityZones:getAvailabilityZones"
    ]
    assert {name for kind, name in played.inputs() if kind == "Subnet"} == {
        "net-app-euw1-az1",
        "net-app-euw1-az2",
    }


def test_bad_input_is_one_sentence_without_a_traceback(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str]
) -> None:
    played, monitor = engine
    with pytest.raises(grpc.RpcError) as caught:
        construct(plugin, monitor, {**NETWORK, "cidrBlock": "10.0.0.0/8"})
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == (
        "Network 'net': cidr_block is '10.0.0.0/8', it must be a range from /16 to /28."
    )
    assert played.registered == {}


#: Where nodes run, and the cluster that they join.
PLACE: dict[str, Any] = {
    "clusterName": "main",
    "group": "app",
    "subnetIds": {"app/euw1-az1": "subnet-1", "app/euw1-az2": "subnet-2"},
    "egress": {"app": "none"},
    "privateServices": {"app": "autoscaling,ec2,ecr.api,ecr.dkr,eks,eks-auth,logs,s3,sqs,ssm,sts"},
    "region": "eu-west-1",
}
FACTS = {
    "clusterEndpoint": "https://main",
    "certificateAuthority": "QQ==",
    "serviceCidr": "172.20.0.0/16",
}
CONTROLLED = {key: PLACE[key] for key in ("clusterName", "egress", "privateServices", "region")}
CLUSTER_ARN = "arn:aws:eks:eu-west-1:123456789012:cluster/main"

#: Component → its arguments as they come over the wire, and how many resources are made of them.
NODES: dict[str, tuple[dict[str, Any], int]] = {
    "NodeGroup": (
        {
            **PLACE,
            **FACTS,
            "amiId": "ami-1",
            "instanceTypes": ["m7g.large"],
            "minSize": 1.0,
            "desiredSize": 2.0,
            "maxSize": 3.0,
            "maxUnavailablePercentage": 33.0,
            "diskSizeGib": 80.0,
            "diskThroughputMibps": 250.0,
            "metadataHopLimit": 1.0,
            "maxPods": 110.0,
            "labels": {"example.com/team": "a"},
            "taints": [{"key": "dedicated", "value": "a", "effect": "NO_SCHEDULE"}],
        },
        5,
    ),
    "SelfManagedNodeGroup": (
        {
            **PLACE,
            **FACTS,
            "clusterSecurityGroupId": "sg-1",
            "kubernetesVersion": "1.34",
            "releaseVersion": "1.34.1-20251112",
            "instanceTypes": ["m7i.large", "m7a.large"],
            "capacityType": "SPOT",
            "onDemandBase": 1.0,
            "minHealthyPercentage": 80.0,
            "instanceWarmup": 60.0,
            "taints": [{"key": "dedicated", "effect": "NO_EXECUTE"}],
        },
        7,
    ),
    "FargateProfile": (
        {
            **PLACE,
            "selectors": [{"namespace": "jobs", "labels": {"tier": "batch"}}],
            "logRetentionDays": 7.0,
        },
        5,
    ),
    "KarpenterPrerequisites": (
        {**CONTROLLED, "clusterArn": CLUSTER_ARN, "groups": ["app"]},
        20,
    ),
    "ClusterAutoscalerPrerequisites": (
        {**CONTROLLED, "clusterArn": CLUSTER_ARN, "group": "app"},
        3,
    ),
}

#: How the engine sends text that it does not know yet.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.mark.parametrize("component", NODES)
def test_compute_of_a_cluster_is_constructed_from_values_of_the_wire(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str], component: str
) -> None:
    played, monitor = engine
    inputs, count = NODES[component]
    response = construct(plugin, monitor, inputs, component=component, name="web")
    own = [one for one in played.registered.values() if one.custom]
    assert len(own) == count
    assert {one.parent for one in own} == {response.urn}


def test_numbers_of_the_wire_stay_whole_in_user_data(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str]
) -> None:
    played, monitor = engine
    construct(plugin, monitor, NODES["NodeGroup"][0], component="NodeGroup", name="web")
    user_data = played.inputs()["LaunchTemplate", "web-template"]["userData"]
    assert '"maxPods": 110,' in base64.b64decode(user_data).decode()


@pytest.mark.parametrize("component", NODES)
def test_compute_of_a_cluster_that_is_yet_to_be_created_has_the_same_parts(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str], component: str
) -> None:
    played, monitor = engine
    inputs, _ = NODES[component]
    construct(plugin, monitor, inputs, component=component, name="web")
    known = set(played.inputs())
    played.registered.clear()
    played.preview = True
    later = {
        key: UNKNOWN
        if key in {"clusterName", "clusterArn", "clusterEndpoint", "certificateAuthority"}
        else dict.fromkeys(value, UNKNOWN)
        if key == "subnetIds"
        else value
        for key, value in inputs.items()
    }
    construct(plugin, monitor, later, component=component, name="web", preview=True)
    assert set(played.inputs()) == known


#: A cluster and an add-on as they come over the wire.
CLUSTER: dict[str, Any] = {
    "clusterName": "main",
    "kubernetesVersion": "1.35",
    **{key: PLACE[key] for key in ("group", "subnetIds", "egress", "privateServices", "region")},
    "vpcCidrBlocks": ["10.0.0.0/16"],
    "logRetentionDays": 30.0,
    "irsa": True,
    "access": {
        "admins": {
            "principalArn": "arn:aws:iam::123456789012:role/admin",
            "policies": {"AmazonEKSClusterAdminPolicy": [], "AmazonEKSViewPolicy": ["shop"]},
            "kubernetesGroups": ["admins"],
        }
    },
    "apiClients": {"ci": {"cidr": "10.9.0.0/16", "port": 443.0}},
    "vpcCni": {"prefixDelegation": True, "environment": {"WARM_PREFIX_TARGET": "1"}},
    "addonVersions": {"kube-proxy": "v1.35.3-eksbuild.13"},
}
DRIVER: dict[str, Any] = {
    "clusterName": "main",
    "kubernetesVersion": "1.35",
    "addon": "aws-ebs-csi-driver",
    "kmsKeyArns": ["arn:aws:kms:eu-west-1:123456789012:key/1"],
    "policyArns": {"extra": "arn:aws:iam::aws:policy/extra"},
    "groups": ["app"],
    **{key: PLACE[key] for key in ("egress", "privateServices", "region")},
}


def test_a_cluster_is_constructed_from_values_of_the_wire(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str]
) -> None:
    played, monitor = engine
    response = construct(plugin, monitor, CLUSTER, component="EksCluster", name="eks")
    inputs = played.inputs()
    assert {one.parent for one in played.registered.values() if one.custom} == {response.urn}
    assert inputs["LogGroup", "eks-logs"]["retentionInDays"] == 30
    assert inputs["AccessEntry", "eks-admins"]["kubernetesGroups"] == ["admins"]
    assert inputs["AccessPolicyAssociation", "eks-admins-AmazonEKSViewPolicy"]["accessScope"] == {
        "type": "namespace",
        "namespaces": ["shop"],
    }
    assert inputs["SecurityGroupIngressRule", "eks-api-from-ci"]["fromPort"] == 443
    values = json.loads(inputs["Addon", "eks-vpc-cni"]["configurationValues"])
    assert values["env"]["WARM_PREFIX_TARGET"] == "1"
    assert values["env"]["ENABLE_PREFIX_DELEGATION"] == "true"
    assert inputs["Addon", "eks-kube-proxy"]["addonVersion"] == "v1.35.3-eksbuild.13"


def test_an_addon_is_constructed_from_values_of_the_wire(
    plugin: provider_pb2_grpc.ResourceProviderStub, engine: tuple[Engine, str]
) -> None:
    played, monitor = engine
    response = construct(plugin, monitor, DRIVER, component="ClusterAddon", name="ebs")
    own = {key for key, one in played.registered.items() if one.custom}
    assert len(own) == 5
    assert {one.parent for one in played.registered.values() if one.custom} == {response.urn}


@pytest.mark.parametrize(
    ("component", "given"), [("EksCluster", CLUSTER), ("ClusterAddon", DRIVER)]
)
def test_a_cluster_whose_ids_are_not_known_yet_has_the_same_parts(
    plugin: provider_pb2_grpc.ResourceProviderStub,
    engine: tuple[Engine, str],
    component: str,
    given: dict[str, Any],
) -> None:
    played, monitor = engine
    construct(plugin, monitor, given, component=component, name="eks")
    known = set(played.inputs())
    played.registered.clear()
    played.preview = True
    later = {**given, "egress": UNKNOWN, "privateServices": UNKNOWN}
    if "subnetIds" in given:
        later |= {"subnetIds": dict.fromkeys(given["subnetIds"], UNKNOWN), "vpcCidrBlocks": UNKNOWN}
    construct(plugin, monitor, later, component=component, name="eks", preview=True)
    assert set(played.inputs()) == known
