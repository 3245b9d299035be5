"""The networks as `terraform show -json` prints their plan, for tools that read Terraform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bench.pack.networks import Id, Resource

__all__ = ["plan"]

_TYPES = {
    "eip": "aws_eip",
    "internetGateway": "aws_internet_gateway",
    "natGateway": "aws_nat_gateway",
    "route": "aws_route",
    "routeTable": "aws_route_table",
    "routeTableAssociation": "aws_route_table_association",
    "securityGroup": "aws_security_group",
    "subnet": "aws_subnet",
    "vpc": "aws_vpc",
    "vpcEndpoint": "aws_vpc_endpoint",
}


def plan(resources: Iterable[Resource]) -> str:
    """The plan as JSON text."""
    listed = list(resources)
    addresses = {one.name: _address(one) for one in listed if one.kind != "routeTableAssociation"}
    planned, changes, configured = [], [], []
    for one in listed:
        address = _address(one)
        base = {
            "address": address,
            "mode": "managed",
            "type": _TYPES[one.kind],
            "name": address.partition(".")[2],
            "provider_name": "registry.terraform.io/hashicorp/aws",
        }
        known, unknown, expressions = _split(one, addresses)
        planned.append({**base, "schema_version": 1, "values": known, "sensitive_values": {}})
        changes.append(
            {
                **base,
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after": known,
                    "after_unknown": unknown,
                    "before_sensitive": False,
                    "after_sensitive": {},
                },
            }
        )
        configured.append(
            {
                **{name: base[name] for name in ("address", "mode", "type", "name")},
                "provider_config_key": "aws",
                "expressions": expressions,
                "schema_version": 1,
            }
        )
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.8",
            "planned_values": {"root_module": {"resources": planned}},
            "resource_changes": changes,
            "configuration": {
                "provider_config": {
                    "aws": {
                        "name": "aws",
                        "full_name": "registry.terraform.io/hashicorp/aws",
                        "expressions": {"region": {"constant_value": "us-east-1"}},
                    }
                },
                "root_module": {"resources": configured},
            },
        }
    )


def _address(one: Resource) -> str:
    return f"{_TYPES[one.kind]}.{re.sub('[^a-z0-9]', '_', one.name)}"


def _split(
    one: Resource, addresses: dict[str, str]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {"id": True, "arn": True}
    expressions: dict[str, Any] = {}
    for name, value in one.inputs.items():
        key = re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)
        ids = list(_ids(value))
        if ids:
            unknown[key] = True
            expressions[key] = {
                "references": [
                    reference
                    for found in ids
                    for reference in (f"{addresses[found]}.id", addresses[found])
                ]
            }
        else:
            known[key] = value
            expressions[key] = {"constant_value": value}
    return known, unknown, expressions


def _ids(value: object) -> Iterator[str]:
    if isinstance(value, Id):
        yield value.of
    elif isinstance(value, list):
        for one in value:
            yield from _ids(one)
