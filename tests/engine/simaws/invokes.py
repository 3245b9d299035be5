"""The functions (data sources) that programs call: answered from the account."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from tests.engine.simaws.resources._handler import tag_map
from tests.engine.simaws.resources.endpoint import VpcEndpoint
from tests.engine.simaws.resources.prefix_list import ManagedPrefixList
from tests.engine.simaws.schema import function_inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.simaws.cloud import Cloud
    from tests.engine.simaws.wire import Props

_Function = "Callable[[Cloud, Props], Props]"
_FUNCTIONS: dict[str, Callable[[Cloud, Props], Props]] = {}


def check(token: str, arguments: Props) -> list[tuple[str, str]]:
    """What is wrong with the arguments: names that the function does not have.

    Raises:
        UnknownTokenError: the installed `pulumi_aws` has no such function.
    """
    fields = function_inputs(token)
    return [
        (name, f"Invalid or unknown key. Examine values at '{name}'.")
        for name in sorted(arguments)
        if name not in fields
    ]


def call(token: str, cloud: Cloud, arguments: Props) -> Props:
    """The function's answer.

    Raises:
        LookupError: the simulated provider has no such function.
    """
    if token not in _FUNCTIONS:
        raise LookupError(f"the simulated provider has no function {token}")
    return _FUNCTIONS[token](cloud, arguments)


def _function(token: str) -> Callable[[Callable[[Cloud, Props], Props]], Any]:
    def enter(function: Callable[[Cloud, Props], Props]) -> Callable[[Cloud, Props], Props]:
        _FUNCTIONS[token] = function
        return function

    return enter


def _filters(arguments: Props) -> list[dict[str, Any]]:
    return [
        {"Name": item["name"], "Values": item["values"]} for item in arguments.get("filters") or []
    ]


@_function("aws:index/getAvailabilityZones:getAvailabilityZones")
def _availability_zones(cloud: Cloud, arguments: Props) -> Props:
    filters = _filters(arguments)
    if arguments.get("state"):
        filters.append({"Name": "state", "Values": [arguments["state"]]})
    found = cloud.client("ec2").describe_availability_zones(Filters=filters)["AvailabilityZones"]
    zones = sorted(
        (
            zone
            for zone in found
            if zone["ZoneName"] not in (arguments.get("excludeNames") or [])
            and zone["ZoneId"] not in (arguments.get("excludeZoneIds") or [])
        ),
        key=lambda zone: str(zone["ZoneName"]),
    )
    return {
        **arguments,
        "id": cloud.region,
        "region": cloud.region,
        "names": [zone["ZoneName"] for zone in zones],
        "zoneIds": [zone["ZoneId"] for zone in zones],
        "groupNames": [cloud.region],
    }


@_function("aws:index/getAvailabilityZone:getAvailabilityZone")
def _availability_zone(cloud: Cloud, arguments: Props) -> Props:
    filters = _filters(arguments)
    for ours, theirs in (("name", "zone-name"), ("zoneId", "zone-id")):
        if arguments.get(ours):
            filters.append({"Name": theirs, "Values": [arguments[ours]]})
    found = cloud.client("ec2").describe_availability_zones(Filters=filters)["AvailabilityZones"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} availability zones match, not one")
    zone = found[0]
    return {
        **arguments,
        "id": zone["ZoneName"],
        "name": zone["ZoneName"],
        "nameSuffix": zone["ZoneName"].removeprefix(cloud.region),
        "zoneId": zone["ZoneId"],
        "region": cloud.region,
        "groupName": cloud.region,
        "networkBorderGroup": cloud.region,
        "optInStatus": "opt-in-not-required",
        "state": zone.get("State", "available"),
    }


@_function("aws:index/getCallerIdentity:getCallerIdentity")
def _caller_identity(cloud: Cloud, arguments: Props) -> Props:
    identity = cloud.client("sts").get_caller_identity()
    return {
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "userId": identity["UserId"],
        "id": identity["Account"],
    }


@_function("aws:index/getRegion:getRegion")
def _region(cloud: Cloud, arguments: Props) -> Props:
    region = arguments.get("region") or arguments.get("name") or cloud.region
    return {
        "id": region,
        "name": region,
        "region": region,
        "endpoint": f"ec2.{region}.{cloud.dns_suffix}",
        "description": region,
    }


@_function("aws:index/getPartition:getPartition")
def _partition(cloud: Cloud, arguments: Props) -> Props:
    return {
        "id": cloud.partition,
        "partition": cloud.partition,
        "dnsSuffix": cloud.dns_suffix,
        "reverseDnsPrefix": ".".join(reversed(cloud.dns_suffix.split("."))),
    }


@_function("aws:ec2/getVpc:getVpc")
def _vpc(cloud: Cloud, arguments: Props) -> Props:
    filters = _filters(arguments)
    if arguments.get("cidrBlock"):
        filters.append({"Name": "cidr", "Values": [arguments["cidrBlock"]]})
    if arguments.get("default"):
        filters.append({"Name": "is-default", "Values": ["true"]})
    for key, value in (arguments.get("tags") or {}).items():
        filters.append({"Name": f"tag:{key}", "Values": [value]})
    ids = {"VpcIds": [arguments["id"]]} if arguments.get("id") else {}
    found = cloud.client("ec2").describe_vpcs(Filters=filters, **ids)["Vpcs"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} VPCs match, not one")
    vpc = found[0]
    return {
        **arguments,
        "id": vpc["VpcId"],
        "cidrBlock": vpc["CidrBlock"],
        "default": vpc["IsDefault"],
        "state": vpc["State"],
        "region": cloud.region,
        "arn": cloud.arn("ec2", f"vpc/{vpc['VpcId']}"),
        "ownerId": vpc["OwnerId"],
        "instanceTenancy": vpc["InstanceTenancy"],
        "tags": tag_map(vpc.get("Tags")),
        "cidrBlockAssociations": [
            {
                "associationId": association["AssociationId"],
                "cidrBlock": association["CidrBlock"],
                "state": association["CidrBlockState"]["State"],
            }
            for association in vpc["CidrBlockAssociationSet"]
        ],
    }


@_function("aws:ec2/getSubnets:getSubnets")
def _subnets(cloud: Cloud, arguments: Props) -> Props:
    filters = _filters(arguments)
    for key, value in (arguments.get("tags") or {}).items():
        filters.append({"Name": f"tag:{key}", "Values": [value]})
    found = cloud.client("ec2").describe_subnets(Filters=filters)["Subnets"]
    return {
        **arguments,
        "id": cloud.region,
        "region": cloud.region,
        "ids": sorted(subnet["SubnetId"] for subnet in found),
    }


@_function("aws:ec2/getRouteTable:getRouteTable")
def _route_table(cloud: Cloud, arguments: Props) -> Props:
    filters = _filters(arguments)
    for ours, theirs in (
        ("routeTableId", "route-table-id"),
        ("subnetId", "association.subnet-id"),
        ("vpcId", "vpc-id"),
    ):
        if arguments.get(ours):
            filters.append({"Name": theirs, "Values": [arguments[ours]]})
    found = cloud.client("ec2").describe_route_tables(Filters=filters)["RouteTables"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} route tables match, not one")
    return {
        **arguments,
        "id": found[0]["RouteTableId"],
        "routeTableId": found[0]["RouteTableId"],
        "vpcId": found[0]["VpcId"],
        "ownerId": found[0]["OwnerId"],
        "region": cloud.region,
        "tags": tag_map(found[0].get("Tags")),
    }


@_function("aws:ec2/getPrefixList:getPrefixList")
def _prefix_list(cloud: Cloud, arguments: Props) -> Props:
    filters = _filters(arguments)
    if arguments.get("name"):
        filters.append({"Name": "prefix-list-name", "Values": [arguments["name"]]})
    if arguments.get("prefixListId"):
        filters.append({"Name": "prefix-list-id", "Values": [arguments["prefixListId"]]})
    found = cloud.client("ec2").describe_prefix_lists(Filters=filters)["PrefixLists"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} prefix lists match, not one")
    return {
        **arguments,
        "id": found[0]["PrefixListId"],
        "prefixListId": found[0]["PrefixListId"],
        "name": found[0]["PrefixListName"],
        "cidrBlocks": found[0]["Cidrs"],
        "region": cloud.region,
    }


@_function("aws:ec2/getVpcEndpoint:getVpcEndpoint")
def _vpc_endpoint(cloud: Cloud, arguments: Props) -> Props:
    filters = _filters(arguments)
    for ours, theirs in (
        ("vpcId", "vpc-id"),
        ("serviceName", "service-name"),
        ("state", "vpc-endpoint-state"),
    ):
        if arguments.get(ours):
            filters.append({"Name": theirs, "Values": [arguments[ours]]})
    ids = {"VpcEndpointIds": [arguments["id"]]} if arguments.get("id") else {}
    found = cloud.client("ec2").describe_vpc_endpoints(Filters=filters, **ids)["VpcEndpoints"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} VPC endpoints match, not one")
    identifier = found[0]["VpcEndpointId"]
    return {**arguments, **(VpcEndpoint(cloud).read(identifier, {}) or {}), "id": identifier}


@_function("aws:ec2/getManagedPrefixList:getManagedPrefixList")
def _managed_prefix_list(cloud: Cloud, arguments: Props) -> Props:
    filters = _filters(arguments)
    if arguments.get("name"):
        filters.append({"Name": "prefix-list-name", "Values": [arguments["name"]]})
    ids = {"PrefixListIds": [arguments["id"]]} if arguments.get("id") else {}
    found = cloud.client("ec2").describe_managed_prefix_lists(Filters=filters, **ids)["PrefixLists"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} prefix lists match, not one")
    identifier = found[0]["PrefixListId"]
    return {**arguments, **(ManagedPrefixList(cloud).read(identifier, {}) or {}), "id": identifier}


@_function("aws:iam/getPolicyDocument:getPolicyDocument")
def _policy_document(cloud: Cloud, arguments: Props) -> Props:
    statements = [_statement(statement) for statement in arguments.get("statements") or []]
    document = {"Version": arguments.get("version", "2012-10-17"), "Statement": statements}
    text = json.dumps(document, indent=2)
    return {
        **arguments,
        "id": str(zlib.crc32(text.encode())),
        "json": text,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


def _statement(statement: Props) -> Props:
    """One statement as IAM writes it; a list of one is written without the list."""
    written: Props = {"Sid": statement["sid"]} if statement.get("sid") else {}
    written["Effect"] = statement.get("effect", "Allow")
    for ours, theirs in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if statement.get(ours):
            written[theirs] = _one_or_many(statement[ours])
    for ours, theirs in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        for principal in statement.get(ours) or []:
            if principal["type"] == "*":
                written[theirs] = "*"
            else:
                written.setdefault(theirs, {})[principal["type"]] = _one_or_many(
                    principal["identifiers"]
                )
    for condition in statement.get("conditions") or []:
        tests = written.setdefault("Condition", {}).setdefault(condition["test"], {})
        tests[condition["variable"]] = _one_or_many(condition["values"])
    return written


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values)
