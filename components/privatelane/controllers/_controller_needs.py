"""What controllers in a cluster need of the network, by name (`_needs.NEEDS`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privatelane._invalid import choice, flag
from privatelane._needs import IDENTITIES


def karpenter_needs(args: Mapping[str, Any]) -> frozenset[str]:
    """Return the needs of Karpenter and of its nodes (`KarpenterPrerequisitesArgs`).

    The group that Karpenter's own pods run in has them, and so has each group of its nodes.

    Raises:
        InvalidInput: `identity` or `node_system` is none of the choices.

    """
    system = choice("node_system", args.get("node_system", "al2023"), ("al2023", "bottlerocket"))
    nodes = "eks-bottlerocket" if system == "bottlerocket" else "eks-node"
    session = {"session"} if flag("session", args.get("session", False)) else set()
    return frozenset({"karpenter", nodes, identity_need(args), *session})


def cluster_autoscaler_needs(args: Mapping[str, Any]) -> frozenset[str]:
    """Return the needs of Cluster Autoscaler (`ClusterAutoscalerPrerequisitesArgs`).

    Raises:
        InvalidInput: `identity` is none of the choices.

    """
    return frozenset({"cluster-autoscaler", identity_need(args)})


def load_balancer_controller_needs(args: Mapping[str, Any]) -> frozenset[str]:
    """Return the needs of the load balancer controller (`LoadBalancerControllerPrerequisitesArgs`).

    Raises:
        InvalidInput: `identity` is none of the choices.

    """
    return frozenset({"load-balancer-controller", identity_need(args)})


def identity_need(args: Mapping[str, Any]) -> str:
    """Return the need of pods that get credentials in the given way.

    Raises:
        InvalidInput: `identity` is none of `IDENTITIES`.

    """
    return f"eks-{choice('identity', args.get('identity', IDENTITIES[0]), IDENTITIES)}"
