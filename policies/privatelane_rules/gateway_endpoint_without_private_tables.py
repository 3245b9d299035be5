"""A gateway endpoint that serves nobody who would otherwise pass a NAT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import EndpointKind
from privatelane_paths.known import Key, Maybe, Unknown
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=s3)
"""
_RIGHT = """\
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=s3, route_table_ids=[private.id])
"""


def check(stack: Stack) -> Iterator[Finding]:
    """Gateway endpoints on no route table, or only on those of public subnets."""
    private = _tables(stack)
    for endpoint in stack.network.endpoints:
        if endpoint.kind is not EndpointKind.GATEWAY or endpoint.outside:
            continue
        edges = endpoint.route_tables
        if not edges.decided:
            if not edges.certain:
                yield undecided(
                    endpoint.key, f"which route tables {endpoint.name} is on", edges.missing
                )
            continue
        if not edges.certain:
            yield Finding(
                endpoint.key,
                f"{endpoint.name} is on no route table, so it does nothing.",
            )
            continue
        uses = [private.get(key, True) for key in sorted(edges.certain)]
        if all(use is False for use in uses):
            names = ", ".join(sorted(stack.name(key) for key in edges.certain))
            yield Finding(
                endpoint.key,
                f"{endpoint.name} is only on {names}, whose subnets are public: private subnets "
                "do not use it.",
            )


def _tables(stack: Stack) -> Mapping[Key, Maybe[bool]]:
    """Whether a private subnet is on each table that subnets are on."""
    found: dict[Key, Maybe[bool]] = {}
    for subnet in stack.network.subnets:
        for vpc in subnet.vpc.keys:
            for case in stack.judge.walk.router.tables_of(subnet.key, vpc):
                if case.table is None:
                    continue
                private = stack.private[subnet.key]
                known = found.get(case.table, False)
                if private is True or known is True:
                    found[case.table] = True
                else:
                    found[case.table] = private if isinstance(private, Unknown) else known
    return found


RULE = Rule(
    id="gateway-endpoint-without-private-tables",
    title="A gateway endpoint is on no private subnet's route table.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "A gateway endpoint works by a route, and only in the tables it is put on. It costs "
        "nothing, but on no table, or on public subnets' tables only, it also saves nothing, while "
        "everybody believes that S3 is private."
    ),
    fix="Put the endpoint on the route tables of the private subnets.",
    check=check,
    framework=well_architected("COST08-BP03", "Implement services to reduce data transfer costs"),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("cost", "endpoint", "s3"),
)
