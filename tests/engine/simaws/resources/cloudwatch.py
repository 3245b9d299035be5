"""CloudWatch: log groups, saved queries, alarms and dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.simaws.resources._handler import Handler, changed, given, handles, tag_changes
from tests.engine.simaws.resources._shelf import ShelfHandler, stable_hex

if TYPE_CHECKING:
    from tests.engine.simaws.wire import Props


@handles("aws:cloudwatch/logGroup:LogGroup")
class LogGroup(Handler):
    """A log group; its id is its name."""

    service = "logs"

    def create(self, inputs: Props) -> str:
        tags = {"tags": inputs["tags"]} if inputs.get("tags") else {}
        self.aws.create_log_group(
            logGroupName=inputs["name"],
            **given(inputs, kmsKeyId="kmsKeyId", logGroupClass="logGroupClass"),
            **tags,
        )
        name: str = inputs["name"]
        return name

    def configure(self, id_: str, inputs: Props) -> None:
        self._set_retention(id_, {}, inputs)

    def read(self, id_: str, known: Props) -> Props | None:
        answer = self.aws.describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
        found = next((group for group in answer if group["logGroupName"] == id_), None)
        if found is None:
            return None
        arn = found["arn"].removesuffix(":*")
        return {
            "arn": arn,
            "name": id_,
            "namePrefix": "",
            "retentionInDays": found.get("retentionInDays", 0),
            "kmsKeyId": found.get("kmsKeyId"),
            "logGroupClass": found.get("logGroupClass", "STANDARD"),
            "deletionProtectionEnabled": known.get("deletionProtectionEnabled"),
            "tags": self.aws.list_tags_for_resource(resourceArn=arn)["tags"],
        }

    def update(self, id_: str, olds: Props, news: Props) -> None:
        self._set_retention(id_, olds, news)
        if changed(olds, news, "kmsKeyId"):
            if news.get("kmsKeyId"):
                self.aws.associate_kms_key(logGroupName=id_, kmsKeyId=news["kmsKeyId"])
            else:
                self.aws.disassociate_kms_key(logGroupName=id_)
        if changed(olds, news, "tags"):
            arn = self.cloud.arn("logs", f"log-group:{id_}")
            gone, after = tag_changes(olds, news)
            if gone:
                self.aws.untag_resource(resourceArn=arn, tagKeys=gone)
            if after:
                self.aws.tag_resource(resourceArn=arn, tags=after)

    def delete(self, id_: str, state: Props) -> None:
        if not state.get("skipDestroy"):
            self.aws.delete_log_group(logGroupName=id_)

    def _set_retention(self, id_: str, olds: Props, news: Props) -> None:
        if not changed(olds, news, "retentionInDays"):
            return
        if news.get("retentionInDays"):
            self.aws.put_retention_policy(logGroupName=id_, retentionInDays=news["retentionInDays"])
        elif olds.get("retentionInDays"):
            self.aws.delete_retention_policy(logGroupName=id_)


@handles("aws:cloudwatch/queryDefinition:QueryDefinition")
class QueryDefinition(ShelfHandler):
    """A saved Logs Insights query."""

    kind = "logs-query-definition"

    def name_of(self, inputs: Props) -> str:
        return stable_hex(inputs["name"], 32)

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {
            "queryDefinitionId": id_,
            "arn": self.cloud.arn("logs", f"query-definition:{id_}"),
        }


@handles("aws:cloudwatch/metricAlarm:MetricAlarm")
class MetricAlarm(ShelfHandler):
    """An alarm."""

    kind = "cloudwatch-alarm"

    def name_of(self, inputs: Props) -> str:
        name: str = inputs["name"]
        return name

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {"arn": self.cloud.arn("cloudwatch", f"alarm:{id_}")}


@handles("aws:cloudwatch/dashboard:Dashboard")
class Dashboard(ShelfHandler):
    """A dashboard."""

    kind = "cloudwatch-dashboard"

    def name_of(self, inputs: Props) -> str:
        name: str = inputs["dashboardName"]
        return name

    def outputs(self, id_: str, inputs: Props) -> Props:
        return {"dashboardArn": self.cloud.arn("cloudwatch", f"dashboard/{id_}", region=False)}
