"""Where moto does less than AWS: the modules that amend its backends, applied in one go.

Each amendment wraps one method of one of moto's classes. What a model object gains as an attribute
is answered by moto's serializer whenever botocore knows a member of that name, so an amendment
rarely needs to touch a response.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_MODULES = (
    "addresses",
    "deletions",
    "eks",
    "eks_contents",
    "endpoints",
    "flow_logs",
    "instances",
    "nat_gateways",
    "routes",
    "services",
    "subnets",
    "transit_gateways",
)


def amends(owner: type, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the function in place of a method.

    It is given the original, the object, and every other argument by its name, however moto
    passed it.
    """

    def replace(function: Callable[..., Any]) -> Callable[..., Any]:
        original = getattr(owner, name)
        signature = inspect.signature(original)

        @functools.wraps(original)
        def amended(*arguments: object, **named: object) -> object:
            bound = signature.bind(*arguments, **named)
            this, *rest = bound.arguments.items()
            return function(original, this[1], **dict(rest))

        setattr(owner, name, amended)
        return function

    return replace


def apply() -> None:
    """Amend moto; importing a module applies it, so a second call changes nothing."""
    for module in _MODULES:
        importlib.import_module(f"tests.engine.simaws.account.{module}")
