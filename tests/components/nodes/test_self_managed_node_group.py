"""What `SelfManagedNodeGroup` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

from typing import Any

import pytest
import tomli

from privatelane.nodes.self_managed_node_group import SelfManagedNodeGroup
from tests.components.ecs.fargate import Later
from tests.components.mocks import UNKNOWN, Run
from tests.components.nodes import nodes
from tests.components.nodes.nodes import FACTS, decoded, least_template, node_config, subnets

RELEASE = {"kubernetes_version": "1.34", "release_version": "1.34.1-20251112"}
GROUP = "aws:autoscaling/group:Group"


def args(**given: Any) -> dict[str, Any]:
    return {
        **subnets(),
        **FACTS,
        **RELEASE,
        "cluster_name": "main",
        "cluster_security_group_id": "sg-cluster",
        "group": "app",
        "instance_types": ["m7g.large"],
        "region": "eu-west-1",
        **given,
    }


def made(*, preview: bool = False, **given: Any) -> Run:
    return nodes.deployed(SelfManagedNodeGroup, "batch", args(**given), preview=preview)


def group(**given: Any) -> dict[str, Any]:
    return made(**given).the(GROUP).inputs


def template(**given: Any) -> dict[str, Any]:
    return made(**given).the("LaunchTemplate").inputs


def tag(key: str, value: str, *, launched: bool = False) -> dict[str, Any]:
    return {"key": key, "value": value, "propagateAtLaunch": launched}


def test_the_least_group_is_seven_resources() -> None:
    result = made()
    assert result.counts() == {
        "AccessEntry": 1,
        "Group": 1,
        "InstanceProfile": 1,
        "LaunchTemplate": 1,
        "Role": 1,
        "RolePolicyAttachment": 2,
        "SelfManagedNodeGroup": 1,
    }
    assert result.parents() == {result.the("SelfManagedNodeGroup").urn}


def test_the_least_group_is_refreshed_by_the_number_of_its_templates_version() -> None:
    result = made(tags={"team": "a"})
    scaling = result.the(GROUP)
    assert scaling.inputs == {
        "minSize": 2,
        "desiredCapacity": 2,
        "maxSize": 2,
        "vpcZoneIdentifiers": ["app-euw1-az1", "app-euw1-az2"],
        "launchTemplate": {"id": "batch-template-id", "version": "3"},
        "instanceRefresh": {
            "strategy": "Rolling",
            "preferences": {"minHealthyPercentage": 90, "instanceWarmup": "120"},
        },
        "tags": [
            tag("kubernetes.io/cluster/main", "owned", launched=True),
            tag("Name", "batch-nodes"),
            tag("team", "a"),
        ],
    }
    # The role must be admitted before the first instance knocks.
    assert scaling.depends_on == {"batch-access", "batch-role-worker", "batch-role-pull"}


def test_the_cluster_admits_the_role_and_instances_carry_it() -> None:
    result = made(tags={"team": "a"})
    assert result.the("AccessEntry").inputs == {
        "clusterName": "main",
        "principalArn": "arn:batch-role",
        "type": "EC2_LINUX",
        "tags": {"team": "a", "Name": "batch-access"},
    }
    assert result.the("InstanceProfile").inputs == {
        "role": "batch-role-name",
        "tags": {"team": "a", "Name": "batch-profile"},
    }
    assert result.output("SelfManagedNodeGroup") == {
        "autoscalingGroupName": "batch-nodes-name",
        "autoscalingGroupArn": "arn:batch-nodes",
        "roleArn": "arn:batch-role",
        "launchTemplateId": "batch-template-id",
    }


def test_the_template_names_one_ami_that_stays_and_the_clusters_security_group() -> None:
    launched = template(max_pods=110, labels={"team": "a"})
    text = decoded(launched.pop("userData"))
    assert launched == {
        **least_template("batch"),
        "imageId": (
            "resolve:ssm:/aws/service/eks/optimized-ami/1.34/amazon-linux-2023/arm64/standard"
            "/amazon-eks-node-al2023-arm64-standard-1.34-v20251112/image_id"
        ),
        "instanceType": "m7g.large",
        "iamInstanceProfile": {"arn": "arn:batch-profile"},
        "vpcSecurityGroupIds": ["sg-cluster"],
    }
    assert node_config(text)["spec"] == {
        "cluster": {
            "name": "main",
            "apiServerEndpoint": FACTS["cluster_endpoint"],
            "certificateAuthority": FACTS["certificate_authority"],
            "cidr": "172.20.0.0/16",
        },
        "kubelet": {"config": {"maxPods": 110}, "flags": ["--node-labels=team=a"]},
    }


def test_bottlerocket_joins_without_asking_eks_for_the_address_of_its_dns() -> None:
    launched = template(
        ami_type="BOTTLEROCKET_ARM_64",
        release_version="1.50.0-0f4ae2a3",
        taints=[{"key": "dedicated", "value": "a", "effect": "NO_EXECUTE"}],
    )
    assert launched["imageId"] == (
        "resolve:ssm:/aws/service/bottlerocket/aws-k8s-1.34/arm64/1.50.0-0f4ae2a3/image_id"
    )
    assert [one["deviceName"] for one in launched["blockDeviceMappings"]] == [
        "/dev/xvda",
        "/dev/xvdb",
    ]
    assert tomli.loads(decoded(launched["userData"])) == {
        "settings": {
            "kubernetes": {
                "cluster-name": "main",
                "api-server": FACTS["cluster_endpoint"],
                "cluster-certificate": FACTS["certificate_authority"],
                "cluster-dns-ip": "172.20.0.10",
                "node-taints": {"dedicated": ["a:NoExecute"]},
            }
        }
    }


def test_spot_over_a_base_of_on_demand_is_a_policy_of_the_group() -> None:
    given = group(
        instance_types=["m7i.large", "m7a.large"],
        capacity_type="SPOT",
        on_demand_base=1,
        on_demand_percentage=25,
        max_size=10,
    )
    assert "launchTemplate" not in given
    assert given["mixedInstancesPolicy"] == {
        "instancesDistribution": {
            "onDemandBaseCapacity": 1,
            "onDemandPercentageAboveBaseCapacity": 25,
            "onDemandAllocationStrategy": "prioritized",
            "spotAllocationStrategy": "price-capacity-optimized",
        },
        "launchTemplate": {
            "launchTemplateSpecification": {
                "launchTemplateId": "batch-template-id",
                "version": "3",
            },
            "overrides": [{"instanceType": "m7i.large"}, {"instanceType": "m7a.large"}],
        },
    }


def test_several_types_on_demand_are_tried_in_their_order() -> None:
    given = group(instance_types=["m7i.large", "m7a.large"])
    distribution = given["mixedInstancesPolicy"]["instancesDistribution"]
    assert distribution["onDemandPercentageAboveBaseCapacity"] == 100
    assert distribution["onDemandAllocationStrategy"] == "prioritized"


def test_an_autoscaler_finds_the_group_and_what_its_nodes_would_be() -> None:
    result = made(
        autoscaled=True,
        min_size=0,
        max_size=5,
        labels={"team": "a"},
        taints=[{"key": "dedicated", "value": "a", "effect": "NO_SCHEDULE"}],
    )
    scaling = result.the(GROUP)
    assert scaling.inputs["suspendedProcesses"] == ["AZRebalance"]
    assert list(scaling.request.ignoreChanges) == ["desiredCapacity"]
    assert scaling.inputs["tags"] == [
        tag("kubernetes.io/cluster/main", "owned", launched=True),
        tag("k8s.io/cluster-autoscaler/main", "owned"),
        tag("k8s.io/cluster-autoscaler/enabled", "true"),
        tag("k8s.io/cluster-autoscaler/node-template/label/team", "a"),
        tag("k8s.io/cluster-autoscaler/node-template/taint/dedicated", "a:NoSchedule"),
        tag("Name", "batch-nodes"),
    ]


def test_without_refresh_what_runs_stays() -> None:
    assert "instanceRefresh" not in group(refresh=False)


def test_an_ami_and_a_role_of_ones_own() -> None:
    role = "arn:aws:iam::123456789012:role/team/nodes"
    result = made(
        ami_id="ami-1", release_version=None, role_arn=role, access_entry=False, session=True
    )
    assert result.counts() == {
        "Group": 1,
        "InstanceProfile": 1,
        "LaunchTemplate": 1,
        "SelfManagedNodeGroup": 1,
    }
    assert result.the("LaunchTemplate").inputs["imageId"] == "ami-1"
    # A profile takes a role's name, which has no path.
    assert result.the("InstanceProfile").inputs["role"] == "nodes"


def test_further_security_groups_come_beside_the_clusters() -> None:
    assert template(security_group_ids=["sg-db"])["vpcSecurityGroupIds"] == ["sg-cluster", "sg-db"]


def test_a_preview_knows_the_shape_and_all_that_does_not_come_from_aws() -> None:
    preview, update = made(preview=True), made()
    assert preview.shape() == update.shape()
    seen, known = (one.the("LaunchTemplate").inputs for one in (preview, update))
    assert {key for key in known if seen[key] != known[key]} == {"iamInstanceProfile"}
    scaling = preview.the(GROUP).inputs
    assert scaling["launchTemplate"] == {"id": UNKNOWN, "version": UNKNOWN}
    assert scaling["tags"] == update.the(GROUP).inputs["tags"]


def test_outputs_that_are_known_give_what_plain_input_gives() -> None:
    later: dict[str, Any] = {
        key: Later(value)
        for key, value in {
            **subnets(),
            **FACTS,
            "cluster_name": "main",
            "kubernetes_version": "1.34",
            "tags": {"team": "a"},
        }.items()
    }
    assert made(**later).inputs() == made(tags={"team": "a"}).inputs()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"release_version": None},
            "release_version is missing, it must name the AMI, unless ami_id does",
        ),
        (
            {"kubernetes_version": None},
            "kubernetes_version is missing, release_version needs it",
        ),
        (
            {"ami_id": "ami-1"},
            "release_version is given, but ami_id names one AMI already",
        ),
        (
            {"on_demand_base": 1},
            (
                "on_demand_base is given, but capacity_type is 'ON_DEMAND', with which all are"
                " On-Demand Instances"
            ),
        ),
        (
            {"capacity_type": "CAPACITY_BLOCK"},
            "capacity_type is 'CAPACITY_BLOCK', it must be one of 'ON_DEMAND' or 'SPOT'",
        ),
        (
            {"access_entry": False},
            (
                "access_entry is False, but without role_arn the role is new and the cluster admits"
                " it nowhere else"
            ),
        ),
        (
            {"role_arn": "arn:role", "policy_arns": {"own": "arn:own"}},
            "policy_arns is given, but your role_arn has policies of its own",
        ),
        (
            {"service_cidr": "172.20.0.0"},
            (
                "service_cidr is '172.20.0.0', it must be the range of the cluster's services, such"
                " as '172.20.0.0/16'"
            ),
        ),
        (
            {"private_services": {"app": "ecr.api,ecr.dkr,s3,ec2"}},
            (
                "group 'app' has no endpoint for sts (need 'eks-node'), and it has no NAT gateway;"
                " give Endpoints the needs eks-node for this group"
            ),
        ),
        (
            {"min_healthy_percentage": 101},
            "min_healthy_percentage is 101, it must be a whole number from 0 to 100",
        ),
    ],
)
def test_a_group_that_would_not_come_up_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert nodes.refused(SelfManagedNodeGroup, "batch", args(**given)) == sentence


def test_a_check_that_waits_for_an_output_still_comes_before_the_instances() -> None:
    told, registered = nodes.refused_later(
        SelfManagedNodeGroup, "batch", args(private_services=Later({}))
    )
    assert told == (
        "group 'app' has no endpoint for ec2, ecr.api, ecr.dkr, s3, sts (need 'eks-node'), and it"
        " has no NAT gateway; give Endpoints the needs eks-node for this group"
    )
    kinds = {one.type for one in registered}
    assert not {GROUP, "aws:ec2/launchTemplate:LaunchTemplate"} & kinds


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"service_cidr": Later("everything")},
            (
                "service_cidr is 'everything', it must be the range of the cluster's services, such"
                " as '172.20.0.0/16'"
            ),
        ),
        (
            {"kubernetes_version": Later("1.35")},
            (
                "release_version is '1.34.1-20251112', which is of Kubernetes 1.34, but"
                " kubernetes_version is '1.35'"
            ),
        ),
    ],
)
def test_a_fact_that_is_known_late_is_checked_before_the_template(
    given: dict[str, Any], sentence: str
) -> None:
    told, registered = nodes.refused_later(SelfManagedNodeGroup, "batch", args(**given))
    assert told == sentence
    assert "aws:ec2/launchTemplate:LaunchTemplate" not in {one.type for one in registered}


def test_nodes_wait_for_what_their_component_waits_for() -> None:
    assert "endpoints" in nodes.awaited(SelfManagedNodeGroup, args(), GROUP)
