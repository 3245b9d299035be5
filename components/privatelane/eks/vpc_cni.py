"""How pods of an EKS cluster get addresses, as its arguments say."""

from collections.abc import Mapping, Sequence

import pulumi
from typing_extensions import NotRequired, TypedDict


class VpcCniArgs(TypedDict):
    """How pods get addresses and who may call them."""

    prefix_delegation: NotRequired[bool]
    """Whether a network interface gets ranges of 16 addresses and not single ones, so that a node
    runs more pods; subnets need unbroken ranges for it. Defaults to false."""
    network_policy: NotRequired[bool]
    """Whether the CNI enforces NetworkPolicy objects. Defaults to true, as they would be accepted
    and ignored otherwise."""
    pod_group: NotRequired[str]
    """Group of subnets that pods take addresses from (custom networking), such as one of a
    secondary range. Defaults to the nodes' own subnets."""
    pod_security_group_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Security groups of pods in `pod_group`. Defaults to the cluster's."""
    security_groups_for_pods: NotRequired[bool]
    """Whether pods can have security groups of their own (SecurityGroupPolicy objects). Defaults to
    false."""
    enforcing_mode: NotRequired[str]
    """How traffic of pods with security groups of their own is judged: `standard`, where what
    leaves the VPC is judged as the node's, or `strict`. Defaults to `standard`."""
    environment: NotRequired[Mapping[str, str]]
    """Further environment variables of the CNI, such as `{"WARM_IP_TARGET": "2"}`. Defaults to
    none."""
