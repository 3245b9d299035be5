"""What goes through a NAT although AWS could be reached privately: from VPC flow logs."""

from __future__ import annotations

from lane.traffic.command import traffic

__all__ = ["traffic"]
