"""What runs, what it costs and where the bytes go: everything that watches a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
from typing_extensions import NotRequired, TypedDict

from privatelane._component import gathered, input_errors, provider_region, register
from privatelane._invalid import InvalidInput, described, entries, flag, items, known_keys
from privatelane._services import Service, check_region, service
from privatelane.location import location_of
from privatelane.observability._alarms import AlarmSettings, plan_alarms, read_settings
from privatelane.observability._dashboard import LogTable, Prices, check_price, dashboard_body
from privatelane.observability._metrics import Gateway, InterfaceEndpoint
from privatelane.observability._saved_queries import SavedQuery, saved_queries
from privatelane.observability.alarms import NetworkAlarmsArgs, make_alarms
from privatelane.observability.alert_topic import AlertsArgs, alert_topic, check_alerts
from privatelane.observability.dashboard import BytePricesArgs, make_dashboard
from privatelane.observability.nat_budget import NatBudget, NatBudgetArgs, check_budget, make_budget
from privatelane.observability.network_changes import (
    NetworkChanges,
    NetworkChangesArgs,
    alert_on_changes,
    trail,
)
from privatelane.observability.saved_queries import save_queries
from privatelane.vpc._network_plan import FlowLogsPlan, plan_flow_logs
from privatelane.vpc.flow_logs import FLOW_LOG_FIELDS, FlowLogsArgs, LoggedVpc, flow_logs

#: The queries whose answers are on the dashboard.
_SHOWN = {
    "nat-bytes-by-service": "Through NAT, by AWS service",
    "proof-no-s3-through-nat": "S3 and DynamoDB through NAT (nothing is the proof)",
}


class ObservabilityArgs(TypedDict):
    """The network to watch, and who is told what of it."""

    vpc_id: pulumi.Input[str]
    """VPC to watch."""
    region: NotRequired[str]
    """Region of the VPC. Defaults to the AWS provider's."""
    nat_gateway_ids: NotRequired[Mapping[str, pulumi.Input[str]]]
    """NAT gateways by the id of their zone, or one under `regional`, such as
    `Network.nat_gateway_ids`. Defaults to none."""
    endpoint_ids: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Endpoints by service, such as `Endpoints.endpoint_ids`. Gateway endpoints publish no metrics
    and are passed over. Defaults to none."""
    flow_log_group: NotRequired[pulumi.Input[Optional[str]]]
    """Log group that flow logs of the VPC go to already, such as `Network.flow_log_group`. Defaults
    to the one of `flow_logs`."""
    flow_log_fields: NotRequired[Sequence[str]]
    """Fields of the records in `flow_log_group`, in their order. Defaults to those that `Network`
    logs."""
    flow_logs: NotRequired[FlowLogsArgs]
    """Flow logs to make, for a VPC that has none. Defaults to none."""
    alarms: NotRequired[NetworkAlarmsArgs]
    """Above what alarms go off. Defaults to those that need no number of yours."""
    alerts: NotRequired[AlertsArgs]
    """Who is told when an alarm goes off, a budget is spent or the network changed. Defaults to
    nobody: alarms are then seen on the dashboard only."""
    budget: NotRequired[NatBudgetArgs]
    """What the NAT gateways of the account may cost in the Region. Defaults to no budget."""
    network_changes: NotRequired[NetworkChangesArgs]
    """Alerts on calls that change endpoints, routes and filters in the Region. Defaults to none."""
    dashboard: NotRequired[bool]
    """Whether to make a dashboard. Defaults to true."""
    prices: NotRequired[BytePricesArgs]
    """Prices for an estimate on the dashboard of what the bytes cost. Defaults to no estimate."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags put on every resource. Defaults to none."""


