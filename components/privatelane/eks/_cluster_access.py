"""Who may enter an EKS cluster and what they may do there: its access entries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privatelane._invalid import InvalidInput, choice, entries, items, known_keys, text

#: Source: "Review access policy permissions" in the EKS user guide, less those that AWS keeps for
#: its own roles.
ACCESS_POLICIES = (
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSSecretAdminPolicy",
    "AmazonEKSSecretReaderPolicy",
    "AmazonEKSViewPolicy",
)
CLUSTER_ADMIN = "AmazonEKSClusterAdminPolicy"

_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(?:role|user)/\S+")


@dataclass(frozen=True, slots=True)
class Access:
    """What one principal may do in the cluster."""

    principal_arn: Any
    groups: tuple[str, ...]
    policies: Mapping[str, tuple[str, ...]]
    """Namespaces by policy; none are all."""


def plan_access(given: object) -> dict[str, Access]:
    """Return who may enter a cluster, by the names given to them (`ClusterAccessArgs`).

    Raises:
        InvalidInput: a principal is none, or a policy is none that EKS has.

    """
    if given is None:
        return {}
    found = {}
    for name, one in sorted(entries("access", given).items()):
        where = f"access.{name}"
        settings = entries(where, one)
        known_keys(where, settings, ("kubernetes_groups", "policies", "principal_arn"))
        found[name] = Access(
            principal_arn=_principal(f"{where}.principal_arn", settings.get("principal_arn")),
            groups=tuple(
                _kubernetes_group(f"{where}.kubernetes_groups", group)
                for group in items(
                    f"{where}.kubernetes_groups", settings.get("kubernetes_groups", ())
                )
            ),
            policies={
                _policy(f"{where}.policies", policy): tuple(
                    text(f"{where}.policies.{policy}", namespace)
                    for namespace in items(f"{where}.policies.{policy}", namespaces)
                )
                for policy, namespaces in entries(
                    f"{where}.policies", settings.get("policies", {})
                ).items()
            },
        )
    return found


def _principal(field: str, value: object) -> object:
    if value is None:
        raise InvalidInput(f"{field} is missing")
    if isinstance(value, str) and _PRINCIPAL.fullmatch(value) is None:
        raise InvalidInput(
            f"{field} is {value!r}, it must be the ARN of an IAM role or user, not of a session"
        )
    return value


def _kubernetes_group(field: str, value: object) -> str:
    group = text(field, value)
    if group.startswith(("system:", "eks:", "aws:", "amazon:", "iam:")):
        raise InvalidInput(f"{field} has {group!r}, EKS keeps groups with that beginning to itself")
    return group


def _policy(field: str, value: str) -> str:
    return value if value.startswith("arn:") else choice(field, value, ACCESS_POLICIES)


def check_admin(access: Mapping[str, Access]) -> None:
    """Accept entries of which one administers the cluster.

    Raises:
        InvalidInput: none does.

    """
    admins = any(
        policy.rpartition("/")[2] == CLUSTER_ADMIN and not namespaces
        for one in access.values()
        for policy, namespaces in one.policies.items()
    )
    if not admins:
        raise InvalidInput(
            f"access gives nobody {CLUSTER_ADMIN}, so that nobody could administer the cluster;"
            " name a role there, or let the role that creates it do so with"
            " bootstrap_cluster_creator_admin_permissions: true"
        )
