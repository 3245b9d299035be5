"""Tags: the caller's, and those that a resource needs for what it is."""

from collections.abc import Mapping
from typing import Optional

import pulumi

Tags = pulumi.Input[Mapping[str, pulumi.Input[str]]]


def tagged(name: str, *layers: Optional[Tags]) -> Tags:
    """Return the tags of all layers, the later ones stronger, and `Name` above all.

    A plain map stays a plain map, so a policy can read its keys before any id is known.
    """
    given = [layer for layer in layers if layer is not None]
    own = {"Name": name}
    plain = [layer for layer in given if isinstance(layer, Mapping)]
    if len(plain) == len(given):
        return _merged([*plain, own])
    return pulumi.Output.all(*given, own).apply(_merged)


def _merged(layers: list[Mapping[str, pulumi.Input[str]]]) -> dict[str, pulumi.Input[str]]:
    return {key: value for layer in layers for key, value in layer.items()}
