"""How long a deployment takes, in simulated time, and how long it would have to take.

The engine creates a resource as soon as everything is there that it depends on, so with the
durations that the provider wrote into its journal the makespan is the longest path through the
dependencies of the state. The longest unavoidable chain is the same with only those dependencies
that AWS itself asks for: a resource that names another's id or ARN among its inputs, and the few
requirements that no property names. Whatever the program orders beyond that costs time for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.engine.harness import Stack

Edges = dict[str, set[str]]
_ARN = re.compile(r"arn:aws[a-z-]*:[^\s\"',]+")
_NAT = "aws:ec2/natGateway:NatGateway"
_INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
_SERVICE = "aws:ecs/service:Service"
_LISTENER = "aws:lb/listener:Listener"
#: What a task may need before it can start, though its service names none of them: AWS retries,
#: but a rollout with a circuit breaker gives up (Amazon ECS guide, «CannotPullContainerError»).
#: Routes to a NAT gateway are not among it: our tasks start without the internet.
_STARTING = {
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
    "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
}


@dataclass(frozen=True)
class Chain:
    """A path through the resources, each of which waits for the one before."""

    seconds: float
    urns: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The chain's resources, by type and name."""
        return [
            f"{urn.split('::')[2].rsplit(':', 1)[-1]} {urn.rsplit('::', 1)[-1]}"
            for urn in self.urns
        ]


def makespan(stack: Stack) -> Chain:
    """The longest path through what the engine waited for."""
    resources = stack.resources()
    edges = {resource["urn"]: set(resource.get("dependencies", [])) for resource in resources}
    return _longest(edges, _durations(stack))


def unavoidable(stack: Stack) -> Chain:
    """The longest path through what AWS asks for."""
    resources = [r for r in stack.resources() if r["type"].startswith("aws:")]
    owners = {resource["id"]: resource["urn"] for resource in resources}
    owners |= {
        resource["outputs"]["arn"]: resource["urn"]
        for resource in resources
        if resource["outputs"].get("arn")
    }
    edges: Edges = {}
    for resource in resources:
        named = set(_texts(resource["inputs"]))
        edges[resource["urn"]] = {owners[text] for text in named if text in owners}
    for resource in resources:
        edges[resource["urn"]] |= set(_unnamed(resource, resources))
        edges[resource["urn"]].discard(resource["urn"])
    return _longest(edges, _durations(stack))


def _durations(stack: Stack) -> dict[str, float]:
    return {
        entry.urn: entry.seconds
        for entry in stack.journal()
        if entry.operation == "create" and not entry.preview and entry.id
    }


def _texts(value: object) -> Iterator[str]:
    """Every text inside a value, and the ARNs inside a text: JSON documents are texts too."""
    if isinstance(value, str):
        yield value
        yield from (found.rstrip("*:/") for found in _ARN.findall(value))
        yield from _ARN.findall(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _unnamed(resource: Mapping[str, Any], resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What AWS asks for although no property of the resource names it."""
    inputs = resource["inputs"]
    for other in resources:
        if resource["type"] == _NAT and inputs.get("connectivityType") == "public":
            # «Network vpc-… has no Internet gateway attached» is what EC2 says otherwise.
            if other["type"] == _INTERNET_GATEWAY:
                yield other["urn"]
        elif resource["type"] == _SERVICE:
            groups = {entry["targetGroupArn"] for entry in inputs.get("loadBalancers", [])}
            if other["type"] == _LISTENER:
                if groups & set(_texts(other["inputs"])):
                    yield other["urn"]
            elif other["type"] in _STARTING:
                yield other["urn"]


def _longest(edges: Edges, seconds: Mapping[str, float]) -> Chain:
    done: dict[str, Chain] = {}

    def chain_to(urn: str) -> Chain:
        if urn not in done:
            before = max(
                (chain_to(other) for other in sorted(edges.get(urn, ()))),
                key=lambda chain: chain.seconds,
                default=Chain(0, ()),
            )
            own = seconds.get(urn, 0.0)
            # Components and providers take no time and are left out.
            urns = (*before.urns, urn) if own else before.urns
            done[urn] = Chain(before.seconds + own, urns)
        return done[urn]

    return max((chain_to(urn) for urn in sorted(edges)), key=lambda chain: chain.seconds)


def as_json(chain: Chain) -> str:
    """A chain for people who read failures."""
    return json.dumps({"seconds": chain.seconds, "chain": chain.names}, indent=1)
