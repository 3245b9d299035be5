"""What `FargateService` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.provider.experimental.component import ComponentProvider

from privatelane.ecs.fargate_cluster import FargateCluster
from privatelane.ecs.fargate_service import FargateService, FargateServiceArgs
from privatelane.ecs.fargate_task import needs_of
from privatelane.vpc.endpoints import Endpoints, EndpointsArgs
from tests.components.ecs.fargate import (
    ACCOUNT,
    CLUSTER,
    IMAGE,
    REGION,
    Later,
    containers,
    deployed,
    network_args,
    refused,
    refused_later,
    served,
    service_args,
    statements,
)
from tests.components.mocks import UNKNOWN, Secret, refusal

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"
CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1"
INTERNAL = {"certificate_arn": CERTIFICATE, "allow_from": {"vpc": {"cidr": "10.0.0.0/16"}}}


def rule(name: str, **given: Any) -> dict[str, Any]:
    return {
        "securityGroupId": "web-tasks-id",
        "fromPort": 443,
        "toPort": 443,
        "ipProtocol": "tcp",
        "tags": {"Name": name},
        **given,
    }


def test_the_least_service_is_ten_resources() -> None:
    result = served()
    assert result.counts() == {
        "FargateService": 1,
        "LogGroup": 1,
        "Role": 2,
        "RolePolicy": 1,
        "SecurityGroup": 1,
        "SecurityGroupEgressRule": 2,
        "Service": 1,
        "TaskDefinition": 1,
    }
    assert result.parents() == {result.the("FargateService").urn}


def test_the_least_service_runs_two_private_tasks_that_roll_back_by_themselves() -> None:
    assert served(tags={"team": "web"}).the("Service").inputs == {
        "cluster": CLUSTER,
        "taskDefinition": "arn:web-task",
        "desiredCount": 2,
        "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "base": 0, "weight": 1}],
        "forceNewDeployment": True,
        "platformVersion": "LATEST",
        "networkConfiguration": {
            "subnets": ["app-euw1-az1", "app-euw1-az2"],
            "securityGroups": ["web-tasks-id"],
            "assignPublicIp": False,
        },
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "availabilityZoneRebalancing": "ENABLED",
        "enableExecuteCommand": False,
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "waitForSteadyState": True,
        "tags": {"team": "web", "Name": "web-service"},
    }


def test_the_least_task_is_small_read_only_and_logged() -> None:
    result = served({"port": 8080})
    inputs = result.the("TaskDefinition").inputs
    del inputs["containerDefinitions"]
    assert inputs == {
        "family": "project-stack-web",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": "arn:web-execution",
        "taskRoleArn": "arn:web-application",
        "volumes": [],
        "tags": {"Name": "web-task"},
    }
    assert containers(served({"port": 8080})) == [
        {
            "name": "web",
            "image": IMAGE,
            "essential": True,
            "environment": [],
            "secrets": [],
            "readonlyRootFilesystem": True,
            "portMappings": [
                {
                    "containerPort": 8080,
                    "hostPort": 8080,
                    "protocol": "tcp",
                    "name": "http-8080",
                    "appProtocol": "http",
                }
            ],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/project/stack/web",
                    "awslogs-region": REGION,
                    "awslogs-stream-prefix": "web",
                    "mode": "non-blocking",
                    "max-buffer-size": "25m",
                },
            },
        }
    ]
    assert result.the("LogGroup").inputs == {
        "name": "/ecs/project/stack/web",
        "retentionInDays": 30,
        "tags": {"Name": "web-logs"},
    }


def test_the_least_execution_role_pulls_one_repository_and_writes_one_log_group() -> None:
    assert statements(served(), "web-execution") == {
        "SignInToRegistry": {
            "Sid": "SignInToRegistry",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
        "PullImages": {
            "Sid": "PullImages",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/web"],
        },
        "WriteLogs": {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/project/stack/web:*",
        },
    }


def test_roles_trust_the_tasks_of_their_own_account_and_region_only() -> None:
    result = served({"permissions_boundary_arn": "arn:boundary"})
    for role in result.of("Role").values():
        assert role.inputs["permissionsBoundary"] == "arn:boundary"
        assert json.loads(role.inputs["assumeRolePolicy"]) == {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": ACCOUNT},
                        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"},
                    },
                }
            ],
        }


def test_tasks_call_the_endpoints_and_the_layer_buckets_and_nobody_calls_them() -> None:
    result = served()
    assert result.the("SecurityGroup").inputs == {
        "description": "Tasks of web",
        "vpcId": "vpc-1",
        "tags": {"Name": "web-tasks"},
    }
    rules = {name: one.inputs for name, one in result.of("SecurityGroupEgressRule").items()}
    assert rules == {
        "web-tasks-to-endpoints": rule(
            "web-tasks-to-endpoints",
            description="To endpoints",
            referencedSecurityGroupId="sg-endpoints",
        ),
        "web-tasks-to-s3": rule("web-tasks-to-s3", description="To s3", prefixListId="pl-s3"),
    }


def test_more_is_called_and_calls_only_when_it_is_named() -> None:
    result = served(
        {"port": 8080, "uses": ["dynamodb"]},
        private_services={"app": "ecr.api,ecr.dkr,logs,s3,dynamodb"},
        prefix_list_ids={"s3": "pl-s3", "dynamodb": "pl-dynamodb"},
        allow_to={"database": {"security_group_id": "sg-db", "port": 5432.0}},
        allow_from={"jobs": {"security_group_id": "sg-jobs"}, "vpn": {"cidr": "fd00::/8"}},
    )
    egress = {name: one.inputs for name, one in result.of("SecurityGroupEgressRule").items()}
    assert set(egress) == {
        "web-tasks-to-endpoints",
        "web-tasks-to-s3",
        "web-tasks-to-dynamodb",
        "web-tasks-to-database",
    }
    assert egress["web-tasks-to-database"] == rule(
        "web-tasks-to-database",
        description="To database",
        referencedSecurityGroupId="sg-db",
        fromPort=5432,
        toPort=5432,
    )
    ingress = {name: one.inputs for name, one in result.of("SecurityGroupIngressRule").items()}
    assert ingress == {
        "web-tasks-from-jobs": rule(
            "web-tasks-from-jobs",
            description="From jobs",
            referencedSecurityGroupId="sg-jobs",
            fromPort=8080,
            toPort=8080,
        ),
        "web-tasks-from-vpn": rule(
            "web-tasks-from-vpn",
            description="From vpn",
            cidrIpv6="fd00::/8",
            fromPort=8080,
            toPort=8080,
        ),
    }


def full(**given: Any) -> dict[str, Any]:
    return {
        "task": {
            "port": 8080,
            "exec": True,
            "exec_kms_key_arn": "arn:exec-key",
            "exec_log_group_arn": "arn:exec-log",
            "secrets": {"PASSWORD": f"{SECRET}:password::", "TOKEN": SECRET[:-7]},
            "parameters": {"LICENSE": "/web/license"},
            "secrets_kms_key_arns": ["arn:secrets-key"],
            "policy": "{}",
            "policy_arns": {"read": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        },
        "load_balancer": INTERNAL,
        "autoscaling": {"max": 10, "cpu_percent": 50, "requests_per_task": 1000},
        **given,
    }


def test_a_service_with_everything_is_twentyfour_resources() -> None:
    result = served(**full())
    assert result.counts() == {
        "FargateService": 1,
        "Listener": 1,
        "LoadBalancer": 1,
        "LogGroup": 1,
        "Policy": 2,
        "Role": 2,
        "RolePolicy": 4,
        "RolePolicyAttachment": 1,
        "SecurityGroup": 2,
        "SecurityGroupEgressRule": 3,
        "SecurityGroupIngressRule": 2,
        "Service": 1,
        "Target": 1,
        "TargetGroup": 1,
        "TaskDefinition": 1,
    }


def test_exec_and_secrets_give_each_role_what_it_needs() -> None:
    result = served(**full())
    assert statements(result, "web-secrets") == {
        "ReadSecrets": {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            # The one given without its random end gets a wildcard of that length.
            "Resource": [f"{SECRET[:-7]}-??????", SECRET],
        },
        "ReadParameters": {
            "Sid": "ReadParameters",
            "Effect": "Allow",
            "Action": "ssm:GetParameters",
            "Resource": [f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/web/license"],
        },
        "DecryptSecrets": {
            "Sid": "DecryptSecrets",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": ["arn:secrets-key"],
            "Condition": {
                "StringLike": {"kms:ViaService": [f"secretsmanager.{REGION}.*", f"ssm.{REGION}.*"]}
            },
        },
    }
    assert result.the("RolePolicy", "web-secrets").inputs["role"] == "web-execution-name"
    session = statements(result, "web-exec")
    assert {sid: one["Resource"] for sid, one in session.items()} == {
        "OpenSessionChannels": "*",
        "FindSessionLog": "*",
        "WriteSessionLog": "arn:exec-log:*",
        "DecryptSession": "arn:exec-key",
    }
    assert session["OpenSessionChannels"]["Action"] == [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]
    assert session["DecryptSession"]["Action"] == "kms:Decrypt"
    assert result.the("RolePolicy", "web-exec").inputs["role"] == "web-application-name"
    assert result.the("RolePolicy", "web-application").inputs == {
        "role": "web-application-name",
        "policy": "{}",
    }
    assert result.the("RolePolicyAttachment").inputs == {
        "role": "web-application-name",
        "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    }
    assert result.the("RolePolicyAttachment").name == "web-application-read"


def test_a_service_waits_for_whatever_its_tasks_cannot_start_without() -> None:
    """ECS refuses a target group without a listener, and tasks without rights or rules fail."""
    assert served(**full()).the("Service").depends_on == {
        "web-application",
        "web-application-read",
        "web-exec",
        "web-execution",
        "web-lb-443",
        "web-lb-to-tasks",
        "web-secrets",
        "web-tasks-from-lb",
        "web-tasks-to-endpoints",
        "web-tasks-to-s3",
    }


def test_children_and_questions_go_to_the_provider_that_the_component_was_given() -> None:
    def program() -> None:
        other = aws.Provider("other", region=REGION)
        args = service_args({"port": 80}, region=None, load_balancer=INTERNAL)
        FargateService("web", args, pulumi.ResourceOptions(provider=other))

    result = deployed(program)
    other = f"{result.the('pulumi:providers:aws').urn}::other-id"
    children = [one for one in result.resources if one.type.startswith("aws:")]
    assert {one.request.provider for one in children} == {other}
    assert result.call_providers == [other, other]


def test_what_the_component_waits_for_its_tasks_wait_for() -> None:
    def program() -> None:
        endpoint = aws.ec2.VpcEndpoint("logs", vpc_id="vpc-1", service_name="logs")
        FargateService("web", service_args(), pulumi.ResourceOptions(depends_on=[endpoint]))

    result = deployed(program)
    assert "logs" in result.the("Service").depends_on
    assert "logs" not in result.the("TaskDefinition").depends_on


def test_the_task_definition_waits_for_the_log_group_that_it_names() -> None:
    assert served().the("TaskDefinition").depends_on == {"web-logs"}


def test_requests_reach_tasks_by_way_of_the_load_balancer_alone() -> None:
    result = served(**full())
    assert result.the("Service").inputs["loadBalancers"] == [
        {"containerName": "web", "containerPort": 8080, "targetGroupArn": "arn:web-tg"}
    ]
    assert result.the("Service").inputs["healthCheckGracePeriodSeconds"] == 60
    ingress = {name: one.inputs for name, one in result.of("SecurityGroupIngressRule").items()}
    assert ingress == {
        "web-tasks-from-lb": rule(
            "web-tasks-from-lb",
            description="Requests and health checks of the load balancer",
            referencedSecurityGroupId="web-lb-id",
            fromPort=8080,
            toPort=8080,
        ),
        "web-lb-from-vpc": rule(
            "web-lb-from-vpc",
            securityGroupId="web-lb-id",
            description="From vpc",
            cidrIpv4="10.0.0.0/16",
        ),
    }
    assert result.the("SecurityGroupEgressRule", "web-lb-to-tasks").inputs == rule(
        "web-lb-to-tasks",
        securityGroupId="web-lb-id",
        description="Requests and health checks",
        referencedSecurityGroupId="web-tasks-id",
        fromPort=8080,
        toPort=8080,
    )


def test_the_number_of_tasks_is_the_autoscalers_once_there_is_one() -> None:
    scaled, fixed = served(**full()).the("Service"), served().the("Service")
    assert list(scaled.request.ignoreChanges) == ["desiredCount"]
    assert list(fixed.request.ignoreChanges) == []
    assert scaled.inputs["desiredCount"] == 2
    assert served(autoscaling={"min": 4, "max": 9}).the("Service").inputs["desiredCount"] == 4
    assert served(desired_count=5.0).the("Service").inputs["desiredCount"] == 5


def test_scaling_follows_cpu_and_requests() -> None:
    result = served(**full())
    assert result.the("Target").inputs == {
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": "service/main/web-service-name",
        "minCapacity": 2,
        "maxCapacity": 10,
        "tags": {"Name": "web-scaling"},
    }
    tracking = {
        name: one.inputs["targetTrackingScalingPolicyConfiguration"]
        for name, one in result.of("Policy").items()
    }
    assert tracking == {
        "web-scaling-cpu": {
            "targetValue": 50,
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
            "predefinedMetricSpecification": {
                "predefinedMetricType": "ECSServiceAverageCPUUtilization"
            },
        },
        "web-scaling-requests": {
            "targetValue": 1000,
            "scaleOutCooldown": 60,
            "scaleInCooldown": 300,
            "predefinedMetricSpecification": {
                "predefinedMetricType": "ALBRequestCountPerTarget",
                "resourceLabel": "suffix/web-lb/suffix/web-tg",
            },
        },
    }


def test_scaling_keeps_cpu_at_sixty_percent_unless_another_target_is_named() -> None:
    (policy,) = served(autoscaling={"max": 3}).of("Policy").values()
    tracking = policy.inputs["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 60
    (policy,) = served(autoscaling={"max": 3, "memory_percent": 70}).of("Policy").values()
    assert policy.name == "web-scaling-memory"


def test_behind_nat_what_has_no_endpoint_is_called_over_the_internet() -> None:
    result = served(
        group="mixed",
        private_services={},
        endpoint_security_group_id=None,
        prefix_list_ids={},
        allow_to={"internet": {"cidr": "0.0.0.0/0"}},
    )
    assert set(result.of("SecurityGroupEgressRule")) == {"web-tasks-to-internet"}


def test_spot_gets_its_weight_and_the_rest_its_base() -> None:
    result = served(capacity={"on_demand_base": 1, "on_demand_weight": 1, "spot_weight": 3})
    assert result.the("Service").inputs["capacityProviderStrategies"] == [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 3},
    ]


def test_service_connect_offers_the_port_under_the_services_name() -> None:
    task = {"port": 8080, "service_connect": {"namespace_arn": "arn:ns", "port": 80}}
    reached = {"app": "ecr.api,ecr.dkr,ecs-agent,logs,s3"}
    inputs = served(task, private_services=reached).the("Service").inputs
    assert inputs["serviceConnectConfiguration"] == {
        "enabled": True,
        "namespace": "arn:ns",
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/project/stack/web",
                "awslogs-region": REGION,
                "awslogs-stream-prefix": "web-connect",
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
        "services": [
            {
                "portName": "http-8080",
                "discoveryName": "web",
                "clientAlias": [{"dnsName": "web", "port": 80}],
            }
        ],
    }
    client = {"service_connect": {"namespace_arn": "arn:ns"}}
    inputs = served(client, private_services=reached).the("Service").inputs
    assert "services" not in inputs["serviceConnectConfiguration"]


def test_a_task_in_a_public_group_has_a_public_address_only_when_asked() -> None:
    result = served(
        {"image": "public.ecr.aws/nginx/nginx:1"},
        group="web",
        assign_public_ip=True,
        allow_to={"internet": {"cidr": "0.0.0.0/0"}},
    )
    network = result.the("Service").inputs["networkConfiguration"]
    assert network["assignPublicIp"] is True
    assert network["subnets"] == ["web-euw1-az1", "web-euw1-az2"]
    assert set(statements(result, "web-execution")) == {"WriteLogs"}


def test_a_cached_image_may_be_imported_and_its_repository_made() -> None:
    cached = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/docker-hub/library/nginx:1"
    result = served({"image": cached, "pull_through_prefixes": ["docker-hub"]})
    assert statements(result, "web-execution")["ImportCachedImages"] == {
        "Sid": "ImportCachedImages",
        "Effect": "Allow",
        "Action": ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
        "Resource": [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/docker-hub/library/nginx"],
    }
    other = served({"pull_through_prefixes": ["docker-hub", "we"]})
    assert "ImportCachedImages" not in statements(other, "web-execution")


def test_two_services_live_in_one_stack() -> None:
    def program() -> None:
        FargateService("web", service_args({"port": 80}, load_balancer=INTERNAL))
        FargateService("web-lb", service_args({"port": 80}, load_balancer=INTERNAL))

    result = deployed(program)
    assert result.counts()["Service"] == 2
    assert set(result.of("LogGroup")) == {"web-logs", "web-lb-logs"}
    groups = {one.inputs["name"] for one in result.of("LogGroup").values()}
    assert groups == {"/ecs/project/stack/web", "/ecs/project/stack/web-lb"}


def composed(*, preview: bool) -> Any:
    """A cluster, endpoints and a service, wired by Outputs, as a program of one's own would."""

    def program() -> None:
        task: dict[str, Any] = {
            "image": IMAGE,
            "port": 8080,
            "exec": True,
            "secrets": {"PASSWORD": SECRET},
        }
        subnets = {
            key: aws.ec2.Subnet(key, vpc_id="vpc-1").id for key in ("app/euw1-az1", "app/euw1-az2")
        }
        tables = {key: aws.ec2.RouteTable(key, vpc_id="vpc-1").id for key in subnets}
        endpoints = Endpoints(
            "net",
            cast(
                "EndpointsArgs",
                {
                    "vpc_id": "vpc-1",
                    "subnet_ids": subnets,
                    "route_table_ids": tables,
                    "subnet_cidrs": {
                        "app/euw1-az1": "10.0.0.0/24",
                        "app/euw1-az2": "10.0.1.0/24",
                    },
                    "egress": {"app": "none"},
                    "needs": {"app": needs_of(task)},
                    "region": REGION,
                    "account_id": ACCOUNT,
                },
            ),
        )
        cluster = FargateCluster("main", {})
        task["exec_log_group_arn"] = cluster.exec_log_group_arn
        FargateService(
            "web",
            cast(
                "FargateServiceArgs",
                {
                    "cluster_arn": cluster.cluster_arn,
                    "vpc_id": "vpc-1",
                    "group": "app",
                    "subnet_ids": subnets,
                    "egress": {"app": "none"},
                    "private_services": endpoints.private_services_by_group,
                    "endpoint_security_group_id": endpoints.security_group_id,
                    "prefix_list_ids": endpoints.prefix_list_ids,
                    "task": task,
                    "load_balancer": INTERNAL,
                },
            ),
            pulumi.ResourceOptions(depends_on=[endpoints]),
        )

    return deployed(program, preview=preview)


