"""What `NodeGroup` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from privatelane.nodes.node_group import NodeGroup
from tests.components.ecs import fargate
from tests.components.ecs.fargate import CALLS, Later, resolved
from tests.components.mocks import UNKNOWN, Run, run
from tests.components.nodes import nodes
from tests.components.nodes.nodes import FACTS, decoded, least_template, node_config, subnets
from tests.engine.simaws.traits import traits_of

#: What replaces a node group when it changes, by the simulated provider's account of the real one.
REPLACES = traits_of("aws:eks/nodeGroup:NodeGroup").replaces


def args(**given: Any) -> dict[str, Any]:
    return {
        **subnets(),
        "cluster_name": "main",
        "group": "app",
        "instance_types": ["m7g.large"],
        "region": "eu-west-1",
        **given,
    }


def made(*, preview: bool = False, **given: Any) -> Run:
    return nodes.deployed(NodeGroup, "web", args(**given), preview=preview)


def group(**given: Any) -> dict[str, Any]:
    return made(**given).the("NodeGroup", "web-nodes").inputs


def template(**given: Any) -> dict[str, Any]:
    return made(**given).the("LaunchTemplate").inputs


def refused(**given: Any) -> str:
    return nodes.refused(NodeGroup, "web", args(**given))


def test_the_least_group_is_five_resources() -> None:
    result = made()
    # The component's type ends like the node group's own.
    assert result.counts() == {
        "LaunchTemplate": 1,
        "NodeGroup": 2,
        "Role": 1,
        "RolePolicyAttachment": 2,
    }
    assert result.parents() == {result.the("privatelane:index:NodeGroup").urn}
    assert {one.name for one in result.resources} == {
        *("web", "web-nodes", "web-template", "web-role", "web-role-worker", "web-role-pull")
    }


def test_the_least_group_has_two_nodes_that_are_repaired_and_updated_one_by_one() -> None:
    result = made(tags={"team": "a"})
    nodes_ = result.the("aws:eks/nodeGroup:NodeGroup")
    assert nodes_.inputs == {
        "clusterName": "main",
        "nodeRoleArn": "arn:web-role",
        "subnetIds": ["app-euw1-az1", "app-euw1-az2"],
        "amiType": "AL2023_ARM_64_STANDARD",
        "capacityType": "ON_DEMAND",
        "instanceTypes": ["m7g.large"],
        "launchTemplate": {"id": "web-template-id", "version": "3"},
        "scalingConfig": {"minSize": 2, "desiredSize": 2, "maxSize": 2},
        "updateConfig": {"maxUnavailable": 1, "updateStrategy": "DEFAULT"},
        "nodeRepairConfig": {"enabled": True},
        "forceUpdateVersion": False,
        "tags": {"team": "a", "Name": "web-nodes"},
    }
    assert nodes_.depends_on == {"web-role-worker", "web-role-pull"}
    assert list(nodes_.request.ignoreChanges) == []


def test_instances_have_metadata_by_token_only_and_encrypted_gp3() -> None:
    assert template(tags={"team": "a"}) == least_template("web", team="a")


def test_bottlerocket_has_a_volume_for_the_system_and_one_for_data() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    given = template(
        ami_type="BOTTLEROCKET_ARM_64",
        disk_size_gib=200,
        disk_iops=6000,
        disk_throughput_mibps=500,
        disk_kms_key_arn=key,
    )
    common = {
        "volumeType": "gp3",
        "encrypted": "true",
        "deleteOnTermination": "true",
        "kmsKeyId": key,
    }
    assert given["blockDeviceMappings"] == [
        {"deviceName": "/dev/xvda", "ebs": common},
        {
            "deviceName": "/dev/xvdb",
            "ebs": {**common, "volumeSize": 200, "iops": 6000, "throughput": 500},
        },
    ]


def test_the_role_joins_and_pulls_and_no_more() -> None:
    result = made()
    role = result.the("Role").inputs
    assert json.loads(role.pop("assumeRolePolicy")) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    assert role == {"description": "Nodes of web", "tags": {"Name": "web-role"}}
    assert attached(result) == {
        "web-role-pull": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        "web-role-worker": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    }


def attached(result: Run) -> dict[str, str]:
    found = result.of("RolePolicyAttachment")
    assert {one.inputs["role"] for one in found.values()} <= {"web-role-name"}
    return {name: one.inputs["policyArn"] for name, one in found.items()}


def test_what_the_role_may_beyond_is_asked_for() -> None:
    own = "arn:aws:iam::123456789012:policy/own"
    result = made(
        region="cn-north-1",
        session=True,
        cni_policy="ipv4",
        policy_arns={"own": own},
        permissions_boundary_arn="arn:boundary",
    )
    assert attached(result) == {
        "web-role-cni": "arn:aws-cn:iam::aws:policy/AmazonEKS_CNI_Policy",
        "web-role-policy-own": own,
        "web-role-pull": "arn:aws-cn:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        "web-role-session": "arn:aws-cn:iam::aws:policy/AmazonSSMManagedInstanceCore",
        "web-role-worker": "arn:aws-cn:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    }
    assert result.the("Role").inputs["permissionsBoundary"] == "arn:boundary"
    awaited = result.the("aws:eks/nodeGroup:NodeGroup").depends_on
    assert awaited == attached(result).keys()


def test_the_cni_of_an_ipv6_cluster_has_a_policy_that_aws_does_not_manage() -> None:
    result = made(cni_policy="ipv6")
    assert attached(result).keys() == {"web-role-worker", "web-role-pull"}
    statements = fargate.statements(result, "web-role-cni")
    assert {sid: (one["Action"], one["Resource"]) for sid, one in statements.items()} == {
        "AssignAddresses": (
            [
                "ec2:AssignIpv6Addresses",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeTags",
            ],
            "*",
        ),
        "TagInterfaces": ("ec2:CreateTags", "arn:aws:ec2:*:*:network-interface/*"),
    }


def test_a_role_of_ones_own_comes_alone() -> None:
    result = made(role_arn="arn:aws:iam::123456789012:role/nodes")
    assert result.counts() == {"LaunchTemplate": 1, "NodeGroup": 2}
    assert (
        result.the("aws:eks/nodeGroup:NodeGroup").inputs["nodeRoleArn"]
        == "arn:aws:iam::123456789012:role/nodes"
    )
    assert result.output("privatelane:index:NodeGroup") == {
        "nodeGroupName": "web-nodes-name",
        "nodeGroupArn": "arn:web-nodes",
        "roleArn": "arn:aws:iam::123456789012:role/nodes",
        "launchTemplateId": "web-template-id",
    }


def test_spot_takes_several_types() -> None:
    given = group(instance_types=["m7i.large", "m7a.large"], capacity_type="SPOT")
    assert given["capacityType"] == "SPOT"
    assert given["instanceTypes"] == ["m7i.large", "m7a.large"]
    assert given["amiType"] == "AL2023_x86_64_STANDARD"


@pytest.mark.parametrize(
    ("instance_type", "ami_type"),
    [("g6.xlarge", "AL2023_x86_64_NVIDIA"), ("trn1.2xlarge", "AL2023_x86_64_NEURON")],
)
def test_accelerated_nodes_get_their_drivers(instance_type: str, ami_type: str) -> None:
    assert group(instance_types=[instance_type])["amiType"] == ami_type


def test_a_capacity_block_puts_type_and_reservation_into_the_template() -> None:
    reservation = "cr-02168da1478b509e0"
    result = made(
        instance_types=["p5.48xlarge"],
        capacity_type="CAPACITY_BLOCK",
        capacity_reservation_id=reservation,
        zones=["euw1-az2"],
    )
    given = result.the("aws:eks/nodeGroup:NodeGroup").inputs
    assert given["capacityType"] == "CAPACITY_BLOCK"
    assert "instanceTypes" not in given
    assert given["subnetIds"] == ["app-euw1-az2"]
    launched = result.the("LaunchTemplate").inputs
    assert launched["instanceType"] == "p5.48xlarge"
    assert launched["instanceMarketOptions"] == {"marketType": "capacity-block"}
    assert launched["capacityReservationSpecification"] == {
        "capacityReservationTarget": {"capacityReservationId": reservation}
    }


def test_a_reservation_for_on_demand_leaves_the_market_alone() -> None:
    launched = template(capacity_reservation_id="cr-02168da1478b509e0")
    assert "instanceMarketOptions" not in launched
    assert "instanceType" not in launched
    assert launched["capacityReservationSpecification"] == {
        "capacityReservationTarget": {"capacityReservationId": "cr-02168da1478b509e0"}
    }


def test_labels_and_taints_are_the_groups() -> None:
    given = group(
        labels={"team": "a", "example.com/tier": "web"},
        taints=[
            {"key": "dedicated", "value": "a", "effect": "NO_SCHEDULE"},
            {"key": "slow", "effect": "PREFER_NO_SCHEDULE"},
        ],
    )
    assert given["labels"] == {"example.com/tier": "web", "team": "a"}
    assert given["taints"] == [
        {"key": "dedicated", "value": "a", "effect": "NO_SCHEDULE"},
        {"key": "slow", "effect": "PREFER_NO_SCHEDULE"},
    ]
    assert "userData" not in template(labels={"team": "a"})


def test_an_autoscaler_keeps_the_number_that_it_chose() -> None:
    result = made(min_size=0, desired_size=1, max_size=9, autoscaled=True)
    nodes_ = result.the("aws:eks/nodeGroup:NodeGroup")
    assert nodes_.inputs["scalingConfig"] == {"minSize": 0, "desiredSize": 1, "maxSize": 9}
    assert list(nodes_.request.ignoreChanges) == ["scalingConfig.desiredSize"]


def test_updates_go_as_they_are_asked_to() -> None:
    given = group(
        max_unavailable_percentage=33,
        update_strategy="MINIMAL",
        force_update=True,
        node_repair=False,
        kubernetes_version="1.34",
        release_version="1.34.1-20251112",
    )
    assert given["updateConfig"] == {"maxUnavailablePercentage": 33, "updateStrategy": "MINIMAL"}
    assert given["forceUpdateVersion"] is True
    assert given["nodeRepairConfig"] == {"enabled": False}
    assert (given["version"], given["releaseVersion"]) == ("1.34", "1.34.1-20251112")


def test_prefix_delegation_is_told_by_a_part_that_eks_merges() -> None:
    own = {"labels": {"team": "a"}, "taints": [{"key": "slow", "effect": "NO_EXECUTE"}]}
    al2023 = decoded(template(max_pods=110, **own)["userData"])
    assert node_config(al2023)["spec"] == {"kubelet": {"config": {"maxPods": 110}}}
    bottlerocket = decoded(template(max_pods=110, ami_type="BOTTLEROCKET_ARM_64")["userData"])
    assert tomli.loads(bottlerocket) == {"settings": {"kubernetes": {"max-pods": 110}}}


def test_an_ami_of_ones_own_joins_by_itself() -> None:
    result = made(
        ami_id="ami-1",
        kubernetes_version="1.34",
        labels={"team": "a"},
        taints=[{"key": "dedicated", "value": "a", "effect": "NO_SCHEDULE"}],
        max_pods=110,
        **FACTS,
    )
    given = result.the("aws:eks/nodeGroup:NodeGroup").inputs
    # EKS refuses all three with an AMI that is not its own.
    assert not {"amiType", "version", "releaseVersion"} & given.keys()
    launched = result.the("LaunchTemplate").inputs
    assert launched["imageId"] == "ami-1"
    assert "vpcSecurityGroupIds" not in launched
    assert node_config(decoded(launched["userData"]))["spec"] == {
        "cluster": {
            "name": "main",
            "apiServerEndpoint": FACTS["cluster_endpoint"],
            "certificateAuthority": FACTS["certificate_authority"],
            "cidr": "172.20.0.0/16",
        },
        "kubelet": {
            "config": {
                "maxPods": 110,
                "registerWithTaints": [{"key": "dedicated", "value": "a", "effect": "NoSchedule"}],
            },
            "flags": ["--node-labels=team=a"],
        },
    }


def test_further_security_groups_come_beside_the_clusters() -> None:
    launched = template(security_group_ids=["sg-db"], cluster_security_group_id="sg-cluster")
    assert launched["vpcSecurityGroupIds"] == ["sg-cluster", "sg-db"]


def test_a_template_of_ones_own_comes_instead() -> None:
    result = made(launch_template_id="lt-1", launch_template_version="7")
    assert result.counts() == {"NodeGroup": 2, "Role": 1, "RolePolicyAttachment": 2}
    given = result.the("aws:eks/nodeGroup:NodeGroup").inputs
    assert given["launchTemplate"] == {"id": "lt-1", "version": "7"}
    # Whether it names an AMI is not known here, and EKS refuses a type beside one.
    assert "amiType" not in given
    stated = group(
        launch_template_id="lt-1", launch_template_version="7", ami_type="AL2023_ARM_64_STANDARD"
    )
    assert stated["amiType"] == "AL2023_ARM_64_STANDARD"


def test_hops_are_two_where_pods_must_reach_the_metadata() -> None:
    assert template(metadata_hop_limit=2)["metadataOptions"]["httpPutResponseHopLimit"] == 2


@pytest.mark.parametrize(
    "change",
    [
        {"disk_size_gib": 100},
        {"disk_kms_key_arn": "arn:key"},
        {"max_pods": 110},
        {"metadata_hop_limit": 2},
        {"labels": {"team": "b"}},
        {"taints": [{"key": "a", "effect": "NO_EXECUTE"}]},
        {"min_size": 3},
        {"autoscaled": True, "max_size": 9},
        {"max_unavailable": 2},
        {"node_repair": False},
        {"kubernetes_version": "1.35"},
        {"release_version": "1.34.1-20251112"},
        {"session": True},
        {"policy_arns": {"own": "arn:own"}},
        {"security_group_ids": ["sg-1"], "cluster_security_group_id": "sg-0"},
        {"tags": {"team": "b"}},
    ],
    ids=lambda one: next(iter(one)),
)
def test_what_changes_in_a_group_that_stays(change: dict[str, Any]) -> None:
    """Templates change by a new version of the same one, and the group follows it in place."""
    base: dict[str, Any] = {"kubernetes_version": "1.34"}
    before, after = made(**base), made(**{**base, **change})
    assert before.inputs() != after.inputs()
    old, new = (one.the("aws:eks/nodeGroup:NodeGroup").inputs for one in (before, after))
    assert not changed(old, new) & REPLACES


def changed(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """What differs, and one level inside of it: `launchTemplate`, `launchTemplate.id`."""
    found = {key for key in old | new if old.get(key) != new.get(key)}
    inside = {
        f"{key}.{inner}"
        for key in found
        for one, other in [(old.get(key), new.get(key))]
        if isinstance(one, dict) and isinstance(other, dict)
        for inner in one | other
        if one.get(inner) != other.get(inner)
    }
    return found | inside


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"instance_types": ["m8g.large"]}, "instanceTypes"),
        ({"capacity_type": "SPOT"}, "capacityType"),
        ({"ami_type": "BOTTLEROCKET_ARM_64"}, "amiType"),
        ({"zones": ["euw1-az1"]}, "subnetIds"),
        (
            {
                "launch_template_id": "lt-1",
                "launch_template_version": "1",
                "ami_type": "AL2023_ARM_64_STANDARD",
            },
            "launchTemplate.id",
        ),
    ],
)
def test_what_replaces_a_group(change: dict[str, Any], key: str) -> None:
    """The new one comes up first: its name is Pulumi's to choose, so both can stand."""
    after = group(**change)
    assert changed(group(), after) & REPLACES == {key}
    assert "nodeGroupName" not in after


