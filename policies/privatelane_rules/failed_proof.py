"""A run in which the pack itself failed, so that nothing was proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privatelane_rules._rule import Finding, Framework, Level, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privatelane_rules._stack import Stack

__all__ = ["RULE"]


def check(stack: Stack) -> Iterable[Finding]:
    """Nothing: the pack reports under this rule when another rule, or all of them, failed."""
    del stack
    return ()


RULE = Rule(
    id="failed-proof",
    title="Privatelane could not judge this stack.",
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    why="A check that breaks off has proved nothing, and must not look like one that passed.",
    fix=(
        "Correct the configuration if the message names it. Otherwise report the message as a "
        "defect of the pack; setting this policy to advisory unblocks the update meanwhile."
    ),
    check=check,
    framework=Framework(
        "AWS Well-Architected Framework",
        "2024-06-27",
        "OPS08",
        "How do you utilize workload observability in your organization?",
    ),
    url="https://www.pulumi.com/docs/insights/policy/",
    tags=("pack",),
)
