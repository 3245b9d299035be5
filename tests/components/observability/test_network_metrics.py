"""Metrics, dimensions, dashboards, alarms, events and budgets, held against what AWS says of them.

Where AWS publishes a machine-readable definition, in botocore, or moto plays the service, those are
asked; the metrics and the structure of dashboards are in AWS's pages only, of which the two data
files hold what they say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.loaders
import jsonschema
import pytest
from botocore.model import ServiceModel
from botocore.validate import validate_parameters
from moto import mock_aws
from moto.events.models import EventPattern

from privatelane._zones import REGIONS
from privatelane.observability._network_changes import CHANGES, change_pattern
from privatelane.observability._usage_types import NAT_BYTES, NAT_HOURS, REGION_CODES, usage_types
from tests.components.observability.observed import ENDPOINTS, GROUP, REGION, ZONAL, body, watched

if TYPE_CHECKING:
    from tests.components.mocks import Run

HERE = Path(__file__).parent
PUBLISHED = json.loads((HERE / "aws_metrics.json").read_text())["namespaces"]
STRUCTURE = json.loads((HERE / "dashboard_schema.json").read_text())
ROLE = "arn:aws:iam::123456789012:role/deploy"


def model(service: str) -> ServiceModel:
    """The definition of a service as botocore has it."""
    return ServiceModel(botocore.loaders.Loader().load_service_model(service, "service-2"))


def everything(gateways: Mapping[str, str] = ZONAL) -> Run:
    """A network in which everything is watched."""
    regional = "regional" in gateways
    return watched(
        nat_gateway_ids=gateways,
        endpoint_ids=ENDPOINTS,
        flow_log_group=GROUP,
        alarms={
            "nat_gigabytes_per_hour": 5,
            **({} if regional else {"nat_gigabytes_per_day": 50}),
        },
        alerts={"emails": ["net@example.com"]},
        budget={"monthly_usd": 100, "monthly_gigabytes": 1000},
        network_changes={"ignored_role_arns": [ROLE]},
        prices={"nat_gigabyte_usd": 0.048, "endpoint_gigabyte_usd": 0.01},
    )


BOTH = pytest.mark.parametrize(
    "result", [everything(), everything({"regional": "nat-9"})], ids=["zonal", "regional"]
)


def of_alarms(result: Run) -> Iterator[tuple[str, str, frozenset[str]]]:
    """(namespace, metric, names of dimensions) of everything that an alarm looks at."""
    for one in result.of("MetricAlarm").values():
        looked_at = [
            one.inputs,
            *(q.get("metric", {}) for q in one.inputs.get("metricQueries", [])),
        ]
        for metric in looked_at:
            if "metricName" in metric:
                yield metric["namespace"], metric["metricName"], frozenset(metric["dimensions"])
        for query in one.inputs.get("metricQueries", []):
            yield from _of_select(query.get("expression", ""))


def of_dashboard(result: Run) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The same of everything on the dashboard."""
    for widget in body(result)["widgets"]:
        for series in widget["properties"].get("metrics", []):
            if isinstance(series[0], str):
                namespace, name, *dimensions = series[:-1]
                yield namespace, name, frozenset(dimensions[::2])
            else:
                yield from _of_search(series[0]["expression"])


