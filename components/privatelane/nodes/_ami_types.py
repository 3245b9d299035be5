"""The AMIs of EKS: which system, processor and drivers each AMI type stands for.

Source: `AMITypes` in the EKS API reference, to which the tests compare the table, and the AMI pages
of the EKS user guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from privatelane._invalid import InvalidInput, choice, text
from privatelane.nodes._instance_types import (
    ARM64,
    NEURON,
    NVIDIA,
    X86_64,
    accelerator,
    architecture,
)

AL2023 = "al2023"
BOTTLEROCKET = "bottlerocket"


@dataclass(frozen=True, slots=True)
class AmiType:
    """One kind of AMI that EKS publishes for nodes."""

    name: str
    system: str
    """`AL2023` or `BOTTLEROCKET`."""
    architecture: str
    """`arm64` or `x86_64`."""
    accelerator: str | None = None
    """The drivers it brings, `NVIDIA` or `NEURON`."""
    fips: bool = False

    @property
    def bottlerocket(self) -> bool:
        """Whether it is Bottlerocket: two volumes, settings in TOML."""
        return self.system == BOTTLEROCKET


AMI_TYPES: Mapping[str, AmiType] = {
    one.name: one
    for one in (
        AmiType("AL2023_x86_64_STANDARD", AL2023, X86_64),
        AmiType("AL2023_ARM_64_STANDARD", AL2023, ARM64),
        AmiType("AL2023_x86_64_NVIDIA", AL2023, X86_64, NVIDIA),
        AmiType("AL2023_ARM_64_NVIDIA", AL2023, ARM64, NVIDIA),
        AmiType("AL2023_x86_64_NEURON", AL2023, X86_64, NEURON),
        AmiType("BOTTLEROCKET_x86_64", BOTTLEROCKET, X86_64),
        AmiType("BOTTLEROCKET_ARM_64", BOTTLEROCKET, ARM64),
        AmiType("BOTTLEROCKET_x86_64_FIPS", BOTTLEROCKET, X86_64, fips=True),
        AmiType("BOTTLEROCKET_ARM_64_FIPS", BOTTLEROCKET, ARM64, fips=True),
        AmiType("BOTTLEROCKET_x86_64_NVIDIA", BOTTLEROCKET, X86_64, NVIDIA),
        AmiType("BOTTLEROCKET_ARM_64_NVIDIA", BOTTLEROCKET, ARM64, NVIDIA),
        AmiType("BOTTLEROCKET_x86_64_NVIDIA_FIPS", BOTTLEROCKET, X86_64, NVIDIA, fips=True),
        AmiType("BOTTLEROCKET_ARM_64_NVIDIA_FIPS", BOTTLEROCKET, ARM64, NVIDIA, fips=True),
    )
}

#: AMI types of the API that are refused, by what their names begin with, and why.
REFUSED: Mapping[str, str] = {
    "AL2_": "AWS has published no AMI of Amazon Linux 2 for EKS since 2025-11-26",
    "WINDOWS_": "Windows nodes fetch base layers from Microsoft, which no VPC endpoint serves",
    "CUSTOM": "EKS sets it by itself for an AMI of one's own; give ami_id, and with ami_type the"
    " AMI that it was made from",
}

#: `1.34.1-20251112`, a Kubernetes version and the day of the AMI.
_AL2023_RELEASE = re.compile(r"(?P<minor>\d+\.\d+)\.\d+-(?P<day>\d{8})")
#: `1.50.0-0f4ae2a3`, a version of Bottlerocket and a commit.
_BOTTLEROCKET_RELEASE = re.compile(r"(?P<version>\d+\.\d+\.\d+)-[0-9a-f]{8}")


def choose_ami_type(ami_type: object, instance_types: Sequence[str]) -> AmiType:
    """Return the AMI type of nodes of these types: the given one, or the one that fits.

    By default it is Amazon Linux 2023, with the drivers of the types' accelerator.

    Raises:
        InvalidInput: there is no such AMI type here, it is for another processor than the instance
            types have, or it brings the drivers of another accelerator.

    """
    processor = architecture(instance_types[0])
    drivers = accelerator(instance_types[0])
    if ami_type is None:
        return next(
            one
            for one in AMI_TYPES.values()
            if (one.architecture, one.accelerator) == (processor, drivers)
        )
    for beginning, why in REFUSED.items():
        if isinstance(ami_type, str) and ami_type.startswith(beginning):
            raise InvalidInput(f"ami_type is {ami_type!r}; {why}")
    chosen = AMI_TYPES[choice("ami_type", ami_type, AMI_TYPES)]
    if chosen.architecture != processor:
        fitting = chosen.name.replace(*_SPELLED[processor])
        hint = f"it must be {fitting!r}" if fitting in AMI_TYPES else f"give types of {processor}"
        raise InvalidInput(
            f"ami_type is {chosen.name!r}, but instance_types holds {instance_types[0]!r}, which"
            f" has an {processor} processor; {hint}"
        )
    # A standard AMI runs on every type; drivers for hardware that is not there start nothing.
    if chosen.accelerator not in {None, drivers}:
        raise InvalidInput(
            f"ami_type is {chosen.name!r} with the drivers of {chosen.accelerator}, but"
            f" instance_types holds {instance_types[0]!r}, which has no such accelerator"
        )
    return chosen


_SPELLED = {ARM64: ("x86_64", "ARM_64"), X86_64: ("ARM_64", "x86_64")}


def check_release(ami: AmiType, release: object, kubernetes_version: object) -> str:
    """Return the release version of an AMI type, such as `1.34.1-20251112`.

    `kubernetes_version` is compared where it is plain text.

    Raises:
        InvalidInput: it has another system's form, or is of another Kubernetes version.

    """
    given = text("release_version", release)
    if ami.bottlerocket:
        if not _BOTTLEROCKET_RELEASE.fullmatch(given):
            raise InvalidInput(
                f"release_version is {given!r}, for {ami.name} it must be a version and commit of"
                " Bottlerocket such as '1.50.0-0f4ae2a3'"
            )
        return given
    match = _AL2023_RELEASE.fullmatch(given)
    if match is None:
        raise InvalidInput(
            f"release_version is {given!r}, for {ami.name} it must be a Kubernetes version and a"
            " day such as '1.34.1-20251112'"
        )
    if isinstance(kubernetes_version, str) and match["minor"] != kubernetes_version:
        raise InvalidInput(
            f"release_version is {given!r}, which is of Kubernetes {match['minor']}, but"
            f" kubernetes_version is {kubernetes_version!r}"
        )
    return given


def ami_parameter(ami: AmiType, release: str, kubernetes_version: str) -> str:
    """Return the name of the public parameter that holds the id of this one AMI.

    Unlike the one called `recommended` or `latest`, it never changes. FIPS variants have a name
    of their own, as the others do.
    """
    if ami.bottlerocket:
        variant = "-nvidia" if ami.accelerator == NVIDIA else ""
        fips = "-fips" if ami.fips else ""
        return (
            f"/aws/service/bottlerocket/aws-k8s-{kubernetes_version}{variant}{fips}"
            f"/{ami.architecture}/{release}/image_id"
        )
    kind = (ami.accelerator or "standard").lower()
    day = release.rpartition("-")[2]
    return (
        f"/aws/service/eks/optimized-ami/{kubernetes_version}/amazon-linux-2023"
        f"/{ami.architecture}/{kind}"
        f"/amazon-eks-node-al2023-{ami.architecture}-{kind}-{kubernetes_version}-v{day}/image_id"
    )
