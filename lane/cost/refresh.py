"""The table of prices brought up to date from the AWS Price List, item by item.

The Price List's usage types carry a prefix by region (`EUC1-NatGateway-Hours`), so products are
matched by what follows it. An item that matches nothing, or several products that disagree, keeps
the price it has: better an old price that says so than a wrong one that looks new.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol

from lane.cost.items import INSTANCE, of_type
from lane.cost.prices import Price
from lane.errors import Unusable

if TYPE_CHECKING:
    from lane.cost.prices import PriceTable

__all__ = ["QUERIES", "REGION", "Query", "Refreshed", "instance_query", "refreshed"]

#: Where AWS answers for the prices of all regions.
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Query:
    """Which products of the Price List an item's price is taken from.

    `usage` and `operation` are regular expressions that the whole usage type behind the region's
    prefix, and the whole operation, must fit. `filters` narrow what AWS sends; `region` is the
    attribute that holds the region.
    """

    service: str
    usage: str
    unit: str
    operation: str = ".*"
    filters: tuple[tuple[str, str], ...] = ()
    region: str = "regionCode"


_NAT = (("productFamily", "NAT Gateway"),)
_APPLICATION = (("productFamily", "Load Balancer-Application"),)
_NETWORK = (("productFamily", "Load Balancer-Network"),)
_CLASSIC = (("productFamily", "Load Balancer"),)
_GATEWAY = (("productFamily", "Load Balancer-Gateway"),)

#: Items that are free by AWS's documentation have no product, so they are not asked for.
QUERIES: Mapping[str, Query] = {
    "nat_hour": Query("AmazonEC2", "NatGateway-Hours", "hour", filters=_NAT),
    "nat_gb": Query("AmazonEC2", "NatGateway-Bytes", "GB", filters=_NAT),
    "regional_nat_hour": Query("AmazonEC2", "RegionalNatGateway-Hours", "hour", filters=_NAT),
    "regional_nat_gb": Query("AmazonEC2", "RegionalNatGateway-Bytes", "GB", filters=_NAT),
    "public_ipv4_hour": Query("AmazonVPC", "PublicIPv4:InUseAddress", "hour"),
    "interface_endpoint_hour": Query("AmazonVPC", "VpcEndpoint-Hours", "hour"),
    "interface_endpoint_gb": Query("AmazonVPC", "VpcEndpoint-Bytes", "GB"),
    "gateway_load_balancer_endpoint_hour": Query("AmazonVPC", "VpcEndpoint-GWLBE-Hours", "hour"),
    "gateway_load_balancer_endpoint_gb": Query("AmazonVPC", "VpcEndpoint-GWLBE-Bytes", "GB"),
    "transit_attachment_hour": Query(
        "AmazonVPC", "TransitGateway-Hours", "hour", "TransitGatewayVPC"
    ),
    "transit_gb": Query("AmazonVPC", "TransitGateway-Bytes", "GB", "TransitGatewayVPC"),
    "inter_zone_gb": Query(
        "AWSDataTransfer", "DataTransfer-Regional-Bytes", "GB", region="fromRegionCode"
    ),
    "internet_out_gb": Query(
        "AWSDataTransfer", "DataTransfer-Out-Bytes", "GB", region="fromRegionCode"
    ),
    "application_load_balancer_hour": Query(
        "AWSELB", "LoadBalancerUsage", "hour", filters=_APPLICATION
    ),
    "application_load_balancer_unit_hour": Query(
        "AWSELB", "LCUUsage", "LCU-hour", filters=_APPLICATION
    ),
    "network_load_balancer_hour": Query("AWSELB", "LoadBalancerUsage", "hour", filters=_NETWORK),
    "network_load_balancer_unit_hour": Query("AWSELB", "LCUUsage", "LCU-hour", filters=_NETWORK),
    "gateway_load_balancer_hour": Query("AWSELB", "LoadBalancerUsage", "hour", filters=_GATEWAY),
    "gateway_load_balancer_unit_hour": Query("AWSELB", "LCUUsage", "LCU-hour", filters=_GATEWAY),
    "classic_load_balancer_hour": Query("AWSELB", "LoadBalancerUsage", "hour", filters=_CLASSIC),
    "eks_cluster_hour": Query("AmazonEKS", "AmazonEKS-Hours:perCluster", "hour"),
    "fargate_vcpu_hour": Query("AmazonECS", "Fargate-vCPU-Hours:perCPU", "vCPU-hour"),
    "fargate_gb_hour": Query("AmazonECS", "Fargate-GB-Hours", "GB-hour"),
    "fargate_arm_vcpu_hour": Query("AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU", "vCPU-hour"),
    "fargate_arm_gb_hour": Query("AmazonECS", "Fargate-ARM-GB-Hours", "GB-hour"),
    "fargate_storage_gb_hour": Query("AmazonECS", "Fargate-EphemeralStorage-GB-Hours", "GB-hour"),
    "flow_logs_cloudwatch_gb": Query("AmazonCloudWatch", "VendedLog-Bytes", "GB"),
    "flow_logs_s3_gb": Query("AmazonCloudWatch", "S3-Egress-Bytes", "GB"),
    "logs_ingested_gb": Query("AmazonCloudWatch", "DataProcessing-Bytes", "GB"),
    "logs_stored_gb": Query("AmazonCloudWatch", "TimedStorage-ByteHrs", "GB-month"),
    "logs_scanned_gb": Query("AmazonCloudWatch", "DataScanned-Bytes", "GB"),
}


class Pricing(Protocol):
    """What of boto3's `pricing` client is used."""

    def get_paginator(self, operation_name: str, /) -> Any:  # noqa: ANN401 -- boto3's own
        """The pages of an operation."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The new table, and one sentence on each price that changed and on each that did not come."""

    table: PriceTable
    changes: tuple[str, ...]
    kept: tuple[str, ...]


