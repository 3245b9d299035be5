"""What an EKS cluster and its add-ons need of the network, known before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privatelane._invalid import choice
from privatelane._needs import IDENTITIES
from privatelane.eks._addons import addon


def cluster_needs(args: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the needs of a cluster with these settings (`EksClusterArgs`).

    They are needs of the groups that its nodes run in, which is where its own add-ons run; the
    control plane itself reaches AWS from AWS's side. What nodes need on top is told by the node
    groups and profiles, as a cluster may have any of them; the nodes of Auto Mode are its own.

    Raises:
        InvalidInput: a setting that decides on a need is of the wrong type.

    """
    needs: set[str] = set()
    if args.get("auto_mode") is not None:
        needs.add("eks-auto")
    elif args.get("pod_identity", True):
        needs.add("eks-pod-identity")
    if args.get("irsa"):
        needs.add("eks-irsa")
    return frozenset(needs)


def addon_needs(args: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the needs of an add-on with these settings (`ClusterAddonArgs`).

    Raises:
        InvalidInput: there is no such add-on.

    """
    kind = addon("addon", args.get("addon"))
    if not kind.calls_aws(args):
        return frozenset()
    return frozenset({*kind.needs, f"eks-{check_identity('identity', args.get('identity'))}"})


def check_identity(field: str, value: object) -> str:
    """Return how pods get the credentials of their role: by Pod Identity unless IRSA is asked for.

    Raises:
        InvalidInput: it is neither.

    """
    return choice(field, IDENTITIES[0] if value is None else value, IDENTITIES)