@settings(max_examples=20)
@given(names=st.lists(st.sampled_from("abcdef"), unique=True, min_size=1), added=st.just("z"))
def test_adding_a_group_moves_nothing(names: list[str], added: str) -> None:
    def program(chosen: list[str]) -> set[tuple[str, str, str]]:
        def start() -> None:
            for name in chosen:
                NodeGroup(name, resolved(args()))

        return run(start, preview=True, calls=CALLS, computed=nodes.computed).shape()

    before, after = program(names), program([added, *names])
    assert before < after
    assert len(after) - len(before) == 6


def test_a_preview_knows_the_shape_and_all_that_does_not_come_from_aws() -> None:
    given: dict[str, Any] = {
        "subnet_ids": {
            "app/euw1-az1": Later("app-euw1-az1"),
            "app/euw1-az2": Later("app-euw1-az2"),
        },
        "labels": {"team": "a"},
        "kubernetes_version": "1.34",
    }
    preview, update = made(preview=True, **given), made(**given)
    assert preview.shape() == update.shape()
    seen = preview.the("aws:eks/nodeGroup:NodeGroup").inputs
    known = update.the("aws:eks/nodeGroup:NodeGroup").inputs
    assert {key for key in known if seen[key] != known[key]} == {"launchTemplate", "nodeRoleArn"}
    assert seen["launchTemplate"] == {"id": UNKNOWN, "version": UNKNOWN}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"group": "web"},
            (
                "group is 'web', whose subnets are public; nothing here gets a public address, so"
                " it must be a group with NAT or endpoints"
            ),
        ),
        (
            {"group": "apps"},
            "group is 'apps', it must be a group of the network: 'app', 'mixed' or 'web'",
        ),
        (
            {"private_services": {"app": "ecr.api,ecr.dkr,s3"}},
            (
                "group 'app' has no endpoint for ec2, sts (need 'eks-node'), and it has no NAT"
                " gateway; give Endpoints the needs eks-node for this group"
            ),
        ),
        (
            {
                "private_services": {"app": "ecr.api,ecr.dkr,s3,ec2,sts"},
                "ami_type": "BOTTLEROCKET_ARM_64",
                "session": True,
                "uses": ["dynamodb"],
            },
            (
                "group 'app' has no endpoint for dynamodb (need 'dynamodb') and eks, ssm (need"
                " 'eks-bottlerocket') and ssm, ssmmessages (need 'session'), and it has no NAT"
                " gateway; give Endpoints the needs dynamodb, eks-bottlerocket, session for this"
                " group"
            ),
        ),
        (
            {"zones": ["euw1-az3"]},
            (
                "zones holds 'euw1-az3', where group 'app' has no subnet; it has 'euw1-az1' and"
                " 'euw1-az2'"
            ),
        ),
        (
            {"zones": ["euw1-az1", "euw1-az1"]},
            "zones names 'euw1-az1' twice, it must name each zone once",
        ),
        (
            {"min_size": 4, "desired_size": 3},
            "min_size is 4, it must be at most desired_size, which is 3",
        ),
        (
            {"desired_size": 4, "max_size": 3},
            "desired_size is 4, it must be at most max_size, which is 3",
        ),
        ({"max_size": 0}, "max_size is 0, it must be a whole number from 1 to 1000"),
        (
            {"capacity_type": "SPOT", "capacity_reservation_id": "cr-02168da1478b509e0"},
            (
                "capacity_reservation_id is given with capacity_type 'SPOT', Spot Instances never"
                " run in a reservation; it must be 'ON_DEMAND'"
            ),
        ),
        (
            {"capacity_type": "CAPACITY_BLOCK"},
            (
                "capacity_reservation_id is missing, capacity_type 'CAPACITY_BLOCK' needs the id of"
                " the Capacity Block"
            ),
        ),
        (
            {
                "instance_types": ["m7g.large", "m8g.large"],
                "capacity_reservation_id": "cr-02168da1478b509e0",
            },
            (
                "instance_types has 2 types, with capacity_reservation_id it must have the"
                " reservation's own"
            ),
        ),
        (
            {"capacity_reservation_id": "reserved"},
            (
                "capacity_reservation_id is 'reserved', it must be an id such as"
                " 'cr-02168da1478b509e0'"
            ),
        ),
        (
            {"capacity_type": "spot"},
            (
                "capacity_type is 'spot', it must be one of 'ON_DEMAND', 'SPOT' or"
                " 'CAPACITY_BLOCK'; did you mean 'SPOT'?"
            ),
        ),
        (
            {"max_unavailable": 1, "max_unavailable_percentage": 50},
            (
                "max_unavailable and max_unavailable_percentage are both given, it must be one of"
                " them"
            ),
        ),
        (
            {"max_unavailable": 101},
            "max_unavailable is 101, it must be a whole number from 1 to 100",
        ),
        (
            {"ami_id": "ami-1"},
            "cluster_endpoint is missing, nodes of ami_id need it to join the cluster",
        ),
        (
            {"ami_id": "ami-1", "release_version": "1.34.1-20251112", **FACTS},
            "release_version is given, but ami_id names one AMI already",
        ),
        (
            {"ami_id": "ami-1", **FACTS, "service_cidr": "10.0.0.0/8"},
            (
                "service_cidr is '10.0.0.0/8', it must be the range of the cluster's services, such"
                " as '172.20.0.0/16'"
            ),
        ),
        (
            {"launch_template_id": "lt-1"},
            "launch_template_version is missing, launch_template_id needs it",
        ),
        (
            {"launch_template_version": "1"},
            "launch_template_version is given, but launch_template_id is not",
        ),
        (
            {
                "launch_template_id": "lt-1",
                "launch_template_version": "1",
                "disk_size_gib": 80,
            },
            "disk_size_gib is given, your launch_template_id holds it instead",
        ),
        (
            {
                "launch_template_id": "lt-1",
                "launch_template_version": "1",
                "capacity_type": "CAPACITY_BLOCK",
            },
            (
                "launch_template_id is given with capacity_type 'CAPACITY_BLOCK', whose template"
                " must name reservation and instance type; leave it out"
            ),
        ),
        (
            {"security_group_ids": ["sg-1"]},
            (
                "cluster_security_group_id is missing, EKS leaves it out when security_group_ids"
                " are given"
            ),
        ),
        (
            {"role_arn": "arn:role", "cni_policy": "ipv4"},
            "cni_policy is given, but your role_arn has policies of its own",
        ),
        (
            {"disk_iops": 20_000, "disk_size_gib": 30},
            "disk_iops is 20000, a gp3 volume of 30 GiB has 15000 at most",
        ),
        (
            {"disk_throughput_mibps": 1000},
            (
                "disk_throughput_mibps is 1000, a gp3 volume of 3000 IOPS has 750 at most; raise"
                " disk_iops"
            ),
        ),
        (
            {"metadata_hop_limit": 3},
            "metadata_hop_limit is 3, it must be a whole number from 1 to 2",
        ),
        (
            {"uses": ["dynamo"]},
            "uses holds 'dynamo', which is no need; did you mean 'dynamodb'?",
        ),
        (
            {"instance_type": "m7g.large"},
            "NodeGroup has no argument 'instance_type', did you mean 'instance_types'?",
        ),
        (
            {"region": "Dublin"},
            "region is 'Dublin', it must be the name of a Region such as 'us-east-1'",
        ),
    ],
)
def test_a_group_that_would_not_come_up_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert refused(**given) == sentence


