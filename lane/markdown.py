"""Templates of Markdown, for a pull request or a wiki."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

__all__ = ["template"]


@cache
def template(package: str, name: str) -> Template:
    """The template `name` beside the modules of `package`; its filter `cell` escapes a cell."""
    environment = Environment(
        loader=PackageLoader(package, "."),
        autoescape=False,  # noqa: S701 -- this is Markdown; cells are escaped by the filter
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    return environment.get_template(name)


def _cell(text: str) -> str:
    """Text that cannot end a table's cell or start a tag."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