def test_endpoints_made_for_a_tasks_needs_are_what_the_service_asks_for() -> None:
    """The needs are told once, by `needs_of`; what comes of them suffices."""
    result = composed(preview=False)
    assert result.counts()["Service"] == 1
    service = result.the("Service")
    assert service.inputs["networkConfiguration"]["subnets"] == [
        "app/euw1-az1-id",
        "app/euw1-az2-id",
    ]
    assert {"net-ecr.api", "net-ecr.dkr", "net-s3", "net-logs"} <= service.depends_on


def test_the_service_has_the_needs_that_its_task_is_told_to_have() -> None:
    args = service_args({"exec": True})
    found: list[tuple[str, ...]] = []
    deployed(lambda: found.append(FargateService("web", args).needs))
    assert found == [needs_of(args["task"])] == [("image-pull", "awslogs", "exec")]


def test_a_preview_shows_the_resources_that_an_update_makes() -> None:
    assert composed(preview=True).shape() == composed(preview=False).shape()


def test_a_preview_knows_the_images_and_how_many_subnets_there_are() -> None:
    """A policy can judge the images, and the prover the subnets, before anything exists."""
    result = composed(preview=True)
    assert [one["image"] for one in containers(result)] == [IMAGE]
    network = result.the("Service").inputs["networkConfiguration"]
    assert network["subnets"] == [UNKNOWN, UNKNOWN]
    assert result.the("LoadBalancer").inputs["subnets"] == [UNKNOWN, UNKNOWN]
    assert statements(result, "web-execution")


