"""An interface endpoint whose security groups turn its clients away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import Direction, Endpoint, EndpointKind, Subnet
from privatelane_paths.filters import Packets, groups_admit
from privatelane_paths.known import Maybe, Refs, Unknown
from privatelane_paths.services import parse_service_name
from privatelane_paths.space import AddressSet
from privatelane_rules._frameworks import well_architected
from privatelane_rules._needs import needed_services
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
closed = aws.ec2.SecurityGroup("endpoints", vpc_id=vpc.id)
aws.ec2.VpcEndpoint("ecr.api", security_group_ids=[closed.id], **interface)
"""
_RIGHT = """\
https = aws.ec2.SecurityGroup("endpoints", vpc_id=vpc.id, ingress=[
    {"protocol": "tcp", "from_port": 443, "to_port": 443, "security_groups": [tasks.id]}])
aws.ec2.VpcEndpoint("ecr.api", security_group_ids=[https.id], **interface)
"""


def check(stack: Stack) -> Iterator[Finding]:
    """Endpoints that turn away a workload that needs them, or every subnet of their VPC."""
    for endpoint in stack.network.endpoints:
        if (
            endpoint.kind is not EndpointKind.INTERFACE
            or not isinstance(endpoint.service_name, str)
            or not endpoint.vpc.decided
        ):
            continue
        clients = list(_clients(stack, endpoint))
        subnets = stack.subnets_in.get(endpoint.vpc.keys[0], ())
        if clients:
            yield from _for_clients(stack, endpoint, clients)
        elif subnets and all(_admits(stack, endpoint, subnet, None) is False for subnet in subnets):
            yield Finding(
                endpoint.key,
                f"The security groups of {endpoint.name} admit HTTPS from no subnet of its VPC.",
                services=(parse_service_name(endpoint.service_name)[0],),
            )


def _clients(stack: Stack, endpoint: Endpoint) -> Iterator[tuple[str, Subnet, Refs]]:
    """The workloads in the endpoint's VPC that need its service, each with one subnet."""
    short = parse_service_name(str(endpoint.service_name))[0]
    for workload in stack.network.workloads:
        if short not in needed_services(workload):
            continue
        for subnet in stack.workload_subnets(workload):
            if subnet.vpc.decided and subnet.vpc.keys == endpoint.vpc.keys:
                yield workload.name, subnet, workload.security_groups


def _for_clients(
    stack: Stack, endpoint: Endpoint, clients: list[tuple[str, Subnet, Refs]]
) -> Iterator[Finding]:
    closed: dict[str, set[str]] = {}
    doubts: dict[str, str] = {}
    for name, subnet, groups in clients:
        admits = _admits(stack, endpoint, subnet, groups)
        if admits is False:
            closed.setdefault(name, set()).add(subnet.name)
        elif isinstance(admits, Unknown):
            doubts[name] = admits.missing
    if closed:
        turned = "; ".join(
            f"{name} in {', '.join(sorted(names))}" for name, names in sorted(closed.items())
        )
        yield Finding(
            endpoint.key,
            f"The security groups of {endpoint.name} do not admit HTTPS from {turned}.",
            services=(parse_service_name(str(endpoint.service_name))[0],),
        )
    elif doubts:
        name, missing = min(doubts.items())
        yield undecided(endpoint.key, f"whether {endpoint.name} admits {name}", missing)


def _admits(stack: Stack, endpoint: Endpoint, subnet: Subnet, groups: Refs | None) -> Maybe[bool]:
    versions = [6] if endpoint.ip_address_type == "ipv6" else [4]
    if isinstance(subnet.cidrs, Unknown):
        return subnet.cidrs
    space = AddressSet.of(subnet.cidrs, versions[0])
    if not space:
        return Unknown(f"IPv{versions[0]} addresses of {subnet.name}")
    return groups_admit(
        stack.index,
        endpoint.security_groups,
        Direction.INGRESS,
        Packets(f"subnet {subnet.name}", space, groups),
        versions[0],
    )


RULE = Rule(
    id="endpoint-closed-to-its-clients",
    title="An endpoint's security groups do not admit its clients.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why=(
        "With private DNS the service's name resolves to the endpoint, whatever its security "
        "groups say. Traffic that they drop does not fall back to the NAT: it is lost, and tasks "
        "time out on their first pull."
    ),
    fix=(
        "Admit TCP 443 in the endpoint's security group from the security groups, or the address "
        "ranges, of the workloads that use it."
    ),
    check=check,
    framework=well_architected("SEC05-BP02", "Control traffic flow within your network layers"),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("endpoint", "security-group"),
)
