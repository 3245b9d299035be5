"""The stack as every rule sees it: converted once, judged once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from privatelane_paths.lanes import judge
from privatelane_paths.sources.graph import network_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privatelane_paths.facts import Network, Subnet
    from privatelane_paths.known import Key
    from privatelane_paths.sources.resource import Resource, StackSettings
    from privatelane_paths.verdicts import Lane
    from privatelane_rules._config import Config

__all__ = ["Stack"]


@dataclass(frozen=True)
class Stack:
    """The resources of one preview, update or state, and what follows from them.

    All that is computed is computed at most once, for all rules together.
    """

    resources: tuple[Resource, ...]
    config: Config
    settings: StackSettings

    @cached_property
    def network(self) -> Network:
        """The facts."""
        return network_of(self.resources, self.settings)

    @cached_property
    def lanes(self) -> tuple[Lane, ...]:
        """The way from every subnet to every service that is judged."""
        options = self.config.options
        return judge(self.network, options.services, options)

    @cached_property
    def subnets(self) -> Mapping[Key, Subnet]:
        """The subnets by key."""
        return {subnet.key: subnet for subnet in self.network.subnets}

    @cached_property
    def lanes_of(self) -> Mapping[Key, tuple[Lane, ...]]:
        """The lanes of each subnet, in the order of the services."""
        found: dict[Key, list[Lane]] = {}
        for lane in self.lanes:
            found.setdefault(lane.subnet, []).append(lane)
        return {key: tuple(lanes) for key, lanes in found.items()}
