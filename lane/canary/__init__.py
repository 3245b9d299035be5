"""The inside view: a task in each zone that resolves and calls every endpoint, and its findings."""

from __future__ import annotations

from lane.canary.command import canary

__all__ = ["canary"]
