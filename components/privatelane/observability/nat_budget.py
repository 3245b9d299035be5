"""A budget for what NAT gateways cost, and for the gigabytes that they process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import pulumi
import pulumi_aws as aws
from typing_extensions import NotRequired, TypedDict

from privatelane._invalid import InvalidInput, described, known_keys
from privatelane._tags import Tags, tagged
from privatelane.observability._usage_types import NAT_BYTES, NAT_HOURS, usage_types


class NatBudgetArgs(TypedDict):
    """What the NAT gateways of the account may cost in the Region."""

    monthly_usd: NotRequired[float]
    """US dollars a month for their hours and their gigabytes. Defaults to no such budget."""
    monthly_gigabytes: NotRequired[float]
    """Gigabytes a month that they may process. Defaults to no such budget."""


@dataclass(frozen=True, slots=True)
class NatBudget:
    """One budget, as far as it is known before anything exists."""

    name: str
    kind: str
    limit: float
    unit: str
    usage_types: tuple[str, ...]


def check_budget(given: Mapping[str, Any], region: str) -> tuple[NatBudget, ...]:
    """Return the budgets that were asked for.

    Raises:
        InvalidInput: none was, or one cannot be made.

    """
    known_keys("budget", given, NatBudgetArgs.__annotations__)
    both = usage_types(region, (*NAT_BYTES, *NAT_HOURS))
    gigabytes = usage_types(region, NAT_BYTES)
    asked = (
        ("monthly_usd", NatBudget("nat-cost", "COST", 0, "USD", tuple(both))),
        ("monthly_gigabytes", NatBudget("nat-gigabytes", "USAGE", 0, "GB", tuple(gigabytes))),
    )
    budgets = tuple(
        NatBudget(one.name, one.kind, _limit(key, given[key]), one.unit, one.usage_types)
        for key, one in asked
        if given.get(key) is not None
    )
    if not budgets:
        raise InvalidInput("budget has no limit, give it monthly_usd or monthly_gigabytes")
    return budgets


def make_budget(
    name: str,
    budget: NatBudget,
    topic: pulumi.Input[str],
    parent: pulumi.Resource,
    tags: Optional[Tags],
) -> pulumi.Resource:
    """Register a budget that tells `topic` at 80 %, at 100 %, and when 100 % is foreseen."""
    notices = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
    return aws.budgets.Budget(
        f"{name}-{budget.name}",
        budget_type=budget.kind,
        time_unit="MONTHLY",
        limit_amount=f"{budget.limit:g}",
        limit_unit=budget.unit,
        cost_filters=[{"name": "UsageType", "values": list(budget.usage_types)}],
        notifications=[
            {
                "notification_type": kind,
                "comparison_operator": "GREATER_THAN",
                "threshold": percent,
                "threshold_type": "PERCENTAGE",
                "subscriber_sns_topic_arns": [topic],
            }
            for kind, percent in notices
        ],
        tags=tagged(f"{name}-{budget.name}", tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _limit(key: str, value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return float(value)
    raise InvalidInput(f"budget.{key} is {described(value)}, it must be a number above 0")
