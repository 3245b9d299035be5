"""Facts about networks outside the stack, as the configuration gives them.

A stack often uses subnets of another stack by their ids. What those are can be said in two ways:
by the other stack's export, as a file, or object by object in the provider's own words.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from privatelane_paths.sources.export import read_export
from privatelane_paths.sources.nouns import NOUNS
from privatelane_paths.sources.preview_json import read_preview
from privatelane_paths.sources.resource import Provider, Resource, UnusableInputError

__all__ = ["TYPES", "read_facts"]

_OTHERS = (
    "aws:ec2/route:Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
    "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation",
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
    "aws:route53/zoneAssociation:ZoneAssociation",
    "aws:route53/record:Record",
)


def _short(token: str) -> str:
    """`aws:ec2/routeTable:RouteTable` as people write it here: `routeTable`."""
    module, _, name = token.rpartition(":")
    prefix = "transit" if "ec2transitgateway/" in module and name != "TransitGateway" else ""
    return prefix + name if prefix else name[0].lower() + name[1:]


#: The kinds of object that can be described, by the name of each.
TYPES: Mapping[str, str] = {
    _short(token): token
    for token in (*(token for noun in NOUNS for token in sorted(noun.types)), *_OTHERS)
}


def read_facts(facts: tuple[object, ...], directory: str) -> tuple[Resource, ...]:
    """The resources that the configured facts describe.

    Raises UnusableInputError with one sentence for what cannot be used.
    """
    found: list[Resource] = []
    for position, fact in enumerate(facts):
        where = f"facts[{position}]"
        if isinstance(fact, str):
            found.extend(_from_file(Path(directory or os.curdir, fact), where))
        else:
            found.append(_described(fact, where, position))
    return tuple(found)


def _from_file(path: Path, where: str) -> tuple[Resource, ...]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableInputError(f"{where}: {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise UnusableInputError(f"{where}: {path} is no JSON file") from None
    is_preview = isinstance(document, Mapping) and "steps" in document
    try:
        reading = read_preview(document) if is_preview else read_export(document)
    except UnusableInputError as error:
        raise UnusableInputError(f"{where}: {path}: {error}") from None
    return reading.resources


def _described(fact: object, where: str, position: int) -> Resource:
    if not isinstance(fact, Mapping):
        raise UnusableInputError(f"{where} must be a file path or an object, not {fact!r}")
    kind = fact.get("type")
    token = TYPES.get(str(kind), str(kind) if ":" in str(kind) else None)
    if token is None:
        known = ", ".join(sorted(TYPES))
        raise UnusableInputError(f"{where}.type is {kind!r}, which is none of {known}")
    identifier = fact.get("id")
    if identifier is not None and not isinstance(identifier, str):
        raise UnusableInputError(f"{where}.id must be the AWS id as a text, not {identifier!r}")
    region = fact.get("region")
    inputs = {str(name): value for name, value in fact.items() if name not in ("type", "id")}
    return Resource(
        urn=identifier or f"{where}",
        type=token,
        name=identifier or f"fact {position}",
        inputs=inputs,
        outputs={"id": identifier} if identifier else {},
        id=identifier,
        provider=Provider("", region if isinstance(region, str) else None),
    )
