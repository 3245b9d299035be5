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
_KUBERNETES = "aws:eks/cluster:Cluster"
_ADDON = "aws:eks/addon:Addon"
_NODES = "aws:eks/nodeGroup:NodeGroup"
_PODS = (_NODES, "aws:eks/fargateProfile:FargateProfile")
#: Add-ons without which no node is ready (EKS user guide, «Amazon VPC CNI»): it needs kube-proxy to
#: reach the API, and the agent for its credentials. Those beside them need a node instead.
_BEFORE_NODES = {"eks-pod-identity-agent", "kube-proxy", "vpc-cni"}
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
    waited = _ancestors(stack)
    edges: Edges = {}
    for resource in resources:
        named = {owners[text] for text in set(_texts(resource["inputs"])) if text in owners}
        # A name or an ARN that the program knew beforehand is nothing to wait for.
        edges[resource["urn"]] = named & waited[resource["urn"]]
    for resource in resources:
        edges[resource["urn"]] |= set(_unnamed(resource, resources))
        edges[resource["urn"]].discard(resource["urn"])
    return _longest(edges, _durations(stack))


def _ancestors(stack: Stack) -> Edges:
    """All that the engine has each resource wait for, directly or not."""
    found: Edges = {}
    # A state lists what is depended on before what depends on it.
    for resource in stack.resources():
        direct = set(resource.get("dependencies", []))
        found[resource["urn"]] = direct.union(*(found.get(urn, set()) for urn in direct))
    return found


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
    yield from _unnamed_on_kubernetes(resource, resources)


def _unnamed_on_kubernetes(
    resource: Mapping[str, Any], resources: Iterable[dict[str, Any]]
) -> Iterator[str]:
    """The same for EKS: a role with its policies, nodes that can start, pods that have nodes."""
    inputs, kind = resource["inputs"], resource["type"]
    node_groups = sorted(other["urn"] for other in resources if other["type"] == _NODES)
    for other in resources:
        theirs = other["inputs"]
        if kind == _KUBERNETES:
            # EKS makes the log group itself where it is not there yet.
            if (
                theirs.get("role", "none") == inputs["roleArn"].rpartition("/")[2]
                or theirs.get("name") == f"/aws/eks/{inputs['name']}/cluster"
            ):
                yield other["urn"]
        elif kind in _PODS:
            before = other["type"] == _ADDON and theirs["addonName"] in _BEFORE_NODES
            if before or other["type"] in _STARTING:
                yield other["urn"]
    if kind == _ADDON and inputs["addonName"] not in _BEFORE_NODES:
        yield from node_groups[:1]


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
