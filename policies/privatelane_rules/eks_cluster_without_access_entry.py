"""An EKS cluster that lets nobody in: no creator, and no access entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Unknown
from privatelane_paths.sources.eks import cluster_of
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.sources.index import View
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.eks.Cluster("main", role_arn=role.arn, vpc_config=private,
                access_config={"authentication_mode": "API",
                               "bootstrap_cluster_creator_admin_permissions": False})
"""
_RIGHT = """\
cluster = aws.eks.Cluster("main", role_arn=role.arn, vpc_config=private,
                          access_config={"authentication_mode": "API",
                                         "bootstrap_cluster_creator_admin_permissions": False})
deployer = aws.eks.AccessEntry("deployer", cluster_name=cluster.name, principal_arn=pipeline.arn)
aws.eks.AccessPolicyAssociation(
    "deployer", cluster_name=cluster.name, principal_arn=deployer.principal_arn,
    policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
    access_scope={"type": "cluster"})
"""

_ENTRY = "aws:eks/accessEntry:AccessEntry"
_ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
#: In the third mode, CONFIG_MAP, AWS always lets the creator in.
_MODES = frozenset({"API", "API_AND_CONFIG_MAP"})


def check(stack: Stack) -> Iterator[Finding]:
    """Clusters without a creator's entry for which the stack has no entry for a person either."""
    for cluster in stack.views.views("aws:eks/cluster:Cluster"):
        creator = _creator_gets_in(cluster)
        if creator is True:
            continue
        entries = [
            (view, cluster_of(view))
            for view in stack.views.views(_ENTRY, _ASSOCIATION)
            if not _is_for_machines(view)
        ]
        if any(ref.must_be(cluster.key) for _, ref in entries):
            continue
        doubtful = next((ref for _, ref in entries if ref.may_be(cluster.key)), None)
        what = f"whether anybody can administer {cluster.name}"
        if isinstance(creator, Unknown):
            yield undecided(cluster.key, what, creator.missing)
        elif doubtful is not None:
            yield undecided(cluster.key, what, doubtful.missing)
        else:
            yield Finding(
                cluster.key,
                f"{cluster.name} lets nobody in: its creator gets no entry, and the stack makes "
                "none for anybody else.",
            )


def _creator_gets_in(cluster: View) -> bool | Unknown:
    """Whether AWS gives whoever creates the cluster an entry, or the mode needs none."""
    access = cluster.item("accessConfig")
    if access is None:
        return True
    if isinstance(access, Unknown):
        return access
    bootstrap = access.flag("bootstrapClusterCreatorAdminPermissions", True)
    if bootstrap is True:
        return True
    mode = access.text("authenticationMode")
    if isinstance(mode, str) and mode not in _MODES:
        return True
    if mode is None or isinstance(mode, Unknown):
        return Unknown(access.missing("authenticationMode"))
    return bootstrap


def _is_for_machines(view: View) -> bool:
    """Whether it is an entry by which nodes join, which administers nothing."""
    kind = view.text("type")
    return view.resource.type == _ENTRY and isinstance(kind, str) and kind != "STANDARD"


RULE = Rule(
    id="eks-cluster-without-access-entry",
    title="An EKS cluster lets nobody in.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "With access entries and without the creator's own, a cluster starts well and refuses "
        "everybody, the pipeline that made it included. What runs inside it cannot be deployed, "
        "looked at or mended until somebody adds an entry by hand."
    ),
    fix=(
        "Add an `AccessEntry` with an `AccessPolicyAssociation` for whoever deploys into the "
        "cluster, or leave `bootstrapClusterCreatorAdminPermissions` on."
    ),
    check=check,
    framework=well_architected("SEC03-BP03", "Establish emergency access process"),
    url="https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("access", "eks"),
)