def instance_query(instance_type: str) -> Query:
    """Linux on demand, with nothing installed, on shared hardware."""
    return Query(
        "AmazonEC2",
        f"BoxUsage:{re.escape(instance_type)}",
        "hour",
        "RunInstances",
        (
            ("instanceType", instance_type),
            ("operatingSystem", "Linux"),
            ("tenancy", "Shared"),
            ("preInstalledSw", "NA"),
            ("capacitystatus", "Used"),
        ),
    )


def _queries(table: PriceTable, region: str, types: Sequence[str]) -> Mapping[str, Query]:
    """Every item's query, with those of instance types: those asked for and those in the table."""
    of_table = [
        item.partition(":")[2]
        for item, place in table.rates
        if place == region and item.startswith(f"{INSTANCE}:")
    ]
    instances = sorted({*types, *of_table})
    return {**QUERIES, **{of_type(INSTANCE, one): instance_query(one) for one in instances}}


def refreshed(
    table: PriceTable, regions: Sequence[str], pricing: Pricing, types: Sequence[str] = ()
) -> Refreshed:
    """The table with what the Price List says now of every item in `regions`.

    `types` are instance types that are to be in it. Raises botocore's errors when AWS cannot be
    asked, and `Unusable` when it answers in a form that is not the Price List's.
    """
    new: list[Price] = []
    changes: list[str] = []
    kept: list[str] = []
    asked: dict[tuple[str, tuple[tuple[str, str], ...]], list[Mapping[str, Any]]] = {}
    for region in regions:
        for item, query in _queries(table, region, types).items():
            request = (query.service, ((query.region, region), *query.filters))
            if request not in asked:
                asked[request] = list(_products(pricing, *request))
            offers = {
                _tiers(item, region, query, one) for one in asked[request] if _fits(one, query)
            }
            offers.discard(())
            # The same price under two products is one price, whichever was published last.
            prices = {tuple((one.start, one.usd) for one in offer) for offer in offers}
            if len(prices) != 1:
                why = "no product has it" if not prices else "several products disagree"
                kept.append(f"{item} in {region} is not refreshed: {why}")
                continue
            offer = max(offers, key=lambda one: one[0].as_of)
            new.extend(offer)
            changes.extend(_change(table, offer))
    return Refreshed(table.replaced(new), tuple(changes), tuple(kept))


def _products(
    pricing: Pricing, service: str, filters: tuple[tuple[str, str], ...]
) -> Iterator[Mapping[str, Any]]:
    pages = pricing.get_paginator("get_products").paginate(
        ServiceCode=service,
        Filters=[{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in filters],
    )
    for page in pages:
        for text in page["PriceList"]:
            yield json.loads(text)


def _fits(product: Mapping[str, Any], query: Query) -> bool:
    attributes = product["product"]["attributes"]
    usage = re.fullmatch(
        rf"(?:[A-Z]{{2,4}}\d?-)?(?:{query.usage})", attributes.get("usagetype", "")
    )
    return usage is not None and bool(
        re.fullmatch(query.operation, attributes.get("operation", ""))
    )


def _tiers(item: str, region: str, query: Query, product: Mapping[str, Any]) -> tuple[Price, ...]:
    """The on-demand tiers of a product, empty when it has none in USD."""
    published = str(product.get("publicationDate", ""))[:10]
    terms = product.get("terms", {}).get("OnDemand", {})
    dimensions = [one for term in terms.values() for one in term["priceDimensions"].values()]
    try:
        tiers = [
            Price(
                item=item,
                region=region,
                start=Decimal(one.get("beginRange", "0")),
                unit=query.unit,
                usd=_shortest(Decimal(one["pricePerUnit"]["USD"])),
                status="verified",
                source="AWS Price List API",
                as_of=published,
            )
            for one in dimensions
            if "USD" in one["pricePerUnit"]
        ]
    except InvalidOperation as error:
        raise Unusable(
            f"the AWS Price List has no number where {item} in {region} has its price"
        ) from error
    tiers.sort(key=lambda price: price.start)
    return tuple(tiers) if tiers and tiers[0].start == 0 else ()


def _shortest(value: Decimal) -> Decimal:
    """The number without the zeros at its end, and without an exponent."""
    return Decimal(f"{value.normalize():f}")


def _change(table: PriceTable, offer: tuple[Price, ...]) -> Iterator[str]:
    first = offer[0]
    before = table.rate(first.item, first.region)
    old = () if before is None else tuple((one.start, one.usd) for one in before.tiers)
    if old != tuple((one.start, one.usd) for one in offer):
        was = "not in the table" if before is None else f"{before.first.usd}"
        now = ", ".join(
            f"{one.usd}" + (f" above {one.start}" if one.start else "") for one in offer
        )
        yield f"{first.item} in {first.region}: {was}, now {now} USD a {first.unit}"
