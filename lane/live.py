"""Answers of AWS, judged: facts, lanes and what the pack's rules say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lane.errors import Unusable
from lane.pack_rules import levels_of, settings_of, today
from lane.sources.describe import network_of
from privatelane_paths.facts import Network
from privatelane_paths.sources.resource import StackSettings
from privatelane_rules import RULES, _config
from privatelane_rules._run import Outcome, apply_rules
from privatelane_rules._stack import Stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lane.sources.describe import Answers

__all__ = ["judge_answers"]

#: Rules that look at resources of a program rather than at facts of a network.
_NEED_RESOURCES = frozenset({"public-eks-api", "vpc-without-flow-logs"})


@dataclass(frozen=True)
class _LiveStack(Stack):
    """A stack whose facts were not declared by resources but read from AWS."""

    live: Network = field(default_factory=Network)

    @cached_property
    def network(self) -> Network:
        """The facts."""
        return self.live


def judge_answers(places: Sequence[Answers], given: Mapping[str, Any]) -> tuple[Network, Outcome]:
    """The facts in AWS's answers and the outcome of the rules, configured as for the pack.

    Raises `Unusable` when the configuration cannot be used.
    """
    network = network_of(places)
    try:
        config = _config.read(settings_of(given))
    except _config.InvalidConfigError as error:
        raise Unusable(f"the configuration of the pack cannot be used: {error}") from error
    stack = _LiveStack((), config, StackSettings(), today(), live=network)
    rules = [rule for rule in RULES if rule.id not in _NEED_RESOURCES]
    return network, apply_rules(rules, stack, levels_of(given))
