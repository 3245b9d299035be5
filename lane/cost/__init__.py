"""What a network costs a month: counts of what AWS bills, times use, times price."""

from __future__ import annotations

from lane.cost.command import cost

__all__ = ["cost"]
