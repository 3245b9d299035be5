"""What `Observability` asks the engine for. Mocks do not show that AWS accepts it."""

from __future__ import annotations

import json
import re
from typing import Any

import pulumi
import pytest

from privatelane import FLOW_LOG_FIELDS, Network, Observability
from privatelane._plugin import Plugin
from privatelane.observability._saved_queries import saved_queries
from tests.components.mocks import UNKNOWN, refusal, run
from tests.components.observability.observed import (
    ACCOUNT,
    CALLS,
    CONFIG,
    ENDPOINTS,
    GROUP,
    REGION,
    ZONAL,
    args,
    body,
    computed,
    refused,
    watched,
)

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:obs-alerts"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"


def test_nothing_but_a_vpc_makes_a_dashboard_that_says_so() -> None:
    result = watched()
    assert result.counts() == {"Observability": 1, "Dashboard": 1}
    assert [one["type"] for one in body(result)["widgets"]] == ["text"]


def test_a_network_with_everything_is_watched_by_these() -> None:
    result = watched(
        nat_gateway_ids=ZONAL,
        endpoint_ids=ENDPOINTS,
        flow_log_group=GROUP,
        alarms={"nat_gigabytes_per_hour": 5, "nat_gigabytes_per_day": 50},
        alerts={"emails": ["net@example.com"]},
        budget={"monthly_usd": 100, "monthly_gigabytes": 1000},
        network_changes={"new_trail": True},
        prices={"nat_gigabyte_usd": 0.048, "endpoint_gigabyte_usd": 0.01},
    )
    assert result.counts() == {
        "Observability": 1,
        "QueryDefinition": 7,
        # Five for each NAT gateway, two for each interface endpoint.
        "MetricAlarm": 14,
        "Dashboard": 1,
        "Topic": 1,
        "TopicPolicy": 1,
        "TopicSubscription": 1,
        "Budget": 2,
        "EventRule": 1,
        "EventTarget": 1,
        "Trail": 1,
        "Bucket": 1,
        "BucketPolicy": 1,
        "BucketPublicAccessBlock": 1,
        "BucketLifecycleConfiguration": 1,
    }
    assert result.parents() == {result.the("Observability").urn}
    outputs = result.output("Observability")
    assert outputs["alertTopicArn"] == TOPIC
    assert outputs["dashboardName"] == "project-stack-obs"
    assert outputs["flowLogGroup"] == GROUP
    assert outputs["trailArn"] == f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/obs-trail"
    assert outputs["queryIds"]["nat-top-talkers"] == "id-of-obs-nat-top-talkers"
    assert sorted(outputs["alarmArns"]) == [
        "endpoint-ecr.api-drops",
        "endpoint-ecr.api-idle",
        "endpoint-ecr.dkr-drops",
        "endpoint-ecr.dkr-idle",
        *(
            f"nat-euw1-az{zone}-{what}"
            for zone in (1, 2)
            for what in ("bytes-day", "bytes-hour", "drops", "port-errors", "unusual-downloads")
        ),
    ]


def test_a_preview_shows_the_same_resources_though_no_id_is_known() -> None:
    def program(*, known: bool) -> Any:
        return run(
            lambda: Observability(
                "obs",
                args(
                    nat_gateway_ids=Network(
                        "net",
                        {
                            "cidr_block": "10.0.0.0/16",
                            "zones": ["euw1-az1", "euw1-az2"],
                            "groups": {"public": {"kind": "public"}, "app": {"kind": "private"}},
                            "nat": "per-zone",
                            "flow_logs": {"destination": "cloudwatch"},
                        },
                    ).nat_gateways,
                    flow_log_group=pulumi.Output.from_input("group"),
                ),
            ),
            preview=not known,
            calls=CALLS,
            computed=computed,
            config=CONFIG,
        )

    before, after = program(known=False), program(known=True)
    assert before.shape() == after.shape()
    name = "obs-nat-euw1-az1-port-errors"
    assert before.the("MetricAlarm", name).inputs["dimensions"] == {"NatGatewayId": UNKNOWN}
    assert after.the("MetricAlarm", name).inputs["dimensions"] == {
        "NatGatewayId": "net-nat-euw1-az1-id"
    }


def test_a_query_is_saved_for_the_log_group_in_a_folder_of_the_stack() -> None:
    result = watched(flow_log_group=GROUP)
    texts = {one.name: one.text for one in saved_queries(FLOW_LOG_FIELDS)}
    assert {name: one.inputs for name, one in result.of("QueryDefinition").items()} == {
        f"obs-{name}": {
            "name": f"project/stack/obs/{name}",
            "queryString": text,
            "logGroupNames": [GROUP],
        }
        for name, text in texts.items()
    }


