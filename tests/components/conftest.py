"""What every test of a component needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    # pulumi_aws warns about its own deprecated resources when a module is imported, used or not.
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning:pulumi_aws")
