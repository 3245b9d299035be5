"""EKS as the simulated AWS has it: what it refuses, what it waits for, what replaces what."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.engine.provider_client import Made, ProviderClient, RefusedError

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
FARGATE = "aws:eks/fargateProfile:FargateProfile"
ADDON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SUBNET = "aws:ec2/subnet:Subnet"
API = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
AUTO = {
    "computeConfig": {"enabled": True},
    "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}},
    "storageConfig": {"blockStorage": {"enabled": True}},
}
QUEUE_POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}]}'
CNI = "v1.23.1-eksbuild.1"

_accounts = itertools.count(910_000_000_001)
_names = itertools.count(1)


class World:
    """One account with a VPC, two subnets in two zones, and a role."""

    def __init__(self, endpoint: str) -> None:
        self.account = str(next(_accounts))
        self.provider = ProviderClient(endpoint, self.account)
        access: dict[str, Any] = {
            "region_name": "us-east-1",
            "endpoint_url": endpoint,
            "aws_access_key_id": f"SIM{self.account}",
            "aws_secret_access_key": "none",
        }
        self.ec2: Any = boto3.client("ec2", **access)
        self.eks: Any = boto3.client("eks", **access)
        create = self.provider.create
        self.vpc = create("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16")
        self.subnets = [self.subnet(number, zone) for number, zone in enumerate("ab")]
        self.role = create("aws:iam/role:Role", name="role", assumeRolePolicy="{}").state["arn"]

    def subnet(self, number: int, zone: str) -> str:
        return self.provider.create(
            SUBNET,
            vpcId=self.vpc.id,
            cidrBlock=f"10.0.{number}.0/24",
            availabilityZone=f"us-east-1{zone}",
        ).id

    def cluster(self, **inputs: Any) -> Made:
        return self.provider.create(CLUSTER, **self.cluster_inputs(**inputs))

    def cluster_inputs(self, **inputs: Any) -> dict[str, Any]:
        return {
            "name": f"main-{next(_names)}",
            "roleArn": self.role,
            "version": "1.34",
            "vpcConfig": {"subnetIds": self.subnets, "endpointPrivateAccess": True},
            "accessConfig": API,
            "bootstrapSelfManagedAddons": False,
            **inputs,
        }

    def node_inputs(self, cluster: Made, **inputs: Any) -> dict[str, Any]:
        return {
            "clusterName": cluster.id,
            "nodeRoleArn": self.role,
            "subnetIds": self.subnets,
            "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 2},
            **inputs,
        }

    def nodes(self, cluster: Made, **inputs: Any) -> Made:
        return self.provider.create(NODES, "nodes", **self.node_inputs(cluster, **inputs))

    def addon(self, cluster: Made, name: str, version: str = CNI, **inputs: Any) -> Made:
        wanted = {"addonName": name, "addonVersion": version, "clusterName": cluster.id}
        return self.provider.create(ADDON, name, **wanted, **inputs)

    def interfaces(self) -> list[str]:
        found = self.ec2.describe_network_interfaces()["NetworkInterfaces"]
        return sorted(one["Description"] for one in found)


@pytest.fixture(scope="module")
def world(account_endpoint: str) -> Iterator[World]:
    made = World(account_endpoint)
    yield made
    made.provider.close()


# Clusters.


@pytest.mark.parametrize(
    ("inputs", "refusal"),
    [
        ({"version": "1.17"}, "unsupported Kubernetes version 1.17"),
        ({"roleArn": "arn:aws:iam::1:role/none"}, "could not be assumed"),
        ({"computeConfig": {"enabled": True}}, "either fully enabled or fully disabled"),
        (
            {**AUTO, "computeConfig": {"enabled": True, "nodePools": ["system"]}},
            "nodePool value",
        ),
        (
            {"accessConfig": {**API, "authenticationMode": "CONFIG_MAP"}},
            "bootstrapClusterCreatorAdminPermissions must be true",
        ),
    ],
)
def test_a_cluster_that_aws_does_not_make_is_refused(
    world: World, inputs: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(RefusedError, match=refusal):
        world.cluster(**inputs)


def test_a_cluster_needs_two_zones_that_eks_accepts(world: World) -> None:
    with pytest.raises(RefusedError, match="at least two different AZs"):
        world.cluster(vpcConfig={"subnetIds": world.subnets[:1]})
    zones = world.ec2.describe_availability_zones()["AvailabilityZones"]
    (refused,) = (zone["ZoneName"] for zone in zones if zone["ZoneId"] == "use1-az3")
    third = world.subnet(30, refused[-1])
    with pytest.raises(RefusedError, match="sufficient capacity"):
        world.cluster(vpcConfig={"subnetIds": [*world.subnets, third]})


def test_a_clusters_version_goes_up_one_by_one_and_never_down(world: World) -> None:
    made = world.cluster()
    with pytest.raises(RefusedError, match=r"minor version update from 1\.34 to 1\.36"):
        world.provider.update(made, **{**made.inputs, "version": "1.36"})
    newer = world.provider.update(made, **{**made.inputs, "version": "1.35"})
    assert newer.state["version"] == "1.35"
    with pytest.raises(RefusedError, match=r"minor version update from 1\.35 to 1\.34"):
        world.provider.update(newer, **{**made.inputs, "version": "1.34"})


def test_what_a_cluster_holds_keeps_it_and_it_keeps_its_subnets(world: World) -> None:
    subnets = [world.subnet(40, "a"), world.subnet(41, "b")]
    made = world.cluster(vpcConfig={"subnetIds": subnets}, deletionProtection=True)
    world.addon(made, "vpc-cni")
    group = made.state["vpcConfig"]["clusterSecurityGroupId"]
    nodes = world.nodes(made, subnetIds=subnets)

    with pytest.raises(RefusedError, match="deletion protection"):
        world.provider.delete(made)
    made = world.provider.update(made, **{**made.inputs, "deletionProtection": False})
    with pytest.raises(RefusedError, match="has nodegroups attached"):
        world.provider.delete(made)
    world.provider.delete(nodes)
    subnet = Made(SUBNET, subnets[0], {}, {"id": subnets[0]})
    with pytest.raises(RefusedError, match="has dependencies and cannot be deleted"):
        world.provider.delete(subnet)
    world.provider.delete(made)
    world.provider.delete(subnet)

    groups = world.ec2.describe_security_groups()["SecurityGroups"]
    assert group not in [one["GroupId"] for one in groups]
    assert f"Amazon EKS {made.id}" not in world.interfaces()


def test_a_cluster_stays_in_its_zones_and_reachable(world: World) -> None:
    made = world.cluster()
    for network, refusal in (
        ({"endpointPrivateAccess": False, "endpointPublicAccess": False}, "cannot be false"),
        (
            {"subnetIds": [world.subnets[0], world.subnet(50, "d")]},
            "different AZs than the cluster was created with",
        ),
    ):
        wanted = {**made.inputs["vpcConfig"], **network}
        with pytest.raises(RefusedError, match=refusal):
            world.provider.update(made, **{**made.inputs, "vpcConfig": wanted})


def test_settings_change_in_place_and_are_read_back(world: World) -> None:
    made = world.cluster(tags={"a": "1"})
    wanted = {
        **made.inputs,
        "upgradePolicy": {"supportType": "STANDARD"},
        "zonalShiftConfig": {"enabled": True},
        "enabledClusterLogTypes": ["audit", "api"],
        "encryptionConfig": {"provider": {"keyArn": "arn:key"}, "resources": ["secrets"]},
        "tags": {"b": "2"},
    }
    assert list(world.provider.diff(made, **wanted).replaces) == []
    newer = world.provider.update(made, **wanted)
    for name in ("upgradePolicy", "zonalShiftConfig", "encryptionConfig", "tags"):
        assert newer.state[name] == wanted[name]
    assert newer.state["enabledClusterLogTypes"] == ["audit", "api"]
    read = world.provider.read(newer)
    assert read is not None
    assert read.inputs == newer.inputs


# What replaces what.


@pytest.mark.parametrize(
    ("before", "after", "replaces"),
    [
        ({}, {"version": "1.35"}, []),
        ({}, {"roleArn": "arn:aws:iam::1:role/x"}, ["roleArn"]),
        ({}, {"bootstrapSelfManagedAddons": True}, ["bootstrapSelfManagedAddons"]),
        (
            {},
            {"accessConfig": {**API, "bootstrapClusterCreatorAdminPermissions": True}},
            ["accessConfig"],
        ),
        (
            {"kubernetesNetworkConfig": {"ipFamily": "ipv4"}},
            {"kubernetesNetworkConfig": {"ipFamily": "ipv6"}},
            ["kubernetesNetworkConfig"],
        ),
        ({}, {"encryptionConfig": {"provider": {"keyArn": "a"}, "resources": ["secrets"]}}, []),
        (
            {"encryptionConfig": {"provider": {"keyArn": "a"}, "resources": ["secrets"]}},
            {"encryptionConfig": None},
            ["encryptionConfig"],
        ),
    ],
)
def test_what_replaces_a_cluster(
    world: World, before: dict[str, Any], after: dict[str, Any], replaces: list[str]
) -> None:
    inputs = world.cluster_inputs(**before)
    made = Made(CLUSTER, "main", world.provider.check(CLUSTER, **inputs)[0], {})

    found = world.provider.diff(made, **{**inputs, **after})

    assert list(found.replaces) == replaces
    assert list(found.diffs) == list(after)


@pytest.mark.parametrize(
    ("role", "replaces"), [(None, []), ("arn:aws:iam::1:role/old", ["computeConfig"])]
)
def test_the_role_of_auto_modes_nodes_can_be_given_once(
    world: World, role: str | None, replaces: list[str]
) -> None:
    compute = {"enabled": True, **({"nodePools": ["system"], "nodeRoleArn": role} if role else {})}
    inputs = world.cluster_inputs(**{**AUTO, "computeConfig": compute})
    made = Made(CLUSTER, "main", world.provider.check(CLUSTER, **inputs)[0], {})
    after = {"enabled": True, "nodePools": ["system"], "nodeRoleArn": "arn:aws:iam::1:role/new"}

    found = world.provider.diff(made, **{**inputs, "computeConfig": after})

    assert list(found.replaces) == replaces


@pytest.mark.parametrize(
    ("after", "replaces"),
    [
        ({"scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 2}}, []),
        ({"labels": {"role": "web"}}, []),
        ({"version": "1.35"}, []),
        ({"launchTemplate": {"id": "lt-1", "version": "2"}}, []),
        ({"launchTemplate": {"id": "lt-2", "version": "1"}}, ["launchTemplate"]),
        ({"instanceTypes": ["m7g.large"]}, ["instanceTypes"]),
        ({"amiType": "BOTTLEROCKET_ARM_64"}, ["amiType"]),
        ({"subnetIds": ["subnet-1"]}, ["subnetIds"]),
        ({"nodeRoleArn": "arn:aws:iam::1:role/x"}, ["nodeRoleArn"]),
    ],
)
def test_what_replaces_a_node_group(
    world: World, after: dict[str, Any], replaces: list[str]
) -> None:
    cluster = Made(CLUSTER, "main", {}, {})
    template = {"id": "lt-1", "version": "1"}
    inputs = world.node_inputs(cluster, launchTemplate=template, version="1.34")
    made = Made(NODES, "main:it", world.provider.check(NODES, **inputs)[0], {})

    found = world.provider.diff(made, **{**inputs, **after})

    assert list(found.replaces) == replaces
    # A name of its own that is made up anew lets both stand side by side.
    assert found.deleteBeforeReplace is False


# Nodes.


def test_nodes_join_only_where_something_gives_pods_addresses(world: World) -> None:
    made = world.cluster()
    with pytest.raises(RefusedError, match=r"CREATE_FAILED.*NodeCreationFailure"):
        world.nodes(made)
    other = world.cluster()
    world.addon(other, "vpc-cni")
    assert world.nodes(other).state["status"] == "ACTIVE"
    bootstrapped = world.cluster(bootstrapSelfManagedAddons=True)
    assert world.nodes(bootstrapped).state["version"] == "1.34"


def test_nodes_that_outlive_the_cni_leave_a_network_interface_behind(world: World) -> None:
    for cni_first, left in ((False, 0), (True, 1)):
        made = world.cluster()
        cni, nodes = world.addon(made, "vpc-cni"), world.nodes(made)
        for one in (cni, nodes) if cni_first else (nodes, cni):
            world.provider.delete(one)
        leaked = [one for one in world.interfaces() if one.startswith("aws-K8S-")]
        assert len(leaked) == left


def test_nodes_are_never_ahead_of_their_cluster_and_never_go_back(world: World) -> None:
    made = world.cluster()
    world.addon(made, "vpc-cni")
    with pytest.raises(RefusedError, match=r"version 1\.35 does not fit"):
        world.nodes(made, version="1.35")
    nodes = world.nodes(made, nodeGroupName="old", version="1.33")
    newer = world.provider.update(nodes, **{**nodes.inputs, "version": "1.34"})
    assert newer.state["version"] == "1.34"
    with pytest.raises(RefusedError, match="cannot be lowered"):
        world.provider.update(newer, **nodes.inputs)


def test_a_node_group_changes_in_place_and_is_read_back(world: World) -> None:
    made = world.cluster()
    world.addon(made, "vpc-cni")
    taint = {"key": "gpu", "effect": "NO_SCHEDULE"}
    nodes = world.nodes(made, labels={"a": "1", "b": "2"}, taints=[taint], tags={"x": "1"})
    wanted = {
        **nodes.inputs,
        "scalingConfig": {"minSize": 2, "desiredSize": 2, "maxSize": 4},
        "labels": {"b": "3", "c": "4"},
        "taints": None,
        "updateConfig": {"maxUnavailablePercentage": 33},
        "nodeRepairConfig": {"enabled": True},
        "tags": {"y": "2"},
    }
    newer = world.provider.update(nodes, **wanted)
    read = world.provider.read(newer)
    assert read is not None
    for name in ("scalingConfig", "labels", "updateConfig", "nodeRepairConfig", "tags"):
        assert read.state[name] == wanted[name], name
    assert not read.state.get("taints")
    sizes = {"minSize": 3, "desiredSize": 2, "maxSize": 4}
    with pytest.raises(RefusedError, match="must be between"):
        world.provider.update(newer, **{**wanted, "scalingConfig": sizes})


def test_a_template_gets_a_version_for_each_change_and_nodes_name_one_that_exists(
    world: World,
) -> None:
    made = world.cluster()
    world.addon(made, "vpc-cni")
    device = {"deviceName": "/dev/xvda", "ebs": {"encrypted": "true", "volumeSize": 80}}
    template = world.provider.create(
        TEMPLATE,
        updateDefaultVersion=True,
        blockDeviceMappings=[device],
        metadataOptions={"httpTokens": "required", "httpPutResponseHopLimit": 1},
        tagSpecifications=[{"resourceType": "instance", "tags": {"Name": "node"}}],
    )
    held = {"id": template.id, "version": "1"}
    nodes = world.nodes(made, launchTemplate=held)
    with pytest.raises(RefusedError, match="version 2 does not exist"):
        world.provider.update(nodes, **{**nodes.inputs, "launchTemplate": {**held, "version": "2"}})
    tagged = world.provider.update(template, **{**template.inputs, "tags": {"a": "1"}})
    assert tagged.state["latestVersion"] == 1
    newer = world.provider.update(tagged, **{**tagged.inputs, "ebsOptimized": "true"})
    assert (newer.state["latestVersion"], newer.state["defaultVersion"]) == (2, 2)
    moved = world.provider.update(
        nodes, **{**nodes.inputs, "launchTemplate": {**held, "version": "2"}}
    )
    assert moved.state["launchTemplate"]["version"] == "2"


def test_fargate_wants_private_subnets(world: World) -> None:
    made = world.cluster()
    create = world.provider.create
    public = world.subnet(60, "a")
    gateway = create("aws:ec2/internetGateway:InternetGateway", vpcId=world.vpc.id)
    routes = [{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}]
    table = create("aws:ec2/routeTable:RouteTable", vpcId=world.vpc.id, routes=routes)
    create(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        subnetId=public,
        routeTableId=table.id,
    )
    inputs = {
        "clusterName": made.id,
        "podExecutionRoleArn": world.role,
        "selectors": [{"namespace": "app"}],
    }
    with pytest.raises(RefusedError, match="is not a private subnet"):
        create(FARGATE, **inputs, subnetIds=[public])
    profile = create(FARGATE, **inputs, subnetIds=world.subnets)
    with pytest.raises(RefusedError, match="Fargate profiles attached"):
        world.provider.delete(made)
    world.provider.delete(profile)
    world.provider.delete(made)


# Add-ons.


def test_an_addon_that_nothing_runs_is_waited_for_in_vain(world: World) -> None:
    made = world.cluster()
    world.addon(made, "vpc-cni")
    with pytest.raises(RefusedError, match=r"DEGRADED.*InsufficientNumberOfReplicas"):
        world.addon(made, "coredns")
    other = world.cluster()
    world.addon(other, "vpc-cni")
    world.nodes(other)
    assert world.addon(other, "coredns").state["addonVersion"] == CNI


def test_kube_proxy_is_never_ahead_of_its_cluster(world: World) -> None:
    made = world.cluster()
    for version in ("v1.35.0-eksbuild.1", "v1.30.0-eksbuild.1", "latest"):
        with pytest.raises(RefusedError, match="Addon version specified is not supported"):
            world.addon(made, "kube-proxy", version)
    assert world.addon(made, "kube-proxy", "v1.33.0-eksbuild.1").id == f"{made.id}:kube-proxy"
    with pytest.raises(RefusedError, match="already exists"):
        world.addon(made, "kube-proxy", "v1.34.0-eksbuild.1")


def test_identities_of_an_addon_are_its_own(world: World) -> None:
    made = world.cluster()
    identity = {"roleArn": world.role, "serviceAccount": "aws-node"}
    cni = world.addon(made, "vpc-cni", podIdentityAssociations=[identity])
    assert cni.state["podIdentityAssociations"] == [identity]
    pods = {"clusterName": made.id, "namespace": "kube-system", "roleArn": world.role}
    with pytest.raises(RefusedError, match="Association already exists"):
        world.provider.create(IDENTITY, **pods, serviceAccount="aws-node")
    own = world.provider.create(IDENTITY, **pods, serviceAccount="other", tags={"a": "1"})
    held = world.eks.list_pod_identity_associations(clusterName=made.id)
    assert sorted(one["serviceAccount"] for one in held["associations"]) == ["aws-node", "other"]
    without = {**cni.inputs, "podIdentityAssociations": None}
    assert not world.provider.update(cni, **without).state.get("podIdentityAssociations")
    world.provider.delete(own)
    held = world.eks.list_pod_identity_associations(clusterName=made.id)
    assert held["associations"] == []


# Access.


def test_an_entry_is_written_once_and_eks_writes_those_of_node_roles(world: World) -> None:
    made = world.cluster()
    world.addon(made, "vpc-cni")
    nodes = world.nodes(made)
    with pytest.raises(RefusedError, match="already in use on this cluster"):
        world.provider.create(ENTRY, clusterName=made.id, principalArn=world.role)
    world.provider.delete(nodes)
    entry = world.provider.create(ENTRY, clusterName=made.id, principalArn=world.role)
    scope = {"type": "cluster"}
    admin = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    who = {"clusterName": made.id, "principalArn": world.role}
    policy = world.provider.create(POLICY, **who, policyArn=admin, accessScope=scope)
    read = world.provider.read(policy)
    assert read is not None
    assert read.inputs == policy.inputs
    world.provider.delete(policy)
    assert world.provider.read(policy) is None
    world.provider.delete(entry)
    assert world.provider.read(entry) is None


@pytest.mark.parametrize(
    ("inputs", "refusal"),
    [
        ({"kubernetesGroups": ["system:masters"]}, "must not start with 'system:'"),
        ({"principalArn": "arn:aws:iam::{account}:role/none"}, "invalid principal"),
    ],
)
def test_an_entry_that_aws_does_not_write_is_refused(
    world: World, inputs: dict[str, Any], refusal: str
) -> None:
    made = world.cluster()
    wanted = {"clusterName": made.id, "principalArn": world.role, **inputs}
    wanted["principalArn"] = wanted["principalArn"].format(account=world.account)
    with pytest.raises(RefusedError, match=refusal):
        world.provider.create(ENTRY, **wanted)


# What else components of EKS make.


def test_groups_queues_rules_and_issuers_are_made_changed_and_deleted(world: World) -> None:
    create, update = world.provider.create, world.provider.update
    template = create(TEMPLATE, "plain", imageId="ami-1", instanceType="m7g.large")
    tag = {"key": "kubernetes.io/cluster/main", "value": "owned", "propagateAtLaunch": True}
    made = [
        create(
            "aws:autoscaling/group:Group",
            minSize=0,
            maxSize=1,
            vpcZoneIdentifiers=world.subnets,
            launchTemplate={"id": template.id, "version": "1"},
            tags=[tag],
        ),
        create(
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            url="https://oidc.eks.us-east-1.amazonaws.com/id/1",
            clientIdLists=["sts.amazonaws.com"],
        ),
        create("aws:sqs/queue:Queue", messageRetentionSeconds=300, tags={"a": "1"}),
        create("aws:cloudwatch/eventRule:EventRule", eventPattern='{"source": ["aws.ec2"]}'),
    ]
    queue, rule = made[2], made[3]
    parts = [
        create("aws:cloudwatch/eventTarget:EventTarget", rule=rule.id, arn=queue.state["arn"]),
        create("aws:sqs/queuePolicy:QueuePolicy", queueUrl=queue.id, policy=QUEUE_POLICY),
    ]
    for one in (*made, *parts, template):
        read = world.provider.read(one)
        assert read is not None, one.token
        assert read.inputs == one.inputs, one.token
    longer = update(queue, **{**queue.inputs, "messageRetentionSeconds": 600, "tags": {"b": "2"}})
    assert longer.state["messageRetentionSeconds"] == 600
    assert longer.state["tags"] == {"b": "2"}
    wider = update(made[0], **{**made[0].inputs, "maxSize": 3})
    assert wider.state["maxSize"] == 3
    for one in (*parts, *made, template):
        world.provider.delete(one)
        assert world.provider.read(one) is None, one.token
