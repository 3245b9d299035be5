"""Where alerts go: an SNS topic that the services which watch the network may publish to."""

from collections.abc import Mapping, Sequence
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._invalid import InvalidInput, described, items, known_keys
from privatelane._services import partition
from privatelane._tags import Tags, tagged
from privatelane.location import Location


class AlertsArgs(TypedDict):
    """Who is told."""

    topic_arn: NotRequired[pulumi.Input[str]]
    """SNS topic of your own, in the same Region; its policy must let CloudWatch, EventBridge and
    AWS Budgets publish. Defaults to a new topic."""
    emails: NotRequired[Sequence[str]]
    """Addresses that the new topic writes to, each of which must confirm. Defaults to none."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the new topic; its policy must let CloudWatch, EventBridge and AWS Budgets use it,
    which AWS's own key for SNS does not. Defaults to no encryption of your own."""


def check_alerts(given: Mapping[str, Any]) -> Sequence[str]:
    """Return the addresses to write to.

    Raises:
        InvalidInput: an argument cannot be used.

    """
    known_keys("alerts", given, AlertsArgs.__annotations__)
    emails = [_email(one) for one in items("alerts.emails", given.get("emails") or ())]
    if given.get("topic_arn") is not None:
        for key in ("emails", "kms_key_arn"):
            if given.get(key):
                raise InvalidInput(
                    f"alerts.{key} is given, but the topic of alerts.topic_arn has its own; leave"
                    " it out"
                )
    return emails


def alert_topic(
    name: str,
    args: AlertsArgs,
    emails: Sequence[str],
    location: Location,
    parent: pulumi.Resource,
    region: Optional[str],
    tags: Optional[Tags],
) -> pulumi.Output[str]:
    """Return the ARN of the topic, once it may be published to."""
    given = args.get("topic_arn")
    if given is not None:
        return pulumi.Output.from_input(given)
    child = pulumi.ResourceOptions(parent=parent)
    topic = aws.sns.Topic(
        f"{name}-alerts",
        kms_master_key_id=args.get("kms_key_arn"),
        region=region,
        tags=tagged(f"{name}-alerts", tags),
        opts=child,
    )
    policy = aws.sns.TopicPolicy(
        f"{name}-alerts",
        arn=topic.arn,
        region=region,
        policy=pulumi.Output.json_dumps(
            pulumi.Output.all(topic.arn, location.region, location.account).apply(
                lambda known: _publishers(*known)
            )
        ),
        opts=child,
    )
    for email in emails:
        aws.sns.TopicSubscription(
            f"{name}-alerts-{email}",
            topic=topic.arn,
            protocol="email",
            endpoint=email,
            region=region,
            opts=child,
        )
    # Budgets tries the topic when it is told of it.
    return pulumi.Output.all(topic.arn, policy.id).apply(lambda both: str(both[0]))


def _publishers(topic: str, region: str, account: str) -> dict[str, Any]:
    aws_ = f"arn:{partition(region)}"
    sources = {
        "cloudwatch.amazonaws.com": f"{aws_}:cloudwatch:{region}:{account}:alarm:*",
        "budgets.amazonaws.com": f"{aws_}:budgets::{account}:*",
    }
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic}
    return {
        "Version": "2012-10-17",
        "Statement": [
            *(
                {
                    **publish,
                    "Sid": service.partition(".")[0].capitalize(),
                    "Principal": {"Service": service},
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": account},
                        "ArnLike": {"aws:SourceArn": source},
                    },
                }
                for service, source in sources.items()
            ),
            # EventBridge supports no conditions in the policy of a topic: with one it publishes
            # nothing. Source: "Using resource-based policies for Amazon EventBridge".
            {**publish, "Sid": "Events", "Principal": {"Service": "events.amazonaws.com"}},
        ],
    }


def _email(value: object) -> str:
    if isinstance(value, str):
        before, at, after = value.partition("@")
        if before and at and "." in after and not {" ", "@"} & set(after):
            return value
    raise InvalidInput(f"alerts.emails has {described(value)}, it must be an address of email")