def test_flow_logs_are_made_for_a_vpc_that_has_none_and_the_queries_read_them() -> None:
    result = watched(flow_logs={"destination": "cloudwatch"})
    log = result.the("FlowLog").inputs
    assert (log["vpcId"], log["logDestinationType"]) == ("vpc-1", "cloud-watch-logs")
    assert {
        tuple(one.inputs["logGroupNames"]) for one in result.of("QueryDefinition").values()
    } == {("obs-flow-logs-1",)}
    trust = json.loads(result.the("Role").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-flow-log/*"},
    }


def test_logs_in_a_bucket_are_for_athena_and_no_query_is_saved() -> None:
    result = watched(flow_logs={"destination": "s3"})
    assert result.of("QueryDefinition") == {}
    assert "flowLogGroup" not in result.output("Observability")


def alarm(result: Any, name: str) -> Any:
    inputs = dict(result.the("MetricAlarm", f"obs-{name}").inputs)
    assert inputs.pop("tags") == {"Name": f"obs-{name}"}
    del inputs["alarmDescription"]
    return inputs


def series(metric: str, period: int) -> dict[str, Any]:
    return {
        "namespace": "AWS/NATGateway",
        "metricName": metric,
        "dimensions": {"NatGatewayId": "nat-1"},
        "stat": "Sum",
        "period": period,
    }


def test_the_budget_of_bytes_is_of_both_directions_as_billed() -> None:
    result = watched(
        nat_gateway_ids=ZONAL,
        alarms={"nat_gigabytes_per_hour": 2.5, "nat_gigabytes_per_day": 40},
        alerts={"topic_arn": "arn:aws:sns:eu-west-1:1:mine"},
    )
    for word, period, limit in (("hour", 3600, 2.5e9), ("day", 86400, 40e9)):
        assert alarm(result, f"nat-euw1-az1-bytes-{word}") == {
            "comparisonOperator": "GreaterThanThreshold",
            "threshold": limit,
            "evaluationPeriods": 1,
            "datapointsToAlarm": 1,
            "treatMissingData": "notBreaching",
            "alarmActions": ["arn:aws:sns:eu-west-1:1:mine"],
            "okActions": ["arn:aws:sns:eu-west-1:1:mine"],
            "metricQueries": [
                {
                    "id": "downloads",
                    "returnData": False,
                    "metric": series("BytesInFromDestination", period),
                },
                {
                    "id": "uploads",
                    "returnData": False,
                    "metric": series("BytesInFromSource", period),
                },
                {
                    "id": "bytes",
                    "label": "Bytes",
                    "returnData": True,
                    "expression": "FILL(downloads, 0) + FILL(uploads, 0)",
                },
            ],
        }


def test_unusual_downloads_are_those_above_the_band_in_two_hours_of_three() -> None:
    result = watched(nat_gateway_ids=ZONAL, alarms={"nat_anomaly_deviations": 4})
    assert alarm(result, "nat-euw1-az1-unusual-downloads") == {
        "comparisonOperator": "GreaterThanUpperThreshold",
        "thresholdMetricId": "band",
        "evaluationPeriods": 3,
        "datapointsToAlarm": 2,
        "treatMissingData": "notBreaching",
        "metricQueries": [
            {
                "id": "downloads",
                "label": "Downloads",
                "returnData": True,
                "metric": series("BytesInFromDestination", 3600),
            },
            {
                "id": "band",
                "label": "Usual",
                "returnData": True,
                "expression": "ANOMALY_DETECTION_BAND(downloads, 4)",
            },
        ],
    }


def test_one_connection_without_a_port_is_too_many() -> None:
    assert alarm(watched(nat_gateway_ids=ZONAL), "nat-euw1-az1-port-errors") == {
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": 0,
        "evaluationPeriods": 1,
        "datapointsToAlarm": 1,
        "treatMissingData": "notBreaching",
        "namespace": "AWS/NATGateway",
        "metricName": "ErrorPortAllocation",
        "dimensions": {"NatGatewayId": "nat-1"},
        "statistic": "Sum",
        "period": 300,
    }


def test_drops_are_judged_by_their_share_of_the_packets() -> None:
    found = alarm(watched(nat_gateway_ids=ZONAL), "nat-euw1-az1-drops")
    assert (found["threshold"], found["evaluationPeriods"]) == (0.01, 3)
    assert [one.get("metric", {}).get("metricName") for one in found["metricQueries"]] == [
        "PacketsDropCount",
        "PacketsInFromSource",
        "PacketsInFromDestination",
        None,
    ]
    assert found["metricQueries"][-1]["expression"] == "100 * dropped / (out + back)"


def test_an_endpoint_is_idle_when_a_day_brings_no_byte_and_no_data_is_no_byte() -> None:
    assert alarm(watched(endpoint_ids=ENDPOINTS), "endpoint-ecr.dkr-idle") == {
        "comparisonOperator": "LessThanOrEqualToThreshold",
        "threshold": 0,
        "evaluationPeriods": 24,
        "datapointsToAlarm": 24,
        "treatMissingData": "breaching",
        "namespace": "AWS/PrivateLinkEndpoints",
        "metricName": "BytesProcessed",
        "dimensions": {
            "Endpoint Type": "Interface",
            "Service Name": "com.amazonaws.eu-west-1.ecr.dkr",
            "VPC Endpoint Id": "vpce-dkr",
            "VPC Id": "vpc-1",
        },
        "statistic": "Sum",
        "period": 3600,
    }


def test_gateway_endpoints_have_no_metrics_and_get_no_alarm() -> None:
    result = watched(endpoint_ids=ENDPOINTS)
    assert not [name for name in result.of("MetricAlarm") if "s3" in name]
    assert "vpce-s3" not in result.the("Dashboard").inputs["dashboardBody"]


def test_an_endpoint_that_may_be_idle_is_watched_for_drops_only() -> None:
    result = watched(endpoint_ids=ENDPOINTS, alarms={"may_be_idle": ["ecr.api"]})
    assert sorted(result.of("MetricAlarm")) == [
        "obs-endpoint-ecr.api-drops",
        "obs-endpoint-ecr.dkr-drops",
        "obs-endpoint-ecr.dkr-idle",
    ]


def test_a_full_name_waits_for_a_region_that_only_aws_knows() -> None:
    result = watched(config={}, endpoint_ids={"logs": "vpce-logs"})
    found = alarm(result, "endpoint-logs-drops")
    assert found["dimensions"]["Service Name"] == f"com.amazonaws.{REGION}.logs"


def test_a_regional_gateway_is_added_up_over_its_zones() -> None:
    result = watched(nat_gateway_ids={"regional": "nat-9"}, alarms={"nat_gigabytes_per_hour": 3})
    assert sorted(result.of("MetricAlarm")) == [
        "obs-nat-regional-downloads-hour",
        "obs-nat-regional-drops",
        "obs-nat-regional-port-errors",
        "obs-nat-regional-uploads-hour",
    ]
    assert alarm(result, "nat-regional-downloads-hour")["metricQueries"] == [
        {
            "id": "bytes",
            "label": "Downloads",
            "returnData": True,
            "period": 3600,
            "expression": (
                'SELECT SUM(BytesInFromDestination) FROM SCHEMA("AWS/NATGateway",'
                " AvailabilityZone, NatGatewayId) WHERE NatGatewayId = 'nat-9'"
            ),
        }
    ]


def test_the_budgets_know_every_spelling_of_the_region_s_nat_gateways() -> None:
    result = watched(
        config={"aws:region": "us-east-1"},
        alerts={"topic_arn": TOPIC},
        budget={"monthly_usd": 250, "monthly_gigabytes": 1500},
    )
    notices = [
        {
            "notificationType": kind,
            "comparisonOperator": "GREATER_THAN",
            "threshold": percent,
            "thresholdType": "PERCENTAGE",
            "subscriberSnsTopicArns": [TOPIC],
        }
        for kind, percent in (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
    ]
    assert result.the("Budget", "obs-nat-gigabytes").inputs == {
        "budgetType": "USAGE",
        "timeUnit": "MONTHLY",
        "limitAmount": "1500",
        "limitUnit": "GB",
        "costFilters": [
            {
                "name": "UsageType",
                "values": [
                    "NatGateway-Bytes",
                    "USE1-NatGateway-Bytes",
                    "RegionalNatGateway-Bytes",
                    "USE1-RegionalNatGateway-Bytes",
                ],
            }
        ],
        "notifications": notices,
        "tags": {"Name": "obs-nat-gigabytes"},
    }
    cost = result.the("Budget", "obs-nat-cost").inputs
    assert (cost["budgetType"], cost["limitAmount"], cost["limitUnit"]) == ("COST", "250", "USD")
    assert len(cost["costFilters"][0]["values"]) == 8
    assert "USE1-NatGateway-Hours" in cost["costFilters"][0]["values"]


def test_the_topic_admits_the_three_publishers_and_eventbridge_without_a_condition() -> None:
    result = watched(alerts={"emails": ["net@example.com"]})
    statements = json.loads(result.the("TopicPolicy").inputs["policy"])["Statement"]
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC}
    assert statements == [
        {
            **publish,
            "Sid": "Cloudwatch",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"},
            },
        },
        {
            **publish,
            "Sid": "Budgets",
            "Principal": {"Service": "budgets.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnLike": {"aws:SourceArn": f"arn:aws:budgets::{ACCOUNT}:*"},
            },
        },
        {**publish, "Sid": "Events", "Principal": {"Service": "events.amazonaws.com"}},
    ]
    assert result.the("TopicSubscription").inputs == {
        "topic": TOPIC,
        "protocol": "email",
        "endpoint": "net@example.com",
    }


def test_a_topic_of_the_caller_s_own_is_only_published_to() -> None:
    result = watched(nat_gateway_ids=ZONAL, alerts={"topic_arn": "arn:aws:sns:eu-west-1:1:mine"})
    assert not {"Topic", "TopicPolicy", "TopicSubscription"} & result.counts().keys()
    actions = {tuple(one.inputs["alarmActions"]) for one in result.of("MetricAlarm").values()}
    assert actions == {("arn:aws:sns:eu-west-1:1:mine",)}


def test_without_alerts_alarms_tell_nobody() -> None:
    result = watched(nat_gateway_ids=ZONAL)
    assert not [one for one in result.of("MetricAlarm").values() if "alarmActions" in one.inputs]


def test_the_trail_logs_what_changes_something_and_its_bucket_admits_trails_of_the_account() -> (
    None
):
    result = watched(
        alerts={"topic_arn": TOPIC},
        network_changes={"new_trail": True, "trail_retention_days": 30},
    )
    trail = result.the("Trail")
    assert trail.inputs == {
        "s3BucketName": "obs-trail-id",
        "enableLogFileValidation": True,
        "includeGlobalServiceEvents": False,
        "isMultiRegionTrail": False,
        "eventSelectors": [{"readWriteType": "WriteOnly", "includeManagementEvents": True}],
        "tags": {"Name": "obs-trail"},
    }
    assert trail.depends_on == {"obs-trail"}
    bucket = "arn:aws:s3:::obs-trail"
    source = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/*"},
    }
    look, write, tls = json.loads(result.the("BucketPolicy").inputs["policy"])["Statement"]
    assert (look["Action"], look["Resource"], look["Condition"]) == (
        "s3:GetBucketAcl",
        bucket,
        source,
    )
    assert (write["Action"], write["Resource"]) == (
        "s3:PutObject",
        f"{bucket}/AWSLogs/{ACCOUNT}/*",
    )
    assert write["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    assert tls["Effect"] == "Deny"
    kept = {one.type.rpartition(":")[2] for one in result.resources if one.request.retainOnDelete}
    assert kept == {
        "Bucket",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketLifecycleConfiguration",
    }


def test_an_account_with_a_trail_gets_the_rule_and_its_target_only() -> None:
    result = watched(alerts={"topic_arn": TOPIC}, network_changes={"ignored_role_arns": [ROLE]})
    assert result.counts() == {"Observability": 1, "Dashboard": 1, "EventRule": 1, "EventTarget": 1}
    target = result.the("EventTarget").inputs
    assert (target["rule"], target["arn"]) == ("obs-changes-1", TOPIC)
    transformer = target["inputTransformer"]
    assert set(re.findall("<(.*?)>", transformer["inputTemplate"])) == {*transformer["inputPaths"]}
    assert ROLE in result.the("EventRule").inputs["eventPattern"]


def test_a_region_of_its_own_is_that_of_everything_that_has_one() -> None:
    result = watched(
        region="eu-central-1",
        nat_gateway_ids=ZONAL,
        flow_log_group=GROUP,
        alerts={"emails": ["a@example.com"]},
        budget={"monthly_usd": 1},
        network_changes={"new_trail": True},
    )
    without = {one.name for one in result.resources if "region" not in one.inputs}
    assert without == {"obs", "obs-nat-cost"}
    assert {one.inputs.get("region") for one in result.resources} == {None, "eu-central-1"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"nats": {}}, "Observability has no argument 'nats'"),
        ({"vpc_id": None}, "vpc_id is missing"),
        ({"region": "ireland"}, "region is 'ireland'"),
        ({"endpoint_ids": {"ecr.dkrr": "vpce-1"}}, "endpoint_ids is 'ecr.dkrr'"),
        ({"budget": {"monthly_usd": 5}}, "budget is given, but alerts is not"),
        ({"network_changes": {}}, "network_changes is given, but alerts is not"),
        ({"budget": {}, "alerts": {}}, "budget has no limit, give it monthly_usd"),
        ({"budget": {"monthly_usd": 0}, "alerts": {}}, "budget.monthly_usd is 0"),
        ({"prices": {"nat_gigabyte_usd": 0.05}}, "prices.endpoint_gigabyte_usd is None"),
        ({"alerts": {"emails": ["nobody"]}}, "alerts.emails has 'nobody'"),
        ({"alerts": {"topic_arn": "a", "emails": ["a@b.c"]}}, "alerts.emails is given, but"),
        ({"alarms": {"endpoint_idle_hours": 200}}, "alarms.endpoint_idle_hours is 200"),
        ({"alarms": {"nat_gigabytes_per_hour": 1}}, "alarms.nat_gigabytes_per_hour is 1.0, but"),
        ({"alarms": {"nat_anomaly_deviations": -1}}, "alarms.nat_anomaly_deviations is -1"),
        ({"alarms": {"may_be_idle": ["s3"]}}, "alarms.may_be_idle names 's3'"),
        (
            {"nat_gateway_ids": {"regional": "n"}, "alarms": {"nat_gigabytes_per_day": 1}},
            "alarms.nat_gigabytes_per_day is 1.0, but alarms on a regional NAT gateway see three",
        ),
        ({"flow_log_fields": ["version"]}, "flow_log_fields is given, but flow_log_group is not"),
        (
            {"flow_log_group": "g", "flow_log_fields": ["version"]},
            "flow_log_fields lacks 'action', 'bytes', 'flow-direction'",
        ),
        (
            {"flow_log_group": "g", "flow_logs": {"destination": "s3"}},
            "flow_logs and flow_log_group are given",
        ),
        (
            {"alerts": {}, "network_changes": {"trail_retention_days": 3}},
            "network_changes.trail_retention_days is given, but network_changes.new_trail is not",
        ),
        (
            {"alerts": {}, "network_changes": {"ignored_role_arns": ["deploy"]}},
            "network_changes.ignored_role_arns has 'deploy', it must be the ARN of a role",
        ),
    ],
)
def test_bad_input_gets_one_sentence(given: dict[str, Any], sentence: str) -> None:
    assert sentence in refused(**given)


def test_a_budget_in_a_region_that_nobody_named_is_refused() -> None:
    assert "give region" in refused(config={}, alerts={}, budget={"monthly_usd": 1})


def test_the_plugin_hands_over_the_same_arguments() -> None:
    """On the wire keys are in camel case, nested ones too, and every number is a float."""
    host = Plugin()
    given: dict[str, Any] = {
        **host.map_inputs(
            {
                "vpcId": "vpc-1",
                "natGatewayIds": ZONAL,
                "endpointIds": ENDPOINTS,
                "flowLogGroup": GROUP,
                "alarms": {"endpointIdleHours": 12.0, "natGigabytesPerHour": 5.0},
                "alerts": {"topicArn": TOPIC},
                "networkChanges": {"newTrail": True, "trailRetentionDays": 30.0},
                "prices": {"natGigabyteUsd": 0.048, "endpointGigabyteUsd": 0.01},
            },
            host._component_defs["Observability"],
        )
    }
    plain: dict[str, Any] = {
        "nat_gateway_ids": ZONAL,
        "endpoint_ids": ENDPOINTS,
        "flow_log_group": GROUP,
        "alarms": {"endpoint_idle_hours": 12, "nat_gigabytes_per_hour": 5},
        "alerts": {"topic_arn": TOPIC},
        "network_changes": {"new_trail": True, "trail_retention_days": 30},
        "prices": {"nat_gigabyte_usd": 0.048, "endpoint_gigabyte_usd": 0.01},
    }
    del given["vpc_id"]
    assert watched(**given).inputs() == watched(**plain).inputs()


def test_a_map_of_which_only_aws_knows_the_keys_is_refused() -> None:
    def program() -> None:
        Observability("obs", args(nat_gateway_ids=pulumi.Output.from_input(ZONAL)))

    sentence = refusal(program, calls=CALLS)
    assert "nat_gateway_ids is of type Output" in sentence
    assert "whose keys are known in previews" in sentence
