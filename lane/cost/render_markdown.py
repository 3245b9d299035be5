"""An estimate as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.cost import words
from lane.cost.growth import SCENARIOS
from lane.markdown import template

if TYPE_CHECKING:
    from lane.cost.estimate import Estimate

__all__ = ["as_markdown"]


def as_markdown(estimate: Estimate) -> str:
    """The estimate as Markdown that ends with a line feed."""
    page = template("lane.cost", "estimate.md.j2")
    return page.render(estimate=estimate, scenarios=SCENARIOS, words=words)
