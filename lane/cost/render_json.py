"""An estimate as one JSON object: amounts in USD, quantities a month, the same bytes every time."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lane.cost.items import item_of
from lane.cost.prices import HOURS_A_MONTH

if TYPE_CHECKING:
    from lane.cost.bill import Line
    from lane.cost.estimate import Estimate
    from lane.cost.measured import Measured
    from lane.cost.prices import Price

__all__ = ["SCHEMA", "as_json"]

#: The name of the format; it changes when a field changes its meaning.
SCHEMA = "privatelane-cost/1"
_MICRO = Decimal("0.000001")


def as_json(estimate: Estimate) -> str:
    """The estimate as text that ends with a line feed."""
    return json.dumps(_object(estimate), indent=2, ensure_ascii=False) + "\n"


def _object(estimate: Estimate) -> dict[str, Any]:
    bill = estimate.bill
    measured = estimate.measured
    layout, mix = estimate.layout, estimate.mix
    return {
        "schema": SCHEMA,
        "source": estimate.source,
        "stack": estimate.stack,
        "currency": "USD",
        "hours_a_month": HOURS_A_MONTH,
        "lines": [_line(line) for line in bill.lines],
        "totals": {
            "fixed_usd": _number(bill.fixed_usd),
            "usage_usd": _number(bill.usage_usd),
            "total_usd": _number(bill.total_usd),
            "complete": not bill.unpriced,
        },
        **({} if measured is None else {"measured": _measured(measured)}),
        "unpriced": [
            {"item": one.item, "region": one.region, "names": list(one.names)}
            for one in bill.unpriced
        ],
        "unverified": [_price(price) for price in estimate.unsure],
        "break_even": [
            {
                "choice": one.choice,
                "traffic": one.traffic,
                "monthly_usd": _number(one.monthly_usd),
                "usd_per_gb": _number(one.usd_per_gb),
                "gigabytes": None if one.gigabytes is None else _number(one.gigabytes),
            }
            for one in estimate.choices
        ],
        "comparisons_verified": not estimate.compares_unsure,
        "growth": {
            "region": layout.region,
            "nat_zones": layout.nats,
            "nat_addresses": layout.addresses,
            "endpoint_zones": layout.endpoint_zones,
            "gateway_share": _number(mix.gateway),
            "interface_share": _number(mix.interface),
            "rows": [
                {
                    "gigabytes": _number(row.gigabytes),
                    "usd": {
                        name: None if usd is None else _number(usd) for name, usd in row.usd.items()
                    },
                }
                for row in estimate.growth
            ],
        },
        "notes": list(estimate.notes),
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "from": measured.start.isoformat(),
        "days": measured.days,
        "nat_gateways": [
            {
                "key": key,
                "downloaded_gb": _number(measured.a_month(seen.down)),
                "sent_gb": _number(measured.a_month(seen.up)),
            }
            for key, seen in measured.nats.items()
        ],
        "endpoints": [
            {"key": key, "gb": _number(measured.a_month(amount))}
            for key, amount in sorted(measured.endpoints.items())
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "category": item_of(line.item).category,
        "item": line.item,
        "key": line.key or None,
        "name": line.name,
        "region": line.region,
        "quantity": _number(line.quantity),
        "unit": line.price.unit,
        "usd": _number(line.usd),
        "fixed": line.fixed,
        "price": _price(line.price),
    }


def _price(price: Price) -> dict[str, Any]:
    return {
        "item": price.item,
        "region": price.region,
        "from": _number(price.start),
        "usd": _number(price.usd),
        "status": price.status,
        "source": price.source,
        "as_of": price.as_of or None,
    }


def _number(value: Decimal) -> int | float:
    """A JSON number, whole where it is; below a millionth nothing is meant."""
    rounded = value.quantize(_MICRO)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)
