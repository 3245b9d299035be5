"""Who runs the nodes of a cluster, on which the names of drivers and labels depend."""

from __future__ import annotations

AUTO_MODE = "auto-mode"
KARPENTER = "karpenter"
NODE_GROUPS = "node-groups"

#: Who may run the nodes: EKS by itself, Karpenter in the cluster, or groups of nodes.
COMPUTE = (AUTO_MODE, KARPENTER, NODE_GROUPS)


def ebs_driver(compute: str) -> str:
    """Return the CSI driver of EBS volumes; that of Auto Mode is another, built into EKS."""
    return "ebs.csi.eks.amazonaws.com" if compute == AUTO_MODE else "ebs.csi.aws.com"
