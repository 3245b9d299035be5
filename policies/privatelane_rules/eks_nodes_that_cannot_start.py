"""Nodes or Fargate pods of EKS in subnets that do not reach what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.facts import WorkloadKind
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Level, Rule, Severity
from privatelane_rules._starts import starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._rule import Finding
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
isolated = aws.ec2.RouteTable("isolated", vpc_id=vpc.id)  # no way out, and three endpoints only
for service in ("ecr.api", "ecr.dkr", "sts"):
    aws.ec2.VpcEndpoint(service, vpc_id=vpc.id, vpc_endpoint_type="Interface",
                        service_name=f"com.amazonaws.eu-central-1.{service}",
                        private_dns_enabled=True, subnet_ids=[subnet.id],
                        security_group_ids=[https.id])
aws.eks.Addon("agent", cluster_name=cluster.name, addon_name="eks-pod-identity-agent",
              addon_version="v1.3.10-eksbuild.3")
aws.eks.NodeGroup("nodes", cluster_name=cluster.name, node_role_arn=role.arn,
                  subnet_ids=[subnet.id], scaling_config=size)
"""
_RIGHT = """\
aws.ec2.VpcEndpoint("s3", vpc_id=vpc.id, service_name=s3, route_table_ids=[isolated.id])
for service in ("ec2", "ecr.api", "ecr.dkr", "eks-auth", "sts"):
    aws.ec2.VpcEndpoint(service, vpc_id=vpc.id, vpc_endpoint_type="Interface",
                        service_name=f"com.amazonaws.eu-central-1.{service}",
                        private_dns_enabled=True, subnet_ids=[subnet.id],
                        security_group_ids=[https.id])
"""


def check(stack: Stack) -> Iterator[Finding]:
    """One finding a node group, Auto Mode cluster or Fargate profile, with all that fails it."""
    return starts(stack, frozenset({WorkloadKind.EKS_NODES, WorkloadKind.EKS_FARGATE}))


RULE = Rule(
    id="eks-nodes-that-cannot-start",
    title="Nodes or Fargate pods of EKS do not reach what they need.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why=(
        "Nodes that cannot pull EKS's own images or call EC2 never become ready, and where pods "
        "have identities, those fail without their endpoint, too. EKS reports it after half an "
        "hour as `NodeCreationFailure`, and says nothing of the network."
    ),
    fix=(
        "Add the missing endpoints, or open the security group, network ACL or endpoint policy "
        "that the finding names. Nodes need ecr.api, ecr.dkr, s3, ec2 and sts; Bottlerocket eks; "
        "Pod Identity eks-auth."
    ),
    check=check,
    framework=well_architected(
        "REL02-BP01", "Use highly available network connectivity for your workload"
    ),
    url="https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("ecr", "eks"),
)
