"""A volume that nothing in the program encrypts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.known import Unknown
from privatelane_paths.sources.eks import node_groups
from privatelane_paths.sources.instances import launch_template
from privatelane_rules._frameworks import foundational
from privatelane_rules._rule import Finding, Level, Rule, Severity, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privatelane_paths.known import Maybe
    from privatelane_paths.sources.index import View
    from privatelane_rules._stack import Stack

__all__ = ["RULE"]

_WRONG = """\
aws.ec2.LaunchTemplate("nodes", block_device_mappings=[
    {"device_name": "/dev/xvda", "ebs": {"volume_size": 80, "volume_type": "gp3"}}])
aws.ebs.Volume("data", availability_zone=zone, size=100)
"""
_RIGHT = """\
aws.ec2.LaunchTemplate("nodes", block_device_mappings=[
    {"device_name": "/dev/xvda",
     "ebs": {"volume_size": 80, "volume_type": "gp3", "encrypted": "true"}}])
aws.ebs.Volume("data", availability_zone=zone, size=100, encrypted=True)
"""

_BY_DEFAULT = "aws:ebs/encryptionByDefault:EncryptionByDefault"
_MACHINES = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)


def check(stack: Stack) -> Iterator[Finding]:
    """Volumes, and the volumes of instances and templates, that are not encrypted."""
    if any(view.flag("enabled", True) is True for view in stack.views.views(_BY_DEFAULT)):
        return
    for view in stack.views.views("aws:ebs/volume:Volume"):
        yield from _volume(view, view, view.name)
    for view in stack.views.views(*_MACHINES):
        for name in ("rootBlockDevice", "ebsBlockDevices"):
            yield from _devices(view, name)
    for view in stack.views.views("aws:ec2/launchTemplate:LaunchTemplate"):
        yield from _mappings(view)
    for group in node_groups(stack.views):
        yield from _root_of_nodes(stack, group)


def _mappings(template: View) -> Iterator[Finding]:
    mappings = template.items("blockDeviceMappings")
    if isinstance(mappings, Unknown):
        yield _unknown(template, mappings)
        return
    for mapping in mappings or ():
        volume = mapping.item("ebs")
        if isinstance(volume, Unknown):
            yield _unknown(template, volume)
        elif volume is not None:
            yield from _volume(template, volume, f"the volume{_at(mapping)} of {template.name}")


def _devices(machine: View, name: str) -> Iterator[Finding]:
    devices = machine.items(name)
    if isinstance(devices, Unknown):
        yield _unknown(machine, devices)
        return
    for device in devices or ():
        kind = "root volume" if name == "rootBlockDevice" else "volume"
        yield from _volume(machine, device, f"the {kind}{_at(device)} of {machine.name}")


def _at(device: View) -> str:
    name = device.text("deviceName")
    return f" at {name}" if isinstance(name, str) else ""


def _volume(owner: View, volume: View, called: str) -> Iterator[Finding]:
    encrypted: Maybe[bool] = volume.flag("encrypted", False)
    what = f"whether {called} is encrypted"
    if encrypted is False and not volume.declared("encrypted") and volume.raw("snapshotId"):
        yield undecided(owner.key, what, f"whether the snapshot of {called} is encrypted")
    elif encrypted is False:
        yield Finding(owner.key, f"Nothing encrypts {called}.")
    elif isinstance(encrypted, Unknown):
        yield undecided(owner.key, what, encrypted.missing)


def _root_of_nodes(stack: Stack, group: View) -> Iterator[Finding]:
    """EKS's own AMIs are not encrypted: without a mapping, the account's default decides."""
    ref = launch_template(group)
    template = stack.views.view(ref.keys[0]) if ref is not None and ref.decided else None
    if ref is None or (template is not None and template.raw("blockDeviceMappings") is None):
        yield undecided(
            group.key,
            f"whether the volumes of {group.name}'s nodes are encrypted",
            "a launch template that maps them, or the account's default",
        )


def _unknown(view: View, value: Unknown) -> Finding:
    return undecided(view.key, f"whether the volumes of {view.name} are encrypted", value.missing)


RULE = Rule(
    id="unencrypted-volume",
    title="A volume is not encrypted.",
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    why=(
        "Volumes are encrypted only if somebody says so: the program, the snapshot they come "
        "from, or the account's default for the region, which this stack does not show. On nodes, "
        "the root volume holds images, logs and the pods' secrets."
    ),
    fix=(
        "Set `encrypted` on the volume or on each device of the launch template, or turn the "
        "account's default on with `aws.ebs.EncryptionByDefault`."
    ),
    check=check,
    framework=foundational("EC2.3", "Attached Amazon EBS volumes should be encrypted at-rest"),
    url="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
    wrong=_WRONG,
    right=_RIGHT,
    tags=("ec2", "eks", "encryption"),
)
