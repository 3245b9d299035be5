"""What instances are launched from: the template that their group names, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Ref, Refs, Unknown
from privatelane_paths.sources.nouns import LAUNCH_TEMPLATE, SECURITY_GROUP

if TYPE_CHECKING:
    from privatelane_paths.sources.index import View

__all__ = ["launch_template", "template_groups"]


def launch_template(group: View) -> Ref | None:
    """The launch template of a group of instances, named in whichever way; `None` without one.

    Auto Scaling groups write it at the top or inside their policy of mixed instances.
    """
    chosen = group.item("launchTemplate")
    if chosen is None:
        mixed = group.item("mixedInstancesPolicy")
        inner = (
            mixed if mixed is None or isinstance(mixed, Unknown) else mixed.item("launchTemplate")
        )
        chosen = (
            inner
            if inner is None or isinstance(inner, Unknown)
            else inner.item("launchTemplateSpecification")
        )
    if chosen is None:
        return None
    if isinstance(chosen, Unknown):
        return Ref.anything(chosen.missing)
    for name in ("id", "launchTemplateId"):
        if chosen.raw(name) is not None:
            return chosen.ref(name, LAUNCH_TEMPLATE)
    for name in ("name", "launchTemplateName"):
        if chosen.raw(name) is not None:
            found = chosen.named(name, LAUNCH_TEMPLATE)
            return chosen.ref(name, LAUNCH_TEMPLATE) if found is None else Ref.to(found.key)
    return Ref.anything(f"the launch template of {group.name}")


def template_groups(scaling: View) -> Refs:
    """The security groups in a group's launch template, written in either of its two places."""
    ref = launch_template(scaling)
    if ref is None:
        return Refs.anything(f"the security groups of {scaling.name}'s instances")
    template = scaling.index.view(ref.keys[0]) if ref.decided else None
    if template is None:
        return Refs.anything(f"the launch template of {scaling.name}")
    found = template.refs("vpcSecurityGroupIds", SECURITY_GROUP)
    interfaces = template.items("networkInterfaces")
    for item in interfaces if isinstance(interfaces, tuple) else ():
        found |= item.refs("securityGroups", SECURITY_GROUP)
    return found
