"""An answer as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lane.markdown import template
from lane.traffic import words

if TYPE_CHECKING:
    from lane.traffic.answer import Answer

__all__ = ["as_markdown"]


def as_markdown(answer: Answer) -> str:
    """The answer as Markdown that ends with a line feed."""
    page = template("lane.traffic", "answer.md.j2")
    return page.render(answer=answer, traffic=answer.traffic, words=words)
