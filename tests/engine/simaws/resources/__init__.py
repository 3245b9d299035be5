"""The resource types that the simulated provider can create, one module a service or a noun."""

from __future__ import annotations

from tests.engine.simaws.resources import _handler, subnet, vpc
from tests.engine.simaws.resources._handler import HANDLERS, Handler

__all__ = ["HANDLERS", "Handler", "_handler", "subnet", "vpc"]
