"""How the tasks of a cluster or service are spread over Fargate and Fargate Spot."""

from collections.abc import Mapping
from typing import Any

from typing_extensions import NotRequired, TypedDict

from privatelane._invalid import InvalidInput, entries, integer, known_keys

#: Fargate's two capacity providers. Every cluster has both, as neither costs anything by itself.
ON_DEMAND = "FARGATE"
SPOT = "FARGATE_SPOT"

# The limits of `CapacityProviderStrategyItem` in the ECS API reference.
_MOST_BASE = 100_000
_MOST_WEIGHT = 1_000


class CapacityArgs(TypedDict):
    """How tasks are spread over Fargate and Fargate Spot."""

    on_demand_base: NotRequired[int]
    """Tasks that run on Fargate before the weights count, from 0 to 100000. Defaults to 0."""
    on_demand_weight: NotRequired[int]
    """Share of the remaining tasks that runs on Fargate, from 0 to 1000. Defaults to 1."""
    spot_weight: NotRequired[int]
    """Share of the remaining tasks that runs on Fargate Spot, which costs less and is taken back at
    two minutes' notice, from 0 to 1000. Defaults to 0."""


def strategies(field: str, capacity: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the capacity provider strategy that `capacity` asks for.

    Raises:
        InvalidInput: a number is out of ECS's range, or both weights are 0, with which ECS places
            no task.

    """
    asked = entries(field, capacity or {})
    known_keys(field, asked, CapacityArgs.__annotations__)
    base = integer(
        f"{field}.on_demand_base", asked.get("on_demand_base", 0), least=0, most=_MOST_BASE
    )
    weights = {
        provider: integer(f"{field}.{key}", asked.get(key, default), least=0, most=_MOST_WEIGHT)
        for provider, key, default in (
            (ON_DEMAND, "on_demand_weight", 1),
            (SPOT, "spot_weight", 0),
        )
    }
    if not any(weights.values()):
        raise InvalidInput(
            f"{field}.on_demand_weight and {field}.spot_weight are both 0, one of them must be"
            " more for ECS to place tasks"
        )
    bases = {ON_DEMAND: base, SPOT: 0}
    return [
        {"capacity_provider": provider, "base": bases[provider], "weight": weight}
        for provider, weight in weights.items()
        if weight or bases[provider]
    ]
