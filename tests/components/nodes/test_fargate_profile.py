"""What `FargateProfile` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from privatelane.nodes.fargate_profile import FargateProfile
from tests.components.ecs.fargate import ACCOUNT, REGION, Later, statements
from tests.components.mocks import UNKNOWN, Run
from tests.components.nodes import nodes
from tests.components.nodes.nodes import subnets

PROFILE = "aws:eks/fargateProfile:FargateProfile"


def args(**given: Any) -> dict[str, Any]:
    return {
        **subnets(),
        "cluster_name": "main",
        "group": "app",
        "region": REGION,
        "selectors": [{"namespace": "jobs"}],
        **given,
    }


def made(*, preview: bool = False, **given: Any) -> Run:
    return nodes.deployed(FargateProfile, "jobs", args(**given), preview=preview)


def test_the_least_profile_is_five_resources() -> None:
    result = made()
    # The component's type ends like the profile's own.
    assert result.counts() == {
        "FargateProfile": 2,
        "LogGroup": 1,
        "Role": 1,
        "RolePolicy": 1,
        "RolePolicyAttachment": 1,
    }
    assert result.parents() == {result.the("privatelane:index:FargateProfile").urn}


def test_a_profile_names_its_pods_and_private_subnets() -> None:
    selectors = [
        {"namespace": "jobs", "labels": {"tier": "batch", "size": "small-*"}},
        {"namespace": "prod-?"},
    ]
    result = made(selectors=selectors, zones=["euw1-az2"], tags={"team": "a"})
    profile = result.the(PROFILE)
    assert profile.inputs == {
        "clusterName": "main",
        "podExecutionRoleArn": "arn:jobs-role",
        "subnetIds": ["app-euw1-az2"],
        "selectors": selectors,
        "tags": {"team": "a", "Name": "jobs-profile"},
    }
    assert profile.depends_on == {"jobs-role-pods", "jobs-role-logs"}
    assert result.output("privatelane:index:FargateProfile") == {
        "fargateProfileName": "jobs-profile-name",
        "fargateProfileArn": "arn:jobs-profile",
        "podExecutionRoleArn": "arn:jobs-role",
        "logGroupName": "/eks/project/stack/jobs",
        "logGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/eks/project/stack/jobs",
    }


def test_only_pods_of_this_cluster_come_to_the_role() -> None:
    trust = json.loads(made().the("Role").inputs["assumeRolePolicy"])
    assert trust["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "eks-fargate-pods.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {
                    "aws:SourceArn": f"arn:aws:eks:{REGION}:{ACCOUNT}:fargateprofile/main/*"
                }
            },
        }
    ]


def test_pods_write_to_the_log_group_of_their_profile_only() -> None:
    result = made(log_retention_days=7, log_kms_key_arn="arn:key")
    assert result.the("LogGroup").inputs == {
        "name": "/eks/project/stack/jobs",
        "retentionInDays": 7,
        "kmsKeyId": "arn:key",
        "tags": {"Name": "jobs-logs"},
    }
    assert statements(result, "jobs-role-logs") == {
        "WriteLogs": {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/eks/project/stack/jobs:*",
        }
    }
    assert result.the("RolePolicyAttachment").inputs == {
        "role": "jobs-role-name",
        "policyArn": "arn:aws:iam::aws:policy/AmazonEKSFargatePodExecutionRolePolicy",
    }


def test_profiles_of_a_cluster_share_a_log_group() -> None:
    shared = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/eks/pods"
    result = made(log_group_arn=shared)
    assert result.counts() == {
        "FargateProfile": 2,
        "Role": 1,
        "RolePolicy": 1,
        "RolePolicyAttachment": 1,
    }
    assert statements(result, "jobs-role-logs")["WriteLogs"]["Resource"] == f"{shared}:*"
    outputs = result.output("privatelane:index:FargateProfile")
    assert outputs["logGroupArn"] == shared
    assert "logGroupName" not in outputs


def test_without_logging_there_is_neither_group_nor_right() -> None:
    result = made(logging=False)
    assert result.counts() == {"FargateProfile": 2, "Role": 1, "RolePolicyAttachment": 1}
    outputs = result.output("privatelane:index:FargateProfile")
    assert not {"logGroupName", "logGroupArn"} & outputs.keys()


def test_a_preview_knows_the_shape_and_the_subnets() -> None:
    preview, update = made(preview=True), made()
    assert preview.shape() == update.shape()
    seen, known = (one.the(PROFILE).inputs for one in (preview, update))
    assert {key for key in known if seen[key] != known[key]} == {"podExecutionRoleArn"}
    assert seen["podExecutionRoleArn"] == UNKNOWN


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
            {"private_services": {"app": "ecr.api,ecr.dkr,s3"}},
            (
                "group 'app' has no endpoint for logs, sts (need 'eks-fargate'), and it has no NAT"
                " gateway; give Endpoints the needs eks-fargate for this group"
            ),
        ),
        ({"selectors": []}, "selectors has 0 selectors, it must have 1 to 5"),
        (
            {"selectors": [{"namespace": f"n{one}"} for one in range(6)]},
            "selectors has 6 selectors, it must have 1 to 5",
        ),
        (
            {"selectors": [{"namespace": "a"}, {"namespace": "b"}, {"namespace": "a"}]},
            "selectors[2] is the same as selectors[0]",
        ),
        (
            {"selectors": [{"namespace": "Jobs"}]},
            (
                "selectors[0].namespace is 'Jobs', it must be the name of a namespace, in which '*'"
                " and '?' are wildcards"
            ),
        ),
        (
            {"selectors": [{"namespace": "a", "labels": {f"l{one}": "x" for one in range(6)}}]},
            "selectors[0].labels has 6 labels, a selector has 5 at most",
        ),
        (
            {"selectors": [{"namespace": "a", "labels": {"tier": "a b"}}]},
            (
                "selectors[0].labels has 'tier', it must be a label of Kubernetes, in which '*' and"
                " '?' are wildcards"
            ),
        ),
        (
            {"selectors": [{"name": "a"}]},
            "selectors[0] has no argument 'name', did you mean 'namespace'?",
        ),
        (
            {"logging": False, "log_retention_days": 7},
            "log_retention_days is given, but logging is False",
        ),
        (
            {"log_group_arn": "arn:logs", "log_retention_days": 7},
            "log_retention_days is given, but log_group_arn is made elsewhere",
        ),
    ],
)
def test_a_profile_whose_pods_would_not_start_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    assert nodes.refused(FargateProfile, "jobs", args(**given)) == sentence


def test_a_check_that_waits_for_an_output_still_comes_before_the_profile() -> None:
    told, registered = nodes.refused_later(
        FargateProfile, "jobs", args(egress=Later({"app": "none"}), private_services={})
    )
    assert told.startswith("group 'app' has no endpoint for ecr.api, ecr.dkr, logs, s3, sts ")
    assert PROFILE not in {one.type for one in registered}


def test_a_profile_waits_for_what_its_component_waits_for() -> None:
    assert "endpoints" in nodes.awaited(FargateProfile, args(), PROFILE)
