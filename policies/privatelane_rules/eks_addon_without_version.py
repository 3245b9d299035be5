"""An EKS add-on that is whatever version AWS thinks best on the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Unknown
from privatelane_rules._frameworks import well_architected
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.eks.Addon("dns", cluster_name=cluster.name, addon_name="coredns")
"""
_RIGHT = """\
aws.eks.Addon("dns", cluster_name=cluster.name, addon_name="coredns",
              addon_version="v1.12.4-eksbuild.1")
"""


def check(stack: Stack) -> Iterator[Finding]:
    """Add-ons whose version the program leaves to AWS; that AWS told it since is no pin."""
    for addon in stack.views.views("aws:eks/addon:Addon"):
        inputs = addon.resource.inputs
        what = f"whether the version of {addon.name} is pinned"
        if inputs is None:
            yield undecided(addon.key, what, f"the inputs of {addon.name}")
        elif isinstance(inputs.get("addonVersion"), Unknown):
            yield undecided(addon.key, what, addon.missing("addonVersion"))
        elif not inputs.get("addonVersion"):
            name = addon.text("addonName")
            called = f" ({name})" if isinstance(name, str) and name != addon.name else ""
            yield Finding(
                addon.key,
                f"{addon.name}{called} has no version: each new cluster gets the default of its "
                "day, and no cluster is ever updated.",
            )


RULE = Rule(
    id="eks-addon-without-version",
    title="The version of an EKS add-on is not pinned.",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    why=(
        "Without a version, AWS picks its default when the add-on is made, and nothing updates it "
        "afterwards. Two clusters of one program differ by the day they were made on, and a "
        "cluster that moves to the next Kubernetes version keeps add-ons that do not fit it."
    ),
    fix="Set `addonVersion` to a version that AWS offers for the cluster's Kubernetes version.",
    check=check,
    framework=well_architected("OPS05-BP03", "Use configuration management systems"),
    url="https://docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("drift", "eks"),
)
