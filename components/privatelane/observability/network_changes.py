"""Alerts on calls that change which way traffic takes, and the trail that makes them heard."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._bucket_policy import only_with_tls
from privatelane._invalid import InvalidInput, described, flag, integer, items, known_keys
from privatelane._services import partition
from privatelane._tags import Tags, tagged
from privatelane.location import Location
from privatelane.observability._network_changes import PATHS, TEMPLATE, change_pattern
from privatelane.private_bucket import PrivateBucket

#: Ten years.
_MOST_DAYS = 3653


class NetworkChangesArgs(TypedDict):
    """Which changes of endpoints, routes and filters are told of."""

    new_trail: NotRequired[bool]
    """Whether to make a trail of CloudTrail. Without one that logs management events in the Region
    EventBridge hears of no change; a second one costs extra. Defaults to false, for an account or
    organization that has one."""
    trail_retention_days: NotRequired[int]
    """Days that the bucket of the new trail keeps its files, up to 3653. Defaults to 365."""
    ignored_role_arns: NotRequired[Sequence[str]]
    """Roles whose changes are expected, such as the one that deploys. Defaults to none."""


class NetworkChanges:
    """What was asked for, checked."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        """Check the arguments.

        Raises:
            InvalidInput: one cannot be used.

        """
        where = "network_changes"
        known_keys(where, given, NetworkChangesArgs.__annotations__)
        self.new_trail = flag(f"{where}.new_trail", given.get("new_trail", False))
        self.retention = integer(
            f"{where}.trail_retention_days",
            given.get("trail_retention_days", 365),
            least=1,
            most=_MOST_DAYS,
        )
        if "trail_retention_days" in given and not self.new_trail:
            raise InvalidInput(
                f"{where}.trail_retention_days is given, but {where}.new_trail is not; leave it out"
            )
        field = f"{where}.ignored_role_arns"
        self.ignored = [
            _role(field, one) for one in items(field, given.get("ignored_role_arns", ()))
        ]


def alert_on_changes(
    name: str,
    changes: NetworkChanges,
    topic: pulumi.Input[str],
    parent: pulumi.Resource,
    region: Optional[str],
    tags: Optional[Tags],
) -> None:
    """Have EventBridge tell `topic` of every change."""
    child = pulumi.ResourceOptions(parent=parent)
    rule = aws.cloudwatch.EventRule(
        f"{name}-changes",
        description="Calls that can change which way traffic takes to AWS",
        event_pattern=json.dumps(change_pattern(changes.ignored)),
        region=region,
        tags=tagged(f"{name}-changes", tags),
        opts=child,
    )
    aws.cloudwatch.EventTarget(
        f"{name}-changes",
        rule=rule.name,
        arn=topic,
        region=region,
        input_transformer={"input_paths": dict(PATHS), "input_template": TEMPLATE},
        opts=child,
    )


def trail(
    name: str,
    changes: NetworkChanges,
    location: Location,
    parent: pulumi.Resource,
    region: Optional[str],
    tags: Optional[Tags],
) -> "aws.cloudtrail.Trail":
    """Make a trail of the Region's management events that change something.

    Its bucket is retained: the record of who did what outlives what it is about.
    """
    kept = pulumi.ResourceOptions(parent=parent, retain_on_delete=True)
    made = PrivateBucket(f"{name}-trail", kept, region=region, tags=tags)
    made.expire(changes.retention)
    bucket = made.bucket
    policy = made.admit(
        pulumi.Output.json_dumps(
            pulumi.Output.all(bucket.arn, location.region, location.account).apply(
                lambda known: _delivery(*known)
            )
        )
    )
    return aws.cloudtrail.Trail(
        f"{name}-trail",
        s3_bucket_name=bucket.id,
        enable_log_file_validation=True,
        include_global_service_events=False,
        is_multi_region_trail=False,
        region=region,
        event_selectors=[{"read_write_type": "WriteOnly", "include_management_events": True}],
        tags=tagged(f"{name}-trail", tags),
        # CloudTrail writes a test file when the trail is made.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )


def _delivery(bucket: str, region: str, account: str) -> dict[str, Any]:
    principal = {"Service": "cloudtrail.amazonaws.com"}
    trails = f"arn:{partition(region)}:cloudtrail:{region}:{account}:trail/*"
    source = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": trails},
    }
    owned = {
        **source,
        "StringEquals": {
            **source["StringEquals"],
            "s3:x-amz-acl": "bucket-owner-full-control",
        },
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Look",
                "Effect": "Allow",
                "Principal": principal,
                "Action": "s3:GetBucketAcl",
                "Resource": bucket,
                "Condition": source,
            },
            {
                "Sid": "Write",
                "Effect": "Allow",
                "Principal": principal,
                "Action": "s3:PutObject",
                "Resource": f"{bucket}/AWSLogs/{account}/*",
                "Condition": owned,
            },
            {"Sid": "OnlyWithTls", **only_with_tls(bucket)},
        ],
    }


def _role(field: str, value: object) -> str:
    if isinstance(value, str) and value.startswith("arn:") and ":role/" in value:
        return value
    raise InvalidInput(f"{field} has {described(value)}, it must be the ARN of a role")
