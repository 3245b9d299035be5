"""How the VPC CNI gives addresses to pods, as the configuration of its add-on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from privatelane._invalid import InvalidInput, choice, entries, flag, listing, text

#: The label by which a node finds the subnet of its pods. Nodes carry it in addition to the zone's
#: name; the id means the same zone in every account.
_ZONE_LABEL = "topology.k8s.aws/zone-id"

ENFORCING_MODES = ("standard", "strict")


@dataclass(frozen=True, slots=True)
class VpcCni:
    """Settings of the CNI that have been accepted."""

    environment: Mapping[str, str]
    network_policy: bool
    pod_group: str | None
    security_groups_for_pods: bool
    strict: bool

    def pod_subnets(
        self, subnet_ids: Mapping[str, Any], node_groups: Sequence[str]
    ) -> dict[str, Any]:
        """Return the subnets of pods by zone id, none when pods use those of their nodes.

        Raises:
            InvalidInput: nodes run in a zone that has none.

        """
        if self.pod_group is None:
            return {}
        zones: dict[str, dict[str, Any]] = {group: {} for group in (self.pod_group, *node_groups)}
        for key, subnet in sorted(subnet_ids.items()):
            group, _, zone = key.partition("/")
            if group in zones:
                zones[group][zone] = subnet
        own = zones[self.pod_group]
        if missing := sorted({zone for group in node_groups for zone in zones[group]} - own.keys()):
            raise InvalidInput(
                f"vpc_cni.pod_group is {self.pod_group!r}, which has no subnet in"
                f" {listing(missing, 'and')}; nodes there could not run pods"
            )
        return own

    def configuration(
        self,
        region: object,
        pod_subnets: Mapping[str, Any],
        security_groups: Sequence[Any],
    ) -> dict[str, Any]:
        """Return the configuration values of the add-on, in which there may be Outputs.

        Source: `aws eks describe-addon-configuration` for vpc-cni, and its helm chart.
        """
        values: dict[str, Any] = {
            "enableNetworkPolicy": str(self.network_policy).lower(),
            "env": dict(sorted(self.environment.items())),
        }
        if self.strict:
            # Without it kubelet's probes never reach pods with a branch interface.
            values["init"] = {"env": {"DISABLE_TCP_EARLY_DEMUX": "true"}}
        if self.pod_group is not None:
            values["eniConfig"] = {
                "create": True,
                "region": region,
                "subnets": {
                    zone: {"id": subnet, "securityGroups": list(security_groups)}
                    for zone, subnet in pod_subnets.items()
                },
            }
        return values


def plan_vpc_cni(given: object, ip_family: str) -> VpcCni:
    """Return the CNI with these settings (`VpcCniArgs`).

    Raises:
        InvalidInput: they cannot be used, or not with that family of addresses.

    """
    args = entries("vpc_cni", given or {})
    pod_group = args.get("pod_group")
    if pod_group is not None:
        text("vpc_cni.pod_group", pod_group)
        if ip_family == "ipv6":
            raise InvalidInput(
                "vpc_cni.pod_group is given with ip_family 'ipv6', the CNI has no custom networking"
                " for IPv6; leave it out"
            )
    elif args.get("pod_security_group_ids"):
        raise InvalidInput(
            "vpc_cni.pod_security_group_ids is given, but vpc_cni.pod_group is not: without it pods"
            " use the nodes' network interfaces"
        )
    prefixes = flag("vpc_cni.prefix_delegation", args.get("prefix_delegation", False))
    branches = flag("vpc_cni.security_groups_for_pods", args.get("security_groups_for_pods", False))
    mode = choice("vpc_cni.enforcing_mode", args.get("enforcing_mode", "standard"), ENFORCING_MODES)
    own = {
        "ENABLE_PREFIX_DELEGATION": str(prefixes or ip_family == "ipv6").lower(),
        "ENABLE_POD_ENI": str(branches).lower(),
        "POD_SECURITY_GROUP_ENFORCING_MODE": mode if branches else None,
        "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true" if pod_group else None,
        "ENI_CONFIG_LABEL_DEF": _ZONE_LABEL if pod_group else None,
    }
    further = entries("vpc_cni.environment", args.get("environment", {}))
    if taken := sorted(own.keys() & further.keys()):
        raise InvalidInput(
            f"vpc_cni.environment has {listing(taken, 'and')}, which other settings of vpc_cni"
            " decide on"
        )
    return VpcCni(
        environment={
            **{key: value for key, value in own.items() if value is not None},
            **{key: text(f"vpc_cni.environment.{key}", one) for key, one in further.items()},
        },
        network_policy=flag("vpc_cni.network_policy", args.get("network_policy", True)),
        pod_group=pod_group if isinstance(pod_group, str) else None,
        security_groups_for_pods=branches,
        strict=branches and mode == "strict",
    )
