"""A workload's zone in which an endpoint that it uses does not stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import Endpoint, EndpointKind, Subnet
from privatelane_paths.known import Unknown
from privatelane_paths.services import parse_service_name
from privatelane_rules._frameworks import well_architected
from privatelane_rules._needs import needed_services
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.VpcEndpoint("ecr.dkr", subnet_ids=[private_a.id], **interface)
network = {"subnets": [private_a.id, private_b.id]}  # the service's
"""
_RIGHT = """\
aws.ec2.VpcEndpoint("ecr.dkr", subnet_ids=[private_a.id, private_b.id], **interface)
"""


def check(stack: Stack) -> Iterator[Finding]:
    """One finding an endpoint, with the zones of its clients that it leaves out."""
    for endpoint in stack.network.endpoints:
        name = endpoint.service_name
        if endpoint.kind is not EndpointKind.INTERFACE or not isinstance(name, str):
            continue
        short = parse_service_name(name)[0]
        clients = [
            subnet
            for workload in stack.network.workloads
            if short in needed_services(workload)
            for subnet in stack.workload_subnets(workload)
            if endpoint.vpc.decided and subnet.vpc == endpoint.vpc
        ]
        if clients:
            yield from _judged(stack, endpoint, clients)


def _judged(stack: Stack, endpoint: Endpoint, clients: list[Subnet]) -> Iterator[Finding]:
    edges = endpoint.subnets
    places = [stack.index.subnets.get(key) for key in sorted(edges.certain)]
    if not edges.decided:
        yield undecided(endpoint.key, f"which zones {endpoint.name} stands in", edges.missing)
        return
    covered = {one.zone for one in places if one is not None and isinstance(one.zone, str)}
    unknown = [one.zone for one in (*places, *clients) if one and isinstance(one.zone, Unknown)]
    if unknown or None in places:
        missing = unknown[0].missing if unknown else f"the zones of {endpoint.name}'s subnets"
        yield undecided(endpoint.key, f"which zones {endpoint.name} leaves out", missing)
        return
    wanted = {one.zone for one in clients if isinstance(one.zone, str)}
    left = sorted(wanted - covered)
    if left and covered:
        yield Finding(
            endpoint.key,
            f"{endpoint.name} stands in {', '.join(sorted(covered))}, and its clients also run in "
            f"{', '.join(left)}.",
        )


RULE = Rule(
    id="endpoint-missing-in-workload-zone",
    title="An endpoint is missing in a zone of its clients.",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    why=(
        "Clients in a zone without the endpoint reach it in another one, so they fail with that "
        "zone, and the traffic between zones may be billed."
    ),
    fix="Give the endpoint a subnet in every zone in which its clients run.",
    check=check,
    framework=well_architected("REL10-BP01", "Deploy the workload to multiple locations"),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("endpoint", "resilience", "zone"),
)
