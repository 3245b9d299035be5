"""An answer as Markdown, for a pull request or a wiki."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from lane.traffic import words

if TYPE_CHECKING:
    from lane.traffic.answer import Answer

__all__ = ["as_markdown"]


def as_markdown(answer: Answer) -> str:
    """The answer as Markdown that ends with a line feed."""
    return _template().render(answer=answer, traffic=answer.traffic, words=words)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("lane.traffic", "."),
        autoescape=False,  # noqa: S701 -- this is Markdown; cells are escaped by the filter
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    return environment.get_template("answer.md.j2")


def _cell(text: str) -> str:
    """Text that cannot end a table's cell or start a tag."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
