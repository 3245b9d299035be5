"""What compute of a cluster needs of the network, by name (`_needs.NEEDS`).

The cluster itself and its add-ons have needs of their own, as has every pod that calls AWS: `uses`
is for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privatelane._invalid import flag, items, text
from privatelane._needs import services_needed
from privatelane.nodes._ami_types import AmiType, choose_ami_type
from privatelane.nodes._instance_types import check_instance_types


def node_group_needs(args: Mapping[str, Any]) -> frozenset[str]:
    """Return the needs of nodes with these settings (`NodeGroupArgs`, `SelfManagedNodeGroupArgs`).

    Raises:
        InvalidInput: `instance_types` and `ami_type` name no nodes, or `uses` names no need.

    """
    ami = choose_ami_type(
        args.get("ami_type"), check_instance_types("instance_types", args.get("instance_types"))
    )
    return needs_of_nodes(ami, args)


def needs_of_nodes(ami: AmiType, args: Mapping[str, Any]) -> frozenset[str]:
    """Return the needs of nodes whose AMI type has been chosen.

    Raises:
        InvalidInput: `session` is no flag, or `uses` names no need.

    """
    session = {"session"} if flag("session", args.get("session", False)) else set()
    return frozenset(
        {"eks-bottlerocket" if ami.bottlerocket else "eks-node", *session, *uses_of(args)}
    )


def fargate_profile_needs(args: Mapping[str, Any]) -> frozenset[str]:
    """Return the needs of pods on Fargate with these settings (`FargateProfileArgs`).

    Raises:
        InvalidInput: `uses` names no need.

    """
    return frozenset({"eks-fargate", *uses_of(args)})


def uses_of(args: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the further needs that pods have.

    Raises:
        InvalidInput: one is no need.

    """
    uses = tuple(text("uses", one) for one in items("uses", args.get("uses") or []))
    services_needed(uses, field="uses")
    return uses
