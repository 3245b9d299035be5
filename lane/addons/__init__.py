"""The lock of Kubernetes versions and add-ons, brought up to date from AWS on request."""

from __future__ import annotations

from lane.addons.command import addons

__all__ = ["addons"]
