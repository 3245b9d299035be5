"""What AWS bills, one item a row of the price table's first column."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["AUTO_MODE", "EKS_TIERS", "INSTANCE", "ITEMS", "Item", "item_of", "of_type", "place_of"]


@dataclass(frozen=True, slots=True)
class Item:
    """A billed item: the heading it stands under, what it is, and whether traffic moves it.

    A `fixed` item costs the same whatever the traffic; others follow the workload.
    """

    category: str
    text: str
    fixed: bool = False


#: Items that are priced by instance type have it behind a colon: `instance_hour:m7g.large`.
INSTANCE = "instance_hour"
AUTO_MODE = "eks_auto_mode_hour"

_NAT = "NAT gateways"
_ENDPOINTS = "VPC endpoints"
_LOAD_BALANCERS = "load balancers"
_LOGS = "logs"
_EKS = "EKS"
_FARGATE = "Fargate"
_TRANSIT = "transit gateways"

#: Control planes with a provisioned tier, by the tier as EKS's API calls it.
EKS_TIERS = {
    "tier-xl": "eks_xl_cluster_hour",
    "tier-2xl": "eks_2xl_cluster_hour",
    "tier-4xl": "eks_4xl_cluster_hour",
    "tier-8xl": "eks_8xl_cluster_hour",
}

#: In the order of a bill.
ITEMS = {
    "nat_hour": Item(_NAT, "NAT gateway", fixed=True),
    "regional_nat_hour": Item(_NAT, "regional NAT gateway, each active zone", fixed=True),
    "nat_gb": Item(_NAT, "data processed, both directions"),
    "regional_nat_gb": Item(_NAT, "data processed, both directions"),
    "public_ipv4_hour": Item("public IPv4 addresses", "public IPv4 address", fixed=True),
    "interface_endpoint_hour": Item(
        _ENDPOINTS, "interface endpoint, each availability zone", fixed=True
    ),
    "interface_endpoint_gb": Item(_ENDPOINTS, "data through interface endpoints"),
    "gateway_endpoint_gb": Item(_ENDPOINTS, "data through gateway endpoints"),
    "gateway_load_balancer_endpoint_hour": Item(
        _ENDPOINTS, "Gateway Load Balancer endpoint, each availability zone", fixed=True
    ),
    "gateway_load_balancer_endpoint_gb": Item(
        _ENDPOINTS, "data through Gateway Load Balancer endpoints"
    ),
    "resource_endpoint_hour": Item(_ENDPOINTS, "resource endpoint", fixed=True),
    "inter_zone_gb": Item("between zones", "data between zones, each side"),
    "internet_out_gb": Item("internet", "data sent to the internet"),
    "transit_attachment_hour": Item(_TRANSIT, "transit gateway attachment", fixed=True),
    "transit_gb": Item(_TRANSIT, "data through transit gateways"),
    "application_load_balancer_hour": Item(
        _LOAD_BALANCERS, "Application Load Balancer", fixed=True
    ),
    "application_load_balancer_unit_hour": Item(_LOAD_BALANCERS, "capacity units (LCU)"),
    "network_load_balancer_hour": Item(_LOAD_BALANCERS, "Network Load Balancer", fixed=True),
    "network_load_balancer_unit_hour": Item(_LOAD_BALANCERS, "capacity units (LCU)"),
    "gateway_load_balancer_hour": Item(_LOAD_BALANCERS, "Gateway Load Balancer", fixed=True),
    "gateway_load_balancer_unit_hour": Item(_LOAD_BALANCERS, "capacity units (LCU)"),
    "classic_load_balancer_hour": Item(_LOAD_BALANCERS, "Classic Load Balancer", fixed=True),
    "eks_cluster_hour": Item(_EKS, "control plane", fixed=True),
    "eks_extended_cluster_hour": Item(_EKS, "control plane, extended support", fixed=True),
    **{item: Item(_EKS, f"control plane, {tier}", fixed=True) for tier, item in EKS_TIERS.items()},
    INSTANCE: Item(_EKS, "node", fixed=True),
    AUTO_MODE: Item(_EKS, "Auto Mode's fee", fixed=True),
    "fargate_vcpu_hour": Item(_FARGATE, "vCPU, x86", fixed=True),
    "fargate_gb_hour": Item(_FARGATE, "memory, x86", fixed=True),
    "fargate_arm_vcpu_hour": Item(_FARGATE, "vCPU, Arm", fixed=True),
    "fargate_arm_gb_hour": Item(_FARGATE, "memory, Arm", fixed=True),
    "fargate_windows_vcpu_hour": Item(_FARGATE, "vCPU, Windows", fixed=True),
    "fargate_windows_gb_hour": Item(_FARGATE, "memory, Windows", fixed=True),
    "fargate_storage_gb_hour": Item(_FARGATE, "ephemeral storage above 20 GB", fixed=True),
    "flow_logs_cloudwatch_gb": Item(_LOGS, "flow logs into CloudWatch Logs"),
    "flow_logs_s3_gb": Item(_LOGS, "flow logs into S3"),
    "flow_logs_parquet_gb": Item(_LOGS, "flow logs as Parquet"),
    "logs_ingested_gb": Item(_LOGS, "CloudWatch Logs, ingested"),
    "logs_stored_gb": Item(_LOGS, "CloudWatch Logs, stored"),
    "logs_scanned_gb": Item(_LOGS, "Logs Insights, scanned"),
}

_PLACES = {item: place for place, item in enumerate(ITEMS)}


def of_type(item: str, instance_type: str) -> str:
    """The item for one instance type."""
    return f"{item}:{instance_type}"


def item_of(name: str) -> Item:
    """The item of a name, which may end with an instance type; raises KeyError for no item."""
    base, _, instance_type = name.partition(":")
    found = ITEMS[base]
    return replace(found, text=f"{found.text}, {instance_type}") if instance_type else found


def place_of(name: str) -> tuple[int, str]:
    """Where an item stands on a bill."""
    return _PLACES[name.partition(":")[0]], name
