"""An endpoint through which anybody may do anything to anybody's resources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from privatelane_paths.facts import EndpointKind
from privatelane_paths.known import Unknown
from privatelane_paths.services import parse_service_name
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=s3)  # no policy: everything for everybody
"""
_RIGHT = """\
policy = {"Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
     "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-example"}}},
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
     "Resource": "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*"}]}
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=s3, policy=json.dumps(policy))
"""

_WITH_POLICY = frozenset({EndpointKind.GATEWAY, EndpointKind.INTERFACE})


def check(stack: Stack) -> Iterator[Finding]:
    """Endpoints for AWS services with full access, written out or by default."""
    for endpoint in stack.network.endpoints:
        name = endpoint.service_name
        if (
            endpoint.kind not in _WITH_POLICY
            or endpoint.outside
            or not isinstance(name, str)
            or ".vpce-svc-" in name
        ):
            continue
        short = parse_service_name(name)[0]
        if isinstance(endpoint.policy, Unknown):
            yield undecided(
                endpoint.key,
                f"whom the policy of {endpoint.name} allows",
                endpoint.policy.missing,
            )
        elif endpoint.policy is None:
            yield Finding(
                endpoint.key,
                f"{endpoint.name} has no policy of its own, so AWS gives it one that allows "
                "everything to everybody.",
                services=(short,),
            )
        elif any(_is_full(one) for one in _statements(endpoint.policy)):
            yield Finding(
                endpoint.key,
                f"The policy of {endpoint.name} allows every action on every resource to every "
                "principal.",
                services=(short,),
            )


def _statements(policy: str) -> Iterator[Mapping[str, object]]:
    try:
        document = json.loads(policy)
    except ValueError:
        return
    found = document.get("Statement", []) if isinstance(document, dict) else []
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            yield one


def _is_full(statement: Mapping[str, object]) -> bool:
    return (
        statement.get("Effect") == "Allow"
        and not statement.get("Condition")
        and _is_any(statement.get("Principal"))
        and _is_any(statement.get("Action"))
        and _is_any(statement.get("Resource"))
    )


def _is_any(element: object) -> bool:
    if isinstance(element, dict):
        return any(_is_any(one) for one in element.values())
    return element == "*" or (isinstance(element, list) and "*" in element)


RULE = Rule(
    id="endpoint-policy-for-everybody",
    title="An endpoint policy allows everybody.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "A private way out is still a way out. With full access, whoever gets into a workload can "
        "copy data to a bucket or a registry of their own account through the endpoint, past every "
        "rule about the internet."
    ),
    fix=(
        "Limit the policy to your organisation with `aws:PrincipalOrgID` and "
        "`aws:ResourceOrgID`, and allow AWS's own layer and add-on registries beside it."
    ),
    check=check,
    framework=well_architected("SEC03-BP05", "Define permission guardrails for your organization"),
    url="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("endpoint", "policy"),
)
