"""The public names of services, which interface endpoints with private DNS answer for in a VPC.

Sources, read in November 2026: the VPC endpoint pages of the ECR and ECS user guides, and the
endpoint rules of botocore 1.44, to which a test holds the rest.
"""

from __future__ import annotations

from privatelane._services import partition

_SUFFIXES = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}

#: Services called by their short name, then the Region.
_PLAIN = frozenset(
    {
        *("athena", "autoscaling", "cloudformation", "ec2", "ecs", "elasticfilesystem"),
        *("elasticloadbalancing", "events", "glue", "kms", "lambda", "logs", "monitoring"),
        *("secretsmanager", "sns", "sqs", "ssm", "states", "sts", "xray"),
    }
)

#: Services called otherwise. The registry's name is a wildcard: each account has its own below it,
#: and the name without an account is nobody's.
_OTHERS = {
    "bedrock-runtime": "bedrock-runtime.{region}.{suffix}",
    "dynamodb": "dynamodb.{region}.{suffix}",
    "ecr.api": "api.ecr.{region}.{suffix}",
    "ecr.dkr": "{account}.dkr.ecr.{region}.{suffix}",
    "ecs-agent": "ecs-a.{region}.{suffix}",
    "ecs-telemetry": "ecs-t.{region}.{suffix}",
    "eks": "eks.{region}.{suffix}",
    "eks-auth": "eks-auth.{region}.api.aws",
    "kinesis-firehose": "firehose.{region}.{suffix}",
    "kinesis-streams": "kinesis.{region}.{suffix}",
    "s3": "s3.{region}.{suffix}",
    "s3-interface": "s3.{region}.{suffix}",
    "ssmmessages": "ssmmessages.{region}.{suffix}",
}

#: The bucket in which ECR keeps image layers, which is where nearly all bytes of a pull come from.
_LAYERS = "prod-{region}-starport-layer-bucket.s3.{region}.{suffix}"


def host_of(service: str, region: str, account: str) -> str | None:
    """Return the name by which clients call a service, None when it is not known here."""
    pattern = _OTHERS.get(
        service, f"{service}.{{region}}.{{suffix}}" if service in _PLAIN else None
    )
    return None if pattern is None else _filled(pattern, region, account)


def layers_host(region: str) -> str:
    """Return the name of the bucket that image layers are downloaded from."""
    return _filled(_LAYERS, region, "")


def _filled(pattern: str, region: str, account: str) -> str:
    suffix = _SUFFIXES.get(partition(region), "amazonaws.com")
    return pattern.format(region=region, suffix=suffix, account=account)