def test_secret_values_in_the_environment_stay_secret() -> None:
    secret = Later("hunter2", secret=True)
    document = (
        served({"environment": {"TOKEN": secret}})
        .the("TaskDefinition")
        .inputs["containerDefinitions"]
    )
    assert isinstance(document, Secret)
    assert json.loads(document.value)[0]["environment"] == [{"name": "TOKEN", "value": "hunter2"}]
    plain = served({"environment": {"TOKEN": "x"}}).the("TaskDefinition")
    assert isinstance(plain.inputs["containerDefinitions"], str)


def test_the_service_tells_what_it_made() -> None:
    result = served(**full())
    assert result.output("FargateService") == {
        "serviceName": "web-service-name",
        "serviceArn": "arn:web-service",
        "taskDefinitionArn": "arn:web-task",
        "taskRoleArn": "arn:web-application",
        "executionRoleArn": "arn:web-execution",
        "securityGroupId": "web-tasks-id",
        "logGroupName": "/ecs/project/stack/web",
        "loadBalancerArn": "arn:web-lb",
        "loadBalancerDnsName": "web-lb.elb.example",
        "loadBalancerZoneId": "Z1",
        "loadBalancerSecurityGroupId": "web-lb-id",
        "listenerArn": "arn:web-lb-443",
        "targetGroupArn": "arn:web-tg",
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"task": {"image": "nginx:1.27"}},
            (
                "task.image is 'nginx:1.27', which no VPC endpoint serves, and it has no NAT"
                " gateway; read it through an ECR pull-through cache as"
                " '<account>.dkr.ecr.<region>.amazonaws.com/docker-hub/library/nginx:1.27', or copy"
                " it into ECR"
            ),
        ),
        (
            {"task": {"sidecars": {"proxy": {"image": "quay.io/a/b:1"}}}},
            (
                "task.sidecars.proxy.image is 'quay.io/a/b:1', which no VPC endpoint serves, and it"
                " has no NAT gateway; read it through an ECR pull-through cache as"
                " '<account>.dkr.ecr.<region>.amazonaws.com/quay/a/b:1', or copy it into ECR"
            ),
        ),
        (
            {"region": "us-east-1"},
            (
                f"task.image is '{IMAGE}' of region 'eu-west-1', the endpoints here reach the"
                " registry of 'us-east-1' only, and it has no NAT gateway; replicate the repository"
                " to 'us-east-1' and name it there"
            ),
        ),
        (
            {"private_services": {"app": "ecr.api,logs"}},
            (
                "group 'app' has no endpoint for ecr.dkr, s3 (need 'image-pull'), and it has no NAT"
                " gateway; give Endpoints the needs image-pull for this group"
            ),
        ),
        (
            {"private_services": {}, "task": {"exec": True, "uses": ["sqs"]}},
            (
                "group 'app' has no endpoint for ecr.api, ecr.dkr, s3 (need 'image-pull') and logs"
                " (need 'awslogs') and ssmmessages (need 'exec') and sqs (need 'sqs'), and it has"
                " no NAT gateway; give Endpoints the needs image-pull, awslogs, exec, sqs for this"
                " group"
            ),
        ),
        (
            {"group": "mixed"},
            (
                "group 'mixed' has no endpoint for logs (need 'awslogs'), and the security group of"
                " the tasks lets nothing out to the internet (see allow_to); give Endpoints the"
                " needs awslogs for this group"
            ),
        ),
        (
            {"group": "apps"},
            "group is 'apps', it must be a group of the network: 'app', 'mixed' or 'web'",
        ),
        ({"group": ""}, "group is '', it must be plain text"),
        (
            {"subnet_ids": {"data/euw1-az1": "s"}},
            "group is 'app', it must be a group with subnets: 'data'",
        ),
        (
            {"endpoint_security_group_id": None},
            (
                "endpoint_security_group_id is not given, tasks in group 'app' need it to call"
                " ecr.api, ecr.dkr, logs"
            ),
        ),
        (
            {"prefix_list_ids": {"dynamodb": "pl-1"}},
            (
                "prefix_list_ids has no 's3', tasks in group 'app' need it to call the gateway"
                " endpoint"
            ),
        ),
        (
            {"assign_public_ip": True},
            (
                "assign_public_ip is True, but group 'app' has no route to an internet gateway;"
                " leave it out"
            ),
        ),
        (
            {"capacity": {"on_demand_weight": 0}},
            (
                "capacity.on_demand_weight and capacity.spot_weight are both 0, one of them must be"
                " more for ECS to place tasks"
            ),
        ),
        (
            {
                "capacity": {"spot_weight": 1},
                "task": {
                    "operating_system": "WINDOWS_SERVER_2022_CORE",
                    "cpu": 1024,
                    "memory": 2048,
                },
            },
            (
                "capacity.spot_weight is given with task.operating_system"
                " 'WINDOWS_SERVER_2022_CORE', Fargate Spot has no Windows tasks"
            ),
        ),
        (
            {"autoscaling": {"min": 5, "max": 3}},
            "autoscaling.min is 5, it must not exceed autoscaling.max, which is 3",
        ),
        (
            {"autoscaling": {"max": 3, "requests_per_task": 100}},
            (
                "autoscaling.requests_per_task is given, but there is no application load balancer"
                " to count requests; use cpu_percent or memory_percent"
            ),
        ),
        (
            {"autoscaling": {"min": 1}},
            "autoscaling.max is None, it must be a whole number from 1 to 5000",
        ),
        (
            {"allow_from": {"jobs": {"security_group_id": "sg-1"}}},
            "allow_from is given, but task.port is not: callers need a port to call",
        ),
        (
            {"allow_to": {"s3": {"cidr": "10.0.0.0/8"}}},
            "allow_to has 's3', a name that the service uses itself",
        ),
        (
            {"allow_to": {"db": {"cidr": "10.0.0.0/8", "security_group_id": "sg-1"}}},
            (
                "allow_to.db has 'cidr' and 'security_group_id', it must have exactly one of"
                " 'cidr', 'prefix_list_id' or 'security_group_id'"
            ),
        ),
        (
            {"allow_to": {"db": {"cidr": "10.0.0.1/8"}}},
            (
                "allow_to.db.cidr is '10.0.0.1/8', it must be the first address of a range and its"
                " length, such as '10.0.0.0/16'"
            ),
        ),
        (
            {"allow_to": {"db": {"cidr": "10.0.0.0/8", "port": 70000}}},
            "allow_to.db.port is 70000, it must be a whole number from 1 to 65535",
        ),
        (
            {"maximum_percent": 100},
            "maximum_percent is 100, it must be a whole number from 101 to 400",
        ),
        ({"task": None}, "task is None, it must be a plain map"),
        (
            {"region": "Frankfurt"},
            "region is 'Frankfurt', it must be the name of a Region such as 'us-east-1'",
        ),
        (
            {"desired": 3},
            "FargateService has no argument 'desired', did you mean 'desired_count'?",
        ),
    ],
)
def test_a_service_that_could_not_start_is_refused_in_one_sentence(
    given: dict[str, Any], sentence: str
) -> None:
    if "task" in given and given["task"] is None:
        args = cast("FargateServiceArgs", {**service_args(), "task": None})
        with pytest.raises(pulumi.RunError) as caught:
            deployed(lambda: FargateService("web", args))
        assert str(caught.value) == f"FargateService 'web': {sentence}."
    else:
        assert refused(**given) == sentence


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"private_services": Later({"app": "ecr.api,logs"})},
            (
                "group 'app' has no endpoint for ecr.dkr, s3 (need 'image-pull'), and it has no NAT"
                " gateway; give Endpoints the needs image-pull for this group"
            ),
        ),
        (
            {"egress": Later({"apps": "none"})},
            "group is 'app', it must be a group of the network: 'apps'",
        ),
        (
            {"task": {"image": Later("quay.io/a/b:1")}},
            (
                "task.image is 'quay.io/a/b:1', which no VPC endpoint serves, and it has no NAT"
                " gateway; read it through an ECR pull-through cache as"
                " '<account>.dkr.ecr.<region>.amazonaws.com/quay/a/b:1', or copy it into ECR"
            ),
        ),
        (
            {"region": None, "task": {"image": IMAGE.replace(REGION, "us-east-1")}},
            (
                f"task.image is '{IMAGE.replace(REGION, 'us-east-1')}' of region 'us-east-1', the"
                " endpoints here reach the registry of 'eu-west-1' only, and it has no NAT gateway;"
                " replicate the repository to 'eu-west-1' and name it there"
            ),
        ),
        (
            {"prefix_list_ids": Later({})},
            (
                "prefix_list_ids has no 's3', which the task needs; give Endpoints the needs of the"
                " task, or leave prefix_list_ids out"
            ),
        ),
        (
            {"endpoint_security_group_id": Later(None)},
            (
                "endpoint_security_group_id is null, as there are no interface endpoints; leave it"
                " out"
            ),
        ),
        (
            {"subnet_ids": Later({"data/euw1-az1": "s"})},
            "group is 'app', it must be a group with subnets: 'data'",
        ),
    ],
)
def test_a_check_that_waits_for_an_output_still_comes_before_the_service(
    given: dict[str, Any], sentence: str
) -> None:
    task = given.get("task")
    args = service_args(task, **{key: one for key, one in given.items() if key != "task"})
    told, registered = refused_later(args)
    assert told == sentence
    assert "aws:ecs/service:Service" not in {one.type for one in registered}