def test_a_group_with_nat_needs_no_endpoint() -> None:
    assert group(group="mixed", private_services={})["subnetIds"] == [
        "mixed-euw1-az1",
        "mixed-euw1-az2",
    ]


def test_what_is_missing_is_named() -> None:
    sentence = nodes.refused(NodeGroup, "web", {"group": "app"})
    assert sentence == (
        "'cluster_name', 'egress', 'instance_types', 'private_services' and 'subnet_ids' is missing"
    )


def test_names_leave_room_for_their_endings() -> None:
    assert nodes.refused(NodeGroup, "w" * 49, args()) == (
        f"name is '{'w' * 49}', it must be up to 48 letters, digits, '-' and '_', as the names of"
        " its parts have endings"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"private_services": Later({"app": "ecr.api,ecr.dkr,s3,sts"})},
            (
                "group 'app' has no endpoint for ec2 (need 'eks-node'), and it has no NAT gateway;"
                " give Endpoints the needs eks-node for this group"
            ),
        ),
        (
            {"egress": Later({"app": "internet-gateway"})},
            (
                "group is 'app', whose subnets are public; nothing here gets a public address, so"
                " it must be a group with NAT or endpoints"
            ),
        ),
        (
            {"subnet_ids": Later({"data/euw1-az1": "subnet-1"})},
            "group is 'app', it must be a group with subnets: 'data'",
        ),
    ],
)
def test_a_check_that_waits_for_an_output_still_comes_before_the_group(
    given: dict[str, Any], sentence: str
) -> None:
    told, registered = nodes.refused_later(NodeGroup, "web", args(**given))
    assert told == sentence
    assert "aws:eks/nodeGroup:NodeGroup" not in {one.type for one in registered}


def test_outputs_that_are_known_give_what_plain_input_gives() -> None:
    network: dict[str, Any] = {key: Later(value) for key, value in subnets().items()}
    facts: dict[str, Any] = {key: Later(value) for key, value in FACTS.items()}
    plain = made(ami_id="ami-1", **FACTS, tags={"team": "a"})
    later = made(
        ami_id=Later("ami-1"),
        cluster_name=Later("main"),
        tags=Later({"team": "a"}),
        **network,
        **facts,
    )
    assert later.inputs() == plain.inputs()


def test_nodes_wait_for_what_their_component_waits_for() -> None:
    assert "endpoints" in nodes.awaited(NodeGroup, args(), "aws:eks/nodeGroup:NodeGroup")


def test_the_region_of_the_provider_is_asked_for_once() -> None:
    result = made(region=None)
    assert [token for token, _ in result.calls] == [
        "aws:index/getRegion:getRegion",
        "aws:index/getCallerIdentity:getCallerIdentity",
    ]
    assert attached(result)["web-role-worker"] == (
        "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
    )
