"""A report for people: the resource tree, the table of lanes, the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TextIO

from rich import box
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from lane.resources import ROOT_TYPE
from lane.terminal import console_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from lane.report import Report, Violation
    from privatelane_paths.verdicts import Lane

__all__ = ["Shown", "render"]

_MARKS = {"proved": ("✔", "green"), "refuted": ("✘", "bold red"), "unknown": ("?", "yellow")}
_NOTHING = ("∅", "dim")
_LEVELS = {"mandatory": "bold red", "advisory": "yellow"}


class Shown(Protocol):
    """What the tree shows of a resource, whatever it was read from."""

    @property
    def urn(self) -> str: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def parent(self) -> str: ...  # noqa: D102
    @property
    def remote(self) -> bool: ...  # noqa: D102
    @property
    def external(self) -> bool: ...  # noqa: D102
    @property
    def id(self) -> str: ...  # noqa: D102


def render(
    report: Report,
    out: TextIO,
    *,
    root: str,
    resources: Iterable[Shown],
    root_type: str = ROOT_TYPE,
    cost: Sequence[str] = (),
) -> None:
    """Write `report` to `out`, below the tree of `resources` under the stack `root`.

    `cost` are sentences on what it costs.

    Colours are for terminals only, and not even there when NO_COLOR is set.
    """
    console = console_on(out)
    console.print(_tree(root, resources, root_type))
    console.print()
    if report.lanes:
        console.print(_table(report))
        console.print()
    else:
        console.print("There is no subnet here, so there is no lane to show.\n")
    for violation in sorted(report.violations, key=lambda one: (one.level != "mandatory", one)):
        _print_violation(console, violation)
    _print_differences(console, report)
    for sentence in cost:
        console.print(Text.assemble(("cost: ", "cyan"), sentence), soft_wrap=True)
    if cost:
        console.print()
    for note in report.notes:
        console.print(Text.assemble(("note: ", "cyan"), note), soft_wrap=True)
    if report.notes:
        console.print()
    console.print(_summary(report), soft_wrap=True)


def _tree(root: str, resources: Iterable[Shown], root_type: str) -> Tree:
    """Resources below their parents; a parent that is not shown gives its children to the stack."""
    in_order = sorted(resources, key=lambda one: (one.type, one.name, one.urn))
    shown = {resource.urn for resource in in_order}
    children: dict[str, list[Shown]] = {}
    for resource in in_order:
        parent = resource.parent if resource.parent in shown else root
        children.setdefault(parent, []).append(resource)
    tree = Tree(_label(root_type, root.rsplit("::", 1)[-1], ""))
    _grow(tree, root, children)
    return tree


def _grow(branch: Tree, urn: str, children: Mapping[str, list[Shown]]) -> None:
    for child in children.get(urn, ()):
        _grow(branch.add(_label(child.type, child.name, _remark(child))), child.urn, children)


def _label(type_: str, name: str, remark: str) -> Text:
    return Text.assemble((short_type(type_), "dim"), " ", name, (remark, "italic yellow"))


def _remark(resource: Shown) -> str:
    if resource.remote:
        return "  (remote component: its children are not visible here)"
    if resource.external:
        return f"  (read: {resource.id or 'unknown id'})"
    return ""


def short_type(type_: str) -> str:
    """A type as Pulumi's own display shows it: `aws:ec2/vpc:Vpc` is `aws:ec2:Vpc`."""
    parts = type_.split(":")
    if len(parts) != 3:  # noqa: PLR2004
        return type_
    return ":".join((parts[0], parts[1].split("/", 1)[0], parts[2]))


def _table(report: Report) -> Table:
    services = sorted({lane.service for lane in report.lanes})
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("subnet", overflow="fold")
    for service in services:
        table.add_column(service, overflow="fold")
    lanes = {(lane.subnet, lane.service): lane for lane in report.lanes}
    judged = {lane.subnet for lane in report.lanes}
    names = {subnet.key: subnet.name for subnet in report.subnets}
    for key in sorted(judged, key=lambda one: (names.get(one, one), one)):
        table.add_row(
            names.get(key, key), *(_cell(lanes.get((key, service))) for service in services)
        )
    return table


def _cell(lane: Lane | None) -> Text:
    if lane is None:
        return Text("")
    # A lane on which nothing arrives passes the rule, but a tick would promise more than that.
    mark, style = _NOTHING if lane.kind.value in ("broken", "none") else _MARKS[lane.verdict.value]
    return Text(f"{mark} {lane.kind.value}", style)


def _print_violation(console: Console, violation: Violation) -> None:
    name = violation.key.rsplit("::", 1)[-1]
    severity = f", {violation.severity} severity" if violation.severity else ""
    console.print(
        Text.assemble(
            (violation.level, _LEVELS.get(violation.level, "")),
            f" {violation.policy}{severity}: ",
            (name, "bold"),
        ),
        soft_wrap=True,
    )
    for line in violation.message.splitlines():
        console.print(f"  {line}", soft_wrap=True)
    console.print()


def _print_differences(console: Console, report: Report) -> None:
    if report.differences is None:
        return
    if not report.differences:
        console.print("The account is as the stack declared it.\n")
        return
    console.print(Text("Different from what the stack declared:", "bold"))
    for one in sorted(report.differences):
        console.print(Text.assemble("  ", (one.change, "yellow"), f" {one.text}"), soft_wrap=True)
    console.print()


def _summary(report: Report) -> Text:
    mandatory = sum(violation.level == "mandatory" for violation in report.violations)
    advisory = len(report.violations) - mandatory
    counts = ", ".join(
        f"{report.count(verdict)} {verdict}" for verdict in ("proved", "refuted", "unknown")
    )
    verdict = Text("refused", "bold red") if mandatory else Text("not refused", "green")
    return Text.assemble(
        f"{report.stack}: {report.resources} resource{'s' * (report.resources != 1)}; "
        f"lanes: {counts}; "
        f"violations: {mandatory} mandatory, {advisory} advisory: ",
        verdict,
    )
