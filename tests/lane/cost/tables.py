"""Prices for tests that must not follow the market, and resources as sources hand them over."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lane.cost.bill import Bill, Charge, bill_of, hourly
from lane.cost.growth import Layout, Mix, scenario_charges
from lane.cost.prices import Price, PriceTable
from privatelane_paths.sources.resource import Resource, StackSettings

REGION = "us-east-1"

#: us-east-1 in 2026, the prices that the articles and the corrections of them stand on.
PRICES = PriceTable(
    Price(item, REGION, Decimal(start), unit, Decimal(usd), "verified", "for tests", "2026-09-25")
    for item, start, unit, usd in (
        ("nat_hour", 0, "hour", "0.045"),
        ("nat_gb", 0, "GB", "0.045"),
        ("public_ipv4_hour", 0, "hour", "0.005"),
        ("interface_endpoint_hour", 0, "hour", "0.010"),
        ("interface_endpoint_gb", 0, "GB", "0.010"),
        ("interface_endpoint_gb", 1_048_576, "GB", "0.006"),
        ("interface_endpoint_gb", 5_242_880, "GB", "0.004"),
        ("gateway_endpoint_gb", 0, "GB", "0"),
        ("inter_zone_gb", 0, "GB", "0.01"),
    )
)


def charge(item: str, quantity: Decimal | int | str) -> Charge:
    """What one resource uses of an item in a month."""
    return Charge(item, REGION, item, item, Decimal(quantity))


def running(item: str, count: int) -> Charge:
    """Something that runs all month."""
    return hourly(item, REGION, item, item, count)


def total(*charges: Charge) -> Decimal:
    """What the charges cost together, in USD."""
    return bill_of(charges, PRICES).total_usd


def scenario(name: Any, layout: Layout, mix: Mix, gigabytes: Decimal | int) -> Bill:
    """One of the four networks of a growth table."""
    return bill_of(scenario_charges(name, layout, mix, Decimal(gigabytes)), PRICES)


def resource(
    type_: str,
    name: str,
    inputs: Mapping[str, object],
    deps: Mapping[str, tuple[str, ...]] | None = None,
    **more: Any,
) -> Resource:
    """A resource that is about to be created, as a preview shows it."""
    return Resource(
        urn=urn(type_, name),
        type=type_,
        name=name,
        inputs=inputs,
        property_dependencies=deps or {},
        **more,
    )


def urn(type_: str, name: str) -> str:
    """The URN of a resource of the test stack."""
    return f"urn:pulumi:dev::test::{type_}::{name}"


SETTINGS = StackSettings(REGION)
