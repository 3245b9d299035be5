"""The resource types that the simulated provider can create, one module a noun or a service."""

from __future__ import annotations

import importlib
import pkgutil

from tests.engine.simaws.resources._handler import HANDLERS, Handler

__all__ = ["HANDLERS", "Handler"]

# Importing a module enters its handlers in the table.
for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