class Observability(pulumi.ComponentResource):
    """What watches a network: saved queries over its flow logs, a dashboard, alarms, a budget for its NAT gateways, and alerts on calls that change which way traffic takes."""  # noqa: E501 - the schema takes one paragraph

    query_ids: pulumi.Output[Mapping[str, str]]
    """Ids of the saved queries by name; none without a log group."""
    alarm_arns: pulumi.Output[Mapping[str, str]]
    """ARNs of the alarms by name."""
    dashboard_name: Optional[pulumi.Output[str]]
    """Name of the dashboard; null when there is none."""
    alert_topic_arn: Optional[pulumi.Output[str]]
    """Topic that alerts go to; null when nobody is told."""
    flow_log_group: Optional[pulumi.Output[str]]
    """Log group that the queries read; null when there is none."""
    trail_arn: Optional[pulumi.Output[str]]
    """ARN of the new trail; null when there is none."""

    def __init__(
        self, name: str, args: ObservabilityArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        with input_errors(f"Observability {name!r}"):
            plan = _plan(args, opts)
        super().__init__("privatelane:index:Observability", name, None, opts)
        region, tags = args.get("region"), args.get("tags")
        location = location_of(self, plan.region)

        topic = None
        if "alerts" in args:
            topic = alert_topic(name, args["alerts"], plan.emails, location, self, region, tags)
        log_group: Optional[pulumi.Output[str]] = None
        if (existing := args.get("flow_log_group")) is not None:
            log_group = pulumi.Output.all(existing).apply(lambda known: str(known[0]))
        if plan.flow_logs is not None:
            vpc = LoggedVpc(args["vpc_id"], location.arn("ec2", "vpc/*"))
            log_group = flow_logs(
                f"{name}-flow-logs",
                vpc,
                plan.flow_logs,
                args["flow_logs"],
                parent=self,
                region=region,
                tags=tags,
            ).log_group
        queries = {}
        if log_group is not None:
            queries = save_queries(name, plan.queries, log_group, self, region)
        endpoints = plan.endpoints(location.region)
        planned = plan_alarms(plan.alarms, plan.gateways, endpoints)
        alarms = make_alarms(name, planned, topic, self, region, tags)
        board = None
        if plan.dashboard:
            body = dashboard_body(
                location.region,
                plan.gateways,
                endpoints,
                prices=plan.prices,
                log_group=log_group,
                tables=plan.tables,
                alarms=[one.arn for one in alarms.values()],
            )
            board = make_dashboard(name, body, self, region)
        for budget in plan.budgets:
            assert topic is not None
            make_budget(name, budget, topic, self, tags)
        recorder = None
        if plan.changes is not None:
            assert topic is not None
            if plan.changes.new_trail:
                recorder = trail(name, plan.changes, location, self, region, tags)
            alert_on_changes(name, plan.changes, topic, self, region, tags)

        self.query_ids = gathered(queries)
        self.alarm_arns = gathered({key: one.arn for key, one in alarms.items()})
        self.dashboard_name = board.dashboard_name if board else None
        self.alert_topic_arn = topic
        self.flow_log_group = log_group
        self.trail_arn = recorder.arn if recorder else None
        register(self)


@dataclass(frozen=True)
class _Plan:
    """What was asked for, checked."""

    vpc_id: pulumi.Input[str]
    #: None where only AWS knows it.
    region: Optional[str]
    gateways: Sequence[Gateway]
    #: Interface endpoints that the caller named, by service.
    interfaces: Sequence[tuple[Service, pulumi.Input[str]]]
    flow_logs: Optional[FlowLogsPlan]
    queries: Sequence[SavedQuery]
    alarms: AlarmSettings
    emails: Sequence[str]
    budgets: Sequence[NatBudget]
    changes: Optional[NetworkChanges]
    dashboard: bool
    prices: Optional[Prices]

    @property
    def tables(self) -> list[LogTable]:
        """What the dashboard shows of the flow logs."""
        return [LogTable(_SHOWN[one.name], one.text) for one in self.queries if one.name in _SHOWN]

    def endpoints(self, region: pulumi.Input[str]) -> list[InterfaceEndpoint]:
        """The interface endpoints with the full names of their services in that Region."""
        return [
            InterfaceEndpoint(one.key, id_, _full_name(one, region), self.vpc_id)
            for one, id_ in self.interfaces
        ]


def _full_name(one: Service, region: pulumi.Input[str]) -> pulumi.Input[str]:
    if isinstance(region, str):
        return one.full_name(region)
    return pulumi.Output.all(region).apply(lambda known: one.full_name(known[0]))


def _plan(args: ObservabilityArgs, opts: Optional[pulumi.ResourceOptions]) -> _Plan:
    given = entries("args", args)
    known_keys("Observability", given, ObservabilityArgs.__annotations__)
    if given.get("vpc_id") is None:
        raise InvalidInput("vpc_id is missing")
    region = given.get("region", provider_region(opts))
    if region is not None:
        check_region("region", region)
    services = {
        service("endpoint_ids", key): id_ for key, id_ in _plain_map(given, "endpoint_ids").items()
    }
    settings = entries("alarms", given.get("alarms") or {})
    known_keys("alarms", settings, NetworkAlarmsArgs.__annotations__)
    plan = _Plan(
        vpc_id=args["vpc_id"],
        region=None if region is None else str(region),
        gateways=[Gateway(*one) for one in _plain_map(given, "nat_gateway_ids").items()],
        interfaces=[(one, id_) for one, id_ in services.items() if not one.gateway],
        flow_logs=_flow_logs(given),
        queries=saved_queries(_fields(given)),
        alarms=read_settings(settings),
        emails=check_alerts(entries("alerts", given.get("alerts") or {})),
        budgets=_budgets(given, region),
        changes=NetworkChanges(entries("network_changes", given["network_changes"]))
        if "network_changes" in given
        else None,
        dashboard=flag("dashboard", given.get("dashboard", True)),
        prices=_prices(given),
    )
    if "alerts" not in given and (plan.budgets or plan.changes):
        asked = "budget" if plan.budgets else "network_changes"
        raise InvalidInput(f"{asked} is given, but alerts is not, so nobody would be told")
    # Refused before anything is registered; planned again once the services' full names are known.
    plan_alarms(plan.alarms, plan.gateways, plan.endpoints(plan.region or "us-east-1"))
    return plan


def _plain_map(given: Mapping[str, object], field: str) -> Mapping[str, Any]:
    value = given.get(field)
    if value is None:
        return {}
    if isinstance(value, pulumi.Output):
        # How many alarms there are must be known whatever the ids are.
        raise InvalidInput(
            f"{field} is {described(value)}, it must be a map whose keys are known in previews"
        )
    return entries(field, value)


def _flow_logs(given: Mapping[str, object]) -> Optional[FlowLogsPlan]:
    if "flow_logs" not in given:
        return None
    if given.get("flow_log_group") is not None:
        raise InvalidInput("flow_logs and flow_log_group are given, one flow log is enough")
    known_keys("flow_logs", entries("flow_logs", given["flow_logs"]), FlowLogsArgs.__annotations__)
    return plan_flow_logs(given)


def _fields(given: Mapping[str, object]) -> Sequence[str]:
    if "flow_log_fields" not in given:
        return FLOW_LOG_FIELDS
    if given.get("flow_log_group") is None:
        raise InvalidInput("flow_log_fields is given, but flow_log_group is not; leave it out")
    return [str(one) for one in items("flow_log_fields", given["flow_log_fields"])]


def _budgets(given: Mapping[str, object], region: object) -> Sequence[NatBudget]:
    if "budget" not in given:
        return ()
    if not isinstance(region, str):
        raise InvalidInput("budget needs the name of the Region in previews, give region")
    return check_budget(entries("budget", given["budget"]), region)


def _prices(given: Mapping[str, object]) -> Optional[Prices]:
    if "prices" not in given:
        return None
    prices = entries("prices", given["prices"])
    known_keys("prices", prices, BytePricesArgs.__annotations__)
    return Prices(
        *(check_price(f"prices.{key}", prices.get(key)) for key in BytePricesArgs.__annotations__)
    )
