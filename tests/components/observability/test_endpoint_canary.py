"""What `EndpointCanary` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any, cast

import botocore.session
import pulumi
import pytest
from botocore.config import Config

from privatelane._hosts import _OTHERS, _PLAIN, host_of, layers_host
from privatelane.observability.endpoint_canary import EndpointCanary, EndpointCanaryArgs, program
from tests.components.ecs.fargate import (
    ACCOUNT,
    CALLS,
    CLUSTER,
    IMAGE,
    REGION,
    ZONES,
    containers,
    deployed,
    network_args,
)
from tests.components.mocks import Run, refusal


def args(**given: Any) -> EndpointCanaryArgs:
    return cast(
        "EndpointCanaryArgs",
        {
            **network_args(),
            "image": IMAGE,
            "cluster_arn": CLUSTER,
            "vpc_cidr_blocks": ["10.0.0.0/16"],
            "group": "app",
            "region": REGION,
            **given,
        },
    )


def canary(**given: Any) -> Run:
    return deployed(lambda: EndpointCanary("canary", args(**given)))


def refused(**given: Any) -> str:
    sentence = refusal(lambda: EndpointCanary("canary", args(**given)), calls=CALLS)
    return sentence.removeprefix("EndpointCanary 'canary': ").removesuffix(".")


def settings(result: Run) -> Any:
    """What the program is handed."""
    (container,) = containers(result, "canary-task")
    (variable,) = container["environment"]
    assert variable["name"] == "CANARY_CHECKS"
    return json.loads(variable["value"])


def test_it_is_a_task_definition_that_nothing_runs() -> None:
    assert canary().counts() == {
        "EndpointCanary": 1,
        "LogGroup": 1,
        "Role": 2,
        # To pull the image and to write its log; the other role may do nothing.
        "RolePolicy": 1,
        "SecurityGroup": 1,
        "SecurityGroupEgressRule": 2,
        "TaskDefinition": 1,
    }


def test_the_container_runs_the_program_as_nobody_on_a_read_only_disk() -> None:
    (container,) = containers(canary(), "canary-task")
    assert container["entryPoint"] == ["python3", "-c", program()]
    assert container["user"] == "65534:65534"
    assert container["readonlyRootFilesystem"] is True
    assert container["image"] == IMAGE
    # A task definition is at most 64 KiB. Source: Amazon ECS quotas.
    document = canary().the("TaskDefinition").inputs["containerDefinitions"]
    assert len(document.encode()) < 32 * 1024


def test_its_security_group_lets_it_call_endpoints_and_nothing_else() -> None:
    rules = canary().of("SecurityGroupEgressRule")
    shared = {
        "securityGroupId": "canary-tasks-id",
        "fromPort": 443,
        "toPort": 443,
        "ipProtocol": "tcp",
    }
    assert {
        name: {
            key: value for key, value in one.inputs.items() if key not in ("tags", "description")
        }
        for name, one in rules.items()
    } == {
        "canary-tasks-to-endpoints": {**shared, "referencedSecurityGroupId": "sg-endpoints"},
        "canary-tasks-to-s3": {**shared, "prefixListId": "pl-s3"},
    }


def test_it_checks_every_service_that_the_group_reaches_and_the_bucket_of_the_layers() -> None:
    suffix = f"{REGION}.amazonaws.com"
    found = settings(canary())
    assert {(one["service"], one["kind"], one["host"]) for one in found["checks"]} == {
        ("ecr.api", "interface", f"api.ecr.{suffix}"),
        ("ecr.dkr", "interface", f"{ACCOUNT}.dkr.ecr.{suffix}"),
        ("ecr.layers", "gateway", f"prod-{REGION}-starport-layer-bucket.s3.{suffix}"),
        ("kms", "interface", f"kms.{suffix}"),
        ("logs", "interface", f"logs.{suffix}"),
        ("s3", "gateway", f"s3.{suffix}"),
        ("secretsmanager", "interface", f"secretsmanager.{suffix}"),
        ("ssm", "interface", f"ssm.{suffix}"),
        ("ssmmessages", "interface", f"ssmmessages.{suffix}"),
    }
    del found["checks"]
    assert found == {"vpc": ["10.0.0.0/16"], "egress": "none", "timeout": 5}


def test_what_lane_needs_to_run_it_is_one_output() -> None:
    outputs = canary().output("EndpointCanary")
    assert outputs["run"] == {
        "cluster": CLUSTER,
        "taskDefinition": "arn:canary-task",
        "securityGroup": "canary-tasks-id",
        "logGroup": "/ecs/project/stack/canary",
        "region": REGION,
        "container": "canary",
        "logStreamPrefix": "canary/canary",
        **{f"subnet/{zone}": f"app-{zone}" for zone in ZONES},
    }


def test_a_plugin_hands_over_maps_as_outputs_and_gets_the_same() -> None:
    def later() -> EndpointCanary:
        maps = ("subnet_ids", "egress", "private_services", "prefix_list_ids")
        plain: dict[str, Any] = {**args()}
        return EndpointCanary(
            "canary", args(**{key: pulumi.Output.from_input(plain[key]) for key in maps})
        )

    result = deployed(later)
    assert settings(result) == settings(canary())
    assert result.output("EndpointCanary")["run"] == canary().output("EndpointCanary")["run"]


def test_a_host_of_the_caller_s_own_is_called_and_an_unknown_one_is_told() -> None:
    services = {"app": "ecr.api,ecr.dkr,guardduty-data,logs,s3,transfer"}
    hosts = {"transfer": "transfer.eu-west-1.amazonaws.com"}
    by_service = {
        one["service"]: one["host"]
        for one in settings(canary(private_services=services, hosts=hosts))["checks"]
    }
    assert by_service["transfer"] == "transfer.eu-west-1.amazonaws.com"
    assert by_service["guardduty-data"] is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"imagee": "x"}, "EndpointCanary has no argument 'imagee', did you mean 'image'?"),
        ({"timeout_seconds": 0}, "timeout_seconds is 0"),
        ({"hosts": {"lgos": "x"}}, "hosts is 'lgos', AWS has no endpoint of that name"),
        ({"group": "web"}, "private_services has nothing for the group 'web'"),
        (
            {"private_services": {"app": "logs,s3"}},
            "group 'app' has no endpoint for ecr.api, ecr.dkr",
        ),
        ({"image": "python:3.13-slim"}, "python:3.13-slim"),
    ],
)
def test_bad_input_gets_one_sentence(given: dict[str, Any], sentence: str) -> None:
    assert sentence.removesuffix("?") in refused(**given)


#: One for all, as it reads each service's definition once.
SDK = botocore.session.get_session()

#: botocore's names of services that AWS's endpoints call otherwise.
_IN_BOTOCORE = {
    "ecr.api": "ecr",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "kinesis-firehose": "firehose",
    "kinesis-streams": "kinesis",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
}
#: Services of protocols that no SDK speaks.
#: Source: the VPC endpoint pages of the ECR, ECS and Systems Manager user guides.
_NOT_IN_BOTOCORE = {"ecr.dkr", "ecs-agent", "ecs-telemetry", "s3-interface", "ssmmessages"}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1"])
@pytest.mark.parametrize("service", sorted((_PLAIN | _OTHERS.keys()) - _NOT_IN_BOTOCORE))
def test_a_host_is_the_one_that_the_sdk_calls(service: str, region: str) -> None:
    if region == "cn-north-1" and service in ("bedrock-runtime", "eks-auth"):
        pytest.skip("AWS does not offer it there")
    client = SDK.create_client(
        _IN_BOTOCORE.get(service, service),
        region_name=region,
        aws_access_key_id="x",
        aws_secret_access_key="x",
        # The default there is still the one name for all Regions, which no endpoint has.
        config=Config(s3={"us_east_1_regional_endpoint": "regional"}),
    )
    host = client.meta.endpoint_url.removeprefix("https://")
    assert host_of(service, region, ACCOUNT) == host


def test_the_layers_of_a_region_are_in_one_bucket() -> None:
    assert layers_host("us-east-1") == (
        "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com"
    )
    assert host_of("ecr.dkr", "cn-north-1", "1").endswith(".amazonaws.com.cn")  # type: ignore[union-attr] # known
