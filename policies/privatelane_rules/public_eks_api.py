"""An EKS cluster whose API server the whole internet can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Unknown
from privatelane_paths.sources.index import prefix_of
from privatelane_paths.space import IPV4, IPV6, AddressSet
from privatelane_rules._frameworks import foundational
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from privatelane_paths.sources.index import View
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.eks.Cluster("main", role_arn=role.arn, vpc_config={"subnet_ids": subnets})
"""
_RIGHT = """\
aws.eks.Cluster("main", role_arn=role.arn,
                vpc_config={"subnet_ids": subnets, "endpoint_private_access": True,
                            "endpoint_public_access": False})
"""


def check(stack: Stack) -> Iterator[Finding]:
    """Clusters with a public endpoint that is not limited to some addresses."""
    for cluster in stack.views.views("aws:eks/cluster:Cluster"):
        settings = cluster.item("vpcConfig")
        if isinstance(settings, Unknown):
            yield undecided(
                cluster.key, f"whether the API of {cluster.name} is public", settings.missing
            )
            continue
        if settings is None:
            continue
        public = settings.flag("endpointPublicAccess", True)
        if isinstance(public, Unknown):
            yield undecided(
                cluster.key, f"whether the API of {cluster.name} is public", public.missing
            )
        elif public:
            yield from _judged(cluster, settings)


def _judged(cluster: View, settings: View) -> Iterator[Finding]:
    listed = settings.texts("publicAccessCidrs")
    if isinstance(listed, Unknown):
        yield undecided(
            cluster.key, f"from where the API of {cluster.name} is reached", listed.missing
        )
        return
    doubts = [one for one in listed or () if isinstance(one, Unknown)]
    if not listed or _is_everywhere(one for one in listed if isinstance(one, str)):
        private = settings.flag("endpointPrivateAccess", False)
        hint = "" if private is True else " Nodes leave the VPC to reach it, too."
        yield Finding(
            cluster.key, f"The API of {cluster.name} answers to every address there is.{hint}"
        )
    elif doubts:
        yield undecided(
            cluster.key, f"from where the API of {cluster.name} is reached", doubts[0].missing
        )


def _is_everywhere(texts: Iterable[str]) -> bool:
    """Whether the ranges leave out no address of an IP version; two halves are the whole, too."""
    prefixes = [prefix for prefix in map(prefix_of, texts) if prefix is not None]
    return any(
        AddressSet.of(prefixes, version) == AddressSet.full(version) for version in (IPV4, IPV6)
    )


RULE = Rule(
    id="public-eks-api",
    title="An EKS cluster's API is public.",
    severity=Severity.HIGH,
    level=Level.ADVISORY,
    why=(
        "The API server is public unless it is asked not to be. Besides being reachable for "
        "everybody, without private access it is reached by the nodes through the NAT."
    ),
    fix=(
        "Set `endpointPrivateAccess` to true and `endpointPublicAccess` to false, or limit "
        "`publicAccessCidrs`."
    ),
    check=check,
    framework=foundational("EKS.1", "EKS cluster endpoints should not be publicly accessible"),
    url="https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("eks", "public"),
)
