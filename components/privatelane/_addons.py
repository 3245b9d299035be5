"""The EKS add-ons that components know: where they run, who they are, what they may and need.

Source of names, service accounts and policies: "AWS add-ons" and "Community add-ons" in the EKS
user guide, a copy of autumn 2026, and the user guide's page of each driver.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from privatelane._invalid import choice


@dataclass(frozen=True, slots=True)
class Addon:
    """An add-on of EKS."""

    name: str
    namespace: str = "kube-system"
    accounts: tuple[str, ...] = ()
    """Service accounts of its pods that call AWS."""
    policies: tuple[str, ...] = ()
    """AWS managed policies that they need, as their ARNs end."""
    needs: frozenset[str] = frozenset()
    """Needs beside those of the nodes it runs on and of its pods' credentials."""
    before_nodes: bool = False
    """Whether nodes become ready only with it."""
    built_in: bool = False
    """Whether Auto Mode brings it, outside of the nodes' pods."""
    resources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Actions on the resources that its user names, by the argument that names them."""


_ADDONS = (
    Addon(
        "vpc-cni",
        accounts=("aws-node",),
        policies=("AmazonEKS_CNI_Policy",),
        before_nodes=True,
        built_in=True,
    ),
    Addon("kube-proxy", before_nodes=True, built_in=True),
    Addon("eks-pod-identity-agent", before_nodes=True, built_in=True),
    Addon("coredns", built_in=True),
)

#: By name.
ADDONS: Mapping[str, Addon] = {one.name: one for one in _ADDONS}


def addon(where: str, name: object) -> Addon:
    """Return the add-on of that name.

    Raises:
        InvalidInput: it is none that is known here; the sentence names the nearest one.

    """
    return ADDONS[choice(where, name, sorted(ADDONS))]
