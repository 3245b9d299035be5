"""An endpoint policy that refuses what an image pull does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from privatelane_paths.endpoint_policies import Use, allows, uses_of
from privatelane_paths.facts import Endpoint, EndpointKind, WorkloadKind
from privatelane_paths.known import Key, Unknown
from privatelane_paths.services import known_region, parse_service_name
from privatelane_rules._frameworks import well_architected
from privatelane_rules._needs import ecr_images
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
                         "Resource": "arn:aws:s3:::my-bucket/*"}]}
"""
_RIGHT = """\
policy = {"Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
     "Resource": "arn:aws:s3:::my-bucket/*"},
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
     "Resource": "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*"}]}
"""

_NODES = frozenset({WorkloadKind.EKS_NODES, WorkloadKind.EKS_FARGATE})
#: What each endpoint is for in a pull: its own service, and for S3 the layers behind ECR.
_FLOWS = {"ecr.api": "ecr.api", "ecr.dkr": "ecr.dkr", "s3": "ecr.layers"}
_PASSING = frozenset({EndpointKind.GATEWAY, EndpointKind.INTERFACE})
#: An EKS add-on: it stands in a registry of AWS's, whose account differs by region.
_ADD_ON = "arn:aws:ecr:{region}:602401143452:repository/eks/coredns"


def check(stack: Stack) -> Iterator[Finding]:
    """Endpoint policies that certainly refuse a step of a pull which passes the endpoint."""
    pulling, nodes = _where_images_are_pulled(stack)
    for endpoint in stack.network.endpoints:
        name = endpoint.service_name
        if endpoint.kind not in _PASSING or not isinstance(name, str):
            continue
        if endpoint.policy is None or not endpoint.vpc.decided:
            continue
        short = parse_service_name(name)[0]
        vpc = endpoint.vpc.keys[0]
        if short in _FLOWS and (short != "s3" or vpc in pulling):
            yield from _judged(stack, endpoint, short, add_ons=vpc in nodes)


def _where_images_are_pulled(stack: Stack) -> tuple[set[Key], set[Key]]:
    """VPCs in which ECR images are pulled, and those in which EKS pulls its add-ons."""
    pulling: set[Key] = set()
    nodes: set[Key] = set()
    for endpoint in stack.network.endpoints:
        name = endpoint.service_name
        if isinstance(name, str) and parse_service_name(name)[0] in ("ecr.api", "ecr.dkr"):
            pulling.update(endpoint.vpc.keys if endpoint.vpc.decided else ())
    for workload in stack.network.workloads:
        for subnet in stack.workload_subnets(workload):
            if any(True for _ in ecr_images(workload)):
                pulling.update(subnet.vpc.keys if subnet.vpc.decided else ())
            if workload.kind in _NODES:
                nodes.update(subnet.vpc.keys if subnet.vpc.decided else ())
    return pulling, nodes


def _judged(stack: Stack, endpoint: Endpoint, short: str, *, add_ons: bool) -> Iterator[Finding]:
    flow = _FLOWS[short]
    what = "the layers of images" if flow == "ecr.layers" else "image pulls"
    if isinstance(endpoint.policy, Unknown):
        yield undecided(
            endpoint.key,
            f"whether the policy of {endpoint.name} allows {what}",
            endpoint.policy.missing,
        )
        return
    named = parse_service_name(str(endpoint.service_name))[1]
    region = named or known_region(stack.index.region_of(endpoint.vpc.keys[0]))
    # A condition on the caller, such as its organisation, is taken to hold: whoever wrote the
    # policy is in it. What belongs to AWS is in nobody's organisation, and that is decided.
    refused = allows(endpoint.policy, uses_of(flow, region)) is False
    if not refused and add_ons and short == "ecr.dkr":
        what = "EKS add-ons, whose registry is AWS's own"
        use = Use("ecr:BatchGetImage", _ADD_ON.format(region=region or "us-east-1"), owner=True)
        own = None if endpoint.policy is None else _for_own_callers(endpoint.policy)
        refused = allows(own, (use,)) is False
    if refused:
        yield Finding(
            endpoint.key,
            f"The policy of {endpoint.name} refuses {what}: the pull fails with 403, and no NAT "
            "helps.",
            services=(flow,),
        )


def _for_own_callers(policy: str) -> str:
    """The policy with its conditions on the caller met: the caller is the workload's own role."""
    try:
        document = json.loads(policy)
    except ValueError:
        return policy
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            continue
        statement["Principal"] = "*"
        conditions = statement.get("Condition")
        for tested in conditions.values() if isinstance(conditions, dict) else ():
            if isinstance(tested, dict):
                for key in [key for key in tested if key.lower().startswith("aws:principal")]:
                    del tested[key]
    return json.dumps(document)


RULE = Rule(
    id="endpoint-policy-that-blocks-pulls",
    title="An endpoint policy blocks image layers or add-ons.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why=(
        "ECR keeps layers in an S3 bucket that belongs to AWS, and EKS keeps its add-ons in AWS's "
        "own registries. A policy limited to one's own account, organisation or buckets refuses "
        "both. The name still resolves to the endpoint, so nothing falls back to the NAT."
    ),
    fix=(
        "Allow `s3:GetObject` on `arn:<partition>:s3:::prod-<region>-starport-layer-bucket/*` for "
        "every principal, `ecr:GetAuthorizationToken` on `*`, and `ecr:BatchGetImage` and "
        "`ecr:GetDownloadUrlForLayer` on the repositories, AWS's own ones included."
    ),
    check=check,
    framework=well_architected("SEC03-BP02", "Grant least privilege access"),
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"
    "#ecr-minimum-s3-perms",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("ecr", "endpoint", "policy", "s3"),
)
