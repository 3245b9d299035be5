"""The pages of the rules, written from the rules: `python -m privatelane_rules.docs docs/rules`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from privatelane_rules import RULES, _config, nat_path_to_ecr_or_s3

if TYPE_CHECKING:
    from privatelane_rules._rule import Rule

__all__ = ["pages"]

_GENERATED = "<!-- Written by `make docs` from the rules; changes belong there. -->"


def pages() -> Mapping[str, str]:
    """The text of every page by file name; `README.md` lists them."""
    found = {f"{rule.id}.md": "\n".join(_page(rule)) + "\n" for rule in RULES}
    return {"README.md": "\n".join(_index()) + "\n", **found}


def _index() -> Iterator[str]:
    yield _GENERATED
    yield ""
    yield "# The rules"
    yield ""
    yield (
        "A rule is named after the defect that it reports. Its level is what it has unless the "
        "configuration says otherwise; a mandatory violation ends the preview."
    )
    yield ""
    yield "| rule | severity | level | what it reports |"
    yield "| --- | --- | --- | --- |"
    for rule in RULES:
        yield (
            f"| [{rule.id}]({rule.id}.md) | {rule.severity.value} | {rule.level.value} "
            f"| {rule.title} |"
        )
    yield ""
    yield (
        "What cannot be decided is reported as a note that names the missing fact, and under "
        "`strict` as a mandatory violation; it never passes for clean."
    )


def _page(rule: Rule) -> Iterator[str]:
    yield _GENERATED
    yield ""
    yield f"# {rule.id}"
    yield ""
    yield rule.title
    yield ""
    yield "| | |"
    yield "| --- | --- |"
    yield f"| severity | {rule.severity.value} |"
    yield f"| level | {rule.level.value} |"
    control = rule.framework
    yield f"| framework | {control.name} {control.version}, {control.reference} |"
    yield f"| control | {control.specification} |"
    yield f"| tags | {', '.join(rule.tags)} |"
    yield f"| AWS | <{rule.url}> |"
    yield ""
    yield "## What it reports"
    yield ""
    yield inspect.getdoc(inspect.getmodule(rule.check)) or ""
    yield inspect.getdoc(rule.check) or ""
    yield ""
    yield "## Why that is bad"
    yield ""
    yield rule.why
    if rule.wrong:
        yield ""
        yield "## Example"
        yield ""
        yield f"```python\n{rule.wrong}```"
        yield ""
        yield "Instead:"
        yield ""
        yield f"```python\n{rule.right}```"
    yield ""
    yield "## What to do"
    yield ""
    yield rule.fix
    if rule.remedies:
        yield ""
        yield (
            f"Pulumi can do it for you: set `enforcementLevel` of `{rule.id}` to `remediate`, and "
            f"the inputs of {_listed(f'`{one}`' for one in sorted(rule.remedies))} are corrected "
            "before they are used."
        )
    if rule is nat_path_to_ecr_or_s3.RULE:
        yield from _settings()
    elif rule.id not in ("failed-proof", "expired-exemption"):
        yield from _exemption(rule)


def _exemption(rule: Rule) -> Iterator[str]:
    yield ""
    yield "## Accepting it"
    yield ""
    yield "```json"
    yield "{"
    yield f'  "{nat_path_to_ecr_or_s3.RULE.id}": {{'
    yield '    "exemptions": ['
    yield "      {"
    yield f'        "policy": "{rule.id}",'
    yield '        "resource": "*::the-resource",'
    yield '        "reason": "why it is accepted",'
    yield '        "owner": "who comes back to it",'
    yield '        "expires": "2027-06-30"'
    yield "      }"
    yield "    ]"
    yield "  }"
    yield "}"
    yield "```"


def _settings() -> Iterator[str]:
    yield ""
    yield "## Configuration"
    yield ""
    yield "What is set on this policy holds for the whole pack."
    yield ""
    yield "| setting | default | what it is |"
    yield "| --- | --- | --- |"
    for name, schema in _config.SCHEMA.items():
        default = str(schema["default"]).replace("'", '"').replace("False", "false")
        choices = schema.get("enum")
        said = f" One of {_listed(f'`{one}`' for one in choices)}." if choices else ""
        yield f"| `{name}` | `{default}` | {schema['description']}{said} |"


def _listed(words: Iterator[str]) -> str:
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def main(directory: Path) -> None:
    """Write every page, and remove the pages of rules that are no more."""
    directory.mkdir(parents=True, exist_ok=True)
    texts = pages()
    for old in directory.glob("*.md"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (directory / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
