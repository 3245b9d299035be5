"""Where moto does less than AWS: each function here amends one of moto's backends."""

from __future__ import annotations


def apply() -> None:
    """Amend moto; called once, before the first request."""