def test_a_task_of_another_region_comes_before_no_task_definition() -> None:
    args = service_args(private_services=Later({}))
    _, registered = refused_later(args)
    assert "aws:ecs/taskDefinition:TaskDefinition" not in {one.type for one in registered}


def test_outputs_that_are_known_give_what_plain_input_gives() -> None:
    plain = served(**full())
    network = {
        key: Later(given) for key, given in network_args().items() if isinstance(given, dict)
    }
    assert served(**full(**network)).inputs() == plain.inputs()


def test_arguments_arrive_from_other_languages_in_camel_case_and_floats() -> None:
    """The component host passes what the engine sends, where every number is a float."""
    provider = ComponentProvider([FargateService], "privatelane")
    wire = {
        "clusterArn": CLUSTER,
        "vpcId": "vpc-1",
        "group": "app",
        "region": REGION,
        "subnetIds": {"app/euw1-az1": "s-1", "app/euw1-az2": "s-2"},
        "egress": {"app": "none"},
        "privateServices": {"app": "ecr.api,ecr.dkr,logs,s3"},
        "endpointSecurityGroupId": "sg-1",
        "prefixListIds": {"s3": "pl-1"},
        "desiredCount": 3.0,
        "healthCheckGracePeriod": 30.0,
        "capacity": {"onDemandWeight": 1.0, "spotWeight": 2.0},
        "autoscaling": {"min": 2.0, "max": 4.0, "cpuPercent": 70.0, "scaleInCooldown": 120.0},
        "loadBalancer": {
            "certificateArn": CERTIFICATE,
            "allowFrom": {"vpc": {"cidr": "10.0.0.0/16"}},
            "healthCheckInterval": 10.0,
            "deregistrationDelay": 5.0,
        },
        "allowTo": {"database": {"securityGroupId": "sg-db", "port": 5432.0}},
        "task": {
            "image": IMAGE,
            "cpu": 512.0,
            "memory": 1024.0,
            "port": 8080.0,
            "tmpfsMib": {"/run": 16.0},
            "logRetentionDays": 7.0,
            "ephemeralStorageGib": 30.0,
            "stopTimeout": 60.0,
            "healthCheck": {"command": ["CMD", "true"], "startPeriod": 5.0},
            "sidecars": {"agent": {"image": IMAGE, "stopTimeout": 10.0}},
        },
    }
    definition = provider._component_defs["FargateService"]
    args = provider.map_inputs(wire, definition)
    result = deployed(lambda: FargateService("web", cast("FargateServiceArgs", args)))

    service = result.the("Service").inputs
    assert (service["desiredCount"], service["healthCheckGracePeriodSeconds"]) == (3, 30)
    assert [one["weight"] for one in service["capacityProviderStrategies"]] == [1, 2]
    task = result.the("TaskDefinition").inputs
    assert (task["cpu"], task["memory"]) == ("512", "1024")
    assert task["ephemeralStorage"] == {"sizeInGib": 30}
    web, agent = containers(result)
    assert (web["portMappings"][0]["containerPort"], web["stopTimeout"]) == (8080, 60)
    assert web["healthCheck"]["startPeriod"] == 5
    assert agent["stopTimeout"] == 10
    # The document is text: a float would show in it, and ECS refuse it.
    document = result.the("TaskDefinition").inputs["containerDefinitions"]
    assert ".0" not in document.replace(IMAGE, "")


def test_what_is_missing_is_named() -> None:
    args = cast("FargateServiceArgs", {"group": "app", "task": {"image": IMAGE}})
    sentence = refusal(lambda: FargateService("web", args))
    assert sentence == (
        "FargateService 'web': 'cluster_arn', 'egress', 'private_services', 'subnet_ids' and"
        " 'vpc_id' is missing."
    )


def test_a_family_has_no_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "get_project", lambda: "acme.shop")
    result = served()
    assert result.the("TaskDefinition").inputs["family"] == "acme-shop-stack-web"
    assert result.the("LogGroup").inputs["name"] == "/ecs/acme.shop/stack/web"
