"""What can honestly be answered when a program asks its cloud account something, without one.

What follows from the configuration (region, partition) or from the question alone (a policy
document) is answered. The rest is unknown. A plain call, however, cannot return an unknown: its
texts become placeholders that count as unknown wherever they end up, and a list becomes one
element. Only the availability zones, on whose number most programs build, are assumed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pulumi import _types

from lane.stack_config import UNKNOWN_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ELEMENT", "PLACEHOLDER", "answer", "assumed_zones", "partition_of", "placeholders"]

#: A text that stands for an unknown one; it survives f-strings, and whatever holds it is unknown.
PLACEHOLDER = f"unknown:{UNKNOWN_TEXT}"
#: The one element of a list of unknown length: a list that holds it is unknown as a whole.
ELEMENT = f"unknown-element:{UNKNOWN_TEXT}"

#: Partition, DNS suffix and reverse DNS prefix by the start of a region's name.
_PARTITIONS = {
    "cn-": ("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
    "us-gov-": ("aws-us-gov", "amazonaws.com", "com.amazonaws"),
    "us-iso-": ("aws-iso", "c2s.ic.gov", "gov.ic.c2s"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s"),
    "us-isof-": ("aws-iso-f", "csp.hci.ic.gov", "gov.ic.hci.csp"),
    "eu-isoe-": ("aws-iso-e", "cloud.adc-e.uk", "uk.adc-e.cloud"),
    "eusc-": ("aws-eusc", "amazonaws.eu", "eu.amazonaws"),
}
#: Regions whose zones a new account sees under other letters than a, b and c.
_ZONE_LETTERS = {"ap-northeast-1": "acd", "ca-central-1": "abd", "us-west-1": "ac"}


def partition_of(region: str) -> tuple[str, str, str]:
    """Partition, DNS suffix and reverse DNS prefix of a region (botocore's partitions.json)."""
    return next(
        (facts for start, facts in _PARTITIONS.items() if region.startswith(start)),
        ("aws", "amazonaws.com", "com.amazonaws"),
    )


def assumed_zones(region: str) -> dict[str, Any]:
    """The zones of a region under the names by which most accounts see them; ids are unknown."""
    names = [f"{region}{letter}" for letter in _ZONE_LETTERS.get(region, "abc")]
    return {
        "id": region,
        "region": region,
        "names": names,
        "zoneIds": [PLACEHOLDER] * len(names),
        "groupNames": [region],
    }


def answer(
    token: str, args: Mapping[str, Any], region: str, accounts: str = ""
) -> dict[str, Any] | None:
    """The answer to a question that needs no account, else `None`.

    `region` is the one that the asked provider is configured with, `accounts` the JSON list of
    those that it may work in (`aws:allowedAccountIds`); both are empty if they are not known.
    """
    region = str(args.get("region") or region)
    if token == "aws:iam/getPolicyDocument:getPolicyDocument":  # noqa: S105 -- a function's name
        return _policy_document(args)
    if token == "aws:index/getCallerIdentity:getCallerIdentity":  # noqa: S105
        return _caller_identity(accounts)
    if not region:
        return None
    partition, suffix, reverse = partition_of(region)
    if token == "aws:index/getRegion:getRegion":  # noqa: S105
        return {
            "id": region,
            "name": region,
            "region": region,
            "endpoint": f"ec2.{region}.{suffix}",
        }
    if token == "aws:index/getPartition:getPartition":  # noqa: S105
        return {
            "id": partition,
            "partition": partition,
            "dnsSuffix": suffix,
            "reverseDnsPrefix": reverse,
        }
    if token == "aws:index/getServicePrincipal:getServicePrincipal" and partition == "aws":  # noqa: S105
        service = args.get("serviceName")
        return {
            "id": f"{service}.{region}.{suffix}",
            "name": f"{service}.{suffix}",
            "region": region,
            "serviceName": service,
            "suffix": suffix,
        }
    return None


def _caller_identity(accounts: str) -> dict[str, Any] | None:
    """The account, where the provider refuses to work in any but one; never who the caller is."""
    try:
        allowed = json.loads(accounts)
    except ValueError:
        return None
    if not isinstance(allowed, list) or len(allowed) != 1:
        return None
    account = str(allowed[0])
    return {"id": account, "accountId": account, "arn": PLACEHOLDER, "userId": PLACEHOLDER}


def _policy_document(args: Mapping[str, Any]) -> dict[str, Any] | None:
    """The document as the AWS provider writes it; `None` when it merges others into it."""
    if args.get("sourceJson") or args.get("overrideJson"):
        return None
    if args.get("sourcePolicyDocuments") or args.get("overridePolicyDocuments"):
        return None
    document: dict[str, Any] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    document["Statement"] = [_statement(statement) for statement in args.get("statements") or ()]
    text = json.dumps(document, indent=2)
    return {**args, "json": text, "minifiedJson": json.dumps(document, separators=(",", ":"))}


def _statement(given: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if given.get("sid"):
        statement["Sid"] = given["sid"]
    statement["Effect"] = given.get("effect") or "Allow"
    for field in ("actions", "notActions", "resources", "notResources"):
        if given.get(field):
            name = field[0].upper() + field[1:-1]
            statement[name] = _one_or_sorted(given[field])
    for field, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if given.get(field):
            statement[name] = _principals(given[field])
    conditions: dict[str, dict[str, Any]] = {}
    for condition in given.get("conditions") or ():
        test = conditions.setdefault(condition["test"], {})
        test[condition["variable"]] = _one_or_sorted(condition["values"])
    if conditions:
        statement["Condition"] = conditions
    return statement


def _principals(given: list[Mapping[str, Any]]) -> Any:  # noqa: ANN401 -- JSON
    named: dict[str, list[str]] = {}
    for principal in given:
        if principal["type"] == "*" and list(principal["identifiers"]) == ["*"]:
            return "*"
        named.setdefault(principal["type"], []).extend(principal["identifiers"])
    return {kind: _one_or_sorted(identifiers) for kind, identifiers in named.items()}


def _one_or_sorted(texts: list[str]) -> str | list[str]:
    """As the AWS provider writes a list: alone without brackets, else sorted from the end."""
    written = sorted({text.replace("&{", "${") for text in texts}, reverse=True)
    return written[0] if len(written) == 1 else written


def placeholders(result: type, *, text: str = PLACEHOLDER, depth: int = 3) -> dict[str, Any]:
    """Stand-ins for every field of an invoke's result type that can be one.

    Texts become `text`, lists get one element, objects are filled to `depth`; numbers and booleans
    cannot stand for an unknown and are left out.
    """
    if not _types.is_output_type(result):
        return {}
    filled = {}
    for name, kind in _types.output_type_types(result).items():
        value = _placeholder(_types.unwrap_optional_type(kind), text, depth)
        if value is not None:
            filled[name] = value
    return filled


def _placeholder(kind: Any, text: str, depth: int) -> Any:  # noqa: ANN401 -- JSON
    if kind is str:
        return text
    origin, parameters = get_origin(kind), get_args(kind)
    if origin is not None and parameters and isinstance(origin, type):
        if issubclass(origin, Sequence):
            element = _placeholder(parameters[0], ELEMENT, depth)
            return [] if element is None else [element]
        return {}
    if isinstance(kind, type) and depth > 0:
        return placeholders(kind, text=text, depth=depth - 1) or None
    return None
