"""SQS queues and the EventBridge rules that fill them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._handler import (
    Handler,
    changed,
    given,
    handles,
    tag_changes,
    tag_list,
    tag_map,
)

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props

#: A queue's attributes: the API's name -> the property.
_ATTRIBUTES = {
    "DelaySeconds": "delaySeconds",
    "KmsMasterKeyId": "kmsMasterKeyId",
    "MaximumMessageSize": "maxMessageSize",
    "MessageRetentionPeriod": "messageRetentionSeconds",
    "Policy": "policy",
    "ReceiveMessageWaitTimeSeconds": "receiveWaitTimeSeconds",
    "RedrivePolicy": "redrivePolicy",
    "SqsManagedSseEnabled": "sqsManagedSseEnabled",
    "VisibilityTimeout": "visibilityTimeoutSeconds",
}
_TEXTS = frozenset({"kmsMasterKeyId", "policy", "redrivePolicy"})


class _SqsHandler(Handler):
    service = "sqs"

    def attributes(self, url: str) -> dict[str, str]:
        """All attributes of a queue."""
        answer = self.aws.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        found: dict[str, str] = answer["Attributes"]
        return found


@handles("aws:sqs/queue:Queue")
class Queue(_SqsHandler):
    """A queue; its id is its URL."""

    def create(self, inputs: Props) -> str:
        answer = self.aws.create_queue(
            QueueName=inputs["name"], Attributes=_attributes(inputs), tags=inputs.get("tags") or {}
        )
        url: str = answer["QueueUrl"]
        return url

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.attributes(id_)
        return {
            "arn": found["QueueArn"],
            "url": id_,
            "name": id_.rsplit("/", 1)[1],
            "namePrefix": "",
            **{
                ours: _value(ours, found[theirs])
                for theirs, ours in _ATTRIBUTES.items()
                # A policy of a resource of its own is no business of the queue's.
                if theirs in found and (ours != "policy" or known.get("policy"))
            },
            "tags": self.aws.list_queue_tags(QueueUrl=id_).get("Tags", {}),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self.aws.set_queue_attributes(QueueUrl=id_, Attributes=_attributes(news))
        gone, after = tag_changes(olds, news)
        if gone:
            self.aws.untag_queue(QueueUrl=id_, TagKeys=gone)
        if after:
            self.aws.tag_queue(QueueUrl=id_, Tags=after)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_queue(QueueUrl=id_)


@handles("aws:sqs/queuePolicy:QueuePolicy")
class QueuePolicy(_SqsHandler):
    """The policy of a queue; its id is the queue's URL."""

    def create(self, inputs: Props) -> str:
        self._put(inputs)
        url: str = inputs["queueUrl"]
        return url

    def read(self, id_: str, known: Props) -> Props | None:
        policy = self.attributes(id_).get("Policy")
        return {"queueUrl": id_, "policy": policy} if policy else None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._put(news)

    def delete(self, id_: str, state: Props) -> None:
        self.aws.set_queue_attributes(QueueUrl=id_, Attributes={"Policy": ""})

    def _put(self, inputs: Props) -> None:
        self.aws.set_queue_attributes(
            QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]}
        )


def _attributes(inputs: Props) -> dict[str, str]:
    found = {theirs: inputs.get(ours) for theirs, ours in _ATTRIBUTES.items()}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in found.items()
        if value not in (None, "")
    }


def _value(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    return text == "true" if text in ("true", "false") else int(text)


class _EventsHandler(Handler):
    service = "events"


@handles("aws:cloudwatch/eventRule:EventRule")
class EventRule(_EventsHandler):
    """A rule of the default bus; its id is its name."""

    def create(self, inputs: Props) -> str:
        self._put(inputs)
        name: str = inputs["name"]
        return name

    def read(self, id_: str, known: Props) -> Props | None:
        found = self.aws.describe_rule(Name=id_)
        tags = self.aws.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
        return {
            "arn": found["Arn"],
            "name": found["Name"],
            "namePrefix": "",
            "eventBusName": found["EventBusName"],
            "eventPattern": found.get("EventPattern"),
            "description": found.get("Description") or None,
            "state": found["State"],
            "tags": tag_map(tags),
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._put(news)
        if changed(olds, news, "tags"):
            arn = self.aws.describe_rule(Name=id_)["Arn"]
            gone, after = tag_changes(olds, news)
            if gone:
                self.aws.untag_resource(ResourceARN=arn, TagKeys=gone)
            self.aws.tag_resource(ResourceARN=arn, Tags=tag_list(after))

    def delete(self, id_: str, state: Props) -> None:
        self.aws.delete_rule(Name=id_)

    def _put(self, inputs: Props) -> None:
        self.aws.put_rule(
            Name=inputs["name"],
            State=inputs["state"],
            Tags=tag_list(inputs.get("tags")),
            **given(
                inputs,
                EventPattern="eventPattern",
                Description="description",
                ScheduleExpression="scheduleExpression",
            ),
        )


@handles("aws:cloudwatch/eventTarget:EventTarget")
class EventTarget(_EventsHandler):
    """A target of a rule; its id is `RULE-TARGET`."""

    def create(self, inputs: Props) -> str:
        target = inputs.get("targetId") or f"terraform-{inputs['rule']}"
        self._put(inputs, target)
        return f"{inputs['rule']}-{target}"

    def read(self, id_: str, known: Props) -> Props | None:
        rule = known["rule"]
        target = known.get("targetId") or id_.removeprefix(f"{rule}-")
        for found in self.aws.list_targets_by_rule(Rule=rule)["Targets"]:
            if found["Id"] == target:
                return {
                    "rule": rule,
                    "targetId": target,
                    "arn": found["Arn"],
                    "eventBusName": "default",
                }
        return None

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._put(news, id_.removeprefix(f"{news['rule']}-"))

    def delete(self, id_: str, state: Props) -> None:
        self.aws.remove_targets(Rule=state["rule"], Ids=[state["targetId"]])

    def _put(self, inputs: Props, target: str) -> None:
        self.aws.put_targets(Rule=inputs["rule"], Targets=[{"Id": target, "Arn": inputs["arn"]}])
