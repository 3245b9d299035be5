"""The two roles of a task: what starts it, and what its application may do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from privatelane._images import PULL_ACTIONS, parse_image
from privatelane._services import partition
from privatelane._tags import Tags, tagged
from privatelane.ecs._container import check_parameter, check_secret
from privatelane.location import Location

#: Random characters that Secrets Manager ends every ARN of a secret with; `?` stands for each.
_SECRET_SUFFIX = 6


@dataclass(frozen=True, slots=True)
class TaskRoles:
    """The roles, and the policies without which tasks would start too early."""

    execution: aws.iam.Role
    """Used by Fargate to pull images, fetch secrets and write logs."""
    task: aws.iam.Role
    """Used by the application."""
    policies: Sequence[pulumi.Resource]


def task_roles(
    name: str,
    settings: Mapping[str, Any],
    images: Mapping[str, pulumi.Input[str]],
    log_group_arn: pulumi.Output[str],
    location: Location,
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> TaskRoles:
    """Register the roles of a task (`FargateTaskArgs`), with no right that it has no use for."""
    trust = pulumi.Output.json_dumps(_trust(location))

    def role(use: str, description: str) -> aws.iam.Role:
        return aws.iam.Role(
            f"{name}-{use}",
            assume_role_policy=trust,
            description=description,
            permissions_boundary=settings.get("permissions_boundary_arn"),
            tags=tagged(f"{name}-{use}", tags),
            opts=pulumi.ResourceOptions(parent=parent),
        )

    def policy(use: str, of: aws.iam.Role, document: pulumi.Input[str]) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            f"{name}-{use}",
            role=of.name,
            policy=document,
            opts=pulumi.ResourceOptions(parent=parent),
        )

    execution = role("execution", f"Starts the tasks of {name}")
    task = role("application", f"What the tasks of {name} may do")
    policies: list[pulumi.Resource] = [
        policy("execution", execution, _document(_execution(settings, images, log_group_arn)))
    ]
    # Apart from the rest, as the ARNs of secrets are often known later than it.
    if (secrets := _secrets(settings, location)) is not None:
        policies.append(policy("secrets", execution, _document(secrets)))
    if settings.get("exec"):
        policies.append(policy("exec", task, _document(_exec(settings))))
    if settings.get("policy") is not None:
        policies.append(policy("application", task, settings["policy"]))
    policies += [
        aws.iam.RolePolicyAttachment(
            f"{name}-application-{key}",
            role=task.name,
            policy_arn=arn,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for key, arn in sorted((settings.get("policy_arns") or {}).items())
    ]
    return TaskRoles(execution, task, policies)


def _document(statements: pulumi.Input[Sequence[Any]]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements})


def _trust(location: Location) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
                # ECS acts for every account; only its own tasks may become these roles.
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": location.account},
                    "ArnLike": {"aws:SourceArn": location.arn("ecs", "*")},
                },
            }
        ],
    }


def _execution(
    settings: Mapping[str, Any],
    images: Mapping[str, pulumi.Input[str]],
    log_group_arn: pulumi.Output[str],
) -> pulumi.Output[list[Any]]:
    prefixes: Sequence[str] = settings.get("pull_through_prefixes") or []

    def statements(known: dict[str, Any]) -> list[Any]:
        logs = {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{known['log_group']}:*",
        }
        return [*_pulls(known["images"].values(), prefixes), logs]

    return pulumi.Output.all(images=dict(images), log_group=log_group_arn).apply(statements)


def _pulls(images: Iterable[str], prefixes: Sequence[str]) -> list[Any]:
    repositories: dict[str, str] = {}
    for image in map(parse_image, images):
        if image.ecr is not None:
            region, account = image.ecr.region, image.ecr.account
            arn = f"arn:{partition(region)}:ecr:{region}:{account}:repository/{image.repository}"
            repositories[arn] = image.repository
    if not repositories:
        return []
    cached = [
        arn
        for arn, repository in sorted(repositories.items())
        if any(repository.startswith(f"{prefix}/") for prefix in prefixes)
    ]
    statements = [
        # The token is one for all registries: this action knows no resource.
        {
            "Sid": "SignInToRegistry",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
        {
            "Sid": "PullImages",
            "Effect": "Allow",
            "Action": list(PULL_ACTIONS),
            "Resource": sorted(repositories),
        },
    ]
    imports = {
        "Sid": "ImportCachedImages",
        "Effect": "Allow",
        "Action": ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
        "Resource": cached,
    }
    return [*statements, imports] if cached else statements


def _secrets(settings: Mapping[str, Any], location: Location) -> Optional[pulumi.Output[list[Any]]]:
    every = [settings, *(settings.get("sidecars") or {}).values()]
    secrets = [arn for one in every for arn in (one.get("secrets") or {}).values()]
    parameters = [name for one in every for name in (one.get("parameters") or {}).values()]
    if not secrets and not parameters:
        return None

    def statements(known: dict[str, Any]) -> list[Any]:
        region: str = known["region"]
        home = f"arn:{partition(region)}:ssm:{region}:{known['account']}"
        by_sid = {
            "ReadSecrets": (
                "secretsmanager:GetSecretValue",
                [_secret_arn(reference) for reference in known["secrets"]],
            ),
            "ReadParameters": (
                "ssm:GetParameters",
                [_parameter_arn(home, reference) for reference in known["parameters"]],
            ),
            "DecryptSecrets": ("kms:Decrypt", known["keys"]),
        }
        # The keys are used by the two services that hold the secrets, for this role, and no other
        # way.
        via = {"StringLike": {"kms:ViaService": [f"secretsmanager.{region}.*", f"ssm.{region}.*"]}}
        return [
            {
                "Sid": sid,
                "Effect": "Allow",
                "Action": action,
                "Resource": sorted(set(resources)),
                **({"Condition": via} if action == "kms:Decrypt" else {}),
            }
            for sid, (action, resources) in by_sid.items()
            if resources
        ]

    return pulumi.Output.all(
        secrets=secrets,
        parameters=parameters,
        keys=list(settings.get("secrets_kms_key_arns") or []),
        region=location.region,
        account=location.account,
    ).apply(statements)


def _secret_arn(reference: str) -> str:
    """The ARN, completed by wildcards where it was given without its random end."""
    arn = check_secret("task.secrets", reference)
    _, _, suffix = arn.rpartition("-")
    complete = len(suffix) == _SECRET_SUFFIX and suffix.isalnum()
    return arn if complete else f"{arn}-{'?' * _SECRET_SUFFIX}"


def _parameter_arn(home: str, reference: str) -> str:
    check_parameter("task.parameters", reference)
    if reference.startswith("arn:"):
        return reference
    return f"{home}:parameter/{reference.removeprefix('/')}"


def _exec(settings: Mapping[str, Any]) -> list[Any]:
    statements: list[Any] = [
        {
            "Sid": "OpenSessionChannels",
            "Effect": "Allow",
            "Action": [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            # These actions know no resource.
            "Resource": "*",
        }
    ]
    if settings.get("exec_log_group_arn") is not None:
        group = settings["exec_log_group_arn"]
        statements += [
            {
                "Sid": "FindSessionLog",
                "Effect": "Allow",
                "Action": "logs:DescribeLogGroups",
                # It lists all groups or none.
                "Resource": "*",
            },
            {
                "Sid": "WriteSessionLog",
                "Effect": "Allow",
                "Action": [
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                "Resource": pulumi.Output.concat(group, ":*"),
            },
        ]
    if settings.get("exec_kms_key_arn") is not None:
        statements.append(
            {
                "Sid": "DecryptSession",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": settings["exec_kms_key_arn"],
            }
        )
    return statements
