"""What `KarpenterPrerequisites` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from privatelane.controllers._karpenter_policy import KarpenterFacts, karpenter_statements
from tests.components.controllers.controllers import KARPENTER
from tests.components.ecs.fargate import ACCOUNT, REGION, Later
from tests.components.nodes.nodes import CLUSTER_ARN, SERVICES

#: An inline policy's characters, white space apart, all policies of a role together.
INLINE_LIMIT = 10_240


def test_karpenter_needs_this_of_aws() -> None:
    result = KARPENTER.made()
    assert result.counts() == {
        "AccessEntry": 1,
        "EventRule": 5,
        "EventTarget": 5,
        "InstanceProfile": 1,
        "KarpenterPrerequisites": 1,
        "PodIdentityAssociation": 1,
        "Queue": 1,
        "QueuePolicy": 1,
        "Role": 2,
        "RolePolicy": 1,
        "RolePolicyAttachment": 2,
    }
    assert result.parents() == {result.the("KarpenterPrerequisites").urn}
    assert result.output("KarpenterPrerequisites") == {
        "controllerRoleArn": "arn:karp-controller",
        "nodeRoleArn": "arn:karp-node-role",
        "instanceProfileName": "karp-node-profile-name",
        "queueName": "karp-queue-name",
        "queueArn": "arn:karp-queue",
    }


def test_the_queue_is_encrypted_and_takes_only_our_events_over_tls() -> None:
    result = KARPENTER.made(tags={"team": "a"})
    assert result.the("Queue").inputs == {
        "messageRetentionSeconds": 300,
        "sqsManagedSseEnabled": True,
        "tags": {"team": "a", "Name": "karp-queue"},
    }
    inputs = result.the("QueuePolicy").inputs
    assert inputs["queueUrl"] == "https://queue/karp-queue"
    rules = [f"arn:karp-{event}" for event in ("health", "rebalance", "reservation", "spot")]
    assert json.loads(inputs["policy"])["Statement"] == [
        {
            "Sid": "TakeEvents",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "arn:karp-queue",
            "Condition": {"ArnEquals": {"aws:SourceArn": [*rules, "arn:karp-state"]}},
        },
        {
            "Sid": "RefusePlainText",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": "arn:karp-queue",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def test_the_events_are_those_that_karpenter_drains_nodes_for() -> None:
    result = KARPENTER.made()
    patterns = {
        name: json.loads(one.inputs["eventPattern"]) for name, one in result.of("EventRule").items()
    }
    assert patterns == {
        "karp-health": {"source": ["aws.health"], "detail-type": ["AWS Health Event"]},
        "karp-spot": {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Spot Instance Interruption Warning"],
        },
        "karp-rebalance": {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Instance Rebalance Recommendation"],
        },
        "karp-state": {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Instance State-change Notification"],
        },
        "karp-reservation": {
            "source": ["aws.ec2"],
            "detail-type": ["EC2 Capacity Reservation Instance Interruption Warning"],
        },
    }
    assert {name: one.inputs for name, one in result.of("EventTarget").items()} == {
        name: {"rule": f"{name}-name", "arn": "arn:karp-queue"} for name in patterns
    }


def test_nodes_have_a_role_a_profile_and_admission() -> None:
    result = KARPENTER.made(session=True, cni_policy="ipv4")
    assert result.the("InstanceProfile").inputs["role"] == "karp-node-role-name"
    assert result.the("AccessEntry").inputs == {
        "clusterName": "main",
        "principalArn": "arn:karp-node-role",
        "type": "EC2_LINUX",
        "tags": {"Name": "karp-node-access"},
    }
    assert {
        one.inputs["policyArn"].rpartition("/")[2]
        for one in result.of("RolePolicyAttachment").values()
    } == {
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
        "AmazonSSMManagedInstanceCore",
    }


def test_pod_identity_ties_the_service_account_to_the_role() -> None:
    result = KARPENTER.made(namespace="karpenter", service_account="controller")
    association = result.the("PodIdentityAssociation")
    assert association.inputs == {
        "clusterName": "main",
        "namespace": "karpenter",
        "serviceAccount": "controller",
        "roleArn": "arn:karp-controller",
        "tags": {"Name": "karp-controller-controller"},
    }
    assert association.depends_on == {"karp-controller"}
    trust = json.loads(result.the("Role", "karp-controller").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Condition"]["StringEquals"] == {
        "aws:RequestTag/eks-cluster-arn": CLUSTER_ARN,
        "aws:RequestTag/kubernetes-namespace": "karpenter",
        "aws:RequestTag/kubernetes-service-account": ["controller"],
    }


def test_irsa_needs_no_association() -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.{REGION}.amazonaws.com/id/A"
    services = SERVICES.replace("eks-auth,", "")
    result = KARPENTER.made(
        identity="irsa", oidc_provider_arn=provider, private_services={"app": services}
    )
    assert "PodIdentityAssociation" not in result.counts()
    trust = json.loads(result.the("Role", "karp-controller").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Federated": provider}


def test_the_controller_may_do_this_and_no_more() -> None:
    statements = KARPENTER.policy()
    assert {sid: one["Action"] for sid, one in statements.items()} == {
        "LaunchFromShared": ["ec2:CreateFleet", "ec2:RunInstances"],
        "LaunchFromOwnTemplates": ["ec2:CreateFleet", "ec2:RunInstances"],
        "LaunchTagged": ["ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateLaunchTemplate"],
        "TagAtCreation": "ec2:CreateTags",
        "TagOwnInstances": "ec2:CreateTags",
        "GiveNodesTheirRole": "iam:PassRole",
        "EndOwn": ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
        "HearOfInterruptions": ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
        "ReadRegion": [
            "ec2:DescribeCapacityReservations",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeInstanceTypeOfferings",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstances",
            "ec2:DescribeLaunchTemplates",
            "ec2:DescribePlacementGroups",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSpotPriceHistory",
            "ec2:DescribeSubnets",
        ],
        "FindImages": "ssm:GetParameter",
        "FindCluster": "eks:DescribeCluster",
    }
    assert statements["GiveNodesTheirRole"]["Resource"] == "arn:karp-node-role"
    assert statements["HearOfInterruptions"]["Resource"] == "arn:karp-queue"
    assert statements["FindCluster"]["Resource"] == CLUSTER_ARN
    assert statements["FindImages"]["Resource"] == f"arn:aws:ssm:{REGION}::parameter/aws/service/*"
    assert statements["EndOwn"]["Resource"] == [
        f"arn:aws:ec2:{REGION}:*:instance/*",
        f"arn:aws:ec2:{REGION}:*:launch-template/*",
    ]
    assert statements["TagAtCreation"]["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/kubernetes.io/cluster/main": "owned",
            "aws:RequestTag/eks:eks-cluster-name": "main",
            "ec2:CreateAction": ["CreateFleet", "CreateLaunchTemplate", "RunInstances"],
        },
        "StringLike": {"aws:RequestTag/karpenter.sh/nodepool": "*"},
    }


def test_prices_and_profiles_are_read_where_there_is_a_way_to_them() -> None:
    statements = KARPENTER.policy(isolated=False, groups=["mixed"], private_services={})
    beyond = {sid: (one["Action"], one["Resource"]) for sid, one in statements.items()}
    assert {sid: beyond[sid] for sid in [*beyond][-3:]} == {
        "ReadPrices": ("pricing:GetProducts", "*"),
        "ListInstanceProfiles": ("iam:ListInstanceProfiles", "*"),
        "ReadInstanceProfiles": (
            "iam:GetInstanceProfile",
            f"arn:aws:iam::{ACCOUNT}:instance-profile/*",
        ),
    }
    assert len(beyond) == 14


FACTS = st.builds(
    lambda name, region: KarpenterFacts(
        cluster_name=name,
        cluster_arn=f"arn:aws:eks:{region}:{ACCOUNT}:cluster/{name}",
        region=region,
        node_role_arn=f"arn:aws:iam::{ACCOUNT}:role/nodes",
        queue_arn=f"arn:aws:sqs:{region}:{ACCOUNT}:queue",
    ),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", fullmatch=True),
    st.sampled_from(["eu-west-1", "cn-north-1", "us-gov-west-1", "ap-southeast-7"]),
)


@drawn(facts=FACTS, isolated=st.booleans())
def test_whatever_changes_something_is_bound_to_the_cluster_or_the_one_role(
    facts: KarpenterFacts, isolated: bool
) -> None:
    statements = karpenter_statements(facts, isolated=isolated)
    for one in statements:
        actions = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
        reads = all(
            action.partition(":")[2].startswith(("Describe", "Get", "List")) for action in actions
        )
        bound = f"kubernetes.io/cluster/{facts.cluster_name}" in json.dumps(one.get("Condition"))
        # What a launch merely uses has no tags of the cluster; what it creates has.
        shared = one["Sid"] == "LaunchFromShared"
        single = one["Resource"] in [facts.node_role_arn, facts.queue_arn]
        assert reads or bound or single or shared, one
    assert len({one["Sid"] for one in statements}) == len(statements)


@drawn(facts=FACTS)
def test_the_policy_fits_into_a_role(facts: KarpenterFacts) -> None:
    """White space does not count, and the document here has one blank after each sign."""
    document = json.dumps(karpenter_statements(facts, isolated=False), separators=(",", ":"))
    assert len(document) < INLINE_LIMIT


def test_outputs_that_are_known_give_what_plain_input_gives() -> None:
    later: dict[str, Any] = {
        key: Later(value)
        for key, value in KARPENTER.args().items()
        if key in {"egress", "private_services", "cluster_name", "cluster_arn"}
    }
    assert KARPENTER.made(**later).inputs() == KARPENTER.made().inputs()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"groups": ["app", "web"]},
            (
                "group is 'web', whose subnets are public; nothing here gets a public address, so"
                " it must be a group with NAT or endpoints"
            ),
        ),
        ({"groups": []}, "groups is an empty list, it must name the groups of subnets to use"),
        (
            {"isolated": False},
            (
                "isolated is False, with which Karpenter calls IAM and price lists, but group 'app'"
                " has no NAT gateway"
            ),
        ),
        (
            {"oidc_provider_arn": "arn:provider"},
            "oidc_provider_arn is given, but identity is not 'irsa'",
        ),
        (
            {"identity": "pods"},
            "identity is 'pods', it must be one of 'pod-identity' or 'irsa'",
        ),
        (
            {"node_system": "windows"},
            "node_system is 'windows', it must be one of 'al2023' or 'bottlerocket'",
        ),
        (
            {"cni_policy": "v4"},
            "cni_policy is 'v4', it must be one of 'none', 'ipv4' or 'ipv6'; did you mean 'ipv4'?",
        ),
    ],
)
def test_a_karpenter_that_could_not_launch_nodes_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert KARPENTER.refused(**given) == sentence