def _of_select(expression: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    query = r'SELECT SUM\((\w+)\) FROM SCHEMA\("([\w/]+)", ([\w, ]+)\) WHERE (\w+) = \'[\w-]+\''
    if found := re.fullmatch(query, expression):
        name, namespace, dimensions, by = found.groups()
        assert by in dimensions
        yield namespace, name, frozenset(dimensions.split(", "))
    else:
        assert "SELECT" not in expression


def _of_search(expression: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    search = r"SEARCH\('\{([\w/]+),([\w,]+)\} MetricName=\"(\w+)\" (\w+)=\"[\w-]+\"', 'Sum', \d+\)"
    if found := re.fullmatch(search, expression):
        namespace, dimensions, name, by = found.groups()
        assert by in dimensions
        yield namespace, name, frozenset(dimensions.split(","))
    else:
        assert "SEARCH" not in expression


@BOTH
def test_every_metric_is_published_under_those_dimensions(result: Run) -> None:
    used = {*of_alarms(result), *of_dashboard(result)}
    assert {namespace for namespace, _, _ in used} == set(PUBLISHED)
    for namespace, name, dimensions in used:
        published = PUBLISHED[namespace]
        assert name in published["metrics"]
        assert sorted(dimensions) in [sorted(one) for one in published["dimensions"]]


@BOTH
def test_downloads_are_what_comes_in_from_the_destination(result: Run) -> None:
    (widget,) = [
        one
        for one in body(result)["widgets"]
        if one["properties"].get("title") == "NAT bytes by direction"
    ]
    by_label = {
        line[-1]["label"].split()[0]: re.findall("Bytes[A-Za-z]+", json.dumps(line))
        for line in widget["properties"]["metrics"]
    }
    assert by_label == {"Downloads": ["BytesInFromDestination"], "Uploads": ["BytesInFromSource"]}


@BOTH
def test_the_dashboard_keeps_to_the_published_structure(result: Run) -> None:
    jsonschema.validate(body(result), STRUCTURE)


@pytest.mark.parametrize(
    "broken",
    [
        {"widgets": [{"type": "metric", "properties": {"metrics": [["AWS/EC2", "x"]]}}]},
        {"widgets": [{"type": "graph", "properties": {}}]},
        {"widgets": [{"type": "text", "x": 1, "properties": {"markdown": ""}}]},
        {"widgets": [{"type": "text", "width": 25, "properties": {"markdown": ""}}]},
        {"widgets": [{"type": "log", "properties": {"region": "eu-west-1", "query": "fields @m"}}]},
        {"widgets": [{"type": "alarm", "properties": {"alarms": ["my-alarm"]}}]},
        {"widgets": [], "start": "PT6H"},
        {},
    ],
)
def test_the_structure_refuses_what_is_not_a_dashboard(broken: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, STRUCTURE)


@BOTH
def test_widgets_lie_side_by_side_within_the_24_columns(result: Run) -> None:
    places = [(one["x"], one["y"], one["width"], one["height"]) for one in body(result)["widgets"]]
    assert all(x + width <= 24 for x, _, width, _ in places)
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(places, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1


@BOTH
def test_an_expression_names_only_what_its_widget_has(result: Run) -> None:
    for widget in body(result)["widgets"]:
        lines = widget["properties"].get("metrics", [])
        ids = [line[-1]["id"] for line in lines if "id" in line[-1]]
        assert len(ids) == len(set(ids))
        for line in lines:
            expression = line[-1].get("expression", "")
            if not expression.startswith("SEARCH"):
                assert set(re.findall(r"\b[a-z]\w*\b", expression)) <= set(ids)


def test_the_estimate_multiplies_gigabytes_by_the_price_given() -> None:
    (widget,) = [one for one in body(everything())["widgets"] if "Cost" in str(one)]
    expressions = {
        line[0]["label"]: line[0]["expression"]
        for line in widget["properties"]["metrics"]
        if isinstance(line[0], dict)
    }
    assert expressions == {
        "NAT": "(FILL(n0, 0) + FILL(n1, 0) + FILL(n2, 0) + FILL(n3, 0)) / 1000000000 * 0.048000",
        "Endpoints": "(FILL(e0, 0) + FILL(e1, 0)) / 1000000000 * 0.010000",
    }
    assert widget["properties"]["period"] == 3600


@BOTH
def test_cloudwatch_takes_the_dashboard_and_the_alarms(result: Run) -> None:
    with mock_aws():
        cloudwatch = boto3.client("cloudwatch", region_name=REGION)
        cloudwatch.put_dashboard(DashboardName="net", DashboardBody=json.dumps(body(result)))
        for name, one in result.of("MetricAlarm").items():
            request = _put_metric_alarm(name, one.inputs)
            _validate("cloudwatch", "PutMetricAlarm", request)
            cloudwatch.put_metric_alarm(**request)
        kept = cloudwatch.describe_alarms()["MetricAlarms"]
        assert {one["AlarmName"] for one in kept} == set(result.of("MetricAlarm"))
        assert cloudwatch.list_dashboards()["DashboardEntries"][0]["DashboardName"] == "net"


@BOTH
def test_an_alarm_keeps_to_the_limits_of_cloudwatch(result: Run) -> None:
    """Source: PutMetricAlarm in the CloudWatch API reference, and "Limits" of alarms."""
    for one in result.of("MetricAlarm").values():
        queries = one.inputs.get("metricQueries", [])
        periods = [one.inputs.get("period"), *(q.get("period") for q in queries)]
        periods += [q["metric"]["period"] for q in queries if "metric" in q]
        period = max(filter(None, periods))
        assert period * one.inputs["evaluationPeriods"] <= (604_800 if period >= 3600 else 86_400)
        assert len([q for q in queries if "metric" in q]) <= 10
        selects = [q for q in queries if "SELECT" in q.get("expression", "")]
        assert len(selects) <= 1
        assert not selects or period * one.inputs["evaluationPeriods"] <= 3 * 3600
        judged = [q["id"] for q in queries if q["returnData"]]
        assert len(judged) == (0 if not queries else 2 if "thresholdMetricId" in one.inputs else 1)


def test_every_saved_query_fits_into_the_request() -> None:
    """Moto has no saved queries, so the definition of the request is asked."""
    for one in everything().of("QueryDefinition").values():
        request = {
            "name": one.inputs["name"],
            "queryString": one.inputs["queryString"],
            "logGroupNames": one.inputs["logGroupNames"],
        }
        _validate("logs", "PutQueryDefinition", request)
        limits = model("logs").shape_for("QueryDefinitionString").metadata
        assert limits["min"] <= len(request["queryString"]) <= limits["max"]


def _put_metric_alarm(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider sends for an alarm."""
    names = {
        **{key: key[:1].upper() + key[1:] for key in inputs},
        "metricQueries": "Metrics",
        "alarmActions": "AlarmActions",
        "okActions": "OKActions",
        "alarmDescription": "AlarmDescription",
    }
    request = {names[key]: value for key, value in inputs.items() if key not in ("tags", "region")}
    if "Dimensions" in request:
        request["Dimensions"] = _pairs(request["Dimensions"])
    if "Metrics" in request:
        request["Metrics"] = [_query(one) for one in request["Metrics"]]
    sent: dict[str, Any] = _whole({"AlarmName": name, **request})
    return sent


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    sent = {key[:1].upper() + key[1:]: value for key, value in query.items()}
    if "Metric" in sent:
        metric = sent.pop("Metric")
        sent["MetricStat"] = {
            "Metric": {
                "Namespace": metric["namespace"],
                "MetricName": metric["metricName"],
                "Dimensions": _pairs(metric["dimensions"]),
            },
            "Stat": metric["stat"],
            "Period": metric["period"],
        }
    return sent


def _pairs(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _validate(service: str, operation: str, request: Mapping[str, Any]) -> None:
    """Raise when the request is none that botocore would send."""
    shape = model(service).operation_model(operation).input_shape
    assert shape is not None
    validate_parameters(request, shape)


def _whole(value: Any) -> Any:
    """Numbers as the provider sends them; on Pulumi's wire all are floats."""
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


# The changes that are told of.


def event(name: str = "DeleteVpcEndpoints", **detail: Any) -> dict[str, Any]:
    """A call as CloudTrail tells EventBridge of it."""
    role = {"sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::1:role/somebody"}}}
    return {
        "version": "0",
        "id": "1",
        "source": "aws.ec2",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventSource": "ec2.amazonaws.com",
            "eventName": name,
            "userIdentity": {"type": "AssumedRole", **role},
            **detail,
        },
    }


def matches(occurred: Any, *ignored: str) -> bool:
    return EventPattern.load(json.dumps(change_pattern(ignored))).matches_event(occurred)


def test_every_change_is_an_operation_of_ec2() -> None:
    assert set(CHANGES) <= set(model("ec2").operation_names)
    assert len(set(CHANGES)) == len(CHANGES)
    assert not [name for name in CHANGES if name.startswith(("Describe", "Get", "List"))]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_of(name: str) -> None:
    assert matches(event(name))


@pytest.mark.parametrize(
    "occurred",
    [
        event("DescribeRouteTables"),
        event("RunInstances"),
        event(errorCode="Client.UnauthorizedOperation"),
        event(eventSource="rds.amazonaws.com"),
        {**event(), "detail-type": "AWS Service Event via CloudTrail"},
    ],
)
def test_what_changes_no_way_is_not_told_of(occurred: Any) -> None:
    assert not matches(occurred)


def test_the_role_that_deploys_is_not_told_of_but_everybody_else_is() -> None:
    deploys = {"sessionContext": {"sessionIssuer": {"arn": ROLE}}}
    assert not matches(event(userIdentity=deploys), ROLE)
    assert matches(event(userIdentity=deploys))
    assert matches(event(), ROLE)
    assert matches(event(userIdentity={"type": "Root"}), ROLE)
    assert matches(event(userIdentity={"type": "IAMUser", "arn": "arn:aws:iam::1:user/me"}), ROLE)


def test_eventbridge_takes_the_rule_and_its_target() -> None:
    result = everything()
    rule, target = result.the("EventRule").inputs, result.the("EventTarget").inputs
    transformer = target["inputTransformer"]
    with mock_aws():
        events = boto3.client("events", region_name=REGION)
        events.put_rule(Name="changes", EventPattern=rule["eventPattern"])
        answer = events.put_targets(
            Rule="changes",
            Targets=[
                {
                    "Id": "topic",
                    "Arn": target["arn"],
                    "InputTransformer": {
                        "InputPathsMap": transformer["inputPaths"],
                        "InputTemplate": transformer["inputTemplate"],
                    },
                }
            ],
        )
    assert answer["FailedEntryCount"] == 0
    # What is sent is one JSON text: EventBridge refuses a template that is none.
    assert isinstance(json.loads(transformer["inputTemplate"]), str)


def test_the_topic_takes_its_policy() -> None:
    policy = everything().the("TopicPolicy").inputs["policy"]
    with mock_aws():
        sns = boto3.client("sns", region_name=REGION)
        arn = sns.create_topic(Name="alerts")["TopicArn"]
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        kept = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    assert json.loads(kept) == json.loads(policy)


# The budgets.


def test_budgets_takes_both() -> None:
    with mock_aws():
        budgets = boto3.client("budgets", region_name="us-east-1")
        for name, one in everything().of("Budget").items():
            budget = {
                "BudgetName": name,
                "BudgetType": one.inputs["budgetType"],
                "TimeUnit": one.inputs["timeUnit"],
                "BudgetLimit": {
                    "Amount": one.inputs["limitAmount"],
                    "Unit": one.inputs["limitUnit"],
                },
                "CostFilters": {f["name"]: f["values"] for f in one.inputs["costFilters"]},
            }
            notices = [
                {
                    "Notification": {
                        "NotificationType": notice["notificationType"],
                        "ComparisonOperator": notice["comparisonOperator"],
                        "Threshold": notice["threshold"],
                        "ThresholdType": notice["thresholdType"],
                    },
                    "Subscribers": [
                        {"SubscriptionType": "SNS", "Address": topic}
                        for topic in notice["subscriberSnsTopicArns"]
                    ],
                }
                for notice in one.inputs["notifications"]
            ]
            request = {
                "AccountId": "123456789012",
                "Budget": budget,
                "NotificationsWithSubscribers": _whole(notices),
            }
            _validate("budgets", "CreateBudget", request)
            budgets.create_budget(**request)
        kept = budgets.describe_budgets(AccountId="123456789012")["Budgets"]
    assert sorted(one["BudgetName"] for one in kept) == ["obs-nat-cost", "obs-nat-gigabytes"]


def test_a_region_has_the_code_that_its_bills_have() -> None:
    assert usage_types("ap-south-1", NAT_BYTES) == [
        "APS3-NatGateway-Bytes",
        "APS3-RegionalNatGateway-Bytes",
    ]
    assert usage_types("us-east-1", ("NatGateway-Bytes",)) == [
        "NatGateway-Bytes",
        "USE1-NatGateway-Bytes",
    ]
    assert usage_types("eu-west-1", NAT_HOURS)[:2] == [
        "EU-NatGateway-Hours",
        "EUW1-NatGateway-Hours",
    ]


def test_no_two_regions_share_a_code() -> None:
    codes = [code for every in REGION_CODES.values() for code in every]
    assert len(set(codes)) == len(codes)
    assert set(REGION_CODES) <= set(REGIONS)
