"""The report as Markdown, for a comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_paths.sources.resource import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from privatelane_paths.verdicts import Lane
    from privatelane_rules.reports._report import Found, Report

__all__ = ["as_markdown", "plain"]

_MARKS = {"proved": "✅", "refuted": "❌", "unknown": "❔"}


def as_markdown(report: Report) -> str:
    """The report as text: the verdicts, the table of lanes, then each violation in full."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    mandatory = [one for one in sorted(report.violations) if one.level == "mandatory"]
    advisory = [one for one in sorted(report.violations) if one.level == "advisory"]
    stack = f" of stack `{report.stack}`" if report.stack else ""
    yield f"### Privatelane: the lanes{stack}"
    yield ""
    yield (
        f"{report.count('proved')} proved, {report.count('refuted')} refuted, "
        f"{report.count('unknown')} unknown, in {report.resources} resources. "
        f"{_number(len(mandatory), 'mandatory violation')}, "
        f"{_number(len(advisory), 'advisory one')}, {len(report.exempted)} exempted."
    )
    yield from _table(report)
    yield from _section("Mandatory", mandatory)
    yield from _section("Advisory", advisory)
    if report.exempted:
        yield ""
        yield "#### Exempted"
        yield ""
        for one in sorted(report.exempted):
            until = f" until {one.expires}" if one.expires else ""
            owner = f", {plain(one.owner)}" if one.owner else ""
            where = plain(name_of(one.found.key)) if one.found.key else "the stack"
            yield f"- {where}: `{one.found.policy}`{until}, because {plain(one.reason)}{owner}"
    if report.unused:
        yield ""
        yield "#### Exemptions that covered nothing"
        yield ""
        for text in sorted(report.unused):
            yield f"- {plain(text)}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _table(report: Report) -> Iterator[str]:
    if not report.lanes:
        return
    services = sorted({lane.service for lane in report.lanes})
    lanes = {(lane.subnet, lane.service): lane for lane in report.lanes}
    yield ""
    yield f"| subnet | {' | '.join(plain(one) for one in services)} |"
    yield f"| --- |{' --- |' * len(services)}"
    for subnet in sorted(report.subnets, key=lambda one: one.key):
        cells = [_cell(lanes.get((subnet.key, service))) for service in services]
        if any(cells):
            yield f"| {plain(subnet.name)} | {' | '.join(cells)} |"


def _cell(lane: Lane | None) -> str:
    return "" if lane is None else f"{_MARKS[lane.verdict.value]} {lane.kind.value}"


def _section(title: str, violations: Iterable[Found]) -> Iterator[str]:
    listed = list(violations)
    if not listed:
        return
    yield ""
    yield f"#### {title}"
    for one in listed:
        where = f"{plain(name_of(one.key))}: " if one.key else ""
        yield ""
        yield f"<details><summary>{where}<code>{one.policy}</code></summary>"
        yield ""
        # A fence longer than any run of backticks inside cannot be closed by the message.
        fence = "`" * max(3, _longest_run(one.message) + 1)
        yield f"{fence}text"
        yield one.message
        yield fence
        yield ""
        yield "</details>"


def _longest_run(text: str) -> int:
    longest = current = 0
    for character in text:
        current = current + 1 if character == "`" else 0
        longest = max(longest, current)
    return longest


def plain(text: str) -> str:
    """Text that Markdown and HTML leave as it is, in a table cell, too."""
    for character, escaped in (
        ("\\", "\\\\"),
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("|", "\\|"),
        ("`", "\\`"),
        ("*", "\\*"),
        ("_", "\\_"),
        ("[", "\\["),
        ("\n", " "),
    ):
        text = text.replace(character, escaped)
    return text
