"""Whether a program reaches the API of a cluster from where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from privatelane._invalid import InvalidInput, flag


def check_reach(given: Mapping[str, Any]) -> None:
    """Accept the settings `api.*` of a cluster whose API the program reaches.

    Raises:
        InvalidInput: the API is private, and the program does not say that it runs inside.

    """
    public = flag("api.public", given.get("public"))
    inside = flag("api.inside", given.get("inside", False))
    if not public and not inside:
        raise InvalidInput(
            "api.public is False, the API of the cluster is reached from its network alone, and"
            " this program does not say that it runs there; run it in a stack inside the network"
            " with api.inside True, as examples/eks-inside does"
        )
