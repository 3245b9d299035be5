"""What the name of an EC2 instance type says of its hardware.

Source: "Amazon EC2 instance type naming conventions" in the EC2 instance types guide. Behind the
generation, `g` stands for a Graviton (or, in `gb200`, Grace) processor; every other family but the
first one of Graviton, `a1`, has an x86 processor. Held in the tests to what EC2 says of every type.
"""

from __future__ import annotations

import re

from privatelane._invalid import InvalidInput, items, listing, text

ARM64 = "arm64"
X86_64 = "x86_64"

NVIDIA = "NVIDIA"
NEURON = "NEURON"

#: `m7g.large`, `c7i-flex.xlarge`, `u-6tb1.metal`, `p6e-gb200.36xlarge`.
_TYPE = re.compile(
    r"(?P<series>[a-z]+)(?P<generation>\d*)(?P<rest>[a-z]*(?:-[a-z0-9]+)*)"
    r"\.(?:\d*x?large|nano|micro|small|medium|metal(?:-\d+xl)?)"
)

_FIRST_ARM = "a1"
#: The family of series `g` whose graphics processors are AMD's.
_AMD_GRAPHICS = "g4ad"
_NVIDIA_SERIES = frozenset({"g", "gr", "p"})
_NEURON_SERIES = frozenset({"inf", "trn"})
_MAC = "mac"

#: "You can specify 0-20 instance types" (customizing managed nodes with launch templates).
_MOST_TYPES = 20


def architecture(instance_type: str) -> str:
    """Return `arm64` or `x86_64`, the processor of an instance type.

    Raises:
        ValueError: it has not the form of an instance type's name.

    """
    match = _parsed(instance_type)
    first = instance_type.startswith(f"{_FIRST_ARM}.")
    return ARM64 if first or "g" in match["rest"] else X86_64


def accelerator(instance_type: str) -> str | None:
    """Return `NVIDIA`, `NEURON` or None: the accelerator whose driver an AMI must bring.

    Raises:
        ValueError: it has not the form of an instance type's name.

    """
    series = _parsed(instance_type)["series"]
    if series in _NEURON_SERIES:
        return NEURON
    graphics = series in _NVIDIA_SERIES and not instance_type.startswith(f"{_AMD_GRAPHICS}.")
    return NVIDIA if graphics else None


def check_instance_types(field: str, given: object) -> tuple[str, ...]:
    """Return instance types that one group of nodes may mix.

    Raises:
        InvalidInput: there is none, or too many; one is no instance type, listed twice or a Mac;
            their processors or accelerators differ, so that no AMI fits all of them.

    """
    types = tuple(text(field, one) for one in items(field, given))
    if not 0 < len(types) <= _MOST_TYPES:
        raise InvalidInput(f"{field} has {len(types)} types, it must have 1 to {_MOST_TYPES}")
    for position, one in enumerate(types):
        match = _TYPE.fullmatch(one)
        if match is None:
            raise InvalidInput(
                f"{field} holds {one!r}, it must be an instance type such as 'm7g.large'"
            )
        if one in types[:position]:
            raise InvalidInput(f"{field} holds {one!r} twice, it must hold each type once")
        if match["series"] == _MAC:
            raise InvalidInput(f"{field} holds {one!r}, EKS runs no nodes on Mac instances")
    by_processor = {architecture(one): one for one in reversed(types)}
    if len(by_processor) > 1:
        raise InvalidInput(
            f"{field} mixes {by_processor[X86_64]!r} ({X86_64}) and {by_processor[ARM64]!r}"
            f" ({ARM64}), no AMI runs on both; make a group of each"
        )
    by_accelerator = {accelerator(one): one for one in reversed(types)}
    if len(by_accelerator) > 1:
        shown = [f"{one} ({driver or 'none'})" for driver, one in by_accelerator.items()]
        raise InvalidInput(
            f"{field} mixes accelerators, {listing(sorted(shown), 'and')}; make a group of each"
        )
    return types


def _parsed(instance_type: str) -> re.Match[str]:
    match = _TYPE.fullmatch(instance_type)
    if match is None:
        raise ValueError(f"{instance_type!r} is no instance type")
    return match
