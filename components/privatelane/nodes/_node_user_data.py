"""User data of nodes: how an instance learns which cluster it joins, and with which settings.

Amazon Linux 2023 reads a `NodeConfig` of nodeadm, a document of YAML, of which JSON is a part, in a
MIME message. Bottlerocket reads TOML; every value written here is text, a number or a list of text,
whose JSON is TOML too. Sources: the API reference of nodeadm (awslabs/amazon-eks-ami), the settings
reference of Bottlerocket, and "Customize managed nodes with launch templates" in the EKS guide.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from typing import TypeAlias, Union

from privatelane._invalid import InvalidInput
from privatelane.nodes._node_labels import Taint, node_labels_flag

_Value: TypeAlias = Union[str, int, Sequence[str]]

#: The address of CoreDNS, counted from the first one of the services' range.
_DNS = 10

#: How long the prefix of a service range is: chosen by the caller, or always by EKS.
_IPV4_LENGTHS = range(12, 25)
_IPV6_LENGTHS = (108,)

#: Fixed, so that the same settings give the same text; no line of a NodeConfig can begin with it.
_BOUNDARY = "==NodeConfig=="


@dataclass(frozen=True, slots=True)
class Cluster:
    """What an instance has to know of its cluster before it can ask the cluster anything."""

    name: str
    endpoint: str
    certificate_authority: str
    """The certificate, in base64."""
    service_cidr: str

    @property
    def dns_address(self) -> str:
        """The address of CoreDNS.

        Raises:
            InvalidInput: `service_cidr` is no range that has it.

        """
        return str(check_service_cidr(self.service_cidr)[_DNS])


def check_service_cidr(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return the range of a cluster's services.

    Raises:
        InvalidInput: it is no range that services may have: a /24 to /12 of IPv4, or a /108 of
            IPv6.

    """
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        network = None
    if network is not None:
        lengths = _IPV4_LENGTHS if isinstance(network, ipaddress.IPv4Network) else _IPV6_LENGTHS
        if network.prefixlen in lengths:
            return network
    raise InvalidInput(
        f"service_cidr is {value!r}, it must be the range of the cluster's services, such as"
        " '172.20.0.0/16'"
    )


def nodeadm(
    cluster: Cluster | None,
    labels: Mapping[str, str],
    taints: Sequence[Taint],
    max_pods: int | None,
) -> str:
    """Return the user data of Amazon Linux 2023.

    Without `cluster` it holds only what differs from the NodeConfig that EKS merges it with.
    """
    spec: dict[str, object] = {}
    if cluster is not None:
        spec["cluster"] = {
            "name": cluster.name,
            "apiServerEndpoint": cluster.endpoint,
            "certificateAuthority": cluster.certificate_authority,
            "cidr": str(check_service_cidr(cluster.service_cidr)),
        }
    config: dict[str, object] = {} if max_pods is None else {"maxPods": max_pods}
    if taints:
        config["registerWithTaints"] = [
            {"key": one.key, "value": one.value, "effect": one.kubernetes_effect} for one in taints
        ]
    kubelet: dict[str, object] = {"config": config} if config else {}
    if labels:
        kubelet["flags"] = [node_labels_flag(labels)]
    if kubelet:
        spec["kubelet"] = kubelet
    document = {"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": spec}
    part = MIMENonMultipart("application", "node.eks.aws")
    part.set_payload(json.dumps(document, indent=2) + "\n")
    message = MIMEMultipart("mixed", _BOUNDARY)
    message.attach(part)
    return message.as_string()


def bottlerocket(
    cluster: Cluster | None,
    labels: Mapping[str, str],
    taints: Sequence[Taint],
    max_pods: int | None,
) -> str:
    """Return the user data of Bottlerocket.

    Without `cluster` it holds only what differs from the settings that EKS merges it with.
    """
    kubernetes: dict[str, _Value] = {}
    if cluster is not None:
        kubernetes = {
            "cluster-name": cluster.name,
            "api-server": cluster.endpoint,
            "cluster-certificate": cluster.certificate_authority,
            "cluster-dns-ip": cluster.dns_address,
        }
    if max_pods is not None:
        kubernetes["max-pods"] = max_pods
    by_key: dict[str, list[str]] = {}
    for one in taints:
        by_key.setdefault(one.key, []).append(f"{one.value}:{one.kubernetes_effect}")
    tables: dict[str, Mapping[str, _Value]] = {
        "settings.kubernetes": kubernetes,
        "settings.kubernetes.node-labels": {_quoted(key): labels[key] for key in sorted(labels)},
        "settings.kubernetes.node-taints": {_quoted(key): by_key[key] for key in sorted(by_key)},
    }
    return "\n".join(
        line
        for name, table in tables.items()
        if table
        for line in (f"[{name}]", *(f"{key} = {_quoted(one)}" for key, one in table.items()), "")
    )


def _quoted(value: _Value) -> str:
    return json.dumps(value)
